"""Applies an engine's function of one value to each element of a range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import formualizer

from xlhedge.formula.addresses import Area, address
from xlhedge.formula.tree import Call, Reference, write
from xlhedge.recalc import criteria
from xlhedge.recalc.conversion import cell_of, element, rows_of
from xlhedge.recalc.functions import FUNCTIONS
from xlhedge.recalc.functions.arguments import counting_from_1904

_SHEET = "Scratch"
_PLAIN = frozenset({bool, dict, float, int, str, type(None)})
"""What an engine passes for a cell; an error is a dict."""
_KINDS: dict[str, Callable[[Any], bool]] = {
    "ISBLANK": lambda cell: cell is None,
    "ISERROR": lambda cell: isinstance(cell, dict),
    "ISLOGICAL": lambda cell: isinstance(cell, bool),
    "ISNONTEXT": lambda cell: not isinstance(cell, str),
    "ISNUMBER": lambda cell: isinstance(cell, int | float) and not isinstance(cell, bool),
    "ISTEXT": lambda cell: isinstance(cell, str),
}
"""What asks for the kind of a cell, which the engine need not be asked."""


def register(book: Any, function: str, *, from_1904: bool) -> None:
    """Let a book of the engine call one of `recalc.functions` instead of its own."""
    own = FUNCTIONS[function]
    book.register_function(
        function,
        counting_from_1904(own) if from_1904 else own,
        min_args=0,
        allow_override_builtin=True,
    )


def apply(function: str, mask: str, given: tuple[Any, ...], *, from_1904: bool = False) -> Any:
    """Values of a function for each element, as a list of rows (or one value).

    Parameters
    ----------
    function
        Worksheet name.
    mask
        For each argument 1 when it is taken apart, 0 when it is passed whole.
    given
        The arguments as the engine passes them: cells, or ranges as lists of rows.
    from_1904
        Whether day 0 is 1 January 1904.

    Notes
    -----
    A one-row or one-column range is repeated to fit the others, as Excel does; beyond the end of
    a shorter range the result is `#N/A`.
    """
    if function in _KINDS and len(given) == 1 and isinstance(given[0], list):
        asked = _KINDS[function]
        if {type(cell) for row in given[0] for cell in row} <= _PLAIN:
            return [[asked(cell) for cell in row] for row in given[0]]
    taken = [flag == "1" and isinstance(item, list) for flag, item in zip(mask, given, strict=True)]
    ranges = [item for item, apart in zip(given, taken, strict=True) if apart]
    height = max((len(item) for item in ranges), default=1)
    width = max((len(item[0]) for item in ranges), default=1)
    book = formualizer.Workbook(config=_in_calendar(from_1904=from_1904))
    book.add_sheet(_SHEET)
    book.set_temporal_egress("serial")
    count, column = height * width, 1
    words: list[list[str]] = []
    for item, apart in zip(given, taken, strict=True):
        rows = rows_of(item)
        if apart:
            rows = [[element(rows, row, at)] for row in range(height) for at in range(width)]
            words.append([address(row, column) for row in range(1, count + 1)])
        else:
            last = column + len(rows[0]) - 1
            words.append([Area(1, column, len(rows), last).absolute] * count)
        _write(book, column, rows)
        column += len(rows[0])
    if function in FUNCTIONS:
        register(book, function, from_1904=from_1904)
    formulas = [[_formula(function, *parts)] for parts in zip(*words, strict=True)] or [
        [f"={function}()"]
    ]
    book.set_formulas_batch(_SHEET, 1, column, formulas)
    book.evaluate_all()
    values = [book.get_value(_SHEET, row, column) for row in range(1, count + 1)]
    if not ranges:
        return values[0]
    return [values[start : start + width] for start in range(0, count, width)]


def _in_calendar(*, from_1904: bool) -> Any:
    evaluation = formualizer.EvaluationConfig()
    if from_1904:
        evaluation.date_system = "1904"
    return formualizer.WorkbookConfig(eval_config=evaluation)


def _formula(function: str, *parts: str) -> str:
    """The call of one element; a conditional sum shows an error of its cells."""
    call = Call(function, tuple(Reference("", part) for part in parts))
    return f"={write(criteria.with_errors(call, call))}"


def _write(book: Any, column: int, rows: list[list[Any]]) -> None:
    plain = [[None if isinstance(cell, dict) else cell for cell in row] for row in rows]
    book.set_values_batch(_SHEET, 1, column, plain)
    for row, cells in enumerate(rows, 1):
        for offset, cell in enumerate(cells):
            if isinstance(cell, dict):
                book.set_formula(_SHEET, row, column + offset, f"={cell_of(cell)}")
