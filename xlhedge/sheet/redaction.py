"""What a log may tell of a call: its name, the kinds of its cells, where it failed.

A log is sent to others when something is wrong, so it holds nothing of what a workbook holds: no
cell, and no sentence or exception text, since either may quote one. Whoever wants them sets the
environment variable XLHEDGE_LOG_CELLS to 1.
"""

from __future__ import annotations

import os
import traceback
from collections import Counter
from typing import Any

from xlhedge.sheet.cells import CellError, is_blank, number_of

_WANTED = "XLHEDGE_LOG_CELLS"


def refusal(name: str, cells: tuple[Any, ...], value: Any, reason: str) -> str:
    """One line on a call that gave errors.

    Examples
    --------
    >>> refusal("LIQ_PRICE", (-1.0, "abc", [[1.0], [2.0]]), CellError.VALUE, "abc is no number")
    'LIQ_PRICE(number, text, 2 × 1 cells): 1 #VALUE!'
    """
    if _contents_are_wanted():
        return f"{name}: {reason}"
    given = [cell for row in value for cell in row] if isinstance(value, list) else [value]
    errors = Counter(str(cell) for cell in given if isinstance(cell, CellError))
    told = ", ".join(f"{count} {error}" for error, count in errors.items())
    return f"{call_of(name, cells)}: {told or 'a sentence'}"


def failure(name: str, cells: tuple[Any, ...], problem: BaseException) -> str:
    """Some lines on a call that failed unexpectedly: where in the code, and what was raised."""
    if _contents_are_wanted():
        told = "".join(traceback.format_exception(problem))
        return f"{name} failed on {cells!r:.500}\n{told}"
    lines = [f"{call_of(name, cells)} failed"]
    raised: BaseException | None = problem
    while raised is not None:
        lines += [line.rstrip() for line in traceback.format_tb(raised.__traceback__)]
        lines.append(type(raised).__name__)
        raised = raised.__cause__ or raised.__context__
    return "\n".join(lines)


def call_of(name: str, cells: tuple[Any, ...]) -> str:
    """The call with the kinds of its cells in the place of their contents."""
    return f"{name}({', '.join(map(_kind, cells))})"


def _contents_are_wanted() -> bool:
    return os.environ.get(_WANTED) == "1"


def _kind(cell: Any) -> str:
    if isinstance(cell, (list, tuple)):
        width = len(cell[0]) if cell and isinstance(cell[0], (list, tuple)) else 1
        return f"{len(cell)} × {width} cells"
    if is_blank(cell):
        return "blank"
    if isinstance(cell, CellError):
        return "error"
    if isinstance(cell, str):
        return "text"
    return "number" if number_of(cell) is not None else type(cell).__name__
