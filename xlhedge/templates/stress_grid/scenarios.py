"""The sheet Scenarios: the library and the user's own, and the book revalued in each."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates import _spills
from xlhedge.templates._layout import Book, Input, Sheet, explained, with_hints
from xlhedge.templates._theme import MUTED, VERMILLION
from xlhedge.templates.stress_grid.holdings import READY

COMPLETE = (
    "OR(COUNTA(Scenarios[scenario])<ROWS(Scenarios[scenario]),"
    "COUNT(Scenarios[spot_shock])<ROWS(Scenarios[spot_shock]))",
    "complete the scenarios",
)
HINTS = (*READY, COMPLETE)
"""The hints of whatever reads the report."""
_OWN = (
    ("Own: rally, deep contango", False, 0.4, -0.03, 0.0005, 9, 0, 0.005, 0),
    ("Own: slow decline, negative funding", True, -0.25, 0, -0.0002, 90, 0, 0.005, 0),
    ("Own: squeeze with a depeg", False, 0.2, -0.01, 0.0003, 6, -0.05, 0.01, 0),
)
_COLUMNS = (
    ("origin", "text", "", "library: from STRESS_SCENARIOS; own: yours.", None),
    ("scenario", "text", "", "A name that is there once.", None),
    ("top_up", "flag", "TRUE or FALSE", "TRUE: margin calls can be paid in time.", None),
    ("spot_shock", "percent", "return", "Simple return of the market; a coin moves by its beta.",
     -0.999),
    ("basis_shock", "percent", "change of ln(S/F)", "Positive: the future loses on spot.", None),
    ("funding_rate", "rate", "per interval", "Positive: longs pay shorts.", None),
    ("intervals", "quantity", "intervals", "How many times the funding is paid.", 0.0),
    ("stablecoin_shock", "percent", "return", "Of the coin that linear contracts settle in.",
     -0.999),
    ("cost_rate", "share", "of notional", "Paid on the contracts of a liquidated account.", 0.0),
    ("proxy_shock", "percent", "return", "Further move of coins without a future of their own.",
     -0.999),
)  # fmt: skip
_REPORT = ("text", "money", "money", "money", "money", "money", "money", "money", "percent",
           "money", "integer", "money")  # fmt: skip
_REPORT_UNITS = ("", *["USD"] * 7, "maint. / equity", "USD", "accounts", "USD")
_TOTAL, CALL, LIQUIDATED, _AFTER = 5, 9, 10, 11
_LEFT = 1
_HEADER = 6
_FIRST = _HEADER + 1
_TOTAL_COLUMN = _LEFT + len(_COLUMNS)
_SPILL = _TOTAL_COLUMN + 3
_LAST = _SPILL + len(_REPORT) - 1
_ROOM = 200
_PRINTED = 30
_SHEET = "Scenarios"


def _cells(column: int) -> str:
    return str(xl_range_abs(_FIRST, column, _FIRST + _ROOM - 1, column))


def report_column(place: int) -> str:
    """A column of the report, as other sheets name it."""
    return f"{_SHEET}!{_cells(_SPILL + place)}"


def rows() -> list[tuple[object, ...]]:
    """The table's rows: the library as it is in this version, then examples of own scenarios."""
    header, *library_rows = call("STRESS_SCENARIOS")
    places = [header.index(name) for name, *_ in _COLUMNS[1:]]
    library = [("library", *(row[place] for place in places)) for row in library_rows]
    return [*library, *(("own", *row) for row in _OWN)]


def chart_ranges() -> tuple[str, str, str]:
    """The cells of names, results before and after liquidations: parts of the table."""
    last = _HEADER + len(rows())
    names, before, after = (
        f"{_SHEET}!{xl_range_abs(_FIRST, c, last, c)}"
        for c in (_LEFT + 1, _TOTAL_COLUMN, _TOTAL_COLUMN + 1)
    )
    return names, before, after


def write(book: Book) -> Sheet:
    """Write the sheet."""
    widths = (2, 9, 36, 14, 11, 16, 13, 10, 17, 11, 15, 17, 3, 36, *[15.0] * 10, 22)
    sheet = book.sheet(_SHEET, VERMILLION, widths)
    sheet.heading("Scenarios", "Each row is one state of the world; the report on the right "
                  "revalues the whole book in it")  # fmt: skip
    sheet.write(2, _LEFT, "Own scenarios: type below the last row. The library's rows are "
                "STRESS_SCENARIOS: the manual tells days, prices and source.", "note")  # fmt: skip
    sheet.section(3, "Library and own scenarios", _LEFT, _TOTAL_COLUMN + 1)
    _table(sheet)
    sheet.section(3, "Report", _SPILL, _LAST)
    for offset, unit in enumerate(_REPORT_UNITS):
        sheet.write(_HEADER - 1, _SPILL + offset, unit, "unit")
    formula = (
        "=STRESS_PNL(Positions[#All],Scenarios[[#All],[scenario]:[proxy_shock]],Accounts[#All])"
    )
    # The margin ratio is an error where no equity is left; an error of the whole call stays one.
    shown = f'=LET(x,{formula[1:]},IF(ISERROR(INDEX(x,1,1)),x,IFERROR(x,"no equity")))'
    _spills.headed(sheet, (_HEADER, _SPILL), with_hints(shown, HINTS), len(rows()), _REPORT)
    cell = xl_rowcol_to_cell(_HEADER, _SPILL)
    note = "pnl_after_liquidation: a liquidated account loses all it is worth, and its hedge."
    sheet.write(4, _SPILL, explained(formula, cell, note), "note")
    liquidated = _SPILL + LIQUIDATED
    rule = {"type": "cell", "criteria": ">", "value": 0, "format": book.theme.status("BREACH")}
    sheet.cells.conditional_format(_FIRST, liquidated, _FIRST + _ROOM - 1, liquidated, rule)
    sheet.cells.freeze_panes(_FIRST, _LEFT + 2)
    sheet.page(_HEADER + _PRINTED, _LAST, pages_high=1)
    return sheet


def _table(sheet: Sheet) -> None:
    for offset, (_, _, unit, _, _) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    line = "ROW()-ROW(Scenarios[[#Headers],[scenario]])"
    ready = f"OR({','.join(condition for condition, _ in HINTS)})"
    columns = [(name, number, "") for name, number, *_ in _COLUMNS]
    for offset, (name, place) in enumerate((("total_pnl", _TOTAL), ("after_liquidation", _AFTER))):
        result = f'=IF({ready},"",INDEX({_cells(_SPILL + place)},{line}))'
        columns.append((name, "money", result))
        sheet.write(_HEADER - 1, _TOTAL_COLUMN + offset, "USD", "unit")
    body = [(*row, None, None) for row in rows()]
    last = sheet.table("Scenarios", (_HEADER, _LEFT), columns, body)
    for offset, (name, number, _, text, low) in enumerate(_COLUMNS):
        choices = {"top_up": ("TRUE", "FALSE"), "origin": ("library", "own")}.get(name, ())
        item = Input("", name, None, "", number, text, choices, low)
        sheet.guard((_FIRST, _LEFT + offset, last, _LEFT + offset), item)


def write_library(book: Book) -> Sheet:
    """Write the sheet Library: alive, to copy from when rows of the table were changed."""
    library = call("STRESS_SCENARIOS")
    widths = (2, 34, *[17.0] * (len(library[0]) - 1))
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
    sheet.page(4 + len(library), len(library[0]), pages_high=1)
    return sheet
