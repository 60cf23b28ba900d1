"""The sheets of payments: one table of funding payments for each venue or contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from xlhedge.filling.provenance import YOURS
from xlhedge.templates import _checks, _history_checks
from xlhedge.templates._checks import Check
from xlhedge.templates._layout import Book, Hints, Input, Sheet
from xlhedge.templates._sample_markets import NOTICE, Payments
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import SKY

FIRST = "A"
SIDE_BY_SIDE = 3
"""How many tables one sheet of payments holds."""
_HEADER = 5
_PRINTED = 24
_WIDTH = 6
_PNL = (
    '=IF(OR([@rate]="",[@[mark_price]]="",contracts_{0}="",contract_size_{0}=""),"",'
    "-contracts_{0}*contract_size_{0}*[@[mark_price]]*[@rate])"
)
_BEFORE = "ROW()-ROW(Funding_{0}[[#Headers],[time]])-1"
_GAP = (
    f'=IF(OR({_BEFORE}=0,[@time]=""),"",([@time]-INDEX(Funding_{{0}}[time],{_BEFORE}))'
    "*hours_per_day)"
)
_COLUMNS = (
    ("time", "UTC", "time", "When the payment was made, in UTC."),
    ("rate", "per interval", "rate",
     "Decimal rate of this payment; positive: longs pay shorts."),
    ("mark_price", "USD", "price", "Mark price of the perpetual at the payment."),
    ("pnl", "USD", "money", ""),
    ("gap_hours", "hours", "bp", ""),
)  # fmt: skip
_FORMULAS = {"pnl": _PNL, "gap_hours": _GAP}


def venues(count: int) -> tuple[str, ...]:
    """What the names of the venues' inputs, results and tables end in: A, B, to Z, AA and on."""
    return tuple(xl_col_to_name(place) for place in range(count))


def place(venue: str) -> int:
    """The place of a venue among the others, from 0."""
    return int(xl_cell_to_rowcol(f"{venue}1")[1])


def pages_wide(names: Sequence[str]) -> int:
    """How many pages side by side a sheet of all venues takes in print."""
    return -(-len(names) // 6)


def no_rows(venue: str) -> tuple[str, str]:
    """The hint of every result that reads a venue's table."""
    return (f"COUNT(Funding_{venue}[rate])=0", "paste the funding")


def unused(venue: str) -> Hints:
    """The condition under which a venue's column stays empty: never that of the first."""
    if venue == FIRST:
        return ()
    return ((f'AND(venue_{venue}="",COUNT(Funding_{venue}[rate])=0)', ""),)


def area(venue: str) -> str:
    """The area of checks of a venue."""
    return f"venue_{venue}"


def checks(names: Sequence[str]) -> tuple[Check, ...]:
    """What each venue's table must be before its results can be believed."""
    found: list[Check] = []
    for venue in names:
        table, interval = f"Funding_{venue}", f"interval_{venue}"
        where = area(venue)
        series = _history_checks.Series(
            table, f"{table}[time]", f"{table}[gap_hours]", interval,
            f"the funding interval of venue {venue} on Funding", where,
        )  # fmt: skip
        rows = f"COUNT({table}[time])"
        year = f"days_per_year*hours_per_day/{interval}"
        own = (
            *_history_checks.times(series),
            *(
                _history_checks.complete(where, f"{name} of {table}", f"{table}[{column}]", rows)
                for name, column in (("rates", "rate"), ("mark prices", "mark_price"))
            ),
            _history_checks.funding(f"rates of {table}", f"{table}[rate]", year, area=where),
            Check(where, f"Mark prices of {table}",
                  f"MAX({table}[mark_price])>MIN({table}[mark_price])/(1-mark_limit)",
                  f'"mark prices go from "&TEXT(MIN({table}[mark_price]),"#,##0.00")&" to "&'
                  f'TEXT(MAX({table}[mark_price]),"#,##0.00")&": columns or coins are mixed"',
                  f"COUNT({table}[mark_price])>0", "there are no mark prices"),
        )  # fmt: skip
        found += _checks.only_yours(table, own)
    return tuple(found)


def write(book: Book, names: Sequence[str], paid: Sequence[Payments]) -> list[Rows]:
    """Write the sheets: the venues' tables side by side; those without rows wait for them."""
    found = []
    for first in range(0, len(names), SIDE_BY_SIDE):
        part = names[first : first + SIDE_BY_SIDE]
        name = _sheet(first // SIDE_BY_SIDE)
        columns = (15.5, 10.0, 11.0, 10.0, 10.0, 2.0) * len(part)
        sheet = book.sheet(name, SKY, (2, *columns))
        sheet.heading(name.replace("_", " "), "One table for each venue or contract, oldest first, "
                      "at its own interval. Paste or type below the last row; pnl and gap_hours "
                      "fill themselves")  # fmt: skip
        for offset, venue in enumerate(part):
            rows = paid[first + offset] if first + offset < len(paid) else None
            found.append(_table(sheet, 1 + offset * _WIDTH, venue, rows))
        sheet.cells.freeze_panes(_HEADER + 1, 0)
        sheet.page(_HEADER + _PRINTED, len(part) * _WIDTH - 1, repeat=_HEADER, pages_high=1)
    return found


def _sheet(number: int) -> str:
    """The name of a sheet of payments."""
    return ("Payments", "More_payments", f"More_payments_{number}")[min(number, 2)]


def _table(sheet: Sheet, left: int, venue: str, rows: Payments | None) -> Rows:
    name = f"Funding_{venue}"
    sheet.write(2, left, f"=summary_of_{name}", "note")
    sheet.section(_HEADER - 2, f'="{venue}  "&venue_{venue}', left, left + len(_COLUMNS) - 1)
    for offset, (_, unit, _, _) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, left + offset, unit, "unit")
    columns = [
        (header, number, _FORMULAS[header].format(venue) if header in _FORMULAS else "")
        for header, _, number, _ in _COLUMNS
    ]
    body: list[tuple[Any, ...]] = [(None,) * 3]
    if rows is not None:
        body = list(zip(rows.time, rows.rates.tolist(), rows.marks.tolist(), strict=True))
    last = sheet.table(name, (_HEADER, left), columns, body)
    for offset, (header, _, number, help_text) in enumerate(_COLUMNS[:3]):
        low = 0.0 if header == "mark_price" else None
        item = Input("", header, None, "", number, help_text, low=low)
        sheet.guard((_HEADER + 1, left + offset, last, left + offset), item)
    kind, source = (YOURS, "not used") if rows is None else ("sample", NOTICE)
    return rows_of(name, ("time", "rate", "mark_price"), body, ("rate", "mark_price"), kind=kind,
                   source=source, time="time", area=area(venue), optional=True)  # fmt: skip
