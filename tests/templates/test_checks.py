"""The sheet Checks and the sources of rows, on volatility_target: the blocks of all templates."""

import re
from datetime import datetime, timedelta

import openpyxl
import pytest
from book_helpers import named_values, opened, plain, rows_of

from xlhedge.filling import fill
from xlhedge.filling.provenance import named_cell, write_named
from xlhedge.filling.sources import from_memory
from xlhedge.recalc import recalculate
from xlhedge.sheet.cells import serial
from xlhedge.workbook.package import Package

MOMENT = datetime(2026, 3, 1, 12, 30)
START = datetime(2026, 1, 1)


def candles(rows=60, hours=24, factor=None):
    """Closes that move a little, with the same high and low."""
    closes = [100.0 + (row * 7) % 5 for row in range(rows)]
    if factor:
        closes[rows // 2] *= factor
    time = [START + timedelta(hours=hours * row) for row in range(rows)]
    return {"time": time, "open": closes, "high": closes, "low": closes, "close": closes}


def filled(tmp_path, rows, **options):
    """A fresh workbook with these rows, filled at a fixed moment."""
    path = plain("volatility_target", tmp_path / "book.xlsx")
    fill(path, {"Candles": rows}, moment=MOMENT, **options)
    return path


def failing(path):
    """The findings of the checks that failed, by what they ask."""
    found = {}
    for row in rows_of(path, "Checks"):
        if row[3] == "CHECK":
            found[row[2]] = row[4]
    return found


def test_a_fresh_workbook_is_an_example_and_no_check_fails(calculated_templates):
    path, _ = calculated_templates("volatility_target")
    shown = named_values(path)
    assert failing(path) == {}
    assert shown["vol_status"].startswith("EXAMPLE, not your book. TRADE")
    assert shown["example_notice"].startswith("EXAMPLE")


@pytest.mark.parametrize(
    ("rows", "label", "words"),
    [
        (candles(hours=8), "Interval of Candles",
         "the rows are 8.0 h apart, the input says 24.0: change the hours of a bar on Volatility"),
        (candles(), "Age of Candles", "add newer rows"),
        (candles(factor=3), "Largest move of one row", "191%"),
        (candles() | {"high": [90.0] * 60}, "High and low of Candles", "mixed up"),
        (candles(rows=90), "Future rows of Candles", "clear or change the valuation time"),
    ],
    ids=["interval", "age", "move", "mixed up", "future"],
)  # fmt: skip
def test_a_wrong_history_takes_the_status_and_says_what_to_do(tmp_path, rows, label, words):
    path = filled(tmp_path, rows, recalculate=False)
    judged_at(path, datetime(2026, 3, 20) if label == "Age of Candles" else MOMENT)
    found = failing(path)
    assert words in found[label]
    status = named_values(path)["vol_status"]
    assert status.startswith("CHECK: ")
    assert next(iter(found.values())) in status


def judged_at(path, moment):
    """Set the valuation time, and calculate."""
    package = Package.open(path)
    write_named(package, {package.named_areas["valuationtime"]: serial(moment)})
    path.write_bytes(package.to_bytes())
    recalculate(path, in_place=True)


def test_rows_of_ones_own_are_told_with_their_source_and_the_time_of_filling(tmp_path):
    path = filled(tmp_path, candles())
    shown = named_values(path)
    assert shown["ValuationTime"] is None
    assert shown["kind_of_Candles"] == "yours"
    assert shown["sources_line"] == (
        "Candles: data in memory, 60 rows, 2026-01-01 to 2026-03-01, filled 2026-03-01 12:30"
    )
    assert shown["example_notice"] in (None, "")
    assert not shown["vol_status"].startswith("EXAMPLE")
    foot = opened(path)["Volatility"].oddFooter.left.text
    assert re.fullmatch("Sources: Candles: data in memory", foot)


def test_rows_appended_to_the_example_leave_it_an_example(tmp_path):
    path = plain("volatility_target", tmp_path / "book.xlsx")
    more = candles(rows=3)
    more["time"] = [datetime(2026, 2, 5) + timedelta(days=row) for row in range(3)]
    fill(path, {"Candles": more}, moment=MOMENT, append=True)
    shown = named_values(path)
    assert shown["is_of_Candles"] == "sample"
    assert "then data in memory" in shown["source_of_Candles"]


def test_rows_typed_over_the_example_are_ones_own_and_stay_so_when_rows_come_after(tmp_path):
    path = plain("volatility_target", tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    book["Candles"]["F10"] = 12_345
    book.save(path)
    recalculate(path, in_place=True)
    assert named_values(path)["is_of_Candles"] == "yours"
    more = candles(rows=1) | {"time": [datetime(2026, 2, 5)]}
    longer = tmp_path / "longer.xlsx"
    fill(path, {"Candles": more}, longer, moment=MOMENT, append=True)
    shown = named_values(longer)
    assert shown["is_of_Candles"] == shown["kind_of_Candles"] == "yours"
    assert shown["sources_line"].startswith("Candles: typed in, then data in memory, ")
    again = more | {"time": [datetime(2026, 2, 6)]}
    fill(longer, {"Candles": again}, moment=MOMENT, append=True, recalculate=False)
    source = named_cell(Package.open(longer), "source_of_Candles").value
    assert source == "typed in, then data in memory"


@pytest.mark.parametrize("own", [False, True], ids=["the example's", "the user's"])
def test_filling_clears_the_valuation_time_of_the_example_and_leaves_the_users(tmp_path, own):
    path = plain("volatility_target", tmp_path / "book.xlsx")
    if own:
        package = Package.open(path)
        write_named(package, {package.named_areas["valuationtime"]: serial(MOMENT)})
        path.write_bytes(package.to_bytes())
    fill(path, {"Candles": candles()}, moment=MOMENT, recalculate=False)
    found = named_cell(Package.open(path), "ValuationTime").value
    assert found == (serial(MOMENT) if own else None)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("binance BTC/USDT:USDT, ETH/USDT:USDT", "binance BTC/USDT:USDT, ETH/USDT:USDT"),
        ("folder/spot.csv, folder/funding.zip", "spot.csv, funding.zip"),
        ("query.sql of postgresql://desk/prices", "query.sql of postgresql://desk/prices"),
    ],
)
def test_a_source_is_told_without_the_folders_of_its_files(tmp_path, source, told):
    path = plain("volatility_target", tmp_path / "book.xlsx")
    fill(path, {"Candles": from_memory(candles(), source)}, moment=MOMENT, recalculate=False)
    assert named_cell(Package.open(path), "source_of_Candles").value == told
