"""The values at risk on real history; the figures are in docs/calibration.md."""

import itertools

import pytest
from shared_data import DATA, needs_data

from benchmarks import backtests, calibration

calibration.DATA = DATA


@pytest.fixture(scope="module")
def markets():
    return {coin: calibration.market(coin) for coin in ("BTC", "ETH")}


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize(("coin", "future"), [("BTC", "BTC"), ("ETH", "ETH"), ("ETH", "BTC")])
def test_a_whole_book_at_todays_volatility_has_the_losses_that_are_due(markets, coin, future):
    """The joint model takes too long for every hour here; docs/calibration.md has all of them."""
    times = markets[coin][0]
    ends = [i for i in range(backtests.YEAR - 1, len(times) - 3) if times[i].endswith("T08")]
    hits = {}
    for end, found in backtests.samples(markets, coin, future, ends, 3, joint=False):
        spot, _ = backtests.realised(*markets[coin][1:], end, 3)
        _, sold = backtests.realised(*markets[future][1:], end, 3)
        for book, held in backtests.ratios(markets, coin, future, end).items():
            both = found["scaled"]
            limit = backtests.tail_risk(-(both[0] + held * both[1]), 0.99)
            hits.setdefault(book, []).append(-(spot + held * sold) > limit)
    for book, each in hits.items():
        assert len(each) > 1800
        # Kupiec's p is 0.02 or more between 10 and 29 exceptions of 1,881.
        assert 10 <= sum(each) <= 29, book


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_joint_model_holds_over_a_month(markets, coin):
    _, spot, perpetual, funding = markets[coin]
    ends = list(range(backtests.YEAR - 1, len(spot) - 90, 90))[:61]
    exceptions = 0
    for end, found in backtests.samples(markets, coin, coin, ends, 90, joint=True):
        gains = backtests.realised(spot, perpetual, funding, end, 90)
        limit = backtests.tail_risk(-found["joint"].sum(axis=0), 0.95)
        exceptions += -sum(gains) > limit
    assert exceptions <= 7


@needs_data
def test_the_root_of_time_overstates_what_the_basis_does_in_a_month():
    for coin in ("BTC", "ETH"):
        for label, _, _, _, ratio, sqrt, reverting, empirical in calibration.root_of_time(coin):
            assert 2.5 < ratio < 9, label
            assert sqrt > 2.5 * empirical, label
            assert 0.8 < reverting / empirical < 1.6, label


@pytest.mark.slow
def test_a_short_history_makes_reversion_look_faster_than_it_is():
    lines = calibration.reversion_bias(300)
    for half_life, theta, rows, mean, *_ in lines:
        assert mean > theta, (half_life, rows)
    for short, longer in itertools.pairwise(lines):
        if short[0] == longer[0]:
            assert short[3] > longer[3]
