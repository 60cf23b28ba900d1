"""Liquidation: the price at which equity meets maintenance."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.margin.maintenance import (
    Line,
    as_given,
    check_rate_or_tiers,
    line_at_root,
    orientation,
    price_at,
    requirement,
    worth,
)
from xlhedge.core.types import ContractType, Elementwise, Labelled
from xlhedge.errors import NoSolution

Side = Literal["short", "long"]


def liquidation_price(
    contracts: Elementwise,
    entry_price: Elementwise,
    wallet_balance: Elementwise,
    maintenance_rate: Elementwise | None,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
    maintenance_amount: Elementwise = 0,
    fee_rate: Elementwise = 0,
    convention: Literal["mark", "entry"] = "mark",
    tiers: Labelled[Tiers] | None = None,
) -> Elementwise:
    """Liquidation price of a futures position: the price at which equity equals maintenance.

    Tables of brackets are marginal at Binance, Bybit, Gate and Hyperliquid: each part of a position
    pays the rate of its own bracket. BitMEX, KuCoin, OKX and Bitget charge a bracket's rate on the
    whole position: give their tables the column schedule with "whole", and so where a venue does
    not say, as Kraken and XT. How each is entered is in docs/venues.md.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    entry_price
        Average entry price.
    wallet_balance
        Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear or inverse.
    maintenance_amount
        Maintenance amount of the tier, which venues also call deduction or "cum"; in the unit of
        wallet_balance.
    fee_rate
        Liquidation fee rate where the venue counts it as part of maintenance.
    convention
        mark: maintenance is on the price itself (most venues); entry: it is fixed at entry value.
    tiers
        The venue's brackets, with the columns floor, rate and optionally amount, max_leverage,
        schedule (marginal or whole) and unit of floor (notional, contracts or coins); then
        maintenance_rate is blank.

    Returns
    -------
    float or array
        Price in quote currency. Shorts are liquidated at or above it, longs at or below.

    Raises
    ------
    InputError
        With neither maintenance_rate nor tiers, or tiers and a rate or an amount as well.
    DomainError
        For a price or size that is not positive, a rate outside [0, 1), rate and fee that leave
        no price (1 or more where the position gains with its notional), or a maintenance that is
        negative at the answer, since then the amount belongs to another tier.
    NoSolution
        Without a position, and where no positive price liquidates it.

    Notes
    -----
    With s the sign of contracts, Q = abs(contracts) · size, E entry, W wallet, m rate, c amount,
    f fee:

    - linear, mark: P = (W + c − sQE) / (Q(m + f) − sQ), which is (W + c + QE)/(Q(1 + m + f)) for
      a short and (QE − W − c)/(Q(1 − m − f)) for a long;
    - linear, entry: P = E − s(W + c − QE(m + f))/Q;
    - inverse, N = abs(contracts) · face: P = N(1 + s(m + f))/(N/E + s(W + c)) by mark and
      N/(N/E + s(W + c − (m + f)N/E)) by entry value.

    Tiers hold from floor < notional on, up to and including the next floor, notional in coin for
    inverse contracts; by mark the tier is the one at P itself, by entry the one at entry. A whole
    schedule jumps at its floors: P is the first price from entry on at which equity is at or below
    maintenance, which may be a floor itself. A wallet below maintenance at entry is carried by
    unrealised gains: P is then on the gain side.

    A widely copied formula divides a short's by 1 − m, and another gives shorts the long's
    E(1 − 1/leverage + m). Both are wrong: see docs/errata.md.

    References
    ----------
    Binance, "How to calculate liquidation price of USDⓈ-M futures contracts", and the examples of
    Bybit, KuCoin, Phemex and Hyperliquid among this project's golden rows.

    Examples
    --------
    A short of 1 coin from 70,000 with 7,000 of margin and 0.5 % maintenance, by mark and by entry:

    >>> from xlhedge import margin
    >>> round(margin.liquidation_price(-1, 70000, 7000, 0.005), 2)
    76616.92
    >>> round(margin.liquidation_price(-1, 70000, 7000, 0.005, convention="entry"), 2)
    76650.0
    """
    check.positive(entry_price=entry_price, contract_size=contract_size)
    _require_position(contracts)
    need = requirement(
        maintenance_rate,
        tiers,
        contracts,
        contract_size,
        contract_type,
        fee_rate,
        maintenance_amount,
    )
    orient = orientation(contracts, contract_type)
    units = np.abs(contracts) * contract_size
    at_entry = worth(units, entry_price, contract_type)
    bankruptcy_notional = at_entry - orient * wallet_balance
    highest: Any = np.inf
    if convention == "mark":
        together = need.highest_rate + fee_rate
        solvable = np.all(together < 1) or (orient < 0) | (together < 1)
        check.require(solvable, "maintenance_rate + fee_rate must be below 1", together)
        line = Line(need.rate, need.amount)
        if need.schedule is not None:
            line, highest = line_at_root(
                orient, at_entry, bankruptcy_notional, fee_rate, need.schedule
            )
        fraction = line.rate + fee_rate
        notional = (bankruptcy_notional - orient * line.amount) / (1 - orient * fraction)
        base = notional = np.minimum(notional, highest)
    else:
        line = need.at(at_entry)
        base = at_entry
        notional = bankruptcy_notional + orient * need.margin(at_entry)
    _require_root(notional, at_entry, orient)
    if tiers is None:  # within its bracket it is never negative
        maintenance = line.rate * base - line.amount
        check.require(
            maintenance >= -1e-12 * np.abs(line.amount),
            "maintenance_amount must belong to the tier of the liquidation price: "
            "the maintenance margin is negative there",
            maintenance,
        )
    return as_given(price_at(units, notional, contract_type))


def bankruptcy_price(
    contracts: Elementwise,
    entry_price: Elementwise,
    wallet_balance: Elementwise,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
) -> Elementwise:
    """Bankruptcy price of a futures position: the price at which its equity is zero.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    entry_price
        Average entry price.
    wallet_balance
        Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear or inverse.

    Returns
    -------
    float or array
        Price in quote currency; beyond it the loss exceeds the margin.

    Raises
    ------
    DomainError
        For a price or size that is not positive.
    NoSolution
        Without a position, and where no positive price brings equity to zero.

    Notes
    -----
    Linear: P = E − sW/Q. Inverse: P = N/(N/E + sW). It is LIQ_PRICE without maintenance and fee.

    References
    ----------
    Bybit help centre, "Bankruptcy price".

    Examples
    --------
    >>> from xlhedge import margin
    >>> margin.bankruptcy_price(-1, 70000, 7000)
    77000.0
    """
    check.positive(entry_price=entry_price, contract_size=contract_size)
    _require_position(contracts)
    orient = orientation(contracts, contract_type)
    units = np.abs(contracts) * contract_size
    at_entry = worth(units, entry_price, contract_type)
    notional = at_entry - orient * wallet_balance
    _require_root(notional, at_entry, orient)
    return as_given(price_at(units, notional, contract_type))


def approximate_price(
    entry_price: Elementwise,
    initial_margin_rate: Elementwise,
    maintenance_rate: Elementwise,
    side: Side = "short",
) -> Elementwise:
    """Rule of thumb for a liquidation price from margin rates alone.

    Parameters
    ----------
    entry_price
        Average entry price.
    initial_margin_rate
        Margin as a share of the entry value: 1 / leverage.
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %.
    side
        short or long.

    Returns
    -------
    float or array
        Price in quote currency.

    Raises
    ------
    DomainError
        For a price or an initial_margin_rate that is not positive, or a maintenance_rate outside
        [0, 1).
    NoSolution
        For a long whose margin exceeds its value: it cannot be liquidated.

    Notes
    -----
    Short: E(1 + IMR − MMR); long: E(1 − IMR + MMR). It is LIQ_PRICE of a linear contract with the
    convention entry and wallet = IMR · entry value; LIQ_PRICE by mark is somewhat nearer.

    References
    ----------
    XT help centre, "Liquidation price".

    Examples
    --------
    >>> from xlhedge import margin
    >>> round(margin.approximate_price(70000, 0.1, 0.005), 2)
    76650.0
    """
    check.positive(entry_price=entry_price, initial_margin_rate=initial_margin_rate)
    check_rate_or_tiers(maintenance_rate, None)
    room = initial_margin_rate - maintenance_rate
    factor = 1 + room if side == "short" else 1 - room
    check.require(
        factor > 0,
        "this position cannot be liquidated: its margin covers its loss at every price",
        error=NoSolution,
    )
    return as_given(entry_price * factor)


def _require_position(contracts: Elementwise) -> None:
    is_open = np.asarray(contracts) != 0
    check.require(is_open, "contracts is 0: there is nothing to liquidate", error=NoSolution)


def _require_root(notional: Any, at_entry: Any, orient: Any) -> None:
    """The notional at the answer is positive, beyond the rounding of its parts."""
    exists = notional > 1e-14 * at_entry
    if np.all(exists):
        return
    check.require(
        exists | (orient < 0),
        "this position cannot be liquidated: the wallet balance covers its loss at every price",
        error=NoSolution,
    )
    check.require(
        exists,
        "no price holds this position: its equity is below maintenance at every price",
        error=NoSolution,
    )
