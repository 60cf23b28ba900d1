"""The sheet History of a book: prices and funding of every coin in one table, its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.filling.provenance import YOURS
from xlhedge.templates import _history_checks as history_checks
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._checks import Check
from xlhedge.templates._layout import PRINTED_ROWS, Book, Input, Result, Sheet
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import SKY

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
_STALE = Input(
    "stale_rows", "Rows without any move that are accepted", 6, "rows", "integer",
    "A price that stands still for longer is not a market's.", low=2, high=1000,
)  # fmt: skip
SETTINGS = (*history_checks.SETTINGS, _STALE)
"""The limits that `checks` needs on the sheet Checks."""
NO_ROWS = ("COUNT(History[time])=0", "paste a history")
_NO_INTERVAL = ("interval_hours", "enter the interval of the history")
_RESULTS = (
    Result("history_rows", "Rows", "=COUNT(History[time])", "rows", "integer"),
    Result("last_time", "Last row", "=MAX(History[time])", "UTC", "time", "",
           (NO_ROWS,)),
    Result("periods_per_year", "Intervals in a year",
           "=days_per_year*hours_per_day/interval_hours", "intervals", "integer",
           "For volatilities: crypto trades all year.", (_NO_INTERVAL,)),
    Result("periods_per_day", "Intervals in a day",
           "=hours_per_day/interval_hours", "intervals", "quantity", "",
           (_NO_INTERVAL,)),
)  # fmt: skip


def series(asset: str, kind: str) -> str:
    """A column of the table, such as History[BTC spot]."""
    return f"History[{asset} {kind}]"


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
    printed = FIRST_ROW + min(len(history), PRINTED_ROWS) - 1
    sheet.page(printed, gap, repeat=HEADER_ROW, portrait=True, pages_high=1)
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


def coins(area: str, cure: str) -> Iterator[Check]:
    """Whether every coin of Positions has the columns that its instruments need."""
    for label, kind, held, said in (
        ("Coins", "spot", "1", "is in Positions, and"),
        ("Futures", "futures", '(Positions[instrument]<>"spot")', "has futures in Positions, and"),
    ):
        named = f'COUNTIF(History[#Headers],Positions[asset]&" {kind}")'
        lacking = f'(Positions[asset]<>"")*{held}*({named}=0)'
        first = f"INDEX(Positions[asset],MATCH(1,({lacking})*1,0))"
        yield Check(
            area, f"{label} of Positions in History", f"SUMPRODUCT({lacking}*1)>0",
            f'{first}&" {said} History has no column "&{first}&" {kind}: {cure}"',
        )  # fmt: skip


def checks(history: BookHistory) -> Iterator[Check]:
    """What the table must be before results can be believed; `SETTINGS` are their limits."""
    yield from history_checks.times(
        history_checks.Series("History", "History[time]", "History[gap_hours]", "interval_hours",
               "interval_hours on History")
    )  # fmt: skip
    for name in history.columns:
        column = f"History[{name}]"
        yield history_checks.complete("history", column, column, "ROWS(History[time])")
    for one in history.markets:
        spot = series(one.asset, "spot")
        still = f"INDEX({spot},history_rows-stale_rows+1):INDEX({spot},history_rows)"
        yield Check(
            "history", f"{one.asset}: the price moves",
            f"MAX({still})=MIN({still})",
            f'"the last "&stale_rows&" prices of {one.asset} are all the same: the source is '
            'stale"', "history_rows>stale_rows", "History has too few rows",
        )  # fmt: skip
        if one.futures is not None:
            yield from history_checks.pair(one.asset, spot, series(one.asset, "futures"))
        if one.funding is not None:
            rates = series(one.asset, "funding")
            yield history_checks.funding(f"funding of {one.asset}", rates, "periods_per_year")
            if one.futures is not None:
                futures = series(one.asset, "futures")
                yield history_checks.stamps(spot, futures, rates, asset=one.asset)


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
