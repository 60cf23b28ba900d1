"""Formula text as tokens: enough of the grammar to rewrite references and calls safely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import sheet_of_prefix


class Kind(Enum):
    """What a token is."""

    TEXT = "text"
    ARRAY = "array constant"
    ERROR = "error value"
    SHEET = "sheet prefix"
    REFERENCE = "reference"
    FUNCTION = "function and its parenthesis"
    TABLE = "structured reference"
    NAME = "name"
    NUMBER = "number"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    SPACE = "space"
    OPERATOR = "operator"


class Token(NamedTuple):
    """A piece of a formula; the texts of all tokens joined give the formula."""

    kind: Kind
    text: str


_LETTER = r"A-Za-z_\\\u00a1-\uffff"
_WORD = rf"[{_LETTER}][{_LETTER}0-9.?]*"
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
# The repetitions over quoted text are possessive (*+): else a crafted formula without its closing
# quote or brace would be tried in exponentially many ways. Array constants hold no brace, and a
# sheet's name with the path of its workbook has a limit: else thousands of unmatched ones would
# each be followed to the formula's end.
_PATTERN = re.compile(
    rf"""
    (?P<TEXT>"(?:[^"]|"")*+")
  | (?P<ARRAY>\{{(?:"(?:[^"]|"")*+"|[^{{}}"])*+\}})
  | (?P<ERROR>\#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA))
  | (?P<SHEET>'(?:[^']|''){{1,600}}+'!
        |(?:\[[0-9]+\])?{_WORD}(?::{_WORD})?!|\[[0-9]+\](?:!|(?={_WORD}!)))
  | (?P<REFERENCE>{_CELL}(?::{_CELL})?(?![\w.(\[!\\])
        |\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}(?![\w.(\[!\\])|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}})
  | (?P<FUNCTION>{_WORD}[ ]*\()
  | (?P<TABLE>(?:{_WORD})?\[)
  | (?P<NAME>{_WORD})
  | (?P<NUMBER>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<OPEN>\()
  | (?P<CLOSE>\))
  | (?P<COMMA>,)
  | (?P<SPACE>\s+)
  | (?P<OPERATOR><=|>=|<>|.)
    """,
    re.VERBOSE | re.DOTALL,
)


_KINDS = {kind.name: kind for kind in Kind}


def tokenize(formula: str) -> list[Token]:
    """The tokens of a formula as it is stored in a file (without the leading equals sign)."""
    tokens: list[Token] = []
    position = 0
    while position < len(formula):
        match = _PATTERN.match(formula, position)
        if match is None:  # pragma: no cover - OPERATOR takes any character
            raise ValueError(f"{formula!r} cannot be read")
        kind, end = _KINDS[str(match.lastgroup)], match.end()
        if kind is Kind.TABLE:
            end = _bracket_end(formula, end - 1)
        tokens.append(Token(kind, formula[position:end]))
        position = end
    return tokens


def _bracket_end(formula: str, start: int) -> int:
    """Where the bracket that opens at `start` ends; an apostrophe escapes the next character."""
    depth, position = 0, start
    while position < len(formula):
        character = formula[position]
        if character == "'":
            position += 1
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return len(formula)


_STORAGE_PREFIX = re.compile(r"^(?:_xlfn\.|_xlws\.|_xll\.|_xludf\.)+", re.IGNORECASE)


@lru_cache(4096)
def storage_name(text: str) -> str:
    """A function's name in upper case and without what files put before it."""
    return CATALOG.without_namespace(_STORAGE_PREFIX.sub("", text).upper())


def function_name(token: Token) -> str:
    """The name in a FUNCTION token: upper case, without parenthesis and storage prefixes."""
    return storage_name(token.text[:-1].strip())


def references(tokens: list[Token]) -> Iterator[tuple[str | None, str]]:
    """Sheet (None for the formula's own) and text of each plain reference in a formula."""
    sheet: str | None = None
    for token in tokens:
        if token.kind is Kind.SHEET:
            sheet = sheet_of_prefix(token.text)
            continue
        if token.kind is Kind.REFERENCE:
            yield sheet, token.text
        sheet = None
