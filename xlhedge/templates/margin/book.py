"""The sheets of the tables: Positions, Accounts with Volatilities, and Brackets."""

from __future__ import annotations

from xlhedge.templates import _book_tables as tables
from xlhedge.templates._checks import Rows, rows_of
from xlhedge.templates._layout import Book, Sheet
from xlhedge.templates._theme import AMBER, SKY

TABLES = ("Positions", "Accounts", "Volatilities", "Brackets")
SOURCE = "Binance, October 2024; contracts with a name are invented"
_BRACKETS = {
    "BTC": (
        (0, 0.004, 0, 125),
        (50_000, 0.005, 50, 100),
        (600_000, 0.0065, 950, 75),
        (3_000_000, 0.01, 11_450, 50),
        (12_000_000, 0.02, 131_450, 25),
        (70_000_000, 0.025, 481_450, 20),
        (100_000_000, 0.05, 2_981_450, 10),
        (230_000_000, 0.1, 14_481_450, 5),
        (480_000_000, 0.125, 26_481_450, 4),
        (600_000_000, 0.15, 41_481_450, 3),
        (800_000_000, 0.25, 121_481_450, 2),
        (1_200_000_000, 0.5, 421_481_450, 1),
    ),
    "ETH": (
        (0, 0.004, 0, 125),
        (50_000, 0.005, 50, 100),
        (600_000, 0.0065, 950, 75),
        (3_000_000, 0.01, 11_450, 50),
        (12_000_000, 0.02, 131_450, 25),
        (50_000_000, 0.025, 381_450, 20),
        (65_000_000, 0.05, 2_006_450, 10),
        (150_000_000, 0.1, 9_506_450, 5),
        (320_000_000, 0.125, 17_506_450, 4),
        (400_000_000, 0.15, 27_506_450, 3),
        (530_000_000, 0.25, 80_506_450, 2),
        (800_000_000, 0.5, 280_506_450, 1),
    ),
    "SOL": (
        (0, 0.005, 0, 100),
        (20_000, 0.0065, 30, 75),
        (100_000, 0.01, 380, 50),
        (800_000, 0.02, 8_380, 25),
        (4_000_000, 0.025, 28_380, 20),
        (8_000_000, 0.05, 228_380, 10),
        (40_000_000, 0.1, 2_228_380, 5),
        (80_000_000, 0.125, 4_228_380, 4),
        (100_000_000, 0.25, 16_728_380, 2),
        (200_000_000, 0.5, 66_728_380, 1),
    ),
}
_DATED, _INVERSE = "BTC 28 MAR", "BTC-USD"
_OWN = (
    ("BTC", _INVERSE, 0, 0.004, 0, 125, "marginal", "notional"),
    ("BTC", _INVERSE, 20, 0.01, 0.12, 50, "marginal", "notional"),
    ("BTC", _INVERSE, 100, 0.025, 1.62, 20, "marginal", "notional"),
    ("BTC", _INVERSE, 400, 0.1, 31.62, 5, "marginal", "notional"),
    ("BTC", _DATED, 0, 0.02, None, 25, "whole", "notional"),
    ("BTC", _DATED, 5_000_000, 0.05, None, 10, "whole", "notional"),
    ("BTC", _DATED, 20_000_000, 0.1, None, 5, "whole", "notional"),
)
_POSITIONS = (
    ("BTC", "linear", "Venue A", None, -720, 1, 69_000, 70_000, None, None, None),
    ("ETH", "linear", "Venue A", None, -5_000, 1, 3_480, 3_500, None, None, None),
    ("SOL", "linear", "Venue A", None, -40_000, 1, 205, 200, None, None, None),
    ("BTC", "linear", "Venue A", None, 60, 1, 66_000, 70_000, None, None, None),
    ("BTC", "inverse", "Venue B", _INVERSE, -80_000, 100, 69_500, 70_000, None, None, None),
    ("BTC", "linear", "Venue B", _DATED, -40, 1, 71_000, 71_400, None, None, 86),
)
_ACCOUNTS = (
    ("Venue A", None, 14_000_000, None, None, None, None, None, None),
    ("Venue B", "BTC", 75, None, None, 0.05, None, None, None),
    ("Venue B", None, 500_000, None, None, None, None, None, None),
)
_VOLATILITIES = (("BTC", 0.55), ("ETH", 0.7), ("SOL", 0.9))
_CALCULATED = (
    ("notional", "money", "USD", tables.NOTIONAL),
    ("open_profit", "money", "USD", tables.PROFIT),
)
_LEFT = 1
_HEADER = 5
_PRINTED = 28


def write(book: Book) -> list[Rows]:
    """Write the three sheets; gives back what their tables hold."""
    _positions(book)
    _accounts(book)
    _brackets(book)
    held = [column.name for column in tables.POSITIONS]
    balances = [column.name for column in tables.ACCOUNTS]
    names = [column.name for column in tables.BRACKETS]
    return [
        rows_of("Positions", held, _POSITIONS, ("quantity", "entry_price", "price")),
        rows_of("Accounts", balances, _ACCOUNTS, ("balance",)),
        rows_of("Volatilities", ("asset", "volatility"), _VOLATILITIES, ("volatility",)),
        rows_of("Brackets", names, _bracket_rows(), ("rate", "max_leverage"), source=SOURCE),
    ]


def _positions(book: Book) -> None:
    widths = (2, 8, 12, 12, 14, 13, 12, 12, 12, 10, 10, 10, 14, 13)
    sheet = book.sheet("Positions", AMBER, widths)
    sheet.heading("Positions", "Every future, and the spot held in custody; type below the last "
                  "row: the table grows by itself")  # fmt: skip
    sheet.section(2, "Positions held", _LEFT, len(widths) - 1)
    sheet.write(3, _LEFT, "A position on isolated margin is an account of its own, with its margin "
                "as balance. Blank: contract of a perpetual, account of spot, days of a perpetual.",
                "note")  # fmt: skip
    tables.write(sheet, "Positions", (_HEADER, _LEFT), tables.POSITIONS, _POSITIONS, _CALCULATED)
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


def _brackets(book: Book) -> None:
    widths = (2, 9, 12, 12, 14, 16, 11, 15, 13, 12, 12)
    sheet = book.sheet("Brackets", SKY, widths)
    sheet.heading("Brackets", "Maintenance margin by size of the position, of every venue; the row "
                  "that names the most is the position's")  # fmt: skip
    sheet.section(2, "The venues' brackets", _LEFT, len(widths) - 1)
    sheet.write(3, _LEFT, f"{SOURCE}. Venues change them: enter today's.", "note")
    last = tables.write(sheet, "Brackets", (_HEADER, _LEFT), tables.BRACKETS, _bracket_rows())
    _finish(sheet, len(widths) - 1, last)


def _bracket_rows() -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [
        (asset, None, None, None, *row, "marginal", "notional")
        for asset, table in _BRACKETS.items()
        for row in table
    ]
    return rows + [(asset, None, None, contract, *row) for asset, contract, *row in _OWN]


def _finish(sheet: Sheet, column: int, row: int = _HEADER + _PRINTED) -> None:
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(row, column, repeat=_HEADER)
