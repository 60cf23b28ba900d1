"""The rows of a table on its worksheet: written, added, taken away, with what stands below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.filling.columns import Value
from xlhedge.filling.reading import Cells
from xlhedge.filling.references import Resize
from xlhedge.formula.addresses import LAST_ROW, Area, address, area_or_none, parse_address
from xlhedge.formula.copying import shifted
from xlhedge.workbook.package import MAIN
from xlhedge.workbook.patch import escaped
from xlhedge.workbook.worksheet import Extent, Formula, Worksheet

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_OF_ONE_ROW = frozenset({"r", "spans"})
_HIDING = ("hidden", "collapsed")
_OF_ONE_FORMULA = frozenset({"t", "ref", "si", "ca"})


@dataclass(frozen=True)
class Pattern:
    """The formula of a calculated column.

    Parameters
    ----------
    text
        As it reads in row `row`.
    row
        That row.
    first
        The first row that has the formula.
    attributes
        What the file says of the formula beside its text.
    metadata
        The cell's index of metadata, which makes an array a dynamic one.
    """

    text: str
    row: int
    first: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    metadata: str | None = None

    @classmethod
    def of(cls, formula: Formula, first: int) -> Pattern:
        """The pattern that a formula cell gives."""
        node = formula.node.find(f"{MAIN}f")
        keep = {k: v for k, v in node.attrib.items() if k not in _OF_ONE_FORMULA}
        if node.get("t") == "array":
            keep["t"] = "array"
        return cls(formula.text, formula.row, first, keep, formula.node.get("cm"))

    def at(self, row: int) -> str:
        """The formula in another row."""
        return shifted(self.text, row - self.row, 0)


class TableRows:
    """The rows of one table.

    Parameters
    ----------
    worksheet
        The sheet; its tree is changed.
    resize
        The table and its new number of rows.
    cells
        Reads the workbook's cells.
    """

    def __init__(self, worksheet: Worksheet, resize: Resize, cells: Cells) -> None:
        self.sheet = worksheet
        self.resize = resize
        self.cells = cells
        self.old = resize.table.data
        self.new = resize.data
        top = worksheet.rows.get(self.old.top)
        given = {} if top is None else dict(top.attrib)
        self.row_attributes = {
            key: value
            for key, value in given.items()
            if key not in _OF_ONE_ROW and not (key in _HIDING and value in ("1", "true"))
        }
        self.styles = {
            column: cell.get("s")
            for column in range(self.old.left, self.old.right + 1)
            if (cell := worksheet.cells.get((self.old.top, column))) is not None
        }
        # Some writers say of each number that it is one.
        self.explicit = {
            column
            for column in self.styles
            if worksheet.cells[self.old.top, column].get("t") == "n"
        }

    def refuse_collisions(self, others: Sequence[tuple[str, Area]]) -> None:
        """Refuse to write over what stands below the table.

        Parameters
        ----------
        others
            The other tables of the sheet.
        """
        table, area = self.resize.table, self.resize.area
        who = f"{self.sheet.sheet.name}: the table {table.name} needs the rows to {area.bottom}"
        if area.bottom > LAST_ROW:
            raise FileError(f"{who}, more than a sheet has")
        if self.resize.delta <= 0:
            return
        below = area._replace(top=table.area.bottom + 1)
        for name, other in others:
            if other.overlaps(below):
                raise FileError(f"{who}, where the table {name} begins: move one of them")
        for place in sorted(self.sheet.inside(below)):
            cell = self.sheet.cells[place]
            if cell.find(f"{MAIN}f") is not None or self.cells.value(cell) not in (None, ""):
                raise FileError(f"{who}, but {address(*place)} is not empty: move it away first")
        for node in self.sheet.root.iterfind(f"{MAIN}mergeCells/{MAIN}mergeCell"):
            merged = area_or_none(node.get("ref", ""))
            if merged is not None and merged.overlaps(below):
                raise FileError(f"{who}, but {node.get('ref')} is merged: move it away first")

    def write(
        self,
        values: Mapping[int, list[Value]],
        patterns: Mapping[int, Pattern],
        start: int,
    ) -> None:
        """Write the rows.

        Parameters
        ----------
        values
            Values from row `start` on, by column of the sheet.
        patterns
            Formulas by column of the sheet.
        start
            First row that gets values; the rows above it stay.
        """
        totals = self._totals_taken_off()
        self._remove_rows()
        self._put_totals(totals)
        for row in range(self.new.top, self.new.bottom + 1):
            node = self._row(row)
            for column in range(self.new.left, self.new.right + 1):
                pattern = patterns.get(column)
                if row < start:
                    if pattern is not None:
                        self._keep_formula(row, column)
                elif pattern is not None and row >= pattern.first:
                    self._formula(self._cell(node, row, column), row, column, pattern)
                else:
                    given = values.get(column)
                    value = given[row - start] if given is not None else None
                    self._value(self._cell(node, row, column), value, column)
        self._set_dimension()

    def show_all(self) -> bool:
        """Show rows that a filter hid; return whether there were any."""
        hidden = False
        for row in range(self.new.top, self.new.bottom + 1):
            node = self.sheet.rows.get(row)
            if node is not None and node.get("hidden") in ("1", "true"):
                del node.attrib["hidden"]
                hidden = True
        return hidden

    def _row(self, row: int) -> Any:
        node = self.sheet.rows.get(row)
        if node is None:
            node = etree.Element(f"{MAIN}row", r=str(row))
            node.attrib.update(self.row_attributes)
            before: int | None = row - 1
            if before not in self.sheet.rows:
                before = max((number for number in self.sheet.rows if number < row), default=None)
            if before is None:
                self.sheet.data.insert(0, node)
            else:
                self.sheet.rows[before].addnext(node)
            self.sheet.rows[row] = node
        # Only a hint for faster loading, and wrong as soon as rows change.
        node.attrib.pop("spans", "")
        return node

    def _cell(self, node: Any, row: int, column: int) -> Any:
        cell = self.sheet.cells.get((row, column))
        if cell is not None:
            if row > self.old.bottom:
                self._set_style(cell, column)
            return cell
        cell = etree.Element(f"{MAIN}c", r=address(row, column))
        self._set_style(cell, column)
        self._attach(node, cell, row, column)
        return cell

    def _set_style(self, cell: Any, column: int) -> None:
        style = self.styles.get(column)
        if style is None:
            cell.attrib.pop("s", None)
        else:
            cell.set("s", style)

    def _attach(self, node: Any, cell: Any, row: int, column: int) -> None:
        """Put a cell into its row, in the order of columns."""
        before = self.sheet.cells.get((row, column - 1))
        if before is not None:
            before.addnext(cell)
        else:
            node.insert(sum(place < column for place in _columns(node)), cell)
        self.sheet.cells[row, column] = cell

    def _value(self, cell: Any, value: Value, column: int) -> None:
        formula = cell.find(f"{MAIN}f")
        if formula is None:
            current = self.cells.value(cell)
            if type(current) is type(value) and current == value:
                return
        _empty(cell)
        if value is None:
            return
        if isinstance(value, str):
            index = self.cells.plain_texts.get(value)
            if index is not None:
                cell.set("t", "s")
                etree.SubElement(cell, f"{MAIN}v").text = str(index)
                return
            # Text stays text: a cell of this type is never read as a formula.
            cell.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t")
            text.text = escaped(value)
            if value != value.strip() or "\n" in value:
                text.set(_SPACE, "preserve")
            return
        node = etree.SubElement(cell, f"{MAIN}v")
        if isinstance(value, bool):
            cell.set("t", "b")
            node.text = str(int(value))
        else:
            if column in self.explicit:
                cell.set("t", "n")
            node.text = repr(float(value)).removesuffix(".0")

    def _formula(self, cell: Any, row: int, column: int, pattern: Pattern) -> None:
        text = pattern.at(row)
        current = self.sheet.formulas.get((row, column))
        if current is not None and current.text == text and row <= self.old.bottom:
            return
        _empty(cell)
        node = etree.SubElement(cell, f"{MAIN}f")
        node.text = text
        for key, given in pattern.attributes.items():
            node.set(key, given)
        if node.get("t") == "array":
            node.set("ref", address(row, column))
            if pattern.metadata:
                cell.set("cm", pattern.metadata)

    def _keep_formula(self, row: int, column: int) -> None:
        """Let a formula of a row that stays follow the rows."""
        formula = self.sheet.formulas.get((row, column))
        if formula is None:
            return
        place = self.sheet.name_of((row, column))
        text = self.resize.formula(formula.text, self.sheet.sheet.name, place, fixed=True, row=row)
        if text != formula.text:
            write_formula(formula, text)

    def _totals_taken_off(self) -> list[tuple[int, dict[str, str], list[tuple[int, Any]]]]:
        """The totals rows as they go to their new place: row, attributes and cells."""
        table, delta = self.resize.table, self.resize.delta
        taken = []
        for row in range(self.old.bottom + 1, table.area.bottom + 1):
            node = self.sheet.rows.get(row)
            if node is None:
                continue
            node.attrib.pop("spans", "")
            if not delta:
                continue
            held = []
            for column in range(table.area.left, table.area.right + 1):
                cell = self.sheet.cells.pop((row, column), None)
                if cell is not None:
                    node.remove(cell)
                    held.append((column, cell))
            taken.append((row + delta, dict(node.attrib), held))
            if len(node) == 0:
                node.getparent().remove(node)
                del self.sheet.rows[row]
        return taken

    def _put_totals(self, taken: list[tuple[int, dict[str, str], list[tuple[int, Any]]]]) -> None:
        for row, attributes, held in taken:
            is_new = row not in self.sheet.rows
            node = self._row(row)
            if is_new:
                node.attrib.clear()
                node.attrib.update(attributes | {"r": str(row)})
            for column, cell in held:
                stale = self.sheet.cells.pop((row, column), None)
                if stale is not None:
                    node.remove(stale)
                cell.set("r", address(row, column))
                formula = cell.find(f"{MAIN}f")
                if formula is not None and formula.get("ref"):
                    formula.set("ref", address(row, column))
                self._attach(node, cell, row, column)

    def _remove_rows(self) -> None:
        for row in range(self.new.bottom + 1, self.old.bottom + 1):
            node = self.sheet.rows.get(row)
            if node is None:
                continue
            for column in range(self.old.left, self.old.right + 1):
                cell = self.sheet.cells.pop((row, column), None)
                if cell is not None:
                    node.remove(cell)
            kept = {k: v for k, v in node.attrib.items() if k not in _OF_ONE_ROW}
            if len(node) == 0 and kept in ({}, self.row_attributes):
                node.getparent().remove(node)
                del self.sheet.rows[row]

    def _set_dimension(self) -> None:
        node = self.sheet.root.find(f"{MAIN}dimension")
        places = self.sheet.cells
        if node is None or not places:
            return
        rows, columns = [row for row, _ in places], [column for _, column in places]
        node.set("ref", str(Area(min(rows), min(columns), max(rows), max(columns))))


def _columns(node: Any) -> list[int]:
    """The column of each cell of a row; a cell without an address follows the one before."""
    found, column = [], 0
    for cell in node:
        place = cell.get("r")
        if place is not None:
            column = parse_address(place)[1]
        elif cell.tag == f"{MAIN}c":
            column += 1
        found.append(column)
    return found


def _empty(cell: Any) -> None:
    """Take a cell's value and formula away; its style stays."""
    for name in ("f", "v", "is"):
        for node in cell.findall(f"{MAIN}{name}"):
            cell.remove(node)
    for key in ("t", "cm", "vm"):
        cell.attrib.pop(key, None)


def write_formula(formula: Formula, text: str) -> None:
    """Give a formula cell another text; an array stays one, a shared formula becomes its own."""
    node = formula.node.find(f"{MAIN}f")
    node.text = text
    if formula.extent is Extent.CELL:
        for key in ("t", "si", "ref"):
            node.attrib.pop(key, None)
