"""A workbook's history brought up to date from the exchange that the book itself names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xlhedge.errors import FileError
from xlhedge.filling import FillReport, fill
from xlhedge.filling.reading import table_frame
from xlhedge.filling.sources import from_memory
from xlhedge.formula.addresses import Area, address, area_or_none, quote_sheet, sheet_of_prefix
from xlhedge.market import download
from xlhedge.market.checks import HOUR, stamp
from xlhedge.market.download import Connect, Download
from xlhedge.market.history import CanonicalHistory
from xlhedge.market.series import Progress
from xlhedge.sheet.cells import Cell
from xlhedge.system.files import locked
from xlhedge.workbook.cells import cells_named, cells_of, read_cells
from xlhedge.workbook.package import Package

TABLE = "History"
VENUE, SYMBOLS, SPOT = "SourceVenue", "SourceSymbols", "SourceSpot"

_SAME = 1e-6
_ANOTHER_MARKET = 0.02
_COMPARED = 3
_ROWS_OF_THE_STEP = 50
_SEPARATORS = re.compile(r"[,;\s]+")


class Change(NamedTuple):
    """A cell whose value is another one now; `name` is the book's name for it, or ""."""

    place: str
    name: str
    before: Cell
    after: Cell


@dataclass(slots=True)
class Refreshed:
    """What a refresh did.

    Parameters
    ----------
    last
        Close of the last row before, in milliseconds.
    rows
        The new rows: column to values. Empty where nothing was new.
    notes
        What the user should know of them.
    report
        What filling and recalculating did; None where nothing was written.
    changes
        Cells outside the table that changed, named ones first.
    """

    last: int
    rows: dict[str, list[Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    report: FillReport | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows are new."""
        return len(self.rows.get("time", []))


class _Book(NamedTuple):
    """What the book says of its source, and where its history ends; columns without formulas."""

    venue: str
    symbols: list[str]
    spot: str | None
    columns: list[str]
    last: int
    interval: int
    prices: dict[str, float]


def refresh(
    path: Path,
    connect: Connect,
    *,
    target: Path | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
    allow_gaps: bool = False,
    progress: Progress = lambda what, share: None,
    step: Callable[[str], None] | None = None,
) -> Refreshed:
    """Fetch the bars that have closed since the last row, fill them in, and recalculate.

    Parameters
    ----------
    path
        A workbook with the names SourceVenue and SourceSymbols, perhaps SourceSpot, and a table
        History.
    connect
        Gives the connection to an exchange by its name.
    target, overwrite
        Where to save, as `xlhedge.filling.fill` takes them; the book itself by default.
    dry_run
        Only say which rows would come.
    allow_gaps
        Take what is there where bars or settlements are missing.
    progress, step
        Called as pages come, and as each step begins.

    Raises
    ------
    FileError
        When the book lacks a name or the table, or its last row is not of that market.
    VenueError
        When the exchange refuses, or something is missing.
    """
    with locked(target or path):
        package = Package.open(path)
        book = _read(package, path)
        came = download.fetch(
            connect,
            book.venue,
            book.symbols,
            # The last row once more, to compare, and those before, should it be out of step.
            since=book.last - _COMPARED * book.interval,
            interval=book.interval,
            spot=book.spot,
            allow_gaps=allow_gaps,
            progress=progress,
        )
        result = Refreshed(book.last)
        if came.histories:
            result.notes = _compare(book, came)
            result.rows = _new_rows(book, came)
            result.notes += [note for item in came.histories for note in item.notes]
        if result.count and not dry_run:
            rows = from_memory(result.rows, f"{book.venue} {', '.join(book.symbols)}")
            result.report = fill(
                path,
                {TABLE: rows},
                target,
                overwrite=overwrite,
                append=True,
                progress=step,
                look=lambda filled: result.changes.extend(_changes(package, filled)),
            )
        if not dry_run:
            came.done()
    return result


def _read(package: Package, path: Path) -> _Book:
    venue = _texts(package, VENUE)
    symbols = _texts(package, SYMBOLS)
    if not venue or not symbols:
        raise FileError(
            f"{path} does not say where its history comes from: name a cell {VENUE} (such as "
            f"binance) and one or more {SYMBOLS} (such as BTC/USDT:USDT)"
        )
    spot = _texts(package, SPOT)
    frame = table_frame(package, TABLE)
    columns = [str(name).strip() for name in frame.columns]
    series = {name.lower(): frame.iloc[:, place] for place, name in enumerate(columns)}
    times = series.get("time")
    if times is None or times.dtype.kind != "M" or times.isna().all():
        raise FileError(f"{path}: the table {TABLE} needs a column time with dates")
    known = times.notna().to_numpy()
    closes = times[known].dt.round("s").to_numpy("datetime64[ms]").astype(np.int64)
    steps = np.diff(closes[-_ROWS_OF_THE_STEP:])
    if not len(steps) or np.any(steps <= 0):
        raise FileError(f"{path}: the table {TABLE} needs two rows at least, their times rising")
    interval, last = int(np.median(steps)), int(closes[-1])
    if interval % (HOUR // 60) or (24 * HOUR) % interval or last % interval:
        raise FileError(
            f"{path}: the rows of {TABLE} are {interval / HOUR:g} hours apart and end at "
            f"{stamp(last)}; bars of an exchange end on the hours of UTC and fill a day"
        )
    at = int(np.flatnonzero(known)[-1])
    cells = {name: values.iloc[at] for name, values in series.items()}
    prices = {
        name: float(cell)
        for name, cell in cells.items()
        if isinstance(cell, float) and np.isfinite(cell)
    }
    table = package.table(TABLE)
    formulas = cells_named(package, table.sheet).formulas
    typed = [
        name
        for place, name in enumerate(columns, table.area.left)
        if (table.data.bottom, place) not in formulas
    ]
    return _Book(venue[0], symbols, spot[0] if spot else None, typed, last, interval, prices)


def _texts(package: Package, name: str) -> list[str]:
    """The texts that a named cell or range holds; several may stand in one cell."""
    found = next(
        (item for item in package.defined_names if item.name.lower() == name.lower()), None
    )
    if found is None:
        return []
    sheet, _, cells = found.text.rpartition("!")
    area = area_or_none(cells.replace("$", ""))
    title = sheet_of_prefix(sheet).lower()
    part = next((item for item in package.worksheets if item.name.lower() == title), None)
    if area is None or part is None:
        raise FileError(f"{package.name}: the name {name} must be a cell or a range of cells")
    rows = cells_of(package, part).values(area, dates=True)
    texts = [str(value) for row in rows for value in row if value not in {None, ""}]
    return [text for cell in texts for text in _SEPARATORS.split(cell) if text]


def _columns(book: _Book, item: CanonicalHistory, several: bool) -> dict[str, Any]:
    """The history's columns under the names that the table has for them."""
    found = {}
    have = {name.lower() for name in book.columns}
    for name, values in list(item.columns().items())[1:4]:
        word = "funding" if name == "funding_rate" else name
        long = f"{item.asset} {word}"
        if long.lower() in have:
            found[long] = values
        elif not several and name in have:
            found[name] = values
    if not found:
        raise FileError(
            f"the table {TABLE} has no column for {item.asset}: it needs spot, futures and "
            f"funding_rate, or {item.asset} spot, {item.asset} futures and {item.asset} funding"
        )
    return found


def _compare(book: _Book, came: Download) -> list[str]:
    """Refuse a source whose last known row is another market's; note small differences."""
    notes = []
    for item in came.histories:
        place = int(np.searchsorted(item.time, book.last))
        if place >= len(item) or item.time[place] != book.last:
            continue
        for name, values in _columns(book, item, len(came.histories) > 1).items():
            if values is None or name.lower() not in book.prices or "funding" in name:
                continue
            ours, theirs = book.prices[name.lower()], float(values[place])
            share = abs(ours / theirs - 1)
            told = f"at {stamp(book.last)} {name} is {ours:.12g} in the book and {theirs:.12g} now"
            near = [place + shift for shift in (-2, -1, 1) if 0 <= place + shift < len(item)]
            moved = [at for at in near if abs(ours / float(values[at]) - 1) <= _SAME]
            if share > _SAME and moved:
                raise FileError(
                    f"{told}; the book's is that of {stamp(item.time[moved[0]])}: its times are "
                    "the bars' openings, or of another zone, and must be closes in UTC"
                )
            if share > _ANOTHER_MARKET:
                raise FileError(f"{told}: {book.venue} {' '.join(book.symbols)} is another market")
            if share > _SAME:
                notes.append(f"{told}: the rows before came from elsewhere")
    return notes


def _new_rows(book: _Book, came: Download) -> dict[str, list[Any]]:
    first = came.histories[0]
    new = first.time > book.last
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    rows: dict[str, list[Any]] = {
        "time": [epoch + timedelta(milliseconds=int(time)) for time in first.time[new]]
    }
    for item in came.histories:
        for name, values in _columns(book, item, len(came.histories) > 1).items():
            if values is not None:
                rows[name] = [float(value) for value in np.asarray(values)[new]]
    if "interval_hours" in {name.lower() for name in book.columns}:
        rows["interval_hours"] = [first.interval_hours] * int(np.count_nonzero(new))
    return rows


def _changes(before: Package, after: Package) -> list[Change]:
    """Formula cells outside the table whose values differ."""
    table = after.tables[TABLE.lower()]
    names = _names(after)
    old = {sheet.sheet.name: sheet for sheet in read_cells(before)}
    found = []
    for sheet in read_cells(after):
        same = old.get(sheet.sheet.name)
        for row, column in sheet.formulas:
            inside = sheet.sheet.name == table.sheet and table.area.holds((row, column))
            if same is None or inside:
                continue
            was, now = same.value((row, column)), sheet.value((row, column))
            if was != now:
                place = f"{quote_sheet(sheet.sheet.name)}!{address(row, column)}"
                found.append(Change(place, names.get(place.lower(), ""), was, now))
    return sorted(found, key=lambda change: not change.name)


def _names(package: Package) -> dict[str, str]:
    """Place of a single cell to the book's name for it."""
    found = {}
    for item in package.defined_names:
        sheet, _, cells = item.text.rpartition("!")
        area = area_or_none(cells.replace("$", ""))
        if isinstance(area, Area) and area.is_cell:
            found[f"{sheet}!{area}".lower()] = item.name
    return found


def shown(rows: dict[str, list[Any]], limit: int = 5) -> Sequence[Sequence[Any]]:
    """The new rows as a rectangle with a header, the first and last of many."""
    count = len(rows["time"])
    places = range(count) if count <= 2 * limit else [*range(limit), *range(count - limit, count)]
    return [list(rows), *[[values[place] for values in rows.values()] for place in places]]
