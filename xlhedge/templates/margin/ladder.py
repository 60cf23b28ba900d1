"""The sheet Ladder: one position at a ladder of prices, as a table and as a chart."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _spills
from xlhedge.templates._layout import Book, Input, Result, Sheet, explained, with_hints
from xlhedge.templates._theme import BLUE, VERMILLION
from xlhedge.templates.margin.brackets import LADDER
from xlhedge.templates.margin.positions import COMPLETE

_MOVES = (-0.05, 0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16)
_POSITION = Input("ladder_position", "Position", 1, "row of Positions", "integer",
                  "1 is the first row of the table Positions.", low=1, high=1000)  # fmt: skip
_READY = (
    ("ladder_position", "enter the position"),
    *COMPLETE,
    ("ladder_position>ROWS(Positions[asset])", "there is no such position"),
)
_FIELDS = (
    ("ladder_name", "Name", "position", "", "text"),
    ("ladder_asset", "Asset", "asset", "", "text"),
    ("ladder_quantity", "Quantity", "quantity", "contracts", "quantity"),
    ("ladder_size", "Contract size", "contract_size", "coins", "quantity"),
    ("ladder_entry", "Entry price", "entry_price", "USDT", "price"),
    ("ladder_margin", "Margin", "margin", "USDT", "money"),
)
_RESULTS = tuple(
    Result(name, label, f"=INDEX(Positions[{column}],ladder_position)", unit, number, "", _READY)
    for name, label, column, unit, number in _FIELDS
)
_UNITS = ("of entry", "of entry", "USDT", "USDT", "USDT", "USDT", "maint. / equity", "USDT", "")
_NUMBERS = ("percent", "price", "money", "money", "money", "percent", "money", "text")
_LEFT = 1
_HEADER = 14
_FIRST = _HEADER + 1
_LAST_ROW = _FIRST + len(_MOVES) - 1
_LAST = _LEFT + len(_UNITS) - 1
_PRICE, _EQUITY, _MAINTENANCE = _LEFT + 2, _LEFT + 4, _LEFT + 5


def write(book: Book) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Ladder", BLUE, (2, 22, 16, 16, 18, 15, 15, 15, 15, 13))
    sheet.heading("Ladder", "One position on its own margin while the price moves from its entry")
    row = sheet.section(3, "Position", _LEFT, _LEFT + 3)
    row = sheet.inputs(row, _LEFT, (_POSITION,))
    sheet.results(row, _LEFT, _RESULTS)
    sheet.section(_HEADER - 2, "Ladder of prices", _LEFT, _LAST)
    for offset, unit in enumerate(_UNITS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    sheet.headers(_HEADER, _LEFT, ("against you",), texts=())
    for offset, move in enumerate(_MOVES):
        sheet.write(_FIRST + offset, _LEFT, move, "input", "percent")
    text = "Move against the position: up for a short, down for a long; negative: in its favour."
    item = Input("", "Move", None, "", "percent", text, low=-10, high=10)
    sheet.guard((_FIRST, _LEFT, _LAST_ROW, _LEFT), item)
    moves = sheet.area(_FIRST, _LEFT, _LAST_ROW, _LEFT)
    call = (
        f'MARGIN_LADDER(ladder_quantity,ladder_entry,ladder_margin,"",-SIGN(ladder_quantity)*{moves},'
        f'ladder_size,"linear",{LADDER.tiers})'
    )
    # The ratio is an error where there is no equity; an error of the whole call stays one.
    formula = f'=LET(x,{call},IF(ISERROR(INDEX(x,1,1)),x,IFERROR(x,"no equity")))'
    gaps = (f"COUNT({moves})<ROWS({moves})", "complete the moves")
    hints = (gaps, *_READY)
    place = (_HEADER, _LEFT + 1)
    _spills.headed(sheet, place, with_hints(formula, hints), len(_MOVES), _NUMBERS)
    cell = xl_rowcol_to_cell(*place)
    note = "top_up: cash that brings the ratio back to one half; at 100 % it is liquidated."
    sheet.write(_LAST_ROW + 1, _LEFT, explained(f"={call}", cell, note), "note")
    prices = sheet.absolute(_FIRST, _PRICE, _LAST_ROW, _PRICE)
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
        charts.Frame(_LAST_ROW + 3, _LEFT, 1000, 400),
        "Equity against maintenance: liquidation is where they meet",
        series,
        ("price of the coin, USDT", "#,##0"),
        ("USDT", "#,##0"),
    )
    sheet.cells.freeze_panes(2, 0)
    sheet.page(_LAST_ROW + 25, _LAST, pages_high=1)
    return sheet
