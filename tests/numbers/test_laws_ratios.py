"""Laws of hedge ratios and of how well they work."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import (
    column,
    factors,
    levels,
    near,
    pair,
    quick,
    seeds,
    shocks,
    slow,
    table,
    walk,
)

from xlhedge import CellError, call

RATIOS = ("BETA", "HEDGE_RATIO", "HEDGE_RATIO_EWMA")


class TestRatios:
    @pytest.mark.parametrize("name", RATIOS)
    @quick
    @given(seed=seeds, power=st.floats(-2, 2))
    def test_spot_that_is_a_power_of_the_future_has_that_ratio(self, name, seed, power):
        futures = walk(seed, 40, start=100)
        assert near(call(name, column(futures**power), column(futures)), power, 1e-8, 1)

    @pytest.mark.parametrize("name", RATIOS)
    @quick
    @given(seed=seeds, factor=factors)
    def test_a_ratio_does_not_depend_on_the_currency(self, name, seed, factor):
        spot, futures = pair(seed, 40)
        ratio = call(name, column(spot), column(futures))
        assert near(call(name, column(factor * spot), column(futures)), ratio, 1e-8)

    @quick
    @given(seeds, st.floats(-1, 1))
    def test_no_other_ratio_leaves_less_variance(self, seed, other):
        spot, futures = (np.diff(np.log(x)) for x in pair(seed, 60))
        best = call("HEDGE_RATIO", *map(column, pair(seed, 60)))
        left = np.var(spot - best * futures)
        assert left <= np.var(spot - (best + other) * futures) * (1 + 1e-12)

    @quick
    @given(seeds, st.integers(1, 4), st.integers(0, 3))
    def test_returns_over_several_rows_end_at_the_last_row(self, seed, lag, extra):
        spot, futures = pair(seed, 25 * lag + 1)
        ratio = call("HEDGE_RATIO", column(spot), column(futures), lag)
        cut = [column(x[-(25 * lag + 1) :: lag]) for x in (spot, futures)]
        assert near(call("HEDGE_RATIO", *cut), ratio, 1e-8)
        spare = min(extra, lag - 1)
        longer = [column(np.concatenate([np.full(spare, 5.0), x])) for x in (spot, futures)]
        assert near(call("HEDGE_RATIO", *longer, lag), ratio, 1e-8)

    @quick
    @given(seeds)
    def test_a_smaller_decay_follows_the_last_rows(self, seed):
        futures = walk(seed, 80, start=100)
        returns = np.diff(np.log(futures))
        slopes = np.where(np.arange(79) < 40, 0.5, 1.5)
        spot = 100 * np.exp(np.concatenate([[0], np.cumsum(slopes * returns)]))
        fast, slow_one = (
            call("HEDGE_RATIO_EWMA", column(spot), column(futures), decay) for decay in (0.7, 0.99)
        )
        assert 0.5 <= slow_one < fast <= 1.5

    @quick
    @given(seeds)
    def test_statistics_agree_with_the_other_functions(self, seed):
        cells = list(map(column, pair(seed, 60)))
        figures = table(call("HEDGE_STATS", *cells))
        ratio = call("HEDGE_RATIO", *cells)
        assert figures["ratio"] == ratio
        share = call("HEDGE_EFFECTIVENESS", *cells, ratio)
        assert near(figures["r_squared"], share)
        assert near(figures["correlation"] ** 2, share)
        spot = np.diff(np.log(np.array(cells[0]).ravel()))
        left = figures["residual_volatility"] ** 2
        assert near(left, float(np.var(spot, ddof=1)) * (1 - share), 1e-8)

    @quick
    @given(seeds, st.floats(-1, 2))
    def test_effectiveness_is_greatest_at_the_ratio_and_0_without_a_hedge(self, seed, other):
        cells = list(map(column, pair(seed, 60)))
        best = call("HEDGE_EFFECTIVENESS", *cells, call("HEDGE_RATIO", *cells))
        variance = call("HEDGE_EFFECTIVENESS", *cells, other)
        assert variance <= best + 1e-12
        sd = call("HEDGE_EFFECTIVENESS", *cells, other, "sd")
        assert near((1 - sd) ** 2, 1 - variance)
        for measure in ("variance", "sd"):
            assert call("HEDGE_EFFECTIVENESS", *cells, 0, measure) == 0

    @slow
    @given(seeds)
    def test_a_perfect_hedge_takes_all_risk_away(self, seed):
        futures = walk(seed, 120, start=100)
        for measure in ("variance", "sd", "var", "es"):
            cells = column(futures**0.7), column(futures)
            assert near(call("HEDGE_EFFECTIVENESS", *cells, 0.7, measure), 1.0, 1e-9)

    @slow
    @given(seeds, levels, st.sampled_from(["var", "es"]))
    def test_no_other_ratio_leaves_a_smaller_tail(self, seed, confidence, measure):
        prices = pair(seed, 121, scale=0.02)
        best = call("HEDGE_RATIO_TAIL", *map(column, prices), confidence, measure)
        assert -1 <= best <= 3
        cells = [*map(column, prices)]
        at_best = call("HEDGE_EFFECTIVENESS", *cells, best, measure, confidence)
        if isinstance(at_best, CellError):
            return
        others = np.concatenate([np.linspace(-1, 3, 41), best + np.linspace(-0.01, 0.01, 20)])
        for other in others[(others >= -1) & (others <= 3)]:
            share = call("HEDGE_EFFECTIVENESS", *cells, float(other), measure, confidence)
            assert share <= at_best + 1e-7

    def test_the_edge_of_the_search_is_the_answer_where_the_best_ratio_lies_beyond(self):
        futures = walk(3, 130, start=100)
        for power, edge in ((4.0, 3.0), (-2.0, -1.0)):
            for measure in ("var", "es"):
                cells = column(futures**power), column(futures)
                assert near(call("HEDGE_RATIO_TAIL", *cells, 0.95, measure), edge, 1e-6)

    @pytest.mark.parametrize("name", [*RATIOS, "HEDGE_STATS", "HEDGE_RATIO_TAIL"])
    def test_a_future_that_grows_at_one_rate_has_no_variance(self, name):
        steady = 100 * 1.001 ** np.arange(150)
        still = np.full(150, 7.0)
        assert call(name, column(walk(1, 150)), column(still)) is CellError.DIV0
        if name != "HEDGE_RATIO_EWMA":
            assert call(name, column(walk(1, 150)), column(steady)) is CellError.DIV0

    def test_a_tail_that_gains_has_no_share(self):
        rising = 100 * np.exp(np.cumsum(0.01 + np.abs(shocks(1, 150))))
        cells = column(rising), column(walk(2, 150))
        assert call("HEDGE_EFFECTIVENESS", *cells, 0.5, "var") is CellError.NUM
        assert "loss" in call("XLHEDGE_WHY", "HEDGE_EFFECTIVENESS", *cells, 0.5, "var")

    def test_lags_below_1_and_lengths_that_differ_are_refused(self):
        spot, futures = map(column, pair(1, 60))
        assert call("HEDGE_RATIO", spot, futures, 0) is CellError.NUM
        assert call("HEDGE_RATIO", spot, futures[1:]) is CellError.VALUE
        assert call("HEDGE_RATIO", spot, futures, 3) is CellError.NA
        assert "61 rows" in call("XLHEDGE_WHY", "HEDGE_RATIO", spot, futures, 3)
