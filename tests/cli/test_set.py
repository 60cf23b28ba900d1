"""`xlhedge set`: an input by name, as the sheet would take it, and what changed with it."""

import json
from datetime import datetime, time

import pytest
from input_books import input_book
from recalc_helpers import Book, opened, parts, rebuilt, values
from said_books import FIGURES, said_book
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.daily.inputs import set_inputs
from xlhedge.errors import HedgeError, InputError


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return input_book(tmp_path_factory.mktemp("inputs") / "book.xlsx")


def after(book, tmp_path, **inputs):
    """The values of the sheet after inputs have been set."""
    target = tmp_path / "after.xlsx"
    set_inputs(book, inputs, target, overwrite=True)
    return values(target, "Inputs")


@pytest.mark.parametrize(
    ("name", "text", "place", "want"),
    [
        ("share", "0.7", "B1", 0.7),
        ("share", "70%", "B1", 0.7),
        ("SHARE", " -1 ", "B1", -1),
        ("size", "12", "B2", 12),
        ("measure", "ES", "B3", "es"),
        ("coin", "eth", "B4", "ETH"),
        ("days", "7", "B5", 7),
        ("loose", "9", "B6", 9),
        ("at_most", "10", "B7", 10),
        ("odd", "4", "B8", 4),
        ("note", "=1+1", "B10", "=1+1"),
        ("note", "1000", "B10", "1000"),
        ("plain", "1e3", "B11", 1000),
        ("flag", "false", "B12", False),
        ("when", "2026-03-27T08:00", "B13", datetime(2026, 3, 27, 8)),
        ("when", "2026-03-27T10:00+02:00", "B13", datetime(2026, 3, 27, 8)),
        ("expiry", "2026-03-27", "B14", 46108),
        ("free", "3.5", "B15", 3.5),
        ("free", "text", "B15", "text"),
        ("nowhere", "4", "Z99", 4),
        ("second_limited", "50", "K2", 50),
        ("open_cell", "closed", "E1", "closed"),
    ],
)
def test_a_value_becomes_what_the_cell_takes(book, tmp_path, name, text, place, want):
    found = after(book, tmp_path, **{name: text})[place]
    assert found == want
    assert isinstance(found, bool) == isinstance(want, bool)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("share", "3", "share must be a number from -1 to 2, not 3"),
        ("share", "70,5", "share must be a number such as 70000"),
        ("share", "much", "share must be a number such as"),
        ("size", "0", "size must be a whole number above 0, not 0"),
        ("size", "1.5", "size must be a whole number, not 1.5"),
        ("measure", "vr", "measure must be one of var, es, not vr"),
        ("coin", "SOL", "coin must be one of BTC, ETH, not SOL"),
        ("days", "8", "days must be one of 1, 7, 30, not 8"),
        ("at_most", "10.5", "at_most must be a number of at most 10, not 10.5"),
        ("second_limited", "51", "second_limited must be a number of at most 50, not 51"),
        ("code", "abcde", "code must be a text of at most 4 characters, not abcde"),
        ("flag", "maybe", "flag must be TRUE or FALSE, not maybe"),
        ("when", "27.3.2026", "when must be a date such as 2026-03-27"),
        ("when", "46000", "when must be a date such as"),
        (
            "expiry",
            "2025-12-31",
            "expiry must be a date no earlier than 2026-01-01, not 2025-12-31",
        ),
        ("plain", "1e999", "1e999"),
        ("product", "5", r"product is a result (Inputs!G1): the formula gives it"),
        ("second", "5", r"second is a result (Inputs!H2): the formula of Inputs!H1 gives it"),
        ("several", "5", "several is a range of 3 cells"),
        ("shares", "1", "there is no input 'shares'; near it: share"),
        ("zzzzzzzz", "1", "there is no input 'zzzzzzzz'; the inputs are at_most, code, coin"),
    ],
)
def test_what_the_sheet_would_not_take_is_refused_and_nothing_is_written(
    book, tmp_path, name, text, said
):
    target = tmp_path / "refused.xlsx"
    with pytest.raises(HedgeError) as caught:
        set_inputs(book, {"size": "11", name: text} if name != "size" else {name: text}, target)
    assert said in str(caught.value)
    assert not target.exists()


def test_a_protected_sheet_takes_values_in_unlocked_cells_alone(tmp_path):
    book = input_book(tmp_path / "protected.xlsx", protect=True)
    with pytest.raises(InputError, match="share is locked: the sheet Inputs is protected"):
        set_inputs(book, {"share": "0.5"})
    assert after(book, tmp_path, open_cell="x")["E1"] == "x"


def test_a_blank_clears_the_cell_and_its_format_stays(book, tmp_path):
    found = after(book, tmp_path, share="", note="")
    assert "B1" not in found
    assert "B10" not in found
    sheet = opened(tmp_path / "after.xlsx")["Inputs"]
    assert (sheet["B1"].number_format, sheet["B1"].font.bold) == ("0.0%", True)


def test_results_follow_and_nothing_else_changes(book, tmp_path):
    found = after(book, tmp_path, share="0.5", size="3")
    assert found["G1"] == 1.5
    old, new = parts(book), parts(tmp_path / "after.xlsx")
    assert [name for name in old if old[name] != new[name]] == ["xl/worksheets/sheet1.xml"]
    assert values(tmp_path / "after.xlsx", "Lists") == values(book, "Lists")


def test_setting_what_is_there_already_says_so_and_leaves_the_file(tmp_path):
    book = input_book(tmp_path / "book.xlsx")
    set_inputs(book, {"size": "4"})
    before = book.read_bytes()
    done = CliRunner().invoke(app, ["set", str(book), "size=4", "--in-place"])
    assert "size: 4 → 4 (as it was)" in done.output
    assert book.read_bytes() == before


def test_the_command_says_what_it_changed(book, tmp_path):
    target = tmp_path / "out.xlsx"
    done = CliRunner().invoke(app, ["set", str(book), "share=50%", "days=", "-o", str(target)])
    assert done.exit_code == 0
    shown = ["share: 80.0% → 50.0%", "days: (blank) → (blank) (as it was)"]
    assert done.output.splitlines()[:2] == shown
    told = CliRunner().invoke(app, ["set", str(target), "share=0.6", "--in-place", "--json"])
    data = json.loads(told.output)
    assert data["inputs"] == [{"name": "share", "before": "50.0%", "after": "60.0%"}]
    assert data["recalculation"]["formulas"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["share=1"], "name another file"),
        (["share=1", "--in-place", "-o", "x.xlsx"], "not both"),
        (["share", "--in-place"], "not of the form NAME=VALUE"),
        (["=1", "--in-place"], "not of the form NAME=VALUE"),
        (["share=1", "Share=2", "--in-place"], "given twice"),
        (["share=1", "-o", "x.txt"], "a workbook's name ends with"),
    ],
)
def test_a_wrong_command_is_refused(book, words, said):
    before = book.read_bytes()
    done = CliRunner().invoke(app, ["set", str(book), *words])
    assert done.exit_code == 1
    assert said in str(done.exception)
    assert book.read_bytes() == before


def test_the_key_figures_and_the_status_that_changed_are_told(tmp_path):
    book = said_book(tmp_path / "desk.xlsx")
    done = CliRunner().invoke(app, ["set", str(book), "unit=6000", "--in-place"])
    lines = done.output.splitlines()
    assert lines[0] == "unit: 1000 → 6000"
    assert f"  {FIGURES[2].label}: 2,000 → 12,000" in lines
    assert lines[-1] == "BREACH: too much"
    report = set_inputs(book, {"unit": "1000"})
    assert report.figures[0] == (
        "status", "Status", "BREACH: too much", "WATCH: results close to a limit: 1",
    )  # fmt: skip
    again = CliRunner().invoke(app, ["set", str(book), "unit=1000", "--in-place"])
    assert "no key figure changed" in again.output


LIST_OF_2010 = """<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
 uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations count="1"
 xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list"
 allowBlank="1" showErrorMessage="1"><x14:formula1><xm:f>Lists!$A$1:$A$2</xm:f></x14:formula1>
<xm:sqref>B10:B11</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"""


def test_a_list_of_another_sheet_as_excel_2010_writes_it_is_read(tmp_path):
    book = input_book(tmp_path / "book.xlsx")
    part = "xl/worksheets/sheet1.xml"
    content = parts(book)[part].replace(b"</worksheet>", LIST_OF_2010.encode() + b"</worksheet>")
    rebuilt(book, {part: content})
    assert after(book, tmp_path, note="eth")["B10"] == "ETH"
    with pytest.raises(InputError, match="note must be one of BTC, ETH, not as agreed"):
        set_inputs(book, {"note": "as agreed"})


@pytest.fixture(scope="module")
def odd_book(tmp_path_factory):
    """Named cells that a sheet treats in a way of its own."""
    path = tmp_path_factory.mktemp("odd") / "odd.xlsx"
    with Book(path) as book:
        sheet, lists = book.add_worksheet("Odd"), book.add_worksheet("Lists")
        lists.write_column("A1", ["alpha", "7", "50%"])
        lists.write_column("B1", [0.5, 1, True])
        day, clock = (book.add_format({"num_format": code}) for code in ("yyyy-mm-dd", "h:mm"))
        sheet.set_column("F:F", None, day)
        sheet.merge_range("A8:C9", 3)
        columns = [{"header": "coin", "total_string": "all"}, {"header": "size"}]
        table = {"name": "T", "columns": columns, "total_row": True, "data": [["BTC", 1]]}
        sheet.add_table("A12:B14", table)
        sheet.write("D1", 5)
        sheet.data_validation("D1", {"validate": "length", "criteria": "=", "value": 1})
        sheet.write("D2", 0.25, clock)
        sheet.write("D3", 0.25)
        sheet.data_validation("D3", {"validate": "time", "criteria": "<", "value": 0.75})
        sheet.write("D4", "alpha")
        sheet.data_validation("D4", {"validate": "list", "source": "=Lists!$A$1:$A$3"})
        sheet.write("D5", 0.5)
        sheet.data_validation("D5", {"validate": "list", "source": "=Lists!$B$1:$B$3"})
        places = {
            "free": "D9", "day": "F3", "hidden": "B9", "merged": "A8", "heading": "B12",
            "totals": "A14", "row": "B13", "digits": "D1", "clock": "D2", "early": "D3",
            "texts": "D4", "numbers": "D5",
        }  # fmt: skip
        for name, place in places.items():
            book.define_name(name, f"=Odd!${place[0]}${place[1:]}")
        book.define_name("gone", "=#REF!$A$1")
    return path


@pytest.mark.parametrize(
    ("name", "text", "place", "want"),
    [
        ("free", "70%", "D9", 0.7),
        ("day", "2026-03-27", "F3", datetime(2026, 3, 27)),
        ("merged", "4", "A8", 4),
        ("row", "4", "B13", 4),
        ("digits", "7", "D1", 7),
        ("clock", "08:00", "D2", time(8)),
        ("clock", "18:30:36", "D2", time(18, 30, 36)),
        ("early", "06:00", "D3", 0.25),
        ("texts", "7", "D4", "7"),
        ("texts", "50%", "D4", "50%"),
        ("numbers", "50%", "D5", 0.5),
        ("numbers", "1", "D5", 1),
        ("numbers", "true", "D5", True),
    ],
)
def test_a_value_of_an_odd_cell_is_what_the_sheet_makes_of_it(odd_book, tmp_path, name, text,
                                                             place, want):  # fmt: skip
    target = tmp_path / "after.xlsx"
    set_inputs(odd_book, {name: text}, target)
    found = values(target, "Odd")[place]
    assert found == want
    assert isinstance(found, bool) == isinstance(want, bool)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("hidden", "4", "hidden is hidden (Odd!B9): the cells A8:C9 are merged"),
        ("heading", "x", "heading belongs to the heading of the table T (Odd!B12)"),
        ("totals", "x", "totals belongs to the totals row of the table T (Odd!A14)"),
        ("gone", "1", "gone stands for no cell of the workbook: #REF!$A$1"),
        ("clock", "2026-03-27", "clock must be a time of day such as 08:00, not 2026-03-27"),
        ("clock", "08:00+02:00", "clock must be a time of day such as 08:00"),
        ("early", "18:00", "early must be a time as part of a day below 0.75, not 18:00"),
        ("day", "27.3.2026", "day must be a date such as 2026-03-27"),
        ("texts", "8", "texts must be one of alpha, 7, 50%, not 8"),
        ("digits", "12", "digits must be a text equal to 1 characters, not 12"),
        ("row", "a" * 40_000, f"not {'a' * 60}..."),
    ],
)
def test_what_an_odd_cell_does_not_take_is_refused(odd_book, tmp_path, name, text, said):
    with pytest.raises(InputError) as caught:
        set_inputs(odd_book, {name: text}, tmp_path / "after.xlsx")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_date_before_the_first_of_a_workbook_that_counts_from_1904_is_refused(tmp_path):
    with Book(tmp_path / "book.xlsx") as book:
        book.date_1904 = True
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet("S").write_blank("A1", None, day)
        book.define_name("day", "=S!$A$1")
    with pytest.raises(InputError, match="before the workbook's first date, 1904-01-01"):
        set_inputs(tmp_path / "book.xlsx", {"day": "1903-12-31"}, tmp_path / "after.xlsx")
