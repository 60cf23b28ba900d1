"""Margin: liquidation prices, their probability, buffers and margin calls of a futures account."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates._layout import Book
from xlhedge.templates.margin import account, brackets, calls, ladder, positions

__all__ = ["build"]


def build(path: Path) -> Path:
    """Write the margin workbook with an example account.

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
        "Example positions; brackets of Binance USDT-margined futures, October 2024",
    )
    first = account.prepare(book)
    positions.write(book)
    ladder.write(book)
    calls.write(book)
    brackets.write(book)
    account.fill(first)
    return book.save(path)
