"""Coupons and durations of bonds, and depreciation."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable
from datetime import date

from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_day,
    as_number,
    day_0,
    excel_function,
    numbers_in,
)
from xlhedge.sheet.cells import CellError


def _terms(
    settlement: Raw, maturity: Raw, frequency: Raw, basis: Raw
) -> tuple[date, date, int, int]:
    first, last = as_day(settlement), as_day(maturity)
    times, kind = int(as_number(frequency)), int(as_number(basis))
    if first >= last or times not in (1, 2, 4) or not 0 <= kind <= 4:
        raise Failed(CellError.NUM)
    return first, last, times, kind


def _coupon(maturity: date, months: int) -> date:
    """The coupon date that lies some months before maturity; an end of month stays one."""
    number = maturity.year * 12 + maturity.month - 1 - months
    year, month = divmod(number, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    is_end = maturity.day == calendar.monthrange(maturity.year, maturity.month)[1]
    return date(year, month + 1, longest if is_end else min(maturity.day, longest))


def _around(settlement: date, maturity: date, times: int) -> tuple[date, date, int]:
    """The coupon dates before and after settlement, and how many coupons are left."""
    count = 1
    while _coupon(maturity, count * 12 // times) > settlement:
        count += 1
    return (
        _coupon(maturity, count * 12 // times),
        _coupon(maturity, (count - 1) * 12 // times),
        count,
    )


def _days(first: date, last: date, kind: int) -> int:
    """Days between two dates: 30/360 (US or European), or as the calendar has them."""
    if kind not in (0, 4):
        return (last - first).days
    start, end = first.day, last.day
    if kind == 4:
        start, end = min(start, 30), min(end, 30)
    else:
        is_end = first.month == 2 and start == calendar.monthrange(first.year, 2)[1]
        if is_end and last.month == 2 and end == calendar.monthrange(last.year, 2)[1]:
            end = 30
        start = 30 if is_end else min(start, 30)
        end = 30 if end == 31 and start == 30 else end
    return (last.year - first.year) * 360 + (last.month - first.month) * 30 + end - start


def _period(before: date, after: date, times: int, kind: int) -> float:
    if kind == 1:
        return float((after - before).days)
    return (365 if kind == 3 else 360) / times


def _of_coupons(name: str, function: Callable[[date, date, int, int], float]) -> None:
    def calculated(settlement: Raw, maturity: Raw, frequency: Raw, basis: Raw = 0.0) -> float:
        return float(function(*_terms(settlement, maturity, frequency, basis)))

    excel_function(name)(calculated)


def _days_from_last(first: date, last: date, times: int, kind: int) -> int:
    return _days(_around(first, last, times)[0], first, kind)


def _days_in_period(first: date, last: date, times: int, kind: int) -> float:
    return _period(*_around(first, last, times)[:2], times, kind)


def _days_to_next(first: date, last: date, times: int, kind: int) -> float:
    terms = first, last, times, kind
    if kind in (0, 4):
        return _days_in_period(*terms) - _days_from_last(*terms)
    return (_around(first, last, times)[1] - first).days


for _name, _function in (
    ("COUPPCD", lambda first, last, times, _: (_around(first, last, times)[0] - day_0()).days),
    ("COUPNCD", lambda first, last, times, _: (_around(first, last, times)[1] - day_0()).days),
    ("COUPNUM", lambda first, last, times, _: _around(first, last, times)[2]),
    ("COUPDAYBS", _days_from_last),
    ("COUPDAYS", _days_in_period),
    ("COUPDAYSNC", _days_to_next),
):
    _of_coupons(_name, _function)


@excel_function("DURATION")
def _duration(
    settlement: Raw, maturity: Raw, coupon: Raw, yld: Raw, frequency: Raw, basis: Raw = 0.0
) -> float:
    """Macaulay's duration in years: the mean time of the payments by their present values."""
    first, last, times, kind = _terms(settlement, maturity, frequency, basis)
    rate, growth = as_number(coupon), 1 + as_number(yld) / times
    if rate < 0 or growth < 1:
        raise Failed(CellError.NUM)
    before, after, count = _around(first, last, times)
    left = 1 - _days(before, first, kind) / _period(before, after, times, kind)
    values = [
        (100 * rate / times + (100 if number == count - 1 else 0)) / growth ** (number + left)
        for number in range(count)
    ]
    weighted = math.fsum(value * (number + left) for number, value in enumerate(values))
    return weighted / math.fsum(values) / times


@excel_function("MDURATION")
def _mduration(
    settlement: Raw, maturity: Raw, coupon: Raw, yld: Raw, frequency: Raw, basis: Raw = 0.0
) -> Raw:
    duration = _duration(settlement, maturity, coupon, yld, frequency, basis)
    if not isinstance(duration, float):
        return duration
    return duration / (1 + as_number(yld) / int(as_number(frequency)))


@excel_function("VDB")
def _vdb(
    cost: Raw, salvage: Raw, life: Raw, start: Raw, end: Raw, factor: Raw = 2.0, straight: Raw = 0.0
) -> float:
    """Declining balance; straight line from where that is more, unless `straight` is TRUE."""
    value, least, span = as_number(cost), as_number(salvage), as_number(life)
    first, last, pace = as_number(start), as_number(end), as_number(factor)
    switches = not as_number(straight)
    if not (value >= 0 and least >= 0 and span > 0 and 0 <= first <= last <= span and pace >= 0):
        raise Failed(CellError.NUM)
    total, number, is_straight = 0.0, 0, False
    while number < last:
        declining = min(value * pace / span, max(value - least, 0.0))
        even = max(value - least, 0.0) / (span - number) if span > number else 0.0
        is_straight = is_straight or (switches and even > declining)
        amount = even if is_straight else declining
        total += amount * max(min(last, number + 1) - max(first, number), 0.0)
        value, number = value - amount, number + 1
    return total


@excel_function("IRR")
def _irr(values: Raw, guess: Raw = 0.1) -> float:
    """Newton's method from the guess, which decides where there are several roots."""
    flows = numbers_in((values,))
    if not (any(one > 0 for one in flows) and any(one < 0 for one in flows)):
        raise Failed(CellError.NUM)
    rate = as_number(guess)
    for _ in range(100):
        if rate <= -1:
            raise Failed(CellError.NUM)
        value = math.fsum(one / (1 + rate) ** time for time, one in enumerate(flows))
        slope = math.fsum(-time * one / (1 + rate) ** (time + 1) for time, one in enumerate(flows))
        step = value / slope
        rate -= step
        if abs(step) < 1e-14 * max(1.0, abs(rate)):
            return rate
    if abs(step) < 1e-9:
        return rate
    raise Failed(CellError.NUM)
