"""Liquidation price of one asset in a cross-margined account of several positions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Positions, Tiers
from xlhedge.core.margin.maintenance import bracket
from xlhedge.core.types import Floats, Labelled
from xlhedge.errors import InputError, NoSolution


class Leg(NamedTuple):
    """A linear position: signed coins and the schedule of its maintenance margin."""

    coins: float
    entry: float
    price: float
    tiers: Tiers
    amount: float

    def line(self, price: Floats) -> tuple[Floats, Floats]:
        """Profit less maintenance is a straight line around each price: slope and value at 0."""
        index = bracket(abs(self.coins) * price, self.tiers)
        slope = self.coins - abs(self.coins) * self.tiers.rate[index]
        return slope, self.tiers.amounts[index] + self.amount - self.coins * self.entry

    def maintenance(self, price: float) -> float:
        """Maintenance margin at a price, refused where the amount makes it negative."""
        notional = abs(self.coins) * price
        index = bracket(notional, self.tiers)
        margin = float(self.tiers.rate[index] * notional - self.tiers.amounts[index]) - self.amount
        check.require(
            margin >= -1e-12 * self.amount,
            f"maintenance_amount must belong to the tier of the price {price:.12g}: "
            "the maintenance margin is negative there",
            margin,
        )
        return margin

    @property
    def borders(self) -> Floats:
        """Prices at which the tier changes."""
        return self.tiers.floor[1:] / abs(self.coins)


def cross_price(
    positions: Labelled[Positions],
    wallet_balance: float,
    asset: str,
    tiers: Labelled[Tiers] | None = None,
) -> float:
    """Liquidation price of one asset in a cross-margined account, the others held at their mark.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price (mark), entry_price and
        maintenance_rate, maintenance_amount unless tiers are given; linear contracts. Spot rows
        do not count.
    wallet_balance
        Balance of the account without unrealised profit, in quote currency.
    asset
        The asset whose price moves; its long and its short positions share that price.
    tiers
        The venue's brackets with the columns asset, floor, rate and optionally amount and
        max_leverage; then positions have no maintenance_rate.

    Returns
    -------
    float
        Price in quote currency.

    Raises
    ------
    InputError
        For inverse rows, an asset that positions do not hold, more than one account, a missing
        maintenance_rate, or tiers and a rate or an amount as well.
    DomainError
        For a price or size that is not positive, or a maintenance that is negative at the answer,
        since then the amount belongs to another tier.
    NoSolution
        Where the asset has no contracts, or no positive price liquidates the account.

    Notes
    -----
    The root of W + Σ n · size · (P − E) − Σ (rate · abs(n) · size · P − amount), where the rows of
    other assets stand at their price. Maintenance by tiers is convex, so equity less maintenance
    is concave in P and has at most two roots: a book of longs and shorts may be liquidated on
    either side, and the root nearest the asset's price (its first row's) is given.

    References
    ----------
    Binance, "How to calculate liquidation price of USDⓈ-M futures contracts", cross margin mode.

    Examples
    --------
    Two longs share one wallet; where is the account liquidated if only ETH falls?

    >>> from xlhedge import call
    >>> book = [
    ...     ["asset", "instrument", "quantity", "price", "entry_price", "maintenance_rate",
    ...      "maintenance_amount"],
    ...     ["BTC", "linear", 109.488, 31967.27, 32481.98, 0.025, 16300],
    ...     ["ETH", "linear", 3683.979, 1335.18, 1456.84, 0.1, 135365],
    ... ]
    >>> round(call("LIQ_PRICE_CROSS", book, 1535443.01, "ETH"), 2)
    1153.26
    """
    instrument = np.asarray(positions.instrument)
    futures = np.flatnonzero(instrument != "spot")
    _check_rows(positions, futures, asset)
    moving: list[Leg] = []
    room = wallet_balance
    for row in futures.tolist():
        leg = _leg(positions, row, tiers)
        if leg.coins == 0:
            continue
        if positions.asset[row] == asset:
            moving.append(leg)
        else:
            room += leg.coins * (leg.price - leg.entry) - leg.maintenance(leg.price)
    if not moving:
        raise NoSolution(f"there are no contracts of {asset}: nothing to liquidate")
    roots = _roots(moving, room)
    if not roots.size:
        raise NoSolution(f"no price of {asset} liquidates this account, the others at their mark")
    root = float(roots[np.abs(roots - moving[0].price).argmin()])
    for leg in moving:
        leg.maintenance(root)
    return root


def _check_rows(positions: Positions, futures: Any, asset: str) -> None:
    if asset not in positions.asset:
        raise InputError(f'positions must hold the asset "{asset}"')
    for row in futures.tolist():
        if positions.instrument[row] == "inverse":
            raise InputError("must be linear, got inverse", argument="positions", row=row)
    names = np.unique(positions.account[futures])
    if names.size > 1:
        listing = ", ".join(str(name) or "(blank)" for name in names)
        raise InputError(f"positions must be of one account, got {listing}")


def _leg(positions: Positions, row: int, tiers: Tiers | None) -> Leg:
    rate, amount = positions.maintenance_rate[row], positions.maintenance_amount[row]
    if tiers is None:
        if np.isnan(rate):
            lacking = "lacks its maintenance_rate: give it, or tiers"
            raise InputError(lacking, argument="positions", row=row)
        schedule = Tiers(np.zeros(1), np.array([rate]))
        check.not_negative(maintenance_amount=float(np.nan_to_num(amount)))
    else:
        if not (np.isnan(rate) and np.isnan(amount)):
            doubled = "must have no maintenance_rate or amount beside tiers"
            raise InputError(doubled, argument="positions", row=row)
        schedule = tiers.of(str(positions.asset[row]))
    entry, price = float(positions.entry_price[row]), float(positions.price[row])
    coins = float(positions.quantity[row] * positions.contract_size[row])
    return Leg(
        coins, price if np.isnan(entry) else entry, price, schedule, float(np.nan_to_num(amount))
    )


def _roots(legs: list[Leg], room: float) -> Floats:
    """Positive prices at which `room` and the legs' equity less maintenance add up to 0."""
    start = np.unique(np.concatenate([[0.0], *(leg.borders for leg in legs)]))
    stop = np.append(start[1:], np.inf)
    inside = np.where(np.isinf(stop), 2 * start + 1, (start + stop) / 2)
    lines = [leg.line(inside) for leg in legs]
    slope = np.sum([leg_slope for leg_slope, _ in lines], axis=0)
    at_zero = room + np.sum([value for _, value in lines], axis=0)
    slanted = slope != 0
    roots = -at_zero[slanted] / slope[slanted]
    # A root on a border may fall on either side of it by rounding.
    slack = 1e-12 * roots
    kept = (roots > 0) & (roots >= start[slanted] - slack) & (roots <= stop[slanted] + slack)
    found: Floats = roots[kept]
    return found
