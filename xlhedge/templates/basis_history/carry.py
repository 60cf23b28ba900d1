"""The sheet Carry: dated futures, what they pay over spot, and the curve."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.filling.provenance import YOURS
from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks
from xlhedge.templates._checks import Check
from xlhedge.templates._formulas import explained
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import AMBER, BLUE, GREEN
from xlhedge.templates.basis_history import history as market

_CURVE = (0.062, 0.066, 0.071, 0.069, 0.067, 0.066)
"""Simple carry per year of the sample's futures, an assumption: a hump as in calm markets."""
_ROOM = 24
"""Rows of the curve that the chart looks at, so that the table may grow."""
_LEFT = 1
_SPILL = _LEFT + 5
_HEADER = 23
_FIRST = _HEADER + 1
_LAST = _SPILL + 4
_COLUMNS = (("Contract", "text", ""), ("Expiry", "time", ""), ("Price", "price", ""),
            ("Days", "days",
             '=IF(OR([@Expiry]="",NOT(ISNUMBER(last_time))),"",[@Expiry]-last_time)'))  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""In English, whatever the language of the machine that builds the workbook."""
_UNITS = ("", "UTC", "USD", "to expiry")
_INCOMPLETE = (
    "OR(COUNT(Futures[Days])<ROWS(Futures[Days]),COUNT(Futures[Price])<ROWS(Futures[Price]))",
    "complete the futures",
)
_EXPIRED = 'COUNTIFS(Futures[Days],"<="&0,Futures[Price],">"&0)'
_PRICED = '((Futures[Price]<>"")*(ABS(Futures[Price]/spot_last-1)>spread_limit))'


def _open(call: str) -> str:
    """A call for each future, and a word for those that have expired."""
    days = "IF(Futures[Days]>0,Futures[Days],1)"
    return f'IF(Futures[Days]>0,{call.replace("Futures[Days]", days)},"expired")'


_RESULTS = (
    ("Basis", "bp of spot", "bp", 'BASIS(spot_last,Futures[Price],"bp")'),
    ("Carry, simple", "per year", "share",
     'CARRY_RATE(spot_last,Futures[Price],Futures[Days],"simple")'),
    ("Carry, continuous", "per year", "share",
     'CARRY_RATE(spot_last,Futures[Price],Futures[Days],"continuous")'),
    ("Fair price", "USD", "price", 'FAIR_FUTURE(spot_last,fair_carry,Futures[Days],"simple")'),
    ("Price − fair", "USD", "price",
     'Futures[Price]-FAIR_FUTURE(spot_last,fair_carry,Futures[Days],"simple")'),
)  # fmt: skip
CHECKS = (
    Check("quotes", "Expiries of Futures", f"{_EXPIRED}>0",
          f'{_EXPIRED}&" dated quotes expired before the last row of History, "&'
          'TEXT(last_time,"yyyy-mm-dd hh:mm")&": enter current ones, or clear their rows"',
          "COUNT(Futures[Price],last_time)>1", "there are no quotes"),
    Check("quotes", "Prices of Futures", f"SUMPRODUCT({_PRICED}*1)>0",
          f'SUMPRODUCT({_PRICED}*1)&" dated quotes are further from the last spot price than '
          'believable: check coin, unit and row"',
          "AND(COUNT(Futures[Price])>0,ISNUMBER(spot_last))", "there are no quotes"),
)  # fmt: skip
"""What the quotes must be before carry and fair prices can be believed."""


def last_friday(year: int, month: int) -> datetime:
    """When the dated futures of most venues expire: the month's last Friday, 8:00 UTC.

    Examples
    --------
    >>> last_friday(2025, 5)
    datetime.datetime(2025, 5, 30, 8, 0)
    """
    following = datetime(year + month // 12, month % 12 + 1, 1, 8)
    last = following - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def expiries(after: datetime) -> Iterator[datetime]:
    """The expiry of this month if it is more than a week away, next month's, then quarters."""
    months = [after.year * 12 + after.month - 1 + ahead for ahead in range(24)]
    for place, month in enumerate(months):
        expiry = last_friday(month // 12, month % 12 + 1)
        if expiry > after + timedelta(days=7) and (place < 2 or month % 3 == 2):
            yield expiry


def _futures(history: History) -> Iterator[tuple[str, datetime, float | None]]:
    """The sample's futures: names and expiries, prices only where the history is simulated."""
    spot, last = float(history.spot[-1]), history.time[-1]
    for carry, expiry in zip(_CURVE, expiries(last), strict=False):
        years = (expiry - last) / timedelta(days=365)
        price = round(spot * (1 + carry * years), 1) if history.simulated else None
        yield contract(history.asset, expiry), expiry, price


def contract(asset: str, expiry: datetime) -> str:
    """The name of a dated future."""
    return f"{asset} {expiry:%d} {_MONTHS[expiry.month - 1]} {expiry:%Y}"


def write(book: Book, history: History) -> Rows:
    """Write the sheet."""
    sheet = book.sheet("Carry", AMBER, (2, 20, 18, 13, 10, 2, *[15.0] * 5))
    sheet.heading("Carry", "What dated futures pay over spot until they expire; days count from "
                  "the last row of History. Enter your venue's prices of that time")  # fmt: skip
    sheet.write(3, _LEFT, "Status", "label")
    own = f'=IF(COUNT(Futures[Price])=0,"enter quotes",IF(is_of_Futures<>"{YOURS}","EXAMPLE","OK"))'
    sheet.write(3, _LEFT + 1, _checks.guarded(own, "quotes", "history"), "status")
    sheet.status_format((3, _LEFT + 1, 3, _LEFT + 1))
    book.name("carry_status", "Carry", 3, _LEFT + 1)
    sheet.write(3, _SPILL, "=summary_of_Futures", "note")
    sheet.section(_HEADER - 3, "Dated futures", _LEFT, _LEFT + 3)
    note = "Type below the last row: the table grows by itself."
    sheet.write(_HEADER - 2, _LEFT, note, "note")
    for offset, unit in enumerate(_UNITS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    rows = list(_futures(history))
    last = sheet.table("Futures", (_HEADER, _LEFT), _COLUMNS, [(*row, None) for row in rows])
    for offset, name, text in (
        (1, "Expiry", "Date and time of expiry in UTC, after the last row of History."),
        (2, "Price", "Futures price at the time of the last row of History."),
    ):
        item = Input("", name, None, "", "general", text, low=0)
        sheet.guard((_FIRST, _LEFT + offset, last, _LEFT + offset), item)
    _results(sheet, len(rows))
    _chart(sheet)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_FIRST + _ROOM, _LAST)
    kind, source = ("example", "invented quotes") if history.simulated else (YOURS, "no quotes")
    return rows_of("Futures", ("Contract", "Expiry", "Price"), rows, ("Price",), kind=kind,
                   source=source, time="Expiry", area="quotes", optional=True)  # fmt: skip


def _results(sheet: Sheet, rows: int) -> None:
    sheet.section(_HEADER - 3, "Carry", _SPILL, _LAST)
    titles = [title for title, *_ in _RESULTS]
    sheet.headers(_HEADER, _SPILL, titles, texts=())
    sheet.cells.set_row(_HEADER, 34)
    hints = (*market.HISTORY_READY, _INCOMPLETE)
    for place, (_, unit, number, call) in enumerate(_RESULTS):
        sheet.write(_HEADER - 1, _SPILL + place, unit, "unit")
        needs = (*hints, ("fair_carry", "enter the carry")) if "fair_carry" in call else hints
        sheet.spill(_FIRST, _SPILL + place, with_hints(f"={_open(call)}", needs), rows, (number,))
    cell = xl_rowcol_to_cell(_FIRST, _SPILL + 1)
    note = "Positive carry: the future is above spot, a short hedge earns it until expiry."
    sheet.write(_HEADER - 2, _SPILL, explained(f"={_RESULTS[1][3]}", cell, note), "note")


def _chart(sheet: Sheet) -> None:
    last = _FIRST + _ROOM - 1
    days = sheet.absolute(_FIRST, _LEFT + 3, last, _LEFT + 3)
    series = [
        charts.Line(
            name, days, sheet.absolute(_FIRST, _SPILL + place, last, _SPILL + place), colour
        )
        for name, place, colour in (("Simple", 1, BLUE), ("Continuous", 2, GREEN))
    ]
    charts.lines(
        sheet,
        charts.Frame(4, _LEFT, 1050, 340),
        "Carry curve of the dated futures",
        series,
        ("days to expiry", "0"),
        ("carry per year", "0.0%"),
        {"min": 0},
        marks=True,
    )
