"""What went wrong as a sentence for whoever looks at the sheet: its names, its rows.

The core knows arrays; the sheet knows in which row of an argument's range each element stands: one
lower where a header comes first, and further down where blank rows above the data were left out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xlhedge.errors import HedgeError

TOO_EXTREME = "the result is not a finite number: the inputs are too extreme"

Rows = Mapping[str, range]
"""Argument to the rows of its range that its array was filled from, counted from 1."""


def sentence(problem: HedgeError, rows: Rows) -> str:
    """The sentence behind a cell error.

    Examples
    --------
    >>> from xlhedge.errors import DomainError
    >>> problem = DomainError("must be positive", argument="positions", column="price", row=0)
    >>> sentence(problem, {"positions": range(2, 5)})
    'positions row 2, price must be positive'
    """
    if problem.argument is None:
        return str(problem)
    place = problem.argument
    row = _row(problem, rows.get(place, range(0)))
    if row is not None:
        place += f" row {row}"
    if problem.column is not None:
        place += f", {problem.column}"
    return problem.sentence(place)


def _row(problem: HedgeError, rows: range) -> int | None:
    """The offending row as the sheet counts it, where the failure is about one."""
    if problem.row is not None:
        return rows[problem.row] if problem.row < len(rows) else problem.row + 1
    if len(rows) > 1 and np.ndim(problem.where) == 1 and len(problem.where) == len(rows):
        return rows[int(np.argmax(problem.where))]
    return None
