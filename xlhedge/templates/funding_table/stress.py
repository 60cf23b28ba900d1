"""The sheet Stress: funding that stays negative, and each venue's cash under it."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates._layout import Book, Hints, Sheet, with_hints
from xlhedge.templates._theme import AMBER, BLUE, GREEN, PURPLE, SKY, VERMILLION
from xlhedge.templates.funding_table.payments import no_rows, pages_wide, place, unused
from xlhedge.templates.funding_table.workings import name_of, venue_headers

_DAYS = (0, 7, 14, 30, 60, 90)
_TOP = 5
_FIRST = 2
_COLOURS = (BLUE, AMBER, GREEN, VERMILLION, PURPLE, SKY)
_DASHES = ("solid", "dash", "square_dot")


def write(book: Book, names: Sequence[str]) -> Sheet:
    """Write the sheet: cash by number of days and venue, then the chart."""
    sheet = book.sheet("Stress", VERMILLION, (2, 16, *[14.0] * len(names)))
    sheet.heading("Stress", "Funding cash of each hedge while the rate stays at the stress rate of "
                  "the first sheet; prices and basis stand still")  # fmt: skip
    sheet.write(_TOP - 2, 1, "days", "unit")
    for column in range(_FIRST, _FIRST + len(names)):
        sheet.write(_TOP - 2, column, "USD", "unit")
    sheet.headers(_TOP - 1, 1, ("Days",), texts=())
    venue_headers(sheet, _TOP - 1, _FIRST, names)
    lengths: tuple[int | str, ...] = (*_DAYS, '=IF(stress_days="","",stress_days)')
    for row, days in enumerate(lengths, _TOP):
        role = "calculated" if isinstance(days, str) else "input"
        sheet.write(row, 1, days, role, "quantity")
        day = xl_rowcol_to_cell(row, 1, col_abs=True)
        for column, venue in enumerate(names, _FIRST):
            formula = (
                f"=FUNDING_PNL(contracts_{venue},last_mark_{venue},stress_rate,"
                f'contract_size_{venue},"linear")*{day}*hours_per_day/stress_hours'
            )
            shown = with_hints(formula, (*_hints(venue), (f'{day}=""', "enter the days")))
            sheet.write(row, column, shown, "result", "money")
    series = [
        charts.Line(name_of(venue), *_path(sheet, venue), *stroke(venue), width=2.0)
        for venue in names
    ]
    charts.lines(
        sheet,
        charts.Frame(_TOP + len(lengths) + 1, 1, 760, 360),
        "Funding cash while the rate stays at the stress rate",
        series,
        ("days", "0"),
        ("USD", "#,##0"),
        {"min": 0, "max": max(_DAYS)},
    )
    sheet.cells.freeze_panes(2, 0)
    last = _FIRST + len(names) - 1
    sheet.page(_TOP + len(lengths) + 17, last, pages_high=1, pages_wide=pages_wide(names))
    return sheet


def cash(venue: str) -> str:
    """The cell with a venue's funding cash over the chosen number of stress days."""
    row, column = _TOP + len(_DAYS), _FIRST + place(venue)
    return f"Stress!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def stroke(venue: str) -> tuple[str, str]:
    """A venue's colour in every chart, and its dash: another one where the colours come again."""
    lap, colour = divmod(place(venue), len(_COLOURS))
    return _COLOURS[colour], _DASHES[lap % len(_DASHES)]


def _path(sheet: Sheet, venue: str) -> tuple[str, str]:
    last = _TOP + len(_DAYS) - 1
    column = _FIRST + place(venue)
    return sheet.absolute(_TOP, 1, last, 1), sheet.absolute(_TOP, column, last, column)


def _hints(venue: str) -> Hints:
    return (
        *unused(venue),
        no_rows(venue),
        (f"contracts_{venue}", "enter the contracts, or 0"),
        (f"contract_size_{venue}", "enter the size"),
        ("stress_rate", "enter the stress rate"),
        ("stress_hours", "enter the stress hours"),
        ("stress_days", "enter the stress days"),
    )
