"""Dates and times that a text reads like, as Excel takes them in the United States."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from xlhedge.recalc.text_formats.dates import MONTHS

_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_YEAR = r"(?P<y>\d{4}|\d{2})"
_DATES = (
    r"(?P<y>\d{4})([-/])(?P<m>\d{1,2})\2(?P<d>\d{1,2})",
    rf"(?P<m>\d{{1,2}})([-/])(?P<d>\d{{1,2}})\2{_YEAR}",
    rf"(?P<d>\d{{1,2}})([-/ ]?)(?P<m>{_MONTH})(?:\2|,? ){_YEAR}",
    rf"(?P<m>{_MONTH}) (?P<d>\d{{1,2}}),? ?(?<=[, ]){_YEAR}",
    rf"(?P<m>{_MONTH})[-/ ](?P<y>\d{{4}})",
)
_CLOCK = (
    r"(?P<first>\d{1,4})(?::(?P<second>\d{1,4})(?::(?P<third>\d{1,4}))?(?P<part>\.\d*)?)?"
    r"(?: ?(?P<half>[AP])M?)?"
)
_LAYOUTS = [
    re.compile(layout, re.IGNORECASE)
    for layout in (*(f"{day}(?: {_CLOCK})?" for day in _DATES), _CLOCK)
]
_FIRST_OF_1900S = 30
"""Years of two digits from here on lie in the last century."""


def moment_of(text: str) -> tuple[date | None, float] | None:
    """The date and the part of a day that a text shows; None where it shows neither.

    Examples
    --------
    >>> moment_of("2-Jan-29"), moment_of("Jan 2, 1930 6 PM"), moment_of("2/30/2020")
    ((datetime.date(2029, 1, 2), 0.0), (datetime.date(1930, 1, 2), 0.75), None)
    >>> moment_of("36:00"), moment_of("13:00 PM"), moment_of("6"), moment_of("36:99")
    ((None, 1.5), None, None, None)
    """
    plain = " ".join(text.split())
    found = next(filter(None, (layout.fullmatch(plain) for layout in _LAYOUTS)), None)
    if found is None:
        return None
    parts = found.groupdict()
    if "y" in parts and text != text.strip():  # a date, unlike a time, has no spaces around it
        return None
    try:
        return _day(**parts), _clock(**parts)
    except ValueError:
        return None


def _day(y: str | None = None, m: str = "", d: str = "1", **_: Any) -> date | None:
    if y is None:
        return None
    year = int(y)
    if len(y) == 2:
        year += 1900 if year >= _FIRST_OF_1900S else 2000
    month = int(m) if m.isdigit() else [name[:3] for name in MONTHS].index(m[:3].title()) + 1
    return date(year, month, int(d))


def _clock(
    first: str | None, second: str | None, third: str | None, part: str | None, half: str | None,
    **_: Any,
) -> float:  # fmt: skip
    """The part of a day; hours, minutes or seconds may be more than the next unit holds."""
    if first is None:
        return 0.0
    # Two numbers are hours and minutes, with a fraction minutes and seconds.
    hours, minutes, seconds = int(first), int(second or 0), float((third or "0") + (part or ""))
    if third is None and len(part or "") > 1:
        hours, minutes, seconds = 0, hours, minutes + seconds
    if (hours > 23) + (minutes > 59) + (seconds >= 60) > 1:
        raise ValueError("no time of day")
    if not (second or half) or (half and hours > 12):
        raise ValueError("no time of day")
    if half:
        hours = hours % 12 + 12 * (half.upper() == "P")
    return (hours + minutes / 60 + seconds / 3600) / 24
