"""Checks that measure something: each figure has one cell, and one in error fails its check."""

import numpy as np
import pytest
from book_helpers import opened
from expected_checks import correlations
from mistakes import failing, with_mistakes

from xlhedge.recalc import recalculate
from xlhedge.templates import _checks, _history_checks
from xlhedge.templates._checks import Check
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import rows_of
from xlhedge.workbook.package import Package

COLUMNS = ("spot", "futures", "rate")
ROWS = 420


def market():
    """Prices of a coin and its future with a premium of its own, and a rate that never moves."""
    random = np.random.default_rng(7)
    spot = 100 * np.exp(np.cumsum(random.normal(0, 0.01, ROWS)))
    return spot, spot * np.exp(random.normal(0, 0.0005, ROWS)), np.full(ROWS, 0.0001)


def checked(path, columns, checks):
    """Label to status, finding and measured cells of a workbook with one table and these checks."""
    book = Book("Checked", "", "")
    sheet, rows = book.sheet("Data", "#000000", (9, 9, 9)), list(zip(*columns, strict=True))
    sheet.table("Data", (0, 0), [(name, "quantity", "") for name in COLUMNS], rows)
    _checks.write(_checks.prepare(book), checks, [rows_of("Data", COLUMNS, rows, COLUMNS)],
                  settings=_history_checks.SETTINGS)  # fmt: skip
    recalculate(book.save(path), in_place=True)
    lines = opened(path, values=True)["Checks"].iter_rows(values_only=True)
    return {line[2]: (line[3], line[4], line[11:14]) for line in lines}


@pytest.fixture
def pair():
    return _history_checks.pair("BTC", "Data[spot]", "Data[futures]")


def test_a_figure_that_several_cells_need_has_one_cell(tmp_path, pair):
    spot, futures, rate = market()
    found = checked(tmp_path / "book.xlsx", (spot, futures, rate), pair)
    assert found["BTC: spot and future in step"][2] == pytest.approx(correlations(spot, futures))
    assert [found[check.label][0] for check in pair] == ["OK"] * 3
    late = (spot, np.roll(futures, 1), rate)
    found = checked(tmp_path / "late.xlsx", late, pair)
    status, text, figures = found["BTC: spot and future in step"]
    assert (status, figures[0] < 0.5) == ("CHECK", True)
    assert f"earlier (correlation {max(figures):.2f}, in the same row {figures[0]:.2f})" in text
    assert found["BTC: correlation of spot and future"][:2] == (
        "CHECK",
        f"the returns of BTC and its future have correlation {figures[0]:.2f}: the columns are of "
        "different coins, or out of step",
    )


def test_a_figure_in_error_fails_every_check_that_reads_it(tmp_path, pair):
    spot, futures, rate = market()
    futures[200] = -1.0
    found = checked(tmp_path / "book.xlsx", (spot, futures, rate), pair)
    for label in ("BTC: spot and future in step", "BTC: correlation of spot and future"):
        assert found[label][:2] == (
            "CHECK", "it cannot be judged: something that it reads is in error",
        )  # fmt: skip
    assert found["BTC: spot and future in step"][2] == ("error",) * 3


def test_what_is_not_judged_measures_nothing(tmp_path, pair):
    stamps = _history_checks.stamps("Data[spot]", "Data[futures]", "Data[rate]")
    short = Check("data", "short", "measured_1>0", '""', "ROWS(Data[spot])>1000000", "few rows",
                  measured=("1/0",))  # fmt: skip
    found = checked(tmp_path / "book.xlsx", market(), (*pair, stamps, short))
    status, text, figures = found["Closes and funding stamped alike"]
    assert (status, text) == (
        "NOT JUDGED",
        "too few rows, or most rows have no funding, or all the same",
    )
    assert not any(figures)
    assert found["short"] == ("NOT JUDGED", "few rows", (None, None, None))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("basis_history", "History"),
        ("basis_history", "Dated"),
        ("funding_table", "Funding_A"),
        ("hedge_desk", "History"),
        ("stress_grid", "History"),
        ("volatility_target", "Candles"),
    ],
)
def test_a_row_that_has_lost_its_time_takes_the_status(calculated_templates, tmp_path, name, table):
    source = calculated_templates(name)[0]
    rows = Package.open(source).table(table).data.height
    path = with_mistakes(source, tmp_path / "wrong.xlsx", {(table, "time", rows): None})
    assert failing(path)[f"Times of {table}"] == "rows without a time: 1; complete or delete them"


@pytest.mark.slow
def test_a_contract_on_a_coin_that_is_not_held_is_looked_at(calculated_templates, tmp_path):
    source = calculated_templates("portfolio")[0]
    path = with_mistakes(source, tmp_path / "odd.xlsx", {("Contracts", "Underlying", 1): "XBT"})
    assert "is it spelled alike?" in failing(path, "WATCH")["Coins of Contracts"]
