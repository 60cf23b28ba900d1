"""The positions of accounts as venues margin them: legs, each with its brackets.

Rows of one account, asset, instrument and contract are one position. With gross netting its longs
and its shorts are a leg each, with net their difference is one, with larger the larger of the two.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.holdings import Book
from xlhedge.core.book.ranges import Tiers, refuse
from xlhedge.core.margin.schedules import Schedule, Schedules, flat
from xlhedge.core.types import Flags, Floats

_ALIKE = (
    "price",
    "contract_size",
    "maintenance_rate",
    "maintenance_amount",
    "fee_rate",
    "days",
    "beta",
)
"""What the rows of one position agree in."""


class Legs(NamedTuple):
    """Legs of all accounts; brackets are rows of arrays that are as wide as the longest schedule.

    Maintenance of a leg is rate · x − amount + fee · x in the unit of margin, with x = units · F
    for linear and units / F for inverse contracts.
    """

    row: Any
    """The first position of the leg, whose price is the leg's."""
    account: Any
    asset: Any
    units: Floats
    """Coins (linear) or face value (inverse), without sign."""
    price: Floats
    is_inverse: Flags
    fee_rate: Floats
    days: Floats
    """Days to expiry, infinite for perpetuals."""
    floor: Floats
    """Floors of the brackets after the first, infinite beyond the last."""
    rate: Floats
    amount: Floats
    whole: Flags

    @property
    def size(self) -> int:
        """How many legs there are."""
        return len(self.units)

    def brackets(self, notional: Floats) -> Any:
        """Index of the bracket of each leg (last axis) at its notional."""
        index = np.zeros(notional.shape, dtype=np.intp)
        for floors in self.floor.T:
            index += notional > floors
        return index

    def margin(self, notional: Floats) -> Floats:
        """Maintenance margin of each leg (last axis) in its unit of margin."""
        if self.floor.shape[1] == 0:
            flat_margin: Floats = notional * (self.rate[:, 0] + self.fee_rate)
            return flat_margin
        index = self.brackets(notional)
        legs = np.arange(self.size)
        rate = self.rate[legs, index] + self.fee_rate
        margin: Floats = notional * rate - self.amount[legs, index]
        return margin


def make_legs(book: Book, tiers: Tiers | None) -> Legs:
    """The legs of a book's accounts, with the schedule of each.

    Raises
    ------
    InputError
        For rows of one position that differ, and a position with two schedules or none.
    """
    table = Schedules(tiers)
    legs: list[tuple[Any, ...]] = []
    schedules: list[Schedule] = []
    for rows in _groups(book):
        first = rows[0]
        schedule = _schedule(book, table, first, tiers is not None)
        for units in _sides(book, rows):
            count = units / float(_size(book, first))
            legs.append((first, units))
            schedules.append(_by_notional(schedule, count, units, bool(book.is_inverse[first])))
    row = np.array([leg[0] for leg in legs], dtype=np.intp)
    days = book.positions.days[row]
    return Legs(
        row=row,
        account=book.account[row],
        asset=book.asset[row],
        units=np.array([leg[1] for leg in legs], dtype=np.float64),
        price=book.price[row],
        is_inverse=book.is_inverse[row],
        fee_rate=book.positions.fee_rate[row],
        days=np.where(np.isnan(days), np.inf, days),
        floor=_padded([one.floor[1:] for one in schedules], np.inf),
        rate=_padded([one.rate for one in schedules], 0.0),
        amount=_padded([one.amount for one in schedules], 0.0),
        whole=np.array([one.whole for one in schedules], dtype=bool),
    )


def _size(book: Book, row: int) -> float:
    return float(book.positions.contract_size[row])


def _groups(book: Book) -> list[list[int]]:
    """Rows of futures in accounts that are one position each; they must agree."""
    positions = book.positions
    groups: dict[tuple[Any, ...], list[int]] = {}
    columns = {name: getattr(positions, name).tolist() for name in _ALIKE}
    columns["maintenance_amount"] = np.nan_to_num(positions.maintenance_amount).tolist()
    days = np.where(np.isnan(positions.days), -1.0, positions.days).tolist()
    contract, size = positions.contract.tolist(), columns["contract_size"]
    account, asset, inverse = book.account.tolist(), book.asset.tolist(), book.is_inverse.tolist()
    for row in np.flatnonzero(book.account >= 0).tolist():
        apart = contract[row] or (days[row], size[row])
        groups.setdefault((account[row], asset[row], inverse[row], apart), []).append(row)
    for rows in groups.values():
        for name, values in columns.items():
            first = values[rows[0]]
            for row in rows[1:]:
                both_blank = math.isnan(values[row]) and math.isnan(first)
                if values[row] != first and not both_blank:
                    message = f"must be as in row {rows[0] + 2}, another row of the same contract: "
                    message += "name the contracts, or give their days, where they are different"
                    refuse("positions", row, message, name)
    return list(groups.values())


def _sides(book: Book, rows: list[int]) -> list[float]:
    """Units that count in the brackets: one or two legs, none where nothing counts."""
    held = book.units[rows]
    longs, shorts = float(held[held > 0].sum()), float(-held[held < 0].sum())
    netting = book.netting[book.account[rows[0]]]
    if netting == "net":
        # A sum of what cancels is nothing but rounding.
        rest = abs(longs - shorts)
        sides = [rest if rest > 1e-14 * (longs + shorts) else 0.0]
    elif netting == "larger":
        sides = [max(longs, shorts)]
    else:
        sides = [longs, shorts]
    return [side for side in sides if side > 0]


def _schedule(book: Book, table: Schedules, row: int, with_tiers: bool) -> Schedule:
    """The schedule of a position: that of tiers, or its own rate and amount."""
    positions = book.positions
    rate, amount = float(positions.maintenance_rate[row]), float(positions.maintenance_amount[row])
    instrument = "inverse" if book.is_inverse[row] else "linear"
    names = (str(positions.asset[row]), book.accounts.shown[book.account[row]])
    found = table.of(row, *names, instrument, str(positions.contract[row]))
    if found is None:
        if math.isnan(rate):
            also = " or brackets in tiers that match it" if with_tiers else " or tiers"
            refuse("positions", row, f"is blank: give it{also}", "maintenance_rate")
        return flat(rate, 0.0 if math.isnan(amount) else amount)
    if not math.isnan(rate):
        refuse("positions", row, "must be blank beside tiers that match it", "maintenance_rate")
    if amount > 0:
        refuse("positions", row, "must be blank beside tiers that match it", "maintenance_amount")
    return found


def _by_notional(schedule: Schedule, count: float, units: float, inverse: bool) -> Schedule:
    """The schedule with floors in notional; brackets by contracts or coins are one rate."""
    if schedule.unit == "notional" or (schedule.unit == "coins" and inverse):
        return schedule
    size = count if schedule.unit == "contracts" else units
    return flat(float(schedule.rate_of(size)))


def _padded(parts: list[Floats], blank: float) -> Floats:
    """Arrays of different length as the rows of one."""
    width = max((len(part) for part in parts), default=0)
    padded = np.full((len(parts), width), blank)
    for line, part in zip(padded, parts, strict=True):
        line[: len(part)] = part
    return padded
