"""Equity less maintenance of an account as a function of its assets' growth.

A move of an asset moves every row of that asset in proportion, so what an account has beyond its
maintenance is a constant and one function per asset of that asset's growth g (1 today), and each
of those is a straight line between the prices at which a bracket or a haircut changes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.holdings import Book
from xlhedge.core.book.revaluation import balance_prices
from xlhedge.core.margin.engine import CoinMargin, Ledger, coin_margins
from xlhedge.core.margin.legs import Legs
from xlhedge.core.types import Flags, Floats


class Curve(NamedTuple):
    """constant + slope · g of one asset in an account, with a piece between each two edges."""

    asset: int
    edges: Floats
    constant: Floats
    slope: Floats
    constant_size: Floats
    """Sum of the absolute parts of `constant`: what rounding is measured by."""
    slope_size: Floats
    jumps: Flags
    """Edges at which the margin jumps."""

    def pieces(self, growth: Any) -> Any:
        """Index of the piece that holds for a growth."""
        return np.searchsorted(self.edges, growth, side="left")

    def at(self, growth: Floats) -> Floats:
        """Value for each growth."""
        piece = self.pieces(growth)
        value: Floats = self.constant[piece] + self.slope[piece] * growth
        return value


class AccountCurves(NamedTuple):
    """An account: settlement money that no price moves, and the curves of its assets."""

    account: int
    constant: float
    constant_size: float
    curves: list[Curve]


def account_curves(ledger: Ledger, open_after: float = -1.0) -> list[AccountCurves]:
    """The curves of every account.

    Parameters
    ----------
    ledger
        Book and legs.
    open_after
        Days from now: futures that expire by then are left out, none where it is negative.
    """
    book, legs = ledger.book, ledger.legs
    days = np.where(np.isnan(book.positions.days), np.inf, book.positions.days)
    is_open = (days > open_after) & ~book.is_spot & (book.units != 0)
    coins = {(coin.account, coin.asset): coin for coin in coin_margins(book)}
    found = []
    for account in range(len(book.accounts)):
        rows = np.flatnonzero(is_open & (book.account == account))
        mine = np.flatnonzero((legs.account == account) & (legs.days > open_after))
        cash = _cash(book, account)
        curves = [
            _curve(book, legs, asset, rows, mine, account, coins.get((account, asset)))
            for asset in _assets(book, rows, account)
        ]
        found.append(AccountCurves(account, float(cash.sum()), float(np.abs(cash).sum()), curves))
    return found


def _assets(book: Book, rows: Any, account: int) -> list[int]:
    """Assets that move an account, in the order of the book."""
    held = book.balances.asset[(book.balances.account == account)]
    moving = {*book.asset[rows].tolist(), *held[held >= 0].tolist()}
    futures = set(book.asset[rows].tolist())
    return [asset for asset in sorted(moving) if not book.is_stable[asset] or asset in futures]


def _counts(book: Book, chosen: Any) -> Floats:
    """What a unit of some balances adds to equity less maintenance."""
    held = book.balances
    positive = held.quantity[chosen] > 0
    counts: Floats = np.where(positive, 1 - held.haircut[chosen], 1 + held.debt_rate[chosen])
    return counts


def _cash(book: Book, account: int) -> Floats:
    """Balances in settlement coin and other stablecoins, as they count."""
    held = book.balances
    stable = held.asset < 0
    stable[~stable] = book.is_stable[held.asset[~stable]]
    chosen = np.flatnonzero((held.account == account) & stable)
    cash: Floats = (held.quantity * balance_prices(book))[chosen] * _counts(book, chosen)
    return cash


def _curve(
    book: Book,
    legs: Legs,
    asset: int,
    rows: Any,
    mine: Any,
    account: int,
    coin: CoinMargin | None,
) -> Curve:
    """One asset of an account; `rows` and `mine` are the account's open futures and legs."""
    rows, mine = rows[book.asset[rows] == asset], mine[legs.asset[mine] == asset]
    price = float(book.spot_price[asset])
    inverse = book.is_inverse[rows]
    coins_at_entry = book.units[rows] / book.entry[rows]
    coins_today = book.units[rows] / book.price[rows]
    # A linear future gains units · (F·g − E), an inverse one units · S · (g/E − 1/F).
    slopes = np.where(inverse, coins_at_entry * price, book.units[rows] * book.price[rows])
    constants = np.where(inverse, -coins_today * price, -book.units[rows] * book.entry[rows])
    held = book.balances
    chosen = np.flatnonzero((held.account == account) & (held.asset == asset))
    if book.is_stable[asset]:
        chosen = chosen[:0]
    balances = held.quantity[chosen] * price * _counts(book, chosen)
    edges, edge_jumps = _edges(book, legs, mine, coin)
    middle = _middles(edges)
    constant = np.full(len(middle), constants.sum())
    slope = np.full(len(middle), slopes.sum() + balances.sum())
    constant_size = np.full(len(middle), np.abs(constants).sum())
    slope_size = np.full(len(middle), np.abs(slopes).sum() + np.abs(balances).sum())
    rate, amount = _lines(legs, mine, middle)
    to_constant = np.where(legs.is_inverse[mine], -rate * price, amount)
    to_slope = np.where(legs.is_inverse[mine], amount * price, -rate)
    constant += to_constant.sum(axis=1)
    slope += to_slope.sum(axis=1)
    constant_size += np.abs(to_constant).sum(axis=1)
    slope_size += np.abs(to_slope).sum(axis=1)
    if coin is not None:
        at_entry, today = _coin_profit(book, coin)
        change = np.where(coin.balance + at_entry - today / middle > 0, -coin.haircut, 0.0)
        alone = coin.balance - coin.counted
        slope += price * (change * (coin.balance + at_entry) + alone)
        constant -= price * change * today
    return Curve(asset, edges, constant, slope, constant_size, slope_size, edge_jumps)


def _lines(legs: Legs, mine: Any, growth: Floats) -> tuple[Floats, Floats]:
    """Per growth and leg: maintenance is rate · g − amount (linear) or rate / g − amount."""
    scale = np.where(
        legs.is_inverse[mine],
        legs.units[mine] / legs.price[mine],
        legs.units[mine] * legs.price[mine],
    )
    moved = np.where(legs.is_inverse[mine], 1 / growth[:, None], growth[:, None])
    some = legs._replace(floor=legs.floor[mine], rate=legs.rate[mine], amount=legs.amount[mine])
    index = some.brackets(scale * moved)
    places = np.arange(len(mine))
    return (some.rate[places, index] + legs.fee_rate[mine]) * scale, some.amount[places, index]


def _coin_profit(book: Book, coin: CoinMargin) -> tuple[float, float]:
    """Coins of an account's inverse positions at entry and today: their difference is profit."""
    at_entry = float((book.units[coin.rows] / book.entry[coin.rows]).sum())
    return at_entry, float((book.units[coin.rows] / book.price[coin.rows]).sum())


def _edges(book: Book, legs: Legs, mine: Any, coin: CoinMargin | None) -> tuple[Floats, Flags]:
    """Growths at which a bracket or a haircut changes, and where the margin jumps."""
    found: list[tuple[float, bool]] = []
    for leg in mine.tolist():
        floors = legs.floor[leg][np.isfinite(legs.floor[leg])]
        units, price = legs.units[leg], legs.price[leg]
        growths = units / price / floors if legs.is_inverse[leg] else floors / (units * price)
        found += [(growth, bool(legs.whole[leg])) for growth in growths.tolist()]
    if coin is not None:
        at_entry, today = _coin_profit(book, coin)
        if today * (coin.balance + at_entry) > 0:
            found.append((today / (coin.balance + at_entry), False))
    jumps: dict[float, bool] = {}
    for growth, jump in found:
        jumps[growth] = jumps.get(growth, False) or jump
    edges = sorted(jumps)
    return np.array(edges), np.array([jumps[edge] for edge in edges], dtype=bool)


def _middles(edges: Floats) -> Floats:
    """A growth inside each piece."""
    if not len(edges):
        return np.ones(1)
    inner = np.sqrt(edges[:-1]) * np.sqrt(edges[1:])
    return np.concatenate([edges[:1] / 2, inner, edges[-1:] * 2])
