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
from xlhedge.templates.funding_table.payments import VENUES, area, no_rows, unused

__all__ = ["FIGURES", "prepare", "write_inputs", "write_results"]

_LABEL, _FIRST = 1, 2
_TOTAL = _FIRST + len(VENUES)
_UNIT, _NOTE = _TOTAL + 1, _TOTAL + 2
_WIDTHS = (2, 37, *[13.5] * len(VENUES), 14, 15, 82)

_STEPS = (
    "1  Fill the yellow cells below: one column for each venue or contract, blank where not used.",
    "2  Paste each venue's payments into its own table on the sheets of payments, at any interval.",
    "3  Compare the venues here. Workings, Forecast and Stress hold the detail.",
    "Blue on yellow: input.  Bold in a box: live result.  Grey: constant.  Needs Excel 365.",
)


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first."""
    return book.sheet("Funding", NAVY, _WIDTHS)


def write_inputs(sheet: Sheet, hours: Sequence[float]) -> int:
    """Write instructions and inputs; gives back the next free row."""
    sheet.heading("Funding table", "")
    checks.banner(sheet, (1, _LABEL), (2, _LABEL))
    row = sheet.steps(4, _LABEL, _STEPS)
    return _inputs(sheet, row + 1, hours)


def write_results(sheet: Sheet, row: int) -> None:
    """Write the comparison and the charts, when the sheets that they read exist."""
    row = sheet.section(row + 1, "Comparison", _LABEL, _UNIT)
    titles = ("Measure", *(f"Venue {venue}" for venue in VENUES), "All venues", "Unit")
    sheet.headers(row, _LABEL, titles, texts=(0, len(titles) - 1))
    workings.venue_headers(sheet, row, _FIRST)
    for place, venue in enumerate(VENUES):
        sheet.book.name(f"shown_{venue}", sheet.name, row, _FIRST + place)
    row += 1
    for title, rows in GROUPS:
        for column in range(_LABEL, _UNIT + 1):
            text = title if column == _LABEL else None
            sheet.constant(row, column, text, sheet.style("label", bold=True))
        row += 1
        for item in rows:
            _result(sheet, row, item)
            row += 1
    row = _charts(sheet, row + 1)
    checks.headline(sheet, (3, _LABEL), _UNIT, "funding_status", STATUS)
    sheet.cells.freeze_panes(4, 2)
    sheet.calculated_by(row, _LABEL, "cash_A")
    sheet.page(row, _UNIT)


def _inputs(sheet: Sheet, row: int, hours: Sequence[float]) -> int:
    row = sheet.section(row, "Venues", _LABEL, _UNIT)
    for item in BY_VENUE:
        values = tuple(hours) if item.name == "interval" else item.value
        values += (None,) * (len(VENUES) - len(values))
        sheet.write(row, _LABEL, item.label, "label")
        for place, (venue, value) in enumerate(zip(VENUES, values, strict=True)):
            _input(sheet, row, _FIRST + place, item, f"{item.name}_{venue}", value)
        for column, text, role in ((_UNIT, item.unit, "measure"), (_NOTE, item.help, "note")):
            sheet.write(row, column, text, role)
        sheet.write(row, _TOTAL, None, "measure")
        row += 1
    row = sheet.section(row + 1, "All venues", _LABEL, _UNIT)
    for item in COMMON:
        sheet.write(row, _LABEL, item.label, "label")
        _input(sheet, row, _FIRST, item, item.name, item.value)
        sheet.write(row, _FIRST + 1, item.unit, "measure")
        sheet.write(row, _FIRST + 2, item.help, "note")
        row += 1
    return row


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


def _result(sheet: Sheet, row: int, item: Row) -> None:
    sheet.write(row, _LABEL, item.label, "label")
    note = f'"{item.note}"'
    for place, venue in reversed(list(enumerate(VENUES))):
        text = item.formula
        formula = text(venue) if callable(text) else text.replace("{v}", venue)
        if item.number == "text":
            formula = checks.guarded(formula, area(venue))
        column = _FIRST + place
        sheet.write(row, column, with_hints(formula, _hints(venue, item)), "result", item.number)
        sheet.book.name(f"{item.name}_{venue}", sheet.name, row, column)
        name, arguments = calls(formula)[0] if calls(formula) else ("", [])
        if name in CATALOG:
            cell = xl_rowcol_to_cell(row, column)
            why = f"XLHEDGE_WHY({','.join([f'''{chr(34)}{name}{chr(34)}''', *arguments])})"
            note = f'IF(ISERROR({cell}),venue_{venue}&": "&{why},{note})'
    if item.total:
        first, last = (xl_rowcol_to_cell(row, column) for column in (_FIRST, _TOTAL - 1))
        total = f'=IF(COUNT({first}:{last})=0,"complete a venue",SUM({first}:{last}))'
        sheet.write(row, _TOTAL, total, "result", item.number)
        sheet.book.name(f"{item.name}_all", sheet.name, row, _TOTAL)
    else:
        sheet.write(row, _TOTAL, None, "measure")
    sheet.write(row, _UNIT, item.unit, "measure")
    sheet.write(row, _NOTE, f"={note}" if note.startswith("IF(") else item.note, "note")
    if item.number == "text":
        sheet.status_format((row, _FIRST, row, _TOTAL - 1), begins=True)


def _charts(sheet: Sheet, row: int) -> int:
    paths = [
        charts.Line(workings.name_of(venue), *workings.grid_range(venue), colour, width=1.75)
        for venue, colour in zip(VENUES, stress.COLOURS, strict=True)
    ]
    charts.timeline(
        sheet,
        charts.Frame(row, _LABEL, 560, 360),
        "Cumulative funding P&L of the hedge",
        paths,
        ("day, UTC", "d mmm yy"),
        ("USD", "#,##0"),
        step=9,
    )
    bars = [
        charts.Line(title, _across(sheet, "shown"), _across(sheet, name), colour)
        for title, name, colour in (
            ("Mean that decides", "annual", stress.COLOURS[0]),
            ("Break-even", "breakeven_annual", stress.COLOURS[1]),
        )
    ]
    charts.bars(
        sheet,
        charts.Frame(row, _FIRST + 3, 560, 360),
        "Funding and the carry's break-even",
        bars,
        ("per year", "0.0%"),
    )
    return row + 20


def _across(sheet: Sheet, name: str) -> str:
    """The cells of all venues in the row of an input or result."""
    _, row, _ = sheet.book.places[f"{name}_{VENUES[0]}"]
    return sheet.absolute(row, _FIRST, row, _TOTAL - 1)
