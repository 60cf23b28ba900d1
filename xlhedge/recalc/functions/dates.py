"""Dates and working days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_day,
    as_whole,
    cells_of,
    day_0,
    excel_function,
    in_calendar,
    moment_in,
    number_of_day,
)
from xlhedge.sheet.cells import CellError

_MOST_OF_TIME = 32_767
_WEEKENDS = {1: "0000011", 2: "1000001", 3: "1100000", 4: "0110000", 5: "0011000", 6: "0001100",
             7: "0000110", 11: "0000001", 12: "1000000", 13: "0100000", 14: "0010000",
             15: "0001000", 16: "0000100", 17: "0000010"}  # fmt: skip


@excel_function("DATE")
def _date(year: int, month: int, day: int) -> int:
    year += 1900 * (0 <= year < 1900)
    months = year * 12 + month - 1
    if not (1900 if day_0().year == 1899 else 1904) <= year <= 9999 or months // 12 > 9999:
        raise Failed(CellError.NUM)
    return in_calendar(number_of_day(date(months // 12, months % 12 + 1, 1)) + day - 1)


@excel_function("TIME")
def _time(hours: int, minutes: int, seconds: int) -> float:
    total = hours * 3600 + minutes * 60 + seconds
    if max(hours, minutes, seconds) > _MOST_OF_TIME or total < 0:
        raise Failed(CellError.NUM)
    return total % 86400 / 86400


@excel_function("DATEVALUE")
def _datevalue(text: Raw) -> int:
    day, _ = moment_in(text)
    if day is None:
        raise Failed(CellError.VALUE)
    return day


@excel_function("TIMEVALUE")
def _timevalue(text: Raw) -> float:
    return moment_in(text)[1] % 1


def _calendar(weekend: Raw, holidays: Raw) -> np.busdaycalendar:
    """The working days that are no holidays."""
    text = weekend if isinstance(weekend, str) else _WEEKENDS.get(as_whole(weekend))
    if text is None:
        raise Failed(CellError.NUM)
    if len(text) != 7 or set(text) - {"0", "1"} or text == "1111111":
        raise Failed(CellError.VALUE)
    days = [as_day(cell) for cell in cells_of(holidays) if cell is not None and cell != ""]
    return np.busdaycalendar("".join("01"[day == "0"] for day in text), days)


@excel_function("NETWORKDAYS.INTL")
def _networkdays_intl(start: date, end: date, weekend: Raw = 1.0, holidays: Raw = None) -> int:
    first, last = sorted((start, end))
    days = _calendar(weekend, holidays)
    count = int(np.busday_count(first, last + timedelta(days=1), busdaycal=days))
    return count if start <= end else -count


@excel_function("NETWORKDAYS")
def _networkdays(start: date, end: date, holidays: Raw = None) -> int:
    return _networkdays_intl(start, end, 1.0, holidays)


@excel_function("WORKDAY.INTL")
def _workday_intl(start: date, days: int, weekend: Raw = 1.0, holidays: Raw = None) -> int:
    if days == 0:
        return (start - day_0()).days
    found = np.busday_offset(
        start,
        days,
        roll="backward" if days > 0 else "forward",
        busdaycal=_calendar(weekend, holidays),
    )
    return in_calendar(int((found - np.datetime64(day_0())).astype(int)))


@excel_function("WORKDAY")
def _workday(start: date, days: int, holidays: Raw = None) -> int:
    return _workday_intl(start, days, 1.0, holidays)
