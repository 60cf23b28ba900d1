"""TEXTBEFORE, TEXTAFTER and TEXTSPLIT."""

from __future__ import annotations

import math
import re
from itertools import zip_longest
from operator import itemgetter

from xlhedge.recalc.conversion import raw_of
from xlhedge.recalc.functions.arguments import (
    Failed,
    Raw,
    as_number,
    cells_of,
    excel_function,
    refuse_errors,
)
from xlhedge.sheet.cells import CellError

_MISSING = raw_of(CellError.NA)


@excel_function("TEXTBEFORE", giving=itemgetter(0))
@excel_function("TEXTAFTER", giving=itemgetter(1))
def _parts(
    raw: Raw,
    delimiters: Raw,
    instance: Raw = "",
    mode: int = 0,
    end: int = 0,
    missing: Raw = _MISSING,
) -> tuple[Raw, Raw]:
    """What stands before a delimiter and behind it."""
    text = _text(raw)
    found = _found(text, delimiters, instance, mode, end)
    if found is None:
        return _shown(missing), _shown(missing)
    return text[: found[0]], text[found[1] :]


def _found(
    text: str, delimiters: Raw, instance: Raw, mode: int, end: int
) -> tuple[int, int] | None:
    """Where the delimiter stands that is asked for; the text's end may stand for one."""
    words = [_text(cell) for cell in cells_of(delimiters)]
    count = 1 if instance == "" else math.floor(as_number(instance))
    if count == 0 or end not in (0, 1):
        raise Failed(CellError.VALUE)
    if instance != "" and abs(count) > len(text) - min(map(len, words)) + 1:
        raise Failed(CellError.VALUE)
    spans = [match.span() for match in _pattern(words, mode).finditer(text)]
    if end:
        spans.insert(len(spans) if count > 0 else 0, (len(text) if count > 0 else 0,) * 2)
    return spans[count - (count > 0)] if abs(count) <= len(spans) else None


@excel_function("TEXTSPLIT")
def _split(
    raw: Raw,
    columns: Raw,
    rows: Raw = "",
    ignore_empty: int = 0,
    mode: int = 0,
    pad: Raw = _MISSING,
) -> Raw:
    text = _text(raw)
    down = [text] if rows == "" else _pieces(text, rows, ignore_empty, mode)
    if columns == "":
        if rows == "":
            raise Failed(CellError.VALUE)
        return [[piece] for piece in down]
    found = [_pieces(row, columns, ignore_empty, mode) for row in down]
    return [list(row) for row in zip(*zip_longest(*found, fillvalue=_shown(pad)), strict=True)]


def _pieces(text: str, delimiters: Raw, ignore_empty: int, mode: int) -> list[str]:
    words = [_text(cell) for cell in cells_of(delimiters)]
    if "" in words:
        raise Failed(CellError.VALUE)
    found = _pattern(words, mode).split(text)
    return [piece for piece in found if piece or not ignore_empty]


def _pattern(words: list[str], mode: int) -> re.Pattern[str]:
    if mode not in (0, 1):
        raise Failed(CellError.VALUE)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE if mode else 0)


def _text(raw: Raw) -> str:
    """One value as Excel joins it to a text."""
    refuse_errors(raw)
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return str(raw).upper()
    return raw if isinstance(raw, str) else f"{raw:.15g}".upper()


def _shown(raw: Raw) -> Raw:
    return "" if raw is None else raw
