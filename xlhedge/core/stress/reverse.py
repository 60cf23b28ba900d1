"""Stress in reverse: which move loses an amount, or liquidates an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Accounts, Positions
from xlhedge.core.book.revaluation import Book, Worlds, make_book, revalue
from xlhedge.core.types import Floats, Labelled, LabelValue, Value
from xlhedge.errors import InputError, NoSolution

DEEPEST, HIGHEST = -0.999, 10.0
"""Spot moves between which a crossing is looked for."""

_SCANS, _CLOSED = 60, 4e-16
"""Most finer scans, and the width relative to the move at which an interval is closed."""


def reverse_stress(
    positions: Labelled[Positions],
    target: float | Literal["liquidation"],
    accounts: Labelled[Accounts] | None = None,
) -> LabelValue:
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
        Table with the columns account, balance and optionally asset and haircut.

    Returns
    -------
    table
        up and down: simple returns of the spot price; #N/A where no move does it.

    Raises
    ------
    InputError
        For "liquidation" without accounts, and accounts that do not fit as in STRESS_PNL.
    DomainError
        For a target that is not positive.

    Notes
    -----
    Moves up to +1000 % and −99.9 % are searched, without basis, funding or stablecoin shock: 2,000
    in equal steps of ln(1 + move), then the first interval that contains a crossing is divided
    until it is closed. The loss is STRESS_PNL's total_pnl with its sign turned. An account that is
    below maintenance today is liquidated by a move of 0.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    >>> from xlhedge import call
    >>> book = [["asset", "instrument", "quantity", "price", "account", "maintenance_rate"],
    ...         ["BTC", "linear", -1, 70000, "A", 0.005]]
    >>> margin = [["account", "balance"], ["A", 7000]]
    >>> table = dict(call("STRESS_REVERSE", book, "liquidation", margin))
    >>> round(70000 * (1 + table["up"]), 2), table["down"].value
    (76616.92, '#N/A')
    """
    if isinstance(target, str):
        if accounts is None:
            raise InputError("accounts must be given for the target liquidation")
        book = make_book(positions, accounts)
        return first_crossings(lambda moves: least_slack(book, moves))
    check.positive(target=target)
    book = make_book(positions, accounts)
    return first_crossings(lambda moves: revalue(book, Worlds(moves)).total + target)


def least_slack(book: Book, moves: Floats) -> Floats:
    """Equity less maintenance after each spot move, of the account that has the least."""
    slack = np.where(book.margins.has_contracts, revalue(book, Worlds(moves)).slack, np.inf)
    least: Floats = slack.min(axis=1, initial=np.inf)
    return least


def first_crossings(room: Callable[[Floats], Floats]) -> dict[str, Value]:
    """The smallest moves up and down after which `room`, a function of moves, is not above 0."""
    return {"up": _first_crossing(room, HIGHEST), "down": _first_crossing(room, DEEPEST)}


def _first_crossing(room: Callable[[Floats], Floats], furthest: float) -> Value:
    """The smallest move at which `room` is used up, by ever finer scans of the first crossing."""
    start, stop = 0.0, float(np.log1p(furthest))
    for points in (2001, *[65] * _SCANS):
        moves = np.expm1(np.linspace(start, stop, points))
        moves[-1] = furthest if points == 2001 else moves[-1]
        reached = np.flatnonzero(room(moves) <= 0)
        if not reached.size and points == 2001:
            return NoSolution(f"no move up to {furthest:+.1%} reaches the target")
        # In a finer scan the last move reached the target already, but for rounding.
        first = int(reached[0]) if reached.size else points - 1
        if first == 0:
            return float(moves[0])
        start, stop = float(np.log1p(moves[first - 1])), float(np.log1p(moves[first]))
        if abs(stop - start) <= _CLOSED * abs(stop):
            break
    return float(moves[first])
