"""Liquidation price of one asset in a cross-margined account of several positions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from xlhedge.core.book.holdings import check_asset
from xlhedge.core.book.ranges import Accounts, Positions, Tiers, refuse
from xlhedge.core.margin.boundary import first_reach
from xlhedge.core.margin.curves import AccountCurves, account_curves
from xlhedge.core.margin.engine import Ledger, make_ledger
from xlhedge.core.types import Floats, Labelled
from xlhedge.errors import DomainError, InputError, NoSolution


def cross_price(
    positions: Labelled[Positions],
    wallet_balance: float,
    asset: str,
    tiers: Labelled[Tiers] | None = None,
    side: Literal["nearest", "above", "below"] = "nearest",
) -> float:
    """Liquidation price of one asset in a cross-margined account, the others held at their mark.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, maintenance_rate, maintenance_amount, fee_rate, days, contract. Futures must be
        linear and of one account; spot rows are custody and do not count.
    wallet_balance
        Balance that margins all of them, in the coin in which they settle.
    asset
        The coin whose price is sought.
    tiers
        Brackets with the columns floor, rate and optionally asset, instrument, contract, amount,
        max_leverage, schedule (marginal or whole) and unit of floor (notional, contracts or coins);
        a position that a schedule matches has no maintenance_rate of its own.
    side
        above or below today's price, or nearest: the nearer of the two in log price.

    Returns
    -------
    float
        Price of the asset's first futures row in quote currency; the asset's other rows move in
        the same proportion.

    Raises
    ------
    InputError
        For inverse rows, an asset that positions do not hold, more than one account, rows of one
        contract that differ, and a position with a rate and a schedule, or with neither.
    DomainError
        For a price or size that is not positive, a maintenance that is negative at the answer,
        since then the amount belongs to another tier, and an account that is below maintenance
        today: the sentence says where it recovers, or that no price of the asset does it.
    NoSolution
        Where the asset has no contracts, or no positive price on that side liquidates the account.

    Notes
    -----
    With g the growth of the asset, the root nearest today's price of
    W + Σ n · size · (F · g − E) − Σ maintenance, rows of other assets at their mark. Rows of one
    contract are one position in its brackets. A book of longs and shorts may be liquidated on
    either side. Inverse contracts are margined in coin: ACCOUNT_LIQUIDATION takes them.

    References
    ----------
    Binance, "How to calculate liquidation price of USDⓈ-M futures contracts", cross margin mode.

    Examples
    --------
    Two longs share one wallet; where is the account liquidated if only ETH falls?

    >>> from xlhedge import margin
    >>> positions = {
    ...     "asset": ["BTC", "ETH"],
    ...     "instrument": ["linear", "linear"],
    ...     "quantity": [109.488, 3683.979],
    ...     "price": [31967.27, 1335.18],
    ...     "entry_price": [32481.98, 1456.84],
    ...     "maintenance_rate": [0.025, 0.1],
    ...     "maintenance_amount": [16300, 135365],
    ... }
    >>> round(margin.cross_price(positions, 1535443.01, "ETH"), 2)
    1153.26
    """
    ledger = _ledger(positions, wallet_balance, tiers)
    book = ledger.book
    moving = check_asset(book, asset)
    if not ((book.asset == moving) & ~book.is_spot & (book.units != 0)).any():
        raise NoSolution(f"there are no contracts of {asset}: nothing to liquidate")
    price = book.market_price(moving)
    slopes = (np.arange(len(book.assets)) == moving).astype(np.float64)
    (curves,) = account_curves(ledger)
    if ledger.today().liquidated[0, 0]:
        raise DomainError(_recovery(curves, slopes, asset, price))
    found: list[float] = []
    for direction, sign in (("above", 1.0), ("below", -1.0)):
        reach = first_reach(curves, slopes, sign > 0)
        if side in ("nearest", direction) and reach is not None:
            found.append(sign * reach)
    if not found:
        where = "" if side == "nearest" else f" {side} today's"
        held = f"no price of {asset}{where} liquidates this account, the others at their mark"
        raise NoSolution(held)
    log_move = min(found, key=abs)
    _check_amounts(ledger, np.where(slopes == 1, math.exp(log_move), 1.0))
    return price * math.exp(log_move)


def _ledger(positions: Positions, wallet_balance: float, tiers: Tiers | None) -> Ledger:
    """The one account of a cross wallet."""
    futures = ~positions.is_spot
    for row in np.flatnonzero(np.asarray(positions.instrument) == "inverse")[:1].tolist():
        message = "must be linear, got inverse: ACCOUNT_LIQUIDATION takes coin-margined contracts"
        refuse("positions", row, message, "instrument")
    names = np.unique(positions.account[futures])
    if names.size > 1:
        listing = ", ".join(str(name) or "(blank)" for name in names)
        raise InputError(f"must be of one account, got {listing}", argument="positions")
    name = (str(names[0]) if names.size else "") or "cross"
    held = replace(positions, account=np.where(futures, name, positions.account))
    return make_ledger(held, Accounts(np.array([name]), np.array([wallet_balance])), tiers)


def _recovery(curves: AccountCurves, slopes: Floats, asset: str, price: float) -> str:
    """Why an account that is liquidated today has no liquidation price."""
    reaches = {sign: first_reach(curves, slopes, sign > 0, recover=True) for sign in (1.0, -1.0)}
    moves = [sign * reach for sign, reach in reaches.items() if reach is not None]
    if not moves:
        return f"the account is below maintenance whatever {asset} does: it is liquidated already"
    recovers = price * math.exp(min(moves, key=abs))
    return f"the account is liquidated already; it recovers at {recovers:.10g}"


def _check_amounts(ledger: Ledger, growth: Floats) -> None:
    """Refuse an amount of another tier, which would make the maintenance negative at the answer."""
    legs, positions = ledger.legs, ledger.book.positions
    rate, amount = positions.maintenance_rate[legs.row], positions.maintenance_amount[legs.row]
    price = legs.price * growth[legs.asset]
    margin = legs.units * price * rate - np.nan_to_num(amount)
    for leg in np.flatnonzero(margin < -1e-12 * np.nan_to_num(amount))[:1].tolist():
        message = f"must belong to the tier of the price {price[leg]:.12g}: the maintenance margin"
        message += f" is negative there, {margin[leg]:.12g}"
        refuse("positions", int(legs.row[leg]), message, "maintenance_amount", DomainError)
