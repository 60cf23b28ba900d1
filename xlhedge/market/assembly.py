"""The canonical history of files: what `xlhedge history`, `new` and `fill` do with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from xlhedge.errors import FileError
from xlhedge.market.checks import DAY, HOUR, MINUTE
from xlhedge.market.files import read_series
from xlhedge.market.history import CanonicalHistory
from xlhedge.market.joining import join
from xlhedge.market.reading import Reading

_INTERVAL = re.compile(r"(\d+)\s*(m|min|h|d)", re.IGNORECASE)
_UNITS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}


@dataclass(frozen=True)
class Request:
    """What is wanted of which files.

    Parameters
    ----------
    spot, futures, funding
        Files and patterns of one asset.
    since, until
        First and last close, milliseconds since 1970.
    allow_gaps
        Keep what is there where bars or settlements are missing.
    decimal_funding
        Funding rates are decimals however high they are.
    """

    spot: Sequence[str]
    futures: Sequence[str] = ()
    funding: Sequence[str] = ()
    since: int | None = None
    until: int | None = None
    allow_gaps: bool = False
    decimal_funding: bool = False
    reading: Reading = field(default_factory=Reading)


def interval_of(text: str) -> int:
    """The milliseconds of 15m, 1h, 8h or 1d.

    Raises
    ------
    FileError
        For what is no such length.
    """
    found = _INTERVAL.fullmatch(text.strip())
    length = int(found[1]) * _UNITS[found[2].lower()] if found else 0
    if not length:
        raise FileError(f"{text!r} is no interval such as 15m, 1h, 8h or 1d")
    return length


def history_of(request: Request) -> CanonicalHistory:
    """The canonical history of one asset's files.

    Raises
    ------
    FileError
        The first thing that is wrong, with its place and what to do.
    """
    reading = request.reading
    if not request.spot:
        raise FileError("no spot prices are given: --spot FILE (it may hold the futures, too)")
    series = read_series(request.spot, "spot", reading)
    notes = []
    for role, files in (("futures", request.futures), ("funding", request.funding)):
        if files and role in series:
            notes.append(f"{series[role].name}: its {role} is not used, since --{role} is given")
        if files:
            series[role] = read_series(files, role, reading)[role]  # type: ignore[arg-type]
    history = join(
        series["spot"],
        series.get("futures"),
        series.get("funding"),
        interval=reading.interval,
        since=request.since,
        until=request.until,
        allow_gaps=request.allow_gaps,
        asset=reading.asset,
        decimal_funding=request.decimal_funding or reading.percent,
    )
    return replace(history, notes=(*history.notes, *notes))


def side_by_side(histories: list[CanonicalHistory]) -> list[CanonicalHistory]:
    """Histories of several assets on the closes that all of them have.

    Raises
    ------
    FileError
        When their bars differ in length or share no close.
    """
    if len({history.interval for history in histories}) > 1:
        listed = ", ".join(f"{h.asset} {h.interval_hours:g} hours" for h in histories)
        raise FileError(f"the assets' bars differ in length ({listed}): say --interval")
    closes = histories[0].time
    for history in histories[1:]:
        closes = np.intersect1d(closes, history.time, assume_unique=True)
    if not len(closes):
        raise FileError("the assets have no time in common")
    return [_at(history, closes) for history in histories]


def _at(history: CanonicalHistory, closes: np.ndarray) -> CanonicalHistory:
    which = np.searchsorted(history.time, closes)
    return replace(
        history,
        time=closes,
        spot=history.spot[which],
        futures=None if history.futures is None else history.futures[which],
        funding_rate=None if history.funding_rate is None else history.funding_rate[which],
    )
