"""Plays Excel's part under wine: starts the COM server as the add-in does and calls functions.

Runs in the Windows Python; `windows.py` starts it. What VBA does for a cell is done with the same
library: arguments are the same VARIANTs, passed by value as VBA passes what stands in brackets, and
the server's object is kept and renewed. One JSON object per line is read, one written:

    {"call": "LIQ_PRICE", "arguments": [-1.0, {"error": -2146826246}, null, {"missing": 1}]}
    {"vt": 5, "value": 1.5}   {"vt": 8204, "dims": [2, 2], "value": [...], "types": [...]}
"""

import ctypes
import json
import struct
import sys
import time
from ctypes import c_int, c_uint, c_ushort, c_void_p

EMPTY, I2, I4, R8, CY, DATE, BSTR, DISPATCH, ERROR, BOOL = 0, 2, 3, 5, 6, 7, 8, 9, 10, 11
VARIANT, ARRAY, BYREF = 12, 0x2000, 0x4000
SIZE = 24
MISSING = -2147352572
COM_EXCEPTION = -2147352567
ENDED = {-2147023174, -2147023170, -2147023169, -2147417848, -2147417856, -2147220995}
"""What a call gives when the process behind an object is gone."""
GET_IDS, INVOKE = 5, 6
GET_IDS_OF_NAMES = ctypes.WINFUNCTYPE(c_int, *[c_void_p] * 3, c_uint, c_uint, c_void_p)
CALL = ctypes.WINFUNCTYPE(c_int, c_void_p, c_int, c_void_p, c_uint, c_ushort, *[c_void_p] * 4)

automation = ctypes.WinDLL("oleaut32")
automation.SysAllocStringLen.restype = automation.SafeArrayCreate.restype = c_void_p
automation.SysAllocStringLen.argtypes = [ctypes.c_wchar_p, c_uint]
automation.SysStringByteLen.argtypes = automation.SafeArrayGetDim.argtypes = [c_void_p]
automation.SafeArrayCreate.argtypes = [c_ushort, c_uint, c_void_p]
for access in ("SafeArrayAccessData", "SafeArrayUnaccessData"):
    getattr(automation, access).argtypes = [c_void_p, c_void_p][: 2 - access.count("Un")]
for bound in ("SafeArrayGetLBound", "SafeArrayGetUBound"):
    getattr(automation, bound).argtypes = [c_void_p, c_uint, c_void_p]


def text_pointer(text):
    return automation.SysAllocStringLen(text, len(text.encode("utf-16-le")) // 2)


def pack(value):
    """One value as the 24 bytes of a VARIANT."""
    if isinstance(value, bool):
        return struct.pack("<H6xh14x", BOOL, -value)
    if isinstance(value, (int, float)):
        return struct.pack("<H6xd8x", R8, value)
    if value is None:
        return bytes(SIZE)
    if isinstance(value, str):
        return struct.pack("<H6xQ8x", BSTR, text_pointer(value))
    if isinstance(value, list):
        return struct.pack("<H6xQ8x", ARRAY | VARIANT, array(value))
    (kind, content), *_ = value.items()
    if kind in {"error", "missing"}:
        return struct.pack("<H6xi12x", ERROR, content if kind == "error" else MISSING)
    if kind == "given":  # as VBA's Array() makes it
        made = filled(content, [(len(content), 0)])
        return struct.pack("<H6xQ8x", ARRAY | VARIANT, made)
    if kind == "date":
        return struct.pack("<H6xd8x", DATE, content)
    return struct.pack("<H6xq8x", CY, round(content * 10000))


def array(rows):
    """A SAFEARRAY of VARIANTs: two dimensions from 1, as the values of a range, or one of them."""
    two = bool(rows) and isinstance(rows[0], list)
    height, width = len(rows), len(rows[0]) if two else 1
    cells = [rows[i][j] for j in range(width) for i in range(height)] if two else rows
    return filled(cells, [(height, 1), (width, 1)] if two else [(height, 1)])


def filled(cells, dimensions):
    """A SAFEARRAY with the given cells, column by column; size and lowest index per dimension."""
    bounds = (c_int * 4)(*(number for dimension in dimensions for number in dimension))
    made = automation.SafeArrayCreate(VARIANT, len(dimensions), bounds)
    data, pointer = b"".join(map(pack, cells)), c_void_p()
    automation.SafeArrayAccessData(made, ctypes.byref(pointer))
    ctypes.memmove(pointer, data, len(data))
    automation.SafeArrayUnaccessData(made)
    return made


def unpack(raw):
    """Type and value of a VARIANT of one value."""
    kind = struct.unpack_from("<H", raw)[0]
    if kind == BSTR:
        pointer = struct.unpack_from("<Q", raw, 8)[0]
        size = automation.SysStringByteLen(pointer) if pointer else 0
        return kind, ctypes.string_at(pointer, size).decode("utf-16-le") if size else ""
    if kind == BOOL:
        return kind, struct.unpack_from("<h", raw, 8)[0] != 0
    form = {I2: "<h", I4: "<i", R8: "<d", DATE: "<d", ERROR: "<i"}.get(kind)
    return kind, struct.unpack_from(form, raw, 8)[0] if form else None


def shown(variant):
    """A VARIANT as JSON data."""
    raw = bytes(variant)
    kind = struct.unpack_from("<H", raw)[0]
    if not kind & ARRAY:
        kind, value = unpack(raw)
        return {"vt": kind, "value": value}
    made = struct.unpack_from("<Q", raw, 8)[0]
    low, high, dims = c_int(), c_int(), []
    for dimension in range(1, automation.SafeArrayGetDim(made) + 1):
        automation.SafeArrayGetLBound(made, dimension, ctypes.byref(low))
        automation.SafeArrayGetUBound(made, dimension, ctypes.byref(high))
        dims.append(high.value - low.value + 1)
    height, width = dims[0], dims[1] if len(dims) == 2 else 1
    pointer = c_void_p()
    automation.SafeArrayAccessData(made, ctypes.byref(pointer))
    data = ctypes.string_at(pointer, height * width * SIZE)
    automation.SafeArrayUnaccessData(made)
    cells = [unpack(data[k : k + SIZE]) for k in range(0, len(data), SIZE)]
    values = [[cells[j * height + i][1] for j in range(width)] for i in range(height)]
    types = sorted({cell[0] for cell in cells})
    flat = [row[0] for row in values] if len(dims) == 1 else values
    return {"vt": kind, "dims": dims, "value": flat, "types": types}


class Parameters(ctypes.Structure):
    _fields_ = (("values", c_void_p), ("names", c_void_p), ("count", c_uint), ("named", c_uint))


class Problem(ctypes.Structure):
    _fields_ = (
        ("code", c_ushort),
        ("reserved", c_ushort),
        ("source", c_void_p),
        ("description", ctypes.c_wchar_p),
        ("help_file", c_void_p),
        ("help_context", c_uint),
        ("reserved_pointer", c_void_p),
        ("deferred", c_void_p),
        ("scode", c_int),
    )


class Server:
    """xlwings' library and the COM server that it starts and looks after."""

    def __init__(self, library, command):
        ctypes.WinDLL("ole32").CoInitialize(None)
        self.library, self.command = ctypes.WinDLL(library), command.encode("mbcs")
        self.kept = None

    def activate(self, mode=1):
        result = ctypes.create_string_buffer(SIZE)
        failed = self.library.XLPyDLLActivateAuto(result, self.command, mode)
        if failed:
            raise OSError(shown(result)["value"])
        return struct.unpack_from("<Q", result, 8)[0]

    def invoke(self, member, *arguments):
        """Call a method of the kept XLPy, or of a new one when its process has ended."""
        if self.kept:
            reply = self.invoke_on(self.kept, member, *arguments)
            if reply.get("hresult") not in ENDED:
                return reply
        self.kept = self.activate()
        return self.invoke_on(self.kept, member, *arguments)

    def invoke_on(self, bridge, member, *arguments):
        """Call a method of an object by its name, late bound."""
        pointers = ctypes.POINTER(c_void_p)
        table = ctypes.cast(ctypes.cast(bridge, pointers)[0], pointers)
        get_ids = GET_IDS_OF_NAMES(table[GET_IDS])
        call = CALL(table[INVOKE])
        number, null = c_int(), (ctypes.c_byte * 16)()
        name = (ctypes.c_wchar_p * 1)(member)
        code = get_ids(bridge, ctypes.byref(null), name, 1, 0, ctypes.byref(number))
        if code:
            return {"hresult": code, "description": ""}
        packed = [pack(item) for item in arguments]
        block = b"".join(reversed(packed))  # the last argument comes first
        values = ctypes.create_string_buffer(block, len(block) or 1)
        given = Parameters(ctypes.addressof(values), None, len(packed), 0)
        result, problem = ctypes.create_string_buffer(SIZE), Problem()
        code = call(
            bridge,
            number.value,
            ctypes.byref(null),
            0,
            1,
            ctypes.byref(given),
            result,
            ctypes.byref(problem),
            None,
        )
        reply = {"hresult": code, "description": problem.description} if code else shown(result)
        for place in range(len(packed)):
            automation.VariantClear(ctypes.byref(values, place * SIZE))
        automation.VariantClear(result)
        return reply


def answer(server, request):
    start = time.perf_counter()
    if "call" in request:
        arguments = ["xlhedge.udfs", request["call"], {"given": request["arguments"]}]
        reply = server.invoke("CallUDF", *arguments)
    elif "execute" in request:
        reply = server.invoke("Exec", request["execute"])
    else:
        server.kept = None
        server.activate(request["mode"])
        reply = {}
    return {**reply, "seconds": time.perf_counter() - start}


def main(library, command):
    server = Server(library, command)
    for line in sys.stdin:
        try:
            reply = answer(server, json.loads(line))
        except OSError as problem:
            reply = {"failed": str(problem)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
    server.activate(-1)


if __name__ == "__main__":
    main(*sys.argv[1:])
