"""The hedge desk: every figure of its dashboard against the core, its hints and its reasons."""

import math
import zipfile
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from book_helpers import MAIN, emptied, named_values, table_values
from lxml import etree

from xlhedge import CellError, call
from xlhedge.recalc import recalculate
from xlhedge.templates import build
from xlhedge.templates._sample import history as sample
from xlhedge.templates.hedge_desk import DASHBOARD


def expected_desk(path):
    """The dashboard from the inputs alone, by a way that reads no result of the workbook."""
    cell, table = named_values(path), table_values(path)
    history, holdings, tiers = table["History"], table["Holdings"], table["Tiers[#All]"]

    def column(values):
        return [[value] for value in values]

    spot, futures = column(history["spot"]), column(history["futures"])
    price, size = cell["futures_price"], cell["contract_size"]
    worth = [q * p for q, p in zip(holdings["Quantity"], holdings["Price"], strict=True)]
    betas = holdings["Beta"]
    exposure = sum(value * beta for value, beta in zip(worth, betas, strict=True))
    target = call("BETA_CONTRACTS", column(worth), column(betas), price, size,
                  cell["hedge_fraction"], cell["target_beta"], cell["lot"])  # fmt: skip
    trade = call("HEDGE_TRADE", cell["current_contracts"], target, cell["rebalance_band"],
                 cell["lot"])  # fmt: skip
    position = cell["current_contracts"] + trade
    hedged = -position * size * price
    interval = cell["interval_hours"]
    year = 365 * 24 / interval
    basis = [[math.log(s / f)] for (s,), (f,) in zip(spot, futures, strict=True)]
    fit = dict(call("OU_FIT", basis, interval / 24))
    periods = round(cell["horizon_days"] * 24 / interval)
    volatility = call("VOL_EWMA", spot, cell["vol_decay"], year)
    share = call("VOL_TARGET_HEDGE", cell["target_volatility"], volatility, fit["sigma"])
    liquidation = call("LIQ_PRICE", position, cell["entry_price"], cell["wallet_balance"], None,
                       size, "linear", None, cell["liquidation_fee"],
                       cell["margin_convention"], tiers)  # fmt: skip
    side = "short" if position < 0 else "long"
    returns = [[b / a - 1] for (a,), (b,) in pairwise(spot)]
    positions = [["asset", "instrument", "quantity", "price", "beta", "contract_size",
                  "entry_price", "account", "maintenance_rate", "maintenance_amount"],
                 [cell["hedge_asset"], "linear", position, price, 1, size, cell["entry_price"],
                  "Futures account", call("MARGIN_TIER", abs(hedged), tiers, "rate"),
                  call("MARGIN_TIER", abs(hedged), tiers, "amount")],
                 *([asset, "spot", quantity, spot_price, beta, None, None, None, None, None]
                   for asset, quantity, spot_price, beta in zip(
                       holdings["Asset"], holdings["Quantity"], holdings["Price"], betas,
                       strict=True))]  # fmt: skip
    accounts = [["account", "balance"], ["Futures account", cell["wallet_balance"]]]
    header, *stressed = call("STRESS_PNL", positions, call("STRESS_SCENARIOS"), accounts)
    report = [dict(zip(header, row, strict=True)) for row in stressed]
    worst = min(report, key=lambda row: row["pnl_after_liquidation"])
    return {
        "dash_contracts": trade,
        "dash_hedge_ratio": call("HEDGE_RATIO", spot, futures),
        "dash_liq_price": liquidation,
        "dash_liq_distance": (liquidation / price - 1) * (1 if side == "short" else -1),
        "dash_liq_probability": call("LIQ_PROBABILITY", price, liquidation, volatility,
                                     cell["liquidation_days"], None, side),
        "dash_worst_scenario": worst["scenario"],
        "dash_worst_loss": -worst["pnl_after_liquidation"],
        "dash_worst_call": max(row["margin_call"] for row in report),
        "dash_liquidations": sum(row["liquidated"] > 0 for row in report),
        "dash_basis_bp": call("BASIS", spot[-1][0], futures[-1][0], "bp"),
        "dash_half_life": fit["half_life_days"],
        "dash_basis_var": call("BASIS_VAR", spot, futures, hedged, cell["confidence"], periods,
                               cell["basis_scaling"], cell["risk_measure"]),
        "dash_funding": call("FUNDING_ANNUAL", column(history["funding_rate"]), interval),
        "dash_market_var": call("VAR_HISTORICAL", returns, exposure - hedged,
                                cell["confidence"], cell["risk_measure"]),
        "dash_volatility": volatility,
        "dash_exposure": call("VOL_TARGET_EXPOSURE", cell["target_volatility"], volatility, 1,
                              cell["max_leverage"]),
        "dash_hedge_share": share,
        "dash_hedge_surplus": hedged / exposure - share,
    }  # fmt: skip


def assert_desk_is_right(path):
    shown, expected = named_values(path), expected_desk(path)
    assert set(expected) == {figure.name for figure in DASHBOARD} - {
        "dash_status",
        "dash_action",
        "dash_as_of",
    }
    assert shown["dash_as_of"] == table_values(path)["History"]["time"][-1]
    for name, want in expected.items():
        got = shown[name]
        if isinstance(want, str):
            assert got == want, name
        else:
            assert got == pytest.approx(want, rel=1e-12, abs=1e-15), name


@pytest.fixture(scope="module")
def desk(calculated_templates):
    return calculated_templates("hedge_desk")[0]


@pytest.fixture(scope="module")
def small_desk(tmp_path_factory):
    """A desk with just the rows that a VaR at 99 % needs."""
    folder = tmp_path_factory.mktemp("small")
    plain = build("hedge_desk", folder / "plain.xlsx", sample(rows=510))
    recalculate(plain, folder / "desk.xlsx")
    return folder / "desk.xlsx"


def test_the_dashboard_shows_what_the_core_gives_for_the_same_inputs(desk):
    assert_desk_is_right(desk)


def test_the_sample_is_the_sources_case(desk):
    shown = named_values(desk)
    assert shown["dash_contracts"] == -720
    assert shown["dash_action"] == "Sell 720 BTC contracts, to hold -720"
    assert shown["interval_status"] == "OK"
    assert isinstance(call("XLHEDGE_VERSION"), str)


def test_the_basis_column_is_the_function_of_that_name(desk):
    history = table_values(desk)["History"]
    for spot, futures, basis in zip(
        history["spot"], history["futures"], history["basis_bp"], strict=True
    ):
        assert basis == pytest.approx(call("BASIS", spot, futures, "bp"), abs=1e-9)


def test_the_sheet_says_that_the_sample_is_simulated(desk):
    book = openpyxl.load_workbook(desk, data_only=True)
    for name in ("Dashboard", "History"):
        text = " ".join(str(cell.value) for row in book[name]["A1:B5"] for cell in row)
        assert "imulated" in text, name
        assert "not market data" in text, name


def test_the_chart_of_scenarios_shows_the_results_after_liquidations(desk):
    book = openpyxl.load_workbook(desk, data_only=True)
    sheet, address = next(book.defined_names["stress_report"].destinations)
    anchor = book[sheet][address.replace("$", "")]
    header = [anchor.offset(0, place).value for place in range(12)]
    assert header[9:] == ["margin_call", "liquidated", "pnl_after_liquidation"]
    scenarios = [row[0] for row in call("STRESS_SCENARIOS")[1:]]
    shown = [anchor.offset(place, 0).value for place in range(1, len(scenarios) + 1)]
    assert shown == scenarios
    with zipfile.ZipFile(desk) as package:
        charts = b"".join(package.read(n) for n in package.namelist() if "charts/chart" in n)
    column = openpyxl.utils.get_column_letter(anchor.column + 11)
    first, last = anchor.row + 1, anchor.row + len(scenarios)
    assert f"{sheet}!${column}${first}:${column}${last}".encode() in charts


def test_a_desk_that_is_empty_says_what_to_enter(small_desk, tmp_path):
    target = tmp_path / "calculated.xlsx"
    recalculate(emptied(small_desk, tmp_path / "empty.xlsx"), target)
    shown = named_values(target)
    assert shown["dash_contracts"] == "complete the holdings"
    assert shown["dash_hedge_ratio"] == "paste a history"
    assert shown["dash_action"] == "Complete the sheet Portfolio"
    assert shown["dash_status"].startswith("CHECK: ")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("futures_price", "enter the futures price"),
        ("wallet_balance", "enter the wallet balance"),
    ],
)
def test_an_empty_input_gives_a_quiet_hint_and_no_error(small_desk, tmp_path, name, hint):
    half = emptied(small_desk, tmp_path / "half.xlsx", [name])
    target = tmp_path / "calculated.xlsx"
    assert recalculate(half, target).errors == []
    shown = named_values(target)
    assert shown["dash_liq_price"] == hint
    assert shown["dash_status"].startswith("CHECK: ")


def test_a_wrong_input_shows_an_error_with_its_reason(small_desk, tmp_path):
    book = zipfile.ZipFile(small_desk)
    part = "xl/worksheets/sheet2.xml"
    place = next(openpyxl.load_workbook(small_desk).defined_names["contract_size"].destinations)[1]
    root = etree.fromstring(book.read(part))
    for cell in root.iter(f"{MAIN}c"):
        if cell.get("r") == place.replace("$", ""):
            cell.find(f"{MAIN}v").text = "-1"
    wrong = tmp_path / "wrong.xlsx"
    with zipfile.ZipFile(wrong, "w") as new:
        for name in book.namelist():
            new.writestr(name, etree.tostring(root) if name == part else book.read(name))
    target = tmp_path / "calculated.xlsx"
    recalculate(wrong, target)
    values = openpyxl.load_workbook(target, data_only=True)["Risk"]
    texts = [str(cell.value) for row in values.iter_rows() for cell in row]
    assert "contract_size must be positive, got -1" in texts
    assert named_values(target)["dash_contracts"] in set(map(str, CellError))


def test_a_path_may_be_text(tmp_path):
    assert build("hedge_desk", str(tmp_path / "a.xlsx")) == Path(tmp_path / "a.xlsx")
