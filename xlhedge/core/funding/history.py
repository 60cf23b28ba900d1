"""What a funding history tells: its statistics and its risk."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.funding.payments import annual
from xlhedge.core.statistics import describe
from xlhedge.core.statistics.tail import tail_risk
from xlhedge.core.types import Flags, Floats, LabelValue, Measure, Series
from xlhedge.errors import DomainError, TooFewData


def statistics(rates: Series, interval_hours: float = 8) -> LabelValue:
    """Description of a funding history: level, range, negative runs and worst month for a short.

    Parameters
    ----------
    rates
        Funding rates per interval, oldest first.
    interval_hours
        Hours between two payments.

    Returns
    -------
    table of label and value
        mean, annualised, sd, minimum, p05, median, p95, maximum, share_negative,
        longest_negative_run, worst_30_days, best_30_days, autocorrelation, half_life_days,
        observations.

    Raises
    ------
    TooFewData
        With fewer than 2 rows.
    DomainError
        For interval_hours that is not positive.

    Notes
    -----
    annualised is FUNDING_ANNUAL's simple rate; share_negative counts rates below 0 and
    longest_negative_run is in payments. worst_30_days and best_30_days are the smallest and the
    largest sum of rates over 30 consecutive days (720 / interval_hours payments, to the nearest
    whole number), seen from a short, who receives them. half_life_days is OU_FIT's. A figure that
    does not exist (a history shorter than 30 days) is an error in its own cell.

    References
    ----------
    Uhlenbeck, Ornstein (1930), On the Theory of the Brownian Motion, Physical Review 36,
    823-841.

    Examples
    --------
    >>> from xlhedge import funding
    >>> rates = [0.0001 if t % 10 > 1 else -0.0002 for t in range(120)]
    >>> figures = funding.statistics(rates)
    >>> figures.share_negative, figures.longest_negative_run
    (0.2, 2)
    >>> round(figures.annualised, 6), round(figures.worst_30_days, 6)
    (0.0438, 0.0036)
    """
    check.positive(interval_hours=interval_hours)
    check.enough(2, rates=rates)
    return {
        "mean": float(rates.mean()),
        "annualised": annual(rates, interval_hours),
        "sd": float(np.std(rates, ddof=1)),
        **describe.spread(rates),
        "share_negative": float(np.mean(rates < 0)),
        "longest_negative_run": _longest_run(rates < 0),
        "worst_30_days": describe.attempt(lambda: float(_months(rates, interval_hours).min())),
        "best_30_days": describe.attempt(lambda: float(_months(rates, interval_hours).max())),
        "autocorrelation": describe.attempt(describe.autocorrelation, rates),
        "half_life_days": describe.attempt(describe.half_life_days, rates, interval_hours / 24),
        "observations": len(rates),
    }


def _months(rates: Floats, interval_hours: float) -> Any:
    """Sums of the rates over every 30 consecutive days."""
    window = max(1, round(720 / interval_hours))
    if len(rates) < window:
        raise TooFewData(f"rates must have at least {window} rows for 30 days, got {len(rates)}")
    return rolling_sums(rates, window)


def _longest_run(flags: Flags) -> int:
    """Length of the longest run of rows that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def funding_var(
    rates: Series,
    notional: float,
    horizon_days: float,
    interval_hours: float = 8,
    confidence: float = 0.99,
    side: Literal["short", "long"] = "short",
    measure: Measure = "var",
) -> float:
    """Value at risk of cumulative funding over a horizon, from overlapping historical windows.

    Parameters
    ----------
    rates
        Funding rates per interval, oldest first.
    notional
        Size of the position in quote currency, positive for either side.
    horizon_days
        Days ahead; a whole number of funding intervals.
    interval_hours
        Hours between two payments.
    confidence
        Confidence level, for example 0.99.
    side
        short receives positive funding and loses when it turns negative; long is the reverse.
    measure
        var or es (expected shortfall).

    Returns
    -------
    float
        Quote currency, positive = loss; negative when even that case receives funding.

    Raises
    ------
    TooFewData
        With fewer than 5 / (1 − confidence) windows.
    DomainError
        For a negative notional, or a horizon that is no whole number of intervals.

    Notes
    -----
    Loss of a window = −notional · Σ rates for a short, + for a long; the mean is kept, prices are
    held. Windows overlap: a history of n rows holds only n / (rows per window) independent ones.

    References
    ----------
    Jorion, Value at Risk, 3rd ed., on historical simulation.

    Examples
    --------
    >>> from xlhedge import funding
    >>> rates = [0.0001 if t % 10 else -0.001 for t in range(600)]
    >>> round(funding.funding_var(rates, 100000, 1), 9)
    80.0
    """
    check.inside(0, 1, confidence=confidence)
    check.positive(interval_hours=interval_hours, horizon_days=horizon_days)
    check.not_negative(notional=notional)
    length = horizon_days * 24 / interval_hours
    window = round(length)
    if window < 1 or abs(length - window) > 1e-9 * length:
        raise DomainError(
            f"horizon_days must be a whole number of intervals of {interval_hours:g} hours, "
            f"got {horizon_days:g}"
        )
    needed = check.rows_for_tail(confidence) + window - 1
    if len(rates) < needed:
        raise TooFewData(
            f"rates must have at least {needed} rows ({needed - window + 1} windows of {window}), "
            f"got {len(rates)}"
        )
    received = rolling_sums(rates, window)
    return tail_risk((-notional if side == "short" else notional) * received, confidence, measure)


def rolling_sums(values: Floats, window: int) -> Any:
    """Sums over every `window` consecutive rows."""
    return np.lib.stride_tricks.sliding_window_view(values, window).sum(axis=1)
