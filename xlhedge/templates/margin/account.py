"""The sheet Account: instructions, inputs, and the account as a whole (cross margin)."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates._layout import Book, Input, Result, Sheet, explained, with_hints
from xlhedge.templates._theme import AMBER, BLUE, NAVY, VERMILLION
from xlhedge.templates.margin import positions
from xlhedge.templates.margin.brackets import SLOTS
from xlhedge.templates.margin.positions import COMPLETE, NO_HORIZONS, NO_TARGET

_STEPS = (
    "1  Enter your positions on Positions and your venue's brackets on Brackets.",
    "2  Fill the yellow cells below; hover over a cell for what it means.",
    "3  Read the account as a whole here, each position on its own margin on Positions.",
    "4  Ladder: one position at a ladder of prices. Calls: the cash that price moves ask for.",
    "Blue on yellow: input.  Bold in a box: live result of an xlhedge function.",
)
_INPUTS = (
    Input("wallet_balance", "Wallet balance", 14_000_000, "USDT", "money",
          "Cash that margins all positions together (cross).", low=0),
    Input("liquidation_fee", "Liquidation fee", 0, "of notional", "share",
          "The venue's clearance fee, where it counts as maintenance; else 0.", low=0, high=0.1),
    Input("margin_convention", "Maintenance is taken at", "mark", "price", "text",
          "mark: at the liquidation price (most venues); entry: at the entry value.",
          choices=("mark", "entry")),
    Input("target_ratio", "Margin ratio to restore", 0.5, "maint. / equity", "percent",
          "A margin call brings the ratio back to this; WATCH begins here.", low=0.01, high=1),
)  # fmt: skip
_RISK = (
    Input("days_1", "First horizon", 1, "days", "quantity",
          "For the probability of liquidation.", low=0, high=3650),
    Input("days_2", "Second horizon", 7, "days", "quantity",
          "For the probability of liquidation.", low=0, high=3650),
    Input("days_3", "Third horizon", 30, "days", "quantity",
          "For the probability of liquidation.", low=0, high=3650),
    Input("buffer_days", "Days that the buffer must last", 7, "days", "quantity",
          "How long it may take to send more cash.", low=0, high=365),
    Input("confidence", "Confidence of the buffer", 0.99, "of no liquidation", "percent",
          "99 %: one liquidation in a hundred such periods.", low=0.5, high=0.9999),
)  # fmt: skip
_NO_WALLET = ("wallet_balance", "enter the wallet balance")
_READY = (_NO_WALLET, *COMPLETE)
_RESULTS = (
    Result("account_equity", "Equity",
           f"=wallet_balance+SUM({positions.cells(positions.PROFIT_COLUMN)})", "USDT", "money",
           "Wallet balance and unrealised profit.", _READY),
    Result("account_maintenance", "Maintenance margin",
           f"=SUM({positions.cells(positions.MAINTENANCE_COLUMN)})", "USDT", "money",
           "Of all positions, by their brackets.", _READY),
    Result("account_ratio", "Margin ratio", "=account_maintenance/account_equity",
           "maint. / equity", "percent", "100 % is liquidation.", _READY),
    Result("margin_status", "Status",
           '=IF(account_equity<=account_maintenance,"BREACH",'
           'IF(account_ratio>=target_ratio,"WATCH","OK"))', "", "text",
           "BREACH: liquidated; WATCH: at or above the ratio to restore.",
           (NO_TARGET, *_READY)),
    Result("account_free", "Equity above the ratio to restore",
           "=account_equity-account_maintenance/target_ratio", "USDT", "money",
           "Negative: the cash that a margin call asks for now.",
           (NO_TARGET, *_READY)),
)  # fmt: skip
_LEFT = 1
_RIGHT = 6
_HEADER = 6
_FIRST = _HEADER + 1
_LAST_ROW = _FIRST + len(SLOTS) - 1
_ASSET, _MARK, _PRICE, _DISTANCE, _PROBABILITY = (_RIGHT + place for place in range(5))
_LAST = _PROBABILITY + 2
_TITLES = ("Asset", "Mark", "Liquidation price", "Distance")
_UNITS = ("coin", "USDT", "USDT", "of the price")


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `fill` writes it when the others exist."""
    return book.sheet("Account", NAVY, (2, 34, 16, 17, 58, 3, 12, 13, 16, 12, *[11.0] * 3))


def fill(sheet: Sheet) -> None:
    """Write instructions, inputs, the account's figures and its liquidation prices."""
    sheet.heading("Margin", "A futures account in USDT: how far it is from liquidation, how likely "
                  "that is, and the cash it needs")  # fmt: skip
    sheet.write(2, _LEFT, "EXAMPLE: the positions are invented. Enter your own before deciding.",
                "notice")  # fmt: skip
    row = sheet.section(4, "Instructions", _LEFT, _LEFT + 3)
    row = sheet.steps(row, _LEFT, _STEPS) + 1
    row = sheet.inputs(sheet.section(row, "Account", _LEFT, _LEFT + 3), _LEFT, _INPUTS) + 1
    row = sheet.inputs(sheet.section(row, "Risk settings", _LEFT, _LEFT + 3), _LEFT, _RISK) + 1
    row = sheet.section(row, "Account as a whole", _LEFT, _LEFT + 3)
    status = row + [item.name for item in _RESULTS].index("margin_status")
    row = sheet.results(row, _LEFT, _RESULTS)
    sheet.status_format((status, _LEFT + 1, status, _LEFT + 1))
    sheet.calculated_by(row + 1, _LEFT, "margin_status")
    _cross(sheet)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(max(row + 1, _LAST_ROW + 26), _LAST, pages_high=1)


def _cross(sheet: Sheet) -> None:
    """Liquidation price of each asset while the others stay, and its probability."""
    sheet.section(4, "Liquidation of the account, if one asset moves alone", _RIGHT, _LAST)
    sheet.headers(_HEADER, _RIGHT, _TITLES)
    style = sheet.style("header", align="right", num_format='General" d"')
    for offset, unit in enumerate((*_UNITS, *["within"] * 3)):
        sheet.write(_HEADER - 1, _RIGHT + offset, unit, "unit")
    for place in range(3):
        sheet.formula(_HEADER, _PROBABILITY + place, f"=days_{place + 1}", style)
    days = sheet.area(_HEADER, _PROBABILITY, _HEADER, _LAST)
    for row, slot in enumerate(SLOTS, _FIRST):
        mark, price = (xl_rowcol_to_cell(row, column) for column in (_MARK, _PRICE))
        hints = (*_READY, (f"COUNTIF(Positions[asset],{slot.asset})=0", "no position"))
        line = f"MATCH({slot.asset},Positions[asset],0)"
        book = "Positions[[#All],[asset]:[price]]"
        call = f"LIQ_PRICE_CROSS({book},wallet_balance,{slot.asset},Brackets[#All])"
        sheet.write(row, _ASSET, f'={slot.asset}&""', "entry")
        formulas = (
            (_MARK, f"=INDEX(Positions[price],{line})", "calculated", "price"),
            (_PRICE, f'=IFNA({call},"none")', "result", "price"),
            (_DISTANCE, f'=IF({price}="none","none",ABS({price}/{mark}-1))', "result", "percent"),
        )
        for column, formula, role, number in formulas:
            sheet.write(row, column, with_hints(formula, hints), role, number)
        chance = (
            f'=IF(ISERR({price}),1+0*{days},IF({price}="none",0*{days},'
            f"LIQ_PROBABILITY({mark},{price},INDEX(Positions[volatility],{line}),{days},,"
            f'IF({price}<{mark},"long","short"))))'
        )
        sheet.spill(row, _PROBABILITY, with_hints(chance, (NO_HORIZONS, *hints)), 1, ("share",) * 3)
        reason = explained(f"={call}", price, "")
        sheet.write(_LAST_ROW + 2 + slot.number, _RIGHT, reason, "note")
    sheet.write(_LAST_ROW + 1, _RIGHT, "The other assets stay at their mark: together they are "
                "riskier (ACCOUNT_PROBABILITY). none: no price of it liquidates the account; an "
                "error: it is liquidated already.", "note")  # fmt: skip
    assets = sheet.absolute(_FIRST, _ASSET, _LAST_ROW, _ASSET)
    series = [
        charts.Line(name, assets, sheet.absolute(_FIRST, column, _LAST_ROW, column), colour)
        for name, column, colour in (
            ("First horizon", _PROBABILITY, BLUE),
            ("Second horizon", _PROBABILITY + 1, AMBER),
            ("Third horizon", _PROBABILITY + 2, VERMILLION),
        )
    ]
    charts.bars(
        sheet,
        charts.Frame(_LAST_ROW + 6, _RIGHT, 630, 360),
        "Probability that the account is liquidated",
        series,
        ("probability", "0%"),
    )
