"""Numbers, dates and texts in Excel's number formats, in English (United States).

References
----------
.. [1] ECMA-376, part 1, 18.8.31 (number formats).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import takewhile
from typing import Any

_TOKEN = re.compile(
    r"""(?P<text>"[^"]*"?|\\.|_.|\*.)|(?P<bracket>\[[^\]]*\])|(?P<general>General)
    |(?P<ampm>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+)|(?P<exponent>E[+-]0+)
    |(?P<digit>[0#?])|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9.]+)\]")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
"""What the signs of conditions mean."""

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


def formatted(value: Any, pattern: str, *, from_1904: bool = False) -> str:
    """A value as a cell with a number format shows it.

    Parameters
    ----------
    value
        Number, text, logical value or None.
    pattern
        Up to four sections: positive, negative, zero, text.
    from_1904
        Whether the number 0 is 1 January 1904.

    Raises
    ------
    ValueError
        When a number cannot be shown in that format.

    Examples
    --------
    >>> formatted(-1234.5, "#,##0.00_);(#,##0.00)"), formatted(1234.5, "0.00E+00")
    ('(1,234.50)', '1.23E+03')
    >>> formatted(0.256, "0.0%"), formatted(45000.5, "yyyy-mm-dd hh:mm")
    ('25.6%', '2023-03-15 12:00')
    """
    if isinstance(value, bool):
        return str(value).upper()
    sections = _sections(pattern)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _with_text(value, sections)
    number = 0.0 if value is None else float(value)
    section, number = _chosen(sections, number)
    return _shown(section, number, _EPOCH_1904 if from_1904 else _EPOCH)


def _sections(pattern: str) -> list[str]:
    found, start = [""], 0
    for match in _TOKEN.finditer(pattern, start):
        if match["other"] == ";":
            found.append("")
        else:
            found[-1] += match[0]
    return found


def _chosen(sections: list[str], number: float) -> tuple[str, float]:
    """The section of a number, and the number as that section shows it."""
    if any(_CONDITION.search(section) for section in sections):
        for section in sections[:3]:
            match = _CONDITION.search(section)
            if match is None or COMPARISONS[match[1]](number, float(match[2])):
                return section, abs(number) if match and number < 0 else number
        return sections[-1], number
    if number < 0 and len(sections) > 1:
        return sections[1], -number
    if number == 0 and len(sections) > 2:
        return sections[2], number
    return sections[0], number


def _with_text(value: str, sections: list[str]) -> str:
    section = sections[3] if len(sections) > 3 else sections[0] if "@" in sections[0] else None
    return value if section is None else _around(value, list(_TOKEN.finditer(section)))


def _around(value: str, tokens: list[re.Match[str]]) -> str:
    """A text, or a number in the format General, among what else a section shows."""
    return "".join(
        value if token["other"] == "@" or token["general"] else _literal(token) for token in tokens
    )


def _literal(match: re.Match[str]) -> str:
    text = match[0]
    if match["text"]:
        if text[0] == '"':
            return text.strip('"')
        return text[1] if text[0] == "\\" else " " if text[0] == "_" else ""
    if match["bracket"]:
        currency = re.match(r"\[\$([^\-\]]*)", text)
        return currency[1] if currency else ""
    return text


def _shown(section: str, number: float, day_0: datetime) -> str:
    tokens = list(_TOKEN.finditer(section))
    if not tokens:
        return "-" if section == "" and number < 0 else ""
    kinds = {token.lastgroup for token in tokens}
    if kinds & {"date", "ampm"} or any(_ELAPSED.fullmatch(token[0]) for token in tokens):
        return _date(tokens, number, day_0)
    if "general" in kinds:
        return _around(general(number), tokens)
    if "digit" not in kinds:
        return "-" * (number < 0) + _around(general(number), tokens)
    if any(token[0] == "/" for token in tokens):
        raise ValueError("fractions are not known here")
    return _number(tokens, number)


def general(number: float) -> str:
    """A number in the format General."""
    if number == int(number) and abs(number) < 1e11:
        return str(int(number))
    size = abs(number)
    if 1e-4 <= size < 1:
        return f"{number:.9f}".rstrip("0")
    text = f"{number:.10g}"
    if size < 1e11 and "e" not in text:
        return text
    digits, _, power = f"{number:.5E}".partition("E")
    return f"{digits.rstrip('0').rstrip('.')}E{power[0]}{int(power[1:]):02d}"


def _number(tokens: list[re.Match[str]], number: float) -> str:
    marks, size = [token[0] for token in tokens], len(tokens)
    places = [index for index, token in enumerate(tokens) if token["digit"]]
    exponent = next((index for index, token in enumerate(tokens) if token["exponent"]), size)
    point = marks.index(".") if "." in marks else size
    whole = [index for index in places if index < min(point, exponent)]
    decimals = [index for index in places if point < index < exponent]
    if not whole and not decimals:
        raise ValueError("no digits before the exponent")
    commas = [index for index, mark in enumerate(marks) if mark == ","]
    grouped = any(whole and whole[0] < index < whole[-1] for index in commas)
    end = whole[-1] if whole else point
    # Commas after the last whole digit, or after the last decimal, each stand for a thousand.
    scaling = [*_following(marks, end), *(_following(marks, decimals[-1]) if decimals else ())]
    scaled = number * 100.0 ** marks.count("%") / 1000.0 ** len(scaling)
    power = 0
    if exponent < size and scaled != 0:
        width = max(len(whole), 1)
        power = math.floor(math.log10(abs(scaled)))
        power -= power % width
        if round(abs(scaled) / 10.0**power, len(decimals)) >= 10**width:
            power += width
    digits, fraction = _rounded(abs(scaled), power, len(decimals))
    text = _filled(tokens, whole, digits, grouped=grouped)
    text |= zip(decimals, _trimmed([marks[index] for index in decimals], fraction), strict=True)
    text |= dict.fromkeys([*scaling, *(index for index in commas if grouped and index < end)], "")
    if point < size:
        text[point] = text.get(-1, "") + "."
    if exponent < size:
        sign = "-" if power < 0 else "+" if "+" in marks[exponent] else ""
        text[exponent] = f"E{sign}{abs(power):0{len(marks[exponent]) - 2}d}"
    shown = "-" if scaled < 0 and (digits + fraction).strip("0") else ""
    for index, token in enumerate(tokens):
        shown += text.get(index, "" if token["digit"] else _literal(token))
    return shown


def _following(marks: list[str], place: int) -> Iterable[int]:
    """Where the commas are that directly follow a place."""
    return takewhile(lambda index: marks[index] == ",", range(place + 1, len(marks)))


def _rounded(number: float, power: int, decimals: int) -> tuple[str, str]:
    """Digits before and after the point; Excel rounds 15 digits, half away from zero."""
    exact = Decimal(f"{number:.15g}").scaleb(-power)
    text = format(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), "f")
    digits, _, fraction = text.partition(".")
    return digits.lstrip("0"), fraction


def _filled(
    tokens: list[re.Match[str]], whole: list[int], digits: str, *, grouped: bool
) -> dict[int, str]:
    """What stands at each place before the point; the first takes all further digits."""
    if not whole:
        return {-1: digits}
    found: dict[int, str] = {}
    count = 0
    for place in reversed(whole):
        mark = tokens[place][0]
        first = place == whole[0]
        taken = digits if first else digits[-1:]
        digits = "" if first else digits[:-1]
        text = ""
        for digit in reversed(taken or {"0": "0", "?": " "}.get(mark, "")):
            comma = "," if grouped and count and count % 3 == 0 and digit != " " else ""
            text, count = digit + comma + text, count + 1
        found[place] = text
    return found


def _trimmed(marks: list[str], fraction: str) -> list[str]:
    """The decimals, without zeros where the format has no digit."""
    found = list(fraction)
    for index in range(len(marks) - 1, -1, -1):
        if found[index] != "0" or marks[index] == "0":
            break
        found[index] = " " if marks[index] == "?" else ""
    return found


def _date(tokens: list[re.Match[str]], number: float, day_0: datetime) -> str:
    halves = any(token["ampm"] for token in tokens)
    of_calendar = halves or any(token["date"] for token in tokens)
    if of_calendar and number < 0:
        raise ValueError("there are no dates before the first")
    shown, previous, places = "-" * (number < 0), "", _fraction(tokens)
    seconds = round(abs(number) * 86400, places)
    moment = day_0
    if of_calendar:
        # Excel counts a 29 February 1900 that never was.
        early = number < 60 and day_0 is _EPOCH
        moment = day_0 + timedelta(seconds=math.floor(seconds), days=early)
    for index, token in enumerate(tokens):
        mark = token[0].lower()
        elapsed = _ELAPSED.fullmatch(token[0])
        if elapsed:
            unit = {"h": 3600, "m": 60, "s": 1}[mark[1]]
            shown, previous = shown + str(int(seconds // unit)).zfill(len(mark) - 2), mark[1]
        elif token["ampm"]:
            half = "PM" if moment.hour >= 12 else "AM"
            shown += half if len(mark) > 3 else half[0]
        elif token["date"]:
            minutes = mark[0] == "m" and (previous == "h" or _follows(tokens, index))
            shown += _part(mark, moment, minutes=minutes, halves=halves)
            previous = mark[0]
        elif token["digit"]:
            continue
        else:
            shown += _literal(token)
            if places and token[0] == ".":
                shown += f"{seconds % 1:.{places}f}"[2:]
    return shown


def _fraction(tokens: list[re.Match[str]]) -> int:
    """How many digits of a second are shown: zeros behind a point."""
    marks = "".join("0" if token["digit"] else token[0][:1] for token in tokens)
    found = re.search(r"\.(0+)", marks)
    return len(found[1]) if found else 0


def _follows(tokens: list[re.Match[str]], index: int) -> bool:
    """Whether seconds come next: then `m` means minutes."""
    later = (token for token in tokens[index + 1 :] if token["date"] or token["bracket"])
    following = next(later, None)
    return following is not None and following[0].strip("[]").lower()[0] == "s"


def _part(mark: str, moment: datetime, *, minutes: bool, halves: bool) -> str:
    size = len(mark)
    if minutes:
        return f"{moment.minute:0{min(size, 2)}d}"
    match mark[0]:
        case "y":
            return f"{moment.year % 100:02d}" if size < 3 else f"{moment.year}"
        case "m":
            name = MONTHS[moment.month - 1]
            return _named(moment.month, size, name) if size < 5 else name[0]
        case "d":
            return _named(moment.day, size, _DAYS[moment.weekday()])
        case "h":
            hour = (moment.hour + 11) % 12 + 1 if halves else moment.hour
            return f"{hour:0{min(size, 2)}d}"
    return f"{moment.second:0{min(size, 2)}d}"


def _named(number: int, size: int, name: str) -> str:
    if size < 3:
        return f"{number:0{size}d}"
    return name[:3] if size == 3 else name
