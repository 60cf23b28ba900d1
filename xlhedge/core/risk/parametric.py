"""Value at risk and expected shortfall of one position from a parametric distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import Elementwise, Measure

DAYS_PER_YEAR = 365.0


def normal_var(
    value: Elementwise,
    volatility: Elementwise,
    confidence: Elementwise = 0.99,
    horizon_days: Elementwise = 1,
    mean: Elementwise = 0,
    measure: Measure = "var",
) -> Elementwise:
    """Value at risk or expected shortfall of one position whose return is normal.

    Parameters
    ----------
    value
        Market value of the position, signed: negative for a short.
    volatility
        Volatility per year, as a decimal.
    confidence
        Confidence level, for example 0.99.
    horizon_days
        Horizon in calendar days; a year has 365.
    mean
        Expected return per year, as a decimal.
    measure
        `var` for value at risk, `es` for expected shortfall.

    Returns
    -------
    float or array
        Loss in the currency of `value`; negative for a gain that is certain enough.

    Raises
    ------
    DomainError
        When volatility or horizon_days is negative or confidence lies outside (0, 1).

    Notes
    -----
    With h = days/365: VaR = |V|σ√h·z − Vμh and ES = |V|σ√h·φ(z)/(1 − confidence) − Vμh, where z
    is the normal quantile at `confidence`.

    References
    ----------
    Jorion, Value at Risk, 3rd ed.; McNeil, Frey, Embrechts, Quantitative Risk Management.

    Examples
    --------
    >>> from xlhedge import risk
    >>> round(risk.normal_var(1e6, 0.60, 0.99, 1), 2)
    73059.97
    """
    _check_parametric(volatility, confidence, horizon_days)
    return _scaled(value, volatility, horizon_days, mean, normal_multiple(confidence, measure))


def student_var(
    value: Elementwise,
    volatility: Elementwise,
    degrees_of_freedom: Elementwise,
    confidence: Elementwise = 0.99,
    horizon_days: Elementwise = 1,
    mean: Elementwise = 0,
    measure: Measure = "var",
) -> Elementwise:
    """Value at risk or expected shortfall of one position whose return is Student t.

    Parameters
    ----------
    value
        Market value of the position, signed: negative for a short.
    volatility
        Volatility per year, as a decimal.
    degrees_of_freedom
        Degrees of freedom, above 2; 3 to 6 are usual for crypto, large ones are normal.
    confidence
        Confidence level, for example 0.99.
    horizon_days
        Horizon in calendar days; a year has 365.
    mean
        Expected return per year, as a decimal.
    measure
        `var` for value at risk, `es` for expected shortfall.

    Returns
    -------
    float or array
        Loss in the currency of `value`; negative for a gain that is certain enough.

    Raises
    ------
    DomainError
        When degrees_of_freedom is 2 or less, volatility or horizon_days is negative, or
        confidence lies outside (0, 1).

    Notes
    -----
    The t distribution is scaled to unit variance, so that `volatility` keeps its meaning: with
    h = days/365 and t the quantile, VaR = |V|σ√h·t·√((ν−2)/ν) − Vμh, and ES replaces t by
    g(t)/(1 − confidence)·(ν + t²)/(ν − 1) with g the density. The distribution at the horizon is
    taken to be t with the same ν; sums of t returns are in truth closer to normal, so that long
    horizons are overstated.

    References
    ----------
    McNeil, Frey, Embrechts, Quantitative Risk Management, on the t distribution.

    Examples
    --------
    >>> from xlhedge import risk
    >>> round(risk.student_var(1e6, 0.60, 4, 0.99, 1), 2)
    83208.45
    """
    from scipy import special

    check.require(
        np.greater(degrees_of_freedom, 2), "degrees_of_freedom must be above 2", degrees_of_freedom
    )
    _check_parametric(volatility, confidence, horizon_days)
    nu = degrees_of_freedom
    t = special.stdtrit(nu, confidence)
    if measure == "es":
        density = np.exp(-(nu + 1) / 2 * np.log1p(t * t / nu)) * _density_at_0(nu)
        t = density / (1 - confidence) * (nu + t * t) / (nu - 1)
    return _scaled(value, volatility, horizon_days, mean, t * np.sqrt((nu - 2) / nu))


def _density_at_0(nu: Elementwise) -> Any:
    """Density of the t distribution at 0, Γ((ν+1)/2)/(√(νπ)·Γ(ν/2)).

    From ν = 200 on by the asymptotic series of Γ(b + ½)/(Γ(b)√b) in 1/b = 2/ν, whose next term is
    below 2e-16; the beta function of scipy loses five digits there.
    """
    from scipy import special

    x = 2 / np.maximum(nu, 200)
    series = 1 - x / 8 + x**2 / 128 + 5 * x**3 / 1024 - 21 * x**4 / 32768 - 399 * x**5 / 262144
    exact = 1 / (np.sqrt(nu) * special.beta(0.5, nu / 2))
    return np.where(np.greater(nu, 200), series / math.sqrt(2 * math.pi), exact)


def normal_multiple(confidence: Elementwise, measure: Measure = "var") -> Any:
    """Standard deviations between the mean and the value at risk, or shortfall, if normal."""
    from scipy import special

    z = special.ndtri(confidence)
    if measure == "var":
        return z
    return np.exp(-z * z / 2) / (math.sqrt(2 * math.pi) * (1 - confidence))


def _check_parametric(
    volatility: Elementwise, confidence: Elementwise, horizon_days: Elementwise
) -> None:
    check.not_negative(volatility=volatility, horizon_days=horizon_days)
    check.inside(0, 1, confidence=confidence)


def _scaled(
    value: Elementwise,
    volatility: Elementwise,
    horizon_days: Elementwise,
    mean: Elementwise,
    quantile: Any,
) -> Elementwise:
    years = horizon_days / DAYS_PER_YEAR
    loss: Elementwise = np.abs(value) * volatility * np.sqrt(years) * quantile
    return loss - value * mean * years
