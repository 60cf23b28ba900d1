"""A table as it stands in the workbook: what its columns hold, and which are calculated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from xlhedge.formula.addresses import Area
from xlhedge.formula.copying import shifted
from xlhedge.formula.structured import Table
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import Cells, cells_named
from xlhedge.workbook.package import Package
from xlhedge.workbook.writing import RowCells
from xlhedge.workbook.xml import MAIN

ColumnKind = Literal["time", "number", "text", "any"]
"""What a column holds; any where the table does not tell."""
_InRow = tuple[int, str]


class ColumnFormula(NamedTuple):
    """The formula of a calculated column, as it reads in one row."""

    text: str
    row: int
    first: int
    """The first row that has it; a balance's first value, or the blank before returns, stays."""

    def at(self, row: int) -> str:
        """The formula in another row."""
        return shifted(self.text, row - self.row, 0)


class Column(NamedTuple):
    """A column of the table; `values` are what its data rows hold."""

    name: str
    kind: ColumnKind
    values: list[Cell]
    formula: ColumnFormula | None
    optional: bool
    """Whether a file may leave it out: it is blank, or so in some rows of an example."""
    shows_dates: bool


@dataclass(frozen=True)
class Standing:
    """A table before it is filled."""

    table: Table
    cells: Cells
    columns: list[Column]
    rows: dict[int, RowCells]
    """The first row, those that the columns' formulas are taken from, and the totals row."""

    def kept_rows(self) -> int:
        """Rows up to the last that holds anything beside formulas."""
        filled = [
            row
            for column in self.columns
            if column.formula is None
            for row, value in enumerate(column.values, 1)
            if value not in (None, "")
        ]
        return max(filled, default=0)

    def notes_on_first_rows(self) -> list[str]:
        """Sentences about values and formulas that stay above a calculated column's own."""
        found = []
        for column in self.columns:
            count = 0 if column.formula is None else column.formula.first - self.table.data.top
            if any(value not in (None, "") for value in column.values[:count]):
                rows = "row stays as it is" if count == 1 else f"{count} rows stay as they are"
                found.append(f"{column.name}: the first {rows}, formulas begin below")
        return found


def standing(package: Package, name: str, *, example: bool) -> Standing:
    """Read a table and what surrounds it; of an `example`, columns with gaps are optional."""
    table = package.table(name)
    cells = cells_named(package, table.sheet)
    nodes = package.tree(table.part).iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn")
    declared = [node.findtext(f"{MAIN}calculatedColumnFormula") or "" for node in nodes]
    values = map(list, zip(*cells.values(table.data), strict=True))
    columns = [
        _column(table, cells, place, column, declared[place], example=example)
        for place, column in enumerate(values)
    ]
    wanted = {table.data.top, *(one.formula.row for one in columns if one.formula is not None)}
    wanted.update(range(table.data.bottom + 1, table.area.bottom + 1))
    rows = {row: RowCells(cells, row, node) for row, node in cells.elements(wanted).items()}
    return Standing(table, cells, columns, rows)


def _column(
    table: Table, cells: Cells, place: int, values: list[Cell], declared: str, *, example: bool
) -> Column:
    column, top = table.area.left + place, table.data.top
    formulas = {
        row: text
        for row in table.data.rows
        if (text := cells.formulas.text((row, column))) is not None
    }
    typed = [
        value
        for row, value in enumerate(values, top)
        if value not in (None, "") and row not in formulas
    ]
    kinds, shows_dates = set(map(type, typed)), cells.format_at((top, column)).is_date
    kind: ColumnKind = "any"
    if shows_dates and kinds <= {float}:
        kind = "time"
    elif kinds == {float}:
        kind = "number"
    elif kinds == {str}:
        kind = "text"
    formula = _formula(list(formulas.items()), table.data, declared)
    optional = not (typed or formulas) or (example and None in values)
    return Column(table.columns[place], kind, values, formula, optional, shows_dates)


def _formula(formulas: list[_InRow], data: Area, declared: str) -> ColumnFormula | None:
    """The formula that a column's rows share, but for the first ones; None where they do not.

    Notes
    -----
    A column may begin with something of its own: a balance with its first value, returns with a
    blank, a running figure with another formula. One such row is plain; more must be few beside
    the formulas. Where the file declares a formula for the column, single rows that differ from
    it are an exception, and the rows that are filled follow the formula. Where no row has the
    formula, its meaning must not depend on the row.
    """
    if not formulas:
        relative = any(token.kind is Kind.REFERENCE for token in tokenize(declared))
        return ColumnFormula(declared, data.top, data.top) if declared and not relative else None
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
