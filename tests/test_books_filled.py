"""Real market history, funding and brackets put into the templates by `fill`, against the core."""

import json

import pandas as pd
import pytest
from book_helpers import named_values, table_values
from book_values import assert_shows, changed, place
from shared_data import DATA, needs_data
from test_books_basis import expected_figures as expected_basis
from test_books_margin import expected_figures as expected_margin
from test_books_markets import expected_funding, expected_volatility
from test_books_stress import expected_figures as expected_stress
from test_hedge_desk import assert_desk_is_right

from xlhedge.books import fill
from xlhedge.recalc import Package

pytestmark = [needs_data, pytest.mark.slow]


def frame(name, mapping, time):
    """The columns of a file that a table wants, by the table's names; times to the minute."""
    rows = pd.read_csv(DATA / name)[list(mapping)].rename(columns=mapping)
    rows["time"] = pd.to_datetime(rows["time"], utc=True).dt.round("min").dt.tz_localize(None)
    return rows[rows["time"] >= pd.Timestamp(time)]


def funding(coin, since="2024-03-01"):
    return frame(
        f"binance_{coin}USDT_funding_8h.csv",
        {"funding_time_utc": "time", "funding_rate": "funding_rate"},
        since,
    )


def history(coin, since="2024-03-01"):
    """Closes at the ends of their bars, with the funding paid at that time."""
    prices = frame(
        f"binance_{coin}USDT_spot_perp_ohlc_8h.csv",
        {"open_time_utc": "time", "spot_close": "spot", "perp_close": "futures"},
        "2020-01-01",
    )
    prices["time"] += pd.Timedelta(hours=8)
    return prices.merge(funding(coin, since), on="time")


def brackets(*assets):
    published = json.loads((DATA / "binance_leverage_tiers_majors.json").read_text())
    return pd.DataFrame([
        {"asset": asset, "floor": tier["minNotional"], "rate": tier["mmr"],
         "amount": tier["cum"], "max_leverage": tier["maxLeverage"]}
        for asset in assets for tier in published[f"{asset}/USDT:USDT"]
    ])  # fmt: skip


def filled(calculated_templates, name, tables, target):
    """A copy of a template with other rows; every row has arrived."""
    report = fill(calculated_templates(name)[0], tables, target)
    assert report.recalculation.errors == []
    found = table_values(target)
    for table, rows in tables.items():
        for title, values in rows.items():
            assert len(found[table][title]) == len(rows)
            if pd.api.types.is_numeric_dtype(values):
                assert found[table][title] == pytest.approx(list(values), rel=1e-12)
    return target


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_desk(calculated_templates, coin, tmp_path):
    rows = history(coin)
    assert len(rows) > 2000
    tables = {"History": rows, "Tiers": brackets(coin)[["floor", "rate", "max_leverage"]]}
    path = filled(calculated_templates, "hedge_desk", tables, tmp_path / "desk.xlsx")
    assert_desk_is_right(path)
    assert named_values(path)["interval_status"] == "OK"


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_basis(calculated_templates, coin, tmp_path):
    rows = history(coin, "2024-10-01")
    last = rows.iloc[-1]
    days = [31, 59, 120]  # quotes at 6 % a year: the files have none of dated futures
    quotes = pd.DataFrame({
        "Contract": [f"{coin} {number}" for number in days],
        "Expiry": [last["time"] + pd.Timedelta(days=number) for number in days],
        "Price": [last["spot"] * (1 + 0.06 * number / 365) for number in days],
    })  # fmt: skip
    tables = {"History": rows, "Futures": quotes}
    path = filled(calculated_templates, "basis_history", tables, tmp_path / "basis.xlsx")
    assert_shows(path, expected_basis(path))
    assert named_values(path)["interval_status"] == "OK"


def test_the_funding_of_two_coins_and_two_venues_at_their_intervals(calculated_templates, tmp_path):
    def payments(coin):
        return history(coin, "2025-01-01").rename(
            columns={"funding_rate": "rate", "futures": "mark_price"}
        )[["time", "rate", "mark_price"]]

    hourly = frame(
        "deribit_BTC_perp_funding_1h.csv",
        {"time_utc": "time", "funding_rate_1h": "rate", "index_price": "mark_price"},
        "2025-12-01",
    )
    tables = {"Funding_A": payments("BTC"), "Funding_B": payments("ETH"), "Funding_C": hourly}
    source, _ = calculated_templates("funding_table")
    assert [named_values(source)[f"interval_{venue}"] for venue in "ABC"] == [8, 4, 1]
    eight = tmp_path / "eight.xlsx"
    changed(source, eight, *interval_of(source, "interval_B"), 8)
    path = filled(lambda _: (eight, None), "funding_table", tables, tmp_path / "funding.xlsx")
    assert_shows(path, expected_funding(path))


def interval_of(path, name):
    from book_helpers import opened

    return place(opened(path), name)


def test_the_brackets_of_more_coins(calculated_templates, tmp_path):
    rows = brackets("BTC", "ETH", "SOL", "XRP", "DOGE")
    path = filled(calculated_templates, "margin", {"Brackets": rows}, tmp_path / "margin.xlsx")
    assert_shows(path, expected_margin(path))


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_volatility_of_candles(calculated_templates, coin, tmp_path):
    names = {"open_time_utc": "time"} | {
        f"spot_{part}": part for part in ("open", "high", "low", "close")
    }
    candles = frame(f"binance_{coin}USDT_spot_perp_ohlc_8h.csv", names, "2024-10-01")
    days = candles.set_index("time").resample("D")  # the template's bars are of 24 hours
    daily = days.agg({"open": "first", "high": "max", "low": "min", "close": "last"})
    tables = {"Candles": daily.reset_index()}
    path = filled(calculated_templates, "volatility_target", tables, tmp_path / "target.xlsx")
    assert_shows(path, expected_volatility(path))


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_replay_of_the_stress_grid(calculated_templates, coin, tmp_path):
    tables = {"History": history(coin, "2025-09-01")}
    path = filled(calculated_templates, "stress_grid", tables, tmp_path / "stress.xlsx")
    assert_shows(path, expected_stress(path))


def test_a_filled_copy_leaves_its_template_alone(calculated_templates, tmp_path):
    source, _ = calculated_templates("hedge_desk")
    before = source.read_bytes()
    rows = history("BTC", "2025-01-01")
    filled(calculated_templates, "hedge_desk", {"History": rows}, tmp_path / "desk.xlsx")
    assert source.read_bytes() == before
    assert Package.open(source).defined_names
