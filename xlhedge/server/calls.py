"""A request's calls as JSON, and their results: what a worker process does.

A request is ``{"calls": [[name, [argument, …]], …]}``, its answer ``{"results": [{"value": rows,
"why": sentence}, …]}`` in the same order. A cell is a number, a text, true or false, null for a
blank, or ``{"error": "#N/A"}``; an argument is a cell or a list of rows, a value always rows.
"""

from __future__ import annotations

import json
import time
from datetime import date
from typing import Any

from xlhedge.catalog import explain
from xlhedge.errors import InputError
from xlhedge.sheet.cells import CellError, serial
from xlhedge.system import log as logs

_ERRORS = {error.value: error for error in CellError}
_CELLS = (float, str, bool, type(None))
_MOST_CALLS = 10_000


def answer(body: bytes, seconds: float) -> bytes:
    """Make the calls of a request.

    Parameters
    ----------
    body
        The request.
    seconds
        Time for all of them; what has not been started by then is ``#N/A``.

    Raises
    ------
    InputError
        When the body is no request.

    Examples
    --------
    >>> answer(b'{"calls": [["BASIS", [3, 2]], ["BASIS", [[[3], [null]], 2]]]}', 1).decode()
    '{"results":[{"value":[[1.0]]},{"value":[[1.0],[{"error":"#VALUE!"}]],"why":"spot_price row 2 is missing"}]}'
    """  # noqa: E501  # one line, as it is
    logs.to_file()
    end = time.monotonic() + seconds
    results = []
    for name, arguments in _calls(body):
        if time.monotonic() > end:
            results.append(_late(seconds))
            continue
        outcome = explain(name, *map(_argument, arguments))
        results.append(_result(outcome.value, outcome.reason))
    return json.dumps({"results": results}, separators=(",", ":")).encode()


def _calls(body: bytes) -> list[tuple[str, list[Any]]]:
    try:
        # A whole number is a number like any other; NaN and Infinity are no JSON.
        asked = json.loads(body, parse_int=float, parse_constant=_refuse)
        calls = [(name, _without_trailing_blanks(arguments)) for name, arguments in asked["calls"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(
            "the request is not of the form that docs/office_js.md describes"
        ) from None
    if not all(type(name) is str and type(arguments) is list for name, arguments in calls):
        raise InputError("a call is a function's name and a list of its arguments")
    if len(calls) > _MOST_CALLS:
        raise InputError(f"a request has at most {_MOST_CALLS} calls, got {len(calls)}")
    return calls


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _without_trailing_blanks(arguments: list[Any]) -> list[Any]:
    end = len(arguments)
    while end and arguments[end - 1] is None:
        end -= 1
    return arguments[:end]


def _argument(value: Any) -> Any:
    if type(value) is not list:
        return _cell(value)
    if all(type(row) is list for row in value):
        return [[_cell(item) for item in row] for row in value]
    return [[_cell(item) for item in value]]


def _cell(value: Any) -> Any:
    if type(value) in _CELLS:
        return value
    error = value.get("error") if type(value) is dict else None
    return _ERRORS.get(error, CellError.VALUE) if type(error) is str else CellError.VALUE


def _result(value: Any, reason: str | None) -> dict[str, Any]:
    rows = value if type(value) is list else [[value]]
    result: dict[str, Any] = {"value": [[_shown(item) for item in row] for row in rows]}
    if reason:
        result["why"] = reason
    return result


def _shown(item: Any) -> Any:
    if type(item) in (float, bool) or item is None:
        return item
    if type(item) is CellError:
        return {"error": item.value}
    return serial(item) if isinstance(item, date) else str(item)


def _late(seconds: float) -> dict[str, Any]:
    why = f"the calculation takes longer than {seconds:g} s: use fewer rows or paths in one go"
    return _result(CellError.NA, why)
