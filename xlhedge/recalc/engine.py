"""What a calculation engine must do: an engine is one class in one file.

An engine reads a package and gives values; it never writes. `xlhedge.workbook.patch` puts the
values of any engine into the original package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from xlhedge.workbook.package import Package
from xlhedge.workbook.patch import SheetResults
from xlhedge.workbook.reading import Address


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
    depending
        Cells that were calculated from kept ones, each with one that it depends on.
    circular
        Cells that depend on their own results, with a sentence.
    unsupported
        Functions that the engine does not know, each with the cells that call it.
    """

    sheets: dict[str, SheetResults] = field(default_factory=dict)
    reasons: dict[tuple[str, Address], str] = field(default_factory=dict)
    kept: dict[tuple[str, Address], str] = field(default_factory=dict)
    depending: dict[tuple[str, Address], tuple[str, Address]] = field(default_factory=dict)
    circular: dict[tuple[str, Address], str] = field(default_factory=dict)
    unsupported: dict[str, list[tuple[str, Address]]] = field(default_factory=dict)


class Engine(Protocol):
    """Calculates a workbook."""

    name: str

    def evaluate(self, package: Package) -> Results:
        """Values of all formulas of a package, which must not be changed."""
        ...  # pragma: no cover
