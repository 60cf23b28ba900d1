"""The cells of a worksheet part, read once and held in a few bytes each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import ItemsView, Iterable, Iterator, Mapping, MutableMapping
from functools import cached_property
from itertools import repeat
from operator import itemgetter
from typing import Any

from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area, address
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.package import Package, Sheet, active_filters
from xlhedge.workbook.reading import (
    CELL,
    DATA,
    ROW,
    Address,
    Extent,
    Formula,
    Formulas,
    filled,
    numbered_cells,
    numbered_rows,
)
from xlhedge.workbook.values import FORMULA, INLINE, VALUE, inline_text, is_held, value_of
from xlhedge.workbook.xml import MAIN, Stream, parse_xml

_KINDS = ("n", "s", "str", "b", "e", "d", "inlineStr")
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_ERROR, _TEXT, _INLINE = (_NUMBERS[kind] for kind in ("e", "str", "inlineStr"))
_FORMULA, _NO_VALUE, _BLANK = 32, 64, 128
_COLUMNS = 1 << 15
_MISSING = object()


class Places:
    """Addresses in the order of the sheet, eight bytes each."""

    def __init__(self) -> None:
        self._codes = array("Q")

    def append(self, row: int, column: int) -> None:
        """Add an address behind all others."""
        self._codes.append(row * _COLUMNS + column)

    def index(self, place: Address) -> int:
        """How many addresses stand before one; −1 where it is not among them."""
        code = place[0] * _COLUMNS + place[1]
        index = bisect_left(self._codes, code)
        return index if index < len(self._codes) and self._codes[index] == code else -1

    def columns(self, row: int) -> list[int]:
        """The columns of those in a row."""
        first = bisect_left(self._codes, row * _COLUMNS)
        last = bisect_left(self._codes, (row + 1) * _COLUMNS, first)
        return [code % _COLUMNS for code in self._codes[first:last]]

    def __contains__(self, place: object) -> bool:
        """Whether an address is among them."""
        return self.index(place) >= 0  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Address]:
        """Row and column of each."""
        return map(divmod, self._codes, repeat(_COLUMNS))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._codes)


class _Texts:
    """Texts one after the other in one piece of memory."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])

    def append(self, text: str) -> None:
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))

    @property
    def whole(self) -> str:
        return self._bytes.decode()

    def __getitem__(self, index: int) -> str:
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        start = 0
        for end in self._ends[1:]:
            yield self._bytes[start:end].decode()
            start = end


class FormulaCells(Mapping[Address, Formula]):
    """The formula cells of a part, each made from its text when it is asked for.

    Attributes
    ----------
    places
        Their addresses.
    arrays
        Those that may fill more than their own cell.
    """

    def __init__(self) -> None:
        self.places = Places()
        self.arrays: dict[Address, Formula] = {}
        self._texts = _Texts()

    def append(self, row: int, column: int, formula: str | Formula) -> None:
        """Add a formula behind all others, as it was read."""
        self.places.append(row, column)
        if isinstance(formula, Formula):
            self.arrays[row, column] = formula
            formula = formula.text
        self._texts.append(formula)

    @property
    def whole(self) -> str:
        """All texts, one after the other."""
        return self._texts.whole

    def texts(self) -> Iterator[tuple[Address, str]]:
        """The text of each formula by its cell."""
        return zip(self.places, self._texts, strict=True)

    def __getitem__(self, place: Address) -> Formula:
        """The formula of a cell."""
        index = self.places.index(place)
        if index < 0:
            raise KeyError(place)
        area = Area(*place, *place)
        return self.arrays.get(place) or Formula(*place, self._texts[index], Extent.CELL, area)

    def __contains__(self, place: object) -> bool:
        """Whether a cell has a formula."""
        return place in self.places

    def __iter__(self) -> Iterator[Address]:
        """The cells in the order of the sheet."""
        return iter(self.places)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.places)


class Values(MutableMapping[Address, Cell]):
    """Values by cell; those of the formula cells that are named first take little room."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._values: list[Any] = [_MISSING] * len(places)
        self._others: dict[Address, Cell] = {}

    def __getitem__(self, place: Address) -> Cell:
        """The value of a cell."""
        value: Cell = self.get(place, _MISSING)
        if value is _MISSING:
            raise KeyError(place)
        return value

    def get(self, place: Address, default: Any = None) -> Any:
        """The value of a cell, or another where it has none."""
        index = self._places.index(place)
        value = self._others.get(place, _MISSING) if index < 0 else self._values[index]
        return default if value is _MISSING else value

    def __setitem__(self, place: Address, value: Cell) -> None:
        """Give a cell a value."""
        index = self._places.index(place)
        if index < 0:
            self._others[place] = value
        else:
            self._values[index] = value

    def put(self, index: int, value: Cell) -> None:
        """Give one of the formula cells a value, by its place among them."""
        self._values[index] = value

    def __delitem__(self, place: Address) -> None:
        """Take a cell's value away."""
        self[place]
        if self._others.pop(place, _MISSING) is _MISSING:
            self._values[self._places.index(place)] = _MISSING

    def __iter__(self) -> Iterator[Address]:
        """The cells."""
        return (place for place, _ in self.items())

    def items(self) -> ItemsView[Address, Cell]:
        """The cells and their values."""
        return _Items(self)

    def pairs(self) -> Iterator[tuple[Address, Cell]]:
        """The cells and their values, one after the other."""
        for pair in zip(self._places, self._values, strict=True):
            if pair[1] is not _MISSING:
                yield pair
        yield from self._others.items()

    def __len__(self) -> int:
        """How many cells have values."""
        return len(self._values) - self._values.count(_MISSING) + len(self._others)


class _Items(ItemsView[Address, Cell]):
    _mapping: Values

    def __iter__(self) -> Iterator[tuple[Address, Cell]]:
        return self._mapping.pairs()


class _OutOfOrder(Exception):  # a signal inside this module
    """A row stands before a smaller one."""


class Cells:
    """The cells of a worksheet part, to be read only; `Worksheet` is the part to be changed.

    Attributes
    ----------
    root
        The part's root element without the rows.
    cells, formulas
        The addresses of all cells, and the formula cells.
    rows, hidden
        The numbers of all rows, and of those that are hidden.
    errors
        The cells whose stored values are errors.
    """

    def __init__(self, package: Package, sheet: Sheet) -> None:
        self.package, self.sheet = package, sheet
        self.where = f"{package.name}: sheet {sheet.name!r}"
        self.root = package.held(sheet.part)
        try:
            if self.root is None:
                self._read_stream()
            else:
                self._read_tree()
        except ValueError as problem:
            raise FileError(f"{self.where}: {problem}") from None
        if self.root.tag != f"{MAIN}worksheet" or self.root.find(DATA) is None:
            raise FileError(f"{self.where} is not a worksheet")

    def _read_stream(self) -> None:
        part, name = self.sheet.part, f"{self.package.name}: {self.sheet.part}"
        stream = Stream(self.package.open_part(part), name, DATA, ROW)
        try:
            self._read(numbered_rows(stream))
        except _OutOfOrder:
            self.root = parse_xml(self.package.read(part), name)
            self._read_tree()
            del self.root.find(DATA)[:]
        else:
            self.root = stream.root
            stream.finish()

    def _read_tree(self) -> None:
        rows = self.root.iterfind(f"{DATA}/{ROW}")
        self._read(sorted(numbered_rows(rows), key=itemgetter(0)))

    def _read(self, rows: Iterable[tuple[int, Any]]) -> None:
        self.cells = Places()
        self.formulas = FormulaCells()
        self.rows, self.hidden = array("I"), set[int]()
        self.errors: list[Address] = []
        self._kinds, self._texts = bytearray(), _Texts()
        formulas, columns = Formulas(self.where), dict[str, int]()
        last = 0
        for row, node in rows:
            if row <= last:
                if row == last:
                    raise ValueError(f"the row {row} comes twice")
                raise _OutOfOrder
            last = row
            self.rows.append(row)
            if node.get("hidden") in ("1", "true"):
                self.hidden.add(row)
            found = numbered_cells(row, node.iterchildren(CELL), columns)
            before = 0
            for column, cell in sorted(found, key=itemgetter(0)):
                if column == before:
                    raise ValueError(f"the cell {address(row, column)} comes twice")
                before = column
                self._take(row, column, cell, formulas)

    def _take(self, row: int, column: int, cell: Any, formulas: Formulas) -> None:
        given = cell.get("t")
        kind = 0 if given is None else _NUMBERS.get(given, _TEXT)
        formula = value = None
        for child in cell:
            tag = child.tag
            if tag == VALUE:
                if value is None and kind != _INLINE:
                    value = child.text or ""
            elif tag == FORMULA:
                formula = formulas.read(row, column, cell, child) or formula
            elif tag == INLINE and value is None and kind == _INLINE:
                value = inline_text(child)
        if kind == _ERROR:
            self.errors.append((row, column))
        if value is None:
            kind |= _NO_VALUE if len(cell) else _BLANK
        if formula is not None:
            self.formulas.append(row, column, formula)
            kind |= _FORMULA
        self.cells.append(row, column)
        self._kinds.append(kind)
        self._texts.append(value or "")

    @property
    def arrays(self) -> list[Formula]:
        """The formulas that may fill more than their own cell."""
        return list(self.formulas.arrays.values())

    @cached_property
    def filled(self) -> dict[Address, Address]:
        """Cells that the file says are filled by an array formula: cell to formula cell."""
        return filled(self.arrays, self.formulas, self.cells)

    @property
    def filters(self) -> list[Area]:
        """The areas whose rows an active filter of the part hides, header included."""
        return list(active_filters(self.root))

    def held(self) -> Iterator[tuple[Address, bool, str, str | None]]:
        """Address, whether there is a formula, type and text of each cell, as the file has them."""
        for place, kind, text in zip(self.cells, self._kinds, self._texts, strict=True):
            value = None if kind >= _NO_VALUE else text
            yield place, bool(kind & _FORMULA), _KINDS[kind % _FORMULA], value

    def is_blank(self, place: Address) -> bool:
        """Whether a cell of the part holds nothing."""
        return self._kinds[self.cells.index(place)] >= _BLANK

    def holds(self, place: Address, value: Cell) -> bool:
        """Whether the file holds a value for a cell."""
        index = self.cells.index(place)
        if index < 0:
            return False
        kind = self._kinds[index]
        text = None if kind >= _NO_VALUE else self._texts[index]
        return is_held(_KINDS[kind % _FORMULA], text, value)

    def stored(self, place: Address) -> Cell:
        """The value that the file holds for a cell; None where it holds none."""
        index = self.cells.index(place)
        if index < 0 or self._kinds[index] >= _NO_VALUE:
            return None
        kind, text = _KINDS[self._kinds[index] % _FORMULA], self._texts[index]
        texts = self.package.texts if kind == "s" else ()
        try:
            return value_of(kind, text, texts, from_1904=self.package.counts_from_1904)
        except ValueError:
            return CellError.VALUE


def read_cells(package: Package) -> list[Cells]:
    """The cells of all worksheets of a workbook."""
    return [Cells(package, sheet) for sheet in package.worksheets]


def filters(package: Package, sheets: Iterable[Cells]) -> dict[str, list[Area]]:
    """The areas by sheet whose rows an active filter hides, header included."""
    found = {one.sheet.name: one.filters for one in sheets}
    for table in package.tables.values():
        found.setdefault(table.sheet, []).extend(active_filters(package.tree(table.part)))
    return {sheet: areas for sheet, areas in found.items() if areas}
