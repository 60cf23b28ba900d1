"""Notional, equity and maintenance of one position: what the functions of one contract share.

Everything is done in the unit in which a contract is margined: quote currency for linear, coin for
inverse contracts. With x the notional in that unit, equity is W + o·(x − x₀), where x₀ is the
notional at entry and o, the orientation, is +1 for linear longs and inverse shorts and −1 for
linear shorts and inverse longs. So both kinds of contract share one equation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import PER_CENT, SHARE, Tiers
from xlhedge.core.margin.schedules import Schedule, only_schedule
from xlhedge.core.types import ContractType, Elementwise
from xlhedge.errors import InputError


class Line(NamedTuple):
    """Maintenance margin around a notional: rate · notional − amount."""

    rate: Any
    amount: Any


class Requirement(NamedTuple):
    """What a position must keep: a rate with its amount and fee, or brackets and a fee."""

    rate: Any
    amount: Any
    fee_rate: Any
    schedule: Schedule | None

    @property
    def highest_rate(self) -> Any:
        """The highest rate that can hold."""
        return self.rate if self.schedule is None else float(self.schedule.rate[-1])

    def at(self, notional: Elementwise) -> Line:
        """Rate and amount that hold for a notional, without the fee."""
        if self.schedule is None:
            return Line(self.rate, self.amount)
        index = self.schedule.bracket(notional)
        return Line(self.schedule.rate[index], self.schedule.amount[index])

    def margin(self, notional: Elementwise) -> Any:
        """Maintenance margin of a notional, with the fee."""
        line = self.at(notional)
        return (line.rate + self.fee_rate) * notional - line.amount


def requirement(
    maintenance_rate: Elementwise | None,
    tiers: Tiers | None,
    contracts: Elementwise,
    contract_size: Elementwise,
    contract_type: ContractType,
    fee_rate: Elementwise = 0,
    maintenance_amount: Elementwise = 0,
) -> Requirement:
    """A rate with its amount, or tiers; where the price changes no bracket, tiers become a rate."""
    check.not_negative(fee_rate=fee_rate)
    small = np.asarray(fee_rate) < 1
    check.require(small, f"must {PER_CENT}", fee_rate, argument="fee_rate")
    check_rate_or_tiers(maintenance_rate, tiers, maintenance_amount)
    if tiers is None:
        return Requirement(maintenance_rate, maintenance_amount, fee_rate, None)
    schedule = only_schedule(tiers)
    by_coins = schedule.unit == "coins"
    if schedule.unit == "notional" or (by_coins and contract_type == "inverse"):
        return Requirement(None, 0, fee_rate, schedule)
    size = np.abs(contracts) * contract_size if by_coins else np.abs(contracts)
    return Requirement(schedule.rate_of(size), 0, fee_rate, None)


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
    """The price at which that many units have that notional."""
    return notional / units if contract_type == "linear" else units / notional


def orientation(contracts: Elementwise, contract_type: ContractType) -> Any:
    """+1 where equity rises with the notional (linear long, inverse short), else −1."""
    held = np.asarray(contracts)
    return np.where(held > 0 if contract_type == "linear" else held <= 0, 1.0, -1.0)


def check_rate_or_tiers(
    maintenance_rate: Elementwise | None,
    tiers: Tiers | None,
    maintenance_amount: Elementwise = 0,
) -> None:
    """Either a rate with its amount, or tiers."""
    if tiers is None:
        if maintenance_rate is None:
            raise InputError("is missing: give it, or tiers", argument="maintenance_rate")
        name, rate = "maintenance_rate", np.asarray(maintenance_rate)
        check.require(rate >= 0, f"must {SHARE}", maintenance_rate, argument=name)
        check.require(rate < 1, f"must {PER_CENT}", maintenance_rate, argument=name)
        check.not_negative(maintenance_amount=maintenance_amount)
        return
    if maintenance_rate is not None:
        check.require(
            np.full(np.shape(maintenance_rate), False),
            "must be blank where tiers are given",
            maintenance_rate,
            InputError,
            argument="maintenance_rate",
        )
    check.require(
        np.asarray(maintenance_amount) == 0,
        "must be blank where tiers are given",
        maintenance_amount,
        InputError,
        argument="maintenance_amount",
    )


def line_at_root(
    orient: Elementwise,
    at_entry: Elementwise,
    bankruptcy_notional: Elementwise,
    fee_rate: Elementwise,
    schedule: Schedule,
) -> tuple[Line, Any]:
    """Rate and amount of the bracket that holds where equity meets maintenance.

    Parameters
    ----------
    orient
        Orientation o, +1 or −1.
    at_entry
        Notional at entry, x₀.
    bankruptcy_notional
        x₀ − o·W: the notional at which equity is 0.
    fee_rate
        Liquidation fee rate f on the notional.
    schedule
        The brackets.

    Returns
    -------
    tuple
        The line, and the notional of the floor itself where maintenance jumps over equity there
        (else infinite).

    Notes
    -----
    With maintenance M continuous and slopes below 1, o·(W + o(x − x₀) − M(x) − f·x) rises with x:
    the root lies above a floor exactly where this is negative at the floor. The count of such
    floors is the bracket, and there is one and only one, also where rounding blurs a border. For
    whole schedules see `_whole_root`.
    """
    if schedule.whole:
        return _whole_root(orient, at_entry, bankruptcy_notional, fee_rate, schedule)
    at_floor = schedule.rate * schedule.floor - schedule.amount
    shape = np.broadcast_shapes(np.shape(orient), np.shape(fee_rate), np.shape(bankruptcy_notional))
    rising, falling = np.zeros((2, *shape), dtype=np.uint8 if len(at_floor) <= 256 else np.intp)
    # A comparison with one number is quicker than a choice for each element: both are counted.
    for floor, margin in zip(schedule.floor[1:].tolist(), at_floor[1:].tolist(), strict=True):
        rising += bankruptcy_notional > floor * (1 - fee_rate) - margin
        falling += bankruptcy_notional > floor * (1 + fee_rate) + margin
    falling += (rising - falling) * (orient > 0)  # unsigned: what wraps comes back
    count = falling.astype(np.intp)
    return Line(schedule.rate[count], schedule.amount[count]), np.inf


def _whole_root(
    orient: Any, at_entry: Any, bankruptcy_notional: Any, fee_rate: Any, schedule: Schedule
) -> tuple[Line, Any]:
    """The bracket of the first boundary from entry, where the margin jumps at every floor.

    In bracket k equity less maintenance is o·(x − b) − (r + f)·x, b being the bankruptcy notional,
    with its root at x* = b / (1 − o·(r + f)).

    o = −1: it falls with x and falls again at each floor, so it crosses 0 once, in the highest
    bracket whose root lies above its floor, or at the next floor where the root lies beyond it.

    o = +1: it rises within a bracket and falls at each floor. From an entry above 0, on the way
    down, the first bracket with a root at or above its floor holds; from an entry below 0, on the
    way up, the first one with a root below the next floor.
    """
    shape = np.broadcast_shapes(*map(np.shape, (orient, fee_rate, bankruptcy_notional, at_entry)))
    orient, at_entry, bankruptcy_notional, fee_rate = (
        np.broadcast_to(np.asarray(part, dtype=np.float64), shape)
        for part in (orient, at_entry, bankruptcy_notional, fee_rate)
    )
    count = len(schedule.floor)
    entry_bracket = schedule.bracket(at_entry)
    held = at_entry - bankruptcy_notional - (schedule.rate[entry_bracket] + fee_rate) * at_entry > 0
    chosen = np.full(shape, -1)
    for bracket in range(count):
        rate, floor = schedule.rate[bracket] + fee_rate, schedule.floor[bracket]
        ceiling = schedule.floor[bracket + 1] if bracket + 1 < count else np.inf
        falling = (orient < 0) & (bankruptcy_notional / (1 + rate) > floor)
        root = bankruptcy_notional / (1 - rate)
        down = (orient > 0) & held & (bracket <= entry_bracket) & (root >= floor)
        up = (orient > 0) & ~held & (bracket >= entry_bracket) & (root < ceiling)
        chosen = np.where(falling | down | (up & (chosen < 0)), bracket, chosen)
    chosen = np.maximum(chosen, 0)
    ceilings = np.append(schedule.floor[1:], np.inf)
    highest = np.where(orient < 0, ceilings[chosen], np.inf)
    return Line(schedule.rate[chosen], np.zeros(shape)), highest


def as_given(values: Any) -> Elementwise:
    """A float for a scalar result, else the array."""
    return values if np.ndim(values) else float(values)
