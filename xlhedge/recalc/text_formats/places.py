"""The places of a number format, and what stands at them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from xlhedge.recalc.text_formats.tokens import Token, literal


def places_of(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    """Where the places for digits are between two tokens."""
    return [index for index in range(start, end) if tokens[index]["digit"]]


def inner_commas(tokens: Sequence[Token], places: Sequence[int]) -> list[int]:
    """The commas among places that follow one of them; other commas stand for themselves."""
    found: list[int] = []
    for index in range(places[0] + 1, places[-1]) if places else ():
        if tokens[index][0] == "," and (tokens[index - 1]["digit"] or index - 1 in found):
            found.append(index)
    return found


def filled_whole(tokens: Sequence[Token], places: Sequence[int], digits: str) -> dict[int, str]:
    """What stands at the places and commas before the point.

    A comma between two places separates the thousands of the whole number.
    """
    commas = inner_commas(tokens, places)
    grouped = any(tokens[index + 1]["digit"] for index in commas)
    return filled(tokens, places, digits, grouped=grouped) | dict.fromkeys(commas, "")


def filled(
    tokens: Sequence[Token], places: Sequence[int], digits: str, *, grouped: bool = False
) -> dict[int, str]:
    """What stands at each place of a whole number; the first takes all further digits."""
    found: dict[int, str] = {}
    count = 0
    for place in reversed(places):
        first = place == places[0]
        taken = digits if first else digits[-1:]
        digits = "" if first else digits[:-1]
        text = ""
        for digit in reversed(taken or _blank(tokens[place])):
            comma = "," if grouped and count and count % 3 == 0 else ""
            text, count = digit + (" " if digit == " " and comma else comma) + text, count + 1
        found[place] = text
    return found


def filled_behind(tokens: Sequence[Token], places: Sequence[int], digits: str) -> dict[int, str]:
    """What stands at each place of decimals."""
    pairs = zip_longest(places, digits.rstrip("0"))
    return {place: digit or _blank(tokens[place]) for place, digit in pairs}


def _blank(token: Token) -> str:
    """What a place shows that has no digit."""
    return {"0": "0", "?": " "}.get(token[0], "")


def joined(tokens: Sequence[Token], texts: dict[int, str]) -> str:
    """The texts at their places, and what the other tokens show."""
    return "".join(texts.get(index, literal(token)) for index, token in enumerate(tokens))
