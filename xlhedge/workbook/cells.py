"""The cells of a worksheet part, read once and held in a few bytes each."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, count
from operator import itemgetter
from typing import Any

from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area, address, area_or_none
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.held import FormulaCells, Places, Texts, Values
from xlhedge.workbook.package import Package, Sheet
from xlhedge.workbook.reading import (
    CELL,
    DATA,
    ROW,
    Address,
    numbered_cells,
    numbered_rows,
)
from xlhedge.workbook.styles import Format
from xlhedge.workbook.values import (
    FORMULA,
    INLINE,
    VALUE,
    inline_text,
    is_same,
    moment,
    value_of,
    written,
)
from xlhedge.workbook.xml import MAIN, Stream, is_on, parse_xml

_KINDS = ("n", "s", "str", "b", "e", "d", "inlineStr")
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_ERROR, _TEXT, _INLINE = (_NUMBERS[kind] for kind in ("e", "str", "inlineStr"))
_FORMULA, _NO_VALUE, _BLANK = 32, 64, 128


class _OutOfOrder(Exception):  # a signal inside this module
    """A row stands before a smaller one."""


class Cells:
    """The cells of a worksheet part as the file has them.

    Attributes
    ----------
    root
        The part's root element without the rows; after a change the part must be rewritten.
    cells, formulas
        The addresses of all cells, and the formula cells.
    rows, hidden
        The numbers of all rows, and of those that are hidden.
    """

    def __init__(self, package: Package, sheet: Sheet) -> None:
        self.package, self.sheet = package, sheet
        self.where = f"{package.name}: sheet {sheet.name!r}"
        try:
            try:
                stream = self.stream()
                self.read(numbered_rows(stream))
                self.root = stream.root
                stream.finish()
            except _OutOfOrder:
                self.root = parse_xml(package.read(sheet.part), f"{package.name}: {sheet.part}")
                rows = self.root.iterfind(f"{DATA}/{ROW}")
                self.read(sorted(numbered_rows(rows), key=itemgetter(0)))
                del self.root.find(DATA)[:]
        except ValueError as problem:
            raise FileError(f"{self.where}: {problem}") from None
        if self.root.tag != f"{MAIN}worksheet" or self.root.find(DATA) is None:
            raise FileError(f"{self.where} is not a worksheet")

    def stream(self, write: Any = None) -> Stream:
        """The rows of the part as elements, one after the other; see `Stream`."""
        part = self.sheet.part
        source = self.package.open_part(part)
        return Stream(source, f"{self.package.name}: {part}", DATA, ROW, write)

    def elements(self, numbers: Collection[int]) -> dict[int, Any]:
        """The elements of some rows, of those that there are."""
        left, found = set(numbers).intersection(self.rows), {}
        for row, node in numbered_rows(self.stream()) if left else ():
            if row in left:
                left.discard(row)
                found[row] = node
            if not left:
                break
        return found

    def read(self, rows: Iterable[tuple[int, Any]]) -> None:
        """Take in the rows of the part."""
        self.cells = Places()
        self.formulas = FormulaCells()
        self.rows, self.hidden = array("I"), set[int]()
        self._kinds, self._texts = bytearray(), Texts()
        self._styles, self._style_places = defaultdict[str, int](count().__next__), array("I")
        last = 0
        for row, node in rows:
            if row <= last:
                if row == last:
                    raise ValueError(f"the row {row} comes twice")
                raise _OutOfOrder
            last = row
            self.rows.append(row)
            if is_on(node, "hidden"):
                self.hidden.add(row)
            found = numbered_cells(row, node.iterchildren(CELL))
            before = 0
            for column, cell in sorted(found, key=itemgetter(0)):
                if column == before:
                    raise ValueError(f"the cell {address(row, column)} comes twice")
                before = column
                self._take(row, column, cell)

    def _take(self, row: int, column: int, cell: Any) -> None:
        given = cell.get("t")
        kind = 0 if given is None else _NUMBERS.get(given, _TEXT)
        formula, value = 0, None
        for child in cell:
            tag = child.tag
            if tag == VALUE:
                if value is None and kind != _INLINE:
                    value = child.text or ""
            elif tag == FORMULA:
                if not formula and self.formulas.read(row, column, cell, child):
                    formula = _FORMULA
            elif tag == INLINE and value is None and kind == _INLINE:
                value = inline_text(child)
        if value is None:
            kind |= _NO_VALUE if len(cell) else _BLANK
        self.cells.append(row, column)
        self._kinds.append(kind | formula)
        self._texts.append(value or "")
        self._style_places.append(self._styles[cell.get("s", "0")])

    def renewed(self, values: Values | Mapping[Address, Cell]) -> Cells:
        """The cells with the values that were written into those of formulas."""
        formulas, texts = iter(self.formulas), Texts()
        filled = {self.cells.index(place): place for place in self.filled}
        for index, text in enumerate(self._texts):
            kind = self._kinds[index]
            place = next(formulas) if kind & _FORMULA else filled.get(index)
            value = None if place is None else values.get(place)
            if value is None:
                texts.append(text)
                continue
            given, shown = written(value)
            self._kinds[index] = kind & _FORMULA | _NUMBERS[given]
            texts.append(shown or "")
        self._texts = texts
        return self

    @property
    def errors(self) -> Iterator[Address]:
        """The cells whose stored values are errors."""
        kinds = zip(self.cells, self._kinds, strict=True)
        return (place for place, kind in kinds if kind % _FORMULA == _ERROR)

    @cached_property
    def filled(self) -> dict[Address, Address]:
        """Cells that the file says are filled by an array formula: cell to formula cell.

        The formula's own cell is not among them, nor is a cell with a formula of its own.
        """
        return {
            (row, column): array.address
            for array in self.formulas.arrays.values()
            if not array.area.is_cell
            for _, row, column in self.cells.within(array.area)
            if (row, column) not in self.formulas
        }

    @property
    def merged(self) -> list[Area]:
        """The ranges whose cells are merged into one."""
        nodes = self.root.iterfind(f"{MAIN}mergeCells/{MAIN}mergeCell")
        return [area for node in nodes if (area := area_or_none(node.get("ref", ""))) is not None]

    def used(self, area: Area) -> Area:
        """The part of an area down to the last row in use: whole columns have a million."""
        last = self.rows[-1] if self.rows else 1
        return area._replace(bottom=max(area.top, min(area.bottom, last)))

    def name_of(self, place: Address) -> str:
        """A cell as a sentence names it, with its sheet."""
        return f"{self.sheet.name}!{address(*place)}"

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
        return index >= 0 and is_same(*self._raw(index), *written(value))

    def _raw(self, index: int) -> tuple[str, str | None]:
        """Type and text of a cell."""
        kind = self._kinds[index]
        return _KINDS[kind % _FORMULA], None if kind >= _NO_VALUE else self._texts[index]

    def _value(self, index: int) -> Cell:
        """What a cell holds; a ValueError with the text of a damaged value."""
        (kind, text), package = self._raw(index), self.package
        if text is None:
            return None
        texts = package.texts if kind == "s" else ()
        return value_of(kind, text, texts, from_1904=package.counts_from_1904)

    def stored(self, place: Address) -> Cell:
        """What a cell holds; None where it holds nothing, and an error for a damaged value."""
        index = self.cells.index(place)
        try:
            return None if index < 0 else self._value(index)
        except ValueError:
            return CellError.VALUE

    def value(self, place: Address) -> Cell:
        """What a cell holds, a date as a number; refused where it is damaged."""
        index = self.cells.index(place)
        return None if index < 0 else self._sound(index, *place)

    def _sound(self, index: int, row: int, column: int) -> Cell:
        try:
            return self._value(index)
        except ValueError as problem:
            raise FileError(
                f"{self.where}: the cell {address(row, column)} holds the damaged value "
                f"{str(problem)!r}"
            ) from None

    def values(self, area: Area, *, dates: bool = False) -> list[list[Cell]]:
        """Values of a range, row by row; with `dates`, numbers that show as dates are such."""
        later = self.package.counts_from_1904
        found: list[list[Cell]] = [[None] * area.width for _ in area.rows]
        for index, row, column in self.cells.within(area):
            value = self._sound(index, row, column)
            if dates and type(value) is float and self._format(index).is_date:
                value = moment(value, from_1904=later)
            found[row - area.top][column - area.left] = value
        return found

    def listed(self, area: Area) -> list[Cell]:
        """Values of a range, one after the other."""
        return list(chain.from_iterable(self.values(area)))

    @cached_property
    def _formats(self) -> list[Format]:
        """The formats that cells have."""
        return [self.package.format_of(style) for style in self._styles]

    def _format(self, index: int) -> Format:
        return self._formats[self._style_places[index]]

    def format_at(self, place: Address) -> Format:
        """How a cell is formatted; the usual format where the part does not hold it."""
        index = self.cells.index(place)
        return self.package.format_of("0") if index < 0 else self._format(index)


def cells_of(package: Package, sheet: Sheet) -> Cells:
    """The cells of a sheet, read again where it has changed since."""
    cells = package.views.get(sheet.part)
    if not isinstance(cells, Cells):
        cells = package.views[sheet.part] = cells() if cells else Cells(package, sheet)
    return cells


def cells_named(package: Package, name: str) -> Cells:
    """The cells of the worksheet of a name."""
    return cells_of(package, next(one for one in package.worksheets if one.name == name))


def read_cells(package: Package) -> list[Cells]:
    """The cells of all worksheets of a workbook."""
    return [cells_of(package, sheet) for sheet in package.worksheets]


def filters(package: Package, sheets: Iterable[Cells]) -> dict[str, list[Area]]:
    """The areas by sheet whose rows an active filter hides, header included."""
    roots = [(one.sheet.name, one.root) for one in sheets]
    roots += [(table.sheet, package.tree(table.part)) for table in package.tables.values()]
    found: dict[str, list[Area]] = {}
    for sheet, root in roots:
        node = root.find(f"{MAIN}autoFilter")
        if node is not None and node.find(f"{MAIN}filterColumn") is not None:
            area = area_or_none(node.get("ref", ""))
            if area is not None:
                found.setdefault(sheet, []).append(area)
    return found
