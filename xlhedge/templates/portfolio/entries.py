"""The sheets that the user fills: holdings and contract specifications, and the prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from xlhedge.core.types import Floats
from xlhedge.templates import _checks as checks
from xlhedge.templates import _sample_markets as samples
from xlhedge.templates._figures import Figure
from xlhedge.templates._layout import PRINTED_ROWS, Book, Input, Result, Sheet
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import NAVY, SKY
from xlhedge.templates.portfolio import hedge

_STEPS = (
    "1  Fill Holdings: what is held and the contract that hedges it, its own or a proxy.",
    "2  Fill Contracts: the specification of each future and the position held in it.",
    "3  Paste prices of the coins and of the contracts into Prices: betas and effectiveness.",
    "4  Read sizing, tickets and deltas on the sheet Hedge.",
    "Blue on yellow: input; hover over a cell for its meaning.  Grey: constant.  Needs Excel 365.",
)
_SETTINGS = (
    Input("rebalance_band", "Band without a trade", 0.05, "of the target", "percent",
          "No ticket while the position is this close to its target.", low=0, high=1),
    Input("beta_lag", "Rows per return", 1, "rows", "integer",
          "Horizon of betas and effectiveness, in rows of Prices.", low=1, high=1000),
    Input("slippage", "Limit beyond the price", 0.001, "of the price", "share",
          "Buy limits stand this much above, sell limits below.", low=0, high=0.5),
    Input("least_rows", "Rows that a beta needs", 25, "rows", "integer",
          "With fewer prices a beta must be entered.", role="constant"),
    Input("usd_per_million", "Dollars in a million", 1_000_000, "USD", "money", "Constant.",
          role="constant"),
)  # fmt: skip
_HOLDINGS = (
    ("Asset", "coin", "text", "Name of the coin, as in Prices."),
    ("Contract", "of Contracts", "text", "The future that hedges it: its own, or a proxy."),
    ("Quantity", "coins", "lots", "Coins held; negative when borrowed and sold."),
    ("Price", "USD", "price", "Spot price now."),
    ("Share", "to hedge", "percent", "100 % hedges all of it."),
    ("Beta", "or blank", "ratio", "Leave it blank to estimate it from Prices."),
)
_HOLDING_ROWS = (
    ("BTC", "BTC-PERP", 500, 70_000, 0.8, None),
    ("ETH", "ETH-PERP", 5_000, 3_500, 0.8, None),
    ("SOL", "ETH-PERP", 40_000, 150, 0.7, None),
    ("LINK", "BTC-PERP", 200_000, 15, 0.7, None),
    ("BTC", "BTC-COIN", 40, 70_000, 1, 1),
)
_CONTRACTS = (
    ("Contract", "", "text", "Name, as in Holdings and Prices."),
    ("Venue", "", "text", "Where it trades."),
    ("Underlying", "coin", "text", "The coin that it is on."),
    ("Type", "", "text", "linear: size in coins; inverse: face in dollars, settled in coin."),
    ("Size", "coins or USD", "quantity", "Coins per contract (linear), dollars (inverse)."),
    ("Lot", "contracts", "quantity", "Smallest step of an order; 0 does not round."),
    ("Tick", "USD", "quantity", "Smallest step of the price."),
    ("Fee", "of notional", "share", "Trading fee per trade."),
    ("Mark", "USD", "price", "Price of the future now."),
    ("Held", "contracts", "lots", "Position now, negative when short."),
)
_CONTRACT_ROWS = (
    ("BTC-PERP", "Venue A", "BTC", "linear", 1, 0.1, 0.1, 0.0005, 70_020, -290),
    ("ETH-PERP", "Venue A", "ETH", "linear", 1, 1, 0.01, 0.0005, 3_501, -3_000),
    ("BTC-COIN", "Venue B", "BTC", "inverse", 100, 1, 0.5, 0.0005, 70_010, -28_000),
)
_LEFT, _VALUE = 1, 4
_RESULT, _FIGURE = 10, 14
_HOLD, _SPEC = 1, 8
_LAST = 17
_SETTINGS_TOP = 10
_TOP = 20
_HEADER = 4
_PRICES = (
    ("time", "UTC", "time", "When the price was seen; the same times for every name."),
    ("asset", "name", "text", "Coin of Holdings or contract of Contracts."),
    ("price", "USD", "price", "Its price."),
)
_STATUS = (
    f'=IF(COUNTIF({hedge.SIZING.anywhere("status")},"OK*")+'
    f'COUNTIF({hedge.SIZING.anywhere("status")},"CHECK")<COUNTA(Holdings[Asset]),'
    '"CHECK: complete the holdings",IF(tickets_to_trade=0,"OK: every contract is in its band",'
    '"TRADE: "&tickets_to_trade&" tickets, "&TEXT(notional_to_trade/usd_per_million,"#,##0.0")&'
    '" million USD"))'
)
_NOTHING = ("COUNTA(Holdings[Asset])=0", "enter the holdings")


def _of_total(name: str, label: str, title: str, column: int, unit: str, number: str) -> Result:
    cell = hedge.total(title, column)
    hint = (f"NOT(ISNUMBER({cell}))", "complete the holdings")
    return Result(name, label, f"={cell}", unit, number, "", (_NOTHING, hint))


_RESULTS = (
    Result("tickets_to_trade", "Tickets to trade",
           f'=COUNTIF({hedge.TICKETS.anywhere("trade")},">"&0)+'
           f'COUNTIF({hedge.TICKETS.anywhere("trade")},"<"&0)', "tickets", "integer"),
    Result("notional_to_trade", "Their notional", f"=SUM({hedge.TICKETS.anywhere('notional')})",
           "USD", "money"),
    Result("fees_to_pay", "Their fees", f"=SUM({hedge.TICKETS.anywhere('fee')})", "USD", "money"),
    _of_total("net_before", "Net delta now", "Before", 4, "USD", "money"),
    _of_total("net_after", "Net delta after the tickets", "After", 4, "USD", "money"),
    _of_total("hedged_before", "Share hedged now", "Before", 5, "of spot", "percent"),
    _of_total("hedged_after", "Share hedged after the tickets", "After", 5, "of spot", "percent"),
)  # fmt: skip
FIGURES = (
    Figure("Status", "portfolio_status", "", "text"),
    *(Figure(item.label, item.name, item.unit, item.number) for item in _RESULTS),
)
"""What matters of this workbook, for hosts and the command line."""


def prepare(book: Book) -> Sheet:
    """Make the first sheet."""
    widths = (2, 10, 12, 12, 10, 8, 9, 2, 12, 9, 11, 8, 9, 8, 10, 9, 11, 11)
    return book.sheet("Portfolio", NAVY, widths)


def write(sheet: Sheet) -> list[Rows]:
    """Write instructions, settings, holdings and contracts."""
    sheet.heading("Portfolio", "")
    checks.banner(sheet, (1, _LEFT), (2, _LEFT))
    sheet.steps(4, _LEFT, _STEPS)
    row = sheet.section(_SETTINGS_TOP - 1, "Settings", _LEFT, _RESULT - 2)
    for item in _SETTINGS:
        _line(sheet, row, (_LEFT, _VALUE), item.label, item.unit)
        style = sheet.style(item.role, item.number, align="right")
        sheet.constant(row, _VALUE, item.value, style)
        sheet.guard((row, _VALUE, row, _VALUE), item)
        sheet.book.name(item.name, sheet.name, row, _VALUE)
        row += 1
    found = []
    for name, left, columns, rows, numbers in (
        ("Holdings", _HOLD, _HOLDINGS, _HOLDING_ROWS, ("Quantity", "Price")),
        ("Contracts", _SPEC, _CONTRACTS, _CONTRACT_ROWS, ("Size", "Mark", "Held")),
    ):
        _table(sheet, name, (_TOP + 1, left), columns, rows)
        titles = [title for title, *_ in columns]
        found.append(rows_of(name, titles, rows, numbers, source="invented rows"))
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_TOP + 25, _LAST)
    return found


def finish(sheet: Sheet) -> None:
    """Write the status and the figures, when the sheet that they read exists."""
    checks.headline(sheet, (3, _LEFT), _LAST, "portfolio_status", _STATUS)
    row = sheet.section(_SETTINGS_TOP - 1, "Result", _RESULT, _LAST)
    for item in _RESULTS:
        _line(sheet, row, (_RESULT, _FIGURE), item.label, item.unit)
        sheet.write(row, _FIGURE, item.guarded, "result", item.number)
        sheet.book.name(item.name, sheet.name, row, _FIGURE)
        row += 1


def _line(sheet: Sheet, row: int, place: tuple[int, int], label: str, unit: str) -> None:
    """A label over several narrow columns, and the unit behind its value."""
    first, value = place
    sheet.write(row, first, label, "label")
    for column in range(first + 1, value):
        sheet.write(row, column, None, "label")
    sheet.write(row, value + 1, unit, "measure")


def _table(
    sheet: Sheet,
    name: str,
    place: tuple[int, int],
    columns: Sequence[tuple[str, str, str, str]],
    rows: Sequence[Sequence[object]],
) -> int:
    """A table of inputs under a heading, with units above and a message for each column."""
    header, left = place
    sheet.section(header - 2, name, left, left + len(columns) - 1)
    for offset, (_, unit, _, _) in enumerate(columns):
        sheet.write(header - 1, left + offset, unit, "unit")
    layout = [(title, number, "") for title, _, number, _ in columns]
    last = sheet.table(name, place, layout, rows)
    for offset, (title, _, number, text) in enumerate(columns):
        choices = ("linear", "inverse") if title == "Type" else ()
        low = 0.0 if title in {"Price", "Size", "Lot", "Tick", "Mark", "price"} else None
        item = Input("", title, None, "", number, text, choices=choices, low=low)
        sheet.guard((header + 1, left + offset, last, left + offset), item)
    return last


def write_prices(book: Book, times: Sequence[datetime], prices: Mapping[str, Floats]) -> Rows:
    """Write the sheet Prices: one row for each time and name."""
    sheet = book.sheet("Prices", SKY, (2, 18, 14, 16, 3, 60))
    sheet.heading("Prices", "One row for each time and name, oldest first: coins and contracts")
    sheet.write(2, 1, "=summary_of_Prices", "note")
    rows = [
        (time, name, float(series[place]))
        for place, time in enumerate(times)
        for name, series in prices.items()
    ]
    for offset, (_, unit, _, _) in enumerate(_PRICES):
        sheet.write(_HEADER - 1, 1 + offset, unit, "unit")
    layout = [(title, number, "") for title, _, number, _ in _PRICES]
    last = sheet.table("Prices", (_HEADER, 1), layout, rows)
    for offset, (title, _, number, text) in enumerate(_PRICES, 1):
        item = Input("", title, None, "", number, text)
        sheet.guard((_HEADER + 1, offset, last, offset), item)
    sheet.cells.freeze_panes(_HEADER + 1, 2)
    sheet.page(_HEADER + PRINTED_ROWS, 3, repeat=_HEADER, portrait=True, pages_high=1)
    return rows_of("Prices", ("time", "asset", "price"), rows, ("price",), kind="sample",
                   source=samples.NOTICE, time="time")  # fmt: skip
