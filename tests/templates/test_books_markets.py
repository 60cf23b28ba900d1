"""funding_table, portfolio and volatility_target: every cell of ours against the core."""

import statistics
from datetime import datetime

import pytest
from book_helpers import named_values, opened, table_values
from book_values import assert_shows
from expected_markets import expected_funding, expected_portfolio, expected_volatility
from shared_data import needs_data, read

from xlhedge.templates import build, fill

EXPECTED = {
    "funding_table": expected_funding,
    "portfolio": expected_portfolio,
    "volatility_target": expected_volatility,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_cell_that_calls_us_shows_what_the_core_gives(calculated_templates, name):
    path, _ = calculated_templates(name)
    assert_shows(path, EXPECTED[name](path))


def test_the_daily_cash_ends_at_what_funding_pnl_gives(calculated_templates):
    path, _ = calculated_templates("funding_table")
    sheet = opened(path, values=True)["Workings"]
    last = [[cell.value for cell in row][2:5] for row in sheet.iter_rows() if row[2].value][-1]
    shown = named_values(path)
    assert last == pytest.approx([shown[f"cash_{venue}"] for venue in "ABC"])


def test_the_managed_volatility_is_that_of_the_exposures_held(calculated_templates):
    path, _ = calculated_templates("volatility_target")
    cell, rows = named_values(path), table_values(path)["Candles"]
    recent = [
        exposure * (now / before - 1)
        for before, now, exposure in zip(
            rows["close"][-31:-1], rows["close"][-30:], rows["exposure"][-30:], strict=True
        )
    ]
    managed = statistics.stdev(recent) * 365**0.5
    assert opened(path, values=True)["Schedule"]["O52"].value == pytest.approx(managed)
    assert cell["record_managed"] < cell["record_unmanaged"]


def test_a_ticket_brings_each_contract_to_its_target_within_a_lot(calculated_templates):
    path, _ = calculated_templates("portfolio")
    sheet, specs = opened(path, values=True)["Hedge"], table_values(path)["Contracts"]
    header = next(
        row for row in sheet.iter_rows() if row[1].value == "Row" and row[8].value == "Held"
    )
    names = {cell.value: cell.column - 1 for cell in header}
    for number, lot in enumerate(specs["Lot"], 1):
        row = sheet[header[1].row + number]
        target, after = row[names["Target, exact"]].value, row[names["After"]].value
        side = row[names["Side"]].value
        low, high = row[names["Band from"]].value, row[names["Band to"]].value
        assert low <= after <= high
        assert side == "OK: in its band" or abs(after - target) <= lot / 2 + 1e-9
        assert side.startswith("TRADE: sell") == (row[names["Trade"]].value < 0)


def last_rows(name, columns, count):
    """The last rows of a file of real data, under the names of a table's columns."""
    table = read(name)
    found = {target: table[source][-count:] for target, source in columns.items()}
    for target, cells in found.items():
        moment = target == "time"
        found[target] = [
            datetime.fromisoformat(cell[:16]) if moment else float(cell) for cell in cells
        ]
    return found


@pytest.mark.slow
@needs_data
def test_real_funding_of_two_venues_fills_the_table(tmp_path):
    eights = last_rows("binance_BTCUSDT_funding_8h.csv",
                       {"time": "funding_time_utc", "rate": "funding_rate"}, 600)  # fmt: skip
    hours = last_rows(
        "deribit_BTC_perp_funding_1h.csv",
        {"time": "time_utc", "rate": "funding_rate_1h", "mark_price": "perp_close"},
        1500,
    )
    eights["mark_price"] = [65_000.0 + place for place in range(600)]
    path = build("funding_table", tmp_path / "book.xlsx")
    fill(path, {"Funding_A": eights, "Funding_C": hours})
    assert_shows(path, expected_funding(path))
    shown = named_values(path)
    assert shown["annual_all_A"] == pytest.approx(sum(eights["rate"]) / 600 * 3 * 365)
    assert shown["payments_C"] == 1500


@pytest.mark.slow
@needs_data
def test_real_candles_fill_the_table(tmp_path):
    names = {name: f"spot_{name}" for name in ("open", "high", "low", "close")}
    bars = last_rows("binance_BTCUSDT_spot_perp_ohlc_8h.csv",
                     {"time": "open_time_utc", **names}, 3 * 400)  # fmt: skip
    daily = {
        "time": bars["time"][::3],
        "open": bars["open"][::3],
        "high": [max(bars["high"][row : row + 3]) for row in range(0, 1200, 3)],
        "low": [min(bars["low"][row : row + 3]) for row in range(0, 1200, 3)],
        "close": bars["close"][2::3],
    }
    path = build("volatility_target", tmp_path / "book.xlsx")
    fill(path, {"Candles": daily})
    assert_shows(path, expected_volatility(path))
    assert named_values(path)["last_close"] == bars["close"][-1]
