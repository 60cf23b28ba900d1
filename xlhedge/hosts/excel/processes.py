"""Which programs run: the paths of this user's processes."""

from __future__ import annotations

import ctypes
from importlib import import_module
from typing import Any

_MAY_ASK = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_LONGEST = 32768


def programs() -> list[str]:
    """The program of each process that this user may ask about."""
    processes = import_module("win32process")
    paths = map(_program, processes.EnumProcesses())
    return [path for path in paths if path]


def _program(process: int) -> str:
    load: Any = getattr(ctypes, "WinDLL", ctypes.CDLL)
    kernel = load("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    kernel.QueryFullProcessImageNameW.argtypes = [
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_wchar_p,
        ctypes.c_void_p,
    ]
    handle = kernel.OpenProcess(_MAY_ASK, False, process)
    if not handle:
        return ""
    try:
        path, length = ctypes.create_unicode_buffer(_LONGEST), ctypes.c_ulong(_LONGEST)
        told = kernel.QueryFullProcessImageNameW(handle, 0, path, ctypes.byref(length))
        return path.value if told else ""
    finally:
        kernel.CloseHandle(handle)
