"""Laws that the basis, its carry and its mean reversion obey, whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import (
    column,
    factors,
    near,
    pair,
    prices,
    quantities,
    quick,
    reverting,
    seeds,
    slow,
    table,
    walk,
)

from xlhedge import CellError, call

compoundings = st.sampled_from(["simple", "annual", "continuous"])
days = st.floats(0.5, 800)


class TestBasis:
    @quick
    @given(prices, st.floats(0.5, 2))
    def test_the_units_tell_one_story(self, spot, ratio):
        futures = spot * ratio
        price, pct, bp, log = (
            call("BASIS", spot, futures, unit) for unit in ("price", "pct", "bp", "log")
        )
        assert near(price, pct * spot, scale=spot)
        assert near(bp, 1e4 * pct)
        assert near(math.exp(-log), 1 - pct)
        assert price * (spot - futures) >= 0

    @quick
    @given(prices, prices)
    def test_the_log_basis_changes_sign_when_the_legs_are_swapped(self, spot, futures):
        assert near(call("BASIS", spot, futures, "log"), -call("BASIS", futures, spot, "log"))

    @quick
    @given(prices, prices, prices, prices, quantities)
    def test_profit_is_the_change_of_the_basis(self, s0, f0, s1, f1, quantity):
        pnl = call("BASIS_PNL", s0, f0, s1, f1, quantity)
        change = call("BASIS", s1, f1) - call("BASIS", s0, f0)
        scale = abs(quantity) * (s0 + f0 + s1 + f1)
        assert near(pnl, quantity * change, scale=scale)
        assert call("BASIS_PNL", s0, f0, s1, f1, -quantity) == -pnl

    @quick
    @given(prices, prices, prices, prices, quantities, st.floats(-1, 3))
    def test_profit_is_that_of_its_two_legs(self, s0, f0, s1, f1, quantity, ratio):
        legs = call("CONTRACT_PNL", quantity, s0, s1) + call(
            "CONTRACT_PNL", -ratio * quantity, f0, f1
        )
        pnl = call("BASIS_PNL", s0, f0, s1, f1, quantity, ratio)
        assert near(pnl, legs, scale=abs(quantity) * (s0 + s1 + 3 * f0 + 3 * f1))


class TestCarry:
    @quick
    @given(prices, st.floats(0.7, 1.5), days, compoundings)
    def test_the_fair_future_of_a_carry_is_the_future_it_came_from(self, spot, ratio, left, way):
        if way == "annual":  # (F/S)^(365/days) of a few days has no digits left below −1
            left += 30
        rate = call("CARRY_RATE", spot, spot * ratio, left, way)
        assert near(call("FAIR_FUTURE", spot, rate, left, way), spot * ratio, 1e-8)
        assert rate * (ratio - 1) >= 0

    @quick
    @given(prices, st.floats(1.0, 1.3), days)
    def test_continuous_is_the_least_and_annual_compares_by_the_time_left(self, spot, ratio, left):
        simple, annual, continuous = (
            call("CARRY_RATE", spot, spot * ratio, left, way)
            for way in ("simple", "annual", "continuous")
        )
        assert continuous <= simple + 1e-12
        assert continuous <= annual + 1e-12
        assert (annual - simple) * (365 - left) >= -1e-9 * annual

    @quick
    @given(prices, st.floats(0.7, 1.5), days, factors)
    def test_carry_does_not_depend_on_the_currency(self, spot, ratio, left, factor):
        carry = call("CARRY_RATE", spot, spot * ratio, left)
        assert near(call("CARRY_RATE", factor * spot, factor * spot * ratio, left), carry, 1e-8, 1)


class TestFit:
    @quick
    @given(
        seeds, st.floats(-10, 10), st.floats(0.01, 100).flatmap(lambda b: st.sampled_from([b, -b]))
    )
    def test_a_shift_and_a_scale_move_the_level_and_the_noise_alone(self, seed, shift, scale):
        values = reverting(seed, 60)
        one = table(call("OU_FIT", column(values), 1))
        two = table(call("OU_FIT", column(shift + scale * values), 1))
        for label in ("theta", "half_life_days", "theta_se"):
            assert near(one[label], two[label], 1e-6)
        assert near(two["mu"], shift + scale * one["mu"], 1e-6, shift)
        for label in ("sigma", "stationary_sd"):
            assert near(two[label], abs(scale) * one[label], 1e-6)

    @quick
    @given(seeds, st.floats(0.01, 30))
    def test_the_interval_sets_the_clock_alone(self, seed, interval):
        values = column(reverting(seed, 60))
        one, two = table(call("OU_FIT", values, 1)), table(call("OU_FIT", values, interval))
        for label, factor in (
            ("theta", 1 / interval),
            ("theta_se", 1 / interval),
            ("sigma", interval**-0.5),
            ("half_life_days", interval),
            ("mu", 1.0),
            ("stationary_sd", 1.0),
        ):
            assert near(two[label], factor * one[label])

    @quick
    @given(seeds, st.floats(0.3, 0.95))
    def test_the_figures_belong_to_one_process(self, seed, decay):
        fit = table(call("OU_FIT", column(reverting(seed, 200, decay)), 1 / 3))
        assert near(fit["half_life_days"] * fit["theta"], 365 * math.log(2))
        assert near(fit["sigma"] ** 2, 2 * fit["theta"] * fit["stationary_sd"] ** 2)
        assert fit["observations"] == 199

    @slow
    @given(seeds)
    def test_the_fit_finds_the_process_that_made_the_series(self, seed):
        fit = table(call("OU_FIT", column(reverting(seed, 4000, 0.8, 1e-3, 0.01)), 1))
        theta = -math.log(0.8) * 365
        assert abs(fit["theta"] - theta) < 5 * fit["theta_se"]
        assert abs(fit["mu"] - 0.01) < 5 * 1e-3 / 0.2 / math.sqrt(4000)
        assert abs(fit["stationary_sd"] * math.sqrt(1 - 0.8**2) / 1e-3 - 1) < 0.1

    def test_a_standard_error_covers_as_often_as_it_says(self):
        theta, inside = -math.log(0.8) * 365, 0
        for seed in range(300):
            fit = table(call("OU_FIT", column(reverting(seed, 1000, 0.8)), 1))
            inside += abs(fit["theta"] - theta) < 1.96 * fit["theta_se"]
        assert 0.91 < inside / 300 < 0.985

    @slow
    @given(seeds)
    def test_a_trend_does_not_revert_and_says_so(self, seed):
        values = column(np.cumsum(1 + np.random.default_rng(seed).uniform(0, 1, 40)) ** 2)
        assert call("OU_FIT", values, 1) is CellError.NUM
        assert "revert" in call("XLHEDGE_WHY", "OU_FIT", values, 1)


class TestForecast:
    @quick
    @given(st.floats(-1, 1), st.floats(0, 400), st.floats(-1, 1), st.floats(0, 2), days, days)
    def test_two_steps_are_one(self, current, theta, mu, sigma, first, second):
        (one,) = call("OU_FORECAST", current, theta, mu, sigma, first)
        (two,) = call("OU_FORECAST", one[0], theta, mu, sigma, second)
        (both,) = call("OU_FORECAST", current, theta, mu, sigma, first + second)
        decay = math.exp(-theta * second / 365)
        assert near(two[0], both[0], scale=1)
        assert near((one[1] * decay) ** 2 + two[1] ** 2, both[1] ** 2, 1e-9, sigma**2)

    @quick
    @given(st.floats(-1, 1), st.floats(1, 400), st.floats(-1, 1), st.floats(0, 2))
    def test_in_the_end_only_the_stationary_law_is_left(self, current, theta, mu, sigma):
        (far,) = call("OU_FORECAST", current, theta, mu, sigma, 1e5)
        assert near(far[0], mu, scale=1)
        assert near(far[1], sigma / math.sqrt(2 * theta))

    @quick
    @given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.01, 2), days)
    def test_slow_reversion_joins_the_brownian_limit(self, current, mu, sigma, horizon):
        (limit,) = call("OU_FORECAST", current, 0, mu, sigma, horizon)
        (slow_one,) = call("OU_FORECAST", current, 1e-12, mu, sigma, horizon)
        assert all(near(a, b, 1e-9, 1) for a, b in zip(limit, slow_one, strict=True))
        assert near(limit[1], sigma * math.sqrt(horizon / 365))
        assert limit[0] == current

    @quick
    @given(st.floats(-1, 1), st.floats(0, 400), st.floats(0, 2), st.floats(0.01, 0.99))
    def test_the_interval_is_central_and_wider_for_more_confidence(self, current, theta, sigma, c):
        rows = call("OU_FORECAST", current, theta, 0.1, sigma, [[1], [5], [30]], c)
        wider = call("OU_FORECAST", current, theta, 0.1, sigma, [[1], [5], [30]], (1 + c) / 2)
        assert len(rows) == 3
        for (mean, _, lower, upper), wide in zip(rows, wider, strict=True):
            assert near(upper - mean, mean - lower, scale=3)
            assert wide[2] <= lower <= upper <= wide[3]
        assert rows[0][1] <= rows[1][1] <= rows[2][1]

    @slow
    @given(seeds)
    def test_a_fit_and_its_forecast_agree_on_the_next_row(self, seed):
        values = reverting(seed, 300, 0.8)
        fit = table(call("OU_FIT", column(values), 1))
        inputs = [fit[label] for label in ("theta", "mu", "sigma")]
        (step,) = call("OU_FORECAST", float(values[-1]), *inputs, 1)
        slope, level = np.polyfit(values[:-1], values[1:], 1)
        assert near(step[0], float(level + slope * values[-1]), 1e-8, 0.01)
        errors = values[1:] - level - slope * values[:-1]
        assert near(step[1], math.sqrt(float(np.mean(errors**2))), 1e-8)

    def test_parameters_outside_the_model_are_refused(self):
        for bad in ((0, -1, 0, 1, 1), (0, 1, 0, -1, 1), (0, 1, 0, 1, -1), (0, 1, 0, 1, 1, 1)):
            assert call("OU_FORECAST", *bad) is CellError.NUM


class TestTests:
    @quick
    @given(seeds, st.floats(0.01, 100), st.floats(-10, 10))
    def test_a_unit_root_test_does_not_depend_on_scale_and_level(self, seed, scale, shift):
        values = reverting(seed, 60, 0.9)
        one, two = (table(call("ADF_TEST", column(x))) for x in (values, shift + scale * values))
        assert near(one["statistic"], two["statistic"], 1e-5)
        assert 0 <= one["p_value"] <= 1
        assert one["lags"] + one["observations"] == 59

    def test_it_tells_reversion_from_a_random_walk(self):
        found = np.zeros(2)
        for seed in range(100):
            for place, decay in enumerate((0.8, 1.0)):
                test = table(call("ADF_TEST", column(reverting(seed, 300, decay))))
                found[place] += test["p_value"] < 0.05
        assert found[0] > 95
        assert found[1] < 12

    @quick
    @given(seeds, factors, factors)
    def test_cointegration_does_not_depend_on_the_units(self, seed, one, two):
        spot, futures = pair(seed, 60, 1.0)
        plain = table(call("COINTEGRATION_TEST", column(spot), column(futures)))
        scaled = table(call("COINTEGRATION_TEST", column(one * spot), column(two * futures)))
        assert near(plain["statistic"], scaled["statistic"], 1e-5)
        assert near(plain["p_value"], scaled["p_value"], 1e-4)

    def test_it_tells_a_bound_pair_from_two_walks(self):
        bound = free = 0
        for seed in range(100):
            spot, futures = pair(seed, 300, 1.0)
            bound += (
                table(call("COINTEGRATION_TEST", column(spot), column(futures)))["p_value"] < 0.05
            )
            other = column(walk(seed + 50_000, 300))
            free += table(call("COINTEGRATION_TEST", other, column(futures)))["p_value"] < 0.05
        assert bound > 95
        assert free < 15

    def test_prices_that_statsmodels_would_call_collinear_are_still_tested(self):
        futures = walk(1, 3000, 0.03)
        spot = futures * np.exp(reverting(2, 3000, 0.9, 1e-6))
        test = table(call("COINTEGRATION_TEST", column(spot), column(futures)))
        assert test["statistic"] < -5
        assert np.corrcoef(spot, futures)[0, 1] ** 2 > 1 - 1e-6

    def test_lags_must_be_a_number_of_rows(self):
        values = column(reverting(1, 40))
        assert call("ADF_TEST", values, -1) is CellError.NUM
        assert call("ADF_TEST", values, 1.5) is CellError.NUM
        assert call("ADF_TEST", values, 18) is not CellError.NA
        assert call("ADF_TEST", values, 19) is CellError.NA


class TestStatistics:
    @quick
    @given(seeds, factors)
    def test_the_figures_do_not_depend_on_the_currency(self, seed, factor):
        spot, futures = pair(seed, 60, 1.0)
        one = table(call("BASIS_STATS", column(spot), column(futures)))
        two = table(call("BASIS_STATS", column(factor * spot), column(factor * futures)))
        for label, value in one.items():
            if not isinstance(value, CellError):
                assert near(value, two[label], 1e-5, 1e-8), label

    @quick
    @given(seeds)
    def test_swapping_spot_and_future_mirrors_the_basis(self, seed):
        spot, futures = map(column, pair(seed, 60, 1.0))
        one = table(call("BASIS_STATS", spot, futures, 8))
        two = table(call("BASIS_STATS", futures, spot, 8))
        for label, mirror in (
            ("mean", "mean"),
            ("minimum", "maximum"),
            ("p05", "p95"),
            ("median", "median"),
            ("last", "last"),
            ("z_score", "z_score"),
            ("skewness", "skewness"),
        ):
            assert near(one[label], -two[mirror], 1e-6, 1e-6), label
        for label in ("sd", "change_sd", "excess_kurtosis", "autocorrelation", "adf_statistic"):
            assert near(one[label], two[label], 1e-6, 1e-6), label

    @quick
    @given(seeds, st.sampled_from([1.0, 8.0, 24.0]))
    def test_they_agree_with_the_fit_and_the_test(self, seed, hours):
        spot, futures = pair(seed, 100, 1.0)
        figures = table(call("BASIS_STATS", column(spot), column(futures), hours))
        basis = column(np.log(spot / futures))
        fit, test = table(call("OU_FIT", basis, hours / 24)), table(call("ADF_TEST", basis))
        assert near(figures["half_life_days"], fit["half_life_days"], 1e-6)
        assert near(figures["adf_statistic"], test["statistic"], 1e-6)
        assert near(figures["adf_p_value"], test["p_value"], 1e-6)
        assert near(
            figures["z_score"] * figures["sd"], figures["last"] - figures["mean"], 1e-6, 1e-8
        )

    def test_a_figure_that_does_not_exist_spoils_its_own_cell(self):
        spot = walk(1, 40)
        figures = table(call("BASIS_STATS", column(spot), column(1.001 * spot)))
        assert near(figures["mean"], -math.log(1.001))
        for label in ("z_score", "skewness", "half_life_days", "adf_statistic", "adf_p_value"):
            assert figures[label] is CellError.DIV0, label
        trend = table(call("BASIS_STATS", column(spot), column(spot * 1.001 ** np.arange(40) ** 2)))
        assert trend["half_life_days"] is CellError.NUM
        assert isinstance(trend["mean"], float)

    @pytest.mark.parametrize("name", ["BASIS_STATS", "COINTEGRATION_TEST"])
    def test_lengths_that_differ_are_refused(self, name):
        spot, futures = map(column, pair(1, 60))
        assert call(name, spot, futures[1:]) is CellError.VALUE
