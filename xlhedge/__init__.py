"""Hedging of crypto positions with futures, as worksheet functions and in Python.

Cells in, cells out, as a spreadsheet calls:

>>> from xlhedge import call
>>> call("HEDGE_CONTRACTS", 1000, 70000)
-1000.0

The same functions by topic, with arrays, Series and data frames:

>>> from xlhedge import margin
>>> margin.liquidation_price(-1, 70000, 7000, 0.005)
76616.91542288558
"""

from typing import TYPE_CHECKING, Any

from xlhedge.catalog import call
from xlhedge.sheet.cells import CellError

if TYPE_CHECKING:
    from xlhedge.filling import fill, read_table
    from xlhedge.hosts.python.book import Book
    from xlhedge.hosts.python.session import Session

__version__ = "0.1.0"
__all__ = ["Book", "CellError", "Session", "__version__", "call", "fill", "read_table"]

_ON_DEMAND = {
    "Book": "xlhedge.hosts.python.book",
    "Session": "xlhedge.hosts.python.session",
    "fill": "xlhedge.filling",
    "read_table": "xlhedge.filling",
}


def __getattr__(name: str) -> Any:
    """What needs more than a first call does, imported when it is asked for."""
    if name in _ON_DEMAND:
        from importlib import import_module

        return getattr(import_module(_ON_DEMAND[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
