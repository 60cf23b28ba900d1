"""Cell addresses in A1 style: text to row and column numbers and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_END = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([0-9]{1,7})?")
_MOST_DIGITS = 10
_PLAIN_SHEET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """The letters of a column number, 1 being A."""
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """The number of a column, A being 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    """The A1 address of a row and a column."""
    return f"{column_letters(column)}{row}"


def parse_address(text: str) -> tuple[int, int]:
    """Row and column of an A1 address, with or without dollar signs."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a cell address")
    row, column = int(match[2]), column_number(match[1])
    if not (1 <= row <= LAST_ROW and column <= LAST_COLUMN):
        raise ValueError(f"there is no cell {text}")
    return row, column


def is_count(text: str) -> bool:
    """Whether a text is a number in plain digits, and none of thousands of them."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


class Area(NamedTuple):
    """A rectangle of cells; the bounds are included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """The area in A1 style; one cell has no colon."""
        first = address(self.top, self.left)
        if (self.top, self.left) == (self.bottom, self.right):
            return first
        return f"{first}:{address(self.bottom, self.right)}"

    @property
    def absolute(self) -> str:
        """The area in A1 style, with a dollar sign before each row and column."""
        ends = ((self.top, self.left), (self.bottom, self.right))
        return ":".join(str(End(row, column, True, True)) for row, column in ends)

    def holds(self, place: tuple[int, int]) -> bool:
        """Whether a row and column lie inside."""
        row, column = place
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    @property
    def rows(self) -> range:
        """The numbers of its rows."""
        return range(self.top, self.bottom + 1)

    @property
    def columns(self) -> range:
        """The numbers of its columns."""
        return range(self.left, self.right + 1)

    @property
    def is_cell(self) -> bool:
        """Whether it is a single cell."""
        return self.top == self.bottom and self.left == self.right

    def cells(self) -> Iterator[tuple[int, int]]:
        """Row and column of each cell, row by row."""
        return product(self.rows, self.columns)

    @classmethod
    def of(cls, place: tuple[int, int], height: int, width: int) -> Area:
        """The area of a size that begins with a cell."""
        row, column = place
        return cls(row, column, row + height - 1, column + width - 1)

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.right - self.left + 1

    def overlaps(self, other: Area) -> bool:
        """Whether the two share a cell."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )


def parse_area(text: str) -> Area:
    """The area of a range such as B2:D9, of a cell, or of whole rows or columns."""
    first, _, last = text.replace("$", "").partition(":")
    last = last or first
    if is_count(first) and is_count(last):
        top, bottom = sorted((int(first), int(last)))
        return Area(top, 1, bottom, LAST_COLUMN)
    if first.isalpha() and last.isalpha():
        left, right = sorted((column_number(first), column_number(last)))
        return Area(1, left, LAST_ROW, right)
    (row, column), (other_row, other_column) = parse_address(first), parse_address(last)
    return Area(
        min(row, other_row), min(column, other_column),
        max(row, other_row), max(column, other_column),
    )  # fmt: skip


class End(NamedTuple):
    """A cell, a whole row or a whole column that a reference names; a dollar sign fixes it."""

    row: int | None
    column: int | None
    fixed_row: bool
    fixed_column: bool

    def __str__(self) -> str:
        """As a formula holds it."""
        letters = "" if self.column is None else "$" * self.fixed_column
        digits = "" if self.row is None else f"{'$' * self.fixed_row}{self.row}"
        return letters + column_letters(self.column or 0) + digits

    def moved(self, rows: int, columns: int) -> End:
        """The end in a formula that was copied so many rows down and columns to the right."""
        row, column, fixed_row, fixed_column = self
        return End(
            row if row is None or fixed_row else row + rows,
            column if column is None or fixed_column else column + columns,
            fixed_row,
            fixed_column,
        )


@lru_cache(maxsize=4096)
def ends_of(text: str) -> tuple[End, ...] | None:
    """The one or two ends of a reference in A1 style; None for any other text."""
    found = []
    for part in text.split(":"):
        match = _END.fullmatch(part)
        if match is None:
            return None
        dollar, letters, fixed, digits = match.groups()
        column = column_number(letters) if letters else None
        row = int(digits) if digits else None
        found.append(End(row, column, bool(fixed if letters else dollar or fixed), bool(dollar)))
    return tuple(found)


def area_or_none(text: str) -> Area | None:
    """The area of a range; None where the text is none."""
    try:
        return parse_area(text)
    except ValueError:
        return None


def sheet_of_prefix(prefix: str) -> str:
    """The sheet that a prefix such as `'My Sheet'!` names; with its book or range of sheets."""
    name = prefix.removesuffix("!")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def quote_sheet(name: str) -> str:
    """A sheet's name as it stands before the exclamation mark."""
    if _PLAIN_SHEET.fullmatch(name) and not _ADDRESS.fullmatch(name):
        return name
    return "'" + name.replace("'", "''") + "'"
