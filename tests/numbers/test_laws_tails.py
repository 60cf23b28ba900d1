"""Laws of values at risk beyond the sample."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import column, quick, seeds
from risk_samples import close, levels, measures, money, sample

from xlhedge import call
from xlhedge.catalog import explain


class TestCornishFisher:
    @quick
    @given(seeds, money, measures)
    def test_loss_scales_with_the_position_and_turns_with_its_sign(self, seed, value, measure):
        r = sample(seed, 150, 30)
        side = math.copysign(1, value)
        one = call("VAR_CORNISH_FISHER", column(side * r), 1, 0.95, measure)
        assert close(call("VAR_CORNISH_FISHER", column(r), value, 0.95, measure), abs(value) * one)

    @quick
    @given(seeds, st.floats(-0.1, 0.1), measures)
    def test_a_certain_return_comes_off_the_loss(self, seed, shift, measure):
        r = sample(seed, 150, 30)
        base = call("VAR_CORNISH_FISHER", column(r), 1, 0.95, measure)
        moved = call("VAR_CORNISH_FISHER", column(r + shift), 1, 0.95, measure)
        assert math.isclose(moved, base - shift, abs_tol=1e-9)

    @quick
    @given(seeds, levels)
    def test_shortfall_is_at_least_value_at_risk_where_there_is_one(self, seed, level):
        r = column(sample(seed, 150, 8))
        var, es = (call("VAR_CORNISH_FISHER", r, 1, level, m) for m in ("var", "es"))
        if isinstance(es, float):
            assert es >= var

    def test_moments_of_a_normal_give_the_normal_value_at_risk(self):
        from scipy.special import ndtri

        r = ndtri((np.arange(20000) + 0.5) / 20000)
        for measure in ("var", "es"):
            normal = call("VAR_NORMAL", 1, math.sqrt(365), 0.99, 1, 0, measure)
            got = call("VAR_CORNISH_FISHER", column(r), 1, 0.99, measure)
            assert math.isclose(got, normal, rel_tol=2e-3)

    def test_left_skew_costs_a_long_and_spares_a_short(self):
        r = sample(3, 400, 40)
        r = column(r - 4 * r * r)
        assert call("VAR_CORNISH_FISHER", r, 1, 0.95) > call("VAR_CORNISH_FISHER", r, -1, 0.95)

    def test_heavy_tails_and_constant_returns_are_refused(self):
        r = np.full(120, 0.001)
        assert call("VAR_CORNISH_FISHER", column(r), 1) == "#DIV/0!"
        r[::2] = -0.001
        r[7] = -0.4
        outcome = explain("VAR_CORNISH_FISHER", column(r), 1)
        assert outcome.value == "#NUM!"
        assert "closer to normal" in outcome.reason


class TestExtremeValues:
    @quick
    @given(seeds, money, st.floats(1e-3, 1e3), measures)
    def test_loss_scales_with_the_position_and_the_returns(self, seed, value, factor, measure):
        r = sample(seed, 600)
        one = call("VAR_EVT", column(math.copysign(1, value) * r), 1, 0.99, 0.9, measure)
        got = call("VAR_EVT", column(factor * r), value, 0.99, 0.9, measure)
        assert close(got, factor * abs(value) * one, 1e-6)

    @quick
    @given(seeds, st.floats(-0.5, 0.5), measures)
    def test_a_certain_return_comes_off_the_loss(self, seed, shift, measure):
        r = sample(seed, 600)
        base = call("VAR_EVT", column(r), 1, 0.99, 0.9, measure)
        moved = call("VAR_EVT", column(r + shift), 1, 0.99, 0.9, measure)
        assert math.isclose(moved, base - shift, abs_tol=1e-7)

    @quick
    @given(seeds, st.floats(0.91, 0.9999))
    def test_it_rises_with_the_level_and_shortfall_lies_beyond(self, seed, level):
        r = sample(seed, 600)
        var, es = (call("VAR_EVT", column(r), 1, level, 0.9, m) for m in ("var", "es"))
        assert -np.quantile(r, 0.1) <= var < es
        assert call("VAR_EVT", column(r), 1, 0.99995, 0.9) > var

    @quick
    @given(seeds)
    def test_inside_the_sample_it_is_close_to_the_sample_quantile(self, seed):
        r = sample(seed, 4000)
        got = call("VAR_EVT", column(r), 1, 0.975, 0.9)
        assert math.isclose(got, -np.quantile(r, 0.025), rel_tol=0.08)

    def test_the_fit_maximises_the_likelihood(self):
        from scipy import stats

        from xlhedge.core.risk.tails import fit_pareto

        rng = np.random.default_rng(4)
        for shape in (-0.5, -0.1, 0.0, 0.2, 0.8, 1.4):
            y = stats.genpareto.rvs(shape, scale=0.03, size=200, random_state=rng)
            xi, beta = fit_pareto(y)

            def score(a, b, y=y):
                return stats.genpareto.logpdf(y, a, 0, b).sum()

            best = score(xi, beta)
            for a, b in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
                assert best >= score(xi + a, beta * (1 + b)), shape

    @quick
    @given(seeds, st.sampled_from([0.99, 0.999]))
    def test_a_tail_without_shape_is_exponential(self, seed, level):
        from scipy import optimize

        y = np.random.default_rng(seed).exponential(1, 100)
        # The likelihood is stationary at a shape of 0 where the mean square is twice the square
        # of the mean.
        power = optimize.brentq(lambda c: np.mean(y ** (2 * c)) / np.mean(y**c) ** 2 - 2, 0.2, 5)
        excesses = 0.01 * y**power
        r = -np.concatenate([np.zeros(901), excesses])
        threshold = 900 / 1000
        var, es = (call("VAR_EVT", column(r), 1, level, threshold, m) for m in ("var", "es"))
        mean = float(excesses.mean())
        assert close(var, mean * math.log(100 / (1001 * (1 - level))), 1e-5)
        assert close(es, var + mean, 1e-5)

    def test_a_tail_without_a_mean_has_no_shortfall(self):
        r = -((1 - (np.arange(1000) + 0.5) / 1000) ** -1.6)
        assert isinstance(call("VAR_EVT", column(r), 1, 0.99, 0.9), float)
        outcome = explain("VAR_EVT", column(r), 1, 0.99, 0.9, "es")
        assert outcome.value == "#NUM!"
        assert "does not exist" in outcome.reason

    @pytest.mark.parametrize(
        ("r", "level", "threshold", "error", "says"),
        [
            (sample(1, 600), 0.9, 0.9, "#NUM!", "confidence must exceed threshold"),
            (sample(1, 600), 0.99, 0.95, "#N/A", "at least 50 losses"),
            (sample(1, 40), 0.99, 0.95, "#N/A", "at least 50 rows"),
            (np.repeat([0.0, -1.0], [500, 60]), 0.99, 0.85, "#DIV/0!", "must vary"),
            (-np.linspace(0, 1, 1000), 0.99, 0.9, "#NUM!", "could not be fitted"),
        ],
    )
    def test_its_errors_name_the_argument(self, r, level, threshold, error, says):
        outcome = explain("VAR_EVT", column(r), 1, level, threshold)
        assert outcome.value == error
        assert says in outcome.reason
