"""Puts calculated values into a worksheet part and changes nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from lxml import etree

from xlhedge.formula.addresses import Area
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.cells import Cells
from xlhedge.workbook.reading import (
    CELL,
    DATA,
    ROW,
    Address,
    Extent,
    Formula,
    new_cell,
    numbered_cells,
    numbered_rows,
    style_of_blank,
)
from xlhedge.workbook.values import FORMULA, write_value
from xlhedge.workbook.xml import MAIN, Standing, Stream, serialised, set_attribute

_BEGINNING = 65_536
"""Bytes that hold the XML declaration and the root's tag of any sheet that a program writes."""


@dataclass(slots=True)
class SheetResults:
    """Values of one sheet.

    Parameters
    ----------
    values
        Value of each formula cell and of each cell that an array formula fills. Dates are day
        numbers, a blank is None.
    spills
        Rows and columns that each dynamic array fills, by its formula's cell. An array that
        could not spill is not listed; its cell holds `#SPILL!`.
    withheld
        Whether the cells are to carry no values: None empties them then.
    """

    values: MutableMapping[Address, Cell] = field(default_factory=dict)
    spills: dict[Address, tuple[int, int]] = field(default_factory=dict)
    withheld: bool = False

    def area(self, formula: Formula) -> Area:
        """The cells that a formula's result fills."""
        if formula.extent is not Extent.DYNAMIC:
            return formula.area
        return Area.of(formula.address, *self.spills.get(formula.address, (1, 1)))

    def anchors(self, cells: Cells) -> dict[Address, Address]:
        """The formula's cell of each cell that an array fills."""
        return {
            place: formula.address
            for formula in cells.arrays
            for place in self.area(formula).cells()
        }

    def errors(self, cells: Cells) -> dict[Address, CellError]:
        """The first error that the result of each formula shows, by its cell."""
        anchors, found = self.anchors(cells), dict[Address, CellError]()
        for place, value in self.values.items():
            if isinstance(value, CellError):
                found.setdefault(anchors.get(place, place), value)
        return found


def patch(cells: Cells, results: SheetResults) -> bool:
    """Write what an engine calculated into a sheet; return whether anything is different."""
    writing = Patch(cells, results)
    needed = writing.is_needed()
    if needed:
        writing.write()
    return needed


class Patch:
    """The values of one sheet on their way into its part.

    Formula cells that are missing from the results, or whose value is None, keep their cached
    value: no formula's result is a blank. The part is read once more, row by row, and written on.
    """

    def __init__(self, cells: Cells, results: SheetResults) -> None:
        self._cells, self._results = cells, results
        self._columns: dict[str, int] = {}
        self._areas = {
            formula.address: results.area(formula)
            for formula in cells.arrays
            if self._has_value(formula.address)
        }
        self._filled = _by_row(chain.from_iterable(area.cells() for area in self._areas.values()))
        self._stale = _by_row(self._stale_cells())
        self._removed: set[Address] = set()
        self._resized = False

    def is_needed(self) -> bool:
        """Whether anything will be different."""
        return bool(self._stale) or not all(map(self._is_held, self._cells.formulas.places))

    def _has_value(self, place: Address) -> bool:
        values = self._results.values
        return place in values and (values[place] is not None or self._results.withheld)

    def _stale_cells(self) -> Iterator[Address]:
        """What former, larger spills left behind."""
        wide = [area for area in self._areas.values() if not area.is_cell]
        for place, anchor in self._cells.filled.items():
            if anchor in self._areas and not any(area.holds(place) for area in wide):
                yield place

    def write(self) -> None:
        """Give the part its values."""
        package, part = self._cells.package, self._cells.sheet.part
        root = self._cells.root
        if package.held(part) is root:
            self._write_rows(Standing(root, DATA, ROW))
            self._set_dimension()
            package.mark(part)
            arrays = self._cells.formulas.arrays
            if self._resized or any(arrays[at].area != area for at, area in self._areas.items()):
                package.views.pop(part, None)
            return
        before = package.open_part(part).read(_BEGINNING)
        head, tail = self._around(before)
        with package.revalued(part) as write:
            write(head)
            self._write_rows(
                Stream(package.open_part(part), f"{package.name}: {part}", DATA, ROW, write)
            )
            write(tail)
        if self._resized:
            self._set_dimension()
            content = self._around(before)[0] + package.read(part)[len(head) :]
            with package.revalued(part) as write:
                write(content)

    def _write_rows(self, stream: Stream | Standing) -> None:
        new = sorted(self._filled.keys() - set(self._cells.rows), reverse=True)
        for row, node in numbered_rows(stream):
            while new and new[-1] < row:
                made = etree.Element(ROW, r=str(new[-1]))
                node.addprevious(made)
                self._row(new.pop(), made)
            if not self._row(row, node):
                stream.drop(node)
        for row in reversed(new):
            self._row(row, etree.SubElement(stream.root.find(DATA), ROW, r=str(row)))
        stream.finish()

    def _around(self, before: bytes) -> tuple[bytes, bytes]:
        """What stands before the rows and after them."""
        root = self._cells.root
        data, mark = root.find(DATA), "rows"
        while mark.encode() in serialised(root, before):
            mark += "-"
        space = data.text or ""
        data.text = space + mark
        head, _, tail = serialised(root, before).partition(mark.encode())
        data.text = space or None
        return head, tail

    def _row(self, row: int, node: Any) -> bool:
        """Change a row; return whether anything is left of it."""
        filled, stale = self._filled.get(row, ()), self._stale.get(row, ())
        formulas = set(self._cells.formulas.places.columns(row))
        if not (formulas or filled or stale):
            return True
        nodes = node.iterchildren(CELL) if filled or stale else _with_formulas(node)
        cells = dict(numbered_cells(row, nodes, self._columns))
        for column, cell in cells.items():
            if column in formulas:
                self._formula(row, column, cell)
        for column in stale:
            if self._is_plain(node, column, cells[column]):
                node.remove(cells.pop(column))
                self._removed.add((row, column))
                self._resized = True
            else:
                write_value(cells[column], None)
        for column in filled:
            if column not in cells:
                cells[column] = self._new_cell(node, row, column, cells)
                self._resized = True
            write_value(cells[column], self._results.values[row, column])
        return bool(cells or not stale or set(node.attrib) - {"r", "spans"})

    def _is_held(self, place: Address) -> bool:
        """Whether a formula's cells are in the file as they are to be."""
        cells, values = self._cells, self._results.values
        array = cells.formulas.arrays.get(place)
        if array is not None and self._has_value(place):
            area = self._areas[place]
            return area == array.area and all(cells.holds(one, values[one]) for one in area.cells())
        return not self._has_value(place) or cells.holds(place, values[place])

    def _formula(self, row: int, column: int, cell: Any) -> None:
        place = row, column
        array = self._cells.formulas.arrays.get(place)
        if array is None:
            value = self._results.values.get(place)
            if value is not None or (self._results.withheld and place in self._results.values):
                write_value(cell, value)
        elif array.extent is Extent.DYNAMIC and place in self._areas:
            area = self._areas[place]
            set_attribute(cell.find(FORMULA), "ref", str(area))

    def _is_plain(self, row: Any, column: int, cell: Any) -> bool:
        """Whether a cell looks as if the sheet held none."""
        style = cell.get("s") in (None, style_of_blank(self._cells.root, row, column))
        return style and not set(cell.attrib) - {"r", "t", "s"}

    def _new_cell(self, node: Any, row: int, column: int, cells: dict[int, Any]) -> Any:
        """A cell where the row holds none, in its place."""
        cell = new_cell(self._cells.root, node, row, column)
        following = next((other for at, other in cells.items() if at > column), None)
        if column - 1 in cells:
            cells[column - 1].addnext(cell)
        elif following is None:
            node.append(cell)
        else:
            following.addprevious(cell)
        return cell

    def _set_dimension(self) -> None:
        """State the range of the cells that there are."""
        node = self._cells.root.find(f"{MAIN}dimension")
        left = (place for place in self._cells.cells if place not in self._removed)
        new = ((row, column) for row, columns in self._filled.items() for column in columns)
        places = list(chain(left, new)) if self._resized and node is not None else []
        if places:
            rows, columns = zip(*places, strict=True)
            area = Area(min(rows), min(columns), max(rows), max(columns))
            set_attribute(node, "ref", str(area))


def _with_formulas(row: Any) -> Iterable[Any]:
    """The cells of a row that hold formulas; all where one does not say its place."""
    cells = [formula.getparent() for formula in row.iter(FORMULA)]
    return cells if all(cell.get("r") for cell in cells) else row.iterchildren(CELL)


def _by_row(places: Iterable[Address]) -> dict[int, list[int]]:
    """The columns of cells by their rows, both rising."""
    found: dict[int, list[int]] = {}
    for row, column in sorted(places):
        found.setdefault(row, []).append(column)
    return found
