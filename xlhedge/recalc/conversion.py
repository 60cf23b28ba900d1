"""Values of the embedded engine as cells, and cells as the engine takes them."""

from __future__ import annotations

import math
from collections.abc import Hashable
from datetime import datetime
from hashlib import sha256
from itertools import chain
from operator import countOf
from typing import Any

import numpy as np

from xlhedge.sheet.cells import LONGEST_TEXT, Cell, CellError, serial

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
        return raw if len(raw) <= LONGEST_TEXT else CellError.VALUE
    return _FROM_KIND.get(kind_of(raw), CellError.VALUE)


def taken(raw: Any) -> tuple[Any, Hashable]:
    """An argument as a cell or rows of cells, and what tells it from every other one.

    Most long ranges are numbers under a header: these are looked through once and stay small.
    """
    if not isinstance(raw, list):
        return cell_of(raw), repr(raw)
    start = 0 if _are_numbers(raw[:1]) else 1
    head, body = raw[:start], raw[start:]
    if not body or not _are_numbers(body):
        return [list(map(cell_of, row)) for row in raw], repr(raw)
    numbers = np.fromiter(chain.from_iterable(body), np.float64, len(body) * len(body[0]))
    key = repr(head), len(body), len(body[0]), sha256(numbers.tobytes()).digest()
    if not math.isfinite(numbers.sum()):
        body = [list(map(cell_of, row)) for row in body]
    return [*(list(map(cell_of, row)) for row in head), *body], key


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


def rows_of(raw: Any) -> list[list[Any]]:
    """The rows of a range; one value is a row of one."""
    return raw if isinstance(raw, list) else [[raw]]


def element(rows: list[list[Any]], row: int, column: int) -> Any:
    """A cell of a range; one row or column is repeated, and beyond the end there is #N/A."""
    row = 0 if len(rows) == 1 else row
    column = 0 if row < len(rows) and len(rows[row]) == 1 else column
    if row >= len(rows) or column >= len(rows[row]):
        return raw_of(CellError.NA)
    return rows[row][column]


def fitted(value: Any, height: float, width: float) -> Any:
    """An array cut or repeated to a size, as an array formula of fixed size shows it."""
    rows, places = rows_of(value), range(int(width))
    cells = [[element(rows, row, place) for place in places] for row in range(int(height))]
    found = [[0.0 if cell is None else cell for cell in row] for row in cells]
    return found[0][0] if height == width == 1 else found


def _are_numbers(rows: list[list[Any]]) -> bool:
    """Whether every item is a float: what nearly all long ranges are."""
    count = sum(map(len, rows))
    return countOf(map(type, chain.from_iterable(rows)), float) == count
