"""The first sheet: instructions, inputs by venue, the venues side by side, two charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.catalog import CATALOG
from xlhedge.templates import _charts as charts
from xlhedge.templates._formulas import calls
from xlhedge.templates._layout import Book, Hints, Input, Sheet, with_hints
from xlhedge.templates._theme import NAVY
from xlhedge.templates._units import UNITS
from xlhedge.templates.funding_table import stress, workings
from xlhedge.templates.funding_table.payments import VENUES, no_rows

_LABEL, _FIRST = 1, 2
_TOTAL = _FIRST + len(VENUES)
_UNIT, _NOTE = _TOTAL + 1, _TOTAL + 2
_WIDTHS = (2, 38, 17, 17, 17, 17, 19, 82)

_STEPS = (
    "1  Fill the yellow cells below: one column for each venue. Hover over a cell for its meaning.",
    "2  Paste each venue's payments into its own table on the sheet Payments, at any interval.",
    "3  Compare the venues here. Workings and Stress hold the detail; nothing else needs entries.",
    "Blue on yellow: input.  Bold in a box: live result.  Grey: constant.  Needs Excel 365.",
)


class _Row(NamedTuple):
    """An input or result that every venue has; `{v}` in a formula stands for the venue."""

    name: str
    label: str
    formula: Any
    unit: str
    number: str
    note: str
    needs: tuple[str, ...] = ()
    total: bool = False


_BY_VENUE = (
    Input("venue", "Venue", ("Venue A", "Venue B", "Venue C"), "name", "text",
          "Name of the exchange; the tables and charts show it."),
    Input("interval", "Funding interval", (), "hours", "quantity",
          "Hours between two payments: 8, 4 or 1 on most venues.", low=0.01, high=8760),
    Input("contracts", "Contracts held by the hedge", (-300, -200, -100), "contracts", "quantity",
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
_COMMON = (
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
    UNITS["hours_per_day"],
    UNITS["days_per_year"],
    Input("gap_tolerance", "Tolerance of the interval check", 0.05, "hours", "quantity",
          "A mean gap this close to the interval counts as regular.", role="constant"),
)  # fmt: skip

_HINTS = {
    "interval": "enter the interval",
    "contracts": "enter the contracts, or 0",
    "contract_size": "enter the size",
    "entry_premium": "enter the premium",
    "exit_premium": "enter the premium",
    "costs": "enter the costs, or 0",
    "financing_rate": "enter the cost of cash",
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


def _statistic(label: str) -> Any:
    return lambda venue: f"={workings.statistic(venue, label)}"


def _month(label: str) -> Any:
    """A window of 30 days, which a short history does not have."""

    def formula(venue: str) -> str:
        figure = workings.statistic(venue, label)
        return f'=IF(ISERROR({figure}),"needs 30 days",{figure})'

    return formula


_GROUPS: tuple[tuple[str, tuple[_Row, ...]], ...] = (
    ("History", (
        _Row("payments", "Payments", "=COUNT(Funding_{v}[rate])", "rows", "integer", "",
             total=True),
        _Row("check", "Interval check",
             "=IF(ABS((MAX(Funding_{v}[time])-MIN(Funding_{v}[time]))*hours_per_day"
             '-(payments_{v}-1)*interval_{v})>gap_tolerance*payments_{v},'
             '"CHECK the interval","OK")', "", "text",
             "OK when the rows are one interval apart on average.", ("rows", "interval")),
        _Row("last_rate", "Last rate",
             "=INDEX(Funding_{v}[rate],ROWS(Funding_{v}[rate]))", "per interval", "rate",
             "Positive: longs pay shorts, so a short hedge receives it.", ("rows",)),
        _Row("last_mark", "Last mark price",
             "=INDEX(Funding_{v}[mark_price],ROWS(Funding_{v}[mark_price]))", "USD", "price", "",
             ("rows",)),
    )),
    ("Level", (
        _Row("annual", "Funding, mean of the history",
             "=FUNDING_ANNUAL(Funding_{v}[rate],interval_{v},)", "per year", "share",
             "Sum of the rates per year of 365 days: comparable between intervals.",
             ("rows", "interval")),
        _Row("compound", "Funding, every payment reinvested",
             '=FUNDING_ANNUAL(Funding_{v}[rate],interval_{v},"compound")', "per year", "share",
             "The more often a venue pays, the more compounding adds.", ("rows", "interval")),
        _Row("annual_now", "Funding, last rate", "=FUNDING_ANNUAL(last_rate_{v},interval_{v},)",
             "per year", "share", "The last rate for a whole year.", ("rows", "interval")),
        _Row("negative", "Share of negative payments", _statistic("share_negative"),
             "of payments", "percent", "How often a short has to pay.", ("rows", "interval")),
        _Row("negative_run", "Longest negative run", _statistic("longest_negative_run"),
             "payments", "integer", "Negative payments in a row.", ("rows", "interval")),
        _Row("worst", "Worst 30 days", _month("worst_30_days"), "of notional", "share",
             "Smallest sum of the rates over 30 days on end, seen from a short.",
             ("rows", "interval")),
        _Row("best", "Best 30 days", _month("best_30_days"), "of notional", "share",
             "Largest sum over 30 days on end.", ("rows", "interval")),
        _Row("half_life", "Half-life of the rate", _statistic("half_life_days"), "days", "price",
             "Time in which half of a gap to the mean closes.", ("rows", "interval")),
    )),
    ("Cash of the hedge", (
        _Row("notional", "Notional of the hedge",
             "=ABS(contracts_{v}*contract_size_{v}*last_mark_{v})", "USD", "money",
             "At the last mark price.", _SIZE, total=True),
        _Row("cash", "Cumulative funding P&L",
             "=FUNDING_PNL(contracts_{v},Funding_{v}[mark_price],Funding_{v}[rate],"
             'contract_size_{v},"linear")', "USD", "money",
             "What the position would have received over the history; negative: paid.", _SIZE,
             total=True),
        _Row("income", "Funding a year at the mean rate",
             "=-SIGN(contracts_{v})*notional_{v}*annual_{v}", "USD per year", "money",
             "Notional × mean rate, received by a short.", (*_SIZE, "interval"), total=True),
    )),
    ("Break-even of a cash-and-carry", (
        _Row("breakeven", "Break-even rate",
             "=FUNDING_BREAKEVEN(entry_premium_{v},exit_premium_{v},costs_{v},financing_rate,"
             "holding_days,interval_{v})", "per interval", "rate",
             "Average rate at which long spot and short perpetual earn nothing.", _CARRY),
        _Row("breakeven_annual", "Break-even rate, annualised",
             "=FUNDING_ANNUAL(breakeven_{v},interval_{v},)", "per year", "share", "", _CARRY),
        _Row("edge", "Mean funding above break-even", "=annual_{v}-breakeven_annual_{v}",
             "per year", "share", "What the carry earned at the history's mean.",
             ("rows", *_CARRY)),
        _Row("carry_status", "Carry", '=IF(edge_{v}>0,"OK: earns","WATCH: loses")', "", "text",
             "OK when the mean rate is above the break-even.", ("rows", *_CARRY)),
    )),
    ("Risk", (
        _Row("funding_var", "Funding VaR", _VAR_CALL % "var", "USD", "money",
             "Loss over the horizon, passed with the probability left by the confidence; "
             "negative: even then received.", _VAR),
        _Row("funding_es", "Funding expected shortfall", _VAR_CALL % "es", "USD", "money",
             "Mean loss beyond the VaR.", _VAR),
        _Row("stress", "Prolonged negative funding", lambda venue: f"={stress.cash(venue)}",
             "USD", "money", "Funding cash under the stress rate for the stress days.",
             (*_SIZE, "interval", "stress_rate", "stress_hours", "stress_days"), total=True),
        _Row("recovery", "Days of mean funding to earn it back",
             '=IF(AND(stress_{v}<0,income_{v}>0),-stress_{v}/income_{v}*days_per_year,'
             '"none: no loss or no income")', "days", "days", "Stress loss / income per day.",
             (*_SIZE, "interval", "stress_rate", "stress_hours", "stress_days")),
    )),
)  # fmt: skip


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first."""
    return book.sheet("Funding", NAVY, _WIDTHS)


def write_inputs(sheet: Sheet, hours: Sequence[float]) -> int:
    """Write instructions and inputs; gives back the next free row."""
    sheet.heading("Funding table", "")
    sheet.write(1, _LABEL, '="Source: "&funding_source', "subtitle")
    row = sheet.steps(2, _LABEL, _STEPS)
    sample = (
        '=IF(COUNTIF(funding_source,"Simulated*")>0,"SAMPLE: the payments are simulated, '
        'not market data. Replace them before deciding.","")'
    )
    sheet.write(row, _LABEL, sample, "notice")
    return _inputs(sheet, row + 2, hours)


def write_results(sheet: Sheet, row: int) -> None:
    """Write the comparison and the charts, when the sheets that they read exist."""
    row = sheet.section(row + 1, "Comparison", _LABEL, _NOTE)
    titles = ("Measure", *(f"Venue {venue}" for venue in VENUES), "All venues", "Unit", "Note")
    sheet.headers(row, _LABEL, titles, texts=(0, 5, 6))
    for place, venue in enumerate(VENUES):
        style = sheet.style("header", align="right", indent=0)
        sheet.formula(row, _FIRST + place, f'=venue_{venue}&""', style)
    row += 1
    for title, rows in _GROUPS:
        for column in range(_LABEL, _NOTE + 1):
            text = title if column == _LABEL else None
            sheet.constant(row, column, text, sheet.style("label", bold=True))
        row += 1
        for item in rows:
            _result(sheet, row, item)
            row += 1
    row = _charts(sheet, row + 1)
    sheet.cells.freeze_panes(2, 2)
    sheet.calculated_by(row, _LABEL, "cash_A")
    sheet.page(row, _NOTE, pages_high=1, portrait=True)


def _inputs(sheet: Sheet, row: int, hours: Sequence[float]) -> int:
    row = sheet.section(row, "Venues", _LABEL, _NOTE)
    for item in _BY_VENUE:
        values = hours if item.name == "interval" else item.value
        sheet.write(row, _LABEL, item.label, "label")
        for place, (venue, value) in enumerate(zip(VENUES, values, strict=True)):
            _input(sheet, row, _FIRST + place, item, f"{item.name}_{venue}", value)
        for column, text, role in ((_UNIT, item.unit, "measure"), (_NOTE, item.help, "note")):
            sheet.write(row, column, text, role)
        sheet.write(row, _TOTAL, None, "measure")
        row += 1
    row = sheet.section(row + 1, "All venues", _LABEL, _NOTE)
    for item in _COMMON:
        sheet.write(row, _LABEL, item.label, "label")
        _input(sheet, row, _FIRST, item, item.name, item.value)
        sheet.write(row, _FIRST + 1, item.unit, "measure")
        sheet.write(row, _FIRST + 2, item.help, "note")
        row += 1
    return row


def _input(sheet: Sheet, row: int, column: int, item: Input, name: str, value: Any) -> None:
    sheet.constant(row, column, value, sheet.style(item.role, item.number, align="right"))
    sheet.book.name(name, sheet.name, row, column)
    sheet.guard((row, column, row, column), item)


def _hints(venue: str, item: _Row) -> Hints:
    """The hints of a venue's result: no rows, then every input that is missing."""
    own = {row.name for row in _BY_VENUE}
    return tuple(
        no_rows(venue)
        if need == "rows"
        else (f"{need}_{venue}" if need in own else need, _HINTS[need])
        for need in item.needs
    )


def _result(sheet: Sheet, row: int, item: _Row) -> None:
    sheet.write(row, _LABEL, item.label, "label")
    note = f'"{item.note}"'
    for place, venue in reversed(list(enumerate(VENUES))):
        text = item.formula
        formula = text(venue) if callable(text) else text.replace("{v}", venue)
        column = _FIRST + place
        sheet.write(row, column, with_hints(formula, _hints(venue, item)), "result", item.number)
        sheet.book.name(f"{item.name}_{venue}", sheet.name, row, column)
        name, arguments = calls(formula)[0] if calls(formula) else ("", [])
        if name in CATALOG:
            cell = xl_rowcol_to_cell(row, column)
            why = f"XLHEDGE_WHY({','.join([f'''{chr(34)}{name}{chr(34)}''', *arguments])})"
            note = f'IF(ISERROR({cell}),venue_{venue}&": "&{why},{note})'
    if item.total:
        first, last = (xl_rowcol_to_cell(row, column) for column in (_FIRST, _TOTAL - 1))
        total = f'=IF(COUNT({first}:{last})=0,"complete a venue",SUM({first}:{last}))'
        sheet.write(row, _TOTAL, total, "result", item.number)
    else:
        sheet.write(row, _TOTAL, None, "measure")
    sheet.write(row, _UNIT, item.unit, "measure")
    sheet.write(row, _NOTE, f"={note}" if note.startswith("IF(") else item.note, "note")
    if item.number == "text":
        sheet.status_format((row, _FIRST, row, _TOTAL - 1), begins=True)


def _charts(sheet: Sheet, row: int) -> int:
    paths = [
        charts.Line(
            stress.name_of(sheet.book, venue), *workings.grid_range(venue), colour, width=1.75
        )
        for venue, colour in zip(VENUES, stress.COLOURS, strict=True)
    ]
    charts.lines(
        sheet,
        charts.Frame(row, _LABEL, 760, 360),
        "Cumulative funding P&L of the hedge",
        paths,
        ("day, UTC", "d mmm yy"),
        ("USD", "#,##0"),
    )
    bars = [
        charts.Line(title, _across(sheet, "venue"), _across(sheet, name), colour)
        for title, name, colour in (
            ("Mean of the history", "annual", stress.COLOURS[0]),
            ("Break-even", "breakeven_annual", stress.COLOURS[1]),
        )
    ]
    charts.bars(
        sheet,
        charts.Frame(row, _UNIT, 690, 360),
        "Funding and the carry's break-even",
        bars,
        ("per year", "0.0%"),
    )
    return row + 20


def _across(sheet: Sheet, name: str) -> str:
    """The cells of all venues in the row of an input or result."""
    _, row, _ = sheet.book.places[f"{name}_{VENUES[0]}"]
    return sheet.absolute(row, _FIRST, row, _TOTAL - 1)
