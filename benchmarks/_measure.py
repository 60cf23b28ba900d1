"""Two sides of a comparison, run in turn, and the row that it makes.

What runs in this process and on one thread is timed in processor time, so that other programs on
the machine hardly count; whatever has threads or processes of its own, by the clock on the wall.
"""

import gc
import statistics
import time
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Row:
    """One line of the table.

    `ratio` is ours over theirs (or theirs over ours where more is better, as `limit` says), the
    median of the rounds, with the quartiles as its spread. A row without the other side has a
    time only, and one that could not be measured a sentence only.
    """

    issue: int
    name: str
    ours: float | None = None
    theirs: float | None = None
    ratio: float | None = None
    spread: tuple = ()
    limit: str = ""
    passed: bool | None = None
    note: str = ""
    more: dict = field(default_factory=dict)


PROCESSOR, WALL = time.process_time, time.perf_counter


def timed(action, clock=PROCESSOR):
    """Seconds that an action takes."""
    start = clock()
    action()
    return clock() - start


def agree(ours, theirs):
    """Stop the benchmark where the two sides do not calculate the same."""
    if not np.allclose(ours, theirs, rtol=1e-9):
        raise SystemExit(f"the two sides differ: {ours} and {theirs}")


def repeated(action, times):
    """An action that repeats another, for those too short to be timed alone."""

    def many():
        for _ in range(times):
            action()

    return many


def alternate(ours, theirs, rounds, clock=PROCESSOR):
    """Seconds of both sides, in turn, after one round that is not counted."""
    ours()
    theirs()
    pairs = []
    for _ in range(rounds):
        gc.collect()
        pairs.append((timed(ours, clock), timed(theirs, clock)))
    return pairs


def quartiles(values):
    if len(values) < 2:
        return (values[0], values[0])
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (low, high)


def compare(
    issue,
    name,
    ours,
    theirs,
    rounds,
    *,
    most=None,
    least=None,
    per=(1, 1),
    clock=PROCESSOR,
    note="",
):
    """A row for two sides.

    Parameters
    ----------
    most
        The highest ratio of ours over theirs.
    least
        The lowest ratio of theirs over ours.
    per
        How many times each side does the work in one round.
    """
    pairs = alternate(ours, theirs, rounds, clock)
    pairs = [(a / per[0], b / per[1]) for a, b in pairs]
    ratios = [a / b if least is None else b / a for a, b in pairs]
    ratio = statistics.median(ratios)
    row = Row(issue, name, *(statistics.median(side) for side in zip(*pairs, strict=True)))
    row.ratio, row.spread, row.note = ratio, quartiles(ratios), note
    if most is not None:
        row.limit, row.passed = f"ours/theirs ≤ {most:g}", ratio <= most
    elif least is not None:
        row.limit, row.passed = f"theirs/ours ≥ {least:g}", ratio >= least
    return row


def within(issue, name, seconds, limit, note=""):
    """A row for one side with a limit in seconds; the median of the rounds counts."""
    middle = statistics.median(seconds)
    shown = f"≤ {limit * 1e6:g} µs" if limit < 1e-3 else f"≤ {limit * 1e3:g} ms"
    return Row(
        issue,
        name,
        middle,
        spread=quartiles(seconds),
        limit=shown,
        passed=middle <= limit,
        note=note,
    )


def left_out(issue, name, sentence):
    return Row(issue, name, note=sentence)
