"""Margin accounts today, and the prices at which they are liquidated."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from xlhedge.core.book.ranges import Accounts, Positions, Tiers
from xlhedge.core.margin.boundary import first_reach
from xlhedge.core.margin.curves import AccountCurves, account_curves
from xlhedge.core.margin.engine import Ledger, make_ledger, status
from xlhedge.core.types import Floats, Labelled, Table, Value
from xlhedge.errors import DomainError


def account_status(
    positions: Labelled[Positions],
    accounts: Labelled[Accounts],
    tiers: Labelled[Tiers] | None = None,
) -> Table:
    """Equity, maintenance, margin ratio, top-up and status of every margin account today.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, beta, account, maintenance_rate, maintenance_amount, fee_rate, days, contract.
    accounts
        Table with the columns account, balance and optionally asset (blank = settlement coin),
        price, kind, haircut, haircut_pnl, debt_rate, netting (gross, net or larger).
    tiers
        Brackets with the columns floor, rate and optionally asset, account, instrument, contract,
        amount, max_leverage, schedule (marginal or whole) and unit of floor (notional, contracts
        or coins).

    Returns
    -------
    table
        account, equity, maintenance, ratio, top_up, status; one row per account, in settlement
        coin.

    Raises
    ------
    InputError
        For a future without an account of accounts, spot with one, rows of one contract that
        differ, a position with a rate and a schedule or with neither, a coin without a price.
    DomainError
        For a price or size that is not positive, or a rate or haircut outside its range.

    Notes
    -----
    Equity = Σ balance · price · (1 − haircut) + unrealised profit; the haircut is on positive
    balances only. Maintenance = Σ over positions of their brackets' margin + fee_rate · notional,
    and debt_rate on debts. Coins and inverse contracts are valued at the coin's price: that of its
    first spot row, else that of accounts, else of its first future.

    ratio = maintenance / equity, #NUM! where no equity is left. top_up brings it back to 0.5.
    status: ok below 0.5, warn below 0.8, call below 1, liquidated from 1 on. An account without a
    future or a debt is ok.

    References
    ----------
    docs/venues.md names each venue's own documents.

    Examples
    --------
    >>> from xlhedge import margin
    >>> positions = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1],
    ...              "price": [73000], "account": ["A"], "maintenance_rate": [0.05]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> margin.account_status(positions, accounts).round(6)
      account  equity  maintenance     ratio  top_up status
    0       A  7000.0       3650.0  0.521429   300.0   warn
    """
    ledger = make_ledger(positions, accounts, tiers)
    today = ledger.today()
    rows: list[list[Value]] = []
    for account, name in enumerate(ledger.book.accounts):
        ratio = today.ratio(0, account)
        money = [part[0, account] for part in (today.equity, today.maintenance)]
        rows.append([name, *money, ratio, today.margin_calls[0, account], status(ratio)])
    return Table(["account", "equity", "maintenance", "ratio", "top_up", "status"], rows)


def account_liquidation(
    positions: Labelled[Positions],
    accounts: Labelled[Accounts],
    tiers: Labelled[Tiers] | None = None,
    others: Literal["held", "beta"] = "held",
) -> Table:
    """Prices of every asset, below and above today's, at which each account is liquidated.

    Parameters
    ----------
    positions, accounts, tiers
        As for ACCOUNT_STATUS.
    others
        held: the other assets stay at their prices; beta: they move as well, by (their beta / this
        asset's beta) of its log move.

    Returns
    -------
    table
        account, asset, price, below, above, distance_below, distance_above; one row per account and
        asset in it. The price is that of the asset's first future in the account, else its spot
        price. Distances are positive shares of it; blank where no such price liquidates. Where the
        account is liquidated today, below and above are the price and the distances 0.

    Raises
    ------
    InputError, DomainError
        As for ACCOUNT_STATUS; DomainError in the row's cells for an asset of beta 0 whose others
        shall move with it.

    Notes
    -----
    Everything of the asset moves in proportion: its perpetual, dated and inverse contracts, coins
    held as margin and debts of it. Between the prices at which a bracket changes, equity less
    maintenance is a straight line of the price (a sum of powers of it with others = beta), so the
    first root on each side is found bracket by bracket, and a floor at which the margin jumps over
    equity counts as reached.

    References
    ----------
    docs/venues.md names each venue's own documents.

    Examples
    --------
    One short in an account; only a rise liquidates it:

    >>> from xlhedge import margin
    >>> positions = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1],
    ...              "price": [70000], "account": ["A"], "maintenance_rate": [0.005]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> prices = margin.account_liquidation(positions, accounts)
    >>> prices.iloc[0]
    account                      A
    asset                      BTC
    price                  70000.0
    below                     None
    above             76616.915423
    distance_below            None
    distance_above        0.094527
    Name: 0, dtype: object
    """
    ledger = make_ledger(positions, accounts, tiers)
    liquidated = ledger.today().liquidated[0]
    rows: list[list[Value]] = []
    for curves in account_curves(ledger):
        for asset in _assets_shown(ledger, curves.account):
            price = _price(ledger, curves.account, asset)
            if liquidated[curves.account]:
                cells: list[Value] = [price, price, 0.0, 0.0]
            else:
                cells = _both_sides(ledger, curves, asset, price, others)
            name = ledger.book.accounts.shown[curves.account]
            rows.append([name, ledger.book.assets.shown[asset], price, *cells])
    header = ["account", "asset", "price", "below", "above", "distance_below", "distance_above"]
    return Table(header, rows)


def _assets_shown(ledger: Ledger, account: int) -> list[int]:
    """Assets of an account, in the order of the book."""
    book = ledger.book
    futures = book.asset[(book.account == account) & ~book.is_spot]
    held = book.balances.asset[book.balances.account == account]
    coins = [asset for asset in held.tolist() if asset >= 0 and not book.is_stable[asset]]
    return sorted({*futures.tolist(), *coins})


def _price(ledger: Ledger, account: int, asset: int) -> float:
    """Price of the account's first future of an asset, else the asset's spot price."""
    book = ledger.book
    rows = np.flatnonzero((book.account == account) & (book.asset == asset) & ~book.is_spot)
    return float(book.price[rows[0]] if rows.size else book.spot_price[asset])


def _both_sides(
    ledger: Ledger, curves: AccountCurves, asset: int, price: float, others: str
) -> list[Value]:
    """Prices below and above, and their distances."""
    if not ledger.book.at_risk[curves.account]:
        return [None] * 4
    slopes = path_slopes(ledger, asset, others)
    if slopes is None:
        name = ledger.book.assets.shown[asset]
        return [DomainError(f"beta of {name} must not be 0 where the others move with it")] * 4
    below, above = (first_reach(curves, slopes, upwards) for upwards in (False, True))
    return [
        None if below is None else price * math.exp(-below),
        None if above is None else price * math.exp(above),
        None if below is None else -math.expm1(-below),
        None if above is None else math.expm1(above),
    ]


def path_slopes(ledger: Ledger, asset: int, others: str) -> Floats | None:
    """Log move of each asset per log move of one; None where the others' is not known."""
    book = ledger.book
    if others == "held":
        alone: Floats = (np.arange(len(book.assets)) == asset).astype(np.float64)
        return alone
    if book.beta[asset] == 0:
        return None
    slopes: Floats = np.where(book.is_stable, 0.0, book.beta / book.beta[asset])
    return slopes
