"""Cells and formulas of one worksheet part."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from xlhedge.errors import FileError
from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    address,
    parse_address,
    parse_area,
)
from xlhedge.formula.copying import shifted
from xlhedge.workbook.package import LONGEST_FORMULA, MAIN, Package, Sheet

Address = tuple[int, int]
"""Row and column, counted from 1."""

_CELL, _FORMULA = f"{MAIN}c", f"{MAIN}f"

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
    node: Any

    @property
    def address(self) -> Address:
        """Row and column."""
        return self.row, self.column


class Worksheet:
    """A worksheet part as cells.

    Parameters
    ----------
    package
        The workbook.
    sheet
        Which of its sheets.
    """

    def __init__(self, package: Package, sheet: Sheet) -> None:
        self.sheet = sheet
        self.root = package.tree(sheet.part)
        self._where = f"{package.name}: sheet {sheet.name!r}"
        data = self.root.find(f"{MAIN}sheetData")
        if self.root.tag != f"{MAIN}worksheet" or data is None:
            raise FileError(f"{self._where} is not a worksheet")
        self.data = data
        self.rows: dict[int, Any] = {}
        self.cells: dict[Address, Any] = {}
        self._columns: dict[str, int] = {}
        try:
            for row, node in self._row_nodes():
                if row in self.rows:
                    raise ValueError(f"the row {row} comes twice")
                self.rows[row] = node
                for column, cell in self._cell_nodes(row, node):
                    if (row, column) in self.cells:
                        raise ValueError(f"the cell {address(row, column)} comes twice")
                    self.cells[row, column] = cell
        except ValueError as problem:
            raise FileError(f"{self._where}: {problem}") from None

    def _row_nodes(self) -> Iterator[tuple[int, Any]]:
        row = 0
        for node in self.data.iterchildren(f"{MAIN}row"):
            row = int(node.get("r", row + 1))
            if not 1 <= row <= LAST_ROW:
                raise ValueError(f"there is no row {row}")
            yield row, node

    def _cell_nodes(self, row: int, node: Any) -> Iterator[tuple[int, Any]]:
        column = 0
        suffix = str(row)
        for cell in node.iterchildren(_CELL):
            place = cell.get("r")
            if place is None:
                column += 1
                if column > LAST_COLUMN:
                    raise ValueError(f"row {row} has more cells than a sheet has columns")
            elif place.endswith(suffix) and (known := self._columns.get(place[: -len(suffix)])):
                column = known
            else:
                found, column = parse_address(place)
                if found != row:
                    raise ValueError(f"the cell {place} stands in row {row}")
                self._columns[place.removesuffix(suffix)] = column
            yield column, cell

    @cached_property
    def formulas(self) -> dict[Address, Formula]:
        """Every formula cell; shared formulas are written out."""
        found: dict[Address, Formula] = {}
        shared: dict[str, tuple[Address, str]] = {}
        for (row, column), cell in self.cells.items():
            node = next(cell.iterchildren(_FORMULA), None)
            if node is None:
                continue
            text = node.text or ""
            self._refuse_endless(text, row, column)
            kind = node.get("t", "normal")
            extent, area = Extent.CELL, Area(row, column, row, column)
            if kind == "shared":
                index = node.get("si", "")
                if text:
                    shared[index] = (row, column), text
                elif index in shared:
                    (first_row, first_column), pattern = shared[index]
                    text = shifted(pattern, row - first_row, column - first_column)
            elif kind == "array":
                extent = Extent.FIXED if cell.get("cm") is None else Extent.DYNAMIC
                area = self._array_area(node, area)
            elif kind == "dataTable":
                extent = Extent.DATA_TABLE
                area = self._array_area(node, area)
            if text or extent is Extent.DATA_TABLE:
                found[row, column] = Formula(row, column, text, extent, area, cell)
        return found

    def _refuse_endless(self, text: str, row: int, column: int) -> None:
        if len(text) > LONGEST_FORMULA:
            raise FileError(
                f"{self._where}: the formula in {address(row, column)} has {len(text)} characters; "
                f"at most {LONGEST_FORMULA} are read"
            )
        if text.count("(") > _DEEPEST_FORMULA and _depth(text) > _DEEPEST_FORMULA:
            raise FileError(
                f"{self._where}: the formula in {address(row, column)} is nested deeper than "
                f"{_DEEPEST_FORMULA} parentheses"
            )

    def _array_area(self, node: Any, cell: Area) -> Area:
        try:
            area = parse_area(node.get("ref") or str(cell))
        except ValueError as problem:
            raise FileError(f"{self._where}: {problem}") from None
        if (area.top, area.left) != (cell.top, cell.left):
            raise FileError(f"{self._where}: the array of {cell} does not start there")
        if area.height * area.width > _LARGEST_ARRAY:
            raise FileError(
                f"{self._where}: the array {area} is larger than {_LARGEST_ARRAY} cells"
            )
        return area

    @cached_property
    def filled(self) -> dict[Address, Address]:
        """Cells that the file says are filled by an array formula: cell to formula cell.

        The formula's own cell is not among them, nor is a cell with a formula of its own.
        """
        found: dict[Address, Address] = {}
        for formula in self.formulas.values():
            if formula.area.height * formula.area.width == 1:
                continue
            for place in self.inside(formula.area):
                if place != formula.address and place not in self.formulas:
                    found[place] = formula.address
        return found

    @property
    def with_content(self) -> set[Address]:
        """Cells with a formula or a value of their own."""
        return {
            place for place, cell in self.cells.items() if len(cell) and place not in self.filled
        }

    def inside(self, area: Area) -> list[Address]:
        """The cells that the part holds inside an area."""
        if area.height * area.width > len(self.cells):
            return [place for place in self.cells if area.holds(place)]
        return [
            (row, column)
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
            if (row, column) in self.cells
        ]

    def name_of(self, place: Address) -> str:
        """A cell as a sentence names it, with its sheet."""
        return f"{self.sheet.name}!{address(*place)}"


def read_worksheets(package: Package) -> list[Worksheet]:
    """All worksheets of a workbook."""
    return [Worksheet(package, sheet) for sheet in package.worksheets]


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest
