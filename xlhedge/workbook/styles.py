"""Cell formats: the codes of numbers, which of them show dates, and which cells are locked."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from xlhedge.formula.addresses import is_count
from xlhedge.workbook.xml import MAIN

_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)])
_BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    11: "0.00E+00", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "hh:mm", 21: "hh:mm:ss", 22: "yyyy-mm-dd hh:mm",
    37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0",
    49: "@",
}  # fmt: skip
"""The formats that files name by number only. Dates are written the same in every country here."""

_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


class Format(NamedTuple):
    """A cell format: its code of numbers, whether that shows a date, and whether it is unlocked.

    The cells of an unlocked one may be changed on a protected sheet.
    """

    code: str = "General"
    is_date: bool = False
    is_unlocked: bool = False


def formats(root: Any) -> list[Format]:
    """The cell formats of a styles part."""
    codes = {
        node.get("numFmtId"): node.get("formatCode", "")
        for node in root.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")
    }
    found = []
    for node in root.iterfind(f"{MAIN}cellXfs/{MAIN}xf"):
        identifier, lock = node.get("numFmtId", "0"), node.find(f"{MAIN}protection")
        number = int(identifier) if is_count(identifier) else 0
        own = codes.get(identifier)
        is_date = number in _DATE_FORMATS if own is None else shows_date(own)
        code = _BUILT_IN.get(number, "General") if own is None else own
        unlocked = lock is not None and lock.get("locked") in ("0", "false")
        found.append(Format(code, is_date, unlocked))
    return found


def shows_date(code: str) -> bool:
    """Whether a code of numbers shows a date or a time."""
    first = _plain(code)
    return any(letter in first for letter in "ymdhs") and "general" not in first


def shows_time_of_day(code: str) -> bool:
    """Whether a code of numbers shows hours without a date."""
    first = _plain(code)
    return "h" in first and not any(letter in first for letter in "yd[")


def _plain(code: str) -> str:
    """The part of a code for positive numbers, without its literal texts and its colours."""
    return _NO_CODE.sub("", code.partition(";")[0]).lower()
