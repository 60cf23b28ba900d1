"""The margin workbook: every figure from its inputs, and its brackets against the venue's."""

import json

import pytest
from book_helpers import emptied, named_values, opened, table_values
from book_values import assert_shows, below, changed, column
from shared_data import DATA, needs_data

from xlhedge import call
from xlhedge.recalc import recalculate
from xlhedge.sheet.cells import CellError
from xlhedge.templates import fill

PART = ("asset", "instrument", "quantity", "contract_size", "entry_price", "price")
TIERS = ("floor", "rate", "amount", "max_leverage")


@pytest.fixture(scope="module")
def margin(calculated_templates):
    return calculated_templates("margin")[0]


def positions_of(path):
    table = table_values(path)["Positions"]
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def tiers_of(path, asset):
    header, *rows = table_values(path)["Brackets[#All]"]
    return [list(TIERS), *(row[1:] for row in rows if row[0] == asset)], header


def expected_alone(path, cell, held):
    """Each position on its own margin: by column of the sheet."""
    columns = {}
    for p in held:
        tiers, _ = tiers_of(path, p["asset"])
        n, size, entry, price, own = (
            p[name] for name in ("quantity", "contract_size", "entry_price", "price", "margin")
        )
        liquidation = call("LIQ_PRICE", n, entry, own, None, size, "linear", None,
                           cell["liquidation_fee"], cell["margin_convention"], tiers)  # fmt: skip
        side = "short" if n < 0 else "long"
        needed = call("MARGIN_BUFFER", n, price, p["volatility"], cell["buffer_days"], None,
                      cell["confidence"], size, "linear", tiers)  # fmt: skip
        ratio = call("MARGIN_RATIO", n, entry, price, own, None, size, "linear", tiers)
        row = {
            "Maintenance": call("MAINTENANCE_MARGIN", n, price, None, size, "linear", tiers),
            "Margin ratio": ratio,
            "Highest leverage": call("MARGIN_TIER", abs(n) * size * price, tiers, "max_leverage"),
            "Liquidation price": liquidation,
            "Equity needed": needed,
            "To add now": max(0, needed - own - n * size * (price - entry)),
            "Distance": (liquidation / price - 1) * (1 if n < 0 else -1),
        }
        row["chance"] = [
            call("LIQ_PROBABILITY", price, liquidation, p["volatility"], cell[f"days_{k}"], 0, side)
            for k in (1, 2, 3)
        ]
        for name, value in row.items():
            columns.setdefault(name, []).append(value if isinstance(value, list) else [value])
    return columns


def expected_cross(path, book, cell, held):
    figures = {}
    table = [list(PART), *([p[name] for name in PART] for p in held)]
    _, header = tiers_of(path, "BTC")
    brackets = [header, *table_values(path)["Brackets[#All]"][1:]]
    first = below(book, "Account", "Asset")
    for row, asset in enumerate(("BTC", "ETH", "SOL")):
        p = next(p for p in held if p["asset"] == asset)
        liquidation = call("LIQ_PRICE_CROSS", table, cell["wallet_balance"], asset, brackets)
        figures["Account", first.offset(row, 2).coordinate] = liquidation
        figures["Account", first.offset(row, 4).coordinate] = [[
            call("LIQ_PROBABILITY", p["price"], liquidation, p["volatility"], cell[f"days_{k}"])
            for k in (1, 2, 3)
        ]]  # fmt: skip
    return figures


def expected_calls(path, book, cell, held):
    top = below(book, "Calls", "Prices move by").offset(-1, 0)
    moves = [c.value for c in book["Calls"][top.row][top.column + 1 : top.column + 9]]
    own, needed = [], []
    for p in held:
        tiers, _ = tiers_of(path, p["asset"])
        n, size = p["quantity"], p["contract_size"]
        own.append([
            call("MARGIN_CALL", n, p["entry_price"], p["price"] * (1 + move), p["margin"], None,
                 size, "linear", tiers, cell["target_ratio"]) for move in moves
        ])  # fmt: skip
        needed.append([
            call("MAINTENANCE_MARGIN", n, p["price"] * (1 + move), None, size, "linear", tiers)
            for move in moves
        ])  # fmt: skip
    left, right = (below(book, "Calls", "Position", k).offset(0, 2).coordinate for k in (0, 1))
    return {("Calls", left): own, ("Calls", right): needed}, moves, own, needed


def expected_ladder(path, book, cell, held):
    p = held[cell["ladder_position"] - 1]
    anchor = below(book, "Ladder", "against you")
    against = [anchor.offset(row, 0).value for row in range(13)]
    sign = 1 if p["quantity"] < 0 else -1
    rows = call("MARGIN_LADDER", p["quantity"], p["entry_price"], p["margin"], None,
                column([sign * move for move in against]), p["contract_size"], "linear",
                tiers_of(path, p["asset"])[0])  # fmt: skip
    return {("Ladder", anchor.offset(-1, 1).coordinate): rows}


def expected_figures(path):
    book, cell, held = opened(path, values=True), named_values(path), positions_of(path)
    alone = expected_alone(path, cell, held)
    figures = {}
    for title in ("Maintenance", "Margin ratio", "Highest leverage", "Liquidation price",
                  "Equity needed"):  # fmt: skip
        figures["Positions", below(book, "Positions", title).coordinate] = alone[title]
    status = below(book, "Positions", "Status")
    figures["Positions", status.offset(0, 1).coordinate] = alone["chance"]
    figures.update(expected_cross(path, book, cell, held))
    figures.update(expected_calls(path, book, cell, held)[0])
    figures.update(expected_ladder(path, book, cell, held))
    return figures


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
    assert cell["account_status"] == "OK"
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
        ("target_ratio", "account_status", "enter the margin ratio to restore"),
        ("asset_2", "account_status", "choose the assets on Brackets"),
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
    assert named_values(target)["account_status"] == "OK"


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
