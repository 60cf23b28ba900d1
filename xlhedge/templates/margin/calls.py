"""The sheet Calls: the cash that moves of all prices ask for, by position and for the account."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import BLUE, PURPLE, VERMILLION
from xlhedge.templates.margin.positions import COMPLETE, NO_TARGET, PRINTED, ROOM, by_asset

_MOVES = (-0.3, -0.15, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2)
_READY = (("wallet_balance", "enter the wallet balance"), NO_TARGET, *COMPLETE)
_LEFT = 1
_FIRST_MOVE = _LEFT + 2
_LAST_MOVE = _FIRST_MOVE + len(_MOVES) - 1
_RIGHT = _LAST_MOVE + 2
_LAST = _RIGHT + 1 + len(_MOVES)
_HEADER = 6
_OWN, _EQUITY, _MAINTENANCE, _RATIO, _CALL, _STATUS = range(_HEADER + 1, _HEADER + 7)
_DETAIL = _STATUS + 9
_ROWS = 4


def write(book: Book) -> Sheet:
    """Write the sheet."""
    widths = (2, 40, 12, *[13.0] * len(_MOVES), 3, 20, 12, *[13.0] * len(_MOVES))
    sheet = book.sheet("Calls", PURPLE, widths)
    sheet.heading("Calls", "All coins move by the same share from their mark at once: the cash to "
                  "send, so that margin ratios come back to the one chosen on Account")  # fmt: skip
    sheet.section(3, "Margin calls", _LEFT, _LAST_MOVE)
    sheet.write(4, _LEFT, "A position or account that is liquidated before the cash arrives is "
                "lost: see the status.", "note")  # fmt: skip
    _moves(sheet)
    moves = sheet.area(_HEADER, _FIRST_MOVE, _HEADER, _LAST_MOVE)
    gaps = (f"COUNT({moves})<COLUMNS({moves})", "complete the moves")
    _details(sheet, moves, (gaps, *_READY))
    _summary(sheet, (gaps, *_READY))
    _chart(sheet)
    sheet.cells.freeze_panes(_HEADER + 1, 2)
    sheet.page(_DETAIL + 2 + PRINTED, _LAST, pages_high=1)
    return sheet


def _moves(sheet: Sheet) -> None:
    for column in range(_FIRST_MOVE, _LAST_MOVE + 1):
        sheet.write(_HEADER - 1, column, "of all prices", "unit")
    sheet.headers(_HEADER, _LEFT, ("Prices move by", "Unit"), texts=(0, 1))
    for offset, move in enumerate(_MOVES):
        sheet.write(_HEADER, _FIRST_MOVE + offset, move, "input", "percent")
    item = Input("", "Move", None, "", "percent", "Up is positive; in ascending order.",
                 low=-0.99, high=10)  # fmt: skip
    sheet.guard((_HEADER, _FIRST_MOVE, _HEADER, _LAST_MOVE), item)


def _details(sheet: Sheet, moves: str, hints: tuple[tuple[str, str], ...]) -> None:
    """Position by move: the call on its own margin, and the maintenance that the account needs."""
    prices = f"Positions[price]*(1+{moves})"
    held, size = "Positions[quantity]", "Positions[contract_size]"
    own = by_asset(
        "MARGIN_CALL",
        f'{held},Positions[entry_price],{prices},Positions[margin],,{size},"linear",TIERS,'
        "target_ratio",
    )
    maintenance = by_asset("MAINTENANCE_MARGIN", f'{held},{prices},,{size},"linear",TIERS')
    for left, title, formula in (
        (_LEFT, "Margin call of each position on its own margin", own),
        (_RIGHT, "Maintenance of each position at those prices", maintenance),
    ):
        sheet.section(_DETAIL, title, left, left + 1 + len(_MOVES))
        sheet.headers(_DETAIL + 2, left, ("Position", "Asset"), texts=(0, 1))
        style = sheet.style("header", "percent", align="right")
        for offset in range(len(_MOVES)):
            column = left + 2 + offset
            sheet.write(_DETAIL + 1, column, "USDT", "unit")
            source = xl_rowcol_to_cell(_HEADER, _FIRST_MOVE + offset)
            sheet.formula(_DETAIL + 2, column, f'=IF({source}="","",{source})', style)
        for place, name in enumerate(("position", "asset")):
            names = f'=IF(Positions[{name}]="","",Positions[{name}])'
            sheet.spill(_DETAIL + 3, left + place, names, _ROWS, ("text",))
        numbers = ("money",) * len(_MOVES)
        sheet.spill(_DETAIL + 3, left + 2, with_hints(f"={formula}", hints), _ROWS, numbers)


def _summary(sheet: Sheet, hints: tuple[tuple[str, str], ...]) -> None:
    for row, label, unit in (
        (_OWN, "Cash to send: each position on its own margin", "USDT"),
        (_EQUITY, "Account: equity", "USDT"),
        (_MAINTENANCE, "Account: maintenance margin", "USDT"),
        (_RATIO, "Account: margin ratio", "maint./equity"),
        (_CALL, "Account: cash to send (cross margin)", "USDT"),
        (_STATUS, "Account: status", ""),
    ):
        sheet.write(row, _LEFT, label, "label")
        sheet.write(row, _LEFT + 1, unit, "measure")
    first, last = _DETAIL + 3, _DETAIL + 2 + ROOM
    for offset in range(len(_MOVES)):
        column = _FIRST_MOVE + offset
        other = _RIGHT + 2 + offset
        move, equity, needed, ratio = (
            xl_rowcol_to_cell(row, column) for row in (_HEADER, _EQUITY, _MAINTENANCE, _RATIO)
        )
        profit = (
            f"Positions[quantity]*Positions[contract_size]*(Positions[price]*(1+{move})"
            "-Positions[entry_price])"
        )
        short = f"{needed}/target_ratio-{equity}"
        for row, formula, role, number in (
            (_OWN, f"=SUM({sheet.area(first, column, last, column)})", "result", "money"),
            (_EQUITY, f"=wallet_balance+SUM({profit})", "calculated", "money"),
            (_MAINTENANCE, f"=SUM({sheet.area(first, other, last, other)})", "calculated",
             "money"),
            (_RATIO, f'=IF({equity}>0,{needed}/{equity},"no equity")', "calculated", "percent"),
            (_CALL, f"=IF({short}>0,{short},0)", "result", "money"),
            (_STATUS, f'=IF({equity}<={needed},"BREACH",IF({ratio}>=target_ratio,"WATCH","OK"))',
             "status", "text"),
        ):  # fmt: skip
            sheet.write(row, column, with_hints(formula, hints), role, number)
    sheet.status_format((_STATUS, _FIRST_MOVE, _STATUS, _LAST_MOVE))


def _chart(sheet: Sheet) -> None:
    moves = sheet.absolute(_HEADER, _FIRST_MOVE, _HEADER, _LAST_MOVE)
    series = [
        charts.Line(name, moves, sheet.absolute(row, _FIRST_MOVE, row, _LAST_MOVE), colour)
        for name, row, colour in (
            ("Each position on its own margin", _OWN, VERMILLION),
            ("One account for all", _CALL, BLUE),
        )
    ]
    charts.lines(
        sheet,
        charts.Frame(3, _RIGHT, 900, 400),
        "Cash to send when prices move",
        series,
        ("move of all prices", "0%"),
        ("USDT", "#,##0"),
        marks=True,
        numbers_left=True,
    )
