"""LOOKUP, TEXT and VALUE."""

from __future__ import annotations

from contextlib import suppress

from xlhedge.recalc.conversion import kind_of
from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_number,
    cells_in,
    excel_function,
    number_of,
)
from xlhedge.recalc.text_formats import formatted
from xlhedge.sheet.cells import CellError


@excel_function("TEXT")
def _text(value: Raw, pattern: Raw) -> Raw:
    for raw in (value, pattern):
        if kind_of(raw):
            raise Failed(raw)
    if isinstance(value, str):
        with suppress(Failed):
            value = number_of(value)
    return formatted(value, "" if pattern is None else str(pattern))


@excel_function("VALUE")
def _value(text: Raw) -> float:
    if isinstance(text, bool):
        raise Failed(CellError.VALUE)
    return as_number(text)


@excel_function("LOOKUP")
def _lookup(wanted: Raw, sought: Raw, results: Raw = None) -> Raw:
    if kind_of(wanted):
        raise Failed(wanted)
    rows = sought if isinstance(sought, list) else [[sought]]
    if results is None:
        if len(rows[0]) > len(rows):
            line, found = rows[0], rows[-1]
        else:
            line, found = [row[0] for row in rows], [row[-1] for row in rows]
    else:
        line, found = list(cells_in((rows,))), list(cells_in((results,)))
    place = _last_not_above(wanted, line)
    if place is None or place >= len(found):
        raise Failed(CellError.NA)
    return 0.0 if found[place] is None else found[place]


def _last_not_above(wanted: Raw, line: list[Raw]) -> int | None:
    """Binary search as Excel does it: cells of another type, and errors, are stepped over."""
    kind = _type(wanted)
    wanted = _comparable(wanted)
    usable = [index for index, cell in enumerate(line) if _type(cell) == kind]
    low, high = 0, len(usable)
    while low < high:
        middle = (low + high) // 2
        if _comparable(line[usable[middle]]) == wanted:
            while middle + 1 < len(usable) and _comparable(line[usable[middle + 1]]) == wanted:
                middle += 1
            return usable[middle]
        if _comparable(line[usable[middle]]) <= wanted:
            low = middle + 1
        else:
            high = middle
    return usable[low - 1] if low else None


def _type(raw: Raw) -> str:
    if isinstance(raw, bool):
        return "logical"
    if isinstance(raw, (int, float)):
        return "number"
    return "text" if isinstance(raw, str) else "" if raw is None or kind_of(raw) else "number"


def _comparable(raw: Raw) -> Raw:
    return raw.lower() if isinstance(raw, str) else 0.0 if raw is None else raw
