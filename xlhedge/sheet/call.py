"""The call: cells in, cells out. The one place where errors become cell values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.types import Shape, Table
from xlhedge.errors import (
    DomainError,
    HedgeError,
    InputError,
    MissingExtra,
    NoSolution,
    TooFewData,
    ZeroVariance,
)
from xlhedge.extras import missing
from xlhedge.sheet.cells import CellError, normalise
from xlhedge.sheet.convert import Elements, ErrorInCell, convert, elements, series, single
from xlhedge.sheet.elementwise import Rectangle, over_ranges
from xlhedge.sheet.sentences import Rows, sentence
from xlhedge.sheet.spec import FunctionSpec, Parameter

_CELL_ERRORS: dict[type[HedgeError], CellError] = {
    InputError: CellError.VALUE,
    DomainError: CellError.NUM,
    TooFewData: CellError.NA,
    NoSolution: CellError.NA,
    MissingExtra: CellError.NA,
    ZeroVariance: CellError.DIV0,
}
TOO_EXTREME = "the result is not a finite number: the inputs are too extreme"
_ELEMENTWISE, _SERIES, _CELLS = Shape.ELEMENTWISE.value, Shape.SERIES.value, Shape.CELLS.value
_LABELLED = Shape.LABELLED.value


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


def evaluate(spec: FunctionSpec, cells: tuple[Any, ...]) -> Outcome:
    """Call a worksheet function with cell values; never raises for anything a cell can hold.

    Parameters
    ----------
    spec
        The function.
    cells
        Its arguments in worksheet order: a cell, or a rectangle as a list of rows. None and the
        empty text mean left out.
    """
    rows: dict[str, range] = {}
    try:
        with np.errstate(all="ignore"):
            result = calculate(spec, prepare(spec, cells, rows))
            return to_cells(spec, result, rows)
    except HedgeError as problem:
        return Outcome(cell_error(problem), sentence(problem, rows))
    except (ArithmeticError, np.linalg.LinAlgError):  # overflow, underflow of a divisor
        return Outcome(CellError.NUM, TOO_EXTREME)
    except Exception as problem:
        # Imported here because a first call should not wait for them.
        import logging

        from xlhedge.sheet.redaction import failure

        logging.getLogger("xlhedge").error(  # noqa: TRY400  # the text may quote cells
            failure(spec.name, cells, problem)
        )
        kind = type(problem).__name__
        return Outcome(CellError.VALUE, f"{spec.name} failed unexpectedly ({kind}): see the log")


class Prepared(NamedTuple):
    """A call's arguments as the core takes them.

    `ranges` holds the elementwise arguments that are ranges; `rest` what a function that takes any
    number of cells is given untouched.
    """

    arguments: dict[str, Any]
    ranges: dict[Parameter, Elements]
    rest: tuple[Any, ...] = ()


def prepare(spec: FunctionSpec, cells: tuple[Any, ...], rows: dict[str, range]) -> Prepared:
    """Convert the cells of a call by its declaration; the first that does not fit raises.

    Parameters
    ----------
    spec
        The function.
    cells
        Its arguments in worksheet order.
    rows
        Takes, for each argument with rows, those that its array is filled from.
    """
    parameters = spec.parameters
    count = len(parameters)
    if len(cells) > count and not (parameters and parameters[-1].variadic):
        raise InputError(f"{spec.name} takes at most {count} arguments, got {len(cells)}")
    arguments: dict[str, Any] = {}
    ranges: dict[Parameter, Elements] = {}
    lines: dict[str, Any] = {}
    elementwise = spec.elementwise
    given = len(cells)
    for index, parameter in enumerate(parameters):
        name, kind = parameter.name, parameter.kind
        if kind == _CELLS:
            rest = cells[index:] if parameter.variadic else (cells[index],)
            return Prepared(arguments, ranges, rest)
        try:
            value = normalise(cells[index]) if index < given else None
        except InputError as problem:
            raise InputError(f"{name}: {problem}") from None
        if value is None or value == "":
            if not parameter.optional and not parameter.blank:
                raise InputError(f"{name} is missing")
            arguments[name] = parameter.default if parameter.optional else None
        elif type(value) is list and elementwise and _per_element(parameter):
            ranges[parameter] = elements(parameter, value)
        elif kind == _SERIES:
            if type(value) is not list and parameter.number_too:
                arguments[name] = single(parameter, value, name)
            else:
                lines[name] = value
                arguments[name] = None
        else:
            if kind == _LABELLED and type(value) is list:
                rows[name] = range(2, len(value) + 1)
            arguments[name] = convert(parameter, value)
    if lines:
        values, left = series(lines)
        arguments.update(values)
        rows.update(dict.fromkeys(lines, left))
    return Prepared(arguments, ranges)


def calculate(spec: FunctionSpec, prepared: Prepared) -> Any:
    """Call the core: once, or over the broadcast of the ranges, which gives a `Rectangle`."""
    arguments, ranges, rest = prepared
    try:
        if ranges:
            return over_ranges(spec.function, arguments, ranges)
        if rest:
            return spec.function(*arguments.values(), *rest)
        return spec.function(**arguments)
    except ModuleNotFoundError as problem:
        raise missing(problem) or problem from None


def to_cells(spec: FunctionSpec, result: Any, rows: Rows) -> Outcome:
    """What the core gave, as cells."""
    return _rectangle(spec, result) if isinstance(result, Rectangle) else _finish(result, rows)


def _per_element(parameter: Parameter) -> bool:
    return parameter.kind == _ELEMENTWISE or bool(parameter.choices)


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
