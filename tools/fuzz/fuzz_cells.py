"""Any cells for any function: a call gives cells, in bounded time, and never anything else.

    python tools/fuzz/fuzz_cells.py --calls 200000 [--only VAR_JOINT]

Arguments are drawn from the declarations: a call that is known to work with some of its arguments
replaced by, or filled with, whatever a cell can hold. A finding ends the run with the smallest call
that shows it.
"""

import argparse
import logging
import math
import time
import warnings
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
from catalog_cases import baselines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlhedge import CellError
from xlhedge.catalog import CATALOG, explain

TRIED, ANSWERED = Counter(), Counter()
"""Calls per function, and those that gave anything but one error."""

SECONDS = 20
"""No call may take longer, on a machine that is busy."""

EXTREMES = [
    0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-308, 1e-12, 0.01, 0.5, 0.99, 2.0, 3.0, 24.0, 365.0,
    70000.0, 1e8, 1e15, 1e16, 1e100, 1e154, 1e308, -1e308, math.nan, math.inf, -math.inf,
]  # fmt: skip
TEXTS = [
    "",
    " ",
    "linear",
    "INVERSE",
    "log",
    "var",
    "es",
    "empirical",
    "=1+1",
    "\x00",
    "ß∂🚀",
    "\ud83d",
    "1,5",
    "٣",
    "1e400",
    "x" * 10_000,
]

numbers = st.one_of(st.sampled_from(EXTREMES), st.floats(), st.integers(-(10**20), 10**20))
texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=5))
DATES = [
    datetime(2024, 2, 29, 8),
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59, 999999),
    datetime(2024, 2, 29, 8, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    date(2024, 2, 29),
]
others = st.sampled_from([None, True, False, *CellError, *DATES, Decimal("0.1"), 1j])
cells = st.one_of(numbers, numbers, texts, others)
rectangles = st.one_of(
    st.lists(st.lists(cells, max_size=3), max_size=4),
    st.tuples(st.integers(1, 6), st.integers(1, 3)).flatmap(
        lambda shape: st.lists(
            st.lists(cells, min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    ),
    st.lists(numbers, max_size=40).map(lambda items: [[item] for item in items]),
    st.lists(cells, max_size=5),
    st.just([]),
    st.just([[]]),
    st.floats(-10, 10).map(lambda level: np.full(300, level)),
)
anything = st.one_of(cells, rectangles)


@st.composite
def spoiled_ranges(draw, argument):
    """A range of a working call: some cells replaced, cut, repeated, scaled or turned."""
    rows = [list(row) for row in argument]
    how = draw(st.integers(0, 8))
    if how <= 2:
        for _ in range(draw(st.integers(1, 3))):
            row = rows[draw(st.integers(0, len(rows) - 1))]
            row[draw(st.integers(0, len(row) - 1))] = draw(cells)
    elif how == 3:
        rows = rows[: draw(st.integers(0, len(rows)))]
    elif how == 4:
        factor = draw(numbers)
        with np.errstate(all="ignore"):
            rows = [[c * float(factor) if type(c) is float else c for c in row] for row in rows]
    elif how == 5:
        rows = [list(column) for column in zip(*rows, strict=True)]
    elif how == 6:
        rows = [rows[0] for _ in rows]
    else:
        # Still a sound range as a rule: so that the formulas are tried and not only the guards.
        factor, first = draw(st.floats(0.5, 2.0)), draw(st.integers(0, len(rows) // 3))
        rows = [[c * factor if type(c) is float else c for c in row] for row in rows]
        rows = rows[:1] + rows[1 + first :] if how == 7 else rows
    return rows


@st.composite
def calls(draw, name):
    """Arguments of one call."""
    parameters = CATALOG[name].parameters
    arguments = list(baselines().get(name, []))
    width = max(len(parameters), 3 if name == "XLHEDGE_WHY" else 0)
    arguments += [None] * (width - len(arguments))
    places = st.lists(st.integers(0, len(arguments) - 1), max_size=3, unique=True)
    for index in draw(places) if arguments else []:
        known = arguments[index]
        moderate = type(known) in (int, float) and draw(st.booleans())
        chosen = parameters[min(index, len(parameters) - 1)].choices
        if name in {"VAR_JOINT", "VAR_FILTERED"} and parameters[index].name == "paths":
            arguments[index] = draw(st.sampled_from([1.0, 100.0, 0.0, -1.0, 1e308, None, "x"]))
        elif name in {"VAR_JOINT", "VAR_FILTERED"} and parameters[index].name.startswith("horizon"):
            # A horizon of years is allowed, and is minutes of simulation.
            arguments[index] = draw(st.sampled_from([1.0, 3.0, 1 / 3, 0.0, -1.0, 1e308, None, "x"]))
        elif moderate:
            arguments[index] = known * draw(st.floats(0.1, 3.0))
        elif isinstance(known, list) and draw(st.booleans()):
            arguments[index] = draw(spoiled_ranges(known))
        elif chosen and draw(st.booleans()):
            arguments[index] = draw(st.sampled_from(chosen))
        else:
            arguments[index] = draw(anything)
    if name == "XLHEDGE_WHY" and draw(st.booleans()):
        arguments[0] = draw(st.sampled_from([*CATALOG, "nothing"]))
    return arguments


def wrong_with(value, *, inside=False):
    """What is not a cell in a result, or nothing."""
    if isinstance(value, list) and not inside:
        if not value or not all(isinstance(row, list) and row for row in value):
            return "rows that are no rows"
        if len({len(row) for row in value}) > 1:
            return "rows of different length"
        return next(
            filter(None, (wrong_with(cell, inside=True) for row in value for cell in row)), ""
        )
    if type(value) is float:
        return "" if math.isfinite(value) else f"the number {value}"
    if value is None or type(value) in (str, bool, CellError, datetime):
        return "traceback text" if type(value) is str and "Traceback" in value else ""
    return f"a {type(value).__name__}"


def check(name, arguments):
    """Call once; whatever is not as promised is an assertion error."""
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = explain(name, *arguments)
    seconds = time.perf_counter() - started
    problem = wrong_with(outcome.value)
    assert not problem, f"{name} gave {problem}"
    assert "unexpectedly" not in (outcome.reason or ""), outcome.reason
    assert seconds < SECONDS, f"{name} took {seconds:.0f} s"
    failed = isinstance(outcome.value, CellError)
    TRIED[name] += 1
    ANSWERED[name] += not failed
    assert not failed or outcome.reason, f"{name} gave {outcome.value} without a reason"


def fuzz(name, count, *, derandomize):
    """Make `count` calls of one function."""

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(calls(name))
    def run(arguments):
        check(name, arguments)

    run()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--only", help="one function")
    options = parser.parse_args()
    logging.disable()
    names = [options.only] if options.only else list(CATALOG)
    for name in names:
        started = time.perf_counter()
        try:
            fuzz(name, -(-options.calls // len(names)), derandomize=False)
        except Exception as problem:
            for each in getattr(problem, "exceptions", (problem,)):
                print(f"{name}: FOUND {type(each).__name__}: {each}", flush=True)
                for note in getattr(each, "__notes__", ()):
                    print("   ", note[:3000], flush=True)
        else:
            share = f"{TRIED[name]} calls, {ANSWERED[name]} with values"
            print(f"{name}: {share}, {time.perf_counter() - started:.1f} s", flush=True)
    print(f"all: {TRIED.total()} calls, {ANSWERED.total()} with values", flush=True)


if __name__ == "__main__":
    main()
