"""Calls functions as Excel does: xlwings' library, a COM server started by it, `CallUDF`."""

from __future__ import annotations

import ctypes
import statistics
import struct
import time
from importlib import import_module
from typing import Any, NamedTuple

from xlhedge.hosts.excel.places import Places

_VARIANT, _POINTER_AT = 24, 8
_START, _STOP = 1, -1
_CALLS = 21


class Answer(NamedTuple):
    """What the test calls gave.

    Parameters
    ----------
    version
        The version that answers.
    error
        An error of a function, as it came.
    seconds
        How long a call takes, the median of some.
    """

    version: Any
    error: Any
    seconds: float


class Server:
    """The COM server of an installation.

    Parameters
    ----------
    places
        The installation.

    Raises
    ------
    OSError
        When the library cannot be loaded or the server does not start.
    """

    def __init__(self, places: Places) -> None:
        # Importing pythoncom prepares this thread for COM, which the library expects.
        pythoncom, client = import_module("pythoncom"), import_module("win32com.client")
        self._command = places.server_command.encode("mbcs")
        load: Any = getattr(ctypes, "WinDLL", ctypes.CDLL)
        self._library = load(str(places.library(8 * struct.calcsize("P"))))
        result = self._activate(_START)
        address = struct.unpack_from("<Q", result, _POINTER_AT)[0]
        found = pythoncom.ObjectFromAddress(address, pythoncom.IID_IDispatch)
        self._bridge = client.Dispatch(found)

    def _activate(self, mode: int) -> Any:
        result = ctypes.create_string_buffer(_VARIANT)
        if self._library.XLPyDLLActivateAuto(result, self._command, mode):
            address = struct.unpack_from("<Q", result, _POINTER_AT)[0]
            raise OSError(ctypes.wstring_at(address) if address else "no reason given")
        return result

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a worksheet function with plain values."""
        return self._bridge.CallUDF("xlhedge.udfs", name, list(arguments))

    def stop(self) -> None:
        """End the server."""
        self._bridge = None
        self._activate(_STOP)


def self_test(places: Places) -> Answer:
    """Start the COM server, ask it for its version and for an error, time it, and end it."""
    server = Server(places)
    try:
        version, error = server.call("XLHEDGE_VERSION"), server.call("XLHEDGE_WHY", "NO_SUCH")
        return Answer(version, error, statistics.median(_timed(server) for _ in range(_CALLS)))
    finally:
        server.stop()


def _timed(server: Server) -> float:
    start = time.perf_counter()
    server.call("XLHEDGE_VERSION")
    return time.perf_counter() - start
