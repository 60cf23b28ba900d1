"""The sheet Candles: the table of prices, and what the managed position earned on each row."""

from __future__ import annotations

from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import SKY
from xlhedge.templates.volatility_target import schedule

_HEADER = 5
_BEFORE = "ROW()-ROW(Candles[[#Headers],[time]])-1"
_RETURN = (
    f'=IF(OR({_BEFORE}=0,[@close]=""),"",'
    f'IF(N(INDEX(Candles[close],{_BEFORE}))=0,"",[@close]/INDEX(Candles[close],{_BEFORE})-1))'
)
_MANAGED = '=IF(OR([@return]="",[@exposure]=""),"",[@return]*[@exposure])'
_COLUMNS = (
    ("time", "UTC", "time", "When the candle closes, in UTC; rows are equally spaced."),
    ("open", "USD", "price", "First price; blank is fine where only closes are known."),
    ("high", "USD", "price", "Highest price."),
    ("low", "USD", "price", "Lowest price."),
    ("close", "USD", "price", "Last price: every forecast but the range's uses it."),
)
_SOURCE = Input("candles_source", "Source of the rows", None, "", "text",
                "Say where the rows come from: the first sheet shows it.")  # fmt: skip


def write(book: Book, source: str, rows: samples.Candles) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Candles", SKY, (2, 18, *(13.0,) * 4, 12, 12, 16))
    sheet.heading("Candles", "One row per bar, oldest first. Paste or type below the last row; "
                  "the last three columns fill themselves")  # fmt: skip
    sheet.constant(2, 1, source, sheet.style("input"))
    sheet.guard((2, 1, 2, 1), _SOURCE)
    book.name(_SOURCE.name, sheet.name, 2, 1)
    for column in range(2, 5):
        sheet.cells.write_blank(2, column, None, sheet.style("input"))
    exposure = (
        '=IF(OR([@time]="",start_exposure=""),"",IFERROR(INDEX('
        f"{schedule.column('held')},MATCH([@time]-time_tolerance,{schedule.column('date')},1)),"
        "start_exposure))"
    )
    calculated = (
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
    sheet.page(last, len(columns), repeat=_HEADER, portrait=True)
    return sheet
