"""Hedge ratios on several futures at once, and the ratio as it changes with time."""

from __future__ import annotations

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.sizing.ratios import MINIMUM_RETURNS
from xlhedge.core.statistics.series import log_returns, vary
from xlhedge.core.statistics.stable import inner
from xlhedge.core.types import Floats, Matrix, Series, Table, Value
from xlhedge.errors import InputError, TooFewData, ZeroVariance

COLLINEAR = 1e-10
"""Smallest singular value of standardised regressors, relative to the largest."""


def ratios(spot_prices: Series, futures_prices: Matrix, lag: int = 1) -> Table:
    """Minimum-variance hedge ratios on several futures together, by least squares.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the futures on the same rows, one column each.
    lag
        Rows per return: the hedge's horizon. Returns do not overlap and the last one ends at the
        last row.

    Returns
    -------
    table
        A header row future, ratio, standard_error, t_value; one row per future, by its number;
        then r_squared, residual_volatility (per period) and observations in the column ratio.

    Raises
    ------
    InputError
        When the ranges differ in rows.
    DomainError
        For a price that is not positive.
    TooFewData
        With fewer than 20 returns, or than two more than futures.
    ZeroVariance
        When a future's returns do not vary, or the futures are collinear.

    Notes
    -----
    r_S = a + Σ hᵢ·r_i + e over log returns. Standard errors are the usual ones, with n − k − 1
    degrees of freedom for k futures; residual_volatility is the sample deviation (n − 1) of what
    the hedge leaves. hᵢ is the value of future i to sell per value of spot.

    References
    ----------
    Anderson, Danthine (1981), Cross Hedging, Journal of Political Economy 89(6), 1182-1196.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [[100 + (7 * t) % 13, 50 + (5 * t) % 11] for t in range(40)]
    >>> noise = [1 + (t * t) % 5 / 1000 for t in range(40)]
    >>> spot = [(a**0.6) * (b**0.3) * c for (a, b), c in zip(futures, noise)]
    >>> sizing.ratios(spot, futures).head(2).round(4)
      future   ratio  standard_error  t_value
    0      1  0.6003          0.0072  83.0796
    1      2  0.2998          0.0045  67.2293
    """
    if len(futures_prices) != len(spot_prices):
        raise InputError(
            f"must have as many rows as spot_prices, {len(spot_prices)}, got {len(futures_prices)}",
            argument="futures_prices",
        )
    columns = [np.ascontiguousarray(column) for column in futures_prices.T]
    named = {f"futures_prices column {k}": column for k, column in enumerate(columns, 1)}
    least = max(MINIMUM_RETURNS, len(columns) + 2)
    spot, *returns = log_returns(least, lag, spot_prices=spot_prices, **named)
    vary(spot_prices=spot, **dict(zip(named, returns, strict=True)))
    count, size = len(spot), len(columns)
    X = np.stack([line - line.mean() for line in returns], axis=1)
    scale = np.sqrt((X**2).sum(axis=0))
    y = spot - spot.mean()
    U, singular, V = np.linalg.svd(X / scale, full_matrices=False)
    if singular[-1] <= COLLINEAR * singular[0]:
        raise ZeroVariance("the futures are collinear: one is a mixture of the others")
    slopes = V.T @ (U.T @ y / singular) / scale
    left = y - X @ slopes
    squares = inner(left, left)
    variance = squares / (count - size - 1)
    errors = np.sqrt(variance * ((V.T / singular) ** 2).sum(axis=1)) / scale
    rows: list[list[Value]] = [
        [k, ratio, error, ratio / error if error > 0 else None]
        for k, (ratio, error) in enumerate(zip(slopes.tolist(), errors.tolist(), strict=True), 1)
    ]
    rows.append(["r_squared", 1 - squares / inner(y, y), None, None])
    rows.append(["residual_volatility", float(np.sqrt(squares / (count - 1))), None, None])
    rows.append(["observations", count, None, None])
    return Table(("future", "ratio", "standard_error", "t_value"), rows)


def rolling(spot_prices: Series, futures_prices: Series, window: int, lag: int = 1) -> Floats:
    """Minimum-variance hedge ratio over a window that moves through the history.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the future on the same rows.
    window
        Rows of prices per estimate.
    lag
        Rows per return: the hedge's horizon. Returns do not overlap and the last one of each window
        ends at its last row.

    Returns
    -------
    array
        Columns ratio, r_squared, residual_volatility; the last per period, one row for each row
        from `window` on.

    Raises
    ------
    InputError
        When the series differ in length.
    TooFewData
        When a window has fewer than 20 returns, or the series fewer rows than the window.
    ZeroVariance
        When the returns of spot or future do not vary within a window.

    Notes
    -----
    Each row is HEDGE_STATS of the window's prices.

    References
    ----------
    Ederington (1979), The Hedging Performance of the New Futures Markets, Journal of Finance
    34(1), 157-170.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [100 + (7 * t) % 13 for t in range(40)]
    >>> spot = [price**0.9 for price in futures]
    >>> rolling = sizing.rolling(spot, futures, 30)
    >>> len(rolling), rolling["ratio"].round(9).unique().tolist()
    (11, [0.9])
    """
    check.at_least(1, lag=lag, window=window)
    check.aligned(1, spot_prices=spot_prices, futures_prices=futures_prices)
    check.positive(spot_prices=spot_prices, futures_prices=futures_prices)
    count = (window - 1) // lag
    if count < MINIMUM_RETURNS:
        message = f"must hold at least {MINIMUM_RETURNS} returns of {lag} rows"
        raise TooFewData(message, argument="window", value=window)
    check.enough(window, spot_prices=spot_prices)
    pair = [np.log(values[lag:] / values[:-lag]) for values in (spot_prices, futures_prices)]
    ends = np.arange(window, len(spot_prices) + 1)
    # Return k ends at row k + lag: those of a window, one every lag rows back from its end.
    places = (ends[:, None] - lag - 1) - lag * np.arange(count)[::-1]
    spot, futures = (values[places] for values in pair)
    for name, values in (("spot_prices", spot), ("futures_prices", futures)):
        still = np.flatnonzero(np.ptp(values, axis=1) < 1e-12)
        if still.size:
            message = f"must vary within each window, and does not up to row {ends[still[0]]}"
            raise ZeroVariance(message, argument=name)
    y = spot - spot.mean(axis=1, keepdims=True)
    x = futures - futures.mean(axis=1, keepdims=True)
    ratio = (x * y).sum(axis=1) / (x * x).sum(axis=1)
    squares = ((y - ratio[:, None] * x) ** 2).sum(axis=1)
    fit = (x * y).sum(axis=1) ** 2 / ((x * x).sum(axis=1) * (y * y).sum(axis=1))
    return np.stack([ratio, fit, np.sqrt(squares / (count - 1))], axis=1)
