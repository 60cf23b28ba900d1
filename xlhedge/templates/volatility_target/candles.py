"""The sheet Candles: the table of prices, and what the managed position earned on each row."""

from __future__ import annotations

from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import PRINTED_ROWS, Book, Input, Sheet
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import SKY
from xlhedge.templates.volatility_target import schedule

_HEADER = 5
_BEFORE = "ROW()-ROW(Candles[[#Headers],[time]])-1"
_RETURN = (
    f'=IF(OR({_BEFORE}=0,[@close]=""),"",'
    f'IF(N(INDEX(Candles[close],{_BEFORE}))=0,"",[@close]/INDEX(Candles[close],{_BEFORE})-1))'
)
_GAP = f'=IF(OR({_BEFORE}=0,[@time]=""),"",([@time]-INDEX(Candles[time],{_BEFORE}))*hours_per_day)'
_MANAGED = '=IF(OR([@return]="",[@exposure]=""),"",[@return]*[@exposure])'
_COLUMNS = (
    ("time", "UTC", "time", "When the candle closes, in UTC; rows are equally spaced."),
    ("open", "USD", "price", "First price; blank is fine where only closes are known."),
    ("high", "USD", "price", "Highest price."),
    ("low", "USD", "price", "Lowest price."),
    ("close", "USD", "price", "Last price: every forecast but the range's uses it."),
)


def write(book: Book, rows: samples.Candles) -> tuple[Sheet, Rows]:
    """Write the sheet."""
    sheet = book.sheet("Candles", SKY, (2, 18, *(13.0,) * 4, 12, 12, 12, 13.5))
    sheet.heading("Candles", "One row per bar, oldest first. Paste or type below the last row; "
                  "the last four columns fill themselves")  # fmt: skip
    exposure = (
        '=IF(OR([@time]="",start_exposure=""),"",IFERROR(INDEX('
        f"{schedule.column('held')},MATCH([@time]-time_tolerance,{schedule.column('date')},1)),"
        "start_exposure))"
    )
    calculated = (
        ("gap_hours", "hours", "bp", _GAP),
        ("return", "of the price", "share", _RETURN),
        ("exposure", "held", "percent", exposure),
        ("managed_return", "of the holdings", "share", _MANAGED),
    )
    for place, (_, unit, *_) in enumerate((*_COLUMNS, *calculated)):
        sheet.write(_HEADER - 1, 1 + place, unit, "unit")
    columns = [(header, number, "") for header, _, number, _ in _COLUMNS]
    columns += [(header, number, formula) for header, _, number, formula in calculated]
    prices = (rows.open.tolist(), rows.high.tolist(), rows.low.tolist(), rows.close.tolist())
    body = list(zip(rows.time, *prices, strict=True))
    last = sheet.table("Candles", (_HEADER, 1), columns, body)
    for place, (header, _, number, text) in enumerate(_COLUMNS, 1):
        item = Input("", header, None, "", number, text, low=0.0)
        sheet.guard((_HEADER + 1, place, last, place), item)
    sheet.cells.freeze_panes(_HEADER + 1, 2)
    sheet.page(_HEADER + PRINTED_ROWS, len(columns), repeat=_HEADER, portrait=True, pages_high=1)
    names = [header for header, *_ in _COLUMNS]
    return sheet, rows_of("Candles", names, body, names[1:], kind="sample",
                          source=samples.NOTICE, time="time", area="history")  # fmt: skip
