"""Ranges with a header row: one dataclass per kind, one array per column.

`sheet/labelled.py` fills them from cells. A field without a default is a required column; the
default stands in for blank cells, and None there means NaN (numbers) or "" (texts) in the array.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from xlhedge.core.types import Flags, Floats, Texts
from xlhedge.errors import DomainError, HedgeError, InputError

Instrument = Literal["spot", "linear", "inverse"]

# Defaults of optional columns: what a blank cell stands for.
ZERO: Any = 0.0
ONE: Any = 1.0
NO: Any = False
BLANK: Any = None


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
        raise error(f"must {must}", argument=table, column=column, row=row, value=value)


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
        Log slope of this coin's price on the market's.
    account
        Margin account that carries the row; "" is custody.
    maintenance_rate
        Maintenance margin rate; NaN where it is blank.
    maintenance_amount
        Maintenance amount of the tier, NaN where it is blank.
    """

    asset: Texts
    instrument: Instrument
    quantity: Floats
    price: Floats
    contract_size: Floats = ONE
    entry_price: Floats = BLANK
    beta: Floats = ONE
    account: Texts = BLANK
    maintenance_rate: Floats = BLANK
    maintenance_amount: Floats = BLANK

    def __post_init__(self) -> None:
        """Refuse prices, sizes and rates that no position can have."""
        for column in ("price", "contract_size", "entry_price"):
            values = getattr(self, column)
            if values is not None:
                # NaN, a blank cell, passes.
                check_rows("positions", column, ~(values <= 0), values, "be positive")
        rates = self.maintenance_rate
        if rates is not None:
            good = ~((rates < 0) | (rates >= 1))
            check_rows("positions", "maintenance_rate", good, rates, "lie in [0, 1)")


@dataclass(frozen=True, slots=True)
class Tiers:
    """A venue's maintenance margin brackets, one row each, from the smallest notional on.

    Parameters
    ----------
    floor
        Notional above which the bracket holds: quote currency (linear) or coin (inverse). The
        first is 0.
    rate
        Maintenance margin rate of the bracket.
    amount
        Maintenance amount of the bracket; where it is given it is compared with `amounts`.
    max_leverage
        Highest leverage in the bracket; NaN where it is blank.
    """

    floor: Floats
    rate: Floats
    amount: Floats = BLANK
    max_leverage: Floats = BLANK

    def __post_init__(self) -> None:
        """Refuse brackets that are no continuous, rising maintenance margin."""
        if self.floor[0] != 0:
            raise InputError(f"tiers must start at floor 0, got {self.floor[0]:.12g}")
        rises = np.diff(self.floor, prepend=-1.0) > 0
        check_rows("tiers", "floor", rises, self.floor, "be above the floor before it", InputError)
        in_domain = (self.rate >= 0) & (self.rate < 1)
        check_rows("tiers", "rate", in_domain, self.rate, "lie in [0, 1)")
        rises = np.diff(self.rate, prepend=0.0) >= 0
        check_rows("tiers", "rate", rises, self.rate, "not be below the rate before it")
        if self.max_leverage is not None:
            good = ~(self.max_leverage <= 0)
            check_rows("tiers", "max_leverage", good, self.max_leverage, "be positive")
        if self.amount is not None:
            wanted = self.amounts
            # Venues round their amounts; a millionth of the maintenance margin is such a rounding.
            good = ~(np.abs(self.amount - wanted) > 1e-6 * self.floor * self.rate)
            for row in np.flatnonzero(~good)[:1]:
                must = f"be {wanted[row]:.12g} by the rates and floors"
                check_rows("tiers", "amount", good, self.amount, must, InputError)

    @property
    def amounts(self) -> Floats:
        """Maintenance amounts that make the margin continuous: 0, then + floor · step of rate."""
        steps = np.zeros(len(self.rate))
        steps[1:] = self.rate[1:] - self.rate[:-1]
        amounts: Floats = (self.floor * steps).cumsum()
        return amounts


@dataclass(frozen=True, slots=True)
class AssetTiers:
    """The brackets of several assets in one table.

    Parameters
    ----------
    asset
        Name of the coin whose contracts the row is about.
    floor, rate, amount, max_leverage
        As in `Tiers`.
    """

    asset: Texts
    floor: Floats
    rate: Floats
    amount: Floats = BLANK
    max_leverage: Floats = BLANK

    def of(self, asset: str) -> Tiers:
        """The brackets of one asset."""
        rows = self.asset == asset
        if not rows.any():
            raise InputError(f"tiers has no rows for the asset {asset}")
        columns = (self.floor, self.rate, self.amount, self.max_leverage)
        return Tiers(*(None if column is None else column[rows] for column in columns))


@dataclass(frozen=True, slots=True)
class Accounts:
    """Margin accounts and what they hold; several rows of one account are its several balances.

    Parameters
    ----------
    account
        Name, as in the positions.
    balance
        Wallet balance without unrealised profit: stablecoins, or coins of `asset`.
    asset
        Coin that the balance is held in; "" is the stablecoin that margins linear contracts.
    haircut
        Share of the balance that does not count as margin.
    """

    account: Texts
    balance: Floats
    asset: Texts = BLANK
    haircut: Floats = ZERO

    def __post_init__(self) -> None:
        """Refuse haircuts outside [0, 1)."""
        good = (self.haircut >= 0) & (self.haircut < 1)
        check_rows("accounts", "haircut", good, self.haircut, "lie in [0, 1)")


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
    """

    scenario: Texts
    spot_shock: Floats
    basis_shock: Floats = ZERO
    funding_rate: Floats = ZERO
    intervals: Floats = ONE
    stablecoin_shock: Floats = ZERO
    cost_rate: Floats = ZERO
    top_up: Flags = NO

    def __post_init__(self) -> None:
        """Refuse shocks that leave no price."""
        for column in ("spot_shock", "stablecoin_shock"):
            values = getattr(self, column)
            check_rows("scenarios", column, values > -1, values, "be above -1")
        for column in ("intervals", "cost_rate"):
            values = getattr(self, column)
            check_rows("scenarios", column, values >= 0, values, "not be negative")
