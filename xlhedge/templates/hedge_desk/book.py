"""The sheets Book and Brackets: what is held, the accounts behind it, the venues' brackets."""

from __future__ import annotations

from collections.abc import Sequence

from xlhedge.templates import _book_tables
from xlhedge.templates._book_tables import ACCOUNTS, BRACKETS, POSITIONS
from xlhedge.templates._layout import Book
from xlhedge.templates._theme import AMBER, SKY

_SPOT = '[@instrument]="spot"'
_BLANK = 'OR([@asset]="",[@quantity]="",[@price]="")'
_OWN_COLUMN = 'MATCH([@asset]&" "&[@contract]&" futures",History[#Headers],0)'
_ASSET_COLUMN = 'MATCH([@asset]&IF([@instrument]="spot"," spot"," futures"),History[#Headers],0)'
_LAST_ROW = "INDEX(History[[time]:[gap_hours]],ROWS(History[time]),{})"
_MARKET = (
    f'=IF([@asset]="","",IF(AND([@instrument]<>"spot",[@contract]<>""),'
    f'IFERROR({_LAST_ROW.format(_OWN_COLUMN)},IF([@days]="",'
    f'IFERROR({_LAST_ROW.format(_ASSET_COLUMN)},""),"")),'
    f'IF([@days]="",IFERROR({_LAST_ROW.format(_ASSET_COLUMN)},""),"")))'
)
_DIFFERENCE = '=IF(OR([@price]="",N([@market])=0),"",[@price]/[@market]-1)'
_BETA = "IFERROR(AVERAGEIFS(Positions[beta],Positions[asset],[@asset]),1)"
_SIZE = 'IF([@[contract_size]]="",1,[@[contract_size]])'
_EXPOSURE = (
    f'=IF({_BLANK},"",{_BETA}*[@quantity]*IF({_SPOT},[@price],{_SIZE}*'
    'IF([@instrument]="linear",[@price],IF([@[entry_price]]="",1,[@price]/[@[entry_price]]))))'
)
_FUNDED = (
    f'=IF({_BLANK},"",IF(OR({_SPOT},[@days]<>""),0,[@quantity]*{_SIZE}*'
    'IF([@instrument]="linear",[@price],1)))'
)
_CALCULATED = (
    ("market", "price", "USD, History", _MARKET),
    ("difference", "share", "of the market", _DIFFERENCE),
    ("exposure", "money", "USD, × beta", _EXPOSURE),
    ("funded", "money", "USD, perpetual", _FUNDED),
)
_HEADER = 6
_LEFT = 1
_RIGHT = _LEFT + len(POSITIONS) + len(_CALCULATED) + 1
_PRINTED = 40


def write(
    book: Book, positions: Sequence[Sequence[object]], accounts: Sequence[Sequence[object]]
) -> None:
    """Write the sheet Book."""
    widths = (2, 9, 12, 14, 22, 15, 14, 13, 13, 13, 12, 10, 14, 13, 17, 17, 3, 14, 9, 16, 13, 12,
              11, 14, 11, 10)  # fmt: skip
    sheet = book.sheet("Book", AMBER, widths)
    sheet.heading("Book", "What is held now, and the accounts that margin the futures")
    sheet.write(2, _LEFT, "Type below the last row: the tables grow by themselves. The last four "
                "columns of Positions fill themselves.", "note")  # fmt: skip
    sheet.section(3, "Positions", _LEFT, _RIGHT - 2)
    sheet.write(4, _LEFT, "Spot is custody and has no account: coins in a margin account belong to "
                "Accounts, else they count twice.", "note")  # fmt: skip
    sheet.section(3, "Accounts", _RIGHT, _RIGHT + len(ACCOUNTS) - 1)
    sheet.write(4, _RIGHT, "Every account that a position names; a row for each coin in it.",
                "note")  # fmt: skip
    _book_tables.write(sheet, "Positions", (_HEADER, _LEFT), POSITIONS, positions, _CALCULATED)
    _book_tables.write(sheet, "Accounts", (_HEADER, _RIGHT), ACCOUNTS, accounts)
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(_HEADER + _PRINTED, _RIGHT + len(ACCOUNTS) - 1, pages_wide=2)
    sheet.cells.set_v_pagebreaks([_RIGHT])


def write_brackets(book: Book, rows: Sequence[Sequence[object]], note: str) -> None:
    """Write the sheet Brackets."""
    sheet = book.sheet("Brackets", SKY, (2, 9, 12, 14, 22, 17, 11, 16, 14, 12, 12))
    sheet.heading("Brackets", "Maintenance margin by size of the position: the row with the most "
                  "names in common is the position's")  # fmt: skip
    sheet.write(2, _LEFT, note, "note")
    last = _book_tables.write(sheet, "Brackets", (5, _LEFT), BRACKETS, rows)
    sheet.cells.freeze_panes(6, 0)
    sheet.page(last, len(BRACKETS), repeat=5)
