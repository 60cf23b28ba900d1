"""Mistakes in the tables of the margin workbook: each is told in words, and nothing says OK."""

from datetime import datetime

import pandas as pd
import pytest
from book_helpers import named_values
from mistakes import assert_nothing_says_ok, failing, with_mistakes

from xlhedge.sheet.cells import serial
from xlhedge.templates import fill

QUICK = {"simulation_paths": 100}
# Table, column and row; the value; the check that must fail; words of its finding. Those of one
# group do not hide each other, so one recalculation shows them all.
FIRST = [
    (("Positions", "quantity", 1), None, "Complete positions", "row 1 of Positions lacks"),
    (("Positions", "fee_rate", 1), 0.5, "Liquidation fees", "0.05 % is 0.0005"),
    (("Positions", "instrument", 2), "perp", "Instruments", "row 2 of Positions: the instrument"),
    (("Positions", "account", 3), None, "Futures have an account", "row 3 of Positions is"),
    (("Positions", "account", 4), "Venue X", "Accounts of the positions",
     "Venue X is not in Accounts, which has Venue A, Venue B, Venue B"),
    (("Positions", "days", 6), -1, "Expiry", "row 6 of Positions has expired"),
    (("Accounts", "balance", 1), None, "Complete accounts", "row 1 of Accounts lacks"),
    (("Accounts", "haircut", 2), 5, "Haircuts and rates of debts", "5 % is 0.05"),
    (("Volatilities", "volatility", 1), 55, "Size of volatilities", "BTC is missing, or not a"),
    (("Brackets", "rate", 1), 0.4, "Rates of brackets", "row 1 of Brackets"),
]  # fmt: skip
SECOND = [
    (("Positions", "asset", 3), "XRP", "Brackets of every future", "none for XRP"),
    (("Positions", "asset", 3), "XRP", "Volatility of every coin", "none for XRP: add a row"),
    (("Positions", "account", 4), "venue b", None, None),  # names are compared without case
    (("Positions", "price", 6), 7_000, "Prices of one coin", "in the rows 1, 4, 5, 6 of"),
    (("Positions", "contract", 5), None, "Brackets of inverse contracts", "of their own"),
    (("Positions", "instrument", 2), "spot", "Spot is in custody", "row 2 of Positions is spot"),
    (("Accounts", "price", 2), 7_000, "Prices of Accounts", "row 2 of Accounts"),
    (("Volatilities", "volatility", 2), 0.03, "Size of volatilities", "ETH is missing, or not"),
]  # fmt: skip
THIRD = [
    (("Accounts", "asset", 2), None, "Coins behind inverse contracts",
     "Venue B has inverse contracts and no balance in BTC"),
    (("Brackets", "floor", 1), 10, "The accounts can be valued", "floor 0"),
]  # fmt: skip
PAIRS = ["BTC", "BTC", "ETH", "XRP", "SOL"], ["ETH", "SOL", "BTC", "BTC", None]


@pytest.fixture(scope="module")
def margin(calculated_templates):
    return calculated_templates("margin")[0]


@pytest.mark.parametrize("group", [FIRST, SECOND, THIRD], ids=["first", "second", "third"])
def test_every_mistake_is_told_in_words_and_nothing_says_ok(margin, tmp_path, group):
    cells = {place: value for place, value, *_ in group}
    found = failing(with_mistakes(margin, tmp_path / "wrong.xlsx", cells, QUICK))
    for place, _, label, words in group:
        if label:
            assert words in found.get(label, "not told"), (place, label)
    calculable = {"The accounts can be valued", "The accounts can be simulated"}
    rows = {f"Rows of {table}" for table in ("Positions", "Accounts", "Volatilities", "Brackets")}
    assert set(found) - calculable - rows <= {label for *_, label, _ in group}
    assert_nothing_says_ok(tmp_path / "wrong.xlsx", "margin_status")


@pytest.mark.slow
@pytest.mark.parametrize("mistake", [*FIRST, *SECOND, *THIRD], ids=str)
def test_each_mistake_alone_is_told(margin, tmp_path, mistake):
    place, value, label, words = mistake
    path = with_mistakes(margin, tmp_path / "wrong.xlsx", {place: value}, QUICK)
    found = failing(path)
    if label:
        assert words in found[label]
        assert_nothing_says_ok(path, "margin_status")


def test_rows_of_the_example_left_stale_rows_and_rows_there_twice_are_told(margin, tmp_path):
    day = datetime(2025, 1, 1)
    names = {"kind_of_Positions": "yours", "filled_of_Positions": serial(day) - 3, **QUICK}
    cells = {("Positions", "quantity", 4): -720, ("Positions", "price", 4): 70_000,
             ("Positions", "entry_price", 2): 348}  # fmt: skip
    path = with_mistakes(margin, tmp_path / "wrong.xlsx", cells, names)
    found = failing(path)
    assert found["Age of Positions"].startswith("Positions were filled 72 h ago")
    for table in ("Accounts", "Volatilities", "Brackets"):
        assert found[f"Rows of {table}"] == (
            f"{table} still holds the example rows: put in your own"
        )
    assert_nothing_says_ok(path, "margin_status")
    watched = failing(path, "WATCH")
    assert watched["Rows that are there twice"].startswith("rows 1, 4 of Positions are alike")
    assert watched["Price and entry price"].startswith("row 2 of Positions")


def test_pairs_of_coins_that_cannot_be_are_told(margin, tmp_path):
    ones, others = PAIRS
    rows = {"asset": ones, "other_asset": others, "correlation": [0.99, -0.9, 0.5, 0.5, 0.3]}
    path = tmp_path / "pairs.xlsx"
    fill(margin, {"Correlations": pd.DataFrame(rows)}, path)
    found = failing(path)
    assert "SOL and : enter two coins" in found["Complete pairs"]
    assert found["Coins of pairs"] == "Correlations, XRP and BTC: no such coin in Volatilities"
    assert "BTC and ETH, ETH and BTC" in found["Pairs once"]
    assert "no assets can move like this together" in found["The accounts can be simulated"]
    typed = with_mistakes(margin, tmp_path / "typed.xlsx", {("Correlations", "correlation", 1): 5})
    assert "between -1 and 1" in failing(typed)["Size of correlations"]
    assert_nothing_says_ok(path, "margin_status")


def test_days_to_expiry_run_on_after_the_filling(margin, tmp_path):
    filled = serial(datetime(2025, 1, 1)) - 100
    names = {"filled_of_Positions": filled, **QUICK}
    path = with_mistakes(margin, tmp_path / "old.xlsx", {}, names)
    assert failing(path)["Expiry"] == "row 6 of Positions has expired: delete or roll it"


def test_an_inverse_row_is_valued_in_its_coin(margin, tmp_path):
    """An inverse position taken for a linear one gave an equity of four billion."""
    cells = {("Positions", "instrument", 1): "inverse"}
    path = with_mistakes(margin, tmp_path / "inverse.xlsx", cells, QUICK)
    assert "of their own" in failing(path)["Brackets of inverse contracts"]
    shown = named_values(path)
    assert shown["highest_ratio"] == "see below" or shown["highest_ratio"] < 10
