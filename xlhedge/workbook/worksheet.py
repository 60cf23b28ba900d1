"""Cells and formulas of one worksheet part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area, address, area_or_none
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.package import Package, Sheet
from xlhedge.workbook.reading import (
    CELL,
    DATA,
    ROW,
    Address,
    Extent,
    Formula,
    Formulas,
    filled,
    new_cell,
    numbered_cells,
    numbered_rows,
)
from xlhedge.workbook.values import FORMULA, moment, read_value
from xlhedge.workbook.xml import MAIN, elements, set_attribute


class Worksheet:
    """A worksheet part as cells, changed only through its methods.

    `worksheet_of` gives the one view of a part, which is kept up to date by them.
    """

    def __init__(self, package: Package, sheet: Sheet) -> None:
        self.sheet = sheet
        self._package = package
        self.root = package.tree(sheet.part)
        self.where = f"{package.name}: sheet {sheet.name!r}"
        data = self.root.find(DATA)
        if self.root.tag != f"{MAIN}worksheet" or data is None:
            raise FileError(f"{self.where} is not a worksheet")
        self.data = data
        self.rows: dict[int, Any] = {}
        self.cells: dict[Address, Any] = {}
        self._columns: dict[str, int] = {}
        try:
            for row, node in numbered_rows(self.data.iterchildren(ROW)):
                if row in self.rows:
                    raise ValueError(f"the row {row} comes twice")
                self.rows[row] = node
                for column, cell in numbered_cells(row, node.iterchildren(CELL), self._columns):
                    if (row, column) in self.cells:
                        raise ValueError(f"the cell {address(row, column)} comes twice")
                    self.cells[row, column] = cell
        except ValueError as problem:
            raise FileError(f"{self.where}: {problem}") from None

    @cached_property
    def formulas(self) -> dict[Address, Formula]:
        """Every formula cell; shared formulas are written out."""
        found: dict[Address, Formula] = {}
        reading = Formulas(self.where)
        places = {cell: place for place, cell in self.cells.items()}
        for node in self.data.iter(FORMULA):
            cell = node.getparent()
            if cell not in places:
                continue
            row, column = places[cell]
            formula = reading.read(row, column, cell, node)
            if isinstance(formula, Formula):
                found[row, column] = formula._replace(node=cell)
            elif formula:
                area = Area(row, column, row, column)
                found[row, column] = Formula(row, column, formula, Extent.CELL, area, cell)
        return found

    @cached_property
    def filled(self) -> dict[Address, Address]:
        """Cells that the file says are filled by an array formula: cell to formula cell."""
        return filled(self.formulas.values(), self.formulas, self.cells)

    @property
    def merged(self) -> list[Area]:
        """The ranges whose cells are merged into one."""
        nodes = self.root.iterfind(f"{MAIN}mergeCells/{MAIN}mergeCell")
        return [area for node in nodes if (area := area_or_none(node.get("ref", ""))) is not None]

    def _read(self, cell: Any) -> Cell:
        package = self._package
        return read_value(cell, package.texts, from_1904=package.counts_from_1904)

    def name_of(self, place: Address) -> str:
        """A cell as a sentence names it, with its sheet."""
        return f"{self.sheet.name}!{address(*place)}"

    def value(self, row: int, column: int) -> Cell:
        """What a cell holds; a date is a number."""
        try:
            return self._read(self.cells.get((row, column)))
        except ValueError as problem:
            raise FileError(
                f"{self.where}: the cell {address(row, column)} holds the damaged value "
                f"{str(problem)!r}"
            ) from None

    def values(self, area: Area, *, dates: bool = False) -> list[list[Cell]]:
        """Values of a range, row by row; with `dates`, numbers that show as dates are such."""
        found = []
        later = self._package.counts_from_1904
        for row in area.rows:
            values = [self.value(row, column) for column in area.columns]
            if dates:
                values = [
                    moment(value, from_1904=later)
                    if type(value) is float and self._package.is_date(self.cells.get((row, column)))
                    else value
                    for column, value in enumerate(values, area.left)
                ]
            found.append(values)
        return found

    def mark(self) -> None:
        """Note that the part is no longer what it was."""
        self._package.mark(self.sheet.part)

    def forget_formulas(self) -> None:
        """Have formulas, and the cells that they fill, be looked up again."""
        self.__dict__.pop("formulas", None)
        self.__dict__.pop("filled", None)

    def row(self, number: int, attributes: Mapping[str, str] | None = None) -> Any:
        """A row, made in its place where there is none."""
        node = self.rows.get(number)
        if node is None:
            node = etree.Element(ROW, {"r": str(number)} | dict(attributes or {}))
            before = self._row_before(number)
            if before is None:
                self.data.insert(0, node)
            else:
                before.addnext(node)
            self.rows[number] = node
        return node

    def _row_before(self, number: int) -> Any:
        before = self.rows.get(number - 1)
        if before is None:
            last = max((other for other in self.rows if other < number), default=None)
            before = None if last is None else self.rows[last]
        return before

    def add_rows(
        self, first: int, columns: Sequence[int], content: str, attributes: Mapping[str, str]
    ) -> None:
        """Add rows that the sheet has not.

        Parameters
        ----------
        first
            Number of the first one.
        columns
            The columns of each row's cells.
        content
            The rows as XML.
        attributes
            What each row is given beside its number.
        """
        before = self._row_before(first)
        for number, node in enumerate(elements(content, self.where, MAIN[1:-1]), first):
            if before is None:
                self.data.insert(0, node)
            else:
                before.addnext(node)
            before = self.rows[number] = node
            for key, value in attributes.items():
                node.set(key, value)
            for column, cell in zip(columns, node, strict=True):
                self.cells[number, column] = cell

    def remove_row(self, number: int) -> None:
        """Take a row away whose cells are gone."""
        node = self.rows.pop(number)
        node.getparent().remove(node)

    def cell(self, row: int, column: int, style: str | None = None) -> Any:
        """A cell, made in its place where there is none, with a style."""
        cell = self.cells.get((row, column))
        if cell is None:
            cell = etree.Element(CELL, r=address(row, column))
            if style is not None:
                cell.set("s", style)
            self.attach(cell, row, column)
        return cell

    def blank_cell(self, row: int, column: int) -> Any:
        """A cell that the sheet does not hold, made with the style that the blank shows."""
        cell = new_cell(self.root, self.row(row), row, column)
        self.attach(cell, row, column)
        return cell

    def attach(self, cell: Any, row: int, column: int) -> None:
        """Put a cell into its row, in the order of columns."""
        before = self.cells.get((row, column - 1))
        if before is not None:
            before.addnext(cell)
        else:
            node = self.rows[row]
            later = (
                other
                for at, other in numbered_cells(row, node.iterchildren(CELL), self._columns)
                if at > column
            )
            following = next(later, None)
            if following is None:
                node.append(cell)
            else:
                following.addprevious(cell)
        self.cells[row, column] = cell

    def detach(self, row: int, column: int) -> Any:
        """Take a cell away; None where there is none."""
        cell = self.cells.pop((row, column), None)
        if cell is not None:
            self.rows[row].remove(cell)
        return cell

    def write_formula(self, place: Address, text: str) -> None:
        """Give a formula cell another text; an array stays one, a shared formula its own."""
        formula = self.formulas[place]
        node = formula.node.find(FORMULA)
        node.text = text
        if formula.extent is Extent.CELL:
            for key in ("t", "si", "ref"):
                node.attrib.pop(key, None)
        self.formulas[place] = formula._replace(text=text)

    def set_dimension(self) -> None:
        """State the range of the cells that there are."""
        node = self.root.find(f"{MAIN}dimension")
        if node is not None and self.cells:
            rows, columns = zip(*self.cells, strict=True)
            area = Area(min(rows), min(columns), max(rows), max(columns))
            set_attribute(node, "ref", str(area))


def worksheet_of(package: Package, sheet: Sheet) -> Worksheet:
    """The view of a sheet that everybody shares."""
    if sheet.part not in package.views:
        package.views[sheet.part] = Worksheet(package, sheet)
    view: Worksheet = package.views[sheet.part]
    return view


def worksheet_named(package: Package, name: str) -> Worksheet:
    """The worksheet of a name."""
    return worksheet_of(package, next(s for s in package.worksheets if s.name == name))


def read_worksheets(package: Package) -> list[Worksheet]:
    """All worksheets of a workbook."""
    return [worksheet_of(package, sheet) for sheet in package.worksheets]
