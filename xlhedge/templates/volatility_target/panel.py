"""The first sheet: instructions, inputs, the forecasts side by side, what to do now, two charts."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates._figures import Figure
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Hints, Input, Result, Sheet, with_hints
from xlhedge.templates._theme import AMBER, BLUE, GREEN, NAVY, VERMILLION
from xlhedge.templates._units import UNITS
from xlhedge.templates.volatility_target import schedule

_LEFT = 1
_LAST = _LEFT + 6
_TOP = 9
_CHART_TOP = 35
_INPUTS_TOP = _CHART_TOP + 28
_STEPS = (
    "1  Fill the yellow cells below the charts; hover over a cell for its meaning.",
    "2  Paste your candles into the sheet Candles and set the hours of a bar.",
    "3  Compare the forecasts, choose one, and read the trade; Schedule shows the rule at work.",
    "Blue on yellow: input.  Bold in a box: live result.  Grey: constant.  Needs Excel 365.",
)
_METHODS = ("Realised", "EWMA", "GARCH", "HAR", "Range")

_HOLDING = (
    Input("holding_quantity", "Coins held", 500, "coins", "quantity",
          "The spot holding whose volatility is managed.", low=0),
    Input("contract_size", "Contract size", 1, "coins", "quantity",
          "Coins per contract (linear contracts).", low=0),
    Input("lot", "Lot", 1, "contracts", "quantity",
          "Contracts are rounded to this; 0 does not round.", low=0),
    Input("contracts_held", "Contracts held now", -150, "contracts", "quantity",
          "Negative when short.", low=-1e12, high=1e12),
)  # fmt: skip
_TARGET = (
    Input("target_volatility", "Volatility target", 0.25, "per year", "percent",
          "Volatility that is accepted for the whole position.", low=0, high=5),
    Input("max_exposure", "Largest exposure", 1, "of the holdings", "percent",
          "100 %: never more than the coins themselves.", low=0, high=10),
    Input("min_exposure", "Smallest exposure", 0, "of the holdings", "percent",
          "Kept even when the forecast is very high.", low=0, high=10),
    Input("residual_volatility", "Volatility of the basis", 0.02, "per year", "percent",
          "What the hedged part still moves; basis_history estimates it.", low=0, high=5),
    Input("trade_band", "Band without a trade", 0.05, "of the holdings", "percent",
          "No trade while the exposure is this close to the one wanted.", low=0, high=10),
    Input("trade_to", "Trade to", "target", "", "text",
          "target: all the way; edge: only to the nearer edge of the band.",
          choices=("target", "edge")),
)  # fmt: skip
_FORECAST = (
    Input("bar_hours", "Hours of a bar", 24, "hours", "quantity",
          "Spacing of the rows of Candles.", low=0.01, high=8760),
    Input("vol_decay", "EWMA decay", 0.94, "per row", "ratio",
          "Weight that the last estimate keeps.", low=0.5, high=0.999),
    Input("garch_rows", "GARCH horizon", 7, "rows", "integer",
          "The forecast is of the mean variance over these rows.", low=1, high=1000),
    Input("range_estimator", "Range estimator", "yang_zhang", "", "text",
          "parkinson needs high and low only; yang_zhang allows drift and jumps.",
          choices=("parkinson", "garman_klass", "rogers_satchell", "yang_zhang")),
    Input("chosen_forecast", "Forecast to act on", "EWMA", "", "text",
          "The row of the comparison that the decision uses.", choices=_METHODS),
)  # fmt: skip
_RULE = (
    Input("rebalance_days", "Days between rebalancing dates", 7, "days", "quantity",
          f"Schedule shows the last {schedule.DATES} dates.", low=0.01, high=365),
    Input("window_days", "Window of realised volatility", 30, "days", "quantity",
          "For the chart of realised against target.", low=1, high=3650),
    Input("start_exposure", "Exposure at the start", 1, "of the holdings", "percent",
          "100 %: no hedge before the first date.", low=0, high=10),
    Input("fee_rate", "Trading fee", 0.0005, "of notional", "share", "Per trade.",
          low=-0.01, high=0.1),
    Input("spread", "Bid-ask spread", 0.0002, "of the price", "share",
          "Half of it is paid per trade.", low=0, high=0.1),
    Input("impact", "Price impact", 0.0002, "of the price", "share",
          "Price moved by the own order.", low=0, high=0.1),
)  # fmt: skip
_CONSTANTS = (
    UNITS["hours_per_day"],
    UNITS["days_per_year"],
    UNITS["gap_tolerance"],
    Input("trades_per_round", "Trades in HEDGE_COST", 2, "trades", "integer",
          "HEDGE_COST is in and out; one trade is its half.", role="constant"),
    Input("least_rows", "Rows that a forecast needs", 25, "rows", "integer",
          "Dates with fewer rows behind them are left out.", role="constant"),
    Input("time_tolerance", "Tolerance of times", 0.001, "days", "decimal",
          "Times this close are the same.", role="constant"),
)  # fmt: skip

_NO_CANDLES = ("COUNT(Candles[close])=0", "paste the candles")
_NO_BAR = ("bar_hours", "enter the hours of a bar")
_READY: Hints = (_NO_CANDLES, _NO_BAR)
_FORECASTS: tuple[tuple[str, Hints], ...] = (
    ("=VOL_REALIZED(Candles[close],periods_per_year)", _READY),
    ("=VOL_EWMA(Candles[close],vol_decay,periods_per_year)",
     (*_READY, ("vol_decay", "enter the decay"))),
    ("=VOL_GARCH(Candles[close],garch_rows,periods_per_year)",
     (*_READY, ("garch_rows", "enter the horizon"))),
    ("=VOL_HAR(Candles[close],periods_per_year)", _READY),
    ("=VOL_RANGE(Candles[open],Candles[high],Candles[low],Candles[close],range_estimator,"
     "periods_per_year)",
     (*_READY, ("range_estimator", "choose the estimator"),
      ("COUNT(Candles[[open]:[low]])<COUNT(Candles[close])+COUNT(Candles[close])"
       "+COUNT(Candles[close])", "enter open, high, low"))),
)  # fmt: skip
_TITLES = ("Forecast", "Volatility", "Exposure", "Hedge share", "Hedge", "Trade", "Cost")
_UNITS = ("", "per year", "of the holdings", "of the holdings", "contracts", "of the holdings",
          "USD")  # fmt: skip
_NUMBERS = ("text", "percent", "percent", "percent", "integer", "percent", "money")

_STATUS = (
    '=IF(NOT(ISNUMBER(trade_now)),"CHECK: complete the inputs",IF(trade_now=0,"OK: the exposure is '
    'inside its band","TRADE: "&IF(contracts_now<0,"sell ","buy ")&TEXT(ABS(contracts_now),"#,##0")'
    '&" contracts"))'
)
FIGURES = (
    Figure("Status", "vol_status", "", "text"),
    Figure("Last row", "last_time", "UTC", "time"),
    Figure("Last close", "last_close", "USD", "price"),
    Figure("Forecast acted on", "forecast_now", "per year", "percent"),
    Figure("Exposure now", "exposure_now", "of the holdings", "percent"),
    Figure("Exposure wanted", "exposure_wanted", "of the holdings", "percent"),
    Figure("Trade", "trade_now", "of the holdings", "percent"),
    Figure("Contracts to trade", "contracts_now", "contracts", "integer"),
)
"""What matters on this sheet, for hosts and the command line."""


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first."""
    widths = (2, 31, 17, 15, 15, 13, 15, 12)
    return book.sheet("Volatility", NAVY, widths)


def write_inputs(sheet: Sheet) -> None:
    """Write instructions and inputs."""
    sheet.heading("Volatility target", "")
    checks.banner(sheet, (1, _LEFT), (2, _LEFT))
    sheet.steps(4, _LEFT, _STEPS)
    row = _INPUTS_TOP
    for title, items in (
        ("Holding", _HOLDING),
        ("Target", _TARGET),
        ("Forecasts", _FORECAST),
        ("Schedule and costs", _RULE),
        ("Constants", _CONSTANTS),
    ):
        row = sheet.inputs(sheet.section(row, title, _LEFT, _LAST), _LEFT, items) + 1


def write_results(sheet: Sheet) -> None:
    """Write the forecasts, the decision, the record of the rule, and the charts."""
    checks.headline(sheet, (3, _LEFT), _LAST, "vol_status", _STATUS)
    row = sheet.section(_TOP - 1, "Forecasts side by side", _LEFT, _LAST)
    for offset, unit in enumerate(_UNITS):
        sheet.write(row, _LEFT + offset, unit, "unit")
    sheet.headers(row + 1, _LEFT, _TITLES)
    first, last = row + 2, row + 1 + len(_FORECASTS)
    reasons = []
    for here, (method, (formula, hints)) in enumerate(
        zip(_METHODS, _FORECASTS, strict=True), first
    ):
        sheet.write(here, _LEFT, method, "label")
        sheet.write(here, _LEFT + 1, with_hints(formula, hints), "result", "percent")
        sheet.book.name(f"forecast_{method.lower()}", sheet.name, here, _LEFT + 1)
        reasons.append(explained(formula, xl_rowcol_to_cell(here, _LEFT + 1), ""))
    volatility = sheet.area(first, _LEFT + 1, last, _LEFT + 1)
    for offset, formula in _comparison(sheet, first, last).items():
        guarded = with_hints(
            f'=IF(ISNUMBER({volatility}),{formula},"")',
            (
                ("target_volatility", "enter the target"),
                ("NOT(ISNUMBER(exposure_now))", "complete the holding"),
            )
            if offset > 3
            else (("target_volatility", "enter the target"),),
        )
        sheet.spill(first, _LEFT + offset, guarded, len(_FORECASTS), (_NUMBERS[offset],))
    # One line for all reasons: an error is rare, and the first one is the one to mend.
    reason = '"Realised, range: whole history; EWMA, HAR: the next row; GARCH: its horizon"'
    for text in reversed(reasons):
        plain = text.removeprefix("=").removesuffix(',"")')
        reason = f"{plain},{reason})"
    sheet.write(last + 1, _LEFT, f"={reason}", "note")
    row = sheet.section(last + 3, "Decision", _LEFT, _LAST)
    row = sheet.results(row, _LEFT, _decision(sheet, first, last))
    row = sheet.section(row + 1, "The rule on this history", _LEFT, _LAST)
    row = sheet.results(row, _LEFT, _record())
    _charts(sheet)
    sheet.cells.freeze_panes(4, 0)
    sheet.calculated_by(row, _LEFT, "trade_now")
    inputs = (*_HOLDING, *_TARGET, *_FORECAST, *_RULE, *_CONSTANTS)
    sheet.page(_INPUTS_TOP + len(inputs) + 9, _LAST, portrait=True)


def _comparison(sheet: Sheet, first: int, last: int) -> dict[int, str]:
    """Column to its one call, which takes 1 where a forecast is missing."""
    volatility = sheet.area(first, _LEFT + 1, last, _LEFT + 1)
    exposure = sheet.area(first, _LEFT + 2, last, _LEFT + 2)
    hedge = sheet.area(first, _LEFT + 3, last, _LEFT + 3)
    trade = sheet.area(first, _LEFT + 5, last, _LEFT + 5)

    def numbers(area: str) -> str:
        return f"IF(ISNUMBER({area}),{area},1)"

    return {
        2: f"VOL_TARGET_EXPOSURE(target_volatility,{numbers(volatility)},,max_exposure,"
        "min_exposure)",
        3: f"VOL_TARGET_HEDGE(target_volatility,{numbers(volatility)},residual_volatility)",
        4: f"HEDGE_CONTRACTS(holding_quantity,last_close,contract_size,{numbers(hedge)},,,lot,)",
        5: f"VOL_TARGET_TRADE(exposure_now,{numbers(exposure)},trade_band,trade_to)",
        6: f"HEDGE_COST({numbers(trade)}*holding_quantity*last_close,fee_rate,spread,impact)"
        "/trades_per_round",
    }


def _decision(sheet: Sheet, first: int, last: int) -> tuple[Result, ...]:
    place = f"MATCH(chosen_forecast,{sheet.area(first, _LEFT, last, _LEFT)},0)"

    def chosen(offset: int) -> str:
        column = sheet.area(first, _LEFT + offset, last, _LEFT + offset)
        return f"=INDEX({column},{place})"

    choice = ("chosen_forecast", "choose the forecast")
    holding: Hints = (
        ("holding_quantity", "enter the coins held"),
        ("contract_size", "enter the contract size"),
        ("contracts_held", "enter the contracts held, or 0"),
    )
    return (
        Result("last_time", "Last row", "=MAX(Candles[time])", "UTC", "time", "",
               (("COUNT(Candles[time])=0", "paste the candles"),)),
        Result("last_close", "Last close",
               "=INDEX(Candles[close],ROWS(Candles[close]))", "USD", "price", "", (_NO_CANDLES,)),
        Result("periods_per_year", "Rows in a year", "=days_per_year*hours_per_day/bar_hours",
               "rows", "integer", "Annualises every volatility.", (_NO_BAR,)),
        Result("exposure_now", "Exposure now",
               "=1+contracts_held*contract_size/holding_quantity", "of holdings", "percent",
               "Coins less coins sold forward.", holding),
        Result("forecast_now", "Forecast acted on", chosen(1), "per year", "percent", "",
               (choice,)),
        Result("exposure_wanted", "Exposure wanted", chosen(2), "of holdings", "percent",
               "Target / forecast, between its limits.", (choice,)),
        Result("trade_now", "Trade", chosen(5), "of holdings", "percent",
               "Negative: sell futures; 0: inside the band.", (choice,)),
        Result("contracts_now", "Contracts to trade",
               "=HEDGE_CONTRACTS(holding_quantity,last_close,contract_size,-trade_now,,,lot,)",
               "contracts", "integer", "Negative: sell.",
               (*holding, _NO_CANDLES, ("NOT(ISNUMBER(trade_now))", "complete the inputs"))),
    )  # fmt: skip


def _record() -> tuple[Result, ...]:
    trades, cost, managed = (schedule.column(name) for name in ("trade", "cost", "managed"))
    unmanaged = schedule.column("unmanaged")
    none = ((f"COUNT({managed})=0", "complete the inputs"),)
    return (
        Result("record_unmanaged", "Mean realised, no hedge", f"=AVERAGE({unmanaged})",
               "per year", "percent", "Mean over the dates of Schedule.", none),
        Result("record_managed", "Mean realised, managed", f"=AVERAGE({managed})", "per year",
               "percent", "Compare with the target.", none),
        Result("record_trades", "Trades",
               f'=COUNTIF({trades},">"&0)+COUNTIF({trades},"<"&0)', "trades", "integer",
               "Dates outside the band."),
        Result("record_cost", "Cost of all trades", f"=SUM({cost})", "USD", "money",
               "Fees, half spreads and impact.", none),
    )  # fmt: skip


def _charts(sheet: Sheet) -> None:
    dates = schedule.column("date")
    realised = [
        charts.Line(title, dates, schedule.column(name), colour, dash, 1.75)
        for title, name, colour, dash in (
            ("Without hedge", "unmanaged", AMBER, "solid"),
            ("Managed", "managed", BLUE, "solid"),
            ("Target", "aim", VERMILLION, "dash"),
        )
    ]
    held = [
        charts.Line(title, dates, schedule.column(name), colour, dash, 1.75)
        for title, name, colour, dash in (
            ("Exposure wanted", "target", AMBER, "dash"),
            ("Exposure held", "held", BLUE, "solid"),
            ("Hedge share", "hedge", GREEN, "solid"),
        )
    ]
    for row, title, series, unit in (
        (_CHART_TOP, "Realised volatility against the target", realised, "per year"),
        (_CHART_TOP + 14, "Exposure and hedge over time", held, "of the holdings"),
    ):
        charts.timeline(sheet, charts.Frame(row, _LEFT, 860, 310), title, series,
                        ("date, UTC", "d mmm yy"), (unit, "0%"), step=9)  # fmt: skip
