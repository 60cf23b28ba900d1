"""The sheet Stress: funding that stays negative, and each venue's hedge revalued under it."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates import _charts as charts
from xlhedge.templates._layout import Book, Hints, Sheet, explained, with_hints
from xlhedge.templates._theme import AMBER, BLUE, GREEN, VERMILLION
from xlhedge.templates.funding_table.payments import VENUES, no_rows

_DAYS = (7, 14, 30, 60, 90)
_TOP = 4
_BLOCK = 15
_LEFT, _REPORT = 1, 8
_POSITION = ("asset", "instrument", "quantity", "price", "contract_size")
_SCENARIO = ("scenario", "spot_shock", "funding_rate", "intervals")
_HEADER = tuple(
    call(
        "STRESS_PNL",
        [["asset", "instrument", "quantity", "price"], ["BTC", "spot", 1, 1]],
        call("STRESS_SCENARIOS"),
    )[0]
)
_FUNDING = _HEADER.index("funding_pnl")
_NUMBERS = ("text", *("money",) * 7, "percent", "money", "integer", "money")
COLOURS = (BLUE, AMBER, GREEN)
"""The venues' colours in every chart."""


def write(book: Book) -> Sheet:
    """Write the sheet: a block for each venue, then the chart."""
    widths = (2, 12, 14, 15, 15, 15, 14, 3, 14, *(15.0,) * (len(_HEADER) - 2), 24)
    sheet = book.sheet("Stress", VERMILLION, widths)
    sheet.heading("Stress", "Funding stays at the stress rate of the first sheet for each number of"
                  " days; prices and basis stand still")  # fmt: skip
    for venue in VENUES:
        _block(sheet, venue)
    row = _TOP + _BLOCK * len(VENUES)
    series = [
        charts.Line(name_of(book, venue), *_path(sheet, venue), colour, width=2.0)
        for venue, colour in zip(VENUES, COLOURS, strict=True)
    ]
    charts.lines(
        sheet,
        charts.Frame(row, _LEFT, 860, 380),
        "Funding cash while the rate stays at the stress rate",
        series,
        ("days", "0"),
        ("USD", "#,##0"),
        {"min": 0, "max": max(_DAYS)},
    )
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row + 22, _REPORT + len(_HEADER) - 1, pages_high=1)
    return sheet


def name_of(book: Book, venue: str) -> str:
    """The cell with a venue's name, as a chart's series takes it."""
    sheet, row, column = book.places[f"venue_{venue}"]
    return f"={sheet}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def cash(venue: str) -> str:
    """The cell with a venue's funding cash over the chosen number of stress days."""
    row = _scenario_row(venue) + 1 + len(_DAYS)
    return f"Stress!{xl_rowcol_to_cell(row, _REPORT + _FUNDING, row_abs=True, col_abs=True)}"


def _scenario_row(venue: str) -> int:
    """Where the header of a venue's scenarios stands."""
    return _TOP + VENUES.index(venue) * _BLOCK + 4


def _path(sheet: Sheet, venue: str) -> tuple[str, str]:
    first = _scenario_row(venue) + 1
    last = first + len(_DAYS) - 1
    days = sheet.absolute(first, _LEFT, last, _LEFT)
    column = _REPORT + _FUNDING
    return days, sheet.absolute(first, column, last, column)


def _hints(venue: str) -> Hints:
    return (
        no_rows(venue),
        (f"interval_{venue}", "enter the interval"),
        (f"contracts_{venue}", "enter the contracts, or 0"),
        (f"contract_size_{venue}", "enter the size"),
        ("stress_rate", "enter the stress rate"),
        ("stress_hours", "enter the stress hours"),
        ("stress_days", "enter the stress days"),
    )


def _block(sheet: Sheet, venue: str) -> None:
    """Position and scenarios on the left, the revaluation on the right."""
    header = _scenario_row(venue)
    title = f'=venue_{venue}&""'
    sheet.section(header - 5, title, _LEFT, _REPORT + len(_HEADER) - 1)
    sheet.headers(header - 3, _LEFT + 1, _POSITION, texts=(0, 1))
    position: tuple[tuple[str, str, str], ...] = (
        ("perpetual", "entry", "text"),
        ("linear", "entry", "text"),
        (f'=IF(contracts_{venue}="",0,contracts_{venue})', "calculated", "quantity"),
        (f"=last_mark_{venue}", "calculated", "price"),
        (f'=IF(contract_size_{venue}="","",contract_size_{venue})', "calculated", "quantity"),
    )
    for offset, (value, role, number) in enumerate(position, 1):
        sheet.write(header - 2, _LEFT + offset, value, role, number)
    sheet.headers(header, _LEFT, ("days", *_SCENARIO), texts=(1,))
    lengths: tuple[int | str, ...] = (*_DAYS, "=stress_days")
    for row, days in enumerate(lengths, header + 1):
        _scenario(sheet, row, venue, days)
    last = header + 1 + len(_DAYS)
    positions = sheet.area(header - 3, _LEFT + 1, header - 2, _LEFT + len(_POSITION))
    scenarios = sheet.area(header, _LEFT + 1, last, _LEFT + len(_SCENARIO))
    formula = f"=STRESS_PNL({positions},{scenarios})"
    guarded = with_hints(formula, _hints(venue))
    sheet.spill(header, _REPORT, guarded, len(_DAYS) + 2, _NUMBERS)
    for offset in range(len(_HEADER)):
        style = sheet.style("header", align="right" if offset else "left", shrink=True)
        if offset:
            sheet.cells.write_blank(header, _REPORT + offset, None, style)
        else:
            sheet.formula(header, _REPORT, guarded, style)
    note = "Every figure in USD, margin_ratio as maintenance over equity, liquidated in accounts."
    reason = explained(formula, xl_rowcol_to_cell(header, _REPORT), note)
    sheet.write(header - 2, _REPORT, reason, "note")


def _scenario(sheet: Sheet, row: int, venue: str, days: int | str) -> None:
    first = venue == VENUES[0]
    if not first and not isinstance(days, str):
        source = xl_rowcol_to_cell(row - _scenario_row(venue) + _scenario_row(VENUES[0]), _LEFT)
        days = f"={source}"
    role = "calculated" if isinstance(days, str) else "input"
    sheet.write(row, _LEFT, days, role, "quantity")
    day = xl_rowcol_to_cell(row, _LEFT)
    ready = f'OR({day}="",interval_{venue}="",stress_rate="",stress_hours="")'
    cells = (
        (f'={day}&" days"', "text"),
        (0, "percent"),
        (f'=IF({ready},"",stress_rate*interval_{venue}/stress_hours)', "rate"),
        (f'=IF({ready},"",ROUND({day}*hours_per_day/interval_{venue},0))', "integer"),
    )
    for offset, (value, number) in enumerate(cells, 1):
        sheet.write(row, _LEFT + offset, value, "entry" if number == "text" else "calculated",
                    number)  # fmt: skip
