"""The margin workbook: every figure from its inputs, and its brackets against the venue's."""

import json

import pytest
from book_helpers import emptied, named_values, opened, table_values
from book_values import assert_shows, below, changed
from expected_margin import expected_alone, expected_calls, expected_figures, positions_of, tiers_of
from shared_data import DATA, needs_data

from xlhedge import call
from xlhedge.recalc import recalculate
from xlhedge.sheet.cells import CellError
from xlhedge.templates import fill


@pytest.fixture(scope="module")
def margin(calculated_templates):
    return calculated_templates("margin")[0]


def test_every_cell_that_calls_us_shows_what_the_core_gives_for_the_same_inputs(margin):
    assert_shows(margin, expected_figures(margin))


def test_what_is_made_of_those_cells_is_right_too(margin):
    book, cell, held = opened(margin, values=True), named_values(margin), positions_of(margin)
    alone = expected_alone(margin, cell, held)
    for title in ("Distance", "To add now"):
        first = below(book, "Positions", title)
        shown = [first.offset(row, 0).value for row in range(len(held))]
        assert shown == pytest.approx([value for (value,) in alone[title]])
    equity = cell["wallet_balance"] + sum(
        p["quantity"] * p["contract_size"] * (p["price"] - p["entry_price"]) for p in held
    )
    needed = sum(value for (value,) in alone["Maintenance"])
    assert cell["account_equity"] == pytest.approx(equity)
    assert cell["account_ratio"] == pytest.approx(needed / equity)
    assert cell["margin_status"] == "OK"
    _, moves, own, maintenance = expected_calls(margin, book, cell, held)
    top = below(book, "Calls", "Prices move by")
    for place_, move in enumerate(moves):
        got = [top.offset(row, 2 + place_).value for row in range(6)]
        equity = cell["wallet_balance"] + sum(
            p["quantity"] * p["contract_size"] * (p["price"] * (1 + move) - p["entry_price"])
            for p in held
        )
        needed = sum(row[place_] for row in maintenance)
        assert got[0] == pytest.approx(sum(row[place_] for row in own), abs=1e-6)
        assert got[1:3] == pytest.approx([equity, needed])
        assert got[4] == pytest.approx(max(0, needed / cell["target_ratio"] - equity), abs=1e-6)
        wanted = "BREACH" if equity <= needed else "WATCH" if needed / equity >= 0.5 else "OK"
        assert got[5] == wanted
    assert {top.offset(5, 2 + k).value for k in range(len(moves))} == {"OK", "WATCH", "BREACH"}


def test_at_its_liquidation_price_a_position_has_just_its_maintenance(margin):
    book = opened(margin, values=True)
    first = below(book, "Positions", "Liquidation price")
    for row, p in enumerate(positions_of(margin)):
        price, tiers = first.offset(row, 0).value, tiers_of(margin, p["asset"])[0]
        equity = p["margin"] + p["quantity"] * (price - p["entry_price"])
        needed = call("MAINTENANCE_MARGIN", p["quantity"], price, None, 1, "linear", tiers)
        assert equity == pytest.approx(needed, rel=1e-9)


@needs_data
def test_the_brackets_are_the_venues(margin):
    published = json.loads((DATA / "binance_leverage_tiers_majors.json").read_text())
    for asset in ("BTC", "ETH", "SOL"):
        wanted = [
            [tier["minNotional"], tier["mmr"], tier["cum"], tier["maxLeverage"]]
            for tier in published[f"{asset}/USDT:USDT"]
        ]
        assert tiers_of(margin, asset)[0][1:] == wanted


@pytest.mark.parametrize(
    ("name", "cell", "hint"),
    [
        ("wallet_balance", "account_equity", "enter the wallet balance"),
        ("target_ratio", "margin_status", "enter the margin ratio to restore"),
        ("asset_2", "margin_status", "choose the assets on Brackets"),
        ("ladder_position", "ladder_name", "enter the position"),
    ],
)
def test_an_empty_input_gives_a_quiet_hint(margin, tmp_path, name, cell, hint):
    half, target = emptied(margin, tmp_path / "half.xlsx", [name]), tmp_path / "calculated.xlsx"
    assert recalculate(half, target).errors == []
    assert named_values(target)[cell] == hint


def test_a_position_that_no_price_liquidates_says_so_and_has_no_probability(margin, tmp_path):
    target = tmp_path / "rich.xlsx"
    row = below(opened(margin), "Positions", "position").row + 3
    changed(margin, tmp_path / "changed.xlsx", "Positions", f"I{row}", 5_000_000)
    assert recalculate(tmp_path / "changed.xlsx", target).errors == []
    book = opened(target, values=True)
    price = below(book, "Positions", "Liquidation price").offset(3, 0)
    assert [price.offset(0, k).value for k in (0, 1, 3, 4, 5)] == ["none", "none", 0, 0, 0]
    assert CellError.NA.value not in [c.value for line in book["Positions"] for c in line]


def test_settings_hide_only_what_needs_them(margin, tmp_path):
    names = ["days_2", "confidence", "margin_convention"]
    half, target = emptied(margin, tmp_path / "half.xlsx", names), tmp_path / "calculated.xlsx"
    assert recalculate(half, target).errors == []
    book = opened(target, values=True)
    first = below(book, "Positions", "Notional")
    shown = [first.offset(0, column).value for column in range(12)]
    assert shown[:3] == [50_400_000, -720_000, 876_550]
    assert shown[5] == "choose where maintenance is taken"
    assert shown[8] == "enter the three horizons"
    assert shown[11] == "enter the confidence"
    assert named_values(target)["margin_status"] == "OK"


def test_a_position_without_equity_says_so_and_an_error_is_to_be_checked(margin, tmp_path):
    row = below(opened(margin), "Positions", "position").row
    poor = changed(margin, tmp_path / "poor.xlsx", "Positions", f"I{row}", 700_000)
    wrong = changed(poor, tmp_path / "wrong.xlsx", "Positions", f"H{row + 1}", -1)
    target = tmp_path / "calculated.xlsx"
    recalculate(wrong, target)
    book = opened(target, values=True)
    first = below(book, "Positions", "Margin ratio")
    assert first.value == "no equity"
    assert [below(book, "Positions", "Status").offset(k, 0).value for k in range(3)] == [
        "BREACH", "CHECK", "OK",
    ]  # fmt: skip


def test_more_positions_and_other_brackets_are_filled_in_and_calculated(margin, tmp_path):
    table = table_values(margin)["Positions"]
    more = {name: [*values, *values[:3]] for name, values in table.items()}
    more["position"][4:] = ["Second BTC", "Second ETH", "Second SOL"]
    more["quantity"][4:] = [-100, 900, -5_000]
    header, *rows = table_values(margin)["Brackets[#All]"]
    fewer = [row for row in rows if row[1] < 400_000_000]
    brackets = dict(zip(header, map(list, zip(*fewer, strict=True)), strict=True))
    target = tmp_path / "mine.xlsx"
    report = fill(margin, {"Positions": more, "Brackets": brackets}, target)
    assert report.recalculation.errors == []
    assert len(positions_of(target)) == 7
    assert_shows(target, expected_figures(target))
