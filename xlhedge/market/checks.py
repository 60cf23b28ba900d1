"""Checks of a series in time: steps, gaps, duplicates, units, and two series in step.

Times are int64 arrays of milliseconds since 1970 in UTC everywhere in this room.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlhedge.core.types import Floats

Times = NDArray[np.int64]

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_LATE_SETTLEMENT = 5 * MINUTE
_FUNDING_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
_HIGH_RATE = 0.002
_HIGH_RATE_OF_FEW = 0.004
FEW = 30
_WINDOW = 60
_COMPARED = 5000
_LEAST_MOVES = 6
_MOURNING = ("2018-12-05", "2025-01-09")


class Gap(NamedTuple):
    """What is missing between two neighbours of a series."""

    after: int
    """Place of the last element before the gap."""
    first: int
    """The first missing time."""
    last: int
    """The last missing time."""
    missing: int
    """How many are missing."""

    def __str__(self) -> str:
        """The missing times, as a sentence names them."""
        if self.missing == 1:
            return stamp(self.first)
        return f"{stamp(self.first)} to {stamp(self.last)}"


def stamp(time: int | np.int64) -> str:
    """A time as ISO 8601 in UTC; milliseconds only where there are any."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(time))
    form = "milliseconds" if int(time) % SECOND else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=form) + "Z"


def stamps(time: Times) -> list[str]:
    """Times as ISO 8601 in UTC; milliseconds where any has some."""
    unit = "ms" if np.any(time % SECOND) else "s"
    texts = np.datetime_as_string(time.astype("datetime64[ms]").astype(f"datetime64[{unit}]"))
    return [f"{text}Z" for text in texts.tolist()]


def length(milliseconds: int) -> str:
    """A length of time in words: 8 hours, 15 minutes, 1 day."""
    for unit, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        if milliseconds % unit == 0 and milliseconds >= unit:
            count = milliseconds // unit
            return f"{count} {word}{'s' if count != 1 else ''}"
    return f"{milliseconds} milliseconds"


def common_step(time: Times) -> int:
    """The most frequent step between times in any order, the smallest of several; else 0."""
    steps = np.diff(time)
    if not np.all(steps > 0):
        steps = np.diff(np.sort(time))
        steps = steps[steps > 0]
    if not len(steps):
        return 0
    if np.all(steps == steps[0]):
        return int(steps[0])
    distinct, counts = np.unique(steps, return_counts=True)
    return int(distinct[int(np.argmax(counts))])


def on_business_days(time: Times, interval: int) -> bool:
    """Whether daily bars leave out every weekend of at least one that they span."""
    if interval != DAY or len(time) < 2:
        return False
    # Day 0 was a Thursday; a bar that closes at midnight is of the day before.
    weekday = ((time - 1) // DAY + 3) % 7
    return bool(np.all(weekday < 5)) and int(np.max(np.diff(time))) >= 3 * DAY


def missing_bars(time: Times, interval: int, *, business_days: bool = False) -> list[Gap]:
    """Gaps between bars that close at rising times.

    Parameters
    ----------
    time
        Closes, strictly rising.
    interval
        Length of a bar in milliseconds.
    business_days
        Whether weekends and the holidays of the United States' exchanges are no gaps.

    Returns
    -------
    list of Gap
        Gaps in order; a step that is no whole number of bars is a gap, too.

    Notes
    -----
    Daily closes of a local clock move by an hour with daylight saving time, and that is no gap.
    """
    steps = np.diff(time)
    found = []
    for place in np.flatnonzero(steps != interval):
        start, end = int(time[place]), int(time[place + 1])
        if interval == DAY and abs(end - start - round((end - start) / DAY) * DAY) <= HOUR:
            end = start + round((end - start) / DAY) * DAY
        due = np.arange(start + interval, end, interval, dtype=np.int64)
        if end - start == interval:
            continue
        if business_days and (end - start) % interval == 0:
            due = due[_trading_days(due)]
            if not len(due):
                continue
        if len(due):
            found.append(Gap(int(place), int(due[0]), int(due[-1]), len(due)))
        else:
            found.append(Gap(int(place), end, end, 1))
    return found


def _trading_days(closes: Times) -> NDArray[np.bool_]:
    """Which daily closes lie neither on a weekend nor on a holiday of the exchanges."""
    days = (closes - 1) // DAY
    weekday = (days + 3) % 7
    open_days = weekday < 5
    if np.any(open_days):
        dates = (days * DAY).astype("datetime64[ms]").astype("datetime64[D]")
        open_days &= ~np.isin(dates, _holidays(dates[0], dates[-1]))
    return open_days


def _holidays(first: np.datetime64, last: np.datetime64) -> NDArray[np.datetime64]:
    """Holidays of the exchanges of the United States, with days of mourning since 2017."""
    from pandas import Timestamp
    from pandas.tseries import holiday

    rules = [
        holiday.Holiday("New Year", month=1, day=1, observance=holiday.sunday_to_monday),
        holiday.USMartinLutherKingJr,
        holiday.USPresidentsDay,
        holiday.GoodFriday,
        holiday.USMemorialDay,
        holiday.Holiday(
            "Juneteenth", month=6, day=19, start_date="2022-01-01",
            observance=holiday.nearest_workday,
        ),
        holiday.Holiday("Independence", month=7, day=4, observance=holiday.nearest_workday),
        holiday.USLaborDay,
        holiday.USThanksgivingDay,
        holiday.Holiday("Christmas", month=12, day=25, observance=holiday.nearest_workday),
    ]  # fmt: skip
    found = [
        np.datetime64(day.date(), "D")
        for rule in rules
        for day in rule.dates(Timestamp(first), Timestamp(last))
    ]
    return np.array([*found, *_MOURNING], dtype="datetime64[D]")


def settled_at(time: Times) -> Times:
    """Settlement times on the hour that they are due: venues stamp them a little late.

    Times that are less than an hour apart stay as they are.
    """
    if 0 < common_step(time) < HOUR - _LATE_SETTLEMENT:
        return time
    due = (time + HOUR // 2) // HOUR * HOUR
    return np.where(np.abs(time - due) <= _LATE_SETTLEMENT, due, time)


def settlement_intervals(time: Times, declared: Floats | None = None) -> Times:
    """How long each settlement of funding covers, in milliseconds.

    Parameters
    ----------
    time
        Settlements, strictly rising.
    declared
        The venue's own statement in hours per row, where it gives one.

    Returns
    -------
    ndarray
        The step before each settlement; for the first the declared one, else the step after it.
    """
    if len(time) < 2:
        hours = float(declared[0]) if declared is not None and len(declared) else 0.0
        return np.full(len(time), round(hours * HOUR), dtype=np.int64)
    steps = np.diff(time)
    first = steps[0]
    if declared is not None and np.isfinite(declared[0]):
        first = np.int64(round(float(declared[0]) * HOUR))
    return np.concatenate(([first], steps))


def missing_settlements(time: Times, declared: Floats | None = None) -> list[Gap]:
    """Gaps in a funding history whose interval may change in time.

    Parameters
    ----------
    time
        Settlements, strictly rising, as `settled_at` gives them.
    declared
        The venue's interval in hours, one per row, where it states one.

    Returns
    -------
    list of Gap
        Steps longer than the venue states. Without a statement: a step that stands alone and is
        longer than its neighbours, and steps that are no funding interval.

    Notes
    -----
    Intervals change for days or weeks, so two or more equal steps of 1, 2, 3, 4, 6, 8, 12 or 24
    hours are taken for the interval of that time.
    """
    steps = np.diff(time)
    if not len(steps):
        return []
    if declared is not None and np.all(np.isfinite(declared)):
        stated = np.round(declared * HOUR).astype(np.int64)
        allowed = np.maximum(stated[1:], stated[:-1])
        usual = np.minimum(stated[1:], stated[:-1])
        places = np.flatnonzero(steps > allowed)
        return [_gap(time, int(place), int(usual[place])) for place in places]
    found = []
    edges = np.flatnonzero(np.diff(steps)) + 1
    starts = np.concatenate(([0], edges))
    lengths = np.diff(np.concatenate((starts, [len(steps)])))
    values = steps[starts]
    known = np.isin(values, np.array(_FUNDING_HOURS) * HOUR)
    usual_step = common_step(time)
    for run, (start, count, step) in enumerate(zip(starts, lengths, values, strict=True)):
        near = [int(values[other]) for other in (run - 1, run + 1) if 0 <= other < len(values)]
        alone = count == 1 and near and step > max(near)
        if alone or not (known[run] or len(values) == 1):
            usual_near = min([*near, usual_step])
            for place in range(int(start), int(start + count)):
                if step > usual_near:
                    found.append(_gap(time, place, usual_near))
    return found


def _gap(time: Times, place: int, usual: int) -> Gap:
    start, end = int(time[place]), int(time[place + 1])
    count = max((end - start - 1) // usual, 1)
    return Gap(place, start + usual, start + count * usual, count)


def looks_like_per_cent(rates: Floats, intervals: Times) -> bool:
    """Whether funding rates are too high to be decimals.

    Parameters
    ----------
    rates
        Rates per settlement.
    intervals
        What each settlement covers, in milliseconds.

    Notes
    -----
    In the history of BTC and ETH since 2020 the median absolute rate of any 60 settlements stays
    at or below 0.0013 per 8 hours; in per cent it lies above 0.003. Fewer than 30 settlements are
    judged by their median against 0.004, which single rates of decimals do not pass either.
    """
    hours = np.where(intervals > 0, intervals / HOUR, 8.0)
    size = np.abs(rates) * 8.0 / hours
    size = size[np.isfinite(size)]
    if not len(size):
        return False
    if len(size) < FEW:
        return float(np.median(size)) > _HIGH_RATE_OF_FEW
    if len(size) <= _WINDOW:
        return float(np.median(size)) > _HIGH_RATE
    # Windows that overlap by half: no stretch of 90 settlements escapes.
    starts = [*range(0, len(size) - _WINDOW, _WINDOW // 2), len(size) - _WINDOW]
    windows = np.stack([size[start : start + _WINDOW] for start in starts])
    return float(np.max(np.median(windows, axis=1))) > _HIGH_RATE


class Step(NamedTuple):
    """How the moves of two prices agree."""

    shift: int
    """Milliseconds by which the second must be moved back to agree best; 0 when in step."""
    now: float
    """Correlation of the moves as the times stand; NaN where it cannot be told."""
    best: float
    """Correlation after the shift."""


def step_between(
    first_time: Times, first: Floats, second_time: Times, second: Floats, interval: int, unit: int
) -> Step:
    """Whether two prices of one market move at the same times.

    Parameters
    ----------
    first_time, first
        Closes and prices.
    second_time, second
        Those of the other.
    interval
        The longer of the two bars' lengths, in milliseconds: moves are taken over it.
    unit
        The shorter one: shifts are tried in multiples of it.

    Notes
    -----
    Spot and futures of one coin correlate above 0.98 in step, and moved by a bar hardly at all.
    Tried are up to three bars, and every half hour up to a day, to either side. A shift is found
    where its correlation lies 0.02 above that of the times as they stand, and 3 times nearer to 1.
    """
    shifts = {
        count * unit for count in range(-3, 4)
    } | {half * HOUR // 2 for half in range(-48, 49) if (half * HOUR // 2) % unit == 0}  # fmt: skip
    swapped = common_step(second_time) < common_step(first_time)
    grid_time, grid = (first_time, first) if swapped else (second_time, second)
    fine_time, fine = (second_time, second) if swapped else (first_time, first)
    inside = (grid_time >= fine_time[0]) & (grid_time <= fine_time[-1])
    if int(np.count_nonzero(inside)) > 1:
        grid_time, grid = grid_time[inside], grid[inside]
    grid_time, grid = grid_time[-_COMPARED:], grid[-_COMPARED:]
    found = {}
    for shift in sorted(shifts, key=abs):
        # The second's times less the shift: it is its grid or the fine one that moves.
        wanted = grid_time - shift if not swapped else grid_time + shift
        found[shift] = _correlation(grid, _at(fine_time, fine, wanted))
    now = found[0]
    best = max(found, key=lambda shift: -2.0 if np.isnan(found[shift]) else found[shift])
    after = found[best]
    if np.isnan(after) or best == 0:
        return Step(0, now, now)
    before = 0.0 if np.isnan(now) else now
    if after > before + 0.02 and after > 0.5 and (1.0 - before) > 3.0 * (1.0 - after):
        return Step(best, now, after)
    return Step(0, now, now)


def _at(time: Times, values: Floats, wanted: Times) -> Floats:
    """Values at times, NaN where there is none."""
    place = np.searchsorted(time, wanted)
    place = np.minimum(place, len(time) - 1)
    return np.where(time[place] == wanted, values[place], np.nan)


def _correlation(one: Floats, other: Floats) -> float:
    with np.errstate(all="ignore"):
        moves = np.diff(np.log(one))
        others = np.diff(np.log(other))
    both = np.isfinite(moves) & np.isfinite(others)
    if int(np.count_nonzero(both)) < _LEAST_MOVES:
        return float("nan")
    x, y = moves[both] - moves[both].mean(), others[both] - others[both].mean()
    scale = float(np.sqrt(np.dot(x, x) * np.dot(y, y)))
    return float(np.dot(x, y)) / scale if scale > 0.0 else float("nan")
