"""Laws of brackets, margin ratios, calls and ladders."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import factors, kinds, near, quick
from margin_cases import brackets, counts, leverages, liq, margin_unit, prices
from shared_data import DATA, needs_data

from xlhedge import call
from xlhedge.core.margin.schedules import amounts_of


@needs_data
def test_a_real_venues_brackets_follow_the_recursion_and_liquidate_consistently():
    text = (DATA / "binance_leverage_tiers_majors.json").read_text(encoding="utf-8")
    for name, rows in json.loads(text).items():
        floor = np.array([row["minNotional"] for row in rows])
        rate = np.array([row["mmr"] for row in rows])
        published = np.array([row["cum"] for row in rows])
        amounts = amounts_of(floor, rate)
        assert np.allclose(amounts, published, rtol=1e-9, atol=1e-6), name
        rng = np.random.default_rng(1)
        n = rng.choice([-1.0, 1.0], 500)
        entry = 10 ** rng.uniform(3, 8, 500)
        wallet = entry * rng.uniform(0.01, 0.9, 500)
        tiers = [["floor", "rate", "amount"], *zip(floor, rate, published, strict=True)]
        sides, entries, wallets = ([[x] for x in line.tolist()] for line in (n, entry, wallet))
        price = np.ravel(call("LIQ_PRICE", sides, entries, wallets, *[""] * 6, tiers))
        index = np.searchsorted(floor[1:], price)
        equity = wallet + n * (price - entry)
        required = rate[index] * price - amounts[index]
        assert np.allclose(equity, required, rtol=0, atol=1e-9 * entry.max())
        assert (np.abs(equity - required) <= 1e-11 * (entry + price)).all()


@quick
@given(brackets(scale=1e4), st.floats(0, 1e5), st.floats(1e-6, 1e3))
def test_the_margin_of_a_bracket_is_continuous_and_rises(rows, x, step):
    low, high = (call("MARGIN_TIER", value, rows, "margin") for value in (x, x + step))
    top = call("MARGIN_TIER", x + step, rows, "rate")
    assert -1e-9 * (x + step) <= high - low <= top * step + 1e-9 * (x + step)


def test_a_floor_belongs_to_the_bracket_below_it():
    tiers = [["floor", "rate", "max_leverage"], [0, 0.004, 125], [50000, 0.005, 100]]
    assert call("MARGIN_TIER", 50000, tiers) == 0.004
    assert call("MARGIN_TIER", 50000.01, tiers, "max_leverage") == 100
    assert call("MARGIN_TIER", 0, tiers) == 0.004
    assert call("MARGIN_TIER", 50000.01, [line[:2] for line in tiers], "max_leverage") == "#N/A"


@pytest.mark.parametrize(
    ("tiers", "error", "word"),
    [
        ([["floor", "rate"], [10, 0.01]], "#VALUE!", "floor 0"),
        ([["floor", "rate"], [0, 0.01], [5, 0.02], [5, 0.03]], "#VALUE!", "row 4"),
        ([["floor", "rate"], [0, 0.02], [5, 0.01]], "#NUM!", "row 3"),
        ([["floor", "rate"], [0, 1]], "#NUM!", "rate"),
        ([["floor", "rate", "amount"], [0, 0.01, 0], [5, 0.02, 0.06]], "#VALUE!", "0.05"),
        ([["floor", "rate", "amount"], [0, 0.01, 1]], "#VALUE!", "amount"),
        ([["floor", "rate", "max_leverage"], [0, 0.01, 0]], "#NUM!", "max_leverage"),
    ],
)
def test_brackets_that_cannot_be_are_refused_with_their_row(tiers, error, word):
    assert call("MARGIN_TIER", 7, tiers) == error
    assert word in call("XLHEDGE_WHY", "MARGIN_TIER", 7, tiers)


def test_an_amount_may_be_blank_row_by_row():
    tiers = [["floor", "rate", "amount"], [0, 0.01, ""], [5, 0.02, 0.05], [9, 0.04, None]]
    assert near(call("MARGIN_TIER", 10, tiers, "amount"), 0.05 + 9 * 0.02)


@quick
@given(counts, prices, factors, st.floats(1, 125), kinds)
def test_margins_are_positive_and_grow_with_the_position(n, price, factor, leverage, kind):
    initial = call("INITIAL_MARGIN", n, price, leverage, 1, kind)
    assert initial > 0
    assert near(initial, call("INITIAL_MARGIN", -n, price, leverage, 1, kind))
    assert near(call("INITIAL_MARGIN", n * factor, price, leverage, 1, kind), initial * factor)
    assert near(call("INITIAL_MARGIN", n, price, leverage * 2, 1, kind), initial / 2)
    required = call("MAINTENANCE_MARGIN", n, price, 0.01, 1, kind)
    assert near(required, 0.01 * initial * leverage)
    assert near(call("MAINTENANCE_MARGIN", -n, price, 0.01, factor, kind), required * factor)


@quick
@given(counts, prices, leverages, st.floats(0.001, 0.02), kinds)
def test_the_margin_ratio_is_1_at_liquidation_and_falls_inside(n, entry, leverage, rate, kind):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    price = liq(n, entry, wallet, rate, 1, kind)
    assume(isinstance(price, float) and 1e-4 * entry < price < 1e4 * entry)
    at = call("MARGIN_RATIO", n, entry, price, wallet, rate, 1, kind)
    assert near(at, 1.0, rel=1e-6)
    half = (entry + price) / 2
    middle = call("MARGIN_RATIO", n, entry, half, wallet, rate, 1, kind)
    start = call("MARGIN_RATIO", n, entry, entry, wallet, rate, 1, kind)
    if start < 1:
        assert start < middle < at


@quick
@given(counts, prices, st.floats(0.7, 1.4), leverages, st.floats(0.001, 0.05), kinds)
def test_a_paid_margin_call_brings_the_ratio_to_its_target(n, entry, move, leverage, rate, kind):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    args = (n, entry, entry * move)
    top_up = call("MARGIN_CALL", *args, wallet, rate, 1, kind, "", 0.4)
    after = call("MARGIN_RATIO", *args, wallet + top_up, rate, 1, kind)
    assert top_up >= 0
    assert near(after, 0.4, rel=1e-7) if top_up > 1e-9 * wallet else after <= 0.4 + 1e-7


@quick
@given(counts, prices, leverages, st.floats(0.001, 0.05), kinds)
def test_the_ladder_is_made_of_the_single_functions(n, entry, leverage, rate, kind):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    header, *rows = call("MARGIN_LADDER", n, entry, wallet, rate, "", 1, kind)
    assert header[0] == "move"
    assert [row[0] for row in rows] == [(1 if n < 0 else -1) * i / 20 + 0.0 for i in range(11)]
    seen = ""
    order = ["ok", "warn", "call", "liquidated"]
    for move, price, pnl, equity, required, ratio, top_up, status in rows:
        assert near(price, entry * (1 + move))
        assert near(pnl, call("CONTRACT_PNL", n, entry, price, 1, kind), scale=wallet)
        assert near(required, call("MAINTENANCE_MARGIN", n, price, rate, 1, kind))
        args = (n, entry, price, wallet, rate, 1, kind)
        alone = call("MARGIN_RATIO", *args)
        if abs(equity) > 1e-12 * wallet:  # an equity that is rounding has no ratio to compare
            assert ratio == alone or near(ratio, alone)
        assert near(top_up, call("MARGIN_CALL", *args), scale=wallet)
        if not math.isclose(equity, required, rel_tol=1e-9):
            assert (status == "liquidated") == (equity < required)
        assert not seen or order.index(status) >= order.index(seen)
        seen = status


def test_a_ladder_takes_signed_moves_and_refuses_a_price_of_0():
    rows = call("MARGIN_LADDER", 1, 100, 10, 0.01, [[-0.05, 0.0, 0.05]])[1:]
    assert [row[2] for row in rows] == [-5.0, 0.0, 5.0]
    assert call("MARGIN_LADDER", 1, 100, 10, 0.01, -1) == "#NUM!"
    assert call("MARGIN_LADDER", 1, 100, 10, "", 0.1) == "#VALUE!"
