"""Dates, times and elapsed times in number formats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from xlhedge.recalc.text_formats.tokens import ELAPSED, Token, literal

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SECONDS = {"h": 3600, "m": 60, "s": 1}


class _Day(NamedTuple):
    year: int
    month: int
    day: int
    weekday: int


def with_dates(tokens: Sequence[Token], number: float, *, from_1904: bool) -> str:
    """A number in a section of dates and times.

    A calendar from 1904 shows the dates before its first as those after it, with a minus sign.
    """
    points = _points(tokens)
    halves = any(token["ampm"] for token in tokens)
    of_calendar = halves or bool(points) or any(token["date"] for token in tokens)
    if of_calendar and number < 0 and not from_1904:
        raise ValueError("there are no dates before the first")
    places = max(points.values(), default=0)
    seconds, part = divmod(round(abs(number) * 86400 * 10**places), 10**places)
    day = _day(seconds // 86400, from_1904=from_1904) if of_calendar else None
    elapsed = {token[0][1].lower() for token in tokens if ELAPSED.fullmatch(token[0])}
    shown, previous = "-" * (number < 0), ""
    for index, token in enumerate(tokens):
        mark = token[0].strip("[]").lower()
        if index in points:
            shown += "." + f"{part:0{places}d}"[: points[index]]
        elif token["ampm"]:
            half = "PM" if seconds % 86400 >= 43200 else "AM"
            shown += half if len(mark) > 3 else half[0] if token[0][0] == "A" else half[0].lower()
        elif token["date"] or ELAPSED.fullmatch(token[0]):
            unit = mark[0]
            timed = unit in "hs" or token["bracket"] or _minutes(tokens, index, previous)
            if timed and unit in elapsed:
                shown += str(seconds // _SECONDS[unit]).zfill(len(mark))
            elif timed:
                shown += f"{_on_clock(unit, seconds, halves=halves):0{min(len(mark), 2)}d}"
            elif day:
                shown += _of_day(unit, len(mark), day)
            # Seconds that have their minutes before them make no minutes of what follows.
            previous = "" if unit == "s" and previous == "m" else unit
        elif not token["digit"]:
            shown += literal(token)
    return shown


def _points(tokens: Sequence[Token]) -> dict[int, int]:
    """How many zeros follow each point that has decimals of a second."""
    found: dict[int, int] = {}
    point = -1
    for index, token in enumerate(tokens):
        if token[0] == ".":
            point = index
        elif token["digit"]:
            found[point] = index - point
            if tokens[point][0] != "." or token[0] != "0" or index - point > 3:
                raise ValueError("only .0, .00 and .000 stand in a format of dates and times")
        else:
            point = -1
    return found


def _minutes(tokens: Sequence[Token], index: int, previous: str) -> bool:
    """Whether m or mm stands for minutes: behind hours or seconds, or before seconds."""
    if len(tokens[index][0]) > 2 or tokens[index][0][0] not in "mM":
        return False
    later = (token[0] for token in tokens[index + 1 :] if token["date"] or ELAPSED.match(token[0]))
    return previous in ("h", "s") or next(later, "").strip("[]")[:1].lower() == "s"


def _on_clock(unit: str, seconds: int, *, halves: bool) -> int:
    if unit == "h":
        hour = seconds // 3600 % 24
        return (hour + 11) % 12 + 1 if halves else hour
    return seconds // _SECONDS[unit] % 60


def _day(number: int, *, from_1904: bool) -> _Day:
    """The date of a day's number."""
    day_0 = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
    if number > (date.max - day_0).days:
        raise ValueError("there are no dates after the year 9999")
    if from_1904:
        found = day_0 + timedelta(days=number)
        return _Day(found.year, found.month, found.day, found.weekday())
    weekday = (number - 2) % 7
    # Excel has a day 0 of January 1900, and a 29 February of that year.
    if number in (0, 60):
        return _Day(1900, 1 + number // 31, number % 31, weekday)
    found = day_0 + timedelta(days=number + (number < 60))
    return _Day(found.year, found.month, found.day, weekday)


def _of_day(unit: str, size: int, day: _Day) -> str:
    if unit == "y":
        return f"{day.year % 100:02d}" if size < 3 else f"{day.year}"
    if unit == "d":
        return _named(day.day, size, _DAYS[day.weekday])
    name = MONTHS[day.month - 1]
    return name[0] if size == 5 else _named(day.month, size, name)


def _named(number: int, size: int, name: str) -> str:
    if size < 3:
        return f"{number:0{size}d}"
    return name[:3] if size == 3 else name
