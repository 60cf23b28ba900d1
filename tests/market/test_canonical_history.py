"""The canonical history: bars brought together, funding summed, and what is refused."""

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from xlhedge.errors import FileError
from xlhedge.market import checks
from xlhedge.market.checks import DAY, HOUR
from xlhedge.market.history import CanonicalHistory, Series
from xlhedge.market.joining import funding_per_bar, join

START = 1_748_736_000_000  # 2025-06-01T00:00Z
SEED = 20250601


def walk(count, start=100_000.0, seed=SEED, size=0.004):
    return start * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, size, count)))


def closes(count, hours=8, first=None):
    begin = START + hours * HOUR if first is None else first
    return begin + np.arange(count, dtype=np.int64) * round(hours * HOUR)


def prices(count=60, hours=8, name="spot.csv", factor=1.0, **more):
    values = walk(count) * factor
    return Series.sorted(name, closes(count, hours), values, interval=round(hours * HOUR), **more)


def rates(count, hours=8, size=1e-4):
    times = START + np.arange(count, dtype=np.int64) * hours * HOUR
    return Series.sorted("funding.csv", times, np.full(count, size))


def test_rows_in_any_order_and_twice_give_the_same_history():
    plain = join(prices(), prices(factor=1.001, name="futures.csv"), rates(61))
    order = np.random.default_rng(1).permutation(np.r_[np.arange(60), np.arange(20)])
    time, values = closes(60)[order], walk(60)[order]
    shuffled = Series.sorted("spot.csv", time, values, interval=8 * HOUR)
    other = join(shuffled, prices(factor=1.001, name="futures.csv"), rates(61))
    assert other.to_csv() == plain.to_csv()
    assert "20 rows that came twice" in " ".join(other.notes)


def test_a_time_with_two_prices_is_refused_with_both():
    time = closes(3)[[0, 1, 1, 2]]
    with pytest.raises(FileError, match=r"2025-06-01T16:00:00Z comes twice, with 3 and.* 2"):
        Series.sorted("spot.csv", time, np.array([1.0, 2.0, 3.0, 4.0]), interval=8 * HOUR)


@pytest.mark.parametrize("hours", [1, 2, 4, 8])
def test_longer_bars_take_the_close_at_their_end(hours):
    fine = prices(480 // hours, hours)
    history = join(fine, interval=8 * HOUR)
    ends = fine.time % (8 * HOUR) == 0
    assert history.time.tolist() == fine.time[ends].tolist()
    assert history.spot.tolist() == fine.value[ends].tolist()


def test_bars_do_not_become_shorter():
    with pytest.raises(FileError, match="bars of 8 hours cannot become bars of 1 hour"):
        join(prices(), interval=HOUR)


@examples(20, 100)
@given(
    st.lists(st.sampled_from([1, 2, 4, 8]), min_size=3, max_size=20),
    st.integers(min_value=0, max_value=2**31),
)
def test_funding_is_summed_whatever_the_intervals_were(intervals, seed):
    rng = np.random.default_rng(seed)
    # Each entry is a week at one interval, so that changes stand for more than one settlement.
    steps = np.concatenate([np.full(24 * 7 // hours, hours) for hours in intervals])
    time = START + np.concatenate(([0], np.cumsum(steps))).astype(np.int64) * HOUR
    values = rng.normal(0.0, 1e-5, len(time)) * np.r_[steps[0], steps]
    ends = closes((time[-1] - START) // (8 * HOUR))
    got = funding_per_bar(Series.sorted("f", time, values), ends, 8 * HOUR)
    want = [values[(time > end - 8 * HOUR) & (time <= end)].sum() for end in ends]
    assert got == pytest.approx(want, abs=1e-15)
    assert not checks.missing_settlements(time)


@examples(20, 100)
@given(st.data(), st.sampled_from([1, 4, 8]))
def test_every_missing_settlement_is_listed(data, hours):
    count = 200
    time = START + np.arange(count, dtype=np.int64) * hours * HOUR
    first = data.draw(st.integers(1, count - 4))
    missing = data.draw(st.integers(1, 3))
    keep = np.r_[0:first, min(first + missing, count - 1) : count]
    gone = np.setdiff1d(time, time[keep])
    (gap,) = checks.missing_settlements(time[keep])
    assert (gap.first, gap.last, gap.missing) == (gone[0], gone[-1], len(gone))


@examples(20, 100)
@given(st.data())
def test_every_missing_bar_is_refused_and_its_cure_works(data):
    first = data.draw(st.integers(1, 56))
    missing = data.draw(st.integers(1, 3))
    keep = np.r_[0:first, first + missing : 60]
    lacking = Series.sorted("spot.csv", closes(60)[keep], walk(60)[keep], interval=8 * HOUR)
    with pytest.raises(FileError, match=f"{missing} bars? (is|are) missing") as refusal:
        join(lacking)
    cure = str(refusal.value).partition("--since ")[2].split()[0]
    since = int(np.datetime64(cure.rstrip("Z"), "ms").astype(np.int64))
    assert len(join(lacking, since=since)) == 60 - first - missing
    kept = join(lacking, allow_gaps=True)
    assert len(kept) == len(keep)
    assert "missing" in " ".join(kept.notes)


def test_funding_of_a_bar_with_a_missing_settlement_is_blank_when_gaps_are_allowed():
    time = START + np.delete(np.arange(61, dtype=np.int64) * 8 * HOUR, 30)
    funding = Series.sorted("funding.csv", time, np.full(60, 1e-4))
    with pytest.raises(FileError, match="1 settlement is missing"):
        join(prices(), None, funding)
    history = join(prices(), None, funding, allow_gaps=True)
    assert np.flatnonzero(np.isnan(history.funding_rate)).tolist() == [29]


@pytest.mark.parametrize("shift", [-16, -8, 8, 16, 24])
def test_futures_that_are_bars_out_of_step_are_refused(shift):
    moved = closes(60) + shift * HOUR
    futures = Series.sorted("futures.csv", moved, walk(60) * 1.001, interval=8 * HOUR)
    with pytest.raises(FileError, match="out of step"):
        join(prices(), futures)


@pytest.mark.parametrize("hours", [1, 3, 4])
def test_futures_that_are_hours_out_of_step_are_refused(hours):
    moved = closes(60) + hours * HOUR
    futures = Series.sorted("futures.csv", moved, walk(60) * 1.001, interval=8 * HOUR)
    with pytest.raises(FileError, match=f"out of step by {hours} hour"):
        join(prices(), futures)


def test_an_hour_too_late_is_seen_in_fine_bars_before_they_become_long_ones():
    fine = prices(600, 1)
    late = Series.sorted("futures.csv", fine.time + HOUR, fine.value, interval=HOUR)
    with pytest.raises(FileError, match="1 hour later"):
        join(fine, late, interval=8 * HOUR)
    longer = np.flatnonzero(fine.time % (8 * HOUR) == 0)
    futures = Series.sorted(
        "futures.csv", fine.time[longer], fine.value[longer - 1], interval=8 * HOUR
    )
    with pytest.raises(FileError, match="1 hour later"):
        join(fine, futures)


def test_the_futures_of_another_coin_are_refused():
    other = Series.sorted("futures.csv", closes(60), walk(60, 2_500.0, 2), interval=8 * HOUR)
    with pytest.raises(FileError, match="too far apart to be one market"):
        join(prices(), other)
    near = Series.sorted("futures.csv", closes(60), walk(60, seed=3), interval=8 * HOUR)
    with pytest.raises(FileError, match=r"not of one market|too far apart"):
        join(prices(), near)


@pytest.mark.parametrize("hours", [1, 4, 8])
def test_funding_in_per_cent_is_refused_and_decimals_are_not(hours):
    count = 61 * 8 // hours
    decimals = rates(count, hours, 1e-4 * hours / 8)
    assert join(prices(), None, decimals).funding_rate[5] == pytest.approx(1e-4)
    per_cent = rates(count, hours, 1e-2 * hours / 8)
    with pytest.raises(FileError, match="per cent"):
        join(prices(), None, per_cent)
    assert len(join(prices(), None, per_cent, decimal_funding=True)) == 60


def test_weekends_and_holidays_are_no_gap_of_business_days_and_other_days_are():
    days = np.arange("2025-08-04", "2026-02-07", dtype="datetime64[D]")
    trading = np.is_busday(
        days, holidays=["2025-09-01", "2025-11-27", "2025-12-25", "2026-01-01", "2026-01-19"]
    )
    time = (days[trading].astype("datetime64[ms]").astype(np.int64)) + DAY
    whole = Series.sorted("cme.csv", time, walk(len(time)), interval=DAY)
    assert len(join(whole)) == len(time)
    lacking = Series.sorted("cme.csv", np.delete(time, 10), walk(len(time) - 1), interval=DAY)
    with pytest.raises(FileError, match=r"1 bar is missing: 2025-08-19T00:00:00Z"):
        join(lacking)


def test_a_history_read_back_is_the_same_to_the_last_bit():
    history = join(prices(), prices(factor=1.001, name="futures.csv"), rates(61))
    again = CanonicalHistory.read(history.to_csv())
    assert again.to_csv() == history.to_csv()
    assert again.spot.tolist() == history.spot.tolist()
    assert again.interval == 8 * HOUR
