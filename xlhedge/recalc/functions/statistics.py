"""AGGREGATE, and DSUM and its kin: statistics of what is left of a range."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from xlhedge.recalc.conversion import kind_of
from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_number,
    cells_of,
    excel_function,
    is_number,
    number_of,
    numbers_of,
)
from xlhedge.recalc.text_formats import COMPARISONS
from xlhedge.sheet.cells import CellError

_CRITERION = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)
_STATISTICS: dict[str, Callable[[Any], Any]] = {
    "AVERAGE": np.mean,
    "MAX": np.max,
    "MIN": np.min,
    "PRODUCT": np.prod,
    "STDEV": partial(np.std, ddof=1),
    "STDEVP": np.std,
    "SUM": math.fsum,
    "VAR": partial(np.var, ddof=1),
    "VARP": np.var,
}
_AGGREGATED = {1: "AVERAGE", 4: "MAX", 5: "MIN", 6: "PRODUCT", 7: "STDEV", 8: "STDEVP", 9: "SUM",
               10: "VAR", 11: "VARP"}  # fmt: skip


def _statistic(name: str, numbers: list[float]) -> float:
    if len(numbers) < (2 if name in ("STDEV", "VAR") else 1):
        if name in ("SUM", "MAX", "MIN", "PRODUCT"):
            return 0.0
        raise Failed(CellError.DIV0)
    return float(_STATISTICS[name](numbers))


@excel_function("AGGREGATE")
def _aggregate(kind: int, option: int, *given: Raw) -> float:
    if not 1 <= kind <= 19:
        raise Failed(CellError.VALUE)
    place = as_number(given[-1]) if kind >= 14 else 0.0
    values = given[:1] if kind >= 14 else given
    if option in (2, 3, 6, 7):
        values = ([[cell] for cell in cells_of(*values) if not kind_of(cell)],)
    if kind == 3:
        return sum(cell is not None for cell in cells_of(*values))
    numbers = numbers_of(*values)
    if kind == 2:
        return len(numbers)
    if kind in _AGGREGATED:
        return _statistic(_AGGREGATED[kind], numbers)
    if not numbers:
        raise Failed(CellError.NUM)
    if kind == 12:
        return float(np.median(numbers))
    return _mode(numbers) if kind == 13 else _placed(kind, sorted(numbers), place)


def _placed(function: int, numbers: list[float], place: float) -> float:
    """LARGE, SMALL and quantiles of sorted numbers."""
    count = len(numbers)
    if function in (14, 15):
        index = math.ceil(place)
        if not 1 <= index <= count:
            raise Failed(CellError.NUM)
        return numbers[-index] if function == 14 else numbers[index - 1]
    share = math.floor(place) / 4 if function in (17, 19) else place
    position = share * (count - 1) if function in (16, 17) else share * (count + 1) - 1
    if not 0 <= share <= 1 or not 0 <= position <= count - 1:
        raise Failed(CellError.NUM)
    return float(np.interp(position, range(count), numbers))


def _mode(numbers: list[float]) -> float:
    number, most = Counter(numbers).most_common(1)[0]
    if most == 1:
        raise Failed(CellError.NA)
    return number


def _chosen(database: Raw, field: Raw, criteria: Raw) -> list[Raw]:
    """The field's cells in the rows that meet one row of the criteria; all cells without field."""
    if not isinstance(database, list) or not isinstance(criteria, list):
        raise Failed(CellError.VALUE)
    columns = {_key(cell): place for place, cell in reversed([*enumerate(database[0])])}
    conditions = [
        [(_key(head), cell) for head, cell in zip(criteria[0], row, strict=True)]
        for row in criteria[1:]
    ]
    rows = [row for row in database[1:] if any(_meets(row, columns, one) for one in conditions)]
    if field is None or field == "":
        return rows
    place = columns[_key(field)] if isinstance(field, str) else int(field) - 1
    if not 0 <= place < len(database[0]):
        raise Failed(CellError.VALUE)
    return [row[place] for row in rows]


def _key(cell: Raw) -> str:
    return str(cell).strip().lower() if cell is not None else ""


def _meets(row: list[Raw], columns: dict[str, int], conditions: list[tuple[str, Raw]]) -> bool:
    return all(
        wanted is None or wanted == "" or (head in columns and _is(row[columns[head]], wanted))
        for head, wanted in conditions
    )


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


def _only(found: list[Raw]) -> Raw:
    if not found:
        raise Failed(CellError.VALUE)
    if len(found) > 1:
        raise Failed(CellError.NUM)
    return found[0]


def _of_column(name: str, found: list[Raw]) -> float:
    return _statistic(name, numbers_of([found]))


_OF_DATABASES: dict[str, Callable[[list[Raw]], Any]] = {
    **{name: partial(_of_column, name) for name in _STATISTICS},
    "COUNT": lambda found: sum(type(one) in (int, float, list) for one in found),
    "COUNTA": lambda found: sum(one is not None for one in found),
    "GET": _only,
}
for _name, _giving in _OF_DATABASES.items():
    excel_function(f"D{_name}", giving=_giving)(_chosen)
