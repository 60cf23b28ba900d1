"""The COM server that the add-in starts: ``python -I -m xlhedge.windows.serve {CLSID}``."""

from __future__ import annotations

import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any


def main(identifier: str) -> None:
    """Serve until Excel ends.

    Parameters
    ----------
    identifier
        The class identifier under which the add-in looks for the server.
    """
    serve: Any = _xlwings().serve
    serve(identifier)


def _xlwings() -> Any:
    """Import xlwings without what costs time at the start and serves nothing here.

    It imports pandas, for converters, and has pywin32 generate modules of Excel's type library, for
    asynchronous functions and the caller's cell: values come and go plainly here.
    """
    modules: dict[str, Any] = sys.modules
    modules["pandas"] = None
    cache: Any
    try:
        cache = import_module("win32com.client.gencache")
    except ImportError:  # not on Windows
        cache = SimpleNamespace(EnsureModule=None)
    generate, cache.EnsureModule = cache.EnsureModule, lambda *_, **__: None
    try:
        return import_module("xlwings")
    finally:
        cache.EnsureModule = generate
        del modules["pandas"]


if __name__ == "__main__":
    main(sys.argv[1])
