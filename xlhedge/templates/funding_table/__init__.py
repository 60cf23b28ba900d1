"""The funding table: venues of any interval side by side, and what a hedge earns."""

from __future__ import annotations

from pathlib import Path

from xlhedge.errors import InputError
from xlhedge.templates import _checks, _history_checks
from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import fresh_footer
from xlhedge.templates.funding_table import forecast, payments, stress, workings
from xlhedge.templates.funding_table.overview import FIGURES, Overview

__all__ = ["FIGURES", "MOST_VENUES", "build"]

MOST_VENUES = 40
"""With more, notes that ask every venue for its reason pass the 8,192 characters of a formula."""

_SAMPLE_DAYS = 40
_SCHEDULES = (
    samples.Schedule(hours=8, mean=0.10, spread=0.09, half_life_hours=72),
    samples.Schedule(hours=4, mean=0.065, spread=0.11, half_life_hours=36),
    samples.Schedule(hours=1, mean=0.03, spread=0.16, half_life_hours=18),
)


def build(path: Path, *, venues: int = 6) -> Path:
    """Write the funding table with simulated payments.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    venues
        How many venues or contracts stand side by side; the first three hold the sample.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.

    Raises
    ------
    InputError
        There are fewer than three venues, or more than `MOST_VENUES`.
    """
    if not len(_SCHEDULES) <= venues <= MOST_VENUES:
        raise InputError(f"there are {len(_SCHEDULES)} to {MOST_VENUES} venues, got {venues}")
    names = payments.venues(venues)
    paid = samples.payments(_SCHEDULES, _SAMPLE_DAYS)
    tables = [f"Funding_{venue}" for venue, _ in zip(names, paid, strict=False)]
    book = Book(
        "Funding table",
        "Funding of perpetual futures by venue: level, cash, break-even, risk, stress",
        fresh_footer(dict.fromkeys(tables, "sample")),
        "funding_table",
    )
    first = Overview(book, names)
    questions = _checks.prepare(book)
    next_row = first.write_inputs([schedule.hours for schedule in _SCHEDULES])
    rows = payments.write(book, names, paid)
    workings.write(book, names)
    forecast.write(book, names)
    stress.write(book, names)
    first.write_results(next_row)
    _checks.write(
        questions,
        payments.checks(names),
        rows,
        valuation=max(one.time[-1] for one in paid),
        age_limit_hours=24,
        settings=_history_checks.SETTINGS,
    )
    return book.save(path)
