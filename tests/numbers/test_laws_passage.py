"""Laws of first passage: liquidation probability and margin buffer."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import factors, kinds, near, quick, slow
from margin_cases import brackets, counts, liq, margin_unit, prices

from xlhedge import call
from xlhedge.core.margin import passage

distances = st.floats(0.001, 3).flatmap(lambda b: st.sampled_from([b, -b]))
volatilities = st.floats(0.01, 3)
horizons = st.floats(0.01, 400)


@quick
@given(prices, distances, volatilities, horizons, st.floats(-2, 2))
def test_a_probability_is_one_and_grows_with_time(price, b, volatility, days, drift):
    level = price * math.exp(b)
    short, long = (
        call("LIQ_PROBABILITY", price, level, volatility, t, drift) for t in (days, days * 1.5)
    )
    assert 0 <= short <= long + 1e-15 <= 1 + 1e-15
    nearer = call("LIQ_PROBABILITY", price, price * math.exp(b * 0.9), volatility, days, drift)
    assert nearer >= short - 1e-15


@quick
@given(prices, distances, volatilities, horizons, st.floats(-2, 2), factors)
def test_a_probability_knows_only_ratios_of_prices(price, b, volatility, days, drift, factor):
    level = price * math.exp(b)
    base = call("LIQ_PROBABILITY", price, level, volatility, days, drift)
    scaled = call("LIQ_PROBABILITY", price * factor, level * factor, volatility, days, drift)
    assert near(scaled, base, rel=1e-7)
    faster = call("LIQ_PROBABILITY", price, level, volatility * 2, days / 4, drift * 4)
    assert near(faster, base, rel=1e-7)


@quick
@given(prices, st.floats(0.001, 2), volatilities, horizons)
def test_with_no_log_drift_touching_is_twice_ending_beyond(price, b, volatility, days):
    from scipy.stats import norm

    drift = volatility**2 / 2
    got = call("LIQ_PROBABILITY", price, price * math.exp(b), volatility, days, drift)
    down = call("LIQ_PROBABILITY", price, price * math.exp(-b), volatility, days, drift)
    spread = volatility * math.sqrt(days / 365)
    assert near(got, float(2 * norm.sf(b / spread)), rel=1e-7)
    assert near(down, got, rel=1e-7)


@quick
@given(prices, st.floats(0.01, 2), volatilities, horizons)
def test_a_martingale_that_gets_there_pays_for_it(price, b, volatility, days):
    """E[price at the first touch or at the end] = price bounds the touch from above by e^−b."""
    up = call("LIQ_PROBABILITY", price, price * math.exp(b), volatility, days)
    assert up <= math.exp(-b) + 1e-12


def test_a_position_beyond_its_liquidation_price_is_liquidated_if_its_side_is_told():
    assert call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7, 0, "short") == 1
    assert round(call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7, 0, "long"), 2) == 0.62
    assert round(call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7), 2) == 0.62
    assert call("LIQ_PROBABILITY", 76617, 76617, 0.6, 0) == 1
    both = call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7, 0, [["short"], ["long"], [""]])
    assert both[0][0] == 1
    assert both[1] == both[2]


def simulated(level, volatility, days, steps, paths, drift=0.0, seed=7):
    """Share of paths that touch, watched `steps` times, at the level shifted for continuity."""
    rng = np.random.default_rng(seed)
    dt = days / 365 / steps
    position, top = np.zeros(paths), np.zeros(paths)
    sign = 1 if level > 1 else -1
    for _ in range(steps):
        position += (drift - volatility**2 / 2) * dt
        position += volatility * math.sqrt(dt) * rng.standard_normal(paths)
        np.maximum(top, sign * position, out=top)
    shifted = abs(math.log(level)) - 0.5826 * volatility * math.sqrt(dt)
    return float((top >= shifted).mean())


@pytest.mark.parametrize(("level", "drift"), [(1.1, 0.0), (0.9, 0.0), (1.1, 1.5), (0.85, -2.0)])
def test_the_probability_agrees_with_simulation(level, drift):
    got = call("LIQ_PROBABILITY", 1, level, 0.6, 7, drift)
    found = simulated(level, 0.6, 7, 168, 20_000, drift)
    assert abs(found - got) < 4 * math.sqrt(got * (1 - got) / 20_000) + 0.002


@pytest.mark.slow
@pytest.mark.parametrize(("level", "drift"), [(1.1, 0.0), (0.9, 0.0), (1.3, 1.5), (0.85, -2.0)])
def test_the_probability_agrees_with_a_long_simulation(level, drift):
    got = call("LIQ_PROBABILITY", 1, level, 0.6, 7, drift)
    found = simulated(level, 0.6, 7, 2016, 400_000, drift)
    assert abs(found - got) < 4 * math.sqrt(got * (1 - got) / 400_000) + 3e-4


@pytest.mark.slow
@pytest.mark.parametrize("n", [-1, 1])
def test_a_buffer_is_lost_as_often_as_it_says(n):
    wallet = call("MARGIN_BUFFER", n, 1, 0.6, 7, 0.005, 0.95)
    level = liq(n, 1, wallet, 0.005)
    assert abs(simulated(level, 0.6, 7, 2016, 400_000) - 0.05) < 0.0015


@slow
@given(
    counts, prices, volatilities, horizons, st.floats(0.5, 0.9999), brackets(), kinds, st.booleans()
)
def test_a_buffer_gives_the_probability_that_was_asked_for(
    n, price, volatility, days, confidence, rows, kind, with_tiers
):
    unit = margin_unit(n, price, 1, kind)
    tiers = [rows[0], *([f * unit, r] for f, r in rows[1:])] if with_tiers else ""
    rate = "" if with_tiers else 0.01
    wallet = call("MARGIN_BUFFER", n, price, volatility, days, rate, confidence, 1, kind, tiers)
    assume(isinstance(wallet, float) and wallet < 0.999 * unit)
    liq_price = liq(n, price, wallet, rate, 1, kind, tiers=tiers)
    side = "short" if n < 0 else "long"
    got = call("LIQ_PROBABILITY", price, liq_price, volatility, days, 0, side)
    assert near(got, 1 - confidence, rel=1e-5)


@quick
@given(counts, prices, st.floats(0.05, 1.5), st.floats(0.5, 60), st.floats(0.6, 0.99), kinds)
def test_more_volatility_time_and_confidence_need_a_larger_buffer(
    n, price, volatility, days, confidence, kind
):
    def buffer(v, d, c):
        return call("MARGIN_BUFFER", n, price, v, d, 0.01, c, 1, kind)

    base = buffer(volatility, days, confidence)
    for more in ((1.2, 1, 1), (1, 1.2, 1), (1, 1, 1.005)):
        v, d, c = more
        assert buffer(volatility * v, days * d, confidence * c) > base
    assert near(
        call("MARGIN_BUFFER", n * 3, price, volatility, days, 0.01, confidence, 1, kind), 3 * base
    )


def test_without_time_or_volatility_the_buffer_is_the_maintenance_margin():
    for volatility, days in ((0, 7), (0.6, 0)):
        assert near(call("MARGIN_BUFFER", -1, 70000, volatility, days, 0.005), 350.0)
    assert call("MARGIN_BUFFER", 0, 70000, 0.6, 7, 0.005) == 0


def test_distances_are_found_for_any_spread_and_chance():
    rng = np.random.default_rng(3)
    spread = 10 ** rng.uniform(-6, 1.5, 2000)
    chance = np.where(rng.random(2000) < 0.5, 10 ** rng.uniform(-12, 0, 2000), rng.random(2000))
    with np.errstate(all="ignore"):
        for side in (1, -1):
            ahead = -side * spread**2 / 2
            found = passage.level(spread, ahead, chance)
            assert np.allclose(passage.touch(found, ahead, spread), chance, rtol=1e-9)
