"""Hedging of crypto positions with futures, as worksheet functions.

>>> from xlhedge import call
>>> call("HEDGE_CONTRACTS", 1000, 70000)
-1000.0
"""

from xlhedge.catalog import call
from xlhedge.sheet.cells import CellError

__version__ = "0.1.0"
__all__ = ["CellError", "__version__", "call"]
