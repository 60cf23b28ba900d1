"""`xlhedge fill` says which checks fail with the new rows, and what to do."""

import json

import pytest
from recalc_helpers import Book
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.daily.summary import figures_of
from xlhedge.workbook.package import TEMPLATE

STALE = "the last row is older than the limit: append rows"


@pytest.fixture
def book(tmp_path):
    """A desk of one table whose check fails when its newest row is below 100."""
    path = tmp_path / "desk.xlsx"
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet, checks = book.add_worksheet("First"), book.add_worksheet("Checks")
        sheet.add_table("A1:A3", {"name": "Rows", "data": [[200], [201]],
                                  "columns": [{"header": "price"}]})  # fmt: skip
        status = '=IF(Checks!C2="OK","OK: fine","CHECK: look at Checks")'
        sheet.write_formula("C1", status, None, "OK: fine")
        book.define_name(figures_of("hedge_desk")[0].name, "=First!$C$1")
        checks.write_row("A1", ["area", "check", "status", "finding"])
        checks.write_row("A2", ["history", "age"])
        checks.write_formula("C2", '=IF(MAX(Rows[price])<100,"CHECK","OK")', None, "OK")
        checks.write_formula("D2", f'=IF(C2="OK","","{STALE}")', None, "")
        book.define_name("checks", "=Checks!$A$1:$D$2")
    return path


def fill(book, tmp_path, price, *words):
    (tmp_path / "rows.csv").write_text(f"price\n{price}\n")
    words = [
        "fill",
        str(book),
        f"Rows={tmp_path / 'rows.csv'}",
        "-o",
        str(tmp_path / "o.xlsx"),
        *words,
    ]
    done = CliRunner().invoke(app, [*words, "--overwrite"])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_check_that_fails_with_the_new_rows_is_told_with_what_to_do(book, tmp_path):
    lines = fill(book, tmp_path, 50).splitlines()
    assert lines[-2:] == ["CHECK: look at Checks", f"  CHECK history, age: {STALE}"]


def test_where_all_is_well_the_status_alone_is_told(book, tmp_path):
    assert fill(book, tmp_path, 300).splitlines()[-1] == "OK: fine"


def test_json_has_the_checks(book, tmp_path):
    data = json.loads(fill(book, tmp_path, 50, "--json"))
    assert data["book"]["word"] == "CHECK"
    assert data["book"]["checks"] == [
        {"area": "history", "check": "age", "status": "CHECK", "finding": STALE}
    ]


def test_without_a_recalculation_nothing_is_said_of_checks(book, tmp_path):
    told = fill(book, tmp_path, 50, "--no-recalc")
    assert "OK: fine" not in told
    assert told.splitlines()[-1].endswith("not recalculated")
