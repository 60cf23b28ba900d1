"""Formulas as they read in other cells: what Excel writes when a formula is copied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW, column_letters, column_number
from xlhedge.formula.tokens import Kind, Token, tokenize

_PART = re.compile(r"(\$?)([A-Za-z]{1,3}(?![A-Za-z]))?(?:(\$?)([0-9]{1,7}))?")


class Number(NamedTuple):
    """A number in a formula that each copy counts from a first one of its own."""

    offset: int


class _Part(NamedTuple):
    """A cell, a whole row or a whole column; what is not fixed is counted from the formula's."""

    column: int | None
    row: int | None
    fixed_column: bool
    fixed_row: bool

    def letters(self, column: int) -> str | None:
        """The column as it reads in a formula of that column; None beyond the sheet."""
        if self.column is None:
            return ""
        if self.fixed_column:
            return f"${column_letters(self.column)}"
        number = self.column + column
        return column_letters(number) if 1 <= number <= LAST_COLUMN else None

    def form(self, column: int) -> str | None:
        """The same with the row; `%d` stands for a row that moves."""
        letters = self.letters(column)
        if letters is None or self.row is None:
            return letters
        return f"{letters}${self.row}" if self.fixed_row else f"{letters}%d"


_Piece = str | Number | tuple[_Part, ...]


class _Form(NamedTuple):
    """A pattern in one column: a text with gaps, and the numbers that fill them."""

    text: str
    gaps: tuple[tuple[bool, int], ...]
    lowest: int
    highest: int


class Pattern:
    """A formula that can be copied.

    Parameters
    ----------
    tokens
        The formula.
    row, column
        The cell that it stands in.

    Attributes
    ----------
    pieces
        The formula with relative references counted from its own cell: two formulas of equal
        pieces are copies of each other.
    """

    def __init__(self, tokens: Sequence[Token | Number], row: int = 0, column: int = 0) -> None:
        self.pieces: tuple[_Piece, ...] = tuple(
            token
            if isinstance(token, Number)
            else _parts(token.text, row, column)
            if token.kind is Kind.REFERENCE
            else token.text
            for token in tokens
        )
        self._forms: dict[int, _Form] = {}

    @property
    def reads_the_same_everywhere(self) -> bool:
        """Whether no part of it is relative."""
        return not any(
            (part.column is not None and not part.fixed_column)
            or (part.row is not None and not part.fixed_row)
            for piece in self.pieces
            if not isinstance(piece, (str, Number))
            for part in piece
        )

    def at(self, row: int, column: int, first: int = 0) -> str:
        """The formula as it reads in another cell.

        Parameters
        ----------
        row, column
            The cell.
        first
            What its numbers are counted from.

        Returns
        -------
        str
            The formula; a reference that leaves the sheet is `#REF!`.
        """
        form = self._forms.get(column)
        if form is None:
            form = self._forms[column] = _form(self.pieces, column)
        if row + form.lowest < 1 or row + form.highest > LAST_ROW:
            inside = [_inside(piece, row) for piece in self.pieces]
            form = _form(inside, column)
        return form.text % tuple([(row if moves else first) + gap for moves, gap in form.gaps])


def shifted(formula: str, rows: int, columns: int) -> str:
    """A formula as it reads when it is copied `rows` down and `columns` to the right."""
    return _pattern(formula).at(rows, columns)


@lru_cache(maxsize=64)
def _pattern(formula: str) -> Pattern:
    """A formula that is about to be copied to many rows."""
    return Pattern(tokenize(formula))


def _parts(text: str, row: int, column: int) -> tuple[_Part, ...] | str:
    found = []
    for part in text.split(":"):
        match = _PART.fullmatch(part)
        if match is None:
            return text
        dollar, letters, fixed_row, digits = match.groups()
        if letters is None:
            dollar, fixed_row = "", dollar or fixed_row
        found.append(
            _Part(
                column_number(letters) - (0 if dollar else column) if letters else None,
                int(digits) - (0 if fixed_row else row) if digits else None,
                bool(dollar),
                bool(fixed_row),
            )
        )
    return tuple(found)


def _form(pieces: Sequence[_Piece], column: int) -> _Form:
    texts: list[str] = []
    gaps: list[tuple[bool, int]] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece.replace("%", "%%"))
        elif isinstance(piece, Number):
            texts.append("%d")
            gaps.append((False, piece.offset))
        else:
            forms = [part.form(column) for part in piece]
            if None in forms:
                texts.append("#REF!")
                continue
            texts.append(":".join(form for form in forms if form is not None))
            gaps.extend(
                (True, part.row) for part in piece if part.row is not None and not part.fixed_row
            )
    rows = [gap for moves, gap in gaps if moves]
    return _Form(
        "".join(texts), tuple(gaps), min(rows, default=LAST_ROW), max(rows, default=-LAST_ROW)
    )


def _inside(piece: _Piece, row: int) -> _Piece:
    """A piece, or the error that it is in a row where it leaves the sheet."""
    if isinstance(piece, (str, Number)):
        return piece
    moving = [part.row + row for part in piece if part.row is not None and not part.fixed_row]
    return piece if all(1 <= number <= LAST_ROW for number in moving) else "#REF!"
