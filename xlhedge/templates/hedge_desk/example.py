"""The rows of a fresh desk: a treasury of Bitcoin and Ether, hedged with Bitcoin's perpetual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlhedge.templates import _sample_brackets
from xlhedge.templates._book_history import BookHistory, Market
from xlhedge.templates._book_tables import ACCOUNTS, BRACKETS, POSITIONS, Column

_HOLDINGS = {"BTC": (500.0, 70_000.0, 1.0), "ETH": (5_000.0, 3_500.0, 1.6)}
"""Coin to quantity, price and beta: any holdings with ΣVβ = 63,000,000 give −720 contracts."""
_FUTURES_PRICE = 70_000.0
_BALANCE = 18_000_000.0
_ACCOUNT = "Venue A"
BRACKETS_NOTE = (
    f"Example: {_sample_brackets.VENUE}, USDT-margined perpetuals. Enter your venues' own: a blank "
    "asset, account or contract matches all."
)


def of(
    history: BookHistory,
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Positions, accounts and brackets for the coins of a history."""
    hedge = _hedge(history)
    positions = [_holding(one, hedge, history) for one in history.markets]
    price = _FUTURES_PRICE if history.simulated else _last(hedge.futures)
    contract = _contract(history)
    positions.append(
        _row(POSITIONS, asset=hedge.asset, instrument="linear", account=_ACCOUNT,
             contract=contract, quantity=0.0, contract_size=1.0, price=price)
    )  # fmt: skip
    return positions, [_row(ACCOUNTS, account=_ACCOUNT, balance=_BALANCE)], _brackets(history)


def _row(columns: Sequence[Column], **cells: Any) -> tuple[Any, ...]:
    """A row of a table; what is not named is blank."""
    return tuple(cells.get(column.name) for column in columns)


def settings(history: BookHistory) -> dict[str, Any]:
    """The inputs that hang on the coins of a history."""
    return {"hedge_contract": _contract(history), "hedge_account": _ACCOUNT}


def _hedge(history: BookHistory) -> Market:
    """The first coin that has a future."""
    return next((one for one in history.markets if one.futures is not None), history.markets[0])


def _contract(history: BookHistory) -> str:
    return f"{_hedge(history).asset}USDT perpetual"


def _last(series: Any) -> float | None:
    return None if series is None else float(series[-1])


def _holding(one: Market, hedge: Market, history: BookHistory) -> tuple[Any, ...]:
    """The example's holding of a coin at the history's last price; of another coin none."""
    known = _HOLDINGS.get(one.asset)
    if history.simulated and known is not None:
        quantity, price, beta = known
    else:
        quantity = known[0] if known else 0.0
        price, beta = float(one.spot[-1]), _beta(one, hedge)
    return _row(POSITIONS, asset=one.asset, instrument="spot", quantity=quantity, price=price,
                beta=beta)  # fmt: skip


def _beta(one: Market, hedge: Market) -> float:
    """The slope of a coin's returns on those of the hedge's coin, for the example's rows."""
    if one is hedge or len(one.spot) < 3:
        return 1.0
    own, other = np.diff(np.log(one.spot)), np.diff(np.log(hedge.spot))
    spread = float(np.var(other))
    return round(float(np.cov(own, other, ddof=0)[0, 1]) / spread, 2) if spread else 1.0


def _brackets(history: BookHistory) -> list[tuple[Any, ...]]:
    """The example's brackets of the coins that it has some of; else one row to fill in."""
    known = [one.asset for one in history.markets if one.asset in _sample_brackets.ASSETS]
    blank = _row(BRACKETS, asset=_hedge(history).asset, floor=0.0)
    return list(_sample_brackets.linear(*known)) or [blank]
