"""The sheets Book and Brackets: what is held, the accounts behind the futures, their brackets."""

from __future__ import annotations

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _sample_brackets as sample
from xlhedge.templates._layout import Book
from xlhedge.templates._sources import Rows
from xlhedge.templates._theme import AMBER

TABLES = ("Positions", "Accounts", "Brackets")
_POSITIONS = (
    ("BTC", "spot", None, None, 500, None, None, 70_000, 1, None, None),
    ("ETH", "spot", None, None, 5_000, None, None, 3_500, 1.2, None, None),
    ("BTC", "linear", "Venue A", "BTCUSDT", -560, 1, 69_500, 70_000, 1, None, None),
    ("BTC", "inverse", "Venue B", sample.INVERSE, -80_000, 100, 69_500, 70_000, 1, None, None),
)
_ACCOUNTS = (
    ("Venue A", None, 12_000_000, None, None, None, None, None, None),
    ("Venue B", "BTC", 75, None, None, 0.05, None, None, None),
)
_BRACKETS = (*sample.linear("BTC"), *sample.INVERSE_ROWS)
_LEFT = 1
_HEADER = 5
_PRINTED = 20


def write(book: Book) -> None:
    """Write the sheet Book."""
    widths = (2, 8, 11, 11, 12, 12, 12, 11, 11, 9, 9, 9, 13, 12)
    sheet = book.sheet("Book", AMBER, (*widths, 3, 14, 8, 14, 11, 12, 10, 13, 12, 10))
    sheet.heading("Book", "What is held now, and the accounts that margin the futures; type below "
                  "the last row: the tables grow by themselves")  # fmt: skip
    last = _LEFT + len(tables.POSITIONS) + 1
    sheet.section(2, "Positions", _LEFT, last)
    sheet.write(3, _LEFT, "Blank for spot: account, contract, contract_size, entry_price; blank "
                "days: a perpetual.", "note")  # fmt: skip
    tables.write(sheet, "Positions", (_HEADER, _LEFT), tables.POSITIONS, _POSITIONS)
    tables.values(sheet, (_HEADER, _LEFT + len(tables.POSITIONS)), len(_POSITIONS))
    right = last + 2
    end = right + len(tables.ACCOUNTS) - 1
    sheet.section(2, "Accounts", right, end)
    sheet.write(3, right, "A row for each coin of an account; blank asset: the stablecoin.", "note")
    tables.write(sheet, "Accounts", (_HEADER, right), tables.ACCOUNTS, _ACCOUNTS)
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(_HEADER + _PRINTED, end, pages_wide=2, repeat=_HEADER)
    sheet.cells.set_v_pagebreaks([right])


def write_brackets(book: Book) -> None:
    """Write the sheet Brackets."""
    about = ("Maintenance margin by size of the position; the row that names the most is the "
             "position's")  # fmt: skip
    tables.write_brackets(book, about, _BRACKETS)


def rows() -> list[Rows]:
    """What the tables hold in a fresh workbook."""
    return tables.examples(_POSITIONS, _ACCOUNTS, _BRACKETS)
