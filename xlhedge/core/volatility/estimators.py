"""Volatility: measured and forecast, per year."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.statistics.series import START_ROWS, ewma, log_returns, vary
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import Flags, Floats, Series
from xlhedge.core.volatility import garch as _garch
from xlhedge.errors import DomainError

GARCH_RETURNS = 250
HAR_LAGS = (1, 7, 30)
HAR_RETURNS = 250
LONGEST_HORIZON = 100_000


def realized(prices: Series, periods_per_year: float = 365) -> float:
    """Realised volatility per year: the standard deviation of log returns.

    Parameters
    ----------
    prices
        Prices, oldest first, equally spaced.
    periods_per_year
        Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones.

    Returns
    -------
    float
        Decimal per year.

    Raises
    ------
    TooFewData
        With fewer than 3 prices.

    Notes
    -----
    Sample standard deviation (n − 1, about the mean) · √periods_per_year.

    References
    ----------
    Hull, Options, Futures and Other Derivatives, section "Estimating volatility from
    historical data".

    Examples
    --------
    >>> from xlhedge import volatility
    >>> round(volatility.realized([100, 102, 99, 101]), 6)
    0.54881
    """
    check.positive(periods_per_year=periods_per_year)
    (returns,) = log_returns(2, prices=prices)
    return float(np.std(returns, ddof=1)) * math.sqrt(periods_per_year)


def exponential(prices: Series, decay: float = 0.94, periods_per_year: float = 365) -> float:
    """Volatility forecast for the next period per year, by exponential weights (RiskMetrics).

    Parameters
    ----------
    prices
        Prices, oldest first, equally spaced.
    decay
        Weight of yesterday's variance, between 0 and 1.
    periods_per_year
        Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones.

    Returns
    -------
    float
        Decimal per year.

    Raises
    ------
    TooFewData
        With fewer than 21 prices.

    Notes
    -----
    σ² ← decay · σ² + (1 − decay) · r² with zero-mean log returns, started from the mean of the
    first 20 squares, which are not used again.

    References
    ----------
    J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th edition.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> prices = [100 * 1.02 ** (t % 2) for t in range(40)]
    >>> round(volatility.exponential(prices), 6)
    0.378329
    """
    check.inside(0, 1, decay=decay)
    check.positive(periods_per_year=periods_per_year)
    (returns,) = log_returns(START_ROWS, prices=prices)
    return math.sqrt(ewma(returns**2, decay) * periods_per_year)


def garch(prices: Series, horizon_periods: int = 1, periods_per_year: float = 365) -> float:
    """Volatility forecast over the coming periods per year, by a GARCH(1,1) model.

    Parameters
    ----------
    prices
        Prices, oldest first, equally spaced.
    horizon_periods
        Rows ahead; the forecast is of the average variance over all of them.
    periods_per_year
        Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones.

    Returns
    -------
    float
        Decimal per year.

    Raises
    ------
    TooFewData
        With fewer than 251 prices.
    ZeroVariance
        When the returns do not vary.
    NoConvergence
        When the likelihood's maximum is not found.

    Notes
    -----
    r = μ + e, σ²₊ = ω + α·e² + β·σ² by normal maximum likelihood with the package arch. The
    forecast is √(mean of E[σ²] over rows 1 … horizon · periods_per_year). The likelihood may have
    several maxima: the highest that is found from seven starts counts. Where returns show no
    clusters, α and β are not identified and other programs may stop at other values.

    References
    ----------
    Bollerslev (1986), Generalized autoregressive conditional heteroskedasticity, Journal of
    Econometrics 31(3), 307-327.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> prices = [100 * 1.01 ** ((t * t) % 7) for t in range(300)]
    >>> 0.3 < volatility.garch(prices) < 1.0
    True
    """
    check.between(1, LONGEST_HORIZON, horizon_periods=float(horizon_periods))
    check.positive(periods_per_year=periods_per_year)
    (returns,) = log_returns(GARCH_RETURNS, prices=prices)
    vary(prices=returns)
    # In units of the standard deviation the optimiser takes the same path for any asset.
    scale = 1 / float(np.std(returns))
    first, omega, persistence = _garch.fit(returns * scale)
    powers = persistence ** np.arange(horizon_periods)
    variances = first * powers + omega * (np.cumsum(powers) - powers)
    return math.sqrt(float(variances.mean()) * periods_per_year) / scale


def har(prices: Series, periods_per_year: float = 365) -> float:
    """Volatility forecast for the next day per year, by the heterogeneous autoregressive model.

    Parameters
    ----------
    prices
        Daily prices, oldest first; of another interval, each row counts as a day.
    periods_per_year
        Rows per year: 365 for daily crypto prices.

    Returns
    -------
    float
        Decimal per year.

    Raises
    ------
    TooFewData
        With fewer than 251 prices.

    Notes
    -----
    Squared log returns v are regressed, with an intercept, on their last value and on their
    averages over the last 7 and 30 rows. A forecast variance outside the range of the sample's
    30-row averages of v is set to the end of that range which is nearer (the insanity filter of
    Bollerslev, Patton and Quaedvlieg): a regression that meets a move far beyond its sample may
    otherwise forecast next to nothing on the day of a crash. The result is then annualised.
    periods_per_year only annualises: with 8-hour prices the lags are 8 hours, 56 hours and 10 days.

    References
    ----------
    Corsi (2009), A simple approximate long-memory model of realized volatility, Journal of
    Financial Econometrics 7(2), 174-196. Bollerslev, Patton, Quaedvlieg (2016), Exploiting the
    errors, Journal of Econometrics 192(1), 1-18.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> prices = [100 * 1.02 ** (t % 2) for t in range(260)]
    >>> round(volatility.har(prices), 6)
    0.378329
    """
    check.positive(periods_per_year=periods_per_year)
    (returns,) = log_returns(HAR_RETURNS, prices=prices)
    squares = returns**2
    scale = float(squares.mean())
    if scale == 0:
        return 0.0
    squares = squares / scale
    longest = HAR_LAGS[-1]
    means = [_trailing_mean(squares, lag)[longest - lag :] for lag in HAR_LAGS]
    regressors = np.column_stack([np.ones(len(means[0])), *means])
    slopes, *_ = np.linalg.lstsq(regressors[:-1], squares[longest:], rcond=1e-10)
    months = means[-1]
    forecast = np.clip(float(regressors[-1] @ slopes), months.min(), months.max())
    return math.sqrt(float(forecast) * scale * periods_per_year)


def _trailing_mean(values: Floats, window: int) -> Floats:
    """Means over the last `window` rows, from row `window` on."""
    means: Floats = np.lib.stride_tricks.sliding_window_view(values, window).mean(axis=1)
    return means


def from_range(
    open: Series,  # noqa: A002 - the worksheet's own word
    high: Series,
    low: Series,
    close: Series,
    estimator: Literal["parkinson", "garman_klass", "rogers_satchell", "yang_zhang"] = "yang_zhang",
    periods_per_year: float = 365,
) -> float:
    """Volatility per year from open, high, low and close prices.

    Parameters
    ----------
    open
        First price of each period, oldest first.
    high
        Highest price of each period.
    low
        Lowest price of each period.
    close
        Last price of each period.
    estimator
        parkinson (high and low only), garman_klass, rogers_satchell (allows a drift) or
        yang_zhang (allows a drift and jumps between periods).
    periods_per_year
        Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones.

    Returns
    -------
    float
        Decimal per year.

    Raises
    ------
    TooFewData
        With no row; for yang_zhang with fewer than 3.
    DomainError
        For a price that is not positive, a high below or a low above another price of its row.

    Notes
    -----
    Mean over the n rows of, with logs throughout,

    - parkinson: (h − l)² / (4 ln 2)
    - garman_klass: (h − l)²/2 − (2 ln 2 − 1)(c − o)²
    - rogers_satchell: (h − c)(h − o) + (l − c)(l − o)

    yang_zhang: Var(o − previous c) + k · Var(c − o) + (1 − k) · rogers_satchell, all over the n
    rows that have a previous close (the first row gives only that), sample variances, and
    k = 0.34 / (1.34 + (n + 1)/(n − 1)).

    References
    ----------
    Parkinson (1980), Journal of Business 53(1), 61-65. Garman, Klass (1980), Journal of Business
    53(1), 67-78. Rogers, Satchell (1991), Annals of Applied Probability 1(4), 504-512. Yang, Zhang
    (2000), Journal of Business 73(3), 477-491.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> by_range = volatility.from_range([100, 101], [104, 103], [99, 98], [101, 102], "parkinson")
    >>> round(by_range, 6)
    0.568142
    """
    check.positive(periods_per_year=periods_per_year)
    check.aligned(3 if estimator == "yang_zhang" else 1, open=open, high=high, low=low, close=close)
    check.positive(open=open, high=high, low=low, close=close)
    _check_candles("high", high < np.maximum(open, close), "must not be below open or close")
    _check_candles("low", low > np.minimum(open, close), "must not be above open or close")
    if estimator == "parkinson":
        variance = float(np.mean(log_ratio(high, low) ** 2)) / (4 * math.log(2))
    elif estimator == "garman_klass":
        width, move = log_ratio(high, low), log_ratio(close, open)
        variance = float(np.mean(width**2 / 2 - (2 * math.log(2) - 1) * move**2))
    else:
        above = log_ratio(high, close) * log_ratio(high, open)
        swings = above + log_ratio(low, close) * log_ratio(low, open)
        if estimator == "rogers_satchell":
            variance = float(np.mean(swings))
        else:
            n = len(close) - 1
            k = 0.34 / (1.34 + (n + 1) / (n - 1))
            jumps = np.var(log_ratio(open[1:], close[:-1]), ddof=1)
            moves = np.var(log_ratio(close, open)[1:], ddof=1)
            variance = float(jumps + k * moves + (1 - k) * np.mean(swings[1:]))
    return math.sqrt(variance * periods_per_year)


def _check_candles(name: str, bad: Flags, must: str) -> None:
    rows = np.flatnonzero(bad)
    if rows.size:
        raise DomainError(must, argument=name, row=int(rows[0]))
