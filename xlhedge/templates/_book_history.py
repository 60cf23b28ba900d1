"""The market history of a whole book: prices and funding of any number of assets, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.errors import FileError
from xlhedge.filling import values
from xlhedge.filling.sources import Source, read
from xlhedge.market.history import CanonicalHistory
from xlhedge.templates._history import History, median_hours, moments_of

_NAMED = re.compile(r"(?P<asset>\S+)[ _](?P<kind>spot|futures|funding)", re.IGNORECASE)


class Market(NamedTuple):
    """One asset's series; None where the history has none."""

    asset: str
    spot: Floats
    futures: Floats | None
    funding: Floats | None

    @property
    def columns(self) -> dict[str, Floats]:
        """The series by the names that the table History gives them."""
        series = {"spot": self.spot, "futures": self.futures, "funding": self.funding}
        return {
            f"{self.asset} {kind}": values for kind, values in series.items() if values is not None
        }


@dataclass(frozen=True)
class BookHistory:
    """A market history of several assets, oldest first, times in UTC without a zone."""

    time: tuple[datetime, ...]
    markets: tuple[Market, ...]
    source: str
    notes: tuple[str, ...] = ()
    simulated: bool = False

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.time)

    @property
    def interval_hours(self) -> float:
        """The median spacing of the rows."""
        return median_hours(self.time)

    @property
    def columns(self) -> dict[str, Floats]:
        """All series by their names in the table History."""
        return {name: series for one in self.markets for name, series in one.columns.items()}


def of_one(history: History) -> BookHistory:
    """The history of a single asset as that of a book."""
    market = Market(history.asset, history.spot, history.futures, history.funding_rate)
    return BookHistory(
        history.time, (market,), history.source, history.notes, simulated=history.simulated
    )


def of_markets(histories: Sequence[CanonicalHistory], source: str) -> BookHistory:
    """Canonical histories on common closes as the history of a book.

    Raises
    ------
    FileError
        Where the funding of some bar is not known.
    """
    for history in histories:
        if history.funding_rate is not None and not np.all(np.isfinite(history.funding_rate)):
            raise FileError(
                f"{source}: the funding of some bars of {history.asset} is not known: take a time "
                "without gaps"
            )
    markets = tuple(
        Market(history.asset or "BTC", history.spot, history.futures, history.funding_rate)
        for history in histories
    )
    notes = dict.fromkeys(note for history in histories for note in history.notes)
    return BookHistory(moments_of(histories[0]), markets, source, tuple(notes))


def names_assets(header: Iterable[Any]) -> bool:
    """Whether columns are named as those of several assets: "BTC spot"."""
    return any(_NAMED.fullmatch(str(name).strip()) for name in header)


def read_book(path: Path | str | Source, since: datetime | None = None) -> BookHistory:
    """Read a file with the columns time, "BTC spot", "BTC futures", "BTC funding", "ETH spot".

    Parameters
    ----------
    path
        A CSV, Parquet or xlsx file, as `xlhedge history --asset BTC --asset ETH` writes it; or its
        rows.
    since
        Leave out the rows before this time (UTC).

    Raises
    ------
    FileError
        The file, row and column of the first thing that is wrong.
    """
    source = read(path)
    rows = [dict(zip(source.header, row, strict=True)) for row in source.rows]
    return _book(source.name, source.header, rows, source.numbers, since)


def book_of_columns(columns: Any, source: str = "data in memory") -> BookHistory:
    """A data frame or mapping with the columns time, "BTC spot", … as the history of a book."""
    names = [str(name) for name in columns]
    lists = [list(columns[name]) for name in columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]
    return _book(source, names, rows, range(1, len(rows) + 1), None)


def _book(
    source: str,
    header: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    numbers: Sequence[int],
    since: datetime | None,
) -> BookHistory:
    places = {name.strip().lower(): name for name in header}
    if "time" not in places:
        raise FileError(f"{source} has no column time: it has {', '.join(header) or 'none'}")
    cells = [row[places["time"]] for row in rows]
    time = values.read_column(cells, values.read_time, source, places["time"], numbers)
    for place in range(1, len(time)):
        if time[place] <= time[place - 1]:
            raise FileError(
                f"{source} row {numbers[place]}: the time {time[place]} is not after the row before"
            )
    first = 0 if since is None else sum(moment < since for moment in time)
    if first >= len(time):
        raise FileError(f"no row of {source} is left")
    series: dict[str, dict[str, Floats]] = {}
    for name in header:
        found = _NAMED.fullmatch(name.strip())
        if found is None:
            continue
        kind = found["kind"].lower()
        cells = [row[name] for row in rows[first:]]
        read_cell = _rate if kind == "funding" else _price
        series.setdefault(found["asset"], {})[kind] = np.array(
            values.read_column(cells, read_cell, source, name, numbers[first:])
        )
    for asset, kinds in series.items():
        if "spot" not in kinds:
            raise FileError(f"{source} has no column {asset} spot")
    markets = tuple(
        Market(asset, kinds["spot"], kinds.get("futures"), kinds.get("funding"))
        for asset, kinds in series.items()
    )
    return BookHistory(tuple(time[first:]), markets, Path(source).name)


def _rate(cell: Any) -> float:
    return values.read_number(cell.strip() if isinstance(cell, str) else cell)


def _price(cell: Any) -> float:
    number = _rate(cell)
    if number <= 0:
        raise FileError(f"a price must be positive, got {number:g}")
    return number
