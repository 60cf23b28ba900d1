"""Bars and funding of one market, whole or with its gaps named."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlhedge.errors import VenueError
from xlhedge.market.checks import DAY, HOUR, stamp
from xlhedge.market.connection import Connection
from xlhedge.market.contracts import refuse_other
from xlhedge.market.journal import Journal
from xlhedge.market.paging import (
    Gap,
    Row,
    collect,
    intervals,
    later,
    missing_bars,
    missing_settlements,
    on_the_hour,
)

Progress = Callable[[str, float], None]
"""Called with what is being fetched, and the share that has come."""

_LATE = 2 * 60_000
_MOST_PAGES = 2000
_DAYS_BEFORE = 4


@dataclass(slots=True)
class Fetched:
    """One series as it came.

    Parameters
    ----------
    venue, symbol, kind
        What it is of; kind is the bar's length, or funding.
    since, until
        The span that was asked for, in milliseconds.
    rows
        Time and value: bars by their closing time, settlements by the hour.
    gaps
        What is missing in between.
    hours
        Funding only: the length of the period that each row ends.
    step
        Bars only: their length in milliseconds.
    journal
        The pages that were kept in case it would be broken off.
    before
        Funding only: settlements of the days before, with the length of their periods. They tell
        that nothing is due yet where the span holds no settlement.
    """

    venue: str
    symbol: str
    kind: str
    since: int
    until: int
    rows: list[Row]
    gaps: list[Gap]
    hours: list[float] = field(default_factory=list)
    step: int = 0
    journal: Journal | None = None
    before: list[tuple[Row, float]] = field(default_factory=list)

    def refuse_gaps(self) -> None:
        """Refuse a series that is not whole, naming what is missing."""
        if not self.gaps:
            return
        listed = ", ".join(map(str, self.gaps[:4]))
        more = f" and {len(self.gaps) - 4} more gaps" if len(self.gaps) > 4 else ""
        what = "settlements of funding" if self.kind == "funding" else f"{self.kind} bars"
        first = self.rows[0][0] if self.rows else None
        hint = "--allow-gaps keeps what is there"
        if first and self.gaps[0].first < first:
            hint = f"--since {stamp(first)} begins where it does, {hint}"
        raise VenueError(
            f"{self.venue} does not give all {what} of {self.symbol}: missing {listed}{more}; "
            f"{hint}"
        )


def timeframe(connection: Connection, interval: int) -> tuple[str, int]:
    """The longest bar of a venue from which bars of an interval in milliseconds can be made."""
    found = []
    for name in connection.timeframes:
        unit = {"s": 1000, "m": 60_000, "h": HOUR, "d": 24 * HOUR}.get(name[-1:])
        # Days of some venues begin elsewhere than at midnight UTC, weeks and months everywhere.
        if unit and name[:-1].isdigit():
            length = int(name[:-1]) * unit
            longest = interval if interval % HOUR == 0 and interval <= 8 * HOUR else 4 * HOUR
            if length <= longest and interval % length == 0:
                found.append((length, name))
    if not found:
        raise VenueError(
            f"{connection.venue.name} has no bars of which {interval / HOUR:g} hours can be made: "
            f"it has {', '.join(connection.timeframes)}"
        )
    length, name = max(found)
    return name, length


def bars(
    connection: Connection,
    symbol: str,
    since: int,
    until: int,
    interval: int,
    progress: Progress = lambda what, share: None,
) -> Fetched:
    """Closing prices at the ends of bars, by the time of the close.

    Parameters
    ----------
    connection
        The exchange.
    symbol
        A market, such as BTC/USDT:USDT.
    since, until
        The first bar's opening and the last bar's close at the latest; a bar that still runs is
        left out.
    interval
        Length of a bar in milliseconds. Where the venue has none so long, shorter ones are fetched
        and the close at the end of each is taken.
    progress
        Called as pages come.
    """
    market = connection.market(symbol)
    name, step = timeframe(connection, interval)
    since = -(-since // interval) * interval
    until = min(until, connection.now()) // interval * interval
    if until <= since:
        return Fetched(
            connection.venue.name, market["symbol"], name, since, until, [], [], step=step
        )
    limit = connection.venue.candles
    journal = Journal.of(connection.venue.name, market["symbol"], name)

    def ask(start: int, end: int, again: bool) -> list[Row]:
        known = journal.known(start, end)
        if known is not None and not again:
            return known
        wanted = min(limit, -(-(end - start) // step) + 1)
        ends = {"until": end - 1} if connection.venue.bars_end else {}
        given = connection.ask("fetch_ohlcv", market["symbol"], name, start, wanted, ends)
        rows = []
        for row in _listed(given, connection):
            if row[0] is None:
                raise VenueError(f"{connection.venue.name} gave bars of {symbol} without times")
            if row[0] % step:
                raise VenueError(
                    f"{connection.venue.name} gave a {name} bar of {symbol} that opens at "
                    f"{stamp(int(row[0]))}: its bars do not begin on the hours of UTC"
                )
            # A bar without a price is a bar that is missing.
            inside = start <= row[0] < end
            if inside and row[4] is not None and math.isfinite(row[4]) and row[4] > 0:
                rows.append((int(row[0]), float(row[4])))
        journal.note(start, end, rows)
        return rows

    rows = collect(
        ask,
        since,
        until,
        # One less than a page holds: a page of these is never full.
        window=(limit - 1) * step,
        limit=limit,
        gaps=lambda times: missing_bars(times, since, until, step),
        told=lambda end: progress(f"{market['symbol']} {name}", (end - since) / (until - since)),
    )
    gaps = missing_bars([time for time, _ in rows], since, until, step)
    closes = [(time + step, value) for time, value in rows if (time + step) % interval == 0]
    return Fetched(
        connection.venue.name, market["symbol"], name, since, until, closes, gaps, step=step,
        journal=journal,
    )  # fmt: skip


def funding(
    connection: Connection,
    symbol: str,
    since: int,
    until: int,
    progress: Progress = lambda what, share: None,
) -> Fetched:
    """Funding rates settled after `since` and up to `until`; positive rates are paid by longs.

    Parameters
    ----------
    connection
        The exchange.
    symbol
        A perpetual.
    since, until
        The span in milliseconds, without its beginning.
    progress
        Called as pages come.

    Notes
    -----
    deribit's rows hold what was paid in the hour beside a rate of eight hours that must not be
    summed, and ccxt reports the latter. krakenfutures' rates are per hour; rows of other lengths,
    which it had before, cannot be verified and are refused.
    """
    venue = connection.venue
    market = connection.market(symbol)
    if not market.get("swap"):
        raise VenueError(f"{symbol} of {venue.name} is no perpetual: it pays no funding")
    until = min(until, connection.now())
    journal = Journal.of(venue.name, market["symbol"], "funding", since)

    def ask(start: int, end: int, again: bool) -> list[Row]:
        known = journal.known(start, end)
        if known is not None and not again:
            return known
        rows = []
        for given in _settlements(connection, market["symbol"], start - _LATE, end + _LATE):
            refuse_other(venue.name, market, given.get("info"))
            rows.append(_settled(given, connection, symbol))
        if end + _LATE < until:
            journal.note(start, end, rows)
        return rows

    span = 8 * HOUR if venue.fixed is None else venue.fixed
    # Which interval holds at the beginning stands in the days before it.
    begin = since - (_DAYS_BEFORE * DAY if venue.fixed is None else 0)
    rows = collect(
        ask,
        begin + 1,
        until + 1,
        window=(venue.funding or 1000) * span,
        limit=venue.funding if venue.pages == "span" else None,
        gaps=lambda times: missing_settlements(times, begin + 1, until + 1, venue.fixed),
        told=lambda end: progress(
            f"{market['symbol']} funding", (end - begin) / max(1, until - begin)
        ),
    )
    times = [time for time, _ in rows]
    gaps = later(missing_settlements(times, begin + 1, until + 1, venue.fixed), since)
    if gaps and gaps[-1].count == 1 and connection.now() - gaps[-1].first < 5 * _LATE:
        # The venue has not booked the settlement of the last minutes yet: the series ends before.
        until = gaps.pop().first - 1
    hours = [length / HOUR for length in intervals(times, venue.fixed)]
    first = sum(time <= since for time in times)
    series = Fetched(
        venue.name, market["symbol"], "funding", since, until, rows[first:], gaps, hours[first:],
        journal=journal, before=list(zip(rows[:first], hours[:first], strict=True)),
    )  # fmt: skip
    if venue.name == "krakenfutures" and _lengths(times) - {HOUR}:
        raise VenueError(
            "krakenfutures gives rates per hour in rows of other lengths: what was paid cannot be "
            "verified for these times"
        )
    return series


def _settlements(connection: Connection, symbol: str, start: int, end: int) -> list[dict[str, Any]]:
    """The rows of a span, in as many requests as the venue's way of paging needs."""
    venue = connection.venue

    def ask(since: int | None, **parameters: Any) -> list[dict[str, Any]]:
        from xlhedge.market import pace

        if venue.funding_pause:
            pace.wait(f"{venue.name}-funding", venue.funding_pause)
        return _listed(
            connection.ask("fetch_funding_rate_history", symbol, since, venue.funding, parameters),
            connection,
        )

    if venue.pages == "span":
        # okx ends a page before the time that it calls after.
        ends = {"after": end} if venue.name == "okx" else {"until": end}
        return ask(start, **(ends if venue.funding else {}))
    found: dict[Any, dict[str, Any]] = {}
    place: dict[str, Any] = {"pageNo": 1} if venue.pages == "number" else {}
    for number in range(2, _MOST_PAGES):
        rows = ask(None, **place)
        known = len(found)
        found |= {(row.get("timestamp"), row.get("fundingRate")): row for row in rows}
        times = [row["timestamp"] for row in rows if row.get("timestamp")]
        if not times or len(found) == known or min(times) <= start:
            break
        place = {"pageNo": number}
        if venue.pages == "row":
            place = {"id": min(rows, key=lambda row: row["timestamp"])["info"].get("id")}
    return [row for row in found.values() if start <= (row.get("timestamp") or start) <= end]


def _settled(given: dict[str, Any], connection: Connection, symbol: str) -> Row:
    """Time and rate of a settlement, as they were paid."""
    name = connection.venue.name
    rate = given.get("fundingRate")
    if name == "deribit":
        rate = given["info"].get("interest_1h")
    time = given.get("timestamp")
    if time is None or rate is None:
        raise VenueError(f"{name} gave a settlement of {symbol} without a time or a rate")
    rate = float(rate)
    if not abs(rate) <= 0.1:
        raise VenueError(
            f"{name} gave the funding rate {rate:.12g} of {symbol} at {stamp(int(time))}: "
            "beyond 0.1 it looks like per cent"
        )
    return on_the_hour(int(time)), rate


def _lengths(times: Sequence[int]) -> set[int]:
    return {after - before for before, after in itertools.pairwise(times)}


def _listed(given: Any, connection: Connection) -> list[Any]:
    if not isinstance(given, list):
        raise VenueError(f"{connection.venue.name} gave {type(given).__name__} instead of rows")
    return given
