"""What every template is laid out with: panels of inputs and results, tables, charts, pages.

Rows and columns are counted from 0, as XlsxWriter does. Formulas are written as Excel shows them
and stored by `file_form`; whatever calls us or spans cells is stored as a dynamic array.
"""

from __future__ import annotations

import io
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.system.files import save
from xlhedge.templates._formulas import (
    computes_arrays,
    explained,
    file_form,
    with_equal_texts,
)
from xlhedge.templates._theme import FONT, STATUS, Theme
from xlhedge.workbook.package import TEMPLATE

CREATED = datetime(2025, 1, 1)
"""Every workbook's creation date: two builds give the same bytes."""

PRINTED_ROWS = 40
"""Rows of a long table that are printed: one page shows what it holds, the file holds the rest."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Excel 365's engine. A book that says an older one, or asks for a full calculation, loses the
# values it carries as soon as someone opens it without the add-in.
_CALCULATION_ENGINE = 191029


@dataclass(frozen=True)
class Input:
    """A cell that the user fills, with its name, unit, guard and help."""

    name: str
    label: str
    value: Any
    unit: str
    number: str
    help: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    role: str = "input"


Hints = tuple[tuple[str, str], ...]
"""Pairs of condition and text; a bare name as condition means that its cell is blank."""


def with_hints(formula: str, hints: Hints) -> str:
    """A formula that quietly shows the text of the first condition that holds.

    Examples
    --------
    >>> with_hints("=1/price", (("price", "enter the price"),))
    '=IF(price="","enter the price",1/price)'
    """
    for condition, text in reversed(hints):
        test = f'{condition}=""' if condition.isidentifier() else condition
        formula = f'=IF({test},"{text}",{formula[1:]})'
    return formula


@dataclass(frozen=True)
class Result:
    """A live formula with its name, unit, note and hints."""

    name: str
    label: str
    formula: str
    unit: str
    number: str
    note: str = ""
    hints: Hints = ()

    @property
    def guarded(self) -> str:
        """The formula inside its hints."""
        return with_hints(self.formula, self.hints)


class Book:
    """A workbook in the making; the same calls give the same bytes.

    Parameters
    ----------
    title, subject
        Document properties.
    footer
        What the foot of each printed page says on the left; && is an ampersand.
    template
        The template's name, which the workbook keeps in a property of its own.
    """

    def __init__(self, title: str, subject: str, footer: str, template: str = "") -> None:
        self._buffer = io.BytesIO()
        self.workbook = xlsxwriter.Workbook(self._buffer, _OPTIONS)
        self.workbook.set_properties(
            {"title": title, "subject": subject, "author": "xlhedge", "created": CREATED}
        )
        if template:
            self.workbook.set_custom_property(TEMPLATE, template)
        self.workbook.set_calc_mode("auto", _CALCULATION_ENGINE)
        self.workbook.calc_on_load = False
        self.theme = Theme(self.workbook)
        self.title = title
        self.footer = footer
        self.places: dict[str, tuple[str, int, int]] = {}

    def sheet(self, name: str, tab: str, widths: Sequence[float]) -> Sheet:
        """A new sheet with the widths of its columns."""
        return Sheet(self, name, tab, widths)

    def name(self, name: str, sheet: str, row: int, column: int) -> None:
        """Give a cell a name."""
        self.places[name] = (sheet, row, column)
        cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.workbook.define_name(name, f"={sheet}!{cell}")

    def name_range(self, name: str, sheet: str, place: tuple[int, int, int, int]) -> None:
        """Give a range a name."""
        self.workbook.define_name(name, f"={sheet}!{xl_range_abs(*place)}")

    def save(self, path: Path) -> Path:
        """Write the workbook, all of it or nothing."""
        self.workbook.close()
        save(self._buffer.getvalue(), path)
        return path


class Sheet:
    """One sheet; its methods write at a place and give back the next free row."""

    def __init__(self, book: Book, name: str, tab: str, widths: Sequence[float]) -> None:
        self.book = book
        self.name = name
        self.cells = book.workbook.add_worksheet(name)
        self.cells.set_tab_color(tab)
        self.cells.hide_gridlines(2)
        self.cells.set_default_row(18)
        self.widths = list(widths)
        for column, width in enumerate(widths):
            self.cells.set_column(column, column, width, self.style("plain"))

    def style(self, role: str, number: str = "general", **more: Any) -> Any:
        """A style of the theme."""
        return self.book.theme.style(role, number, **more)

    def heading(self, title: str, subtitle: str) -> None:
        """The sheet's title and the sentence below it, in the first two rows."""
        self.cells.set_row(0, 30)
        self.write(0, 1, title, "title")
        self.write(1, 1, subtitle, "subtitle")

    def write(self, row: int, column: int, value: Any, role: str, number: str = "general") -> None:
        """A constant, or a formula where a text begins with "="."""
        style = self.style(role, number)
        if isinstance(value, str) and value.startswith("="):
            self.formula(row, column, value, style)
        else:
            self.constant(row, column, value, style)

    def constant(self, row: int, column: int, value: Any, style: Any) -> None:
        """A value; text is never taken for a formula."""
        if value is None:
            self.cells.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.cells.write_string(row, column, value, style)
        elif isinstance(value, bool):
            self.cells.write_boolean(row, column, value, style)
        elif isinstance(value, datetime):
            self.cells.write_datetime(row, column, value, style)
        else:
            self.cells.write_number(row, column, value, style)

    def formula(self, row: int, column: int, text: str, style: Any) -> None:
        """A formula as Excel shows it, without a value until the book is calculated."""
        stored = file_form(text)
        if computes_arrays(text):
            self.cells.write_dynamic_array_formula(row, column, row, column, stored, style, "")
        else:
            self.cells.write_formula(row, column, stored, style, "")

    def calculated_by(self, row: int, column: int, results: str) -> None:
        """Who calculated the values: in the file its maker, once `results` change this program."""
        here = f'="Calculated here by xlhedge "&XLHEDGE_VERSION()&IF(COUNT({results})<0,"","")'
        self.write(row, column, here, "note")
        self.book.name("calculated_by", self.name, row, column)

    def section(self, row: int, title: str, first: int, last: int) -> int:
        """A heading with a line under it."""
        self.write(row, first, title, "section")
        for column in range(first + 1, last + 1):
            self.write(row, column, None, "section")
        return row + 1

    def steps(self, row: int, column: int, texts: Iterable[str]) -> int:
        """Instructions, one per row."""
        for text in texts:
            self.write(row, column, text, "step")
            row += 1
        return row

    def inputs(self, row: int, column: int, items: Iterable[Input]) -> int:
        """Label, input, unit and help, one per row."""
        for item in items:
            self.write(row, column, item.label, "label")
            style = self.style(item.role, item.number, align="right")
            self.constant(row, column + 1, item.value, style)
            self.write(row, column + 2, item.unit, "measure")
            self.write(row, column + 3, item.help, "note")
            self.book.name(item.name, self.name, row, column + 1)
            if item.role == "input":
                self.guard((row, column + 1, row, column + 1), item)
            row += 1
        return row

    def guard(self, place: tuple[int, int, int, int], item: Input) -> None:
        """Drop-down or limits for an input, and the message that Excel shows beside it."""
        rule: dict[str, Any] = {
            "input_title": item.label[:32],
            "input_message": item.help[:255],
            "error_title": item.label[:32],
            "ignore_blank": True,
        }
        if item.choices:
            rule |= {"validate": "list", "source": list(item.choices)}
            rule["error_message"] = f"Choose one of: {', '.join(item.choices)}."
        elif item.low is not None and item.high is not None:
            rule |= {"validate": "decimal", "criteria": "between"}
            rule |= {"minimum": item.low, "maximum": item.high}
            rule["error_message"] = f"Enter a number from {item.low:g} to {item.high:g}."
        elif item.low is not None:
            rule |= {"validate": "decimal", "criteria": ">=", "value": item.low}
            rule["error_message"] = f"Enter a number of at least {item.low:g}."
        else:
            rule |= {"validate": "any"}
        self.cells.data_validation(*place, rule)

    def results(self, row: int, column: int, items: Iterable[Result]) -> int:
        """Label, formula, unit and note, one per row; the note gives way to an error's reason."""
        for item in items:
            self.write(row, column, item.label, "label")
            self.write(row, column + 1, item.guarded, "result", item.number)
            self.write(row, column + 2, item.unit, "measure")
            note = explained(item.formula, xl_rowcol_to_cell(row, column + 1), item.note)
            self.write(row, column + 3, note, "note")
            self.book.name(item.name, self.name, row, column + 1)
            row += 1
        return row

    def table(
        self,
        name: str,
        place: tuple[int, int],
        columns: Sequence[tuple[str, str, str]],
        rows: Iterable[Sequence[Any]],
    ) -> int:
        """An Excel table of inputs and calculated columns; gives back its last row.

        Parameters
        ----------
        name
            The table's name in formulas.
        place
            Row and column of its first heading.
        columns
            Heading, kind of number, and the formula of a calculated column or "".
        rows
            The values of the input columns; those of calculated ones are passed over.
        """
        top, left = place
        options: list[dict[str, Any]] = []
        for header, number, formula in columns:
            align = "left" if number in ("text", "time") else "right"
            role = "calculated" if formula else "input"
            style = self.style(role, number, align=align)
            heading = self.style("header", align=align, indent=int(align == "left"))
            options.append({"header": header, "format": style, "header_format": heading})
            if formula:
                options[-1]["formula"] = file_form(formula, name)
        body = list(rows)
        last = top + len(body)
        layout = {"name": name, "columns": options, "style": None}
        self.cells.add_table(top, left, last, left + len(columns) - 1, layout)
        for row, values in enumerate(body, top + 1):
            for offset, entry in enumerate(options):
                if "formula" in entry:
                    stored, style = entry["formula"], entry["format"]
                    self.cells.write_formula(row, left + offset, stored, style, "")
                else:
                    self.constant(row, left + offset, values[offset], entry["format"])
        return last

    def headers(
        self, row: int, column: int, titles: Iterable[str], texts: Container[int] = (0,)
    ) -> None:
        """A row of column headings; those of numbers, which `texts` does not name, stand right."""
        for offset, title in enumerate(titles):
            left = offset in texts
            style = self.style("header", align="left" if left else "right", indent=int(left))
            self.cells.write_string(row, column + offset, title, style)

    def spill(
        self,
        row: int,
        column: int,
        formula: str,
        rows: int,
        numbers: Sequence[str],
        room: int = 0,
    ) -> None:
        """A formula that spills, and the formats of the cells that it is expected to fill.

        Up to `room` rows, further ones take their format when something fills them.
        """
        styles = [
            self.style("spill", number, align="left", indent=1)
            if number == "text"
            else self.style("spill", number, align="right")
            for number in numbers
        ]
        for line in range(row, row + rows):
            for offset, style in enumerate(styles):
                self.cells.write_blank(line, column + offset, None, style)
        self.formula(row, column, with_equal_texts(formula, numbers), styles[0])
        if room <= rows:
            return
        for offset, number in enumerate(numbers, column):
            first = xl_rowcol_to_cell(row + rows, offset)
            rule = {"type": "formula", "criteria": f'={first}<>""'}
            rule["format"] = self.book.theme.grown(number)
            self.cells.conditional_format(row + rows, offset, row + room - 1, offset, rule)

    def status_format(
        self,
        place: tuple[int, int, int, int],
        *,
        begins: bool = False,
        words: Iterable[str] = STATUS,
    ) -> None:
        """Traffic lights: the word's colour, in every cell of a range."""
        for word in words:
            rule = {"type": "text", "criteria": "begins with" if begins else "containing"}
            rule |= {"value": word, "format": self.book.theme.status(word)}
            self.cells.conditional_format(*place, rule)

    def area(self, first_row: int, first: int, last_row: int, last: int) -> str:
        """A range as this sheet's own formulas name it."""
        return str(xl_range_abs(first_row, first, last_row, last))

    def absolute(self, first_row: int, first: int, last_row: int, last: int) -> str:
        """A range of this sheet as other sheets and charts name it."""
        return f"{self.name}!{self.area(first_row, first, last_row, last)}"

    def page(
        self,
        last_row: int,
        last_column: int,
        *,
        pages_high: int = 0,
        repeat: int | None = None,
        portrait: bool = False,
        pages_wide: int = 1,
    ) -> None:
        """A4, one page wide unless told, header, footer, print area, a row that pages repeat."""
        cells = self.cells
        if portrait:
            cells.set_portrait()
        else:
            cells.set_landscape()
        cells.set_paper(9)
        cells.fit_to_pages(pages_wide, pages_high)
        cells.set_margins(left=0.4, right=0.4, top=0.55, bottom=0.5)
        cells.center_horizontally()
        cells.print_area(0, 0, last_row, last_column)
        cells.set_header(f'&L&"{FONT},Bold"&9{self.book.title}&R&9&A')
        cells.set_footer(f"&L&8{self.book.footer}&R&8&D &T   page &P of &N")
        if repeat is not None:
            cells.repeat_rows(repeat)
