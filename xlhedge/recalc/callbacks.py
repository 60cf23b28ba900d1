"""What the embedded engine calls: functions of ours, of Excel's that it lacks, and helpers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import formualizer

from xlhedge.catalog import CATALOG, explain
from xlhedge.formula.addresses import Area, address
from xlhedge.formula.evaluation import LIFT
from xlhedge.formula.tree import Call, Reference, write
from xlhedge.recalc.conversion import cell_of, element, fitted, raw_of, rows_of, taken
from xlhedge.recalc.criteria import with_errors
from xlhedge.recalc.functions import FUNCTIONS
from xlhedge.recalc.functions.arguments import counting_from_1904
from xlhedge.sheet.cells import Cell

FIT = "XLHEDGE.FIT"
"""Gives an array the size of the range that its formula was entered into."""

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


class Callbacks:
    """The functions of one workbook; calls with equal arguments are answered once."""

    def __init__(self, *, from_1904: bool = False) -> None:
        self._from_1904 = from_1904
        self._outcomes: dict[Hashable, Any] = {}
        self._recorded: list[tuple[Cell, str]] | None = None

    def configuration(self) -> Any:
        """How the engine evaluates the workbook's formulas."""
        evaluation = formualizer.EvaluationConfig()
        if self._from_1904:
            evaluation.date_system = "1904"
        return evaluation

    def register(self, book: Any, called: set[str]) -> None:
        """Let an engine's book call what its formulas call."""
        book.register_function(FIT, fitted, min_args=0)
        book.register_function(LIFT, self.lift, min_args=0)
        for name in called & CATALOG.keys():
            book.register_function(name, partial(self._call, name), min_args=0)
        for name in FUNCTIONS:
            if name in called or name.startswith("XLHEDGE."):  # which cures write into formulas
                self._replace(book, name)

    def _replace(self, book: Any, name: str) -> None:
        """Let a book call one of `recalc.functions` instead of the engine's own."""
        own = counting_from_1904(FUNCTIONS[name]) if self._from_1904 else FUNCTIONS[name]
        book.register_function(name, own, min_args=0, allow_override_builtin=True)

    @contextmanager
    def recording(self) -> Iterator[list[tuple[Cell, str]]]:
        """Record each call of ours that gives an error: its value and the sentence."""
        self._recorded = []
        try:
            yield self._recorded
        finally:
            self._recorded = None

    def _call(self, name: str, *given: Any) -> Any:
        cells, keys = zip(*map(taken, given), strict=True) if given else ((), ())
        outcome = self._remembered((name, *keys), lambda: explain(name, *cells))
        if outcome.reason and self._recorded is not None:
            self._recorded.append((outcome.value, outcome.reason))
        return raw_of(outcome.value)

    def _remembered(self, key: Hashable, call: Callable[[], Any]) -> Any:
        if key not in self._outcomes:
            self._outcomes[key] = call()
        return self._outcomes[key]

    def lift(self, function: str, mask: str, *given: Any) -> Any:
        """A function of the engine for each element of ranges, as rows of values (or one value).

        The mask has 1 for an argument that is taken apart, and 0 for one that is passed whole.
        """
        if function in _KINDS and len(given) == 1 and isinstance(given[0], list):
            asked = _KINDS[function]
            if {type(cell) for row in given[0] for cell in row} <= _PLAIN:
                return [[asked(cell) for cell in row] for row in given[0]]
        key = function, mask, *(taken(one)[1] for one in given)
        return self._remembered(key, lambda: self._of_each(function, mask, given))

    def _of_each(self, function: str, mask: str, given: tuple[Any, ...]) -> Any:
        """The calls in a book of their own; ranges are made to fit as Excel does it."""
        apart = [
            flag == "1" and isinstance(one, list) for flag, one in zip(mask, given, strict=True)
        ]
        ranges = [one for one, is_apart in zip(given, apart, strict=True) if is_apart]
        height = max((len(one) for one in ranges), default=1)
        width = max((len(one[0]) for one in ranges), default=1)
        evaluation = self.configuration()
        evaluation.enable_parallel = False  # starting threads takes longer than these few calls
        book = formualizer.Workbook(config=formualizer.WorkbookConfig(eval_config=evaluation))
        book.add_sheet(_SHEET)
        book.set_temporal_egress("serial")
        if function in FUNCTIONS:
            self._replace(book, function)
        count, column = height * width, 1
        words: list[list[Reference]] = []
        for one, is_apart in zip(given, apart, strict=True):
            rows = rows_of(one)
            if is_apart:
                rows = [[element(rows, row, at)] for row in range(height) for at in range(width)]
                words.append([Reference("", address(at, column)) for at in range(1, count + 1)])
            else:
                area = Area.of((1, column), len(rows), len(rows[0]))
                words.append([Reference("", area.absolute)] * count)
            _write(book, column, rows)
            column += len(rows[0])
        calls = [Call(function, parts) for parts in zip(*words, strict=True)]
        # A conditional sum shows an error of its cells.
        formulas = [[f"={write(with_errors(call, call))}"] for call in calls]
        book.set_formulas_batch(_SHEET, 1, column, formulas)
        book.evaluate_all()
        values = [book.get_value(_SHEET, row, column) for row in range(1, count + 1)]
        if not ranges:
            return values[0]
        return [values[start : start + width] for start in range(0, count, width)]


def _write(book: Any, column: int, rows: list[list[Any]]) -> None:
    plain = [[None if isinstance(cell, dict) else cell for cell in row] for row in rows]
    book.set_values_batch(_SHEET, 1, column, plain)
    for row, cells in enumerate(rows, 1):
        for offset, cell in enumerate(cells):
            if isinstance(cell, dict):
                book.set_formula(_SHEET, row, column + offset, f"={cell_of(cell)}")
