"""The rows of a table on its worksheet: written, added, taken away, with what stands below."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from xlhedge.errors import FileError
from xlhedge.filling.columns import Value
from xlhedge.filling.resize import Resize
from xlhedge.filling.table import ColumnFormula
from xlhedge.formula.addresses import LAST_ROW, Area, address, column_letters
from xlhedge.workbook.package import Package
from xlhedge.workbook.reading import inside
from xlhedge.workbook.values import FORMULA, clear, read_value
from xlhedge.workbook.worksheet import Worksheet
from xlhedge.workbook.xml import MAIN, elements, escaped, needs_space, number_text

_OF_ONE_ROW = frozenset({"r", "spans"})
_HIDING = ("hidden", "collapsed")


class TableRows:
    """The rows of a table that gets another number of them."""

    def __init__(self, worksheet: Worksheet, resize: Resize, package: Package) -> None:
        self.sheet = worksheet
        self.resize = resize
        self.package = package
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
            for column in self.old.columns
            if (cell := worksheet.cells.get((self.old.top, column))) is not None
        }
        # Some writers say of each number that it is one.
        self.explicit = {
            column
            for column in self.styles
            if worksheet.cells[self.old.top, column].get("t") == "n"
        }

    def refuse_collisions(self, others: Sequence[tuple[str, Area]]) -> None:
        """Refuse to write over what stands below the table, such as the sheet's other tables."""
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
        for place in sorted(inside(self.sheet.cells, below)):
            cell = self.sheet.cells[place]
            if cell.find(FORMULA) is not None or self.sheet.value(*place) not in (None, ""):
                raise FileError(f"{who}, but {address(*place)} is not empty: move it away first")
        for merged in self.sheet.merged:
            if merged.overlaps(below):
                raise FileError(f"{who}, but {merged} is merged: move it away first")

    def write(
        self,
        values: Mapping[int, list[Value]],
        patterns: Mapping[int, ColumnFormula],
        start: int,
    ) -> None:
        """Write values from row `start` on and formulas, both by column of the sheet.

        The rows above `start` stay.
        """
        totals = self._totals_taken_off()
        self._remove_rows()
        self._put_totals(totals)
        for row in range(self.new.top, min(start, self.new.bottom + 1)):
            self._row(row)
            for column in patterns:
                self._keep_formula(row, column)
        # Rows are written as text: a hundred thousand cells, one by one, take seconds.
        rows = range(start, self.new.bottom + 1)
        last = max((row for row in self.sheet.rows if row in rows), default=start - 1)
        lines = self._lines(rows, values, patterns)
        there = elements("".join(islice(lines, last + 1 - start)), self.sheet.where, MAIN[1:-1])
        for row, line in enumerate(there, start):
            self._merge(row, line, patterns)
        columns = self.new.columns
        self.sheet.add_rows(last + 1, columns, "".join(lines), self.row_attributes)
        self.sheet.forget_formulas()
        self.sheet.set_dimension()
        self.sheet.mark()

    def _lines(
        self,
        rows: range,
        values: Mapping[int, list[Value]],
        patterns: Mapping[int, ColumnFormula],
    ) -> Iterator[str]:
        """The rows as XML."""
        cells: list[Iterator[str]] = []
        for column in self.new.columns:
            pattern = patterns.get(column)
            if pattern is not None:
                cells.append(map(self._formula_text(column, pattern), rows))
            else:
                given = values.get(column) or repeat(None)
                cells.append(map(self._value_text(column), rows, given))
        for row, *texts in zip(rows, *cells, strict=False):
            yield f'<row r="{row}">{"".join(texts)}</row>'

    def _merge(self, row: int, line: Any, patterns: Mapping[int, ColumnFormula]) -> None:
        """Put the cells of a row that was made into the row that is there."""
        self._row(row)
        for column, new in enumerate(list(line), self.new.left):
            old = self.sheet.cells.get((row, column))
            if column in patterns and row < patterns[column].first:
                self._keep_formula(row, column)
            elif old is None or row > self.old.bottom:
                self.sheet.detach(row, column)
                self.sheet.attach(new, row, column)
            elif not self._holds(row, column, new):
                clear(old)
                for key in ("t", "cm"):
                    if new.get(key):
                        old.set(key, new.get(key))
                old.extend(list(new))

    def _holds(self, row: int, column: int, new: Any) -> bool:
        """Whether a cell has the formula or the value of a new one."""
        old, formula = self.sheet.cells[row, column], self.sheet.formulas.get((row, column))
        text = new.findtext(FORMULA)
        if text is not None or old.find(FORMULA) is not None:
            return formula is not None and formula.text == text
        texts, later = self.package.texts, self.package.counts_from_1904
        before, after = (read_value(cell, texts, from_1904=later) for cell in (old, new))
        return type(before) is type(after) and before == after

    def _opening(self, column: int) -> tuple[str, str]:
        """A cell's first tag in a column, before and after the row's number."""
        style = self.styles.get(column)
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
        texts = self.package.plain_texts
        number = ' t="n"' if column in self.explicit else ""

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

    def show_all(self) -> bool:
        """Show rows that a filter hid; return whether there were any."""
        hidden = False
        for row in self.new.rows:
            node = self.sheet.rows.get(row)
            if node is not None and node.get("hidden") in ("1", "true"):
                del node.attrib["hidden"]
                hidden = True
        return hidden

    def _row(self, row: int) -> Any:
        node = self.sheet.row(row, self.row_attributes)
        # Only a hint for faster loading, and wrong as soon as rows change.
        node.attrib.pop("spans", "")
        return node

    def _keep_formula(self, row: int, column: int) -> None:
        """Let a formula of a row that stays follow the rows."""
        formula = self.sheet.formulas.get((row, column))
        if formula is None:
            return
        place = self.sheet.name_of((row, column))
        text = self.resize.formula(formula.text, self.sheet.sheet.name, place, fixed=True, row=row)
        if text != formula.text:
            self.sheet.write_formula((row, column), text)

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
            for column in table.area.columns:
                cell = self.sheet.detach(row, column)
                if cell is not None:
                    held.append((column, cell))
            taken.append((row + delta, dict(node.attrib), held))
            if len(node) == 0:
                self.sheet.remove_row(row)
        return taken

    def _put_totals(self, taken: list[tuple[int, dict[str, str], list[tuple[int, Any]]]]) -> None:
        for row, attributes, held in taken:
            is_new = row not in self.sheet.rows
            node = self._row(row)
            if is_new:
                node.attrib.clear()
                node.attrib.update(attributes | {"r": str(row)})
            for column, cell in held:
                self.sheet.detach(row, column)
                cell.set("r", address(row, column))
                formula = cell.find(FORMULA)
                if formula is not None and formula.get("ref"):
                    formula.set("ref", address(row, column))
                self.sheet.attach(cell, row, column)

    def _remove_rows(self) -> None:
        for row in range(self.new.bottom + 1, self.old.bottom + 1):
            node = self.sheet.rows.get(row)
            if node is None:
                continue
            for column in self.old.columns:
                self.sheet.detach(row, column)
            kept = {k: v for k, v in node.attrib.items() if k not in _OF_ONE_ROW}
            if len(node) == 0 and kept in ({}, self.row_attributes):
                self.sheet.remove_row(row)
