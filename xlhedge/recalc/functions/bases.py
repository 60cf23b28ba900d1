"""Binary, octal, decimal and hexadecimal numbers."""

from __future__ import annotations

import math

from xlhedge.recalc.functions.arguments import Failed, Raw, as_number, excel_function, refuse_errors
from xlhedge.sheet.cells import CellError

_BASES = {"BIN": 2, "OCT": 8, "DEC": 10, "HEX": 16}
_DIGITS = 10
"""Characters of a number; the first bit of ten digits is its sign."""

_NO_PLACES = object()


def _read(raw: Raw, base: int) -> int:
    """The number that a cell holds in a base."""
    refuse_errors(raw)
    if isinstance(raw, (list, bool)):
        raise Failed(CellError.VALUE)
    if base == 10:
        return math.trunc(as_number(raw))
    text = f"{raw:.15g}" if isinstance(raw, float) else str(raw or "")
    digits = "0123456789ABCDEF"[:base]
    if len(text) > _DIGITS or any(letter not in digits for letter in text.upper()):
        raise Failed(CellError.NUM)
    number, span = int(text or "0", base), int(base**_DIGITS)
    return number - span * (number >= span // 2)


def _written(number: int, base: int, places: int | None) -> str:
    """A number in a base, with as many digits as asked for; a negative one has all."""
    half = base**_DIGITS // 2
    if not -half <= number < half:
        raise Failed(CellError.NUM)
    left, text = number % base**_DIGITS, ""
    while left or not text:
        left, digit = divmod(left, base)
        text = "0123456789ABCDEF"[digit] + text
    if places is None or number < 0:
        return text
    if len(text) > places:
        raise Failed(CellError.NUM)
    return text.zfill(places)


def _register(source: str, target: str) -> None:
    @excel_function(f"{source}2{target}")
    def convert(number: Raw, places: Raw = _NO_PLACES) -> Raw:
        wanted = None
        if places is not _NO_PLACES:
            if target == "DEC":
                raise TypeError("takes one argument")
            wanted = math.trunc(as_number(places))
            if not 1 <= wanted <= _DIGITS:
                raise Failed(CellError.NUM)
        value = _read(number, _BASES[source])
        return float(value) if target == "DEC" else _written(value, _BASES[target], wanted)


for _source in _BASES:
    for _target in _BASES:
        if _source != _target:
            _register(_source, _target)
