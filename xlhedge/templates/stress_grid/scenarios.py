"""The sheets of scenarios: the library's and the user's own, the book and each account in them."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates import _book_checks, _spills
from xlhedge.templates import _book_tables as tables
from xlhedge.templates._checks import DOUBTFUL, Check
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import BLUE, MUTED, VERMILLION

COMPLETE = (
    "OR(COUNTA(Scenarios[scenario])<ROWS(Scenarios[scenario]),"
    "COUNT(Scenarios[spot_shock])<ROWS(Scenarios[spot_shock]))",
    "complete the scenarios",
)
HINTS = (*tables.READY, COMPLETE)
"""The hints of whatever reads the report."""
COINS = ("coin_1", "coin_2", "coin_3", "coin_4")
"""The columns of coins with a shock of their own, whose names are inputs."""
_NAMED = ("ETH", "BTC", "SOL", "XRP")
_OWN = (
    ("Own: rally, deep contango", False, 0.4, -0.03, 0.0005, 9, 0, 0.005, 0, *[None] * 4),
    ("Own: slow decline, negative funding", True, -0.25, 0, -0.0002, 90, 0, 0.005, 0, *[None] * 4),
    ("Own: squeeze with a depeg", False, 0.2, -0.01, 0.0003, 6, -0.05, 0.01, 0, *[None] * 4),
    ("Own: ETH falls alone", False, 0, 0, 0, 0, 0, 0.005, 0, -0.35, None, None, None),
)
_COLUMNS = (
    ("origin", "text", "", "library: from STRESS_SCENARIOS; own: yours.", None),
    ("scenario", "text", "", "A name that is there once.", None),
    ("top_up", "flag", "TRUE or FALSE", "TRUE: margin calls can be paid in time.", None),
    ("spot_shock", "percent", "return", "Simple return of the market; a coin moves by its beta.",
     -0.999),
    ("basis_shock", "percent", "of ln(S/F)", "Positive: the future loses on spot.", None),
    ("funding_rate", "rate", "per interval", "Positive: longs pay shorts.", None),
    ("intervals", "quantity", "intervals", "How many times the funding is paid.", 0.0),
    ("stablecoin_shock", "percent", "return", "Of the coin that linear contracts settle in.",
     -0.999),
    ("cost_rate", "share", "of notional", "Paid on the contracts of a liquidated account.", 0.0),
    ("proxy_shock", "percent", "return", "Further move of coins without a future of their own.",
     -0.999),
    *((name, "percent", "return", "Own shock of the coin named above, in place of spot_shock and "
       "beta; blank: as the others.", -0.999) for name in COINS),
)  # fmt: skip
_REPORT = (
    ("Scenario", "text", ""), ("Spot", "money", "USD"), ("Futures", "money", "USD"),
    ("Funding", "money", "USD"), ("Collateral", "money", "USD"),
    ("Before liquidations", "money", "USD"), ("Equity", "money", "USD"),
    ("Maintenance", "money", "USD"), ("Worst margin ratio", "percent", "maint. / equity"),
    ("Margin calls", "money", "USD"), ("Accounts liquidated", "integer", "accounts"),
    ("After liquidations", "money", "USD"),
)  # fmt: skip
_ACCOUNTS = (
    ("Scenario", "text", ""), ("Account", "text", ""), ("Equity", "money", "USDT"),
    ("Maintenance", "money", "USDT"), ("Margin ratio", "percent", "maint. / equity"),
    ("Margin call", "money", "USD"), ("Liquidated", "flag", ""), ("Balance lost", "money", "USD"),
)  # fmt: skip
_TOTAL, CALL, LIQUIDATED, _AFTER = 5, 9, 10, 11
_LEFT = 1
_HEADER = 6
_FIRST = _HEADER + 1
_TOTAL_COLUMN = _LEFT + len(_COLUMNS)
_ROOM = 500
_RANGE_LEFT = 1
_RANGE_LAST = _RANGE_LEFT + len(_COLUMNS) - 2
RANGE = f"Workings!{xl_range_abs(_HEADER, _RANGE_LEFT, _HEADER + _ROOM, _RANGE_LAST)}"
"""The scenarios as the functions take them, with the coins' names as headings."""
REPORT_CALL = f"STRESS_PNL(Positions[#All],{RANGE},Accounts[#All],Brackets[#All])"
REPORT_CELL = f"Report!{xl_rowcol_to_cell(_FIRST, _LEFT, True, True)}"
"""The call of the report, and its first cell."""


def report_column(place: int) -> str:
    """A column of the report, as other sheets name it."""
    return f"Report!{xl_range_abs(_FIRST, _LEFT + place, _FIRST + _ROOM - 1, _LEFT + place)}"


def body() -> list[tuple[object, ...]]:
    """The table's rows: the library as it is in this version, then examples of own scenarios."""
    header, *library_rows = call("STRESS_SCENARIOS")
    places = [header.index(name) for name, *_ in _COLUMNS[1 : -len(COINS)]]
    library = [
        ("library", *(row[place] for place in places), *[None] * len(COINS)) for row in library_rows
    ]
    return [*library, *(("own", *row) for row in _OWN)]


def rows() -> Rows:
    """What the table holds in a fresh workbook."""
    names = [name for name, *_ in _COLUMNS]
    numbers = ("spot_shock", "basis_shock", "intervals", "stablecoin_shock", "proxy_shock")
    return rows_of("Scenarios", names, body(), numbers, source="the library, and four examples",
                   optional=True)  # fmt: skip


def chart_ranges() -> tuple[str, str, str]:
    """The cells of names, results before and after liquidations: parts of the table."""
    last = _HEADER + len(body())
    names, before, after = (
        f"Scenarios!{xl_range_abs(_FIRST, c, last, c)}"
        for c in (_LEFT + 1, _TOTAL_COLUMN, _TOTAL_COLUMN + 1)
    )
    return names, before, after


def checks() -> tuple[Check, ...]:
    """Whether the scenarios are complete, in decimals, and about coins of the book."""
    area = "scenarios"
    unnamed = "+".join(f'({name}="")*COUNT(Scenarios[{name}])' for name in COINS)
    foreign = ",".join(
        f'IF(AND({name}<>"",COUNT(Scenarios[{name}])>0,COUNTIF(Positions[asset],{name})+'
        f'COUNTIF(Accounts[asset],{name})=0),{name},"")'
        for name in COINS
    )
    return (
        Check(area, "Complete scenarios", COMPLETE[0],
              '"a row of Scenarios lacks its name or its spot_shock: enter 0 for none"'),
        *_book_checks.scenarios(COINS),
        Check(area, "Coins with shocks of their own", f"{unnamed}>0",
              '"a column of own shocks has no coin: name it above the table"'),
        Check(area, "Coins of the book", f'TEXTJOIN(", ",TRUE,{foreign})<>""',
              f'TEXTJOIN(", ",TRUE,{foreign})&" has shocks of its own and is not in the book: its '
              'column is left out"', word=DOUBTFUL),
    )  # fmt: skip


def write(book: Book) -> None:
    """Write the table."""
    widths = (2, 9, 36, 14, 11, 12, 13, 10, 17, 11, 13, *[9.0] * len(COINS), 15, 17)
    sheet = book.sheet("Scenarios", VERMILLION, widths)
    sheet.heading("Scenarios", "Each row is one state of the world; Report has the whole book in "
                  "it, Calls each account")  # fmt: skip
    sheet.write(2, _LEFT, "Own scenarios: type below the last row. The library's rows are "
                "STRESS_SCENARIOS: the manual tells days, prices and source.", "note")  # fmt: skip
    sheet.section(3, "Library and own scenarios", _LEFT, _TOTAL_COLUMN + 1)
    first = _LEFT + len(_COLUMNS) - len(COINS)
    sheet.write(4, first - 1, "Own shock of", "measure")
    for offset, (name, coin) in enumerate(zip(COINS, _NAMED, strict=True), first):
        style = sheet.style("input", align="right")
        sheet.constant(4, offset, coin, style)
        text = "A coin or stablecoin of the book whose own shocks stand in the column below."
        sheet.guard((4, offset, 4, offset), Input(name, "Coin", coin, "", "text", text))
        book.name(name, "Scenarios", 4, offset)
    _table(sheet)
    sheet.cells.freeze_panes(_FIRST, _LEFT + 2)
    sheet.page(_HEADER + len(body()) + 10, _TOTAL_COLUMN + 1, pages_wide=2, repeat=_HEADER)


def _table(sheet: Sheet) -> None:
    for offset, (_, _, unit, _, _) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    line = "ROW()-ROW(Scenarios[[#Headers],[scenario]])"
    ready = f"OR({','.join(condition for condition, _ in HINTS)})"
    columns = [(name, number, "") for name, number, *_ in _COLUMNS]
    for offset, (name, place) in enumerate((("total_pnl", _TOTAL), ("after_liquidation", _AFTER))):
        result = f'=IF({ready},"",INDEX({report_column(place)},{line}))'
        columns.append((name, "money", result))
        sheet.write(_HEADER - 1, _TOTAL_COLUMN + offset, "USD", "unit")
    last = sheet.table(
        "Scenarios", (_HEADER, _LEFT), columns, [(*row, None, None) for row in body()]
    )
    for offset, (name, number, _, text, low) in enumerate(_COLUMNS):
        choices = {"top_up": ("TRUE", "FALSE"), "origin": ("library", "own")}.get(name, ())
        item = Input("", name, None, "", number, text, choices, low)
        sheet.guard((_FIRST, _LEFT + offset, last, _LEFT + offset), item)


def write_reports(book: Book) -> None:
    """Write the sheets Report and Calls."""
    count = len(body())
    sheet = book.sheet("Report", BLUE, (2, 32, *[11.5] * 5, 12, 11.5, 10, 12, 10, 13))
    sheet.heading("Report", "The whole book in each scenario")
    _spilled(sheet, "Results by scenario", REPORT_CALL, _REPORT, count,
             "After liquidations: a liquidated account loses its worth and its hedge.")  # fmt: skip
    column = _LEFT + LIQUIDATED
    rule = {"type": "cell", "criteria": ">", "value": 0, "format": book.theme.status("BREACH")}
    sheet.cells.conditional_format(_FIRST, column, _FIRST + _ROOM - 1, column, rule)
    sheet = book.sheet("Calls", BLUE, (2, 36, 16, 15, 14, 13, 14, 13, 15))
    sheet.heading("Calls", "Each account in each scenario: what it is asked for, and which are "
                  "liquidated")  # fmt: skip
    accounts = f"STRESS_ACCOUNTS(Positions[#All],{RANGE},Accounts[#All],Brackets[#All])"
    _spilled(sheet, "Accounts by scenario", accounts, _ACCOUNTS, 2 * count,
             "Margin call: what brings the ratio back to one half.")  # fmt: skip
    lost = _LEFT + 6
    rule = {"type": "cell", "criteria": "=", "value": "TRUE",
            "format": book.theme.status("BREACH")}  # fmt: skip
    sheet.cells.conditional_format(_FIRST, lost, _FIRST + _ROOM * 2, lost, rule)


def _spilled(
    sheet: Sheet,
    title: str,
    call_: str,
    columns: tuple[tuple[str, str, str], ...],
    count: int,
    note: str,
) -> None:
    last = _LEFT + len(columns) - 1
    sheet.section(3, title, _LEFT, last)
    for offset, (_, _, unit) in enumerate(columns, _LEFT):
        sheet.write(_HEADER - 1, offset, unit, "unit")
    texts = tuple(place for place, (_, number, _) in enumerate(columns) if number == "text")
    sheet.headers(_HEADER, _LEFT, [name for name, *_ in columns], texts)
    sheet.cells.set_row(_HEADER, 32)
    formula = with_hints(_spills.body(call_, 'IFERROR(x,"no equity")'), HINTS)
    sheet.spill(_FIRST, _LEFT, formula, count, [number for _, number, _ in columns])
    sheet.write(4, _LEFT, explained(f"={call_}", xl_rowcol_to_cell(_FIRST, _LEFT), note), "note")
    sheet.cells.freeze_panes(_FIRST, _LEFT + 1)
    sheet.page(_HEADER + count + 4, last, repeat=_HEADER)


def write_workings(book: Book) -> None:
    """Write the sheet Workings: the scenarios with the names of coins as headings."""
    sheet = book.sheet("Workings", MUTED, (2, 36, *[12.0] * (len(_COLUMNS) - 2)))
    sheet.heading("Workings", "The scenarios as the functions read them; nothing is entered here")
    sheet.section(3, "Scenarios", _RANGE_LEFT, _RANGE_LAST)
    heading = sheet.style("header", align="right", text_wrap=False, shrink=True)
    plain = [name for name, *_ in _COLUMNS[1 : -len(COINS)]]
    for offset, name in enumerate(plain, _RANGE_LEFT):
        sheet.constant(_HEADER, offset, name, heading)
    inside = f"Scenarios[[{plain[0]}]:[{plain[-1]}]]"
    formula = with_hints(f'=IF({inside}="","",{inside})', (COMPLETE,))
    numbers = [number for _, number, *_ in _COLUMNS[1 : -len(COINS)]]
    sheet.spill(_FIRST, _RANGE_LEFT, formula, len(body()), numbers)
    for offset, name in enumerate(COINS, _RANGE_LEFT + len(plain)):
        held = f"COUNTIF(Positions[asset],{name})+COUNTIF(Accounts[asset],{name})"
        sheet.formula(_HEADER, offset, f'=IF({name}="","",IF({held}=0,"",{name}))', heading)
        cell = xl_rowcol_to_cell(_HEADER, offset)
        own = f'=IF(Scenarios[{name}]="","",IF({cell}="","",Scenarios[{name}]))'
        sheet.spill(_FIRST, offset, own, len(body()), ("percent",))
    sheet.cells.freeze_panes(_FIRST, _RANGE_LEFT + 1)
    sheet.page(_HEADER + len(body()) + 4, _RANGE_LAST, pages_wide=2, repeat=_HEADER)


def write_library(book: Book) -> Sheet:
    """Write the sheet Library: alive, to copy from when rows of the table were changed."""
    library = call("STRESS_SCENARIOS")
    widths = (2, 34, *[16.0] * (len(library[0]) - 1))
    sheet = book.sheet("Library", MUTED, widths)
    sheet.heading("Library", "The scenarios as this version of xlhedge has them; copy their values "
                  "to Scenarios")  # fmt: skip
    known = {name: (number, unit) for name, number, unit, *_ in _COLUMNS}
    for offset, name in enumerate(library[0]):
        sheet.write(3, _LEFT + offset, known[name][1], "unit")
    numbers = [known[name][0] for name in library[0]]
    _spills.headed(sheet, (4, _LEFT), "=STRESS_SCENARIOS()", len(library) - 1, numbers)
    note = "Historical rows are Bitcoin's; the manual tells their days, prices and source."
    sheet.write(2, _LEFT, note, "note")
    sheet.cells.freeze_panes(5, 2)
    sheet.page(4 + len(library), len(library[0]), repeat=4)
    return sheet
