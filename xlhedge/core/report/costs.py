"""What hedging costs, and when to trade."""

from __future__ import annotations

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.sizing.contracts import round_to_lot
from xlhedge.core.types import Elementwise


def hedge_cost(
    notional: Elementwise,
    fee_rate: Elementwise = 0,
    spread: Elementwise = 0,
    impact: Elementwise = 0,
    funding_rate: Elementwise = 0,
    financing_rate: Elementwise = 0,
    days: Elementwise = 0,
    interval_hours: Elementwise = 8,
) -> Elementwise:
    """Cost of a short hedge over its life: trading in and out, funding and financing.

    Parameters
    ----------
    notional
        Value hedged in quote currency; its sign does not matter.
    fee_rate
        Trading fee per trade as a decimal; a rebate is negative.
    spread
        Difference of ask and bid over the price; half of it is paid per trade.
    impact
        Price moved by the own order per trade, as a decimal.
    funding_rate
        Average funding rate per interval; a positive one is received by the short.
    financing_rate
        Cost of the cash tied up, per year as a decimal.
    days
        Days for which the hedge is held.
    interval_hours
        Hours between two funding payments.

    Returns
    -------
    float or array
        Quote currency, positive = cost; negative when the funding received exceeds all costs.

    Raises
    ------
    DomainError
        For a negative spread, impact or days, or interval_hours that is not positive.

    Notes
    -----
    |notional| · [2 · (fee + spread/2 + impact) − funding_rate · days · 24/h
    + financing_rate · days/365].

    References
    ----------
    Perold (1988), The Implementation Shortfall: Paper versus Reality, Journal of Portfolio
    Management 14(3), 4-9.

    Examples
    --------
    >>> from xlhedge import report
    >>> round(report.hedge_cost(1000000, 0.0005, 0.0002), 6)
    1200.0
    >>> round(report.hedge_cost(1000000, 0.0005, 0.0002, 0, 0.0001, 0, 30), 6)
    -7800.0
    """
    check.not_negative(spread=spread, impact=impact, days=days)
    check.positive(interval_hours=interval_hours)
    trading = 2 * (fee_rate + spread / 2 + impact)
    received = funding_rate * days * 24 / interval_hours
    return np.abs(notional) * (trading - received + financing_rate * days / 365)


def rebalancing_trade(
    current_contracts: Elementwise,
    target_contracts: Elementwise,
    band: Elementwise = 0.05,
    lot: Elementwise = 1,
) -> Elementwise:
    """Contracts to trade to bring a hedge back to its target: 0 inside a band around it.

    Parameters
    ----------
    current_contracts
        Contracts held, positive = long, negative = short.
    target_contracts
        Contracts wanted.
    band
        Distance from the target that is left alone, as a share of the target.
    lot
        Multiple to which the trade is rounded, halves away from zero; 0 does not round.

    Returns
    -------
    float or array
        Positive = buy, negative = sell.

    Raises
    ------
    DomainError
        For a negative band or lot.

    Notes
    -----
    target − current where |current − target| > band · |target|, else 0. A distance that equals the
    band but for floating-point rounding is inside. With a target of 0 everything is closed.

    References
    ----------
    Davis, Norman (1990), Portfolio Selection with Transaction Costs, Mathematics of Operations
    Research 15(4), 676-713.

    Examples
    --------
    >>> from xlhedge import report
    >>> report.rebalancing_trade(-960, -1000)
    0.0
    >>> report.rebalancing_trade(-940, -1000)
    -60.0
    """
    check.not_negative(band=band, lot=lot)
    gap = target_contracts - current_contracts
    slack = 1e-14 * (np.abs(target_contracts) + np.abs(current_contracts))
    outside = np.abs(gap) > band * np.abs(target_contracts) + slack
    return round_to_lot(np.where(outside, gap, 0.0), lot)  # type: ignore[no-any-return]
