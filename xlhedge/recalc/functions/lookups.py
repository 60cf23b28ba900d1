"""Lookups, parts of arrays, TEXT and VALUE."""

from __future__ import annotations

from contextlib import suppress

from xlhedge.recalc.conversion import cell_of, kind_of, rows_of
from xlhedge.recalc.criteria import NAMES_ERROR
from xlhedge.recalc.functions.arguments import (
    FUNCTIONS,
    Failed,
    Raw,
    as_number,
    as_whole,
    cells_of,
    day_0,
    excel_function,
    number_of,
    refuse_errors,
)
from xlhedge.recalc.text_formats import formatted
from xlhedge.sheet.cells import CellError

_MARK = "\ue000"
"""A private-use character, with which no text of a workbook begins."""


@excel_function("TAKE")
def _take(array: Raw, rows: Raw = None, columns: Raw = None) -> Raw:
    across = _taken(columns)
    return [row[across] for row in rows_of(array)[_taken(rows)]]


def _taken(raw: Raw) -> slice:
    count = _count(raw)
    if count == 0:
        raise Failed(CellError.CALC)
    return slice(count) if count is None or count > 0 else slice(count, None)


@excel_function("DROP")
def _drop(array: Raw, rows: Raw = None, columns: Raw = None) -> Raw:
    across = _left(columns)
    left = [row[across] for row in rows_of(array)[_left(rows)]]
    if not left or not left[0]:
        raise Failed(CellError.CALC)
    return left


def _left(raw: Raw) -> slice:
    count = _count(raw) or 0
    return slice(count, None) if count >= 0 else slice(count)


def _count(raw: Raw) -> int | None:
    """A number of rows or columns; None where it is left out."""
    return None if raw is None or raw == "" else as_whole(raw)


@excel_function("TEXT")
def _text(value: Raw, pattern: Raw) -> str:
    refuse_errors(value, pattern)
    if isinstance(value, str):
        with suppress(Failed):
            value = number_of(value)
    if isinstance(pattern, (int, float)):
        pattern = f"{pattern:.15g}"
    text = "" if pattern is None else str(pattern)
    try:
        return formatted(value, text, from_1904=day_0().year > 1900)
    except (ValueError, ArithmeticError):
        raise Failed(CellError.VALUE) from None


@excel_function("HYPERLINK")
def _hyperlink(link: Raw, shown: Raw = "") -> Raw:
    refuse_errors(link)
    return link if shown == "" else shown


@excel_function("VALUE")
def _value(text: Raw) -> float:
    if isinstance(text, bool):
        raise Failed(CellError.VALUE)
    return as_number(text)


@excel_function("XLHEDGE.NUMBER")
def _number(raw: Raw) -> Raw:
    """Each text as the number that it reads like; what is no text stays as it is."""
    if isinstance(raw, list):
        return [[FUNCTIONS["XLHEDGE.NUMBER"](cell) for cell in row] for row in raw]
    return number_of(raw) if isinstance(raw, str) else raw


@excel_function("XLHEDGE.MARKED")
def _marked(raw: Raw, is_criterion: bool = False) -> Raw:
    """Errors, and what a criterion calls one, as texts that no cell holds; others as they are."""
    if isinstance(raw, list):
        return [[_marked(cell, is_criterion) for cell in row] for row in raw]
    if kind_of(raw):
        return f"{_MARK}{cell_of(raw)}"
    named = NAMES_ERROR.fullmatch(raw) if is_criterion and isinstance(raw, str) else None
    return raw if named is None else f"{named[1] or ''}{_MARK}{named[2].upper()}"


@excel_function("LOOKUP")
def _lookup(wanted: Raw, sought: Raw, results: Raw = None) -> Raw:
    refuse_errors(wanted)
    rows = rows_of(sought)
    if len(rows[0]) > len(rows):
        line, found = rows[0], rows[-1]
    else:
        line, found = [row[0] for row in rows], [row[-1] for row in rows]
    if results is not None:
        found = cells_of(results)
    place = _last_not_above(wanted, line)
    if place is None or place >= len(found):
        raise Failed(CellError.NA)
    return 0.0 if found[place] is None else found[place]


@excel_function("XLHEDGE.SEARCHED")
def _searched(function: str, wanted: Raw, sought: Raw, place: Raw = 1.0) -> Raw:
    """MATCH, VLOOKUP or HLOOKUP for the value or the next smaller one, whatever the order."""
    refuse_errors(wanted)
    rows = rows_of(sought)
    if function == "HLOOKUP":
        rows = list(map(list, zip(*rows, strict=True)))
    line = [row[0] for row in rows]
    if function == "MATCH":
        line = cells_of(rows)
    found = _last_not_above(0.0 if wanted is None else wanted, line)
    if found is None:
        raise Failed(CellError.NA)
    if function == "MATCH":
        return float(found + 1)
    column = as_whole(place)
    if not 1 <= column <= len(rows[0]):
        raise Failed(CellError.VALUE if column < 1 else CellError.REF)
    value = rows[found][column - 1]
    return 0.0 if value is None else value


def _last_not_above(wanted: Raw, line: list[Raw]) -> int | None:
    """Binary search as Excel does it: cells of another type, and errors, are stepped over."""
    kind, goal = _rank(wanted), _comparable(wanted)
    low, high, best = 0, len(line) - 1, None
    while low <= high:
        middle = (low + high) // 2
        place = next((at for at in range(middle, high + 1) if _rank(line[at]) == kind), None)
        if place is None or _comparable(line[place]) > goal:
            high = middle - 1
            continue
        best, low = place, place + 1
        if _comparable(line[place]) == goal:
            while low < len(line) and _rank(line[low]) == kind and _comparable(line[low]) == goal:
                best, low = low, low + 1
            break
    return best


@excel_function("XLHEDGE.NEAREST")
def _nearest(
    wanted: Raw, sought: Raw, results: Raw, missing: Raw, side: float, order: float = 1.0
) -> Raw:
    """XLOOKUP whose match mode may be -1 or 1: the cells need not be sorted."""
    if isinstance(wanted, list) or side not in (-1, 0, 1) or order not in (-2, -1, 1, 2):
        raise Failed(CellError.VALUE)
    refuse_errors(wanted)
    rows, found = rows_of(sought), rows_of(results)
    line, goal = [_ranked(cell) for cell in cells_of(rows)], _ranked(wanted)
    places = [
        place
        for place, key in enumerate(line)
        if key == goal or (side and key[0] and (key < goal if side < 0 else key > goal))
    ]
    if not places:
        return missing
    values = [line[place] for place in places]
    nearest = max(values) if side < 0 else min(values)
    # Among equal cells a binary search ends at the one that it meets on its way.
    last = order == -1 or (order == 2 and nearest < goal) or (order == -2 and nearest >= goal)
    equal = [place for place in places if line[place] == nearest]
    best = equal[-1] if last else equal[0]
    across = len(rows) == 1 and len(rows[0]) > 1
    if best >= (len(found[0]) if across else len(found)):
        raise Failed(CellError.VALUE)
    given = [[row[best]] for row in found] if across else [found[best]]
    return given[0][0] if len(given) == len(given[0]) == 1 else given


def _ranked(raw: Raw) -> tuple[int, Raw]:
    return _rank(raw), "" if kind_of(raw) else _comparable(raw)


def _rank(raw: Raw) -> int:
    """Excel's order of kinds: numbers, texts, logical values; 0 for blanks and errors."""
    if raw is None or kind_of(raw):
        return 0
    return 3 if isinstance(raw, bool) else 2 if isinstance(raw, str) else 1


def _comparable(raw: Raw) -> Raw:
    return raw.lower() if isinstance(raw, str) else 0.0 if raw is None else raw
