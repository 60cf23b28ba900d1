"""Rows for the tables of the template workbooks, from the files that venues give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from xlhedge.errors import FileError
from xlhedge.filling.sources import Source, from_memory
from xlhedge.market import brackets, holdings
from xlhedge.market.assembly import Request, history_of
from xlhedge.market.checks import HOUR, Times, length, missing_bars, missing_settlements, stamp
from xlhedge.market.column_names import normal
from xlhedge.market.containers import RawTable, open_tables
from xlhedge.market.files import candles, read_series
from xlhedge.market.history import CanonicalHistory
from xlhedge.market.instants import instants
from xlhedge.market.numbers import numbers
from xlhedge.market.reading import Reading
from xlhedge.market.symbols import base

_EPOCH = datetime(1970, 1, 1)
_OF_TIERS = ("instrument", "account", "contract", "schedule", "unit")
"""Columns of the range tiers that may be blank."""


def rows_for(
    columns: Sequence[str],
    files: Sequence[str],
    reading: Reading,
    notes: list[str],
    assets: Sequence[str] = (),
) -> Source | None:
    """The rows of venues' files under the columns of a table; None for a table of another kind.

    Parameters
    ----------
    columns
        The table's columns.
    files
        Files and patterns.
    reading
        How to read them.
    notes
        What was recognised is added to it.
    assets
        Symbols or coins to take from a file of many.

    Raises
    ------
    FileError
        When the files do not hold what the table needs.
    """
    names = {name.lower() for name in columns}
    if "time" in names and (known := coins_of(columns)):
        if len(known) > 1:
            raise FileError(
                f"{', '.join(files)}: the table holds {', '.join(known)}: give --spot, --futures "
                "and --funding once for each coin, with --asset"
            )
        history = history_of(Request(files, reading=reading))
        notes += history.notes
        return of_histories([history], ", ".join(files), columns)
    if {"time", "spot", "futures", "funding_rate"} <= names:
        history = history_of(Request(files, reading=reading))
        notes += history.notes
        return of_history(history, ", ".join(files))
    if {"time", "open", "high", "low", "close"} <= names:
        return _candles(files, reading, notes)
    if {"time", "rate", "mark_price"} <= names:
        return _payments(files, reading, notes)
    if {"time", "asset", "price"} <= names:
        return _wide_prices(files, reading, notes)
    if {"floor", "rate"} <= names:
        found = brackets.read(_only(files), list(assets))
        if "asset" not in names and len(set(found["asset"])) > 1:
            coins = ", ".join(dict.fromkeys(found["asset"]))
            raise FileError(f"{files[0]} holds brackets of {coins}: name one, --asset COIN")
        # A file of one market's marginal brackets says nothing of the others' columns.
        found |= {name: [None] * len(found["floor"]) for name in _OF_TIERS if name in names}
        return from_memory({name: found[name] for name in found if name in names}, files[0])
    if set(holdings.COLUMNS) <= names:
        return from_memory(holdings.read(_only(files)), files[0])
    return None


def _only(files: Sequence[str]) -> Path:
    if len(files) != 1:
        raise FileError(f"{', '.join(files)}: this table takes one file")
    return Path(files[0])


def of_history(history: CanonicalHistory, name: str) -> Source:
    """A canonical history as the rows of a table History."""
    for what, values in (("futures", history.futures), ("funding", history.funding_rate)):
        if values is None:
            raise FileError(f"{name}: the history has no {what}: give --{what} FILE")
    return from_memory(
        {
            "time": _moments(history.time),
            "spot": history.spot,
            "futures": history.futures,
            "funding_rate": history.funding_rate,
        },
        name,
    )


def coins_of(columns: Sequence[str]) -> list[str]:
    """The coins that a table's columns name: BTC of "BTC spot"."""
    return [name[: -len(" spot")] for name in columns if name.lower().endswith(" spot")]


def of_histories(
    histories: Sequence[CanonicalHistory], name: str, columns: Sequence[str]
) -> Source:
    """Canonical histories on common closes as the rows of a table whose columns name coins.

    Raises
    ------
    FileError
        When a coin of the table is missing, or one of its series.
    """
    coins = coins_of(columns)
    if len(coins) == len(histories) == 1 and not histories[0].asset:
        histories = [replace(histories[0], asset=coins[0])]
    found: dict[str, Any] = {"time": _moments(histories[0].time)}
    given = {history.asset.upper(): history for history in histories}
    for column in columns:
        coin, _, kind = column.rpartition(" ")
        if kind.lower() not in ("spot", "futures", "funding"):
            continue
        if coin.upper() not in given:
            raise FileError(f"{name}: the table needs {coin}, too: give it with --asset {coin}")
        history = given[coin.upper()]
        series = (
            history.funding_rate if kind.lower() == "funding" else getattr(history, kind.lower())
        )
        if series is None:
            raise FileError(f"{name}: the history of {coin} has no {kind.lower()}")
        found[column] = series
    return from_memory(found, name)


def _moments(times: Times) -> list[datetime]:
    return [_EPOCH + timedelta(milliseconds=time) for time in times.tolist()]


def _candles(files: Sequence[str], reading: Reading, notes: list[str]) -> Source:
    """Candles under the time of their close."""
    found = candles(files, reading)
    notes += [note for series in found.values() for note in series.notes]
    time = found["close"].time
    gaps = missing_bars(time, found["close"].interval)
    if gaps:
        raise FileError(
            f"{found['close'].place(gaps[0].after)}: after it bars are missing: {gaps[0]}"
        )
    return from_memory(
        {"time": _moments(time), **{name: series.value for name, series in found.items()}},
        ", ".join(files),
    )


def _payments(files: Sequence[str], reading: Reading, notes: list[str]) -> Source:
    """Settlements of funding with the mark price at each."""
    funding, prices = [], []
    for file in files:
        try:
            read_series([file], "funding", reading)
            funding.append(file)
        except FileError:
            prices.append(file)
    if not funding:
        read_series(files, "funding", reading)
    rates = read_series(funding, "funding", reading)["funding"]
    notes += rates.notes
    gaps = missing_settlements(rates.time, rates.declared)
    if gaps:
        raise FileError(
            f"{rates.place(gaps[0].after)}: after it settlements are missing: {gaps[0]}"
        )
    if not prices:
        marks = _marks_beside(funding, reading)
        if marks is None:
            raise FileError(
                f"{', '.join(files)} has no mark prices: name their candles, too, as "
                f"TABLE={files[0]},MARK_CANDLES"
            )
        return from_memory(
            {"time": _moments(rates.time), "rate": rates.value, "mark_price": marks}, files[0]
        )
    marks = read_series(prices, "futures", reading)["futures"]
    notes += marks.notes
    place = np.minimum(np.searchsorted(marks.time, rates.time), len(marks.time) - 1)
    inside = (rates.time >= marks.time[0]) & (rates.time <= marks.time[-1])
    lacking = inside & (marks.time[place] != rates.time)
    if np.any(lacking) or not np.any(inside):
        time = rates.time[np.flatnonzero(lacking)[0]] if np.any(lacking) else rates.time[0]
        raise FileError(
            f"{marks.name} has no bar of {length(marks.interval)} that closes at {stamp(time)}, "
            "when funding was settled"
        )
    return from_memory(
        {
            "time": _moments(rates.time[inside]),
            "rate": rates.value[inside],
            "mark_price": marks.value[place[inside]],
        },
        ", ".join(files),
    )


def _marks_beside(funding: Sequence[str], reading: Reading) -> Any:
    """Mark prices that stand in the funding's own file."""
    (table,) = open_tables(Path(funding[0]))
    names = [normal(name) for name in table.header]
    if len(funding) != 1 or "mark_price" not in names:
        return None
    mapping = {table.header[names.index("mark_price")]: "funding_rate"}
    times = next(
        (name for name in table.header if "time" in normal(name) and "rate" not in normal(name)), ""
    )
    marks = read_series(funding, "funding", replace(reading, mapping={**mapping, times: "time"}))[
        "funding"
    ]
    return marks.value


def _wide_prices(files: Sequence[str], reading: Reading, notes: list[str]) -> Source:
    """A column of prices per coin, as rows of time, asset and price."""
    (table,) = open_tables(_only(files))
    names = [normal(name) for name in table.header]
    place = next(
        (names.index(n) for n in ("time", "date", "datetime", "timestamp", "unix") if n in names),
        None,
    )
    coins = [
        other
        for other, name in enumerate(table.header)
        if other != place and name and _is_coin(table, other)
    ]
    if place is None or not coins:
        raise FileError(
            f"{table.name} holds no time and prices by coin: its header is "
            f"{', '.join(table.header) or 'none'}"
        )
    columns = table.columns([place, *coins], as_text=reading.decimal == "comma")
    time = instants(
        columns[place], f"{table.name}, column {table.header[place]}", table.first_row,
        day_first=reading.day_first, zone=reading.zone,
    )  # fmt: skip
    notes.append(f"{table.name}: prices of {len(coins)} columns, {time.said}")
    closes = time.time + (24 * HOUR if time.whole_days else 0)
    where = {coin: f"{table.name}, column {table.header[coin]}" for coin in coins}
    read = numbers({coin: columns[coin] for coin in coins}, where, table.first_row, reading.decimal)
    prices = np.column_stack([read.columns[coin] for coin in coins])
    order = np.argsort(closes, kind="stable")
    steps = np.diff(closes[order])
    if len(steps) and not np.all(steps > 0):
        again = stamp(closes[order][np.flatnonzero(steps == 0)[0]])
        raise FileError(f"{table.name}: the time {again} comes twice")
    if not np.all(prices > 0):
        row, column = np.argwhere(~(prices > 0))[0]
        raise FileError(
            f"{table.name} row {table.first_row + int(row)}, column "
            f"{table.header[coins[int(column)]]}: a price is missing or not positive"
        )
    assets = [base(table.header[coin]) for coin in coins]
    if len(set(assets)) < len(assets):
        raise FileError(f"{table.name} has two columns of one coin: {', '.join(assets)}")
    moments = _moments(closes[order])
    return from_memory(
        {
            "time": [moment for moment in moments for _ in assets],
            "asset": assets * len(moments),
            "price": prices[order].ravel(),
        },
        files[0],
    )


def _is_coin(table: RawTable, place: int) -> bool:
    """Whether a column's name is a coin's or a market's, and any of its cells a number."""
    name = table.header[place]
    return re.sub(r"[-/_]", "", name).isalnum() and any(
        re.search(r"\d", str(row[place])) for row in table.sample
    )
