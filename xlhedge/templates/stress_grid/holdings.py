"""The sheet Book: what is held, and the margin accounts behind the futures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import AMBER

POSITIONS_COMPLETE = (
    "OR(COUNT(Positions[quantity])<ROWS(Positions[quantity]),"
    "COUNT(Positions[price])<ROWS(Positions[price]))",
    "complete the positions",
)
ACCOUNTS_COMPLETE = (
    "COUNT(Accounts[balance])<ROWS(Accounts[balance])",
    "complete the accounts",
)
READY = (POSITIONS_COMPLETE, ACCOUNTS_COMPLETE)
"""The hints of whatever revalues the book."""


class _Column(NamedTuple):
    name: str
    number: str
    unit: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


_POSITION = (
    _Column("asset", "text", "coin", "The coin, or the future's underlying."),
    _Column("instrument", "text", "", "spot, linear (profit in USDT) or inverse (profit in coin).",
            choices=("spot", "linear", "inverse")),
    _Column("account", "text", "", "A future's margin account, as in Accounts; blank for spot."),
    _Column("quantity", "quantity", "coins, contracts", "Negative when short or borrowed."),
    _Column("price", "price", "USD", "Price now.", 0.0),
    _Column("contract_size", "quantity", "coins or USD", "Coins per linear, US dollars per inverse "
            "contract; blank for spot.", 0.0),
    _Column("entry_price", "price", "USD", "Average entry price; blank: today's price.", 0.0),
    _Column("beta", "ratio", "to the shock", "Log return for 1 % of the shock; blank: 1."),
    _Column("maintenance_rate", "share", "of notional", "Of the position's bracket.", 0.0, 1.0),
    _Column("maintenance_amount", "money", "USDT or coin", "What the venue deducts ('cum').", 0.0),
)  # fmt: skip
_ACCOUNT = (
    _Column("account", "text", "", "The name that positions use."),
    _Column("asset", "text", "coin", "The coin that the balance is in; blank: stablecoin."),
    _Column("balance", "quantity", "USDT or coins", "Cash in the account, without open profit."),
    _Column("haircut", "percent", "of the value", "What the venue takes off collateral.", 0.0, 1.0),
)
_POSITIONS = (
    ("BTC", "spot", None, 500, 70_000, None, None, 1, None, None),
    ("ETH", "spot", None, 5_000, 3_500, None, None, 1.2, None, None),
    ("BTC", "linear", "Venue A", -560, 70_000, 1, 69_500, 1, 0.02, 131_450),
    ("BTC", "inverse", "Venue B", -80_000, 70_000, 100, 69_500, 1, 0.01, None),
)
_ACCOUNTS = (("Venue A", None, 12_000_000, None), ("Venue B", "BTC", 75, 0.05))
_LEFT = 1
_HEADER = 6
_RIGHT = _LEFT + len(_POSITION) + 1
_LAST = _RIGHT + len(_ACCOUNT) - 1
_PRINTED = 24


def write(book: Book) -> Sheet:
    """Write the sheet."""
    widths = (2, 9, 12, 12, 17, 13, 14, 13, 12, 18, 20, 3, 14, 9, 15, 12)
    sheet = book.sheet("Book", AMBER, widths)
    sheet.heading("Book", "What is held now, and the accounts that margin the futures")
    sheet.write(2, _LEFT, "EXAMPLE: the positions are invented. Type below the last row: the "
                "tables grow by themselves.", "notice")  # fmt: skip
    _table(sheet, "Positions", _LEFT, _POSITION, _POSITIONS, "Blank for spot: contract_size, "
           "entry_price, account and maintenance.")  # fmt: skip
    _table(sheet, "Accounts", _RIGHT, _ACCOUNT, _ACCOUNTS, "Every account that a position names.")
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(_HEADER + _PRINTED, _LAST, pages_high=1)
    return sheet


def _table(
    sheet: Sheet,
    name: str,
    left: int,
    columns: Sequence[_Column],
    rows: Sequence[Sequence[object]],
    note: str,
) -> None:
    sheet.section(3, name, left, left + len(columns) - 1)
    sheet.write(4, left, note, "note")
    last = sheet.table(name, (_HEADER, left), [(c.name, c.number, "") for c in columns], rows)
    for place, column in enumerate(columns, left):
        sheet.write(_HEADER - 1, place, column.unit, "unit")
        item = Input("", column.name, None, "", column.number, column.help, column.choices,
                     column.low, column.high)  # fmt: skip
        sheet.guard((_HEADER + 1, place, last, place), item)
