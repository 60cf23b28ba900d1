"""Hedge ratios from history, and how well a hedge would have worked."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.statistics.series import START_ROWS, ewma, log_returns, vary
from xlhedge.core.statistics.stable import inner
from xlhedge.core.statistics.tail import tail_risk
from xlhedge.core.types import Floats, LabelValue, Series
from xlhedge.errors import ZeroVariance

MINIMUM_RETURNS = 20
"""Returns that a minimum-variance ratio needs."""


def beta(asset_prices: Series, market_prices: Series, lag: int = 1) -> float:
    """Beta of an asset to a market: the slope of its log returns on the market's.

    Parameters
    ----------
    asset_prices
        Prices of the asset, oldest first.
    market_prices
        Prices of the market on the same rows.
    lag
        Rows per return; returns do not overlap and the last one ends at the last row.

    Returns
    -------
    float
        Change of the asset's log price per change of the market's.

    Raises
    ------
    TooFewData
        With fewer than 3 returns.
    ZeroVariance
        When the market's returns do not vary.

    Notes
    -----
    Cov(a, m) / Var(m): least squares with an intercept.

    References
    ----------
    Sharpe (1963), A Simplified Model for Portfolio Analysis, Management Science 9(2), 277-293.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> market = [100, 110, 99, 105, 120]
    >>> asset = [2 * price**1.5 for price in market]
    >>> round(sizing.beta(asset, market), 12)
    1.5
    """
    asset, market = log_returns(3, lag, asset_prices=asset_prices, market_prices=market_prices)
    vary(market_prices=market)
    return _slope(asset, market)


def min_variance_ratio(spot_prices: Series, futures_prices: Series, lag: int = 1) -> float:
    """Hedge ratio that minimises the variance of the hedged return.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the future on the same rows.
    lag
        Rows per return: the hedge's horizon. Returns do not overlap and the last one ends at the
        last row.

    Returns
    -------
    float
        Value of futures to sell per value of spot held.

    Raises
    ------
    TooFewData
        With fewer than 20 returns.
    ZeroVariance
        When the future's returns do not vary.

    Notes
    -----
    h = Cov(r_S, r_F) / Var(r_F) over log returns, the slope of spot on futures with an intercept.

    References
    ----------
    Ederington (1979), The Hedging Performance of the New Futures Markets, Journal of Finance
    34(1), 157-170.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [100 + (7 * t) % 13 for t in range(30)]
    >>> spot = [price**0.9 for price in futures]
    >>> round(sizing.min_variance_ratio(spot, futures), 12)
    0.9
    """
    return _slope(*_returns(spot_prices, futures_prices, lag))


def ewma_ratio(spot_prices: Series, futures_prices: Series, decay: float = 0.94) -> float:
    """Minimum-variance hedge ratio that weighs recent returns more, as RiskMetrics does.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the future on the same rows.
    decay
        Weight of yesterday's estimate, between 0 and 1: 0.94 forgets half in 11 rows.

    Returns
    -------
    float
        Value of futures to sell per value of spot held.

    Raises
    ------
    TooFewData
        With fewer than 20 returns.
    ZeroVariance
        When the future's returns are all 0.

    Notes
    -----
    Zero-mean covariance over zero-mean variance. Both start from the mean of the first 20
    products, which are not used again, and follow m ← decay · m + (1 − decay) · product.

    References
    ----------
    J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th edition.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [100 + (7 * t) % 13 for t in range(30)]
    >>> spot = [price**0.9 for price in futures]
    >>> round(sizing.ewma_ratio(spot, futures), 12)
    0.9
    """
    check.inside(0, 1, decay=decay)
    spot, futures = log_returns(START_ROWS, spot_prices=spot_prices, futures_prices=futures_prices)
    variance = ewma(futures**2, decay)
    if variance <= 0:
        raise ZeroVariance("futures_prices must vary, got the same value in every row")
    return ewma(spot * futures, decay) / variance


def statistics(spot_prices: Series, futures_prices: Series, lag: int = 1) -> LabelValue:
    """Minimum-variance hedge ratio with its standard error and what the hedge would leave.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the future on the same rows.
    lag
        Rows per return: the hedge's horizon.

    Returns
    -------
    table of label and value
        ratio, standard_error, r_squared, correlation, residual_volatility, observations.

    Raises
    ------
    TooFewData
        With fewer than 20 returns.
    ZeroVariance
        When the returns of the future or of the spot do not vary.

    Notes
    -----
    Least squares of r_S on r_F with an intercept. standard_error is the usual one, with n − 2
    degrees of freedom; residual_volatility is the sample standard deviation (n − 1) of
    r_S − ratio · r_F per period of lag rows.

    References
    ----------
    Ederington (1979), The Hedging Performance of the New Futures Markets, Journal of Finance
    34(1), 157-170.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [100 + (7 * t) % 13 for t in range(30)]
    >>> spot = [price**0.9 * (1 + t % 2 / 100) for t, price in enumerate(futures)]
    >>> hedge = sizing.statistics(spot, futures)
    >>> round(hedge.ratio, 4), round(hedge.standard_error, 4), round(hedge.r_squared, 4)
    (0.9172, 0.031, 0.9702)
    >>> round(hedge.residual_volatility, 4), hedge.observations
    (0.0101, 29)
    """
    spot, futures = _returns(spot_prices, futures_prices, lag)
    vary(spot_prices=spot)
    count = len(spot)
    ratio = _slope(spot, futures)
    deviations = futures - futures.mean()
    left = spot - spot.mean() - ratio * deviations
    correlation = float(np.corrcoef(spot, futures)[0, 1])
    squares = inner(left, left)
    return {
        "ratio": ratio,
        "standard_error": math.sqrt(squares / (count - 2) / inner(deviations, deviations)),
        "r_squared": correlation**2,
        "correlation": correlation,
        "residual_volatility": math.sqrt(squares / (count - 1)),
        "observations": count,
    }


def effectiveness(
    spot_prices: Series,
    futures_prices: Series,
    hedge_ratio: float,
    measure: Literal["variance", "sd", "var", "es"] = "variance",
    confidence: float = 0.95,
) -> float:
    """Share of the risk that a hedge would have removed: 1 is a perfect hedge, 0 none.

    Parameters
    ----------
    spot_prices
        Prices of what is hedged, oldest first.
    futures_prices
        Prices of the future on the same rows.
    hedge_ratio
        Value of futures sold per value of spot held.
    measure
        variance, sd, var or es of the log returns.
    confidence
        Confidence level of var and es.

    Returns
    -------
    float
        1 − R(r_S − h·r_F) / R(r_S); negative when the hedge adds risk.

    Raises
    ------
    TooFewData
        With fewer than 20 returns; for var and es, fewer than 5 / (1 − confidence).
    ZeroVariance
        When the unhedged returns do not vary.
    DomainError
        When the unhedged tail is a gain, so that no share of it can be taken.

    Notes
    -----
    With the minimum-variance ratio and measure variance this is the regression's R².

    References
    ----------
    Ederington (1979), The Hedging Performance of the New Futures Markets, Journal of Finance
    34(1), 157-170.

    Examples
    --------
    >>> from xlhedge import sizing
    >>> futures = [100 + (7 * t) % 13 for t in range(30)]
    >>> spot = [price**0.9 for price in futures]
    >>> sizing.effectiveness(spot, futures, 0)
    0.0
    >>> round(sizing.effectiveness(spot, futures, 0.45), 10)
    0.75
    """
    check.inside(0, 1, confidence=confidence)
    tail = measure in {"var", "es"}
    minimum = check.rows_for_tail(confidence) if tail else MINIMUM_RETURNS
    spot, futures = log_returns(minimum, spot_prices=spot_prices, futures_prices=futures_prices)
    vary(spot_prices=spot)
    before, after = (
        _risk(item, measure, confidence) for item in (spot, spot - hedge_ratio * futures)
    )
    check.require(before > 0, "the unhedged risk must be a loss", got=before)
    if tail or after < before / 2:
        return 1 - after / before
    # Var(s) − Var(s − hf) = h(2 Cov(s, f) − h Var(f)): a small hedge keeps its digits.
    (variance, covariance), (_, futures_variance) = np.cov(spot, futures)
    removed = hedge_ratio * (2 * covariance - hedge_ratio * futures_variance) / variance
    return float(removed if measure == "variance" else removed / (1 + after / before))


def _risk(returns: Floats, measure: str, confidence: float) -> float:
    if measure == "variance":
        return float(np.var(returns, ddof=1))
    if measure == "sd":
        return float(np.std(returns, ddof=1))
    return tail_risk(-returns, confidence, "var" if measure == "var" else "es")


def _returns(spot_prices: Series, futures_prices: Series, lag: int) -> list[Floats]:
    pair = log_returns(MINIMUM_RETURNS, lag, spot_prices=spot_prices, futures_prices=futures_prices)
    vary(futures_prices=pair[1])
    return pair


def _slope(response: Floats, regressor: Floats) -> float:
    deviations = regressor - regressor.mean()
    return inner(deviations, response - response.mean()) / inner(deviations, deviations)
