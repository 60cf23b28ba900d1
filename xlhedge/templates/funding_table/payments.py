"""The sheet Payments: one table of funding payments for each venue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._sample_markets import Payments
from xlhedge.templates._theme import SKY

VENUES = ("A", "B", "C")
"""What the names of a venue's inputs, results and table end in."""

_HEADER = 6
_WIDTH = 5
_PNL = (
    '=IF(OR([@rate]="",[@[mark_price]]="",contracts_{0}="",contract_size_{0}=""),"",'
    "-contracts_{0}*contract_size_{0}*[@[mark_price]]*[@rate])"
)
_COLUMNS = (
    ("time", "UTC", "time", "When the payment was made, in UTC."),
    ("rate", "per interval", "rate",
     "Decimal rate of this payment; positive: longs pay shorts."),
    ("mark_price", "USD", "price", "Mark price of the perpetual at the payment."),
    ("pnl", "USD", "money", ""),
)  # fmt: skip
_SOURCE = Input("funding_source", "Source of the rows", None, "", "text",
                "Say where the rows come from: the first sheet shows it.")  # fmt: skip


def no_rows(venue: str) -> tuple[str, str]:
    """The hint of every result that reads a venue's table."""
    return (f"COUNT(Funding_{venue}[rate])=0", "paste the funding")


def write(book: Book, source: str, venues: Sequence[Payments]) -> Sheet:
    """Write the sheet: the source of the rows, then the venues' tables side by side."""
    columns = (18.0, 13.0, 13.0, 13.0, 3.0) * len(VENUES)
    sheet = book.sheet("Payments", SKY, (2, *columns))
    sheet.heading("Payments", "One table for each venue, oldest first, at the venue's own interval."
                  " Paste or type below the last row; pnl fills itself")  # fmt: skip
    sheet.constant(2, 1, source, sheet.style("input"))
    sheet.guard((2, 1, 2, 1), _SOURCE)
    book.name(_SOURCE.name, sheet.name, 2, 1)
    for column in range(2, 5):
        sheet.cells.write_blank(2, column, None, sheet.style("input"))
    last = _HEADER
    for place, (venue, rows) in enumerate(zip(VENUES, venues, strict=True)):
        last = max(last, _table(sheet, 1 + place * _WIDTH, venue, rows))
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(last, len(VENUES) * _WIDTH - 1, repeat=_HEADER, portrait=True)
    return sheet


def _table(sheet: Sheet, left: int, venue: str, rows: Payments) -> int:
    sheet.section(_HEADER - 2, f'=venue_{venue}&""', left, left + len(_COLUMNS) - 1)
    for place, (_, unit, _, _) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, left + place, unit, "unit")
    columns = [
        (header, number, "" if help_text else _PNL.format(venue))
        for header, _, number, help_text in _COLUMNS
    ]
    body: list[tuple[Any, ...]] = list(
        zip(rows.time, rows.rates.tolist(), rows.marks.tolist(), strict=True)
    )
    last = sheet.table(f"Funding_{venue}", (_HEADER, left), columns, body)
    for place, (header, _, number, help_text) in enumerate(_COLUMNS[:-1]):
        low = 0.0 if header == "mark_price" else None
        item = Input("", header, None, "", number, help_text, low=low)
        sheet.guard((_HEADER + 1, left + place, last, left + place), item)
    return last
