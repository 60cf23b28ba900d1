"""Formula text as tokens: enough of the grammar to rewrite references and calls safely."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import lru_cache, wraps
from typing import NamedTuple, TypeVar

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import sheet_of_prefix


class Kind(Enum):
    """What a token is."""

    TEXT = "text"
    ARRAY = "array constant"
    ERROR = "error value"
    REFERENCE = "reference"
    FUNCTION = "function"
    TABLE = "structured reference"
    NAME = "name"
    NUMBER = "number"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    SPACE = "space"
    OPERATOR = "operator"


class Token(NamedTuple):
    """A piece of a formula; the sheets and texts of all tokens joined give the formula.

    `sheet` is what stands before a reference, a name or a function, with the exclamation mark.
    """

    kind: Kind
    text: str
    sheet: str


_LETTER = r"A-Za-z_\\\u00a1-\uffff"
_WORD = rf"[{_LETTER}][{_LETTER}0-9.?]*"
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
# The repetitions over quoted text are possessive (*+): else a crafted formula without its closing
# quote or brace would be tried in exponentially many ways. Array constants hold no brace, and a
# sheet's name with the path of its workbook has a limit: else thousands of unmatched ones would
# each be followed to the formula's end. In a structured reference an apostrophe escapes the next
# character.
_PATTERN = re.compile(
    rf"""
    (?=[#$'\[0-9{_LETTER}])  # spares signs and texts the alternatives that follow
    (?P<SHEET>(?:'(?:[^']|''){{1,600}}+'!|(?:\[[0-9]+\])?{_WORD}(?::{_WORD})?!|\[[0-9]+\]!){{1,2}}+)?
    (?:(?P<ERROR>\#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA))
      |(?P<REFERENCE>{_CELL}(?::{_CELL})?(?![\w.(\[!\\])
        |\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}(?![\w.(\[!\\])|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}})
      |(?P<FUNCTION>{_WORD}(?=[ ]*\())
      |(?P<TABLE>(?:{_WORD})?\[(?:'.?|[^\[\]']|\[(?:'.?|[^\[\]'])*+(?:\]|\Z))*+(?:\]|\Z))
      |(?P<NAME>{_WORD}))
  | (?P<TEXT>"(?:[^"]|"")*+")
  | (?P<ARRAY>\{{(?:"(?:[^"]|"")*+"|[^{{}}"])*+\}})
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
_MOST_KEPT, _LONGEST_KEPT = 2048, 1000
_Read = TypeVar("_Read")


def remembered(read: Callable[[str], _Read]) -> Callable[[str], _Read]:
    """Remember what was read of short formulas; long ones would take too much memory."""
    kept = lru_cache(_MOST_KEPT)(read)

    @wraps(read)
    def reading(formula: str) -> _Read:
        return kept(formula) if len(formula) <= _LONGEST_KEPT else read(formula)

    return reading


@remembered
def tokenize(formula: str) -> tuple[Token, ...]:
    """The tokens of a formula as it is stored in a file (without the leading equals sign)."""
    matches = ((match, match.lastgroup or "") for match in _PATTERN.finditer(formula))
    return tuple(
        [Token(_KINDS[kind], match[kind], match["SHEET"] or "") for match, kind in matches]
    )


_STORAGE_PREFIX = re.compile(r"^(?:_xlfn\.|_xlws\.|_xll\.|_xludf\.)+", re.IGNORECASE)


@lru_cache(4096)
def storage_name(text: str) -> str:
    """A function's name in upper case and without what files put before it."""
    return CATALOG.without_namespace(_STORAGE_PREFIX.sub("", text).upper())


def references(tokens: Iterable[Token]) -> Iterator[tuple[str, str]]:
    """Sheet (empty for the formula's own) and text of each plain reference in a formula."""
    for token in tokens:
        if token.kind is Kind.REFERENCE:
            yield sheet_of_prefix(token.sheet), token.text
