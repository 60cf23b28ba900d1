"""Parts of arrays."""

from __future__ import annotations

import math

from xlhedge.recalc.functions.arguments import Failed, Raw, as_number, excel_function, rows_of
from xlhedge.sheet.cells import CellError


def _count(raw: Raw) -> int | None:
    """A number of rows or columns; None where it is left out."""
    return None if raw is None or raw == "" else math.trunc(as_number(raw))


def _taken(size: int, raw: Raw) -> slice:
    count = _count(raw)
    if count is None:
        return slice(0, size)
    if count == 0:
        raise Failed(CellError.CALC)
    return slice(0, count) if count > 0 else slice(max(size + count, 0), size)


def _left(size: int, raw: Raw) -> slice:
    count = _count(raw) or 0
    if abs(count) >= size:
        raise Failed(CellError.CALC)
    return slice(count, size) if count > 0 else slice(0, size + count)


@excel_function("TAKE")
def _take(array: Raw, rows: Raw = None, columns: Raw = None) -> Raw:
    cells = rows_of(array)
    across = _taken(len(cells[0]), columns)
    return [row[across] for row in cells[_taken(len(cells), rows)]]


@excel_function("DROP")
def _drop(array: Raw, rows: Raw = None, columns: Raw = None) -> Raw:
    cells = rows_of(array)
    across = _left(len(cells[0]), columns)
    return [row[across] for row in cells[_left(len(cells), rows)]]
