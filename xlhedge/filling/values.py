"""Cells of a source as a worksheet holds them: numbers, texts and dates.

A FileError tells what is wrong with a cell; who reads a file puts its place before the sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from numbers import Number
from typing import Any, TypeVar

from xlhedge.errors import FileError
from xlhedge.sheet.cells import serial
from xlhedge.workbook.values import DAYS_TO_1904

_Read = TypeVar("_Read")

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EPOCH = re.compile(r"\d{10}|\d{13}")
_FIRST = datetime(1900, 3, 1)  # Excel counts a 29 February 1900 that never was
_SHOWN = 40


def read_column(
    cells: Iterable[Any],
    read: Callable[[Any], _Read],
    source: str,
    column: str,
    numbers: Sequence[int],
) -> list[_Read]:
    """The cells of a column, refused with the source, row and column."""
    found: list[_Read] = []
    try:
        for cell in cells:
            found.append(read(cell))
    except FileError as problem:
        raise FileError(f"{source} row {numbers[len(found)]}, column {column}: {problem}") from None
    return found


def read_time(cell: Any) -> datetime:
    """A time in UTC without a zone: ISO 8601, or seconds or milliseconds since 1970."""
    return read_time_and_zone(cell)[0]


def read_time_and_zone(cell: Any) -> tuple[datetime, str]:
    """A time in UTC without a zone, and the zone that it was given in ("" where it had none)."""
    value = cell.to_pydatetime() if hasattr(cell, "to_pydatetime") else cell
    zone = ""
    if isinstance(cell, str):
        try:
            if _EPOCH.fullmatch(cell):
                seconds = int(cell) / (1000 if len(cell) == 13 else 1)
                value, zone = datetime.fromtimestamp(seconds, UTC), "seconds since 1970"
            else:
                value = datetime.fromisoformat(cell)
        except (ValueError, OverflowError):
            raise FileError(
                f"{shown(cell)} is not a time such as 2025-01-31T08:00 or 2025-01-31"
            ) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not (isinstance(value, datetime) and value.year > 0):  # NaN of a missing time
        raise FileError(f"{shown(cell)} is not a time")
    if value.tzinfo is not None:
        zone = zone or _zone(value)
        try:
            value = value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise FileError(f"{shown(cell)} is not a time") from None
    if value < _FIRST:
        raise FileError(f"{value} lies before a worksheet's first date")
    return value, zone


def _zone(value: datetime) -> str:
    if not value.utcoffset():
        return "UTC"
    offset = value.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


def read_number(cell: Any) -> float:
    """A finite number, in a text written with a decimal point."""
    if not looks_like_number(cell):
        raise FileError(f"{shown(cell)} is not a number")
    try:
        value = float(cell)
    except (OverflowError, ValueError):
        value = math.inf
    if not math.isfinite(value):
        raise FileError(f"{shown(cell)} is not a finite number")
    return value


def looks_like_number(cell: Any) -> bool:
    """Whether a cell is a number, or a text that is one."""
    if isinstance(cell, str):
        return NUMBER.fullmatch(cell) is not None
    return isinstance(cell, (Number, Decimal)) and not isinstance(cell, (bool, complex))


def looks_like_time(cell: Any) -> bool:
    """Whether a cell is a date, or a text with a date in it."""
    if isinstance(cell, str):
        try:
            datetime.fromisoformat(cell)
        except ValueError:
            return False
        return "-" in cell
    return isinstance(cell, date)


def day_number(value: datetime, *, from_1904: bool) -> float:
    """Excel's number of a time, to the millisecond."""
    days = serial(value) - (DAYS_TO_1904 if from_1904 else 0)
    return round(days * 86_400_000) / 86_400_000


def shown(cell: Any) -> str:
    """A cell as a sentence quotes it."""
    text = repr(cell)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 4] + "..." + text[-1]
