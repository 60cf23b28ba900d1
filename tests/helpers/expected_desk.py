"""What the desk's dashboard must show, by the core itself."""

import math
from itertools import pairwise

import pytest
from book_helpers import named_values, table_values
from book_values import column

from xlhedge import call
from xlhedge.templates.hedge_desk import DASHBOARD


def expected_desk(path):
    """The dashboard from the inputs alone, by a way that reads no result of the workbook."""
    cell, table = named_values(path), table_values(path)
    history, holdings, tiers = table["History"], table["Holdings"], table["Tiers[#All]"]

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
