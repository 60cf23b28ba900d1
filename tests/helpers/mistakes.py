"""Copies of a workbook with mistakes in the cells of its tables, and what its checks say."""

from book_helpers import named_values, rows_of

from xlhedge.recalc import Package, recalculate
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.values import clear, write_value
from xlhedge.workbook.writing import write_cells


def with_mistakes(source, target, cells, names=None):
    """A calculated copy in which some cells hold something else.

    `cells` maps table, column and row, counted from 1, to a value; `names` maps named cells.
    """
    package = Package.open(source)
    for (name, column, row), value in cells.items():
        table = package.table(name)
        place = (table.data.top + row - 1, table.area.left + list(table.columns).index(column))
        put(package, table.sheet, place, value)
    for name, value in (names or {}).items():
        area = package.named_areas[name.lower()]
        put(package, area.sheet, area.place, value)
    target.write_bytes(package.to_bytes())
    recalculate(target, in_place=True)
    return target


def put(package, sheet, place, value):
    """Give a cell another value."""

    def change(cell):
        clear(cell)
        write_value(cell, value)

    write_cells(cells_named(package, sheet), {place: change})


def failing(path, word="CHECK"):
    """The findings of the checks that failed, by what they ask."""
    return {row[2]: row[4] for row in rows_of(path, "Checks") if row[3] == word}


def assert_nothing_says_ok(path, status):
    """The status names the first failed check, and no light of the workbook says OK."""
    shown = named_values(path)[status]
    assert shown.startswith("CHECK: "), shown
    rows = rows_of(path, but=("Checks", "History"))  # whose lights are about their own rows
    assert [row for row in rows if "OK" in row] == []
