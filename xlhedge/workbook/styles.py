"""Which cell formats show a number as a date."""

from __future__ import annotations

import re
from typing import Any

from xlhedge.formula.addresses import is_count
from xlhedge.workbook.xml import MAIN

_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)])
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def date_styles(root: Any) -> frozenset[int]:
    """The places of the cell formats of a styles part that show a number as a date."""
    codes = {
        node.get("numFmtId"): node.get("formatCode", "")
        for node in root.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")
    }
    found = set()
    for index, node in enumerate(root.iterfind(f"{MAIN}cellXfs/{MAIN}xf")):
        identifier = node.get("numFmtId", "0")
        if identifier in codes:
            if _shows_date(codes[identifier]):
                found.add(index)
        elif is_count(identifier) and int(identifier) in _DATE_FORMATS:
            found.add(index)
    return frozenset(found)


def _shows_date(code: str) -> bool:
    first = _NO_CODE.sub("", code.partition(";")[0]).lower()
    return any(letter in first for letter in "ymdhs") and "general" not in first
