"""Ticks of axes: round numbers and round dates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from xlhedge.recalc.text_formats import formatted
from xlhedge.sheet.cells import serial
from xlhedge.workbook.styles import shows_date
from xlhedge.workbook.values import moment

_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAYS = (1, 2, 7, 14)
_DAYS_IN_MONTH = 30.4


def round_step(span: float, most: int) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that divides a span into so many parts.

    Examples
    --------
    >>> round_step(7.3, 4), round_step(0.012, 5)
    (2.0, 0.005)
    """
    power = 10.0 ** math.floor(math.log10(span / most))
    factor = next(factor for factor in (1.0, 2.0, 5.0, 10.0) if factor * power * most >= span)
    return float(f"{factor * power:.15g}")


def number_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers that reach from at most `low` to at least `high`.

    Examples
    --------
    >>> number_ticks(-7.2, 3.5, 4)
    [-10.0, -5.0, 0.0, 5.0]
    """
    if high <= low:
        size = abs(low) or 1.0
        low, high = low - 0.1 * size, high + 0.1 * size
    step = round_step(high - low, most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.15g}") for number in range(first, last + 1)]


def date_ticks(low: float, high: float, most: int) -> list[float]:
    """Day numbers of round dates between two: first days of years or months, or some days.

    Examples
    --------
    >>> [str(moment(day, from_1904=False))[:10] for day in date_ticks(45000.5, 45200.5, 4)]
    ['2023-05-01', '2023-07-01', '2023-09-01']
    """
    span = max(high - low, 1e-9)
    for months in _MONTHS:
        if span / (months * _DAYS_IN_MONTH) <= most and span > months * _DAYS_IN_MONTH:
            return list(_months(low, high, months))
    days = next((days for days in _DAYS if span / days <= most), 30)
    first = math.ceil(low / days) * days
    return [float(day) for day in range(first, math.floor(high) + 1, days)]


def _months(low: float, high: float, step: int) -> Iterator[float]:
    start = moment(low, from_1904=False)
    if not isinstance(start, datetime):
        return
    count = (start.year * 12 + start.month - 1) // step * step
    while True:
        day = serial(datetime(count // 12, count % 12 + 1, 1))
        if day > high:
            return
        if day >= low:
            yield day
        count += step


def labels(ticks: list[float], code: str) -> list[str]:
    """The texts of ticks; where the code would give two of them the same, all their digits."""
    try:
        found = [formatted(tick, code) for tick in ticks]
    except ValueError:
        found = []
    if shows_date(code) and found:
        return found
    return found if len(set(found)) == len(ticks) else [f"{tick:,.10g}" for tick in ticks]
