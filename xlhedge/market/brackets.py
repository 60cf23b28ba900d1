"""Margin brackets from a venue's JSON or CSV, as rows of the range tiers.

A venue's own maintenance amounts prove that the brackets are marginal and in order; a file without
them could mean the rate of the whole position, so it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError
from xlhedge.market import entries
from xlhedge.market.column_names import normal
from xlhedge.market.symbols import base
from xlhedge.system.limits import Limits

_FLOOR = ("floor", "notional_floor", "min_notional", "qtyl_floor", "qty_floor", "start_unit")
_CAP = ("cap", "notional_cap", "max_notional", "qty_cap", "end_unit")
_RATE = ("rate", "maint_margin_ratio", "maintenance_margin_rate", "mmr", "maintenance_rate")
_AMOUNT = ("amount", "cum", "maintenance_amount", "maint_amount", "mm_deduction")
_LEVERAGE = ("max_leverage", "initial_leverage", "leverage")
_SYMBOL = ("asset", "symbol", "contract", "pair")
_LARGEST_RATE = 1.0
_TOLERANCE = 1e-6


def read(path: Path, wanted: list[str], limits: Limits | None = None) -> dict[str, list[Any]]:
    """Brackets as columns asset, floor, rate, amount, max_leverage.

    Parameters
    ----------
    path
        The reply of a venue's interface or of ccxt as JSON, or a table with their names.
    wanted
        Symbols or coins to take; all where it is empty.
    limits
        How large the file may be.

    Raises
    ------
    FileError
        When the file holds no brackets, holds two markets of one coin, or amounts that do not
        follow from floors and rates.
    """
    limits = limits or Limits.from_environment()
    markets: dict[str, list[dict[str, Any]]] = {}
    for symbol, row in _rows(path, limits):
        markets.setdefault(symbol, []).append(row)
    taken = _taken(path, markets, wanted)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("asset", "floor", "rate", "amount", "max_leverage")
    }
    for asset, symbol in taken.items():
        for row in _checked(path, symbol, markets[symbol]):
            columns["asset"].append(asset)
            for name, value in row.items():
                columns[name].append(value)
    return columns


def _rows(path: Path, limits: Limits) -> Iterator[tuple[str, dict[str, Any]]]:
    data = entries.reply(path, limits)
    if data is not None:
        return _nested(data, "", 0)
    return ((_symbol(row, ""), row) for row in entries.table_rows(path, limits))


def _nested(data: Any, symbol: str, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Brackets however a reply nests them, with the symbol above them."""
    if depth > 8:
        return
    if isinstance(data, list):
        for item in data:
            yield from _nested(item, symbol, depth + 1)
    elif isinstance(data, dict):
        row = {normal(name): value for name, value in data.items()}
        own = _symbol(row, symbol)
        if _first(row, _RATE) is not None:
            yield own, row
            return
        for name, value in data.items():
            if isinstance(value, (list, dict)):
                yield from _nested(value, own or (name if _is_symbol(name) else ""), depth + 1)


def _is_symbol(name: str) -> bool:
    return name.upper() == name and any(letter.isalpha() for letter in name)


def _symbol(row: dict[str, Any], above: str) -> str:
    found = next((row[name] for name in _SYMBOL if isinstance(row.get(name), str)), "")
    return found or above


def _first(row: dict[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        try:
            return float(value)
        except (TypeError, ValueError):
            return None
    return None


def _taken(path: Path, markets: dict[str, Any], wanted: list[str]) -> dict[str, str]:
    """The market of each coin."""
    if not markets:
        raise FileError(f"{path} holds no brackets: neither floors and rates nor their names")
    upper = {name.upper() for name in wanted}
    chosen = {
        symbol: base(symbol)
        for symbol in markets
        if not upper or symbol.upper() in upper or base(symbol) in upper
    }
    exact = {symbol: coin for symbol, coin in chosen.items() if symbol.upper() in upper}
    found: dict[str, str] = {}
    for symbol, coin in {**chosen, **exact}.items():
        named = [other for other, of in exact.items() if of == coin]
        if named and symbol not in named:
            continue
        if coin in found:
            raise FileError(
                f"{path} holds brackets of {found[coin]} and {symbol}: name one of each coin with "
                f"--asset, for example --asset {symbol}"
            )
        found[coin] = symbol
    if not found:
        raise FileError(f"{path} holds no brackets of {', '.join(wanted)}")
    return found


def _checked(path: Path, symbol: str, rows: list[dict[str, Any]]) -> list[dict[str, float | None]]:
    """Rows in order, with amounts that follow from floors and rates."""
    found = []
    for row in rows:
        floor, cap, rate = _first(row, _FLOOR), _first(row, _CAP), _first(row, _RATE)
        amount, leverage = _first(row, _AMOUNT), _first(row, _LEVERAGE)
        if rate is None or not 0 < rate < _LARGEST_RATE or (floor is None and cap is None):
            raise FileError(f"{path}: a bracket of {symbol} has no floor, or no rate below 1")
        found.append((floor, cap, rate, amount, leverage))
    found.sort(key=lambda one: one[1] if one[1] is not None else one[0] or 0.0)
    result: list[dict[str, float | None]] = []
    before_cap, before_rate, due = 0.0, 0.0, 0.0
    for place, (floor, cap, rate, amount, leverage) in enumerate(found):
        begins = before_cap if floor is None else floor
        if place == 0 and begins != 0 and begins <= 1:
            begins = 0.0
        joined = floor is None or place == 0 or abs(begins - before_cap) <= 1
        if (place == 0 and begins != 0) or (found[place - 1][1] is not None and not joined):
            raise FileError(f"{path}: the brackets of {symbol} do not join at {begins:g}")
        due += begins * (rate - before_rate) if place else 0.0
        if amount is None:
            raise FileError(
                f"{path}: the brackets of {symbol} come without maintenance amounts, so it is not "
                "known whether a rate is for the whole position: look it up, and give a table "
                "with the columns asset, floor, rate, amount, max_leverage"
            )
        if abs(amount - due) > max(_TOLERANCE * abs(due), 0.01 + _TOLERANCE):
            raise FileError(
                f"{path}: the bracket of {symbol} from {begins:g} states the amount {amount:g}, "
                f"and its floors and rates give {due:.12g}"
            )
        result.append({"floor": begins, "rate": rate, "amount": amount, "max_leverage": leverage})
        before_cap, before_rate = cap if cap is not None else 0.0, rate
    return result
