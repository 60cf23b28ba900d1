"""Guards that name what they reject.

Each takes its arguments by keyword, so that the sentence can name them. For arrays the error
carries the mask of the offending elements; numbers take a short way that costs nanoseconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.types import Elementwise, Series
from xlhedge.errors import DomainError, HedgeError, InputError, TooFewData, ZeroVariance

MOST_STEPS = 1_000_000_000


def require(
    condition: Any,
    sentence: str,
    got: Any = None,
    error: type[HedgeError] = DomainError,
) -> None:
    """Raise `error` where `condition` is not true.

    Parameters
    ----------
    condition
        Boolean or boolean array.
    sentence
        "*argument* must ..."; the first offending value of `got` is appended to it.
    got
        The value or array that was tested; broadcasts against `condition`.
    error
        The kind of error to raise.
    """
    if condition is True or np.all(condition):
        return
    bad = ~np.asarray(condition, dtype=bool)
    if got is not None:
        first = np.broadcast_to(np.asarray(got), bad.shape)[bad].flat[0]
        sentence = f"{sentence}, got {_show(first)}"
    raise error(sentence, where=bad)


def _show(value: Any) -> str:
    try:
        return f"{float(value):.12g}"
    except (TypeError, ValueError):
        return repr(value)


def positive(**values: Elementwise) -> None:
    """Every value is greater than 0."""
    for name, value in values.items():
        require(value > 0, f"{name} must be positive", value)


def not_negative(**values: Elementwise) -> None:
    """Every value is 0 or more."""
    for name, value in values.items():
        require(value >= 0, f"{name} must not be negative", value)


def nonzero(**values: Elementwise) -> None:
    """No value is 0."""
    for name, value in values.items():
        require(value != 0, f"{name} must not be 0", value)


def inside(low: float, high: float, **values: Elementwise) -> None:
    """Every value lies strictly between `low` and `high`."""
    for name, value in values.items():
        ok = low < value < high if isinstance(value, float) else (low < value) & (value < high)
        require(ok, f"{name} must lie between {low:g} and {high:g}, both excluded", value)


def between(low: float, high: float, **values: Elementwise) -> None:
    """Every value lies between `low` and `high`, ends included."""
    for name, value in values.items():
        ok = low <= value <= high if isinstance(value, float) else (low <= value) & (value <= high)
        require(ok, f"{name} must lie between {low:g} and {high:g}", value)


def at_least(low: float, **values: Elementwise) -> None:
    """Every value is `low` or more."""
    for name, value in values.items():
        require(value >= low, f"{name} must be at least {low:g}", value)


def aligned(minimum: int, **series: Series) -> None:
    """All series have one length, and that is at least `minimum`."""
    lengths = {name: len(values) for name, values in series.items()}
    if len(set(lengths.values())) > 1:
        listing = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InputError(f"{' and '.join(lengths)} must have the same number of rows: {listing}")
    enough(minimum, **series)


def enough(minimum: int, **series: Series) -> None:
    """Each series has at least `minimum` rows."""
    for name, values in series.items():
        if len(values) < minimum:
            raise TooFewData(f"{name} must have at least {minimum} rows, got {len(values)}")


def varies(**series: Series) -> None:
    """Each series has variance, beyond what rounding alone would give."""
    for name, values in series.items():
        spread = float(np.ptp(values)) if len(values) else 0.0
        if spread <= 1e-14 * float(np.max(np.abs(values), initial=0.0)):
            raise ZeroVariance(f"{name} must vary, got the same value in every row")


def rows_for_tail(confidence: float, expected_in_tail: int = 5) -> int:
    """Rows needed for `expected_in_tail` observations beyond `confidence`.

    1 − confidence is rounded to 12 digits first, so that 0.95 needs 100 rows and not 101.
    """
    return int(np.ceil(round(expected_in_tail / round(1.0 - confidence, 12), 9)))


def simulation_size(paths: int, intervals: int) -> None:
    """A simulation ends within minutes: a slip of the hand must not hang the spreadsheet."""
    require(
        paths * intervals <= MOST_STEPS,
        f"paths times periods of the horizon must be at most {MOST_STEPS:,}",
        paths * intervals,
    )
