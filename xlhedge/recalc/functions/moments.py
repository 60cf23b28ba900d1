"""Dates and times that a text reads like, as Excel takes them in the United States."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")  # fmt: skip
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_YEAR = r"(?P<y>\d{4}|\d{2})"
_DATES = [
    re.compile(layout, re.IGNORECASE)
    for layout in (
        r"(?P<y>\d{4})([-/])(?P<m>\d{1,2})\2(?P<d>\d{1,2})",
        rf"(?P<m>\d{{1,2}})([-/])(?P<d>\d{{1,2}})\2{_YEAR}",
        rf"(?P<d>\d{{1,2}})([-/ ]?)(?P<m>{_MONTH})(?:\2|,? ){_YEAR}",
        rf"(?P<m>{_MONTH}) (?P<d>\d{{1,2}}),? ?(?<=[, ]){_YEAR}",
        rf"(?P<m>{_MONTH})[-/ ](?P<y>\d{{4}})",
    )
]
_CLOCK = re.compile(
    r"(?P<h>\d{1,4})(?::(?P<m>\d{1,4})(?::(?P<s>\d{1,4}(?:\.\d*)?))?)?(?: ?(?P<half>[AP])M?)?",
    re.IGNORECASE,
)
_FIRST_OF_1900S = 30
"""Years of two digits from here on lie in the last century."""


def day_of(text: str) -> date | None:
    """The date that a text shows; None where it shows none.

    Examples
    --------
    >>> str(day_of("2-Jan-29")), str(day_of("Jan 2, 1930")), day_of("2/30/2020")
    ('2029-01-02', '1930-01-02', None)
    """
    for layout in _DATES:
        found = layout.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        name, year = parts["m"].lower(), int(parts["y"])
        if len(parts["y"]) == 2:
            year += 1900 if year >= _FIRST_OF_1900S else 2000
        month = int(name) if name.isdigit() else [one[:3] for one in _MONTHS].index(name[:3]) + 1
        try:
            return date(year, month, int(parts.get("d", 1)))
        except ValueError:
            return None
    return None


def clock_of(text: str) -> float | None:
    """The part of a day that a time shows, which may have more than 24 hours.

    Examples
    --------
    >>> clock_of("6 PM"), clock_of("36:00"), clock_of("13:00 PM"), clock_of("6")
    (0.75, 1.5, None, None)
    """
    found = _CLOCK.fullmatch(text)
    if found is None or not (found["m"] or found["half"]):
        return None
    hours = int(found["h"])
    if found["half"]:
        if hours > 12:
            return None
        hours = hours % 12 + 12 * (found["half"].upper() == "P")
    return (hours + int(found["m"] or 0) / 60 + float(found["s"] or 0) / 3600) / 24


def moment_of(text: str) -> tuple[date | None, float] | None:
    """The date and the part of a day that a text shows; None where it shows neither."""
    text = " ".join(text.split())
    day, clock = day_of(text), clock_of(text)
    if day is not None or clock is not None:
        return day, clock or 0.0
    for gap in re.finditer(" ", text):
        day, clock = day_of(text[: gap.start()]), clock_of(text[gap.end() :])
        if day is not None and clock is not None:
            return day, clock
    return None
