"""Volatility target: forecasts side by side, and the exposure and hedge that follow from them."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _checks
from xlhedge.templates import _history_checks as history
from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._checks import Check
from xlhedge.templates._layout import Book, Input
from xlhedge.templates._sources import fresh_footer
from xlhedge.templates.volatility_target import candles, panel, schedule
from xlhedge.templates.volatility_target.panel import FIGURES

__all__ = ["FIGURES", "build"]

_SAMPLE_DAYS = 400
_LARGEST = "MAX(MAX(Candles[return]),-MIN(Candles[return]))"
_SETTINGS = (
    history.SETTING["gap_limit"],
    Input("move_limit", "Largest move of one row that is accepted", 0.6, "of the price", "percent",
          "Beyond it, look at the row before believing it.", low=0, high=10),
)  # fmt: skip


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
    sample = samples.candles(_SAMPLE_DAYS)
    book = Book(
        "Volatility target",
        "Volatility forecasts side by side; exposure, hedge, trades and costs over time",
        fresh_footer({"Candles": "sample"}),
        "volatility_target",
    )
    first = panel.prepare(book)
    panel.write_inputs(first)
    questions = _checks.prepare(book)
    _, rows = candles.write(book, sample)
    schedule.write(book)
    panel.write_results(first)
    series = history.Series("Candles", "Candles[time]", "Candles[gap_hours]", "bar_hours",
                            "the hours of a bar on Volatility")  # fmt: skip
    own = (
        *history.times(series),
        history.complete("history", "Candles[close]", "Candles[close]", "ROWS(Candles[time])"),
        Check("history", "High and low of Candles",
              "SUMPRODUCT((Candles[high]<Candles[low])*1)>0",
              '"a high is below its low: the columns are mixed up"',
              "COUNT(Candles[high],Candles[low])=ROWS(Candles[time])+ROWS(Candles[time])",
              "open, high and low are not known"),
        Check("history", "Largest move of one row", f"{_LARGEST}>move_limit",
              f'"a close differs from the one before by "&TEXT({_LARGEST},"0%")&": another coin, '
              'another unit, or a missing row"',
              "COUNT(Candles[return])>0", "there are no returns"),
        Check("holding", "Side and size of the contracts held",
              "OR(exposure_now<0,exposure_now>MAX(1,max_exposure))",
              '"the coins and contracts held are an exposure of "&TEXT(exposure_now,"0%")&" of the '
              'coins: enter shorts with a minus sign, and coins per contract as its size"',
              "ISNUMBER(exposure_now)", "the holding is not complete"),
    )  # fmt: skip
    _checks.write(questions, own, [rows], valuation=sample.time[-1], age_limit_hours=48,
                 settings=_SETTINGS)  # fmt: skip
    return book.save(path)
