"""What a venue requires: its brackets, initial and maintenance margin."""

from __future__ import annotations

from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.margin.maintenance import as_given, notional_of, requirement
from xlhedge.core.margin.schedules import only_schedule
from xlhedge.core.types import ContractType, Elementwise, Labelled
from xlhedge.errors import NoSolution


def tier(
    notional: Elementwise,
    tiers: Labelled[Tiers],
    what: Literal["rate", "amount", "margin", "max_leverage"] = "rate",
) -> Elementwise:
    """Maintenance rate, amount, margin or highest leverage of a notional in a venue's brackets.

    Parameters
    ----------
    notional
        Size of the position without sign, in the unit of floor: quote currency (linear) or coin
        (inverse), contracts, or coins.
    tiers
        The venue's brackets, smallest first, with the columns floor, rate and optionally amount,
        max_leverage, schedule (marginal or whole) and unit; the first floor is 0.
    what
        rate, amount (the maintenance amount), margin (the maintenance margin in the unit of
        notional) or max_leverage.

    Returns
    -------
    float or array
        What was asked for.

    Raises
    ------
    InputError
        For floors that do not start at 0 and rise, or an amount that differs from the one that
        rates and floors give.
    DomainError
        For a negative notional, a rate outside [0, 1), or rates that fall.
    NoSolution
        When max_leverage is asked for and blank in the bracket.

    Notes
    -----
    A bracket holds for floor < notional ≤ next floor, the first one for 0 too. Margin =
    rate · notional − amount, with amount₁ = 0 and
    amountₙ = amountₙ₋₁ + floorₙ · (rateₙ − rateₙ₋₁), which makes the margin continuous: each part
    of the notional pays the rate of its own bracket. In a whole schedule the whole notional pays
    the rate of its bracket, and all amounts are 0.

    References
    ----------
    Binance, "Leverage and margin of USDⓈ-M futures": the published amounts follow the recursion.

    Examples
    --------
    >>> from xlhedge import margin
    >>> tiers = {"floor": [0, 2000000], "rate": [0.005, 0.0075]}
    >>> margin.tier(3000000, tiers, "margin")
    17500.0
    >>> margin.tier(2000000, tiers)
    0.005
    """
    check.not_negative(notional=notional)
    schedule = only_schedule(tiers)
    index = schedule.bracket(notional)
    if what == "rate":
        return as_given(schedule.rate[index])
    if what == "amount":
        return as_given(schedule.amount[index])
    if what == "margin":
        return as_given(schedule.margin(notional))
    limit = schedule.max_leverage[index]
    sentence = "tiers must give max_leverage for the bracket of this notional"
    check.require(~np.isnan(limit), sentence, error=NoSolution)
    return as_given(limit)


def initial_margin(
    contracts: Elementwise,
    price: Elementwise,
    leverage: Elementwise,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
) -> Elementwise:
    """Initial margin of a futures position: its notional over the leverage.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    price
        Price at which the position is opened.
    leverage
        Leverage, 10 for tenfold.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear (margin in quote currency) or inverse (margin in coin).

    Returns
    -------
    float or array
        Margin, never negative: quote currency (linear) or coin (inverse).

    Raises
    ------
    DomainError
        For a price, size or leverage that is not positive.

    Notes
    -----
    abs(n) · size · price / leverage, or abs(n) · face / price / leverage in coin.

    References
    ----------
    XT help centre, "Position margin".

    Examples
    --------
    >>> from xlhedge import margin
    >>> margin.initial_margin(-1, 70000, 10)
    7000.0
    """
    check.positive(price=price, leverage=leverage, contract_size=contract_size)
    return as_given(notional_of(contracts, price, contract_size, contract_type) / leverage)


def maintenance_margin(
    contracts: Elementwise,
    price: Elementwise,
    maintenance_rate: Elementwise | None,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
    tiers: Labelled[Tiers] | None = None,
) -> Elementwise:
    """Maintenance margin of a futures position at a price, by a rate or by a venue's brackets.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    price
        Mark price.
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear (margin in quote currency) or inverse (margin in coin).
    tiers
        The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.

    Returns
    -------
    float or array
        Margin, never negative: quote currency (linear) or coin (inverse).

    Raises
    ------
    InputError
        With neither maintenance_rate nor tiers, or with both.
    DomainError
        For a price or size that is not positive, or a rate outside [0, 1).

    Notes
    -----
    rate · notional − amount, with the notional abs(n) · size · price, or abs(n) · face / price in
    coin; the amount is 0 without tiers and MARGIN_TIER's with them.

    References
    ----------
    Binance, "Leverage and margin of COIN-M futures".

    Examples
    --------
    >>> from xlhedge import margin
    >>> margin.maintenance_margin(-1, 70000, 0.005)
    350.0
    """
    check.positive(price=price, contract_size=contract_size)
    need = requirement(maintenance_rate, tiers, contracts, contract_size, contract_type)
    return as_given(need.margin(notional_of(contracts, price, contract_size, contract_type)))
