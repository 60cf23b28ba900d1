"""Value at risk beyond the sample: Cornish-Fisher's expansion and extreme value theory."""

from __future__ import annotations

import math

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import Floats, Measure, Series
from xlhedge.errors import NoConvergence, TooFewData

MINIMUM_MOMENT_ROWS = 100
MINIMUM_EXCEEDANCES = 50

TINY = 1e-7
"""Below this ξ/β, in units of the mean excess, the Pareto distribution is the exponential one."""


def cornish_fisher_var(
    returns: Series,
    value: float,
    confidence: float = 0.99,
    measure: Measure = "var",
) -> float:
    """Value at risk or expected shortfall from mean, deviation, skewness and kurtosis.

    Parameters
    ----------
    returns
        Simple returns, one row or column, oldest first; at least 100.
    value
        Market value of the position, signed: a short loses where returns are positive.
    confidence
        Confidence level, for example 0.99.
    measure
        `var` for value at risk, `es` for expected shortfall.

    Returns
    -------
    float
        Loss over one row, in the currency of `value`; negative for a gain.

    Raises
    ------
    DomainError
        When confidence lies outside (0, 1), when returns are so far from normal that the
        expansion's quantile does not increase at this confidence, or when its shortfall is below
        its value at risk.
    TooFewData
        When fewer than 100 returns are given.
    ZeroVariance
        When all returns are the same.

    Notes
    -----
    With m, σ, S and K the mean, deviation, skewness and excess kurtosis of the position's return
    (all with /n) and z the normal quantile at 1 − confidence:

    g = z + (z² − 1)S/6 + (z³ − 3z)K/24 − (2z³ − 5z)S²/36, VaR = −m − σg.

    It is refused where dg/dz = 1 + zS/3 + (z² − 1)K/8 − (6z² − 5)S²/36 is not positive: the map
    then orders losses the wrong way round. ES is the mean of the Edgeworth density below g, after
    Boudt, Peterson and Croux; below the value at risk it is refused, where other programs put the
    value at risk in its place without saying so.

    References
    ----------
    Cornish, Fisher (1937), Moments and Cumulants in the Specification of Distributions, Revue de
    l'Institut International de Statistique 5(4), 307-320.
    Boudt, Peterson, Croux (2008), Estimation and Decomposition of Downside Risk for Portfolios
    with Non-Normal Returns, Journal of Risk 11(2), 79-103.

    Examples
    --------
    >>> from xlhedge import risk
    >>> returns = [0.01 * ((i * 37) % 101 - 50) / 50 for i in range(101)]
    >>> round(risk.cornish_fisher_var(returns, 1e6, 0.95), 2)
    9732.3
    """
    from scipy import special

    check.inside(0, 1, confidence=confidence)
    check.enough(MINIMUM_MOMENT_ROWS, returns=returns)
    check.varies(returns=returns)
    position = math.copysign(1.0, value) * returns
    mean, sd = float(position.mean()), float(position.std())
    standard = (position - mean) / sd
    skewness, kurtosis = float((standard**3).mean()), float((standard**4).mean()) - 3
    z = float(special.ndtri(1 - confidence))
    slope = 1 + z * skewness / 3 + (z**2 - 1) * kurtosis / 8 - (6 * z**2 - 5) * skewness**2 / 36
    check.require(
        slope > 0,
        "returns must be closer to normal: their Cornish-Fisher quantile does not increase at "
        f"confidence {confidence:g}",
    )
    g = (
        z
        + (z**2 - 1) * skewness / 6
        + (z**3 - 3 * z) * kurtosis / 24
        - (2 * z**3 - 5 * z) * skewness**2 / 36
    )
    if measure == "var":
        return abs(value) * -(mean + sd * g)
    shortfall = _edgeworth_shortfall(g, skewness, kurtosis, 1 - confidence)
    check.require(
        shortfall >= -g,
        "returns must be closer to normal: their Edgeworth expected shortfall lies below the "
        f"value at risk at confidence {confidence:g}",
    )
    return abs(value) * (sd * shortfall - mean)


def _edgeworth_shortfall(g: float, skewness: float, kurtosis: float, tail: float) -> float:
    """Mean standardised loss below g under the Edgeworth density, per unit of tail probability.

    The brackets of Boudt, Peterson and Croux written out: their terms in Φ(g) cancel, and what is
    left is a polynomial in g times φ(g).
    """
    polynomial = (
        1
        + kurtosis / 24 * (g**4 - 2 * g**2 - 1)
        + skewness / 6 * g**3
        + skewness**2 / 72 * (g**6 - 9 * g**4 + 9 * g**2 + 3)
    )
    return polynomial * math.exp(-g * g / 2) / math.sqrt(2 * math.pi) / tail


def extreme_value_var(
    returns: Series,
    value: float,
    confidence: float = 0.99,
    threshold: float = 0.95,
    measure: Measure = "var",
) -> float:
    """Value at risk or expected shortfall from a Pareto distribution fitted to the worst losses.

    Parameters
    ----------
    returns
        Simple returns, one row or column, oldest first; at least 50 must exceed the threshold.
    value
        Market value of the position, signed: a short loses where returns are positive.
    confidence
        Confidence level, above `threshold`; it may lie beyond the sample, for example 0.999.
    threshold
        Quantile of the losses, in (0, 1), above which the tail is fitted.
    measure
        `var` for value at risk, `es` for expected shortfall.

    Returns
    -------
    float
        Loss over one row, in the currency of `value`.

    Raises
    ------
    DomainError
        When confidence or threshold lies outside (0, 1), confidence does not exceed threshold, or
        the tail is so heavy (ξ ≥ 1) that expected shortfall does not exist.
    TooFewData
        When fewer than 50 losses exceed the threshold.
    ZeroVariance
        When all losses beyond the threshold are the same.
    NoConvergence
        When the likelihood has no maximum with ξ > −1.

    Notes
    -----
    Excesses over the threshold u (interpolated quantile of the losses) follow a generalised Pareto
    distribution with shape ξ and scale β, fitted by maximum likelihood. With k of n losses above u
    and p = 1 − confidence:

    VaR = u + β/ξ·((np/k)^(−ξ) − 1), ES = (VaR + β − ξu)/(1 − ξ).

    References
    ----------
    McNeil, Frey (2000), Estimation of Tail-related Risk Measures for Heteroscedastic Financial
    Time Series, Journal of Empirical Finance 7, 271-300.
    Grimshaw (1993), Computing Maximum Likelihood Estimates for the Generalized Pareto
    Distribution, Technometrics 35(2), 185-191.

    Examples
    --------
    Losses that follow a Pareto distribution with ξ = 0.5:

    >>> from xlhedge import risk
    >>> returns = [-0.01 * (1 - (i + 0.5) / 2000) ** -0.5 for i in range(2000)]
    >>> round(risk.extreme_value_var(returns, 1e6, 0.999))
    306981
    """
    check.inside(0, 1, confidence=confidence, threshold=threshold)
    check.require(confidence > threshold, "confidence must exceed threshold", confidence)
    check.enough(MINIMUM_EXCEEDANCES, returns=returns)
    losses = -math.copysign(1.0, value) * returns
    start = float(np.quantile(losses, threshold))
    excesses = losses[losses > start] - start
    check.require(
        len(excesses) >= MINIMUM_EXCEEDANCES,
        f"returns must have at least {MINIMUM_EXCEEDANCES} losses above the threshold",
        len(excesses),
        TooFewData,
    )
    check.varies(returns=excesses)
    share = (1 - confidence) * len(losses) / len(excesses)
    check.require(share < 1, "confidence must lie beyond the losses above threshold", confidence)
    shape, scale = fit_pareto(excesses)
    beyond = -math.log(share)
    loss = start + scale * (beyond if shape == 0 else math.expm1(shape * beyond) / shape)
    if measure == "es":
        check.require(
            shape < 1,
            "returns must have a lighter tail: expected shortfall does not exist for a shape of "
            f"{shape:.3g}, 1 or more",
        )
        loss = (loss + scale - shape * start) / (1 - shape)
    return abs(value) * loss


def fit_pareto(excesses: Floats) -> tuple[float, float]:
    """Shape and scale of the generalised Pareto distribution by maximum likelihood.

    Along a = ξ/β the likelihood has one parameter: ξ(a) is the mean of ln(1 + ay) and the
    log-likelihood per excess −ln(ξ/a) − ξ − 1. It grows without bound as a → −1/max(y), where
    ξ < −1; the maximum is looked for above that.
    """
    from scipy import optimize

    mean = float(excesses.mean())
    y = excesses / mean
    lowest = -1 / float(y.max())

    def cost(a: float) -> float:
        if abs(a) < TINY:
            return 1.0
        shape = float(np.log1p(a * y).mean())
        return math.log(shape / a) + shape + 1 if shape > -1 else math.inf

    def score(a: float) -> float:
        if abs(a) < TINY:
            return 1 - float((y * y).mean()) / 2
        shape = float(np.log1p(a * y).mean())
        return float((y / (1 + a * y)).mean()) * (1 / shape + 1) - 1 / a

    grid = np.concatenate([lowest * (1 - np.geomspace(1e-9, 1, 60)), np.geomspace(1e-4, 1e9, 120)])
    costs = [cost(float(a)) for a in grid]
    best = int(np.argmin(costs))
    if not 0 < best < len(grid) - 1 or math.isinf(costs[best - 1]):
        raise NoConvergence("returns must have a heavier tail: the Pareto tail could not be fitted")
    a = float(optimize.brentq(score, grid[best - 1], grid[best + 1], xtol=1e-14))
    shape = float(np.log1p(a * y).mean())
    return (shape, mean * shape / a) if abs(a) >= TINY else (0.0, mean)
