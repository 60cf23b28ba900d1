"""What a book is exposed to, asset by asset, in money."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlhedge.core.book.holdings import Book
from xlhedge.core.book.revaluation import unrealised
from xlhedge.core.types import Floats


class Exposure(NamedTuple):
    """Money that moves with each asset's spot price, and its slope on the market."""

    gross: float
    spot: Floats
    futures: Floats
    beta: Floats

    @property
    def weighted_spot(self) -> float:
        """Spot exposure to the market."""
        return float(self.spot @ self.beta)

    @property
    def weighted_futures(self) -> float:
        """Futures exposure to the market."""
        return float(self.futures @ self.beta)

    @property
    def net(self) -> float:
        """Net exposure to the market; 0 where it is nothing but the rounding of its parts."""
        net = self.weighted_spot + self.weighted_futures
        return net if abs(net) > 1e-12 * self.gross else 0.0

    @property
    def by_asset(self) -> Floats:
        """Net exposure to each asset, without its slope."""
        net = self.spot + self.futures
        return np.where(np.abs(net) > 1e-12 * self.gross, net, 0.0)


def hedge_row(book: Book) -> int:
    """Position that stands for the hedge: the largest future, or else the largest holding."""
    size = np.where(book.is_inverse, np.abs(book.units), np.abs(book.units) * book.price)
    return int((size + np.where(book.is_spot, 0.0, size.sum() + 1)).argmax())


def exposure_of(book: Book) -> Exposure:
    """Spot with coin balances and accrued coins, and futures."""
    price = book.row_spot_price
    coins = book.units / np.where(book.is_inverse, book.price, 1.0)
    dated = book.is_linear & ~np.isnan(book.positions.days) & book.has_spot_price[book.asset]
    value = coins * np.where(dated, book.price, price)
    accrued = np.where(book.is_inverse, unrealised(book, book.price), 0.0) * price
    in_coin = book.balances.asset >= 0
    held = book.balances.asset[in_coin]
    balance = book.balances.quantity[in_coin] * book.spot_price[held]
    count = len(book.assets)
    spot = np.bincount(book.asset, np.where(book.is_spot, value, accrued), count)
    futures = np.bincount(book.asset, np.where(book.is_spot, 0.0, value), count)
    return Exposure(
        gross=float(np.abs(value).sum() + np.abs(balance).sum()),
        spot=np.where(book.is_stable, 0.0, spot + np.bincount(held, balance, count)),
        futures=np.where(book.is_stable, 0.0, futures),
        beta=book.beta,
    )
