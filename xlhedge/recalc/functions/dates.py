"""Dates and working days."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np

from xlhedge.recalc.functions.arguments import (
    LAST_DAY,
    Failed,
    Raw,
    as_day,
    as_number,
    cells_in,
    day_0,
    excel_function,
    moment_in,
    number_of_day,
)
from xlhedge.sheet.cells import CellError

_MOST_OF_TIME = 32_767
_WEEKENDS = {1: "0000011", 2: "1000001", 3: "1100000", 4: "0110000", 5: "0011000", 6: "0001100",
             7: "0000110", 11: "0000001", 12: "1000000", 13: "0100000", 14: "0010000",
             15: "0001000", 16: "0000100", 17: "0000010"}  # fmt: skip


@excel_function("DATE")
def _date(year: Raw, month: Raw, day: Raw) -> float:
    y, m, d = (math.trunc(as_number(raw)) for raw in (year, month, day))
    y += 1900 * (0 <= y < 1900)
    months = y * 12 + m - 1
    if not (1900 if day_0().year == 1899 else 1904) <= y <= 9999 or months // 12 > 9999:
        raise Failed(CellError.NUM)
    first = date(months // 12, months % 12 + 1, 1)
    number = number_of_day(first) + d - 1
    if not 0 <= number <= (LAST_DAY - day_0()).days:
        raise Failed(CellError.NUM)
    return float(number)


@excel_function("TIME")
def _time(hours: Raw, minutes: Raw, seconds: Raw) -> float:
    parts = [math.trunc(as_number(raw)) for raw in (hours, minutes, seconds)]
    total = parts[0] * 3600 + parts[1] * 60 + parts[2]
    if max(parts) > _MOST_OF_TIME or total < 0:
        raise Failed(CellError.NUM)
    return total % 86400 / 86400


@excel_function("DATEVALUE")
def _datevalue(text: Raw) -> float:
    day, _ = moment_in(text)
    if day is None:
        raise Failed(CellError.VALUE)
    return float(day)


@excel_function("TIMEVALUE")
def _timevalue(text: Raw) -> float:
    return moment_in(text)[1] % 1


def _week(raw: Raw) -> str:
    """Monday to Sunday as working days (1), as numpy wants them."""
    text = raw if isinstance(raw, str) else _WEEKENDS.get(int(as_number(raw)))
    if text is None:
        raise Failed(CellError.NUM)
    if len(text) != 7 or set(text) - {"0", "1"} or text == "1111111":
        raise Failed(CellError.VALUE)
    return "".join("01"[day == "0"] for day in text)


def _holidays(raw: Raw) -> list[date]:
    cells = [cell for cell in cells_in((raw,)) if cell is not None and cell != ""]
    return [as_day(cell) for cell in cells]


@excel_function("NETWORKDAYS.INTL")
def _networkdays_intl(start: Raw, end: Raw, weekend: Raw = 1.0, holidays: Raw = None) -> float:
    first, last = as_day(start), as_day(end)
    sign = 1
    if first > last:
        first, last, sign = last, first, -1
    count = np.busday_count(
        first, last + timedelta(days=1), weekmask=_week(weekend), holidays=_holidays(holidays)
    )
    return float(sign * int(count))


@excel_function("NETWORKDAYS")
def _networkdays(start: Raw, end: Raw, holidays: Raw = None) -> float:
    days: float = _networkdays_intl(start, end, 1.0, holidays)
    return days


@excel_function("WORKDAY.INTL")
def _workday_intl(start: Raw, days: Raw, weekend: Raw = 1.0, holidays: Raw = None) -> float:
    first, number = as_day(start), math.trunc(as_number(days))
    if number == 0:
        return float((first - day_0()).days)
    found = np.busday_offset(
        first,
        number,
        roll="backward" if number > 0 else "forward",
        weekmask=_week(weekend),
        holidays=_holidays(holidays),
    )
    return float((found.astype(date) - day_0()).days)


@excel_function("WORKDAY")
def _workday(start: Raw, days: Raw, holidays: Raw = None) -> float:
    day: float = _workday_intl(start, days, 1.0, holidays)
    return day
