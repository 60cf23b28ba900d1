"""Margin: liquidation prices, their probability, buffers and margin calls of futures accounts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from xlhedge.templates import _book_checks as asked
from xlhedge.templates import _checks
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import fresh_footer
from xlhedge.templates.margin import book as tables
from xlhedge.templates.margin import calls, correlations, ladder, liquidation, summary, workings
from xlhedge.templates.margin.summary import FIGURES

__all__ = ["FIGURES", "build"]

_EXAMPLE_DAY = datetime(2025, 1, 1)


def build(path: Path) -> Path:
    """Write the margin workbook with two example accounts.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    book = Book(
        "Margin",
        "Futures margin: liquidation prices, probabilities, buffers, margin calls",
        fresh_footer(dict.fromkeys(tables.TABLES, "example")),
        "margin",
    )
    first = summary.prepare(book)
    questions = _checks.prepare(book)
    liquidation.write(book)
    ladder.write(book)
    calls.write(book)
    rows = tables.write(book)
    rows.append(correlations.write(book))
    workings.write(book, calls.MOVES, ladder.MOVES)
    summary.write(first)
    own = (
        *asked.positions(),
        *asked.accounts(),
        *asked.brackets(),
        asked.calculable("accounts", "The accounts can be valued", *summary.VALUED),
        *asked.volatilities(),
        *asked.correlations(),
        asked.calculable("volatilities", "The accounts can be simulated", *summary.SIMULATED),
    )
    settings = (*asked.PRICE_SETTINGS, *asked.VOLATILITY_SETTINGS)
    _checks.write(questions, own, rows, valuation=_EXAMPLE_DAY, age_limit_hours=24,
                 settings=settings)  # fmt: skip
    return book.save(path)
