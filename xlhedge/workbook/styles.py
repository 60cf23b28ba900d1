"""Cell formats: the codes of numbers, which of them show dates, and which cells are locked."""

from __future__ import annotations

import re
from typing import Any

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


def date_styles(root: Any) -> frozenset[int]:
    """The places of the cell formats of a styles part that show a number as a date."""
    codes = _own_codes(root)
    found = set()
    for index, node in enumerate(root.iterfind(f"{MAIN}cellXfs/{MAIN}xf")):
        identifier = node.get("numFmtId", "0")
        if identifier in codes:
            if shows_date(codes[identifier]):
                found.add(index)
        elif is_count(identifier) and int(identifier) in _DATE_FORMATS:
            found.add(index)
    return frozenset(found)


def _own_codes(root: Any) -> dict[str | None, str]:
    """The codes that the file spells out, by number."""
    return {
        node.get("numFmtId"): node.get("formatCode", "")
        for node in root.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")
    }


def number_codes(root: Any) -> list[str]:
    """The code of numbers of each cell format of a styles part."""
    codes = _own_codes(root)
    found = []
    for node in root.iterfind(f"{MAIN}cellXfs/{MAIN}xf"):
        identifier = node.get("numFmtId", "0")
        built_in = _BUILT_IN.get(int(identifier), "General") if is_count(identifier) else "General"
        found.append(codes.get(identifier, built_in))
    return found


def unlocked_styles(root: Any) -> frozenset[int]:
    """The places of the cell formats whose cells may be changed on a protected sheet."""
    return frozenset(
        index
        for index, node in enumerate(root.iterfind(f"{MAIN}cellXfs/{MAIN}xf"))
        if (lock := node.find(f"{MAIN}protection")) is not None
        and lock.get("locked") in ("0", "false")
    )


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
