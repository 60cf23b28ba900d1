"""The catalogue for LibreOffice Calc: what the add-in's UNO component calls.

Calc hands over numbers, texts, None for an argument left out, and a range as a tuple of rows in
which an empty cell is the empty text and TRUE is 1. It takes back numbers, texts, and a range as a
tuple of rows; an error is a number that is not one (NaN) and carries Calc's code of it.
"""

from __future__ import annotations

import struct
from datetime import date
from functools import lru_cache
from typing import Any

from xlhedge.catalog import explain
from xlhedge.sheet.cells import CellError, serial
from xlhedge.sheet.redaction import failure, refusal
from xlhedge.system import log as logs

CODES = {
    CellError.NUM: 503,
    CellError.VALUE: 519,
    CellError.NULL: 521,
    CellError.REF: 524,
    CellError.NAME: 525,
    CellError.DIV0: 532,
    CellError.NA: 32767,
}
"""Calc's number of each cell error."""

ERROR_PREFIX = "xlhedge:"
"""Calc calls no function with an error: the engine's formulas give it as a text of this kind."""

_QUIET_NAN = 0x7FF80000


def error_number(code: int) -> float:
    """The number that Calc shows as the error of that code."""
    number: float = struct.unpack("<d", struct.pack("<II", code, _QUIET_NAN))[0]
    return number


_TEXTS: dict[Any, Any] = {ERROR_PREFIX + error.value: error for error in CODES}
_ERRORS = {error: error_number(code) for error, code in CODES.items()}


# Calc asks for one result several times: ROWS and COLUMNS of it, each branch of an IF.
@lru_cache(maxsize=64)
def answer(name: str, *given: Any) -> Any:
    """Call a worksheet function with what Calc passes.

    Parameters
    ----------
    name
        Worksheet name.
    given
        Arguments as Calc passes them.

    Returns
    -------
    float, str, or a tuple of rows
        What Calc can take back; never raises.

    Examples
    --------
    >>> answer("HEDGE_CONTRACTS", 1000.0, 70000.0, None, ((1.0,), (0.5,)))
    ((-1000.0,), (-500.0,))
    >>> answer("XLHEDGE_WHY", "LIQ_PRICE", -1.0, "abc", None, None)
    'entry_price must be a number, got the text "abc"'
    """
    try:
        arguments = list(given)
        while arguments and arguments[-1] is None:
            arguments.pop()
        cells = tuple(map(_from_calc, arguments))
        outcome = explain(name, *cells)
        if outcome.reason:
            logs.to_file().info("%s", refusal(name, cells, outcome.value, outcome.reason))
        if type(outcome.value) is list:
            return tuple(tuple(map(_to_calc, row)) for row in outcome.value)
        return _to_calc(outcome.value)
    except Exception as problem:
        logs.to_file().error("%s", failure(name, given, problem))
        return _ERRORS[CellError.VALUE]


def _from_calc(value: Any) -> Any:
    if type(value) is tuple:
        return [[_TEXTS.get(item, item) for item in row] for row in value]
    return _TEXTS.get(value, value)


def _to_calc(value: Any) -> Any:
    if type(value) in (float, str):
        return value
    if isinstance(value, CellError):
        return _ERRORS.get(value, _ERRORS[CellError.VALUE])
    if value is None:
        return ""
    # Calc takes FALSE inside a range for TRUE, so both go as numbers.
    return serial(value) if isinstance(value, date) else float(value)
