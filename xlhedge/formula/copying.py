"""Formulas as they read in other cells: what Excel writes when a formula is copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    End,
    column_number,
    ends_of,
)
from xlhedge.formula.tokens import Kind, tokenize

# The bounds of references, and what is skipped because it may hold texts that look like them.
_BOUND = re.compile(
    r"""("(?:[^"]|"")*+"|'(?:[^']|'')*+'!|\[(?:'.|[^\]'])*+\])
    |(?<![\w.$\\?])(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})(?![\w.(\[!\\?])
    |(?<![\w.$\\?])(\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7})(?![\w.(\[!\\?])
    """,
    re.VERBOSE | re.DOTALL,
)


class _Form(NamedTuple):
    """A pattern in one column: a text with a gap for each row that moves, counted from the cell."""

    text: str
    rows: tuple[int, ...]
    lowest: int
    highest: int


class Pattern:
    """A formula that can be copied, and the cell that it stands in."""

    def __init__(self, formula: str, row: int = 0, column: int = 0) -> None:
        self._formula, self._home = formula, (row, column)
        self._forms: dict[int, _Form] = {}

    @cached_property
    def _pieces(self) -> list[tuple[str, tuple[End, ...] | str]]:
        return [
            (sheet, _counted(text, *self._home) if kind is Kind.REFERENCE else text)
            for kind, text, sheet in tokenize(self._formula)
        ]

    def at(self, row: int, column: int) -> str:
        """The formula as it reads in another cell; a reference that leaves the sheet is `#REF!`."""
        if (row, column) == self._home:
            return self._formula
        form = self._forms.get(column)
        if form is None:
            form = self._forms[column] = self._form(column)
        if row + form.lowest < 1 or row + form.highest > LAST_ROW:
            form = self._form(column, row)
        return form.text % tuple([row + one for one in form.rows])

    def areas(self, row: int, column: int) -> Iterator[tuple[str, Area]]:
        """The sheet's text and the area of each reference in the formula of a cell."""
        for sheet, piece in self._pieces:
            if not isinstance(piece, str):
                first, last = piece[0].moved(row, column), piece[-1].moved(row, column)
                rows = sorted((first.row or 1, last.row or LAST_ROW))
                columns = sorted((first.column or 1, last.column or LAST_COLUMN))
                yield sheet, Area(rows[0], columns[0], rows[1], columns[1])

    def _form(self, column: int, row: int | None = None) -> _Form:
        """The formula in a column; in one row, what leaves the sheet there is an error."""
        texts: list[str] = []
        rows: list[int] = []
        for sheet, piece in self._pieces:
            texts.append(sheet.replace("%", "%%"))
            if isinstance(piece, str):
                texts.append(piece.replace("%", "%%"))
                continue
            forms = [_text(end.moved(0, column)) for end in piece]
            moving = [end.row for end in piece if end.row is not None and not end.fixed_row]
            leaves = row is not None and any(not 1 <= row + one <= LAST_ROW for one in moving)
            if leaves or None in forms:
                texts.append("#REF!")
            else:
                texts.append(":".join(form for form in forms if form is not None))
                rows.extend(moving)
        lowest, highest = min(rows, default=LAST_ROW), max(rows, default=-LAST_ROW)
        return _Form("".join(texts), tuple(rows), lowest, highest)


def shifted(formula: str, rows: int, columns: int) -> str:
    """A formula as it reads when it is copied `rows` down and `columns` to the right."""
    return _pattern(formula).at(rows, columns)


@lru_cache(maxsize=64)
def _pattern(formula: str) -> Pattern:
    """A formula that is about to be copied to many rows."""
    return Pattern(formula)


def likeness(formula: str, row: int, column: int) -> tuple[object, ...]:
    """What the formula of a cell has in common with its copies and with no other formula.

    These are the texts between references, the references counted from the cell, and for each
    range with fixed ends whether it spans the cell's row and column: what is one cell of a range
    for one copy of a formula may be outside of it for another.
    """
    split = _split(formula)
    found: list[object] = []
    before: tuple[int, int] | None = None
    for start in range(0, len(split) - 1, 7):
        text, skipped, fixed_column, letters, fixed_row, digits, whole = split[start : start + 7]
        found.append(text)
        if letters is not None:
            own_row, own_column = int(digits), column_number(letters)
            if before is not None and text == ":":
                found.append(min(before[0], own_row) <= row <= max(before[0], own_row))
                found.append(min(before[1], own_column) <= column <= max(before[1], own_column))
                found.append(_order(before[0], own_row) + 3 * _order(before[1], own_column))
            before = own_row, own_column
            found.append(own_column if fixed_column else -column + own_column + 0.5)
            found.append(own_row if fixed_row else -row + own_row + 0.5)
        elif whole is not None:
            first, last = ends_of(whole) or ()
            found += [_counted(whole, row, column), _order(first.row, last.row)]
            found.append(_order(first.column, last.column))
        else:
            found.append(skipped)
    found.append(split[-1])
    return tuple(found)


@lru_cache(maxsize=1024)
def _split(formula: str) -> list[Any]:
    """The texts between references and the references' parts; the formula where it has none."""
    split = _BOUND.split(formula)
    return split if any(split[3::7]) or any(split[6::7]) else [formula]


def _order(first: int | None, last: int | None) -> int:
    """Which of two ends comes first: one that stays and one that moves may change places."""
    first, last = first or 0, last or 0
    return (first < last) - (first > last)


def _counted(text: str, row: int, column: int) -> tuple[End, ...]:
    """The ends of a reference; what is not fixed is counted from the formula's cell."""
    return tuple(end.moved(-row, -column) for end in ends_of(text) or ())


def _text(end: End) -> str | None:
    """An end with `%d` for a row that moves; None beyond the last column."""
    if end.column is not None and not 1 <= end.column <= LAST_COLUMN:
        return None
    if end.row is None or end.fixed_row:
        return str(end)
    return f"{end._replace(row=None)}%d"
