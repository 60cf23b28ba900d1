"""Rows, cells and formulas as a worksheet part holds them, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    address,
    column_number,
    parse_address,
    parse_area,
)
from xlhedge.formula.copying import shifted
from xlhedge.workbook.package import LONGEST_FORMULA
from xlhedge.workbook.xml import MAIN

Address = tuple[int, int]
"""Row and column, counted from 1."""

DATA, ROW, CELL = f"{MAIN}sheetData", f"{MAIN}row", f"{MAIN}c"

_LETTERS = re.compile("[A-Za-z]{1,3}")
# Excel allows 64 nested functions.
_DEEPEST_FORMULA = 128
_LARGEST_ARRAY = 2_000_000


class Extent(Enum):
    """How many cells a formula fills."""

    CELL = "its own"
    FIXED = "the range that it was entered into (Ctrl+Shift+Enter)"
    DYNAMIC = "as many as its result needs"
    DATA_TABLE = "a what-if data table"


class Formula(NamedTuple):
    """A formula cell; `area` is the cell itself or the array's range as the file states it."""

    row: int
    column: int
    text: str
    extent: Extent
    area: Area

    @property
    def address(self) -> Address:
        """Row and column."""
        return self.row, self.column


def numbered_rows(nodes: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """The rows of a part with their numbers; a ValueError where there is no such row."""
    row = 0
    for node in nodes:
        row = int(node.get("r", row + 1))
        if not 1 <= row <= LAST_ROW:
            raise ValueError(f"there is no row {row}")
        yield row, node


@lru_cache(maxsize=4096)
def _column_of(letters: str) -> int:
    """The column of the letters before a row's number; 0 where they are no column's."""
    column = column_number(letters) if _LETTERS.fullmatch(letters) else 0
    return column if column <= LAST_COLUMN else 0


def numbered_cells(row: int, nodes: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """The cells of a row with their columns; a ValueError where there is no such cell."""
    column = 0
    suffix = str(row)
    for cell in nodes:
        place = cell.get("r")
        if place is None:
            column += 1
            if column > LAST_COLUMN:
                raise ValueError(f"row {row} has more cells than a sheet has columns")
        elif place.endswith(suffix) and (known := _column_of(place[: -len(suffix)])):
            column = known
        else:
            found, column = parse_address(place)
            if found != row:
                raise ValueError(f"the cell {place} stands in row {row}")
        yield column, cell


class Formulas:
    """Reads the formulas of one part in its order; shared formulas are written out."""

    def __init__(self) -> None:
        self.shared: dict[str, tuple[int, int, str]] = {}

    def read(self, row: int, column: int, cell: Any, node: Any) -> str | Formula:
        """The text of a formula that fills its own cell, empty where it has none; else all of it.

        `cell` is the cell's element and `node` its formula's. A ValueError tells what is wrong.
        """
        text: str = node.text or ""
        if len(text) > LONGEST_FORMULA or text.count("(") > _DEEPEST_FORMULA:
            _refuse_endless(text, row, column)
        kind = node.get("t")
        if kind == "shared":
            index = node.get("si", "")
            if text:
                self.shared[index] = row, column, text
            elif index in self.shared:
                first_row, first_column, pattern = self.shared[index]
                text = shifted(pattern, row - first_row, column - first_column)
        elif kind == "array" and text:
            extent = Extent.FIXED if cell.get("cm") is None else Extent.DYNAMIC
            return Formula(row, column, text, extent, _area(node, row, column))
        elif kind == "dataTable":
            return Formula(row, column, text, Extent.DATA_TABLE, _area(node, row, column))
        return text


def _refuse_endless(text: str, row: int, column: int) -> None:
    if len(text) > LONGEST_FORMULA:
        raise ValueError(
            f"the formula in {address(row, column)} has {len(text)} characters; "
            f"at most {LONGEST_FORMULA} are read"
        )
    levels = accumulate((letter == "(") - (letter == ")") for letter in text)
    if max(levels, default=0) > _DEEPEST_FORMULA:
        raise ValueError(
            f"the formula in {address(row, column)} is nested deeper than "
            f"{_DEEPEST_FORMULA} parentheses"
        )


def _area(node: Any, row: int, column: int) -> Area:
    cell = Area(row, column, row, column)
    area = parse_area(node.get("ref") or str(cell))
    if (area.top, area.left) != (cell.top, cell.left):
        raise ValueError(f"the array of {cell} does not start there")
    if area.height * area.width > _LARGEST_ARRAY:
        raise ValueError(f"the array {area} is larger than {_LARGEST_ARRAY} cells")
    return area
