"""Rows, cells and formulas as a worksheet part holds them, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    column_number,
    parse_address,
)
from xlhedge.workbook.xml import MAIN

Address = tuple[int, int]
"""Row and column, counted from 1."""

DATA, ROW, CELL = f"{MAIN}sheetData", f"{MAIN}row", f"{MAIN}c"

_LETTERS = re.compile("[A-Za-z]{1,3}")


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
