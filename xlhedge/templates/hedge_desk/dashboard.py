"""The desk's Dashboard: one page that a treasurer reads at night and a committee prints."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _history_sheet as market
from xlhedge.templates._figures import Figure
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import BLUE, NAVY, VERMILLION
from xlhedge.templates.hedge_desk import stress


class _Line(NamedTuple):
    """Its area, a figure, the cell on Risk that it shows, and its two limits."""

    area: str
    figure: Figure
    source: str
    at_least: float | None = None
    at_most: float | None = None


_LINES = (
    _Line("Hedge", Figure("Contracts to trade", "dash_contracts", "contracts", "integer"),
          "contracts_to_trade"),
    _Line("", Figure("Minimum-variance hedge ratio", "dash_hedge_ratio", "futures per spot",
                     "ratio"), "min_variance_ratio", 0.8, 1.2),
    _Line("Margin", Figure("Liquidation price", "dash_liq_price", "USD", "price"),
          "liquidation_price"),
    _Line("", Figure("Distance to liquidation", "dash_liq_distance", "of the price", "percent"),
          "liq_distance", 0.15, None),
    _Line("", Figure("Probability of liquidation", "dash_liq_probability", "within the days",
                     "percent"), "liquidation_probability", None, 0.05),
    _Line("Stress", Figure("Worst scenario", "dash_worst_scenario", "", "text"),
          "worst_scenario"),
    _Line("", Figure("Loss in the worst scenario", "dash_worst_loss", "USD", "money"),
          "worst_loss", None, 12_000_000),
    _Line("", Figure("Largest margin call", "dash_worst_call", "USD", "money"), "worst_call",
          None, 20_000_000),
    _Line("", Figure("Scenarios with a liquidation", "dash_liquidations", "scenarios",
                     "integer"), "liquidations", None, 0),
    _Line("Basis", Figure("Basis now", "dash_basis_bp", "bp of spot", "bp"), "basis_now",
          -25, 25),
    _Line("", Figure("Half-life of the basis", "dash_half_life", "days", "days"),
          "ou_half_life", None, 10),
    _Line("", Figure("Basis VaR", "dash_basis_var", "USD", "money"),
          "basis_var_chosen", None, 250_000),
    _Line("Funding", Figure("Funding received by a short", "dash_funding", "per year",
                            "percent"), "mean_funding", -0.05, None),
    _Line("Market", Figure("Market VaR left after the hedge", "dash_market_var", "USD", "money"),
          "var_hedged", None, 1_500_000),
    _Line("Volatility", Figure("Volatility forecast", "dash_volatility", "per year", "percent"),
          "vol_forecast", None, 0.8),
    _Line("", Figure("Exposure at the volatility target", "dash_exposure", "of the holdings",
                     "percent"), "vol_exposure"),
    _Line("", Figure("Hedge share at the volatility target", "dash_hedge_share",
                     "of the holdings", "percent"), "vol_hedge_share"),
    _Line("", Figure("Hedge in place less hedge needed", "dash_hedge_surplus", "of exposure",
                     "percent"), "hedge_surplus", 0, None),
)  # fmt: skip

DASHBOARD: tuple[Figure, ...] = (
    Figure("Status", "dash_status", "", "text"),
    Figure("Action", "dash_action", "", "text"),
    Figure("As of", "dash_as_of", "UTC", "time"),
    *(line.figure for line in _LINES),
)
"""The named cells of the dashboard, in the order in which it shows them."""

WIDTHS = (2, 12, 35, 26, 18, 13, 13, 13, 60)
_LEFT = 1
_LABEL, _VALUE, _UNIT, _LOW, _HIGH, _STATUS, _NOTE = range(2, 9)
_HEADLINE = 3
_HEADER = 7
_FIRST = _HEADER + 1
_LAST = _FIRST + len(_LINES) - 1
_CHARTS = _LAST + 4
_CHART_ROWS = 17
_LIMIT_HELP = "Leave it blank for no limit. The status changes as soon as the result passes it."
_WATCH = Input("watch_band", "Watch from", 0.1, "of the limit", "percent",
               "WATCH starts this close to a limit.", low=0, high=1)  # fmt: skip


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `fill` writes it when the others exist."""
    return book.sheet("Dashboard", NAVY, WIDTHS)


def fill(sheet: Sheet, history: History) -> None:
    """Write the dashboard: headline, results with limits and lights, two charts."""
    sheet.heading("Hedge desk", "")
    source = '="Source: "&history_source&"; "&TEXT(history_rows,"#,##0")&" rows"'
    sheet.write(1, _LEFT, source, "subtitle")
    sample = (
        '=IF(COUNTIF(history_source,"Simulated*")>0,"SAMPLE: the market history is simulated, '
        'not market data. Fill Portfolio and History before deciding.","")'
    )
    sheet.write(2, _LEFT, sample, "notice")
    _headline(sheet)
    _figures(sheet)
    row = sheet.inputs(_LAST + 2, _LABEL, [_WATCH])
    sheet.calculated_by(_LAST + 2, _NOTE, "dash_status")
    _charts(sheet, history)
    sheet.cells.freeze_panes(_FIRST, 0)
    sheet.page(max(row, _CHARTS + _CHART_ROWS), _NOTE, pages_high=1)


def _headline(sheet: Sheet) -> None:
    statuses = sheet.area(_FIRST, _STATUS, _LAST, _STATUS)

    def count(word: str) -> str:
        return f'COUNTIF({statuses},"{word}")'

    interval = 'COUNTIF(interval_status,"OK*")=0'
    status = (
        f'=IF({count("CHECK")}>0,"CHECK: results missing or in error: "&{count("CHECK")},'
        f'IF({interval},"CHECK: the interval of the history",'
        f'IF({count("BREACH")}>0,"BREACH: limits broken: "&{count("BREACH")},'
        f'IF({count("WATCH")}>0,"WATCH: results close to a limit: "&{count("WATCH")},'
        '"OK: all results are within their limits"))))'
    )
    action = (
        '=IF(NOT(ISNUMBER(contracts_to_trade)),"Complete the sheet Portfolio",'
        'IF(contracts_to_trade=0,"No trade: the position is inside its band",'
        'IF(contracts_to_trade<0,"Sell ","Buy ")&TEXT(ABS(contracts_to_trade),"#,##0")&'
        '" "&hedge_asset&" contracts, to hold "&TEXT(contracts_after,"#,##0")))'
    )
    as_of = with_hints("=last_time", (("last_time", "not available"),))
    small = sheet.style("headline", font_size=12)
    for row, label, name, formula, style in (
        (_HEADLINE, "Status", "dash_status", status, sheet.style("headline")),
        (_HEADLINE + 1, "Action", "dash_action", action, sheet.style("headline")),
        (_HEADLINE + 2, "As of", "dash_as_of", as_of,
         sheet.style("headline", "time", font_size=12, bold=False, align="left")),
    ):  # fmt: skip
        sheet.cells.set_row(row, 26)
        sheet.cells.write_string(row, _LEFT, label, small)
        sheet.formula(row, _VALUE, formula, style)
        for column in range(_VALUE + 1, _NOTE + 1):
            sheet.cells.write_blank(row, column, None, style)
        sheet.book.name(name, sheet.name, row, _VALUE)
    note = "UTC, the last row of History"
    sheet.write(_HEADLINE + 2, _UNIT, note, "note")
    cell = xl_rowcol_to_cell(_HEADLINE, _VALUE, row_abs=True, col_abs=True)
    for word in ("CHECK", "BREACH", "WATCH", "OK"):
        rule = {
            "type": "formula",
            "criteria": f'=COUNTIF({cell},"{word}*")>0',
            "format": sheet.book.theme.status(word),
        }
        sheet.cells.conditional_format(_HEADLINE, _VALUE, _HEADLINE, _NOTE, rule)


def _figures(sheet: Sheet) -> None:
    for column, title, align in (
        (_LEFT, "Area", "left"),
        (_LABEL, "Measure", "left"),
        (_VALUE, "Now", "right"),
        (_UNIT, "Unit", "left"),
        (_LOW, "At least", "right"),
        (_HIGH, "At most", "right"),
        (_STATUS, "Status", "center"),
        (_NOTE, "What it says", "left"),
    ):
        style = sheet.style("header", align=align, indent=0 if align == "center" else 1)
        sheet.cells.write_string(_HEADER, column, title, style)
    for row, line in enumerate(_LINES, _FIRST):
        figure = line.figure
        sheet.cells.write_string(row, _LEFT, line.area, sheet.style("label", bold=True))
        sheet.write(row, _LABEL, figure.label, "label")
        formula = with_hints(f"={line.source}", ((line.source, "not available"),))
        sheet.formula(row, _VALUE, formula, sheet.style("result", figure.number))
        sheet.write(row, _UNIT, figure.unit, "measure")
        sheet.write(row, _LOW, line.at_least, "input", figure.number)
        sheet.write(row, _HIGH, line.at_most, "input", figure.number)
        sheet.write(row, _STATUS, _status(row, figure), "status")
        where, source_row, source_column = sheet.book.places[line.source]
        note = xl_rowcol_to_cell(source_row, source_column + 2)
        sheet.formula(row, _NOTE, f'={where}!{note}&""', sheet.style("wrapped"))
        sheet.book.name(figure.name, sheet.name, row, _VALUE)
    sheet.status_format((_FIRST, _STATUS, _LAST, _STATUS))
    limit = Input("", "Limit", None, "", "general", _LIMIT_HELP, low=-1e15, high=1e15)
    sheet.guard((_FIRST, _LOW, _LAST, _HIGH), limit)


def _status(row: int, figure: Figure) -> str:
    """OK, WATCH or BREACH against the limits; CHECK where there is no result."""
    value, low, high = (xl_rowcol_to_cell(row, column) for column in (_VALUE, _LOW, _HIGH))
    if figure.number == "text":
        return f'=IF(ISERROR({value}),"CHECK","")'
    if figure.name == "dash_contracts":
        return f'=IF(ISNUMBER({value}),IF({value}=0,"OK","TRADE"),"CHECK")'
    breach = f'OR(AND({low}<>"",{value}<{low}),AND({high}<>"",{value}>{high}))'
    watch = (
        f'OR(AND({low}<>"",{value}<{low}+watch_band*ABS({low})),'
        f'AND({high}<>"",{value}>{high}-watch_band*ABS({high})))'
    )
    limited = f'AND({low}="",{high}="")'
    return (
        f'=IF(NOT(ISNUMBER({value})),"CHECK",IF({limited},"",'
        f'IF({breach},"BREACH",IF({watch},"WATCH","OK"))))'
    )


def _charts(sheet: Sheet, history: History) -> None:
    times = market.chart_range(history, market.TIME)
    basis = market.chart_range(history, market.BASIS)
    charts.lines(
        sheet,
        charts.Frame(_CHARTS, _LEFT, 640, 400),
        "Basis: spot − future",
        [charts.Line("Basis", times, basis, BLUE, width=1.0)],
        ("time, UTC", "mmm yy"),
        ("bp of spot", "0"),
    )
    names, losses = stress.chart_ranges(sheet.book)
    charts.bars(
        sheet,
        charts.Frame(_CHARTS, _LOW, 705, 400),
        "Stress: result after liquidations",
        [charts.Line("Result", names, losses, VERMILLION)],
        ("USD million", "#,##0,,"),
    )
