"""The rows of a fresh desk: a treasury of Bitcoin and Ether, hedged with Bitcoin's perpetual."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.templates._book_history import BookHistory, Market

_HOLDINGS = {"BTC": (500.0, 70_000.0, 1.0), "ETH": (5_000.0, 3_500.0, 1.6)}
"""Coin to quantity, price and beta: any holdings with ΣVβ = 63,000,000 give −720 contracts."""
_FUTURES_PRICE = 70_000.0
_BALANCE = 18_000_000.0
_ACCOUNT = "Venue A"
BRACKETS_NOTE = (
    "Example: Binance's USDT-margined perpetuals of BTC and ETH as published in October 2024. "
    "Enter your venues' own: a blank asset, account or contract matches all."
)
_STEPS = ((0.004, 125), (0.005, 100), (0.0065, 75), (0.01, 50), (0.02, 25), (0.025, 20), (0.05, 10),
          (0.1, 5), (0.125, 4), (0.15, 3), (0.25, 2), (0.5, 1))  # fmt: skip
_FLOORS = {
    "BTC": (0, 50_000, 600_000, 3_000_000, 12_000_000, 70_000_000, 100_000_000, 230_000_000,
            480_000_000, 600_000_000, 800_000_000, 1_200_000_000),
    "ETH": (0, 50_000, 600_000, 3_000_000, 12_000_000, 50_000_000, 65_000_000, 150_000_000,
            320_000_000, 400_000_000, 530_000_000, 800_000_000),
}  # fmt: skip


def of(
    history: BookHistory,
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Positions, accounts and brackets for the coins of a history."""
    hedge = _hedge(history)
    positions = [_holding(one, hedge, history) for one in history.markets]
    price = _FUTURES_PRICE if history.simulated else _last(hedge.futures)
    positions.append(
        (hedge.asset, "linear", _ACCOUNT, _contract(history), 0.0, price, 1.0, None, None, None)
    )
    balance = (_ACCOUNT, None, _BALANCE, None, None, None, None)
    return positions, [balance], _brackets(history)


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
    return one.asset, "spot", None, None, quantity, price, None, None, beta, None


def _beta(one: Market, hedge: Market) -> float:
    """The slope of a coin's returns on those of the hedge's coin, for the example's rows."""
    if one is hedge or len(one.spot) < 3:
        return 1.0
    own, other = np.diff(np.log(one.spot)), np.diff(np.log(hedge.spot))
    spread = float(np.var(other))
    return round(float(np.cov(own, other, ddof=0)[0, 1]) / spread, 2) if spread else 1.0


def _brackets(history: BookHistory) -> list[tuple[Any, ...]]:
    """The example's brackets of the coins that it has some of; else one row to fill in."""
    rows: list[tuple[Any, ...]] = []
    for one in history.markets:
        amount, before = 0.0, 0.0
        for floor, (rate, leverage) in zip(_FLOORS.get(one.asset, ()), _STEPS, strict=False):
            amount += floor * (rate - before)
            before = rate
            rows.append((one.asset, None, None, floor, rate, round(amount, 6) if floor else 0.0,
                         leverage, None))  # fmt: skip
    return rows or [(_hedge(history).asset, None, None, 0.0, None, None, None, None)]
