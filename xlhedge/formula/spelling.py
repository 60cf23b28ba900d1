"""How Excel's two kinds of add-ins spell our functions in the formulas that a workbook stores.

The add-in of Windows (VBA) has the functions under their plain names, `LIQ_PRICE(...)`. In an
Office.js add-in, on the Mac and on the web, names have a namespace: Excel shows
`XLHEDGE.LIQ_PRICE(...)` and stores `_xldudf_XLHEDGE_LIQ_PRICE(...)`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from xlhedge.catalog import CATALOG, prefixed, stored
from xlhedge.formula.tokens import Kind, storage_name, tokenize

# The file of an add-in before a function's name: `[1]!`, `'C:\add-ins\[1]xlhedge.xlam'!`.
_FILE = re.compile(r"\[|\.xl\w+'?!$", re.IGNORECASE)
_NAMESPACED = re.compile(r"^(?:_xlfn\.)?(?:_xldudf_|XLHEDGE\.)", re.IGNORECASE)


class Spelling(StrEnum):
    """Whose add-in calculates a workbook."""

    VBA = "vba"
    OFFICE_JS = "office-js"


class Edit(NamedTuple):
    """What stands between two places of a formula, and what is to stand there."""

    start: int
    end: int
    text: str


def edits(formula: str, spelling: Spelling, taken: Collection[str] = ()) -> Iterator[Edit]:
    """What turns the calls of our functions into the spelling that is wanted, in order.

    A file that is named before a function, such as `[1]!`, goes with the old spelling. `taken` are
    names, in upper case, of the workbook's own functions: a plain call means those.
    """
    start = 0
    for kind, text, before in tokenize(formula):
        if kind is Kind.FUNCTION and (not before or _FILE.search(before)):
            end = start + len(before) + len(text)
            wanted = _wanted(text, spelling, taken)
            if wanted not in (None, formula[start:end]):
                yield Edit(start, end, wanted)
        start += len(before) + len(text)


def edited(characters: Sequence[str], changes: Iterable[Edit]) -> str:
    """A text, given by its characters, with changes made.

    Examples
    --------
    >>> formula = "ROUND(LIQ_PRICE(A1,B1),2)"
    >>> edited(formula, edits(formula, Spelling.OFFICE_JS))
    'ROUND(_xldudf_XLHEDGE_LIQ_PRICE(A1,B1),2)'
    """
    pieces, position = [], 0
    for change in changes:
        pieces += [*characters[position : change.start], change.text]
        position = change.end
    return "".join([*pieces, *characters[position:]])


def has_namespace(text: str) -> bool:
    """Whether a function is written as an Office.js add-in's."""
    return _NAMESPACED.match(text) is not None


def _wanted(written: str, spelling: Spelling, taken: Collection[str]) -> str | None:
    """How a function of ours is to be written; None where it is to stay as it is."""
    name = storage_name(written)
    if name not in CATALOG:
        return None
    first = CATALOG[name].name
    if spelling is Spelling.VBA:
        if not has_namespace(written):
            return None
        return prefixed(first) if first in taken else first
    if name in taken and not has_namespace(written):
        return None
    return stored(first)
