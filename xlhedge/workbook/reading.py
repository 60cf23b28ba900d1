"""Rows, cells and formulas as a worksheet part holds them, in the order of the file."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    address,
    is_count,
    parse_address,
    parse_area,
)
from xlhedge.formula.copying import shifted
from xlhedge.workbook.package import LONGEST_FORMULA
from xlhedge.workbook.xml import MAIN

Address = tuple[int, int]
"""Row and column, counted from 1."""

DATA, ROW, CELL = f"{MAIN}sheetData", f"{MAIN}row", f"{MAIN}c"

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
    """A formula cell; `area` is the cell itself or the array's range as the file states it.

    `node` is the cell's element, None where the part is not held as a tree.
    """

    row: int
    column: int
    text: str
    extent: Extent
    area: Area
    node: Any = None

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


def numbered_cells(
    row: int, nodes: Iterable[Any], columns: dict[str, int]
) -> Iterator[tuple[int, Any]]:
    """The cells of a row with their columns; `columns` keeps what letters were read before."""
    column = 0
    suffix = str(row)
    for cell in nodes:
        place = cell.get("r")
        if place is None:
            column += 1
            if column > LAST_COLUMN:
                raise ValueError(f"row {row} has more cells than a sheet has columns")
        elif place.endswith(suffix) and (known := columns.get(place[: -len(suffix)])):
            column = known
        else:
            found, column = parse_address(place)
            if found != row:
                raise ValueError(f"the cell {place} stands in row {row}")
            columns[place.removesuffix(suffix)] = column
        yield column, cell


class Formulas:
    """Reads the formulas of one part in its order; shared formulas are written out.

    `where` is how sentences call the part.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._shared: dict[str, tuple[int, int, str]] = {}

    def read(self, row: int, column: int, cell: Any, node: Any) -> str | Formula:
        """The text of a formula that fills its own cell, empty where it has none; else all of it.

        `cell` is the cell's element and `node` its formula's.
        """
        text: str = node.text or ""
        if len(text) > LONGEST_FORMULA or text.count("(") > _DEEPEST_FORMULA:
            self._refuse_endless(text, row, column)
        kind = node.get("t")
        if kind == "shared":
            index = node.get("si", "")
            if text:
                self._shared[index] = row, column, text
            elif index in self._shared:
                first_row, first_column, pattern = self._shared[index]
                text = shifted(pattern, row - first_row, column - first_column)
        elif kind == "array" and text:
            extent = Extent.FIXED if cell.get("cm") is None else Extent.DYNAMIC
            return Formula(row, column, text, extent, self._area(node, row, column))
        elif kind == "dataTable":
            return Formula(row, column, text, Extent.DATA_TABLE, self._area(node, row, column))
        return text

    def _refuse_endless(self, text: str, row: int, column: int) -> None:
        if len(text) > LONGEST_FORMULA:
            raise FileError(
                f"{self.where}: the formula in {address(row, column)} has {len(text)} characters; "
                f"at most {LONGEST_FORMULA} are read"
            )
        if _depth(text) > _DEEPEST_FORMULA:
            raise FileError(
                f"{self.where}: the formula in {address(row, column)} is nested deeper than "
                f"{_DEEPEST_FORMULA} parentheses"
            )

    def _area(self, node: Any, row: int, column: int) -> Area:
        cell = Area(row, column, row, column)
        try:
            area = parse_area(node.get("ref") or str(cell))
        except ValueError as problem:
            raise FileError(f"{self.where}: {problem}") from None
        if (area.top, area.left) != (cell.top, cell.left):
            raise FileError(f"{self.where}: the array of {cell} does not start there")
        if area.height * area.width > _LARGEST_ARRAY:
            raise FileError(f"{self.where}: the array {area} is larger than {_LARGEST_ARRAY} cells")
        return area


def inside(cells: Collection[Address], area: Area) -> list[Address]:
    """The cells of a part inside an area."""
    if area.height * area.width > len(cells):
        return [place for place in cells if area.holds(place)]
    return [place for place in area.cells() if place in cells]


def filled(
    arrays: Iterable[Formula], formulas: Container[Address], cells: Collection[Address]
) -> dict[Address, Address]:
    """Cells that the file says are filled by an array formula: cell to formula cell.

    The formula's own cell is not among them, nor is a cell with a formula of its own.
    """
    return {
        place: array.address
        for array in arrays
        if not array.area.is_cell
        for place in inside(cells, array.area)
        if place != array.address and place not in formulas
    }


def new_cell(root: Any, row: Any, number: int, column: int) -> Any:
    """A cell that a row does not hold yet, with the style that the blank shows.

    `root` is the part's root element, `row` the row's element and `number` its number.
    """
    spans = row.get("spans", "").partition(":")
    if is_count(spans[0]) and is_count(spans[2]):
        first, last = min(int(spans[0]), column), max(int(spans[2]), column)
        row.set("spans", f"{first}:{last}")
    style = style_of_blank(root, row, column)
    return etree.Element(CELL, {"r": address(number, column)} | ({"s": style} if style else {}))


def style_of_blank(root: Any, row: Any, column: int) -> str | None:
    """The style that a cell shows which the part does not hold: its row's, else its column's."""
    if row.get("customFormat") in ("1", "true") and row.get("s"):
        return str(row.get("s"))
    for node in root.iterfind(f"{MAIN}cols/{MAIN}col"):
        first, last = node.get("min", ""), node.get("max", "")
        if is_count(first) and is_count(last) and int(first) <= column <= int(last):
            style = node.get("style")
            return None if style in (None, "0") else str(style)
    return None


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest
