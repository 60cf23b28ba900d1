"""Formulas that keep their digits where the textbook's lose them to cancellation."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.types import Elementwise


def log_ratio(numerator: Elementwise, denominator: Elementwise) -> Any:
    """ln(numerator/denominator) of positive numbers, right to the last digits for every ratio.

    Two prices a and b that are near have an exact difference, so ln(a/b) = ln(1 + (a − b)/b) by
    log1p is right, where a/b itself rounds to 1 + k·2⁻⁵² first. Below a/b = ½ it is the other way
    round: there (a − b)/b comes so near to −1 that a's own digits are lost.
    """
    change = (numerator - denominator) / denominator
    far = change < -0.5
    if not np.any(far):
        return np.log1p(change)
    near_log = np.log1p(np.maximum(change, -0.5))
    return np.where(far, np.log(numerator / denominator), near_log)[()]


def log_differences(values: Any) -> Any:
    """Log of each value over the one before it."""
    return log_ratio(values[1:], values[:-1])
