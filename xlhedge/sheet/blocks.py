"""Ranges of nothing but numbers, read at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import countOf
from typing import Any

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.sheet.cells import Grid

_NUMBERS = frozenset({float, int})


def numbers(grid: Grid) -> Floats | None:
    """The cells of a range as one flat array, or None unless every cell is a finite number."""
    if len(grid[0]) == 1:
        return flat_numbers([cell for (cell,) in grid])
    return flat_numbers(list(chain.from_iterable(grid)))


def flat_numbers(cells: Sequence[Any]) -> Floats | None:
    """Cells as an array, or None unless every one is a finite number."""
    if countOf(map(type, cells), float) != len(cells) and not set(map(type, cells)) <= _NUMBERS:
        return None
    values = np.fromiter(cells, dtype=np.float64, count=len(cells))
    return values if np.isfinite(values).all() else None
