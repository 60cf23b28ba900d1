"""Laws of the joint model: closed forms, symmetries, reproducibility."""

import math
import os
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlhedge import call
from xlhedge.catalog import explain
from xlhedge.core.joint import JointModel, nearest_correlation, reverting_products
from xlhedge.core.simulation import BLOCK_PATHS, Book, simulate

quick = settings(deadline=None, max_examples=50, derandomize=True)
few = settings(deadline=None, max_examples=12, derandomize=True)
H = 8 / 8760

USUAL = {
    "spot_volatility": 0.6,
    "basis_current": -0.002,
    "basis_theta": 400.0,
    "basis_mu": 0.0003,
    "basis_sigma": 0.03,
    "funding_current": 0.0004,
    "funding_theta": 250.0,
    "funding_mu": 0.0001,
    "funding_sigma": 0.006,
    "corr_spot_basis": -0.3,
    "corr_spot_funding": 0.25,
    "corr_basis_funding": -0.45,
    "degrees_of_freedom": None,
    "interval_hours": 8.0,
}


def cells(**changes):
    return [[label, value] for label, value in (USUAL | changes).items()]


def column(values):
    return [[float(value)] for value in values]


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


HEDGED = {"coins": 1.0, "contracts": -1.0}


@pytest.mark.parametrize("periods", [1, 3, 9])
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
    @few
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

    @few
    @given(st.integers(0, 2**31), st.integers(1, 6))
    def test_the_other_side_of_the_book_gains_what_this_one_loses(self, seed, periods):
        model = JointModel(**USUAL)
        one = simulate(model, Book(1.5, -2.0, 70000.0), periods, 1000, seed)
        other = simulate(model, Book(-1.5, 2.0, 70000.0), periods, 1000, seed)
        assert np.array_equal(one, -other)

    @few
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


def history(count, seed=0, nu=None, phi=(1.0, 0.5, 0.8), rho=(-0.4, 0.3, -0.5)):
    """Prices and rates that the model itself would make; φ of spot is 1."""
    a, b, c = rho
    shocks = np.random.default_rng(seed)
    thetas = -np.log(np.array(phi)) / H
    covariance = np.array([[1, a, b], [a, 1, c], [b, c, 1]]) * reverting_products(thetas, H)
    z = shocks.standard_normal((count, 3)) @ np.linalg.cholesky(covariance).T
    if nu:
        z *= np.sqrt((nu - 2) / shocks.chisquare(nu, (count, 1)))
    z *= np.array([0.6, 0.02, 0.004])
    x = 11.0 + np.cumsum(z[:, 0])
    basis, rates = np.zeros(count), np.full(count, 1e-4)
    for t in range(1, count):
        basis[t] = phi[1] * basis[t - 1] + z[t, 1]
        rates[t] = 1e-4 + phi[2] * (rates[t - 1] - 1e-4) + z[t, 2]
    return np.exp(x), np.exp(x - basis), rates


def fitted(spot, futures, rates, hours=8):
    return dict(call("JOINT_FIT", column(spot), column(futures), column(rates), hours))


class TestFit:
    def test_it_finds_the_law_that_made_the_history(self):
        model = fitted(*history(30_000, 1, 4.0, phi=(1.0, 0.05, 0.8)))
        assert model["spot_volatility"] == pytest.approx(0.6, rel=0.03)
        assert model["basis_theta"] == pytest.approx(-math.log(0.05) / H, rel=0.1)
        assert model["basis_sigma"] == pytest.approx(0.02, rel=0.05)
        assert model["funding_theta"] == pytest.approx(-math.log(0.8) / H, rel=0.05)
        assert model["funding_sigma"] == pytest.approx(0.004, rel=0.05)
        assert model["funding_mu"] == pytest.approx(1e-4, abs=1e-5)
        # At φ = 0.05 the steps of spot and basis correlate 22 % less than their shocks.
        assert model["corr_spot_basis"] == pytest.approx(-0.4, abs=0.03)
        assert model["corr_spot_funding"] == pytest.approx(0.3, abs=0.03)
        assert model["corr_basis_funding"] == pytest.approx(-0.5, abs=0.03)
        assert model["degrees_of_freedom"] == pytest.approx(4.0, rel=0.1)

    def test_a_gaussian_history_leaves_the_degrees_of_freedom_blank(self):
        blanks = [fitted(*history(500, s))["degrees_of_freedom"] is None for s in range(40)]
        assert sum(blanks) >= 35

    @few
    @given(st.integers(0, 1000), st.floats(1e-3, 1e3))
    def test_the_currency_does_not_matter(self, seed, factor):
        spot, futures, rates = history(200, seed, 4.0)
        base = fitted(spot, futures, rates)
        got = fitted(factor * spot, factor * futures, rates)
        for label, value in base.items():
            assert got[label] == pytest.approx(value, rel=1e-5, abs=1e-8), label

    @few
    @given(st.integers(0, 1000), st.sampled_from([-1.0, 3.0]))
    def test_rates_in_another_unit_change_their_own_numbers_only(self, seed, factor):
        spot, futures, rates = history(200, seed)
        base, got = fitted(spot, futures, rates), fitted(spot, futures, factor * rates)
        sign = math.copysign(1, factor)
        scales = {"funding_current": factor, "funding_mu": factor, "funding_sigma": abs(factor)}
        scales |= dict.fromkeys(("corr_spot_funding", "corr_basis_funding"), sign)
        assert (base.pop("degrees_of_freedom") is None) == (got["degrees_of_freedom"] is None)
        for label, value in base.items():
            want = scales.get(label, 1.0) * value
            assert got[label] == pytest.approx(want, rel=1e-6, abs=1e-9), label

    @few
    @given(st.integers(0, 1000))
    def test_hours_rescale_time_only(self, seed):
        data = history(200, seed)
        eight, one = fitted(*data), fitted(*data, 1)
        assert one["basis_theta"] == pytest.approx(8 * eight["basis_theta"], rel=1e-9)
        assert one["spot_volatility"] == pytest.approx(
            math.sqrt(8) * eight["spot_volatility"], rel=1e-9
        )
        for label in ("basis_mu", "corr_spot_basis", "corr_basis_funding"):
            assert one[label] == pytest.approx(eight[label], rel=1e-6)

    def test_a_perpetual_below_spot_has_a_positive_basis(self):
        spot, futures, rates = history(200, 1)
        model = fitted(spot, 0.99 * futures, rates)
        assert model["basis_current"] == pytest.approx(
            math.log(spot[-1] / futures[-1]) - math.log(0.99)
        )
        assert model["basis_mu"] > 0.009

    def test_the_value_at_risk_takes_the_fit_as_it_comes(self):
        data = [column(line) for line in history(300, 1, 4.0)]
        model = call("JOINT_FIT", *data)
        assert isinstance(dict(call("VAR_JOINT", 1, 70000, -1, model))["var"], float)
        header = [list(line) for line in zip(*model, strict=True)]
        assert call("VAR_JOINT", 1, 70000, -1, header) == call("VAR_JOINT", 1, 70000, -1, model)

    @quick
    @given(st.lists(st.floats(-1.3, 1.3), min_size=3, max_size=3))
    def test_impossible_correlations_are_brought_back(self, values):
        a, b, c = values
        got = nearest_correlation(np.array([[1, a, b], [a, 1, c], [b, c, 1]]))
        assert np.allclose(np.diag(got), 1)
        assert np.linalg.eigvalsh(got)[0] >= -1e-9
        assert np.abs(got).max() <= 1 + 1e-9
        if np.linalg.eigvalsh(np.array([[1, a, b], [a, 1, c], [b, c, 1]]))[0] >= 0:
            assert got[0, 1] == a

    def test_perfectly_correlated_shocks_are_a_legitimate_model(self):
        ones = {"corr_spot_basis": 1, "corr_spot_funding": -1, "corr_basis_funding": -1}
        ones |= {"basis_theta": 0.0, "funding_theta": 0.0}
        parts = simulate(JointModel(**(USUAL | ones)), Book(1.0, -0.5, 1.0), 1, 5000, 1)
        log_spot = np.log1p(parts[0] / (1 - 0.5 * math.exp(0.002)))
        basis = np.log1p(parts[1] / (-0.5 * math.exp(0.002) * np.exp(log_spot)))
        assert abs(np.corrcoef(log_spot, -basis)[0, 1]) == pytest.approx(1, abs=1e-9)

    @pytest.mark.parametrize(
        ("spot", "futures", "rates", "error", "says"),
        [
            (slice(0, 49), slice(0, 49), slice(0, 49), "#N/A", "at least 50 rows"),
            (slice(0, 60), slice(0, 60), slice(0, 59), "#VALUE!", "same number of rows"),
        ],
    )
    def test_lengths_are_checked(self, spot, futures, rates, error, says):
        s, f, r = history(100, 1)
        outcome = explain("JOINT_FIT", column(s[spot]), column(f[futures]), column(r[rates]))
        assert outcome.value == error
        assert says in outcome.reason

    def test_errors_name_the_series_that_does_not_revert(self):
        spot, futures, rates = history(100, 1)
        trend = np.linspace(1, 2, 100) ** 2
        outcome = explain("JOINT_FIT", column(spot), column(futures), column(trend))
        assert outcome.value == "#NUM!"
        assert outcome.reason.startswith("funding_rates must")
        outcome = explain("JOINT_FIT", column(spot), column(spot * np.exp(trend)), column(rates))
        assert outcome.reason.startswith("the basis ln(spot_prices/futures_prices) must")
        outcome = explain("JOINT_FIT", column(spot), column(spot), column(rates))
        assert outcome.value == "#DIV/0!"


@pytest.mark.parametrize(
    ("changes", "args", "error", "says"),
    [
        ({}, (1, -70000, -1), "#NUM!", "spot_price must be positive"),
        ({"basis_theta": -1}, (1, 70000, -1), "#NUM!", "basis_theta must not be negative"),
        ({"degrees_of_freedom": 1.9}, (1, 70000, -1), "#NUM!", "degrees_of_freedom"),
        ({"interval_hours": 0}, (1, 70000, -1), "#NUM!", "interval_hours must be positive"),
        ({"spot_volatility": "high"}, (1, 70000, -1), "#VALUE!", "model, spot_volatility"),
        ({"basis_mu": ""}, (1, 70000, -1), "#VALUE!", "model lacks basis_mu"),
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
