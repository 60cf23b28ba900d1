"""How likely accounts are liquidated when all assets move together, and what they need."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.holdings import Balances
from xlhedge.core.book.names import Names, first_written
from xlhedge.core.book.ranges import Accounts, Positions, Tiers, check_rows, refuse
from xlhedge.core.margin.block import least_margins
from xlhedge.core.margin.engine import Ledger, make_ledger
from xlhedge.core.margin.paths import Market, make_plan, market_of
from xlhedge.core.risk.portfolio import correlation_matrix
from xlhedge.core.types import Floats, Labelled, Matrix, Table, Texts, Value, Vector
from xlhedge.errors import InputError, NoConvergence, NoSolution

_ROUNDS = 30
"""Most simulations until a balance is consistent with what it changes."""

MOST_DAYS = 3650
"""The furthest horizon: ten years, beyond which a number of days is a date by mistake."""


@dataclass(frozen=True, slots=True)
class Volatilities:
    """Volatilities of assets, one row each.

    Parameters
    ----------
    asset
        Name of the asset.
    volatility
        Volatility per year, 0.6 for 60 %.
    """

    asset: Texts
    volatility: Floats

    def __post_init__(self) -> None:
        """Refuse what no volatility can be, and an asset that comes twice."""
        object.__setattr__(self, "asset", first_written(self.asset))
        good = (self.volatility >= 0) & (self.volatility <= check.HIGHEST_VOLATILITY)
        check_rows("volatilities", "volatility", good, self.volatility, check.VOLATILITY_HINT)
        seen: set[str] = set()
        for row, name in enumerate(self.asset.tolist()):
            if name in seen:
                refuse("volatilities", row, f"is {name} a second time", "asset")
            seen.add(name)

    def of(self, asset: str) -> float:
        """The volatility of an asset that is given."""
        return float(self.volatility[Names(self.asset.tolist()).index(asset)])


def account_probability(
    positions: Labelled[Positions],
    accounts: Labelled[Accounts],
    volatilities: Labelled[Volatilities],
    correlations: Matrix | float | None,
    days: Vector,
    tiers: Labelled[Tiers] | None = None,
    degrees_of_freedom: float | None = None,
    paths: int = 20000,
    seed: int = 42,
) -> Table:
    """Probability that each account is liquidated within some days, all assets moving together.

    Parameters
    ----------
    positions, accounts
        As for ACCOUNT_STATUS.
    volatilities
        Table with the columns asset and volatility (per year), one row for each asset of the book
        that is no stablecoin.
    correlations
        Correlation matrix of their returns, in the same order; one number for two assets, blank for
        one.
    days
        Numbers of days from now, one column of the answer each.
    tiers
        As for ACCOUNT_STATUS.
    degrees_of_freedom
        Degrees of freedom of Student's t, above 2; blank for normal returns.
    paths
        Number of simulated paths.
    seed
        Seed of the random numbers: the same seed gives the same result everywhere.

    Returns
    -------
    table
        account, one column per entry of days, standard_error (of the last of them); a row per
        account and a last row ANY, the probability that at least one is liquidated.

    Raises
    ------
    InputError
        As for ACCOUNT_STATUS, for an asset without a volatility, and correlations of another size.
    DomainError
        For days outside 0 to 3,650, degrees of freedom of 2 or less, or a matrix that is not
        positive semi-definite.

    Notes
    -----
    Each asset is a geometric Brownian motion with the log drift −σ²/2; every future, coin and debt
    of it moves with it in proportion. Stablecoins do not move and the basis is constant. A step is
    a day, the last one shorter; the shocks of a step share one χ² with Student's t. Within a step
    an account survives with 1 − exp(−2g₀g₁/v), g = equity − maintenance at its ends and v the
    step's variance of g: the Brownian bridge. A future that expires is closed at its price then.
    Student's log returns have no finite mean price.

    References
    ----------
    Glasserman (2003), Monte Carlo Methods in Financial Engineering, Springer, section 6.4: the
    bridge between two steps.

    Examples
    --------
    One short; LIQ_PROBABILITY says 0.2647 for 7 days.

    >>> from xlhedge import margin
    >>> positions = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1],
    ...              "price": [70000], "account": ["A"], "maintenance_rate": [0.005]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> volatilities = {"asset": ["BTC"], "volatility": [0.6]}
    >>> table = margin.account_probability(positions, accounts, volatilities, None, 7)
    >>> table.columns.tolist()
    ['account', 7.0, 'standard_error']
    >>> bool(abs(table.iloc[0, 1] - 0.2647) < 3 * table.iloc[0, 2])
    True
    """
    ledger = make_ledger(positions, accounts, tiers)
    market = market_of_book(ledger, volatilities, correlations, degrees_of_freedom)
    hit = liquidations(ledger, market, days, paths, seed)
    share = hit.mean(axis=2)
    names = [*ledger.book.accounts, "ANY"]
    error = np.sqrt(share[-1] * (1 - share[-1]) / paths)
    rows: list[list[Value]] = [
        [name, *share[:, row].tolist(), float(error[row])] for row, name in enumerate(names)
    ]
    return Table(["account", *days.tolist(), "standard_error"], rows)


def liquidations(ledger: Ledger, market: Market, days: Vector, paths: int, seed: int) -> Any:
    """Whether each account, and in a last row any of them, is liquidated: days × rows × paths."""
    check.enough(1, days=days)
    check.not_negative(seed=seed)
    check.between(0, MOST_DAYS, days=days)
    check.at_least(1, paths=paths)
    check.simulation_size(paths, max(1, math.ceil(float(days.max()))))
    plan = make_plan(ledger, market, days.tolist(), _numeraires(ledger))
    hit = least_margins(plan, paths, seed, sign_only=True) <= 0
    hit |= ledger.today().liquidated[0][None, :, None]
    return np.concatenate([hit, hit.any(axis=1, keepdims=True)], axis=1)


def account_buffer(
    positions: Labelled[Positions],
    accounts: Labelled[Accounts],
    volatilities: Labelled[Volatilities],
    correlations: Matrix | float | None,
    days: float,
    confidence: float = 0.99,
    tiers: Labelled[Tiers] | None = None,
    degrees_of_freedom: float | None = None,
    paths: int = 20000,
    seed: int = 42,
) -> Table:
    """Balance with which each account survives some days at a confidence, all assets moving.

    Parameters
    ----------
    positions, accounts, volatilities, correlations
        As for ACCOUNT_PROBABILITY.
    days
        Days for which the balance shall last.
    confidence
        Probability of no liquidation, 0.99 for one in a hundred.
    tiers, degrees_of_freedom, paths, seed
        As for ACCOUNT_PROBABILITY.

    Returns
    -------
    table
        account, balance_needed, extra; a row per account and a last row TOTAL. balance_needed is
        the whole balance of the settlement coin, which may be negative where other collateral
        carries the account; extra is what is missing, 0 or more, and TOTAL adds it up.

    Raises
    ------
    InputError, DomainError
        As for ACCOUNT_PROBABILITY.
    NoSolution
        In an account's cells where its settlement coin does not count as margin.

    Notes
    -----
    With the balance, ACCOUNT_PROBABILITY of the same seed and days is 1 − confidence: on every path
    the least that the account has beyond its maintenance is noted, and their quantile is what is
    missing. The settlement coin is the row with a blank asset; in an account with only inverse
    positions of one coin and no such row it is that coin, which TOTAL values at its price.

    References
    ----------
    Glasserman (2003), Monte Carlo Methods in Financial Engineering, Springer, section 6.4.

    Examples
    --------
    One short; the buffer is that of MARGIN_BUFFER, but for the error of simulation.

    >>> from xlhedge import margin
    >>> positions = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1],
    ...              "price": [70000], "account": ["A"], "maintenance_rate": [0.005]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> volatilities = {"asset": ["BTC"], "volatility": [0.6]}
    >>> table = margin.account_buffer(positions, accounts, volatilities, None, 7)
    >>> table.columns.tolist()
    ['account', 'balance_needed', 'extra']
    >>> alone = margin.margin_buffer(-1, 70000, 0.6, 7, 0.005)
    >>> bool(abs(table.iloc[0, 1] / alone - 1) < 0.05)
    True
    """
    check.inside(0, 1, confidence=confidence)
    ledger = make_ledger(positions, accounts, tiers)
    market = market_of_book(ledger, volatilities, correlations, degrees_of_freedom)
    check.not_negative(seed=seed)
    check.between(0, MOST_DAYS, days=days)
    check.at_least(1, paths=paths)
    check.simulation_size(paths, max(1, math.ceil(days)))
    numeraires, book = _numeraires(ledger), ledger.book
    allowed = math.floor(round(paths * round(1 - confidence, 12), 9))
    start = held = _first_balances(ledger, numeraires)
    current = ledger
    for _ in range(_ROUNDS):
        plan = make_plan(current, market, [days], numeraires)
        least = least_margins(plan, paths, seed)[0]
        better = [
            _improved(balance, part, allowed, first=current is ledger)
            for balance, part in zip(held, least, strict=True)
        ]
        if better == held:
            break
        held = better
        current = _with_balances(ledger, numeraires, held)
    else:
        raise NoConvergence("the balances did not converge")
    rows: list[list[Value]] = []
    total = 0.0
    for row, name in enumerate(book.accounts):
        if not math.isfinite(held[row].quantity):
            none = NoSolution("no balance of the settlement coin counts as margin here")
            rows.append([name, none, none])
            continue
        change = held[row].quantity - start[row].quantity if book.at_risk[row] else 0.0
        whole = start[row].total + change if book.at_risk[row] else 0.0
        extra = max(0.0, change)
        rows.append([name, whole, extra])
        coin = numeraires[row]
        total += extra * (1.0 if coin < 0 else float(book.spot_price[coin]))
    rows.append(["TOTAL", None, total])
    return Table(["account", "balance_needed", "extra"], rows)


@dataclass(frozen=True, slots=True)
class _Balance:
    """The balance that is changed: an account's first one in its settlement coin."""

    quantity: float
    total: float
    haircut: float
    debt_rate: float

    def with_more(self, counted: float) -> _Balance:
        """The balance that counts for that much more; infinite where no balance does."""
        now = self.quantity * (1 - self.haircut if self.quantity > 0 else 1 + self.debt_rate)
        wanted = now + counted
        if wanted > 0 and self.haircut == 1:
            return replace(self, quantity=math.inf)
        share = 1 - self.haircut if wanted > 0 else 1 + self.debt_rate
        return replace(self, quantity=wanted / share)


def _improved(balance: _Balance, least: Floats, allowed: int, *, first: bool) -> _Balance:
    """The balance itself where it is what is sought, else one that is nearer."""
    if not math.isfinite(balance.quantity) or not np.isfinite(least).any():
        return balance
    if not first and int((least <= 0).sum()) == allowed:
        return balance
    better = balance.with_more(_missing(least, allowed))
    close = abs(better.quantity - balance.quantity) <= 1e-9 * abs(better.quantity)
    return balance if close else better


def _missing(least: Floats, allowed: int) -> float:
    """What must be added so that no more than `allowed` paths end at 0 or below."""
    ordered = np.sort(least)
    survivor = float(ordered[min(allowed, len(ordered) - 1)])
    if not math.isfinite(survivor):
        return 0.0
    gap = survivor - float(ordered[allowed - 1]) if allowed else 0.0
    # Halfway to the last path that is lost; at least a hair, since equality is liquidation.
    return max(gap / 2, 1e-12 * abs(survivor)) - survivor


def _numeraires(ledger: Ledger) -> list[int]:
    """Per account the coin that it settles in: −1, or the one coin of its inverse positions."""
    book = ledger.book
    found = []
    for account in range(len(book.accounts)):
        rows = (book.account == account) & ~book.is_spot
        coins = np.unique(book.asset[rows])
        blank = ((book.balances.account == account) & (book.balances.asset < 0)).any()
        only = rows.any() and book.is_inverse[rows].all() and len(coins) == 1 and not blank
        found.append(int(coins[0]) if only and not book.is_stable[coins[0]] else -1)
    return found


def _rows_of(ledger: Ledger, numeraires: list[int], account: int) -> Any:
    held = ledger.book.balances
    return np.flatnonzero((held.account == account) & (held.asset == numeraires[account]))


def _first_balances(ledger: Ledger, numeraires: list[int]) -> list[_Balance]:
    held = ledger.book.balances
    found = []
    for account in range(len(ledger.book.accounts)):
        rows = _rows_of(ledger, numeraires, account)
        if rows.size:
            first = int(rows[0])
            terms = float(held.haircut[first]), float(held.debt_rate[first])
            total = float(held.quantity[rows].sum())
            found.append(_Balance(float(held.quantity[first]), total, *terms))
        else:
            found.append(_Balance(0.0, 0.0, 0.0, 0.0))
    return found


def _with_balances(ledger: Ledger, numeraires: list[int], wanted: list[_Balance]) -> Ledger:
    """The ledger with other balances in the settlement coins."""
    held = ledger.book.balances
    quantity, more = held.quantity.copy(), []
    for account, balance in enumerate(wanted):
        rows = _rows_of(ledger, numeraires, account)
        if not math.isfinite(balance.quantity):
            continue
        if rows.size:
            quantity[rows[0]] = balance.quantity
        else:
            more.append((account, numeraires[account], balance.quantity, 0.0, 0.0))
    columns = zip(*more, strict=True) if more else [()] * 5
    held = held._replace(quantity=quantity)
    parts = [np.append(old, new).astype(old.dtype) for old, new in zip(held, columns, strict=True)]
    return ledger._replace(book=ledger.book._replace(balances=Balances(*parts)))


def market_of_book(
    ledger: Ledger,
    volatilities: Volatilities,
    correlations: Floats | float | None,
    degrees_of_freedom: float | None,
) -> Market:
    """The market of the book's assets."""
    book = ledger.book
    held = {*book.asset[(book.account >= 0)].tolist(), *book.balances.asset.tolist()}
    moving = [i for i in range(len(book.assets)) if i in held and not book.is_stable[i]]
    volatility, R = volatilities_of(ledger, volatilities, correlations, moving)
    if degrees_of_freedom is not None:
        good = degrees_of_freedom > 2
        check.require(good, "must be above 2", degrees_of_freedom, argument="degrees_of_freedom")
    return market_of(moving, volatility, R, degrees_of_freedom)


def volatilities_of(
    ledger: Ledger,
    volatilities: Volatilities,
    correlations: Floats | float | None,
    assets: list[int],
) -> tuple[Floats, Floats]:
    """Volatilities and correlations of some assets of the book; all of them must be given."""
    book, names = ledger.book, Names(volatilities.asset.tolist())
    for index, name in enumerate(book.assets):
        if not book.is_stable[index] and name not in names:
            message = f"lacks the asset {name}: it holds {names.listing()}"
            raise InputError(message, argument="volatilities")
    if correlations is None and len(names) > 1:
        message = "is missing: a matrix in the order of volatilities"
        raise InputError(message, argument="correlations")
    R = np.ones((1, 1)) if correlations is None else correlations
    R = correlation_matrix(R, len(names), "volatilities")
    order = [names.index(book.assets.shown[i]) for i in assets]
    return volatilities.volatility[order], R[np.ix_(order, order)]
