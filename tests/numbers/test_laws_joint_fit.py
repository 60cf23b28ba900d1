"""Laws of the fit of the joint model."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joint_models import USUAL, H
from laws import quick, slow

from xlhedge import call
from xlhedge.catalog import explain
from xlhedge.core.risk.joint import JointModel, nearest_correlation, reverting_products
from xlhedge.core.risk.simulation import Book, simulate


def column(values):
    return [[float(value)] for value in values]


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

    @slow
    @given(st.integers(0, 1000), st.floats(1e-3, 1e3))
    def test_the_currency_does_not_matter(self, seed, factor):
        spot, futures, rates = history(200, seed, 4.0)
        base = fitted(spot, futures, rates)
        got = fitted(factor * spot, factor * futures, rates)
        for label, value in base.items():
            assert got[label] == pytest.approx(value, rel=1e-5, abs=1e-8), label

    @slow
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

    @slow
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
