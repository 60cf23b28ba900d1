"""The sheet Risk: volatilities and correlations, value at risk and its parts, volatility target."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates import _history_of_book as market
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._layout import Book, Result, Sheet
from xlhedge.templates._theme import BLUE
from xlhedge.templates.hedge_desk import ranges
from xlhedge.templates.hedge_desk.ranges import SIDES, Side, gated, reason, titled

_LEFT = 1
_VOLATILITY = 6
"""Row of the headings of the volatilities."""
_VAR_ROWS = (
    ("var", "Value at risk", "USD", "money"),
    ("es", "Expected shortfall", "USD", "money"),
    ("mean", "Mean result", "USD", "money"),
    ("worst", "Worst window", "USD", "money"),
    ("windows", "Windows of the history", "windows", "integer"),
    ("independent", "Independent ones", "windows", "integer"),
    ("spot_share", "Share of spot", "of the variance", "percent"),
    ("basis_share", "Share of the basis", "of the variance", "percent"),
    ("funding_share", "Share of funding", "of the variance", "percent"),
    ("with_funding", "Funding is in it", "", "general"),
    ("note", "Note", "", "text"),
)
_PARTS = (("Coin", "text"), ("Instrument", "text"), ("Account", "text"), ("Part of ES", "money"),
          ("ES alone", "money"), ("ES without it", "money"))  # fmt: skip


def _of_hedge(history: BookHistory, kind: str) -> str:
    """The column of the coin that the hedge is in, as an expression."""
    names = [one.asset for one in history.markets if f"{one.asset} {kind}" in one.columns]
    text = "NA()"
    for name in reversed(names):
        text = f'IF(hedge_asset="{name}",{market.series(name, kind)},{text})'
    return text


def horizon_label(what: str) -> str:
    """The formula of a label with confidence and horizon: VaR 99 %, 1 day."""
    return (
        f'="{what} "&ROUND(confidence*percents,1)&" %, "&horizon_days&'
        'IF(horizon_days=1," day"," days")'
    )


def volatilities(history: BookHistory) -> tuple[str, str]:
    """The range of volatilities with its header, and the correlations in its order."""
    count = len(history.markets)
    first, last = _VOLATILITY + 1, _VOLATILITY + count
    right = _LEFT + 3
    return (
        f"Risk!{xl_range_abs(_VOLATILITY, _LEFT, last, _LEFT + 1)}",
        f"Risk!{xl_range_abs(first, right, last, right + count - 1)}",
    )


def write(book: Book, history: BookHistory) -> Sheet:
    """Write the sheet."""
    count = len(history.markets)
    widths = (2, 34, 17, 17, 16, 16, 16, 16, *[14.0] * max(6, count))
    sheet = book.sheet("Risk", BLUE, widths)
    sheet.heading("Risk", "Estimates from the history, and the value at risk of the whole book "
                  "held and after the trade")  # fmt: skip
    row = _volatilities(sheet, history) + 2
    row = _value_at_risk(sheet, row, history) + 1
    row = _target(sheet, row, history) + 1
    _contributions(sheet, row, history)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row + 16, _LEFT + 12, pages_wide=2)
    return sheet


def _volatilities(sheet: Sheet, history: BookHistory) -> int:
    names = [one.asset for one in history.markets]
    right, betas = _LEFT + 3, _LEFT + 3 + len(names) + 1
    sheet.section(3, "Volatility", _LEFT, _LEFT + 1)
    sheet.section(3, "Correlation of returns", right, right + len(names) - 1)
    sheet.section(3, "Beta to the coin of the hedge", betas, betas + 1)
    sheet.write(4, _LEFT, "EWMA of the spot prices, per year.", "note")
    sheet.write(4, right, "Of log returns over the whole history.", "note")
    sheet.headers(_VOLATILITY, _LEFT, ("asset", "volatility"))
    sheet.headers(_VOLATILITY, right, names, texts=())
    sheet.headers(_VOLATILITY, betas, ("Estimated", "Entered"), texts=())
    own = "History[{} spot]"
    hedge = _of_hedge(history, "spot")
    for place, name in enumerate(names):
        row = _VOLATILITY + 1 + place
        sheet.write(row, _LEFT, name, "label")
        series = own.format(name)
        forecast = gated(f"=VOL_EWMA({series},vol_decay,periods_per_year)", "history")
        sheet.write(row, _LEFT + 1, forecast, "result", "percent")
        sheet.book.name(f"vol_{place + 1}", sheet.name, row, _LEFT + 1)
        for other in range(len(names)):
            if other < place:
                mirror = xl_rowcol_to_cell(_VOLATILITY + 1 + other, right + place)
                formula = f"={mirror}"
            elif other == place:
                formula = "=1"
            else:
                formula = gated(
                    f'=CORREL(RETURNS({series},"log",""),'
                    f'RETURNS({own.format(names[other])},"log",""))',
                    "history",
                )
            sheet.write(row, right + other, formula, "result", "ratio")
        sheet.write(row, betas, gated(f"=BETA({series},{hedge})", "trade", "history"), "result",
                    "ratio")  # fmt: skip
        entered = f'=IFERROR(AVERAGEIFS(Positions[beta],Positions[asset],"{name}"),"")'
        sheet.write(row, betas + 1, entered, "calculated", "ratio")
    first, last = _VOLATILITY + 1, _VOLATILITY + len(names)
    sheet.book.name_range("betas_estimated", sheet.name, (first, betas, last, betas))
    sheet.book.name_range("betas_entered", sheet.name, (first, betas + 1, last, betas + 1))
    sheet.book.name_range("history_assets", sheet.name, (first, _LEFT, last, _LEFT))
    return last


def _call(function: str, side: Side, history: BookHistory) -> str:
    return (
        f"={function}({side.positions},{market.whole(history)},horizon_periods,confidence,,,"
        f"{side.accounts})"
    )


def _value_at_risk(sheet: Sheet, row: int, history: BookHistory) -> int:
    row = sheet.section(row, "Value at risk of the whole book", _LEFT, _LEFT + 4)
    horizon = Result("horizon_periods", "Horizon",
                     gated("=ROUND(horizon_days*periods_per_day,0)", "var"), "intervals",
                     "integer", "Every window of the history is applied to the book, scaled to "
                     "today's volatility.")  # fmt: skip
    row = sheet.results(row, _LEFT, (horizon,))
    for offset, (side, title) in enumerate(zip(SIDES, ("Held", "After"), strict=True), 1):
        style = sheet.style("header", align="right")
        sheet.cells.write_string(row, _LEFT + offset, title, style)
        call = _call("BOOK_VAR", side, history)
        formula = gated(f"=INDEX({call[1:]},0,2)", side.hint, "var")
        sheet.spill(row + 1, _LEFT + offset, formula, len(_VAR_ROWS), ("money",))
        cell = xl_rowcol_to_cell(row + 1, _LEFT + offset)
        reason(sheet, (row + offset, _LEFT + 4), call, cell, "")
    sheet.cells.write_string(row, _LEFT, "Measure", sheet.style("header", indent=1))
    for offset, (name, label, unit, number) in enumerate(_VAR_ROWS, row + 1):
        shown = horizon_label({"var": "VaR", "es": "ES"}[name]) if name in ("var", "es") else label
        sheet.write(offset, _LEFT, shown, "label")
        for column, side in enumerate(SIDES, _LEFT + 1):
            if offset > row + 1:
                style = sheet.style("spill", number, align="right", bold=True)
                sheet.cells.write_blank(offset, column, None, style)
            if name != "note":
                sheet.book.name(f"{name}_{side.name}", sheet.name, offset, column)
        sheet.write(offset, _LEFT + 3, unit, "measure")
    return row + 1 + len(_VAR_ROWS)


def _target(sheet: Sheet, row: int, history: BookHistory) -> int:
    row = sheet.section(row, "Basis and volatility target", _LEFT, _LEFT + 4)
    count = len(history.markets)
    first, last = _VOLATILITY + 1, _VOLATILITY + count
    weights = f"SUMIFS(spot_values,spot_coins,{sheet.area(first, _LEFT, last, _LEFT)})"
    volatility = sheet.area(first, _LEFT + 1, last, _LEFT + 1)
    matrix = sheet.area(first, _LEFT + 3, last, _LEFT + 2 + count)
    spot, futures = _of_hedge(history, "spot"), _of_hedge(history, "futures")
    volatility_of_book = f"PORTFOLIO_VOL({weights}/SUM(spot_values),{volatility},{matrix})"
    return sheet.results(row, _LEFT, (
        Result("basis_now", "Basis of the hedge's coin",
               gated(f'=BASIS(INDEX({spot},history_rows),INDEX({futures},history_rows),"bp")',
                     "trade", "history"), "bp of spot", "bp",
               "Spot − future in the last row of History."),
        Result("residual_volatility", "Volatility that its future leaves",
               gated(f"=INDEX(HEDGE_STATS({spot},{futures}),5,2)"
                     "*SQRT(periods_per_year)", "trade",
                     "history"), "per year", "percent",
               "What a hedge of a coin by its own future does not take away."),
        Result("vol_holdings", "Volatility of the holdings",
               gated('=IF(ABS(SUM(spot_values))<tiny_amount,"nothing to hedge",'
                     f"{volatility_of_book})", "book", "history"), "per year", "percent",
               "Spot and coins in accounts, unhedged."),
        Result("vol_exposure", "Exposure at the volatility target",
               gated("=IF(ISTEXT(vol_holdings),vol_holdings,VOL_TARGET_EXPOSURE("
                     "target_volatility,vol_holdings,,max_leverage,))", "book", "target"),
               "of the holdings", "percent", "Target / forecast, capped."),
        Result("vol_hedge_share", "Hedge share at the volatility target",
               gated("=IF(ISTEXT(vol_holdings),vol_holdings,VOL_TARGET_HEDGE("
                     "target_volatility,vol_holdings,residual_volatility))", "trade", "target"),
               "of the holdings", "percent", "The smallest hedge that meets the target."),
        *(Result(f"surplus_{side}", f"Hedge {title} less hedge needed",
                 gated(f"=IF(COUNT(share_{side},vol_hedge_share)<2,share_{side},"
                       f"share_{side}-vol_hedge_share)", "trade", "target"), "of the holdings",
                 "percent", "Negative: the hedge is too small.")
          for side, title in (("held", "held"), ("after", "after the trade"))),
    ))  # fmt: skip


def _contributions(sheet: Sheet, row: int, history: BookHistory) -> None:
    for side, left in zip(SIDES, (_LEFT, _LEFT + 7), strict=True):
        title = f"What each position adds to the expected shortfall: {side.title.lower()}"
        sheet.section(row, title, left, left + 5)
        call = _call("BOOK_CONTRIBUTION", side, history)
        titled(sheet, (row + 2, left), gated(call, side.hint, "var"), 6, _PARTS, ranges.ROOM)
        cell = xl_rowcol_to_cell(row + 2, left)
        sheet.book.name_range(
            f"parts_{side.name}", sheet.name, (row + 2, left, row + 2 + ranges.ROOM, left + 5)
        )
        reason(sheet, (row + 1, left), call, cell, "The parts add up to the book's.")
