"""Addresses, formulas and values of many cells, held in a few bytes each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, chain, repeat
from typing import Any

from xlhedge.formula.addresses import Area, address, parse_area
from xlhedge.formula.copying import shifted
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.package import LONGEST_FORMULA
from xlhedge.workbook.reading import Address, Extent, Formula

_COLUMNS = 1 << 15
# Excel allows 64 nested functions.
_DEEPEST_FORMULA = 128
_LARGEST_ARRAY = 2_000_000
_MISSING: Any = object()


class Places:
    """Addresses in the order of the sheet, eight bytes each."""

    def __init__(self) -> None:
        self._codes = array("Q")

    def append(self, row: int, column: int) -> None:
        """Add an address at the end."""
        self._codes.append(row * _COLUMNS + column)

    def index(self, place: Address) -> int:
        """How many addresses stand before one; −1 where it is not among them."""
        code = place[0] * _COLUMNS + place[1]
        index = bisect_left(self._codes, code)
        return index if index < len(self._codes) and self._codes[index] == code else -1

    def within(self, area: Area) -> Iterator[tuple[int, int, int]]:
        """Index, row and column of those in an area."""
        index, count = 0, len(self._codes)
        for row in area.rows:
            start = row * _COLUMNS
            index = bisect_left(self._codes, start + area.left, index)
            while index < count and (column := self._codes[index] - start) <= area.right:
                yield index, row, column
                index += 1

    @property
    def bounds(self) -> Area:
        """The smallest area that contains them all."""
        columns = {code % _COLUMNS for code in self._codes}
        first, last = self._codes[0] // _COLUMNS, self._codes[-1] // _COLUMNS
        return Area(first, min(columns), last, max(columns))

    def __contains__(self, place: object) -> bool:
        """Whether an address is among them."""
        return self.index(place) >= 0  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Address]:
        """Row and column of each."""
        return map(divmod, self._codes, repeat(_COLUMNS))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._codes)


class Texts:
    """Texts one after the other in one piece of memory."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])

    def append(self, text: str) -> None:
        """Add a text at the end."""
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))

    @property
    def whole(self) -> str:
        """All of them as one text."""
        return self._bytes.decode()

    def __getitem__(self, index: int) -> str:
        """A text by its index."""
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        """All of them."""
        start = 0
        for end in self._ends[1:]:
            yield self._bytes[start:end].decode()
            start = end


class FormulaCells(Places):
    """The formula cells of a part in its order.

    Attributes
    ----------
    arrays
        Those that may fill more than their own cell.
    shared
        The cells and texts that others of the file refer to, by index; they are written out here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.arrays: dict[Address, Formula] = {}
        self.shared: dict[str, tuple[int, int, str]] = {}
        self._texts = Texts()

    def read(self, row: int, column: int, cell: Any, node: Any) -> bool:
        """Add a formula at the end, if there is one; a ValueError tells what is wrong with it.

        `cell` is the cell's element and `node` its formula's, empty where an array fills the cell.
        """
        text: str = node.text or ""
        if len(text) > LONGEST_FORMULA or text.count("(") > _DEEPEST_FORMULA:
            _refuse_endless(text, row, column)
        kind = node.get("t")
        if kind == "shared":
            index = node.get("si", "")
            if text:
                self.shared[index] = row, column, text
            elif index in self.shared:
                first_row, first_column, pattern = self.shared[index]
                text = shifted(pattern, row - first_row, column - first_column)
        elif kind == "dataTable" or (kind == "array" and text):
            extent = Extent.FIXED if cell.get("cm") is None else Extent.DYNAMIC
            if kind == "dataTable":
                extent = Extent.DATA_TABLE
            self.arrays[row, column] = Formula(row, column, text, extent, _area(node, row, column))
        if not text and kind != "dataTable":
            return False
        self.append(row, column)
        self._texts.append(text)
        return True

    @property
    def whole(self) -> str:
        """All texts, one after the other."""
        return self._texts.whole

    def texts(self) -> Iterator[tuple[Address, str]]:
        """The text of each formula by its cell."""
        return zip(self, self._texts, strict=True)

    def text(self, place: Address) -> str | None:
        """The text of a cell's formula; None where it has none."""
        index = self.index(place)
        return None if index < 0 else self._texts[index]

    def __getitem__(self, place: Address) -> Formula:
        """The formula of a cell."""
        text = self.text(place)
        if text is None:
            raise KeyError(place)
        area = Area(*place, *place)
        return self.arrays.get(place) or Formula(*place, text, Extent.CELL, area)


def _refuse_endless(text: str, row: int, column: int) -> None:
    if len(text) > LONGEST_FORMULA:
        raise ValueError(
            f"the formula in {address(row, column)} has {len(text)} characters; "
            f"at most {LONGEST_FORMULA} are read"
        )
    levels = accumulate((letter == "(") - (letter == ")") for letter in text)
    if max(levels, default=0) > _DEEPEST_FORMULA:
        raise ValueError(
            f"the formula in {address(row, column)} is nested deeper than "
            f"{_DEEPEST_FORMULA} parentheses"
        )


def _area(node: Any, row: int, column: int) -> Area:
    cell = Area(row, column, row, column)
    area = parse_area(node.get("ref") or str(cell))
    if (area.top, area.left) != (cell.top, cell.left):
        raise ValueError(f"the array of {cell} does not start there")
    if area.height * area.width > _LARGEST_ARRAY:
        raise ValueError(f"the array {area} is larger than {_LARGEST_ARRAY} cells")
    return area


class Values:
    """Values by cell; those of the cells in `places` are stored compactly."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._values: list[Any] = [_MISSING] * len(places)
        self._others: dict[Address, Cell] = {}

    def get(self, place: Address, default: Any = None) -> Any:
        """The value of a cell, or another where it has none."""
        index = self._places.index(place)
        value = self._others.get(place, _MISSING) if index < 0 else self._values[index]
        return default if value is _MISSING else value

    def __getitem__(self, place: Address) -> Cell:
        """The value of a cell that has one."""
        value: Cell = self.get(place, _MISSING)
        if value is _MISSING:
            raise KeyError(place)
        return value

    def __contains__(self, place: Address) -> bool:
        """Whether a cell has a value."""
        return self.get(place, _MISSING) is not _MISSING

    def __setitem__(self, place: Address, value: Any) -> None:
        """Give a cell a value."""
        index = self._places.index(place)
        if index < 0:
            self._others[place] = value
        else:
            self._values[index] = value

    def put(self, index: int, value: Any) -> None:
        """Give one of the formula cells a value, by its place among them."""
        self._values[index] = value

    def items(self) -> Iterator[tuple[Address, Any]]:
        """The cells and their values."""
        pairs = chain(zip(self._places, self._values, strict=True), self._others.items())
        return (pair for pair in pairs if pair[1] is not _MISSING)

    def __iter__(self) -> Iterator[Address]:
        """The cells."""
        return (place for place, _ in self.items())
