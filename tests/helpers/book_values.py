"""A calculated template against the core: what each cell that calls us must show."""

import pytest
from book_helpers import formula_cells, opened, walk
from openpyxl.utils import get_column_letter

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import parse_area
from xlhedge.recalc import Package
from xlhedge.sheet.cells import CellError, serial
from xlhedge.workbook.values import clear, write_value


def column(values):
    """A list as a column of cells."""
    return [[value] for value in values]


def ours(path):
    """Place and size of every formula that calls one of our functions, notes aside."""
    for sheet, cell, formula in formula_cells(path):
        names = {name for name, _ in walk(formula.text)[0]} & set(CATALOG)
        if names - {"XLHEDGE_WHY", "XLHEDGE_VERSION"} and "XLHEDGE_WHY" not in names:
            area = parse_area(formula.get("ref", cell.get("r")))
            size = (area.bottom - area.top + 1, area.right - area.left + 1)
            yield (sheet, cell.get("r")), size


def place(book, name, down=0, right=0):
    """Sheet and address of a named cell, or of one beside it."""
    sheet, address = next(book.defined_names[name].destinations)
    cell = book[sheet][address.replace("$", "")].offset(down, right)
    return sheet, cell.coordinate


def shown(book, sheet, address, rows, columns):
    """The values of a rectangle; times are serial numbers as functions take them."""
    anchor = book[sheet][address]
    return [
        [as_number(anchor.offset(row, right).value) for right in range(columns)]
        for row in range(rows)
    ]


def as_number(value):
    return serial(value) if hasattr(value, "year") else value


def assert_shows(path, expected):
    """Each place shows its value or table, and no other cell calls us."""
    book = opened(path, values=True)
    sizes = dict(ours(path))
    assert set(expected) == set(sizes)
    for (sheet, address), want in expected.items():
        table = want if isinstance(want, list) else [[want]]
        assert sizes[sheet, address] == (len(table), len(table[0])), f"{sheet}!{address}"
        got = shown(book, sheet, address, len(table), len(table[0]))
        for row, (one, other) in enumerate(zip(got, table, strict=True)):
            for right, (value, wanted) in enumerate(zip(one, other, strict=True)):
                where = f"{sheet}!{address} +{row} rows, column {get_column_letter(right + 1)}"
                if isinstance(wanted, CellError):
                    assert value == wanted.value, where
                elif isinstance(wanted, float | int) and not isinstance(wanted, bool):
                    assert value == pytest.approx(wanted, rel=1e-10, abs=1e-12), where
                else:  # an empty text is a blank
                    assert (None if value == "" else value) == (None if wanted == "" else wanted), (
                        where
                    )


def below(book, sheet, title, number=0):
    """The cell below a heading, the first such heading unless told."""
    found = [cell for row in book[sheet].iter_rows() for cell in row if cell.value == title]
    return found[number].offset(1, 0)


def changed(source, target, sheet, address, value, *, text=False):
    """A copy of a workbook with another number, or another text, in a cell."""
    package = Package.open(source)
    part = next(item.part for item in package.worksheets if item.name == sheet)
    for cell in package.tree(part).iter("{*}c"):
        if cell.get("r") == address:
            if text:
                clear(cell)
                write_value(cell, value)
            else:
                cell.find("{*}v").text = str(value)
    package.changed(part)
    target.write_bytes(package.to_bytes())
    return target
