"""A book in shocked worlds: every position, balance and margin account revalued in full.

Arrays are worlds × rows. Money is in dollars: what a stablecoin margins is worth 1 + d of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.ranges import Accounts, Positions
from xlhedge.core.types import Flags, Floats, Texts
from xlhedge.errors import InputError


class Worlds(NamedTuple):
    """Shocks, one entry per world; all fields broadcast against each other."""

    spot_shock: Floats
    basis_shock: Any = 0.0
    stablecoin_shock: Any = 0.0
    funding: Any = 0.0
    """Funding rate times intervals."""


class Margins(NamedTuple):
    """Margin accounts: what belongs to which, and what is in them."""

    names: Texts
    row_account: Any
    """Index of each position's account, −1 = custody."""
    balance_account: Any
    balance: Floats
    haircut: Floats
    balance_row: Any
    """Index of the position whose asset and price the balance is in, −1 = stablecoin."""
    has_contracts: Flags


class Book(NamedTuple):
    """Positions in the form that revaluation needs."""

    is_spot: Flags
    is_linear: Flags
    is_inverse: Flags
    units: Floats
    price: Floats
    entry: Floats
    spot_price: Floats
    beta: Floats
    rate: Floats
    amount: Floats
    margins: Margins


class Revaluation(NamedTuple):
    """A book in each world: changes against today per position and per balance; account sums."""

    spot: Floats
    futures: Floats
    funding: Floats
    collateral: Floats
    equity: Floats
    maintenance: Floats
    notional: Floats

    @property
    def total(self) -> Floats:
        """Profit and loss of each world."""
        rows = (self.spot + self.futures + self.funding).sum(axis=1)
        total: Floats = rows + self.collateral.sum(axis=1)
        return total

    @property
    def slack(self) -> Floats:
        """Equity less maintenance, per account."""
        return self.equity - self.maintenance


def make_book(positions: Positions, accounts: Accounts | None) -> Book:
    """Positions and accounts, checked against each other."""
    instrument = np.asarray(positions.instrument)
    is_spot, is_linear = instrument == "spot", instrument == "linear"
    size = np.where(is_spot, 1.0, positions.contract_size)
    blank_entry = np.isnan(positions.entry_price)
    spot_rows = [_price_row(positions, asset) for asset in positions.asset.tolist()]
    return Book(
        is_spot=is_spot,
        is_linear=is_linear,
        is_inverse=instrument == "inverse",
        units=positions.quantity * size,
        price=positions.price,
        entry=np.where(blank_entry, positions.price, positions.entry_price),
        spot_price=positions.price[spot_rows],
        beta=positions.beta,
        rate=np.nan_to_num(positions.maintenance_rate),
        amount=np.nan_to_num(positions.maintenance_amount),
        margins=_margins(positions, is_spot, accounts),
    )


def names_an_account(positions: Positions) -> bool:
    """Whether any future is said to be in a margin account."""
    return bool(((np.asarray(positions.instrument) != "spot") & (positions.account != "")).any())


def _price_row(positions: Positions, asset: str) -> int:
    """Row that gives an asset's spot price: its first spot row, else its first."""
    rows = np.flatnonzero(positions.asset == asset)
    spot = rows[np.asarray(positions.instrument)[rows] == "spot"]
    return int(spot[0] if spot.size else rows[0])


def _margins(positions: Positions, is_spot: Flags, accounts: Accounts | None) -> Margins:
    none = np.full(len(is_spot), -1)
    if accounts is None:
        empty, no_rows = np.empty(0), np.empty(0, dtype=np.intp)
        no_names = np.empty(0, dtype=np.str_)
        return Margins(no_names, none, no_rows, empty, empty, no_rows, np.empty(0, dtype=np.bool_))
    names, balance_account = np.unique(accounts.account, return_inverse=True)
    order = {name: index for index, name in enumerate(names.tolist())}
    row_account = none
    for row, name in enumerate(positions.account.tolist()):
        if name == "":
            continue
        problem = None
        if name not in order:
            problem = f"names the account {name}, which accounts does not hold"
        elif is_spot[row]:
            problem = (
                "is spot and must have no account: "
                "enter coins held as margin in accounts, with their asset"
            )
        elif np.isnan(positions.maintenance_rate[row]):
            problem = f"is in the account {name} and lacks its maintenance_rate"
        if problem is not None:
            raise InputError(problem, argument="positions", row=row)
        row_account[row] = order[name]
    balance_row = np.full(len(accounts.balance), -1)
    for row, asset in enumerate(accounts.asset.tolist()):
        if asset == "":
            continue
        if asset not in positions.asset:
            raise InputError(
                f"is {asset}, of which no position has a price. Leave asset blank for the "
                "stablecoin, or add a spot row of the coin, of quantity 0 if need be",
                argument="accounts",
                column="asset",
                row=row,
            )
        balance_row[row] = _price_row(positions, asset)
    open_accounts = row_account[(row_account >= 0) & (positions.quantity != 0)]
    has_contracts = np.isin(np.arange(len(names)), open_accounts)
    return Margins(
        names,
        row_account,
        balance_account,
        accounts.balance,
        accounts.haircut,
        balance_row,
        has_contracts,
    )


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
    columns = np.broadcast_arrays(*(np.atleast_1d(field) for field in worlds))
    spot_shock, basis_shock, depeg, funding = (column[:, None] for column in columns)
    growth, move = _growth(spot_shock, book.beta)
    dollar = np.where(book.is_linear, 1 + depeg, 1.0)
    spot_price = book.spot_price * growth
    futures_price = book.price * growth * np.exp(-basis_shock) / dollar
    # Dollars per unit of margin: 1 + d for linear, the coin's price for inverse contracts.
    unit = np.where(book.is_inverse, spot_price, dollar)
    flow = -book.units * np.where(book.is_linear, futures_price * dollar, ~book.is_spot) * funding
    received = np.cumsum(flow, axis=0) if accumulate else flow
    notional = np.abs(book.units) * np.where(book.is_inverse, 1 / futures_price, futures_price)
    required = np.maximum(notional * book.rate - book.amount, 0.0) * unit
    linear = book.price * (move * np.exp(-basis_shock) + np.expm1(-basis_shock))
    inverse = book.spot_price * (move / book.entry - np.expm1(basis_shock) / book.price)
    change = np.where(book.is_inverse, inverse, linear - book.entry * depeg)
    futures = np.where(book.is_spot, 0.0, book.units * change)
    value = unrealised_today(book) + futures
    after = balances(book, growth, 1 + depeg)
    margins, accounts = book.margins, np.arange(len(book.margins.names))
    in_account = margins.row_account[:, None] == accounts
    of_account = margins.balance_account[:, None] == accounts
    return Revaluation(
        spot=np.where(book.is_spot, book.units * (book.price * move), 0.0),
        futures=futures,
        funding=received,
        collateral=balances(book, move, depeg),
        equity=(value + received) @ in_account + (after * (1 - margins.haircut)) @ of_account,
        maintenance=required @ in_account,
        notional=np.where(book.is_inverse, np.abs(book.units), notional * dollar),
    )


def unrealised(book: Book, futures_price: Floats) -> Floats:
    """Unrealised profit of futures in the unit of margin; 0 for spot."""
    linear = book.units * (futures_price - book.entry)
    inverse = book.units * ((futures_price - book.entry) / book.entry / futures_price)
    return np.where(book.is_spot, 0.0, np.where(book.is_inverse, inverse, linear))


def unrealised_today(book: Book) -> Floats:
    """Unrealised profit of each position in dollars at today's prices."""
    unit = np.where(book.is_inverse, book.spot_price, 1.0)
    return unrealised(book, book.price) * unit


def _growth(spot_shock: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """(1 + shock)^beta, and the same less 1, which is the shock itself where beta is 1."""
    if (beta == 1).all():
        move = np.broadcast_to(spot_shock, (len(spot_shock), len(beta)))
        return 1 + move, move
    log_growth = beta * np.log1p(spot_shock)
    return (1 + spot_shock) ** beta, np.where(beta == 1, spot_shock, np.expm1(log_growth))


def balances(book: Book, growth: Floats, dollar: Floats) -> Floats:
    """Dollar value of each balance, with growths of the assets and the stablecoin's value."""
    row = book.margins.balance_row
    price = np.where(row < 0, dollar, book.spot_price[row] * growth[:, row])
    value: Floats = book.margins.balance * price
    return value


def account_values_today(book: Book) -> Floats:
    """What each account is worth today in dollars, with its unrealised profit."""
    accounts = np.arange(len(book.margins.names))
    (today,) = balances(book, np.ones((1, len(book.price))), np.ones((1, 1)))
    of_account = book.margins.balance_account[:, None] == accounts
    in_account = book.margins.row_account[:, None] == accounts
    values: Floats = today @ of_account + unrealised_today(book) @ in_account
    return values
