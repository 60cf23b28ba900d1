"""Matches the columns of a source with those of a table, and makes cells of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from xlhedge.errors import FileError
from xlhedge.filling import values
from xlhedge.filling.report import Filled
from xlhedge.filling.sources import Source
from xlhedge.filling.table import Column, ColumnKind, Standing
from xlhedge.sheet.cells import LONGEST_TEXT

Value = float | str | bool | None
Columns = dict[str, list[Value]]
"""Values by the table's column; columns that are missing are calculated."""


def matched(source: Source, found: Standing, mapping: Mapping[str, str], filled: Filled) -> Columns:
    """The cells of a source under the columns of a table, refused with row and column.

    `mapping` leads from a column of the source to one of the table, for names that differ. The
    report gets what is to be told of the columns.
    """
    if not source.rows:
        raise FileError(f"{source.name} has no rows")
    columns: Columns = {}
    from_1904 = found.cells.package.counts_from_1904
    given = {**mapping, **source.names}
    for target, place in _places(source, found, given, filled.passed_over).items():
        column, zones = found.columns[target], set[str]()
        cells = [row[place] for row in source.rows]
        cells = [None if cell is None or cell == "" else cell for cell in cells]
        kind = column.kind if column.kind != "any" else _guessed(cells)
        made = partial(_made, kind=kind, zones=zones, from_1904=from_1904)
        columns[column.name] = values.read_column(
            cells, made, source.name, source.header[place], source.numbers
        )
        if None in cells:
            filled.blanks[column.name] = cells.count(None)
        if kind == "time":
            filled.zones[column.name] = _told(zones)
    return columns


def _places(
    source: Source, found: Standing, mapping: Mapping[str, str], passed_over: list[str]
) -> dict[int, int]:
    """Place in the source of each column of the table that it fills."""
    table, columns = found.table.name, found.columns
    names = {column.name.strip().lower(): index for index, column in enumerate(columns)}
    given = {key.strip().lower(): value.strip() for key, value in mapping.items()}
    header = [name.lower() for name in source.header]
    wanted = {key: value for key, value in given.items() if key in map(str.strip, header)}
    for column in wanted.values():
        if column.lower() not in names:
            listed = ", ".join(column.name for column in columns)
            raise FileError(f"the table {table} has no column {column!r}: its columns are {listed}")
    mapped = {wanted[name].lower() for name in header if name in wanted}
    places: dict[int, int] = {}
    for place, name in enumerate(header):
        by_map = name in wanted
        target = names.get(wanted[name].lower() if by_map else name)
        if target is None or (not by_map and name in mapped):
            passed_over.append(source.header[place])
        elif columns[target].formula is not None:
            if by_map:
                raise FileError(
                    f"the column {columns[target].name} of the table {table} is calculated and "
                    "cannot be filled"
                )
            passed_over.append(source.header[place])
        elif target in places:
            raise FileError(f"{source.name} has two columns for {columns[target].name}")
        else:
            places[target] = place
    missing = [
        column.name
        for index, column in enumerate(columns)
        if index not in places and column.formula is None and not column.optional
    ]
    if not places or missing:
        first = missing[0] if missing else columns[0].name
        what = ", ".join(missing) if missing else f"of the table {table}"
        raise FileError(
            f"{source.name} has no column {what}: it has {', '.join(source.header) or 'none'}; "
            f"name it with --map COLUMN={first}, or add it to the file, empty where it has nothing"
        )
    return places


def refuse_unknown(mapping: Mapping[str, str], sources: Iterable[Source]) -> None:
    """Refuse a mapping that names a column which no source has."""
    known = {name.lower() for source in sources for name in source.header}
    for name in mapping:
        if name.strip().lower() not in known:
            raise FileError(f"--map names the column {name!r}, which no source has")


def refuse_disorder(source: Source, times: list[Value], column: Column, kept: int) -> None:
    """Refuse rows to append, after those that are kept, whose times do not rise or are there."""
    known = [value for value in column.values[:kept] if type(value) is float]
    last, what = max(known, default=float("-inf")), "the table's last"
    for row, value in zip(source.numbers, times, strict=True):
        number = float(value or 0)
        # A day number holds a time of today to some microseconds.
        if number <= last + 1e-9:
            same = abs(number - last) <= 1e-9 or any(abs(number - old) <= 1e-9 for old in known)
            problem = "is there already" if same else f"is not later than {what}"
            raise FileError(f"{source.name} row {row}, column {column.name}: the time {problem}")
        last, what = number, "the row before"


def _guessed(cells: list[Any]) -> ColumnKind:
    """What a column holds, where the table does not tell."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(values.looks_like_number(cell) for cell in filled):
        return "number"
    if filled and all(values.looks_like_time(cell) for cell in filled):
        return "time"
    if all(isinstance(cell, str) for cell in filled):
        return "text"
    return "any"


def _made(cell: Any, kind: ColumnKind, zones: set[str], *, from_1904: bool) -> Value:
    """A cell of the table; `zones` gets the time zone of a time."""
    if kind == "number" and type(cell) is float and math.isfinite(cell):
        return cell  # as nearly all cells of a data frame are
    if isinstance(cell, str):
        if kind in ("text", "any"):
            if len(cell) > LONGEST_TEXT:
                raise FileError(f"a text of {len(cell)} characters; a cell holds {LONGEST_TEXT}")
            return str(cell)
        cell = cell.strip()  # spaces after a delimiter
    if cell is None and kind == "time":
        raise FileError("the time is missing")
    if cell is None or (kind == "any" and isinstance(cell, bool)):
        return cell
    if kind == "text":
        raise FileError(f"{values.shown(cell)} is not a text")
    if kind == "time" or (kind == "any" and isinstance(cell, date)):
        return _day_number(cell, zones, from_1904=from_1904)
    return values.read_number(cell)


def _day_number(cell: Any, zones: set[str], *, from_1904: bool) -> float:
    if not isinstance(cell, str) and values.looks_like_number(cell):
        raise FileError(f"{values.shown(cell)} is not a time")
    moment, zone = values.read_time_and_zone(cell)
    zones.add(zone)
    number = values.day_number(moment, from_1904=from_1904)
    if number < 0:
        raise FileError(f"{moment} lies before a worksheet's first date")
    return number


def _told(zones: set[str]) -> str:
    """The statement about a column's time zone."""
    if not zones - {""}:
        return "no time zone given, taken as UTC"
    if zones == {"UTC"}:
        return "in UTC"
    named = sorted(zone or "no zone" for zone in zones)
    return f"given as {', '.join(named)}, written in UTC"
