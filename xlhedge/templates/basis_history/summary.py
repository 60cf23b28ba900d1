"""The first sheet: instructions, inputs, the figures that matter, the history as a chart."""

from __future__ import annotations

from xlhedge.templates import _charts as charts
from xlhedge.templates import _history_sheet as market
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Input, Result, Sheet
from xlhedge.templates._theme import BLUE, NAVY
from xlhedge.templates._units import UNITS
from xlhedge.templates.basis_history import model

_STEPS = (
    "1  Paste your spot and futures prices into the sheet History and set its interval.",
    "2  Fill the yellow cells below; hover over a cell for what it means.",
    "3  Read the figures here, statistics, forecast and risk by horizon on Model.",
    "4  Enter dated futures on Carry for the carry curve.",
    "Blue on yellow: input.  Bold in a box: live result of an xlhedge function.  Grey: constant.",
)
_INPUTS = (
    Input("hedged_value", "Hedged value", 10_000_000, "USD", "money",
          "Spot held against a short future; negative for the reverse.", low=-1e15, high=1e15),
    Input("horizon_days", "Horizon", 1, "days", "quantity",
          "For the figures on this sheet; Model shows several horizons.", low=0.01, high=365),
    Input("confidence", "Confidence", 0.95, "level", "percent",
          "95 % needs 100 windows of history, 99 % needs 500.", low=0.5, high=0.999),
    Input("risk_measure", "Measure", "var", "", "text",
          "var: value at risk; es: expected shortfall, the mean loss beyond it.",
          choices=("var", "es")),
    Input("forecast_confidence", "Width of the forecast fan", 0.9, "probability", "percent",
          "Probability that the basis lies between the outer lines.", low=0.01, high=0.999),
    Input("fair_carry", "Carry for fair prices", 0.05, "per year", "percent",
          "Rate at which Carry calls a dated future fair: what money costs you.",
          low=-1, high=5),
)  # fmt: skip
_WATCHED = (
    Result("basis_now", "Basis now", '=BASIS(spot_last,futures_last,"bp")', "bp of spot", "bp",
           "Spot − future in the last row of History.", market.HISTORY_READY),
    Result("basis_z", "Distance from its mean", f"={model.Z_SCORE}", "std deviations", "ratio",
           "Beyond ±2 the basis is unusual for this history.",
           (*market.HISTORY_READY, (f'{model.Z_SCORE}=""', "see Model"))),
    Result("half_life", "Half-life of a gap", "=ou_half_life", "days", "days",
           "Time in which half of a gap to the mean closes.",
           (*market.HISTORY_READY, ("ou_half_life", "see Model"))),
)  # fmt: skip
_LEFT = 1
_RIGHT = 6
_LAST = 14


def _at_risk(name: str, scaling: str, label: str, note: str) -> Result:
    formula = f"={model.basis_var('horizon_periods', scaling)}"
    hints = (*model.SETTINGS, ("horizon_days", "enter the horizon"), *market.HISTORY_READY)
    return Result(name, f"Basis VaR, {label}", formula, "USD", "money", note, hints)


_RISK = (
    Result("horizon_periods", "Horizon in rows", "=ROUND(horizon_days/interval_days,0)", "rows",
           "integer", "Horizon in days / interval in days.",
           (("interval_hours", "enter the interval of the history"),
            ("horizon_days", "enter the horizon"))),
    *(_at_risk(f"basis_var_{scaling}", scaling, label, note)
      for scaling, label, note in model.SCALINGS),
)  # fmt: skip


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `fill` writes it when the others exist."""
    return book.sheet("Basis", NAVY, (2, 34, 16, 17, 62, 3, *[11.0] * 9))


def fill(sheet: Sheet, history: History) -> None:
    """Write instructions, inputs, results and the chart of the history."""
    sheet.heading("Basis history", "")
    source = '="Source: "&history_source&"; "&TEXT(history_rows,"#,##0")&" rows"'
    sheet.write(1, _LEFT, source, "subtitle")
    sample = (
        '=IF(COUNTIF(history_source,"Simulated*")>0,"SAMPLE: the market history and the dated '
        'futures are simulated, not market data.","")'
    )
    sheet.write(2, _LEFT, sample, "notice")
    row = sheet.section(4, "Instructions", _LEFT, _LEFT + 3)
    row = sheet.steps(row, _LEFT, _STEPS) + 1
    row = sheet.inputs(sheet.section(row, "Inputs", _LEFT, _LEFT + 3), _LEFT, _INPUTS) + 1
    for title, items in (("Basis", _WATCHED), ("What the basis can cost", _RISK)):
        row = sheet.results(sheet.section(row, title, _LEFT, _LEFT + 3), _LEFT, items) + 1
    row = sheet.section(row, "Units", _LEFT, _LEFT + 3)
    row = sheet.inputs(row, _LEFT, UNITS.values())
    sheet.calculated_by(row + 1, _LEFT, "basis_z")
    times = market.chart_range(history, market.TIME)
    charts.lines(
        sheet,
        charts.Frame(4, _RIGHT, 720, 400),
        "Basis: spot − future",
        [charts.Line("Basis", times, market.chart_range(history, market.BASIS), BLUE, width=1.0)],
        ("time, UTC", "d mmm yy"),
        ("bp of spot", "0"),
    )
    model.fan(sheet, charts.Frame(23, _RIGHT, 720, 360))
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row + 1, _LAST, pages_high=1)
