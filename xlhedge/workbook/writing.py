"""Writes a worksheet part once more, row by row, with some of its rows and cells changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from xlhedge.formula.addresses import address, is_count
from xlhedge.workbook.cells import Cells, cells_of, read_cells
from xlhedge.workbook.package import Package
from xlhedge.workbook.reading import CELL, DATA, ROW, Address, numbered_cells, numbered_rows
from xlhedge.workbook.values import FORMULA
from xlhedge.workbook.xml import MAIN, is_on, serialised, set_attribute

_BEGINNING = 65_536
"""Bytes that hold the XML declaration and the root's tag of any sheet that a program writes."""


class RowCells(dict[int, Any]):
    """The cells of a row by column; one that is not there is made where it is asked for."""

    def __init__(self, cells: Cells, row: int, node: Any) -> None:
        super().__init__(numbered_cells(row, node.iterchildren(CELL)))
        self._root, self._row, self.node = cells.root, row, node

    def __missing__(self, column: int) -> Any:
        """A new cell, with the style that the blank shows."""
        spans = self.node.get("spans", "").partition(":")
        if is_count(spans[0]) and is_count(spans[2]):
            first, last = min(int(spans[0]), column), max(int(spans[2]), column)
            self.node.set("spans", f"{first}:{last}")
        style = style_of_blank(self._root, self.node, column)
        attributes = {"r": address(self._row, column)} | ({"s": style} if style else {})
        self.put(column, etree.Element(CELL, attributes))
        return self[column]

    def put(self, column: int, cell: Any) -> None:
        """Put a cell into the order of columns, in the place of one that is there."""
        self.take(column)
        if column - 1 in self:
            self[column - 1].addnext(cell)
        elif following := min((other for other in self if other > column), default=0):
            self[following].addprevious(cell)
        elif self:
            self[max(self)].addnext(cell)
        else:
            self.node.insert(0, cell)  # before what else a row may hold
        self[column] = cell

    def take(self, column: int) -> Any:
        """Take a cell out; None where there is none."""
        cell = self.pop(column, None)
        if cell is not None:
            self.node.remove(cell)
        return cell


def style_of_blank(root: Any, row: Any, column: int) -> str | None:
    """The style that a cell shows which the part does not hold: its row's, else its column's."""
    if is_on(row, "customFormat") and row.get("s"):
        return str(row.get("s"))
    for node in root.iterfind(f"{MAIN}cols/{MAIN}col"):
        first, last = node.get("min", ""), node.get("max", "")
        if is_count(first) and is_count(last) and int(first) <= column <= int(last):
            style = node.get("style")
            return None if style in (None, "0") else str(style)
    return None


def write_formula(cell: Any, text: str) -> None:
    """Give a formula cell another text; an array stays one, a shared formula becomes ordinary."""
    node = cell.find(FORMULA)
    node.text = text
    if node.get("t") not in ("array", "dataTable"):
        for key in ("t", "si", "ref"):
            node.attrib.pop(key, None)


def rewrite(
    cells: Cells,
    change: Callable[[int, Any], bool] = lambda row, node: True,
    new: Iterable[int] = (),
    make: Callable[[int], Any] | None = None,
) -> None:
    """Write a part anew, with `cells.root` around its rows.

    `change` gets each row and returns whether it stays. Rows of `new` that the sheet lacks are made
    by `make`, or without any cell and changed.
    """

    def made(row: int) -> Any:
        node = etree.Element(ROW, r=str(row))
        change(row, node)
        return node

    make = make or made
    missing = sorted(set(new).difference(cells.rows), reverse=True)
    head, tail = _around(cells)
    with cells.package.rewritten(cells.sheet.part, head) as write:
        stream = cells.stream(write)
        for row, node in numbered_rows(stream):
            while missing and missing[-1] < row:
                node.addprevious(make(missing.pop()))
            if not change(row, node):
                stream.drop(node)
        stream.root.find(DATA).extend(map(make, reversed(missing)))
        stream.finish()
        write(tail)


def _around(cells: Cells) -> tuple[bytes, bytes]:
    """What stands before the rows and after them."""
    before = cells.package.open_part(cells.sheet.part).read(_BEGINNING)
    data, mark = cells.root.find(DATA), "rows"
    while mark.encode() in serialised(cells.root, before):
        mark += "-"
    space = data.text or ""
    data.text = space + mark
    head, _, tail = serialised(cells.root, before).partition(mark.encode())
    data.text = space or None
    return head, tail


def write_cells(cells: Cells, changes: Mapping[Address, Callable[[Any], object]]) -> None:
    """Change some cells, each made where the sheet lacks it; the dimension stays as it is."""
    rows: dict[int, dict[int, Callable[[Any], object]]] = {}
    for (row, column), change in changes.items():
        rows.setdefault(row, {})[column] = change

    def changed(row: int, node: Any) -> bool:
        if row in rows:
            found = RowCells(cells, row, node)
            for column, change in rows[row].items():
                change(found[column])
        return True

    rewrite(cells, changed, rows)


def set_dimension(cells: Cells) -> None:
    """State the range of the cells that the sheet has now, straight after it was rewritten."""
    package, part = cells.package, cells.sheet.part
    cells = cells_of(package, cells.sheet)
    node = cells.root.find(f"{MAIN}dimension")
    if node is None or not len(cells.cells):
        return
    if set_attribute(node, "ref", str(cells.cells.bounds)):
        package.set_head(part, _around(cells)[0])


def without_formulas(package: Package) -> None:
    """Turn each formula cell into a constant; formats, charts and rules stay as they are.

    A table's columns and totals are constants too, so that its definition names no formula for
    them. Defined names stay: charts and rules refer to them.
    """
    for cells in read_cells(package):
        if len(cells.formulas):
            rewrite(cells, _without_formulas)
    for table in list(package.tables.values()):
        root = package.tree(table.part)
        for column in root.iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn"):
            for name in ("calculatedColumnFormula", "totalsRowFormula"):
                for node in column.findall(f"{MAIN}{name}"):
                    column.remove(node)
            column.attrib.pop("totalsRowFunction", None)
        package.changed(table.part)
    package.drop_calculation_chain()


def _without_formulas(row: int, node: Any) -> bool:
    """Leave a row's values only."""
    for formula in list(node.iter(FORMULA)):
        cell = formula.getparent()
        cell.remove(formula)
        for key in ("cm", "vm"):
            cell.attrib.pop(key, None)
    return True
