"""Template workbooks, written from scratch, and the tables of workbooks that exist already.

Templates are the same bytes each time. `read_table` gives a table of any workbook as a data frame,
`fill` puts rows into one.

>>> from xlhedge.books import TEMPLATES
>>> sorted(TEMPLATES)
['hedge_desk']
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xlhedge.books import hedge_desk
from xlhedge.books._history import History, from_columns, read_history
from xlhedge.errors import InputError
from xlhedge.tables import fill, read_table

__all__ = [
    "TEMPLATES",
    "History",
    "build",
    "fill",
    "from_columns",
    "read_history",
    "read_table",
]

TEMPLATES: dict[str, Callable[[Path, History | None], Path]] = {
    "hedge_desk": hedge_desk.build,
}
"""Template name to its builder."""


def build(name: str, path: Path | str, history: Any = None, funding: Any = None) -> Path:
    """Write a template workbook; its formulas have no values until it is calculated.

    Parameters
    ----------
    name
        A key of `TEMPLATES`.
    path
        The file to write; an existing one is replaced.
    history
        A `History` (`read_history` reads one from CSV files), or a data frame or mapping with the
        columns time, spot, futures and funding_rate; left out, a simulated sample.
    funding
        A data frame or mapping with time and funding_rate, where `history` has no funding.

    Returns
    -------
    Path
        The file.
    """
    if name not in TEMPLATES:
        raise InputError(f"there is no template {name!r}: there are {', '.join(sorted(TEMPLATES))}")
    if history is not None and not isinstance(history, History):
        history = from_columns(history, funding)
    return TEMPLATES[name](Path(path), history)
