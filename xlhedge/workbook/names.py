"""Defined names that stand for cells."""

from __future__ import annotations

from typing import NamedTuple

from xlhedge.formula.addresses import Area, area_or_none, sheet_of_prefix
from xlhedge.formula.tokens import Kind, Token, tokenize
from xlhedge.workbook.package import LONGEST_FORMULA, Package


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


def range_of(package: Package, text: str, sheet: str = "") -> tuple[str, Area] | None:
    """Sheet and area that a formula refers to, also through a name, and does no more with.

    A reference that names no sheet means cells of `sheet`.
    """
    tokens = tokenize(text) if len(text) <= LONGEST_FORMULA else []
    if len(tokens) == 1 and tokens[0].kind is Kind.NAME:
        wanted, scope = tokens[0].text.lower(), _sheet(tokens[0])
        named = [
            name.text
            for name in package.defined_names
            if name.name.lower() == wanted and (name.sheet is None or name.sheet.lower() == scope)
        ]
        tokens = tokenize(named[0]) if named else []
    if len(tokens) != 1 or tokens[0].kind is not Kind.REFERENCE:
        return None
    prefix, area = _sheet(tokens[0]) or sheet.lower(), area_or_none(tokens[0].text)
    known = next((one.name for one in package.worksheets if one.name.lower() == prefix), None)
    return None if known is None or area is None else (known, area)


def _sheet(token: Token) -> str:
    """The sheet before a reference or name, in lower case."""
    return sheet_of_prefix(token.sheet).lower()
