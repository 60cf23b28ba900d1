"""Formulas that keep their digits where the textbook's lose them to cancellation."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.types import Elementwise

LAST_DIGITS = 1e-15
"""A few units in the last place of 1."""

_LARGEST, _WIDEST = 1e300, 690.0
"""A ratio, and the logarithm of one, that floating point just holds."""


def log_ratio(numerator: Elementwise, denominator: Elementwise) -> Any:
    """ln(numerator/denominator) of positive numbers, right to the last digits for every ratio.

    Two prices a and b that are near have an exact difference, so ln(a/b) = ln(1 + (a − b)/b) by
    log1p is right, where a/b itself rounds to 1 + k·2⁻⁵² first. Below a/b = ½ it is the other way
    round: there (a − b)/b comes so near to −1 that a's own digits are lost. Where a/b leaves the
    range of floating point, ln a − ln b has digits enough.
    """
    change = (numerator - denominator) / denominator
    near = (change >= -0.5) & (change < _LARGEST)
    if np.all(near):
        return np.log1p(change)
    apart = np.log(numerator) - np.log(denominator)
    quotient = np.log(numerator / denominator)
    far_log = np.where(np.abs(apart) > _WIDEST, apart, quotient)
    return np.where(near, np.log1p(np.where(near, change, 0.0)), far_log)[()]


def inner(first: Any, second: Any) -> float:
    """Σ first·second of two series, with the same bits for any number of threads.

    The product @ of long vectors is split among the threads of the linear algebra, and parts that
    are added in another order have other last digits.
    """
    return float(np.multiply(first, second).sum())


def log_differences(values: Any) -> Any:
    """Log of each value over the one before it."""
    return log_ratio(values[1:], values[:-1])
