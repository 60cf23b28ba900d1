"""The sheet Dated: the history of one dated future, as carry per year until its expiry."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.filling.provenance import YOURS
from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks, _history_checks, _spills
from xlhedge.templates._checks import Check
from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Input, Result
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._spills import Row
from xlhedge.templates._theme import AMBER, GREEN
from xlhedge.templates.basis_history import carry

_SHEET = "Dated"
_LEFT, _PANEL = 1, 8
_LAST = _PANEL + 3
_HEADER = 5
_SAMPLE_ROWS = 270
_EMPTY: tuple[object, ...] = (None,) * 6
_LEVEL, _LEVERAGE = 0.066, 20.0
"""The sample's mean carry, and how far it moves with the perpetual's basis: both assumptions."""
_BEFORE = "ROW()-ROW(Dated[[#Headers],[time]])-1"
_DAYS = '=IF(OR([@time]="",dated_expiry=""),"",dated_expiry-[@time])'
_CARRY = (
    '=IF(OR(N([@spot])=0,N([@futures])=0),"",IF(N([@days])>0,'
    '([@futures]/[@spot]-1)*days_per_year/[@days],""))'
)
_GAP = f'=IF(OR({_BEFORE}=0,[@time]=""),"",([@time]-INDEX(Dated[time],{_BEFORE}))*hours_per_day)'
_COLUMNS = (
    ("time", "UTC", "time", ""), ("spot", "USD", "price", ""), ("futures", "USD", "price", ""),
    ("days", "to expiry", "days", _DAYS), ("carry", "per year", "share", _CARRY),
    ("gap_hours", "hours", "bp", _GAP),
)  # fmt: skip
_NO_ROWS = ("COUNT(Dated[carry])=0", "paste a history")
_NO_HOURS = ("dated_hours", "enter the interval")
_FIT = (
    Row("per year", "decimal", "Per year.", "", "Speed of mean reversion"),
    Row("per year", "share", "Mean to which the carry reverts.", "", "Mean"),
    Row("per √year", "share", "Volatility of the carry if it did not revert.", "", "Volatility"),
    Row("days", "days", "Time in which half of a gap to the mean closes.", "",
        "Half-life of a gap"),
    Row("per year", "share", "Standard deviation in the long run.", "", "Standard deviation"),
    Row("per year", "decimal", "", "", "Standard error of the speed"),
    Row("steps", "integer", "", "", "Steps"),
)  # fmt: skip
_LAST_ROW = "ROWS(Dated[time])"
_RESULTS = (
    Result("dated_days", "Days to expiry", f"=INDEX(Dated[days],{_LAST_ROW})", "days", "days",
           "From the last row.", (_NO_ROWS, ("dated_expiry", "enter the expiry"))),
    Result("dated_carry", "Carry now",
           f"=CARRY_RATE(INDEX(Dated[spot],{_LAST_ROW}),INDEX(Dated[futures],{_LAST_ROW}),"
           'dated_days,"simple")', "per year", "share",
           "What the future pays over spot until its expiry.",
           (_NO_ROWS, ("N(dated_days)<=0", "enter a later expiry"))),
    Result("dated_mean", "Mean carry of these rows", "=AVERAGE(Dated[carry])", "per year", "share",
           "", (_NO_ROWS,)),
    Result("dated_earned", "Earned until expiry",
           f"=-hedged_value*BASIS(INDEX(Dated[spot],{_LAST_ROW}),INDEX(Dated[futures],{_LAST_ROW}),"
           '"pct")', "USD", "money",
           "On the hedged value, if this future is sold against it and held.",
           (_NO_ROWS, ("hedged_value", "enter the hedged value"))),
    Result("dated_ratio", "Minimum variance hedge ratio",
           '=HEDGE_RATIO(Dated[spot],Dated[futures],"")', "", "ratio",
           "Of returns; 20 rows at least.", (_NO_ROWS,)),
)  # fmt: skip
CHECKS = _checks.only_yours("Dated", (
    *_history_checks.times(_history_checks.Series(
        "Dated", "Dated[time]", "Dated[gap_hours]", "dated_hours",
        "the interval on Dated", "dated",
    )),
    *(_history_checks.complete("dated", f"{name} of Dated", f"Dated[{name}]", "COUNT(Dated[time])")
      for name in ("spot", "futures")),
    *_history_checks.pair("the dated future's coin", "Dated[spot]", "Dated[futures]", area="dated"),
    Check("dated", "Expiry of Dated", "MAX(Dated[time])>=dated_expiry",
          '"the last row, "&TEXT(MAX(Dated[time]),"yyyy-mm-dd")&", is not before the expiry, "&'
          'TEXT(dated_expiry,"yyyy-mm-dd")&": enter the expiry of the future whose rows these are"',
          'AND(COUNT(Dated[time])>0,dated_expiry<>"")', "Dated has no rows, or no expiry"),
))  # fmt: skip
"""What the table must be before the figures of this sheet can be believed."""


def _sample(history: History) -> tuple[str, datetime, list[tuple[object, ...]]]:
    """A dated future over the last rows of a simulated history: its name, expiry and rows."""
    expiry = [day for _, day in zip(range(3), carry.expiries(history.time[-1]), strict=False)][-1]
    rows: list[tuple[object, ...]] = []
    basis = np.log(history.spot / history.futures)
    level = _LEVEL - _LEVERAGE * (basis - basis.mean())
    for place in range(len(history) - _SAMPLE_ROWS, len(history)):
        years = (expiry - history.time[place]).total_seconds() / 86_400 / 365
        spot = float(history.spot[place])
        future = round(spot * (1 + float(level[place]) * years), 1)
        rows.append((history.time[place], spot, future, None, None, None))
    return carry.contract(history.asset, expiry), expiry, rows


def write(book: Book, history: History) -> Rows:
    """Write the sheet; without a sample the table waits, empty, for the user's rows."""
    name, expiry, rows = _sample(history) if history.simulated else ("", None, [_EMPTY])
    sheet = book.sheet(_SHEET, GREEN, (2, 16, 11, 11, 9, 9, 11, 2, 28, 16, 10, 34))
    sheet.heading("Dated", "One dated future's own history, oldest first: its basis ends at 0, so "
                  "its carry per year is what can be compared and fitted")  # fmt: skip
    sheet.write(2, _LEFT, "=summary_of_Dated", "note")
    for place, (_, unit, _, _) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, _LEFT + place, unit, "unit")
    layout = [(header, number, formula) for header, _, number, formula in _COLUMNS]
    last = sheet.table("Dated", (_HEADER, _LEFT), layout, rows)
    inputs = (
        Input("dated_contract", "Contract", name or None, "", "text", "Name, for the chart."),
        Input("dated_expiry", "Expiry", expiry, "UTC", "time", "Date and time of its expiry."),
        Input("dated_hours", "Interval of the rows", history.interval_hours if name else None,
              "hours", "quantity", "Hours from row to row.", low=0.01, high=8760),
    )  # fmt: skip
    row = sheet.inputs(sheet.section(_HEADER - 1, "Contract", _PANEL, _LAST), _PANEL, inputs)
    row = sheet.section(row + 1, '="Carry of "&dated_contract', _PANEL, _LAST)
    sheet.write(row, _PANEL, "Status", "label")
    own = (
        f'=IF(COUNT(Dated[carry])=0,"paste a history",IF(is_of_Dated<>"{YOURS}","EXAMPLE",'
        'IF(ISNUMBER(dated_carry),"OK","CHECK")))'
    )
    sheet.write(row, _PANEL + 1, _checks.guarded(own, "dated"), "status")
    sheet.status_format((row, _PANEL + 1, row, _PANEL + 1))
    book.name("dated_status", _SHEET, row, _PANEL + 1)
    row = sheet.results(row + 1, _PANEL, _RESULTS)
    row = sheet.section(row + 1, "Mean reversion of the carry (Ornstein-Uhlenbeck)", _PANEL, _LAST)
    formula = "=OU_FIT(Dated[carry],dated_hours/hours_per_day)"
    late = ("COUNT(Dated[carry])<COUNT(Dated[time])", "enter a later expiry")
    hints = (_NO_ROWS, _NO_HOURS, late)
    row = _spills.labelled(sheet, (row, _PANEL), formula, hints, _FIT, failed="no fit") + 1
    first = _HEADER + 1
    times, level = (f"{_SHEET}!{xl_range_abs(first, place, last, place)}" for place in (1, 5))
    name_cell = xl_rowcol_to_cell(*book.places["dated_contract"][1:], row_abs=True, col_abs=True)
    charts.timeline(
        sheet,
        charts.Frame(row, _PANEL, 630, 260),
        "Carry of the dated future, per year",
        [charts.Line(f"={_SHEET}!{name_cell}", times, level, AMBER, width=1.25)],
        ("time, UTC", "d mmm yy"),
        ("per year", "0.0%"),
    )
    sheet.cells.freeze_panes(_HEADER + 1, 2)
    sheet.page(row + 12, _LAST)
    body = [entry[:3] for entry in rows]
    kind, source = ("sample", "simulated") if name else (YOURS, "no rows")
    return rows_of(_SHEET, ("time", "spot", "futures"), body, ("spot", "futures"), kind=kind,
                   source=source, time="time", optional=True)  # fmt: skip
