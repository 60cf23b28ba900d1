"""Numbers with decimals or powers of ten in number formats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import takewhile

from xlhedge.recalc.text_formats.places import (
    filled,
    filled_behind,
    filled_whole,
    inner_commas,
    joined,
    places_of,
)
from xlhedge.recalc.text_formats.tokens import Token

_CONTEXT = Context(prec=700, rounding=ROUND_HALF_UP)


def with_decimals(tokens: Sequence[Token], number: float) -> str:
    """A number in a section without power of ten."""
    marks = [token[0] for token in tokens]
    point = _point(marks)
    whole, decimals = places_of(tokens, 0, point), places_of(tokens, point, len(marks))
    # Commas after the last whole digit, the point or the last decimal each stand for a thousand.
    ends = {*whole[-1:], point, *decimals[-1:]}
    scaling = [comma for end in ends for comma in _following(marks, end)]
    scaled = number * 100.0 ** marks.count("%") / 1000.0 ** len(scaling)
    digits, fraction = _rounded(_exact(scaled), len(decimals))
    texts = filled_whole(tokens, whole, digits) | filled_behind(tokens, decimals, fraction)
    texts |= dict.fromkeys([*scaling, *inner_commas(tokens, decimals)], "")
    if point < len(marks) and not whole:
        texts[point] = digits + "."
    return _minus(scaled, digits + fraction) + joined(tokens, texts)


def with_exponent(tokens: Sequence[Token], number: float) -> str:
    """Digits and a power of ten, which goes in steps of the places before the point."""
    marks = [token[0] for token in tokens]
    exponent = next(index for index, token in enumerate(tokens) if token["exponent"])
    point = _point(marks[:exponent])
    whole, decimals = places_of(tokens, 0, point), places_of(tokens, point, exponent)
    powers = places_of(tokens, exponent, len(marks))
    if not powers or not whole + decimals:
        raise ValueError("there are no digits before or after the E")
    exact = _exact(number)
    power = _power(exact, len(whole), len(decimals))
    digits, fraction = _rounded(exact.scaleb(-power, _CONTEXT), len(decimals))
    texts = filled_whole(tokens, whole, digits if exact else "0" * len(whole))
    texts |= filled_behind(tokens, decimals, fraction)
    texts |= dict.fromkeys((index for index, mark in enumerate(marks) if mark == ","), "")
    texts[exponent] = marks[exponent][0]
    texts |= filled(tokens, powers, str(abs(power)))
    sign = "-" if power < 0 else marks[exponent][1].strip("-")
    texts[powers[0]] = sign + texts[powers[0]]
    return _minus(number, digits + fraction) + joined(tokens, texts)


def _power(number: Decimal, whole: int, decimals: int) -> int:
    if not number:
        return 0
    step = max(whole, 1)
    power = number.adjusted() + (whole == 0)
    power -= power % step
    digits, _ = _rounded(number.scaleb(-power, _CONTEXT), decimals)
    return power + step if len(digits) > whole else power


def _point(marks: list[str]) -> int:
    return marks.index(".") if "." in marks else len(marks)


def _following(marks: list[str], place: int) -> list[int]:
    """Where the commas are that directly follow a place."""
    return list(takewhile(lambda index: marks[index] == ",", range(place + 1, len(marks))))


def _exact(number: float) -> Decimal:
    """The size of a number in the 15 digits that Excel has."""
    return abs(Decimal(f"{number:.15g}"))


def _rounded(number: Decimal, decimals: int) -> tuple[str, str]:
    """Digits before and after the point; Excel rounds half away from zero."""
    rounded = number.quantize(Decimal(1).scaleb(-decimals), context=_CONTEXT)
    digits, _, fraction = format(rounded, "f").partition(".")
    return digits.lstrip("0"), fraction


def _minus(number: float, digits: str) -> str:
    return "-" if number < 0 and digits.strip("0") else ""
