"""Functions of Excel that formualizer lacks or gives otherwise than Excel documents.

References
----------
.. [1] Microsoft, Excel functions (by category): the page of each function.
"""

from xlhedge.recalc.functions import arithmetic, dates, finance, lookups, statistics, texts
from xlhedge.recalc.functions.arguments import FUNCTIONS

__all__ = ["FUNCTIONS", "arithmetic", "dates", "finance", "lookups", "statistics", "texts"]
