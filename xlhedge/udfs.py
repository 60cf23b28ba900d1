"""The catalogue as xlwings UDFs: what `udfs.bas` calls, and what xlwings can import.

``XLHEDGE_VERSION``, ``LIQ_PRICE`` and the others are made when they are first asked for, so that
importing this module loads no formula. A UDF takes cells as COM delivers them and gives cells that
COM can carry back: floats, texts, booleans, and errors as the integer (SCODE) that VBA's ``CVErr``
is made from. Numbers are always floats, so an integer is always an error. Nothing is ever raised:
xlwings would show the traceback in the cell.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import xlwings

from xlhedge.catalog import CATALOG, explain
from xlhedge.sheet.cells import CellError
from xlhedge.sheet.redaction import failure, refusal
from xlhedge.sheet.spec import FunctionSpec
from xlhedge.system import log as logs

_BASE = -2146828288
"""The SCODE of a cell error is this plus Excel's number of it."""

NUMBERS = {
    CellError.NULL: 2000,
    CellError.DIV0: 2007,
    CellError.VALUE: 2015,
    CellError.REF: 2023,
    CellError.NAME: 2029,
    CellError.NUM: 2036,
    CellError.NA: 2042,
    CellError.SPILL: 2045,
    CellError.CALC: 2050,
}
"""Excel's number of each cell error, as in ``CVErr(2042)``."""

SCODES = {error: _BASE + number for error, number in NUMBERS.items()}
"""What COM carries for each cell error."""

_ERRORS = {scode: error for error, scode in SCODES.items()}
_LOWEST, _HIGHEST = _BASE + 2000, _BASE + 2100


def from_com(value: Any) -> Any:
    """A value as COM delivers it, as cells: rectangles are tuples of rows, errors integers."""
    if type(value) is tuple:
        if value and type(value[0]) is tuple:
            return [[_cell(item) for item in row] for row in value]
        return [[_cell(item) for item in value]]
    return _cell(value)


def _cell(value: Any) -> Any:
    if type(value) is float:
        return value
    if type(value) is int and _LOWEST <= value < _HIGHEST:
        return _ERRORS.get(value, CellError.VALUE)
    return value


def to_com(value: Any) -> list[list[Any]]:
    """Cells as a rectangle that COM can carry; a blank becomes the empty text, not a zero."""
    rows = value if type(value) is list else [[value]]
    return [[_result(item) for item in row] for row in rows]


def _result(value: Any) -> Any:
    kind = type(value)
    if kind in (float, str, bool):
        return value
    if kind is CellError:
        return SCODES[value]
    return "" if value is None else float(value)


def _udf(spec: FunctionSpec) -> Callable[..., Any]:
    def udf(*cells: Any) -> list[list[Any]]:
        try:
            given = tuple(map(from_com, cells))
            outcome = explain(spec.name, *given)
            if outcome.reason:
                line = refusal(spec.name, given, outcome.value, outcome.reason)
                logs.to_file().info("%s", line)
            return to_com(outcome.value)
        except Exception as problem:
            logs.to_file().error("%s", failure(spec.name, cells, problem))
            return [[SCODES[CellError.VALUE]]]

    udf.__name__ = udf.__qualname__ = spec.name
    udf.__doc__ = _summary(spec)
    udf.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect and xlwings read it
        [
            inspect.Parameter(
                parameter.name,
                inspect.Parameter.VAR_POSITIONAL
                if parameter.variadic
                else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=None
                if parameter.optional and not parameter.variadic
                else inspect.Parameter.empty,
            )
            for parameter in spec.parameters
        ]
    )
    for parameter in spec.parameters:
        xlwings.arg(parameter.name, "raw")(udf)
    function: Callable[..., Any] = xlwings.ret("raw")(xlwings.func(category="xlhedge")(udf))
    return function


def _summary(spec: FunctionSpec) -> str:
    """The first paragraph of the docstring: the whole is parsed only where help is shown."""
    paragraph = (inspect.getdoc(spec.function) or spec.name).split("\n\n", 1)[0]
    return " ".join(paragraph.split())


def __getattr__(name: str) -> Any:
    """The UDF of that worksheet name."""
    if name not in CATALOG or name != name.upper():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = udf = _udf(CATALOG[name])
    return udf


def __dir__() -> list[str]:
    """The worksheet names: xlwings lists the module to find its functions."""
    return list(CATALOG)
