"""Prices and funding brought together as a canonical history, after every check."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.errors import FileError
from xlhedge.market import checks
from xlhedge.market.checks import DAY, Gap, Times, length, stamp
from xlhedge.market.history import CanonicalHistory, Series

_FAR_APART = 0.25
_LISTED = 5


def join(
    spot: Series,
    futures: Series | None = None,
    funding: Series | None = None,
    *,
    interval: int | None = None,
    since: int | None = None,
    until: int | None = None,
    allow_gaps: bool = False,
    asset: str = "",
    decimal_funding: bool = False,
) -> CanonicalHistory:
    """The canonical history of prices and funding, after every check.

    Parameters
    ----------
    spot, futures
        Closes of bars, each with its interval.
    funding
        Settlements.
    interval
        Length of the bars that are wanted; the longest of those given by default.
    since, until
        The first and last close that is wanted.
    allow_gaps
        Keep what is there where bars or settlements are missing; they are listed in the notes.
    asset
        The coin.
    decimal_funding
        Take the rates for decimals even where they look like per cent.

    Raises
    ------
    FileError
        The first thing that is wrong, with its place and what to do.
    """
    prices = [series for series in (spot, futures) if series is not None]
    notes = [note for series in (spot, futures, funding) if series for note in series.notes]
    wanted = interval or max(series.interval for series in prices)
    if futures is not None:
        _refuse_out_of_step(spot, futures)
    if funding is not None and not decimal_funding:
        _refuse_per_cent(funding)
    bars = [_resampled(series, wanted) for series in prices]
    first, last = _range(prices, bars, funding, since, until)
    closes = bars[0].time
    for series in bars[1:]:
        closes = np.intersect1d(closes, series.time, assume_unique=True)
    closes = closes[(closes >= first) & (closes <= last)]
    if not len(closes):
        raise FileError(f"no row of {_names(prices)} lies between {stamp(first)} and {stamp(last)}")
    begins, ends = int(closes[0]) - wanted, int(closes[-1])
    complain = _Gaps(wanted, allow_gaps=allow_gaps)
    for series in prices:
        _refuse_no_price(series, begins, ends)
        complain.bars(series, begins, ends)
    if funding is not None:
        complain.settlements(funding, begins, ends)
    values = [series.value[np.searchsorted(series.time, closes)] for series in bars]
    whole = np.all(np.isfinite(values), axis=0)
    closes, values = closes[whole], [column[whole] for column in values]
    if not len(closes):
        raise FileError(f"no row of {_names(prices)} is left")
    rates = None
    if funding is not None:
        rates = funding_per_bar(funding, closes, wanted)
        rates[complain.incomplete(closes)] = np.nan
        if np.any(np.diff(closes) > wanted):
            notes.append("funding settled between rows that are further apart is in no row")
    _note_ends(notes, bars, closes, since, until)
    return CanonicalHistory(
        closes, values[0], values[1] if futures is not None else None, rates, wanted, asset,
        (*notes, *complain.notes),
    )  # fmt: skip


def funding_per_bar(funding: Series, closes: Times, interval: int) -> Floats:
    """The sum of all rates settled in (close − interval, close], for each close.

    Notes
    -----
    Each bar's rates are added alone, so that a bar with one settlement keeps its rate exactly.
    """
    start = np.searchsorted(funding.time, closes - interval, side="right")
    end = np.searchsorted(funding.time, closes, side="right")
    rates = np.append(funding.value, 0.0)
    sums = np.add.reduceat(rates, np.ravel(np.column_stack((start, end))))[::2]
    return np.where(end > start, sums, 0.0)


def _resampled(series: Series, interval: int) -> Series:
    """The closes at the ends of longer bars."""
    if series.interval == interval:
        return series
    if series.interval > interval or interval % series.interval:
        raise FileError(
            f"{series.name}: bars of {length(series.interval)} cannot become bars of "
            f"{length(interval)}"
        )
    which = np.flatnonzero(series.time % interval == 0)
    if not len(which):
        raise FileError(
            f"{series.name}: no bar of {length(series.interval)} closes at the end of a bar of "
            f"{length(interval)}, which begin at 00:00 UTC"
        )
    return replace(series.taken(which), interval=interval)


def _range(
    prices: list[Series],
    bars: list[Series],
    funding: Series | None,
    since: int | None,
    until: int | None,
) -> tuple[int, int]:
    """First and last close that all series can have, within what was asked for."""
    first = max(int(series.time[0]) for series in bars)
    last = min(int(series.time[-1]) for series in bars)
    if first > last:
        raise FileError(_apart(prices))
    if funding is not None:
        covers = checks.settlement_intervals(funding.time, funding.declared)
        begins = int(funding.time[0] - covers[0]) + bars[0].interval
        # Until the next settlement is due, nothing more is paid.
        ends = int(funding.time[-1] + max(int(covers[-1]), 1) - 1)
        if max(first, begins) > min(last, ends):
            raise FileError(_apart([prices[0], funding]))
        first, last = max(first, begins), min(last, ends)
    if since is not None:
        first = max(first, since)
    if until is not None:
        last = min(last, until)
    if first > last:
        raise FileError(
            f"no row of {_names(prices)} lies between "
            f"{stamp(since if since is not None else first)} and "
            f"{stamp(until if until is not None else last)}"
        )
    return first, last


def _apart(series: list[Series]) -> str:
    spans = "; ".join(
        f"{one.name} runs from {stamp(one.time[0])} to {stamp(one.time[-1])}" for one in series
    )
    return f"there is no time in common: {spans}"


def _names(series: list[Series]) -> str:
    return " and ".join(one.name for one in series)


def _note_ends(
    notes: list[str], bars: list[Series], closes: Times, since: int | None, until: int | None
) -> None:
    low = since if since is not None else int(closes[0])
    high = until if until is not None else int(closes[-1])
    for series in bars:
        left = series.time[(series.time < closes[0]) | (series.time > closes[-1])]
        outside = int(np.count_nonzero((left < low) | (left > high)))
        if since is None and until is None:
            outside = 0
        if len(left) > outside:
            count = len(left) - outside
            notes.append(
                f"{series.name}: {count:,} {'bar' if count == 1 else 'bars'} at the ends, which "
                "the other files do not cover, left out"
            )


def _refuse_per_cent(funding: Series) -> None:
    covers = checks.settlement_intervals(funding.time, funding.declared)
    if checks.looks_like_per_cent(funding.value, covers):
        size = float(np.nanmedian(np.abs(funding.value)))
        raise FileError(
            f"{funding.place(0)}: the funding rates look like per cent (their median is "
            f"{size:.4g}, as a decimal {size:.2%} per settlement): divide them by 100, write them "
            "with %, or say --funding-unit percent (or decimal, if they are)"
        )


def _refuse_out_of_step(spot: Series, futures: Series) -> None:
    """Refuse futures whose times do not fit those of spot, and those of another coin."""
    longer, shorter = sorted((spot, futures), key=lambda series: -series.interval)
    long, short = longer.interval, shorter.interval
    apart = int(longer.time[0] - shorter.time[0]) % short
    if apart and short < DAY:
        apart = min(apart, short - apart, key=abs)
        raise FileError(
            f"spot and futures are out of step by {length(apart)}: {longer.name} has a bar that "
            f"closes at {stamp(longer.time[0])} (column {longer.column}), {shorter.name} one at "
            f"{stamp(shorter.time[0])} (column {shorter.column})"
        )
    if long % short:
        return
    closes = np.intersect1d(spot.time, futures.time)
    if not len(closes):
        return
    ratio = np.log(
        futures.value[np.searchsorted(futures.time, closes)]
        / spot.value[np.searchsorted(spot.time, closes)]
    )
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) and abs(float(np.median(ratio))) > _FAR_APART:
        factor = float(np.exp(np.median(ratio)))
        raise FileError(
            f"spot and futures are too far apart to be one market: {futures.name} is "
            f"{factor:.4g} times {spot.name}: give files of the same coin, in the same unit"
        )
    step = checks.step_between(spot.time, spot.value, futures.time, futures.value, long, short)
    if step.shift:
        way = "later" if step.shift > 0 else "earlier"
        early = spot if step.shift > 0 else futures
        raise FileError(
            f"spot and futures are out of step: the moves of {futures.name} come "
            f"{length(abs(step.shift))} {way} than those of {spot.name} (correlation "
            f"{step.now:.2f}, moved back {step.best:.3f}): if the column {early.column} of "
            f"{early.name} names opening times, say --map "
            f"{Path(early.name).name}:{early.column}=open_time"
        )
    if len(closes) >= checks.FEW and step.now < 0.5:
        raise FileError(
            f"the moves of {spot.name} and {futures.name} differ (correlation {step.now:.2f}): "
            "they are not of one market"
        )


def _refuse_no_price(series: Series, after: int, last: int) -> None:
    wrong = np.flatnonzero((series.value <= 0) & (series.time > after) & (series.time <= last))
    if len(wrong):
        index = int(wrong[0])
        raise FileError(
            f"{series.place(index)}: a price must be positive, got {series.value[index]:g}"
        )


@dataclass
class _Gaps:
    """Refuses what is missing, or notes it where gaps are allowed."""

    interval: int
    allow_gaps: bool
    notes: list[str] = field(default_factory=list)
    unpaid: list[Gap] = field(default_factory=list)

    def incomplete(self, closes: Times) -> Times:
        """Places of the bars of which settlements are missing."""
        lacking = np.zeros(len(closes), dtype=bool)
        for gap in self.unpaid:
            lacking |= (closes >= gap.first) & (closes - self.interval < gap.last)
        return np.flatnonzero(lacking)

    def bars(self, series: Series, after: int, last: int) -> None:
        """Missing bars and blank prices of a series, of the closes in (after, last]."""
        inside = series.taken(np.flatnonzero((series.time > after) & (series.time <= last)))
        if not len(inside):
            return
        blank = np.flatnonzero(~np.isfinite(inside.value))
        if len(blank):
            index = int(blank[0])
            self._tell(
                f"{inside.place(index)}: the price is blank at {stamp(inside.time[index])}"
                + (f", and {len(blank) - 1:,} more are" if len(blank) > 1 else "")
            )
        business = checks.on_business_days(inside.time, inside.interval)
        gaps = checks.missing_bars(inside.time, inside.interval, business_days=business)
        self._list(inside, gaps, "bar", "bars")

    def settlements(self, funding: Series, after: int, last: int) -> None:
        """Missing settlements and blank rates in (after, last]."""
        inside = funding.taken(np.flatnonzero((funding.time > after) & (funding.time <= last)))
        blank = np.flatnonzero(~np.isfinite(inside.value))
        if len(blank):
            index = int(blank[0])
            self._tell(
                f"{inside.place(index)}: the funding rate is blank at {stamp(inside.time[index])}"
            )
        self.unpaid += [
            Gap(int(index), int(inside.time[index]), int(inside.time[index]), 1) for index in blank
        ]
        if funding.interval:
            return  # sums over bars, whose gaps are the bars'
        # Whether a step is a gap stands in its neighbours, also in those outside.
        gaps = [
            gap
            for gap in checks.missing_settlements(funding.time, funding.declared)
            if gap.last > after and gap.first <= last
        ]
        self.unpaid += gaps
        self._list(funding, gaps, "settlement", "settlements")

    def _list(self, series: Series, gaps: list[Gap], one: str, many: str) -> None:
        if not gaps:
            return
        count = sum(gap.missing for gap in gaps)
        listed = ", ".join(map(str, gaps[:_LISTED]))
        more = f" and {len(gaps) - _LISTED} more gaps" if len(gaps) > _LISTED else ""
        what = f"{count:,} {many} are missing" if count > 1 else f"1 {one} is missing"
        self._tell(f"{series.place(gaps[0].after)}: after it {what}: {listed}{more}", gaps[-1])

    def _tell(self, sentence: str, gap: Gap | None = None) -> None:
        if self.allow_gaps:
            self.notes.append(sentence)
            return
        later = (
            "--since a later time" if gap is None else f"--since {stamp(gap.last + self.interval)}"
        )
        raise FileError(f"{sentence}; {later} leaves it out, --allow-gaps keeps what is there")
