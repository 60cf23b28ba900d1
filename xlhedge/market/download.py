"""The history of markets, fetched from one exchange or two and joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlhedge.errors import InputError, VenueError
from xlhedge.market import history, manifest, series
from xlhedge.market.checks import HOUR
from xlhedge.market.connection import Connection
from xlhedge.market.joining import join
from xlhedge.market.series import Fetched, Progress

Connect = Callable[[str], Connection]


@dataclass(frozen=True, slots=True)
class Download:
    """What came.

    Parameters
    ----------
    histories
        One per market, on the same closes.
    parts
        The series that they were joined from.
    """

    histories: list[history.CanonicalHistory]
    parts: list[Fetched]

    @property
    def content(self) -> bytes:
        """The histories as a CSV file."""
        return history.written(self.histories)

    @property
    def sources(self) -> list[dict[str, Any]]:
        """What the manifest says of each series."""
        return [manifest.of(part) for part in self.parts]

    def done(self) -> None:
        """Forget the pages that were kept in case it would be broken off."""
        for part in self.parts:
            if part.journal is not None:
                part.journal.forget()


def fetch(
    connect: Connect,
    venue: str,
    symbols: Sequence[str],
    *,
    since: int,
    until: int | None = None,
    interval: int = 8 * HOUR,
    spot: str | None = None,
    allow_gaps: bool = False,
    progress: Progress = lambda what, share: None,
) -> Download:
    """Spot, futures and funding of markets, joined on common closes.

    Parameters
    ----------
    connect
        Gives the connection to an exchange by its name.
    venue
        The exchange of the futures.
    symbols
        Perpetuals or dated futures, such as BTC/USDT:USDT; a dated one has no funding.
    since, until
        The close before the first row's, and the last close; now by default.
    interval
        Length of the bars in milliseconds.
    spot
        The market that spot prices come from, as SYMBOL or VENUE:SYMBOL; by default that of the
        same coins on the same exchange. With several symbols it must be left out.
    allow_gaps
        Keep what is there where something is missing.
    progress
        Called as pages come.

    Raises
    ------
    VenueError
        When an exchange refuses, or something is missing.
    FileError
        When the series do not belong together.
    """
    if not symbols:
        raise InputError("name at least one symbol, such as BTC/USDT:USDT")
    if spot is not None and len(symbols) > 1:
        raise InputError("--spot goes with one symbol: fetch several one by one")
    futures = connect(venue)
    markets = [futures.market(symbol) for symbol in symbols]
    bases = [market["base"] for market in markets]
    if len(set(bases)) < len(bases):
        raise InputError("each coin may come once: fetch several futures of one coin one by one")
    end = min(until, futures.now()) if until is not None else futures.now()
    histories, parts = [], []
    for market in markets:
        source, symbol = _spot(connect, futures, market, spot)
        found = [
            _checked(series.bars(source, symbol, since, end, interval, progress), allow_gaps),
            _checked(
                series.bars(futures, market["symbol"], since, end, interval, progress), allow_gaps
            ),
        ]
        if market.get("swap"):
            begin = -(-since // interval) * interval
            paid = series.funding(futures, market["symbol"], begin, end, progress)
            found.append(_checked(paid, allow_gaps))
        parts += found
        if all(part.rows or part.before for part in found):
            histories.append(_joined(found, interval, market["base"], allow_gaps=allow_gaps))
    if not histories:
        return Download([], parts)
    return Download(_common(histories, allow_gaps=allow_gaps), parts)


def _checked(part: Fetched, allow_gaps: bool) -> Fetched:
    if not part.rows and not part.before and part.until > part.since:
        raise VenueError(f"{part.venue} gave no {part.kind} rows of {part.symbol} at all")
    if not allow_gaps:
        part.refuse_gaps()
    return part


def _spot(
    connect: Connect, futures: Connection, market: dict[str, Any], spot: str | None
) -> tuple[Connection, str]:
    """The connection and the market of the spot price."""
    if spot is not None:
        name, colon, symbol = spot.partition(":")
        if colon and "/" not in name:
            return connect(name), symbol
        return futures, spot
    symbol = f"{market['base']}/{market['quote']}"
    try:
        found = futures.market(symbol)
    except VenueError:
        found = {}
    if not found.get("spot"):
        raise VenueError(
            f"{futures.venue.name} has no spot market {symbol}: name one with --spot, such as "
            f"--spot binance:{market['base']}/USDT"
        )
    return futures, symbol


def _joined(
    parts: Sequence[Fetched], interval: int, asset: str, *, allow_gaps: bool
) -> history.CanonicalHistory:
    made = []
    for part in parts:
        times, values = np.array([*(row for row, _ in part.before), *part.rows]).T
        name = f"{part.symbol} of {part.venue}"
        if part.kind == "funding":
            hours = np.array([*(hours for _, hours in part.before), *part.hours])
            name = f"funding of {name}"
            made.append(history.Series.sorted(name, times, values, declared=hours))
        else:
            made.append(history.Series.sorted(name, times, values, interval=interval))
    return join(*made, interval=interval, allow_gaps=allow_gaps, asset=asset, decimal_funding=True)


def _common(
    histories: list[history.CanonicalHistory], *, allow_gaps: bool
) -> list[history.CanonicalHistory]:
    """Several histories on the closes that all of them have."""
    closes = histories[0].time
    for other in histories[1:]:
        closes = np.intersect1d(closes, other.time, assume_unique=True)
    if not len(closes):
        raise VenueError("the markets have no close in common")
    cut = []
    for item in histories:
        which = np.searchsorted(item.time, closes)
        if not allow_gaps and len(which) > 1 and np.any(np.diff(item.time[which]) > item.interval):
            raise VenueError(f"the closes of {item.asset} that the others share have gaps")
        cut.append(
            history.CanonicalHistory(
                closes,
                item.spot[which],
                None if item.futures is None else item.futures[which],
                None if item.funding_rate is None else item.funding_rate[which],
                item.interval,
                item.asset,
                item.notes,
            )
        )
    return cut
