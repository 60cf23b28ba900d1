"""The desk's Dashboard: one page that a treasurer reads at night and a committee prints."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._figures import Figure
from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import BLUE, NAVY, SKY
from xlhedge.templates.hedge_desk import funding, stress
from xlhedge.templates.hedge_desk.risk import horizon_label

_BOOK = ("positions", "accounts", "prices")
_MARGIN = (*_BOOK, "brackets")
_CHANCES = (*_MARGIN, "history")
_FUNDING = (*_BOOK, "history", "funding")


class _Line(NamedTuple):
    """A measure: its area on the page, its label, its cells, its limits, and what it hangs on.

    `name` is that of its cells here, dash_NAME_held and dash_NAME_after; `source` that of the cells
    it shows, SOURCE_held and SOURCE_after, or with `held` and `after` in the middle.
    """

    area: str
    label: str
    name: str
    source: str
    unit: str
    number: str
    checks: tuple[str, ...]
    at_least: float | None = None
    at_most: float | None = None
    shown: str = ""
    """The formula of its label, where it names a setting."""


def _within(days: str, what: str) -> str:
    return f'="{what}, "&{days}&IF({days}=1," day"," days")'


_LINES = (
    _Line("Hedge", "Exposure, value × beta", "exposure", "exposure_{}_net", "USD", "money",
          (*_BOOK, "hedge")),
    _Line("", "Hedged share", "share", "share_{}", "of exposure", "percent", (*_BOOK, "hedge"),
          0.7, 1.05),
    _Line("Risk", "VaR over the horizon", "var", "var_{}", "USD", "money",
          _FUNDING, None, 2_000_000, horizon_label("VaR")),
    _Line("", "Expected shortfall over the horizon", "es", "es_{}", "USD", "money",
          _FUNDING, None, 3_000_000, horizon_label("ES")),
    _Line("", "Hedge above what the target needs", "surplus", "surplus_{}",
          "of holdings", "percent", (*_BOOK, "history"), None, None),
    _Line("Margin", "Worst margin ratio", "ratio", "worst_ratio_{}", "maint. / equity", "percent",
          _MARGIN, None, 0.5),
    _Line("", "Top-up that restores one half", "top_up", "top_up_{}", "USD", "money", _MARGIN, None,
          0),
    _Line("", "Nearest liquidation", "distance", "distance_{}", "of the price", "percent", _MARGIN,
          0.15, None),
    _Line("", "Probability of liquidation, first horizon", "chance_1", "chance_1_{}",
          "any account", "share", _CHANCES, None, 0.01,
          _within("days_1", "Probability of liquidation")),
    _Line("", "Probability of liquidation, second horizon", "chance_2", "chance_2_{}",
          "any account", "share", _CHANCES, None, 0.05,
          _within("days_2", "Probability of liquidation")),
    _Line("", "Probability of liquidation, third horizon", "chance_3", "chance_3_{}",
          "any account", "share", _CHANCES, None, 0.25,
          _within("days_3", "Probability of liquidation")),
    _Line("", "Margin to add to survive the days of the buffer", "to_add", "to_add_{}", "USD",
          "money", _CHANCES, None, None,
          '="To add, to survive "&buffer_days&" days, "&ROUND(buffer_confidence*percents,1)&" %"'),
    _Line("Stress", "Worst scenario", "worst", "worst_scenario_{}", "", "text",
          (*_MARGIN, "scenarios")),
    _Line("", "Loss in the worst scenario", "worst_loss", "worst_loss_{}", "USD", "money",
          (*_MARGIN, "scenarios"), None, 20_000_000),
    _Line("", "Largest margin call", "worst_call", "worst_call_{}", "USD", "money",
          (*_MARGIN, "scenarios"), None, 20_000_000),
    _Line("", "Scenarios with a liquidation", "liquidations", "liquidations_{}", "scenarios",
          "integer", (*_MARGIN, "scenarios"), None, 0),
    _Line("Funding", "Received, last 7 days", "received_7", "received_7_{}", "USD", "money",
          _FUNDING),
    _Line("", "Received, last 30 days", "received_30", "received_30_{}", "USD", "money",
          _FUNDING),
    _Line("", "Received, last 90 days", "received_90", "received_90_{}", "USD", "money",
          _FUNDING),
    _Line("", "Forecast, next 30 days", "forecast", "forecast_mean_{}", "USD", "money",
          _FUNDING),
    _Line("", "Low end of the forecast, next 30 days", "forecast_low", "forecast_low_{}", "USD",
          "money", _FUNDING, -1_000_000, None),
)  # fmt: skip
_SIDES = ("held", "after")
DASHBOARD: tuple[Figure, ...] = (
    Figure("Status", "dash_status", "", "text"),
    Figure("Action", "dash_action", "", "text"),
    Figure("As of", "dash_as_of", "UTC", "time"),
    Figure("Contracts to trade", "dash_contracts", "contracts", "integer"),
    *(
        Figure(f"{line.label}, {word}", f"dash_{line.name}_{side}", line.unit, line.number)
        for line in _LINES
        for side, word in zip(_SIDES, ("held", "after the trade"), strict=True)
    ),
    *(
        Figure(f"Net delta of the {word} coin, {side}", f"dash_delta_{place}_{name}", "coins",
               "coins")
        for place, word in enumerate(("first", "second", "third"), 1)
        for name, side in zip(_SIDES, ("held", "after the trade"), strict=True)
    ),
)  # fmt: skip
"""The named cells of the dashboard, in the order in which it shows them."""

_LEFT = 1
_LABEL, _UNIT, _HELD, _HELD_LIGHT, _AFTER, _AFTER_LIGHT, _LOW, _HIGH = range(2, 10)
_LAST_COLUMN = _HIGH
WIDTHS = (0.5, 7, 29.5, 11.5, 11, 7, 11, 7, 10, 10)
_STATUS_ROW = 3
_HEADER = 8
_FIRST = _HEADER + 1
_SIZE = 10
_ROW_HEIGHT = 16
_LIMIT_HELP = "Leave it blank for no limit. The lights change as soon as a result passes it."
_WATCH = Input("watch_band", "Watch from", 0.1, "of the limit", "percent",
               "WATCH starts this close to a limit.", low=0, high=1)  # fmt: skip
_CHART_ROWS = 18


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `write` follows when the others exist."""
    return book.sheet("Dashboard", NAVY, WIDTHS)


def write(sheet: Sheet, history: BookHistory, cone: funding.Cone) -> None:
    """Write the page: status, action, measures held and after with limits and lights, charts."""
    sheet.heading("Hedge desk", "")
    checks.banner(sheet, (1, _LEFT), (2, _LEFT))
    coins = [one.asset for one in history.markets][:3]
    last = _FIRST + len(_LINES) + len(coins) - 1
    _headline(sheet, last)
    _figures(sheet, coins)
    row = last + 1
    _limit_row(sheet, row)
    sheet.calculated_by(row, _HELD, "dash_status")
    _charts(sheet, row + 2, history, cone)
    for here in range(_HEADER - 3, row + 2 + _CHART_ROWS):
        if here != _HEADER:
            sheet.cells.set_row(here, _ROW_HEIGHT)
    sheet.cells.freeze_panes(_FIRST, 0)
    sheet.page(row + 1 + _CHART_ROWS, _LAST_COLUMN, pages_high=1, portrait=True)


def _headline(sheet: Sheet, last: int) -> None:
    def count(word: str, column: int) -> str:
        return f'COUNTIF({sheet.area(_FIRST, column, last, column)},"{word}")'

    def both(word: str) -> str:
        return f"{count(word, _HELD_LIGHT)}+{count(word, _AFTER_LIGHT)}"

    def told(word: str) -> str:
        return (
            f'{count(word, _HELD_LIGHT)}&" as held, "&{count(word, _AFTER_LIGHT)}&'
            '" after the trade"'
        )

    own = (
        f'=IF({both("CHECK")}>0,"CHECK: results missing or in error: "&{both("CHECK")},'
        f'IF({both("BREACH")}>0,"BREACH: limits broken: "&{told("BREACH")},'
        f'IF({both("WATCH")}>0,"WATCH: results close to a limit: "&{told("WATCH")},'
        'IF(contracts_to_trade<>0,"TRADE: all results are within their limits",'
        '"OK: all results are within their limits"))))'
    )
    checks.headline(sheet, (_STATUS_ROW, _LEFT), _LAST_COLUMN, "dash_status", own)
    ready = 'IF(hint_trade<>"",hint_trade,'
    action = (
        f'={ready}IF(contracts_to_trade=0,"No trade: the position is inside its band",'
        'IF(contracts_to_trade<0,"Sell ","Buy ")&TEXT(ABS(contracts_to_trade),contract_format)&'
        '" "&hedge_contract&" in "&hedge_account&", to hold "&'
        "TEXT(contracts_after,contract_format)))"
    )
    counted = (
        ("watched_checks", " to look at"),
        ("unjudged_checks", " could not be judged"),
    )
    beside = "".join(f'&IF({name}>0,"; "&{name}&"{words}","")' for name, words in counted)
    failed = (
        f'=IF(failed_checks=0,"none failed",failed_checks&" failed"){beside}&'
        'IF(failed_checks+watched_checks+unjudged_checks=0,"",'
        'IF(failed_checks=0," (sheet Checks)",", see the sheet Checks: "&first_failed))'
    )
    small = sheet.style("headline", font_size=11)
    plain = sheet.style("headline", font_size=11, bold=False)
    for offset, (label, name, formula, style) in enumerate((
        ("Action", "dash_action", action, small),
        ("As of", "dash_as_of", '=IF(hint_history<>"",hint_history,last_time)',
         sheet.style("headline", "time", font_size=11, bold=False, align="left")),
        ("Checks", "dash_checks", failed, plain),
    ), 1):  # fmt: skip
        row = _STATUS_ROW + offset
        sheet.cells.write_string(row, _LEFT, label, small)
        sheet.formula(row, _LEFT + 1, formula, style)
        sheet.book.name(name, sheet.name, row, _LEFT + 1)
    row = _STATUS_ROW + 2
    sheet.write(row, _UNIT, "UTC, last row of History", "note")
    sheet.cells.write_string(row, _AFTER, "Contracts to trade", small)
    sheet.formula(row, _LOW + 1, '=IF(hint_trade<>"",hint_trade,contracts_to_trade)',
                  sheet.style("result", "integer", font_size=_SIZE))  # fmt: skip
    sheet.book.name("dash_contracts", sheet.name, row, _LOW + 1)


def _figures(sheet: Sheet, coins: list[str]) -> None:
    for column, title, align in (
        (_LEFT, "Area", "left"),
        (_LABEL, "Measure", "left"),
        (_UNIT, "Unit", "left"),
        (_HELD, "Held", "right"),
        (_HELD_LIGHT, "Light", "center"),
        (_AFTER, "After trade", "right"),
        (_AFTER_LIGHT, "Light", "center"),
        (_LOW, "At least", "right"),
        (_HIGH, "At most", "right"),
    ):
        style = sheet.style("header", align=align, font_size=_SIZE, indent=0)
        sheet.cells.write_string(_HEADER, column, title, style)
    lines = list(_LINES)
    lines[2:2] = [
        _Line("", f"Net {coin}", f"delta_{place}", f"delta {place}", "coins", "coins",
              (*_BOOK, "hedge"))
        for place, coin in enumerate(coins, 1)
    ]  # fmt: skip
    for row, line in enumerate(lines, _FIRST):
        coin = line.label.removeprefix("Net ") if line.source.startswith("delta ") else ""
        _line(sheet, row, line, coin)
    last = _FIRST + len(lines) - 1
    for column in (_HELD_LIGHT, _AFTER_LIGHT):
        sheet.status_format((_FIRST, column, last, column))
    limit = Input("", "Limit", None, "", "general", _LIMIT_HELP, low=-1e15, high=1e15)
    sheet.guard((_FIRST, _LOW, last, _HIGH), limit)


def _line(sheet: Sheet, row: int, line: _Line, coin: str) -> None:
    sheet.cells.write_string(row, _LEFT, line.area, sheet.style("label", bold=True, indent=0,
                                                                font_size=_SIZE))  # fmt: skip
    label = sheet.style("label", font_size=_SIZE)
    if line.shown:
        sheet.formula(row, _LABEL, line.shown, label)
        sheet.book.name(f"label_of_dash_{line.name}", sheet.name, row, _LABEL)
    else:
        sheet.cells.write_string(row, _LABEL, line.label, label)
    sheet.cells.write_string(row, _UNIT, line.unit, sheet.style("measure", font_size=_SIZE))
    number = "money" if line.number == "coins" else line.number
    for column, light, side in ((_HELD, _HELD_LIGHT, "held"), (_AFTER, _AFTER_LIGHT, "after")):
        if coin:
            hint = "book" if side == "held" else "trade"
            found = (
                f'=IF(hint_{hint}<>"",hint_{hint},IFERROR(INDEX(delta_{side},'
                f'MATCH("{coin}",INDEX(delta_{side},0,1),0),4),0))'
            )
        else:
            found = f"={line.source.format(side)}"
            if line.name == "es":  # a row of the same spill: blank where that is an error
                found = f"=IF(ISNUMBER(var_{side}),es_{side},var_{side})"
        sheet.formula(row, column, found, sheet.style("result", number, font_size=_SIZE))
        sheet.book.name(f"dash_{line.name}_{side}", sheet.name, row, column)
        own = _light(row, column, text=line.number == "text")
        sheet.formula(row, light, checks.guarded(own, *line.checks),
                      sheet.style("status", font_size=9))  # fmt: skip
    for column, value in ((_LOW, line.at_least), (_HIGH, line.at_most)):
        sheet.constant(
            row, column, value, sheet.style("input", number, align="right", font_size=_SIZE)
        )


def _light(row: int, column: int, *, text: bool) -> str:
    """OK, WATCH or BREACH against the limits; CHECK where there is no result."""
    value, low, high = (xl_rowcol_to_cell(row, place) for place in (column, _LOW, _HIGH))
    if text:
        return f'=IF(ISERROR({value}),"CHECK","")'
    breach = f'OR(AND({low}<>"",{value}<{low}),AND({high}<>"",{value}>{high}))'
    watch = (
        f'OR(AND({low}<>"",{value}<{low}+watch_band*ABS({low})),'
        f'AND({high}<>"",{value}>{high}-watch_band*ABS({high}),{high}<>0))'
    )
    return (
        f'=IF(ISERROR({value}),"CHECK",IF(AND({low}="",{high}=""),IF(ISNUMBER({value}),"",'
        f'IF(OR({value}="none",{value}="nothing to hedge"),"","CHECK")),'
        f'IF(ISNUMBER({value}),IF({breach},"BREACH",IF({watch},"WATCH","OK")),'
        f'IF({value}="no equity","BREACH",IF(OR({value}="none",{value}="nothing to hedge"),"OK",'
        '"CHECK")))))'
    )


def _limit_row(sheet: Sheet, row: int) -> None:
    sheet.cells.write_string(row, _LABEL, "WATCH starts this close to a limit",
                             sheet.style("label", font_size=_SIZE))  # fmt: skip
    sheet.constant(row, _UNIT, _WATCH.value, sheet.style("input", "percent", align="right",
                                                         font_size=_SIZE))  # fmt: skip
    sheet.book.name(_WATCH.name, sheet.name, row, _UNIT)
    sheet.guard((row, _UNIT, row, _UNIT), _WATCH)


def _charts(sheet: Sheet, row: int, history: BookHistory, cone: funding.Cone) -> None:
    names, held, after = stress.chart_ranges(history)
    charts.bars(
        sheet,
        charts.Frame(row, _LEFT, 360, 360),
        "Stress: result after liquidations",
        [charts.Line("Held", names, held, SKY), charts.Line("After the trade", names, after, BLUE)],
        ("USD million", "#,##0,,"),
    )
    funding.chart(sheet, charts.Frame(row, _HELD, 410, 360), cone)
