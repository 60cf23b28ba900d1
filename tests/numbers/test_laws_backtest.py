"""Laws of backtests."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import column, quick, seeds
from risk_samples import sample

from xlhedge import call
from xlhedge.catalog import explain


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
