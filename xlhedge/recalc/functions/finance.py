"""Payments of loans, coupons and durations of bonds, and depreciation."""

from __future__ import annotations

import calendar
import math
from datetime import date
from operator import attrgetter, itemgetter
from typing import NamedTuple

from xlhedge.recalc.functions.arguments import Failed, Raw, excel_function, numbers_of
from xlhedge.sheet.cells import CellError

_MOST_PERIODS = 100_000
"""Periods that are added up one by one: days of 270 years. No cell may hold up the others."""


def _payment(rate: float, periods: float, present: float, future: float, due: float) -> float:
    if rate == 0:
        return -(present + future) / periods
    gained = math.expm1(periods * math.log1p(rate))
    return -rate * (present * (1 + gained) + future) / ((1 + rate * due) * gained)


def _balance(rate: float, periods: float, payment: float, present: float, due: float) -> float:
    if rate == 0:
        return -(present + payment * periods)
    gained = math.expm1(periods * math.log1p(rate))
    return -(present * (1 + gained) + payment * (1 + rate * due) * gained / rate)


@excel_function("IPMT", giving=itemgetter(0))
@excel_function("PPMT", giving=itemgetter(1))
def _parts(
    rate: float, period: float, periods: float, present: float, future: float = 0, due: float = 0
) -> tuple[float, float]:
    """The interest and the principal of a period's payment."""
    start = float(due != 0)
    if not 1 <= period < periods + 1:
        raise Failed(CellError.NUM)
    payment = _payment(rate, periods, present, future, start)
    if start and period == 1:
        return 0.0, payment
    interest = _balance(rate, period - 1, payment, present, start) * rate
    if start:
        interest /= 1 + rate
    return interest, payment - interest


@excel_function("CUMIPMT", giving=itemgetter(0))
@excel_function("CUMPRINC", giving=itemgetter(1))
def _sums(
    rate: float, periods: float, present: float, first: float, last: int, due: float
) -> list[float]:
    """The interest and the principal of several payments."""
    span = range(math.ceil(first), last + 1)
    if span.stop - span.start > _MOST_PERIODS:
        raise Failed(CellError.NUM)
    both = [_parts(rate, number, periods, present, 0.0, due) for number in span]
    return [math.fsum(one[part] for one in both) for part in (0, 1)]


class _Coupons(NamedTuple):
    """What a bond pays after its settlement."""

    before: date
    after: date
    left: int
    passed: int  # days since the coupon before
    period: float  # days from one coupon to the next
    ahead: float  # days to the coupon after


def _coupons(settlement: date, maturity: date, frequency: int, basis: int = 0) -> _Coupons:
    if settlement >= maturity or frequency not in (1, 2, 4) or not 0 <= basis <= 4:
        raise Failed(CellError.NUM)
    left, after = 1, maturity
    while (before := _earlier(maturity, left * 12 // frequency)) > settlement:
        left, after = left + 1, before
    period = (365 if basis == 3 else 360) / frequency
    if basis == 1:
        period = float((after - before).days)
    passed = _days(before, settlement, basis)
    ahead = period - passed if basis in (0, 4) else (after - settlement).days
    return _Coupons(before, after, left, passed, period, ahead)


for _name, _part in (
    ("COUPPCD", "before"), ("COUPNCD", "after"), ("COUPNUM", "left"),
    ("COUPDAYBS", "passed"), ("COUPDAYS", "period"), ("COUPDAYSNC", "ahead"),
):  # fmt: skip
    excel_function(_name, giving=attrgetter(_part))(_coupons)


def _earlier(day: date, months: int) -> date:
    """The day some months before; an end of month stays one."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, longest if _ends_month(day) else min(day.day, longest))


def _ends_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _days(first: date, last: date, basis: int) -> int:
    """Days between two dates: 30/360 (US or European), or as the calendar has them."""
    if basis not in (0, 4):
        return (last - first).days
    start, end = first.day, last.day
    if basis == 4:
        start, end = min(start, 30), min(end, 30)
    else:
        is_end = first.month == 2 and _ends_month(first)
        if is_end and last.month == 2 and _ends_month(last):
            end = 30
        start = 30 if is_end else min(start, 30)
        end = 30 if end == 31 and start == 30 else end
    return (last.year - first.year) * 360 + (last.month - first.month) * 30 + end - start


@excel_function("DURATION")
def _duration(
    settlement: date, maturity: date, coupon: float, yld: float, frequency: int, basis: int = 0
) -> float:
    """Macaulay's duration in years: the mean time of the payments by their present values."""
    bond, growth = _coupons(settlement, maturity, frequency, basis), 1 + yld / frequency
    if coupon < 0 or growth < 1:
        raise Failed(CellError.NUM)
    times = [number + 1 - bond.passed / bond.period for number in range(bond.left)]
    payments = [100 * coupon / frequency] * bond.left
    payments[-1] += 100
    values = [paid / growth**time for paid, time in zip(payments, times, strict=True)]
    weighted = math.fsum(value * time for value, time in zip(values, times, strict=True))
    return weighted / math.fsum(values) / frequency


@excel_function("MDURATION")
def _mduration(
    settlement: date, maturity: date, coupon: float, yld: float, frequency: int, basis: int = 0
) -> float:
    duration = _duration(settlement, maturity, coupon, yld, frequency, basis)
    return duration / (1 + yld / frequency)


@excel_function("VDB")
def _vdb(
    cost: float,
    salvage: float,
    life: float,
    start: float,
    end: float,
    factor: float = 2.0,
    straight: float = 0.0,
) -> float:
    """Declining balance; straight line from where that is more, unless `straight` is TRUE."""
    if not (cost >= 0 and salvage >= 0 and 0 <= start <= end <= life > 0 and factor >= 0):
        raise Failed(CellError.NUM)
    if end > _MOST_PERIODS:
        raise Failed(CellError.NUM)
    value, total, number, is_straight = cost, 0.0, 0, False
    while number < end:
        declining = min(value * factor / life, max(value - salvage, 0.0))
        even = max(value - salvage, 0.0) / (life - number) if life > number else 0.0
        is_straight = is_straight or (not straight and even > declining)
        amount = even if is_straight else declining
        total += amount * max(min(end, number + 1) - max(start, number), 0.0)
        value, number = value - amount, number + 1
    return total


@excel_function("IRR")
def _irr(values: Raw, guess: float = 0.1) -> float:
    """Newton's method from the guess, which decides where there are several roots."""
    flows, rate = numbers_of(values), guess
    if rate <= -1:
        raise Failed(CellError.VALUE)
    if not min(flows, default=0) < 0 < max(flows, default=0):
        raise Failed(CellError.NUM)
    for _ in range(100):
        value = math.fsum(one / (1 + rate) ** time for time, one in enumerate(flows))
        slope = math.fsum(-time * one / (1 + rate) ** (time + 1) for time, one in enumerate(flows))
        step = value / slope
        if rate - step <= -1:  # no rate is below −100 %: go halfway there
            step = (rate + 1) / 2
        rate -= step
        if abs(step) < 1e-14 * max(1.0, abs(rate)):
            return rate
    if abs(step) < 1e-9:
        return rate
    raise Failed(CellError.NUM)
