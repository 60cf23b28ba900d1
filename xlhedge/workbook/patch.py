"""Puts calculated values into a worksheet part and changes nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from xlhedge.formula.addresses import Area
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.cells import Cells
from xlhedge.workbook.held import Values
from xlhedge.workbook.reading import CELL, Address, Extent, Formula, numbered_cells
from xlhedge.workbook.values import FORMULA, write_value
from xlhedge.workbook.writing import RowCells, rewrite, set_dimension, style_of_blank
from xlhedge.workbook.xml import set_attribute


@dataclass(slots=True)
class SheetResults:
    """Values of one sheet.

    Parameters
    ----------
    values
        Value of each formula cell and of each cell that an array fills; dates are day numbers.
    spills
        Rows and columns of each dynamic array that has room, by its formula's cell.
    withheld
        Whether the cells are to carry no values: None empties them then.
    """

    values: dict[Address, Cell] | Values = field(default_factory=dict)
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
            for formula in cells.formulas.arrays.values()
            for place in self.area(formula).cells()
        }

    def errors(self, cells: Cells) -> dict[Address, CellError]:
        """The first error that the result of each formula shows, by its cell."""
        anchors, found = self.anchors(cells), dict[Address, CellError]()
        for place, value in self.values.items():
            if isinstance(value, CellError):
                found.setdefault(anchors.get(place, place), value)
        return found


class Patch:
    """The values of one sheet on their way into its part.

    Formula cells that are missing from the results, or whose value is None, keep their cached
    value: no formula's result is a blank. The part is read once more, row by row, and written on.
    """

    def __init__(self, cells: Cells, results: SheetResults) -> None:
        self._cells, self._results = cells, results
        self._areas = {
            formula.address: results.area(formula)
            for formula in cells.formulas.arrays.values()
            if self._has_value(formula.address)
        }
        self._filled = _by_row(chain.from_iterable(area.cells() for area in self._areas.values()))
        self._stale = _by_row(self._stale_cells())
        self._resized = False

    def is_needed(self) -> bool:
        """Whether anything will be different."""
        return bool(self._stale) or not all(map(self._is_held, self._cells.formulas))

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
        cells, arrays = self._cells, self._cells.formulas.arrays
        rewrite(cells, self._row, self._filled)
        if self._resized:
            set_dimension(cells)
        elif not self._results.withheld and all(
            self._areas.get(place, array.area) == array.area for place, array in arrays.items()
        ):  # reading the part again would take as long as writing it
            cells.package.views[cells.sheet.part] = partial(cells.renewed, self._results.values)

    def _row(self, row: int, node: Any) -> bool:
        """Change a row; return whether anything is left of it."""
        filled, stale = self._filled.get(row, ()), self._stale.get(row, ())
        values, arrays = self._results.values, self._cells.formulas.arrays
        for column, cell in numbered_cells(row, _with_formulas(node)):
            place = row, column
            value = values.get(place)
            if place in arrays:
                if arrays[place].extent is Extent.DYNAMIC and place in self._areas:
                    set_attribute(cell.find(FORMULA), "ref", str(self._areas[place]))
            elif value is not None or (self._results.withheld and place in values):
                write_value(cell, value)
        if not (filled or stale):
            return True
        cells = RowCells(self._cells, row, node)
        for column in stale:
            if self._is_plain(node, column, cells[column]):
                cells.take(column)
                self._resized = True
            else:
                write_value(cells[column], None)
        for column in filled:
            self._resized |= column not in cells
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

    def _is_plain(self, row: Any, column: int, cell: Any) -> bool:
        """Whether a cell looks as if the sheet held none."""
        style = cell.get("s") in (None, style_of_blank(self._cells.root, row, column))
        return style and not set(cell.attrib) - {"r", "t", "s"}


def _with_formulas(row: Any) -> Iterable[Any]:
    """The cells of a row that hold formulas; all where one does not say its place."""
    cells = [formula.getparent() for formula in row.iter(FORMULA)]
    return cells if None not in [cell.get("r") for cell in cells] else row.iterchildren(CELL)


def _by_row(places: Iterable[Address]) -> dict[int, list[int]]:
    """The columns of cells by their rows, both rising."""
    found: dict[int, list[int]] = {}
    for row, column in sorted(places):
        found.setdefault(row, []).append(column)
    return found
