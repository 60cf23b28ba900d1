"""The sheet Margin: each account held and after the trade: ratio, liquidation, buffer."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._layout import Book, Result, Sheet
from xlhedge.templates._theme import VERMILLION
from xlhedge.templates.hedge_desk import ranges, risk
from xlhedge.templates.hedge_desk.ranges import AFTER, HELD, Side, gated, no_equity, reason, titled

_LEFT, _RIGHT = 1, 9
_STATUS = (("Account", "text"), ("Equity", "money"), ("Maintenance", "money"),
           ("Margin ratio", "percent"), ("Top-up", "money"), ("Venue's word", "text"))  # fmt: skip
_LIQUIDATION = (("Account", "text"), ("Coin", "text"), ("Price now", "price"),
                ("Liquidated below", "price"), ("Liquidated above", "price"),
                ("Fall to it", "percent"), ("Rise to it", "percent"))  # fmt: skip
_PROBABILITY = (("Account", "text"), ("", "share"), ("", "share"), ("", "share"),
                ("Standard error", "share"))  # fmt: skip
_BUFFER = (("Account", "text"), ("Balance needed", "coins"), ("To add", "coins"))
_UNITS = {
    "status": ("", "USDT or USD", "USDT or USD", "maint. / equity", "to one half", ""),
    "liquidation": ("", "", "USD", "USD", "USD", "of the price", "of the price"),
    "probability": ("", *("within days",) * 3, "of the last"),
    "buffer": ("", "of its own coin", "of its own coin"),
}
_TOP = 4


def write(book: Book, history: BookHistory) -> Sheet:
    """Write the sheet."""
    widths = (2, 30, 15, 15, 15, 15, 15, 15, 3, 30, 15, 15, 15, 15, 15, 15)
    sheet = book.sheet("Margin", VERMILLION, widths)
    sheet.heading("Margin", "Every account, held on the left and after the trade on the right")
    rooms = {
        "status": ranges.ACCOUNTS_ROOM,
        "liquidation": ranges.LIQUIDATION_ROOM,
        "probability": ranges.ACCOUNTS_ROOM + 1,
        "buffer": ranges.ACCOUNTS_ROOM + 1,
    }
    blocks = (
        ("status", "Accounts today", _STATUS),
        ("liquidation", "Liquidation prices", _LIQUIDATION),
        ("probability", "Probability of liquidation, all coins moving together", _PROBABILITY),
        ("buffer", "Balance that survives", _BUFFER),
    )
    volatilities, correlations = risk.volatilities(history)
    row = _TOP
    for side, left in ((HELD, _LEFT), (AFTER, _RIGHT)):
        row = sheet.section(3, side.title, left, left + 6)
        row = sheet.results(row, left, _summary(side)) + 1
    for name, title, columns in blocks:
        for side, left in ((HELD, _LEFT), (AFTER, _RIGHT)):
            sheet.section(row, f"{title}: {side.title.lower()}", left, left + 6)
            call, hints = _call(name, side, volatilities, correlations)
            for offset, unit in enumerate(_UNITS[name]):
                sheet.write(row + 2, left + offset, unit, "unit")
            place = row + 3, left
            shown = call
            if name == "status":
                # The ratio is an error where no equity is left; one of the whole call stays one.
                shown = no_equity(call)
            titled(sheet, place, gated(shown, *hints), 2, columns, rooms[name])
            last = row + 3 + rooms[name]
            sheet.book.name_range(
                f"{name}_{side.name}", sheet.name,
                (row + 4, left, last, left + len(columns) - 1),
            )  # fmt: skip
            reason(sheet, (row + 1, left), call, xl_rowcol_to_cell(*place), _NOTES[name])
        row += rooms[name] + 5
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row, _RIGHT + 6, pages_wide=2)
    sheet.cells.set_v_pagebreaks([_RIGHT])
    return sheet


_NOTES = {
    "status": "no equity: the account owes more than it holds.",
    "liquidation": "Blank: no such price. How the other coins move is set on Inputs.",
    "probability": "At any moment within the days; the last row is any account.",
    "buffer": "The whole balance of the settlement coin, and what of it is missing.",
}


def _call(
    name: str, side: Side, volatilities: str, correlations: str
) -> tuple[str, tuple[str, ...]]:
    """A block's formula, and the hints that it waits for."""
    book = f"{side.positions},{side.accounts}"
    simulated = f"{book},{volatilities},{correlations}"
    calls = {
        "status": (f"=ACCOUNT_STATUS({book},{ranges.BRACKETS})", ()),
        "liquidation": (f"=ACCOUNT_LIQUIDATION({book},{ranges.BRACKETS},others_move)", ()),
        "probability": (
            f"=ACCOUNT_PROBABILITY({simulated},horizons_in_days,{ranges.BRACKETS},,"
            "simulation_paths)",
            ("chances",),
        ),
        "buffer": (
            f"=ACCOUNT_BUFFER({simulated},buffer_days,buffer_confidence,{ranges.BRACKETS},,"
            "simulation_paths)",
            ("chances",),
        ),
    }
    call, more = calls[name]
    return call, (side.hint, *more)


def _summary(side: Side) -> tuple[Result, ...]:
    """The worst of all accounts, as the dashboard shows it."""
    name, hint = side.name, side.hint
    status, liquidation = f"status_{name}", f"liquidation_{name}"
    probability, buffer = f"probability_{name}", f"buffer_{name}"

    def column(block: str, place: int) -> str:
        return f"INDEX({block},0,{place})"

    ratio, top_up = column(status, 4), column(status, 5)
    below, above = column(liquidation, 6), column(liquidation, 7)
    nearest = f"MIN({below},{above})"
    falls = f"AND(COUNT({below})>0,MIN({below})={nearest})"
    row = f"MATCH({nearest},IF({falls},{below},{above}),0)"
    none = f"COUNT({below},{above})=0"

    def at(place: int) -> str:
        return f"INDEX({liquidation},{row},{place})"

    where = (
        f'{at(1)}&", "&{at(2)}&IF({falls}," falls to "," rises to ")&'
        f'TEXT(IF({falls},{at(4)},{at(5)}),"#,##0.00")'
    )
    chances = [
        Result(f"chance_{place}_{name}", f"Probability of liquidation, horizon {place}",
               gated(f'=INDEX({probability},MATCH("ANY",{column(probability, 1)},0),'
                     f"{place + 1})", hint, "chances"),
               "of any account", "share")
        for place in (1, 2, 3)
    ]  # fmt: skip
    return (
        Result(f"worst_ratio_{name}", "Worst margin ratio",
               gated(f'=IF(COUNTIF({ratio},"no equity")>0,"no equity",MAX({ratio}))', hint),
               "maint. / equity", "percent", "100 % is liquidation."),
        Result(f"top_up_{name}", "Top-up of all accounts", gated(f"=SUM({top_up})", hint),
               "USD", "money", "Brings every ratio back to one half."),
        Result(f"distance_{name}", "Nearest liquidation",
               gated(f'=IF({none},"none",{nearest})', hint), "move of the price", "percent"),
        Result(f"nearest_{name}", "Where", gated(f'=IF({none},"none",{where})', hint), "",
               "text"),
        *chances,
        Result(f"to_add_{name}", "To add to survive",
               gated(f'=INDEX({buffer},MATCH("TOTAL",{column(buffer, 1)},0),3)', hint,
                     "chances"), "USD", "money"),
    )  # fmt: skip
