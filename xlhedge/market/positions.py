"""A venue's open positions as positions of a book, checked against the venue's own values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xlhedge.errors import VenueError
from xlhedge.market import balances
from xlhedge.market.connection import Connection
from xlhedge.market.contracts import Contract, contract, refuse_other

HEADER = (
    "asset", "instrument", "quantity", "price", "contract_size", "entry_price", "account", "days",
    "contract",
)  # fmt: skip

_PROFIT = {
    "binance": ("unRealizedProfit", "unrealizedProfit"),
    "bybit": ("unrealisedPnl",),
    "okx": ("upl",),
    "deribit": ("total_profit_loss",),
    "hyperliquid": ("unrealizedPnl",),
    "bitget": ("unrealizedPL",),
    "gate": ("unrealised_pnl",),
    "kucoinfutures": ("unrealisedPnl",),
}  # fmt: skip
"""Where a reply holds the unrealised profit; xt's and krakenfutures' hold none."""

_SETTLED = {"deribit": "floating_profit_loss"}
"""Profit since the last settlement, where settlements book it into the balance."""

_BYBIT_PAGE = 200
_ROUNDING = 2e-4
"""Share of the position's value by which a rounded entry price may move its profit."""


def fetch(connection: Connection, account: str) -> list[dict[str, Any]]:
    """All open futures positions, as rows of the range positions.

    Parameters
    ----------
    connection
        The exchange, with a key.
    account
        What the account shall be called. A position with isolated margin is an account by itself,
        whose name ends in its contract.

    Raises
    ------
    VenueError
        When a position's size cannot be verified by the venue's own value or profit.
    """
    name = connection.venue.name
    found = []
    for parameters in _questions(name):
        given = connection.ask_privately("fetch_positions", None, parameters)
        if not isinstance(given, list):
            raise VenueError(f"{name} gave {type(given).__name__} instead of positions")
        if name == "bybit" and len(given) >= _BYBIT_PAGE:
            raise VenueError("bybit shows more positions than one page holds: enter them by hand")
        found += given
    together = balances.pooled(connection)
    rows, seen = [], set()
    for position in found:
        # Questions overlap: the same row is one position.
        mark = repr(position.get("info"))
        if position.get("contracts") == 0 or mark in seen:
            continue
        seen.add(mark)
        if position.get("contracts") is None or position.get("symbol") is None:
            raise VenueError(f"{name} gave a position without a size or a contract")
        rows.append(row(connection, position, account, together=together))
    return rows


def _questions(name: str) -> list[dict[str, Any]]:
    if name == "binance":
        return [{"subType": "linear"}, {"subType": "inverse"}]
    if name == "bybit":
        return [
            {"category": "linear", "settleCoin": "USDT"},
            {"category": "linear", "settleCoin": "USDC"},
            {"category": "inverse"},
        ]
    if name == "bitget":
        kinds = ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
        return [{"productType": kind} for kind in kinds]
    if name == "gate":
        return [{"settle": "usdt"}, {"settle": "btc"}]
    if name == "xt":
        return [{"subType": "linear"}, {"subType": "inverse"}]
    return [{}]


def row(
    connection: Connection, position: Mapping[str, Any], account: str, *, together: bool
) -> dict[str, Any]:
    """One position of ccxt in the columns of positions; `together` as in `balances.account_of`.

    Notes
    -----
    Linear: value n·size·mark and profit n·size·(mark − entry) in quote currency; inverse: n·face/
    mark and n·face·(1/entry − 1/mark) in coin. The size is taken when the venue's profit, or its
    own value of the position, is this one. deribit's contracts are US dollars; its entry price is
    that of the opening, while the profit up to the last settlement lies in the balance already, so
    the price is taken that gives the profit since then.
    """
    name = connection.venue.name
    market = connection.market(position["symbol"])
    info = _raw(position)
    refuse_other(name, market, info)
    future = contract(name, market)
    side = {"long": 1.0, "short": -1.0}.get(position.get("side") or "")
    if side is None:
        raise VenueError(f"{name} does not say whether {future.symbol} is long or short")
    quantity = side * abs(float(position["contracts"]))
    if name == "deribit" and future.instrument == "inverse":
        quantity /= future.size
    entry, mark = position.get("entryPrice"), position.get("markPrice")
    if not entry or not mark or entry <= 0 or mark <= 0:
        raise VenueError(f"{name} gives no entry price or no mark price of {future.symbol}")
    entry, mark = float(entry), float(mark)
    _verify(name, future, quantity, entry, mark, position)
    settled = _first(info, (_SETTLED.get(name, ""),))
    if settled is not None:
        entry = _entry_since(future, quantity, mark, settled)
    whose = balances.account_of(account, future.settle, together=together)
    if position.get("marginMode") == "isolated":
        whose = f"{account} {future.name}"
    return {
        "asset": future.asset,
        "instrument": future.instrument,
        "quantity": quantity,
        "price": mark,
        "contract_size": future.size,
        "entry_price": entry,
        "account": whose,
        "days": future.days(connection.now()),
        "contract": future.name,
    }


def profit(future: Contract, quantity: float, entry: float, mark: float) -> float:
    """Unrealised profit: quote currency of linear contracts, coin of inverse ones."""
    if future.instrument == "linear":
        return quantity * future.size * (mark - entry)
    return quantity * future.size * (1 / entry - 1 / mark)


def _entry_since(future: Contract, quantity: float, mark: float, gained: float) -> float:
    if future.instrument == "linear":
        return mark - gained / (quantity * future.size)
    return 1 / (1 / mark + gained / (quantity * future.size))


class _Evidence(NamedTuple):
    """A number of the venue's beside ours; `tells` where another size would show in it."""

    what: str
    theirs: float
    ours: float
    allowed: float
    tells: bool


def _verify(
    name: str,
    future: Contract,
    quantity: float,
    entry: float,
    mark: float,
    position: Mapping[str, Any],
) -> None:
    """Refuse a size that gives another profit or value than the venue's own."""
    seen = _evidence(name, future, quantity, entry, mark, position)
    for item in seen:
        if not abs(item.ours - item.theirs) <= item.allowed:
            raise VenueError(
                f"{name} gives {future.symbol} a {item.what} of {item.theirs:.12g}, where "
                f"{quantity:g} contracts of {future.size:g} have {item.ours:.12g}: their unit "
                "cannot be verified"
            )
    if not any(item.tells for item in seen):
        raise VenueError(
            f"{name} gives no value or profit of {future.symbol} that would tell the unit of its "
            f"{position['contracts']:g} contracts: it cannot be verified, so enter it by hand"
        )


def _evidence(
    name: str,
    future: Contract,
    quantity: float,
    entry: float,
    mark: float,
    position: Mapping[str, Any],
) -> list[_Evidence]:
    info = _raw(position)
    linear = future.instrument == "linear"
    size = abs(quantity) * future.size
    at_mark, at_entry = (size * mark, size * entry) if linear else (size / mark, size / entry)
    found = []
    theirs = _first(info, _PROFIT.get(name, ()))
    if theirs is not None:
        ours = profit(future, quantity, entry, mark)
        allowed = _ROUNDING * at_mark + 0.01 * abs(theirs)
        found.append(_Evidence("profit", theirs, ours, allowed, abs(ours) > 3 * allowed))
    ours, names = {
        "binance": (at_mark, ("notional", "notionalValue")),
        "bybit": (at_entry, ("positionValue",)),
        "okx": (at_mark if linear else size, ("notionalUsd",)),
        "deribit": (size if linear else at_mark, ("size_currency",)),
        "hyperliquid": (at_mark, ("positionValue",)),
        "gate": (at_mark, ("value",)),
        "kucoinfutures": (at_mark, ("markValue",)),
    }.get(name, (0.0, ()))
    theirs = _first(info, names)
    if theirs is not None:
        found.append(_Evidence("value", abs(theirs), ours, 0.02 * abs(ours), tells=True))
    margin = _first(info, ("isolatedMargin", "marginSize")) if name in {"xt", "bitget"} else None
    leverage = _first(info, ("leverage",))
    if margin and leverage:
        # The margin at opening is the value at the entry price over the leverage.
        theirs = margin * leverage
        found.append(_Evidence("margin", theirs, at_entry, 0.05 * at_entry, tells=True))
    return found


def _raw(position: Mapping[str, Any]) -> Mapping[str, Any]:
    """The venue's own row; hyperliquid's lies a level deeper."""
    info = position.get("info") or {}
    found: Mapping[str, Any] = info.get("position", info)
    return found


def _first(info: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        try:
            return float(info[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None
