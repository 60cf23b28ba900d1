"""Payments of loans."""

from __future__ import annotations

import math

from xlhedge.recalc.functions.arguments import Failed, Raw, as_number, excel_function
from xlhedge.sheet.cells import CellError


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


def _interest(
    rate: Raw, period: Raw, periods: Raw, present: Raw, future: Raw, due: Raw
) -> tuple[float, float]:
    """The interest and the whole payment of a period."""
    r, n, total = as_number(rate), as_number(period), as_number(periods)
    pv, fv, start = as_number(present), as_number(future), float(as_number(due) != 0)
    if not 1 <= n < total + 1:
        raise Failed(CellError.NUM)
    payment = _payment(r, total, pv, fv, start)
    if start and n == 1:
        return 0.0, payment
    interest = _balance(r, n - 1, payment, pv, start) * r
    return interest / (1 + r) if start else interest, payment


@excel_function("IPMT")
def _ipmt(
    rate: Raw, period: Raw, periods: Raw, present: Raw, future: Raw = 0.0, due: Raw = 0.0
) -> float:
    return _interest(rate, period, periods, present, future, due)[0]


@excel_function("PPMT")
def _ppmt(
    rate: Raw, period: Raw, periods: Raw, present: Raw, future: Raw = 0.0, due: Raw = 0.0
) -> float:
    interest, payment = _interest(rate, period, periods, present, future, due)
    return payment - interest


@excel_function("CUMIPMT")
def _cumipmt(rate: Raw, periods: Raw, present: Raw, first: Raw, last: Raw, due: Raw) -> float:
    span = range(_period(first), int(as_number(last)) + 1)
    return math.fsum(_interest(rate, n, periods, present, 0.0, due)[0] for n in span)


@excel_function("CUMPRINC")
def _cumprinc(rate: Raw, periods: Raw, present: Raw, first: Raw, last: Raw, due: Raw) -> float:
    span = range(_period(first), int(as_number(last)) + 1)
    both = [_interest(rate, n, periods, present, 0.0, due) for n in span]
    return math.fsum(payment - interest for interest, payment in both)


def _period(raw: Raw) -> int:
    return math.ceil(as_number(raw))
