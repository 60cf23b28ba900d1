"""A mean of two factors, one slow and one fast: how long a series remembers, and its filter."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlhedge.core.statistics.series import START_ROWS, recursive
from xlhedge.core.statistics.stable import inner
from xlhedge.core.types import Floats
from xlhedge.errors import TooFewData

FAST = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
SLOW = (0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.999)
HORIZONS = (3, 9, 30, 90)
"""Rows of 8 hours over which the fit compares variances of sums: a day to a month."""

ROWS_BEYOND = 20
"""Rows that a history has at least beyond the longest of them."""

LEAST_SHARE = 0.01
"""Share of the variance that each factor keeps."""


class TwoFactors(NamedTuple):
    """x = s + g with s ← μ + ρ(s − μ) + κe and g ← φg + (1 − κ)e; σ is the deviation of e."""

    mu: float
    rho: float
    phi: float
    kappa: float
    sigma: float


class Filtered(NamedTuple):
    """The shocks of a series, and where its factors stand after the last row."""

    shocks: Floats
    slow: float
    fast: float


def horizons_of(interval_hours: float) -> tuple[int, ...]:
    """The fit's horizons in rows of the history."""
    return tuple(max(1, round(rows * 8 / interval_hours)) for rows in HORIZONS)


def fit_two_factors(name: str, series: Floats, interval_hours: float) -> TwoFactors:
    """The two factors whose sums over a day to a month vary as those of the series do.

    Notes
    -----
    γ₀ is the variance of x and V_h that of overlapping sums of h rows. Factors with
    autocovariances Aρ^k and Bφ^k give sums the variance A·T_h(ρ) + B·T_h(φ),
    T_h(a) = h + 2Σ_{k<h}(h − k)a^k. For each pair on the grid A follows from the longest horizon,
    and the pair of least Σ ln²(model/V_h) is taken. The sum of the two is an ARMA(2,1); κ is the
    gain of its steady Kalman filter.
    """
    horizons = horizons_of(interval_hours)
    if len(series) < (least := horizons[-1] + ROWS_BEYOND):
        raise TooFewData(f"must have at least {least} rows, got {len(series)}", argument=name)
    mu = float(series.mean())
    variance = float(np.mean((series - mu) ** 2))
    summed = np.concatenate([[0.0], np.cumsum(series - mu)])
    spreads = [float(np.var(summed[h:] - summed[:-h])) for h in horizons]
    fast, slow = np.array(FAST)[:, None], np.array(SLOW)[None, :]
    longest = _spread(fast, horizons[-1]), _spread(slow, horizons[-1])
    A = (spreads[-1] - variance * longest[0]) / (longest[1] - longest[0])
    A = np.clip(A, LEAST_SHARE * variance, (1 - LEAST_SHARE) * variance)
    distance = np.zeros(A.shape)
    for h, spread in zip(horizons, spreads, strict=True):
        model = A * _spread(slow, h) + (variance - A) * _spread(fast, h)
        distance += np.log(model / max(spread, 1e-12 * variance)) ** 2
    row, column = divmod(int(distance.argmin()), len(SLOW))
    phi, rho, share = FAST[row], SLOW[column], float(A[row, column])
    q_slow, q_fast = share * (1 - rho**2), (variance - share) * (1 - phi**2)
    G0 = q_slow * (1 + phi**2) + q_fast * (1 + rho**2)
    G1 = -(phi * q_slow + rho * q_fast)
    m = (G0 - math.sqrt(G0**2 - 4 * G1**2)) / (2 * G1)
    return TwoFactors(mu, rho, phi, (rho + m) / (rho - phi), math.sqrt(G1 / m))


def _spread(decay: Floats, rows: int) -> Floats:
    """T_h(a): variance of the sum of h rows of a process with autocorrelation a^k."""
    k = np.arange(1, rows)
    sums: Floats = rows + 2 * ((rows - k) * decay[..., None] ** k).sum(axis=-1)
    return sums


def filter_two_factors(series: Floats, model: TwoFactors) -> Filtered:
    """Shocks e = x − [μ + ρ(s − μ)] − φg, row by row from s = mean of 20 rows, g = 0.

    Notes
    -----
    In closed form: with y = x − μ less what the start leaves of it, ρ^k(s₀ − μ),
    (1 + mL)e = (1 − ρL)(1 − φL)y, m = κ(ρ − φ) − ρ.
    """
    mu, rho, phi, kappa, _ = model
    start = float(series[:START_ROWS].mean()) - mu
    left = start * rho ** np.arange(1.0, len(series) + 1)
    m = kappa * (rho - phi) - rho
    y = series - mu - left
    moving = y.copy()
    moving[1:] -= (rho + phi) * y[:-1]
    moving[2:] += rho * phi * y[:-2]
    shocks = recursive(moving, -m)
    slow = recursive(kappa * shocks, rho)[-1] + left[-1] + mu
    fast = recursive((1 - kappa) * shocks, phi)[-1]
    return Filtered(shocks, float(slow), float(fast))


def forecast_sums(model: TwoFactors, state: Filtered, rows: int) -> tuple[float, float]:
    """Mean and deviation of the sum of the coming rows."""
    j = np.arange(1, rows + 1)
    slow, fast = model.rho**j, model.phi ** j.astype(np.float64)
    mean = rows * model.mu + (state.slow - model.mu) * slow.sum() + state.fast * fast.sum()
    weights = model.kappa * (1 - slow) / (1 - model.rho) + (1 - model.kappa) * (1 - fast) / (
        1 - model.phi
    )
    return float(mean), model.sigma * math.sqrt(inner(weights, weights))
