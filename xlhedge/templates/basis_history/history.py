"""The sheet History: the table of prices and funding that the statistics of one coin read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.filling.provenance import YOURS
from xlhedge.templates._checks import Check
from xlhedge.templates._history import History
from xlhedge.templates._history_checks import Series, complete, funding, pair, stamps, times
from xlhedge.templates._layout import PRINTED_ROWS, Book, Input, Result, Sheet
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import SKY

TABLE = "History"
HEADER_ROW = 4
FIRST_ROW = HEADER_ROW + 1
TIME, SPOT, FUTURES, FUNDING, BASIS, GAP = range(1, 7)
_PANEL = 8

NO_HISTORY = ("COUNT(History[spot])=0", "paste a history")
_NO_INTERVAL = ("interval_hours", "enter the interval of the history")
HISTORY_READY = (NO_HISTORY, _NO_INTERVAL)
"""The hints of every result that reads the table and depends on its interval."""

_BASIS_FORMULA = '=IF(OR([@spot]="",[@futures]=""),"",([@spot]-[@futures])/[@spot]*bp_per_unit)'
_ROW_BEFORE = "ROW()-ROW(History[[#Headers],[time]])-1"
_GAP_FORMULA = (
    f'=IF(OR({_ROW_BEFORE}=0,[@time]=""),"",'
    f"([@time]-INDEX(History[time],{_ROW_BEFORE}))*hours_per_day)"
)

_COLUMNS = (
    ("time", "UTC", "time", ""),
    ("spot", "USD", "price", ""),
    ("futures", "USD", "price", ""),
    ("funding_rate", "per interval", "rate", ""),
    ("basis_bp", "bp of spot", "bp", _BASIS_FORMULA),
    ("gap_hours", "hours", "bp", _GAP_FORMULA),
)

_INTERVAL = Input(
    "interval_hours",
    "Interval of the history",
    8,
    "hours",
    "quantity",
    "Hours from row to row; every volatility and half-life uses it.",
    low=0.01,
    high=8760,
)
_CHECKS = (
    Result(
        "interval_status",
        "Interval check",
        "=IF(ABS(observed_interval-interval_hours)>gap_tolerance,"
        '"CHECK: the rows are "&TEXT(observed_interval,"0.##")&" h apart",'
        'IF(irregular_rows>0,"WATCH: "&irregular_rows&" irregular gaps","OK"))',
        "",
        "text",
        "OK when the median gap is the interval and no row is missing.",
        hints=(("COUNT(History[gap_hours])=0", "paste a history"), _NO_INTERVAL),
    ),
    Result(
        "observed_interval",
        "Median gap of the time column",
        "=MEDIAN(History[gap_hours])",
        "hours",
        "days",
        "From the column gap_hours.",
        hints=(("COUNT(History[gap_hours])=0", "paste a history"),),
    ),
    Result(
        "irregular_rows",
        "Rows with another gap",
        '=COUNTIF(History[gap_hours],">"&interval_hours+gap_tolerance)'
        '+COUNTIF(History[gap_hours],"<"&interval_hours-gap_tolerance)',
        "rows",
        "integer",
        "Marked in the table.",
    ),
    Result("history_rows", "Rows", "=COUNT(History[spot])", "rows", "integer"),
    Result("first_time", "First row", "=MIN(History[time])", "UTC", "time", "", (NO_HISTORY,)),
    Result("last_time", "Last row", "=MAX(History[time])", "UTC", "time", "", (NO_HISTORY,)),
    *(
        Result(
            name,
            f"Last {label}",
            f"=INDEX(History[{column}],ROWS(History[{column}]))",
            unit,
            number,
            "",
            (NO_HISTORY,),
        )
        for name, label, column, unit, number in (
            ("spot_last", "spot price", "spot", "USD", "price"),
            ("futures_last", "futures price", "futures", "USD", "price"),
            ("funding_last", "funding rate", "funding_rate", "per interval", "rate"),
        )
    ),
    Result(
        "interval_days",
        "Interval in days",
        "=interval_hours/hours_per_day",
        "days",
        "decimal",
        "For the mean-reversion fit.",
        (_NO_INTERVAL,),
    ),
    Result(
        "periods_per_year",
        "Intervals in a year",
        "=days_per_year*hours_per_day/interval_hours",
        "intervals",
        "integer",
        "For volatilities: crypto trades all year.",
        (_NO_INTERVAL,),
    ),
)


def write(book: Book, history: History) -> Sheet:
    """Write the sheet: table, interval input and its check, the last row."""
    sheet = book.sheet(TABLE, SKY, (2, 18, 13, 13, 14, 12, 12, 3, 32, 26, 13, 60))
    sheet.heading("History", "One row per interval, oldest first. Paste or type below the last row")
    sheet.write(2, TIME, f"=summary_of_{TABLE}", "note")
    _table(sheet, history)
    row = sheet.section(HEADER_ROW - 1, "Interval", _PANEL, _PANEL + 3)
    row = sheet.inputs(row, _PANEL, [replace(_INTERVAL, value=history.interval_hours)])
    status_row = row
    row = sheet.results(row, _PANEL, _CHECKS)
    sheet.status_format((status_row, _PANEL + 1, status_row, _PANEL + 1), begins=True)
    row = sheet.section(row + 1, "How this table works", _PANEL, _PANEL + 3)
    sheet.steps(row, _PANEL, _notes(history))
    sheet.cells.freeze_panes(FIRST_ROW, 2)
    last = FIRST_ROW + min(len(history), PRINTED_ROWS) - 1
    sheet.page(last, GAP, repeat=HEADER_ROW, portrait=True, pages_high=1)
    return sheet


def rows(history: History) -> Rows:
    """What the table holds in a fresh workbook."""
    series = (history.spot.tolist(), history.futures.tolist(), history.funding_rate.tolist())
    return rows_of(
        TABLE,
        ("spot", "futures", "funding_rate", "time"),
        list(zip(*series, history.time, strict=True)),
        ("spot", "futures", "funding_rate"),
        kind="sample" if history.simulated else YOURS,
        source=history.source,
        time="time",
        area="history",
    )


def checks() -> tuple[Check, ...]:
    """What the table must be before results can be believed; `SETTINGS` are their limits."""
    series = Series(TABLE, "History[time]", "History[gap_hours]", "interval_hours",
                    "interval_hours on History")  # fmt: skip
    columns = ("spot", "futures", "funding_rate")
    return (
        *times(series),
        *(complete("history", f"{name.replace('_rate', '')} of History", f"History[{name}]",
                   "ROWS(History[time])") for name in columns),
        *pair("the coin", "History[spot]", "History[futures]"),
        funding("funding of History", "History[funding_rate]", "periods_per_year"),
        stamps("History[spot]", "History[futures]", "History[funding_rate]"),
    )  # fmt: skip


def chart_range(history: History, column: int) -> str:
    """The cells of a column of the table, as charts name them; they grow with the table."""
    last = FIRST_ROW + len(history) - 1
    return f"{TABLE}!{xl_range_abs(FIRST_ROW, column, last, column)}"


def _notes(history: History) -> Iterator[str]:
    yield "time in UTC; spot and futures are prices at that time; funding_rate is the decimal rate"
    yield "paid at that time for one interval (positive: longs pay shorts)."
    yield "basis_bp and gap_hours are calculated; new rows fill them by themselves."
    if history.simulated:
        yield "These rows are simulated to show the desk at work: replace them before deciding."
    else:
        yield "Enter the prices of your dated futures on the sheet Carry."
    yield from (f"{note}." for note in history.notes)


def _table(sheet: Sheet, history: History) -> None:
    for place, (_, unit, _, _) in enumerate(_COLUMNS):
        sheet.write(HEADER_ROW - 1, TIME + place, unit, "unit")
    columns = [(header, number, formula) for header, _, number, formula in _COLUMNS]
    series = (history.spot.tolist(), history.futures.tolist(), history.funding_rate.tolist())
    rows = zip(history.time, *series, strict=True)
    last = sheet.table(TABLE, (HEADER_ROW, TIME), columns, rows)
    first_gap = xl_rowcol_to_cell(FIRST_ROW, GAP)
    rule = {
        "type": "formula",
        "criteria": f"=AND(ISNUMBER({first_gap}),ABS(N({first_gap})-interval_hours)>gap_tolerance)",
        "format": sheet.book.theme.status("WATCH"),
    }
    sheet.cells.conditional_format(FIRST_ROW, GAP, last, GAP, rule)
