"""Equity and maintenance of whole accounts in any market: the one place that computes them.

Equity is Σ balance · price · (1 − haircut) + unrealised profit; maintenance is Σ over legs of
their brackets' margin and fee, plus debt_rate on debts. An account with a future or a debt is
liquidated where equity ≤ maintenance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlhedge.core.book.holdings import Book, make_book
from xlhedge.core.book.ranges import Accounts, Positions, Tiers, refuse
from xlhedge.core.book.revaluation import (
    Revaluation,
    Worlds,
    balance_prices,
    revalue,
    unrealised_today,
)
from xlhedge.core.margin.legs import Legs, make_legs
from xlhedge.core.types import Flags, Floats, Value
from xlhedge.errors import DomainError

CALL_RATIO = 0.5
"""A margin call brings the ratio of maintenance to equity back to this."""


def status(ratio: Value) -> str:
    """In words how near liquidation is."""
    if not isinstance(ratio, float) or ratio >= 1:
        return "liquidated"
    if ratio >= 0.8:
        return "call"
    return "warn" if ratio >= CALL_RATIO else "ok"


class Ledger(NamedTuple):
    """A book with its accounts' legs."""

    book: Book
    legs: Legs

    def at(self, worlds: Worlds) -> State:
        """The accounts in each world."""
        return self.state(revalue(self.book, worlds))

    def today(self) -> State:
        """The accounts at today's prices."""
        return self.at(Worlds(np.zeros((1, len(self.book.assets)))))

    def state(self, result: Revaluation) -> State:
        """The accounts in worlds in which the book is revalued already."""
        book = self.book
        value = unrealised_today(book) + result.futures + result.funding
        equity = value @ book.in_account + self._collateral(result) @ book.of_account
        equity += self._profit_haircut(result)
        return State(equity, self._maintenance(result), book.at_risk)

    def _collateral(self, result: Revaluation) -> Floats:
        """Dollars that each balance counts for: a debt counts in full."""
        held = self.book.balances
        today = held.quantity * balance_prices(self.book)
        counts = np.where(held.quantity > 0, 1 - held.haircut, 1.0)
        counted: Floats = (today + result.collateral) * counts
        return counted

    def _profit_haircut(self, result: Revaluation) -> Floats:
        """What the haircut on unrealised coin profit changes, per account."""
        change = np.zeros((len(result.dollar), len(self.book.accounts)))
        for coin in coin_margins(self.book):
            rows = coin.rows
            inverse = self.book.units[rows] * (
                1 / self.book.entry[rows] - 1 / result.futures_price[:, rows]
            )
            profit = inverse.sum(axis=1)
            price = result.asset_price[:, coin.asset]
            change[:, coin.account] += price * (coin.worth(profit) - profit)
        return change

    def _maintenance(self, result: Revaluation) -> Floats:
        """Maintenance per account in dollars."""
        legs, held = self.legs, self.book.balances
        accounts = np.arange(len(self.book.accounts))
        total = np.zeros((len(result.dollar), len(accounts)))
        if legs.size:
            price = result.futures_price[:, legs.row]
            notional = np.where(legs.is_inverse, legs.units / price, legs.units * price)
            unit = np.where(legs.is_inverse, result.asset_price[:, legs.asset], result.dollar)
            total += (legs.margin(notional) * unit) @ (legs.account[:, None] == accounts)
        debt = np.where(held.quantity < 0, held.debt_rate, 0.0)
        if debt.any():
            owed = held.quantity * balance_prices(self.book) + result.collateral
            total -= (owed * debt) @ self.book.of_account
        return total


class CoinMargin(NamedTuple):
    """A coin of an account whose unrealised profit shares the coin's haircut."""

    account: int
    asset: int
    rows: list[int]
    """Inverse positions of that coin."""
    balance: float
    counted: float
    """Coins that the balance counts for without the profit."""
    haircut: float

    def worth(self, profit: Floats) -> Floats:
        """Coins that balance and profit count for together, less what the balance counts for."""
        held = self.balance + profit
        return np.where(held > 0, held * (1 - self.haircut), held) - self.counted


def coin_margins(book: Book) -> list[CoinMargin]:
    """The coins of accounts with haircut_pnl that have a haircut and inverse positions."""
    found: list[CoinMargin] = []
    held = book.balances
    for account in np.flatnonzero(book.haircut_pnl).tolist():
        mine = (book.account == account) & book.is_inverse
        for asset in np.unique(book.asset[mine]).tolist():
            rows = np.flatnonzero(mine & (book.asset == asset)).tolist()
            balances = np.flatnonzero((held.account == account) & (held.asset == asset))
            haircuts = held.haircut[balances]
            if (haircuts != haircuts[:1]).any():
                message = "must be one value for all balances of a coin with haircut_pnl"
                refuse("accounts", int(balances[haircuts != haircuts[0]][0]), message, "haircut")
            if haircuts.size and haircuts[0] > 0:
                coins, haircut = held.quantity[balances], float(haircuts[0])
                counted = np.where(coins > 0, coins * (1 - haircut), coins)
                sums = float(coins.sum()), float(counted.sum())
                found.append(CoinMargin(account, asset, rows, *sums, haircut))
    return found


class State(NamedTuple):
    """Accounts in worlds: dollars, worlds × accounts."""

    equity: Floats
    maintenance: Floats
    at_risk: Flags
    """Which accounts can be liquidated."""

    @property
    def slack(self) -> Floats:
        """Equity less maintenance; infinite where nothing can be liquidated."""
        return np.where(self.at_risk, self.equity - self.maintenance, np.inf)

    @property
    def liquidated(self) -> Flags:
        """Where an account is liquidated."""
        return self.at_risk & (self.equity <= self.maintenance)

    @property
    def margin_calls(self) -> Floats:
        """Cash that brings each ratio back to 0.5."""
        call = np.maximum(self.maintenance / CALL_RATIO - self.equity, 0.0)
        return np.where(self.at_risk, call, 0.0)

    def ratio(self, world: int, account: int) -> Value:
        """Maintenance over equity; the error where no equity is left."""
        if not self.at_risk[account]:
            return 0.0
        equity = float(self.equity[world, account])
        if equity <= 0:
            return DomainError("margin_ratio needs equity above 0")
        return float(self.maintenance[world, account]) / equity

    def worst_ratios(self) -> list[Value]:
        """Highest ratio of maintenance to equity over the accounts, per world."""
        solvent = self.equity > 0
        ratios = self.maintenance / np.where(solvent, self.equity, 1.0)
        ratios = np.where(self.at_risk, np.where(solvent, ratios, np.inf), 0.0)
        return [
            DomainError("margin_ratio needs equity above 0") if np.isinf(ratio) else ratio
            for ratio in ratios.max(axis=1, initial=0.0).tolist()
        ]


def make_ledger(
    positions: Positions, accounts: Accounts | None = None, tiers: Tiers | None = None
) -> Ledger:
    """Positions, accounts and tiers, checked against each other."""
    book = make_book(positions, accounts)
    return Ledger(book, make_legs(book, tiers))
