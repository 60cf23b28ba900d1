"""Returns, and value at risk from a covariance matrix."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.risk.parametric import DAYS_PER_YEAR, normal_multiple
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import Floats, Matrix, Series
from xlhedge.errors import InputError

ROUNDING = 1e-9
"""How far rounding may take a correlation beyond its bounds, or its two places apart."""

PSD_TOLERANCE = 1e-9
"""How far below 0 rounding may push an eigenvalue of a correlation matrix."""


def returns(prices: Series, kind: Literal["log", "simple"] = "log", lag: int = 1) -> Floats:
    """Returns of a price series, one per row from row lag + 1 on: logarithmic or simple.

    Parameters
    ----------
    prices
        Prices, one row or column, oldest first, all positive.
    kind
        `log` for ln(P₁/P₀), `simple` for P₁/P₀ − 1. The VAR functions over returns take simple
        ones.
    lag
        Number of rows that each return spans. Above 1 the returns overlap.

    Returns
    -------
    array
        A column of n − lag returns, as decimals; the first belongs to row lag + 1.

    Raises
    ------
    DomainError
        When a price is not positive or lag is below 1.
    TooFewData
        When there are fewer than lag + 1 prices.

    Notes
    -----
    r_t = ln(P_t / P_{t−lag}) or P_t / P_{t−lag} − 1. With lag above 1 neighbouring returns share
    lag − 1 rows: their mean is right, but they are not independent observations.

    References
    ----------
    Campbell, Lo, MacKinlay (1997), The Econometrics of Financial Markets, Princeton University
    Press, section 1.4.

    Examples
    --------
    >>> from xlhedge import risk
    >>> risk.returns([100, 110, 99], "simple").round(12).tolist()
    [0.1, -0.1]
    """
    check.at_least(1, lag=lag)
    check.enough(lag + 1, prices=prices)
    check.positive(prices=prices)
    if kind == "log":
        return log_ratio(prices[lag:], prices[:-lag])  # type: ignore[no-any-return]
    change: Floats = (prices[lag:] - prices[:-lag]) / prices[:-lag]
    return change


def portfolio_volatility(
    weights: Series, volatilities: Series, correlations: Matrix | float
) -> float:
    """Volatility of a portfolio from its weights, volatilities and correlations.

    Parameters
    ----------
    weights
        One signed weight per asset: shares of the portfolio, or money; negative is short.
    volatilities
        One volatility per asset, as decimals, all over the same period.
    correlations
        Square matrix of correlations, in the assets' order; for two assets one number will do.

    Returns
    -------
    float
        Volatility over the period of `volatilities`, in the unit of the weights.

    Raises
    ------
    InputError
        When lengths differ or the matrix is not square.
    DomainError
        When a volatility is negative, or the matrix is no correlation matrix.

    Notes
    -----
    √(w'Σw) with Σ = diag(σ) R diag(σ). Weights 1 and −1 give the volatility of the basis:
    √(σ_S² + σ_F² − 2ρσ_Sσ_F).

    References
    ----------
    Markowitz (1952), Portfolio Selection, Journal of Finance 7(1), 77-91.

    Examples
    --------
    A coin hedged one to one with its future, correlation 0.98:

    >>> from xlhedge import risk
    >>> round(risk.portfolio_volatility([1, -1], [0.60, 0.62], 0.98), 9)
    0.123612297
    """
    exposures, R = _exposures("weights", weights, volatilities, correlations)
    variance, _ = _variance_and_moved(exposures, R)
    return math.sqrt(variance)


def covariance_var(
    values: Series,
    volatilities: Series,
    correlations: Matrix | float,
    confidence: float = 0.99,
    horizon_days: float = 1,
) -> float:
    """Value at risk of several positions by the variance-covariance method.

    Parameters
    ----------
    values
        Market value of each position, signed: short positions are negative.
    volatilities
        Volatility per year of each position's asset, as decimals.
    correlations
        Square matrix of correlations, in the positions' order; for two positions one number.
    confidence
        Confidence level, for example 0.99.
    horizon_days
        Horizon in calendar days; a year has 365.

    Returns
    -------
    float
        Value at risk in the currency of `values`, positive when it is a loss.

    Raises
    ------
    InputError
        When lengths differ or the matrix is not square.
    DomainError
        When a volatility is negative, the matrix is no correlation matrix, or confidence lies
        outside (0, 1).

    Notes
    -----
    z·√(x'Σx)·√(days/365), zero mean. The value at risk of a book that is hedged perfectly is 0.

    References
    ----------
    J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th ed.
    Hull, Options, Futures, and Other Derivatives, chapter on value at risk.

    Examples
    --------
    Ten million of coins, hedged with nine million of futures:

    >>> from xlhedge import risk
    >>> round(risk.covariance_var([10e6, -9e6], [0.60, 0.62], 0.98, 0.99, 1), 2)
    149906.52
    """
    exposures, R = _exposures("values", values, volatilities, correlations)
    variance, _ = _variance_and_moved(exposures, R)
    return _normal_scale(confidence, horizon_days) * math.sqrt(variance)


def var_contributions(
    values: Series,
    volatilities: Series,
    correlations: Matrix | float,
    confidence: float = 0.99,
    horizon_days: float = 1,
) -> Floats:
    """What each position adds to the value at risk; the rows sum to VAR_COVARIANCE.

    Parameters
    ----------
    values
        Market value of each position, signed: short positions are negative.
    volatilities
        Volatility per year of each position's asset, as decimals.
    correlations
        Square matrix of correlations, in the positions' order; for two positions one number.
    confidence
        Confidence level, for example 0.99.
    horizon_days
        Horizon in calendar days; a year has 365.

    Returns
    -------
    array
        One row per position. A hedge has a negative contribution: it takes risk away.

    Raises
    ------
    InputError
        When lengths differ or the matrix is not square.
    DomainError
        When a volatility is negative, the matrix is no correlation matrix, or confidence lies
        outside (0, 1).

    Notes
    -----
    Euler's allocation: contribution_i = VaR · x_i(Σx)_i / x'Σx, the position times the
    derivative of the value at risk with respect to it. Where the value at risk is 0 every
    contribution is 0.

    References
    ----------
    Garman (1996), Improving on VaR, Risk 9(5), 61-63.

    Examples
    --------
    >>> from xlhedge import risk
    >>> risk.var_contributions([10e6, -9e6], [0.60, 0.62], 0.98, 0.99, 1).round(2).tolist()
    [315480.23, -165573.71]
    """
    exposures, R = _exposures("values", values, volatilities, correlations)
    variance, moved = _variance_and_moved(exposures, R)
    if variance == 0.0:
        return np.zeros(len(exposures))
    scale = _normal_scale(confidence, horizon_days)
    return scale * exposures * moved / math.sqrt(variance)


def _normal_scale(confidence: float, horizon_days: float) -> float:
    """Standard deviations of a year that the quantile at the horizon lies away from the mean."""
    check.inside(0, 1, confidence=confidence)
    check.not_negative(horizon_days=horizon_days)
    return float(normal_multiple(confidence)) * math.sqrt(horizon_days / DAYS_PER_YEAR)


def _exposures(
    name: str, amounts: Floats, volatilities: Floats, correlations: Floats | float
) -> tuple[Floats, Floats]:
    """Amounts times volatilities, and the correlation matrix, all checked."""
    check.aligned(1, **{name: amounts, "volatilities": volatilities})
    check.not_negative(volatilities=volatilities)
    return amounts * volatilities, correlation_matrix(correlations, len(amounts), name)


def correlation_matrix(correlations: Floats | float, size: int, name: str) -> Floats:
    """A correlation matrix of `size` rows, checked; one number serves two assets.

    What lies beyond ±1 by rounding (covariances over deviations, in Excel, give 1.0000000000000002)
    is cut to ±1, and so is the diagonal.
    """
    R = np.atleast_2d(np.asarray(correlations, dtype=np.float64))
    if np.ndim(correlations) == 0 and size == 2:
        R = np.array([[1.0, correlations], [correlations, 1.0]], dtype=np.float64)
    if R.shape != (size, size):
        raise InputError(
            f"correlations must be {size} × {size} for {size} {name}, "
            f"got {R.shape[0]} × {R.shape[1]}"
        )
    beyond = np.abs(R) > 1 + ROUNDING
    check.require(~beyond, "correlations must lie between -1 and 1", R)
    check.require(
        np.abs(np.diag(R) - 1) <= ROUNDING, "correlations must be 1 on the diagonal", np.diag(R)
    )
    check.require(np.abs(R - R.T) <= ROUNDING, "correlations must be symmetric")
    R = np.clip(R, -1.0, 1.0)
    np.fill_diagonal(R, 1.0)
    check.require(
        bool(np.linalg.eigvalsh(R)[0] >= -PSD_TOLERANCE * size),
        "correlations must be positive semi-definite: no assets can move like this together",
    )
    return R


def _variance_and_moved(exposures: Floats, R: Floats) -> tuple[float, Floats]:
    """x'Rx, with what is only rounding taken for 0, and Rx.

    Where all correlations are near 1 or −1, R = ss' − D with s of ±1 and a small D, whose 1 − ρ is
    exact in floating point. Then x'Rx = (s'x)² − x'Dx and Rx = s(s'x) − Dx, which for a hedge of
    two legs is (a − b)² + 2ab(1 − ρ): the digits of 1 − ρ stay, where a² + b² − 2abρ loses them.
    """
    signs = np.where(R[0] < 0, -1.0, 1.0)
    D = np.outer(signs, signs) - R
    if np.abs(D).max() > 0.5:
        signs, D = np.zeros(len(R)), -R
    common, left = float(signs @ exposures), D @ exposures
    variance = common**2 - float(exposures @ left)
    epsilon, size = 4 * float(np.finfo(np.float64).eps), np.abs(exposures)
    noise = (epsilon * float(size.sum())) ** 2 + epsilon * float(size @ np.abs(D) @ size)
    return variance if variance > noise else 0.0, signs * common - left
