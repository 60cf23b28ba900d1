"""The sheets Scenarios and Stress: states of the world, and the book in each, held and after."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates import _book_tables
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._book_tables import Column
from xlhedge.templates._layout import Book, Sheet
from xlhedge.templates._theme import VERMILLION
from xlhedge.templates.hedge_desk import ranges
from xlhedge.templates.hedge_desk.ranges import SIDES, gated, no_equity, reason, titled

_KNOWN = (
    Column("scenario", "text", "", "A name that is there once."),
    Column("spot_shock", "percent", "return", "Simple return of the market; a coin moves by its "
           "beta.", -0.999),
    Column("basis_shock", "percent", "change of ln(S/F)", "Positive: the future loses on spot."),
    Column("funding_rate", "rate", "per interval", "Positive: longs pay shorts."),
    Column("intervals", "quantity", "intervals", "How many times the funding is paid.", 0.0),
    Column("stablecoin_shock", "percent", "return", "Of the coin that linear contracts settle in.",
           -0.999),
    Column("cost_rate", "share", "of notional", "Paid on the contracts of a liquidated account.",
           0.0),
    Column("top_up", "flag", "TRUE or FALSE", "TRUE: margin calls can be paid in time."),
    Column("proxy_shock", "percent", "return", "Further move of coins without a future of their "
           "own.", -0.999),
)  # fmt: skip
_REPORT = (("Scenario", "text"), ("Spot", "money"), ("Futures", "money"), ("Funding", "money"),
           ("Collateral", "money"), ("Before liquidations", "money"), ("Equity", "money"),
           ("Maintenance", "money"), ("Margin ratio", "percent"), ("Margin call", "money"),
           ("Liquidated", "integer"), ("After liquidations", "money"))  # fmt: skip
_REPORT_UNITS = ("", *["USD"] * 7, "maint. / equity", "USD", "accounts", "USD")
_ACCOUNTS = (("Scenario", "text"), ("Account", "text"), ("Equity", "money"),
             ("Maintenance", "money"), ("Margin ratio", "percent"), ("Margin call", "money"),
             ("Liquidated", "flag"), ("Balance lost", "money"))  # fmt: skip
_LEFT = 1
_HEADER = 5
_SUMMARY = 4
_BLOCK = _SUMMARY + 7
_CALL, _LIQUIDATED, _AFTER = 9, 10, 11
_TOPS = {
    "held": _BLOCK + 3,
    "after": _BLOCK + 3 + ranges.SCENARIOS_ROOM + 6,
}
"""Row of the headings of each report."""
_BELOW = _TOPS["after"] + ranges.SCENARIOS_ROOM + 3


def _cells(side: str, place: int) -> str:
    top = _TOPS[side]
    return (
        f"Stress!{xl_range_abs(top + 1, _LEFT + place, top + ranges.SCENARIOS_ROOM, _LEFT + place)}"
    )


def columns(history: BookHistory) -> tuple[Column, ...]:
    """The inputs of the table Scenarios: what the library has, and a shock for each coin."""
    own = (
        Column(one.asset, "percent", "return", "This coin's own return; blank: by its beta.",
               -0.999)
        for one in history.markets
    )  # fmt: skip
    return (*_KNOWN, *own)


def rows(history: BookHistory) -> list[tuple[object, ...]]:
    """The library as this version has it."""
    header, *library = call("STRESS_SCENARIOS")
    places = [header.index(column.name) for column in _KNOWN]
    blank = (None,) * len(history.markets)
    return [(*(row[place] for place in places), *blank) for row in library]


def chart_ranges(history: BookHistory) -> tuple[str, str, str]:
    """The cells of names and of results, held and after: parts of the table."""
    last = _HEADER + len(rows(history))
    held = _LEFT + len(columns(history))
    names, one, other = (
        f"Scenarios!{xl_range_abs(_HEADER + 1, c, last, c)}" for c in (_LEFT, held, held + 1)
    )
    return names, one, other


def write_scenarios(book: Book, history: BookHistory) -> None:
    """Write the sheet Scenarios."""
    inputs = columns(history)
    line = "ROW()-ROW(Scenarios[[#Headers],[scenario]])"
    results = tuple(
        (name, "money", "USD, after liquidations",
         f'=IF({line}>ROWS({_cells(side.name, _AFTER)}),"",'
         f'IF(ISNUMBER(INDEX({_cells(side.name, _AFTER)},{line})),'
         f'INDEX({_cells(side.name, _AFTER)},{line}),""))')
        for side, name in zip(SIDES, ("held", "after_trade"), strict=True)
    )  # fmt: skip
    widths = (2, 34, 11, 16, 13, 10, 17, 11, 15, 13, *(11.0,) * len(history.markets), 20, 20)
    sheet = book.sheet("Scenarios", VERMILLION, widths)
    sheet.heading("Scenarios", "Each row is one state of the world; Stress revalues the book in "
                  "it, held and after the trade")  # fmt: skip
    sheet.write(2, _LEFT, "The rows are the library, STRESS_SCENARIOS: the manual tells days, "
                "prices and source. Type your own below the last row.", "note")  # fmt: skip
    last = _book_tables.write(sheet, "Scenarios", (_HEADER, _LEFT), inputs, rows(history), results)
    sheet.cells.freeze_panes(_HEADER + 1, _LEFT + 1)
    sheet.page(last, len(inputs) + 2, pages_wide=2)


def write(book: Book, history: BookHistory) -> None:
    """Write the sheet Stress."""
    widths = (2, 34, *[15.0] * 11, 3, 34, *[15.0] * 7)
    sheet = book.sheet("Stress", VERMILLION, widths)
    sheet.heading("Stress", "The book in every scenario: full revaluation, funding, margin calls "
                  "and liquidations")  # fmt: skip
    read = columns(history)
    body = _BELOW + 4
    last = body + ranges.SCENARIOS_ROOM
    scenarios = sheet.area(body, _LEFT, last, _LEFT + len(read) - 1)
    _summaries(sheet)
    for side in SIDES:
        top = _TOPS[side.name]
        sheet.section(top - 3, f"By scenario: {side.title.lower()}", _LEFT, _LEFT + 11)
        for offset, unit in enumerate(_REPORT_UNITS):
            sheet.write(top - 1, _LEFT + offset, unit, "unit")
        formula = f"=STRESS_PNL({side.positions},{scenarios},{side.accounts},{ranges.BRACKETS})"
        shown = no_equity(formula)
        room = ranges.SCENARIOS_ROOM
        titled(sheet, (top, _LEFT), gated(shown, side.hint, "stress"), len(rows(history)), _REPORT,
               room)  # fmt: skip
        end = top + room
        sheet.book.name_range(f"stress_{side.name}", sheet.name, (top, _LEFT, end, _LEFT + 11))
        note = "After liquidations: a liquidated account loses all it is worth, and its hedge."
        reason(sheet, (top - 2, _LEFT), formula, xl_rowcol_to_cell(top, _LEFT), note)
    _read(sheet, body, history)
    _by_account(sheet, body, scenarios, len(rows(history)), len(read))
    sheet.cells.freeze_panes(2, 1)
    sheet.page(_BELOW, _LEFT + 11, pages_wide=2)


def _summaries(sheet: Sheet) -> None:
    for side, left in zip(SIDES, (_LEFT, _LEFT + 6), strict=True):
        sheet.section(3, f"The worst: {side.title.lower()}", left, left + 4)
        after = _cells(side.name, _AFTER)
        none = f'COUNT({after})=0,"see below"'
        for offset, (name, label, formula, unit, number) in enumerate((
            ("worst_scenario", "Worst scenario",
             f"INDEX({_cells(side.name, 0)},MATCH(MIN({after}),{after},0))", "", "text"),
            ("worst_loss", "Loss in it", f"-MIN({after})", "USD", "money"),
            ("worst_call", "Largest margin call", f"MAX({_cells(side.name, _CALL)})", "USD",
             "money"),
            ("liquidations", "Scenarios with a liquidation",
             f'COUNTIF({_cells(side.name, _LIQUIDATED)},">"&0)', "scenarios", "integer"),
        )):  # fmt: skip
            row = _SUMMARY + offset
            sheet.write(row, left, label, "label")
            shown = gated(f"=IF({none},{formula})", side.hint, "stress")
            sheet.write(row, left + 1, shown, "result", number)
            sheet.write(row, left + 2, unit, "measure")
            sheet.book.name(f"{name}_{side.name}", sheet.name, row, left + 1)


def _read(sheet: Sheet, top: int, history: BookHistory) -> None:
    """The scenarios as the functions read them: without shocks of coins that the book has not."""
    names = columns(history)
    table = f"Scenarios[[#All],[scenario]:[{names[-1].name}]]"
    header = f"Scenarios[[#Headers],[scenario]:[{names[-1].name}]]"
    known = f"COLUMN({header})<=COLUMN(Scenarios[[#Headers],[proxy_shock]])"
    held = f"COUNTIF(Positions[asset],{header})+COUNTIF(Accounts[asset],{header})"
    sheet.section(top - 3, "Scenarios as the functions read them", _LEFT, _LEFT + 11)
    sheet.write(top - 2, _LEFT, "The table Scenarios, without the columns of coins that the book "
                "does not hold.", "note")  # fmt: skip
    formula = f'=IF(({known})+{held}>0,IF({table}="","",{table}),"")'
    numbers = tuple((column.name, column.number) for column in names)
    titled(sheet, (top, _LEFT), gated(formula, "stress"), len(rows(history)), numbers,
           ranges.SCENARIOS_ROOM)  # fmt: skip


def _by_account(sheet: Sheet, body: int, scenarios: str, count: int, width: int) -> None:
    """A row per scenario and account, at the right, where it can grow."""
    left = max(_LEFT + 13, _LEFT + width + 2)
    for side, top in zip(SIDES, (_TOPS["held"], body), strict=True):
        sheet.section(top - 3, f"By scenario and account: {side.title.lower()}", left, left + 7)
        call = f"=STRESS_ACCOUNTS({side.positions},{scenarios},{side.accounts},{ranges.BRACKETS})"
        shown = no_equity(call)
        room = min(ranges.ROOM, body - top - 4) if top < body else ranges.ROOM
        titled(sheet, (top, left), gated(shown, side.hint, "stress"), count, _ACCOUNTS, room)
        name = f"stress_accounts_{side.name}"
        sheet.book.name_range(name, sheet.name, (top, left, top + ranges.ROOM, left + 7))
        reason(sheet, (top - 2, left), call, xl_rowcol_to_cell(top, left), "")
