"""Open positions from a venue's JSON or CSV, as rows of the range positions.

Sizes are counted as the venue counts them: coins for linear contracts, dollars for inverse ones.
Where a file states the value of a position, the size must agree with it; where it does not say how
large a contract is, it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from xlhedge.errors import FileError
from xlhedge.market import entries
from xlhedge.market.column_names import normal
from xlhedge.market.symbols import base
from xlhedge.system.limits import Limits

_DEEPEST = 8
COLUMNS = (
    "asset", "instrument", "quantity", "contract_size", "entry_price", "price", "account",
    "contract", "days",
)  # fmt: skip
_SIZE = ("position_amt", "szi", "size", "total", "quantity", "contracts")
_ENTRY = ("entry_price", "entry_px", "avg_price", "average_price", "open_price_avg")
_MARK = ("mark_price", "price")
_VALUE = ("notional", "notional_value", "position_value", "size_currency", "value")
_MODES = ("margin_type", "margin_mode", "mgn_mode", "position_type", "leverage")
_AGREE = 0.002


class _Size(NamedTuple):
    quantity: float
    contract_size: float
    instrument: str


def read(path: Path, limits: Limits | None = None) -> dict[str, list[Any]]:
    """Open positions as the columns of the table; days to expiry are left to the user, blank.

    A position on isolated margin is an account of its own; the account of the others, which no
    file tells, is left blank.

    Raises
    ------
    FileError
        When the file holds no positions, or a size that cannot be verified.
    """
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in _rows(path, limits or Limits.from_environment()):
        size = _number(row, _SIZE)
        if not size:
            continue
        symbol = str(row.get("symbol") or row.get("instrument_name") or row.get("coin") or "")
        entry, mark = _number(row, _ENTRY), _number(row, _MARK)
        value = _number(row, _VALUE)
        if mark is None and "szi" in row and value is not None:
            mark = abs(value / size)
        if not symbol or entry is None or mark is None:
            raise FileError(f"{path}: the position {symbol or row} lacks its entry or mark price")
        found = _size(path, row, symbol, size, (mark, entry), value)
        cells = (
            base(symbol), found.instrument, found.quantity, found.contract_size, entry, mark,
            f"isolated {symbol}" if _isolated(row) else None, symbol, None,
        )  # fmt: skip
        for name, cell in zip(COLUMNS, cells, strict=True):
            columns[name].append(cell)
    if not columns["asset"]:
        raise FileError(f"{path} holds no open positions of a layout that is known")
    return columns


def _rows(path: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    data = entries.reply(path, limits)
    return entries.table_rows(path, limits) if data is None else _nested(data, 0)


def _nested(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for item in data:
            yield from _nested(item, depth + 1)
    elif isinstance(data, dict):
        row = {normal(name): value for name, value in data.items()}
        if _number(row, _SIZE) is not None and _number(row, _ENTRY) is not None:
            yield row
            return
        for value in data.values():
            if isinstance(value, (list, dict)):
                yield from _nested(value, depth + 1)


def _isolated(row: dict[str, Any]) -> bool:
    """Whether the margin stated is the position's own."""
    return any("isolated" in str(row.get(name, "")).lower() for name in _MODES)


def _number(row: dict[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        value = row.get(name)
        if value is None or value == "" or isinstance(value, (list, dict, bool)):
            continue
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _size(
    path: Path,
    row: dict[str, Any],
    symbol: str,
    size: float,
    prices: tuple[float, float],
    value: float | None,
) -> _Size:
    """The signed size in contracts, and what a contract is; proven by the position's value."""
    side = next(
        (str(row[name]).lower() for name in ("side", "direction", "hold_side") if row.get(name)), ""
    )
    short = side in ("sell", "short")
    if size > 0 and short:
        size = -size
    mark = prices[0]
    if value is None:
        value = _bitget_value(row, size, mark)
    if value is None:
        raise FileError(f"{path}: the position {symbol} has no value to prove its size by")
    # Some venues value a position at its entry price.
    for price in prices:
        if _near(abs(value), abs(size) * price):
            return _Size(size, 1.0, "linear")
        if _near(abs(value), abs(size) / price):
            return _Size(size, 1.0, "inverse")
    contract = abs(value) * mark / abs(size)
    if row.get("notional_value") is not None and _near(contract, round(contract, -1)):
        return _Size(size, float(round(contract, -1)), "inverse")
    stated = _number(row, ("contract_size",))
    if stated is not None and _near(abs(value), abs(size) * mark * stated):
        return _Size(size, stated, "linear")
    raise FileError(
        f"{path}: the position {symbol} of {size:g} at {mark:g} does not agree with its value "
        f"{value:g}: the size of a contract is not known; give a table with {', '.join(COLUMNS)}"
    )


def _bitget_value(row: dict[str, Any], size: float, mark: float) -> float | None:
    """Bitget states no value, and its profit: size × (mark − entry)."""
    profit, entry = _number(row, ("unrealized_pl",)), _number(row, ("open_price_avg",))
    if profit is None or entry is None or not profit or mark == entry:
        return None
    return abs(profit / (mark - entry)) * mark


def _near(one: float, other: float) -> bool:
    return other > 0 and abs(one - other) <= _AGREE * other
