"""Volatility target: forecasts side by side, and the exposure and hedge that follow from them."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import Book
from xlhedge.templates.volatility_target import candles, panel, schedule

__all__ = ["build"]

_SAMPLE_DAYS = 400


def build(path: Path) -> Path:
    """Write the volatility target with simulated candles.

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
        "Volatility target",
        "Volatility forecasts side by side; exposure, hedge, trades and costs over time",
        f"Candles: {samples.NOTICE}",
    )
    first = panel.prepare(book)
    panel.write_inputs(first)
    candles.write(book, samples.NOTICE, samples.candles(_SAMPLE_DAYS))
    schedule.write(book)
    panel.write_results(first)
    return book.save(path)
