"""The sheet Workings: each venue's statistics and the cumulative cash over time."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Sheet, with_hints
from xlhedge.templates._theme import BLUE
from xlhedge.templates.funding_table.payments import no_rows, pages_wide, place, unused

_WORDS = {
    "mean": ("Mean", "rate"), "sd": ("Standard deviation", "rate"), "minimum": ("Minimum", "rate"),
    "p05": ("5th percentile", "rate"), "median": ("Median", "rate"),
    "p95": ("95th percentile", "rate"), "maximum": ("Maximum", "rate"),
    "annualised": ("Mean, per year", "share"),
    "share_negative": ("Share of negative payments", "share"),
    "longest_negative_run": ("Longest negative run, payments", "integer"),
    "worst_30_days": ("Worst 30 days", "share"), "best_30_days": ("Best 30 days", "share"),
    "autocorrelation": ("Autocorrelation", "price"),
    "half_life_days": ("Half-life of a gap, days", "price"),
    "observations": ("Payments", "integer"),
}  # fmt: skip
"""What each figure of FUNDING_STATS is called here, and its kind of number."""
_SAMPLE = call("FUNDING_STATS", [[0.0001 * (t % 5)] for t in range(120)])
_LABELS = tuple(str(row[0]) for row in _SAMPLE) if isinstance(_SAMPLE, list) else ()
_STATS_TOP = 5
_GRID_TOP = _STATS_TOP + len(_LABELS) + 3
GRID_ROWS = 45
_FIRST = 2


def write(book: Book, names: Sequence[str]) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Workings", BLUE, (2, 30, *[13.0] * len(names)))
    sheet.heading("Workings", "What the first sheet is made of: statistics and cash over time")
    _statistics(sheet, names)
    _grid(sheet, names)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_GRID_TOP + 5 + GRID_ROWS, _FIRST + len(names) - 1, portrait=True,
               pages_wide=pages_wide(names))  # fmt: skip
    return sheet


def statistic(venue: str, label: str) -> str:
    """The cell of one figure of a venue's FUNDING_STATS."""
    row, column = _STATS_TOP + _LABELS.index(label), _FIRST + place(venue)
    return f"Workings!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def grid_range(venue: str) -> tuple[str, str]:
    """Times and cumulative cash of a venue, for the chart."""
    top, last = _GRID_TOP + 4, _GRID_TOP + 4 + GRID_ROWS
    column = _FIRST + place(venue)
    return (
        f"Workings!{xl_range_abs(top, 1, last, 1)}",
        f"Workings!{xl_range_abs(top, column, last, column)}",
    )


def name_of(venue: str) -> str:
    """The cell with a venue's name, as a chart's series takes it."""
    column = _FIRST + place(venue)
    return f"=Workings!{xl_rowcol_to_cell(_STATS_TOP - 1, column, row_abs=True, col_abs=True)}"


def venue_headers(sheet: Sheet, row: int, left: int, names: Sequence[str]) -> None:
    """The venues' names as headings, a dash for those that are not used."""
    style = sheet.style("header", align="right", indent=0)
    for column, venue in enumerate(names, left):
        sheet.formula(row, column, f'=IF(venue_{venue}="","–",venue_{venue})', style)


def _statistics(sheet: Sheet, names: Sequence[str]) -> None:
    sheet.section(_STATS_TOP - 2, "Statistics of the rates per interval", 1, _FIRST + 5)
    sheet.headers(_STATS_TOP - 1, 1, ("Figure",))
    venue_headers(sheet, _STATS_TOP - 1, _FIRST, names)
    for offset, label in enumerate(_LABELS):
        sheet.write(_STATS_TOP + offset, 1, _WORDS[label][0], "label")
    for column, venue in enumerate(names, _FIRST):
        formula = f"=FUNDING_STATS(Funding_{venue}[rate],interval_{venue})"
        hints = (*unused(venue), no_rows(venue), (f"interval_{venue}", "enter the interval"))
        for offset, label in enumerate(_LABELS):
            style = sheet.style("spill", _WORDS[label][1], align="right")
            sheet.cells.write_blank(_STATS_TOP + offset, column, None, style)
        shown = with_hints(f'=IFERROR(INDEX({formula[1:]},0,2),"none")', hints)
        style = sheet.style("spill", _WORDS[_LABELS[0]][1], align="right")
        sheet.formula(_STATS_TOP, column, shown, style)
        cell = xl_rowcol_to_cell(_STATS_TOP, column)
        reason = explained(formula, cell, "").replace(f"ISERROR({cell})", f'{cell}="none"')
        sheet.write(_STATS_TOP + len(_LABELS), column, reason, "note")


def _grid(sheet: Sheet, names: Sequence[str]) -> None:
    row = sheet.section(_GRID_TOP, "Cumulative funding cash of the hedge, USD", 1, _FIRST + 5)
    times = ",".join(f"Funding_{venue}[time]" for venue in names)
    empty = ((f"MAX({times})=0", "paste the funding"), ("grid_rows", "enter the rows"))
    sheet.write(row, 1, "First day, days per row, rows", "label")
    for column, name, formula, number in (
        (2, "grid_start", f"=INT(MIN({times}))", "day"),
        (3, "grid_days", f"=MAX(1,ROUNDUP((MAX({times})-grid_start)/grid_rows,0))", "integer"),
    ):
        sheet.write(row, column, with_hints(formula, empty), "result", number)
        sheet.book.name(name, sheet.name, row, column)
    sheet.write(row, 4, GRID_ROWS, "constant", "integer")
    sheet.book.name("grid_rows", sheet.name, row, 4)
    sheet.headers(row + 2, 1, ("Up to, UTC",), texts=())
    venue_headers(sheet, row + 2, _FIRST, names)
    top = row + 3
    for line in range(GRID_ROWS + 1):
        here = top + line
        last = f"ROUNDUP(MAX({times}),0)"
        step = f"ROW()-ROW({xl_rowcol_to_cell(top, 1, row_abs=True, col_abs=True)})"
        time = f'=IF(ISNUMBER(grid_days),MIN({last},grid_start+({step})*grid_days),"")'
        sheet.write(here, 1, time, "calculated", "day")
        until = xl_rowcol_to_cell(here, 1, col_abs=True)
        for column, venue in enumerate(names, _FIRST):
            table = f"Funding_{venue}"
            cash = f'=IF(COUNT({table}[rate])=0,"",SUMIFS({table}[pnl],{table}[time],"<="&{until}))'
            sheet.write(here, column, cash, "calculated", "money")
