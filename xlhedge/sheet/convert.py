"""Cells to what the core takes, by annotation. Every rejection names the argument and the row."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.types import Floats, Shape
from xlhedge.errors import HedgeError, InputError
from xlhedge.sheet.blocks import flat_numbers, numbers
from xlhedge.sheet.cells import CellError, Grid, is_blank
from xlhedge.sheet.scalars import ErrorInCell, number, single
from xlhedge.sheet.spec import Parameter

_VECTOR, _MATRIX = Shape.VECTOR.value, Shape.MATRIX.value
_LABELLED, _RECORD = Shape.LABELLED.value, Shape.RECORD.value


class Elements(NamedTuple):
    """An elementwise argument that is a range.

    `values` has the range's shape; `blank` marks the cells left out and `problems` the cells that
    cannot be used, by flat index. Both are empty for a clean range of numbers.
    """

    values: Any
    blank: Any
    problems: dict[int, HedgeError]


def elements(parameter: Parameter, grid: Grid) -> Elements:
    """A range given for an argument of an elementwise function."""
    shape = (len(grid), len(grid[0]))
    if not parameter.choices:
        clean = numbers(grid)
        if clean is not None:
            return Elements(clean.reshape(shape), None, {})
    values = np.zeros(shape, dtype=object if parameter.choices else np.float64)
    blank = np.zeros(shape, dtype=bool)
    problems: dict[int, HedgeError] = {}
    flat, flat_blank = values.ravel(), blank.ravel()
    column = shape[1] > 1
    for index, cell in enumerate(chain.from_iterable(grid)):
        if is_blank(cell):
            flat_blank[index] = True
            continue
        if type(cell) is float and not parameter.choices and math.isfinite(cell):
            flat[index] = cell
            continue
        place = f"{parameter.name} row {index // shape[1] + 1}"
        if column:
            place += f" column {index % shape[1] + 1}"
        try:
            flat[index] = single(parameter, cell, place)
        except HedgeError as problem:
            problems[index] = problem
    return Elements(values, blank if blank.any() else None, problems)


def _line(name: str, value: Any) -> list[Any]:
    """A row, a column or a single cell as a flat list."""
    if not isinstance(value, list):
        return [value]
    if len(value[0]) == 1:
        return [row[0] for row in value]
    if len(value) == 1:
        return list(value[0])
    raise InputError(
        f"{name} must be a single row or column, got {len(value)} rows × {len(value[0])} columns"
    )


def _edges(line: list[Any]) -> tuple[int, int]:
    """First row that is not blank, and the one after the last."""
    start, stop = 0, len(line)
    while start < stop and is_blank(line[start]):
        start += 1
    while stop > start and is_blank(line[stop - 1]):
        stop -= 1
    return start, stop


def series(lines: dict[str, Any]) -> tuple[dict[str, Floats], range]:
    """All series of a call, trimmed together at both ends, and the rows that are left.

    A row is trimmed only where every series is blank, so that series never slide against each
    other; a blank or a text further in is refused with its row number.
    """
    flat = {name: _line(name, value) for name, value in lines.items()}
    spans = [span for span in map(_edges, flat.values()) if span[0] < span[1]]
    start = min((first for first, _ in spans), default=0)
    stop = max((last for _, last in spans), default=0)
    shortest = min((len(line) for line in flat.values()), default=0)
    if shortest < stop:
        _first_error(flat)
        listing = ", ".join(f"{name} has {len(line)}" for name, line in flat.items())
        raise InputError(f"all series must have the same number of rows: {listing}")
    values = {name: _series_values(name, line, start, stop) for name, line in flat.items()}
    return values, range(start + 1, stop + 1)


def _first_error(lines: dict[str, list[Any]]) -> None:
    for name, line in lines.items():
        for row, cell in enumerate(line, 1):
            if type(cell) is CellError:
                raise ErrorInCell(cell, name if len(line) == 1 else f"{name} row {row}")


def _series_values(name: str, line: list[Any], start: int, stop: int) -> Floats:
    part = line[start:stop]
    if not part:
        return np.empty(0)
    clean = flat_numbers(part)
    if clean is not None:
        return clean
    for cell in part:
        if type(cell) is CellError:
            raise ErrorInCell(cell, f"{name} row {start + 1 + part.index(cell)}")
    return np.array([number(cell, f"{name} row {row}") for row, cell in enumerate(part, start + 1)])


def matrix(name: str, value: Any) -> Floats:
    """A rectangle of numbers."""
    grid = value if isinstance(value, list) else [[value]]
    clean = numbers(grid)
    if clean is None:
        clean = np.array(
            [
                number(cell, f"{name} row {r} column {c}")
                for r, row in enumerate(grid, 1)
                for c, cell in enumerate(row, 1)
            ]
        )
    return clean.reshape(len(grid), len(grid[0]))


def convert(parameter: Parameter, value: Any) -> Any:
    """A value that is not blank, for any parameter that is neither elementwise nor a series."""
    kind = parameter.kind
    is_range = isinstance(value, list)
    if not is_range and kind in (_VECTOR, _MATRIX):
        place = parameter.name
        scalar = number(value, place)
        if parameter.number_too:
            return scalar
        return np.array([scalar]) if kind == _VECTOR else np.array([[scalar]])
    if kind == _VECTOR:
        return series({parameter.name: value})[0][parameter.name]
    if kind == _MATRIX:
        return matrix(parameter.name, value)
    if kind == _LABELLED and parameter.number_too and not is_range:
        return number(value, parameter.name)
    if kind in (_LABELLED, _RECORD):
        from xlhedge.sheet import labelled

        read = labelled.table if kind == _LABELLED else labelled.record
        return read(parameter.name, value, parameter.row)
    if is_range:
        for cell in chain.from_iterable(value):
            if type(cell) is CellError:
                raise ErrorInCell(cell, parameter.name)
        raise InputError(
            f"{parameter.name} must be a single cell, "
            f"got {len(value)} rows × {len(value[0])} columns"
        )
    return single(parameter, value, parameter.name)
