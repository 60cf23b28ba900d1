"""The sheet Calls: the cash that moves of the market ask for, account by account."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import BLUE, PURPLE
from xlhedge.templates.margin import workings
from xlhedge.templates.margin.workings import CALLS

_STEPS = (-0.3, -0.15, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2)
_LEFT = 1
_FIRST_MOVE = _LEFT + 1
_LAST = _LEFT + len(_STEPS)
_HEADER = 25
_TOTAL = _HEADER + 1
_FIRST = _TOTAL + 1
_ROOM = 200
_STATUS_LEFT = _LAST + 2
_ROWS = 2
_CELLS = tuple(
    f"Calls!{xl_rowcol_to_cell(_HEADER, _FIRST_MOVE + place, True, True)}"
    for place in range(len(_STEPS))
)
_MOVES = f"{_CELLS[0]}:{_CELLS[-1].partition('!')[2]}"
_GAPS = (f"COUNT({_MOVES})<COLUMNS({_MOVES})", "complete the moves")
_NO_TARGET = ("target_ratio", "enter the margin ratio to restore")
MOVES = workings.Moves(_CELLS, (_GAPS, *tables.READY))
"""The moves and what they need, for the sheet Workings."""


def write(book: Book) -> Sheet:
    """Write the sheet."""
    count = len(_STEPS)
    sheet = book.sheet("Calls", PURPLE, (2, 23, *[12.5] * count, 3, 23, *[11.0] * count))
    sheet.heading("Calls", "The market moves at once, each coin by its beta: the cash that brings "
                  "every account back to the margin ratio chosen on Margin")  # fmt: skip
    sheet.write(2, _LEFT, "An account that is liquidated before the cash arrives is lost: see its "
                "status on the right. Moves are entered below the chart.", "note")  # fmt: skip
    for left, title in ((_LEFT, "Cash to send"), (_STATUS_LEFT, "Status of the account")):
        sheet.section(_HEADER - 2, title, left, left + count)
    _headers(sheet)
    known = CALLS.column(workings.EQUITY).partition(":")[0]
    hints = (*MOVES.hints, _NO_TARGET, (f"ISERROR({known})", "see Checks"))
    first = f'{CALLS.column(workings.SCENARIO)}="{workings.label(0)}"'
    for left in (_LEFT, _STATUS_LEFT):
        names = with_hints(f"=FILTER({CALLS.column(workings.ACCOUNT)},{first})", hints)
        sheet.spill(_FIRST, left, names, _ROWS, ("text",), _ROOM)
    for place in range(count):
        column, light = _FIRST_MOVE + place, _STATUS_LEFT + 1 + place
        here = f'{CALLS.column(workings.SCENARIO)}="{workings.label(place)}"'
        equity, needed = (
            f"FILTER({CALLS.column(what)},{here})"
            for what in (workings.EQUITY, workings.MAINTENANCE)
        )
        short = "m/target_ratio-e"
        cash = f"=LET(e,{equity},m,{needed},IF({short}>0,{short},0))"
        sheet.spill(_FIRST, column, with_hints(cash, hints), _ROWS, ("money",), _ROOM)
        own = 'IF(e<=m,"BREACH",IF(m/e>=target_ratio,"WATCH","OK"))'
        guarded = checks.guarded(own, "positions", "prices", "accounts", "brackets")
        status = f"=LET(e,{equity},m,{needed},{guarded.removeprefix('=')})"
        sheet.spill(_FIRST, light, with_hints(status, hints), _ROWS, ("text",), _ROOM)
        total = f"=SUM({sheet.area(_FIRST, column, _FIRST + _ROOM - 1, column)})"
        sheet.write(_TOTAL, column, total, "result", "money")
    sheet.status_format((_FIRST, _STATUS_LEFT + 1, _FIRST + _ROOM - 1, _STATUS_LEFT + count))
    _chart(sheet)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_FIRST + 14, _STATUS_LEFT + count, pages_wide=2)
    sheet.cells.set_v_pagebreaks([_STATUS_LEFT])
    return sheet


def _headers(sheet: Sheet) -> None:
    sheet.headers(_HEADER, _LEFT, ("The market moves by",), texts=(0,))
    sheet.headers(_HEADER, _STATUS_LEFT, ("The market moves by",), texts=(0,))
    sheet.write(_TOTAL, _LEFT, "All accounts", "label")
    style = sheet.style("header", "percent", align="right")
    for place, move in enumerate(_STEPS):
        column = _FIRST_MOVE + place
        sheet.write(_HEADER - 1, column, "USD", "unit")
        sheet.write(_HEADER, column, move, "input", "percent")
        source = xl_rowcol_to_cell(_HEADER, column)
        sheet.formula(_HEADER, _STATUS_LEFT + 1 + place, f'=IF({source}="","",{source})', style)
    item = Input("", "Move", None, "", "percent", "Up is positive; in ascending order.",
                 low=-0.99, high=10)  # fmt: skip
    sheet.guard((_HEADER, _FIRST_MOVE, _HEADER, _LAST), item)


def _chart(sheet: Sheet) -> None:
    moves = sheet.absolute(_HEADER, _FIRST_MOVE, _HEADER, _LAST)
    cash = sheet.absolute(_TOTAL, _FIRST_MOVE, _TOTAL, _LAST)
    charts.lines(
        sheet,
        charts.Frame(3, _LEFT, 860, 360),
        "Cash to send when the market moves, all accounts",
        [charts.Line("All accounts", moves, cash, BLUE, "solid", 2)],
        ("move of the market", "0%"),
        ("USD million", "#,##0.0,,"),
        marks=True,
        numbers_left=True,
    )
