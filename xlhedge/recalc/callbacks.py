"""What the embedded engine calls: functions of ours, of Excel's that it lacks, and helpers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from xlhedge.catalog import CATALOG, explain
from xlhedge.formula.evaluation import LIFT
from xlhedge.recalc import scratch
from xlhedge.recalc.conversion import fitted, raw_of, taken
from xlhedge.recalc.functions import FUNCTIONS
from xlhedge.sheet.cells import Cell

FIT = "XLHEDGE.FIT"
"""Gives an array the size of the range that its formula was entered into."""


class Callbacks:
    """The functions of one workbook; calls with equal arguments are answered once.

    Parameters
    ----------
    from_1904
        Whether the workbook's day 0 is 1 January 1904.
    """

    def __init__(self, *, from_1904: bool = False) -> None:
        self._from_1904 = from_1904
        self._outcomes: dict[Hashable, Any] = {}
        self._recorded: list[tuple[Cell, str]] | None = None

    def register(self, book: Any, called: set[str]) -> None:
        """Let an engine's book call what its formulas call."""
        book.register_function(FIT, fitted, min_args=0)
        book.register_function(LIFT, self._lift, min_args=0)
        for name in called & CATALOG.keys():
            book.register_function(name, partial(self._call, name), min_args=0)
        for name in FUNCTIONS:
            if name in called or name.startswith("XLHEDGE."):  # which cures write into formulas
                scratch.register(book, name, from_1904=self._from_1904)

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

    def _lift(self, function: str, mask: str, *given: Any) -> Any:
        key = function, mask, *(taken(one)[1] for one in given)
        return self._remembered(
            key, lambda: scratch.apply(function, mask, given, from_1904=self._from_1904)
        )

    def _remembered(self, key: Hashable, call: Callable[[], Any]) -> Any:
        if key not in self._outcomes:
            self._outcomes[key] = call()
        return self._outcomes[key]
