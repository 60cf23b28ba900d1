"""The hedge desk: from holdings and a market history to contracts, risks and limits on one page."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _history_sheet, _sample
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book
from xlhedge.templates.hedge_desk import dashboard, portfolio, risk
from xlhedge.templates.hedge_desk.dashboard import DASHBOARD

__all__ = ["DASHBOARD", "build"]


def build(path: Path, history: History | None = None) -> Path:
    """Write the hedge desk, with a simulated sample where no history is given.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    history
        Market history; its last row gives the prices of its coin and of the future.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    history = history or _sample.history()
    book = Book(
        "Hedge desk",
        "Hedging crypto holdings with futures: sizing, basis, funding, margin, stress",
        f"Market history: {history.source}",
        "hedge_desk",
    )
    first = dashboard.prepare(book)
    portfolio.write(book, history)
    _history_sheet.write(book, history)
    risk.write(book, history)
    dashboard.fill(first, history)
    return book.save(path)
