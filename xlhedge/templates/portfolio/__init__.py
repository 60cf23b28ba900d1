"""The portfolio: holdings and contract specifications in, hedge tickets and deltas out."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _checks, _history_checks
from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import fresh_footer
from xlhedge.templates.portfolio import compared, entries, hedge
from xlhedge.templates.portfolio.entries import FIGURES

__all__ = ["FIGURES", "build"]

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
    times = samples.days_on(_DAYS)
    book = Book(
        "Portfolio",
        "Hedge sizing by asset and by proxy, tickets, deltas before and after, bands",
        fresh_footer({"Holdings": "example", "Contracts": "example", "Prices": "sample"}),
        "portfolio",
    )
    first = entries.prepare(book)
    questions = _checks.prepare(book)
    holdings = entries.write(first)
    sheet = hedge.write(book)
    compared.write(book)
    own = entries.write_prices(book, times, prices)
    hedge.finish(sheet)
    entries.finish(first)
    _checks.write(
        questions,
        compared.checks(),
        [*holdings, own],
        valuation=times[-1],
        age_limit_hours=48,
        settings=(*_history_checks.SETTINGS, *compared.SETTINGS),
    )
    return book.save(path)
