"""The first sheet: instructions, inputs, the figures that matter, the history as a chart."""

from __future__ import annotations

from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks as checks
from xlhedge.templates._figures import Figure
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Hints, Input, Result, Sheet
from xlhedge.templates._theme import BLUE, NAVY
from xlhedge.templates._units import UNITS
from xlhedge.templates.basis_history import history as market
from xlhedge.templates.basis_history import model

_STEPS = (
    "1  Paste your spot and futures prices into the sheet History and set its interval.",
    "2  Fill the yellow cells below; hover over a cell for what it means.",
    "3  Read the figures here, statistics, forecast and risk by horizon on Model.",
    "4  Dated futures: enter quotes on Carry and one future's own history on Dated, or clear them.",
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
    Input("z_limit", "Unusual distance from the mean", 2, "std deviations", "quantity",
          "The status says WATCH beyond it, on either side.", low=0.1, high=20),
    Input("fair_carry", "Carry for fair prices", 0.05, "per year", "percent",
          "Rate at which Carry calls a dated future fair: what money costs you.",
          low=-1, high=5),
)  # fmt: skip
_WATCHED = (
    Result("basis_now", "Basis now", '=BASIS(spot_last,futures_last,"bp")', "bp of spot", "bp",
           "Spot − future in the last row of History.", market.HISTORY_READY),
    Result("basis_z", "Distance from its mean", "=basis_z_score", "std deviations", "ratio",
           "Beyond the limit above the basis is unusual for this history.",
           (*market.HISTORY_READY, ("NOT(ISNUMBER(basis_z_score))", "see Model"))),
    Result("half_life", "Half-life of a gap", "=ou_half_life", "days", "days",
           "Time in which half of a gap to the mean closes.",
           (*market.HISTORY_READY, ("ou_half_life", "see Model"))),
)  # fmt: skip
_LEFT, _LAST = 1, 4
_STATUS = (
    '=IF(NOT(ISNUMBER(basis_z)),"CHECK: complete the inputs",IF(ABS(basis_z)>z_limit,'
    '"WATCH: the basis is ","OK: the basis is ")&TEXT(basis_now,"0.0")&" bp, "&'
    'TEXT(ABS(basis_z),"0.0")&" sd "&IF(basis_z<0,"below","above")&" its mean")'
)
FIGURES = (
    Figure("Status", "basis_status", "", "text"),
    Figure("Last row", "last_time", "UTC", "time"),
    Figure("Basis now", "basis_now", "bp of spot", "bp"),
    Figure("Distance from its mean", "basis_z", "std deviations", "ratio"),
    Figure("Half-life of a gap", "half_life", "days", "days"),
    Figure("Horizon of the risk figures", "horizon_days", "days", "quantity"),
    Figure("Their confidence", "confidence", "level", "percent"),
    Figure("Basis risk, square root of time", "basis_var_sqrt", "USD", "money"),
    Figure("Basis risk, mean-reverting", "basis_var_ou", "USD", "money"),
    Figure("Basis risk, empirical", "basis_var_empirical", "USD", "money"),
    Figure("Carry of the dated future's history", "dated_carry", "per year", "share"),
)
"""What matters on this sheet, for hosts and the command line."""


def _at_risk(name: str, scaling: str, label: str, note: str) -> Result:
    formula = f"={model.basis_var('horizon_periods', scaling)}"
    hints: Hints = (*model.SETTINGS, ("horizon_days", "enter the horizon"), *market.HISTORY_READY)
    if scaling == "ou":
        hints = (*hints, model.NO_FIT)
    return Result(name, label.capitalize(), formula, "USD", "money", note, hints)


_RISK = (
    Result("horizon_periods", "Horizon in rows", "=ROUND(horizon_days/interval_days,0)", "rows",
           "integer", "Horizon in days / interval in days.",
           (("interval_hours", "enter the interval of the history"),
            ("horizon_days", "enter the horizon"))),
    *(_at_risk(f"basis_var_{scaling}", scaling, label, note)
      for scaling, label, note in model.SCALINGS),
)  # fmt: skip


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `write` follows when the others exist."""
    return book.sheet("Basis", NAVY, (2, 33, 14, 15, 58))


def write(sheet: Sheet, history: History) -> None:
    """Write instructions, inputs, results and the chart of the history."""
    sheet.heading("Basis history", "")
    checks.banner(sheet, (1, _LEFT), (2, _LEFT))
    checks.headline(sheet, (3, _LEFT), _LAST, "basis_status", _STATUS)
    row = sheet.section(5, "Instructions", _LEFT, _LAST)
    row = sheet.steps(row, _LEFT, _STEPS) + 1
    row = sheet.inputs(sheet.section(row, "Inputs", _LEFT, _LAST), _LEFT, _INPUTS) + 1
    row = sheet.results(sheet.section(row, "Basis", _LEFT, _LAST), _LEFT, _WATCHED) + 1
    title = f'="What the basis can cost over "&horizon_days&" days: "&{model.MEASURE}'
    row = sheet.results(sheet.section(row, title, _LEFT, _LAST), _LEFT, _RISK) + 1
    times = market.chart_range(history, market.TIME)
    charts.timeline(
        sheet,
        charts.Frame(row, _LEFT, 855, 310),
        "Basis: spot − future",
        [charts.Line("Basis", times, market.chart_range(history, market.BASIS), BLUE, width=1.0)],
        ("time, UTC", "d mmm yy"),
        ("bp of spot", "0"),
    )
    row += 14
    model.fan(sheet, charts.Frame(row, _LEFT, 855, 310))
    row = sheet.section(row + 14, "Units", _LEFT, _LAST)
    row = sheet.inputs(row, _LEFT, UNITS.values())
    sheet.calculated_by(row + 1, _LEFT, "basis_z")
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row + 1, _LAST, portrait=True)
