"""Maintenance schedules: brackets in which margin is a straight line of the notional.

A schedule is rate · x − amount between its floors, x the notional in the unit of margin (quote
currency for linear, coin for inverse contracts). Marginal schedules are continuous; whole ones,
whose amounts are 0, jump at their floors. Brackets in contracts or coins do not depend on the
price: for a position they are one rate.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.names import key
from xlhedge.core.book.ranges import Tiers, check_rows, refuse
from xlhedge.core.types import Elementwise, Floats
from xlhedge.errors import InputError


class Schedule(NamedTuple):
    """Brackets, smallest first: floor < size ≤ next floor, the first one for 0 too."""

    floor: Floats
    rate: Floats
    amount: Floats
    max_leverage: Floats
    whole: bool = False
    unit: str = "notional"

    def bracket(self, size: Elementwise) -> Any:
        """Index of the bracket that holds for a size in the unit of floor."""
        return np.searchsorted(self.floor[1:], size, side="left")

    def margin(self, size: Elementwise) -> Any:
        """Maintenance of a size, in the unit of floor."""
        index = self.bracket(size)
        return self.rate[index] * size - self.amount[index]

    def rate_of(self, size: Elementwise) -> Any:
        """Maintenance as a share of the size, for brackets that do not depend on the price."""
        size = np.asarray(size, dtype=np.float64)
        index = self.bracket(size)
        return self.rate[index] - self.amount[index] / np.where(size > 0, size, 1.0)


def flat(rate: float, amount: float = 0.0) -> Schedule:
    """One rate, less an amount where the margin leaves room for it: never below 0."""
    none = np.full(2, np.nan)
    if amount == 0 or rate == 0:
        return Schedule(np.zeros(1), np.array([rate if amount == 0 else 0.0]), np.zeros(1), none)
    floors = np.array([0.0, amount / rate])
    return Schedule(floors, np.array([0.0, rate]), np.array([0.0, amount]), none)


def amounts_of(floor: Floats, rate: Floats) -> Floats:
    """Amounts that make the margin continuous: 0, then + floor · step of rate."""
    steps = np.zeros(len(rate))
    steps[1:] = rate[1:] - rate[:-1]
    amounts: Floats = (floor * steps).cumsum()
    return amounts


def schedule_of(tiers: Tiers, rows: Any = None) -> Schedule:
    """The schedule that some rows of tiers make, all of them where `rows` is left out.

    Raises
    ------
    InputError
        For floors that do not start at 0 and rise, rows that are of several schedules or units, or
        an amount that differs from the one that rates and floors give.
    DomainError
        For rates that fall.
    """
    rows = np.arange(len(tiers.floor)) if rows is None else rows
    floor, rate, amount = tiers.floor[rows], tiers.rate[rows], tiers.amount[rows]
    kinds = [np.asarray(column)[rows].tolist() for column in (tiers.schedule, tiers.unit)]
    for column, values, blank in zip(
        ("schedule", "unit"), kinds, ("marginal", "notional"), strict=True
    ):
        values[:] = [value or blank for value in values]
        for place, value in enumerate(values):
            if value != values[0]:
                refuse("tiers", int(rows[place]), f"must be {values[0]} as above", column)
    whole = kinds[0][0] == "whole"
    if floor[0] != 0:
        raise InputError(f"tiers must start at floor 0, got {floor[0]:.12g}")
    _check(rows, "floor", np.diff(floor, prepend=-1.0) > 0, floor, "be above the floor before it")
    rises = _placed(tiers, rows, np.diff(rate, prepend=0.0) >= 0)
    check_rows("tiers", "rate", rises, tiers.rate, "not be below the rate before it")
    if whole:
        _check(rows, "amount", ~(np.abs(amount) > 0), amount, "be blank in a whole schedule")
        wanted = np.zeros(len(rate))
    else:
        wanted = amounts_of(floor, rate)
        # Venues round their amounts; a millionth of the maintenance margin is such a rounding.
        good = ~(np.abs(amount - wanted) > 1e-6 * floor * rate)
        for row in np.flatnonzero(~good)[:1].tolist():
            must = f"be {wanted[row]:.12g} by the rates and floors"
            _check(rows, "amount", good, amount, must)
    return Schedule(floor, rate, wanted, tiers.max_leverage[rows], whole, kinds[1][0])


def only_schedule(tiers: Tiers) -> Schedule:
    """The schedule of tiers that are about one contract."""
    for column in _KEYS:
        values = np.asarray(getattr(tiers, column)).tolist()
        for row, value in enumerate(values):
            if key(value) != key(values[0]):
                message = f"must be the same in all rows here, got {value} after {values[0]}: "
                refuse("tiers", row, message + "give the brackets of one contract", column)
    return schedule_of(tiers)


_KEYS = ("asset", "account", "instrument", "contract")


class Schedules:
    """A table of several schedules, and which of them a position has.

    Parameters
    ----------
    tiers
        The table; None is an empty one.
    """

    def __init__(self, tiers: Tiers | None) -> None:
        self._rows: dict[tuple[str, ...], list[int]] = {}
        if tiers is not None:
            columns = [np.asarray(getattr(tiers, column)).tolist() for column in _KEYS]
            for row, names in enumerate(zip(*columns, strict=True)):
                self._rows.setdefault(tuple(map(key, names)), []).append(row)
        self._made = {
            names: schedule_of(tiers, np.array(rows))  # type: ignore[arg-type]
            for names, rows in self._rows.items()
        }

    def of(self, row: int, *names: str) -> Schedule | None:
        """The schedule with the most columns that match, None where none does.

        Parameters
        ----------
        row
            The position's row, for the sentence.
        names
            Its asset, account, instrument and contract.
        """
        wanted = tuple(map(key, names))
        matching = [
            (sum(map(bool, have)), have)
            for have in self._made
            if all(not mine or mine == theirs for mine, theirs in zip(have, wanted, strict=True))
        ]
        if not matching:
            return None
        most = max(count for count, _ in matching)
        best = [have for count, have in matching if count == most]
        if len(best) > 1:
            firsts = " and ".join(str(self._rows[have][0] + 2) for have in best[:2])
            message = f"has two schedules of tiers that fit equally, from rows {firsts} on"
            refuse("positions", row, message)
        return self._made[best[0]]


def _placed(tiers: Tiers, rows: Any, good: Any) -> Any:
    """Flags of some rows among all of them."""
    flags = np.ones(len(tiers.floor), dtype=bool)
    flags[rows] = good
    return flags


def _check(rows: Any, column: str, good: Any, values: Floats, must: str) -> None:
    for place in np.flatnonzero(~np.asarray(good))[:1].tolist():
        message = f"must {must}, got {values[place]:.12g}"
        refuse("tiers", int(rows[place]), message, column)
