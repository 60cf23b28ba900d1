"""Laws of the joint model's fit, and of the simulation that starts where the fit ends."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import slow

from xlhedge import call
from xlhedge.catalog import explain
from xlhedge.core.risk.joint_model import HOURS_PER_YEAR, JointModel
from xlhedge.core.risk.simulation import Book, simulate
from xlhedge.core.statistics.two_factor import (
    TwoFactors,
    filter_two_factors,
    fit_two_factors,
    forecast_sums,
)

SCALE_OF = {"volatility": 1, "variance_now": 2, "mu": 1, "slow_now": 1, "fast_now": 1}


def column(values):
    return [[float(value)] for value in values]


def factors(count, rng, law):
    """A series that the two factors would make, with Gaussian shocks."""
    slow = fast = 0.0
    values = np.empty(count)
    for k, e in enumerate(law.sigma * rng.standard_normal(count)):
        slow, fast = law.rho * slow + law.kappa * e, law.phi * fast + (1 - law.kappa) * e
        values[k] = law.mu + slow + fast
    return values


BASIS = TwoFactors(-2e-4, 0.98, 0.4, 0.1, 3e-4)
FUNDING = TwoFactors(1e-4, 0.99, 0.7, 0.15, 6e-5)


def history(count, seed=0):
    rng = np.random.default_rng(seed)
    spot = 60000 * np.exp(np.cumsum(0.012 * rng.standard_t(4, count)))
    return spot, spot * np.exp(-factors(count, rng, BASIS)), factors(count, rng, FUNDING)


def fitted(spot, futures, rates, hours=8):
    return dict(call("JOINT_FIT", column(spot), column(futures), column(rates), hours))


class TestMeans:
    @pytest.mark.parametrize("seed", range(4))
    def test_the_fit_remembers_as_long_as_the_series_does(self, seed):
        series = factors(20_000, np.random.default_rng(seed), FUNDING)
        law = fit_two_factors("x", series, 8)
        state = filter_two_factors(series, law)
        true = forecast_sums(FUNDING, state, 90)[1]
        assert forecast_sums(law, state, 90)[1] == pytest.approx(true, rel=0.15)
        assert law.mu == pytest.approx(series.mean(), rel=1e-12)
        assert float(np.std(state.shocks)) == pytest.approx(FUNDING.sigma, rel=0.03)

    @pytest.mark.parametrize("seed", range(4))
    def test_it_spreads_over_a_month_as_the_rows_given_did(self, seed):
        series = history(1095, seed)[2]
        law = fit_two_factors("x", series, 8)
        # Var of a sum of 90 rows in the steady state, from the moving average e ← weights.
        weights = [law.kappa * law.rho**k + (1 - law.kappa) * law.phi**k for k in range(20_000)]
        sums = np.convolve(weights, np.ones(90))
        spread = law.sigma * math.sqrt(float(sums @ sums))
        windows = np.lib.stride_tricks.sliding_window_view(series, 90).sum(axis=1)
        assert spread == pytest.approx(float(windows.std()), rel=0.1)

    def test_the_filter_in_closed_form_is_the_recursion(self):
        series = history(200, 3)[2]
        law = fit_two_factors("x", series, 8)
        state = filter_two_factors(series, law)
        slow, fast = float(series[:20].mean()), 0.0
        for k, x in enumerate(series.tolist()):
            e = x - (law.mu + law.rho * (slow - law.mu)) - law.phi * fast
            slow = law.mu + law.rho * (slow - law.mu) + law.kappa * e
            fast = law.phi * fast + (1 - law.kappa) * e
            assert state.shocks[k] == pytest.approx(e, rel=1e-9, abs=1e-15)
            assert slow + fast == pytest.approx(x, rel=1e-9)
        assert (state.slow, state.fast) == pytest.approx((slow, fast), rel=1e-9)


class TestFit:
    @slow
    @given(st.integers(0, 1000), st.floats(1e-3, 1e3))
    def test_the_currency_does_not_matter(self, seed, factor):
        spot, futures, rates = history(200, seed)
        base = fitted(spot, futures, rates)
        got = fitted(factor * spot, factor * futures, rates)
        for label, value in base.items():
            assert got[label] == pytest.approx(value, rel=1e-6, abs=1e-10), label

    @slow
    @given(st.integers(0, 1000), st.sampled_from([-1.0, 3.0]))
    def test_rates_in_another_unit_change_their_own_numbers_only(self, seed, factor):
        spot, futures, rates = history(200, seed)
        base, got = fitted(spot, futures, rates), fitted(spot, futures, factor * rates)
        for label, value in base.items():
            name = label.removeprefix("funding_")
            power = SCALE_OF.get(name, 0) if label.startswith("funding_") else 0
            scale = factor**power
            if name == "volatility" and label != name:
                scale = abs(scale)
            if label in ("corr_spot_funding", "corr_basis_funding"):
                scale = math.copysign(1, factor)
            assert got[label] == pytest.approx(scale * value, rel=1e-6, abs=1e-12), label

    def test_basis_and_funding_now_are_those_of_the_last_row(self):
        spot, futures, rates = history(300, 5)
        model = fitted(spot, 0.99 * futures, rates)
        now = model["basis_slow_now"] + model["basis_fast_now"]
        assert now == pytest.approx(math.log(spot[-1] / futures[-1]) - math.log(0.99))
        assert model["basis_mu"] > 0.009
        now = model["funding_slow_now"] + model["funding_fast_now"]
        assert now == pytest.approx(rates[-1], rel=1e-9)

    def test_volatility_now_follows_a_storm_and_a_calm(self):
        rng = np.random.default_rng(2)
        _, _, rates = history(600, 2)
        basis = factors(600, rng, BASIS)
        for storm in (True, False):
            scale = np.r_[np.full(500, 0.01), np.full(100, 0.03 if storm else 0.003)]
            spot = 100 * np.exp(np.cumsum(scale * rng.standard_normal(600)))
            model = fitted(spot, spot * np.exp(-basis), rates)
            mean = model["spot_volatility"] ** 2 * 8 / HOURS_PER_YEAR
            assert (model["spot_variance_now"] > 2 * mean) == storm

    @pytest.mark.parametrize("hours", [1, 4, 24])
    def test_other_intervals_are_taken(self, hours):
        model = fitted(*history(1000, 1), hours)
        assert model["interval_hours"] == hours
        table = list(map(list, model.items()))
        assert isinstance(dict(call("VAR_JOINT", 1, 70000, -1, table, 2))["var"], float)

    @pytest.mark.parametrize(
        ("spot", "futures", "rates", "error", "says"),
        [
            (slice(0, 49), slice(0, 49), slice(0, 49), "#N/A", "at least 50 rows"),
            (slice(0, 109), slice(0, 109), slice(0, 109), "#N/A", "at least 110 rows"),
            (slice(0, 60), slice(0, 60), slice(0, 59), "#VALUE!", "same number of rows"),
        ],
    )
    def test_lengths_are_checked(self, spot, futures, rates, error, says):
        s, f, r = history(120, 1)
        outcome = explain("JOINT_FIT", column(s[spot]), column(f[futures]), column(r[rates]))
        assert outcome.value == error
        assert says in outcome.reason

    def test_series_that_stand_still_are_refused_by_name(self):
        spot, futures, rates = history(120, 1)
        outcome = explain("JOINT_FIT", column(spot), column(spot), column(rates))
        assert outcome.value == "#DIV/0!"
        assert outcome.reason.startswith("the basis ln(spot_prices/futures_prices) must vary")
        outcome = explain("JOINT_FIT", column(spot), column(futures), column(0 * rates))
        assert outcome.reason.startswith("funding_rates must vary")


@pytest.fixture
def model():
    return fitted(*history(400, 1))


class TestSimulation:
    def parts(self, model, book, intervals, paths=20_000, **changes):
        return simulate(JointModel(**(model | changes)), book, intervals, paths, 1)

    def test_the_value_at_risk_takes_the_fit_as_it_comes(self, model):
        table = list(map(list, model.items()))
        assert isinstance(dict(call("VAR_JOINT", 1, 70000, -1, table))["var"], float)
        header = [list(line) for line in zip(*table, strict=True)]
        assert call("VAR_JOINT", 1, 70000, -1, header) == call("VAR_JOINT", 1, 70000, -1, table)

    def test_sums_spread_as_the_forecast_says(self, model):
        """Funding of a short at a price that stands still, against the filter's own forecast."""
        still = dict.fromkeys(
            ("spot_volatility", "spot_variance_now", "basis_volatility", "basis_variance_now"), 0.0
        )
        mean = model["funding_volatility"] ** 2 * 8 / HOURS_PER_YEAR
        still |= {"funding_variance_now": mean, "funding_degrees_of_freedom": 12.0}
        still |= {"basis_slow_now": 0.0, "basis_fast_now": 0.0, "basis_mu": 0.0}
        law = TwoFactors(*(model[f"funding_{n}"] for n in ("mu", "rho", "phi", "kappa")),
                         math.sqrt(mean))  # fmt: skip
        for intervals in (1, 9, 90):
            parts = self.parts(model, Book(0.0, -1.0, 1.0), intervals, **still)
            state = filter_two_factors(np.zeros(20), law)._replace(
                slow=model["funding_slow_now"], fast=model["funding_fast_now"]
            )
            want = forecast_sums(law, state, intervals)
            assert not parts[:2].any()
            assert parts[2].mean() == pytest.approx(want[0], abs=4 * want[1] / math.sqrt(20_000))
            assert parts[2].std() == pytest.approx(want[1], rel=0.05)

    def test_an_inverse_hedge_of_the_same_value_leaves_the_same_first_order_risk(self, model):
        price = 70000.0
        futures = price * math.exp(-(model["basis_slow_now"] + model["basis_fast_now"]))
        linear = self.parts(model, Book(1.0, -1.0, price), 3)
        inverse = self.parts(model, Book(1.0, -futures, price, True), 3)
        for part in (1, 2):
            assert np.corrcoef(linear[part], inverse[part])[0, 1] > 0.99
            assert inverse[part].std() == pytest.approx(linear[part].std(), rel=0.1)
        assert abs(inverse[0]).max() < 1e-6 * price

    def test_a_model_without_funding_is_a_dated_future(self, model):
        dated = {k: v for k, v in model.items() if "funding" not in k}
        table = dict(call("VAR_JOINT", 1, 70000, -1, list(map(list, dated.items()))))
        assert table["funding_share"] == 0
        assert table["var"] > 0

    def test_volatility_clusters_and_days_have_tails(self, model):
        """After a large first day the second is larger; a day's own three rows share their χ²."""
        spot = Book(1.0, 0.0, 1.0)
        day, two = (np.log1p(self.parts(model, spot, n, 50_000)[0]) for n in (3, 6))
        second = two - day
        large = np.abs(day) > np.quantile(np.abs(day), 0.95)
        assert np.median(np.abs(second[large])) > 1.1 * np.median(np.abs(second[~large]))
        kurtosis = np.mean((day - day.mean()) ** 4) / day.var() ** 2
        assert kurtosis > 5

    def test_the_other_side_of_the_book_gains_what_this_one_loses(self, model):
        one, other = (self.parts(model, Book(s, -0.5 * s, 70000.0), 9, 2000) for s in (1, -1))
        assert np.allclose(one, -other)

    @pytest.mark.parametrize(
        ("change", "error", "says"),
        [
            ({"basis_rho": 1.2}, "#NUM!", "basis_rho must lie between 0 and 1"),
            ({"spot_degrees_of_freedom": 2}, "#NUM!", "spot_degrees_of_freedom must be above 2"),
            ({"funding_variance_now": -1}, "#NUM!", "funding_variance_now must not be negative"),
            ({"funding_kappa": ""}, "#VALUE!", "model lacks funding_kappa"),
            ({"basis_theta": 5}, "#VALUE!", "model"),
        ],
    )
    def test_an_impossible_model_is_refused_by_name(self, model, change, error, says):
        table = list(map(list, (model | change).items()))
        outcome = explain("VAR_JOINT", 1, 70000, -1, table)
        assert outcome.value == error
        assert says in outcome.reason
