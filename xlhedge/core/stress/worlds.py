"""Scenarios as worlds of a book: each asset's own move."""

from __future__ import annotations

import numpy as np

from xlhedge.core.book.holdings import Book
from xlhedge.core.book.names import key
from xlhedge.core.book.ranges import Scenarios
from xlhedge.core.book.revaluation import Worlds, market_moves
from xlhedge.core.types import Flags, Floats
from xlhedge.errors import InputError

SETTLEMENT = "settlement"
"""The column that shocks the settlement coin by itself."""


def scenario_worlds(book: Book, scenarios: Scenarios) -> Worlds:
    """The worlds of a book under scenarios.

    A coin moves by (1 + spot_shock)^beta, and by proxy_shock on top where the book holds it without
    a future of its own; a stablecoin by stablecoin_shock. A column of its own name takes precedence
    over all of them.
    """
    stable = scenarios.stablecoin_shock
    move = market_moves(book, scenarios.spot_shock)
    proxy = np.where(_by_proxy(book), scenarios.proxy_shock[:, None], 0.0)
    move = move + proxy * (1 + move)
    move = np.where(book.is_stable, stable[:, None], move)
    settlement = stable
    for column, own in scenarios.own.items():
        asset = book.assets.index(column)
        if asset >= 0:
            move[:, asset] = np.where(np.isnan(own), move[:, asset], own)
        elif key(column) == SETTLEMENT:
            settlement = np.where(np.isnan(own), settlement, own)
        else:
            raise InputError(
                f'has the column "{column}", which is neither a column of scenarios nor an asset of'
                f" the book: its assets are {book.assets.listing()}; the settlement coin's column "
                f"is {SETTLEMENT}",
                argument="scenarios",
            )
    funding = scenarios.funding_rate * scenarios.intervals
    return Worlds(move, scenarios.basis_shock, settlement, funding)


def spot_returned(book: Book, worlds: Worlds) -> Worlds:
    """The same worlds with every coin back at today's price."""
    move: Floats = np.where(book.is_stable, worlds.move, 0.0)
    return worlds._replace(move=move)


def _by_proxy(book: Book) -> Flags:
    """Which assets are held as spot or coin without a future of their own."""
    held = np.zeros(len(book.assets), dtype=bool)
    open_rows = book.units != 0
    held[book.asset[book.is_spot & open_rows]] = True
    coins = book.balances.asset[(book.balances.asset >= 0) & (book.balances.quantity != 0)]
    held[coins] = True
    held[book.asset[~book.is_spot & open_rows]] = False
    return held & ~book.is_stable
