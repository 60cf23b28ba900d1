"""The ranges that the desk's functions read, and the hints that stand where one is incomplete."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_range_abs

from xlhedge.templates import _book_tables
from xlhedge.templates._formulas import equal_texts, explained, with_equal_texts
from xlhedge.templates._layout import Sheet

ROOM = 100
"""Rows of Positions and of Accounts that the book after the trade has room for."""
ASSETS_ROOM, ACCOUNTS_ROOM, LIQUIDATION_ROOM, SCENARIOS_ROOM = 12, 12, 24, 30
"""Rows that reports by asset, by account, by account and asset, and by scenario have room for."""

POSITIONS = "Positions[[#All],[asset]:[days]]"
ACCOUNTS = "Accounts[#All]"
BRACKETS = "Brackets[#All]"
TRADE_SHEET = "Trade"
AFTER_TOP = 46
"""Row of the headings of the book after the trade, counted from 0."""
AFTER_LEFT, AFTER_ACCOUNTS_LEFT = 1, 13
POSITION_COLUMNS, ACCOUNT_COLUMNS = (
    tuple(column.name for column in columns)
    for columns in (_book_tables.POSITIONS, _book_tables.ACCOUNTS)
)
POSITIONS_AFTER = (
    f"{TRADE_SHEET}!"
    f"{xl_range_abs(AFTER_TOP, AFTER_LEFT, AFTER_TOP + ROOM, AFTER_LEFT + len(POSITION_COLUMNS) - 1)}"  # noqa: E501
)
ACCOUNTS_AFTER = (
    f"{TRADE_SHEET}!"
    f"{xl_range_abs(AFTER_TOP, AFTER_ACCOUNTS_LEFT, AFTER_TOP + ROOM, AFTER_ACCOUNTS_LEFT + len(ACCOUNT_COLUMNS) - 1)}"  # noqa: E501
)


class Side(NamedTuple):
    """The book as it is held, or after the trade: its name and its two ranges."""

    name: str
    title: str
    positions: str
    accounts: str
    hint: str
    """What must be complete."""


HELD = Side("held", "Held", POSITIONS, ACCOUNTS, "book")
AFTER = Side("after", "After the trade", POSITIONS_AFTER, ACCOUNTS_AFTER, "trade")
SIDES = (HELD, AFTER)


def gated(formula: str, *hints: str) -> str:
    """A formula that quietly shows what is missing: the text of the first hint that is not blank.

    Examples
    --------
    >>> gated("=1/price", "book")
    '=IF(hint_book<>"",hint_book,1/price)'
    """
    for hint in reversed(hints):
        formula = f'=IF(hint_{hint}<>"",hint_{hint},{formula[1:]})'
    return formula


def titled(
    sheet: Sheet,
    place: tuple[int, int],
    formula: str,
    rows: int,
    columns: tuple[tuple[str, str], ...],
    room: int = 0,
) -> None:
    """A spill with a header of its own, whose headings show a title in the place of their names.

    Parameters
    ----------
    sheet, place
        Where its header begins.
    formula
        What spills.
    rows
        Rows below the header that it is expected to fill.
    columns
        Title and kind of number of each column.
    room
        Rows below the header that it may fill.
    """
    row, column = place
    sheet.spill(row, column, formula, rows + 1, [number for _, number in columns], room + 1)
    for offset, (title, number) in enumerate(columns):
        left = number == "text"
        shown = f';;;"{title}"' if title else "General"
        style = sheet.style("header", align="left" if left else "right", indent=int(left),
                            num_format=shown)  # fmt: skip
        if offset:
            sheet.cells.write_blank(row, column + offset, None, style)
        else:
            # A hint has to be read where the spill is not there.
            first = sheet.style("header", align="left", indent=1, text_wrap=False)
            kinds = [number for _, number in columns]
            sheet.formula(row, column, with_equal_texts(formula, kinds), first)


def no_equity(call: str) -> str:
    """A table of a call whose ratio says so where no equity is left; a failed call stays one."""
    table = equal_texts("x")
    return f'=LET(x,{call[1:]},IF(ISERROR(INDEX(x,1,1)),x,IFERROR({table},"no equity")))'


def reason(sheet: Sheet, place: tuple[int, int], call: str, cell: str, note: str) -> None:
    """A note that gives way to the reason where a call of ours fails in `cell`."""
    sheet.write(*place, explained(call, cell, note), "note")
