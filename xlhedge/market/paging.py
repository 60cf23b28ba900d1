"""A series in pages, and the proof that nothing between its first and last row is missing.

A venue cuts a page without saying so. Here every page has a beginning and an end, a page that is
full is asked for again in smaller ones, and what is still missing afterwards is asked for once more
by itself; whatever does not come then is a gap with a name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from xlhedge.errors import VenueError
from xlhedge.market.checks import DAY, HOUR, stamp

Row = tuple[int, float]
"""Time in milliseconds since 1970, and the value."""

Ask = Callable[[int, int, bool], Sequence[Row]]
"""The rows that a venue gives for times from the first number up to, not including, the second;
the third says that it was asked before, and that what came then does not do."""

_JITTER = 120_000
_SHORTEST = 60_000


class Gap(NamedTuple):
    """Times at which a row is due and did not come.

    Parameters
    ----------
    first, last
        The first and the last of them, in milliseconds.
    count
        How many.
    """

    first: int
    last: int
    count: int  # type: ignore[assignment]  # a tuple has a method of that name

    def __str__(self) -> str:
        if self.count == 1:
            return stamp(self.first)
        return f"{stamp(self.first)} to {stamp(self.last)} ({self.count:,})"


def collect(
    ask: Ask,
    since: int,
    until: int,
    *,
    window: int,
    limit: int | None,
    gaps: Callable[[Sequence[int]], Sequence[Gap]],
    told: Callable[[int], None] = lambda time: None,
) -> list[Row]:
    """All rows from `since` up to, not including, `until`, oldest first.

    Parameters
    ----------
    ask
        Asks the venue for the rows of a span.
    since, until
        The span, in milliseconds.
    window
        Length of the first requests.
    limit
        Rows that the venue puts into one reply at most; a reply with as many is taken for cut off.
        None: it gives everything at once.
    gaps
        What is missing among given times.
    told
        Called with the time up to which everything has been asked for.

    Raises
    ------
    VenueError
        When one time comes with two values.
    """
    rows: dict[int, float] = {}

    def sweep(start: int, end: int, *, again: bool) -> None:
        for done, page in _pages(ask, start, end, window, limit, again=again):
            _take(rows, page, since, until)
            if not again:
                told(done)

    sweep(since, until, again=False)
    missing = gaps(sorted(rows))
    while missing:
        known = len(rows)
        for first, last in _together(missing, window):
            sweep(max(since, first - _JITTER), min(until, last + _JITTER), again=True)
        if len(rows) == known:
            break
        missing = gaps(sorted(rows))
    return sorted(rows.items())


def _pages(
    ask: Ask, since: int, until: int, window: int, limit: int | None, *, again: bool
) -> Iterator[tuple[int, Sequence[Row]]]:
    """Pages that are not full, with the times that they end at."""
    if limit is None:
        yield until, ask(since, until, again)
        return
    start, size = since, window
    while start < until:
        end = min(start + size, until)
        rows = ask(start, end, again)
        if len(rows) >= limit and end - start > _SHORTEST:
            size = max(min((limit - 2) * _shortest_step(rows), (end - start) // 2), _SHORTEST)
            continue
        yield end, rows
        start = end
        if len(rows) < limit // 4:
            size = min(2 * size, window)


def _shortest_step(rows: Sequence[Row]) -> int:
    times = sorted({time for time, _ in rows})
    steps = [after - before for before, after in itertools.pairwise(times)]
    return min(steps, default=0)


def _together(gaps: Sequence[Gap], window: int) -> list[tuple[int, int]]:
    """Spans that hold the gaps, those that fit into one request together."""
    spans: list[tuple[int, int]] = []
    for gap in gaps:
        if spans and gap.last - spans[-1][0] <= window:
            spans[-1] = (spans[-1][0], gap.last)
        else:
            spans.append((gap.first, gap.last))
    return spans


def _take(rows: dict[int, float], more: Sequence[Row], since: int, until: int) -> None:
    for time, value in more:
        if since <= time < until and rows.setdefault(time, value) != value:
            raise VenueError(
                f"two values came for {stamp(time)}: {rows[time]:.12g} and {value:.12g}"
            )


def missing_bars(times: Sequence[int], since: int, until: int, step: int) -> list[Gap]:
    """Opening times of bars of a fixed length that are not there.

    Parameters
    ----------
    times
        The opening times that are, rising.
    since, until
        The first bar due, and the end of the last.
    step
        Length of a bar.
    """
    found = []
    before = since - step
    for time in [*times, since + -(-(until - since) // step) * step]:
        if time - before > step:
            found.append(Gap(before + step, time - step, (time - before) // step - 1))
        before = time
    return found


def on_the_hour(time: int) -> int:
    """A settlement's time without the moments by which venues book it late."""
    nearest = round(time / HOUR) * HOUR
    return nearest if abs(time - nearest) <= _JITTER else time


def missing_settlements(
    times: Sequence[int], since: int, until: int, fixed: int | None = None
) -> list[Gap]:
    """Settlements of funding that are not there, where the interval may change in between.

    Parameters
    ----------
    times
        When funding was settled, rising, on the hour.
    since, until
        The span that was asked for.
    fixed
        The venue's interval where it never changes.

    Notes
    -----
    Rows that are missing lengthen a step and never shorten one. A longer step is believed to be a
    new interval when it holds for a day and three times running; one that does not is a gap in the
    shorter interval beside it. Before the first row and after the last the interval of the nearest
    step holds.
    """
    if not times:
        return [] if until - since < HOUR else [Gap(since, until - 1, 1)]
    steps = [after - before for before, after in itertools.pairwise(times)]
    due = [fixed] * len(steps) if fixed else _intervals(steps)
    found = []
    for start, step, interval in zip(times, steps, due, strict=False):
        if interval and step > interval + _JITTER:
            count = -(-(step - _JITTER) // interval) - 1
            found.append(Gap(start + interval, start + count * interval, count))
    first = fixed or (due[0] if due else None) or 8 * HOUR
    last = fixed or (due[-1] if due else None) or 8 * HOUR
    head = (times[0] - since) // first
    if head > 0:
        found.insert(0, Gap(times[0] - head * first, times[0] - first, head))
    tail = (until - 1 - times[-1]) // last
    if tail > 0:
        found.append(Gap(times[-1] + last, times[-1] + tail * last, tail))
    return found


def later(gaps: Sequence[Gap], since: int) -> list[Gap]:
    """What of gaps lies after a time."""
    found = []
    for gap in gaps:
        step = (gap.last - gap.first) // max(1, gap.count - 1)
        skipped = 0 if gap.first > since else (since - gap.first) // step + 1 if step else 1
        if skipped < gap.count:
            found.append(Gap(gap.first + skipped * step, gap.last, gap.count - skipped))
    return found


def _intervals(steps: Sequence[int]) -> list[int | None]:
    """The interval that each step belongs to: its own, or the shorter one beside it."""
    runs: list[list[int]] = []
    for step in steps:
        if runs and runs[-1][0] == step:
            runs[-1][1] += 1
        else:
            runs.append([step, 1])
    believed = [count >= 3 and step * count >= DAY for step, count in runs]
    if not steps:
        return []
    if not any(believed):
        # Too short a series to say more than that the shortest step is the interval.
        return [min(steps)] * len(steps)
    due: list[int | None] = []
    for place, (step, count) in enumerate(runs):
        interval = step
        if not believed[place]:
            sides = [
                next((runs[i][0] for i in places if believed[i]), step)
                for places in (range(place - 1, -1, -1), range(place + 1, len(runs)))
            ]
            interval = min(step, *sides)
        due += [interval] * count
    return due


def intervals(times: Sequence[int], fixed: int | None = None) -> list[int]:
    """Length of the period that each settlement ends; the first one's is that of the second."""
    if fixed or len(times) < 2:
        return [fixed or 8 * HOUR] * len(times)
    steps = [after - before for before, after in itertools.pairwise(times)]
    due = [interval or 8 * HOUR for interval in _intervals(steps)]
    return [due[0], *due]
