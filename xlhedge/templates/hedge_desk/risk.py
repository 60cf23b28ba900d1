"""The desk's Risk sheet: sizing, basis, funding, volatility, value at risk, margin, stress."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _history_sheet as market
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Result, Sheet, explained, with_hints
from xlhedge.templates._theme import AMBER, BLUE, SKY, VERMILLION
from xlhedge.templates.hedge_desk import stress
from xlhedge.templates.hedge_desk.portfolio import ON_MARGIN, SIZED

_LEFT, _RIGHT = 1, 9
_LAST = 13

_NO_TARGET = ("target_volatility", "enter the volatility target")
_NO_HORIZON = ("horizon_days", "enter the horizon")

_SIZING = (
    Result("portfolio_value", "Value of the holdings", "=SUM(Holdings[Value])", "USD", "money"),
    Result("beta_value", "Exposure to the future", "=SUM(Holdings[Beta value])", "USD", "money",
           "Sum of value × beta."),
    Result("target_contracts", "Target position",
           "=BETA_CONTRACTS(Holdings[Value],Holdings[Beta],futures_price,contract_size,"
           "hedge_fraction,target_beta,lot)",
           "contracts", "integer", "Share to hedge × exposure / value of one contract.",
           SIZED),
    Result("contracts_to_trade", "Contracts to trade",
           "=HEDGE_TRADE(current_contracts,target_contracts,rebalance_band,lot)",
           "contracts", "integer", "Positive: buy; negative: sell; 0 inside the band.",
           SIZED),
    Result("contracts_after", "Position after the trade",
           "=current_contracts+contracts_to_trade", "contracts", "integer", "",
           SIZED),
    Result("hedged_notional", "Notional hedged",
           "=-contracts_after*contract_size*futures_price", "USD", "money",
           "Positive when the future is short.", SIZED),
    Result("exposure_left", "Exposure left", "=beta_value-hedged_notional", "USD", "money", "",
           SIZED),
    Result("min_variance_ratio", "Minimum-variance hedge ratio",
           "=HEDGE_RATIO(History[spot],History[futures],)", "futures per spot", "ratio",
           "Slope of spot on futures log returns: 1 when the future follows the coin.",
           market.HISTORY_READY),
)  # fmt: skip
_BASIS = (
    Result("basis_now", "Basis now", '=BASIS(spot_last,futures_last,"bp")', "bp of spot", "bp",
           "Spot − future in the last row of History.", market.HISTORY_READY),
)  # fmt: skip
_OU_ROWS = (
    ("ou_theta", "per year", "decimal", "Speed of mean reversion."),
    ("ou_mu", "log", "log", "Mean of ln(spot/future)."),
    ("ou_sigma", "per √year", "log", "Volatility of the basis if it did not revert."),
    ("ou_half_life", "days", "decimal", "Time in which half of a gap to the mean closes."),
    ("ou_sd", "log", "log", "Standard deviation in the long run."),
    ("ou_theta_se", "per year", "decimal", "Standard error of theta."),
    ("ou_observations", "pairs", "integer", ""),
)
_HORIZONS = (1, 3, 7, 14, 30)
_NO_FIT = ("NOT(ISNUMBER(ou_sigma))", "no fit of the basis")

_FUNDING = (
    Result("mean_funding", "Funding, mean of the history",
           "=FUNDING_ANNUAL(History[funding_rate],interval_hours,)", "per year", "percent",
           "Positive: longs pay shorts, so a short hedge receives it.", market.HISTORY_READY),
    Result("funding_now", "Funding, last rate",
           "=FUNDING_ANNUAL(funding_last,interval_hours,)", "per year", "percent",
           "The last row's rate for a whole year.", market.HISTORY_READY),
    Result("funding_cash", "Funding cash at the mean rate", "=hedged_notional*mean_funding",
           "USD per year", "money", "Positive: received.", (*SIZED, *market.HISTORY_READY)),
)  # fmt: skip
_VOLATILITY = (
    Result("vol_forecast", "Volatility forecast (EWMA)",
           "=VOL_EWMA(History[spot],vol_decay,periods_per_year)", "per year", "percent",
           "Of the spot price; recent rows weigh most.", market.HISTORY_READY),
    Result("vol_exposure", "Exposure at the volatility target",
           "=VOL_TARGET_EXPOSURE(target_volatility,vol_forecast,,max_leverage,)",
           "of the holdings", "percent", "Target / forecast, capped.",
           (*market.HISTORY_READY, _NO_TARGET)),
    Result("vol_hedge_share", "Hedge share at the volatility target",
           "=VOL_TARGET_HEDGE(target_volatility,vol_forecast,ou_sigma)", "of the holdings",
           "percent", "Smallest hedge that meets the target, basis volatility included.",
           (*market.HISTORY_READY, _NO_TARGET, _NO_FIT)),
    Result("hedge_surplus", "Hedge in place less hedge needed",
           "=hedged_notional/beta_value-vol_hedge_share", "of exposure", "percent",
           "Negative: the volatility target asks for a larger hedge.",
           (*SIZED, *market.HISTORY_READY, _NO_TARGET, _NO_FIT)),
)  # fmt: skip
_SCALINGS = ("sqrt", "ou", "empirical")


def _basis_var(name: str, label: str, scaling: str, note: str) -> Result:
    return Result(
        name,
        label,
        "=BASIS_VAR(History[spot],History[futures],hedged_notional,confidence,horizon_periods,"
        f"{scaling},risk_measure)",
        "USD",
        "money",
        note,
        (*SIZED, *market.HISTORY_READY, _NO_HORIZON),
    )


_VAR = (
    Result("horizon_periods", "Horizon", "=ROUND(horizon_days/interval_days,0)", "intervals",
           "integer", "Horizon in days / interval in days.",
           (("interval_hours", "enter the interval of the history"), _NO_HORIZON)),
    _basis_var("basis_var_sqrt", "Basis VaR, square root of time", '"sqrt"',
               "Volatility of basis changes × √horizon: too high where the basis reverts."),
    _basis_var("basis_var_ou", "Basis VaR, mean-reverting", '"ou"',
               "Spread of a change under the fitted mean reversion."),
    _basis_var("basis_var_empirical", "Basis VaR, empirical", '"empirical"',
               "Quantile over the history's own windows."),
    _basis_var("basis_var_chosen", "Basis VaR, as chosen", "basis_scaling",
               "The scaling chosen on Portfolio, for the notional hedged."),
    Result("var_unhedged", "Market VaR without the hedge",
           '=VAR_HISTORICAL(RETURNS(History[spot],"simple",),beta_value,confidence,'
           "risk_measure,)",
           "USD", "money", "Over one interval, from the history's spot returns.",
           (*SIZED, *market.HISTORY_READY)),
    Result("var_hedged", "Market VaR of the exposure left",
           '=VAR_HISTORICAL(RETURNS(History[spot],"simple",),exposure_left,confidence,'
           "risk_measure,)",
           "USD", "money", "The same returns on what the hedge leaves open.",
           (*SIZED, *market.HISTORY_READY)),
)  # fmt: skip
_MARGIN = (
    Result("liquidation_price", "Liquidation price",
           '=LIQ_PRICE(contracts_after,entry_price,wallet_balance,"",contract_size,,,'
           "liquidation_fee,margin_convention,Tiers[#All])",
           "USD", "price", "Where equity falls to maintenance; the bracket at that price counts.",
           ON_MARGIN),
    Result("liq_distance", "Distance to liquidation",
           "=SIGN(contracts_after)*(1-liquidation_price/futures_price)", "of the price", "percent",
           "Adverse move of the future until liquidation.", ON_MARGIN),
    Result("liquidation_probability", "Probability of liquidation",
           "=LIQ_PROBABILITY(futures_price,liquidation_price,vol_forecast,liquidation_days,,"
           'IF(contracts_after<0,"short","long"))',
           "within the days", "percent", "First passage at the forecast volatility, no drift.",
           (*ON_MARGIN, *market.HISTORY_READY,
            ("liquidation_days", "enter the days"))),
    Result("margin_ratio_now", "Margin ratio",
           "=MARGIN_RATIO(contracts_after,entry_price,futures_price,wallet_balance,"
           '"",contract_size,,Tiers[#All])',
           "maint. / equity", "percent", "100 % is liquidation.", ON_MARGIN),
)  # fmt: skip


def write(book: Book, history: History) -> Sheet:
    """Write the sheet Risk: every calculation behind the dashboard."""
    sheet = book.sheet("Risk", BLUE, (2, 36, 18, 16, *[14.0] * 8, 20, 14))
    sheet.heading("Risk", "Every calculation behind the Dashboard. Where a result is an error, the "
                  "note beside it says why")  # fmt: skip
    row = _panel(sheet, 3, "Hedge sizing", _SIZING)
    row = _panel(sheet, row, "Basis", _BASIS) - 1
    row = _mean_reversion(sheet, row)
    _forecast(sheet, 3)
    _funding_chart(sheet, row + 5, history)
    row = _panel(sheet, row + 1, "Funding", _FUNDING)
    row = _panel(sheet, row, "Volatility", _VOLATILITY)
    row = _panel(sheet, row, "Value at risk", _VAR)
    row = _panel(sheet, row, "Margin", _MARGIN)
    row = stress.write(sheet, row)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row, _LAST, pages_high=2)
    return sheet


def _panel(sheet: Sheet, row: int, title: str, items: tuple[Result, ...]) -> int:
    return sheet.results(sheet.section(row, title, _LEFT, _LEFT + 6), _LEFT, items) + 1


def _mean_reversion(sheet: Sheet, row: int) -> int:
    """OU_FIT spills label and value; units and notes stand beside, names point at the values."""
    formula = '=OU_FIT(BASIS(History[spot],History[futures],"log"),interval_days)'
    guarded = with_hints(formula, market.HISTORY_READY)
    sheet.spill(row, _LEFT, guarded, len(_OU_ROWS), ("text", "decimal"))
    for offset, (name, unit, number, note) in enumerate(_OU_ROWS):
        style = sheet.style("spill", number, align="right", bold=True)
        sheet.cells.write_blank(row + offset, _LEFT + 1, None, style)
        sheet.write(row + offset, _LEFT + 2, unit, "measure")
        sheet.book.name(name, sheet.name, row + offset, _LEFT + 1)
        if offset:
            sheet.write(row + offset, _LEFT + 3, note, "note")
    reason = explained(formula, xl_rowcol_to_cell(row, _LEFT), _OU_ROWS[0][3])
    sheet.write(row, _LEFT + 3, reason, "note")
    return row + len(_OU_ROWS)


def _forecast(sheet: Sheet, row: int) -> None:
    """The basis over the next days: a spill beside its horizons, and the fan chart."""
    row = sheet.section(row, "Basis forecast", _RIGHT, _LAST)
    units = ("days ahead", "bp", "bp", "bp", "bp")
    for offset, unit in enumerate(units):
        sheet.write(row, _RIGHT + offset, unit, "unit")
    sheet.headers(row + 1, _RIGHT, ("Horizon", "Mean", "Std deviation", "Low", "High"), texts=())
    first, last = row + 2, row + 1 + len(_HORIZONS)
    for offset, horizon in enumerate(_HORIZONS):
        sheet.write(first + offset, _RIGHT, horizon, "input", "quantity")
    horizons = sheet.area(first, _RIGHT, last, _RIGHT)
    formula = with_hints(
        "=OU_FORECAST(LN(spot_last/futures_last),ou_theta,ou_mu,ou_sigma,"
        f"{horizons},confidence)*bp_per_unit",
        (_NO_FIT,),
    )
    sheet.spill(first, _RIGHT + 1, formula, len(_HORIZONS), ("bp",) * 4)
    days = sheet.absolute(first, _RIGHT, last, _RIGHT)
    fan = [
        charts.Line(name, days, sheet.absolute(first, column, last, column), colour, dash)
        for name, column, colour, dash in (
            ("High", _RIGHT + 4, VERMILLION, "dash"),
            ("Mean", _RIGHT + 1, BLUE, "solid"),
            ("Low", _RIGHT + 3, AMBER, "dash"),
        )
    ]
    charts.lines(
        sheet,
        charts.Frame(last + 2, _RIGHT, 545, 330),
        "Where the basis is expected, and its band",
        fan,
        ("days ahead", "0"),
        ("basis, bp of spot", "0"),
        {"min": 0, "max": max(_HORIZONS)},
    )


def _funding_chart(sheet: Sheet, row: int, history: History) -> None:
    times = market.chart_range(history, market.TIME)
    rates = market.chart_range(history, market.FUNDING)
    charts.lines(
        sheet,
        charts.Frame(row, _RIGHT, 545, 330),
        "Funding rate",
        [charts.Line("Funding rate", times, rates, SKY, width=1.0)],
        ("time, UTC", "mmm yy"),
        ("per interval", "0.00%"),
    )
