"""Headless recalculation: new values in a workbook, everything else as it was."""

from xlhedge.recalc.engine import Engine, Results
from xlhedge.recalc.problems import CellProblem
from xlhedge.recalc.run import Report, recalculate, recalculated
from xlhedge.system.limits import Limits
from xlhedge.workbook.package import Package
from xlhedge.workbook.patch import SheetResults

__all__ = [
    "CellProblem",
    "Engine",
    "Limits",
    "Package",
    "Report",
    "Results",
    "SheetResults",
    "recalculate",
    "recalculated",
]
