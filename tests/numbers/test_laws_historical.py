"""Laws of values at risk from history."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import column, quick, seeds
from risk_samples import close, levels, measures, money, sample, walk

from xlhedge import call
from xlhedge.catalog import explain


def pair(seed, count):
    """Spot and futures whose log basis reverts to a mean."""
    rng = np.random.default_rng(seed)
    basis = np.zeros(count)
    for i in range(1, count):
        basis[i] = 0.8 * basis[i - 1] + 3e-4 * rng.standard_normal()
    spot = walk(seed + 1, count, 0.01)
    return spot, spot * np.exp(-basis)


class TestHistorical:
    @quick
    @given(seeds, money, measures, st.sampled_from([1, 0.99, 0.92]))
    def test_loss_scales_with_the_position(self, seed, value, measure, decay):
        returns = column(sample(seed, 120))
        one = call("VAR_HISTORICAL", returns, math.copysign(1, value), 0.95, measure, decay)
        got = call("VAR_HISTORICAL", returns, value, 0.95, measure, decay)
        assert close(got, abs(value) * one, 1e-12)

    @quick
    @given(seeds, measures, st.sampled_from([1, 0.97]))
    def test_a_short_of_the_returns_is_a_long_of_their_negatives(self, seed, measure, decay):
        r = sample(seed, 120)
        tail = (0.95, measure, decay)
        assert call("VAR_HISTORICAL", column(r), -3, *tail) == call(
            "VAR_HISTORICAL", column(-r), 3, *tail
        )

    @quick
    @given(seeds, st.floats(-0.1, 0.1), measures, st.sampled_from([1, 0.97]))
    def test_a_certain_return_comes_off_the_loss(self, seed, shift, measure, decay):
        r = sample(seed, 120)
        base = call("VAR_HISTORICAL", column(r), 1, 0.95, measure, decay)
        moved = call("VAR_HISTORICAL", column(r + shift), 1, 0.95, measure, decay)
        assert math.isclose(moved, base - shift, abs_tol=1e-12)

    @quick
    @given(seeds, st.floats(0.5, 0.95))
    def test_shortfall_lies_between_value_at_risk_and_the_worst(self, seed, level):
        r = sample(seed, 120)
        var, es = (call("VAR_HISTORICAL", column(r), 1, level, m) for m in ("var", "es"))
        assert var <= es <= -r.min() + 1e-15
        assert (-r >= var - 1e-15).sum() >= round((1 - level) * 119) - 1

    @quick
    @given(seeds, seeds, money, money, levels, st.sampled_from([1, 0.97]))
    def test_shortfall_of_two_positions_is_at_most_the_sum(self, a, b, v, w, level, decay):
        level = min(level, 0.95)
        first, second = sample(a, 120, 3), sample(b, 120, 3)
        tail = (level, "es", decay)
        both = call("VAR_HISTORICAL", column(v * first + w * second), 1, *tail)
        parts = (call("VAR_HISTORICAL", column(r), x, *tail) for r, x in ((first, v), (second, w)))
        assert both <= sum(parts) + 1e-12 * (abs(v) + abs(w))

    def test_value_at_risk_of_two_positions_may_exceed_the_sum(self):
        first, second = np.zeros(120), np.zeros(120)
        first[:5] = second[5:10] = -1.0
        alone, other, both = (
            call("VAR_HISTORICAL", column(r), 1, 0.95) for r in (first, second, first + second)
        )
        assert alone == other
        assert both > alone + other

    @quick
    @given(seeds, measures)
    def test_the_order_of_rows_matters_only_with_decay(self, seed, measure):
        r = sample(seed, 120)
        first = call("VAR_HISTORICAL", column(r), 1, 0.95, measure)
        assert math.isclose(
            first, call("VAR_HISTORICAL", column(r[::-1]), 1, 0.95, measure), rel_tol=1e-12
        )

    @quick
    @given(seeds, st.floats(0.91, 0.999), measures)
    def test_the_worst_return_weighs_more_when_it_is_recent(self, seed, decay, measure):
        r = np.sort(sample(seed, 120))
        old_first = call("VAR_HISTORICAL", column(r), 1, 0.95, measure, decay)
        recent_last = call("VAR_HISTORICAL", column(r[::-1]), 1, 0.95, measure, decay)
        assert recent_last > old_first

    @quick
    @given(seeds, st.floats(0.91, 1, exclude_max=True))
    def test_with_decay_value_at_risk_is_one_of_the_losses(self, seed, decay):
        r = sample(seed, 120)
        assert call("VAR_HISTORICAL", column(r), 1, 0.95, "var", decay) in (-r).tolist()

    @pytest.mark.parametrize(("level", "decay"), [(0.95, 0.9), (0.99, 0.94), (0.99, 0.98)])
    def test_a_decay_that_leaves_one_loss_to_decide_is_refused(self, level, decay):
        outcome = explain("VAR_HISTORICAL", column(sample(1, 600)), 1, level, "var", decay)
        assert outcome.value == "#N/A"
        assert "effective rows" in outcome.reason
        least = level / (2 - level) + 1e-6
        var = call("VAR_HISTORICAL", column(sample(1, 2000)), 1, level, "var", least)
        assert isinstance(var, float)

    @quick
    @given(seeds)
    def test_a_decay_close_to_1_gives_the_plain_order_statistic(self, seed):
        r = sample(seed, 200)
        var = call("VAR_HISTORICAL", column(r), 1, 0.95, "var", 1 - 1e-13)
        assert var == np.sort(-r)[-10]
        es = call("VAR_HISTORICAL", column(r), 1, 0.95, "es", 1 - 1e-13)
        assert close(es, float(np.sort(-r)[-10:].mean()), 1e-9)

    @pytest.mark.parametrize(
        ("level", "rows"), [(0.9, 50), (0.95, 100), (0.975, 200), (0.99, 500), (0.7, 17)]
    )
    def test_it_needs_5_rows_in_the_tail(self, level, rows):
        r = column(sample(1, rows))
        assert isinstance(call("VAR_HISTORICAL", r, 1, level), float)
        outcome = explain("VAR_HISTORICAL", r[1:], 1, level)
        assert outcome.value == "#N/A"
        assert f"at least {rows} rows" in outcome.reason

    def test_the_tail_is_counted_without_rounding_noise(self):
        # 100 · (1 − 0.71) is 29.000000000000004 and 28.999999999999996 in floating point.
        r = column(-np.arange(101.0))
        assert call("VAR_HISTORICAL", r, 1, 0.71, "es") == np.arange(71, 101).mean()
        assert call("VAR_HISTORICAL", r, 1, 0.9, "es") == np.arange(90, 101).mean()

    @pytest.mark.parametrize("decay", [0, -0.5, 1.0001])
    def test_an_impossible_decay_is_refused(self, decay):
        assert call("VAR_HISTORICAL", column(sample(1, 100)), 1, 0.95, "var", decay) == "#NUM!"


class TestFiltered:
    @quick
    @given(seeds, money, measures, st.integers(1, 5))
    def test_loss_scales_with_the_position_path_by_path(self, seed, value, measure, periods):
        r = column(sample(seed, 260))
        side = math.copysign(1, value)
        tail = (0.95, periods, measure, 0.94, 500)
        assert close(
            call("VAR_FILTERED", r, value, *tail),
            abs(value) * call("VAR_FILTERED", r, side, *tail),
            1e-12,
        )

    @quick
    @given(seeds, st.floats(0.1, 5))
    def test_over_one_period_loss_scales_with_the_returns(self, seed, factor):
        r = sample(seed, 260, 5, 0.005)
        tail = (0.95, 1, "var", 0.94, 500)
        assume(factor * abs(r).max() < 1)
        assert close(
            call("VAR_FILTERED", column(factor * r), 1, *tail),
            factor * call("VAR_FILTERED", column(r), 1, *tail),
            1e-9,
        )

    @quick
    @given(seeds, st.integers(0, 2**31))
    def test_a_seed_gives_one_result_and_shortfall_is_greater(self, seed, draw):
        r = column(sample(seed, 250))
        args = (0.95, 3, "var", 0.94, 1000, draw)
        assert call("VAR_FILTERED", r, 1, *args) == call("VAR_FILTERED", r, 1, *args)
        assert call("VAR_FILTERED", r, 1, 0.95, 3, "es", 0.94, 1000, draw) > call(
            "VAR_FILTERED", r, 1, *args
        )

    def test_it_follows_volatility_where_plain_history_does_not(self):
        r = sample(5, 500, 8)
        wild = r.copy()
        wild[-50:] *= 4
        ratio = call("VAR_FILTERED", column(wild), 1, 0.95) / call(
            "VAR_FILTERED", column(r), 1, 0.95
        )
        assert 3 < ratio < 5
        assert call("VAR_HISTORICAL", column(wild), 1, 0.95) < 2 * call(
            "VAR_HISTORICAL", column(r), 1, 0.95
        )

    def test_nobody_loses_more_than_a_long_position(self):
        r = np.tile([0.8, -0.8, 0.5, -0.5, 0.6], 60)
        assert call("VAR_FILTERED", column(r), 100, 0.99, 20) <= 100.0

    def test_its_start_is_the_mean_of_the_first_20_squares_which_are_not_used_again(self):
        r = sample(2, 250)
        shuffled = np.concatenate([r[:20][::-1], r[20:]])
        a, b = (call("VAR_FILTERED", column(x), 1, 0.95) for x in (r, shuffled))
        assert close(a, b, 1e-12)

    @pytest.mark.parametrize(
        ("changes", "error", "says"),
        [
            ({"value_rows": 249}, "#N/A", "at least 250 rows"),
            ({"periods": 0}, "#NUM!", "horizon_periods must be at least 1"),
            ({"decay": 1}, "#NUM!", "decay must lie between 0 and 1"),
            ({"paths": 99}, "#NUM!", "paths must be at least 100"),
            ({"seed": -1}, "#NUM!", "seed must not be negative"),
            ({"calm": 20}, "#DIV/0!", "first 20 rows"),
            ({"crash": -1.0}, "#NUM!", "greater than -1"),
        ],
    )
    def test_its_errors_name_the_argument(self, changes, error, says):
        r = sample(1, changes.get("value_rows", 250))
        r[: changes.get("calm", 0)] = 0.0
        r[100] = changes.get("crash", r[100])
        outcome = explain(
            "VAR_FILTERED",
            column(r),
            1,
            0.95,
            changes.get("periods", 1),
            "var",
            changes.get("decay", 0.94),
            changes.get("paths", 500),
            changes.get("seed", 42),
        )
        assert outcome.value == error
        assert says in outcome.reason


class TestBasis:
    @quick
    @given(seeds, st.floats(1e-3, 1e3), st.sampled_from(["sqrt", "ou", "empirical"]), measures)
    def test_the_currency_does_not_matter(self, seed, factor, scaling, measure):
        spot, futures = pair(seed, 150)
        tail = (1e6, 0.95, 3, scaling, measure)
        base = call("BASIS_VAR", column(spot), column(futures), *tail)
        got = call("BASIS_VAR", column(factor * spot), column(factor * futures), *tail)
        assert close(got, base, 1e-6)

    @quick
    @given(seeds, money, measures)
    def test_only_the_empirical_scaling_looks_at_the_side(self, seed, value, measure):
        spot, futures = (column(p) for p in pair(seed, 150))
        for scaling in ("sqrt", "ou"):
            tail = (0.95, 4, scaling, measure)
            assert call("BASIS_VAR", spot, futures, value, *tail) == call(
                "BASIS_VAR", spot, futures, -value, *tail
            )
        # The other side of the same book: spot and futures change places.
        assert close(
            call("BASIS_VAR", spot, futures, value, 0.95, 4, "empirical", measure),
            call("BASIS_VAR", futures, spot, -value, 0.95, 4, "empirical", measure),
            1e-9,
        )

    def test_a_falling_basis_loses_for_long_spot_and_short_futures(self):
        basis = 0.01 * np.exp(-np.arange(140) / 50)
        spot = column(70000 * np.exp(basis))
        futures = column(np.full(140, 70000.0))
        loses = call("BASIS_VAR", spot, futures, 1e6, 0.95, 1, "empirical")
        gains = call("BASIS_VAR", spot, futures, -1e6, 0.95, 1, "empirical")
        assert gains < 0 < loses

    @quick
    @given(seeds, st.integers(1, 400))
    def test_sqrt_grows_with_the_root_and_ou_saturates_below_it(self, seed, periods):
        spot, futures = (column(p) for p in pair(seed, 300))
        sqrt1, sqrt = (call("BASIS_VAR", spot, futures, 1, 0.99, t) for t in (1, periods))
        assert close(sqrt, math.sqrt(periods) * sqrt1, 1e-9)
        ou1, ou, limit = (
            call("BASIS_VAR", spot, futures, 1, 0.99, t, "ou") for t in (1, periods, 10**6)
        )
        assert ou1 <= ou <= limit * (1 + 1e-12)
        assert ou <= math.sqrt(periods) * ou1 * (1 + 1e-9)

    @quick
    @given(seeds)
    def test_over_one_row_ou_and_sqrt_agree(self, seed):
        spot, futures = (column(p) for p in pair(seed, 300))
        ou, sqrt = (call("BASIS_VAR", spot, futures, 1, 0.99, 1, s) for s in ("ou", "sqrt"))
        assert math.isclose(ou, sqrt, rel_tol=0.02)

    @pytest.mark.parametrize(
        ("rows", "args", "error", "says"),
        [
            (20, (1,), "#N/A", "at least 21 rows"),
            (109, (1, 0.95, 10, "empirical"), "#N/A", "at least 110 rows"),
            (150, (1, 0.95, 0), "#NUM!", "horizon_periods must be at least 1"),
            (150, (1, 0.95, 1.5), "#NUM!", "whole number"),
            (150, (1, 1), "#NUM!", "confidence"),
        ],
    )
    def test_its_errors_name_the_argument(self, rows, args, error, says):
        spot, futures = (column(p) for p in pair(1, rows))
        outcome = explain("BASIS_VAR", spot, futures, *args)
        assert outcome.value == error
        assert says in outcome.reason

    def test_a_basis_that_wanders_has_no_ou_scaling(self):
        trend = column(70000 * np.exp(np.linspace(0, 1, 60) ** 2))
        outcome = explain("BASIS_VAR", trend, column([70000] * 60), 1, 0.99, 1, "ou")
        assert outcome.value == "#NUM!"
        assert outcome.reason.startswith("the basis ln(spot_prices/futures_prices)")
