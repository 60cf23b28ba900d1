"""Several expiries: the curve of carry, and what a roll between two of them costs."""

from __future__ import annotations

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import ContractType, LabelValue, Series, Table
from xlhedge.errors import InputError

DAYS_PER_YEAR = 365.0


def carry_curve(spot_price: float, futures_prices: Series, days: Series) -> Table:
    """Carry of dated futures by expiry, and the forward carry between neighbouring expiries.

    Parameters
    ----------
    spot_price
        Spot price in quote currency.
    futures_prices
        Price of each dated future.
    days
        Days to expiry of each, in the same order; no two alike.

    Returns
    -------
    table
        A header row, then one row per expiry, the nearest first: days, price, basis (spot −
        future), carry (simple, per year), forward_carry (between the expiry before and this one;
        from today for the first).

    Raises
    ------
    InputError
        When lengths differ or two futures have the same days.
    DomainError
        For a price or days that is not positive.

    Notes
    -----
    carry = (F/S − 1)·365/days; forward_carry = (Fᵢ/Fᵢ₋₁ − 1)·365/(daysᵢ − daysᵢ₋₁), with spot in
    place of the price before the first.

    References
    ----------
    Hull, Options, Futures and Other Derivatives, chapter "Determination of forward and futures
    prices".

    Examples
    --------
    >>> from xlhedge import basis
    >>> basis.carry_curve(50000, [51000, 50500], [146, 73]).round(6)
        days    price   basis  carry  forward_carry
    0   73.0  50500.0  -500.0   0.05       0.050000
    1  146.0  51000.0 -1000.0   0.05       0.049505
    """
    check.aligned(1, futures_prices=futures_prices, days=days)
    check.positive(spot_price=spot_price, futures_prices=futures_prices, days=days)
    order = np.argsort(days, kind="stable")
    price, time = futures_prices[order], days[order]
    if (np.diff(time) == 0).any():
        raise InputError("must differ from future to future", argument="days")
    before, start = np.append(spot_price, price[:-1]), np.append(0.0, time[:-1])
    columns = [
        time,
        price,
        spot_price - price,
        (price - spot_price) / spot_price * DAYS_PER_YEAR / time,
        (price - before) / before * DAYS_PER_YEAR / (time - start),
    ]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return Table(("days", "price", "basis", "carry", "forward_carry"), list(rows))


def roll_cost(
    contracts: float,
    near_price: float,
    far_price: float,
    near_days: float,
    far_days: float,
    contract_size: float = 1,
    contract_type: ContractType = "linear",
    fee_rate: float = 0,
    spread: float = 0,
) -> LabelValue:
    """What rolling a position from a near into a far expiry costs, and the carry that it locks in.

    Parameters
    ----------
    contracts
        Contracts as held, negative for a short.
    near_price
        Price of the expiry that is left.
    far_price
        Price of the expiry that is entered.
    near_days
        Days to the near expiry.
    far_days
        Days to the far expiry.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear or inverse.
    fee_rate
        Trading fee on the notional of each leg.
    spread
        Bid-ask spread relative to the price; half of it is paid on each leg.

    Returns
    -------
    table
        side (short or long), trading_cost (≥ 0), carry_locked (positive = received),
        annualised_roll, net (carry_locked − trading_cost, positive = gain); quote currency for
        linear, coin for inverse contracts.

    Raises
    ------
    DomainError
        For a price or size that is not positive, negative days, fee or spread, or far_days that are
        not above near_days.

    Notes
    -----
    trading_cost = (fee_rate + spread/2)·(near notional + far notional), in coin n·face/price for
    inverse contracts. carry_locked = −n·size·(far − near), inverse −n·face·(1/near − 1/far).
    annualised_roll = (far/near − 1)·365/(far_days − near_days). Without contracts all amounts are
    0.

    References
    ----------
    Hull, Options, Futures and Other Derivatives, section "Stack and roll".

    Examples
    --------
    A short of 10 coins, rolled into a future that is 500 dearer:

    >>> from xlhedge import basis
    >>> roll = basis.roll_cost(-10, 70000, 70500, 5, 96, fee_rate=0.0005)
    >>> roll.side, roll.trading_cost, roll.carry_locked, roll.net
    ('short', 702.5, 5000.0, 4297.5)
    >>> round(roll.annualised_roll, 6)
    0.02865
    """
    check.positive(near_price=near_price, far_price=far_price, contract_size=contract_size)
    check.not_negative(near_days=near_days, fee_rate=fee_rate, spread=spread)
    check.require(far_days > near_days, "must be above near_days", far_days, argument="far_days")
    units, difference = contracts * contract_size, far_price - near_price
    if contract_type == "linear":
        notional = abs(units) * (near_price + far_price)
        carry = -units * difference
    else:
        notional = abs(units) * (1 / near_price + 1 / far_price)
        carry = -units * (difference / near_price / far_price)
    cost = (fee_rate + spread / 2) * notional
    return {
        "side": "short" if contracts < 0 else "long",
        "trading_cost": cost,
        "carry_locked": carry + 0.0,
        "annualised_roll": difference / near_price * DAYS_PER_YEAR / (far_days - near_days),
        "net": carry - cost + 0.0,
    }
