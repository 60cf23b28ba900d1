"""Basis: spot against futures, and carry."""

from __future__ import annotations

from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import Elementwise, Floats, Series

DAYS_PER_YEAR = 365.0

Compounding = Literal["simple", "annual", "continuous"]


def log_basis(spot_prices: Series, futures_prices: Series) -> Floats:
    """Relative basis b = ln(S/F), row by row; a change of b is r_S − r_F."""
    check.aligned(1, spot_prices=spot_prices, futures_prices=futures_prices)
    check.positive(spot_prices=spot_prices, futures_prices=futures_prices)
    basis: Floats = log_ratio(spot_prices, futures_prices)
    return basis


def basis(
    spot_price: Elementwise,
    futures_price: Elementwise,
    unit: Literal["price", "pct", "bp", "log"] = "price",
) -> Elementwise:
    """Basis, spot minus futures: in quote currency, relative to spot, in basis points or in logs.

    Parameters
    ----------
    spot_price
        Spot price in quote currency.
    futures_price
        Futures price in quote currency.
    unit
        price (S − F), pct ((S − F)/S as a decimal), bp (the same in hundredths of a percent) or
        log (ln(S/F)).

    Returns
    -------
    float or array
        Negative while the future trades above spot (contango).

    Raises
    ------
    DomainError
        For a price that is not positive.

    Notes
    -----
    Long spot and short futures gain when the basis rises: P&L = basis₁ − basis₀. Venues quote the
    opposite sign as premium; CARRY_RATE has that one.

    References
    ----------
    Hull, Options, Futures and Other Derivatives, section "Basis risk".

    Examples
    --------
    >>> from xlhedge import basis
    >>> basis.basis(50000, 50100)
    -100.0
    >>> basis.basis(50000, 50100, "bp")
    -20.0
    """
    check.positive(spot_price=spot_price, futures_price=futures_price)
    if unit == "log":
        return log_ratio(spot_price, futures_price)  # type: ignore[no-any-return]
    difference = spot_price - futures_price
    if unit == "price":
        return difference
    return difference / spot_price * (10_000 if unit == "bp" else 1)


def hedged_pnl(
    spot_entry: Elementwise,
    futures_entry: Elementwise,
    spot_exit: Elementwise,
    futures_exit: Elementwise,
    quantity: Elementwise = 1,
    hedge_ratio: Elementwise = 1,
) -> Elementwise:
    """Profit and loss of a spot holding hedged with futures: the change of the basis.

    Parameters
    ----------
    spot_entry
        Spot price at the start.
    futures_entry
        Futures price at the start.
    spot_exit
        Spot price at the end.
    futures_exit
        Futures price at the end.
    quantity
        Coins of spot held, positive = long spot and short futures, negative = the reverse.
    hedge_ratio
        Coins of futures sold per coin of spot.

    Returns
    -------
    float or array
        Quote currency, positive = gain; without fees and funding.

    Raises
    ------
    DomainError
        For a price that is not positive.

    Notes
    -----
    quantity · [(S₁ − S₀) − hedge_ratio · (F₁ − F₀)]; with a ratio of 1, quantity · (basis₁ −
    basis₀).

    References
    ----------
    Hull, Options, Futures and Other Derivatives, section "Basis risk".

    Examples
    --------
    >>> from xlhedge import basis
    >>> basis.hedged_pnl(70000, 70500, 60000, 60100, 2)
    800.0
    """
    check.positive(
        spot_entry=spot_entry,
        futures_entry=futures_entry,
        spot_exit=spot_exit,
        futures_exit=futures_exit,
    )
    return quantity * ((spot_exit - spot_entry) - hedge_ratio * (futures_exit - futures_entry))


def carry_rate(
    spot_price: Elementwise,
    futures_price: Elementwise,
    days: Elementwise,
    compounding: Compounding = "simple",
) -> Elementwise:
    """Annual rate that a dated future pays over spot until it expires.

    Parameters
    ----------
    spot_price
        Spot price in quote currency.
    futures_price
        Futures price in quote currency.
    days
        Days to expiry.
    compounding
        simple, annual or continuous.

    Returns
    -------
    float or array
        Decimal per year of 365 days, positive while the future trades above spot.

    Raises
    ------
    DomainError
        For a price or days that is not positive.

    Notes
    -----
    Simple: (F/S − 1) · 365/days. Annual: (F/S)^(365/days) − 1. Continuous: ln(F/S) · 365/days.

    References
    ----------
    Hull, Options, Futures and Other Derivatives, chapter "Determination of forward and futures
    prices".

    Examples
    --------
    >>> from xlhedge import basis
    >>> round(basis.carry_rate(50000, 50100, 30), 6)
    0.024333
    """
    check.positive(spot_price=spot_price, futures_price=futures_price, days=days)
    per_year = DAYS_PER_YEAR / days
    if compounding == "simple":
        return (futures_price - spot_price) / spot_price * per_year
    continuous = log_ratio(futures_price, spot_price) * per_year
    return np.expm1(continuous) if compounding == "annual" else continuous  # type: ignore[no-any-return]


def fair_future(
    spot_price: Elementwise,
    carry_rate: Elementwise,
    days: Elementwise,
    compounding: Compounding = "simple",
) -> Elementwise:
    """Futures price at which a dated future pays a given annual carry: the inverse of CARRY_RATE.

    Parameters
    ----------
    spot_price
        Spot price in quote currency.
    carry_rate
        Carry per year as a decimal.
    days
        Days to expiry.
    compounding
        simple, annual or continuous.

    Returns
    -------
    float or array
        Futures price in quote currency.

    Raises
    ------
    DomainError
        For a spot price that is not positive, negative days, or a carry so low that the future
        would not be worth anything.

    Notes
    -----
    With T = days/365, simple: S · (1 + cT); annual: S · (1 + c)^T; continuous: S · e^(cT).

    References
    ----------
    Hull, Options, Futures and Other Derivatives, chapter "Determination of forward and futures
    prices".

    Examples
    --------
    >>> from xlhedge import basis
    >>> round(basis.fair_future(70000, 0.1, 91, "continuous"), 2)
    71767.14
    """
    check.positive(spot_price=spot_price)
    check.not_negative(days=days)
    years = days / DAYS_PER_YEAR
    if compounding == "simple":
        growth = 1 + carry_rate * years
        check.require(growth > 0, "carry_rate must leave a positive futures price", carry_rate)
        return spot_price * growth
    if compounding == "annual":
        check.require(carry_rate > -1, "carry_rate must be above −1", carry_rate)
        return spot_price * np.exp(np.log1p(carry_rate) * years)
    return spot_price * np.exp(carry_rate * years)
