"""The sheets Book and Brackets: what is held, the accounts behind it, the venues' brackets."""

from __future__ import annotations

from collections.abc import Sequence

from xlhedge.templates import _book_tables
from xlhedge.templates._book_tables import Column
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
POSITION = (
    Column("asset", "text", "coin", "The coin, or the future's underlying."),
    Column("instrument", "text", "", "spot, linear (profit in USDT) or inverse (profit in coin).",
           choices=("spot", "linear", "inverse")),
    Column("account", "text", "", "A future's margin account, as in Accounts; blank for spot."),
    Column("contract", "text", "", "The venue's name of the contract; blank for spot."),
    Column("quantity", "quantity", "coins, contracts", "Held now; negative when short; 0 for a "
           "contract that only hedges."),
    Column("price", "price", "USD", "Price now; of a future its mark price.", 0.0),
    Column("contract_size", "quantity", "coins or USD", "Coins per linear, US dollars per inverse "
           "contract; blank for spot.", 0.0),
    Column("entry_price", "price", "USD", "Average entry price; blank: today's price.", 0.0),
    Column("beta", "ratio", "to the market", "Log return for 1 % of the market; one value per "
           "coin; blank: 1."),
    Column("days", "quantity", "to expiry", "Blank: a perpetual, or spot.", 0.0),
)  # fmt: skip
_CALCULATED = (
    ("market", "price", "USD, History", _MARKET),
    ("difference", "share", "of the market", _DIFFERENCE),
    ("exposure", "money", "USD, × beta", _EXPOSURE),
    ("funded", "money", "USD, perpetual", _FUNDED),
)
ACCOUNT = (
    Column("account", "text", "", "The name that positions use."),
    Column("asset", "text", "coin", "The coin that the balance is in; blank: the stablecoin in "
           "which linear contracts settle."),
    Column("balance", "quantity", "USDT or coins", "Cash in the account without open profit; "
           "negative: a debt."),
    Column("price", "price", "USD", "Of the coin, where Positions has no spot row of it.", 0.0),
    Column("haircut", "percent", "of the value", "What the venue takes off collateral.", 0.0, 1.0),
    Column("debt_rate", "share", "of a debt", "Maintenance per unit of debt; blank: 0.", 0.0, 1.0),
    Column("netting", "text", "", "gross (blank), net, or larger: how longs and shorts count.",
           choices=("gross", "net", "larger")),
)  # fmt: skip
BRACKET = (
    Column("asset", "text", "coin", "Blank: any coin."),
    Column("account", "text", "", "Blank: any account."),
    Column("contract", "text", "", "Blank: any contract."),
    Column("floor", "money", "above", "In the quote currency for linear, in coin for inverse.",
           0.0),
    Column("rate", "share", "of notional", "Maintenance margin of the bracket.", 0.0, 1.0),
    Column("amount", "money", "", "What the venue deducts ('cum'). Blank: it follows.", 0.0),
    Column("max_leverage", "integer", "times", "May be blank.", 0.0),
    Column("schedule", "text", "", "marginal (blank), or whole: the rate on the whole position.",
           choices=("marginal", "whole")),
)  # fmt: skip
POSITION_INPUTS = tuple(column.name for column in POSITION)
_HEADER = 6
_LEFT = 1
_RIGHT = _LEFT + len(POSITION) + len(_CALCULATED) + 1
_PRINTED = 40


def write(
    book: Book, positions: Sequence[Sequence[object]], accounts: Sequence[Sequence[object]]
) -> None:
    """Write the sheet Book."""
    widths = (2, 9, 12, 14, 22, 15, 13, 14, 13, 13, 10, 14, 13, 17, 17, 3, 14, 9, 16, 13, 12, 11,
              10)  # fmt: skip
    sheet = book.sheet("Book", AMBER, widths)
    sheet.heading("Book", "What is held now, and the accounts that margin the futures")
    sheet.write(2, _LEFT, "Type below the last row: the tables grow by themselves. The last four "
                "columns of Positions fill themselves.", "note")  # fmt: skip
    sheet.section(3, "Positions", _LEFT, _RIGHT - 2)
    sheet.write(4, _LEFT, "Spot is custody and has no account: coins in a margin account belong to "
                "Accounts, else they count twice.", "note")  # fmt: skip
    sheet.section(3, "Accounts", _RIGHT, _RIGHT + len(ACCOUNT) - 1)
    sheet.write(4, _RIGHT, "Every account that a position names; a row for each coin in it.",
                "note")  # fmt: skip
    _book_tables.write(sheet, "Positions", (_HEADER, _LEFT), POSITION, positions, _CALCULATED)
    _book_tables.write(sheet, "Accounts", (_HEADER, _RIGHT), ACCOUNT, accounts)
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(_HEADER + _PRINTED, _RIGHT + len(ACCOUNT) - 1, pages_high=1)


def write_brackets(book: Book, rows: Sequence[Sequence[object]], note: str) -> None:
    """Write the sheet Brackets."""
    sheet = book.sheet("Brackets", SKY, (2, 9, 14, 22, 17, 11, 16, 14, 12))
    sheet.heading("Brackets", "Maintenance margin by size of the position: the row with the most "
                  "names in common is the position's")  # fmt: skip
    sheet.write(2, _LEFT, note, "note")
    last = _book_tables.write(sheet, "Brackets", (5, _LEFT), BRACKET, rows)
    sheet.cells.freeze_panes(6, 0)
    sheet.page(last, len(BRACKET), repeat=5, portrait=True)
