"""The sheet Ladder: one account at a ladder of prices, as a table and as a chart."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import BLUE, VERMILLION
from xlhedge.templates.margin import workings
from xlhedge.templates.margin.workings import ALL, LADDER

_STEPS = (-0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3)
_INPUTS = (
    Input("ladder_account", "Account", "Venue A", "", "text", "As Accounts names it."),
    Input("ladder_asset", "Coin that moves", ALL, "", "text",
          f"A coin of the book, the others held; {ALL}: every coin, by its beta."),
)  # fmt: skip
_TITLES = ("Move", "Price", "Equity", "Maintenance", "Margin ratio", "Cash to send", "Status")
_UNITS = ("of the price", "USD", "USD", "USD", "maint. / equity", "USD", "")
_LEFT = 1
_HEADER = 10
_FIRST = _HEADER + 1
_LAST_ROW = _FIRST + len(_STEPS) - 1
_LAST = _LEFT + len(_TITLES) - 1
_PRICE, _EQUITY, _MAINTENANCE, _RATIO, _CASH, _STATUS = range(_LEFT + 1, _LEFT + 7)
_CELLS = tuple(
    f"Ladder!{xl_rowcol_to_cell(row, _LEFT, True, True)}" for row in range(_FIRST, _LAST_ROW + 1)
)
_MOVES = f"Ladder!{xl_rowcol_to_cell(_FIRST, _LEFT, True, True)}:" + (
    xl_rowcol_to_cell(_LAST_ROW, _LEFT, True, True)
)
HINTS = (
    ("ladder_account", "enter the account"),
    ("ladder_asset", "enter the coin"),
    (f"COUNT({_MOVES})<ROWS({_MOVES})", "complete the moves"),
    *tables.READY,
    ("COUNTIF(Accounts[account],ladder_account)=0", "choose an account of Accounts"),
)
MOVES = workings.Moves(_CELLS, HINTS)
"""The moves and what they need, for the sheet Workings."""


def write(book: Book) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Ladder", BLUE, (2, 22, 16, 18, 18, 16, 16, 14))
    sheet.heading("Ladder", "One account while prices move from today's")
    row = sheet.section(3, "What moves", _LEFT, _LAST)
    sheet.inputs(row, _LEFT, _INPUTS)
    sheet.section(_HEADER - 3, "Ladder of prices", _LEFT, _LAST)
    sheet.write(_HEADER - 2, _LEFT, "Cash to send: what brings the margin ratio back to the one "
                "chosen on Margin.", "note")  # fmt: skip
    for offset, unit in enumerate(_UNITS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    sheet.headers(_HEADER, _LEFT, _TITLES, texts=(len(_TITLES) - 1,))
    for offset, move in enumerate(_STEPS):
        sheet.write(_FIRST + offset, _LEFT, move, "input", "percent")
    item = Input("", "Move", None, "", "percent", "Up is positive; ascending.", low=-0.99, high=10)
    sheet.guard((_FIRST, _LEFT, _LAST_ROW, _LEFT), item)
    _table(sheet)
    prices = sheet.absolute(_FIRST, _LEFT, _LAST_ROW, _LEFT)
    series = [
        charts.Line(
            name, prices, sheet.absolute(_FIRST, column, _LAST_ROW, column), colour, "solid", 2
        )
        for name, column, colour in (
            ("Equity", _EQUITY, BLUE),
            ("Maintenance margin", _MAINTENANCE, VERMILLION),
        )
    ]
    charts.lines(
        sheet,
        charts.Frame(_LAST_ROW + 2, _LEFT, 900, 380),
        "Equity against maintenance: liquidation is where they meet",
        series,
        ("move of the price", "0%"),
        ("USD million", "#,##0.0,,"),
        numbers_left=True,
    )
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_LAST_ROW + 22, _LAST)
    sheet.cells.set_h_pagebreaks([_LAST_ROW + 2])
    return sheet


def _table(sheet: Sheet) -> None:
    mine = f"{LADDER.column(workings.ACCOUNT)}=ladder_account"
    numbers = ("money", "money", "percent")
    known = f"{LADDER.column(workings.EQUITY).partition(':')[0]}"
    hints = (*HINTS, (f"ISERROR({known})", "see Checks"))
    for offset, number in enumerate(numbers):
        values = LADDER.column(workings.EQUITY + offset)
        formula = with_hints(f"=FILTER({values},{mine})", hints)
        sheet.spill(_FIRST, _EQUITY + offset, formula, len(_STEPS), (number,))
    ready = f"COUNT({sheet.area(_FIRST, _EQUITY, _LAST_ROW, _EQUITY)})=0"
    for row in range(_FIRST, _LAST_ROW + 1):
        move, equity, needed, ratio = (
            xl_rowcol_to_cell(row, column) for column in (_LEFT, _EQUITY, _MAINTENANCE, _RATIO)
        )
        price = f"INDEX(Positions[price],MATCH(ladder_asset,Positions[asset],0))*(1+{move})"
        shown = f'=IF(OR({ready},COUNTIF(Positions[asset],ladder_asset)=0),"",{price})'
        sheet.write(row, _PRICE, shown, "calculated", "price")
        short = f"{needed}/target_ratio-{equity}"
        cash = f'=IF(OR({ready},target_ratio=""),"",IF({short}>0,{short},0))'
        sheet.write(row, _CASH, cash, "calculated", "money")
        own = (
            f'IF({equity}<={needed},"BREACH",IF(ISTEXT({ratio}),"BREACH",'
            f'IF({ratio}>=target_ratio,"WATCH","OK")))'
        )
        light = checks.guarded(own, "positions", "prices", "accounts", "brackets").removeprefix("=")
        status = f'=IF(OR({ready},target_ratio=""),"",{light})'
        sheet.write(row, _STATUS, status, "status")
    sheet.status_format((_FIRST, _STATUS, _LAST_ROW, _STATUS))
