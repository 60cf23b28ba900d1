"""The Risk sheet's stress section: the book's positions, the scenarios, full revaluation."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.catalog import call
from xlhedge.templates._layout import Book, Result, Sheet, explained, with_hints
from xlhedge.templates.hedge_desk.portfolio import ACCOUNT

_LEFT = 1
_SLACK = 4
"""Rows kept free below each spill, for scenarios that later versions add."""
_HOLDINGS_ROOM = 60

_POSITIONS = ("asset", "instrument", "quantity", "price", "beta", "contract size", "entry price",
              "account", "maintenance rate", "maintenance amount")  # fmt: skip
_POSITION_UNITS = ("coin", "", "coins, contracts", "USD", "", "coins", "USD", "", "of notional",
                   "USDT")  # fmt: skip
_REPORT_NUMBERS = ("text", "money", "money", "money", "money", "money", "money", "money", "percent",
                   "money", "integer", "money")  # fmt: skip
_REPORT_UNITS = ("", "USD", "USD", "USD", "USD", "USD", "USD", "USD", "maint. / equity", "USD",
                 "accounts", "USD")  # fmt: skip
MARGIN_CALL, LIQUIDATED, AFTER = 9, 10, 11
"""Columns of the report, counted from its first."""


def scenarios() -> int:
    """How many scenarios the library holds."""
    return len(call("STRESS_SCENARIOS")) - 1


def chart_ranges(book: Book) -> tuple[str, str]:
    """Where the report's scenario names and results after liquidations stand."""
    name, row, column = book.places["stress_report"]
    first, last = row + 1, row + scenarios()
    names = xl_range_abs(first, column, last, column)
    results = xl_range_abs(first, column + AFTER, last, column + AFTER)
    return f"{name}!{names}", f"{name}!{results}"


def write(sheet: Sheet, row: int) -> int:
    """Write the section from `row` on; gives back the last row to print."""
    count = scenarios()
    row = sheet.section(row, "Stress", _LEFT, _LEFT + 12)
    summary = row
    report = row + 6
    library = report + count + _SLACK + 4
    accounts = library + count + _SLACK + 3
    positions = accounts + 6
    _results(sheet, summary, report + 1, count)
    ranges = _positions(sheet, positions), _accounts(sheet, accounts)
    library_range = _library(sheet, library, count)
    _report(sheet, report, count, (ranges[0], library_range, ranges[1]))
    return positions + 12


def _results(sheet: Sheet, row: int, first: int, count: int) -> None:
    last = first + count + _SLACK

    def column(place: int) -> str:
        return sheet.area(first + 1, _LEFT + place, last, _LEFT + place)

    after = column(AFTER)
    guard = ((f"COUNT({after})=0", "see the report below"),)
    sheet.results(
        row,
        _LEFT,
        (
            Result("worst_scenario", "Worst scenario",
                   f"=INDEX({column(0)},MATCH(MIN({after}),{after},0))", "", "text",
                   "The lowest result after liquidations.", guard),
            Result("worst_loss", "Loss in the worst scenario", f"=-MIN({after})", "USD", "money",
                   "Positive: a loss. Liquidated accounts lose their balance and their hedge.",
                   guard),
            Result("worst_call", "Largest margin call", f"=MAX({column(MARGIN_CALL)})", "USD",
                   "money", "Cash that brings the margin ratio back to one half.", guard),
            Result("liquidations", "Scenarios with a liquidation",
                   f'=COUNTIF({column(LIQUIDATED)},">"&0)', "scenarios", "integer",
                   "No cash is sent in time unless the scenario says so.", guard),
        ),
    )  # fmt: skip


def _report(sheet: Sheet, row: int, count: int, ranges: tuple[str, str, str]) -> None:
    for offset, unit in enumerate(_REPORT_UNITS):
        sheet.write(row, _LEFT + offset, unit, "unit")
    formula = f"=STRESS_PNL({','.join(ranges)})"
    sheet.book.name("stress_report", sheet.name, row + 1, _LEFT)
    _headed_spill(sheet, row + 1, with_hints(formula, ACCOUNT), count, _REPORT_NUMBERS)
    note = "The book after the trade, by scenario"
    reason = explained(formula, xl_rowcol_to_cell(row + 1, _LEFT), note)
    sheet.write(row, _LEFT, reason, "note")


def _library(sheet: Sheet, row: int, count: int) -> str:
    sheet.write(row, _LEFT, "Scenario library: shocks as decimals, funding per interval", "note")
    header = call("STRESS_SCENARIOS")[0]
    numbers = ["text", *("percent" if "shock" in name else "general" for name in header[1:])]
    for place, name in enumerate(header):
        if "rate" in name:
            numbers[place] = "rate"
    _headed_spill(sheet, row + 1, "=STRESS_SCENARIOS()", count, tuple(numbers))
    last = row + 1 + count + _SLACK
    return sheet.area(row + 1, _LEFT, last, _LEFT + len(header) - 1)


def _headed_spill(
    sheet: Sheet, row: int, formula: str, count: int, numbers: tuple[str, ...]
) -> None:
    """A spill whose first row is its header."""
    sheet.spill(row, _LEFT, formula, count + 1, numbers)
    for offset in range(len(numbers)):
        align = "left" if offset == 0 else "right"
        style = sheet.style("header", align=align, text_wrap=False, shrink=True)
        if offset:
            sheet.cells.write_blank(row, _LEFT + offset, None, style)
        else:
            sheet.formula(row, _LEFT, formula, style)


def _accounts(sheet: Sheet, row: int) -> str:
    sheet.write(row, _LEFT, "Margin accounts", "note")
    sheet.headers(row + 1, _LEFT, ("account", "balance"))
    sheet.write(row + 2, _LEFT, "Futures account", "entry")
    sheet.write(row + 2, _LEFT + 1, "=wallet_balance", "calculated", "money")
    return sheet.area(row + 1, _LEFT, row + 2, _LEFT + 1)


def _bracket(what: str) -> str:
    """The maintenance rate or amount of the bracket that the hedge falls into."""
    return with_hints(f'=MARGIN_TIER(ABS(hedged_notional),Tiers[#All],"{what}")', ACCOUNT)


def _positions(sheet: Sheet, row: int) -> str:
    """The hedge and, below it, the holdings: what STRESS_PNL revalues."""
    sheet.write(row, _LEFT, "Positions: the hedge after the trade, then the holdings", "note")
    for offset, unit in enumerate(_POSITION_UNITS):
        if offset:
            sheet.write(row, _LEFT + offset, unit, "unit")
    sheet.headers(row + 1, _LEFT, _POSITIONS, texts=(0, 1, 7))
    sheet.cells.set_row(row + 1, 32)
    hedge: tuple[tuple[str | int, str], ...] = (
        ("=hedge_asset", "text"),
        ("linear", "text"),
        ("=contracts_after", "integer"),
        ("=futures_price", "price"),
        (1, "ratio"),
        ("=contract_size", "quantity"),
        ("=entry_price", "price"),
        ("Futures account", "text"),
        (_bracket("rate"), "rate"),
        (_bracket("amount"), "money"),
    )
    for offset, (value, number) in enumerate(hedge):
        role = "entry" if number == "text" else "calculated"
        sheet.write(row + 2, _LEFT + offset, value, role, number)
    spot = '=IF(ISBLANK(Holdings[Asset]),"","spot")'
    sheet.spill(row + 3, _LEFT, "=Holdings[Asset]", 2, ("text",))
    sheet.spill(row + 3, _LEFT + 1, spot, 2, ("text",))
    numbers = ("quantity", "price", "ratio")
    sheet.spill(row + 3, _LEFT + 2, "=Holdings[[Quantity]:[Beta]]", 2, numbers)
    last = row + 2 + _HOLDINGS_ROOM
    return sheet.area(row + 1, _LEFT, last, _LEFT + len(_POSITIONS) - 1)
