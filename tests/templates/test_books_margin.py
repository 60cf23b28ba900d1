"""The margin workbook: every figure from its inputs, and its brackets against the venue's."""

import json

import pandas as pd
import pytest
from book_helpers import emptied, named_values, opened, table_values
from book_values import assert_shows, below, changed, place
from expected_margin import book_of, expected_figures, moves_of
from shared_data import DATA, needs_data

from xlhedge import call
from xlhedge.errors import FileError
from xlhedge.recalc import recalculate
from xlhedge.templates import fill


@pytest.fixture(scope="module")
def margin(calculated_templates):
    return calculated_templates("margin")[0]


def test_every_cell_that_calls_us_shows_what_the_core_gives_for_the_same_inputs(margin):
    assert_shows(margin, expected_figures(margin))


def test_all_coins_move_together_in_the_probability_of_the_shipped_account(margin):
    shown = named_values(margin)
    assert shown["any_2"] == pytest.approx(0.052, abs=0.003)
    assert shown["any_3"] == pytest.approx(0.330, abs=0.006)
    alone = call("LIQ_PROBABILITY", 70_000, 88_255.9, 0.55, [[7, 30]])[0]
    assert shown["any_2"] > 10 * alone[0]
    assert shown["any_3"] > 2 * alone[1]


def test_what_is_made_of_those_cells_is_right_too(margin):
    book, cell = opened(margin, values=True), named_values(margin)
    _, *status = call("ACCOUNT_STATUS", *book_of(margin))
    _, *prices = call("ACCOUNT_LIQUIDATION", *book_of(margin))
    assert cell["highest_ratio"] == pytest.approx(max(row[3] for row in status))
    assert cell["nearest_distance"] == pytest.approx(min(row[6] for row in prices))
    assert cell["nearest_price"] == "BTC rises to 88,255.90"
    assert cell["nearest_account"] == "Venue A"
    assert cell["cash_now"] == 0
    assert "lasts" not in cell["margin_status"]
    assert (
        f"WATCH: {cell['buffer_missing']:,.0f} USD more would last 7 days"
        in (cell["margin_status"])
    )
    first = below(book, "Calls", "All accounts")
    for column, move in enumerate(moves_of(book, "Calls"), 1):
        scenario = [["scenario", "spot_shock"], ["x", move]]
        positions, accounts, brackets = book_of(margin)
        _, *rows = call("STRESS_ACCOUNTS", positions, scenario, accounts, brackets)
        for line, row in enumerate(rows):
            cash = max(0, row[3] / cell["target_ratio"] - row[2])
            assert first.offset(line, column).value == pytest.approx(cash, abs=1e-6)
            light = first.offset(line, column + 10).value
            assert light == ("BREACH" if row[6] else "WATCH" if cash else "OK")


def test_open_profit_and_notional_are_those_of_the_contracts(margin):
    table = table_values(margin)["Positions"]
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    book = opened(margin, values=True)
    notional, profits = (below(book, "Positions", title) for title in ("Notional", "Open profit"))
    for place_, row in enumerate(rows):
        contract = (row["contract_size"], row["instrument"])
        profit = call("CONTRACT_PNL", row["quantity"], row["entry_price"], row["price"], *contract)
        if row["instrument"] == "inverse":
            profit *= row["price"]
        assert profits.offset(place_, 0).value == pytest.approx(profit)
    assert [notional.offset(k, 0).value for k in (4, 5)] == [-8_000_000, -40 * 71_400]


@needs_data
def test_the_brackets_are_the_venues(margin):
    published = json.loads((DATA / "binance_leverage_tiers_majors.json").read_text())
    header, *rows = table_values(margin)["Brackets[#All]"]
    held = [dict(zip(header, row, strict=True)) for row in rows]
    for asset in ("BTC", "ETH", "SOL"):
        wanted = [
            [tier["minNotional"], tier["mmr"], tier["cum"], tier["maxLeverage"]]
            for tier in published[f"{asset}/USDT:USDT"]
        ]
        mine = [row for row in held if row["asset"] == asset and not row["contract"]]
        names = ("floor", "rate", "amount", "max_leverage")
        assert [[row[name] for name in names] for row in mine] == wanted


@pytest.mark.parametrize(
    ("name", "cell", "hint"),
    [
        ("target_ratio", "cash_now", "enter the margin ratio to restore"),
        pytest.param("days_2", "any_1", "see below", marks=pytest.mark.slow),
        pytest.param("asset_correlation", "buffer_missing", "see below", marks=pytest.mark.slow),
    ],
)
def test_an_empty_input_gives_a_quiet_hint(margin, tmp_path, name, cell, hint):
    half, target = emptied(margin, tmp_path / "half.xlsx", [name]), tmp_path / "calculated.xlsx"
    assert recalculate(half, target).errors == []
    shown = named_values(target)
    assert shown[cell] == hint
    assert "OK" not in shown["margin_status"]


@pytest.mark.slow
def test_the_ladder_moves_one_coin_while_the_others_stay(margin, tmp_path):
    book = opened(margin)
    sheet, address = place(book, "ladder_asset")
    sheet_, account = place(book, "ladder_account")
    one = changed(margin, tmp_path / "one.xlsx", sheet, address, "ETH", text=True)
    two = changed(one, tmp_path / "two.xlsx", sheet_, account, "Venue B", text=True)
    target = tmp_path / "calculated.xlsx"
    assert recalculate(two, target).errors == []
    assert_shows(target, expected_figures(target))
    shown = opened(target, values=True)
    equity = below(shown, "Ladder", "Equity")
    assert len({equity.offset(row, 0).value for row in range(13)}) == 1
    price = below(shown, "Ladder", "Price")
    assert price.offset(4, 0).value == 3500


def test_pairs_of_coins_have_correlations_of_their_own(margin, tmp_path):
    pairs = {"asset": ["BTC", "SOL"], "other_asset": ["ETH", "BTC"], "correlation": [0.85, 0.6]}
    target = tmp_path / "pairs.xlsx"
    assert fill(margin, {"Correlations": pd.DataFrame(pairs)}, target).recalculation.errors == []
    first = below(opened(target, values=True), "Correlations", "Coin")
    used = [[first.offset(row, 1 + k).value for k in range(3)] for row in range(3)]
    assert used == [[1, 0.85, 0.6], [0.85, 1, 0.8], [0.6, 0.8, 1]]
    assert_shows(target, expected_figures(target))


@pytest.mark.slow
def test_a_fourth_coin_and_a_third_account_fit_in(margin, tmp_path):
    tables = table_values(margin)
    positions = {
        name: [*values, values[2], values[4]] for name, values in tables["Positions"].items()
    }
    positions["asset"][6] = "DOGE"
    positions["price"][6] = positions["entry_price"][6] = 0.35
    positions["account"][7] = "Venue C"
    accounts = {name: [*values, values[1]] for name, values in tables["Accounts"].items()}
    accounts["account"][3] = "Venue C"
    volatilities = {"asset": ["BTC", "ETH", "SOL", "DOGE"], "volatility": [0.5, 0.6, 0.9, 1.1]}
    brackets = {name: [*values] for name, values in tables["Brackets"].items()}
    for name, values in brackets.items():
        values.append({"asset": "DOGE", "floor": 0, "rate": 0.02, "max_leverage": 20}.get(name))
    given = {
        "Positions": positions, "Accounts": accounts, "Volatilities": volatilities,
        "Brackets": brackets,
    }  # fmt: skip
    target = tmp_path / "mine.xlsx"
    report = fill(margin, given, target)
    assert report.recalculation.errors == []
    assert_shows(target, expected_figures(target))
    shown = named_values(target)
    assert shown["failed_checks"] == 0
    assert shown["margin_status"].startswith("WATCH: ")
    names = [below(opened(target, values=True), "Margin", "Account").offset(row, 0).value
             for row in range(3)]  # fmt: skip
    assert names == ["Venue A", "Venue B", "Venue C"]


def test_a_column_that_the_example_fills_in_part_may_be_left_out_and_one_of_yours_may_not(
    margin, tmp_path
):
    """Balances without their haircut would be worth too much, under a green light."""
    mine = {"account": ["Venue A", "Venue B"], "asset": [None, "BTC"], "balance": [14e6, 75.0]}
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    fill(margin, {"Accounts": mine}, first, recalculate=False)
    assert table_values(first)["Accounts"]["haircut"] == [None, None]
    fill(first, {"Accounts": mine | {"haircut": [None, 0.05]}}, second, recalculate=False)
    with pytest.raises(FileError, match=r"no column haircut: .* add it to the file, empty where"):
        fill(second, {"Accounts": mine}, tmp_path / "third.xlsx")
