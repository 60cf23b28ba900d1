"""What the core gave, as cells: numbers, grids, tables, and the error value for each failure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import countOf
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.types import Table
from xlhedge.errors import (
    DomainError,
    HedgeError,
    InputError,
    MissingExtra,
    NoSolution,
    TooFewData,
    ZeroVariance,
)
from xlhedge.sheet.cells import CellError
from xlhedge.sheet.elementwise import Rectangle
from xlhedge.sheet.scalars import ErrorInCell
from xlhedge.sheet.sentences import TOO_EXTREME, Rows, sentence
from xlhedge.sheet.spec import FunctionSpec

_CELL_ERRORS: dict[type[HedgeError], CellError] = {
    InputError: CellError.VALUE,
    DomainError: CellError.NUM,
    TooFewData: CellError.NA,
    NoSolution: CellError.NA,
    MissingExtra: CellError.NA,
    ZeroVariance: CellError.DIV0,
}


class Outcome(NamedTuple):
    """What a call gives: its cells, and the sentence behind its first error if there is one."""

    value: Any
    reason: str | None


def cell_error(problem: HedgeError) -> CellError:
    """The cell error that stands for a failure."""
    if isinstance(problem, ErrorInCell):
        return problem.error
    return next(
        (error for kind, error in _CELL_ERRORS.items() if isinstance(problem, kind)),
        CellError.VALUE,
    )


def to_cells(spec: FunctionSpec, result: Any, rows: Rows) -> Outcome:
    """What the core gave, as cells."""
    return _rectangle(spec, result) if isinstance(result, Rectangle) else _finish(result, rows)


def _finish(value: Any, rows: Rows) -> Outcome:
    """A core result as cells."""
    if type(value) is float or isinstance(value, np.floating):
        number = float(value) + 0.0  # no minus zero
        if number - number != 0.0:
            raise DomainError(TOO_EXTREME)
        return Outcome(number, None)
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return _finish(value.item(), rows)
        if not np.isfinite(value).all():
            raise DomainError(TOO_EXTREME)
        grid = value.tolist()
        return _shrink([[item] for item in grid] if value.ndim == 1 else grid, None)
    if isinstance(value, Table):
        return _grid([list(value.header), *value.rows], rows)
    if isinstance(value, Mapping):
        return _grid([[label, item] for label, item in value.items()], rows)
    return _one(value, rows)


def _shrink(grid: list[list[Any]], reason: str | None) -> Outcome:
    if len(grid) == 1 and len(grid[0]) == 1:
        return Outcome(grid[0][0], reason)
    return Outcome(grid, reason)


def _one(value: Any, rows: Rows) -> Outcome:
    """One value of a table as a cell."""
    if value is None or isinstance(value, (str, bool)):
        return Outcome(value, None)
    if isinstance(value, np.bool_):
        return Outcome(bool(value), None)
    if isinstance(value, HedgeError):
        return Outcome(cell_error(value), sentence(value, rows))
    number = float(value)
    if number - number != 0.0:
        return Outcome(CellError.NUM, "a result is not a finite number")
    return Outcome(number, None)


def _grid(lines: list[Any], rows: Rows) -> Outcome:
    cells: list[list[Any]] = []
    reason = None
    for line in lines:
        # A long table of numbers is most of a call's way back.
        if countOf(map(type, line), float) == len(line) and all(map(math.isfinite, line)):
            cells.append(list(line))
            continue
        outcomes = [_one(item, rows) for item in line]
        reason = reason or next((item.reason for item in outcomes if item.reason), None)
        cells.append([item.value for item in outcomes])
    return Outcome(cells, reason)


def _rectangle(spec: FunctionSpec, rectangle: Rectangle) -> Outcome:
    """The results of an elementwise call, with its errors in the cells that failed."""
    values, failures = rectangle
    grid = values.tolist()
    if not failures:
        return _shrink(grid, None)
    width = values.shape[1]
    for index, failure in failures.items():
        grid[index // width][index % width] = cell_error(failure)
    first = min(failures)
    reason = str(failures[first])
    if failures[first].argument in {None, *(parameter.name for parameter in spec.parameters)}:
        reason = f"row {first // width + 1}: {reason}"
    return _shrink(grid, reason)
