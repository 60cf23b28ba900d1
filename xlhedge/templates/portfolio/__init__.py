"""The portfolio: holdings and contract specifications in, hedge tickets and deltas out."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import Book
from xlhedge.templates.portfolio import entries, hedge

__all__ = ["build"]

_DAYS = 90
_MARKETS = {
    "BTC": (1.0, 0.02, 70_000.0),
    "ETH": (1.15, 0.25, 3_500.0),
    "SOL": (1.4, 0.55, 150.0),
    "LINK": (1.25, 0.60, 15.0),
    "BTC-PERP": (1.0, 0.03, 70_000.0),
    "BTC-COIN": (1.0, 0.04, 70_000.0),
}


def build(path: Path) -> Path:
    """Write the portfolio with example holdings and simulated prices.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    prices = samples.coins(_DAYS, _MARKETS)
    # The future of ETH follows its coin, as that of BTC does.
    prices["ETH-PERP"] = (prices["ETH"] * (prices["BTC-PERP"] / prices["BTC"])).round(4)
    book = Book(
        "Portfolio",
        "Hedge sizing by asset and by proxy, tickets, deltas before and after, bands",
        f"Prices: {samples.NOTICE}",
    )
    entries.write(book)
    first = hedge.write(book)
    entries.write_prices(book, samples.NOTICE, samples.days_on(_DAYS), prices)
    hedge.finish(first)
    return book.save(path)
