"""The first sheet: status, the worst of everything, reverse stress, replay, chart."""

from __future__ import annotations

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates import _history_of_book as market
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._figures import Figure
from xlhedge.templates._layout import Book, Input, Result, Sheet
from xlhedge.templates._theme import NAVY, SKY, VERMILLION
from xlhedge.templates._units import UNITS
from xlhedge.templates.stress_grid import grid, scenarios

_STEPS = (
    "1  Enter positions and accounts on Book, brackets on Brackets; look at Checks.",
    "2  Scenarios holds the library; type your own below. Grid: spot and basis shocks.",
    "3  Paste a price history into History: the replay applies it to today's book.",
    "4  Read the worst of everything here, the detail on Report, Calls and Grid.",
    "Blue on yellow: input.  Bold in a box: live result.  Grey: constant.",
)
_INPUTS = (
    Input("target_loss", "Loss that must not happen", 5_000_000, "USD", "money",
          "BREACH beyond it; reverse stress looks for it.", low=1),
)  # fmt: skip
_AFTER = "Scenarios[after_liquidation]"
_RESULTS = (
    Result("worst_scenario", "Worst scenario",
           f"=INDEX(Scenarios[scenario],MATCH(MIN({_AFTER}),{_AFTER},0))", "", "text",
           "The lowest result after liquidations.", scenarios.HINTS),
    Result("worst_loss", "Result in the worst scenario", f"=MIN({_AFTER})", "USD", "money",
           "Liquidated accounts lose balance and hedge.", scenarios.HINTS),
    Result("worst_before", "Worst result before liquidations", "=MIN(Scenarios[total_pnl])", "USD",
           "money", "As if every call were paid in time.", scenarios.HINTS),
    Result("worst_call", "Largest margin call", f"=MAX({scenarios.report_column(scenarios.CALL)})",
           "USD", "money", "Brings every ratio back to one half.", scenarios.HINTS),
    Result("liquidations", "Scenarios with a liquidation",
           f'=COUNTIF({scenarios.report_column(scenarios.LIQUIDATED)},">"&0)', "scenarios",
           "integer", "Maintenance reaches equity, no cash.", scenarios.HINTS),
    Result("grid_worst", "Worst cell of the grid", f"=MIN({grid.CELLS})", "USD", "money",
           "Spot and basis together, no liquidations.",
           (*tables.POSITIONS_READY, *tables.ACCOUNTS_READY,
            (f"COUNT({grid.CELLS})=0", "complete the shocks"))),
)  # fmt: skip
_REPLAY_HINTS = (*tables.READY, market.NO_ROWS)


_OWN = (
    '=IF(NOT(ISNUMBER(worst_loss)),"CHECK: complete the book and the scenarios",'
    'IF(NOT(ISNUMBER(target_loss)),"CHECK: enter the loss that must not happen",'
    'IF(worst_loss<-target_loss,"BREACH: "&worst_scenario&", "&TEXT(worst_loss,"#,##0")&" USD",'
    'IF(liquidations>0,"WATCH: "&liquidations&" scenarios liquidate an account",'
    '"OK: the worst is "&worst_scenario&", "&TEXT(worst_loss,"#,##0")&" USD"))))'
)
FIGURES = (
    Figure("Status", "stress_status", "", "text"),
    Figure("Worst scenario", "worst_scenario", "", "text"),
    Figure("Result in the worst scenario", "worst_loss", "USD", "money"),
    Figure("Worst result before liquidations", "worst_before", "USD", "money"),
    Figure("Largest margin call", "worst_call", "USD", "money"),
    Figure("Scenarios with a liquidation", "liquidations", "scenarios", "integer"),
    Figure("Rise that liquidates an account", "liquidation_up", "of spot", "percent"),
    Figure("Fall that liquidates an account", "liquidation_down", "of spot", "percent"),
    Figure("Lowest result of the replay", "replay_worst", "USD", "money"),
    Figure("On", "replay_worst_time", "UTC", "time"),
)
"""What matters on this sheet, for hosts and the command line."""
_LEFT = 1
_RIGHT = 6
_LAST = 13
_TOP = 5


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `write` follows when the others exist."""
    return book.sheet("Stress", NAVY, (2, 30, 24, 10, 33, 2, *[7.0] * 8))


def write(sheet: Sheet, history: BookHistory) -> None:
    """Write status, results, reverse stress, replay and the chart of scenarios."""
    sheet.heading("Stress grid", "")
    checks.banner(sheet, (1, _LEFT), (2, _LEFT))
    checks.headline(sheet, (3, _LEFT), _LAST, "stress_status", _OWN)
    row = sheet.section(_TOP, "The worst of everything", _LEFT, _LEFT + 3)
    row = sheet.results(row, _LEFT, _RESULTS) + 1
    row = sheet.inputs(sheet.section(row, "Input", _LEFT, _LEFT + 3), _LEFT, _INPUTS) + 1
    row = _reverse(sheet, row)
    row = sheet.section(row, "Replay: the history applied to today's book", _LEFT, _LEFT + 3)
    row = sheet.results(row, _LEFT, _replay(history)) + 1
    names, before, after = scenarios.chart_ranges()
    charts.bars(
        sheet,
        charts.Frame(_TOP, _RIGHT, 420, 760),
        "Profit and loss by scenario",
        [
            charts.Line("Before liquidations", names, before, SKY),
            charts.Line("After liquidations", names, after, VERMILLION),
        ],
        ("USD million", "#,##0.0,,"),
    )
    end = row
    row = sheet.section(row, "Instructions", _LEFT, _LEFT + 3)
    row = sheet.steps(row, _LEFT, _STEPS) + 1
    row = sheet.section(row, "Constants", _LEFT, _LEFT + 3)
    row = sheet.inputs(row, _LEFT, UNITS.values())
    sheet.calculated_by(row + 1, _LEFT, "worst_loss")
    sheet.cells.freeze_panes(4, 0)
    sheet.cells.set_h_pagebreaks([end])
    sheet.page(row + 1, _LAST)


def _reverse(sheet: Sheet, row: int) -> int:
    for title, name, target, hints in (
        ("Reverse stress: a move of spot that loses the amount above", "loss", "target_loss",
         (("target_loss", "enter the loss"), *tables.READY)),
        ("Reverse stress: a move of spot that liquidates an account", "liquidation",
         '"liquidation"', tables.READY),
    ):  # fmt: skip
        row = sheet.section(row, title, _LEFT, _LEFT + 3)
        call = f"STRESS_REVERSE(Positions[#All],{target},Accounts[#All],Brackets[#All])"
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


def _replay(history: BookHistory) -> list[Result]:
    """The figures of the replay; rows as times; an error of its call stays one.

    A history of one coin moves the others by their beta.
    """
    past = f"{market.whole(history)},,"
    if len(history.markets) == 1:
        (one,) = history.markets
        given = {"spot": one.spot, "futures": one.futures, "funding": one.funding}
        past = ",".join(
            "" if values is None else market.series(one.asset, kind)
            for kind, values in given.items()
        )
    call = f"STRESS_REPLAY(Positions[#All],{past},Accounts[#All],Brackets[#All])"
    found = []
    for name, label, figure, dated, note in (
        ("replay_worst", "Lowest result on the way", "worst_pnl", False, "Against today's prices."),
        ("replay_worst_time", "On", "worst_row", True, ""),
        ("replay_end", "Result at the last row", "end_pnl", False, ""),
        ("replay_drawdown", "Largest fall from a high", "maximum_drawdown", False, ""),
        ("replay_call_time", "First margin call", "first_margin_call_row", True,
         "A ratio above one half; none: never."),
        ("replay_liquidation_time", "First liquidation", "first_liquidation_row", True,
         "Maintenance reaches equity."),
    ):  # fmt: skip
        cell, shown = f'INDEX(x,MATCH("{figure}",INDEX(x,0,1),0),2)', "r"
        if dated:  # the row that is looked for may be #N/A: there is none
            cell = f"IFNA({cell},0)"
            shown = 'IF(r=0,"none",IF(INDEX(History[time],r)="","row "&r,INDEX(History[time],r)))'
        formula = f"=LET(x,{call},r,{cell},IF(ISERROR(INDEX(x,1,1)),INDEX(x,1,1),{shown}))"
        unit, number = ("UTC", "time") if dated else ("USD", "money")
        found.append(Result(name, label, formula, unit, number, note, _REPLAY_HINTS))
    return found
