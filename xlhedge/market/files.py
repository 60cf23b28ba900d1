"""Series from files: containers opened, layouts recognised, opening times made closing times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xlhedge.core.types import Floats
from xlhedge.errors import FileError
from xlhedge.market import checks
from xlhedge.market.checks import DAY, MINUTE, SECOND, Times, length, stamp
from xlhedge.market.containers import RawTable, open_tables
from xlhedge.market.history import Series
from xlhedge.market.instants import Instants, instants
from xlhedge.market.layouts import Layout, Role, recognise
from xlhedge.market.numbers import numbers
from xlhedge.market.reading import Reading, expand
from xlhedge.market.symbols import base

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class _Piece:
    """Rows of one table."""

    name: str
    time: Times
    columns: dict[str, Floats]
    row: Times
    interval: int
    declared: Floats | None
    column: str
    symbol: str
    notes: list[str]
    per_bar: bool = False
    opens: bool = False
    """Whether the times are still those of openings, since one row tells no length."""


def read_series(given: Sequence[str], role: Role, reading: Reading) -> dict[str, Series]:
    """The series that files hold, oldest first.

    Parameters
    ----------
    given
        Files and patterns, in any order, overlapping or not.
    role
        What they were given for. A file that was given for spot may hold futures and funding.
    reading
        How to read them.

    Returns
    -------
    dict
        Series by role; their notes say what was recognised.

    Raises
    ------
    FileError
        For what cannot be read or can be read two ways.
    """
    pieces = [_piece(table, role, reading) for path in expand(given) for table in open_tables(path)]
    _refuse_other_symbols(pieces)
    found: dict[str, Series] = {}
    for part in dict.fromkeys(name for piece in pieces for name in piece.columns):
        having = [piece for piece in pieces if part in piece.columns]
        if len(having) != len(pieces):
            lacking = next(piece.name for piece in pieces if part not in piece.columns)
            raise FileError(f"{lacking} has no {part}, and {having[0].name} has it")
        found[part] = _joined(having, part)
    return found


def candles(given: Sequence[str], reading: Reading) -> dict[str, Series]:
    """Open, high, low and close of candles, as series over their closing times.

    Raises
    ------
    FileError
        When a file holds no candles.
    """
    pieces = []
    for path in expand(given):
        for table in open_tables(path):
            layout = recognise(table, "spot", reading.mapping)
            if len(layout.candle) != 3 or layout.kind != "bars" or len(layout.prices) != 1:
                raise FileError(f"{table.name} holds no open, high, low and close")
            (close,) = layout.prices.values()
            layout = replace(layout, prices={**layout.candle, "close": close})
            pieces.append(_piece_of(table, layout, reading))
    _refuse_other_symbols(pieces)
    return {part: _joined(pieces, part) for part in ("open", "high", "low", "close")}


def _joined(pieces: list[_Piece], part: str) -> Series:
    bars = part != "funding"
    lengths = {piece.interval for piece in pieces if piece.interval}
    if bars and not lengths:
        # Archives of one row each: together they tell it.
        lengths = {checks.common_step(_one([piece.time for piece in pieces]))} - {0}
    if bars and not lengths:
        raise FileError(
            f"{pieces[0].name} has one row, which does not tell how long its bar is: give more rows"
        )
    if bars and len(lengths) > 1:
        listed = " and ".join(f"{length(p.interval)} in {p.name}" for p in pieces if p.interval)
        raise FileError(f"the bars are not of one length: {listed}: give one length per option")
    files = tuple(piece.name for piece in pieces)
    interval = lengths.pop() if lengths and (bars or pieces[0].per_bar) else 0
    first = next(iter(pieces[0].columns))
    notes = tuple(note for piece in pieces for note in piece.notes) if part == first else ()
    declared = [piece.declared for piece in pieces]
    # The only bar of a file has the length of the others.
    times = [piece.time + interval if piece.opens and bars else piece.time for piece in pieces]
    return Series.sorted(
        files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more",
        _one(times),
        _one([piece.columns[part] for piece in pieces]),
        interval=interval,
        declared=None if any(one is None for one in declared) else np.concatenate(declared),  # type: ignore[arg-type]
        row=_one([piece.row for piece in pieces]),
        file=_file_of_each(pieces),
        files=files,
        column=pieces[0].column,
        notes=notes,
    )


def _one(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _file_of_each(pieces: list[_Piece]) -> Times | None:
    if len(pieces) == 1:
        return None
    return np.repeat(np.arange(len(pieces)), [len(piece.time) for piece in pieces])


def _piece(table: RawTable, role: Role, reading: Reading) -> _Piece:
    return _piece_of(table, recognise(table, role, reading.mapping), reading)


def _piece_of(table: RawTable, layout: Layout, reading: Reading) -> _Piece:
    places = {layout.time, *layout.prices.values()}
    texts = {place for place in (layout.confirm, layout.symbol) if place is not None}
    for place in (layout.rate, layout.close_time, layout.interval):
        if place is not None:
            places.add(place)
    columns = table.columns(sorted(places | texts), as_text=reading.decimal == "comma")
    notes = list(table.notes)
    index = _rows(columns, places)
    index, symbol = _of_asset(columns, layout, index, table, reading)
    index = _finished(columns, layout, index, notes, table)
    if not index.all():
        columns = {place: column[index] for place, column in columns.items()}
    times = _instants(columns[layout.time], layout.time, layout, table, reading)
    values, said = _values(columns, layout, table, reading)
    notes.insert(0, f"{table.name}: {layout.name}, {times.said}{said}")
    piece = _Piece(
        table.name, times.time, values, np.flatnonzero(index) + table.first_row, 0, None,
        layout.labels[layout.time], symbol, notes,
    )  # fmt: skip
    if layout.kind == "settlements":
        return _settlements(piece, columns, layout)
    if layout.kind == "trades":
        return _bars_of_trades(piece, reading)
    return _bars(piece, columns, layout, times, table, reading)


def _rows(columns: dict[int, pd.Series], places: set[int]) -> NDArray[np.bool_]:
    """Which rows hold anything."""
    blank = np.ones(len(next(iter(columns.values()))), dtype=bool)
    # Numbers first: where none is missing, no text need be looked at.
    for place in sorted(places, key=lambda place: columns[place].dtype.kind not in "iufMb"):
        if not blank.any():
            break
        column = columns[place]
        empty = column.isna().to_numpy()
        if column.dtype.kind not in "iufMb":
            text = column.astype("string").str.strip()
            empty = empty | (text == "").fillna(value=True).to_numpy(bool)
        blank &= empty
    return ~blank


def _of_asset(
    columns: dict[int, pd.Series],
    layout: Layout,
    index: NDArray[np.bool_],
    table: RawTable,
    reading: Reading,
) -> tuple[NDArray[np.bool_], str]:
    """The rows of the asset, in a file of several instruments."""
    if layout.symbol is None:
        return index, ""
    symbols = columns[layout.symbol].astype("string").str.strip().fillna("")
    found = [name for name in dict.fromkeys(symbols[index]) if name]
    if len(found) <= 1:
        return index, found[0] if found else ""
    wanted = reading.asset.upper()
    fits = [name for name in found if wanted and name.upper() == wanted]
    fits = fits or [name for name in found if wanted and base(name) == wanted]
    if len(fits) != 1:
        listed = ", ".join((fits or found)[:6]) + (", …" if len(fits or found) > 6 else "")
        hint = f"--asset {(fits or found)[0]}"
        raise FileError(f"{table.name} holds several instruments ({listed}): name one, {hint}")
    chosen: NDArray[np.bool_] = (symbols == fits[0]).to_numpy(bool)
    return index & chosen, fits[0]


def _refuse_other_symbols(pieces: list[_Piece]) -> None:
    coins = {base(piece.symbol): piece for piece in pieces if piece.symbol}
    if len(coins) > 1:
        listed = " and ".join(f"{piece.symbol} in {piece.name}" for piece in coins.values())
        raise FileError(f"the files differ in their coin: {listed}: they are not of one market")


def _finished(
    columns: dict[int, pd.Series],
    layout: Layout,
    index: NDArray[np.bool_],
    notes: list[str],
    table: RawTable,
) -> NDArray[np.bool_]:
    """Rows of bars that the venue says are finished."""
    if layout.confirm is None or layout.kind != "bars":
        return index
    said = columns[layout.confirm].astype("string").str.strip().str.lower()
    running = said.isin(["0", "0.0", "false", "no"]).to_numpy(bool) & index
    if running.any():
        count = int(running.sum())
        notes.append(f"{table.name}: {count} unfinished {'bar' if count == 1 else 'bars'} dropped")
    return np.asarray(index & ~running, dtype=bool)


def _instants(
    column: pd.Series, place: int, layout: Layout, table: RawTable, reading: Reading
) -> Instants:
    label = layout.labels[place]
    found = instants(
        column, f"{table.name}, column {label}", table.first_row,
        day_first=reading.day_first, zone=reading.zone,
    )  # fmt: skip
    dates = "date" in label.lower() and "time" not in label.lower()
    if dates and column.dtype.kind == "M" and not np.any(found.time % DAY):
        return replace(found, whole_days=True)
    return found


def _values(
    columns: dict[int, pd.Series], layout: Layout, table: RawTable, reading: Reading
) -> tuple[dict[str, Floats], str]:
    wanted = dict(layout.prices)
    if layout.rate is not None:
        wanted["funding"] = layout.rate
    where = {place: f"{table.name}, column {layout.labels[place]}" for place in wanted.values()}
    read = numbers(
        {place: columns[place] for place in where}, where, table.first_row, reading.decimal
    )
    found = {part: read.columns[place] for part, place in wanted.items()}
    said = f", {read.said}" if read.said else ""
    unsigned = layout.rate is not None and layout.rate not in read.per_cent
    if unsigned and (layout.per_cent or reading.percent):
        found["funding"] = found["funding"] / 100.0
        said += ", funding in per cent"
    if layout.kind == "bars":
        # A canonical history has its columns, and they may all be blank.
        found = {
            part: values
            for part, values in found.items()
            if part == "spot" or not np.all(np.isnan(values))
        }
    return found, said


def _settlements(piece: _Piece, columns: dict[int, pd.Series], layout: Layout) -> _Piece:
    piece.time = checks.settled_at(piece.time)
    if layout.interval is not None:
        piece.declared = _hours(columns[layout.interval])
    return piece


def _hours(column: pd.Series) -> Floats:
    import pandas as pd

    text = column.astype("string").str.strip().str.rstrip("hH")
    return np.asarray(pd.to_numeric(text, errors="coerce").astype(float), dtype=np.float64)


def _bars(
    piece: _Piece,
    columns: dict[int, pd.Series],
    layout: Layout,
    times: Instants,
    table: RawTable,
    reading: Reading,
) -> _Piece:
    label = layout.labels[layout.time]
    piece.interval = checks.common_step(piece.time)
    if layout.interval is not None and layout.canonical:
        hours = _hours(columns[layout.interval])
        if len(np.unique(hours)) != 1 or not hours[0] > 0:
            raise FileError(f"{piece.name}: the column interval_hours must hold one length")
        piece.interval = round(float(hours[0]) * checks.HOUR)
        piece.declared, piece.per_bar = hours, True
    elif layout.rate is not None:
        piece.per_bar = True
        piece.declared = np.full(len(piece.time), piece.interval / checks.HOUR)
    if times.whole_days:
        piece.time = piece.time + DAY
        piece.interval = DAY
        piece.notes[0] += ", a date is a day, which closes at the next 00:00 UTC"
    elif layout.names == "opening":
        if layout.close_time is not None:
            closing = _instants(
                columns[layout.close_time], layout.close_time, layout, table, reading
            )
            ends = _rounded(closing.time)
            lengths, counts = np.unique(ends - piece.time, return_counts=True)
            piece.interval = int(lengths[int(np.argmax(counts))])
        piece.time = piece.time + piece.interval
        piece.opens = not piece.interval
        if piece.interval:
            piece.notes[0] += f", {label} is the opening of a bar of {length(piece.interval)}"
    else:
        piece.time = _rounded(piece.time)
    if piece.interval < 0 or (piece.interval == 0 and len(piece.time) > 1):
        raise FileError(f"{piece.name}: the times in {label} do not rise")
    _drop_running(piece, reading.present())
    return piece


def _rounded(closes: Times) -> Times:
    """Closes made round, where they name the last unit of time before it."""
    for unit in (1, SECOND):
        if len(closes) and np.all(closes % MINUTE == MINUTE - unit):
            return closes + unit
    return closes


def _drop_running(piece: _Piece, now: int) -> None:
    running = piece.time > now
    if not np.any(running):
        return
    if int(np.count_nonzero(running)) > 1:
        index = int(np.flatnonzero(running)[0])
        raise FileError(
            f"{piece.name} row {int(piece.row[index])}: {stamp(piece.time[index])} lies in the "
            "future"
        )
    piece.notes.append(
        f"{piece.name}: the bar that closes at {stamp(piece.time[running][0])} is still running: "
        "dropped"
    )
    kept = ~running
    piece.time, piece.row = piece.time[kept], piece.row[kept]
    piece.columns = {part: values[kept] for part, values in piece.columns.items()}
    if piece.declared is not None:
        piece.declared = piece.declared[kept]


def _bars_of_trades(piece: _Piece, reading: Reading) -> _Piece:
    """The last price of each bar in which something was traded."""
    interval = reading.interval
    if not interval:
        raise FileError(f"{piece.name} holds trades: say how long the bars are, --interval 8h")
    time, row = piece.time, piece.row
    if len(time) > 1 and time[0] > time[-1]:
        time, row = time[::-1], row[::-1]
        piece.columns = {part: values[::-1] for part, values in piece.columns.items()}
    order = np.argsort(time, kind="stable")
    closes = (time[order] // interval + 1) * interval
    last = np.flatnonzero(np.append(np.diff(closes) > 0, True))
    newest = int(time[order[-1]])
    if closes[last[-1]] - newest > max(interval // 100, MINUTE):
        piece.notes.append(
            f"{piece.name}: the bar that closes at {stamp(closes[last[-1]])} is not finished: "
            "dropped"
        )
        last = last[:-1]
    if not len(last):
        raise FileError(f"{piece.name} holds no whole bar of {length(interval)}")
    taken = order[last]
    piece.time, piece.row, piece.interval = closes[last], row[taken], interval
    piece.columns = {part: values[taken] for part, values in piece.columns.items()}
    return piece
