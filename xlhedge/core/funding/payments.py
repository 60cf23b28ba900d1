"""Funding of perpetual futures: the rate and the cash."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import ContractType, Elementwise, Series

HOURS_PER_YEAR = 8760.0


def rate(
    premium: Elementwise,
    interest: Elementwise = 0.0001,
    interval_hours: Elementwise = 8,
    clamp: Elementwise = 0.0005,
    cap: Elementwise | None = None,
    scaling: Literal["interest", "whole"] = "interest",
) -> Elementwise:
    """Funding rate per interval that a venue sets from the average premium.

    Parameters
    ----------
    premium
        Average premium index over the interval, as a decimal; positive while the perpetual trades
        above spot.
    interest
        Interest component per 8 hours.
    interval_hours
        Hours between two payments.
    clamp
        Largest pull towards the interest rate.
    cap
        Largest absolute rate per interval; blank = none.
    scaling
        interest scales only the interest component to the interval; whole scales the rate for 8
        hours, as Hyperliquid does.

    Returns
    -------
    float or array
        Decimal per interval; positive is paid by longs to shorts.

    Raises
    ------
    DomainError
        For interval_hours that is not positive, or a negative clamp or cap.

    Notes
    -----
    interest: P + clip(I · h/8 − P, ±clamp). whole: (P + clip(I − P, ±clamp)) · h/8. Either is then
    cut at ±cap.

    Which one a venue uses is in its contract's rules. Hyperliquid needs `whole` with an
    interval_hours of 1: it calculates the rate for 8 hours and pays an eighth of it every hour, so
    that `interest` gives a rate up to eight times too high there. Binance needs `whole` too since
    18 September 2025, where its interval is not 8 hours. At 8 hours both are the same.

    References
    ----------
    doc.sat.is, "Calculation of Funding Rate". Kraken support, article 360022835911, on the
    funding of inverse perpetuals. Hyperliquid Docs, "Funding". Binance announcement of the funding
    rate formula F = [P + clamp(I − P)] / (8/N) from 18 September 2025.

    Examples
    --------
    >>> from xlhedge import funding
    >>> funding.rate(0)
    0.0001
    >>> round(funding.rate(0.002), 6)
    0.0015
    """
    check.positive(interval_hours=interval_hours)
    check.not_negative(clamp=clamp)
    share = interval_hours / 8
    if scaling == "whole":
        result = _pulled(premium, interest, clamp) * share
    else:
        result = _pulled(premium, interest * share, clamp)
    if cap is None:
        return result  # type: ignore[no-any-return]
    check.not_negative(cap=cap)
    return np.clip(result, -cap, cap)  # type: ignore[no-any-return]


def _pulled(premium: Elementwise, interest: Elementwise, clamp: Elementwise) -> Any:
    """The premium moved towards the interest rate by at most `clamp`."""
    return np.clip(interest, premium - clamp, premium + clamp)


def annual(
    rates: Series,
    interval_hours: Series | float = 8,
    compounding: Literal["simple", "compound"] = "simple",
) -> float:
    """Funding rate per year from rates per interval.

    Parameters
    ----------
    rates
        Rates per interval as decimals: one, or a row or column of them.
    interval_hours
        Hours per interval: one number, or one for each rate where the venue changed its schedule.
    compounding
        simple, or compound when every payment is reinvested.

    Returns
    -------
    float
        Decimal per year of 365 days.

    Raises
    ------
    InputError
        When rates and interval_hours differ in length.
    DomainError
        For interval_hours that is not positive, or a rate of −1 or less with compound.

    Notes
    -----
    simple: Σ rate / Σ hours · 8760, which is mean · (24/h) · 365 for one interval length: × 3 × 365
    at 8 hours. compound: (Π(1 + rate))^(8760 / Σ hours) − 1.

    References
    ----------
    XT.COM (2026), Hedging with Crypto Futures: Institutional Risk Management Strategies.

    Examples
    --------
    >>> from xlhedge import funding
    >>> round(funding.annual(0.0001), 10)
    0.1095
    >>> round(funding.annual(0.0001, 8, "compound"), 6)
    0.115714
    """
    check.enough(1, rates=rates)
    if isinstance(interval_hours, np.ndarray):
        check.aligned(1, rates=rates, interval_hours=interval_hours)
    check.positive(interval_hours=interval_hours)
    hours = float(np.sum(np.broadcast_to(interval_hours, rates.shape)))
    if compounding == "simple":
        return float(np.sum(rates)) / hours * HOURS_PER_YEAR
    check.require(rates > -1, "rates must be above −1", rates)
    return float(np.expm1(np.sum(np.log1p(rates)) / hours * HOURS_PER_YEAR))


def pnl(
    contracts: Series | float,
    mark_prices: Series,
    rates: Series,
    contract_size: float = 1,
    contract_type: ContractType = "linear",
) -> float:
    """Funding received (positive) or paid (negative) by a position over a history.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short: one number, or one per payment.
    mark_prices
        Mark price at each payment.
    rates
        Funding rate of each payment; positive is paid by longs to shorts.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear or inverse.

    Returns
    -------
    float
        Sum of the cash flows, in quote currency (linear) or in coin (inverse).

    Raises
    ------
    InputError
        When the series differ in length.
    DomainError
        For a mark price or contract size that is not positive.

    Notes
    -----
    Linear: −Σ n · size · mark · rate. Inverse: −Σ n · face / mark · rate, in coin.

    References
    ----------
    Kraken support, article 360022835911, on the funding of inverse perpetuals.

    Examples
    --------
    A short of 10 coins at a mark of 2 receives one percent of a percent:

    >>> from xlhedge import funding
    >>> funding.pnl(-10, 2, 0.0001)
    0.002
    """
    check.aligned(1, mark_prices=mark_prices, rates=rates)
    if isinstance(contracts, np.ndarray):
        check.aligned(1, contracts=contracts, mark_prices=mark_prices)
    check.positive(mark_prices=mark_prices, contract_size=contract_size)
    value = mark_prices if contract_type == "linear" else 1 / mark_prices
    return -float(np.sum(contracts * contract_size * value * rates)) + 0.0


def breakeven(
    entry_premium: Elementwise,
    exit_premium: Elementwise,
    costs: Elementwise,
    financing_rate: Elementwise,
    days: Elementwise,
    interval_hours: Elementwise = 8,
) -> Elementwise:
    """Funding rate per interval at which a cash-and-carry (long spot, short perpetual) earns 0.

    Parameters
    ----------
    entry_premium
        Premium of the future over spot at entry, (F − S)/S as a decimal; it is earned.
    exit_premium
        Premium expected at exit; it is paid.
    costs
        All trading costs, in and out, as a share of the notional.
    financing_rate
        Cost of the cash per year as a decimal.
    days
        Days for which the position is held.
    interval_hours
        Hours between two funding payments.

    Returns
    -------
    float or array
        Decimal per interval; the position gains when the average rate is higher.

    Raises
    ------
    DomainError
        For days or interval_hours that is not positive.

    Notes
    -----
    ((exit − entry) + costs + financing · days/365) / (days · 24/h).

    References
    ----------
    Hull, Options, Futures and Other Derivatives, chapter "Determination of forward and futures
    prices", on the cost of carry.

    Examples
    --------
    >>> from xlhedge import funding
    >>> round(funding.breakeven(0.001, 0, 0.002, 0.05, 30), 9)
    5.6773e-05
    """
    check.positive(days=days, interval_hours=interval_hours)
    needed = (exit_premium - entry_premium) + costs + financing_rate * days / 365
    return needed / (days * 24 / interval_hours)
