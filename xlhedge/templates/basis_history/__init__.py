"""The basis of a hedge: its history, its mean reversion, what it may cost, the carry curve."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _history_sheet, _sample
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book
from xlhedge.templates.basis_history import carry, model, summary

__all__ = ["build"]

_ROWS = 400


def build(path: Path, history: History | None = None) -> Path:
    """Write the basis workbook, with a simulated sample where no history is given.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    history
        Market history of one coin and its future.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    history = history or _sample.history(rows=_ROWS)
    book = Book(
        "Basis history",
        "Basis of a crypto hedge: statistics, mean reversion, forecast, value at risk, carry",
        f"Market history: {history.source}",
    )
    first = summary.prepare(book)
    model.write(book)
    carry.write(book, history)
    _history_sheet.write(
        book,
        history,
        shown="the sheet Basis",
        filled="Enter the prices of your dated futures on the sheet Carry.",
    )
    summary.fill(first, history)
    return book.save(path)
