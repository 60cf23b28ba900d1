"""The funding table: venues of any interval side by side, and what a hedge earns."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _checks, _history_checks
from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import Book
from xlhedge.templates.funding_table import forecast, overview, payments, stress, workings
from xlhedge.templates.funding_table.overview import FIGURES

__all__ = ["FIGURES", "build"]

_SAMPLE_DAYS = 40
_SCHEDULES = (
    samples.Schedule(hours=8, mean=0.10, spread=0.09, half_life_hours=72),
    samples.Schedule(hours=4, mean=0.065, spread=0.11, half_life_hours=36),
    samples.Schedule(hours=1, mean=0.03, spread=0.16, half_life_hours=18),
)


def build(path: Path) -> Path:
    """Write the funding table with simulated payments.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    paid = samples.payments(_SCHEDULES, _SAMPLE_DAYS)
    tables = [f"Funding_{venue}" for venue in payments.VENUES[: len(paid)]]
    book = Book(
        "Funding table",
        "Funding of perpetual futures by venue: level, cash, break-even, risk, stress",
        _checks.fresh_footer(dict.fromkeys(tables, "sample")),
        "funding_table",
    )
    first = overview.prepare(book)
    questions = _checks.prepare(book)
    next_row = overview.write_inputs(first, [schedule.hours for schedule in _SCHEDULES])
    rows = payments.write(book, paid)
    workings.write(book)
    forecast.write(book)
    stress.write(book)
    overview.write_results(first, next_row)
    _checks.fill(
        questions,
        payments.checks(),
        rows,
        valuation=max(one.time[-1] for one in paid),
        age_limit_hours=24,
        settings=_history_checks.SETTINGS,
    )
    return book.save(path)
