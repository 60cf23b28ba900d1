"""Which programs run, asked of Windows itself: no text of another program is read.

What `tasklist` prints depends on the language and the console's code page, so it is not asked.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

_MAY_ASK = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_LONGEST = 32768
_PROCESSES = 2  # TH32CS_SNAPPROCESS
_CODE_INTEGRITY = 103  # SystemCodeIntegrityInformation
_NO_HANDLE = ctypes.c_void_p(-1).value


class Process(NamedTuple):
    """A running program.

    Parameters
    ----------
    number
        Its process identifier.
    name
        The file's name, such as EXCEL.EXE.
    session
        The session on whose desktop it runs; None where Windows does not tell this user, which it
        does of all his own programs.
    """

    number: int
    name: str
    session: int | None


class _Entry(ctypes.Structure):
    """PROCESSENTRY32W."""

    _fields_: ClassVar = [
        ("size", ctypes.c_uint32),
        ("usage", ctypes.c_uint32),
        ("number", ctypes.c_uint32),
        ("heap", ctypes.c_void_p),
        ("module", ctypes.c_uint32),
        ("threads", ctypes.c_uint32),
        ("parent", ctypes.c_uint32),
        ("priority", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
        ("name", ctypes.c_uint16 * 260),
    ]


def running() -> list[Process]:
    """Every program that runs, in all sessions.

    Raises
    ------
    OSError
        When Windows does not list them.
    """
    kernel = _kernel()
    kernel.CreateToolhelp32Snapshot.restype = ctypes.c_void_p
    snapshot = kernel.CreateToolhelp32Snapshot(_PROCESSES, 0)
    if snapshot in (None, _NO_HANDLE):
        raise OSError("Windows does not list the programs that run")
    found = []
    try:
        entry = _Entry(size=ctypes.sizeof(_Entry))
        more = kernel.Process32FirstW(ctypes.c_void_p(snapshot), ctypes.byref(entry))
        while more:
            raw = bytes(entry.name)
            name = raw.decode("utf-16-le", "replace").split("\0", 1)[0]
            found.append(Process(entry.number, name, _session(kernel, entry.number)))
            more = kernel.Process32NextW(ctypes.c_void_p(snapshot), ctypes.byref(entry))
    finally:
        kernel.CloseHandle(ctypes.c_void_p(snapshot))
    return found


def own_session() -> int | None:
    """The session of this process."""
    return _session(_kernel(), os.getpid())


def runs_here(name: str, processes: Iterable[Process], session: int | None) -> bool:
    """Whether a program runs in a session; on a terminal server others run theirs.

    Parameters
    ----------
    name
        The program's file name.
    processes
        All that run.
    session
        The session that counts; None counts every session.

    Examples
    --------
    >>> others = [Process(4711, "EXCEL.EXE", 3)]
    >>> runs_here("excel.exe", others, 2)
    False
    """
    return any(
        process.name.lower() == name.lower() and (session is None or process.session == session)
        for process in processes
    )


def programs() -> list[str]:
    """The full path of each program that this user may ask about."""
    kernel = _kernel()
    paths = (_program(kernel, process.number) for process in running())
    return [path for path in paths if path]


def code_integrity() -> int | None:
    """Windows' code integrity options, CODEINTEGRITY_OPTION_...; None where it does not tell.

    Notes
    -----
    NtQuerySystemInformation fills two 32-bit numbers, the length of both and the options.
    """
    load: Any = getattr(ctypes, "WinDLL", ctypes.CDLL)
    told = (ctypes.c_uint32 * 2)(8, 0)
    query = load("ntdll").NtQuerySystemInformation
    status = query(_CODE_INTEGRITY, ctypes.byref(told), ctypes.c_uint32(8), None)
    return told[1] if status == 0 else None


def _kernel() -> Any:
    load: Any = getattr(ctypes, "WinDLL", ctypes.CDLL)
    return load("kernel32")


def _session(kernel: Any, number: int) -> int | None:
    session = ctypes.c_uint32()
    told = kernel.ProcessIdToSessionId(ctypes.c_uint32(number), ctypes.byref(session))
    return session.value if told else None


def _program(kernel: Any, number: int) -> str:
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(_MAY_ASK, False, ctypes.c_uint32(number)))
    if not handle.value:
        return ""
    try:
        path, length = ctypes.create_unicode_buffer(_LONGEST), ctypes.c_uint32(_LONGEST)
        told = kernel.QueryFullProcessImageNameW(handle, 0, path, ctypes.byref(length))
        return path.value if told else ""
    finally:
        kernel.CloseHandle(handle)
