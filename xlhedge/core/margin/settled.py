"""What futures that expire on a path leave in their account: realised money and coins."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.book.holdings import Book
from xlhedge.core.margin.engine import coin_margins
from xlhedge.core.types import Flags, Floats


class Settled:
    """Realised profit of one account, path by path.

    Linear futures leave settlement money and inverse ones coins; both join the account's first
    balance of that kind, with its haircut and debt rate.

    Parameters
    ----------
    book
        The book.
    account
        Index of the account.
    count
        Number of paths.
    """

    def __init__(self, book: Book, account: int, count: int) -> None:
        self.book, self.account = book, account
        self.until = -1.0
        self.money = np.zeros(count)
        self.coins: dict[int, Floats] = {}
        self._shared = {coin.asset: coin for coin in coin_margins(book) if coin.account == account}

    def close(self, time: float, growth: Any) -> None:
        """Close what expires by a time, at the growths of the paths; `growth` takes an asset."""
        book = self.book
        days = book.positions.days
        mine = (book.account == self.account) & (days > self.until) & (days <= time)
        for row in np.flatnonzero(mine).tolist():
            asset = int(book.asset[row])
            price = book.price[row] * growth(asset)
            if book.is_inverse[row]:
                coins = self.coins.setdefault(asset, np.zeros(len(self.money)))
                coins += book.units[row] * (1 / book.entry[row] - 1 / price)
            else:
                self.money += book.units[row] * (price - book.entry[row])
        self.until = time

    def correction(self, growth: Any, paths: Any = slice(None)) -> tuple[Floats, dict[int, Floats]]:
        """What the realised profit adds to equity less maintenance: money, and coins by asset.

        `growth` takes an asset and gives its growth on `paths`, all of them where left out.
        """
        quantity, haircut, debt_rate = self._balance(-1)
        money = _counted(quantity + self.money[paths], haircut, debt_rate)
        money = money - _counted(quantity, haircut, debt_rate)
        parts: dict[int, Floats] = {}
        for asset, every in self.coins.items():
            coins = every[paths]
            quantity, haircut, debt_rate = self._balance(asset)
            if asset in self._shared:
                change = self._shared_change(asset, coins, growth(asset), debt_rate)
            else:
                change = _counted(quantity + coins, haircut, debt_rate)
                change = change - _counted(quantity, haircut, debt_rate)
            parts[asset] = change * self.book.spot_price[asset] * growth(asset)
        return money, parts

    def has_debt(self) -> Flags:
        """On which paths the realised losses are a debt."""
        debt: Flags = self._balance(-1)[0] + self.money < 0
        for asset, coins in self.coins.items():
            debt = debt | (self._balance(asset)[0] + coins < 0)
        return debt

    def _balance(self, asset: int) -> tuple[float, float, float]:
        """Quantity, haircut and debt rate of the first balance in an asset."""
        held = self.book.balances
        rows = np.flatnonzero((held.account == self.account) & (held.asset == asset))
        if not rows.size:
            return 0.0, 0.0, 0.0
        row = int(rows[0])
        return float(held.quantity[row]), float(held.haircut[row]), float(held.debt_rate[row])

    def _shared_change(self, asset: int, coins: Floats, growth: Floats, debt_rate: float) -> Floats:
        """Coins that realised coins add where open profit shares the haircut."""
        book, coin = self.book, self._shared[asset]
        rows = [row for row in coin.rows if not book.positions.days[row] <= self.until]
        at_entry = (book.units[rows] / book.entry[rows]).sum()
        before = coin.balance + at_entry - (book.units[rows] / book.price[rows]).sum() / growth
        owed = np.minimum(coin.balance + coins, 0.0) - min(coin.balance, 0.0)
        after = _counted(before + coins, coin.haircut, 0.0) - _counted(before, coin.haircut, 0.0)
        change: Floats = after + debt_rate * owed
        return change


def _counted(quantity: Any, haircut: float, debt_rate: float) -> Any:
    """What a balance adds to equity less maintenance."""
    return np.where(quantity > 0, quantity * (1 - haircut), quantity * (1 + debt_rate))
