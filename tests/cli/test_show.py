"""`xlhedge show`: what a workbook says, read from the values that it holds."""

import json
from datetime import datetime, timedelta

import pytest
from book_helpers import named_values
from input_books import input_book
from places import ROOT
from recalc_helpers import Book
from said_books import FIGURES, judged_book, said_book
from typer.testing import CliRunner

from xlhedge import __version__
from xlhedge.cli import app
from xlhedge.cli import show as showing
from xlhedge.daily.summary import Check, paired, read, word_of
from xlhedge.templates import TEMPLATES
from xlhedge.templates._theme import STATUS
from xlhedge.workbook.package import TEMPLATE

DESK = ROOT / "workbooks" / "hedge_desk.xlsx"


def show(*words):
    return CliRunner().invoke(app, ["show", *map(str, words)])


def test_a_desk_says_its_status_when_it_was_calculated_and_its_figures_with_units():
    before = DESK.read_bytes()
    done = show(DESK)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    cells = named_values(DESK)
    assert lines[0].endswith("hedge_desk.xlsx: hedge_desk")
    assert lines[1] == f"{cells['dash_status']} (valued at 2025-12-31 16:00 UTC)"
    assert f"Calculated by xlhedge {__version__}, as shipped" in lines
    (line,) = (line for line in lines if "Contracts to trade" in line)
    assert line.split()[-2:] == ["-720", "contracts"]
    assert DESK.read_bytes() == before


def copied(source, target):
    target.write_bytes(source.read_bytes())
    return target


def test_the_self_test_is_a_template_whose_status_is_its_verdict(tmp_path):
    lines = show(
        copied(DESK.with_name("self_test.xlsx"), tmp_path / "own.xlsx")
    ).output.splitlines()
    assert lines[0] == f"{tmp_path / 'own.xlsx'}: self_test"
    said = read(tmp_path / "own.xlsx")
    assert (said.template, said.figures[0].label) == ("self_test", "Checks passed")


def test_json_holds_the_values_beside_their_texts():
    (book,) = json.loads(show(DESK, "--json").output)
    assert (book["template"], book["word"]) == ("hedge_desk", word_of(book["status"]))
    figure = next(item for item in book["figures"] if item["name"] == "dash_contracts")
    assert figure == {
        "label": "Contracts to trade",
        "name": "dash_contracts",
        "value": -720.0,
        "text": "-720",
        "unit": "contracts",
    }
    as_of = next(item for item in book["figures"] if item["name"] == "dash_as_of")
    assert as_of["value"].replace("T", " ").startswith(as_of["text"])


def test_a_label_that_the_sheet_writes_itself_is_taken_from_there(tmp_path, monkeypatch):
    status, first, *_ = FIGURES
    figures = (
        status,
        first._replace(label="VaR, held", name="dash_var_held"),
        first._replace(label="VaR, after the trade", name="dash_var_after"),
        first._replace(label="Chance", name="dash_chance"),
    )
    monkeypatch.setitem(TEMPLATES, "hedge_desk", TEMPLATES["hedge_desk"]._replace(figures=figures))
    with Book(tmp_path / "desk.xlsx") as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", ["OK: fine", 5, 3, 0.1])
        for row, figure in enumerate(figures, 1):
            book.define_name(figure.name, f"=S!$A${row}")
        sheet.write_column("B1", ["VaR 99 %, 1 day", "Chance, 7 days"])
        book.define_name("label_of_dash_var", "=S!$B$1")
        book.define_name("label_of_dash_chance", "=S!$B$2")
    said = read(tmp_path / "desk.xlsx")
    assert [row.label for row in paired(said.figures)] == ["VaR 99 %, 1 day", "Chance, 7 days"]


def test_a_book_of_others_is_named_as_such_and_shows_its_named_cells(tmp_path):
    done = show(input_book(tmp_path / "own.xlsx"))
    first, header, *lines = done.output.splitlines()
    assert first.endswith("own.xlsx is no template of xlhedge: these are its named cells")
    assert header.split() == ["name", "value"]
    assert ["share", "80.0%"] in [line.split() for line in lines]
    assert not any("several" in line for line in lines)


def test_a_book_without_names_says_that_there_is_nothing_to_show(tmp_path):
    with Book(tmp_path / "bare.xlsx") as book:
        book.add_worksheet()
    done = show(tmp_path / "bare.xlsx")
    assert done.exit_code == 0
    assert done.output.endswith("names no cell: nothing can be shown\n")


def test_failed_checks_stand_with_what_to_do_and_the_gravest_first(tmp_path):
    rows = (
        ("history", "interval", "OK", ""),
        ("prices", "against the last row", "WATCH", "ETH stands 3 % off: refresh it"),
        ("accounts", "an account for each future", "NOT JUDGED", "enter a limit"),
        ("history", "age", "CHECK", "the last row is 40 hours old: append rows"),
        ("positions", "example rows left", "EXAMPLE", ""),
    )
    path = said_book(tmp_path / "book.xlsx", checks=rows, sources="History: prices.csv, 9 rows")
    assert [check.area for check in read(path).failed] == ["history", "prices", "accounts"]
    lines = show(path).output.splitlines()
    assert lines[1] == "WATCH: results close to a limit: 1"
    assert lines[2] == "  CHECK history, age: the last row is 40 hours old: append rows"
    assert lines[4] == "  NOT JUDGED accounts, an account for each future: enter a limit"
    assert lines[5] == "Sources: History: prices.csv, 9 rows"


def test_many_checks_that_could_not_be_judged_are_one_line(tmp_path):
    rows = [(f"venue_{area}", f"check {n}", "NOT JUDGED", "no rows") for area in "DE" for n in "12"]
    path = said_book(tmp_path / "book.xlsx", checks=[*rows, ("history", "age", "WATCH", "old")])
    lines = show(path).output.splitlines()
    assert lines[2] == "  WATCH history, age: old"
    assert lines[3].startswith("  NOT JUDGED venue_D, venue_E, 4 checks: what they need is missing")
    assert "no rows" not in "".join(lines)
    assert len(read(path).failed) == 5


def test_a_narrow_range_of_that_name_is_no_list_of_checks(tmp_path):
    with Book(tmp_path / "own.xlsx") as book:
        book.add_worksheet("S").write_column("A1", ["OK", "CHECK"])
        book.define_name("checks", "=S!$A$1:$A$2")
    assert read(tmp_path / "own.xlsx").checks == ()


def test_checks_that_are_whole_columns_are_read_to_the_last_row_of_the_sheet(tmp_path):
    with Book(tmp_path / "own.xlsx") as book:
        book.add_worksheet("S").write_row("A3", ["area", "age", "CHECK", "append rows"])
        book.define_name("checks", "=S!$A:$D")
    assert read(tmp_path / "own.xlsx").checks == (Check("area", "age", "CHECK", "append rows"),)


def test_one_that_cannot_be_read_does_not_hide_the_others(tmp_path):
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"no workbook")
    done = show(bad, DESK)
    assert done.exit_code == 1
    assert "bad.xlsx" in done.stderr
    assert "hedge_desk" in done.stdout
    assert [book["template"] for book in json.loads(show(DESK, bad, "--json").stdout)] == [
        "hedge_desk"
    ]


@pytest.mark.parametrize("word", STATUS)
def test_a_status_is_a_word_in_the_colour_that_the_sheets_give_it(word):
    text = showing.status(f"{word}: close to a limit")
    assert text.plain == f"{word}: close to a limit"
    assert text.spans[0].style.endswith(f" on {STATUS[word]['bg_color']}")


@pytest.mark.parametrize(
    ("status", "word"), [("OKAY", ""), ("", ""), ("NOT JUDGED: x", "NOT JUDGED")]
)
def test_only_the_whole_word_counts(status, word):
    assert word_of(status) == word
    assert Check("a", "b", status or "OK", "").failed == (word == "NOT JUDGED")


def test_a_program_that_reads_gets_no_colours():
    assert "\x1b" not in show(DESK).output


@pytest.mark.parametrize(("hours", "word"), [(24, "OK"), (25, "CHECK")])
def test_an_ok_that_the_clock_gave_too_long_ago_is_a_check(tmp_path, hours, word):
    book = judged_book(tmp_path / "desk.xlsx")
    said = read(book).on(datetime(2026, 1, 1) + timedelta(hours=hours))
    assert said.word == word
    if word == "CHECK":
        assert said.status.startswith("CHECK: judged 25 h ago, and 24 h are accepted: bring")
        assert said.status.endswith("It was OK: fine")
        assert said.failed[0].check == "Age of the values"
        assert show(book).output.splitlines()[1].startswith("CHECK: judged ")
        assert json.loads(show(book, "--json").output)[0]["word"] == "CHECK"


def test_a_book_that_was_valued_for_a_time_keeps_its_status(tmp_path):
    book = judged_book(tmp_path / "desk.xlsx", datetime(2026, 1, 1))
    assert read(book).on(datetime(2036, 1, 1)).word == "OK"
    assert show(book).output.splitlines()[1] == "OK: fine (valued at 2026-01-01 00:00 UTC)"
