"""What functions of Excel take and give, and where they are registered."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, timedelta
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

import numpy as np

from xlhedge.recalc.conversion import kind_of, raw_of, rows_of
from xlhedge.recalc.functions.moments import moment_of
from xlhedge.sheet.cells import CellError

LAST_DAY = date(9999, 12, 31)
"""The last date of worksheets."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:,\d{3})*\.?\d*|\.\d+)(?:E[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_MIXED = re.compile(r"([+-]?)(\d+) (\d+)/([1-9]\d*)", re.ASCII)

Raw = Any
"""A number, a text, a logical value, None for a blank, rows of these, or an error's dictionary."""

Matrix = np.ndarray[Any, np.dtype[Any]]
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Failed(Exception):  # a signal inside this package
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


def cells_of(*given: Raw) -> list[Raw]:
    """The cells of arguments, row by row."""
    return [cell for raw in given for row in rows_of(raw) for cell in row]


def numbers_of(*given: Raw) -> list[float]:
    """The numbers of ranges; in them texts, logical values and blanks are passed over."""
    found: list[float] = []
    for raw in given:
        cells = cells_of(raw) if isinstance(raw, list) else [as_number(raw)]
        refuse_errors(*cells)
        found.extend(float(cell) for cell in cells if is_number(cell))
    return found


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


def as_day(raw: Raw) -> date:
    """A day number as a date."""
    return day_0() + timedelta(days=in_calendar(math.floor(as_number(raw))))


def in_calendar(number: int) -> int:
    """A day's number, where the workbook's calendar has one."""
    if not 0 <= number <= (LAST_DAY - day_0()).days:
        raise Failed(CellError.NUM)
    return number


def as_matrix(raw: Raw) -> Matrix:
    """A range of numbers only, as Excel's matrix functions want it."""
    for cell in cells_of(raw):
        refuse_errors(cell)
        if not is_number(cell):
            raise Failed(CellError.VALUE)
    return np.array(rows_of(raw), dtype=np.float64)


def as_whole(raw: Raw) -> int:
    """One value as a number without its decimals."""
    return int(as_number(raw))


_READ: dict[Any, Callable[[Raw], Any]] = {
    float: as_number, int: as_whole, int | None: as_whole, date: as_day, Matrix: as_matrix,
}  # fmt: skip
"""How an argument is read, by its annotation; any other stays as the engine passes it."""

FUNCTIONS: dict[str, Callable[..., Raw]] = {}
"""What the engine calls, by worksheet name."""


def excel_function(
    *names: str, giving: Callable[[Any], Any] = lambda result: result
) -> Callable[[_Function], _Function]:
    """Register what is made of a function's result; arguments are read by their annotations.

    What it raises becomes the error that its cell shows.
    """

    def register(function: _Function) -> _Function:
        parameters = signature(function, eval_str=True).parameters.values()
        readers = [_READ.get(one.annotation, lambda raw: raw) for one in parameters]

        def guarded(*given: Raw) -> Raw:
            try:
                read = [reader(raw) for reader, raw in zip(readers, given, strict=False)]
                return _written(giving(function(*read, *given[len(readers) :])))
            except Failed as failed:
                return failed.raw
            except (TypeError, LookupError):
                return raw_of(CellError.VALUE)
            except (ArithmeticError, ValueError):
                return raw_of(CellError.NUM)

        FUNCTIONS.update(dict.fromkeys(names, guarded))
        return function

    return register


def _written(result: Any) -> Raw:
    """A result as the engine takes it; a date is its number."""
    if isinstance(result, date):
        result = (result - day_0()).days
    if isinstance(result, (np.ndarray, np.generic)):
        return result.tolist()
    return float(result) if type(result) is int else result


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


def number_of(text: str) -> float:
    """A text as the number that Excel takes it for: digits, money, a share, a date or a time."""
    plain = text.strip().replace("$", "")
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
    number = float(plain.removesuffix("%").replace(",", ""))
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
