"""Laws of whole margin accounts."""

import math

import numpy as np
import pytest
from account_books import disagreements
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import near, quick, slow
from margin_cases import counts, leverages, prices

from xlhedge import CellError, call

HEADER = ["asset", "instrument", "quantity", "price", "account", "maintenance_rate"]
VOLATILITY = [["asset", "volatility"], ["BTC", 0.6]]


def book(*lines):
    return [HEADER, *lines]


def money(*rows):
    return [["account", "balance", "asset", "haircut"], *([*row, "", ""][:4] for row in rows)]


def chances(positions, accounts, *rest):
    """Probabilities by account, and the standard error of the last."""
    return {row[0]: row[1:] for row in call("ACCOUNT_PROBABILITY", positions, accounts, *rest)[1:]}


@examples(6, 20)
@given(st.integers(0, 59))
def test_liquidation_prices_are_those_of_a_walk_in_small_steps(part):
    """100 books; tools/accounts/walk.py does 10,000."""
    assert [found for seed in range(5) for found in disagreements(5 * part + seed)] == []


@quick
@given(counts, prices, leverages, st.floats(0.001, 0.02), st.booleans())
def test_one_position_is_liquidated_at_its_own_price(n, price, leverage, rate, is_inverse):
    kind = "inverse" if is_inverse else "linear"
    wallet = abs(n) * (1 / price if is_inverse else price) / leverage
    lines = book(["X", kind, n, price, "A", rate])
    accounts = money(["A", wallet, "X" if is_inverse else ""])
    below, above = call("ACCOUNT_LIQUIDATION", lines, accounts)[1][3:5]
    want = call("LIQ_PRICE", n, price, wallet, rate, 1, kind)
    found = [level for level in (below, above) if level is not None]
    assert (found == []) == (want is CellError.NA)
    assert all(near(level, want, rel=1e-9) for level in found)


@quick
@given(counts, prices, st.floats(0.01, 0.5), st.floats(0.001, 0.05), st.floats(0, 0.01))
def test_the_status_of_one_position_is_that_of_the_single_functions(n, price, share, rate, fee):
    wallet = abs(n) * price * share
    lines = [[*HEADER, "fee_rate"], ["X", "linear", n, price, "A", rate, fee]]
    row = call("ACCOUNT_STATUS", lines, money(["A", wallet]))[1]
    one = (n, price, price, wallet, rate, 1, "linear", None)
    assert near(row[3], call("MARGIN_RATIO", *one, fee), rel=1e-12)
    assert near(row[4], call("MARGIN_CALL", *one, 0.5, fee), rel=1e-9, scale=wallet)
    ladder = call("MARGIN_LADDER", n, price, wallet, rate, 0, 1, "linear", None, fee)
    assert row[5] == ladder[1][7]


@quick
@given(st.integers(1, 6), st.integers(0, 1000))
def test_rows_of_one_contract_are_one_position(parts, seed):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(parts)) * 1000
    tiers = [["floor", "rate", "schedule"], [0, 0.01, "whole"], [2e7, 0.03, "whole"]]
    rows = [["BTC", "linear", -share, 70000, "A", ""] for share in shares]
    one = call("ACCOUNT_LIQUIDATION", book(["BTC", "linear", -1000, 70000, "A", ""]),
               money(["A", 7e6]), tiers)  # fmt: skip
    many = call("ACCOUNT_LIQUIDATION", book(*rows), money(["A", 7e6]), tiers)
    assert near(many[1][4], one[1][4], rel=1e-12)
    cross = [[*HEADER[:4]], *(row[:4] for row in rows)]
    assert near(call("LIQ_PRICE_CROSS", cross, 7e6, "BTC", tiers), one[1][4], rel=1e-12)


@examples(4, 12)
@given(st.sampled_from([1, 7, 30]), st.booleans(), st.booleans(), st.integers(0, 99))
def test_one_position_has_the_probability_of_first_passage(days, is_short, is_inverse, seed):
    n = (-1 if is_short else 1) * (70000 if is_inverse else 1)
    wallet = 0.15 * (1 if is_inverse else 70000)
    lines = book(["BTC", "inverse" if is_inverse else "linear", n, 70000, "A", 0.01])
    accounts = money(["A", wallet, "BTC" if is_inverse else ""])
    row = call("ACCOUNT_LIQUIDATION", lines, accounts)[1]
    level, side = (row[4], "short") if is_short else (row[3], "long")
    want = call("LIQ_PROBABILITY", 70000, level, 0.6, days, 0, side)
    got, error = chances(lines, accounts, VOLATILITY, None, days, None, None, 20000, seed)["A"]
    assert abs(got - want) <= 3 * max(error, math.sqrt(want * (1 - want) / 20000)) + 1e-12


def test_a_whole_schedule_is_felt_at_its_floor_within_a_day():
    tiers = [["floor", "rate", "schedule"], [0, 0.01, "whole"], [320000, 0.12, "whole"]]
    for quantity, side in ((-300, "short"), (300, "long")):
        start = 1000 if quantity < 0 else 1130
        lines = book(["BTC", "linear", quantity, start, "A", ""])
        accounts = money(["A", 40000])
        row = call("ACCOUNT_LIQUIDATION", lines, accounts, tiers)[1]
        level = row[4] if quantity < 0 else row[3]
        want = call("LIQ_PROBABILITY", start, level, 0.6, 3, 0, side)
        got, error = chances(lines, accounts, VOLATILITY, None, 3, tiers)["A"]
        assert abs(got - want) <= 3 * error


@slow
@given(st.floats(0.9, 0.99), st.integers(0, 9), st.sampled_from([None, 4.0]))
def test_buffer_and_probability_are_each_others_inverse(confidence, seed, freedom):
    lines = book(["BTC", "linear", -1, 70000, "A", 0.005], ["ETH", "linear", 30, 3500, "A", 0.01])
    lines += [["BTC", "inverse", 50000, 70000, "B", 0.01]]
    held = [["A", 9000], ["A", 0.1, "BTC", 0.1], ["B", 0.3, "BTC"]]
    volatilities = [["asset", "volatility"], ["BTC", 0.6], ["ETH", 0.8]]
    rest = (0.7, 5)
    confidence = round(confidence, 3)
    more = (None, freedom, 4000, seed)
    table = call("ACCOUNT_BUFFER", lines, money(*held), volatilities, *rest, confidence, *more)
    (_, a, _), (_, b, _), (_, _, total) = table[1:]
    held[0][1], held[2][1] = a, b
    got = chances(lines, money(*held), volatilities, *rest, *more)
    assert abs(got["A"][0] - (1 - confidence)) < 1e-9
    assert abs(got["B"][0] - (1 - confidence)) < 1e-9
    assert near(total, max(0.0, a - 9000) + 70000 * max(0.0, b - 0.3), rel=1e-9, scale=1)


@pytest.mark.parametrize("correlation", [1.0, -1.0])
def test_certain_correlations_have_their_closed_forms(correlation):
    """Short one, and short or long the other: +1 moves both as one asset, −1 as its inverse."""
    volatilities = [["asset", "volatility"], ["X", 0.6], ["Y", 0.6]]
    sign = 1 if correlation > 0 else -1
    lines = book(
        ["X", "linear", -100, 100, "A", 0.01], ["Y", "linear", -100 * sign, 100, "A", 0.01]
    )
    got, error = chances(lines, money(["A", 3000]), volatilities, correlation, 7)["A"]
    if correlation > 0:
        level = 23000 / (200 * 1.01)
        want = call("LIQ_PROBABILITY", 100, level, 0.6, 7, 0, "short")
    else:  # X = 100·e^(σW − σ²t/2) and Y = 100·e^(−σW − σ²t/2): Y falls where X rises
        # 3000 − 100·(X − 100) + 100·(Y − 100) = 100·0.01·(X + Y), with X·Y = 100²·e^(−σ²t).
        want = _hit_by_simulation()
    assert abs(got - want) <= 3 * error + (0.0 if correlation > 0 else 0.004)


def _hit_by_simulation():
    """The same account by one Brownian motion on a fine grid of 400 steps a day."""
    rng, steps, paths = np.random.default_rng(1), 2800, 8000
    dt = 7 / 365 / steps
    path, hit = np.zeros(paths), np.zeros(paths, dtype=bool)
    for step in range(1, steps + 1):
        path += rng.standard_normal(paths) * math.sqrt(dt)
        drift = 0.18 * step * dt
        x, y = 100 * np.exp(0.6 * path - drift), 100 * np.exp(-0.6 * path - drift)
        hit |= 3000 - 100 * (x - 100) + 100 * (y - 100) <= x + y
    return float(hit.mean())


def test_an_account_that_is_gone_today_is_certain_and_others_are_not():
    lines = book(["BTC", "linear", -1, 70000, "A", 0.5], ["BTC", "linear", -1, 70000, "B", 0.005])
    got = chances(lines, money(["A", 7000], ["B", 70000], ["C", -1]), VOLATILITY, None, [[0, 1]])
    assert (got["A"][:2], got["ANY"][:2], got["C"][:2]) == ([1.0, 1.0], [1.0, 1.0], [1.0, 1.0])
    assert got["B"][0] == 0.0


def test_a_future_that_expires_is_no_longer_at_risk():
    header = [*HEADER, "days"]
    lines = [
        header,
        ["BTC", "linear", -1, 70000, "A", 0.005, 3],
        ["BTC", "linear", 0, 1, "A", 0.1, ""],
    ]
    short = chances(lines, money(["A", 7000]), VOLATILITY, None, [[3, 30]])["A"]
    assert short[0] == short[1] < 0.15
    late = [header, ["BTC", "linear", -1, 70000, "A", 0.005, 90]]
    assert chances(late, money(["A", 7000]), VOLATILITY, None, [[3, 30]])["A"][1] > 0.5


@quick
@given(st.floats(-0.5, 0.8), st.floats(0.05, 0.5), st.booleans())
def test_scenarios_by_account_add_up_to_the_book(shock, share, top_up):
    lines = book(
        ["BTC", "linear", -1, 70000, "A", 0.005], ["BTC", "inverse", 70000, 70000, "B", 0.01]
    )
    accounts = money(["A", 70000 * share], ["B", share, "BTC", 0.1])
    scenarios = [["scenario", "spot_shock", "top_up"], ["s", shock, top_up]]
    parts = call("STRESS_ACCOUNTS", lines, scenarios, accounts)[1:]
    total = call("STRESS_PNL", lines, scenarios, accounts)[1]
    for place, whole in ((2, 6), (3, 7), (5, 9)):
        assert near(sum(row[place] for row in parts), total[whole], rel=1e-12, scale=1e5)
    assert sum(row[6] for row in parts) == total[10]
    assert all((row[7] > 0) <= row[6] for row in parts)


@quick
@given(st.floats(0.1, 0.99), st.floats(-50000, -100))
def test_a_debt_counts_in_full_and_a_coin_less_its_haircut(haircut, debt):
    lines = book(["BTC", "linear", -0.1, 70000, "A", 0.005], ["BTC", "spot", 0, 70000, "", ""])
    equity = call(
        "ACCOUNT_STATUS", lines, money(["A", 1, "btc", haircut], ["a", debt, "", haircut])
    )
    assume(isinstance(equity, list))
    assert near(equity[1][1], 70000 * (1 - haircut) + debt, scale=70000)


def test_the_same_digits_for_any_number_of_threads(monkeypatch):
    from xlhedge.core.margin import block

    lines = book(["BTC", "linear", -1, 70000, "A", 0.005])
    arguments = (lines, money(["A", 7000]), VOLATILITY, None, [[1, 30]])
    threads = chances(*arguments)
    monkeypatch.setattr(block, "worker_count", lambda blocks: 1)
    assert chances(*arguments) == threads


def test_many_threads_and_bent_curves_give_the_digits_of_one(monkeypatch):
    from xlhedge.core.margin import block

    tiers = [["floor", "rate", "schedule"], [0, 0.01, "whole"], [60000, 0.02, "whole"]]
    lines = book(["BTC", "linear", -1, 70000, "A", ""], ["BTC", "inverse", 90000, 70000, "B", ""])
    rest = (lines, money(["A", 9000], ["B", 0.3, "BTC"]), VOLATILITY, None, [[1, 30]], tiers, 4)
    monkeypatch.setattr(block, "MANY_DRAWS", 0)
    found = []
    for workers in (1, 2, 7):
        monkeypatch.setattr(block, "worker_count", lambda blocks, workers=workers: workers)
        found.append(chances(*rest))
    assert found[0] == found[1] == found[2]
    assert 0 < found[0]["B"][1] < 1


def test_probabilities_are_the_signs_of_the_least_margins(monkeypatch):
    """What is left out where only the sign is asked for changes no path's sign."""
    from xlhedge.core.margin import chances as module

    tiers = [["floor", "rate"], *([floor, 0.01 + floor / 4e6] for floor in range(0, 90000, 9000))]
    lines = book(
        ["BTC", "linear", -1, 70000, "A", ""], ["ETH", "linear", 20, 3500, "A", ""],
        ["BTC", "inverse", 90000, 70000, "B", ""], ["ETH", "linear", -9, 3500, "B", ""],
    )  # fmt: skip
    held = money(["A", 15000], ["B", 0.4, "BTC"])
    volatilities = [*VOLATILITY, ["ETH", 0.8]]
    rest = (lines, held, volatilities, 0.7, [[1, 7, 30]], tiers, None, 5000)
    by_sign, follow = chances(*rest), module.least_margins
    monkeypatch.setattr(
        module, "least_margins", lambda plan, paths, seed, sign_only: follow(plan, paths, seed)
    )
    assert chances(*rest) == by_sign
    assert all(0 < by_sign[name][2] < 1 for name in ("A", "B"))
