"""The ranges of a book, each with a header row: one dataclass per kind, one array per column.

`sheet/labelled.py` fills them from cells. A field without a default is a required column; the
default stands in for blank cells, and None there means NaN (numbers) or "" (texts) in the array.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, NoReturn

import numpy as np

from xlhedge.core.book.names import STABLECOINS, first_written, key
from xlhedge.core.types import Flags, Floats, OtherColumns, Texts
from xlhedge.errors import DomainError, HedgeError, InputError

Instrument = Literal["spot", "linear", "inverse"]
Kind = Literal["", "coin", "stablecoin"]
Netting = Literal["gross", "net", "larger"]

# Defaults of optional columns: what a blank cell stands for.
ZERO: Any = 0.0
ONE: Any = 1.0
NO: Any = False
BLANK: Any = None

SHARE = "lie in [0, 1)"
PER_CENT = f"{SHARE}: was a percentage meant, 0.5 % as 0.005?"


def refuse(
    table: str,
    row: int,
    message: str,
    column: str | None = None,
    error: type[HedgeError] = InputError,
    value: float | None = None,
) -> NoReturn:
    """Raise `error` for a row, counted from 0, of a range."""
    raise error(message, argument=table, column=column, row=row, value=value)


def check_rows(
    table: str,
    column: str,
    good: Any,
    values: Any,
    must: str,
    error: type[HedgeError] = DomainError,
) -> None:
    """Raise `error` for the first row whose `column` is not good."""
    bad = np.flatnonzero(~np.asarray(good, dtype=bool))
    if bad.size:
        row = int(bad[0])
        value = float(np.atleast_1d(values)[row])
        refuse(table, row, f"must {must}", column, error, value)


def check_shares(table: str, column: str, values: Any) -> None:
    """Refuse a rate that is no share in [0, 1); 1 and more may be a percentage."""
    check_rows(table, column, ~(values < 0), values, SHARE)
    check_rows(table, column, ~(values >= 1), values, PER_CENT)


def _complete(table: Any, **blanks: Any) -> None:
    """Columns that a caller from Python left out, as arrays of what a blank cell stands for."""
    rows = len(getattr(table, fields(table)[0].name))
    for column, blank in blanks.items():
        values = getattr(table, column)
        if not isinstance(values, np.ndarray):
            filled = np.full(rows, blank if values is None else values)
            object.__setattr__(table, column, filled)


def _tidy(table: Any, *columns: str) -> None:
    """Names as their first row writes them, so that equal names are equal texts."""
    for column in columns:
        object.__setattr__(table, column, first_written(getattr(table, column)))


@dataclass(frozen=True, slots=True)
class Positions:
    """A book: spot holdings and futures, one row each.

    Parameters
    ----------
    asset
        Name of the coin; rows of one coin share its spot price.
    instrument
        spot, linear or inverse.
    quantity
        Coins (spot) or contracts, positive = long, negative = short.
    price
        Spot price, or the future's mark price, in quote currency.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    entry_price
        Average entry price; NaN where it is blank.
    beta
        Log slope of this coin's price on the market's, one value per asset; NaN where it is blank
        in every row of the asset, which means 1.
    account
        Margin account that carries the row; "" is custody.
    maintenance_rate
        Maintenance margin rate; NaN where it is blank.
    maintenance_amount
        Maintenance amount of the tier, NaN where it is blank.
    fee_rate
        Liquidation fee rate, counted with maintenance.
    days
        Days to expiry; NaN where it is blank: a perpetual.
    contract
        The venue's name of the contract; rows of one name are one position in its brackets.
    """

    asset: Texts
    instrument: Instrument
    quantity: Floats
    price: Floats
    contract_size: Floats = ONE
    entry_price: Floats = BLANK
    beta: Floats = BLANK
    account: Texts = BLANK
    maintenance_rate: Floats = BLANK
    maintenance_amount: Floats = BLANK
    fee_rate: Floats = ZERO
    days: Floats = BLANK
    contract: Texts = BLANK

    def __post_init__(self) -> None:
        """Refuse prices, sizes and rates that no position can have."""
        numbers = ("entry_price", "maintenance_rate", "maintenance_amount", "days", "beta")
        _complete(self, contract_size=1.0, fee_rate=0.0, account="", contract="")
        _complete(self, **dict.fromkeys(numbers, np.nan))
        _tidy(self, "asset", "account", "contract")
        # NaN, a blank cell, passes each check.
        for column in ("price", "contract_size", "entry_price"):
            values = getattr(self, column)
            check_rows("positions", column, ~(values <= 0), values, "be positive")
        for column in ("maintenance_amount", "days"):
            values = getattr(self, column)
            check_rows("positions", column, ~(values < 0), values, "not be negative")
        for column in ("maintenance_rate", "fee_rate"):
            values = getattr(self, column)
            check_shares("positions", column, values)
        self._agree("beta", np.ones(len(self.asset), dtype=bool), fill=1.0)
        self._agree("price", self.is_spot)

    @property
    def is_spot(self) -> Flags:
        """Which rows are spot."""
        flags: Flags = np.asarray(self.instrument) == "spot"
        return flags

    def _agree(self, column: str, rows: Flags, fill: float | None = None) -> None:
        """One value of the column per asset; a blank one takes that of the asset's other rows."""
        values = getattr(self, column)
        known: dict[str, float] = {}
        for row in np.flatnonzero(rows & ~np.isnan(values)).tolist():
            asset, value = str(self.asset[row]), float(values[row])
            if known.setdefault(asset, value) != value:
                message = f"must be one value for all {'spot ' if fill is None else ''}rows of "
                message += f"{asset}: {known[asset]:.12g} above, here {value:.12g}"
                refuse("positions", row, message, column)
        if fill is not None and np.isnan(values).any():
            filled = np.array([known.get(asset, fill) for asset in self.asset.tolist()])
            object.__setattr__(self, column, filled)


@dataclass(frozen=True, slots=True)
class Tiers:
    """Venues' maintenance margin brackets, one row each; each schedule from its smallest on.

    Parameters
    ----------
    floor
        Size above which the bracket holds, in `unit`. The first of a schedule is 0.
    rate
        Maintenance margin rate of the bracket.
    amount
        Maintenance amount of the bracket; where it is given it is compared with `amounts`.
    max_leverage
        Highest leverage in the bracket; NaN where it is blank.
    asset, account, instrument, contract
        What the schedule is for; "" matches all.
    schedule
        marginal: each part of the size pays the rate of its own bracket; whole: the bracket's rate
        on the whole size.
    unit
        Unit of floor: notional (quote currency for linear, coin for inverse), contracts or coins.
    """

    floor: Floats
    rate: Floats
    amount: Floats = BLANK
    max_leverage: Floats = BLANK
    asset: Texts = BLANK
    account: Texts = BLANK
    instrument: Literal["", "linear", "inverse"] = BLANK
    contract: Texts = BLANK
    schedule: Literal["marginal", "whole"] = "marginal"
    unit: Literal["notional", "contracts", "coins"] = "notional"

    def __post_init__(self) -> None:
        """Refuse what no venue's brackets can be."""
        _complete(self, amount=np.nan, max_leverage=np.nan)
        _complete(self, **dict.fromkeys(("asset", "account", "instrument", "contract"), ""))
        _complete(self, schedule="", unit="")
        _tidy(self, "asset", "account", "contract")
        check_rows("tiers", "floor", self.floor >= 0, self.floor, "not be negative", InputError)
        check_shares("tiers", "rate", self.rate)
        good = ~(self.max_leverage <= 0)
        check_rows("tiers", "max_leverage", good, self.max_leverage, "be positive")


@dataclass(frozen=True, slots=True)
class Accounts:
    """Margin accounts and what they hold; several rows of one account are its several balances.

    Parameters
    ----------
    account
        Name, as in the positions.
    balance
        Wallet balance without unrealised profit, in units of `asset`; negative is a debt.
    asset
        What the balance is held in; "" is the stablecoin in which linear contracts settle.
    haircut
        Share of a positive balance that does not count as margin.
    price
        Price of `asset`, NaN where it is blank.
    kind
        coin or stablecoin; "" where the name tells.
    haircut_pnl
        Whether unrealised coin profit shares the haircut of its coin.
    debt_rate
        Maintenance margin per unit of debt.
    netting
        How longs and shorts of one contract count in its brackets.
    """

    account: Texts
    balance: Floats
    asset: Texts = BLANK
    haircut: Floats = ZERO
    price: Floats = BLANK
    kind: Kind = BLANK
    haircut_pnl: Flags = NO
    debt_rate: Floats = ZERO
    netting: Netting = "gross"

    def __post_init__(self) -> None:
        """Refuse haircuts and prices that no balance can have."""
        _complete(self, haircut=0.0, debt_rate=0.0, price=np.nan, asset="", kind="")
        _complete(self, haircut_pnl=False, netting="")
        _tidy(self, "account", "asset")
        check_rows("accounts", "haircut", self.haircut >= 0, self.haircut, "lie in [0, 1]")
        hint = "lie in [0, 1]: was a percentage meant, 5 % as 0.05?"
        check_rows("accounts", "haircut", self.haircut <= 1, self.haircut, hint)
        check_shares("accounts", "debt_rate", self.debt_rate)
        check_rows("accounts", "price", ~(self.price <= 0), self.price, "be positive")
        blank = self.asset == ""
        good = ~blank | np.isnan(self.price) | (self.price == 1)
        hint = "be blank or 1 where asset is blank, the settlement coin"
        check_rows("accounts", "price", good, self.price, hint, InputError)
        for row in np.flatnonzero(blank & (np.asarray(self.kind) == "coin"))[:1].tolist():
            refuse("accounts", row, "must not be coin where asset is blank", "kind")
        for column in ("netting", "haircut_pnl"):
            self._agree(column)

    @property
    def is_stable(self) -> Flags:
        """Which balances are in a stablecoin."""
        named = np.array([name == "" or key(name) in STABLECOINS for name in self.asset.tolist()])
        kind = np.asarray(self.kind)
        flags: Flags = np.where(kind == "", named, kind == "stablecoin")
        return flags

    def _agree(self, column: str) -> None:
        """One value of the column per account."""
        known: dict[str, Any] = {}
        rows = zip(self.account.tolist(), np.asarray(getattr(self, column)).tolist(), strict=True)
        for row, (account, value) in enumerate(rows):
            if known.setdefault(account, value) != value:
                message = f"must be the same in all rows of the account {account}"
                refuse("accounts", row, message, column)


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Shocked worlds, one row each.

    Parameters
    ----------
    scenario
        Name.
    spot_shock
        Simple return of the market's spot price, above −1.
    basis_shock
        Change of the log basis ln(S/F): negative where the future rises against spot.
    funding_rate
        Funding rate per interval, positive = paid by longs.
    intervals
        Funding intervals that pass.
    stablecoin_shock
        Change of the settlement coin's dollar value, above −1.
    cost_rate
        Cost of liquidation on the traded notional.
    top_up
        Whether cash for margin calls can be sent in time.
    proxy_shock
        A further simple return of what the book holds without a future of its own.
    own
        Columns named after an asset: its own simple return, NaN where the rule stays.
    """

    scenario: Texts
    spot_shock: Floats
    basis_shock: Floats = ZERO
    funding_rate: Floats = ZERO
    intervals: Floats = ONE
    stablecoin_shock: Floats = ZERO
    cost_rate: Floats = ZERO
    top_up: Flags = NO
    proxy_shock: Floats = ZERO
    own: OtherColumns = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse shocks that leave no price."""
        _complete(self, basis_shock=0.0, funding_rate=0.0, intervals=1.0, stablecoin_shock=0.0)
        _complete(self, cost_rate=0.0, top_up=False, proxy_shock=0.0)
        for column in ("spot_shock", "stablecoin_shock", "proxy_shock"):
            values = getattr(self, column)
            check_rows("scenarios", column, values > -1, values, "be above -1")
        for column, values in self.own.items():
            check_rows("scenarios", column, ~(values <= -1), values, "be above -1")
        for column in ("intervals", "cost_rate"):
            values = getattr(self, column)
            check_rows("scenarios", column, values >= 0, values, "not be negative")
        good = np.abs(self.funding_rate) <= 0.1
        hint = "lie within 0.1 an interval: was a percentage meant, 0.01 % as 0.0001?"
        check_rows("scenarios", "funding_rate", good, self.funding_rate, hint)
