"""Stress of a hedged book: scenarios, a grid of shocks, reverse stress, historical replay."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _history_sheet, _sample
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book
from xlhedge.templates.stress_grid import grid, holdings, report, scenarios

__all__ = ["build"]

_ROWS = 400


def build(path: Path, history: History | None = None) -> Path:
    """Write the stress workbook, with a simulated sample where no history is given.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    history
        Market history that the replay applies to the book.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    history = history or _sample.history(rows=_ROWS)
    book = Book(
        "Stress grid",
        "Stress of a hedged crypto book: scenarios, grid, reverse stress, replay",
        f"Replay: {history.source}",
    )
    first = report.prepare(book)
    holdings.write(book)
    scenarios.write(book)
    grid.write(book)
    _history_sheet.write(
        book,
        history,
        shown="the sheet Stress",
        filled="The replay on Stress applies these rows to the positions on Book.",
    )
    scenarios.write_library(book)
    report.fill(first)
    return book.save(path)
