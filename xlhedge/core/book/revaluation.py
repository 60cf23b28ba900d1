"""A book in shocked worlds: every position and balance revalued in full.

Arrays are worlds × assets, positions or balances. Money is in dollars: the settlement coin of
linear contracts is worth 1 + d of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.holdings import Book
from xlhedge.core.types import Floats


class Worlds(NamedTuple):
    """Shocked worlds, one per row."""

    move: Floats
    """Simple return of each asset (column)."""
    basis_shock: Any = 0.0
    """Change of ln(S/F); per world, or per world and position."""
    stablecoin_shock: Any = 0.0
    """Change d of the settlement coin's value, per world."""
    funding: Any = 0.0
    """Funding rate times intervals; per world, or per world and position."""


class Revaluation(NamedTuple):
    """A book in each world: changes against today, and the prices in it."""

    spot: Floats
    futures: Floats
    funding: Floats
    collateral: Floats
    """Change of each balance's value, without haircut."""
    futures_price: Floats
    asset_price: Floats
    dollar: Floats
    """Value of the settlement coin, one column."""

    @property
    def total(self) -> Floats:
        """Profit and loss of each world."""
        rows = (self.spot + self.futures + self.funding).sum(axis=1)
        total: Floats = rows + self.collateral.sum(axis=1)
        return total


def market_moves(book: Book, spot_shock: Floats) -> Floats:
    """Move of each asset with the market's: (1 + shock)^beta − 1, and 0 for stablecoins."""
    shock = np.atleast_1d(spot_shock)[:, None]
    moves = np.expm1(book.beta * np.log1p(shock))
    return np.where(book.is_stable, 0.0, np.where(book.beta == 1, shock, moves))


def revalue(book: Book, worlds: Worlds, *, accumulate: bool = False) -> Revaluation:
    """The book in each world.

    Parameters
    ----------
    book
        The book.
    worlds
        The shocks.
    accumulate
        Whether the worlds follow each other in time, so that funding adds up.

    Notes
    -----
    Changes are not differences of values, which lose the digits of a small shock. With g the growth
    of an asset, m = g − 1, b the basis shock and d the stablecoin's, spot changes by n·S₀·m; linear
    futures by n·[F₀·(g·e^(−b) − 1) − E·d] with g·e^(−b) − 1 = m·e^(−b) + (e^(−b) − 1); inverse
    ones, whose S₁/F₁ is e^b·S₀/F₀, by n·S₀·[m/E − (e^b − 1)/F₀].
    """
    asset_move = worlds.move
    basis_shock, depeg, funding = (_column(field) for field in worlds[1:])
    move, depeg = asset_move[:, book.asset], np.broadcast_to(depeg, (len(asset_move), 1))
    spot_price = book.row_spot_price
    dollar = np.where(book.is_linear, 1 + depeg, 1.0)
    futures_price = book.price * (1 + move) * np.exp(-basis_shock) / dollar
    # Funding is paid on the notional in dollars: inverse contracts on their face value.
    paid_on = np.where(book.is_inverse, 1.0, np.where(book.is_spot, 0.0, futures_price * dollar))
    perpetual = np.isnan(book.positions.days)
    received = -book.units * paid_on * perpetual * funding
    if accumulate:
        received = np.cumsum(received, axis=0)
    linear = book.price * (move * np.exp(-basis_shock) + np.expm1(-basis_shock))
    linear = linear - book.entry * depeg
    inverse = spot_price * (move / book.entry - np.expm1(basis_shock) / book.price)
    change = np.where(book.is_inverse, inverse, linear)
    held = book.balances
    balance_move = np.where(held.asset < 0, depeg, asset_move[:, held.asset])
    return Revaluation(
        spot=np.where(book.is_spot, book.units * (book.price * move), 0.0),
        futures=np.where(book.is_spot, 0.0, book.units * change),
        funding=received,
        collateral=held.quantity * balance_prices(book) * balance_move,
        futures_price=futures_price,
        asset_price=book.spot_price * (1 + asset_move),
        dollar=1 + depeg,
    )


def balance_prices(book: Book) -> Floats:
    """Price of what each balance is held in."""
    index = book.balances.asset
    if not len(book.spot_price):
        return np.ones(len(index))
    return np.where(index < 0, 1.0, book.spot_price[index])


def unrealised(book: Book, futures_price: Floats) -> Floats:
    """Unrealised profit of futures in the unit of margin; 0 for spot."""
    linear = book.units * (futures_price - book.entry)
    inverse = book.units * ((futures_price - book.entry) / book.entry / futures_price)
    return np.where(book.is_spot, 0.0, np.where(book.is_inverse, inverse, linear))


def unrealised_today(book: Book) -> Floats:
    """Unrealised profit of each position in dollars at today's prices."""
    unit = np.where(book.is_inverse, book.row_spot_price, 1.0)
    return unrealised(book, book.price) * unit


def _column(field: Any) -> Any:
    """A field of worlds with its worlds along the first axis of two."""
    values = np.asarray(field, dtype=np.float64)
    return values[:, None] if values.ndim == 1 else values
