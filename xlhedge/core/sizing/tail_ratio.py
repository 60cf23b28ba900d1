"""The hedge ratio that leaves the smallest tail."""

from __future__ import annotations

import math

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.statistics.series import log_returns, vary
from xlhedge.core.statistics.tail import worst
from xlhedge.core.types import Floats, Measure, Series

_SEARCH = (-1.0, 3.0)
_FIRST, _PARTS, _KEPT, _WIDTH = 64, 4, 128, 1e-8
"""The search: intervals at first, parts of a divided one, most kept, width at which it ends."""


def tail_ratio(
    spot_prices: Series,
    futures_prices: Series,
    confidence: float = 0.95,
    measure: Measure = "es",
) -> float:
    """Hedge ratio that minimises the historical VaR or expected shortfall of the hedged return.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the future on the same rows.
    confidence
        Confidence level, for example 0.95.
    measure
        es (expected shortfall) or var (value at risk).

    Returns
    -------
    float
        Value of futures to sell per value of spot held, between −1 and 3.

    Raises
    ------
    TooFewData
        With fewer than 5 / (1 − confidence) returns: 100 at 95 %.
    ZeroVariance
        When the future's returns do not vary.

    Notes
    -----
    Minimises the risk of r_S − h·r_F over h in [−1, 3] to 1e-6. Expected shortfall is convex in h:
    the zero of its slope is bisected. VaR is not and has many local minima, so intervals of h are
    bounded from below (each loss is linear in h; the VaR of the losses' minima over an interval is
    a bound) and only those that may hold the global minimum are divided further.

    References
    ----------
    Rockafellar, Uryasev (2002), Conditional value-at-risk for general loss distributions, Journal
    of Banking & Finance 26(7), 1443-1471.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [100 + (7 * t) % 13 for t in range(130)]
    >>> spot = [price**0.9 for price in futures]
    >>> round(sizing.tail_ratio(spot, futures), 6)
    0.9
    """
    check.inside(0, 1, confidence=confidence)
    minimum = check.rows_for_tail(confidence)
    spot, futures = log_returns(minimum, spot_prices=spot_prices, futures_prices=futures_prices)
    vary(futures_prices=futures)
    search = _least_shortfall if measure == "es" else _least_var
    return search(spot, futures, confidence)


def _least_shortfall(spot: Floats, futures: Floats, confidence: float) -> float:
    """The ratio of least historical expected shortfall, by bisection of its slope.

    The slope at h is the mean futures return over the rows of the tail, since a loss is
    h·r_F − r_S; it never falls as h grows.
    """
    body = len(spot) - len(worst(spot, confidence))

    def slope(ratio: float) -> float:
        return float(futures[np.argpartition(ratio * futures - spot, body)[body:]].mean())

    low, high = _SEARCH
    if slope(low) >= 0:
        return low
    if slope(high) <= 0:
        return high
    while high - low > _WIDTH:
        middle = (low + high) / 2
        if slope(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _least_var(spot: Floats, futures: Floats, confidence: float) -> float:
    """The ratio of least historical VaR, by branch and bound."""
    width = (_SEARCH[1] - _SEARCH[0]) / _FIRST
    starts = _SEARCH[0] + width * np.arange(_FIRST)
    best, ratio = math.inf, math.nan
    while True:
        left = np.multiply.outer(starts, futures) - spot
        right = left + width * futures
        for ends, losses in ((starts, left), (starts + width, right)):
            risks = np.quantile(losses, confidence, axis=1)
            place = int(np.argmin(risks))
            if risks[place] < best:
                best, ratio = float(risks[place]), float(ends[place])
        bounds = np.quantile(np.minimum(left, right), confidence, axis=1)
        hopeful = np.flatnonzero(bounds < best)
        if width < _WIDTH or not hopeful.size:
            return ratio
        if hopeful.size > _KEPT:
            hopeful = hopeful[np.argsort(bounds[hopeful])[:_KEPT]]
        width /= _PARTS
        starts = (starts[hopeful, None] + width * np.arange(_PARTS)).ravel()
