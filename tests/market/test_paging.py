"""Whole series out of pages that a venue cuts without a word, or the gaps by name."""

import functools

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from loopback import point, rewritten
from simulated import DAY, HOUR, Reply, Venue, at, futures_price, rate, spot_price

from xlhedge.errors import VenueError
from xlhedge.market import connection, download, series
from xlhedge.market.paging import Gap, collect, intervals, later, missing_bars, missing_settlements

NOW = at("2026-03-01T10:07:00")
SYMBOL = "BTC/USDT:USDT"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def funding(monkeypatch, venue, name="binance", since=NOW - 400 * DAY, until=NOW):
    with venue.serving() as (port, log), monkeypatch.context() as patch:
        point(port, patch.setattr)
        found = series.funding(connection.connect(name), SYMBOL, since, until)
    return found, log


@pytest.mark.parametrize(
    ("name", "hours"), [("binance", 8), ("binance", 4), ("binance", 1), ("bybit", 4)]
)
def test_four_hundred_days_of_funding_come_whole_whatever_the_interval(monkeypatch, name, hours):
    venue = Venue(NOW, [(0, hours)])
    found, _ = funding(monkeypatch, venue, name)
    due = venue.due(NOW - 400 * DAY, NOW)
    assert len(due) == 400 * 24 // hours
    assert found.rows == [(time, rate(time)) for time in due]
    assert found.gaps == []
    assert set(found.hours) == {hours}


def test_all_2401_settlements_come_where_ccxt_itself_gives_1401(monkeypatch):
    import ccxt

    """400 days and the settlement at their beginning, every 4 hours, in pages of 1,000."""
    now = at("2026-03-01T08:00:00")
    venue = Venue(now, [(0, 4)], jitter=0)
    found, _ = funding(monkeypatch, venue, since=now - 400 * DAY - 1, until=now)
    assert len(found.rows) == 2401
    assert found.gaps == []
    with venue.serving() as (port, _):
        client = ccxt.binance({"enableRateLimit": False})
        client.urls["api"] = rewritten(client.urls["api"], port)
        client.milliseconds = lambda: now
        rows = client.fetch_funding_rate_history(
            SYMBOL, now - 400 * DAY, params={"paginate": True, "until": now}
        )
    # If ccxt should give all some day, this says so; then our own paging may go.
    assert len({row["timestamp"] for row in rows}) < 2401


@pytest.mark.parametrize("page", [100, 37])
def test_a_venue_that_gives_smaller_pages_than_it_says_loses_nothing(monkeypatch, page):
    venue = Venue(NOW, [(0, 4)], page=page)
    found, _ = funding(monkeypatch, venue, "bybit", since=NOW - 50 * DAY)
    assert found.rows == [(time, rate(time)) for time in venue.due(NOW - 50 * DAY, NOW)]
    assert found.gaps == []


def test_a_year_with_everything_at_once_comes_whole(monkeypatch):
    """Intervals of 8, 4 and 1 hours, small pages, late bookings, every fifth request refused."""
    busy = Reply({"code": -1003, "msg": "Too many requests."}, 429)
    venue = Venue(NOW, [(0, 8), (at("2025-09-01"), 4), (at("2025-11-11T04:00"), 1)], page=300)
    venue.troubles = lambda asked, number: busy if number % 5 == 0 else None
    monkeypatch.setattr(connection.time, "sleep", lambda seconds: None)
    with venue.serving() as (port, _), monkeypatch.context() as patch:
        point(port, patch.setattr)
        opened = functools.cache(connection.connect)
        came = download.fetch(opened, "binance", [SYMBOL], since=at("2025-03-01"))
    history = came.histories[0]
    closes = list(range(at("2025-03-01T08:00"), at("2026-03-01T08:00") + 1, 8 * HOUR))
    assert history.time.tolist() == closes
    assert history.spot.tolist() == [spot_price(time) for time in closes]
    paid = dict.fromkeys(closes, 0.0)
    for time in venue.due(at("2025-03-01"), closes[-1]):
        paid[-(-time // (8 * HOUR)) * 8 * HOUR] += rate(time)
    assert history.funding_rate.tolist() == pytest.approx(list(paid.values()), abs=1e-15)
    assert [part.gaps for part in came.parts] == [[], [], []]


def test_a_market_that_is_younger_than_asked_says_where_it_begins(monkeypatch):
    venue = Venue(NOW, [(0, 8)], listed=at("2026-02-01"))
    with venue.serving() as (port, _), monkeypatch.context() as patch:
        point(port, patch.setattr)
        opened = functools.cache(connection.connect)
        with pytest.raises(VenueError, match="--since 2026-02-01T08:00:00Z begins where it does"):
            download.fetch(opened, "binance", [SYMBOL], since=at("2026-01-01"))
        came = download.fetch(opened, "binance", [SYMBOL], since=at("2026-02-01T08:00"))
    assert came.histories[0].time[0] == at("2026-02-01T16:00")


def test_an_interval_that_changes_in_the_middle_is_no_gap_and_a_missing_settlement_is_one(
    monkeypatch,
):
    changes = [(0, 8), (at("2026-01-05"), 4), (at("2026-01-12T04:00"), 1), (at("2026-01-20"), 8)]
    venue = Venue(NOW, changes)
    found, _ = funding(monkeypatch, venue, since=NOW - 90 * DAY)
    assert [time for time, _ in found.rows] == venue.due(NOW - 90 * DAY, NOW)
    assert found.gaps == []
    assert set(found.hours) == {8, 4, 1}
    lost = {at("2026-01-08T04:00"), at("2026-01-15T05:00"), at("2026-01-15T06:00")}
    venue.without_settlements = lost
    found, _ = funding(monkeypatch, venue, since=NOW - 90 * DAY + 1)
    assert found.gaps == [
        Gap(at("2026-01-08T04:00"), at("2026-01-08T04:00"), 1),
        Gap(at("2026-01-15T05:00"), at("2026-01-15T06:00"), 2),
    ]
    with pytest.raises(VenueError) as refused:
        found.refuse_gaps()
    assert "missing 2026-01-08T04:00:00Z, 2026-01-15T05:00:00Z to 2026-01-15T06:00:00Z" in str(
        refused.value
    )


def test_an_interval_that_was_shortened_this_morning_is_no_gap(monkeypatch):
    """Three rows alone would not tell it; the days before them do."""
    venue = Venue(NOW, [(0, 8), (at("2026-03-01T00:00"), 4)])
    found, _ = funding(monkeypatch, venue, "bybit", since=at("2026-02-28T01:00"))
    assert found.hours == [8, 8, 8, 4, 4]
    assert found.gaps == []
    venue.without_settlements = {at("2026-02-28T16:00")}
    found, _ = funding(monkeypatch, venue, "bybit", since=at("2026-02-28T01:01"))
    assert found.gaps == [Gap(at("2026-02-28T16:00"), at("2026-02-28T16:00"), 1)]


def test_of_gaps_before_the_beginning_only_what_lies_after_it_counts():
    gap = Gap(8 * HOUR, 32 * HOUR, 4)
    assert later([gap], 7 * HOUR) == [gap]
    assert later([gap], 8 * HOUR) == [Gap(16 * HOUR, 32 * HOUR, 3)]
    assert later([gap], 25 * HOUR) == [Gap(32 * HOUR, 32 * HOUR, 1)]
    assert later([gap], 32 * HOUR) == []
    assert later([Gap(HOUR, HOUR, 1)], HOUR) == []


def test_a_settlement_that_is_not_booked_yet_is_not_taken_for_a_rate_of_zero(monkeypatch, tmp_path):
    now = at("2026-03-01T08:00:40")
    venue = Venue(now, [(0, 8)])
    venue.without_settlements = {at("2026-03-01T08:00:00")}
    with venue.serving() as (port, _), monkeypatch.context() as patch:
        point(port, patch.setattr)
        opened = functools.cache(connection.connect)
        came = download.fetch(opened, "binance", [SYMBOL], since=now - 10 * DAY)
    assert came.histories[0].time[-1] == at("2026-03-01T00:00:00")


def test_bars_are_closes_at_the_end_and_the_running_one_is_left_out(monkeypatch):
    venue = Venue(NOW, [(0, 8)])
    with venue.serving() as (port, log), monkeypatch.context() as patch:
        point(port, patch.setattr)
        bybit = connection.connect("bybit")
        found = series.bars(bybit, SYMBOL, NOW - 30 * DAY, NOW, 8 * HOUR)
    last = at("2026-03-01T08:00:00")
    first = at("2026-01-30T16:00:00") + 8 * HOUR
    # bybit has no bars of 8 hours: they are made of 4.
    assert found.kind == "4h"
    assert found.rows == [(time, futures_price(time)) for time in range(first, last + 1, 8 * HOUR)]
    assert max(int(asked.query.get("end", 0)) for asked in log) < last


@pytest.mark.parametrize("name", ["binance", "bybit"])
def test_bars_come_whole_from_a_venue_whose_pages_are_smaller_than_it_says(monkeypatch, name):
    venue = Venue(NOW, [(0, 8)], page=37)
    with venue.serving() as (port, log), monkeypatch.context() as patch:
        point(port, patch.setattr)
        opened = connection.connect(name)
        found = series.bars(opened, SYMBOL, NOW - 30 * DAY, NOW, HOUR)
    assert found.gaps == []
    assert [time for time, _ in found.rows] == list(
        range(at("2026-01-30T12:00"), at("2026-03-01T10:00") + 1, HOUR)
    )
    assert len(log) < 60


def test_missing_bars_are_named_and_with_leave_left_out(monkeypatch):
    venue = Venue(NOW, [(0, 8)])
    lost = at("2026-02-20T08:00:00")
    venue.without_spot = {lost, lost + 8 * HOUR}
    with venue.serving() as (port, _), monkeypatch.context() as patch:
        point(port, patch.setattr)
        opened = functools.cache(connection.connect)
        with pytest.raises(VenueError, match="missing 2026-02-20T08:00:00Z to 2026-02-20T16:00"):
            download.fetch(opened, "binance", [SYMBOL], since=NOW - 20 * DAY)
        came = download.fetch(opened, "binance", [SYMBOL], since=NOW - 20 * DAY, allow_gaps=True)
    history = came.histories[0]
    assert [gap.count for part in came.parts for gap in part.gaps] == [2]
    assert not {lost + 8 * HOUR, lost + 16 * HOUR} & set(history.time.tolist())
    assert history.spot.tolist() == [spot_price(time) for time in history.time.tolist()]


def test_a_download_that_was_broken_off_goes_on_where_it_was(monkeypatch, tmp_path):
    venue, since = Venue(NOW, [(0, 1)]), NOW - 60 * DAY
    # Eleven requests load the markets.
    venue.troubles = lambda asked, number: Reply("gone", 451) if number > 14 else None
    with pytest.raises(VenueError, match="does not serve this place"):
        funding(monkeypatch, venue, "bybit", since)
    assert venue.requests == 15
    venue.troubles = lambda asked, number: None
    whole, log = funding(monkeypatch, venue, "bybit", since)
    assert whole.rows == [(time, rate(time)) for time in venue.due(since, NOW)]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    again, fresh = funding(monkeypatch, venue, "bybit", since)
    assert again.rows == whole.rows
    assert len(log) == len(fresh) - 2


@examples(20, 100)
@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(24, 90)), max_size=4),
    st.integers(3, 40),
    st.booleans(),
    st.integers(0, 3),
)
def test_paging_finds_every_row_that_the_venue_has(changes, cap, newest, jitter):
    """Whatever the cap of a page, which end of it the venue keeps, and where intervals change."""
    times, time = [], 0
    for hours, count in [(8, 30), *changes]:
        for _ in range(count):
            time = (time // (hours * HOUR) + 1) * hours * HOUR
            times.append(time)
    end, late = times[-1] + 1, 120_000

    def ask(start, stop, again):
        rows = [(t, t / HOUR) for t in times if start - late <= t + jitter < stop + late]
        return rows[-cap:] if newest else rows[:cap]

    found = collect(
        ask, 1, end, window=cap * 8 * HOUR, limit=cap,
        gaps=lambda known: missing_settlements(known, 1, end),
    )  # fmt: skip
    assert [t for t, _ in found] == times


@examples(30, 100)
@given(st.sets(st.integers(2, 200), max_size=8), st.sampled_from([1, 4, 8]))
def test_what_is_missing_is_what_was_taken_out(lost, hours):
    step = hours * HOUR
    times = [place * step for place in range(1, 300) if place not in lost]
    gaps = missing_settlements(times, 1, 300 * step, step)
    named = {time // step for gap in gaps for time in range(gap.first, gap.last + 1, step)}
    assert named == lost
    bars = missing_bars([time - step for time in times], 0, 299 * step, step)
    assert sum(gap.count for gap in bars) == len(lost)


def test_the_ends_of_a_series_are_gaps_when_rows_are_due_there():
    step = 8 * HOUR
    times = [place * step for place in range(10, 20)]
    assert missing_settlements(times, 1, 19 * step + 1) == [Gap(step, 9 * step, 9)]
    assert missing_settlements(times, 10 * step, 22 * step) == [Gap(20 * step, 21 * step, 2)]
    assert missing_settlements([], 0, DAY) == [Gap(0, DAY - 1, 1)]
    assert intervals([0, step, 2 * step]) == [step] * 3
    assert missing_bars([], 0, DAY, HOUR) == [Gap(0, 23 * HOUR, 24)]


def test_one_time_with_two_rates_is_refused():
    rows = [(HOUR, 0.1), (HOUR, 0.2)]
    with pytest.raises(VenueError, match="two values came for 1970-01-01T01:00:00Z"):
        collect(lambda *span: rows, 0, DAY, window=DAY, limit=10, gaps=lambda times: [])
