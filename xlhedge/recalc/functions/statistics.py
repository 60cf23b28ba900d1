"""AGGREGATE."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from xlhedge.recalc.conversion import kind_of
from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_number,
    cells_in,
    excel_function,
    numbers_in,
)
from xlhedge.sheet.cells import CellError


@excel_function("AGGREGATE")
def _aggregate(kind: Raw, option: Raw, *given: Raw) -> float:
    function, ignores = int(as_number(kind)), int(as_number(option)) in (2, 3, 6, 7)
    place = as_number(given[-1]) if function >= 14 else 0.0
    values = given[:1] if function >= 14 else given
    if ignores:
        cells = [cell for cell in cells_in(values) if not kind_of(cell)]
        values = ([[cell] for cell in cells],)
    if function == 3:
        return float(sum(cell is not None for cell in cells_in(values)))
    numbers = np.array(numbers_in(values))
    if function == 2:
        return float(len(numbers))
    if not len(numbers):
        if function in (4, 5, 6, 9):
            return 0.0
        raise Failed(CellError.DIV0 if function in (1, 7, 8, 10, 11) else CellError.NUM)
    if function >= 14:
        return _placed(function, np.sort(numbers), place)
    if function in (7, 10) and len(numbers) < 2:
        raise Failed(CellError.DIV0)
    if function == 13:
        return _mode(numbers.tolist())
    return float(_AGGREGATES[function](numbers))


_AGGREGATES: dict[int, Callable[[Any], Any]] = {
    1: np.mean,
    4: np.max,
    5: np.min,
    6: np.prod,
    7: lambda numbers: np.std(numbers, ddof=1),
    8: np.std,
    9: math.fsum,
    10: lambda numbers: np.var(numbers, ddof=1),
    11: np.var,
    12: np.median,
}


def _placed(function: int, numbers: Any, place: float) -> float:
    """LARGE, SMALL and quantiles of sorted numbers."""
    count = len(numbers)
    if function in (14, 15):
        index = math.ceil(place)
        if not 1 <= index <= count:
            raise Failed(CellError.NUM)
        return float(numbers[-index] if function == 14 else numbers[index - 1])
    share = math.floor(place) / 4 if function in (17, 19) else place
    position = share * (count - 1) if function in (16, 17) else share * (count + 1) - 1
    if not 0 <= share <= 1 or not 0 <= position <= count - 1:
        raise Failed(CellError.NUM)
    return float(np.interp(position, range(count), numbers))


def _mode(numbers: list[float]) -> float:
    number, most = Counter(numbers).most_common(1)[0]
    if most == 1:
        raise Failed(CellError.NA)
    return number
