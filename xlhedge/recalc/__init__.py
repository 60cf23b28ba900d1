"""Headless recalculation: new values in a workbook, everything else as it was."""

from xlhedge.recalc.engine import Engine, Results, SheetResults
from xlhedge.recalc.problems import CellProblem
from xlhedge.recalc.run import Report, recalculate
from xlhedge.system.limits import Limits
from xlhedge.workbook.package import Package

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
