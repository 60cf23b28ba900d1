"""Exposure of a book to spot prices, coin by coin."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.book.holdings import Book, make_book
from xlhedge.core.book.ranges import Accounts, Positions
from xlhedge.core.types import Floats, Labelled, Table, Value
from xlhedge.errors import NoSolution


def portfolio_delta(
    positions: Labelled[Positions], accounts: Labelled[Accounts] | None = None
) -> Table:
    """Exposure of a book to each coin's spot price: spot, futures and what is left open.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, days and others.
    accounts
        Margin accounts, with the columns account, balance and optionally asset, price and others:
        coins that they hold count as spot, debts of coins as negative spot.

    Returns
    -------
    table
        asset, spot, futures and net in coins, net_value in quote currency, hedged_share; one row
        per asset and a last row TOTAL.

    Raises
    ------
    InputError
        For accounts that do not fit the positions, as in ACCOUNT_STATUS.
    DomainError
        For a price or contract size that is not positive.

    Notes
    -----
    A perpetual linear row counts n · size coins. A dated one, with days, counts n · size · F/S
    where the book has a spot price S of the asset, since its price moves by F/S per unit of spot: a
    hedge sized by HEDGE_CONTRACTS with its futures_delta is a full one. An inverse row counts
    n · face / price, and with an entry_price its accrued profit n · face · (1/entry − 1/price) as
    well, since that is held in coin. Coins of accounts count in full, haircuts do not apply, and
    stablecoins of accounts are not listed.

    net_value takes the price of the asset's first spot row, else that of accounts, else of its
    first future. hedged_share = −futures / spot; in TOTAL both are valued at those prices. Coins of
    different assets cannot be added: TOTAL leaves those cells blank unless there is one asset.

    References
    ----------
    XT.COM (2026), Hedging with Crypto Futures: Institutional Risk Management Strategies. The
    accrued coins of inverse contracts are derived in docs/errata.md.

    Examples
    --------
    A synthetic dollar: one coin as margin, short 50,000 of face since the price was 50,000.

    >>> from xlhedge import sizing
    >>> positions = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["spot", "inverse"],
    ...     "quantity": [1, -50000],
    ...     "price": [70000, 70000],
    ...     "entry_price": [None, 50000],
    ... }
    >>> sizing.portfolio_delta(positions)
       asset  spot  futures  net  net_value  hedged_share
    0    BTC   1.0     -1.0  0.0        0.0           1.0
    1  TOTAL   1.0     -1.0  0.0        0.0           1.0
    """
    book = make_book(positions, accounts)
    coins, count = position_coins(book), len(book.assets)
    spot = np.bincount(book.asset, np.where(book.is_spot, coins, 0.0), count)
    futures = np.bincount(book.asset, np.where(book.is_spot, 0.0, coins), count)
    held = book.balances
    in_coin = held.asset >= 0
    spot += np.bincount(held.asset[in_coin], held.quantity[in_coin], count)
    price = book.spot_price
    net = _without_residue(spot + futures, np.abs(spot) + np.abs(futures))
    positions_of = set(book.asset.tolist())
    shown = [i for i in range(count) if i in positions_of or not book.is_stable[i]]
    rows: list[list[Value]] = [
        [name, spot[i], futures[i], net[i], net[i] * price[i], _share(spot[i], futures[i])]
        for i, name in enumerate(book.assets)
        if i in shown
    ]
    alone = rows[0][1:4] if len(shown) == 1 else [None] * 3
    share = _share(float(spot[shown] @ price[shown]), float(futures[shown] @ price[shown]))
    rows.append(["TOTAL", *alone, float(net[shown] @ price[shown]), share])
    return Table(["asset", "spot", "futures", "net", "net_value", "hedged_share"], rows)


def position_coins(book: Book) -> Floats:
    """Coins of exposure of each row, with the accrued coin profit of inverse rows."""
    # The exposure n·face/F and the accrued coins n·face·(1/E − 1/F) add up to n·face/E.
    coins = np.where(book.is_inverse, book.units / book.entry, book.units)
    dated = book.is_linear & ~np.isnan(book.positions.days) & book.has_spot_price[book.asset]
    return np.where(dated, coins * (book.price / book.row_spot_price), coins)


def _without_residue(total: Any, scale: Any) -> Any:
    """0 where a sum is nothing but the rounding of its parts."""
    return np.where(np.abs(total) <= 1e-14 * scale, 0.0, total)


def _share(spot: float, futures: float) -> Value:
    if spot == 0:
        return NoSolution("hedged_share needs a spot holding, got 0")
    return -futures / spot + 0.0
