"""Puts calculated values into a worksheet part and changes nothing else in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xlhedge.formula.addresses import Area, is_count
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.values import FORMULA, write_value
from xlhedge.workbook.worksheet import Address, Extent, Formula, Worksheet
from xlhedge.workbook.xml import MAIN, set_attribute


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

    values: dict[Address, Cell] = field(default_factory=dict)
    spills: dict[Address, tuple[int, int]] = field(default_factory=dict)
    withheld: bool = False

    def area(self, formula: Formula) -> Area:
        """The cells that a formula's result fills."""
        if formula.extent is not Extent.DYNAMIC:
            return formula.area
        return Area.of(formula.address, *self.spills.get(formula.address, (1, 1)))

    def anchors(self, worksheet: Worksheet) -> dict[Address, Address]:
        """The formula's cell of each cell that an array fills."""
        return {
            place: formula.address
            for formula in worksheet.formulas.values()
            if formula.extent is not Extent.CELL
            for place in self.area(formula).cells()
        }

    def errors(self, worksheet: Worksheet) -> dict[Address, CellError]:
        """The first error that the result of each formula shows, by its cell."""
        anchors, found = self.anchors(worksheet), dict[Address, CellError]()
        for place, value in self.values.items():
            if isinstance(value, CellError):
                found.setdefault(anchors.get(place, place), value)
        return found


def patch(worksheet: Worksheet, results: SheetResults) -> bool:
    """Write what an engine calculated into a sheet; return whether anything is different.

    Formula cells that are missing from the results, or whose value is None, keep their cached
    value: no formula's result is a blank.
    """
    values = results.values
    areas = {}
    changed = False
    for place, formula in worksheet.formulas.items():
        if place not in values or (values[place] is None and not results.withheld):
            continue
        if formula.extent is Extent.CELL:
            changed |= write_value(formula.node, values[place])
            continue
        area = areas[place] = results.area(formula)
        if formula.extent is Extent.DYNAMIC:
            changed |= set_attribute(formula.node.find(FORMULA), "ref", str(area))
    removed = _remove_stale(worksheet, areas)
    before = len(worksheet.cells)
    for area in areas.values():
        for place in area.cells():
            cell = worksheet.cells.get(place)
            if cell is None:
                cell = new_cell(worksheet, *place)
            changed |= write_value(cell, values[place])
    if any(area != worksheet.formulas[place].area for place, area in areas.items()):
        worksheet.forget_formulas()
    if removed or len(worksheet.cells) > before:
        worksheet.set_dimension()
        changed = True
    if changed:
        worksheet.mark()
    return changed


def _remove_stale(worksheet: Worksheet, areas: dict[Address, Area]) -> bool:
    """Take away what former, larger spills left behind; return whether there was anything."""
    found = False
    wide = [area for area in areas.values() if not area.is_cell]
    for place, anchor in worksheet.filled.items():
        if anchor not in areas or any(area.holds(place) for area in wide):
            continue
        found = True
        cell = worksheet.cells[place]
        row = worksheet.rows[place[0]]
        plain = cell.get("s") in (None, _style_of_blank(worksheet, *place))
        if not plain or set(cell.attrib) - {"r", "t", "s"}:
            write_value(cell, None)
            continue
        worksheet.detach(*place)
        if len(row) == 0 and not set(row.attrib) - {"r", "spans"}:
            worksheet.remove_row(place[0])
    return found


def new_cell(worksheet: Worksheet, row: int, column: int) -> Any:
    """A cell where the sheet holds none, with the style that the blank showed."""
    node = worksheet.row(row)
    spans = node.get("spans", "").partition(":")
    if is_count(spans[0]) and is_count(spans[2]):
        first, last = min(int(spans[0]), column), max(int(spans[2]), column)
        node.set("spans", f"{first}:{last}")
    return worksheet.cell(row, column, _style_of_blank(worksheet, row, column))


def _style_of_blank(worksheet: Worksheet, row: int, column: int) -> str | None:
    """The style that a cell shows which the part does not hold: its row's, else its column's."""
    node = worksheet.rows.get(row)
    if node is not None and node.get("customFormat") in ("1", "true") and node.get("s"):
        return str(node.get("s"))
    for node in worksheet.root.iterfind(f"{MAIN}cols/{MAIN}col"):
        first, last = node.get("min", ""), node.get("max", "")
        if is_count(first) and is_count(last) and int(first) <= column <= int(last):
            style = node.get("style")
            return None if style in (None, "0") else str(style)
    return None
