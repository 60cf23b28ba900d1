"""Fakes: as much of pywin32 as xlwings needs to import and run its Windows code on Linux.

Nothing here is a copy of pywin32, and nothing here proves anything about COM. It lets the tests
run xlwings' own `com_server.XLPython.CallUDF`, converters and VBA generator. `install` changes the
whole process, so it is only called in one that does nothing else (`fake_excel.serve`).
"""

import builtins
import ctypes
import datetime as dt
import sys
import types
from unittest import mock

RANGE_GUID = "{00020846-0000-0000-C000-000000000046}"
DISPATCH = "{00020400-0000-0000-C000-000000000046}"


class ComError(Exception):
    """In place of pywintypes.com_error."""


class Time(dt.datetime):
    """In place of pywintypes.TimeType, which is a datetime with a time zone."""


class Dispatched:
    """In place of a raw IDispatch."""


class Library:
    """In place of a Windows library: any function, which does nothing."""

    def __getattr__(self, name):
        return mock.MagicMock(name=name)


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update({"__file__": "<fake>", **members})
    sys.modules[name] = made
    return made


def anything(*names):
    return {name: type(name, (), {}) for name in names}


def not_wrapped(_):
    raise ValueError("not a wrapped object")


def install():
    """Put the fakes in place and import xlwings as on Windows."""
    module("pywintypes", com_error=ComError, error=ComError, TimeType=Time, IID=str)
    module(
        "pythoncom",
        com_error=ComError,
        CoInitialize=lambda: None,
        IID_IDispatch=DISPATCH,
        IID_IEnumVARIANT="enumeration",
        TypeIIDs={DISPATCH: Dispatched},
        Missing=object(),
        Empty=object(),
    )
    client = module(
        "win32com.client",
        Dispatch=lambda item, *_, **__: item,
        DispatchEx=lambda item, *_, **__: item,
        **anything("CDispatch", "VARIANT", "CoClassBaseClass", "DispatchBaseClass"),
    )
    client.gencache = module("win32com.client.gencache", EnsureModule=lambda *_, **__: None)
    server = module("win32com.server")
    server.util = module("win32com.server.util", wrap=lambda item, *_: item, unwrap=not_wrapped)
    server.dispatcher = module("win32com.server.dispatcher")
    server.policy = module("win32com.server.policy", DefaultPolicy=object)
    server.exception = module("win32com.server.exception", COMException=ComError)
    module("win32com", client=client, server=server)
    module("win32timezone", TimeZoneInfo=types.SimpleNamespace(utc=lambda: dt.UTC))
    for name in ("win32api", "win32con", "win32gui", "win32process", "win32event"):
        sys.modules[name] = mock.MagicMock(name=name)
    ctypes.windll = ctypes.oledll = Library()
    builtins.WindowsError = OSError
    real = ctypes.PyDLL
    ctypes.PyDLL = lambda name=None, *rest: Library() if name == "<fake>" else real(name, *rest)
    platform, sys.platform = sys.platform, "win32"
    sys.modules["matplotlib"] = None  # xlwings loads it where it is, and we draw nothing
    try:
        import xlwings  # noqa: F401
    finally:
        sys.platform = platform
        del sys.modules["matplotlib"]


class Range:
    """In place of Excel's Range, as far as xlwings reads it for an argument."""

    CLSID = RANGE_GUID
    Worksheet = mock.MagicMock(name="Worksheet")

    def __init__(self, cells):
        self.cells = cells
        self.Row = self.Column = 1
        self.Rows = types.SimpleNamespace(Count=len(cells))
        self.Columns = types.SimpleNamespace(Count=len(cells[0]))
        self.Count = len(cells) * len(cells[0])
        kind = types.SimpleNamespace(GetTypeAttr=lambda: types.SimpleNamespace(iid=RANGE_GUID))
        self._oleobj_ = types.SimpleNamespace(GetTypeInfo=lambda: kind)
        self.Value = cells[0][0] if self.Count == 1 else cells
