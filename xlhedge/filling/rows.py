"""The rows of a table on its worksheet: written, added, taken away, with what stands below."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.filling.columns import Columns, Value
from xlhedge.filling.resize import Resize
from xlhedge.filling.table import ColumnFormula, Standing
from xlhedge.formula.addresses import LAST_ROW, address, column_letters
from xlhedge.workbook.cells import Cells
from xlhedge.workbook.reading import ROW, Address
from xlhedge.workbook.values import FORMULA, clear
from xlhedge.workbook.writing import RowCells, rewrite, set_dimension, write_formula
from xlhedge.workbook.xml import MAIN, elements, escaped, is_on, needs_space, number_text

_OF_ONE_ROW = frozenset({"r", "spans"})
_HIDING = ("hidden", "collapsed")
_AT_ONCE = 1000


def refuse_collisions(cells: Cells, resize: Resize) -> None:
    """Refuse to write over what stands below the table, such as the sheet's other tables."""
    table, area = resize.table, resize.area
    who = f"{table.sheet}: the table {table.name} needs the rows to {area.bottom}"
    if area.bottom > LAST_ROW:
        raise FileError(f"{who}, more than a sheet has")
    if resize.delta <= 0:
        return
    below = area._replace(top=table.area.bottom + 1)
    for other in cells.package.tables.values():
        if other.sheet == table.sheet and other != table and other.area.overlaps(below):
            raise FileError(f"{who}, where the table {other.name} begins: move one of them")
    for _, row, column in cells.cells.within(below):
        place = row, column
        if place in cells.formulas or cells.value(place) not in (None, ""):
            raise FileError(f"{who}, but {address(*place)} is not empty: move it away first")
    for merged in cells.merged:
        if merged.overlaps(below):
            raise FileError(f"{who}, but {merged} is merged: move it away first")


class TableRows:
    """The rows of a table that gets another number of them, on their way into its sheet.

    `kept` rows stay above those that are written. `texts` are the formulas of the sheet that read
    otherwise. `shown` says whether there were rows that a filter hid.
    """

    shown = False

    def __init__(
        self,
        found: Standing,
        resize: Resize,
        values: Columns,
        kept: int,
        texts: Mapping[Address, str],
    ) -> None:
        self.found, self.resize, self.cells = found, resize, found.cells
        self.values, self.texts = values, texts
        self.old, self.new = resize.table.data, resize.data
        self.start = self.new.top + kept
        self.patterns = dict(self._followed())
        definition = self.cells.package.tree(resize.table.part)
        filtered = definition.find(f"{MAIN}autoFilter/{MAIN}filterColumn")
        self.unfiltered = filtered is not None
        self._made: tuple[int, list[Any]] = -1, []
        first = found.rows.get(self.old.top)
        given = {} if first is None else first.node.attrib
        self.row_attributes = {
            key: value
            for key, value in given.items()
            if key not in _OF_ONE_ROW and not (key in _HIDING and value in ("1", "true"))
        }
        self.first: Mapping[int, Any] = first or {}

    def write(self) -> None:
        """Write values and formulas; rows that a filter hides are shown."""
        self.totals = dict(self._totals())
        self._touched = {*self.resize.table.area.rows, *self.new.rows, *self.totals}
        self._touched.update(row for row, _ in self.texts)
        rewrite(self.cells, self._row, [*self.new.rows, *self.totals], self._new_row)
        set_dimension(self.cells)

    def _followed(self) -> Iterator[tuple[int, ColumnFormula]]:
        """The columns' formulas with the references that span the rows made to follow them."""
        table = self.found.table
        for column, pattern in self.found.patterns.items():
            where = f"column {table.columns[column - table.area.left]}"
            text = self.resize.formula(
                pattern.text, table.sheet, where, fixed=True, row=pattern.row
            )
            yield column, replace(pattern, text=text)

    def _totals(self) -> Iterator[tuple[int, RowCells]]:
        """The totals row by its new place, with the formulas that it has there."""
        for row in range(self.old.bottom + 1, self.resize.table.area.bottom + 1):
            cells = self.found.rows.get(row)
            if cells is not None and self.resize.delta:
                self._follow(row, cells)
                yield row + self.resize.delta, cells

    def _follow(self, row: int, cells: RowCells) -> None:
        for column in cells if self.texts else ():
            if (row, column) in self.texts:
                write_formula(cells[column], self.texts[row, column])

    def _row(self, row: int, node: Any) -> bool:
        """Change a row; return whether anything is left of it."""
        if row not in self._touched:
            return True
        cells = RowCells(self.cells, row, node)
        self._follow(row, cells)
        totals = self.old.bottom < row <= self.resize.table.area.bottom
        if totals or row in self.new.rows or row in self.totals:
            # Only a hint for faster loading, and wrong as soon as rows change.
            node.attrib.pop("spans", "")
        gone = totals and self.resize.delta != 0
        if gone or self.new.bottom < row <= self.old.bottom:
            for column in self.old.columns:
                cells.take(column)
            plain = {k: v for k, v in node.attrib.items() if k not in _OF_ONE_ROW}
            gone = len(node) == 0 and (gone or plain in ({}, self.row_attributes))
        if row not in self.new.rows and row not in self.totals:
            return not gone
        if gone:
            made = self._new_row(row)
            node.attrib.clear()
            node.attrib.update(made.attrib)
            node.extend(list(made))
        elif row in self.totals:
            self._put_totals(row, cells)
        else:
            if self.unfiltered and is_on(node, "hidden"):
                del node.attrib["hidden"]
                self.shown = True
            self._fill(row, cells)
        return True

    def _new_row(self, row: int) -> Any:
        """A row that the sheet lacks."""
        node = self._line(row) if self.start <= row <= self.new.bottom else etree.Element(ROW)
        totals = self.totals.get(row)
        given = self.row_attributes if totals is None else totals.node.attrib
        node.set("r", str(row))
        for key, value in given.items():
            if key not in _OF_ONE_ROW:
                node.set(key, value)
        if row in self.totals:
            self._put_totals(row, RowCells(self.cells, row, node))
        else:
            early = {column for column, pattern in self.patterns.items() if row < pattern.first}
            for place in sorted(early, reverse=True) if len(node) else ():
                del node[place - self.new.left]
        return node

    def _fill(self, row: int, cells: RowCells) -> None:
        """Put values and formulas into a row of the table."""
        if row < self.start:
            for column in self.patterns:
                self._keep_formula(row, column, cells)
            return
        for column, new in enumerate(list(self._line(row)), self.new.left):
            old, pattern = cells.get(column), self.patterns.get(column)
            if pattern is not None and row < pattern.first:
                self._keep_formula(row, column, cells)
            elif old is None or row > self.old.bottom:
                cells.put(column, new)
            elif not self._holds(row, column, old, new):
                clear(old)
                for key in ("t", "cm"):
                    if new.get(key):
                        old.set(key, new.get(key))
                old.extend(list(new))

    def _holds(self, row: int, column: int, old: Any, new: Any) -> bool:
        """Whether a cell has the formula or the value of a new one."""
        text = new.findtext(FORMULA)
        if text is not None or old.find(FORMULA) is not None:
            return text is not None and self.cells.formulas.text((row, column)) == text
        before = self.found.values[column - self.old.left][row - self.old.top]
        given = self.values.get(column - self.old.left)
        after = None if given is None else given[row - self.start]
        return type(before) is type(after) and before == after

    def _line(self, row: int) -> Any:
        """The cells of a row, made new: many rows at once, as one by one takes long."""
        number, place = divmod(row - self.start, _AT_ONCE)
        if number != self._made[0]:
            text = "".join(self._lines(number * _AT_ONCE))
            self._made = number, elements(text, self.cells.where, MAIN[1:-1])
        return self._made[1][place]

    def _lines(self, first: int) -> Iterator[str]:
        """Some rows as XML, from one of those that are written."""
        rows = range(self.start + first, min(self.start + first + _AT_ONCE, self.new.bottom + 1))
        cells: list[Iterator[str]] = []
        for column in self.new.columns:
            pattern = self.patterns.get(column)
            if pattern is not None:
                cells.append(map(self._formula_text(column, pattern), rows))
            else:
                given = self.values.get(column - self.new.left)
                some = repeat(None) if given is None else given[first : first + len(rows)]
                cells.append(map(self._value_text(column), rows, some))
        for texts in zip(*cells, strict=False):
            yield f"<row>{''.join(texts)}</row>"

    def _opening(self, column: int) -> tuple[str, str]:
        """A cell's first tag in a column, before and after the row's number."""
        first = self.first.get(column)
        style = None if first is None else first.get("s")
        shown = "" if style is None else f" s={quoteattr(style)}"
        return f'<c r="{column_letters(column)}', f'"{shown}'

    def _formula_text(self, column: int, pattern: ColumnFormula) -> Callable[[int], str]:
        """What makes a new cell with a formula, as XML."""
        before, after = self._opening(column)
        given = "".join(f" {k}={quoteattr(v)}" for k, v in pattern.attributes.items())
        letters, array = column_letters(column), pattern.attributes.get("t") == "array"
        if array and pattern.metadata:
            after += f" cm={quoteattr(pattern.metadata)}"

        def cell(row: int) -> str:
            ref = f' ref="{letters}{row}"' if array else ""
            return f"{before}{row}{after}><f{given}{ref}>{escape(pattern.at(row))}</f></c>"

        return cell

    def _value_text(self, column: int) -> Callable[[int, Value], str]:
        """What makes a new cell with a value, as XML."""
        before, after = self._opening(column)
        texts = self.cells.package.plain_texts
        # Some writers say of each number that it is one.
        first = self.first.get(column)
        number = ' t="n"' if first is not None and first.get("t") == "n" else ""

        def cell(row: int, value: Value) -> str:
            if type(value) is float:
                return f"{before}{row}{after}{number}><v>{number_text(value)}</v></c>"
            if value is None:
                return f"{before}{row}{after}/>"
            if isinstance(value, str):
                index = texts.get(value)
                if index is not None:
                    return f'{before}{row}{after} t="s"><v>{index}</v></c>'
                space = ' xml:space="preserve"' if needs_space(value) else ""
                shown = escape(escaped(value))
                return f'{before}{row}{after} t="inlineStr"><is><t{space}>{shown}</t></is></c>'
            return f'{before}{row}{after} t="b"><v>{int(value)}</v></c>'

        return cell

    def _keep_formula(self, row: int, column: int, cells: RowCells) -> None:
        """Let a formula of a row that stays follow the rows."""
        before = self.cells.formulas.text((row, column))
        if before is not None:
            place = self.cells.name_of((row, column))
            text = self.resize.formula(before, self.cells.sheet.name, place, fixed=True, row=row)
            if text != before:
                write_formula(cells[column], text)

    def _put_totals(self, row: int, cells: RowCells) -> None:
        """Put the totals into their new row."""
        for column in self.old.columns:
            cell = self.totals[row].get(column)
            if cell is not None:
                cell.set("r", address(row, column))
                formula = cell.find(FORMULA)
                if formula is not None and formula.get("ref"):
                    formula.set("ref", address(row, column))
                cells.put(column, cell)
