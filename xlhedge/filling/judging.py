"""Refuses rows that the table's own columns do not take."""

from __future__ import annotations

from functools import partial

from xlhedge.errors import FileError
from xlhedge.filling.columns import Columns
from xlhedge.filling.report import Filled
from xlhedge.filling.sources import Source
from xlhedge.filling.values import shown
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import Package
from xlhedge.workbook.validation import Rule, rule_at
from xlhedge.workbook.values import write_constant
from xlhedge.workbook.writing import write_cells


def refuse_unfit(package: Package, source: Source, filled: Filled, columns: Columns) -> None:
    """Hold the cells that were written against the data validation of the table's first row.

    The rows of all tables are in the workbook: a list of choices may be another table's. A bound
    that is a cell of the row itself is that of each row. A choice of a list is taken in any case
    and written as the list spells it.
    """
    table = package.table(filled.table)
    cells, changes = cells_named(package, table.sheet), {}
    kept = filled.after - len(source.rows)
    for name, values in columns.items():
        column = table.area.left + table.columns.index(name)
        first = (table.data.top, column)
        rule = rule_at(cells, first)
        if rule is None or not rule.enforced:
            continue
        known: dict[tuple[type, Cell], Cell] = {}  # TRUE equals 1, and is no number
        for number, value in enumerate(values):
            row = table.data.top + kept + number
            key = (type(value), value)
            if rule.moves:
                rule, known = rule_at(cells, (row, column), first) or rule, {}
            if key not in known:
                where = f"{source.name} row {source.numbers[number]}"
                known[key] = _taken(rule, value, f"{where}, column {name}")
            taken = known[key]
            if taken != value:
                changes[row, column] = partial(
                    write_constant, value=taken, texts=package.plain_texts
                )
    if changes:
        write_cells(cells, changes)


def _taken(rule: Rule, value: Cell, place: str) -> Cell:
    """The value as the column takes it."""
    wanted = rule.refusal(value)
    if wanted is not None:
        raise FileError(f"{place}: {shown(value)} must be {wanted}")
    choice = rule.chosen(value) if rule.kind == "list" else None
    return value if choice is None else choice
