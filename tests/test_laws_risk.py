"""Laws that returns and values at risk obey, whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xlhedge import call
from xlhedge.catalog import explain

quick = settings(deadline=None, max_examples=50, derandomize=True)
money = st.floats(1, 1e9).flatmap(lambda v: st.sampled_from([v, -v]))
levels = st.floats(0.5, 0.999)
vols = st.floats(0.01, 3)
measures = st.sampled_from(["var", "es"])


def close(a, b, rel=1e-9, scale=0.0):
    assert isinstance(a, float), a
    assert isinstance(b, float), b
    return math.isclose(a, b, rel_tol=rel, abs_tol=1e-12 + rel * scale)


def column(values):
    return [[float(value)] for value in values]


def sample(seed, count, freedom=5, scale=0.02):
    return scale * np.random.default_rng(seed).standard_t(freedom, count)


def walk(seed, count, scale=0.02, start=70000.0):
    return start * np.exp(np.cumsum(sample(seed, count, 5, scale)))


def pair(seed, count):
    """Spot and futures whose log basis reverts to a mean."""
    rng = np.random.default_rng(seed)
    basis = np.zeros(count)
    for i in range(1, count):
        basis[i] = 0.8 * basis[i - 1] + 3e-4 * rng.standard_normal()
    spot = walk(seed + 1, count, 0.01)
    return spot, spot * np.exp(-basis)


seeds = st.integers(0, 10_000)


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
            ((column([100, -1]),), "#NUM!", "prices must be positive"),
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


class TestHistorical:
    @quick
    @given(seeds, money, measures, st.sampled_from([1, 0.99, 0.9]))
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
    @given(seeds, st.floats(0.9, 0.999), measures)
    def test_the_worst_return_weighs_more_when_it_is_recent(self, seed, decay, measure):
        r = np.sort(sample(seed, 120))
        old_first = call("VAR_HISTORICAL", column(r), 1, 0.95, measure, decay)
        recent_last = call("VAR_HISTORICAL", column(r[::-1]), 1, 0.95, measure, decay)
        assert recent_last > old_first

    @quick
    @given(seeds, st.floats(0.8, 1, exclude_max=True))
    def test_with_decay_value_at_risk_is_one_of_the_losses(self, seed, decay):
        r = sample(seed, 120)
        assert call("VAR_HISTORICAL", column(r), 1, 0.95, "var", decay) in (-r).tolist()

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

        from xlhedge.core.tails import fit_pareto

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


def table(*args):
    return dict(call("VAR_BACKTEST", *args))


class TestBacktest:
    @quick
    @given(seeds, st.floats(0.01, 100), st.sampled_from([0.9, 0.95, 0.99]))
    def test_the_currency_does_not_matter(self, seed, factor, level):
        pnl = np.round(sample(seed, 200, 4, 100.0))
        var = np.round(100 + 50 * np.sin(np.arange(200)))
        assert table(column(pnl), column(var), level) == table(
            column(2.0**7 * pnl), column(2.0**7 * var), level
        )

    @quick
    @given(seeds, st.integers(0, 60), st.sampled_from([0.9, 0.95, 0.99]))
    def test_kupiec_looks_at_the_count_and_christoffersen_at_the_order(self, seed, hits, level):
        rng = np.random.default_rng(seed)
        pnl = np.where(np.arange(200) < hits, -2.0, 0.0)
        run, mixed = (table(column(x), 1, level) for x in (pnl, rng.permutation(pnl)))
        for label in ("exceptions", "expected", "kupiec_lr", "kupiec_p", "zone"):
            assert run[label] == mixed[label]
        if hits >= 2:
            assert run["christoffersen_lr"] > mixed["christoffersen_lr"] - 1e-9

    @quick
    @given(seeds, st.sampled_from([0.9, 0.95, 0.99]))
    def test_conditional_is_the_sum_and_probabilities_are_probabilities(self, seed, level):
        got = table(column(sample(seed, 300)), 0.03, level)
        assert got["conditional_lr"] == got["kupiec_lr"] + got["christoffersen_lr"]
        for label in ("kupiec_p", "christoffersen_p", "conditional_p"):
            assert 0 <= got[label] <= 1

    @quick
    @given(seeds)
    def test_independence_does_not_care_for_the_direction_of_time(self, seed):
        hits = column(np.where(np.random.default_rng(seed).random(200) < 0.1, -2, 0))
        forth, back = table(hits, 1, 0.9), table(hits[::-1], 1, 0.9)
        assert math.isclose(
            forth["christoffersen_lr"], back["christoffersen_lr"], rel_tol=0.2, abs_tol=0.2
        )

    def test_the_expected_count_gives_no_evidence(self):
        got = table(column([-2] * 5 + [0] * 95), 1, 0.95)
        assert got["kupiec_lr"] == pytest.approx(0, abs=1e-12)
        assert got["kupiec_p"] == pytest.approx(1, abs=1e-6)

    @quick
    @given(st.integers(2, 400), st.sampled_from([0.9, 0.95, 0.99]))
    def test_more_exceptions_are_never_a_better_zone(self, rows, level):
        order = {"green": 0, "yellow": 1, "red": 2}
        zones = [
            order[table(column([-2] * k + [0] * (rows - k)), 1, level)["zone"]]
            for k in range(0, rows + 1, max(1, rows // 8))
        ]
        assert zones == sorted(zones)

    @pytest.mark.parametrize("places", [[], [0], [9], [0, 9], range(10), [4, 5]])
    def test_empty_transition_counts_give_no_error(self, places):
        got = table(column([-2 if i in places else 0 for i in range(10)]), 1, 0.9)
        assert all(np.isfinite(v) for v in got.values() if isinstance(v, float))
        assert got["exceptions"] == len(places)

    @pytest.mark.parametrize(
        ("args", "error", "says"),
        [
            ((-2, 1), "#N/A", "at least 2 rows"),
            ((column([1, 2]), column([1, 2, 3])), "#VALUE!", "same number of rows"),
            ((column([1, 2]), 1, 0), "#NUM!", "confidence"),
        ],
    )
    def test_its_errors_name_the_argument(self, args, error, says):
        outcome = explain("VAR_BACKTEST", *args)
        assert outcome.value == error
        assert says in outcome.reason
