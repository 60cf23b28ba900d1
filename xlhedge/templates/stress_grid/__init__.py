"""Stress of a hedged book: scenarios, a grid of shocks, reverse stress, historical replay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xlhedge.templates import _book_checks as asked
from xlhedge.templates import _checks, _sample
from xlhedge.templates import _history_of_book as market
from xlhedge.templates._book_history import BookHistory, of_one
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import fresh_footer
from xlhedge.templates.stress_grid import grid, holdings, report, scenarios
from xlhedge.templates.stress_grid.report import FIGURES

__all__ = ["FIGURES", "build"]

_ROWS = 400


def build(path: Path, history: BookHistory | History | None = None) -> Path:
    """Write the stress workbook, with a simulated sample where no history is given.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    history
        Market history of one coin or of several that the replay applies to the book.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    past = history or _sample.book(_ROWS)
    if isinstance(past, History):
        past = of_one(past)
    kinds = dict.fromkeys((*holdings.TABLES, "Scenarios"), "example")
    kinds["History"] = "sample" if past.simulated else past.source
    book = Book(
        "Stress grid",
        "Stress of a hedged crypto book: scenarios, grid, reverse stress, replay",
        fresh_footer(kinds),
        "stress_grid",
    )
    first = report.prepare(book)
    questions = _checks.prepare(book)
    holdings.write(book)
    holdings.write_brackets(book)
    scenarios.write(book)
    scenarios.write_reports(book)
    grid.write(book)
    market.write(book, past)
    scenarios.write_workings(book)
    scenarios.write_library(book)
    report.write(first, past)
    own = (
        *asked.positions(),
        *asked.accounts(),
        *asked.brackets(),
        *scenarios.checks(),
        asked.calculable(
            "scenarios", "The book can be revalued", scenarios.REPORT_CELL, scenarios.REPORT_CALL
        ),
        *_checks.only_yours("History", _replayed(past)),
    )
    settings = (*asked.PRICE_SETTINGS, *asked.SCENARIO_SETTINGS, *market.SETTINGS)
    seen = {item.name: item for item in settings}
    _checks.write(
        questions,
        own,
        [*holdings.rows(), scenarios.rows(), replace(market.rows(past), optional=True)],
        valuation=past.time[-1] if past.simulated else None,
        age_limit_hours=24,
        settings=tuple(seen.values()),
    )
    return book.save(path)


def _replayed(history: BookHistory) -> tuple[_checks.Check, ...]:
    """The checks of the history, but for its age: a replay may be of old times.

    The history of one coin is the market's, which others follow by their beta.
    """
    several = market.coins("history", "make the workbook anew with its history (xlhedge new)")
    found = (*market.checks(history), *(several if len(history.markets) > 1 else ()))
    return tuple(check for check in found if not check.label.startswith("Age of"))
