"""Laws of returns, covariance and parametric values at risk."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import column, quick, seeds
from risk_samples import close, levels, measures, money, walk

from xlhedge import call
from xlhedge.catalog import explain

vols = st.floats(0.01, 3)


class TestReturns:
    @quick
    @given(seeds, st.floats(1e-6, 1e6))
    def test_returns_do_not_depend_on_the_currency(self, seed, factor):
        prices = walk(seed, 30)
        for kind in ("log", "simple"):
            assert np.allclose(
                call("RETURNS", column(prices), kind),
                call("RETURNS", column(factor * prices), kind),
                rtol=1e-9,
                atol=1e-13,
            )

    @quick
    @given(seeds, st.integers(1, 29))
    def test_log_returns_add_up_and_simple_ones_compound(self, seed, lag):
        prices = walk(seed, 30)
        logs = np.array(call("RETURNS", column(prices)))[:, 0]
        assert math.isclose(logs.sum(), math.log(prices[-1] / prices[0]), abs_tol=1e-12)
        far = np.array(call("RETURNS", column(prices), "log", lag)).reshape(-1)
        assert len(far) == 30 - lag
        assert np.allclose(far, np.convolve(logs, np.ones(lag), "valid"), atol=1e-12)
        simple = np.array(call("RETURNS", column(prices), "simple", lag)).reshape(-1)
        assert np.allclose(np.log1p(simple), far, atol=1e-12)

    def test_a_rise_has_a_positive_return_in_the_row_where_it_ends(self):
        assert call("RETURNS", column([100, 100, 150]), "simple") == [[0.0], [0.5]]

    def test_a_row_of_prices_and_blank_ends_are_taken(self):
        assert call("RETURNS", [["", 100, 150, ""]], "simple") == 0.5

    @pytest.mark.parametrize(
        ("arguments", "error", "says"),
        [
            ((column([100, -1]),), "#NUM!", "prices row 2 must be positive"),
            ((column([100, 101]), "log", 0), "#NUM!", "lag must be at least 1"),
            ((column([100, 101]), "log", 2), "#N/A", "at least 3 rows"),
            ((column([100, 101]), "nominal"), "#VALUE!", "kind must be one of"),
        ],
    )
    def test_its_errors_name_the_argument(self, arguments, error, says):
        outcome = explain("RETURNS", *arguments)
        assert outcome.value == error
        assert says in outcome.reason


def correlations(seed, size):
    x = np.random.default_rng(seed).standard_normal((size, size + 2))
    return np.corrcoef(x).tolist()


books = st.tuples(
    st.lists(money, min_size=2, max_size=5), st.lists(vols, min_size=5, max_size=5), seeds
).map(lambda t: (column(t[0]), column(t[1][: len(t[0])]), correlations(t[2], len(t[0]))))


class TestCovariance:
    @quick
    @given(books, st.floats(1e-3, 1e3))
    def test_volatility_scales_with_the_weights_and_ignores_their_common_sign(self, book, factor):
        weights, volatilities, matrix = book
        base = call("PORTFOLIO_VOL", *book)
        scaled = column(factor * w for (w,) in weights)
        assert close(call("PORTFOLIO_VOL", scaled, volatilities, matrix), factor * base)
        assert close(
            call("PORTFOLIO_VOL", column(-w for (w,) in weights), volatilities, matrix), base
        )

    @quick
    @given(books)
    def test_volatility_is_at_most_the_sum_of_the_parts(self, book):
        gross = sum(abs(w[0]) * s[0] for w, s in zip(book[0], book[1], strict=True))
        assert 0 <= call("PORTFOLIO_VOL", *book) <= gross * (1 + 1e-12)

    @quick
    @given(st.floats(0.1, 2), st.floats(0.1, 2), st.floats(-1, 1))
    def test_a_spread_has_the_variance_of_a_difference(self, s, f, rho):
        got = call("PORTFOLIO_VOL", column([1, -1]), column([s, f]), rho)
        assert math.isclose(got**2, s * s + f * f - 2 * rho * s * f, abs_tol=1e-12)

    @quick
    @given(books, levels, st.floats(0.1, 400))
    def test_value_at_risk_is_the_normal_one_of_the_portfolio(self, book, level, days):
        volatility = call("PORTFOLIO_VOL", *book)
        single = call("VAR_NORMAL", 1, volatility, level, days)
        gross = sum(abs(w[0]) * s[0] for w, s in zip(book[0], book[1], strict=True))
        assert close(call("VAR_COVARIANCE", *book, level, days), single, 1e-9, gross)

    @quick
    @given(books, levels)
    def test_contributions_sum_to_the_value_at_risk(self, book, level):
        rows = call("VAR_CONTRIBUTION", *book, level, 10)
        total = call("VAR_COVARIANCE", *book, level, 10)
        assert close(math.fsum(r[0] for r in rows), total, 1e-9, total)

    @quick
    @given(books)
    def test_contributions_follow_their_positions_when_rows_are_swapped(self, book):
        rows = call("VAR_CONTRIBUTION", *book)
        values, volatilities, matrix = book
        back = np.array(matrix)[::-1, ::-1].tolist()
        swapped = call("VAR_CONTRIBUTION", values[::-1], volatilities[::-1], back)
        assert np.allclose(swapped[::-1], rows, rtol=1e-8, atol=1e-9 * abs(np.array(rows)).max())

    def test_a_hedge_takes_risk_away_and_an_empty_book_has_none(self):
        rows = call("VAR_CONTRIBUTION", column([100, -50]), column([0.6, 0.6]), 0.9)
        assert rows[0][0] > 0 > rows[1][0]
        assert call("VAR_CONTRIBUTION", column([0, 0]), column([0.6, 0.6]), 0.9) == [[0.0], [0.0]]

    def test_a_perfect_hedge_of_any_size_has_no_value_at_risk(self):
        for size in (0.1, 1 / 3, 1e9 / 7):
            book = (column([size, -size / 1.1]), column([0.6, 0.66]), 1)
            assert call("VAR_COVARIANCE", *book) == 0.0

    @pytest.mark.parametrize(
        ("matrix", "error", "says"),
        [
            ([[1, 0.5, 0], [0.5, 1, 0]], "#VALUE!", "2 × 2"),
            ([[1, 0.5], [0.4, 1]], "#NUM!", "symmetric"),
            ([[1, 0.5], [0.5, 0.9]], "#NUM!", "diagonal"),
            (-1.0001, "#NUM!", "between -1 and 1"),
            ("high", "#VALUE!", "must be a number"),
        ],
    )
    def test_impossible_correlations_are_refused_with_a_reason(self, matrix, error, says):
        for name in ("PORTFOLIO_VOL", "VAR_COVARIANCE", "VAR_CONTRIBUTION"):
            outcome = explain(name, column([1, 2]), column([0.5, 0.5]), matrix)
            assert outcome.value == error
            assert says in outcome.reason

    def test_one_number_does_not_serve_three_assets(self):
        outcome = explain("PORTFOLIO_VOL", column([1, 2, 3]), column([0.5] * 3), 0.5)
        assert outcome.value == "#VALUE!"
        assert "3 × 3" in outcome.reason


class TestParametric:
    @quick
    @given(money, vols, levels, st.floats(0.1, 400), measures)
    def test_without_a_mean_long_and_short_lose_alike(self, value, vol, level, days, measure):
        for tail in ((level, days, 0, measure),):
            assert call("VAR_NORMAL", value, vol, *tail) == call("VAR_NORMAL", -value, vol, *tail)
            assert call("VAR_STUDENT", value, vol, 4, *tail) == call(
                "VAR_STUDENT", -value, vol, 4, *tail
            )

    @quick
    @given(money, vols, levels, st.floats(-2, 2), measures)
    def test_a_mean_is_a_certain_gain_of_its_side(self, value, vol, level, mean, measure):
        for name, nu in (("VAR_NORMAL", ()), ("VAR_STUDENT", (4,))):
            without = call(name, value, vol, *nu, level, 7, 0, measure)
            with_mean = call(name, value, vol, *nu, level, 7, mean, measure)
            assert close(with_mean, without - value * mean * 7 / 365, 1e-9, abs(value))

    @quick
    @given(money, vols, levels, st.floats(2.01, 50))
    def test_shortfall_is_at_least_value_at_risk_and_both_rise_with_the_level(
        self, value, vol, level, nu
    ):
        for name, extra in (("VAR_NORMAL", ()), ("VAR_STUDENT", (nu,))):
            var, higher = (call(name, value, vol, *extra, c) for c in (level, 0.9995))
            es = call(name, value, vol, *extra, level, 1, 0, "es")
            assert es > var
            assert higher > var

    @quick
    @given(vols, levels, measures)
    def test_many_degrees_of_freedom_are_normal(self, vol, level, measure):
        normal = call("VAR_NORMAL", 1e6, vol, level, 1, 0, measure)
        assert close(call("VAR_STUDENT", 1e6, vol, 1e9, level, 1, 0, measure), normal, 1e-6, 1)

    @quick
    @given(st.floats(2.1, 30), measures)
    def test_heavier_tails_lose_more_far_out(self, nu, measure):
        heavy = call("VAR_STUDENT", 1e6, 0.6, nu, 0.9999, 1, 0, measure)
        assert heavy > call("VAR_STUDENT", 1e6, 0.6, 2 * nu, 0.9999, 1, 0, measure)

    @quick
    @given(money, vols, levels, st.floats(0.1, 100), st.floats(2.1, 50))
    def test_value_at_risk_grows_with_the_root_of_the_horizon(self, value, vol, level, days, nu):
        for name, extra in (("VAR_NORMAL", ()), ("VAR_STUDENT", (nu,))):
            one, four = (call(name, value, vol, *extra, level, k * days) for k in (1, 4))
            assert close(four, 2 * one, 1e-9, abs(value))

    def test_rows_and_columns_spill_to_a_rectangle(self):
        got = call("VAR_NORMAL", column([1e6, -2e6]), [[0.2, 0.4, 0.6]])
        assert np.allclose(got, np.outer([1, 2], [1, 2, 3]) * got[0][0])

    def test_one_bad_row_spoils_no_other(self):
        got = call("VAR_STUDENT", 1e6, 0.6, column([4, 2, 4]), column([0.99, 0.99, 1.5]))
        assert [row[0] for row in got][1:] == ["#NUM!", "#NUM!"]
        assert isinstance(got[0][0], float)
