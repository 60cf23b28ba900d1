"""The sheets of the tables: Positions, Accounts with Volatilities, and Brackets."""

from __future__ import annotations

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _sample_brackets as sample
from xlhedge.templates._layout import Book, Sheet
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import AMBER

TABLES = ("Positions", "Accounts", "Volatilities", "Brackets")
_POSITIONS = (
    ("BTC", "linear", "Venue A", None, -720, 1, 69_000, 70_000, None, None, None),
    ("ETH", "linear", "Venue A", None, -5_000, 1, 3_480, 3_500, None, None, None),
    ("SOL", "linear", "Venue A", None, -40_000, 1, 205, 200, None, None, None),
    ("BTC", "linear", "Venue A", None, 60, 1, 66_000, 70_000, None, None, None),
    ("BTC", "inverse", "Venue B", sample.INVERSE, -80_000, 100, 69_500, 70_000, None, None, None),
    ("BTC", "linear", "Venue B", sample.DATED, -40, 1, 71_000, 71_400, None, None, 86),
)
_ACCOUNTS = (
    ("Venue A", None, 14_000_000, None, None, None, None, None, None),
    ("Venue B", "BTC", 75, None, None, 0.05, None, None, None),
    ("Venue B", None, 500_000, None, None, None, None, None, None),
)
_VOLATILITIES = (("BTC", 0.55), ("ETH", 0.7), ("SOL", 0.9))
_BRACKETS = (*sample.linear("BTC", "ETH", "SOL"), *sample.INVERSE_ROWS, *sample.DATED_ROWS)
_LEFT = 1
_HEADER = 5
_PRINTED = 28


def write(book: Book) -> list[Rows]:
    """Write the three sheets; gives back what their tables hold."""
    _positions(book)
    _accounts(book)
    about = ("Maintenance margin by size of the position, of every venue; the row that names the "
             "most is the position's")  # fmt: skip
    tables.write_brackets(book, about, _BRACKETS)
    positions, accounts, brackets = tables.examples(_POSITIONS, _ACCOUNTS, _BRACKETS)
    names = ("asset", "volatility")
    volatilities = rows_of("Volatilities", names, _VOLATILITIES, ("volatility",))
    return [positions, accounts, volatilities, brackets]


def _positions(book: Book) -> None:
    widths = (2, 8, 12, 12, 14, 13, 12, 12, 12, 10, 10, 10, 14, 13)
    sheet = book.sheet("Positions", AMBER, widths)
    sheet.heading("Positions", "Every future, and the spot held in custody; type below the last "
                  "row: the table grows by itself")  # fmt: skip
    sheet.section(2, "Positions held", _LEFT, len(widths) - 1)
    sheet.write(3, _LEFT, "A position on isolated margin is an account of its own, with its margin "
                "as balance. Blank: contract of a perpetual, account of spot, days of a perpetual.",
                "note")  # fmt: skip
    tables.write(sheet, "Positions", (_HEADER, _LEFT), tables.POSITIONS, _POSITIONS)
    tables.values(sheet, (_HEADER, _LEFT + len(tables.POSITIONS)), len(_POSITIONS))
    _finish(sheet, len(widths) - 1)


def _accounts(book: Book) -> None:
    widths = (2, 16, 9, 15, 12, 12, 13, 14, 12, 10, 3, 10, 12)
    sheet = book.sheet("Accounts", AMBER, widths)
    sheet.heading("Accounts", "What each account holds, and how much each coin moves")
    sheet.section(2, "Balances", _LEFT, len(tables.ACCOUNTS))
    sheet.write(3, _LEFT, "A row for each coin of an account; blank asset: the stablecoin. Blank "
                "is the usual in the columns to the right.", "note")  # fmt: skip
    tables.write(sheet, "Accounts", (_HEADER, _LEFT), tables.ACCOUNTS, _ACCOUNTS)
    right = _LEFT + len(tables.ACCOUNTS) + 1
    sheet.section(2, "Volatilities", right, right + 1)
    tables.write(sheet, "Volatilities", (_HEADER, right), tables.VOLATILITIES, _VOLATILITIES)
    _finish(sheet, len(widths) - 1)


def _finish(sheet: Sheet, column: int) -> None:
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(_HEADER + _PRINTED, column, repeat=_HEADER)
