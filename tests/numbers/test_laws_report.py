"""Laws of the hedge report."""

from hypothesis import given
from hypothesis import strategies as st
from laws import near, quick, table
from stress_books import AFTER, book, inverse, linear, money, spot

from xlhedge import CellError, call


def report(lines, accounts, volatility=0.6, *rest):
    return table(call("HEDGE_REPORT", book(*lines), accounts, volatility, *rest))


MODEL = [
    ["spot_volatility", 0.6],
    ["basis_current", -0.0003],
    ["basis_theta", 1500],
    ["basis_mu", -0.0002],
    ["basis_sigma", 0.02],
    ["funding_current", 0.0001],
    ["funding_theta", 300],
    ["funding_mu", 0.0001],
    ["funding_sigma", 0.002],
    ["corr_spot_basis", -0.1],
    ["corr_spot_funding", 0.1],
    ["corr_basis_funding", -0.3],
    ["degrees_of_freedom", 4],
    ["interval_hours", 8],
]


@quick
@given(st.floats(0.01, 1), st.floats(7500, 60000), st.floats(0.1, 2))
def test_the_report_is_made_of_the_single_functions(hedge, wallet, volatility):
    n = -hedge
    lines = [spot(1), linear(n, 70100, 69000, "A", 0.005)]
    got = report(lines, money(["A", wallet, "", ""]), volatility, 7, 0.95)
    assert near(got["gross_value"], 70000 * (1 - n))
    assert near(got["net_delta"], 1 + n, scale=1)
    assert near(got["hedged_share"], -n)
    var = call("VAR_NORMAL", 70000 * (1 + n), volatility, 0.95, 7)
    assert near(got["directional_var"], var, scale=70000)
    assert got["directional_es"] >= got["directional_var"]
    price = call("LIQ_PRICE", n, 69000, wallet, 0.005)
    if price / 70100 - 1 < 9.9:
        assert near(got["liquidation_price"], price, rel=1e-8)
        assert near(got["liquidation_distance"], price / 70100 - 1, rel=1e-7)
        chance = call("LIQ_PROBABILITY", 70100, price, volatility, 7, 0, "short")
        assert near(got["liquidation_probability_7_days"], chance, rel=1e-6)
    ratio = call("MARGIN_RATIO", n, 69000, 70100, wallet, 0.005)
    assert near(got["margin_ratio"], ratio)
    assert near(got["top_up"], call("MARGIN_CALL", n, 69000, 70100, wallet, 0.005), scale=1e5)
    outcome = call(
        "STRESS_PNL", book(*lines), call("STRESS_SCENARIOS"), money(["A", wallet, "", ""])
    )
    worst = min(outcome[1:], key=lambda row: row[AFTER])
    assert (got["worst_scenario"], got["worst_scenario_pnl"]) == (worst[0], worst[AFTER])


def test_with_a_model_the_report_gives_the_joint_var():
    lines = [spot(2), linear(-20, 70000, "", "A", 0.005, 1, 0.1)]
    got = report(lines, money(["A", 20000, "", ""]), 0.6, 3, 0.99, MODEL)
    joint = table(call("VAR_JOINT", 2, 70000, -20, MODEL, 3, 0.99, 0.1))
    assert near(got["var"], joint["var"], rel=1e-7)
    assert near(got["es"], joint["es"], rel=1e-7)
    assert "directional_var" not in got


def test_a_synthetic_dollar_has_no_delta_whether_its_coin_is_spot_or_margin():
    margin = money(["B", 1, "BTC", ""])
    lines = [inverse(-50000, 70000, 50000, "B", 0.005, 1)]
    got = report(lines, margin)
    assert got["net_delta"] == 0
    assert got["liquidation_price"] is CellError.NA
    assert got["liquidation_probability_30_days"] == 0
    assert near(got["hedged_share"], (50000 / 70000) / (1 + 50000 * (1 / 70000 - 1 / 50000)))


def test_a_book_of_two_coins_is_measured_in_the_hedges_coin():
    lines = [spot(1), spot(20, 3500, 1.2, "ETH"), linear(-2.2, account="A", rate=0.005)]
    accounts = money(["A", 50000, "", ""])
    volatility = [["asset", "volatility"], ["BTC", 0.6], ["ETH", 0.8]]
    rest = (1, 0.99, None, None, None, None)
    assert call("HEDGE_REPORT", book(*lines), accounts, 0.6) == "#VALUE!"
    got = report(lines, accounts, volatility, *rest, 0.7)
    assert got["net_delta"] == 0
    assert near(got["hedged_share"], 1.0)
    # 70,000 of ETH, hedged with 84,000 of BTC: what the proxy leaves is directional risk too.
    sd = ((84000 * 0.6) ** 2 + (70000 * 0.8) ** 2 - 2 * 0.7 * 84000 * 0.6 * 70000 * 0.8) ** 0.5
    assert near(got["directional_var"], 2.3263478740408408 * sd / 365**0.5, rel=1e-9)
    assert near(got["gross_value"], 70000 * 4.2)


def test_a_report_beyond_liquidation_is_certain():
    lines = [linear(-1, 80000, 70000, "A", 0.005)]
    got = report(lines, money(["A", 7000, "", ""]))
    assert near(got["liquidation_price"], 77000 / 1.005, rel=1e-9)
    assert got["liquidation_distance"] < 0
    assert got["liquidation_distance_sigma"] < 0
    assert [got[f"liquidation_probability_{d}"] for d in ("1_day", "7_days", "30_days")] == [
        1.0
    ] * 3
    assert got["hedged_share"] is CellError.NA


def test_a_report_without_contracts_has_no_liquidation():
    got = report([spot(1)], money(["A", 7000, "", ""]))
    assert got["liquidation_price"] is CellError.NA
    assert got["margin_ratio"] == 0
    assert got["hedged_share"] == 0
    quiet = report([linear(-1, account="A", rate=0.005)], money(["A", 7000, "", ""]), 0)
    assert quiet["liquidation_distance_sigma"] is CellError.DIV0
    assert quiet["liquidation_probability_30_days"] == 0
