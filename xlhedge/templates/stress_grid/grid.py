"""The sheet Grid: profit and loss for each pair of a spot and a basis shock, as a heat map."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _charts as charts
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import AMBER, BLUE, PURPLE, VERMILLION

_SPOT = (-0.5, -0.4, -0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
_BASIS = (-0.05, -0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03, 0.05)
_COLD, _NEUTRAL, _WARM = "#6BAED6", "#FFFFFF", "#F4A582"
_LEFT = 1
_HEADER = 6
_FIRST, _LAST_ROW = _HEADER + 1, _HEADER + len(_SPOT)
_LAST = _LEFT + len(_BASIS)
CELLS = (
    f"Grid!{xl_rowcol_to_cell(_FIRST, _LEFT + 1, True, True)}"
    f":{xl_rowcol_to_cell(_LAST_ROW, _LAST, True, True)}"
)
"""The results, as other sheets name them."""


def write(book: Book) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Grid", PURPLE, (2, 16, *[14.0] * len(_BASIS)))
    sheet.heading("Grid", "Profit and loss of the book in USD when spot moves (rows) and the basis "
                  "changes (columns)")  # fmt: skip
    sheet.write(2, _LEFT, "Orange: loss.  Blue: gain.  Without funding, costs and liquidations: "
                "those are in Report.", "note")  # fmt: skip
    sheet.section(3, "Spot × basis", _LEFT, _LAST)
    sheet.write(4, _LEFT + 1, "basis shock: change of ln(S/F); negative: the future gains on spot",
                "note")  # fmt: skip
    sheet.write(_HEADER - 1, _LEFT, "return", "unit")
    for column in range(_LEFT + 1, _LAST + 1):
        sheet.write(_HEADER - 1, column, "change of ln(S/F)", "unit")
    sheet.headers(_HEADER, _LEFT, ("spot shock",), texts=())
    for offset, shock in enumerate(_SPOT):
        sheet.write(_FIRST + offset, _LEFT, shock, "input", "percent")
    for offset, shock in enumerate(_BASIS, 1):
        sheet.write(_HEADER, _LEFT + offset, shock, "input", "percent")
    spot = sheet.area(_FIRST, _LEFT, _LAST_ROW, _LEFT)
    basis = sheet.area(_HEADER, _LEFT + 1, _HEADER, _LAST)
    for place, text in (
        ((_FIRST, _LEFT, _LAST_ROW, _LEFT), "Simple return of the market; ascending."),
        ((_HEADER, _LEFT + 1, _HEADER, _LAST), "Change of ln(S/F); ascending."),
    ):
        item = Input("", "Shock", None, "", "percent", text, low=-0.999, high=10)
        sheet.guard(place, item)
    gaps = (
        f"COUNT({spot})+COUNT({basis})<ROWS({spot})+COLUMNS({basis})",
        "complete the shocks",
    )
    formula = f"=STRESS_GRID(Positions[#All],{spot},{basis},Accounts[#All])"
    guarded = with_hints(formula, (*tables.POSITIONS_READY, *tables.ACCOUNTS_READY, gaps))
    sheet.spill(_FIRST, _LEFT + 1, guarded, len(_SPOT), ("money",) * len(_BASIS))
    scale = {
        "type": "3_color_scale",
        "mid_type": "num",
        "mid_value": 0,
        "min_color": _WARM,
        "mid_color": _NEUTRAL,
        "max_color": _COLD,
    }
    sheet.cells.conditional_format(_FIRST, _LEFT + 1, _LAST_ROW, _LAST, scale)
    reason = explained(formula, xl_rowcol_to_cell(_FIRST, _LEFT + 1), "The book on the sheet Book.")
    sheet.write(_LAST_ROW + 1, _LEFT, reason, "note")
    _chart(sheet)
    sheet.cells.freeze_panes(_FIRST, 2)
    sheet.cells.set_h_pagebreaks([_LAST_ROW + 2])
    sheet.page(_LAST_ROW + 24, _LAST)
    return sheet


def _chart(sheet: Sheet) -> None:
    shocks = sheet.absolute(_FIRST, _LEFT, _LAST_ROW, _LEFT)
    middle = _LEFT + 1 + len(_BASIS) // 2
    series = [
        charts.Line(
            name, shocks, sheet.absolute(_FIRST, column, _LAST_ROW, column), colour, dash, 2
        )
        for name, column, colour, dash in (
            ("Lowest basis shock", _LEFT + 1, VERMILLION, "dash"),
            ("Middle basis shock", middle, BLUE, "solid"),
            ("Highest basis shock", _LAST, AMBER, "dash"),
        )
    ]
    charts.lines(
        sheet,
        charts.Frame(_LAST_ROW + 3, _LEFT, 1000, 400),
        "Profit and loss by spot shock",
        series,
        ("spot shock", "0%"),
        ("USD million", "#,##0.0,,"),
        numbers_left=True,
    )
