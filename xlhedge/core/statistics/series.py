"""What several topics make of a price history: log returns and exponential averages."""

from __future__ import annotations

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.statistics.stable import inner, log_differences
from xlhedge.core.types import Floats, Series
from xlhedge.errors import TooFewData, ZeroVariance

START_ROWS = 20
"""Rows whose mean starts an exponential average."""

ROUNDING = 1e-12
"""Log returns that differ by less are one number."""


def log_returns(minimum: int = 1, lag: int = 1, **prices: Series) -> list[Floats]:
    """Log returns of each price series over `lag` rows, without overlap, ending at the last row.

    All series must have one length that gives at least `minimum` returns.
    """
    check.at_least(1, lag=lag)
    check.aligned(0, **prices)
    check.positive(**prices)
    rows = minimum * lag + 1
    for name, values in prices.items():
        if len(values) < rows:
            raise TooFewData(
                f"{name} must have at least {rows} rows for {minimum} returns, got {len(values)}"
            )
    return [log_differences(values[(len(values) - 1) % lag :: lag]) for values in prices.values()]


def ewma(values: Series, decay: float) -> float:
    """Exponential average after the last row, started from the mean of the first 20.

    m ← decay · m + (1 − decay) · x for every row after the twentieth, in closed form.
    """
    start, rest = float(np.mean(values[:START_ROWS])), values[START_ROWS:]
    weights = decay ** np.arange(len(rest) - 1, -1, -1)
    return float(decay ** len(rest) * start + (1 - decay) * inner(weights, rest))


def exponential(values: Floats, decay: float) -> Floats:
    """Exponential averages after the first 20 values, which start them, and after each further one.

    Of several series, which are the rows of an array, each has its own.

    m ← decay · m + (1 − decay) · x for every row after the twentieth.
    """
    averages = np.empty((*values.shape[:-1], max(values.shape[-1] - START_ROWS, 0) + 1))
    values[..., :START_ROWS].mean(axis=-1, out=averages[..., 0])
    np.multiply(values[..., START_ROWS:], 1 - decay, out=averages[..., 1:])
    _recur(averages, decay)
    return averages


def recursive(values: Floats, factor: float) -> Floats:
    """y_t = x_t + factor · y_{t−1}, from 0 before the first value; the last axis is time."""
    result = np.array(values, dtype=np.float64, order="C")
    _recur(result, factor)
    return result


def _recur(values: Floats, factor: float) -> None:
    """The same in place, for an array in C order.

    BLAS solves the triangular system of two diagonals, 1 and −factor: as fast as scipy.signal's
    filter, whose import takes longer than all that is calculated with it.
    """
    from scipy.linalg import blas

    rows = values.shape[-1]
    if rows:
        diagonals = np.empty((2, rows), order="F")
        diagonals[0], diagonals[1] = 1.0, -factor
        for series in values.reshape(-1, rows):
            blas.dtbsv(1, diagonals, series, lower=1, diag=1, overwrite_x=1)


def vary(**returns: Floats) -> None:
    """The returns of each price series have variance, beyond what rounding alone would give.

    Log returns of prices that grow at one rate differ by rounding, about 1e-15.
    """
    for name, values in returns.items():
        if float(np.ptp(values)) < ROUNDING:
            raise ZeroVariance(f"the returns of {name} must vary, got the same in every row")
