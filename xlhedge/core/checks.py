"""Guards that name what they reject.

Each takes its arguments by keyword, so that the error can name them. For arrays the error carries
the mask of the offending elements; numbers take a short way that costs nanoseconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.types import Elementwise, Series
from xlhedge.errors import DomainError, HedgeError, InputError, TooFewData, ZeroVariance

MOST_STEPS = 1_000_000_000

HIGHEST_VOLATILITY = 10.0
"""A volatility per year above this is a percentage."""

VOLATILITY_HINT = (
    "lie between 0 and 10, that is 1,000 % a year: was a percentage meant, 60 % as 0.6?"
)


def require(
    condition: Any,
    message: str,
    got: Any = None,
    error: type[HedgeError] = DomainError,
    *,
    argument: str | None = None,
) -> None:
    """Raise `error` where `condition` is not true.

    Parameters
    ----------
    condition
        Boolean or boolean array.
    message
        "must ...", or "*argument* must ..." where `argument` is not given.
    got
        The value or array that was tested, whose first offending value is told; it broadcasts
        against `condition`.
    error
        The kind of error to raise.
    argument
        Name of the argument.
    """
    if condition is True or np.all(condition):
        return
    bad = ~np.asarray(condition, dtype=bool)
    value = None if got is None else np.broadcast_to(np.asarray(got), bad.shape)[bad].flat[0]
    raise error(message, argument=argument, value=value, where=bad)


def positive(**values: Elementwise) -> None:
    """Every value is greater than 0."""
    for name, value in values.items():
        require(value > 0, "must be positive", value, argument=name)


def not_negative(**values: Elementwise) -> None:
    """Every value is 0 or more."""
    for name, value in values.items():
        require(value >= 0, "must not be negative", value, argument=name)


def volatility(**values: Elementwise) -> None:
    """Every value is a volatility per year, as a decimal."""
    for name, value in values.items():
        require(value >= 0, "must not be negative", value, argument=name)
        require(value <= HIGHEST_VOLATILITY, f"must {VOLATILITY_HINT}", value, argument=name)


def inside(low: float, high: float, **values: Elementwise) -> None:
    """Every value lies strictly between `low` and `high`."""
    for name, value in values.items():
        ok = low < value < high if isinstance(value, float) else (low < value) & (value < high)
        require(ok, f"must lie between {low:g} and {high:g}, both excluded", value, argument=name)


def between(low: float, high: float, **values: Elementwise) -> None:
    """Every value lies between `low` and `high`, ends included."""
    for name, value in values.items():
        ok = low <= value <= high if isinstance(value, float) else (low <= value) & (value <= high)
        require(ok, f"must lie between {low:g} and {high:g}", value, argument=name)


def at_least(low: float, **values: Elementwise) -> None:
    """Every value is `low` or more."""
    for name, value in values.items():
        require(value >= low, f"must be at least {low:g}", value, argument=name)


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
            raise TooFewData(f"must have at least {minimum} rows, got {len(values)}", argument=name)


def varies(**series: Series) -> None:
    """Each series has variance, beyond what rounding alone would give."""
    for name, values in series.items():
        spread = float(np.ptp(values)) if len(values) else 0.0
        if spread <= 1e-14 * float(np.max(np.abs(values), initial=0.0)):
            raise ZeroVariance("must vary, got the same value in every row", argument=name)


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
