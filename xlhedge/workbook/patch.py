"""Puts calculated values into a worksheet part and changes nothing else in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from xlhedge.formula.addresses import Area, address, is_count
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.package import MAIN
from xlhedge.workbook.worksheet import Address, Extent, Worksheet

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FORMULA, _VALUE, _INLINE = f"{MAIN}f", f"{MAIN}v", f"{MAIN}is"
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
# XML 1.0 has no way to hold these; a carriage return would be read back as a line feed.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


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
    """

    values: dict[Address, Cell] = field(default_factory=dict)
    spills: dict[Address, tuple[int, int]] = field(default_factory=dict)


def patch(worksheet: Worksheet, results: SheetResults) -> bool:
    """Write the values of a sheet.

    Parameters
    ----------
    worksheet
        The sheet; its tree is changed.
    results
        What an engine calculated. Formula cells that are missing keep their cached value.

    Returns
    -------
    bool
        Whether anything is different from before.
    """
    return _Patch(worksheet, results).run()


class _Patch:
    def __init__(self, worksheet: Worksheet, results: SheetResults) -> None:
        self.worksheet = worksheet
        self.results = results
        self.changed = False
        self.reshaped = False

    def run(self) -> bool:
        sheet, values = self.worksheet, self.results.values
        areas = {}
        for place, formula in sheet.formulas.items():
            if place in values:
                areas[place] = formula.area
                if formula.extent is Extent.DYNAMIC:
                    areas[place] = self.dynamic_area(place)
                    self.set_reference(formula.node, areas[place])
        self.remove_stale(areas)
        for area in areas.values():
            for row in range(area.top, area.bottom + 1):
                for column in range(area.left, area.right + 1):
                    cell = sheet.cells.get((row, column))
                    if cell is None:
                        cell = self.create(row, column)
                    self.changed |= write_value(cell, values[row, column])
        if self.reshaped:
            self.set_dimension()
        return self.changed

    def dynamic_area(self, place: Address) -> Area:
        height, width = self.results.spills.get(place, (1, 1))
        return Area(place[0], place[1], place[0] + height - 1, place[1] + width - 1)

    def set_reference(self, cell: Any, area: Area) -> None:
        node = cell.find(f"{MAIN}f")
        if node.get("ref") != str(area):
            node.set("ref", str(area))
            self.changed = True

    def remove_stale(self, areas: dict[Address, Area]) -> None:
        """Take away what a former, larger spill left behind."""
        sheet = self.worksheet
        for place, anchor in list(sheet.filled.items()):
            if anchor not in areas or any(area.holds(place) for area in areas.values()):
                continue
            cell = sheet.cells[place]
            row = cell.getparent()
            plain = cell.get("s") in (None, self.style_of_empty(row, place[1]))
            if not plain or set(cell.attrib) - {"r", "t", "s"}:
                self.changed |= write_value(cell, None)
            else:
                row.remove(cell)
                del sheet.cells[place]
                if len(row) == 0 and not set(row.attrib) - {"r", "spans"}:
                    row.getparent().remove(row)
                    del sheet.rows[place[0]]
                self.changed = self.reshaped = True
            del sheet.filled[place]

    def create(self, row: int, column: int) -> Any:
        """A new cell in its place, with the style that the empty cell showed."""
        sheet = self.worksheet
        parent = sheet.rows.get(row)
        if parent is None:
            parent = sheet.rows[row] = self.create_row(row)
        cell = etree.Element(f"{MAIN}c", r=address(row, column))
        style = self.style_of_empty(parent, column)
        if style is not None:
            cell.set("s", style)
        later = next(
            (other for other in parent if other.get("r") and _column_of(other.get("r")) > column),
            None,
        )
        if later is None:
            parent.append(cell)
        else:
            later.addprevious(cell)
        sheet.cells[row, column] = cell
        self.widen_spans(parent, column)
        self.changed = self.reshaped = True
        return cell

    def create_row(self, row: int) -> Any:
        sheet = self.worksheet
        node = etree.Element(f"{MAIN}row", r=str(row))
        # A spill makes its rows from the top, so that the row above is nearly always there.
        before: int | None = row - 1
        if before not in sheet.rows:
            before = max((number for number in sheet.rows if number < row), default=None)
        if before is None:
            sheet.data.insert(0, node)
        else:
            sheet.rows[before].addnext(node)
        return node

    def style_of_empty(self, row: Any, column: int) -> str | None:
        """The style that a missing cell shows: its row's or its column's."""
        if row.get("customFormat") in ("1", "true") and row.get("s"):
            return str(row.get("s"))
        for node in self.worksheet.root.iterfind(f"{MAIN}cols/{MAIN}col"):
            first, last = node.get("min", ""), node.get("max", "")
            if is_count(first) and is_count(last) and int(first) <= column <= int(last):
                style = node.get("style")
                return None if style in (None, "0") else str(style)
        return None

    @staticmethod
    def widen_spans(row: Any, column: int) -> None:
        first, _, last = (row.get("spans") or "").partition(":")
        if is_count(first) and is_count(last):
            row.set("spans", f"{min(int(first), column)}:{max(int(last), column)}")

    def set_dimension(self) -> None:
        node = self.worksheet.root.find(f"{MAIN}dimension")
        cells = self.worksheet.cells
        if node is None or not cells:
            return
        rows, columns = [place[0] for place in cells], [place[1] for place in cells]
        node.set("ref", str(Area(min(rows), min(columns), max(rows), max(columns))))


def _column_of(place: str) -> int:
    number = 0
    for letter in place:
        if letter.isdigit():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def write_value(cell: Any, value: Cell) -> bool:
    """Give a cell a cached value; return whether that changed it.

    A value that the file already holds stays as it is written there: Excel's
    0.10000000000000001 and Python's 0.1 are the same number.
    """
    kind, text = _written(value)
    formula, old = None, []
    for child in cell:
        if child.tag == _FORMULA:
            formula = child
        elif child.tag in (_VALUE, _INLINE):
            old.append(child)
    node = old[0] if old else None
    is_plain = node is None or (len(old) == 1 and node.tag == _VALUE)
    if is_plain and _same(cell.get("t", "n"), node, kind, text):
        return False
    for child in old:
        cell.remove(child)
    attributes = cell.attrib
    attributes.pop("t", None)
    # The old value may have been a rich one (a data type or an error with details).
    attributes.pop("vm", None)
    if text is None:
        return True
    if kind != "n":
        cell.set("t", kind)
    node = etree.Element(_VALUE)
    node.text = text
    if text != text.strip() or "\n" in text:
        node.set(_SPACE, "preserve")
    if formula is None:
        cell.insert(0, node)
    else:
        formula.addnext(node)
    return True


def _written(value: Cell) -> tuple[str, str | None]:
    if value is None:
        return "n", None
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, CellError):
        return "e", str(value)
    if isinstance(value, str):
        return "str", escaped(value)
    number = float(value)  # type: ignore[arg-type]  # engines give day numbers, not dates
    text = repr(number)
    return "n", text.removesuffix(".0")


def _same(old_kind: str, node: Any, kind: str, text: str | None) -> bool:
    old = None if node is None else node.text
    if text is None:
        return node is None
    if node is None or old_kind != kind:
        return False
    if kind == "n":
        try:
            return float(old or "") == float(text)
        except ValueError:
            return False
    return (old or "") == text


def escaped(text: str) -> str:
    """Text as the file holds it: what XML cannot hold as _xHHHH_."""
    text = _ESCAPED.sub(lambda match: "_x005F" + match[0], text)
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
