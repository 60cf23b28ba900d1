"""Defined names that stand for cells."""

from __future__ import annotations

from typing import NamedTuple

from xlhedge.formula.addresses import Area, area_or_none, sheet_of_prefix
from xlhedge.workbook.package import Package


class NamedArea(NamedTuple):
    """A name of the whole workbook, as it is spelled, and the cells that it stands for."""

    name: str
    sheet: str
    area: Area

    @property
    def is_cell(self) -> bool:
        """Whether it is a single cell."""
        return self.area.is_cell

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of its first cell."""
        return self.area.top, self.area.left

    def __str__(self) -> str:
        """Its sheet and address."""
        return f"{self.sheet}!{self.area}"


def named_areas(package: Package) -> dict[str, NamedArea]:
    """The names of the whole workbook that stand for one range of it, by name in lower case."""
    sheets = {sheet.name.lower(): sheet.name for sheet in package.worksheets}
    found = {}
    for defined in package.defined_names:
        before, mark, place = defined.text.removeprefix("=").rpartition("!")
        area = area_or_none(place)
        sheet = sheets.get(sheet_of_prefix(before).lower())
        if defined.sheet is None and mark and area is not None and sheet is not None:
            found[defined.name.lower()] = NamedArea(defined.name, sheet, area)
    return found
