"""Laws of hedges with several futures, curves, rolls, funding ahead and shortfall's backtest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import column, near, pair, quick, reverting, seeds, walk

from xlhedge import CellError, call
from xlhedge.catalog import explain


def both(first, second):
    return [list(line) for line in zip(first.tolist(), second.tolist(), strict=True)]


class TestRatios:
    @quick
    @given(seeds, st.sampled_from([1, 3]))
    def test_one_future_is_hedge_stats(self, seed, lag):
        spot, futures = (column(line) for line in pair(seed, 120))
        table = {line[0]: line for line in call("HEDGE_RATIOS", spot, futures, lag)[1:]}
        stats = dict(call("HEDGE_STATS", spot, futures, lag))
        assert near(table[1.0][1], stats["ratio"])
        assert near(table[1.0][2], stats["standard_error"], 1e-8)
        for label in ("r_squared", "residual_volatility", "observations"):
            assert near(table[label][1], stats[label], 1e-8)

    @quick
    @given(seeds, st.floats(0.2, 5))
    def test_ratios_follow_their_futures_and_no_currency(self, seed, factor):
        spot, one = pair(seed, 80)
        two = walk(seed + 5, 80)
        table = call("HEDGE_RATIOS", column(spot), both(one, two))
        turned = call("HEDGE_RATIOS", column(factor * spot), both(factor * two, one))
        for left, right in ((table[1], turned[2]), (table[2], turned[1])):
            assert all(near(a, b, 1e-7, 1) for a, b in zip(left[1:], right[1:], strict=True))
        assert table[3][1] >= dict(call("HEDGE_STATS", column(spot), column(one)))["r_squared"]

    @quick
    @given(seeds, st.sampled_from([1, 2]), st.integers(45, 60))
    def test_each_rolling_row_is_hedge_stats_of_its_window(self, seed, lag, window):
        spot, futures = pair(seed, 70)
        rows = call("HEDGE_ROLLING", column(spot), column(futures), window, lag)
        assert len(rows) == 70 - window + 1
        for k in (0, len(rows) - 1):
            part = slice(k, k + window)
            stats = dict(call("HEDGE_STATS", column(spot[part]), column(futures[part]), lag))
            for got, label in zip(
                rows[k], ("ratio", "r_squared", "residual_volatility"), strict=True
            ):
                assert near(got, stats[label], 1e-8)


class TestCurve:
    @quick
    @given(st.floats(1, 1e6), st.floats(-0.5, 0.5), st.integers(1, 300), st.integers(1, 300))
    def test_a_flat_simple_curve_has_one_carry(self, spot, carry, first, more):
        days = [[first + more], [first]]
        prices = [[call("FAIR_FUTURE", spot, carry, day[0])] for day in days]
        table = call("CARRY_CURVE", spot, prices, days)[1:]
        assert [line[0] for line in table] == [first, first + more]
        assert all(near(line[3], carry, 1e-9, 365) for line in table)
        assert near(table[0][4], table[0][3])

    @quick
    @given(st.floats(-100, 100), st.floats(1000, 1e5), st.floats(-0.2, 0.2))
    def test_a_long_pays_what_a_short_receives(self, contracts, near_price, contango):
        far = near_price * (1 + contango)
        for kind, size in (("linear", 1), ("inverse", 100)):
            one, other = (
                dict(call("ROLL_COST", n, near_price, far, 10, 100, size, kind, 0.001, 0.001))
                for n in (contracts, -contracts)
            )
            assert near(one["carry_locked"], -other["carry_locked"])
            assert near(one["trading_cost"], other["trading_cost"])
            assert one["trading_cost"] >= 0
            assert near(one["net"], one["carry_locked"] - one["trading_cost"], 1e-9, 1)


class TestForecast:
    @quick
    @given(seeds, st.floats(0.2, 5))
    def test_it_scales_with_the_rates_and_widens_with_time(self, seed, factor):
        rates = 1e-4 + reverting(seed, 300, 0.97, 1e-5)
        one, many = (
            np.array(call("FUNDING_FORECAST", column(f * rates), [[1], [10], [30]]))
            for f in (1, factor)
        )
        assert np.allclose(many, factor * one, rtol=1e-8)
        assert (np.diff(one[:, 1]) > 0).all()
        assert np.allclose(one[:, 2] + one[:, 3], 2 * one[:, 0])

    def test_longs_pay_what_shorts_receive(self):
        rates = 1e-4 + reverting(3, 300, 0.97, 1e-5)
        one, other = (np.array(call("FUNDING_FORECAST", column(s * rates), 7)) for s in (1, -1))
        assert np.allclose(one[:, 0], -other[:, 0])
        assert np.allclose(one[:, 2], -other[:, 3])


class TestShortfall:
    def test_a_model_that_is_right_is_green_and_one_that_halves_the_loss_is_red(self):
        rng = np.random.default_rng(1)
        pnl = rng.standard_normal(2000)
        var, es = 1.959964, 2.337803
        good, bad = (dict(call("ES_BACKTEST", column(pnl), var / f, es / f)) for f in (1, 2))
        assert good["zone"] == "green"
        assert abs(good["z2"]) < 0.5
        assert good["p_value"] > 0.05
        assert bad["zone"] == "red"
        assert bad["z2"] < -1.8

    def test_a_tail_that_is_too_thin_has_a_small_p_value(self):
        pnl = np.random.default_rng(2).standard_t(2.5, 3000)
        var = float(np.quantile(-pnl, 0.975))
        table = dict(call("ES_BACKTEST", column(pnl), var, 1.1 * var))
        assert table["exceedance_residual"] > 0.2
        assert table["p_value"] < 0.01

    @quick
    @given(seeds, st.floats(0.01, 1000))
    def test_units_of_money_do_not_matter(self, seed, factor):
        pnl = np.random.default_rng(seed).standard_t(4, 300)
        one, other = (
            dict(call("ES_BACKTEST", column(f * pnl), f * 2.0, f * 3.0)) for f in (1, factor)
        )
        for label in ("exceptions", "z2", "exceedance_residual", "p_value"):
            if one[label] is not None:
                assert other[label] == pytest.approx(one[label], rel=1e-6, abs=1e-9), label

    def test_what_cannot_be_is_refused(self):
        pnl = column([1, -3, 2])
        assert call("ES_BACKTEST", pnl, 2, 1) is CellError.NUM
        assert "below var" in explain("ES_BACKTEST", pnl, 2, 1).reason
        assert call("ES_BACKTEST", pnl, -2, -1) is CellError.NUM
        assert call("ES_BACKTEST", pnl, column([1, 2]), 5) is CellError.VALUE
