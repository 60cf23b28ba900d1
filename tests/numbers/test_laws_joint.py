"""Laws of the joint model: closed forms, symmetries, reproducibility."""

import math
import os
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joint_models import USUAL, H
from laws import quick, slow

from xlhedge import call
from xlhedge.catalog import explain
from xlhedge.core.risk.joint_model import JointModel
from xlhedge.core.risk.paths import reverting_products
from xlhedge.core.risk.simulation import BLOCK_PATHS, Book, simulate


def cells(**changes):
    return [[label, value] for label, value in (USUAL | changes).items()]


def joint(*args):
    return dict(call("VAR_JOINT", *args))


class Exponentials:
    """Moments of sums of c·e^(u'y)·(v'y or 1) over a Gaussian vector y: the closed form."""

    def __init__(self, mean, covariance):
        self.mean, self.covariance = mean, covariance

    def _expect(self, u, factors):
        shifted = self.mean + self.covariance @ u
        size = math.exp(u @ self.mean + u @ self.covariance @ u / 2)
        factors = [v for v in factors if v is not None]
        if len(factors) == 2:
            v, w = factors
            return size * ((v @ shifted) * (w @ shifted) + v @ self.covariance @ w)
        return size * math.prod(float(v @ shifted) for v in factors)

    def first(self, terms):
        return sum(c * self._expect(u, [v]) for c, u, v in terms)

    def covariance_of(self, left, right):
        both = sum(c * d * self._expect(u + w, [v, x]) for c, u, v in left for d, w, x in right)
        return both - self.first(left) * self.first(right)


def closed_form(model, coins, contracts, price, periods):
    """Means and covariance matrix of the spot, basis and funding profit and loss, Gaussian shocks.

    Derived from the continuous process, not from its steps: Cov(yᵢ(t), yⱼ(s)) for t ≤ s is
    ρᵢⱼσᵢσⱼ e^(−θⱼ(s−t)) (1 − e^(−(θᵢ+θⱼ)t))/(θᵢ+θⱼ).
    """
    theta = [1e-9, model["basis_theta"], model["funding_theta"]]
    sigma = [model["spot_volatility"], model["basis_sigma"], model["funding_sigma"]]
    rho = np.eye(3)
    rho[0, 1] = rho[1, 0] = model["corr_spot_basis"]
    rho[0, 2] = rho[2, 0] = model["corr_spot_funding"]
    rho[1, 2] = rho[2, 1] = model["corr_basis_funding"]
    h = model["interval_hours"] / 8760
    size = 3 * periods
    mean, covariance = np.zeros(size), np.zeros((size, size))
    for k in range(periods):
        t = (k + 1) * h
        mean[3 * k] = -(sigma[0] ** 2) * t / 2
        for i, name in ((1, "basis"), (2, "funding")):
            level = model[f"{name}_mu"]
            start = model[f"{name}_current"]
            mean[3 * k + i] = level + (start - level) * math.exp(-theta[i] * t)
        for other in range(k, periods):
            s = (other + 1) * h
            for i in range(3):
                for j in range(3):
                    total = theta[i] + theta[j]
                    value = rho[i, j] * sigma[i] * sigma[j] * -math.expm1(-total * t) / total
                    value *= math.exp(-theta[j] * (s - t))
                    covariance[3 * k + i, 3 * other + j] = value
                    covariance[3 * other + j, 3 * k + i] = value
    law = Exponentials(mean, covariance)
    unit = np.eye(size)
    zero = np.zeros(size)
    x, b = unit[size - 3], unit[size - 2]
    discount = math.exp(-model["basis_current"])
    spot = [((coins + contracts * discount) * price, x, None)]
    spot.append((-spot[0][0], zero, None))
    basis = [(contracts * price, x - b, None), (-contracts * price * discount, x, None)]
    funding = [
        (-contracts * price, unit[3 * k] - unit[3 * k + 1], unit[3 * k + 2]) for k in range(periods)
    ]
    parts = [spot, basis, funding]
    means = np.array([law.first(part) for part in parts])
    matrix = np.array([[law.covariance_of(p, q) for q in parts] for p in parts])
    return means, matrix


def assert_moments(sample, mean, variance):
    """Mean and variance lie within 3 standard errors of the simulation."""
    n = len(sample)
    deviations = sample - sample.mean()
    got = float(deviations @ deviations) / (n - 1)
    error = math.sqrt(max(float((deviations**4).mean()) - got**2, 0.0) / n)
    assert abs(sample.mean() - mean) <= 3 * math.sqrt(got / n) + 1e-9
    assert abs(got - variance) <= 3 * error + 1e-9 * variance


@pytest.mark.parametrize("periods", [1, pytest.param(3, marks=pytest.mark.slow), 9])
@pytest.mark.parametrize("contracts", [-1.0, 0.4])
@pytest.mark.parametrize(
    "changes", [{}, {"basis_theta": 4000.0}, {"spot_volatility": 0.0}, {"funding_theta": 0.0}]
)
def test_gaussian_means_variances_and_shares_have_their_closed_form(periods, contracts, changes):
    model = USUAL | changes
    closed = model | {"funding_theta": model["funding_theta"] or 1e-7}
    means, matrix = closed_form(closed, 1.0, contracts, 70000.0, periods)
    parts = simulate(JointModel(**model), Book(1.0, contracts, 70000.0), periods, 60000, 7)
    for part, mean, variance in zip(parts, means, np.diag(matrix), strict=True):
        assert_moments(part, mean, variance)
    assert_moments(parts.sum(axis=0), means.sum(), matrix.sum())
    table = joint(1, 70000, contracts, cells(**changes), periods / 3, 0.99, 1, 60000, 7)
    assert table["mean"] == pytest.approx(parts.sum() / 60000)
    shares = matrix.sum(axis=1) / matrix.sum()
    assert table["basis_share"] == pytest.approx(shares[1], abs=0.02)
    assert table["funding_share"] == pytest.approx(shares[2], abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("periods", [1, 12, 90])
def test_a_million_paths_agree_with_the_closed_form(periods):
    means, matrix = closed_form(USUAL, 1.0, -1.0, 70000.0, periods)
    parts = simulate(JointModel(**USUAL), Book(1.0, -1.0, 70000.0), periods, 1_000_000, 11)
    for part, mean, variance in zip(parts, means, np.diag(matrix), strict=True):
        assert_moments(part, mean, variance)
    assert_moments(parts.sum(axis=0), means.sum(), matrix.sum())


@quick
@given(st.lists(st.floats(0, 5000), min_size=3, max_size=3), st.floats(1e-5, 0.1))
def test_integrated_shocks_have_the_covariance_of_their_integral(thetas, years):
    from scipy.integrate import quad

    got = reverting_products(np.array(thetas), years)
    for i in range(3):
        for j in range(3):
            total = thetas[i] + thetas[j]
            want = quad(lambda s, t=total: math.exp(-t * s), 0, years, epsabs=0)[0]
            assert got[i, j] == pytest.approx(want, rel=1e-7)


class TestSymmetries:
    @slow
    @given(st.floats(0.01, 100), st.sampled_from([None, 3.0]))
    def test_everything_in_money_scales_with_the_book_and_with_the_price(self, factor, freedom):
        model = cells(degrees_of_freedom=freedom)
        base = joint(1, 70000, -1, model, 1, 0.95, 1, 2000)
        bigger = joint(factor, 70000, -factor, model, 1, 0.95, 1, 2000)
        dearer = joint(1, 70000 * factor, -1, model, 1, 0.95, 1, 2000)
        sized = joint(1, 70000, -1 / factor, model, 1, 0.95, factor, 2000)
        for label in ("var", "es", "mean", "sd", "var_standard_error"):
            assert bigger[label] == pytest.approx(factor * base[label], rel=1e-9)
            assert dearer[label] == pytest.approx(factor * base[label], rel=1e-9)
            assert sized[label] == pytest.approx(base[label], rel=1e-9)
        for label in ("basis_share", "funding_share", "loss_probability"):
            assert bigger[label] == pytest.approx(base[label], rel=1e-9)

    @slow
    @given(st.integers(0, 2**31), st.integers(1, 6))
    def test_the_other_side_of_the_book_gains_what_this_one_loses(self, seed, periods):
        model = JointModel(**USUAL)
        one = simulate(model, Book(1.5, -2.0, 70000.0), periods, 1000, seed)
        other = simulate(model, Book(-1.5, 2.0, 70000.0), periods, 1000, seed)
        assert np.array_equal(one, -other)

    @slow
    @given(st.integers(0, 2**31), st.sampled_from([None, 4.0]))
    def test_profits_of_two_books_add_up_path_by_path(self, seed, freedom):
        model = JointModel(**(USUAL | {"degrees_of_freedom": freedom}))
        a, b, both = (
            simulate(model, Book(q, n, 70000.0), 3, 1000, seed)
            for q, n in ((1.0, 0.0), (0.0, -0.7), (1.0, -0.7))
        )
        assert np.allclose((a + b).sum(axis=0), both.sum(axis=0), rtol=1e-9, atol=1e-7)

    def test_a_short_receives_positive_funding_and_pays_negative(self):
        quiet = {"spot_volatility": 0, "basis_sigma": 0, "funding_sigma": 0, "basis_theta": 0}
        for rate in (0.001, -0.001):
            model = cells(**quiet, funding_current=rate, funding_mu=rate, basis_current=0)
            short, holder = (joint(0, 70000, n, model)["mean"] for n in (-1, 1))
            assert short == pytest.approx(3 * 70000 * rate)
            assert holder == pytest.approx(-3 * 70000 * rate)

    def test_a_basis_that_falls_costs_long_spot_and_short_futures(self):
        quiet = {"spot_volatility": 0, "basis_sigma": 0, "funding_sigma": 0}
        model = cells(**quiet, basis_current=0.01, basis_mu=0, funding_current=0, funding_mu=0)
        table = joint(1, 70000, -1, model, 10)
        assert table["mean"] == pytest.approx(-70000 * (1 - math.exp(-0.01)), rel=1e-3)
        assert table["var"] == pytest.approx(-table["mean"])
        assert table["loss_probability"] == 1.0

    def test_a_book_hedged_against_a_still_basis_has_no_risk(self):
        quiet = {"basis_sigma": 0, "funding_sigma": 0, "basis_theta": 0, "funding_current": 0}
        model = cells(**quiet, funding_mu=0, basis_current=0.01)
        table = joint(1, 70000, -math.exp(0.01), model)
        assert table["var"] == pytest.approx(0, abs=1e-9)
        assert table["sd"] == pytest.approx(0, abs=1e-9)

    def test_spot_alone_has_no_share_of_basis_and_funding(self):
        table = joint(1, 70000, 0, cells())
        assert table["basis_share"] == table["funding_share"] == 0.0

    def test_spot_is_a_martingale(self):
        spot = simulate(JointModel(**USUAL), Book(1.0, 0.0, 100.0), 30, 100_000, 3)[0]
        assert abs(spot.mean()) < 3 * spot.std() / math.sqrt(100_000)


class TestStudent:
    def test_shocks_keep_their_variance(self):
        for periods in (1, 6):
            gauss, student = (
                simulate(
                    JointModel(**(USUAL | {"degrees_of_freedom": nu, "spot_volatility": 0.0})),
                    Book(0.0, -1.0, 1.0),
                    periods,
                    200_000,
                    5,
                )
                for nu in (None, 6.0)
            )
            assert student[1:].std(axis=1) == pytest.approx(gauss[1:].std(axis=1), rel=0.02)

    def test_large_moves_of_spot_and_basis_come_together_even_without_correlation(self):
        apart = {"corr_spot_basis": 0.0, "corr_spot_funding": 0.0, "corr_basis_funding": 0.0}

        def clustering(nu):
            model = JointModel(**(USUAL | apart | {"degrees_of_freedom": nu}))
            spot, basis, _ = simulate(model, Book(1.0, -0.5, 1.0), 1, 50_000, 5)
            return np.corrcoef(abs(spot - spot.mean()), abs(basis - basis.mean()))[0, 1]

        assert abs(clustering(None)) < 0.03
        assert clustering(4.0) > 0.15

    def test_one_interval_is_a_scaled_t_law(self):
        from scipy import stats

        model = JointModel(**(USUAL | {"degrees_of_freedom": 3.0}))
        spot = simulate(model, Book(1.0, 0.0, 1.0), 1, 20_000, 9)[0]
        shock = (np.log1p(spot) + 0.36 * H / 2) / (0.6 * math.sqrt(H)) * math.sqrt(3.0)
        assert stats.kstest(shock, stats.t(3).cdf).pvalue > 0.01

    def test_heavy_tails_raise_the_far_value_at_risk(self):
        far = [
            joint(1, 70000, -1, cells(degrees_of_freedom=nu), 1 / 3, 0.999, 1, 100_000)["var"]
            for nu in (3, 6, None)
        ]
        assert far[0] > far[1] > far[2]


class TestReproducibility:
    def test_a_seed_gives_one_result_and_another_seed_another(self):
        one, same, other = (joint(1, 70000, -1, cells(), 1, 0.95, 1, 9000, s) for s in (1, 1, 2))
        assert one == same
        assert one != other

    def test_the_result_does_not_depend_on_the_number_of_processors(self, monkeypatch):
        results = []
        for processors in (1, 2, 7):
            monkeypatch.setattr(os, "cpu_count", lambda n=processors: n)
            results.append(joint(1, 70000, -1, cells(degrees_of_freedom=4), 9, 0.99, 1, 30_000))
        assert results[0] == results[1] == results[2]

    def test_more_paths_begin_with_the_same_ones(self):
        model = JointModel(**USUAL)
        short, longer = (
            simulate(model, Book(1.0, -1.0, 70000.0), 3, n, 5)
            for n in (BLOCK_PATHS, 2 * BLOCK_PATHS + 17)
        )
        assert np.array_equal(short, longer[:, :BLOCK_PATHS])

    def test_the_standard_error_is_that_of_repeated_simulations(self):
        tables = [joint(1, 70000, -1, cells(), 1, 0.95, 1, 2000, s) for s in range(150)]
        spread = np.std([t["var"] for t in tables], ddof=1)
        assert np.mean([t["var_standard_error"] for t in tables]) == pytest.approx(spread, rel=0.2)

    @pytest.mark.slow
    def test_a_million_paths_stay_below_500_megabytes(self):
        call("VAR_JOINT", 1, 70000, -1, cells())
        tracemalloc.start()
        call("VAR_JOINT", 1, 70000, -1, cells(degrees_of_freedom=4), 3, 0.99, 1, 1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 500e6

    @pytest.mark.slow
    def test_it_takes_little_longer_than_drawing_its_numbers(self):
        def draw():
            rng = np.random.default_rng(1)
            rng.standard_normal(20_000 * 90 * 3)
            rng.chisquare(4, 20_000 * 90)

        def simulated():
            call("VAR_JOINT", 1, 70000, -1, cells(degrees_of_freedom=4), 30)

        def cost(function):
            start = time.process_time()
            function()
            return time.process_time() - start

        # Processor time of all threads: what other programs do meanwhile does not count.
        costs = [(cost(simulated), cost(draw)) for _ in range(8)]
        assert min(c[0] for c in costs) <= 1.5 * min(c[1] for c in costs)


@pytest.mark.parametrize(
    ("changes", "args", "error", "says"),
    [
        ({}, (1, -70000, -1), "#NUM!", "spot_price must be positive"),
        ({"basis_theta": -1}, (1, 70000, -1), "#NUM!", "basis_theta must not be negative"),
        ({"degrees_of_freedom": 1.9}, (1, 70000, -1), "#NUM!", "degrees_of_freedom"),
        ({"interval_hours": 0}, (1, 70000, -1), "#NUM!", "interval_hours must be positive"),
        ({"spot_volatility": "high"}, (1, 70000, -1), "#VALUE!", "model, spot_volatility"),
        ({"basis_mu": ""}, (1, 70000, -1), "#VALUE!", "model lacks basis_mu"),
        ({"basis_rho": 0.9}, (1, 70000, -1), "#VALUE!", "mixes"),
    ],
)
def test_a_model_outside_its_domain_is_refused_by_name(changes, args, error, says):
    outcome = explain("VAR_JOINT", *args, cells(**changes))
    assert outcome.value == error
    assert says in outcome.reason


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((0.4,), "whole number of intervals of 8 hours"),
        ((0,), "whole number of intervals"),
        ((-1,), "whole number of intervals"),
        ((1, 1), "confidence"),
        ((1, 0.99, 0), "contract_size must be positive"),
        ((1, 0.99, 1, 499), "paths must lie between 500"),
        ((1, 0.99, 1, 10**9), "paths must lie between 500"),
        ((1, 0.99, 1, 1000, -1), "seed must not be negative"),
    ],
)
def test_its_other_errors_name_the_argument(args, says):
    outcome = explain("VAR_JOINT", 1, 70000, -1, cells(), *args)
    assert outcome.value == "#NUM!"
    assert says in outcome.reason
