"""The sheets that the user fills: holdings and contract specifications, and the prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from xlhedge.core.types import Floats
from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import NAVY, SKY

_STEPS = (
    "1  Fill Holdings: what is held and the contract that hedges it, its own or a proxy.",
    "2  Fill Contracts: the specification of each future and the position held in it.",
    "3  Paste prices of the coins and of the contracts into Prices: betas and effectiveness.",
    "4  Read sizing, tickets and deltas on the sheet Hedge.",
    "Blue on yellow: input.  Grey: constant.  Every result is on Hedge.  Needs Excel 365.",
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
)  # fmt: skip
_HOLDINGS = (
    ("Asset", "coin", "text", "Name of the coin, as in Prices."),
    ("Contract", "of Contracts", "text", "The future that hedges it: its own, or a proxy."),
    ("Quantity", "coins", "quantity", "Coins held; negative when borrowed and sold."),
    ("Price", "USD", "price", "Spot price now."),
    ("Share", "to hedge", "percent", "100 % hedges all of it."),
    ("Beta", "blank: estimated", "ratio", "Leave it blank to estimate it from Prices."),
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
    ("Held", "contracts", "quantity", "Position now, negative when short."),
)
_CONTRACT_ROWS = (
    ("BTC-PERP", "Venue A", "BTC", "linear", 1, 0.1, 0.1, 0.0005, 70_020, -290),
    ("ETH-PERP", "Venue A", "ETH", "linear", 1, 1, 0.01, 0.0005, 3_501, -3_000),
    ("BTC-COIN", "Venue B", "BTC", "inverse", 100, 1, 0.5, 0.0005, 70_010, -28_000),
)
_LEFT, _HOLD, _SPEC = 1, 6, 13
_TOP = 11
_HEADER = 4
_PRICES = (
    ("time", "UTC", "time", "When the price was seen; the same times for every name."),
    ("asset", "name", "text", "Coin of Holdings or contract of Contracts."),
    ("price", "USD", "price", "Its price."),
)
_SOURCE = Input("prices_source", "Source of the rows", None, "", "text",
                "Say where the rows come from: the sheet Hedge shows it.")  # fmt: skip


def write(book: Book) -> Sheet:
    """Write the first sheet: instructions, settings, holdings, contracts."""
    widths = (2, 27, 12, 14, 50, 3, 10, 14, 13, 13, 11, 15, 3, *(12.0,) * 10)
    sheet = book.sheet("Portfolio", NAVY, widths)
    sheet.heading("Portfolio", "What is held and what it can be hedged with")
    sheet.steps(2, _LEFT, _STEPS)
    sheet.write(8, _LEFT, "Example holdings and contracts: replace them.", "notice")
    row = sheet.section(_TOP - 1, "Settings", _LEFT, _LEFT + 3)
    sheet.inputs(row, _LEFT, _SETTINGS)
    last = max(
        _table(sheet, "Holdings", (_TOP + 1, _HOLD), _HOLDINGS, _HOLDING_ROWS),
        _table(sheet, "Contracts", (_TOP + 1, _SPEC), _CONTRACTS, _CONTRACT_ROWS),
    )
    sheet.cells.freeze_panes(2, 0)
    sheet.page(last + 18, _SPEC + len(_CONTRACTS) - 1, pages_high=1)
    return sheet


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


def write_prices(
    book: Book, source: str, times: Sequence[datetime], prices: Mapping[str, Floats]
) -> Sheet:
    """Write the sheet Prices: one row for each time and name."""
    sheet = book.sheet("Prices", SKY, (2, 18, 14, 16, 3, 60))
    sheet.heading("Prices", "One row for each time and name, oldest first: coins and contracts")
    sheet.constant(2, 1, source, sheet.style("input"))
    for column in (2, 3):
        sheet.cells.write_blank(2, column, None, sheet.style("input"))
    sheet.guard((2, 1, 2, 1), _SOURCE)
    book.name(_SOURCE.name, sheet.name, 2, 1)
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
    sheet.page(last, 3, repeat=_HEADER, portrait=True)
    return sheet
