"""What a calculation engine must do: an engine is one class in one file.

An engine reads a package and gives values; it never writes. `xlhedge.workbook.patch` puts the
values of any engine into the original package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from xlhedge.sheet.cells import Cell
from xlhedge.workbook.package import Package
from xlhedge.workbook.worksheet import Worksheet

Address = tuple[int, int]
"""Row and column, counted from 1."""


@dataclass(slots=True)
class SheetResults:
    """Values of one sheet.

    Parameters
    ----------
    values
        Value of each formula cell and of each cell that an array formula fills. Dates are day
        numbers, a blank is None.
    spills
        Rows and columns that each dynamic array fills, by its formula's cell. An array that
        could not spill is not listed; its cell holds `#SPILL!`.
    """

    values: dict[Address, Cell] = field(default_factory=dict)
    spills: dict[Address, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Results:
    """What an engine gives for a workbook.

    Parameters
    ----------
    sheets
        Values by sheet.
    reasons
        Sentence behind an error by sheet and cell, where a function of ours gave one.
    kept
        Cells that were not calculated because their formulas reach outside the workbook, with
        the reason; their cached values stay.
    unsupported
        Functions that the engine does not know, each with the cells that call it.
    """

    sheets: dict[str, SheetResults] = field(default_factory=dict)
    reasons: dict[tuple[str, Address], str] = field(default_factory=dict)
    kept: dict[tuple[str, Address], str] = field(default_factory=dict)
    unsupported: dict[str, list[tuple[str, Address]]] = field(default_factory=dict)


class Engine(Protocol):
    """Calculates a workbook."""

    name: str

    def evaluate(self, package: Package, worksheets: list[Worksheet] | None = None) -> Results:
        """Values of all formulas.

        Parameters
        ----------
        package
            The workbook; it must not be changed.
        worksheets
            Its worksheets, where they have been read before.
        """
        ...  # pragma: no cover
