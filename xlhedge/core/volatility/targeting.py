"""Volatility put to use: exposure, hedge and trades that follow a target."""

from __future__ import annotations

from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import Elementwise


def target_exposure(
    target_volatility: Elementwise,
    forecast_volatility: Elementwise,
    gross_exposure: Elementwise = 1,
    max_leverage: Elementwise = 1,
    min_exposure: Elementwise = 0,
) -> Elementwise:
    """Exposure that brings a forecast volatility to its target.

    Parameters
    ----------
    target_volatility
        Volatility wanted, per year.
    forecast_volatility
        Volatility expected without a hedge, per year.
    gross_exposure
        Exposure before scaling: 1 for a share, or money.
    max_leverage
        Largest multiple of gross_exposure.
    min_exposure
        Smallest multiple of gross_exposure.

    Returns
    -------
    float or array
        In the unit of gross_exposure.

    Raises
    ------
    DomainError
        For a forecast that is not positive, a negative target, or min_exposure above max_leverage.

    Notes
    -----
    gross · min(max_leverage, max(min_exposure, target/forecast)).

    References
    ----------
    XT.COM (2026), Hedging with Crypto Futures: Institutional Risk Management Strategies.
    Moreira, Muir (2017), Volatility-Managed Portfolios, Journal of Finance 72(4), 1611-1644.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> volatility.target_exposure(0.2, 0.8)
    0.25
    """
    check.not_negative(target_volatility=target_volatility)
    check.positive(forecast_volatility=forecast_volatility)
    fits = np.asarray(min_exposure <= max_leverage)
    check.require(fits, "min_exposure must not exceed max_leverage", min_exposure)
    scale = np.minimum(
        max_leverage, np.maximum(min_exposure, target_volatility / forecast_volatility)
    )
    return gross_exposure * scale


def target_hedge(
    target_volatility: Elementwise,
    forecast_volatility: Elementwise,
    residual_volatility: Elementwise = 0,
) -> Elementwise:
    """Share of a spot holding to hedge so that what is left has the target volatility.

    Parameters
    ----------
    target_volatility
        Volatility wanted for the whole, per year.
    forecast_volatility
        Volatility expected of spot, per year.
    residual_volatility
        Volatility of the hedged part, that of its basis, per year.

    Returns
    -------
    float or array
        Between 0 (no hedge needed) and 1.

    Raises
    ------
    DomainError
        For a forecast that is not positive, a negative target or residual, or a target that no
        hedge reaches.

    Notes
    -----
    0 where σ ≤ target. Else 1 − w with w the larger root of w²σ² + (1 − w)²ε² = target² (spot and
    basis independent): the smallest hedge that meets the target. With ε = 0 it is
    1 − target/σ. The least volatility that any hedge reaches is σε/√(σ² + ε²).

    With t = (target/σ)², e = (ε/σ)² and q = t(1 + e) − e, w = (e + √q)/(1 + e). 1 − w is taken as
    (1 − t)/(1 + √q), since 1 − q = (1 − t)(1 + e): it keeps its digits where target is near σ.

    References
    ----------
    XT.COM (2026), Hedging with Crypto Futures: Institutional Risk Management Strategies. The
    root with basis risk is derived in docs/errata.md.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> round(volatility.target_hedge(0.2, 0.8), 10)
    0.75
    >>> round(volatility.target_hedge(0.2, 0.8, 0.05), 4)
    0.7545
    """
    check.positive(forecast_volatility=forecast_volatility)
    check.not_negative(target_volatility=target_volatility, residual_volatility=residual_volatility)
    # In units of σ: (1 + e)w² − 2ew + e − t = 0.
    nearness = target_volatility / forecast_volatility
    t = _square(nearness)
    e = _square(residual_volatility / forecast_volatility)
    quarter = t * (1 + e) - e
    enough = np.asarray(t >= 1)
    reachable = enough | (quarter >= -1e-12 * e)
    check.require(
        reachable,
        "target_volatility must be within reach of a hedge with that residual_volatility",
        target_volatility,
    )
    # 1 − target/σ; from σ/2 on the difference of the two is exact.
    gap = np.where(
        nearness < 0.5,
        1 - nearness,
        (forecast_volatility - target_volatility) / forecast_volatility,
    )
    hedged = gap * (1 + nearness) / (1 + np.sqrt(np.maximum(quarter, 0)))
    return np.where(enough, 0.0, hedged)[()]


def _square(ratio: Elementwise) -> Elementwise:
    """Its square; infinite where that is too great, as ** is not for a Python number."""
    return ratio * ratio


def target_trade(
    current_exposure: Elementwise,
    target_exposure: Elementwise,
    band: Elementwise = 0.05,
    to: Literal["target", "edge"] = "target",
) -> Elementwise:
    """Change of exposure to trade: 0 inside a band around the target, else back to it.

    Parameters
    ----------
    current_exposure
        Exposure held.
    target_exposure
        Exposure wanted, in the same unit.
    band
        Distance from the target that is left alone, in the unit of the exposures.
    to
        target trades all the way, edge only to the nearer edge of the band.

    Returns
    -------
    float or array
        Positive = buy, negative = sell.

    Raises
    ------
    DomainError
        For a negative band.

    Notes
    -----
    0 where |target − current| ≤ band. A distance that equals the band but for floating-point
    rounding is inside.

    References
    ----------
    Davis, Norman (1990), Portfolio Selection with Transaction Costs, Mathematics of Operations
    Research 15(4), 676-713.

    Examples
    --------
    >>> from xlhedge import volatility
    >>> round(volatility.target_trade(0.5, 0.4), 12)
    -0.1
    >>> round(volatility.target_trade(0.5, 0.4, 0.05, "edge"), 12)
    -0.05
    """
    check.not_negative(band=band)
    gap = target_exposure - current_exposure
    slack = 1e-14 * (np.abs(target_exposure) + np.abs(current_exposure) + band)
    trade = gap if to == "target" else np.sign(gap) * (np.abs(gap) - band)
    return np.where(np.abs(gap) > band + slack, trade, 0.0)[()]
