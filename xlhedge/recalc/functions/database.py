"""DSUM and its kin: functions of the rows of a list that meet criteria."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from xlhedge.recalc.conversion import kind_of
from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    excel_function,
    is_number,
    number_of,
    numbers_in,
)
from xlhedge.recalc.text_formats import COMPARISONS
from xlhedge.sheet.cells import CellError

_CRITERION = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)


def _chosen(database: Raw, field: Raw, criteria: Raw) -> list[Raw]:
    """The field's cells in the rows that meet one row of the criteria."""
    if not isinstance(database, list) or not isinstance(criteria, list):
        raise Failed(CellError.VALUE)
    headers = [_key(cell) for cell in database[0]]
    conditions = [
        [(_key(head), cell) for head, cell in zip(criteria[0], row, strict=True)]
        for row in criteria[1:]
    ]
    rows = [row for row in database[1:] if any(_meets(row, headers, one) for one in conditions)]
    place = _place(field, headers)
    return rows if place is None else [row[place] for row in rows]


def _place(field: Raw, headers: list[str]) -> int | None:
    """Which column a field is; None stands for the whole row."""
    if field is None or field == "":
        return None
    if isinstance(field, str):
        if _key(field) not in headers:
            raise Failed(CellError.VALUE)
        return headers.index(_key(field))
    if not 1 <= int(field) <= len(headers):
        raise Failed(CellError.VALUE)
    return int(field) - 1


def _key(cell: Raw) -> str:
    return str(cell).strip().lower() if cell is not None else ""


def _meets(row: list[Raw], headers: list[str], conditions: list[tuple[str, Raw]]) -> bool:
    for head, wanted in conditions:
        if wanted is None or wanted == "":
            continue
        if head not in headers or not _is(row[headers.index(head)], wanted):
            return False
    return True


def _is(cell: Raw, wanted: Raw) -> bool:
    """Whether a cell meets a criterion; a text without an operator is a beginning."""
    if kind_of(cell) or kind_of(wanted):
        return False
    if not isinstance(wanted, str):
        return type(cell) is type(wanted) and bool(cell == wanted)
    match = _CRITERION.fullmatch(wanted)
    sign, text = (match[1], match[2]) if match else (None, wanted)
    if text == "":
        blank = cell is None or cell == ""
        return blank if sign == "=" else not blank if sign == "<>" else False
    try:
        number = number_of(text)
    except Failed:
        return _is_text(cell, sign, text)
    if not is_number(cell):
        return sign == "<>"
    return bool(COMPARISONS[sign or "="](cell, number))


def _is_text(cell: Raw, sign: str | None, text: str) -> bool:
    if sign in ("<", ">", "<=", ">="):
        return isinstance(cell, str) and COMPARISONS[sign](cell.lower(), text.lower())
    if not isinstance(cell, str):
        return sign == "<>"
    found = re.fullmatch(_wildcards(text) + ("" if sign else ".*"), cell, re.IGNORECASE | re.DOTALL)
    return (found is None) if sign == "<>" else found is not None


def _wildcards(text: str) -> str:
    """A pattern with * and ?, which a tilde makes plain."""
    found = ""
    for part in re.findall(r"~[*?~]|.", text, re.DOTALL):
        found += {"*": ".*", "?": "."}.get(part) or re.escape(part[-1])
    return found


def _of_numbers(name: str, least: int, function: Callable[[Any], Any]) -> None:
    def calculated(database: Raw, field: Raw, criteria: Raw) -> float:
        numbers = numbers_in(([_chosen(database, field, criteria)],))
        if len(numbers) < least:
            if name in ("DSUM", "DMAX", "DMIN", "DPRODUCT"):
                return 0.0
            raise Failed(CellError.DIV0)
        return float(function(np.array(numbers)))

    excel_function(name)(calculated)


for _name, _least, _method in (
    ("DSUM", 0, np.sum), ("DPRODUCT", 1, np.prod), ("DMAX", 1, np.max), ("DMIN", 1, np.min),
    ("DAVERAGE", 1, np.mean), ("DSTDEVP", 1, np.std), ("DVARP", 1, np.var),
    ("DSTDEV", 2, lambda numbers: np.std(numbers, ddof=1)),
    ("DVAR", 2, lambda numbers: np.var(numbers, ddof=1)),
):  # fmt: skip
    _of_numbers(_name, _least, _method)


@excel_function("DCOUNT")
def _dcount(database: Raw, field: Raw, criteria: Raw) -> float:
    found = _chosen(database, field, criteria)
    whole = field is None or field == ""
    return float(len(found) if whole else sum(type(one) in (int, float) for one in found))


@excel_function("DCOUNTA")
def _dcounta(database: Raw, field: Raw, criteria: Raw) -> float:
    found = _chosen(database, field, criteria)
    return float(sum(one is not None for one in found))


@excel_function("DGET")
def _dget(database: Raw, field: Raw, criteria: Raw) -> Raw:
    found = _chosen(database, field, criteria)
    if not found:
        raise Failed(CellError.VALUE)
    if len(found) > 1:
        raise Failed(CellError.NUM)
    return found[0]
