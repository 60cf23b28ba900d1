"""Volatility that clusters, with tails of its own: the Student score."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlhedge.core.types import Floats

FREEDOMS = (2.3, 2.7, 3.0, 3.5, 4.0, 5.0, 7.0, 12.0)
REACTION = 0.06
"""α: how much of a shock's surprise goes into the next row's variance."""

LEAST_VARIANCE = 1e-3
"""Floor of the variance, as a share of its mean."""

FIRST_ROWS = 40
"""Rows that the choice of the tail leaves out."""

LARGEST = 4.0
"""Deviations at which standardised shocks are cut before they are correlated."""


class Clustering(NamedTuple):
    """Mean variance per row, that of the next row, degrees of freedom, shocks over deviations."""

    mean: Floats
    now: Floats
    freedom: Floats
    standardised: Floats


def persistence_of(persistence: float, interval_hours: float) -> float:
    """The persistence per row of 8 hours as that of the history's rows."""
    return float(persistence ** (interval_hours / 8))


def fit_clustering(shocks: Floats, persistence: Floats) -> Clustering:
    """The variance of each series of shocks, row by row, and its degrees of freedom.

    Parameters
    ----------
    shocks
        One series per row of the array.
    persistence
        Weight p of a row's variance in the next, per series.

    Notes
    -----
    v ← (1 − p)v̄ + p·v + α·v·(w − 1) with w = (ν + 1)q/(ν − 2 + q) and q = e²/v: a t density's
    score. It is bounded, so that one wild row does not own the month after it, as in a GARCH model
    with these tails. v̄ is the mean square, which starts it, and v is at least v̄/1000. ν has the
    greatest t likelihood among a few, the first 40 rows left out.
    """
    from scipy import special

    count, rows = shocks.shape
    nu = np.array(FREEDOMS)
    mean = np.mean(shocks**2, axis=1)
    floor = (LEAST_VARIANCE * mean)[:, None]
    pull = ((1 - persistence) * mean)[:, None]
    keep = (persistence - REACTION)[:, None]
    squares = (shocks**2).T[:, :, None]
    variances = np.empty((rows + 1, count, len(nu)))
    variances[0] = mean[:, None]
    gain, base = REACTION * (nu + 1), nu - 2
    for row in range(rows):
        v, e2 = variances[row], squares[row]
        # α·v·w = α(ν + 1)·e²·v/((ν − 2)v + e²)
        np.maximum(pull + v * (keep + gain * e2 / (base * v + e2)), floor, out=variances[row + 1])
    v, e2 = variances[FIRST_ROWS:-1], squares[FIRST_ROWS:]
    constant = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - np.log(base) / 2
    likelihood = constant + (-np.log(v) / 2 - (nu + 1) / 2 * np.log1p(e2 / v / base)).mean(axis=0)
    best = likelihood.argmax(axis=1)
    chosen = variances[:, np.arange(count), best].T
    return Clustering(mean, chosen[:, -1], nu[best], shocks / np.sqrt(chosen[:, :-1]))


def correlations_of(standardised: Floats) -> Floats:
    """Correlations of standardised shocks, cut at ±4 deviations."""
    return np.corrcoef(np.clip(standardised, -LARGEST, LARGEST))
