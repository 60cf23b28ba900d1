"""The sheet Liquidation: the prices at which each account is liquidated, coin by coin."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates import _book_tables as tables
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Sheet, with_hints
from xlhedge.templates._spills import body
from xlhedge.templates._theme import VERMILLION

ROOM = 200
"""Rows for which there is room."""
_SHEET = "Liquidation"
_ROWS = 4
_ROOM = 200
_HEADER = 6
_FIRST = _HEADER + 1
_TITLES = ("Account", "Asset", "Price", "Below", "Above", "Distance below", "Distance above")
_UNITS = ("", "coin", "USD", "USD", "USD", "of the price", "of the price")
_NUMBERS = ("text", "text", "price", "price", "price", "percent", "percent")


class _Block(NamedTuple):
    left: int
    others: str
    title: str
    note: str


_BLOCKS = (
    _Block(1, "held", "If one coin moves alone",
           "none: no price of it liquidates the account. Distance 0: liquidated today."),
    _Block(9, "beta", "If all coins move together, each by its beta",
           "The coin's price at which the account is liquidated while the others move with it."),
)  # fmt: skip


def column(place: int, block: int = 0) -> str:
    """A column of a block, as other sheets name it."""
    left = _BLOCKS[block].left + place
    return f"{_SHEET}!{xl_range_abs(_FIRST, left, _FIRST + ROOM - 1, left)}"


ACCOUNT, ASSET, BELOW, ABOVE = (column(place) for place in (0, 1, 3, 4))
DISTANCE_BELOW, DISTANCE_ABOVE = column(5), column(6)


def write(book: Book) -> Sheet:
    """Write the sheet."""
    block = (15, 8, 12, 13, 13, 12, 12)
    sheet = book.sheet(_SHEET, VERMILLION, (2, *block, 3, *block))
    sheet.heading(_SHEET, "The prices of each coin at which an account falls below its maintenance")
    for item in _BLOCKS:
        last = item.left + len(_TITLES) - 1
        sheet.section(3, item.title, item.left, last)
        for offset, unit in enumerate(_UNITS):
            sheet.write(_HEADER - 1, item.left + offset, unit, "unit")
        sheet.headers(_HEADER, item.left, _TITLES, texts=(0, 1))
        call = f'ACCOUNT_LIQUIDATION({tables.BOOK},Brackets[#All],"{item.others}")'
        formula = body(call, 'IF(x&""="","none",x)')
        sheet.spill(_FIRST, item.left, with_hints(formula, tables.READY), _ROWS, _NUMBERS, _ROOM)
        cell = xl_rowcol_to_cell(_FIRST, item.left)
        sheet.write(4, item.left, explained(f"={call}", cell, item.note), "note")
    sheet.cells.set_row(_HEADER, 32)
    sheet.cells.freeze_panes(_FIRST, 0)
    sheet.page(_FIRST + 27, _BLOCKS[1].left + len(_TITLES) - 1, pages_wide=2, repeat=_HEADER)
    sheet.cells.set_v_pagebreaks([_BLOCKS[1].left])
    return sheet
