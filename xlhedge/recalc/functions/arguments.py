"""What functions of Excel take and give, and where they are registered."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import date, timedelta
from functools import wraps
from typing import Any

import numpy as np

from xlhedge.recalc.conversion import kind_of, raw_of
from xlhedge.recalc.functions.moments import moment_of
from xlhedge.sheet.cells import CellError

LAST_DAY = date(9999, 12, 31)
"""The last date of worksheets."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_MIXED = re.compile(r"([+-]?)(\d+) (\d+)/([1-9]\d*)", re.ASCII)

Raw = Any
"""A number, a text, a logical value, None for a blank, rows of these, or an error's dictionary."""


class Failed(Exception):  # a signal inside this module
    """A function that shows an error."""

    def __init__(self, error: CellError | Raw) -> None:
        super().__init__(str(error))
        self.raw = raw_of(error) if isinstance(error, CellError) else error


def refuse_errors(*given: Raw) -> None:
    """Show the first value that is an error."""
    for raw in given:
        if kind_of(raw):
            raise Failed(raw)


def is_number(raw: Raw) -> bool:
    """Whether a value is a number, and no logical value."""
    return isinstance(raw, (int, float)) and not isinstance(raw, bool)


def rows_of(raw: Raw) -> list[list[Raw]]:
    """The rows of a range; one value is a row of one."""
    return raw if isinstance(raw, list) else [[raw]]


def as_number(raw: Raw) -> float:
    """One value as a number: a text is read, a blank is 0."""
    if isinstance(raw, list):
        raw = raw[0][0] if len(raw) == len(raw[0]) == 1 else raw
    refuse_errors(raw)
    if raw is None:
        return 0.0
    if isinstance(raw, str):
        return number_of(raw)
    if isinstance(raw, list):
        raise Failed(CellError.VALUE)
    return float(raw)


def number_of(text: str) -> float:
    """A text as the number that Excel takes it for: digits, money, a share, a date or a time."""
    plain = text.strip().replace("$", "").replace(",", "")
    sign = -1.0 if plain.startswith("(") and plain.endswith(")") else 1.0
    plain = plain.strip("()")
    share = 0.01 if plain.endswith("%") else 1.0
    mixed = _MIXED.fullmatch(plain)
    if mixed:
        number = int(mixed[2]) + int(mixed[3]) / int(mixed[4])
        return sign * (-number if mixed[1] == "-" else number)
    if not _NUMBER.fullmatch(plain.removesuffix("%")):
        day, clock = moment_in(text)
        return (day or 0) + clock
    number = float(plain.removesuffix("%"))
    if not math.isfinite(number):
        raise Failed(CellError.VALUE)
    return sign * share * number


def moment_in(text: Raw) -> tuple[int | None, float]:
    """The number of the date and the part of a day that a text reads like."""
    refuse_errors(text)
    found = moment_of(text) if isinstance(text, str) else None
    if found is None:
        raise Failed(CellError.VALUE)
    day, clock = found
    if day is None:
        return None, clock
    if day < max(day_0(), date(1900, 1, 1)):  # what the calendar lacks is no more than a text
        raise Failed(CellError.VALUE)
    return number_of_day(day), clock


def number_of_day(day: date) -> int:
    """The number of a date in the workbook's calendar."""
    number = (day - day_0()).days
    # Excel counts a 29 February 1900.
    return number - 1 if day_0().year == 1899 and day < date(1900, 3, 1) else number


def cells_in(given: tuple[Raw, ...]) -> Iterator[Raw]:
    """The cells of arguments, row by row."""
    for raw in given:
        if isinstance(raw, list):
            for row in raw:
                yield from row
        else:
            yield raw


def numbers_in(given: tuple[Raw, ...]) -> list[float]:
    """The numbers of ranges; in them texts, logical values and blanks are passed over."""
    found = []
    for raw in given:
        if not isinstance(raw, list):
            found.append(as_number(raw))
            continue
        for cell in cells_in((raw,)):
            refuse_errors(cell)
            if is_number(cell):
                found.append(float(cell))
    return found


def as_matrix(raw: Raw) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A range of numbers only, as Excel's matrix functions want it."""
    rows = rows_of(raw)
    for cell in cells_in((rows,)):
        refuse_errors(cell)
        if not is_number(cell):
            raise Failed(CellError.VALUE)
    return np.array(rows, dtype=np.float64)


_DAY_0: ContextVar[date] = ContextVar("day_0", default=date(1899, 12, 30))


def day_0() -> date:
    """The date of the number 0 in the workbook at work."""
    return _DAY_0.get()


def counting_from_1904(function: Callable[..., Raw]) -> Callable[..., Raw]:
    """A function for workbooks whose day 0 is 1 January 1904."""

    @wraps(function)
    def counted(*given: Raw) -> Raw:
        before = _DAY_0.set(date(1904, 1, 1))
        try:
            return function(*given)
        finally:
            _DAY_0.reset(before)

    return counted


FUNCTIONS: dict[str, Callable[..., Raw]] = {}
"""What the engine calls, by worksheet name."""


def excel_function(*names: str) -> Callable[[Callable[..., Raw]], Callable[..., Raw]]:
    """Register a function; what it raises becomes the error that its cell shows."""

    def register(function: Callable[..., Raw]) -> Callable[..., Raw]:
        @wraps(function)
        def guarded(*given: Raw) -> Raw:
            try:
                return function(*given)
            except Failed as failed:
                return failed.raw
            except TypeError:
                return raw_of(CellError.VALUE)
            except (OverflowError, ZeroDivisionError, ValueError):
                return raw_of(CellError.NUM)

        FUNCTIONS.update(dict.fromkeys(names, guarded))
        return guarded

    return register


def as_day(raw: Raw) -> date:
    """A day number as a date."""
    number = math.floor(as_number(raw))
    if not 0 <= number <= (LAST_DAY - day_0()).days:
        raise Failed(CellError.NUM)
    return day_0() + timedelta(days=number)
