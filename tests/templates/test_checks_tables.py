"""Mistakes in the rows of the templates of tables, each caught by its check and said in words."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import real_tables
from book_helpers import named_values, opened
from checked_books import failing, found, judged
from shared_data import needs_data

from xlhedge.sheet.cells import serial
from xlhedge.templates._sample import history as sample

MOMENT = datetime(2026, 3, 1, 12, 30)
LAST = datetime(2026, 3, 1, 8)
ROWS = 420


def history(rows=ROWS, hours=8):
    """A market of one coin whose last row is four hours old."""
    made = sample(rows=rows, seed=5)
    time = [LAST - timedelta(hours=hours * back) for back in range(rows)][::-1]
    return {
        "time": time,
        "spot": made.spot.tolist(),
        "futures": made.futures.tolist(),
        "funding_rate": made.funding_rate.tolist(),
    }


def quotes(*days):
    return {
        "Contract": [f"BTC {day}" for day in days],
        "Expiry": [LAST + timedelta(days=day) for day in days],
        "Price": [70_000 * (1 + 0.06 * day / 365) for day in days],
    }


def dated(rows=60, expiry_days=40.0):
    market = history(rows)
    carry = [0.06 + 0.01 * (row % 7 - 3) / 3 for row in range(rows)]
    years = [(expiry_days + 8 / 24 * back) / 365 for back in range(rows)][::-1]
    futures = [
        spot * (1 + rate * year)
        for spot, rate, year in zip(market["spot"], carry, years, strict=True)
    ]
    return {"time": market["time"], "spot": market["spot"], "futures": futures}


def basis(**changes):
    """The three tables of basis_history; a change replaces columns of one."""
    tables = {"History": history(), "Futures": quotes(30, 90), "Dated": dated()}
    for table, columns in changes.items():
        tables[table] = tables[table] | columns
    return tables


DATED_INPUTS = {"dated_expiry": serial(LAST + timedelta(days=40)), "dated_hours": 8}


@pytest.mark.slow
def test_a_basis_book_in_order_is_ok_on_every_sheet(tmp_path):
    path = judged("basis_history", basis(), tmp_path, MOMENT, DATED_INPUTS)
    shown = named_values(path)
    assert found(path, "CHECK", "WATCH", "NOT JUDGED") == {}
    assert shown["basis_status"].startswith(("OK: the basis is", "WATCH: the basis is"))
    assert shown["carry_status"] == shown["dated_status"] == "OK"
    assert shown["example_notice"] in (None, "")


def moved(rows):
    """A column that lags by one row."""
    return [rows[0], *rows[:-1]]


HISTORY = history()
MISTAKES = {
    "an hour's rows for 8 hours'": (
        {"History": {"time": [LAST - timedelta(hours=row) for row in range(ROWS)][::-1]}},
        "Interval of History", "change interval_hours",
    ),
    "old rows": (
        {"History": {"time": [time - timedelta(days=3) for time in HISTORY["time"]]}},
        "Age of History", "add newer rows",
    ),
    "a future that lags by a row": (
        {"History": {"futures": moved(HISTORY["futures"])}},
        "the coin: spot and future in step", "stamped by another clock",
    ),
    "another coin's future": (
        {"History": {"futures": history(ROWS)["futures"][::-1]}},
        "the coin: correlation of spot and future", "of different coins",
    ),
    "a future in another unit": (
        {"History": {"futures": [price / 1000 for price in HISTORY["futures"]]}},
        "the coin: prices of spot and future", "units",
    ),
    "rates in per cent": (
        {"History": {"funding_rate": [rate * 100 for rate in HISTORY["funding_rate"]]}},
        "Size of funding of History", "not 0.01 for 0.01 %",
    ),
    "quotes that have expired": (
        {"Futures": quotes(-3, 90)}, "Expiries of Futures", "1 dated quotes expired before",
    ),
    "quotes of another coin": (
        {"Futures": {"Price": [3_500.0, 3_600.0]}}, "Prices of Futures", "2 dated quotes",
    ),
    "the expiry of the contract before": (
        {"dated_expiry": serial(LAST - timedelta(days=1))}, "Expiry of Dated", "is not before",
    ),
}  # fmt: skip


def mistaken(changes):
    """Tables and inputs of basis_history with changes to either."""
    tables = basis(**{name: value for name, value in changes.items() if name in basis()})
    inputs = {name: value for name, value in changes.items() if name not in tables}
    return tables, DATED_INPUTS | inputs


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_in_a_basis_book_is_caught_and_told(tmp_path, mistake):
    changes, check, words = MISTAKES[mistake]
    tables, inputs = mistaken(changes)
    path = judged("basis_history", tables, tmp_path, MOMENT, inputs)
    assert words in failing(path)[check]
    assert named_values(path)["basis_status"].startswith("CHECK")


def test_mistakes_in_all_tables_of_a_basis_book_are_told_together(tmp_path):
    chosen = ("old rows", "rates in per cent", "quotes that have expired",
              "the expiry of the contract before")  # fmt: skip
    changes = {}
    for name in chosen:
        for key, value in MISTAKES[name][0].items():
            changes[key] = changes.get(key, {}) | value if isinstance(value, dict) else value
    tables, inputs = mistaken(changes)
    path = judged("basis_history", tables, tmp_path, MOMENT, inputs)
    told = failing(path)
    for name in chosen:
        _, check, words = MISTAKES[name]
        assert words in told[check]
    shown = named_values(path)
    assert shown["basis_status"].startswith("CHECK: ")
    assert shown["carry_status"] == shown["dated_status"] == "CHECK"


@pytest.mark.slow
def test_closes_stamped_with_the_opening_of_their_bar_are_caught(tmp_path):
    rows = history()
    premium = np.log(np.array(rows["futures"]) / np.array(rows["spot"]))
    # A rate is made of the premium of the interval that ends with its payment.
    rates = 0.2 * (np.append(0, premium[:-1]) + premium) / 2
    right = rows | {"funding_rate": rates.tolist()}
    opening = rows | {"funding_rate": [*moved(rates.tolist())]}
    check = "Closes and funding stamped alike"
    for columns, caught in ((right, False), (opening, True)):
        folder = tmp_path / str(caught)
        folder.mkdir()
        path = judged("basis_history", basis(History=columns), folder, MOMENT, DATED_INPUTS)
        assert (check in failing(path)) is caught


NAMES = ("BTC", "ETH", "BTC-PERP", "ETH-PERP")
LEVELS = {"BTC": 60_000.0, "ETH": 3_000.0}


def portfolio(**changes):
    """The three tables of portfolio; a change replaces columns of one."""
    rows = []
    for back in range(60)[::-1]:
        for name in NAMES:
            level = LEVELS[name[:3]] * (1 + 0.01 * ((back * 5) % 7))
            rows.append((LAST - timedelta(days=back), name, level * (1.0005 if "-" in name else 1)))
    time, asset, price = zip(*rows, strict=True)
    tables = {
        "Holdings": {
            "Asset": ["BTC", "ETH"], "Contract": ["BTC-PERP", "ETH-PERP"], "Quantity": [100, 1_000],
            "Price": [60_000, 3_000], "Share": [0.8, 1.0], "Beta": [None, None],
        },
        "Contracts": {
            "Contract": ["BTC-PERP", "ETH-PERP"], "Venue": ["A", "A"], "Underlying": ["BTC", "ETH"],
            "Type": ["linear", "linear"], "Size": [1, 1], "Lot": [0.1, 1], "Tick": [0.1, 0.01],
            "Fee": [0.0005, 0.0005], "Mark": [60_030, 3_001.5], "Held": [-80, -1_000],
        },
        "Prices": {"time": list(time), "asset": list(asset), "price": list(price)},
    }  # fmt: skip
    for table, columns in changes.items():
        tables[table] = tables[table] | columns
    return tables


PRICES = portfolio()["Prices"]


def an_hour_late(name):
    """The times of Prices with those of one name an hour later."""
    return [
        time + timedelta(hours=asset == name)
        for time, asset in zip(PRICES["time"], PRICES["asset"], strict=True)
    ]


PORTFOLIO_MISTAKES = {
    "the sign of a short": (
        {"Contracts": {"Held": [80, -1_000]}}, "Side of what is held", "minus sign",
    ),
    "a share in per cent": (
        {"Holdings": {"Share": [80, 1.0]}}, "Shares of Holdings", "0.8 is 80 %",
    ),
    "a stale price": (
        {"Holdings": {"Price": [57_000, 3_000]}}, "Prices of Holdings", "enter the current price",
    ),
    "a stale mark": (
        {"Contracts": {"Mark": [60_030, 2_900.0]}}, "Marks of Contracts", "1 marks differ",
    ),
    "marks that are swapped": (
        {"Contracts": {"Mark": [3_001.5, 60_030]}}, "Marks against their coins", "2 marks are far",
    ),
    "an unknown contract": (
        {"Holdings": {"Contract": ["BTC-PERP", "ETHPERP"]}}, "Contracts of Holdings",
        "1 holdings name a contract",
    ),
    "an unknown coin": (
        {"Holdings": {"Asset": ["BTC", "SOL"]}}, "Betas of Holdings", "neither prices",
    ),
    "a position that is not entered": (
        {"Contracts": {"Held": [None, -1_000]}}, "Complete rows of Contracts", "row 1 of Contracts",
    ),
    "a lot that is not entered": (
        {"Contracts": {"Lot": [0.1, None]}}, "Complete rows of Contracts", "row 2 of Contracts",
    ),
    "a holding without a quantity": (
        {"Holdings": {"Quantity": [100, None]}}, "Complete rows of Holdings", "row 2 of Holdings",
    ),
    "a size in dollars": (
        {"Contracts": {"Size": [100, 1]}}, "Sizes of Contracts", "1 contracts are worth more",
    ),
    "a fee in per cent": (
        {"Contracts": {"Fee": [0.05, 0.05]}}, "Fees of Contracts", "0.0005 is 0.05 %",
    ),
    "old rows": (
        {"Prices": {"time": [time - timedelta(days=4) for time in PRICES["time"]]}},
        "Age of Prices", "add newer rows",
    ),
    "newest rows first": (
        {"Prices": {name: column[::-1] for name, column in PRICES.items()}},
        "Order of Prices", "sort Prices by time",
    ),
    "a row twice": (
        {"Prices": {name: [*column, column[-1]] for name, column in PRICES.items()}},
        "Duplicates of Prices", "1 rows repeat",
    ),
    "a price of 0": (
        {"Prices": {"price": [*PRICES["price"][:-1], 0.0]}}, "Numbers of Prices", "no positive",
    ),
    "a future's prices an hour later": (
        {"Prices": {"time": an_hour_late("BTC-PERP")}}, "Times of coins and futures",
        "1 holdings and their futures",
    ),
    "another coin's prices": (
        {"Prices": {"price": [price * (1 + 0.05 * (row % 11)) if name == "ETH-PERP" else price
                              for row, (name, price) in enumerate(
                                  zip(PRICES["asset"], PRICES["price"], strict=True))]}},
        "Correlation of coins and their own futures", "1 coins do not move",
    ),
}  # fmt: skip


@pytest.mark.slow
def test_a_portfolio_in_order_is_ok(tmp_path):
    path = judged("portfolio", portfolio(), tmp_path, MOMENT)
    shown = named_values(path)
    assert found(path, "CHECK", "WATCH", "NOT JUDGED") == {}
    assert shown["portfolio_status"] == "OK: every contract is in its band"
    assert shown["hedged_before"] == pytest.approx((80 * 60 + 3_000) / (6_000 + 3_000))


@pytest.mark.slow
@pytest.mark.parametrize("mistake", PORTFOLIO_MISTAKES)
def test_each_mistake_in_a_portfolio_is_caught_and_told(tmp_path, mistake):
    changes, check, words = PORTFOLIO_MISTAKES[mistake]
    path = judged("portfolio", portfolio(**changes), tmp_path, MOMENT, errors=True)
    assert words in failing(path)[check]
    assert named_values(path)["portfolio_status"].startswith("CHECK")
    texts = [c.value for line in opened(path, values=True)["Hedge"].iter_rows() for c in line]
    assert not [text for text in texts if str(text).startswith(("OK", "TRADE"))]


def test_mistakes_in_a_portfolio_are_told_together(tmp_path):
    chosen = ("the sign of a short", "a fee in per cent", "a share in per cent", "a stale price")
    changes = {}
    for name in chosen:
        for table, columns in PORTFOLIO_MISTAKES[name][0].items():
            changes[table] = changes.get(table, {}) | columns
    path = judged("portfolio", portfolio(**changes), tmp_path, MOMENT)
    told = failing(path)
    for name in chosen:
        _, check, words = PORTFOLIO_MISTAKES[name]
        assert words in told[check]
    assert named_values(path)["portfolio_status"].startswith("CHECK: ")


def payments(rows, hours, rate=0.0001, last=LAST):
    """A venue's payments, the last of them four hours old."""
    return {
        "time": [last - timedelta(hours=hours * back) for back in range(rows)][::-1],
        "rate": [rate * (1 + 0.3 * ((row * 7) % 5 - 2)) for row in range(rows)],
        "mark_price": [60_000.0 + 10 * (row % 9) for row in range(rows)],
    }


def funding(**changes):
    """The tables of two venues of funding_table; a change replaces columns of one."""
    tables = {
        "Funding_A": payments(130, 8),
        "Funding_B": payments(260, 4, 0.00005),
        "Funding_C": payments(140, 8),
    }
    for table, columns in changes.items():
        tables[table] = tables[table] | columns
    return tables


FUNDING_MISTAKES = {
    "8-hour rates in the 4-hour column": (
        {"Funding_B": payments(260, 8)}, "Interval of Funding_B", "the rows are 8.0 h apart", "B",
    ),
    "rates in per cent": (
        {"Funding_A": payments(130, 8, 0.01)}, "Size of rates of Funding_A",
        "rates are decimals", "A",
    ),
    "old payments": (
        {"Funding_A": payments(130, 8, last=LAST - timedelta(days=2))}, "Age of Funding_A",
        "add newer rows", "A",
    ),
    "newest rows first": (
        {"Funding_A": {"time": payments(130, 8)["time"][::-1]}}, "Order of Funding_A",
        "oldest first", "A",
    ),
    "missing payments": (
        {"Funding_B": {name: column[:40] + column[60:]
                       for name, column in payments(260, 4).items()}},
        "Single gaps of Funding_B", "1 gaps", "",
    ),
    "mark prices of another coin at the end": (
        {"Funding_A": {"mark_price": [60_000.0] * 129 + [2_000.0]}}, "Mark prices of Funding_A",
        "columns or coins are mixed", "A",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mistake", FUNDING_MISTAKES)
def test_each_mistake_in_funding_is_caught_and_told(tmp_path, mistake):
    changes, check, words, venue = FUNDING_MISTAKES[mistake]
    path = judged("funding_table", funding(**changes), tmp_path, MOMENT, {"interval_C": 8})
    told = found(path, "CHECK", "WATCH")
    assert words in told[check]
    shown = named_values(path)
    if venue:
        assert shown["funding_status"].startswith("CHECK")
        assert shown[f"carry_status_{venue}"] == shown[f"check_{venue}"] == "CHECK"
        assert shown["check_C"] == "OK"


def test_mistakes_of_several_venues_are_told_by_venue(tmp_path):
    chosen = ("8-hour rates in the 4-hour column", "rates in per cent")
    changes = {}
    for name in chosen:
        changes |= FUNDING_MISTAKES[name][0]
    path = judged("funding_table", funding(**changes), tmp_path, MOMENT, {"interval_C": 8})
    told = failing(path)
    for name in chosen:
        _, check, words, _ = FUNDING_MISTAKES[name]
        assert words in told[check]
    shown = named_values(path)
    assert set(told) == {FUNDING_MISTAKES[name][1] for name in chosen}
    assert [shown[f"check_{venue}"] for venue in "ABC"] == ["CHECK", "CHECK", "OK"]
    assert shown["funding_status"].startswith("CHECK: 2 checks failed")


@pytest.mark.slow
def test_a_mean_of_years_does_not_hide_the_last_month(tmp_path):
    rows = payments(1_000, 8)
    rows["rate"] = [0.0004] * 900 + [0.000002 * (1 + row % 3) for row in range(100)]
    path = judged("funding_table", funding(Funding_A=rows), tmp_path, MOMENT, {"interval_C": 8})
    shown = named_values(path)
    assert shown["annual_all_A"] > 0.3
    assert shown["annual_A"] < 0.01
    assert shown["income_A"] == pytest.approx(300 * rows["mark_price"][-1] * shown["annual_A"])
    assert shown["carry_status_A"] == "WATCH: loses"


@pytest.mark.slow
@needs_data
@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_real_candles_with_the_times_of_their_openings_are_caught(tmp_path, coin):
    closing = real_tables.history(coin, "2024-10-01")
    prices = closing.drop(columns="funding_rate")
    prices["time"] -= pd.Timedelta(hours=8)
    opening = prices.merge(real_tables.funding(coin, "2024-10-01"), on="time")
    check = "Closes and funding stamped alike"
    for rows, caught in ((closing, False), (opening, True)):
        folder = tmp_path / str(caught)
        folder.mkdir()
        moment = rows["time"].iloc[-1].to_pydatetime()
        path = judged("basis_history", {"History": rows}, folder, moment)
        told = failing(path)
        assert (check in told) is caught
        assert "4 dated quotes expired" in told["Expiries of Futures"]
        assert named_values(path)["basis_status"].startswith("CHECK: ")
