"""The basis of a hedge: its history, its mean reversion, what it may cost, the carry curve."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _checks, _history_checks, _sample
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import fresh_footer
from xlhedge.templates.basis_history import carry, dated, model, summary
from xlhedge.templates.basis_history import history as market
from xlhedge.templates.basis_history.summary import FIGURES

__all__ = ["FIGURES", "build"]

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
    kind = "sample" if history.simulated else history.source
    kinds = {"History": kind}
    if history.simulated:
        kinds |= {"Futures": "example", "Dated": "sample"}
    book = Book(
        "Basis history",
        "Basis of a crypto hedge: statistics, mean reversion, forecast, value at risk, carry",
        fresh_footer(kinds),
        "basis_history",
    )
    first = summary.prepare(book)
    questions = _checks.prepare(book)
    model.write(book)
    quotes = carry.write(book, history)
    own = dated.write(book, history)
    market.write(book, history)
    summary.write(first, history)
    asked = (*market.checks(), *carry.CHECKS, *dated.CHECKS)
    _checks.write(
        questions,
        asked,
        [market.rows(history), quotes, own],
        valuation=history.time[-1] if history.simulated else None,
        age_limit_hours=48,
        settings=_history_checks.SETTINGS,
    )
    return book.save(path)
