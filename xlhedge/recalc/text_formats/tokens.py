"""The parts of a number format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

Token: TypeAlias = re.Match[str]

ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)

_TOKEN = re.compile(
    r"""(?P<text>"[^"]*"|\\.|_.|\*.)|(?P<bracket>\[[^\]]*\])|(?P<general>General)
    |(?P<ampm>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+)|(?P<exponent>E[+-])
    |(?P<digit>[0#?])|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def sections_of(pattern: str) -> list[list[Token]]:
    """The tokens of each section of a format."""
    found: list[list[Token]] = [[]]
    for token in _TOKEN.finditer(pattern):
        if token["other"] == '"':
            raise ValueError("a quotation mark is not closed")
        if token["other"] == ";":
            found.append([])
        else:
            found[-1].append(token)
    return found


def kinds_of(tokens: Iterable[Token]) -> set[str]:
    """Which kinds of tokens there are: the groups of the pattern, elapsed and @."""
    return {
        "elapsed" if ELAPSED.fullmatch(token[0]) else "@" if token["other"] == "@" else str(kind)
        for token in tokens
        if (kind := token.lastgroup)
    }


def literal(token: Token) -> str:
    """What a token shows that stands for itself."""
    text = token[0]
    if token["text"]:
        if text[0] == '"':
            return text.strip('"')
        return text[1] if text[0] == "\\" else " " if text[0] == "_" else ""
    if token["bracket"]:
        currency = re.match(r"\[\$([^\-\]]*)", text)
        return currency[1] if currency else ""
    return text
