"""What the first sheet asks and shows for every venue: inputs, measures, status, figures."""

from __future__ import annotations

from typing import Any, NamedTuple

from xlhedge.templates._figures import Figure
from xlhedge.templates._layout import Input
from xlhedge.templates._units import UNITS
from xlhedge.templates.funding_table import forecast, stress, workings


class Row(NamedTuple):
    """An input or result that every venue has; `{v}` in a formula stands for the venue."""

    name: str
    label: str
    formula: Any
    unit: str
    number: str
    note: str
    needs: tuple[str, ...] = ()
    total: bool = False


BY_VENUE = (
    Input("venue", "Venue", ("Venue A", "Venue B", "Venue C"), "name", "text",
          "Name of the exchange; the tables and charts show it."),
    Input("interval", "Funding interval", (), "hours", "quantity",
          "Hours between two payments: 8, 4 or 1 on most venues.", low=0.01, high=8760),
    Input("contracts", "Contracts held by the hedge", (-300, -200, -100), "contracts", "lots",
          "Negative when short; 0 where the venue is only watched.", low=-1e12, high=1e12),
    Input("contract_size", "Contract size", (1, 1, 1), "coins", "quantity",
          "Coins per contract (linear contracts).", low=0),
    Input("entry_premium", "Premium at entry", (0.0008, 0.0005, 0.0002), "of spot", "share",
          "(Future − spot) / spot when the hedge is opened: a short earns it.", low=-1, high=1),
    Input("exit_premium", "Premium expected at exit", (0, 0, 0), "of spot", "share",
          "What is paid back at the end; 0 when the future ends at spot.", low=-1, high=1),
    Input("costs", "Trading costs, in and out", (0.0016, 0.0014, 0.001), "of notional", "share",
          "All fees, spreads and impact of opening and closing.", low=0, high=1),
)  # fmt: skip
COMMON = (
    Input("financing_rate", "Cost of the cash", 0.05, "per year", "percent",
          "Interest on the money that buys the spot side.", low=-1, high=5),
    Input("holding_days", "Holding period of the carry", 90, "days", "quantity",
          "Days over which costs and premium are spread in the break-even.", low=0.01, high=3650),
    Input("horizon_days", "Horizon of the funding VaR", 7, "days", "quantity",
          "A whole number of every venue's intervals.", low=0.01, high=365),
    Input("confidence", "Confidence", 0.95, "level", "percent",
          "95 % needs 100 windows of the horizon, 99 % needs 500.", low=0.5, high=0.999),
    Input("stress_rate", "Stress: funding rate", -0.0005, "per 8 hours", "rate",
          "Scaled to each venue's interval. The library's scenario has -0.05 %.", low=-1, high=1),
    Input("stress_days", "Stress: how long it lasts", 30, "days", "quantity",
          "The library's scenario lasts 90 payments of 8 hours.", low=0.01, high=3650),
    Input("stress_hours", "Hours that the stress rate is for", 8, "hours", "integer", "Constant.",
          role="constant"),
    Input("window_short", "Short mean", 7, "days", "quantity",
          "Mean of the rates of the last days.", low=0.01, high=3650),
    Input("window_days", "Mean that decides", 30, "days", "quantity",
          "Income and break-even use the mean of these last days.", low=0.01, high=3650),
    Input("window_long", "Long mean", 90, "days", "quantity",
          "Mean of the rates of the last days.", low=0.01, high=3650),
    Input("forecast_days", "Forecast of the next", 30, "days", "quantity",
          "A whole number of every venue's intervals.", low=0.01, high=365),
    Input("forecast_confidence", "Confidence of the forecast", 0.95, "level", "percent",
          "Between lower and upper lies this share of what is expected.", low=0.5, high=0.999),
    Input("mark_limit", "Largest fall of a mark price in the table", 0.95, "of the price",
          "percent", "Beyond it columns or coins are mixed.", role="constant"),
    UNITS["hours_per_day"],
    UNITS["days_per_year"],
    Input("gap_tolerance", "Tolerance of the interval check", 0.05, "hours", "quantity",
          "A mean gap this close to the interval counts as regular.", role="constant"),
)  # fmt: skip

HINTS = {
    "interval": "enter the interval",
    "contracts": "enter the contracts, or 0",
    "contract_size": "enter the size",
    "entry_premium": "enter the premium",
    "exit_premium": "enter the premium",
    "costs": "enter the costs, or 0",
    "financing_rate": "enter the cost of cash",
    "window_short": "enter the days",
    "window_days": "enter the days",
    "window_long": "enter the days",
    "forecast_days": "enter the days",
    "holding_days": "enter the holding period",
    "horizon_days": "enter the horizon",
    "confidence": "enter the confidence",
    "stress_rate": "enter the stress rate",
    "stress_days": "enter the stress days",
    "stress_hours": "enter the stress hours",
}
_SIZE = ("rows", "contracts", "contract_size")
_CARRY = ("entry_premium", "interval", "exit_premium", "costs", "financing_rate", "holding_days")
_VAR = (*_SIZE, "interval", "horizon_days", "confidence")
_VAR_CALL = (
    "=FUNDING_VAR(Funding_{v}[rate],notional_{v},horizon_days,interval_{v},confidence,"
    'IF(contracts_{v}>0,"long","short"),"%s")'
)


_AT = ' at "&TEXT(confidence,"0.0%")&"'
_DECIDES = ("rows", "interval", "window_days")


def _mean(window: str) -> str:
    """The mean rate of the last days, which a shorter history does not have."""
    times = "Funding_{v}[time]"
    first = f"MAX({times})-{window}"
    short = f"MIN({times})>{first}+interval_{{v}}/hours_per_day+gap_tolerance/hours_per_day"
    return (
        f'=IF({short},"too few rows",FUNDING_ANNUAL('
        f"FILTER(Funding_{{v}}[rate],{times}>{first}+gap_tolerance/hours_per_day),interval_{{v}},))"
    )


def _label(text: str, window: str, rest: str = "") -> str:
    """A label that names its number of days."""
    return f'="{text}"&{window}&" days{rest}"'


def _statistic(label: str) -> Any:
    return lambda venue: f"={workings.statistic(venue, label)}"


def _month(label: str) -> Any:
    """A window of 30 days, which a short history does not have."""

    def formula(venue: str) -> str:
        figure = workings.statistic(venue, label)
        return f'=IF(ISERROR({figure}),"needs 30 days",{figure})'

    return formula


GROUPS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("History", (
        Row("payments", "Payments", "=COUNT(Funding_{v}[rate])", "rows", "integer", "",
             total=True),
        Row("first_row", "First row", "=MIN(Funding_{v}[time])", "UTC", "day", "", ("rows",)),
        Row("last_row", "Last row", "=MAX(Funding_{v}[time])", "UTC", "day",
             "The checks judge its age.", ("rows",)),
        Row("check", "Checks of this venue", '="OK"', "", "text",
             "CHECK: the sheet Checks says what is wrong with it.", ("rows", "interval")),
        Row("last_rate", "Last rate",
             "=INDEX(Funding_{v}[rate],ROWS(Funding_{v}[rate]))", "per interval", "rate",
             "Positive: longs pay shorts, so a short hedge receives it.", ("rows",)),
        Row("last_mark", "Last mark price",
             "=INDEX(Funding_{v}[mark_price],ROWS(Funding_{v}[mark_price]))", "USD", "price", "",
             ("rows",)),
    )),
    ("Level", (
        Row("annual_short", _label("Mean of the last ", "window_short"), _mean("window_short"),
             "per year", "share", "", ("rows", "interval", "window_short")),
        Row("annual", _label("Mean of the last ", "window_days"), _mean("window_days"),
             "per year", "share", "Income and carry use this one.", _DECIDES),
        Row("annual_long", _label("Mean of the last ", "window_long"), _mean("window_long"),
             "per year", "share", "", ("rows", "interval", "window_long")),
        Row("annual_all", "Mean of all rows, first to last",
             "=FUNDING_ANNUAL(Funding_{v}[rate],interval_{v},)", "per year", "share",
             "Sum of the rates per year of 365 days: comparable between intervals.",
             ("rows", "interval")),
        Row("compound", "The same, every payment reinvested",
             '=FUNDING_ANNUAL(Funding_{v}[rate],interval_{v},"compound")', "per year", "share",
             "The more often a venue pays, the more compounding adds.", ("rows", "interval")),
        Row("annual_now", "Funding, last rate", "=FUNDING_ANNUAL(last_rate_{v},interval_{v},)",
             "per year", "share", "The last rate for a whole year.", ("rows", "interval")),
        Row("negative", "Share of negative payments", _statistic("share_negative"),
             "of payments", "percent", "How often a short has to pay.", ("rows", "interval")),
        Row("negative_run", "Longest negative run", _statistic("longest_negative_run"),
             "payments", "integer", "Negative payments in a row.", ("rows", "interval")),
        Row("worst", "Worst 30 days", _month("worst_30_days"), "of notional", "share",
             "Smallest sum of the rates over 30 days on end, seen from a short.",
             ("rows", "interval")),
        Row("best", "Best 30 days", _month("best_30_days"), "of notional", "share",
             "Largest sum over 30 days on end.", ("rows", "interval")),
        Row("expected", _label("Forecast, next ", "forecast_days", ": mean"),
             lambda venue: f"={forecast.share(venue, 2)}", "of notional", "share",
             "Received by a short over these days.", ("rows", "interval", "forecast_days")),
        Row("expected_low", _label("Forecast, next ", "forecast_days", ": lower"),
             lambda venue: f"={forecast.share(venue, 4)}", "of notional", "share",
             "At the confidence of the forecast; Forecast shows it in dollars.",
             ("rows", "interval", "forecast_days")),
        Row("expected_high", _label("Forecast, next ", "forecast_days", ": upper"),
             lambda venue: f"={forecast.share(venue, 5)}", "of notional", "share", "",
             ("rows", "interval", "forecast_days")),
        Row("half_life", "Half-life of the rate", _statistic("half_life_days"), "days", "price",
             "Time in which half of a gap to the mean closes.", ("rows", "interval")),
    )),
    ("Cash of the hedge", (
        Row("notional", "Notional of the hedge",
             "=ABS(contracts_{v}*contract_size_{v}*last_mark_{v})", "USD", "money",
             "At the last mark price.", _SIZE, total=True),
        Row("cash", "Funding P&L of all rows, first to last",
             "=FUNDING_PNL(contracts_{v},Funding_{v}[mark_price],Funding_{v}[rate],"
             'contract_size_{v},"linear")', "USD", "money",
             "What the position would have received over the history; negative: paid.", _SIZE,
             total=True),
        Row("income", _label("Funding a year at the mean of ", "window_days"),
             "=IF(ISNUMBER(annual_{v}),-SIGN(contracts_{v})*notional_{v}*annual_{v},"
             '"too few rows")',
             "USD per year", "money",
             "Notional × mean rate, received by a short.", (*_SIZE, *_DECIDES), total=True),
    )),
    ("Break-even of a cash-and-carry", (
        Row("breakeven", "Break-even rate",
             "=FUNDING_BREAKEVEN(entry_premium_{v},exit_premium_{v},costs_{v},financing_rate,"
             "holding_days,interval_{v})", "per interval", "rate",
             "Average rate at which long spot and short perpetual earn nothing.", _CARRY),
        Row("breakeven_annual", "Break-even rate, annualised",
             "=FUNDING_ANNUAL(breakeven_{v},interval_{v},)", "per year", "share", "", _CARRY),
        Row("edge", _label("Mean of ", "window_days", " above break-even"),
             '=IF(ISNUMBER(annual_{v}),annual_{v}-breakeven_annual_{v},"too few rows")',
             "per year", "share", "What the carry earns at that mean.", (*_DECIDES, *_CARRY)),
        Row("carry_status", "Carry",
             '=IF(ISNUMBER(edge_{v}),IF(edge_{v}>0,"OK: earns","WATCH: loses"),"too few rows")', "",
             "text", "OK when that mean is above the break-even.", (*_DECIDES, *_CARRY)),
    )),
    ("Risk", (
        Row("funding_var", _label("Funding VaR, ", "horizon_days", _AT), _VAR_CALL % "var",
             "USD", "money",
             "Loss over the horizon, passed with the probability left by the confidence; "
             "negative: even then received.", _VAR),
        Row("funding_es", _label("Expected shortfall, ", "horizon_days", _AT), _VAR_CALL % "es",
             "USD", "money",
             "Mean loss beyond the VaR.", _VAR),
        Row("stress", _label("Stress rate for ", "stress_days"),
             lambda venue: f"={stress.cash(venue)}",
             "USD", "money", "Funding cash under the stress rate for the stress days.",
             (*_SIZE, "interval", "stress_rate", "stress_hours", "stress_days"), total=True),
        Row("recovery", "Days of that mean to earn it back",
             '=IF(AND(ISNUMBER(income_{v}),N(income_{v})>0,stress_{v}<0),'
             '-stress_{v}/income_{v}*days_per_year,"none")', "days", "days",
             "Stress loss / income per day.",
             (*_SIZE, *_DECIDES, "stress_rate", "stress_hours", "stress_days")),
    )),
)  # fmt: skip
STATUS = (
    '=IF(NOT(ISNUMBER(income_all)),"CHECK: complete a venue",IF(income_all<0,'
    '"WATCH: the hedge pays ","OK: the hedge receives ")&TEXT(ABS(income_all),"#,##0")&'
    '" USD a year (mean of "&window_days&" days)")'
)
FIGURES = (
    Figure("Status", "funding_status", "", "text"),
    Figure("Payments, all venues", "payments_all", "rows", "integer"),
    Figure("Notional of the hedge", "notional_all", "USD", "money"),
    Figure("Days of the mean that decides", "window_days", "days", "quantity"),
    Figure("Funding a year at that mean", "income_all", "USD per year", "money"),
    Figure("Funding P&L of all rows", "cash_all", "USD", "money"),
    Figure("Days of the stress", "stress_days", "days", "quantity"),
    Figure("Funding under the stress rate", "stress_all", "USD", "money"),
)
"""What matters on this sheet, for hosts and the command line."""
