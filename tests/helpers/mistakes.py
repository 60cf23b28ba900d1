"""Copies of a workbook with mistakes in the cells of its tables, and what its checks say."""

from book_helpers import named_values, rows_of

from xlhedge.filling.provenance import named_cell
from xlhedge.recalc import Package, recalculate
from xlhedge.workbook.values import clear, write_value
from xlhedge.workbook.worksheet import worksheet_named


def with_mistakes(source, target, cells, names=None):
    """A calculated copy in which some cells hold something else.

    `cells` maps table, column and row, counted from 1, to a value; `names` maps named cells.
    """
    package = Package.open(source)
    for (name, column, row), value in cells.items():
        table = package.table(name)
        sheet = worksheet_named(package, table.sheet)
        place = (table.data.top + row - 1, table.area.left + list(table.columns).index(column))
        cell = sheet.cell(*place)
        clear(cell)
        write_value(cell, value)
        sheet.mark()
    for name, value in (names or {}).items():
        named_cell(package, name).write(value)
    target.write_bytes(package.to_bytes())
    recalculate(target, in_place=True)
    return target


def failing(path, word="CHECK"):
    """The findings of the checks that failed, by what they ask."""
    return {row[2]: row[4] for row in rows_of(path, "Checks") if row[3] == word}


def assert_nothing_says_ok(path, status):
    """The status names the first failed check, and no light of the workbook says OK."""
    shown = named_values(path)[status]
    assert shown.startswith("CHECK: "), shown
    rows = rows_of(path, but=("Checks", "History"))  # whose lights are about their own rows
    assert [row for row in rows if "OK" in row] == []
