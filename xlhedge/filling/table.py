"""A table as it stands in the workbook: what its columns hold, and which are calculated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from xlhedge.formula.addresses import Area
from xlhedge.formula.copying import shifted
from xlhedge.formula.structured import Table
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import Cells, cells_named
from xlhedge.workbook.package import Package
from xlhedge.workbook.values import FORMULA
from xlhedge.workbook.writing import RowCells
from xlhedge.workbook.xml import MAIN

_OF_ONE_FORMULA = frozenset({"t", "ref", "si", "ca"})
_InRow = tuple[int, str]


class ColumnKind(Enum):
    """What a column holds."""

    TIME = "times"
    NUMBER = "numbers"
    TEXT = "texts"
    ANY = "anything"


@dataclass(frozen=True)
class Column:
    """A column of the table as it stands in the workbook."""

    name: str
    kind: ColumnKind
    calculated: bool
    optional: bool
    """Whether a file may leave it out: it is blank, or so in some rows of an example."""


@dataclass(frozen=True)
class ColumnFormula:
    """The formula of a calculated column, as it reads in one row."""

    text: str
    row: int
    first: int
    """The first row that has it; a balance's first value, or the blank before returns, stays."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What the file says of the formula beside its text."""
    metadata: str | None = None
    """The cell's index of metadata, which makes an array a dynamic one."""

    def like(self, cell: Any) -> ColumnFormula:
        """The pattern with what a formula's cell says beside its text."""
        node = cell.find(FORMULA)
        keep = {k: v for k, v in node.attrib.items() if k not in _OF_ONE_FORMULA and k[0] != "{"}
        if node.get("t") == "array":
            keep["t"] = "array"
        return replace(self, attributes=keep, metadata=cell.get("cm"))

    def at(self, row: int) -> str:
        """The formula in another row."""
        return shifted(self.text, row - self.row, 0)


@dataclass(frozen=True)
class Standing:
    """A table before it is filled."""

    table: Table
    cells: Cells
    rows: dict[int, RowCells]
    """The first row, those that the patterns are taken from, and the totals row."""
    values: list[list[Cell]]
    """What its data rows hold, by column."""
    patterns: dict[int, ColumnFormula]
    """The formula of each calculated column, by column of the sheet."""
    columns: list[Column]

    def kept_rows(self) -> int:
        """Rows up to the last that holds anything beside formulas."""
        filled = [
            row
            for column, values in zip(self.columns, self.values, strict=True)
            if not column.calculated
            for row, value in enumerate(values, 1)
            if value not in (None, "")
        ]
        return max(filled, default=0)

    def notes_on_first_rows(self) -> list[str]:
        """Sentences about values and formulas that stay above a calculated column's own."""
        found = []
        for column, pattern in self.patterns.items():
            place = column - self.table.area.left
            count = pattern.first - self.table.data.top
            if any(value not in (None, "") for value in self.values[place][:count]):
                rows = "row stays as it is" if count == 1 else f"{count} rows stay as they are"
                found.append(f"{self.table.columns[place]}: the first {rows}, formulas begin below")
        return found


def standing(package: Package, name: str, *, example: bool) -> Standing:
    """Read a table and what surrounds it; of an `example`, columns with gaps are optional."""
    table = package.table(name)
    cells = cells_named(package, table.sheet)
    values = [list(column) for column in zip(*cells.values(table.data), strict=True)]
    patterns = _patterns(package, table, cells)
    columns = [
        _column(table, cells, place, column, patterns, example=example)
        for place, column in enumerate(values)
    ]
    wanted = {table.data.top, *(pattern.row for pattern in patterns.values())}
    wanted.update(range(table.data.bottom + 1, table.area.bottom + 1))
    rows = {row: RowCells(cells, row, node) for row, node in cells.elements(wanted).items()}
    patterns = {
        column: pattern.like(rows[pattern.row][column])
        if (pattern.row, column) in cells.formulas
        else pattern
        for column, pattern in patterns.items()
    }
    return Standing(table, cells, rows, values, patterns, columns)


def _patterns(package: Package, table: Table, cells: Cells) -> dict[int, ColumnFormula]:
    found = {}
    nodes = package.tree(table.part).iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn")
    for column, node in enumerate(nodes, table.area.left):
        declared = node.findtext(f"{MAIN}calculatedColumnFormula")
        formulas = [
            (row, text)
            for row in table.data.rows
            if (text := cells.formulas.text((row, column))) is not None
        ]
        pattern = _pattern(formulas, table.data, declared=bool(declared))
        if pattern is not None:
            found[column] = pattern
        elif declared and not formulas and not _refers(declared):
            found[column] = ColumnFormula(declared, table.data.top, table.data.top)
    return found


def _refers(text: str) -> bool:
    """Whether a formula holds a reference whose meaning depends on its row."""
    return any(token.kind is Kind.REFERENCE for token in tokenize(text))


def _pattern(formulas: list[_InRow], data: Area, *, declared: bool) -> ColumnFormula | None:
    """The formula that a column's rows share, but for the first ones; None where they do not.

    Notes
    -----
    A column may begin with something of its own: a balance with its first value, returns with a
    blank, a running figure with another formula. One such row is plain; more must be few beside
    the formulas. Where the file declares a formula for the column, single rows that differ from
    it are an exception, and the rows that are filled follow the formula.
    """
    if not formulas:
        return None
    # The last one first: of two rows with a formula each, the first is what the other starts from.
    alike = _copies(formulas[-1], formulas)
    if len(alike) < len(formulas):
        others = (_copies(formula, formulas) for formula in formulas[:2])
        alike = max(alike, *others, key=len)
    first, text = alike[0]
    above = first - data.top
    if sum(row >= first for row, _ in formulas) <= data.bottom - first and not declared:
        return None
    if above > 1 and len(alike) < 2 * above:
        if not declared:
            return None
        row, other = formulas[0]
        if row < first:
            return ColumnFormula(other, row, data.top)
    return ColumnFormula(text, first, first)


def _copies(pattern: _InRow, formulas: list[_InRow]) -> list[_InRow]:
    """The formulas of a column that are what one of them becomes when it is copied."""
    first, like = pattern
    return [(row, text) for row, text in formulas if text == shifted(like, row - first, 0)]


def _column(
    table: Table,
    cells: Cells,
    place: int,
    values: list[Cell],
    patterns: Mapping[int, ColumnFormula],
    *,
    example: bool,
) -> Column:
    column, top = table.area.left + place, table.data.top
    formulas = {row for row in table.data.rows if (row, column) in cells.formulas}
    typed = [
        value
        for row, value in enumerate(values, top)
        if value not in (None, "") and row not in formulas
    ]
    kinds = {type(value) for value in typed}
    kind = ColumnKind.ANY
    if cells.format_at((top, column)).is_date and kinds <= {float}:
        kind = ColumnKind.TIME
    elif kinds == {float}:
        kind = ColumnKind.NUMBER
    elif kinds == {str}:
        kind = ColumnKind.TEXT
    optional = not (typed or formulas) or (example and None in values)
    return Column(table.columns[place], kind, column in patterns, optional)
