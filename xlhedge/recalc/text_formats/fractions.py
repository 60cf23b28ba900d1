"""Numbers as fractions in number formats, such as # ?/?.

References
----------
.. [1] John Kennedy, Algorithm to convert a decimal to a fraction (continued fractions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import takewhile

from xlhedge.recalc.text_formats.places import filled, filled_whole, joined, places_of
from xlhedge.recalc.text_formats.tokens import Token, literal


def with_fraction(tokens: Sequence[Token], number: float) -> str:
    """A whole number, where the section has places for it, and a fraction."""
    marks = [token[0] for token in tokens]
    stroke = marks.index("/")
    above = places_of(tokens, 0, stroke)
    if not above or "." in marks:
        raise ValueError("a fraction has places before its stroke and no decimals")
    whole = [place for place in above if not set(range(place, above[-1])) <= set(above)]
    above, below = above[len(whole) :], _below(tokens, stroke)
    pattern = "".join(marks[place] for place in below)
    units, over, under = _parts(abs(number), pattern, mixed=bool(whole))
    hidden = bool(whole) and over == 0 and all(marks[place] != "0" for place in above)
    zero = units == over == 0 and bool(whole) and (hidden or marks[whole[-1]] == "?")
    texts = filled_whole(tokens, whole, str(units) if units or zero else "")
    if hidden:
        gone = range(whole[-1] + 1, below[-1] + 1)
    else:
        texts |= filled(tokens, above, str(over)) | dict.fromkeys(below, "")
        texts[below[0]] = _denominator(under, pattern)
        alone = whole and not any(texts[place].strip() for place in whole)
        gone = range(whole[-1] + 1, above[0]) if alone else range(0)
    # What is not shown leaves its space where a place of the format does so.
    spaced = any(marks[place] == "?" for place in [*whole, *above, *(below if hidden else [])])
    texts |= {place: " " * len(literal(tokens[place])) * spaced for place in gone}
    return "-" * (number < 0) + joined(tokens, texts)


def _below(tokens: Sequence[Token], stroke: int) -> list[int]:
    """The places of the denominator, or its digits."""

    def shown(index: int) -> bool:
        return bool(tokens[index]["digit"]) or tokens[index][0].isdecimal()

    behind = range(stroke + 1, len(tokens))
    start = next((index for index in behind if shown(index)), None)
    if start is None:
        raise ValueError("a fraction has places behind its stroke")
    return list(takewhile(shown, range(start, len(tokens))))


def _parts(number: float, denominator: str, *, mixed: bool) -> tuple[int, int, int]:
    """The whole number, the numerator and the denominator."""
    units = int(number) if mixed else 0
    if denominator[0] in "0#?":
        over, under = _ratio(number - units, 10 ** len(denominator))
    else:
        under = int(denominator)
        over = math.floor((number - units) * under + 0.5)
    return (units + 1, 0, under) if mixed and over == under else (units, over, under)


def _ratio(number: float, limit: int) -> tuple[int, int]:
    """The last convergent of the continued fraction with a denominator below a limit [1]_."""
    before, below, rest = 0, 1, number
    found = math.floor(number + 0.5), 1
    while abs(number - found[0] / found[1]) >= 1e-13 and rest != math.floor(rest):
        rest = 1 / (rest - math.floor(rest))
        before, below = below, below * math.floor(rest) + before
        if below >= limit:
            break
        found = math.floor(number * below + 0.5), below
    return found


def _denominator(number: int, places: str) -> str:
    """A denominator begins at its first place, unless zeros fill the places before it."""
    if places[0] not in "0#?":
        return places
    digits = str(number)
    if "0" in places:
        return digits.zfill(len(places))
    return digits + " " * places[len(digits) :].count("?")
