"""A venue's maintenance brackets as tiers of a book, checked against the venue's own amounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlhedge.core.book.ranges import BLANK, Tiers
from xlhedge.core.margin.schedules import schedule_of
from xlhedge.errors import HedgeError, VenueError
from xlhedge.market.connection import Connection
from xlhedge.market.contracts import Contract, contract, refuse_other
from xlhedge.market.venues import Schedule

HEADER = (
    "asset", "contract", "floor", "rate", "amount", "max_leverage", "schedule", "unit",
)  # fmt: skip

_AMOUNTS = {"binance": "cum", "bybit": "mmDeduction", "gate": "deduction"}
"""Where a venue's reply holds the amount that is taken off, which makes the margin continuous."""

_INITIAL = {
    "bybit": "initialMargin", "okx": "imr", "gate": "initial_rate", "xt": "startMarginRate",
    "kucoinfutures": "initialMargin", "krakenfutures": "initialMargin",
}  # fmt: skip
_LINEAR_ALONE = {"bitget", "kucoinfutures", "xt"}
_FORMULAS = {
    "deribit": "deribit has no brackets: its margin rises with the position by a formula",
    "hyperliquid": "hyperliquid has no brackets here: its maintenance rate is half of 1 over the "
    "market's largest leverage; enter it as maintenance_rate",
}


def fetch(
    connection: Connection, symbol: str, schedule: Schedule | None = None
) -> list[dict[str, Any]]:
    """The tiers of one contract, as rows of the range tiers.

    Parameters
    ----------
    connection
        The exchange; binance's needs a key.
    symbol
        A future.
    schedule
        What the user knows of a venue whose replies do not say it.

    Raises
    ------
    VenueError
        When the venue has none, or what it gives cannot be verified.
    """
    venue = connection.venue
    if venue.tiers == "none":
        raise VenueError(_FORMULAS[venue.name])
    market = connection.market(symbol)
    future = contract(venue.name, market)
    if venue.tiers == "key":
        parameters = {"subType": "inverse"} if future.instrument == "inverse" else {}
        given = connection.ask_privately("fetch_leverage_tiers", [future.symbol], parameters)
    elif venue.name == "krakenfutures":
        given = connection.ask("fetch_leverage_tiers", [future.symbol])
    else:
        given = connection.ask("fetch_market_leverage_tiers", future.symbol)
    brackets = given.get(future.symbol) if isinstance(given, dict) else given
    if not brackets:
        raise VenueError(f"{venue.name} gave no brackets of {symbol}")
    for item in brackets:
        refuse_other(venue.name, market, item.get("info"))
    if future.instrument == "inverse" and venue.name in _LINEAR_ALONE:
        raise VenueError(
            f"whether the brackets of {venue.name}'s inverse contracts count coins, contracts or "
            "dollars cannot be verified from its replies"
        )
    return rows(connection, future, brackets, schedule)


def rows(
    connection: Connection,
    future: Contract,
    brackets: Sequence[dict[str, Any]],
    schedule: Schedule | None = None,
) -> list[dict[str, Any]]:
    """Brackets as ccxt gives them, in the columns and units of tiers.

    Notes
    -----
    ccxt's names mislead: what it calls notional are contracts on okx and coins of inverse
    contracts on binance and bybit; xt's first bracket gets the floor of its last. So the floors are
    made anew from the caps, the rates are compared with the leverage that they allow (some replies
    are in per cent), and where the venue gives its own amounts, these must be the ones that make
    the margin continuous.
    """
    venue = connection.venue
    kind = venue.schedule
    ordered = sorted(brackets, key=lambda item: _number(item["maxNotional"], np.inf))
    caps = [_number(item["maxNotional"], np.inf) for item in ordered]
    floors = [0.0, *caps[:-1]]
    _refuse_other_floors(connection, future, ordered, floors)
    scale = _scale(connection, future, ordered)
    rates = [_number(item["maintenanceMarginRate"], np.nan) * scale for item in ordered]
    leverages = [_number(item["maxLeverage"], np.nan) for item in ordered]
    for rate, leverage in zip(rates, leverages, strict=True):
        if not rate * leverage < 1:
            raise VenueError(
                f"{venue.name} gave the maintenance rate {rate:g} and the leverage {leverage:g} "
                f"for {future.symbol}: such a position would be liquidated when it is opened"
            )
    name = _AMOUNTS.get(venue.name, "")
    given = [_number(item["info"].get(name) or None, np.nan) for item in ordered]
    amounts = np.array(given)
    stated = len(ordered) > 1 and bool(np.all(np.isfinite(amounts[1:])))
    if stated:
        kind = "marginal"
        amounts = np.nan_to_num(amounts)
    if len(ordered) == 1:
        kind = kind or schedule or "marginal"  # one rate is the same either way
    elif kind == "marginal" and not stated:
        raise VenueError(
            f"{venue.name} gave no amounts with the brackets of {future.symbol}: whether they are "
            "continuous cannot be verified"
        )
    kind = kind or schedule
    if kind is None:
        raise VenueError(
            f"{venue.name} does not say whether a bracket's rate holds for the whole position of "
            f"{future.symbol} or for the part above its floor: look it up there, and say "
            "--schedule whole or --schedule marginal"
        )
    try:
        table = Tiers(
            np.array(floors), np.array(rates), amounts if stated else BLANK, np.array(leverages)
        )
        checked = schedule_of(table)
    except HedgeError as problem:
        raise VenueError(f"the brackets of {future.symbol} from {venue.name}: {problem}") from None
    unit = venue.tier_unit
    if venue.name == "krakenfutures" and future.instrument == "inverse":
        unit = "contracts"
    whole = kind == "whole"
    return [
        {
            "asset": future.asset,
            "contract": future.name,
            "floor": floor,
            "rate": rate,
            "amount": None if whole else float(amount),
            "max_leverage": leverage,
            "schedule": kind,
            "unit": unit,
        }
        for floor, rate, amount, leverage in zip(
            floors, rates, checked.amount, leverages, strict=True
        )
    ]


def _number(value: Any, missing: float) -> float:
    return missing if value is None else float(value)


def _scale(connection: Connection, future: Contract, brackets: Sequence[dict[str, Any]]) -> float:
    """1 where the venue's rates are decimals, 0.01 where they are per cent."""
    name = _INITIAL.get(connection.venue.name)
    if name is None:
        return 1.0
    found = set()
    for item in brackets:
        product = _number(item["info"].get(name), np.nan) * _number(item["maxLeverage"], np.nan)
        # Leverages are rounded: 33.33 for 3 %.
        found |= {scale for scale in (1.0, 0.01) if abs(product * scale - 1) < 0.05}
        if not np.isfinite(product):
            found.add(np.nan)
    if len(found) != 1 or not found <= {1.0, 0.01}:
        raise VenueError(
            f"the initial margins of {future.symbol} from {connection.venue.name} are not 1 over "
            "the largest leverage: the unit of its rates cannot be verified"
        )
    return float(found.pop())


def _refuse_other_floors(
    connection: Connection,
    future: Contract,
    brackets: Sequence[dict[str, Any]],
    floors: Sequence[float],
) -> None:
    """Refuse brackets that do not join: xt's floors are ccxt's mistake and are not looked at."""
    if connection.venue.name == "xt":
        return
    for item, floor in zip(brackets, floors, strict=True):
        given = _number(item["minNotional"], floor)
        # okx counts from the next lot on: 0 to 1000, then 1001 to 2000.
        step = (future.lot or 0.0) if connection.venue.name == "okx" else 0.0
        if not (abs(given - floor) <= 1e-9 * max(1.0, floor) or 0 < given - floor <= max(step, 1)):
            raise VenueError(
                f"the brackets of {future.symbol} from {connection.venue.name} do not join: one "
                f"ends at {floor:.12g}, the next begins at {given:.12g}"
            )
