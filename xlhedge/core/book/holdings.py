"""Positions and accounts, checked against each other and laid out by asset."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.names import STABLECOINS, Names, key
from xlhedge.core.book.ranges import Accounts, Positions, refuse
from xlhedge.core.types import Flags, Floats
from xlhedge.errors import InputError


class Balances(NamedTuple):
    """What accounts hold, one entry per row of the accounts' range."""

    account: Any
    """Index of the account."""
    asset: Any
    """Index of the asset, −1 = the settlement coin."""
    quantity: Floats
    haircut: Floats
    debt_rate: Floats


class Book(NamedTuple):
    """A book by asset: prices and slopes per asset, arrays of one entry per position."""

    positions: Positions
    assets: Names
    is_stable: Flags
    spot_price: Floats
    """Price of each asset."""
    has_spot_price: Flags
    """Whether a spot row or accounts give an asset's price, and not only a future."""
    beta: Floats
    """Slope of each asset's log price on the market's."""
    asset: Any
    """Index of each position's asset."""
    is_spot: Flags
    is_linear: Flags
    is_inverse: Flags
    units: Floats
    """Coins (spot, linear) or face value (inverse), signed."""
    price: Floats
    entry: Floats
    accounts: Names
    account: Any
    """Index of each position's account, −1 = custody."""
    balances: Balances
    haircut_pnl: Flags
    """Whether an account's unrealised coin profit shares the haircut."""
    netting: list[str]

    @property
    def row_spot_price(self) -> Floats:
        """Price of each position's asset."""
        price: Floats = self.spot_price[self.asset]
        return price

    @property
    def in_account(self) -> Floats:
        """1 where a position (row) belongs to an account (column)."""
        return _indicator(self.account, len(self.accounts))

    @property
    def of_account(self) -> Floats:
        """1 where a balance (row) belongs to an account (column)."""
        return _indicator(self.balances.account, len(self.accounts))

    @property
    def at_risk(self) -> Flags:
        """Which accounts can be liquidated: those with a future or a debt."""
        flags = np.zeros(len(self.accounts), dtype=bool)
        flags[self.account[(self.account >= 0) & (self.units != 0)]] = True
        flags[self.balances.account[self.balances.quantity < 0]] = True
        return flags

    def market_price(self, asset: int) -> float:
        """Price of an asset's first future with a position, or without one its spot price."""
        futures = np.flatnonzero((self.asset == asset) & ~self.is_spot)
        return float(self.price[futures[0]] if futures.size else self.spot_price[asset])


def _indicator(index: Any, count: int) -> Floats:
    flags: Floats = (np.asarray(index)[:, None] == np.arange(count)).astype(np.float64)
    return flags


def make_book(positions: Positions, accounts: Accounts | None = None) -> Book:
    """Positions and accounts, checked against each other.

    Parameters
    ----------
    positions
        The positions.
    accounts
        The accounts; None where nothing is asked about margin: every position is custody then.

    Raises
    ------
    InputError
        For a future without an account or in one that accounts does not hold, a spot row in an
        account, or a coin of accounts without a price.
    """
    instrument = np.asarray(positions.instrument)
    is_spot = positions.is_spot
    held = [] if accounts is None else accounts.asset.tolist()
    assets = Names(positions.asset.tolist(), held)
    asset = assets.indices(positions.asset)
    is_stable = _stable(assets, accounts)
    beta = np.ones(len(assets))
    beta[asset] = positions.beta
    names = Names([] if accounts is None else accounts.account.tolist())
    size = np.where(is_spot, 1.0, positions.contract_size)
    blank_entry = np.isnan(positions.entry_price)
    spot_price, has_spot_price = _spot_prices(positions, accounts, assets, asset, is_stable)
    return Book(
        positions=positions,
        assets=assets,
        is_stable=is_stable,
        spot_price=spot_price,
        has_spot_price=has_spot_price,
        beta=beta,
        asset=asset,
        is_spot=is_spot,
        is_linear=instrument == "linear",
        is_inverse=instrument == "inverse",
        units=positions.quantity * size,
        price=positions.price,
        entry=np.where(blank_entry, positions.price, positions.entry_price),
        accounts=names,
        account=_accounts_of_rows(positions, is_spot, names, accounts is not None),
        balances=_balances(accounts, assets, names),
        haircut_pnl=_flags(accounts, names),
        netting=_netting(accounts, names),
    )


def names_an_account(positions: Positions) -> bool:
    """Whether any future is said to be in a margin account."""
    return bool((~positions.is_spot & (positions.account != "")).any())


def _stable(assets: Names, accounts: Accounts | None) -> Flags:
    """Which assets are stablecoins, by their name or as accounts say."""
    flags = np.array([key(name) in STABLECOINS for name in assets], dtype=bool)
    if accounts is None:
        return flags
    said: dict[int, str] = {}
    for row, kind in enumerate(np.asarray(accounts.kind).tolist()):
        index = assets.index(str(accounts.asset[row]))
        if kind == "" or index < 0:
            continue
        if said.setdefault(index, kind) != kind:
            refuse("accounts", row, "must be the same in all rows of one asset", "kind")
        flags[index] = kind == "stablecoin"
    return flags


def _spot_prices(
    positions: Positions, accounts: Accounts | None, assets: Names, asset: Any, is_stable: Flags
) -> tuple[Floats, Flags]:
    """Price of each asset, and whether it is a spot price.

    It is that of its first spot row, else that of accounts, else its first future's. A stablecoin
    that neither of the first two gives a price is worth 1.
    """
    price = np.full(len(assets), np.nan)
    price[asset[::-1]] = positions.price[::-1]  # the first of several is written last
    price[is_stable] = 1.0
    known = is_stable.copy()
    index = np.empty(0, dtype=np.intp)
    if accounts is not None:
        index = assets.indices(accounts.asset)
        _check_prices(accounts, index)
        given = np.flatnonzero((index >= 0) & ~np.isnan(accounts.price))[::-1]
        price[index[given]] = accounts.price[given]
        known[index[given]] = True
    spot = np.flatnonzero(positions.is_spot)[::-1]
    price[asset[spot]] = positions.price[spot]
    known[asset[spot]] = True
    if accounts is not None:
        for row in np.flatnonzero((index >= 0) & np.isnan(price[index]))[:1].tolist():
            name = accounts.asset[row]
            message = f"must be given: positions hold no {name}. Leave asset blank for the "
            refuse("accounts", row, message + "settlement coin of linear contracts", "price")
    return price, known


def _check_prices(accounts: Accounts, index: Any) -> None:
    """One price for all rows of an asset."""
    known: dict[int, float] = {}
    for row in np.flatnonzero((index >= 0) & ~np.isnan(accounts.price)).tolist():
        price = float(accounts.price[row])
        if known.setdefault(int(index[row]), price) != price:
            message = f"must be one value for all rows of {accounts.asset[row]}"
            refuse("accounts", row, message, "price")


def _accounts_of_rows(positions: Positions, is_spot: Flags, names: Names, given: bool) -> Any:
    """Index of each position's account; without accounts every position is custody."""
    if not given:
        return np.full(len(is_spot), -1)
    index = names.indices(positions.account)
    blank = positions.account == ""
    bad = np.where(is_spot, ~blank, index < 0)
    for row in np.flatnonzero(bad)[:1].tolist():
        name = str(positions.account[row])
        if is_spot[row]:
            message = "must be blank for spot, which is custody: enter coins held as margin in "
            message += "accounts, with their asset, and not here as well, else they count twice"
        elif not name:
            message = "is blank: a future must name its account, or it could never be liquidated; "
            message += f"accounts are {names.listing()}"
        else:
            message = f"must be one of accounts, got {name}; accounts are {names.listing()}"
        refuse("positions", row, message, "account")
    return index


def _balances(accounts: Accounts | None, assets: Names, names: Names) -> Balances:
    if accounts is None:
        none, empty = np.empty(0, dtype=np.intp), np.empty(0)
        return Balances(none, none, empty, empty, empty)
    blank = np.flatnonzero(accounts.account == "")
    if blank.size:
        refuse("accounts", int(blank[0]), "is blank", "account")
    return Balances(
        names.indices(accounts.account),
        assets.indices(accounts.asset),
        accounts.balance,
        accounts.haircut,
        accounts.debt_rate,
    )


def _flags(accounts: Accounts | None, names: Names) -> Flags:
    flags = np.zeros(len(names), dtype=bool)
    if accounts is not None:
        flags[names.indices(accounts.account)] = accounts.haircut_pnl
    return flags


def _netting(accounts: Accounts | None, names: Names) -> list[str]:
    if accounts is None:
        return []
    given = dict(zip(accounts.account.tolist(), np.asarray(accounts.netting).tolist(), strict=True))
    return [given[name] or "gross" for name in names]


def check_asset(book: Book, asset: str) -> int:
    """Index of an asset that the positions must hold."""
    index = book.assets.index(asset)
    if index < 0:
        raise InputError(f'positions must hold the asset "{asset}", got {book.assets.listing()}')
    return index
