"""Template workbooks, written from scratch, and the tables of workbooks that exist already.

Templates are the same bytes each time. `read_table` gives a table of any workbook as a data frame,
`fill` puts rows into one.

>>> from xlhedge.templates import TEMPLATES
>>> TEMPLATES["hedge_desk"].tables
('Accounts', 'Brackets', 'History', 'Positions', 'Scenarios')
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from xlhedge.errors import InputError
from xlhedge.filling import fill, read_table
from xlhedge.templates import (
    basis_history,
    funding_table,
    hedge_desk,
    margin,
    portfolio,
    self_test,
    stress_grid,
    volatility_target,
)
from xlhedge.templates._book_history import (
    BookHistory,
    book_of_columns,
    names_assets,
    of_markets,
    read_book,
)
from xlhedge.templates._figures import Figure
from xlhedge.templates._history import History, from_columns, of_market, read_history

__all__ = [
    "TEMPLATES",
    "BookHistory",
    "Figure",
    "History",
    "Template",
    "build",
    "fill",
    "find",
    "from_columns",
    "names_assets",
    "of_market",
    "of_markets",
    "read_book",
    "read_history",
    "read_table",
]


class Template(NamedTuple):
    """A template workbook."""

    summary: str
    """What it is for, in one line."""
    write: Callable[..., Path]
    """Its builder, `write(path)`; where it has a table History, `write(path, history)`."""
    tables: tuple[str, ...]
    """Its tables for the user's own rows, which `fill` fills."""
    figures: tuple[Figure, ...] = ()
    """The named cells that say what matters; the first one is its status."""
    takes_several: bool = False
    """Whether its history may be of several coins."""
    takes_venues: bool = False
    """Whether the number of its venues can be chosen when it is written."""

    @property
    def takes_history(self) -> bool:
        """Whether a market history can be given when it is written."""
        return "History" in self.tables


TEMPLATES: dict[str, Template] = {
    "basis_history": Template(
        "basis: statistics, mean reversion, forecast fan, value at risk, carry curve",
        basis_history.build,
        ("Dated", "Futures", "History"),
        basis_history.FIGURES,
    ),
    "funding_table": Template(
        "funding by venue at any interval: level, cash, break-even, VaR, stress",
        funding_table.build,
        tuple(f"Funding_{venue}" for venue in "ABCDEF"),
        funding_table.FIGURES,
        takes_venues=True,
    ),
    "hedge_desk": Template(
        "a whole book on one page, held and after the hedge: risk, margin, stress",
        hedge_desk.build,
        ("Accounts", "Brackets", "History", "Positions", "Scenarios"),
        hedge_desk.DASHBOARD,
        takes_several=True,
    ),
    "margin": Template(
        "liquidation prices and probabilities, buffers, ladder, margin-call schedule",
        margin.build,
        ("Accounts", "Brackets", "Correlations", "Positions", "Volatilities"),
        margin.FIGURES,
    ),
    "portfolio": Template(
        "sizing by asset and by proxy, tickets, deltas before and after, bands",
        portfolio.build,
        ("Contracts", "Holdings", "Prices"),
        portfolio.FIGURES,
    ),
    "self_test": Template(
        "every function called in cells and compared with published results: PASS or FAIL",
        self_test.build,
        (),
        self_test.FIGURES,
    ),
    "stress_grid": Template(
        "scenarios with margin calls and liquidations, heat map, reverse stress, replay",
        stress_grid.build,
        ("Accounts", "Brackets", "History", "Positions", "Scenarios"),
        stress_grid.FIGURES,
        takes_several=True,
    ),
    "volatility_target": Template(
        "volatility forecasts side by side; exposure, hedge, trades and costs over time",
        volatility_target.build,
        ("Candles",),
        volatility_target.FIGURES,
    ),
}
"""Template name to what it is and how it is written."""


def find(name: str, *, with_history: bool = False) -> Template:
    """The template of a name; with a history, one that can take it.

    Raises
    ------
    InputError
        No template has that name, or it has no table for a history.
    """
    if name not in TEMPLATES:
        raise InputError(f"there is no template {name!r}: there are {', '.join(sorted(TEMPLATES))}")
    template = TEMPLATES[name]
    if with_history and not template.takes_history:
        instead = "it takes no rows"
        if template.tables:
            instead = f"fill its tables ({', '.join(template.tables)}) with `xlhedge fill`"
        raise InputError(f"the template {name} has no table History: {instead}")
    return template


def build(
    name: str,
    path: Path | str,
    history: Any = None,
    funding: Any = None,
    *,
    venues: int | None = None,
) -> Path:
    """Write a template workbook; its formulas have no values until it is calculated.

    Parameters
    ----------
    name
        A key of `TEMPLATES`.
    path
        The file to write; an existing one is replaced.
    history
        For a template with a table History: a `History` (`read_history` reads one from CSV files),
        or a data frame or mapping with the columns time, spot, futures and funding_rate; for one of
        several coins also a `BookHistory` (`read_book`), or columns such as "BTC spot", "BTC
        futures", "BTC funding"; left out, a simulated sample. The tables of the others are filled
        afterwards, by `fill`.
    funding
        A data frame or mapping with time and funding_rate, where `history` has no funding.
    venues
        For the funding table: how many venues or contracts stand side by side; left out, six.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        No template has that name, or it cannot take what is given.
    """
    template = find(name, with_history=history is not None)
    if venues is not None:
        if not template.takes_venues:
            raise InputError(f"the template {name} takes no number of venues")
        return template.write(Path(path), venues=venues)
    if history is None:
        return template.write(Path(path))
    if isinstance(history, BookHistory) and not template.takes_several:
        raise InputError(f"the template {name} takes the history of one coin")
    if not isinstance(history, History | BookHistory):
        several = template.takes_several and names_assets(history)
        history = book_of_columns(history) if several else from_columns(history, funding)
    return template.write(Path(path), history)
