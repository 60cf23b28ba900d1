"""What a cell can hold, and how a caller's value becomes cells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from numbers import Number
from operator import countOf
from typing import Any, TypeAlias

from xlhedge.errors import InputError


class CellError(StrEnum):
    """An error value as a cell shows it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    SPILL = "#SPILL!"
    CALC = "#CALC!"


Cell: TypeAlias = "float | str | bool | datetime | CellError | None"
Grid: TypeAlias = "list[list[Cell]]"

LONGEST_TEXT = 32_767
"""Characters that a cell holds."""

_PLAIN = frozenset({float, int, str, bool, type(None), CellError})
_EPOCH = datetime(1899, 12, 30)


def is_blank(cell: Any) -> bool:
    """Whether a cell counts as left out: empty, or the empty text that formulas leave."""
    return cell is None or (type(cell) is str and cell == "")


def serial(moment: date) -> float:
    """Excel's day number of a date; a time zone is dropped, as Excel has none."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return (moment.replace(tzinfo=None) - _EPOCH).total_seconds() / 86400


def normalise(value: Any) -> Any:
    """One cell, or a list of rows of equal length, from anything that a host passes.

    A rectangle of one cell becomes that cell and a flat list becomes one row. Arrays, data frames
    and tuples are taken as rectangles; a one-dimensional array or a pandas Series is a column.

    Raises
    ------
    InputError
        When rows differ in length or the range is empty.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, date):
        return value
    if hasattr(value, "to_numpy"):
        value = value.to_numpy(dtype=object)
    if hasattr(value, "tolist"):
        is_column = getattr(value, "ndim", 0) == 1
        value = value.tolist()
        if is_column:
            value = [[item] for item in value]
    if isinstance(value, (list, tuple)):
        return _rectangle(value)
    return value


def _rectangle(value: Iterable[Any]) -> Any:
    rows = list(value)
    if not rows:
        raise InputError("the range is empty")
    if not isinstance(rows[0], (list, tuple)):
        rows = [rows]
    width = len(rows[0]) if isinstance(rows[0], (list, tuple)) else -1
    if width == 0:
        raise InputError("the range is empty")
    # Counted without a loop in Python: this is most of a long column's way through a call.
    count = countOf(map(type, rows), list)
    if count != len(rows) and not all(isinstance(row, (list, tuple)) for row in rows):
        count = -1
    if count < 0 or countOf(map(len, rows), width) != len(rows):
        raise InputError("the rows of a range must all have the same length")
    if len(rows) == 1 and width == 1:
        return rows[0][0]
    return rows


def number_of(cell: Any) -> float | None:
    """The number in a cell, or None where the cell holds no number. TRUE is not a number."""
    kind = type(cell)
    if kind is float:
        return cell  # type: ignore[no-any-return]  # the type was just tested
    if kind is int:
        return float(cell)
    if kind is bool or cell is None or isinstance(cell, (str, CellError)):
        return None
    if isinstance(cell, date):
        return serial(cell)
    if isinstance(cell, Number) and not isinstance(cell, complex):
        return float(cell)  # type: ignore[arg-type]  # Decimal and numpy's numbers
    return None


def describe(cell: Any) -> str:
    """How a sentence names a cell's content."""
    if is_blank(cell):
        return "a blank"
    if isinstance(cell, bool) or type(cell).__name__ in ("bool_", "bool"):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, CellError):
        return str(cell)
    if isinstance(cell, str):
        text = cell if len(cell) <= 40 else cell[:37] + "..."
        return f'the text "{text}"'
    number = number_of(cell)
    if number is not None:
        return f"{number:.12g}"
    return f"a {type(cell).__name__}"
