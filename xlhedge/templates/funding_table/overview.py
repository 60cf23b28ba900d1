"""The first sheet: instructions, inputs by venue, the venues side by side, two charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.catalog import CATALOG
from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates._formulas import calls
from xlhedge.templates._layout import Book, Hints, Input, Sheet, with_hints
from xlhedge.templates._theme import NAVY
from xlhedge.templates.funding_table import stress, workings
from xlhedge.templates.funding_table.measures import (
    BY_VENUE,
    COMMON,
    FIGURES,
    GROUPS,
    HINTS,
    STATUS,
    Row,
)
from xlhedge.templates.funding_table.payments import FIRST, area, no_rows, pages_wide, unused

__all__ = ["FIGURES", "Overview"]

_LABEL, _FIRST = 1, 2

_STEPS = (
    "1  Fill the yellow cells below: one column for each venue or contract, blank where not used.",
    "2  Paste each venue's payments into its own table on the sheets of payments, at any interval.",
    "3  Compare the venues here. Workings, Forecast and Stress hold the detail.",
    "Blue on yellow: input.  Bold in a box: live result.  Grey: constant.  Needs Excel 365.",
)


class Overview:
    """The sheet, with one column for each venue, one for their sum, their unit and a note."""

    def __init__(self, book: Book, names: Sequence[str]) -> None:
        widths = (2, 37, *[13.5] * len(names), 14, 15, 82)
        self.sheet = book.sheet("Funding", NAVY, widths)
        self.names = names
        self.total = _FIRST + len(names)
        self.unit, self.note = self.total + 1, self.total + 2

    def write_inputs(self, hours: Sequence[float]) -> int:
        """Write instructions and inputs; gives back the next free row."""
        sheet = self.sheet
        sheet.heading("Funding table", "")
        checks.banner(sheet, (1, _LABEL), (2, _LABEL))
        row = sheet.steps(4, _LABEL, _STEPS)
        row = sheet.section(row + 1, "Venues", _LABEL, self.unit)
        for item in BY_VENUE:
            values = tuple(hours) if item.name == "interval" else item.value
            values += (None,) * (len(self.names) - len(values))
            sheet.write(row, _LABEL, item.label, "label")
            for column, (venue, value) in enumerate(zip(self.names, values, strict=True), _FIRST):
                _input(sheet, row, column, item, f"{item.name}_{venue}", value)
            sheet.write(row, self.unit, item.unit, "measure")
            sheet.write(row, self.note, item.help, "note")
            sheet.write(row, self.total, None, "measure")
            row += 1
        row = sheet.section(row + 1, "All venues", _LABEL, self.unit)
        for item in COMMON:
            sheet.write(row, _LABEL, item.label, "label")
            _input(sheet, row, _FIRST, item, item.name, item.value)
            sheet.write(row, _FIRST + 1, item.unit, "measure")
            sheet.write(row, _FIRST + 2, item.help, "note")
            row += 1
        return row

    def write_results(self, row: int) -> None:
        """Write the comparison and the charts, when the sheets that they read exist."""
        sheet = self.sheet
        row = sheet.section(row + 1, "Comparison", _LABEL, self.unit)
        titles = ("Measure", *(f"Venue {venue}" for venue in self.names), "All venues", "Unit")
        sheet.headers(row, _LABEL, titles, texts=(0, len(titles) - 1))
        workings.venue_headers(sheet, row, _FIRST, self.names)
        for column, venue in enumerate(self.names, _FIRST):
            sheet.book.name(f"shown_{venue}", sheet.name, row, column)
        row += 1
        for title, rows in GROUPS:
            for column in range(_LABEL, self.unit + 1):
                text = title if column == _LABEL else None
                sheet.constant(row, column, text, sheet.style("label", bold=True))
            row += 1
            for item in rows:
                self._result(row, item)
                row += 1
        row = self._charts(row + 1)
        checks.headline(sheet, (3, _LABEL), self.unit, "funding_status", STATUS)
        sheet.cells.freeze_panes(4, 2)
        sheet.calculated_by(row, _LABEL, "cash_A")
        sheet.page(row, self.unit, pages_wide=pages_wide(self.names))

    def _result(self, row: int, item: Row) -> None:
        sheet = self.sheet
        sheet.write(row, _LABEL, item.label, "label")
        note = f'"{item.note}"'
        for column, venue in reversed(list(enumerate(self.names, _FIRST))):
            text = item.formula
            formula = text(venue) if callable(text) else text.replace("{v}", venue)
            if item.number == "text":
                formula = checks.guarded(formula, area(venue))
            shown = with_hints(formula, _hints(venue, item))
            sheet.write(row, column, shown, "result", item.number)
            sheet.book.name(f"{item.name}_{venue}", sheet.name, row, column)
            name, arguments = calls(formula)[0] if calls(formula) else ("", [])
            if name in CATALOG:
                cell = xl_rowcol_to_cell(row, column)
                why = f"XLHEDGE_WHY({','.join([f'''{chr(34)}{name}{chr(34)}''', *arguments])})"
                note = f'IF(ISERROR({cell}),venue_{venue}&": "&{why},{note})'
        if item.total:
            first, last = (xl_rowcol_to_cell(row, column) for column in (_FIRST, self.total - 1))
            total = f'=IF(COUNT({first}:{last})=0,"complete a venue",SUM({first}:{last}))'
            sheet.write(row, self.total, total, "result", item.number)
            sheet.book.name(f"{item.name}_all", sheet.name, row, self.total)
        else:
            sheet.write(row, self.total, None, "measure")
        sheet.write(row, self.unit, item.unit, "measure")
        sheet.write(row, self.note, f"={note}" if note.startswith("IF(") else item.note, "note")
        if item.number == "text":
            sheet.status_format((row, _FIRST, row, self.total - 1), begins=True)

    def _charts(self, row: int) -> int:
        paths = [
            charts.Line(
                workings.name_of(venue),
                *workings.grid_range(venue),
                *stress.stroke(venue),
                width=1.75,
            )
            for venue in self.names
        ]
        charts.timeline(
            self.sheet,
            charts.Frame(row, _LABEL, 560, 360),
            "Cumulative funding P&L of the hedge",
            paths,
            ("day, UTC", "d mmm yy"),
            ("USD", "#,##0"),
            step=9,
        )
        bars = [
            charts.Line(title, self._across("shown"), self._across(name), stress.stroke(venue)[0])
            for title, name, venue in (
                ("Mean that decides", "annual", self.names[0]),
                ("Break-even", "breakeven_annual", self.names[1]),
            )
        ]
        charts.bars(
            self.sheet,
            charts.Frame(row, _FIRST + 3, 560, 360),
            "Funding and the carry's break-even",
            bars,
            ("per year", "0.0%"),
        )
        return row + 20

    def _across(self, name: str) -> str:
        """The cells of all venues in the row of an input or result."""
        _, row, _ = self.sheet.book.places[f"{name}_{FIRST}"]
        return self.sheet.absolute(row, _FIRST, row, self.total - 1)


def _input(sheet: Sheet, row: int, column: int, item: Input, name: str, value: Any) -> None:
    sheet.constant(row, column, value, sheet.style(item.role, item.number, align="right"))
    sheet.book.name(name, sheet.name, row, column)
    sheet.guard((row, column, row, column), item)


def _hints(venue: str, item: Row) -> Hints:
    """The hints of a venue's result: no rows, then every input that is missing."""
    own = {row.name for row in BY_VENUE}
    needed = (
        no_rows(venue)
        if need == "rows"
        else (f"{need}_{venue}" if need in own else need, HINTS[need])
        for need in item.needs
    )
    return (*unused(venue), *needed)
