"""Where two engines differ on one workbook, and two workbooks but for the last digits."""

from __future__ import annotations

import io
import math
import re
import zipfile
from typing import NamedTuple

from xlhedge.formula.addresses import address
from xlhedge.recalc.engine import Engine, Results
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.package import Package

TOLERANCE = 1e-9
"""Relative. Processors round exp and log differently in the last digit; no more than that."""

_VALUE = re.compile(rb"<v>([^<]*)</v>")


class Difference(NamedTuple):
    """A cell in which two engines do not agree; None is a blank or no cell at all."""

    sheet: str
    address: str
    first: Cell
    second: Cell

    def __str__(self) -> str:
        """One line for a report."""
        return f"{self.sheet}!{self.address}: {self.first!s} and {self.second!s}"


def differences(first: Results, second: Results) -> list[Difference]:
    """Every cell in which two engines' results differ, sheet by sheet, row by row.

    These are numbers further apart than 1e-9 of the larger one, errors of another kind, other
    texts, and cells that only one of the two filled. A blank and the empty text are the same, and
    TRUE is 1: LibreOffice Calc does not tell them apart inside arrays. Cells that one of the
    engines kept as they were are not compared.
    """
    found = []
    for sheet, one in first.sheets.items():
        values, others = one.values, second.sheets[sheet].values
        for place in sorted({*values, *others}):
            kept = (sheet, place) in first.kept or (sheet, place) in second.kept
            a, b = values.get(place), others.get(place)
            if not kept and not agree(a, b):
                found.append(Difference(sheet, address(*place), a, b))
    return found


def agree(first: Cell, second: Cell) -> bool:
    """Whether two values of one cell are the same but for rounding.

    Examples
    --------
    >>> agree(0.1 + 0.2, 0.3), agree(CellError.NUM, CellError.NA), agree(None, ""), agree(None, 0.0)
    (True, False, True, False)
    """
    if isinstance(first, CellError) or isinstance(second, CellError):
        return first is second
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        return _is_close(first, second)
    return ("" if first is None else first) == ("" if second is None else second)


class BothEngines:
    """Calculates with two engines and compares; the first one's values are given.

    `differences` is where they differed in the last workbook.
    """

    def __init__(self, first: Engine, second: Engine) -> None:
        self.name = f"{first.name} and {second.name}"
        self.differences: list[Difference] = []
        self._engines = first, second

    def evaluate(self, package: Package) -> Results:
        """Values of all formulas as the first engine gives them."""
        first, second = (engine.evaluate(package) for engine in self._engines)
        self.differences = differences(first, second)
        return first


def same_but_for_rounding(first: bytes, second: bytes) -> bool:
    """Whether two xlsx files hold the same parts, apart from numbers that agree to `TOLERANCE`."""
    try:
        parts, others = map(_parts, (first, second))
    except zipfile.BadZipFile:
        return False
    return list(parts) == list(others) and all(
        part == others[name] or (name.startswith("xl/") and _close(part, others[name]))
        for name, part in parts.items()
    )


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _close(part: bytes, other: bytes) -> bool:
    pieces, others = _VALUE.split(part), _VALUE.split(other)
    return len(pieces) == len(others) and all(
        a == b or (place % 2 == 1 and _agree(a, b))  # values stand between what is no value
        for place, (a, b) in enumerate(zip(pieces, others, strict=True))
    )


def _agree(a: bytes, b: bytes) -> bool:
    try:
        return _is_close(float(a), float(b))
    except ValueError:
        return False


def _is_close(a: float, b: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-15)
