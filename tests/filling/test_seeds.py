"""Columns that begin with something of their own: a balance's first value, a blank, a formula."""

from itertools import pairwise

import pytest
from recalc_helpers import Book, opened, parts, rebuilt, values

from xlhedge.errors import FileError
from xlhedge.filling import fill

PNL = [10.0, -4.0, 7.0, 1.0, -3.0]


def ledger(path, first, *more, running="=[@pnl]+B{above}", declared=False, count=4):
    """A table of a pnl and a balance whose rows after the first run on from the row above."""
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write("E1", 500)
        columns = [{"header": "pnl"}, {"header": "balance"}]
        options = {"name": "L", "columns": columns, "data": [[1.0]] * count}
        sheet.add_table(0, 0, count, 1, options)
        for row in range(2, count + 2):
            given = (first, *more)[row - 2 : row - 1] or (running.format(above=row - 1, row=row),)
            if given[0] is not None:
                sheet.write(f"B{row}", *given)
    if declared:
        name = "xl/tables/table1.xml"
        formula = running[1:].format(above=1, row=2).replace("[@pnl]", "L[[#This Row],[pnl]]")
        text = parts(path)[name].replace(
            b'name="balance"/>',
            f'name="balance"><calculatedColumnFormula>{formula}</calculatedColumnFormula>'
            "</tableColumn>".encode(),
        )
        rebuilt(path, {name: text})
    return path


def balances(path, count):
    found = values(path)
    return [found.get(f"B{row}") for row in range(2, count + 2)]


def run(first, pnl):
    found = [first]
    for change in pnl[1:]:
        found.append(found[-1] + change)
    return found


@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_balance_goes_on_from_its_first_value(tmp_path, declared, count):
    path = ledger(tmp_path / "book.xlsx", 1000, declared=declared)
    report = fill(path, {"L": {"pnl": PNL[:count]}})
    assert balances(path, count) == run(1000, PNL[:count])
    assert report.tables[0].notes == ["balance: the first row stays as it is, formulas begin below"]
    fill(path, {"L": {"pnl": [2.0]}}, append=True)
    assert balances(path, count + 1) == run(1000, [*PNL[:count], 2.0])


@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("count", [2, 4])
def test_a_first_row_with_another_formula_keeps_it(tmp_path, declared, count):
    path = ledger(tmp_path / "book.xlsx", "=$E$1", declared=declared, count=count)
    fill(path, {"L": {"pnl": PNL}})
    assert balances(path, 5) == run(500, PNL)
    assert opened(path)["Sheet1"]["B2"].value == "=$E$1"


def test_two_first_rows_stay(tmp_path):
    path = ledger(tmp_path / "book.xlsx", 1, 2, running="=B{above}+[@pnl]*0+1", count=8)
    fill(path, {"L": {"pnl": PNL}})
    assert balances(path, 5) == [1, 2, 3, 4, 5]


def test_a_declared_column_that_begins_with_a_blank_goes_on_doing_so(tmp_path):
    path = ledger(tmp_path / "book.xlsx", None, running="=A{row}/A{above}", declared=True)
    fill(path, {"L": {"pnl": PNL}})
    assert balances(path, 5) == [None, *(b / a for a, b in pairwise(PNL))]


def test_formulas_that_are_no_copies_are_never_copied(tmp_path):
    links = [f"=Sheet1!$E${row}" for row in (1, 3, 5)]
    path = ledger(tmp_path / "book.xlsx", *links, "=$E$9", count=4)
    before = path.read_bytes()
    with pytest.raises(FileError, match="has no column balance"):
        fill(path, {"L": {"pnl": PNL}})
    assert path.read_bytes() == before


def test_a_single_row_that_differs_follows_the_others(tmp_path):
    path = ledger(tmp_path / "book.xlsx", "=A2*2", "=A3*2", "=7", running="=A{row}*2", count=8)
    fill(path, {"L": {"pnl": PNL}})
    assert balances(path, 5) == [2 * value for value in PNL]


def test_the_namespace_of_a_row_is_kept(tmp_path):
    path = ledger(tmp_path / "book.xlsx", 1000)
    sheet = "xl/worksheets/sheet1.xml"
    space = b'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    text = parts(path)[sheet].replace(b"<worksheet ", b"<worksheet " + space + b" ", 1)
    rebuilt(path, {sheet: text.replace(b'<row r="2"', b'<row r="2" x14ac:dyDescent="0.25"')})
    fill(path, {"L": {"pnl": PNL}})
    assert parts(path)[sheet].count(b'x14ac:dyDescent="0.25"') == 2
    assert balances(path, 5) == run(1000, PNL)
