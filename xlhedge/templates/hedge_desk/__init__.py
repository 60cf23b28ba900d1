"""The hedge desk: a book of any coins and accounts, held and after the hedge, on one page."""

from __future__ import annotations

from pathlib import Path

from xlhedge.templates import _book_tables, _checks, _sample, _sample_brackets
from xlhedge.templates import _history_of_book as market
from xlhedge.templates._book_history import BookHistory, of_one
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import LIBRARY, Rows, fresh_footer, rows_of
from xlhedge.templates.hedge_desk import (
    book as held,
)
from xlhedge.templates.hedge_desk import (
    dashboard,
    example,
    funding,
    inputs,
    margin,
    questions,
    ranges,
    risk,
    stress,
    trade,
)
from xlhedge.templates.hedge_desk.dashboard import DASHBOARD

__all__ = ["DASHBOARD", "build"]


def build(path: Path, history: BookHistory | History | None = None) -> Path:
    """Write the hedge desk, with a simulated sample where no history is given.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    history
        Market history of one coin or of several; its last row gives the prices of the example's
        positions in these coins.

    Returns
    -------
    Path
        The file. Its formulas have no values until the book is calculated.
    """
    rows = history or _sample.book()
    if isinstance(rows, History):
        rows = of_one(rows)
    positions, accounts, brackets = example.of(rows)
    kinds = {"Positions": "example", "Accounts": "example", "Brackets": "example"}
    kinds["History"] = "sample" if rows.simulated else rows.source
    book = Book(
        "Hedge desk",
        "Hedging crypto holdings with futures: sizing, value at risk, margin, stress, funding",
        fresh_footer(kinds),
        "hedge_desk",
    )
    first = dashboard.prepare(book)
    settings = inputs.prepare(book)
    held.write(book, positions, accounts)
    held.write_brackets(book, brackets, example.BRACKETS_NOTE)
    market.write(book, rows)
    stress.write_scenarios(book, rows)
    asked = _checks.prepare(book)
    trade.write(book)
    risk.write(book, rows)
    margin.write(book, rows)
    stress.write(book, rows)
    cone = funding.write(book, rows)
    inputs.write(settings, example.settings(rows))
    dashboard.write(first, rows, cone)
    _checks.write(
        asked,
        questions.of_desk(rows),
        _tables(rows, positions, accounts, brackets),
        valuation=rows.time[-1] if rows.simulated else None,
        age_limit_hours=max(24.0, 3 * rows.interval_hours),
        settings=questions.LIMITS,
    )
    return book.save(path)


def _tables(
    rows: BookHistory,
    positions: list[tuple[object, ...]],
    accounts: list[tuple[object, ...]],
    brackets: list[tuple[object, ...]],
) -> list[Rows]:
    return [
        rows_of("Positions", ranges.POSITION_COLUMNS, positions,
                ("quantity", "contract_size", "entry_price", "price", "beta")),
        rows_of("Accounts", ranges.ACCOUNT_COLUMNS, accounts, ("balance",)),
        rows_of("Brackets", [column.name for column in _book_tables.BRACKETS], brackets,
                ("floor", "rate", "amount"), source=_sample_brackets.VENUE),
        market.rows(rows),
        rows_of("Scenarios", [column.name for column in stress.columns(rows)],
                stress.rows(rows), ("spot_shock", "basis_shock", "funding_rate", "proxy_shock"),
                kind=LIBRARY, source="STRESS_SCENARIOS"),
    ]  # fmt: skip
