"""The tables of a book: positions, accounts, brackets and volatilities, as the functions take them.

Each column is one of the ranges of a book, so a table goes into a call as it stands. What the sheet
calculates of the positions spills beside the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from xlhedge.templates import _sample_brackets as sample
from xlhedge.templates._layout import Book, Hints, Input, Sheet, with_hints
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import SKY


class Column(NamedTuple):
    """A column of a table: what it holds, its unit, what it means, and what it may hold."""

    name: str
    number: str
    unit: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


POSITIONS = (
    Column("asset", "text", "coin", "The coin, or the future's underlying."),
    Column("instrument", "text", "", "spot, linear (profit in USDT) or inverse (profit in coin).",
           choices=("spot", "linear", "inverse")),
    Column("account", "text", "", "A future's account, as in Accounts; blank for spot. Isolated "
           "margin: an account for that position alone."),
    Column("contract", "text", "", "The venue's name of the contract; blank: the perpetual."),
    Column("quantity", "quantity", "coins, contracts", "Negative when short or borrowed."),
    Column("contract_size", "quantity", "coins or USD", "Coins per linear, US dollars per inverse "
           "contract; blank: 1.", 0.0),
    Column("entry_price", "price", "USD", "Average entry price; blank: today's price.", 0.0),
    Column("price", "price", "USD, mark", "Price at which the venue values it now.", 0.0),
    Column("beta", "ratio", "to the market", "Log return for 1 % of the market's; blank: 1."),
    Column("fee_rate", "share", "of notional", "Liquidation fee where the venue counts it as "
           "maintenance; blank: 0.", 0.0, 1.0),
    Column("days", "days", "to expiry", "Blank: a perpetual."),
)  # fmt: skip
"""The range positions."""
ACCOUNTS = (
    Column("account", "text", "", "The name that positions use."),
    Column("asset", "text", "coin", "The coin that the balance is in; blank: the stablecoin in "
           "which linear contracts settle."),
    Column("balance", "quantity", "USDT or coins", "Cash in the account, without open profit; "
           "negative: a debt."),
    Column("price", "price", "USD", "Of that coin, where Positions has none.", 0.0),
    Column("kind", "text", "", "coin or stablecoin, where the name does not tell.",
           choices=("coin", "stablecoin")),
    Column("haircut", "percent", "of the value", "What the venue takes off collateral.", 0.0, 1.0),
    Column("haircut_pnl", "flag", "TRUE or FALSE", "TRUE: open profit in coin has the haircut, too "
           "(portfolio margin).", choices=("TRUE", "FALSE")),
    Column("debt_rate", "share", "of the debt", "Maintenance per unit of debt.", 0.0, 1.0),
    Column("netting", "text", "", "How longs and shorts of one contract count; blank: gross.",
           choices=("gross", "net", "larger")),
)  # fmt: skip
"""The range accounts."""
BRACKETS = (
    Column("asset", "text", "coin", "The coin; blank: any."),
    Column("instrument", "text", "", "linear or inverse; blank: both.",
           choices=("linear", "inverse")),
    Column("account", "text", "", "The account; blank: any."),
    Column("contract", "text", "", "The venue's name of the contract; blank: any."),
    Column("floor", "money", "above", "The bracket holds for sizes above this; the first is 0.",
           0.0),
    Column("rate", "share", "of notional", "Maintenance margin as a share.", 0.0, 1.0),
    Column("amount", "money", "USDT or coin", "What the venue deducts ('cum'). Blank: it follows "
           "from the rates.", 0.0),
    Column("max_leverage", "integer", "times", "Highest leverage allowed. May be blank.", 0.0),
    Column("schedule", "text", "", "marginal: each part at its own rate; whole: the bracket's rate "
           "on all of the position.", choices=("marginal", "whole")),
    Column("unit", "text", "of floor", "notional (USDT; coin for inverse), contracts or coins.",
           choices=("notional", "contracts", "coins")),
)  # fmt: skip
"""The range tiers."""
VOLATILITIES = (
    Column("asset", "text", "coin", "Every coin of Positions and Accounts."),
    Column("volatility", "percent", "per year", "VOL_EWMA or VOL_GARCH estimate it.", 0.0, 10.0),
)  # fmt: skip
"""The range volatilities."""
PLACE = "ROW({0})-ROW({1}[[#Headers],[{2}]])"
"""The number of each row of a table, as an expression."""

BOOK = "Positions[#All],Accounts[#All]"
"""Positions and accounts as arguments."""
POSITIONS_READY: Hints = (
    ("COUNTA(Positions[asset])=0", "enter the positions"),
    ("COUNT(Positions[quantity],Positions[price])<ROWS(Positions[asset])+ROWS(Positions[asset])",
     "complete the positions"),
)  # fmt: skip
ACCOUNTS_READY: Hints = (
    ("COUNTA(Accounts[account])=0", "enter the accounts"),
    ("COUNT(Accounts[balance])<ROWS(Accounts[account])", "complete the accounts"),
)
BRACKETS_READY: Hints = (("COUNT(Brackets[rate])=0", "enter the brackets"),)
READY: Hints = (*POSITIONS_READY, *ACCOUNTS_READY, *BRACKETS_READY)
"""The hints of whatever values the accounts."""

_CONTRACTS = (
    'Positions[quantity]*IF(Positions[instrument]="spot",1,'
    'IF(Positions[contract_size]="",1,Positions[contract_size]))'
)
_PRICED = "ISNUMBER(Positions[quantity])*ISNUMBER(Positions[price])"
_NOTIONAL = (
    f'=IF({_PRICED}=0,"",{_CONTRACTS}*IF(Positions[instrument]="inverse",1,Positions[price]))'
)
_PROFIT = (
    f'=IF({_PRICED}*ISNUMBER(Positions[entry_price])*(Positions[instrument]<>"spot")=0,0,'
    f'{_CONTRACTS}*IF(Positions[instrument]="inverse",Positions[price]/Positions[entry_price]-1,'
    "Positions[price]-Positions[entry_price]))"
)


def values(sheet: Sheet, place: tuple[int, int], rows: int) -> None:
    """Spill what each position is worth and what it has won, in USD, from a heading's place on."""
    row, column = place
    for offset, (title, formula) in enumerate((("Notional", _NOTIONAL), ("Open profit", _PROFIT))):
        sheet.write(row - 1, column + offset, "USD", "unit")
        sheet.headers(row, column + offset, (title,), texts=())
        hinted = with_hints(formula, (("COUNTA(Positions[asset])=0", ""),))
        sheet.spill(row + 1, column + offset, hinted, rows, ("money",), 500)


def write(
    sheet: Sheet,
    name: str,
    place: tuple[int, int],
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    calculated: Sequence[tuple[str, str, str, str]] = (),
) -> int:
    """Write a table with units above and guards below its headings; gives back its last row.

    Parameters
    ----------
    sheet
        The sheet.
    name
        The table's name.
    place
        Row and column of its first heading; the units stand in the row above.
    columns
        Its columns.
    rows
        Their values.
    calculated
        Name, kind of number, unit and formula of columns to the right of them.
    """
    top, left = place
    sheet.cells.set_row(top, 32)
    titles = [(column.name, column.number, "") for column in columns]
    titles += [(title, number, formula) for title, number, _, formula in calculated]
    last = sheet.table(name, place, titles, [(*row, *[None] * len(calculated)) for row in rows])
    for offset, (_, _, unit, _) in enumerate(calculated, left + len(columns)):
        sheet.write(top - 1, offset, unit, "unit")
    for offset, column in enumerate(columns, left):
        sheet.write(top - 1, offset, column.unit, "unit")
        item = Input("", column.name, None, "", column.number, column.help, column.choices,
                     column.low, column.high)  # fmt: skip
        sheet.guard((top + 1, offset, last, offset), item)
    return last


def write_brackets(book: Book, about: str, rows: Sequence[Sequence[Any]]) -> None:
    """Write the sheet Brackets with the example's, `about` under its heading."""
    widths = (2, 9, 12, 12, 14, 16, 11, 15, 13, 12, 12)
    sheet = book.sheet("Brackets", SKY, widths)
    sheet.heading("Brackets", about)
    sheet.section(2, "The venues' brackets", 1, len(widths) - 1)
    sheet.write(3, 1, f"{sample.SOURCE}. Venues change them: enter today's.", "note")
    last = write(sheet, "Brackets", (5, 1), BRACKETS, rows)
    sheet.cells.freeze_panes(6, 0)
    sheet.page(last, len(widths) - 1, repeat=5)


def examples(
    positions: Sequence[Sequence[Any]],
    accounts: Sequence[Sequence[Any]],
    brackets: Sequence[Sequence[Any]],
) -> list[Rows]:
    """What the tables of an example hold."""
    held, balances, names = (
        [column.name for column in columns] for columns in (POSITIONS, ACCOUNTS, BRACKETS)
    )
    return [
        rows_of("Positions", held, positions, ("quantity", "entry_price", "price")),
        rows_of("Accounts", balances, accounts, ("balance",)),
        rows_of("Brackets", names, brackets, ("rate", "max_leverage"), source=sample.SOURCE),
    ]
