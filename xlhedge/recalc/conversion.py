"""Values of the embedded engine as cells, and cells as the engine takes them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from itertools import chain
from operator import countOf
from typing import Any

from xlhedge.sheet.cells import Cell, CellError, serial

_FROM_KIND = {
    "Div": CellError.DIV0,
    "Na": CellError.NA,
    "Name": CellError.NAME,
    "Null": CellError.NULL,
    "Num": CellError.NUM,
    "Ref": CellError.REF,
    "Value": CellError.VALUE,
    "Spill": CellError.SPILL,
    "Calc": CellError.CALC,
    "NImpl": CellError.NAME,
    # Excel shows 0 and a warning; a zero in a hedge would be taken for an answer.
    "Circ": CellError.NUM,
}
_TO_KIND = {
    error: kind for kind, error in reversed(_FROM_KIND.items()) if kind not in ("NImpl", "Circ")
}
_LONGEST_TEXT = 32_767


def kind_of(raw: Any) -> str:
    """The engine's word for an error; empty for any other value."""
    return str(raw.get("kind", "Value")) if isinstance(raw, dict) else ""


def cell_of(raw: Any) -> Cell:
    """A value of the engine as a cell."""
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, (int, float)):
        number = float(raw)
        return number if number - number == 0.0 else CellError.NUM
    if isinstance(raw, str):
        return raw if len(raw) <= _LONGEST_TEXT else CellError.VALUE
    if isinstance(raw, dict):
        return _FROM_KIND.get(kind_of(raw), CellError.VALUE)
    if isinstance(raw, timedelta):
        return raw.total_seconds() / 86400
    if isinstance(raw, time):
        return (raw.hour * 3600 + raw.minute * 60 + raw.second) / 86400
    if isinstance(raw, date):
        return serial(raw)
    return CellError.VALUE


def cells_of(raw: Any) -> Any:
    """A cell, or a range as rows of cells."""
    if not isinstance(raw, list):
        return cell_of(raw)
    head, body = _split(raw)
    if body and math.isfinite(sum(chain.from_iterable(body))):
        return [*(list(map(cell_of, row)) for row in head), *body]
    return [list(map(cell_of, row)) for row in raw]


def identity(raw: Any) -> Hashable:
    """What tells an argument from every other: small also for long ranges of numbers."""
    if not isinstance(raw, list):
        return repr(raw)
    head, body = _split(raw)
    if not body:
        return repr(raw)
    content = blake2b(array("d", chain.from_iterable(body)).tobytes()).digest()
    return repr(head), len(body), len(body[0]), content


def raw_of(value: Any) -> Any:
    """A cell, or rows of cells, as the engine takes them; a blank shows as empty text."""
    if isinstance(value, list):
        return value if _are_numbers(value) else [[raw_of(item) for item in row] for row in value]
    if value is None:
        return ""
    if isinstance(value, CellError):
        return {"type": "Error", "kind": _TO_KIND[value]}
    if isinstance(value, datetime):
        return serial(value)
    return value


def fitted(value: Any, height: float, width: float) -> Any:
    """An array cut or repeated to a size, as an array formula of fixed size shows it."""
    rows = value if isinstance(value, list) else [[value]]
    missing = {"type": "Error", "kind": "Na"}
    found = []
    for number in range(int(height)):
        row = rows[0] if len(rows) == 1 else rows[number] if number < len(rows) else []
        cells = [
            row[0] if len(row) == 1 else row[place] if place < len(row) else missing
            for place in range(int(width))
        ]
        found.append([0.0 if cell is None else cell for cell in cells])
    return found[0][0] if height == width == 1 else found


def _split(rows: list[list[Any]]) -> tuple[list[list[Any]], list[list[Any]]]:
    """The header of a range and its rows of floats; no rows where anything else stands in them."""
    start = 0 if _are_numbers(rows[:1]) else 1
    head, body = rows[:start], rows[start:]
    return (head, body) if body and _are_numbers(body) else (rows, [])


def _are_numbers(rows: list[list[Any]]) -> bool:
    """Whether every item is a float: what nearly all long ranges are."""
    count = sum(map(len, rows))
    return countOf(map(type, chain.from_iterable(rows)), float) == count
