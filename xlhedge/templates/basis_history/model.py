"""The sheet Model: statistics, mean reversion, forecast and value at risk by horizon."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _spills
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._spills import Row
from xlhedge.templates._theme import AMBER, BLUE, GREEN, VERMILLION
from xlhedge.templates.basis_history import history as market

SCALINGS = (
    ("sqrt", "square root of time", "Volatility × √horizon: too high where the basis reverts."),
    ("ou", "mean-reverting", "Spread of a change under the fitted mean reversion."),
    ("empirical", "empirical", "Quantile over the history's own windows, which overlap."),
)
"""Each scaling of BASIS_VAR with its label and what it means."""
SETTINGS = (
    ("hedged_value", "enter the hedged value"),
    ("confidence", "enter the confidence"),
)
"""The hints of every value at risk."""

MEASURE = (
    '"risk at "&TEXT(confidence,"0.0%")&" ("&IF(risk_measure="es","expected shortfall",'
    '"value at risk")&")"'
)
"""An expression that names the measure with its confidence."""

_SHEET = "Model"
_LEFT = 1
_LAST = 8
_TOP = 3
_STATISTICS = (
    Row("log", "rate", "Of b = ln(spot / future): about the basis in percent of spot.", "", "Mean"),
    Row("log", "rate", "Of the level.", "", "Standard deviation"),
    Row("log", "rate", "", "", "Minimum"),
    Row("log", "rate", "5 % of the rows lie below.", "", "5th percentile"),
    Row("log", "rate", "", "", "Median"),
    Row("log", "rate", "5 % of the rows lie above.", "", "95th percentile"),
    Row("log", "rate", "", "", "Maximum"),
    Row("log", "rate", "The last row of History.", "", "Last"),
    Row("std deviations", "ratio", "(last − mean) / standard deviation.", "basis_z_score",
        "Distance from the mean"),
    Row("log per row", "rate", "Of the change from row to row.", "",
        "Standard deviation of changes"),
    Row("", "ratio", "", "", "Skewness"),
    Row("", "ratio", "0 for a normal distribution.", "", "Excess kurtosis"),
    Row("", "ratio", "Of the level with the row before: near 1 it reverts slowly.", "",
        "Autocorrelation"),
    Row("days", "days", "Time in which half of a gap to the mean closes.", "",
        "Half-life of a gap"),
    Row("", "ratio", "Augmented Dickey-Fuller test for a unit root.", "", "Unit root: statistic"),
    Row("", "decimal", "Small: the basis reverts to its mean.", "", "Unit root: p-value"),
    Row("", "decimal", "Of spot with futures returns: close to 1 in a good hedge.", "",
        "Correlation of returns"),
    Row("rows", "integer", "", "", "Rows"),
)  # fmt: skip
_FIT = (
    Row("per year", "decimal", "Theta, the speed of mean reversion.", "ou_theta",
        "Speed of mean reversion"),
    Row("log", "rate", "Mu, the mean to which the basis reverts.", "ou_mu", "Mean"),
    Row("log per √year", "rate", "Sigma, the volatility of the basis if it did not revert.",
        "ou_sigma", "Volatility"),
    Row("days", "days", "Time in which half of a gap to the mean closes.", "ou_half_life",
        "Half-life of a gap"),
    Row("log", "rate", "In the long run.", "ou_sd", "Standard deviation"),
    Row("per year", "decimal", "Of theta.", "ou_theta_se", "Standard error of the speed"),
    Row("steps", "integer", "", "ou_observations", "Steps"),
)  # fmt: skip
_FORECAST_DAYS = (0, 0.5, 1, 2, 3, 5, 7, 10, 14)
_RISK_DAYS = (1, 2, 3, 5, 7, 10, 14)
NO_FIT = ("NOT(ISNUMBER(ou_sigma))", "no fit")
"""The hint of what needs the mean reversion."""

_FORECAST_TOP = _TOP + len(_STATISTICS) + len(_FIT) + 4
_FORECAST_FIRST = _FORECAST_TOP + 3
_FORECAST_LAST = _FORECAST_FIRST + len(_FORECAST_DAYS) - 1
_RISK_TOP = _FORECAST_LAST + 19
_RISK_FIRST = _RISK_TOP + 3
_RISK_LAST = _RISK_FIRST + len(_RISK_DAYS) - 1


def basis_var(periods: str, scaling: str) -> str:
    """The call of BASIS_VAR over a number of rows."""
    return (
        f"BASIS_VAR(History[spot],History[futures],hedged_value,confidence,{periods},"
        f'"{scaling}",risk_measure)'
    )


def write(book: Book) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet(_SHEET, BLUE, (2, 28, *[13.0] * 7))
    sheet.heading("Model", "Statistics, mean reversion, risk of b = ln(spot / future). "
                  "Where a result is an error, the note beside it says why")  # fmt: skip
    row = sheet.section(_TOP, "Statistics", _LEFT, _LAST)
    formula = "=BASIS_STATS(History[spot],History[futures],interval_hours)"
    row = _spills.labelled(sheet, (row, _LEFT), formula, market.HISTORY_READY, _STATISTICS,
                          failed="none")  # fmt: skip
    row = sheet.section(row + 1, "Mean reversion (Ornstein-Uhlenbeck)", _LEFT, _LAST)
    formula = '=OU_FIT(BASIS(History[spot],History[futures],"log"),interval_days)'
    _spills.labelled(sheet, (row, _LEFT), formula, market.HISTORY_READY, _FIT, failed="no fit")
    _forecast(sheet)
    fan(sheet, charts.Frame(_FORECAST_LAST + 2, _LEFT, 855, 350))
    last = _value_at_risk(sheet)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(last, _LAST, portrait=True)
    return sheet


def _horizons(sheet: Sheet, first: int, days: tuple[float, ...], help_text: str) -> None:
    for offset, day in enumerate(days):
        sheet.write(first + offset, _LEFT, day, "input", "quantity")
    item = Input("", "Horizon", None, "days", "quantity", help_text, low=0, high=3650)
    sheet.guard((first, _LEFT, first + len(days) - 1, _LEFT), item)


def _forecast(sheet: Sheet) -> None:
    """A spill beside its horizons, and the inner band, one standard deviation wide."""
    row = sheet.section(_FORECAST_TOP, "Forecast of the basis", _LEFT, _LAST)
    for offset, unit in enumerate(("days ahead", *["bp of spot"] * 6)):
        sheet.write(row, _LEFT + offset, unit, "unit")
    titles = ("Horizon", "Mean", "Std deviation", "Outer low", "Outer high", "Inner low",
              "Inner high")  # fmt: skip
    sheet.headers(row + 1, _LEFT, titles, texts=())
    _horizons(sheet, _FORECAST_FIRST, _FORECAST_DAYS, "Days ahead, 0 for now.")
    horizons = sheet.area(_FORECAST_FIRST, _LEFT, _FORECAST_LAST, _LEFT)
    gaps = (f"COUNT({horizons})<ROWS({horizons})", "complete the horizons")
    call = (
        f"=OU_FORECAST(LN(spot_last/futures_last),ou_theta,ou_mu,ou_sigma,{horizons},"
        "forecast_confidence)*bp_per_unit"
    )
    wide = ("forecast_confidence", "enter the width of the fan")
    formula = with_hints(call, (NO_FIT, wide, gaps))
    sheet.spill(_FORECAST_FIRST, _LEFT + 1, formula, len(_FORECAST_DAYS), ("bp",) * 4)
    for line in range(_FORECAST_FIRST, _FORECAST_LAST + 1):
        mean, spread = (xl_rowcol_to_cell(line, _LEFT + place) for place in (1, 2))
        for place, sign in ((5, "-"), (6, "+")):
            inner = f'=IF(COUNT({mean},{spread})=0,"",{mean}{sign}{spread})'
            sheet.write(line, _LEFT + place, inner, "calculated", "bp")
    note = "Outer: the probability chosen on Basis. Inner: mean ± one standard deviation."
    sheet.write(_FORECAST_LAST + 1, _LEFT, note, "note")


def _cells(first: int, column: int, last: int) -> str:
    return f"{_SHEET}!{xl_range_abs(first, column, last, column)}"


def fan(sheet: Sheet, frame: charts.Frame) -> None:
    """The chart of the forecast, on this sheet or another."""
    days = _cells(_FORECAST_FIRST, _LEFT, _FORECAST_LAST)
    series = [
        charts.Line(name, days, _cells(_FORECAST_FIRST, _LEFT + place, _FORECAST_LAST), colour,
                    dash, width)
        for name, place, colour, dash, width in (
            ("Outer high", 4, VERMILLION, "dash", 1.5),
            ("Inner high", 6, AMBER, "solid", 1.0),
            ("Mean", 1, BLUE, "solid", 2.25),
            ("Inner low", 5, AMBER, "solid", 1.0),
            ("Outer low", 3, VERMILLION, "dash", 1.5),
        )
    ]  # fmt: skip
    charts.lines(
        sheet,
        frame,
        "Forecast of the basis",
        series,
        ("days ahead", "0"),
        ("bp of spot", "0"),
        {"min": 0, "max": max(_FORECAST_DAYS)},
    )


def _value_at_risk(sheet: Sheet) -> int:
    title = f'="Basis "&{MEASURE}&" by horizon and scaling"'
    row = sheet.section(_RISK_TOP, title, _LEFT, _LAST)
    for offset, unit in enumerate(("days", "rows", "USD", "USD", "USD", "separate")):
        sheet.write(row, _LEFT + offset, unit, "unit")
    titles = ("Horizon", "Rows", "Root of time", "Mean-reverting", "Empirical", "Windows")
    sheet.headers(row + 1, _LEFT, titles, texts=())
    _horizons(sheet, _RISK_FIRST, _RISK_DAYS, "Rounded to whole rows of the history.")
    for line in range(_RISK_FIRST, _RISK_LAST + 1):
        days, periods = (xl_rowcol_to_cell(line, _LEFT + place) for place in (0, 1))
        hints = ((days, "enter days"), *market.HISTORY_READY)
        rows = with_hints(f"=ROUND({days}/interval_days,0)", hints)
        sheet.write(line, _LEFT + 1, rows, "calculated", "integer")
        for place, (scaling, _, _) in enumerate(SCALINGS, 2):
            formula = f"={basis_var(periods, scaling)}"
            needs = (*SETTINGS, *hints, *((NO_FIT,) if scaling == "ou" else ()))
            sheet.write(line, _LEFT + place, with_hints(formula, needs), "result", "money")
        windows = f"=(history_rows-1)/{periods}"
        sheet.write(line, _LEFT + 5, with_hints(windows, hints), "calculated", "days")
    row = _RISK_LAST + 1
    periods = xl_rowcol_to_cell(_RISK_LAST, _LEFT + 1)
    for place, (scaling, label, note) in enumerate(SCALINGS, 2):
        cell = xl_rowcol_to_cell(_RISK_LAST, _LEFT + place)
        text = f"{label.capitalize()}: {note}"
        reason = explained(f"={basis_var(periods, scaling)}", cell, text)
        sheet.write(row, _LEFT, reason, "note")
        row += 1
    sheet.write(row, _LEFT, "Few separate windows: the empirical figure says little.", "note")
    days = _cells(_RISK_FIRST, _LEFT, _RISK_LAST)
    series = [
        charts.Line(title, days, _cells(_RISK_FIRST, _LEFT + place, _RISK_LAST), colour)
        for title, place, colour in (
            ("Root of time", 2, VERMILLION),
            ("Mean-reverting", 3, BLUE),
            ("Empirical", 4, GREEN),
        )
    ]
    charts.lines(
        sheet,
        charts.Frame(row + 2, _LEFT, 855, 380),
        "What the basis may cost by horizon: three scalings",
        series,
        ("horizon, days", "0"),
        ("USD", "#,##0"),
        {"min": 0, "max": max(_RISK_DAYS)},
        marks=True,
    )
    return row + 19
