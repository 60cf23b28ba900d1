"""The sheet Workings: each venue's statistics and the cumulative cash over time."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates._layout import Book, Sheet, explained, with_hints
from xlhedge.templates._theme import BLUE
from xlhedge.templates.funding_table.payments import VENUES, no_rows

_STATS_ROWS = 15
_STATS_TOP = 4
_GRID_TOP = 22
GRID_ROWS = 45
_RATES = frozenset({"mean", "sd", "minimum", "p05", "median", "p95", "maximum"})
_COUNTS = frozenset({"longest_negative_run", "observations"})
_SHARES = frozenset({"annualised", "share_negative", "worst_30_days", "best_30_days"})


def write(book: Book) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Workings", BLUE, (2, 24, 18, 24, 18, 24, 18))
    sheet.heading("Workings", "What the first sheet is made of: statistics and cash over time")
    _statistics(sheet)
    _grid(sheet)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_GRID_TOP + 4 + GRID_ROWS, 6, portrait=True)
    return sheet


def statistic(venue: str, label: str) -> str:
    """The formula of one figure of a venue's FUNDING_STATS."""
    left = 1 + 2 * VENUES.index(venue)
    first, last = _STATS_TOP + 1, _STATS_TOP + _STATS_ROWS
    labels, values = (
        f"Workings!{xl_rowcol_to_cell(first, column, row_abs=True, col_abs=True)}:"
        f"{xl_rowcol_to_cell(last, column, row_abs=True, col_abs=True)}"
        for column in (left, left + 1)
    )
    return f'INDEX({values},MATCH("{label}",{labels}&"",0))'


def grid_range(venue: str) -> tuple[str, str]:
    """Times and cumulative cash of a venue, for the chart."""
    column = 3 + VENUES.index(venue)
    top = _GRID_TOP + 4
    return (
        _range("Workings", top, 2, GRID_ROWS + 1),
        _range("Workings", top, column, GRID_ROWS + 1),
    )


def _range(sheet: str, row: int, column: int, rows: int) -> str:
    first = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    last = xl_rowcol_to_cell(row + rows - 1, column, row_abs=True, col_abs=True)
    return f"{sheet}!{first}:{last}"


def _statistics(sheet: Sheet) -> None:
    row = sheet.section(3, "Statistics of the rates per interval", 1, 6)
    sample = call("FUNDING_STATS", [[0.0001 * (t % 5)] for t in range(120)])
    for place, venue in enumerate(VENUES):
        left = 1 + 2 * place
        sheet.write(row, left, f'=venue_{venue}&""', "header")
        sheet.write(row, left + 1, None, "header")
        formula = f"=FUNDING_STATS(Funding_{venue}[rate],interval_{venue})"
        hints = (no_rows(venue), (f"interval_{venue}", "enter the interval"))
        sheet.spill(row + 1, left, with_hints(formula, hints), _STATS_ROWS, ("text", "decimal"))
        for offset, (label, _) in enumerate(sample):
            number = (
                "rate"
                if label in _RATES
                else "share"
                if label in _SHARES
                else "integer"
                if label in _COUNTS
                else "price"
            )
            style = sheet.style("spill", number, align="right")
            sheet.cells.write_blank(row + 1 + offset, left + 1, None, style)
        reason = explained(formula, xl_rowcol_to_cell(row + 1, left), "")
        sheet.write(row + 1 + _STATS_ROWS, left, reason, "note")


def _grid(sheet: Sheet) -> None:
    row = sheet.section(_GRID_TOP, "Cumulative funding cash of the hedge", 1, 5)
    times = ",".join(f"Funding_{venue}[time]" for venue in VENUES)
    empty = ((f"MAX({times})=0", "paste the funding"), ("grid_rows", "enter the rows"))
    for offset, (name, label, formula, number) in enumerate((
        ("grid_start", "First day", f"=INT(MIN({times}))", "day"),
        ("grid_days", "Days per row",
         f"=MAX(1,ROUNDUP((MAX({times})-grid_start)/grid_rows,0))", "integer"),
    )):  # fmt: skip
        sheet.write(row, 1 + 2 * offset, label, "label")
        sheet.write(row, 2 + 2 * offset, with_hints(formula, empty), "result", number)
        sheet.book.name(name, sheet.name, row, 2 + 2 * offset)
    sheet.write(row, 5, GRID_ROWS, "constant", "integer")
    sheet.write(row, 6, "rows", "measure")
    sheet.book.name("grid_rows", sheet.name, row, 5)
    titles = ("row", "up to (UTC)", *(f"Venue {venue} (USD)" for venue in VENUES))
    sheet.headers(row + 2, 1, titles, texts=())
    top = row + 3
    for line in range(GRID_ROWS + 1):
        here = top + line
        sheet.write(here, 1, line, "constant", "integer")
        step = xl_rowcol_to_cell(here, 1)
        last = f"ROUNDUP(MAX({times}),0)"
        time = f'=IF(ISNUMBER(grid_days),MIN({last},grid_start+{step}*grid_days),"")'
        sheet.write(here, 2, time, "calculated", "day")
        until = xl_rowcol_to_cell(here, 2, col_abs=True)
        for place, venue in enumerate(VENUES):
            table = f"Funding_{venue}"
            cash = f'=SUMIFS({table}[pnl],{table}[time],"<="&{until})'
            sheet.write(here, 3 + place, cash, "calculated", "money")
