"""The rows of a table on its worksheet: written, added, taken away, with what stands below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
_OF_ONE_FORMULA = frozenset({"t", "ref", "si", "ca"})
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
        self.old, self.new = resize.table.data, resize.data
        columns = dict(zip(self.new.columns, found.columns, strict=True))
        self.values = {
            column: values[one.name] for column, one in columns.items() if one.name in values
        }
        self.start = self.new.top + kept
        self.texts: dict[int, dict[int, str]] = {}
        for (row, column), text in texts.items():
            self.texts.setdefault(row, {})[column] = text
        self.formulas = {
            column: self._followed(one.name, one.formula)
            for column, one in columns.items()
            if one.formula is not None
        }
        self.first = found.rows.get(self.old.top) or RowCells(found.cells, 0, etree.Element(ROW))
        self.row_attributes = {
            key: value
            for key, value in self.first.node.attrib.items()
            if key not in _OF_ONE_ROW and not (key in _HIDING and value in ("1", "true"))
        }
        self.totals = dict(self._totals())
        self._made: tuple[int, list[Any]] = -1, []
        filtered = f"{MAIN}autoFilter/{MAIN}filterColumn"
        self.filtered = found.cells.package.tree(resize.table.part).find(filtered) is not None

    def write(self) -> None:
        """Write values and formulas; rows that a filter hides are shown."""
        rewrite(self.cells, self._row, [*self.new.rows, *self.totals], self._new_row)
        set_dimension(self.cells)

    def _followed(self, name: str, formula: ColumnFormula) -> ColumnFormula:
        """A column's formula with the references that span the rows made to follow them."""
        sheet, where = self.resize.table.sheet, f"column {name}"
        text = self.resize.formula(formula.text, sheet, where, fixed=True, row=formula.row)
        return formula._replace(text=text)

    def _totals(self) -> Iterator[tuple[int, RowCells]]:
        """The totals row by its new place, with the formulas that it has there."""
        for row in range(self.old.bottom + 1, self.resize.table.area.bottom + 1):
            cells = self.found.rows.get(row)
            if cells is not None and self.resize.delta:
                self._follow(row, cells)
                yield row + self.resize.delta, cells

    def _follow(self, row: int, cells: RowCells) -> None:
        for column, text in self.texts.get(row, {}).items():
            write_formula(cells[column], text)

    def _row(self, row: int, node: Any) -> bool:
        """Change a row; return whether anything is left of it."""
        area, needed = self.resize.table.area, row in self.new.rows or row in self.totals
        if not needed and row not in area.rows and row not in self.texts:
            return True
        cells = RowCells(self.cells, row, node)
        self._follow(row, cells)
        totals = self.old.bottom < row <= area.bottom
        if totals or needed:
            # Only a hint for faster loading, and wrong as soon as rows change.
            node.attrib.pop("spans", "")
        moved = totals and self.resize.delta != 0
        if moved or self.new.bottom < row <= self.old.bottom:
            for column in self.old.columns:
                cells.take(column)
            plain = {k: v for k, v in node.attrib.items() if k not in _OF_ONE_ROW}
            if len(node) == 0 and (moved or plain in ({}, self.row_attributes)):
                if needed:
                    made = self._new_row(row)
                    node.attrib.clear()
                    node.attrib.update(made.attrib)
                    node.extend(list(made))
                return needed
        if row in self.totals:
            self._put_totals(row, cells)
        elif needed:
            if self.filtered and is_on(node, "hidden"):
                del node.attrib["hidden"]
                self.shown = True
            self._fill(row, cells)
        return True

    def _new_row(self, row: int) -> Any:
        """A row that the sheet lacks."""
        node = self._line(row) if self.start <= row <= self.new.bottom else etree.Element(ROW)
        totals = self.totals.get(row)
        node.set("r", str(row))
        for key, value in (self.row_attributes if totals is None else totals.node.attrib).items():
            if key not in _OF_ONE_ROW:
                node.set(key, value)
        if totals is not None:
            self._put_totals(row, RowCells(self.cells, row, node))
        return node

    def _fill(self, row: int, cells: RowCells) -> None:
        """Put values and formulas into a row of the table."""
        for column, formula in self.formulas.items():
            if row < max(formula.first, self.start):
                self._keep_formula(row, column, cells)
        if row < self.start:
            return
        for column, new in RowCells(self.cells, row, self._line(row)).items():
            old = cells.get(column)
            if old is None or row > self.old.bottom:
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
        before = self.found.columns[column - self.old.left].values[row - self.old.top]
        given = self.values.get(column)
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
            formula, given = self.formulas.get(column), self.values.get(column)
            if formula is not None:
                cells.append(self._formula_cells(column, formula, rows))
            else:
                some = repeat(None) if given is None else given[first : first + len(rows)]
                cells.append(self._value_cells(column, zip(rows, some, strict=False)))
        for texts in zip(*cells, strict=True):
            yield f"<row>{''.join(texts)}</row>"

    def _opening(self, column: int) -> tuple[str, str]:
        """A cell's first tag in a column, before and after the row's number."""
        style = self.first[column].get("s") if column in self.first else None
        shown = "" if style is None else f" s={quoteattr(style)}"
        return f'<c r="{column_letters(column)}', f'"{shown}'

    def _formula_cells(
        self, column: int, formula: ColumnFormula, rows: Iterable[int]
    ) -> Iterator[str]:
        """New cells with a column's formula, as XML; what is said beside its text stays."""
        before, after = self._opening(column)
        like = self.found.rows.get(formula.row, self.first).get(column)
        node = None if like is None else like.find(FORMULA)
        given, array = "", False
        if like is not None and node is not None:
            for key, value in node.attrib.items():
                if key not in _OF_ONE_FORMULA and key[0] != "{":
                    given += f" {key}={quoteattr(value)}"
            array = node.get("t") == "array"
            if array:
                given += ' t="array"'
            if array and like.get("cm"):  # which makes it a dynamic one
                after += f" cm={quoteattr(like.get('cm'))}"
        for row in rows:
            ref = f' ref="{column_letters(column)}{row}"' if array else ""
            if row < formula.first:
                yield ""
            else:
                yield f"{before}{row}{after}><f{given}{ref}>{escape(formula.at(row))}</f></c>"

    def _value_cells(self, column: int, values: Iterable[tuple[int, Value]]) -> Iterator[str]:
        """New cells with values, as XML."""
        before, after = self._opening(column)
        texts = self.cells.package.plain_texts
        # Some writers say of each number that it is one.
        number = ' t="n"' if column in self.first and self.first[column].get("t") == "n" else ""
        for row, value in values:
            if type(value) is float:
                yield f"{before}{row}{after}{number}><v>{number_text(value)}</v></c>"
            elif value is None:
                yield f"{before}{row}{after}/>"
            elif not isinstance(value, str):
                yield f'{before}{row}{after} t="b"><v>{int(value)}</v></c>'
            elif value in texts:
                yield f'{before}{row}{after} t="s"><v>{texts[value]}</v></c>'
            else:
                space = ' xml:space="preserve"' if needs_space(value) else ""
                shown = f"<t{space}>{escape(escaped(value))}</t>"
                yield f'{before}{row}{after} t="inlineStr"><is>{shown}</is></c>'

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
