"""Does an expected shortfall keep what it promises? Acerbi and Székely, McNeil and Frey."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import Floats, LabelValue, Series, Value

SEED, RESAMPLES = 42, 10_000
GREEN, YELLOW = -0.7, -1.8
"""Acerbi and Székely's limits of Z2 at 97.5 % over 250 rows: 5 % and 0.01 % of good models."""


def es_backtest(
    pnl: Series, var: Series | float, es: Series | float, confidence: float = 0.975
) -> LabelValue:
    """Backtest of an expected shortfall: Acerbi and Székely's Z2, and the exceedance residuals.

    Parameters
    ----------
    pnl
        Profit and loss per period, one row or column, oldest first; losses negative.
    var
        Value at risk forecast for the same periods, losses positive: one number or a column.
    es
        Expected shortfall forecast for the same periods, losses positive: one number or a column.
    confidence
        Confidence level that both were made for, for example 0.975.

    Returns
    -------
    table
        exceptions, expected; z2 (0 is expected, negative: es too small); exceedance_residual
        (positive: es too small) and its p_value, blank with fewer than 2 exceptions; zone (green,
        yellow or red, at 97.5 % only).

    Raises
    ------
    InputError
        When the series differ in length.
    DomainError
        When confidence lies outside (0, 1), or es is not positive or below var.
    TooFewData
        When there are fewer than 2 rows.

    Notes
    -----
    An exception is a row with pnl < −var.

    - z2 = 1 − Σ loss/es over the exceptions, over n·(1 − confidence).
    - exceedance_residual is the mean of (loss − es)/es over the exceptions; p_value the share of
      10,000 bootstrap samples of the centred residuals (seed 42) whose mean over its standard
      error is as large: one-sided, small where es is too small.
    - zone: green from z2 ≥ −0.7·√(250/n), yellow from −1.8·√(250/n), else red.

    References
    ----------
    Acerbi, Székely (2014), Back-testing expected shortfall, Risk 27(11), 76-81.
    McNeil, Frey (2000), Estimation of tail-related risk measures for heteroscedastic financial time
    series, Journal of Empirical Finance 7(3-4), 271-300.

    Examples
    --------
    >>> from xlhedge import risk
    >>> pnl = [-2.6 if day % 40 == 1 else 0.0 for day in range(240)]
    >>> test = risk.es_backtest(pnl, 2, 2.5)
    >>> test.exceptions, test.expected, test.zone
    (6, 6.0, 'green')
    >>> round(test.z2, 4), round(test.exceedance_residual, 4)
    (-0.04, 0.04)
    """
    check.inside(0, 1, confidence=confidence)
    check.enough(2, pnl=pnl)
    given: Any = {name: value for name, value in (("var", var), ("es", es)) if np.ndim(value)}
    check.aligned(2, pnl=pnl, **given)
    rows = len(pnl)
    limit, shortfall = (np.broadcast_to(value, rows) for value in (var, es))
    check.positive(es=shortfall)
    check.require(shortfall >= limit, "must not be below var", shortfall, argument="es")
    hits = pnl < -limit
    losses, expected = -pnl[hits] / shortfall[hits], round(1 - confidence, 12) * rows
    count = len(losses)
    z2 = 1 - float(losses.sum()) / expected
    scale = math.sqrt(250 / rows)
    zone: Value = None
    if abs(confidence - 0.975) <= 1e-9:
        zone = "green" if z2 >= GREEN * scale else "yellow" if z2 >= YELLOW * scale else "red"
    residuals = losses - 1
    return {
        "exceptions": count,
        "expected": expected,
        "z2": z2,
        "exceedance_residual": float(residuals.mean()) if count > 1 else None,
        "p_value": _p_value(residuals) if count > 1 else None,
        "zone": zone,
    }


def _p_value(residuals: Floats) -> float:
    """Share of bootstrap samples of mean 0 whose t statistic is at least that of the residuals."""
    count, mean = len(residuals), float(residuals.mean())
    spread = float(residuals.std(ddof=1))
    if spread <= 1e-14 * max(1.0, abs(mean)):
        return 0.0 if mean > 1e-14 else 1.0
    rng = np.random.default_rng(SEED)
    samples = (residuals - mean)[rng.integers(0, count, (RESAMPLES, count))]
    spreads = samples.std(axis=1, ddof=1)
    means = samples.mean(axis=1)
    with np.errstate(all="ignore"):
        statistics = np.where(spreads > 0, means / spreads, np.sign(means) * np.inf)
    return float(np.mean(np.nan_to_num(statistics, nan=0.0) >= mean / spread))
