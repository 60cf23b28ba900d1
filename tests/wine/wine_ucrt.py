"""Gives wine's C runtime the C99 complex functions that it lacks. For tests under wine only.

Wine 8's ucrtbase.dll has stubs for cexp, cabs and others: a call ends the process, and numpy and
scipy make such calls. A stub is a few bytes of code that load the names of the library and of the
function and call wine's "not implemented". Each function that is such a stub, and nothing else, is
replaced in this process's memory by a jump to a Python function that computes the value with cmath.
A .pth file has every start of the Windows Python import this module.
"""

import cmath
import ctypes
import struct
from ctypes import CFUNCTYPE, c_double, c_float, c_uint64, c_void_p

NAMES = "exp log log10 sqrt sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh"
STUB = b"\x48\x83\xec\x28\x48\x8d\x0d"
kept = []


def quiet(function):
    """A function of cmath that gives what C gives where cmath raises."""

    def called(*arguments):
        try:
            return complex(function(*arguments))
        except OverflowError:
            return complex(cmath.inf, cmath.nan)
        except (ValueError, ZeroDivisionError):
            pole = function is cmath.log and arguments[0] == 0
            return complex(-cmath.inf, 0) if pole else complex(cmath.nan, cmath.nan)

    return called


def power(base, exponent):
    if base == 0:
        return 1 if exponent == 0 else 0
    return cmath.exp(exponent * cmath.log(base))


TO_COMPLEX = {f"c{name}": getattr(cmath, name) for name in NAMES.split()}
TO_COMPLEX |= {"conj": complex.conjugate, "cpow": power}
TO_REAL = {
    "cabs": abs,
    "carg": cmath.phase,
    "norm": lambda z: z.real**2 + z.imag**2,
    "creal": lambda z: z.real,
    "cimag": lambda z: z.imag,
}


def at(address):
    return complex(*struct.unpack("<dd", ctypes.string_at(address, 16)))


def single(bits):
    return complex(*struct.unpack("<ff", struct.pack("<Q", bits)))


def narrow(value):
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", cmath.inf if value > 0 else -cmath.inf)


def callback(name):
    """The function as C calls it.

    By the rules of 64-bit Windows a complex double (16 bytes) is passed and returned by address,
    the address of the result first, and a complex float (8 bytes) in an integer register.
    """
    known = {*TO_COMPLEX, *TO_REAL}
    base = name[:-1] if name[-1] in "fl" and name[:-1] in known else name
    is_single = name != base and name.endswith("f")
    if base in TO_REAL:
        function = TO_REAL[base]
        if is_single:
            return CFUNCTYPE(c_float, c_uint64)(lambda bits: function(single(bits)))
        return CFUNCTYPE(c_double, c_void_p)(lambda address: function(at(address)))
    function = quiet(TO_COMPLEX[base])
    count = 2 if base == "cpow" else 1

    def small(*bits):
        value = function(*map(single, bits))
        return struct.unpack("<Q", narrow(value.real) + narrow(value.imag))[0]

    def large(result, *addresses):
        value = function(*map(at, addresses))
        ctypes.memmove(result, struct.pack("<dd", value.real, value.imag), 16)
        return result

    if is_single:
        return CFUNCTYPE(c_uint64, *[c_uint64] * count)(small)
    return CFUNCTYPE(c_void_p, c_void_p, *[c_void_p] * count)(large)


def is_stub(address, name):
    """Whether the code there loads the function's name and gives up."""
    code = ctypes.string_at(address, 18)
    if code[:7] != STUB or code[11:14] != b"\x48\x8d\x15":
        return False
    place = address + 18 + struct.unpack("<i", code[14:])[0]
    return ctypes.string_at(place, len(name) + 1) == name.encode() + b"\0"


def fill():
    kernel = ctypes.WinDLL("kernel32")
    if not hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"):
        return
    kernel.GetModuleHandleW.restype = kernel.GetProcAddress.restype = c_void_p
    kernel.GetProcAddress.argtypes = [c_void_p, ctypes.c_char_p]
    kernel.VirtualProtect.argtypes = [c_void_p, ctypes.c_size_t, ctypes.c_uint, c_void_p]
    library, before = kernel.GetModuleHandleW("ucrtbase.dll"), ctypes.c_uint()
    for base in (*TO_COMPLEX, *TO_REAL):
        for name in (base, base + "f", base + "l"):
            address = kernel.GetProcAddress(library, name.encode())
            if address and is_stub(address, name):
                kept.append(callback(name))
                target = ctypes.cast(kept[-1], c_void_p).value
                jump = b"\x48\xb8" + struct.pack("<Q", target) + b"\xff\xe0"
                kernel.VirtualProtect(address, len(jump), 0x40, ctypes.byref(before))
                ctypes.memmove(address, jump, len(jump))
                kernel.VirtualProtect(address, len(jump), before.value, ctypes.byref(before))


if hasattr(ctypes, "WinDLL"):
    fill()
