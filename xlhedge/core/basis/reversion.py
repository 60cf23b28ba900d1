"""Reversion to a mean: the Ornstein-Uhlenbeck process, fitted and forecast."""

from __future__ import annotations

import math

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.statistics.stable import LAST_DIGITS, inner
from xlhedge.core.types import Floats, LabelValue, Series, Vector
from xlhedge.errors import DomainError, TooFewData

DAYS_PER_YEAR = 365.0

MINIMUM_STEPS = 20
"""Steps from one row to the next that a fit of mean reversion needs."""


def fit_ou(series: Series, interval_days: float) -> LabelValue:
    """Ornstein-Uhlenbeck process fitted to a series: speed, level and noise of mean reversion.

    Parameters
    ----------
    series
        Levels (a basis, a carry, a funding rate), oldest first, equally spaced.
    interval_days
        Days from one row to the next; 8 hours are 1/3.

    Returns
    -------
    table of label and value
        theta (per year), mu, sigma (per square root of a year), half_life_days, stationary_sd,
        theta_se, observations (steps from one row to the next).

    Raises
    ------
    TooFewData
        With fewer than 21 rows, 20 steps.
    DomainError
        When the series does not revert (φ ≥ 1) or alternates (φ ≤ 0).
    ZeroVariance
        When all rows but the last are the same.

    Notes
    -----
    dB = θ(μ − B)dt + σdW, by exact maximum likelihood: x₊ = c + φx + e by least squares, then
    θ = −ln φ/dt, μ = c/(1 − φ), σ = s_e · √(2θ/(1 − φ²)), with s_e² = Σe²/n and dt =
    interval_days/365. stationary_sd = σ/√(2θ).

    1 − φ is estimated itself, as the slope κ of x − x₊ on x, and θ = −ln(1 − κ)/dt: rows that are
    neighbours have an exact difference, so that a slow reversion keeps its digits. A κ that is
    nothing but the rounding of the rows does not revert.

    theta_se is by the delta method from the observed information: Var(φ) = s_e²/Σ(x − x̄)² and
    |dθ/dφ| = 1/(φ·dt). θ is biased upwards in short histories by about 4/span in years.

    Fit a dated future's annualised carry, not its basis, which must end at 0.

    References
    ----------
    Tang, Chen (2009), Parameter estimation and bias correction for diffusion processes, Journal of
    Econometrics 149(1), 65-81.

    Examples
    --------
    >>> from xlhedge import basis
    >>> path = [
    ...     3.0000, 1.7600, 1.2693, 1.1960, 0.9468, 0.9532, 0.6252, 0.8604, 1.0984, 1.4310, 1.3019,
    ...     1.4005, 1.2686, 0.7147, 0.9237, 0.7297, 0.7105, 0.8683, 0.7406, 0.7314, 0.6232,
    ... ]
    >>> fit = basis.fit_ou(path, interval_days=91.25)
    >>> round(fit.theta, 4), round(fit.mu, 4), round(fit.sigma, 4)
    (3.1287, 0.9075, 0.5532)
    >>> round(fit.half_life_days, 3), round(fit.theta_se, 4), fit.observations
    (80.863, 0.7364, 20)
    """
    return fit_named("series", series, interval_days)


def fit_named(name: str, series: Floats, interval_days: float) -> LabelValue:
    """`fit_ou` of what its caller knows as `name`, which the errors carry."""
    check.positive(interval_days=interval_days)
    if len(series) <= MINIMUM_STEPS:
        raise TooFewData(
            f"must have at least {MINIMUM_STEPS + 1} rows ({MINIMUM_STEPS} steps), "
            f"got {len(series)}",
            argument=name,
        )
    before, after = series[:-1], series[1:]
    check.varies(**{name: before})
    deviations = before - before.mean()
    squares = inner(deviations, deviations)
    steps, dt = len(before), interval_days / DAYS_PER_YEAR
    changes, drift = after - before, float(series[-1] - series[0]) / steps
    kappa = -inner(deviations, changes - drift) / squares
    phi = inner(deviations, after - after.mean()) / squares if kappa > 0.5 else 1 - kappa
    if kappa <= LAST_DIGITS * float(np.max(np.abs(series))) * math.sqrt(steps / squares):
        raise DomainError(
            f"must revert to a mean, got an autoregression of {phi:.6g}", argument=name
        )
    if phi <= 0:
        raise DomainError(f"must not alternate, got an autoregression of {phi:.6g}", argument=name)
    noise = changes - drift + kappa * deviations
    step_sd = math.sqrt(inner(noise, noise) / steps)
    theta = (-math.log(phi) if kappa > 0.5 else -math.log1p(-kappa)) / dt
    stationary_sd = step_sd / math.sqrt(kappa * (1 + phi))
    return {
        "theta": theta,
        "mu": float(before.mean() + drift / kappa),
        "sigma": stationary_sd * math.sqrt(2 * theta),
        "half_life_days": math.log(2) / theta * DAYS_PER_YEAR,
        "stationary_sd": stationary_sd,
        "theta_se": step_sd / math.sqrt(squares) / (phi * dt),
        "observations": steps,
    }


def forecast_ou(
    current: float,
    theta: float,
    mu: float,
    sigma: float,
    horizon_days: Vector,
    confidence: float = 0.95,
) -> Floats:
    """Forecast of an Ornstein-Uhlenbeck process: mean, standard deviation and central interval.

    Parameters
    ----------
    current
        Level today.
    theta
        Speed of reversion per year; 0 is a Brownian motion without drift.
    mu
        Level to which it reverts.
    sigma
        Noise per square root of a year.
    horizon_days
        Days ahead: one number, or a row or column of them.
    confidence
        Probability that the level lies between lower and upper.

    Returns
    -------
    array
        Columns mean, sd, lower, upper; one row per horizon.

    Raises
    ------
    DomainError
        For a negative theta, sigma or horizon.

    Notes
    -----
    With T in years: mean = μ + (x − μ)e^(−θT), sd = σ√((1 − e^(−2θT))/(2θ)), and σ√T at θ = 0.
    lower and upper are mean ∓ z · sd with z the normal quantile of (1 + confidence)/2. The
    uncertainty of the parameters themselves is not in it.

    References
    ----------
    Uhlenbeck, Ornstein (1930), On the Theory of the Brownian Motion, Physical Review 36,
    823-841.

    Examples
    --------
    >>> from xlhedge import basis
    >>> basis.forecast_ou(0.01, 50, 0, 0.02, [1, 30]).round(6)
           mean        sd     lower     upper
    0  0.008720  0.000979  0.006801  0.010639
    1  0.000164  0.002000 -0.003755  0.004084
    """
    from statistics import NormalDist

    check.inside(0, 1, confidence=confidence)
    check.enough(1, horizon_days=horizon_days)
    check.not_negative(theta=theta, sigma=sigma, horizon_days=horizon_days)
    years = horizon_days / DAYS_PER_YEAR
    decay = theta * years
    # Near the start and near the end the digits are in different places.
    mean = np.where(
        decay < 0.5,
        current + (current - mu) * np.expm1(-decay),
        mu + (current - mu) * np.exp(-decay),
    )
    # σ²T · (1 − e^(−u))/u with u = 2θT, whose limit at u = 0 is 1.
    u = 2 * theta * years
    damping = np.where(u > 0, -np.expm1(-u) / np.where(u > 0, u, 1), 1.0)
    sd = sigma * np.sqrt(years * damping)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * sd
    return np.column_stack([mean, sd, mean - reach, mean + reach])
