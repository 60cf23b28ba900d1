"""The first sheet: instructions, the worst of everything, reverse stress, replay, chart."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _history_sheet as market
from xlhedge.templates import _spills
from xlhedge.templates._layout import Book, Input, Result, Sheet
from xlhedge.templates._spills import Row
from xlhedge.templates._theme import NAVY, SKY, VERMILLION
from xlhedge.templates._units import UNITS
from xlhedge.templates.stress_grid import grid, scenarios
from xlhedge.templates.stress_grid.holdings import POSITIONS_COMPLETE, READY

_STEPS = (
    "1  Enter positions and margin accounts on Book; hover over a cell for what it means.",
    "2  Scenarios holds the library; type your own below. Grid: choose spot and basis shocks.",
    "3  Paste a price history into History: the replay applies it to today's book.",
    "4  Read the worst of everything here, the detail on Scenarios and Grid.",
    "Blue on yellow: input.  Bold in a box: live result of an xlhedge function.  Grey: constant.",
)
_INPUTS = (
    Input("target_loss", "Loss that must not happen", 5_000_000, "USD", "money",
          "Reverse stress looks for the smallest spot move that loses this.", low=1),
)  # fmt: skip
_AFTER = "Scenarios[after_liquidation]"
_RESULTS = (
    Result("worst_scenario", "Worst scenario",
           f"=INDEX(Scenarios[scenario],MATCH(MIN({_AFTER}),{_AFTER},0))", "", "text",
           "The lowest result after liquidations.", scenarios.HINTS),
    Result("worst_loss", "Result in the worst scenario", f"=MIN({_AFTER})", "USD", "money",
           "Liquidated accounts lose their balance and their hedge.", scenarios.HINTS),
    Result("worst_before", "Worst result before liquidations", "=MIN(Scenarios[total_pnl])", "USD",
           "money", "As if every margin call were paid in time.", scenarios.HINTS),
    Result("worst_call", "Largest margin call", f"=MAX({scenarios.report_column(scenarios.CALL)})",
           "USD", "money", "Cash that brings every margin ratio back to one half.",
           scenarios.HINTS),
    Result("liquidations", "Scenarios with a liquidation",
           f'=COUNTIF({scenarios.report_column(scenarios.LIQUIDATED)},">"&0)', "scenarios",
           "integer", "Where maintenance reaches equity and no cash can be sent.",
           scenarios.HINTS),
    Result("grid_worst", "Worst cell of the grid", f"=MIN({grid.CELLS})", "USD", "money",
           "Spot and basis shocks together, without liquidations.",
           (POSITIONS_COMPLETE, (f"COUNT({grid.CELLS})=0", "complete the shocks"))),
)  # fmt: skip
_REPLAY = (
    Row("USD", "money", "Lowest profit and loss on the way."),
    Row("row", "integer", "Where it is lowest."),
    Row("USD", "money", "At the last row."),
    Row("USD", "money", "Largest fall from an earlier high."),
    Row("row", "integer", "First margin ratio above one half; none: no such row."),
    Row("row", "integer", "First row where maintenance reaches equity."),
)
_LEFT = 1
_RIGHT = 6
_LAST = 14
_CHART_TOP = 4


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `fill` writes it when the others exist."""
    return book.sheet("Stress", NAVY, (2, 34, 30, 14, 58, 3, *[11.0] * 9))


def fill(sheet: Sheet) -> None:
    """Write instructions, results, reverse stress, replay and the chart of scenarios."""
    sheet.heading("Stress grid", "")
    source = '="Replay: "&history_source&"; "&TEXT(history_rows,"#,##0")&" rows"'
    sheet.write(1, _LEFT, source, "subtitle")
    sample = (
        '="EXAMPLE: enter your own positions on Book before deciding."'
        '&IF(COUNTIF(history_source,"Simulated*")>0," The history of the replay is simulated, '
        'not market data.","")'
    )
    sheet.write(2, _LEFT, sample, "notice")
    row = sheet.section(4, "Instructions", _LEFT, _LEFT + 3)
    row = sheet.steps(row, _LEFT, _STEPS) + 1
    row = sheet.inputs(sheet.section(row, "Input", _LEFT, _LEFT + 3), _LEFT, _INPUTS) + 1
    row = sheet.section(row, "The worst of everything", _LEFT, _LEFT + 3)
    row = sheet.results(row, _LEFT, _RESULTS) + 1
    row = _reverse(sheet, row)
    row = _replay(sheet, row)
    row = sheet.section(row, "Units", _LEFT, _LEFT + 3)
    row = sheet.inputs(row, _LEFT, UNITS.values())
    sheet.calculated_by(row + 1, _LEFT, "worst_loss")
    names, before, after = scenarios.chart_ranges()
    charts.bars(
        sheet,
        charts.Frame(_CHART_TOP, _RIGHT, 720, 900),
        "Profit and loss by scenario",
        [
            charts.Line("Before liquidations", names, before, SKY),
            charts.Line("After liquidations", names, after, VERMILLION),
        ],
        ("USD million", "#,##0.0,,"),
    )
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row + 1, _LAST, pages_high=1)


def _reverse(sheet: Sheet, row: int) -> int:
    for title, name, target, hints in (
        ("Reverse stress: a move of spot that loses the amount above", "loss", "target_loss",
         (("target_loss", "enter the loss"), *READY)),
        ("Reverse stress: a move of spot that liquidates an account", "liquidation",
         '"liquidation"', READY),
    ):  # fmt: skip
        row = sheet.section(row, title, _LEFT, _LEFT + 3)
        call = f"STRESS_REVERSE(Positions[#All],{target},Accounts[#All])"
        results = [
            Result(f"{name}_{direction}", label,
                   f'=IFNA({_reversed(call, direction, "move")},"none")',
                   "of spot", "percent", note, hints)
            for direction, label, note in (
                ("up", "Smallest rise that does it", "none: no move does."),
                ("down", "Smallest fall that does it", ""),
            )
        ]  # fmt: skip
        if name == "liquidation":
            results += [
                Result(f"{name}_{direction}_account", f"Account liquidated by the {label}",
                       f'=IF(ISNA({_reversed(call, direction, "move")}),"none",'
                       f'{_reversed(call, direction, "account")}&"")', "", "text", "", hints)
                for direction, label in (("up", "rise"), ("down", "fall"))
            ]  # fmt: skip
        row = sheet.results(row, _LEFT, results) + 1
    return row


def _reversed(call: str, direction: str, column: str) -> str:
    """One cell of what STRESS_REVERSE gives, by its names."""
    rows, columns = '{"direction","up","down"}', '{"direction","move","account"}'
    return f'INDEX({call},MATCH("{direction}",{rows},0),MATCH("{column}",{columns},0))'


def _replay(sheet: Sheet, row: int) -> int:
    row = sheet.section(row, "Replay: the history applied to today's book", _LEFT, _LEFT + 3)
    formula = (
        "=STRESS_REPLAY(Positions[#All],History[spot],History[futures],History[funding_rate],"
        "Accounts[#All])"
    )
    hints = (*READY, market.NO_HISTORY)
    end = _spills.labelled(sheet, (row, _LEFT), formula, hints, _REPLAY, absent="none")
    worst = xl_rowcol_to_cell(row + 1, _LEFT + 1)
    missing = (f"NOT(ISNUMBER({worst}))", "see above")
    time = Result("replay_worst_time", "Time of the worst row", f"=INDEX(History[time],{worst})",
                  "UTC", "time", "", (*hints, missing))  # fmt: skip
    return sheet.results(end, _LEFT, (time,)) + 1
