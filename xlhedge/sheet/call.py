"""The call: cells in, cells out; failures become error values (`outcome`).

A call goes through named steps, each a function of its own:

1. `prepare`: normalise what the host passes, convert it by the declaration, trim series together;
2. `calculate`: broadcast over ranges, and call the core;
3. `to_cells`: numbers, grids and tables become cells, failures their error values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.errors import HedgeError
from xlhedge.extras import missing
from xlhedge.sheet.cells import CellError
from xlhedge.sheet.collector import paused
from xlhedge.sheet.elementwise import over_ranges
from xlhedge.sheet.outcome import Outcome, cell_error, to_cells
from xlhedge.sheet.prepare import Prepared, prepare
from xlhedge.sheet.sentences import TOO_EXTREME, sentence
from xlhedge.sheet.spec import FunctionSpec


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
        with np.errstate(all="ignore"), paused():
            prepared = prepare(spec, cells, rows)
            result = calculate(spec, prepared)
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
