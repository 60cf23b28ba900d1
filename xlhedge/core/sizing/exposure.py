"""Exposure of a book to spot prices, coin by coin."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core.book.ranges import Positions
from xlhedge.core.types import Labelled, Table, Value
from xlhedge.errors import NoSolution


def portfolio_delta(positions: Labelled[Positions]) -> Table:
    """Exposure of a book to each coin's spot price: spot, futures and what is left open.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price and others.

    Returns
    -------
    table
        asset, spot, futures and net in coins, net_value in quote currency, hedged_share; one row
        per asset and a last row TOTAL.

    Raises
    ------
    DomainError
        For a price or contract size that is not positive.

    Notes
    -----
    A linear row counts n · size coins; an inverse row n · face / price, and with an entry_price
    its accrued profit n · face · (1/entry − 1/price) as well, since that is held in coin. Coin
    margin is entered as a spot row.

    net_value takes the price of the asset's first spot row, or of its first row where it has no
    spot. hedged_share = −futures / spot; in TOTAL both are valued at those prices. Coins of
    different assets cannot be added: TOTAL leaves those cells blank unless there is one asset.

    References
    ----------
    XT.COM (2026), Hedging with Crypto Futures: Institutional Risk Management Strategies. The
    accrued coins of inverse contracts are derived in docs/errata.md.

    Examples
    --------
    A synthetic dollar: one coin as margin, short 50,000 of face since the price was 50,000.

    >>> from xlhedge import call
    >>> book = [
    ...     ["asset", "instrument", "quantity", "price", "entry_price"],
    ...     ["BTC", "spot", 1, 70000, None],
    ...     ["BTC", "inverse", -50000, 70000, 50000],
    ... ]
    >>> for row in call("PORTFOLIO_DELTA", book):
    ...     print(row)
    ['asset', 'spot', 'futures', 'net', 'net_value', 'hedged_share']
    ['BTC', 1.0, -1.0, 0.0, 0.0, 1.0]
    ['TOTAL', 1.0, -1.0, 0.0, 0.0, 1.0]
    """
    instrument = np.asarray(positions.instrument)
    is_spot = instrument == "spot"
    coins = position_coins(positions)
    names, first, group = np.unique(positions.asset, return_index=True, return_inverse=True)
    count = len(names)
    spot = np.bincount(group, np.where(is_spot, coins, 0.0), count)
    futures = np.bincount(group, np.where(is_spot, 0.0, coins), count)
    _, first_spot = np.unique(group[is_spot], return_index=True)
    source = first.copy()
    source[np.unique(group[is_spot])] = np.flatnonzero(is_spot)[first_spot]
    price = positions.price[source]
    net = _without_residue(spot + futures, np.abs(spot) + np.abs(futures))
    rows: list[list[Value]] = [
        [str(names[i]), spot[i], futures[i], net[i], net[i] * price[i], _share(spot[i], futures[i])]
        for i in np.argsort(first)
    ]
    alone = rows[0][1:4] if count == 1 else [None] * 3
    share = _share(float(spot @ price), float(futures @ price))
    rows.append(["TOTAL", *alone, float(net @ price), share])
    return Table(["asset", "spot", "futures", "net", "net_value", "hedged_share"], rows)


def position_coins(positions: Positions) -> Any:
    """Coins of exposure of each row, with the accrued coin profit of inverse rows."""
    instrument = np.asarray(positions.instrument)
    units = positions.quantity * positions.contract_size
    # The exposure n·face/F and the accrued coins n·face·(1/E − 1/F) add up to n·face/E.
    entry = np.where(np.isnan(positions.entry_price), positions.price, positions.entry_price)
    return np.select(
        [instrument == "spot", instrument == "linear"], [positions.quantity, units], units / entry
    )


def _without_residue(total: Any, scale: Any) -> Any:
    """0 where a sum is nothing but the rounding of its parts."""
    return np.where(np.abs(total) <= 1e-14 * scale, 0.0, total)


def _share(spot: float, futures: float) -> Value:
    if spot == 0:
        return NoSolution("hedged_share needs a spot holding, got 0")
    return -futures / spot + 0.0
