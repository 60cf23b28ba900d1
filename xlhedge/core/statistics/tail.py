"""Quantile and expected shortfall of a sample, by the one convention that all functions share."""

from __future__ import annotations

import numpy as np

from xlhedge.core.types import Floats, Measure


def tail_risk(losses: Floats, confidence: float, measure: Measure = "var") -> float:
    """Value at risk or expected shortfall of a sample of losses.

    Parameters
    ----------
    losses
        The sample, losses positive.
    confidence
        Level in (0, 1), for example 0.99.
    measure
        `var` is the quantile by linear interpolation, Excel's PERCENTILE.INC; `es` is the mean of
        the ⌊(n−1)(1−confidence)⌋ + 1 worst.
    """
    if measure == "var":
        return float(np.quantile(losses, confidence))
    return float(worst(losses, confidence).mean())


def worst(losses: Floats, confidence: float) -> Floats:
    """The ⌊(n−1)(1−confidence)⌋ + 1 largest losses: those that expected shortfall averages.

    These are the losses at or beyond the interpolated quantile. 1 − confidence is rounded to 12
    digits first, so that 0.9 of 101 losses leaves 11 and not 10.
    """
    count = tail_count(len(losses), confidence)
    return np.partition(losses, len(losses) - count)[len(losses) - count :]


def tail_count(rows: int, confidence: float) -> int:
    """How many of `rows` losses an expected shortfall averages."""
    return int(np.floor(round((rows - 1) * round(1.0 - confidence, 12), 9))) + 1
