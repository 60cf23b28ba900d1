"""Stress in reverse: which move loses an amount, or liquidates an account."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.holdings import Book, make_book
from xlhedge.core.book.ranges import Accounts, Positions, Tiers
from xlhedge.core.margin.boundary import Pieces, first_reach, first_root
from xlhedge.core.margin.curves import account_curves
from xlhedge.core.margin.engine import Ledger, make_ledger
from xlhedge.core.types import Floats, Labelled, Table, Value
from xlhedge.errors import InputError, NoSolution

DEEPEST, HIGHEST = -0.999, 10.0
"""Spot moves between which a crossing is looked for."""


class Crossing(NamedTuple):
    """A log move of the market, without sign, and the account that it liquidates."""

    log_move: float
    account: str | None


def reverse_stress(
    positions: Labelled[Positions],
    target: float | Literal["liquidation"],
    accounts: Labelled[Accounts] | None = None,
    tiers: Labelled[Tiers] | None = None,
) -> Table:
    """Smallest spot move up and down that loses an amount, or that liquidates an account.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally others, as in
        STRESS_PNL.
    target
        Loss in quote currency as a positive number, or "liquidation" for the first account that
        is liquidated.
    accounts
        Margin accounts, as in STRESS_PNL.
    tiers
        Brackets, as in ACCOUNT_STATUS.

    Returns
    -------
    table
        direction (up, down), move and account: a simple return of the spot price, #N/A where no
        move does it, and the account that is liquidated first (blank for a loss).

    Raises
    ------
    InputError
        For "liquidation" without accounts, and accounts that do not fit as in STRESS_PNL.
    DomainError
        For a target that is not positive.

    Notes
    -----
    Moves up to +1000 % and −99.9 %, without basis, funding or stablecoin shock. Each asset's log
    price moves by its beta times the market's. The loss is STRESS_PNL's total_pnl with its sign
    turned. It and what an account has beyond its maintenance are, between two prices at which a
    bracket changes, a constant and a sum of powers of 1 + move: their first root is found bracket
    by bracket, between the roots of the derivative, and never on a grid. An account that is below
    maintenance today is liquidated by a move of 0 in both directions.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    >>> from xlhedge import stress
    >>> positions = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1],
    ...              "price": [70000], "account": ["A"], "maintenance_rate": [0.005]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> stress.reverse_stress(positions, "liquidation", accounts)
      direction                                     move account
    0        up                                 0.094527       A
    1      down  no move up to -99.9% reaches the target     NaN
    """
    if isinstance(target, str):
        if accounts is None:
            raise InputError("must be given for the target liquidation", argument="accounts")
        ledger = make_ledger(positions, accounts, tiers)
        crossings = first_liquidations(ledger)
    else:
        check.positive(target=target)
        crossings = _losses(make_book(positions, accounts), target)
    rows: list[list[Value]] = []
    for direction, sign, furthest in (("up", 1.0, HIGHEST), ("down", -1.0, DEEPEST)):
        crossing = crossings.get(direction)
        if crossing is None:
            move: Value = NoSolution(f"no move up to {furthest:+.1%} reaches the target")
            rows.append([direction, move, None])
        else:
            rows.append([direction, math.expm1(sign * crossing.log_move), crossing.account])
    return Table(["direction", "move", "account"], rows)


def market_slopes(book: Book) -> Floats:
    """Log move of each asset per log move of the market."""
    return np.where(book.is_stable, 0.0, book.beta)


def first_liquidations(ledger: Ledger) -> dict[str, Crossing]:
    """The smallest market moves up and down that liquidate an account, where there are any."""
    book = ledger.book
    names = book.accounts.shown
    beyond = np.flatnonzero(ledger.today().liquidated[0])
    if beyond.size:
        return dict.fromkeys(("up", "down"), Crossing(0.0, names[beyond[0]]))
    slopes = market_slopes(book)
    found: dict[str, Crossing] = {}
    for direction, furthest in (("up", HIGHEST), ("down", DEEPEST)):
        for curves in account_curves(ledger):
            if not book.at_risk[curves.account]:
                continue
            limit = abs(math.log1p(furthest))
            reach = first_reach(curves, slopes, direction == "up", limit)
            if reach is None:
                continue
            if direction not in found or reach < found[direction].log_move:
                found[direction] = Crossing(reach, names[curves.account])
    return found


def nearest_moves(ledger: Ledger) -> list[float | None]:
    """The smallest simple return of the market that liquidates each account, None without one."""
    slopes, liquidated = market_slopes(ledger.book), ledger.today().liquidated[0]
    found: list[float | None] = []
    for curves in account_curves(ledger):
        if liquidated[curves.account] or not ledger.book.at_risk[curves.account]:
            found.append(0.0 if liquidated[curves.account] else None)
            continue
        reaches = [
            sign * reach
            for sign, furthest in ((1.0, HIGHEST), (-1.0, DEEPEST))
            if (reach := first_reach(curves, slopes, sign > 0, abs(math.log1p(furthest))))
            is not None
        ]
        found.append(math.expm1(min(reaches, key=abs)) if reaches else None)
    return found


def _losses(book: Book, target: float) -> dict[str, Crossing]:
    """The smallest market moves up and down that lose an amount."""
    # Each asset's profit is its exposure times its simple return: one power of 1 + move.
    exposure = np.zeros(len(book.assets))
    linear = book.units * book.price
    inverse = book.units * book.row_spot_price / book.entry
    np.add.at(exposure, book.asset, np.where(book.is_inverse, inverse, linear))
    held = book.balances
    coin = held.asset >= 0
    values = held.quantity[coin] * book.spot_price[held.asset[coin]]
    np.add.at(exposure, held.asset[coin], values)
    slopes = market_slopes(book)
    found: dict[str, Crossing] = {}
    for direction, sign, furthest in (("up", 1.0, HIGHEST), ("down", -1.0, DEEPEST)):
        exponents = np.unique(slopes[slopes != 0]) * sign
        sums = np.array([exposure[slopes * sign == one].sum() for one in exponents])
        order = np.argsort(exponents)
        stop = abs(math.log1p(furthest))
        pieces = Pieces(
            np.zeros(1),
            np.array([stop]),
            np.array([target - sums.sum()]),
            sums[order][None, :],
            exponents[order],
        )
        root = first_root(pieces)
        if root is not None:
            found[direction] = Crossing(_refined(root, target, sums, exponents), None)
    return found


def _refined(root: float, target: float, exposure: Floats, exponents: Floats) -> float:
    """A root of target + Σ exposure·(exp(exponent·x) − 1) by Newton steps that keep small moves.

    The sum of powers itself loses the digits of a small move beside the value of the book.
    """
    for _ in range(2):
        slope = float(exposure @ (exponents * np.exp(exponents * root)))
        missing = target + float(exposure @ np.expm1(exponents * root))
        step = missing / slope if slope else 0.0
        if not abs(step) <= 1e-3 * abs(root):  # a double root, where Newton does not help
            break
        root -= step
    return root
