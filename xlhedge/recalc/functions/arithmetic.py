"""Whole numbers, rounding to multiples, numerals, bases and matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np

from xlhedge.recalc.functions.arguments import (
    Failed,
    Matrix,
    Raw,
    as_number,
    as_whole,
    cells_of,
    excel_function,
    refuse_errors,
)
from xlhedge.sheet.cells import CellError

_LARGEST = 2**53
_LARGEST_UNIT = 2_000
"""Rows of MUNIT: no cell of a workbook may take all memory."""


def _whole(given: tuple[Raw, ...]) -> list[int]:
    """Whole numbers of GCD and LCM: texts are read also in ranges, whose blanks are 0."""
    cells = cells_of(*(one for one in given if one is not None))
    numbers = [math.floor(as_number(cell)) for cell in cells if not isinstance(cell, bool)]
    if not cells or len(numbers) < len(cells):
        raise Failed(CellError.VALUE)
    if any(not 0 <= number < _LARGEST for number in numbers):
        raise Failed(CellError.NUM)
    return numbers


@excel_function("GCD")
def _gcd(*given: Raw) -> int:
    return math.gcd(*_whole(given))


@excel_function("LCM")
def _lcm(*given: Raw) -> int:
    multiple = math.lcm(*_whole(given))
    if multiple >= _LARGEST:
        raise Failed(CellError.NUM)
    return multiple


def _multiple(number: float, step: float, rounding: Callable[[float], int]) -> float:
    if step == 0 or number == 0:
        return 0.0
    # Excel rounds the quotient to 15 digits first: 0.3 / 0.1 is 2.9999999999999996.
    return rounding(float(f"{number / step:.15g}")) * step


@excel_function("CEILING")
def _ceiling(number: float, step: float) -> float:
    if number > 0 > step:
        raise Failed(CellError.NUM)
    return _multiple(number, step, math.ceil)


@excel_function("FLOOR")
def _floor(number: float, step: float) -> float:
    if number > 0 > step:
        raise Failed(CellError.NUM)
    if step == 0 != number:
        raise Failed(CellError.DIV0)
    return _multiple(number, step, math.floor)


@excel_function("CEILING.MATH", "CEILING.PRECISE", "ISO.CEILING")
def _ceiling_math(number: float, step: float = 1.0, mode: float = 0.0) -> float:
    away = number < 0 and mode != 0
    return _multiple(number, abs(step), math.floor if away else math.ceil)


@excel_function("FLOOR.MATH", "FLOOR.PRECISE")
def _floor_math(number: float, step: float = 1.0, mode: float = 0.0) -> float:
    towards = number < 0 and mode != 0
    return _multiple(number, abs(step), math.ceil if towards else math.floor)


_ROMAN = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]  # fmt: skip
_SHORTER = [
    [(950, "LM"), (450, "LD"), (95, "VC"), (45, "VL")],
    [(990, "XM"), (490, "XD"), (99, "IC"), (49, "IL")],
    [(995, "VM"), (495, "VD")],
    [(999, "IM"), (499, "ID")],
]
"""What each form of ROMAN allows beyond the one before."""


@excel_function("ROMAN")
def _roman(number: int, form: Raw = 0.0) -> str:
    steps = 0 if form is True else 4 if form is False else as_whole(form)
    if not (0 <= number <= 3999 and 0 <= steps <= 4):
        raise Failed(CellError.VALUE)
    marks = sorted([*_ROMAN, *(mark for more in _SHORTER[:steps] for mark in more)], reverse=True)
    text = ""
    for value, mark in marks:
        text += mark * (number // value)
        number %= value
    return text


_BASES = {"BIN": 2, "OCT": 8, "DEC": 10, "HEX": 16}
_DIGITS = 10
"""Characters of a number; the first bit of ten digits is its sign."""


def _read(raw: Raw, base: int) -> int:
    """The number that a cell holds in a base."""
    refuse_errors(raw)
    if isinstance(raw, (list, bool)):
        raise Failed(CellError.VALUE)
    if base == 10:
        return as_whole(raw)
    text = f"{raw:.15g}" if isinstance(raw, float) else str(raw or "")
    digits = "0123456789ABCDEF"[:base]
    if len(text) > _DIGITS or any(letter not in digits for letter in text.upper()):
        raise Failed(CellError.NUM)
    number, span = int(text or "0", base), int(base**_DIGITS)
    return number - span * (number >= span // 2)


def _between(source: int, target: int) -> Callable[..., int | str]:
    """What reads a number in one base and writes it in another; a negative one has all digits."""

    def decimal(number: Raw) -> int:
        return _read(number, source)

    def written(number: Raw, places: int | None = None) -> str:
        if places is not None and not 1 <= places <= _DIGITS:
            raise Failed(CellError.NUM)
        value, span = _read(number, source), target**_DIGITS
        text = np.base_repr(value % span, target)
        fits = places is None or value < 0 or len(text) <= places
        if not (-span // 2 <= value < span // 2 and fits):
            raise Failed(CellError.NUM)
        return text.zfill(places or 0)

    return decimal if target == 10 else written


for (_source, _base), (_target, _other) in permutations(_BASES.items(), 2):
    excel_function(f"{_source}2{_target}")(_between(_base, _other))


@excel_function("MMULT")
def _mmult(first: Matrix, second: Matrix) -> Matrix:
    if first.shape[1] != second.shape[0]:
        raise Failed(CellError.VALUE)
    with np.errstate(over="ignore", invalid="ignore"):
        return first @ second


@excel_function("MINVERSE")
def _minverse(matrix: Matrix) -> Matrix:
    _refuse_oblong(matrix)
    return np.linalg.inv(matrix)


@excel_function("MDETERM")
def _mdeterm(matrix: Matrix) -> float:
    _refuse_oblong(matrix)
    return float(np.linalg.det(matrix))


def _refuse_oblong(matrix: Matrix) -> None:
    if matrix.shape[0] != matrix.shape[1]:
        raise Failed(CellError.VALUE)


@excel_function("MUNIT")
def _munit(size: int) -> Matrix:
    if not 1 <= size <= _LARGEST_UNIT:
        raise Failed(CellError.VALUE)
    return np.eye(size)
