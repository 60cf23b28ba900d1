"""Notional, equity and maintenance: what margin and liquidation functions share.

Everything is done in the unit in which a contract is margined: quote currency for linear, coin for
inverse contracts. With x the notional in that unit, equity is W + o·(x − x₀), where x₀ is the
notional at entry and o, the orientation, is +1 for linear longs and inverse shorts and −1 for
linear shorts and inverse longs. So both kinds of contract share one equation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.types import ContractType, Elementwise, Floats
from xlhedge.errors import InputError

CALL_RATIO = 0.5
"""A margin call brings the ratio of maintenance to equity back to this."""


class Schedule(NamedTuple):
    """Maintenance margin rate and amount: rate · notional − amount."""

    rate: Any
    amount: Any


def notional_of(
    contracts: Elementwise,
    price: Elementwise,
    contract_size: Elementwise,
    contract_type: ContractType,
) -> Any:
    """Unsigned size of the position at a price: quote currency (linear) or coin (inverse)."""
    return worth(np.abs(contracts) * contract_size, price, contract_type)


def worth(units: Elementwise, price: Elementwise, contract_type: ContractType) -> Any:
    """Notional at a price of that many coins (linear) or that face value (inverse)."""
    return units * price if contract_type == "linear" else units / price


def price_at(units: Elementwise, notional: Elementwise, contract_type: ContractType) -> Any:
    """The price at which they have that notional."""
    return notional / units if contract_type == "linear" else units / notional


def orientation(contracts: Elementwise, contract_type: ContractType) -> Any:
    """+1 where equity rises with the notional (linear long, inverse short), else −1."""
    held = np.asarray(contracts)
    return np.where(held > 0 if contract_type == "linear" else held <= 0, 1.0, -1.0)


def bracket(notional: Elementwise, tiers: Tiers) -> Any:
    """Index of the tier that holds: floor < notional ≤ next floor, the first one at 0."""
    return np.searchsorted(tiers.floor[1:], notional, side="left")


def schedule_at(
    notional: Elementwise,
    maintenance_rate: Elementwise | None,
    tiers: Tiers | None,
    maintenance_amount: Elementwise = 0,
) -> Schedule:
    """Rate and amount for a notional: the tier's, or the two that were given."""
    check_rate_or_tiers(maintenance_rate, tiers, maintenance_amount)
    if tiers is None:
        return Schedule(maintenance_rate, maintenance_amount)
    index = bracket(notional, tiers)
    return Schedule(tiers.rate[index], tiers.amounts[index])


def check_rate_or_tiers(
    maintenance_rate: Elementwise | None,
    tiers: Tiers | None,
    maintenance_amount: Elementwise = 0,
) -> None:
    """Either a rate with its amount, or tiers."""
    if tiers is None:
        if maintenance_rate is None:
            raise InputError("maintenance_rate is missing: give it, or tiers")
        good = (maintenance_rate >= 0) & (maintenance_rate < 1)
        check.require(good, "maintenance_rate must lie in [0, 1)", maintenance_rate)
        check.not_negative(maintenance_amount=maintenance_amount)
        return
    if maintenance_rate is not None:
        only = "maintenance_rate must be blank where tiers are given"
        check.require(
            np.full(np.shape(maintenance_rate), False), only, maintenance_rate, InputError
        )
    only = "maintenance_amount must be blank where tiers are given"
    check.require(np.asarray(maintenance_amount) == 0, only, maintenance_amount, InputError)


def maintenance_of(
    notional: Elementwise, maintenance_rate: Elementwise | None, tiers: Tiers | None
) -> Any:
    """Maintenance margin of a notional."""
    rate, amount = schedule_at(notional, maintenance_rate, tiers)
    return rate * notional - amount


def schedule_at_root(
    orient: Elementwise,
    shortfall: Elementwise,
    fee_rate: Elementwise,
    tiers: Tiers,
) -> Schedule:
    """Rate and amount of the tier that holds where equity meets maintenance.

    Parameters
    ----------
    orient
        Orientation o, +1 or −1.
    shortfall
        x₀ − o·W: the notional at which equity is 0.
    fee_rate
        Liquidation fee rate f on the notional.
    tiers
        The brackets.

    Notes
    -----
    Maintenance M is continuous, with slopes below 1, so o·(W + o(x − x₀) − M(x) − f·x) rises with
    x: the root lies above a floor exactly where this is negative at the floor. The count of such
    floors is the tier, and there is one and only one, also where rounding blurs a border.
    """
    amounts = tiers.amounts
    at_floor: Floats = tiers.rate * tiers.floor - amounts
    shape = np.broadcast_shapes(np.shape(orient), np.shape(fee_rate), np.shape(shortfall))
    rising, falling = np.zeros((2, *shape), dtype=np.uint8 if len(at_floor) <= 256 else np.intp)
    # A comparison with one number is quicker than a choice for each element: both are counted.
    for floor, margin in zip(tiers.floor[1:].tolist(), at_floor[1:].tolist(), strict=True):
        rising += shortfall > floor * (1 - fee_rate) - margin
        falling += shortfall > floor * (1 + fee_rate) + margin
    falling += (rising - falling) * (orient > 0)  # unsigned: what wraps comes back
    count = falling.astype(np.intp)
    return Schedule(tiers.rate[count], amounts[count])


def as_given(values: Any) -> Elementwise:
    """A float for a scalar result, else the array."""
    return values if np.ndim(values) else float(values)
