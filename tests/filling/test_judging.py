"""Rows are held against the data validation of the table's own columns."""

import pytest
from recalc_helpers import Book, opened

from xlhedge.errors import FileError
from xlhedge.templates import fill

TITLES = ("Asset", "Instrument", "Quantity", "Venue")


def tables(path, *, warning=False):
    """Positions, whose columns have rules, one of them the list of another table."""
    with Book(path) as book:
        sheet, other = book.add_worksheet("Positions"), book.add_worksheet("Venues")
        rows = [["BTC", "linear", 1, "alpha"], ["ETH", "spot", 2, "alpha"]]
        columns = [{"header": title} for title in TITLES]
        sheet.add_table(0, 0, 2, 3, {"name": "Positions", "data": rows, "columns": columns})
        kind = {"validate": "list", "source": ["spot", "linear", "inverse"]}
        if warning:
            kind["error_type"] = "warning"
        sheet.data_validation(1, 1, 2, 1, kind)
        size = {"validate": "decimal", "criteria": "between", "minimum": -10, "maximum": 10}
        sheet.data_validation(1, 2, 2, 2, size)
        sheet.data_validation(1, 3, 2, 3, {"validate": "list", "source": "=Venues!$A$2:$A$3"})
        names = {"name": "Venues", "data": [["alpha"], ["beta"]], "columns": [{"header": "Name"}]}
        other.add_table(0, 0, 2, 0, names)
    return path


def rows(*cells):
    """Positions as columns; each row is asset, instrument, quantity and venue."""
    return dict(zip(TITLES, map(list, zip(*cells, strict=True)), strict=True))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("BTC", "linaer", 1, "alpha"), "row 2, column Instrument: 'linaer' must be one of spot, "
                                        "linear, inverse"),
        (("BTC", "spot", 11, "alpha"), "row 2, column Quantity: 11.0 must be a number from -10"),
        (("BTC", "spot", 1, "gamma"), "row 2, column Venue: 'gamma' must be one of alpha, beta"),
    ],
)  # fmt: skip
def test_a_row_that_the_columns_do_not_take_is_refused_and_nothing_is_written(tmp_path, row, said):
    book = tables(tmp_path / "book.xlsx")
    before = book.read_bytes()
    with pytest.raises(FileError) as caught:
        fill(book, {"Positions": rows(("ETH", "spot", 1, "beta"), row)})
    assert said in str(caught.value)
    assert book.read_bytes() == before


def test_a_choice_in_another_case_is_written_as_the_list_spells_it(tmp_path):
    book = tables(tmp_path / "book.xlsx")
    given = rows(("ETH", "LINEAR", 1, "Beta"), ("SOL", None, None, None), ("x", "Spot", 2, "beta"))
    fill(book, {"Positions": given}, append=True)
    sheet = opened(book)["Positions"]
    found = [[cell.value for cell in row] for row in sheet["B2:D6"]]
    assert found == [
        ["linear", 1, "alpha"], ["spot", 2, "alpha"],
        ["linear", 1, "beta"], [None, None, None], ["spot", 2, "beta"],
    ]  # fmt: skip


def test_a_list_is_read_from_the_rows_that_come_with_it(tmp_path):
    book = tables(tmp_path / "book.xlsx")
    venues = {"Name": ["gamma", "delta"]}
    fill(book, {"Positions": rows(("ETH", "spot", 1, "gamma")), "Venues": venues})
    with pytest.raises(FileError, match="'alpha' must be one of gamma, delta"):
        fill(book, {"Positions": rows(("ETH", "spot", 1, "alpha"))})


def test_a_rule_that_only_warns_refuses_nothing(tmp_path):
    book = tables(tmp_path / "book.xlsx", warning=True)
    fill(book, {"Positions": rows(("ETH", "option", 1, "beta"))})
    assert opened(book)["Positions"]["B2"].value == "option"


def bounded(path):
    """A table whose quantity is at most the limit that stands in its own row."""
    with Book(path) as book:
        sheet = book.add_worksheet("Orders")
        columns = [{"header": "Limit"}, {"header": "Quantity"}, {"header": "Any"}]
        data = [[5, 1, True], [50, 2, "x"]]
        sheet.add_table(0, 0, 2, 2, {"name": "Orders", "data": data, "columns": columns})
        sheet.data_validation(1, 1, 2, 1, {"validate": "decimal", "criteria": "<=", "value": "=A2"})
        sheet.data_validation(1, 2, 2, 2, {"validate": "decimal", "criteria": "<", "value": 5})
    return path


def test_a_bound_of_the_row_itself_is_that_of_each_row(tmp_path):
    book = bounded(tmp_path / "book.xlsx")
    fill(book, {"Orders": {"Limit": [5, 50, 7], "Quantity": [5, 20, 7], "Any": [1, 1, 1]}})
    assert [cell.value for cell in opened(book)["Orders"]["B"][1:]] == [5, 20, 7]
    more = {"Limit": [9, 3], "Quantity": [9, 4], "Any": [1, 1]}
    with pytest.raises(FileError, match="row 2, column Quantity: 4"):
        fill(book, {"Orders": more}, append=True)


def test_true_is_no_number_also_after_a_row_that_holds_one(tmp_path):
    book = bounded(tmp_path / "book.xlsx")
    with pytest.raises(FileError, match="column Any: True must be a number"):
        fill(book, {"Orders": {"Limit": [5, 5], "Quantity": [1, 1], "Any": [1, True]}})
