"""The sheet History: prices and funding of every asset in one table, and its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.filling.provenance import YOURS
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._layout import Book, Input, Result, Sheet
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import SKY
from xlhedge.templates.hedge_desk.ranges import gated

HEADER_ROW = 4
FIRST_ROW = HEADER_ROW + 1
TIME = 1
_BEFORE = "ROW()-ROW(History[[#Headers],[time]])-1"
_GAP = f'=IF(OR({_BEFORE}=0,[@time]=""),"",([@time]-INDEX(History[time],{_BEFORE}))*hours_per_day)'
_UNITS = {"spot": "USD", "futures": "USD", "funding": "per interval"}
_NUMBERS = {"spot": "price", "futures": "price", "funding": "rate"}
_INTERVAL = Input(
    "interval_hours", "Interval of the history", 8, "hours", "quantity",
    "Hours from row to row; every volatility and horizon uses it.", low=0.01, high=8760,
)  # fmt: skip
_VENUE = Input(
    "SourceVenue", "Exchange for xlhedge refresh", "binance", "", "text",
    "By the name that `xlhedge venues` gives it.",
)  # fmt: skip
_SYMBOLS = Input(
    "SourceSymbols", "Its perpetual contracts", None, "", "text",
    "One for each coin of the table, such as BTC/USDT:USDT, with commas between.",
)  # fmt: skip
_REFRESHED = Result(
    "refreshed_from", "xlhedge refresh", '="asks "&SourceVenue&" for "&SourceSymbols', "", "text",
    "The bars that have closed since the last row are added below it.",
    ((_VENUE.name, "enter the exchange"), (_SYMBOLS.name, "enter the contracts")),
)  # fmt: skip
_RESULTS = (
    Result("history_rows", "Rows", "=COUNT(History[time])", "rows", "integer"),
    Result("last_time", "Last row", gated("=MAX(History[time])", "history"), "UTC", "time"),
    Result("periods_per_year", "Intervals in a year",
           gated("=days_per_year*hours_per_day/interval_hours", "history"), "intervals", "integer",
           "For volatilities: crypto trades all year."),
    Result("periods_per_day", "Intervals in a day",
           gated("=hours_per_day/interval_hours", "history"), "intervals", "quantity"),
)  # fmt: skip


def series(asset: str, kind: str) -> str:
    """A column of the table, such as History[BTC spot]."""
    return f"History[{asset} {kind}]"


def of_hedge(history: BookHistory, kind: str) -> str:
    """The column of the coin that the hedge is in, as an expression."""
    names = [one.asset for one in history.markets if f"{one.asset} {kind}" in one.columns]
    text = "NA()"
    for name in reversed(names):
        text = f'IF(hedge_asset="{name}",{series(name, kind)},{text})'
    return text


def whole(history: BookHistory) -> str:
    """The table as functions take it: with its header, without the column of gaps."""
    return f"History[[#All],[time]:[{list(history.columns)[-1]}]]"


def write(book: Book, history: BookHistory) -> Sheet:
    """Write the sheet."""
    names = list(history.columns)
    panel = TIME + len(names) + 3
    widths = (2, 18, *(13.0,) * len(names), 12, 3, 28, 18, 13, 60)
    sheet = book.sheet("History", SKY, widths)
    sheet.heading("History", "One row per interval, oldest first. Paste or type below the last row")
    columns = [("time", "time", "")]
    columns += [(name, _NUMBERS[name.split()[-1]], "") for name in names]
    columns.append(("gap_hours", "bp", _GAP))
    units = ["UTC", *(_UNITS[name.split()[-1]] for name in names), "hours"]
    for place, unit in enumerate(units, TIME):
        sheet.write(HEADER_ROW - 1, place, unit, "unit")
    values = [one.tolist() for one in history.columns.values()]
    rows = [(*row, None) for row in zip(history.time, *values, strict=True)]
    last = sheet.table("History", (HEADER_ROW, TIME), columns, rows)
    gap = TIME + len(names) + 1
    first_gap = xl_rowcol_to_cell(FIRST_ROW, gap)
    rule = {
        "type": "formula",
        "criteria": f"=AND(ISNUMBER({first_gap}),ABS(N({first_gap})-interval_hours)>gap_tolerance)",
        "format": book.theme.status("WATCH"),
    }
    sheet.cells.conditional_format(FIRST_ROW, gap, last, gap, rule)
    row = sheet.section(HEADER_ROW - 1, "Interval", panel, panel + 3)
    row = sheet.inputs(row, panel, [replace(_INTERVAL, value=history.interval_hours)])
    row = sheet.results(row, panel, _RESULTS)
    row = sheet.section(row + 1, "Source for refresh", panel, panel + 3)
    symbols = ", ".join(f"{one.asset}/USDT:USDT" for one in history.markets)
    row = sheet.inputs(row, panel, [_VENUE, replace(_SYMBOLS, value=symbols)])
    row = sheet.results(row, panel, [_REFRESHED])
    row = sheet.section(row + 1, "How this table works", panel, panel + 3)
    sheet.steps(row, panel, _notes(history))
    sheet.cells.freeze_panes(FIRST_ROW, 2)
    sheet.page(last, gap, repeat=HEADER_ROW, portrait=True)
    return sheet


def rows(history: BookHistory) -> Rows:
    """What the table holds in a fresh workbook."""
    names = list(history.columns)
    values = [one.tolist() for one in history.columns.values()]
    return rows_of(
        "History",
        ("time", *names),
        list(zip(history.time, *values, strict=True)),
        names,
        kind="sample" if history.simulated else YOURS,
        source=history.source,
        time="time",
        area="history",
    )


def chart_range(history: BookHistory, name: str) -> str:
    """The cells of a column, as charts name them; they grow with the table."""
    column = TIME + ["time", *history.columns].index(name)
    return f"History!{xl_range_abs(FIRST_ROW, column, FIRST_ROW + len(history) - 1, column)}"


def _notes(history: BookHistory) -> Iterator[str]:
    yield "time in UTC; prices are those at that time; funding is the sum of the decimal rates"
    yield "paid after the row before, up to that time (positive: longs pay shorts)."
    yield "gap_hours is calculated. Another coin needs its own columns: make the desk anew with"
    yield "`xlhedge new`, or insert them left of the last price: NAME spot, NAME futures, NAME"
    yield "funding; a contract of its own may have a column NAME CONTRACT futures."
    if history.simulated:
        yield "These rows are simulated to show the desk at work: replace them before deciding."
    yield from (f"{note}." for note in history.notes)
