"""Whole numbers, rounding to multiples, Roman numerals and matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_matrix,
    as_number,
    cells_in,
    excel_function,
    refuse_errors,
)
from xlhedge.sheet.cells import CellError

_LARGEST = 2**53


def _whole(given: tuple[Raw, ...]) -> list[int]:
    """Whole numbers of GCD and LCM: texts are read also in ranges, whose blanks are 0."""
    present = tuple(one for one in given if one is not None)
    if not present:
        raise Failed(CellError.VALUE)
    cells = list(cells_in(present))
    numbers = [math.floor(as_number(cell)) for cell in cells if not isinstance(cell, bool)]
    if len(numbers) < len(cells):
        raise Failed(CellError.VALUE)
    if any(not 0 <= number < _LARGEST for number in numbers):
        raise Failed(CellError.NUM)
    return numbers


@excel_function("GCD")
def _gcd(*given: Raw) -> float:
    return float(math.gcd(*_whole(given)))


@excel_function("LCM")
def _lcm(*given: Raw) -> float:
    multiple = math.lcm(*_whole(given))
    if multiple >= _LARGEST:
        raise Failed(CellError.NUM)
    return float(multiple)


def _multiple(number: float, step: float, rounding: Callable[[float], int]) -> float:
    if step == 0 or number == 0:
        return 0.0
    # Excel rounds the quotient to 15 digits first: 0.3 / 0.1 is 2.9999999999999996.
    return rounding(float(f"{number / step:.15g}")) * step


@excel_function("CEILING")
def _ceiling(number: Raw, step: Raw) -> float:
    x, s = as_number(number), as_number(step)
    if x > 0 > s:
        raise Failed(CellError.NUM)
    return _multiple(x, s, math.ceil)


@excel_function("FLOOR")
def _floor(number: Raw, step: Raw) -> float:
    x, s = as_number(number), as_number(step)
    if x > 0 > s:
        raise Failed(CellError.NUM)
    if s == 0 != x:
        raise Failed(CellError.DIV0)
    return _multiple(x, s, math.floor)


@excel_function("CEILING.MATH")
def _ceiling_math(number: Raw, step: Raw = 1.0, mode: Raw = 0.0) -> float:
    x, away = as_number(number), as_number(mode) != 0
    return _multiple(x, abs(as_number(step)), math.floor if x < 0 and away else math.ceil)


@excel_function("FLOOR.MATH")
def _floor_math(number: Raw, step: Raw = 1.0, mode: Raw = 0.0) -> float:
    x, towards = as_number(number), as_number(mode) != 0
    return _multiple(x, abs(as_number(step)), math.ceil if x < 0 and towards else math.floor)


@excel_function("CEILING.PRECISE", "ISO.CEILING")
def _ceiling_precise(number: Raw, step: Raw = 1.0) -> float:
    return _multiple(as_number(number), abs(as_number(step)), math.ceil)


@excel_function("FLOOR.PRECISE")
def _floor_precise(number: Raw, step: Raw = 1.0) -> float:
    return _multiple(as_number(number), abs(as_number(step)), math.floor)


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
def _roman(number: Raw, form: Raw = 0.0) -> str:
    left = math.trunc(as_number(number))
    steps = 0 if form is True else 4 if form is False else int(as_number(form))
    if not (0 <= left <= 3999 and 0 <= steps <= 4):
        raise Failed(CellError.VALUE)
    marks = sorted([*_ROMAN, *(mark for more in _SHORTER[:steps] for mark in more)], reverse=True)
    text = ""
    for value, mark in marks:
        text += mark * (left // value)
        left %= value
    return text


@excel_function("ARABIC")
def _arabic(text: Raw) -> float:
    refuse_errors(text)
    letters = str(text or "").strip().upper()
    sign = -1.0 if letters.startswith("-") else 1.0
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    try:
        numbers = [values[letter] for letter in letters.removeprefix("-")]
    except KeyError:
        raise Failed(CellError.VALUE) from None
    total = 0
    for one, following in zip(numbers, [*numbers[1:], 0], strict=True):
        total += -one if one < following else one
    return sign * total


@excel_function("MMULT")
def _mmult(first: Raw, second: Raw) -> Raw:
    one, other = as_matrix(first), as_matrix(second)
    if one.shape[1] != other.shape[0]:
        raise Failed(CellError.VALUE)
    with np.errstate(over="ignore", invalid="ignore"):
        rows: Raw = (one @ other).tolist()
    return rows


@excel_function("MINVERSE")
def _minverse(matrix: Raw) -> Raw:
    square = _square(matrix)
    try:
        return np.linalg.inv(square).tolist()
    except np.linalg.LinAlgError:
        raise Failed(CellError.NUM) from None


@excel_function("MDETERM")
def _mdeterm(matrix: Raw) -> float:
    return float(np.linalg.det(_square(matrix)))


def _square(raw: Raw) -> np.ndarray[Any, np.dtype[np.float64]]:
    matrix = as_matrix(raw)
    if matrix.shape[0] != matrix.shape[1]:
        raise Failed(CellError.VALUE)
    return matrix


@excel_function("MUNIT")
def _munit(size: Raw) -> Raw:
    number = int(as_number(size))
    if number < 1:
        raise Failed(CellError.VALUE)
    return np.eye(number).tolist()
