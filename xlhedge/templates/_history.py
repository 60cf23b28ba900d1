"""A market history for the templates: read from CSV files or taken from data in memory.

Rows are never guessed, filled or reordered: whatever is wrong is refused with the file, the row
(as a text editor counts, the header is row 1) and the column.

Which funding belongs to which price: rows are joined by equal times, floored to the minute, since
exchanges stamp funding up to a few seconds late. A row should say what was known at its time: the
funding paid at T beside the prices at T. Candle files stamp the close of a bar with the time at
which the bar opened, so the close of the row T was seen one bar later; `shift_hours` (8 for
8-hour candles) moves the prices to the time of their close. Without it the funding paid at the
beginning of each bar stands beside the bar's close. Means and the last rows hardly differ, lead
and lag between basis and funding do.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.errors import FileError, InputError
from xlhedge.filling import values
from xlhedge.filling.sources import Source, read
from xlhedge.market.history import CanonicalHistory

PRICES = ("time", "spot", "futures")
FUNDING = ("time", "funding_rate")
COLUMNS = ("time", "spot", "futures", "funding_rate")
"""Columns of the History table."""

_SHEET_ROWS = 1_048_576 - 100


@dataclass(frozen=True)
class History:
    """Market history, oldest first, times in UTC without a zone.

    `source` and `notes` are shown on the sheet: where the rows come from and what was left out.
    `asset` is the coin that the prices are of.
    """

    time: tuple[datetime, ...]
    spot: Floats
    futures: Floats
    funding_rate: Floats
    source: str
    notes: tuple[str, ...] = ()
    asset: str = "BTC"
    simulated: bool = False

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.time)

    @property
    def interval_hours(self) -> float:
        """The median spacing of the rows."""
        return median_hours(self.time)


def median_hours(times: Sequence[datetime]) -> float:
    """The median spacing of times in hours; the usual 8 where there is none."""
    if len(times) < 2:
        return 8.0
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    return round(statistics.median(gaps) / 3600.0, 6)


@dataclass(frozen=True)
class _Rows:
    """Columns of one source with the row numbers that sentences use."""

    source: str
    time: list[datetime]
    columns: dict[str, list[float]]
    numbers: list[int]


def read_history(
    prices: Path | str | Source,
    funding: Path | str | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    since: datetime | None = None,
    shift_hours: float = 0.0,
    asset: str = "BTC",
) -> History:
    """Read spot, futures and funding rates from CSV, Parquet or xlsx files.

    Parameters
    ----------
    prices
        File with time, spot and futures, and funding_rate unless `funding` is given; or its rows.
    funding
        File with time and funding_rate, joined to the prices on time.
    mapping
        Column of the file to column of the table, for names that differ:
        ``{"open_time_utc": "time", "spot_close": "spot"}``. It serves both files; other columns
        are passed over.
    since
        Leave out the rows before this time (UTC).
    shift_hours
        Hours added to the times of the prices: the length of a bar, where closes are stamped with
        the time at which their bar opened.
    asset
        The coin that the prices are of.

    Raises
    ------
    FileError
        The file, row and column of the first thing that is wrong.
    """
    mapping = dict(mapping or {})
    wanted = PRICES if funding is not None else COLUMNS
    known: set[str] = set()
    rows = _shifted(_read(prices, wanted, mapping, known), shift_hours)
    paid = _read(funding, FUNDING, mapping, known) if funding is not None else None
    unused = [name for name in mapping if name not in known]
    if unused:
        raise FileError(f"--map names the column {unused[0]!r}, which no file has")
    return replace(_joined(rows, paid, since), asset=asset)


def from_columns(
    history: Any, funding: Any = None, *, source: str = "data in memory", asset: str = "BTC"
) -> History:
    """A history from a data frame or a mapping of columns, under the same rules as a file.

    Parameters
    ----------
    history
        time, spot, futures, and funding_rate unless `funding` is given.
    funding
        time and funding_rate.
    source
        What the sheet says about where the rows come from.
    asset
        The coin that the prices are of.
    """
    wanted = PRICES if funding is not None else COLUMNS
    rows = _from_memory(history, wanted, source)
    paid = _from_memory(funding, FUNDING, source) if funding is not None else None
    return replace(_joined(rows, paid, None), asset=asset)


def of_market(history: CanonicalHistory, source: str) -> History:
    """A canonical history as the rows of a template.

    Raises
    ------
    FileError
        When it lacks futures or funding, or funding of some bar is not known.
    """
    if history.futures is None or history.funding_rate is None:
        what = "futures" if history.futures is None else "funding"
        raise FileError(f"{source}: the history has no {what}: give --{what} FILE")
    if not np.all(np.isfinite(history.funding_rate)):
        raise FileError(
            f"{source}: the funding of some bars is not known: take a time without gaps"
        )
    if len(history) > _SHEET_ROWS:
        raise FileError(f"{source} gives {len(history)} rows, more than a sheet holds")
    return History(
        time=moments_of(history),
        spot=history.spot,
        futures=history.futures,
        funding_rate=history.funding_rate,
        source=source,
        notes=history.notes,
        asset=history.asset or "BTC",
    )


def moments_of(history: CanonicalHistory) -> tuple[datetime, ...]:
    """The times of a canonical history, UTC without a zone."""
    start = datetime(1970, 1, 1)
    return tuple(start + timedelta(milliseconds=time) for time in history.time.tolist())


def _read(
    given: Path | str | Source, wanted: Sequence[str], mapping: dict[str, str], known: set[str]
) -> _Rows:
    source = read(given)
    known.update(source.header)
    places = _places(source.name, source.header, wanted, mapping)
    rows = _Rows(source.name, [], {name: [] for name in wanted if name != "time"}, [])
    for line, cells in zip(source.numbers, source.rows, strict=True):
        for name, index in places.items():
            cell = cells[index]
            _take(rows, name, cell.strip() if isinstance(cell, str) else cell, line)
        rows.numbers.append(line)
    return _checked(rows)


def _places(
    source: str, header: list[str], wanted: Sequence[str], mapping: dict[str, str]
) -> dict[str, int]:
    """Where each wanted column stands."""
    for target in mapping.values():
        if target not in COLUMNS:
            raise FileError(f"--map gives {target!r}: the table's columns are {', '.join(COLUMNS)}")
    places: dict[str, int] = {}
    mapped = {mapping[name] for name in header if name in mapping}
    for index, name in enumerate(header):
        target = mapping.get(name, name.lower())
        if target not in wanted or (name not in mapping and target in mapped):
            continue
        if target in places:
            raise FileError(f"{source} has two columns for {target}")
        places[target] = index
    missing = [name for name in wanted if name not in places]
    if missing:
        hint = " or give the funding's own file" if missing == ["funding_rate"] else ""
        raise FileError(
            f"{source} has no column {', '.join(missing)}: it has {', '.join(header) or 'none'}; "
            f"name them with --map COLUMN={missing[0]}{hint}"
        )
    return places


def _take(rows: _Rows, name: str, cell: Any, line: int) -> None:
    try:
        if name == "time":
            # Exchanges stamp funding some seconds late.
            rows.time.append(values.read_time(cell).replace(second=0, microsecond=0))
        else:
            rows.columns[name].append(values.read_number(cell))
    except FileError as problem:
        raise FileError(f"{rows.source} row {line}, column {name}: {problem}") from None


def _from_memory(data: Any, wanted: Sequence[str], source: str) -> _Rows:
    missing = [name for name in wanted if name not in data]
    if missing:
        raise InputError(f"the history has no column {', '.join(missing)}")
    columns = {name: list(data[name]) for name in wanted}
    if len({len(column) for column in columns.values()}) > 1:
        raise InputError("the columns of the history must have the same number of rows")
    rows = _Rows(source, [], {name: [] for name in wanted if name != "time"}, [])
    for row, cells in enumerate(zip(*columns.values(), strict=True), 1):
        for name, cell in zip(wanted, cells, strict=True):
            _take(rows, name, cell, row)
        rows.numbers.append(row)
    return _checked(rows)


def _checked(rows: _Rows) -> _Rows:
    """Refuse what a history cannot hold: no rows, times out of order, prices that are not."""
    if not rows.time:
        raise FileError(f"{rows.source} has no rows")
    if len(rows.time) > _SHEET_ROWS:
        raise FileError(f"{rows.source} has {len(rows.time)} rows, more than a sheet holds")
    for index in range(1, len(rows.time)):
        before, moment = rows.time[index - 1], rows.time[index]
        if moment <= before:
            what = "is there twice" if moment == before else f"comes after {before}"
            raise FileError(f"{rows.source} row {rows.numbers[index]}: the time {moment} {what}")
    for name in ("spot", "futures"):
        for row, value in zip(rows.numbers, rows.columns.get(name, []), strict=False):
            if value <= 0:
                raise FileError(
                    f"{rows.source} row {row}, column {name}: a price must be positive, "
                    f"got {value:g}"
                )
    return rows


def _shifted(rows: _Rows, hours: float) -> _Rows:
    moved = [moment + timedelta(hours=hours) for moment in rows.time]
    return _Rows(rows.source, moved, rows.columns, rows.numbers)


def _joined(rows: _Rows, paid: _Rows | None, since: datetime | None) -> History:
    notes: list[str] = []
    keep = range(len(rows.time))
    if since is not None:
        keep = range(sum(moment < since for moment in rows.time), len(rows.time))
        if keep.start:
            notes.append(f"{keep.start:,} rows before {since:%Y-%m-%d} left out")
    if paid is None:
        rates = dict(zip(rows.time, rows.columns["funding_rate"], strict=True))
        source = Path(rows.source).name
    else:
        rates = dict(zip(paid.time, paid.columns["funding_rate"], strict=True))
        source = f"{Path(rows.source).name} and {Path(paid.source).name}"
        keep = _overlap(rows, paid, keep, notes)
    if not keep:
        raise FileError(f"no row of {source} is left")
    time = tuple(rows.time[keep.start : keep.stop])
    return History(
        time=time,
        spot=np.array(rows.columns["spot"][keep.start : keep.stop]),
        futures=np.array(rows.columns["futures"][keep.start : keep.stop]),
        funding_rate=np.array([rates[moment] for moment in time]),
        source=source,
        notes=tuple(notes),
    )


def _overlap(rows: _Rows, paid: _Rows, keep: range, notes: list[str]) -> range:
    """The price rows between the first and the last time that both files have."""
    funded = set(paid.time)
    shared = [index for index in keep if rows.time[index] in funded]
    if not shared:
        raise FileError(f"{rows.source} and {paid.source} have no time in common")
    span = range(shared[0], shared[-1] + 1)
    for index in span:
        if rows.time[index] not in funded:
            raise FileError(
                f"{rows.source} row {rows.numbers[index]}: {paid.source} has no funding rate at "
                f"{rows.time[index]}; give prices at the times of the funding"
            )
    priced = set(rows.time)
    for row, moment in zip(paid.numbers, paid.time, strict=True):
        inside = rows.time[span.start] < moment < rows.time[span.stop - 1]
        if inside and moment not in priced:
            raise FileError(f"{paid.source} row {row}: {rows.source} has no prices at {moment}")
    left = len(keep) - len(span)
    if left:
        notes.append(f"{left:,} price rows at the ends without a funding rate left out")
    first, last = rows.time[span.start], rows.time[span.stop - 1]
    beyond = sum(
        moment > last or (moment < first and not _before(keep, rows, moment))
        for moment in paid.time
    )
    if beyond:
        notes.append(f"{beyond:,} funding rows at the ends without prices left out")
    return span


def _before(keep: range, rows: _Rows, moment: datetime) -> bool:
    """Whether a time lies before the first row that was asked for."""
    return keep.start > 0 and moment < rows.time[keep.start]
