"""The sheet Forecast: what each hedge may receive over the next days, with its range."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Sheet, with_hints
from xlhedge.templates._theme import BLUE, GREEN, VERMILLION
from xlhedge.templates.funding_table.payments import FIRST, no_rows, place, unused

_DAYS = (7, 14, 30, 60, 90)
_TOP = 4
_BLOCK = len(_DAYS) + 6
_TITLES = ("Days", "Mean", "Std deviation", "Lower", "Upper", "Mean", "At lower", "At upper")
_UNITS = ("ahead", *["of notional"] * 4, *["USD"] * 3)
_LAST = len(_TITLES)


def write(book: Book, names: Sequence[str]) -> Sheet:
    """Write the sheet: a block for each venue, the cone of the first one as a chart."""
    sheet = book.sheet("Forecast", GREEN, (2, 13, *[14.0] * 7))
    sheet.heading("Forecast", "Cumulative funding of the next days by FUNDING_FORECAST: shares of "
                  "notional for a short, dollars for the position that is held")  # fmt: skip
    for venue in names:
        _block(sheet, venue)
    first = _row(FIRST)
    days = sheet.absolute(first, 1, first + len(_DAYS) - 1, 1)
    series = [
        charts.Line(
            name, days, sheet.absolute(first, column, first + len(_DAYS) - 1, column), colour, dash
        )
        for name, column, colour, dash in (
            ("Upper", 5, VERMILLION, "dash"), ("Mean", 2, BLUE, "solid"),
            ("Lower", 4, VERMILLION, "dash"),
        )
    ]  # fmt: skip
    row = _TOP + _BLOCK * len(names)
    charts.lines(
        sheet,
        charts.Frame(row, 1, 780, 340),
        "Venue A: funding that a short will have received, share of notional",
        series,
        ("days ahead", "0"),
        ("of notional", "0.0%"),
        {"min": 0, "max": max(_DAYS)},
        marks=True,
    )
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row + 15, _LAST, portrait=True)
    return sheet


def share(venue: str, column: int) -> str:
    """The cell of the chosen number of days: column 2 the mean, 4 lower, 5 upper, 6 to 8 in USD."""
    row = _row(venue) + len(_DAYS)
    return f"Forecast!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def _row(venue: str) -> int:
    return _TOP + place(venue) * _BLOCK + 3


def _block(sheet: Sheet, venue: str) -> None:
    first = _row(venue)
    title = (
        f'="{venue}  "&venue_{venue}&" at "&TEXT(forecast_confidence,"0.0%")&", from the rows of '
        f'Funding_{venue}"'
    )
    sheet.section(first - 3, title, 1, _LAST)
    for column, unit in enumerate(_UNITS, 1):
        sheet.write(first - 2, column, unit, "unit")
    sheet.headers(first - 1, 1, _TITLES, texts=())
    for offset, days in enumerate(_DAYS):
        own = venue == FIRST
        source = xl_rowcol_to_cell(_row(FIRST) + offset, 1)
        cell = days if own else f'=IF({source}="","",{source})'
        sheet.write(first + offset, 1, cell, "input" if own else "calculated", "quantity")
    last = first + len(_DAYS)
    sheet.write(last, 1, '=IF(forecast_days="","",forecast_days)', "calculated", "quantity")
    horizons = sheet.area(first, 1, last, 1)
    hints = (
        *unused(venue),
        no_rows(venue),
        (f"interval_{venue}", "enter the interval"),
        ("forecast_confidence", "enter the confidence"),
        (f"COUNT({horizons})<ROWS({horizons})", "enter the days"),
    )
    call = (
        f"FUNDING_FORECAST(Funding_{venue}[rate],{horizons},interval_{venue},forecast_confidence)"
    )
    formula = with_hints(f'=IFERROR({call},"none")', hints)
    sheet.spill(first, 2, formula, len(_DAYS) + 1, ("share",) * 4)
    anchor = xl_rowcol_to_cell(first, 2)
    reason = explained(f"={call}", anchor, "").replace(f"ISERROR({anchor})", f'{anchor}="none"')
    sheet.write(last + 1, 1, reason, "note")
    for row in range(first, last + 1):
        for column, source in ((6, 2), (7, 4), (8, 5)):
            cell = xl_rowcol_to_cell(row, source)
            held = (
                f"=IF(AND(ISNUMBER({cell}),ISNUMBER(notional_{venue})),"
                f'-SIGN(contracts_{venue})*notional_{venue}*{cell},"")'
            )
            sheet.write(row, column, held, "calculated", "money")
