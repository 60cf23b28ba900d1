"""Matches the columns of a source with those of a table, and makes cells of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from xlhedge.errors import FileError
from xlhedge.filling import values
from xlhedge.filling.sources import Source
from xlhedge.sheet.cells import LONGEST_TEXT

Value = float | str | bool | None


class ColumnKind(Enum):
    """What a column holds."""

    TIME = "times"
    NUMBER = "numbers"
    TEXT = "texts"
    ANY = "anything"


@dataclass(frozen=True)
class Column:
    """A column of the table as it stands in the workbook."""

    name: str
    kind: ColumnKind
    calculated: bool
    optional: bool
    """Whether a file may leave it out: it is blank, or so in some rows of an example."""


@dataclass
class Filling:
    """What goes into a table."""

    columns: dict[int, list[Value]] = field(default_factory=dict)
    """Values by the column's place in the table; columns that are missing are calculated."""
    rows: int = 0
    passed_over: list[str] = field(default_factory=list)
    """Columns of the source that were not used."""
    zones: dict[str, str] = field(default_factory=dict)
    """Column of times to the statement of its time zone."""
    blanks: dict[str, int] = field(default_factory=dict)
    """Number of blank cells by column."""
    time: int | None = None
    """Place of the first column of times."""


def matched(
    source: Source,
    table: str,
    columns: Sequence[Column],
    mapping: Mapping[str, str],
    *,
    from_1904: bool,
) -> Filling:
    """The cells of a source under the columns of a table, refused with row and column.

    `mapping` leads from a column of the source to one of the table, for names that differ.
    """
    if not source.rows:
        raise FileError(f"{source.name} has no rows")
    filling = Filling(rows=len(source.rows))
    for target, place in _places(source, table, columns, mapping, filling.passed_over).items():
        column = columns[target]
        cells = [row[place] for row in source.rows]
        cells = [None if cell is None or cell == "" else cell for cell in cells]
        zones = set[str]()
        kind = column.kind if column.kind is not ColumnKind.ANY else _guessed(cells)
        filling.columns[target] = _made(
            source, source.header[place], cells, kind, zones, from_1904=from_1904
        )
        blanks = cells.count(None)
        if blanks:
            filling.blanks[column.name] = blanks
        if kind is ColumnKind.TIME:
            filling.zones[column.name] = _told(zones)
            if filling.time is None or target < filling.time:
                filling.time = target
    return filling


def _places(
    source: Source,
    table: str,
    columns: Sequence[Column],
    mapping: Mapping[str, str],
    passed_over: list[str],
) -> dict[int, int]:
    """Place in the source of each column of the table that it fills."""
    names = {column.name.strip().lower(): index for index, column in enumerate(columns)}
    given = {key.strip().lower(): value.strip() for key, value in mapping.items()}
    header = {name.strip().lower() for name in source.header}
    wanted = {key: value for key, value in given.items() if key in header}
    for column in wanted.values():
        if column.lower() not in names:
            listed = ", ".join(column.name for column in columns)
            raise FileError(f"the table {table} has no column {column!r}: its columns are {listed}")
    mapped = {wanted[name.lower()].lower() for name in source.header if name.lower() in wanted}
    found: dict[int, int] = {}
    for place, name in enumerate(source.header):
        by_map = name.lower() in wanted
        target = names.get(wanted[name.lower()].lower() if by_map else name.lower())
        if target is None or (not by_map and name.lower() in mapped):
            passed_over.append(name)
        elif columns[target].calculated:
            if by_map:
                raise FileError(
                    f"the column {columns[target].name} of the table {table} is calculated and "
                    "cannot be filled"
                )
            passed_over.append(name)
        elif target in found:
            raise FileError(f"{source.name} has two columns for {columns[target].name}")
        else:
            found[target] = place
    missing = [
        column.name
        for index, column in enumerate(columns)
        if index not in found and not column.calculated and not column.optional
    ]
    if not found or missing:
        first = missing[0] if missing else columns[0].name
        what = ", ".join(missing) if missing else f"of the table {table}"
        raise FileError(
            f"{source.name} has no column {what}: it has {', '.join(source.header) or 'none'}; "
            f"name it with --map COLUMN={first}, or add it to the file, empty where it has nothing"
        )
    return found


def refuse_unknown(mapping: Mapping[str, str], sources: Iterable[Source]) -> None:
    """Refuse a mapping that names a column which no source has."""
    known = {name.lower() for source in sources for name in source.header}
    for name in mapping:
        if name.strip().lower() not in known:
            raise FileError(f"--map names the column {name!r}, which no source has")


def _guessed(cells: list[Any]) -> ColumnKind:
    """What a column holds, where the table does not tell."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(values.looks_like_number(cell) for cell in filled):
        return ColumnKind.NUMBER
    if filled and all(values.looks_like_time(cell) for cell in filled):
        return ColumnKind.TIME
    if all(isinstance(cell, str) for cell in filled):
        return ColumnKind.TEXT
    return ColumnKind.ANY


def _made(
    source: Source,
    name: str,
    cells: list[Any],
    kind: ColumnKind,
    zones: set[str],
    *,
    from_1904: bool,
) -> list[Value]:
    """The cells of one column; `zones` gets the time zones of its times."""
    found: list[Value] = []
    for row, cell in zip(source.numbers, cells, strict=True):
        if cell is None and kind is not ColumnKind.TIME:
            found.append(None)
            continue
        if type(cell) is float and kind is ColumnKind.NUMBER and math.isfinite(cell):
            found.append(cell)  # as nearly all cells of a data frame are
            continue
        place = f"{source.name} row {row}, column {name}"
        if cell is None:
            raise FileError(f"{place}: the time is missing")
        if isinstance(cell, str) and kind in (ColumnKind.TIME, ColumnKind.NUMBER):
            cell = cell.strip()  # noqa: PLW2901  # spaces after a delimiter
        if kind is ColumnKind.TEXT and not isinstance(cell, str):
            raise FileError(f"{place}: {values.shown(cell)} is not a text")
        if kind is ColumnKind.TIME or (kind is not ColumnKind.NUMBER and isinstance(cell, date)):
            found.append(_day_number(cell, place, zones, from_1904=from_1904))
        elif kind is not ColumnKind.NUMBER and isinstance(cell, bool):
            found.append(cell)
        elif kind is not ColumnKind.NUMBER and isinstance(cell, str):
            if len(cell) > LONGEST_TEXT:
                raise FileError(
                    f"{place}: a text of {len(cell)} characters; a cell holds {LONGEST_TEXT}"
                )
            found.append(str(cell))
        else:
            found.append(values.read_number(cell, place))
    return found


def _day_number(cell: Any, place: str, zones: set[str], *, from_1904: bool) -> float:
    if values.looks_like_number(cell) and not isinstance(cell, str):
        raise FileError(f"{place}: {values.shown(cell)} is not a time")
    moment, zone = values.read_time_and_zone(cell, place)
    zones.add(zone)
    number = values.day_number(moment, from_1904=from_1904)
    if number < 0:
        raise FileError(f"{place}: {moment} lies before a worksheet's first date")
    return number


def _told(zones: set[str]) -> str:
    """The statement about a column's time zone."""
    if not zones - {""}:
        return "no time zone given, taken as UTC"
    if zones == {"UTC"}:
        return "in UTC"
    named = sorted(zone or "no zone" for zone in zones)
    return f"given as {', '.join(named)}, written in UTC"
