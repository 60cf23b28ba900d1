"""The cells of a call as the core's arguments, by the function's declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xlhedge.core.types import Shape
from xlhedge.errors import InputError
from xlhedge.sheet.cells import Grid, is_blank, normalise
from xlhedge.sheet.convert import Elements, convert, elements, series
from xlhedge.sheet.spec import FunctionSpec, Parameter

_ELEMENTWISE, _SERIES, _CELLS = Shape.ELEMENTWISE.value, Shape.SERIES.value, Shape.CELLS.value
_LABELLED = Shape.LABELLED.value


class Prepared(NamedTuple):
    """A call's arguments as the core takes them.

    `ranges` holds the elementwise arguments that are ranges; `rest` what a function that takes any
    number of cells is given untouched.
    """

    arguments: dict[str, Any]
    ranges: dict[Parameter, Elements]
    rest: tuple[Any, ...] = ()


def prepare(spec: FunctionSpec, cells: tuple[Any, ...], rows: dict[str, range]) -> Prepared:
    """Normalise and convert the cells of a call; the first that does not fit raises.

    Parameters
    ----------
    spec
        The function.
    cells
        Its arguments in worksheet order.
    rows
        Takes, for each argument with rows, those that its array is filled from.
    """
    arguments: dict[str, Any] = {}
    ranges: dict[Parameter, Elements] = {}
    lines: dict[str, Any] = {}
    rest: tuple[Any, ...] = ()
    for parameter, value in _normalised(spec, cells):
        name, kind, is_range = parameter.name, parameter.kind, type(value) is list
        if kind == _CELLS:
            rest = value
        elif value is None or value == "":
            arguments[name] = _left_out(parameter)
        elif is_range and spec.elementwise and _per_element(parameter):
            ranges[parameter] = elements(parameter, value)
        elif kind == _SERIES and is_range and parameter.row is not None and _has_header(value):
            rows[name] = range(2, len(value) + 1)
            arguments[name] = _table(parameter, value)
        elif kind == _SERIES and (is_range or not parameter.number_too):
            lines[name] = value
            arguments[name] = None  # keeps its place until all series are trimmed together
        else:
            if kind == _LABELLED and is_range:
                rows[name] = range(2, len(value) + 1)
            arguments[name] = convert(parameter, value)
    if lines:
        values, left = series(lines)
        arguments.update(values)
        rows.update(dict.fromkeys(lines, left))
    return Prepared(arguments, ranges, rest)


def _has_header(grid: Grid) -> bool:
    """Whether a range starts with names of columns: several of them, or one of several words."""
    names = [cell for cell in grid[0] if isinstance(cell, str) and not is_blank(cell)]
    return len(names) > 1 or (len(names) == 1 and len(names[0].replace("_", " ").split()) > 1)


def _table(parameter: Parameter, grid: Grid) -> Any:
    from xlhedge.sheet import labelled

    return labelled.table(parameter.name, grid, parameter.row)


def _normalised(spec: FunctionSpec, cells: tuple[Any, ...]) -> Iterator[tuple[Parameter, Any]]:
    """Each parameter with its cell or list of rows; what takes any cells gets them untouched."""
    parameters = spec.parameters
    given, count = len(cells), len(parameters)
    if given > count and not (parameters and parameters[-1].variadic):
        raise InputError(f"{spec.name} takes at most {count} arguments, got {given}")
    for index, parameter in enumerate(parameters):
        if parameter.kind == _CELLS:
            yield parameter, cells[index:] if parameter.variadic else (cells[index],)
            return
        try:
            yield parameter, normalise(cells[index]) if index < given else None
        except InputError as problem:
            raise InputError(f"{parameter.name}: {problem}") from None


def _left_out(parameter: Parameter) -> Any:
    if parameter.optional:
        return parameter.default
    if parameter.blank:
        return None
    raise InputError("is missing", argument=parameter.name)


def _per_element(parameter: Parameter) -> bool:
    return parameter.kind == _ELEMENTWISE or bool(parameter.choices)
