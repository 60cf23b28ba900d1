"""Headless recalculation: new values in a workbook, everything else as it was."""

from xlhedge.recalc.archive import Limits
from xlhedge.recalc.engine import Engine, Results, SheetResults
from xlhedge.recalc.package import Package
from xlhedge.recalc.problems import CellProblem
from xlhedge.recalc.run import Report, recalculate

__all__ = [
    "CellProblem",
    "Engine",
    "Limits",
    "Package",
    "Report",
    "Results",
    "SheetResults",
    "recalculate",
]
