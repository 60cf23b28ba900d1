"""The values at risk on real history; the figures are in docs/calibration.md."""

import importlib.util
import itertools

import pytest
from places import ROOT
from scipy import stats
from shared_data import needs_data


def benchmark():
    path = ROOT / "benchmarks" / "calibration.py"
    spec = importlib.util.spec_from_file_location("calibration", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_values_at_risk_of_a_hedged_book_hold_what_they_promise(coin):
    days, results = benchmark().backtests(coin)
    assert days > 1800
    for name, table in results.items():
        # Too few exceptions are a cost, too many a danger: only the danger is an error.
        assert table["exceptions"] <= stats.binom.ppf(0.99, days, 0.01), name
        assert table["zone"] == "green", name
    assert results["historical"]["kupiec_p"] > 0.05
    assert results["joint"]["christoffersen_p"] > 0.05
    assert results["joint"]["bp"] < 0.75 * results["sqrt"]["bp"]


@needs_data
def test_the_root_of_time_overstates_what_the_basis_does_in_a_month():
    for coin in ("BTC", "ETH"):
        for label, _, _, _, ratio, sqrt, reverting, empirical in benchmark().root_of_time(coin):
            assert 2.5 < ratio < 9, label
            assert sqrt > 2.5 * empirical, label
            assert 0.8 < reverting / empirical < 1.6, label


@pytest.mark.slow
def test_a_short_history_makes_reversion_look_faster_than_it_is():
    lines = benchmark().reversion_bias(300)
    for half_life, theta, rows, mean, *_ in lines:
        assert mean > theta, (half_life, rows)
    for short, longer in itertools.pairwise(lines):
        if short[0] == longer[0]:
            assert short[3] > longer[3]
