"""The sheet Positions: what is held, and each position on its own (isolated) margin."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs

from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import AMBER
from xlhedge.templates.margin.brackets import SLOTS

_POSITIONS = (
    ("BTC hedge", "BTC", "linear", -720, 1, 69_000, 70_000, 8_500_000, 0.55),
    ("ETH hedge", "ETH", "linear", -5_000, 1, 3_480, 3_500, 3_000_000, 0.70),
    ("SOL hedge", "SOL", "linear", -40_000, 1, 205, 200, 1_600_000, 0.90),
    ("BTC basis trade", "BTC", "linear", 60, 1, 66_000, 70_000, 600_000, 0.55),
)
ROOM = 200
"""Positions for which there is room below the table and its results."""
PRINTED = 24
"""Rows of them on paper."""
_FIGURES = "Positions[[quantity]:[volatility]]"
COMPLETE = (
    (f"COUNT({_FIGURES})<ROWS({_FIGURES})*COLUMNS({_FIGURES})", "complete the positions"),
    ("COUNT(Brackets[rate])=0", "enter the brackets"),
    (f"SUMPRODUCT({'*'.join(f'(Positions[asset]<>{slot.asset})' for slot in SLOTS)})>0",
     "choose the assets on Brackets"),
)  # fmt: skip
"""The hints of whatever reads the positions."""
NO_TARGET = ("target_ratio", "enter the margin ratio to restore")
NO_CONVENTION = ("margin_convention", "choose where maintenance is taken")
NO_HORIZONS = (
    "COUNT(days_1,days_2,days_3)<COLUMNS(days_1)+COLUMNS(days_2)+COLUMNS(days_3)",
    "enter the three horizons",
)
"""Hints of the results that need one setting more."""
_BUFFER_SET = (
    ("confidence", "enter the confidence"),
    ("buffer_days", "enter the days of the buffer"),
)
_HEADER = 6
FIRST = _HEADER + 1
_LEFT = 1
_SPILL = 11
_COLUMNS = (
    ("position", "text", "", "Your name for it."),
    ("asset", "text", "coin", "A coin of the sheet Brackets."),
    ("instrument", "text", "", "linear: margin and profit in USDT."),
    ("quantity", "quantity", "contracts", "Negative when short."),
    ("contract_size", "quantity", "coins", "Coins per contract."),
    ("entry_price", "price", "USDT", "Average entry price."),
    ("price", "price", "USDT, mark", "Price at which the venue values it now."),
    ("margin", "money", "USDT, isolated", "Cash that margins this position alone."),
    ("volatility", "percent", "per year", "Of the coin: VOL_EWMA or VOL_GARCH estimate it."),
)


def by_asset(function: str, arguments: str) -> str:
    """A call for all positions with each one's own brackets, which stand for TIERS."""
    text = "NA()"
    for slot in reversed(SLOTS):
        call = f"{function}({arguments.replace('TIERS', slot.tiers)})"
        text = f"IF(Positions[asset]={slot.asset},{call},{text})"
    return text


_QUANTITY, _SIZE, _ENTRY, _PRICE, _MARGIN = (
    f"Positions[{name}]" for name in ("quantity", "contract_size", "entry_price", "price", "margin")
)
UNREALISED = f"{_QUANTITY}*{_SIZE}*({_PRICE}-{_ENTRY})"
_LIQUIDATION = (f'{_QUANTITY},{_ENTRY},{_MARGIN},,{_SIZE},"linear",,liquidation_fee,'
                "margin_convention,TIERS")  # fmt: skip
_RATIOS = by_asset(
    "MARGIN_RATIO", f'{_QUANTITY},{_ENTRY},{_PRICE},{_MARGIN},,{_SIZE},"linear",TIERS'
)
_RESULTS = (
    ("Notional", "USDT", "money", f"ABS({_QUANTITY})*{_SIZE}*{_PRICE}"),
    ("Unrealised profit", "USDT", "money", UNREALISED),
    ("Maintenance", "USDT", "money",
     by_asset("MAINTENANCE_MARGIN", f'{_QUANTITY},{_PRICE},,{_SIZE},"linear",TIERS')),
    ("Margin ratio", "maint. / equity", "percent",
     f'LET(x,{_RATIOS},IF(ISERROR({{liq}})+ISERROR({{kept}})>0,x,IFERROR(x,"no equity")))'),
    ("Highest leverage", "times", "integer",
     by_asset("MARGIN_TIER", f'ABS({_QUANTITY})*{_SIZE}*{_PRICE},TIERS,"max_leverage"')),
    ("Liquidation price", "USDT", "price", f'IFNA({by_asset("LIQ_PRICE", _LIQUIDATION)},"none")'),
    ("Distance", "of the price", "percent",
     f'IF({{liq}}="none","none",SIGN({_QUANTITY})*(1-{{liq}}/{_PRICE}))'),
    ("Status", "by margin ratio", "text",
     'IF(ISERROR({ratio}),"CHECK",IF(ISTEXT({ratio}),"BREACH",IF({ratio}>=1,"BREACH",'
     'IF({ratio}>=target_ratio,"WATCH","OK"))))'),
)  # fmt: skip
_MAINTENANCE, _RATIO, _LIQ, _DISTANCE, _STATUS = 2, 3, 5, 6, 7
_NEEDS = {
    _RATIO: (NO_CONVENTION,),
    _LIQ: (NO_CONVENTION,),
    _DISTANCE: (NO_CONVENTION,),
    _STATUS: (NO_CONVENTION, NO_TARGET),
}
"""Settings that a result needs, by its place."""
_DAYS = _SPILL + len(_RESULTS)
_BUFFER = _DAYS + 3
_LAST = _BUFFER + 1
MAINTENANCE_COLUMN, PROFIT_COLUMN = _SPILL + 2, _SPILL + 1


def cells(column: int) -> str:
    """A column of results with room to grow, as other sheets name it."""
    return f"Positions!{xl_range_abs(FIRST, column, FIRST + ROOM - 1, column)}"


def _spilled(sheet: Sheet, column: int) -> str:
    """A column of results, one for each position; Calc itself knows no L8#."""
    line = "ROW(Positions[asset])-ROW(Positions[[#Headers],[asset]])"
    return f"INDEX({sheet.area(FIRST, column, FIRST + ROOM - 1, column)},{line})"


def write(book: Book) -> Sheet:
    """Write the sheet."""
    widths = (2, 17, 8, 12, 12, 14, 12, 12, 14, 11, 3, 14, 14, 13, 13, 10, 13, 10, 11,
              *[10.0] * 3, 15, 15)  # fmt: skip
    sheet = book.sheet("Positions", AMBER, widths)
    sheet.heading("Positions", "Each position on its own margin (isolated); the account as a whole "
                  "is on Account")  # fmt: skip
    sheet.write(2, _LEFT, "Type below the last row: the table grows by itself. The rows are an "
                "example.", "notice")  # fmt: skip
    sheet.section(3, "Positions held", _LEFT, _LEFT + len(_COLUMNS) - 1)
    sheet.cells.set_row(_HEADER, 32)
    for offset, (_, _, unit, _) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    columns = [(name, number, "") for name, number, _, _ in _COLUMNS]
    last = sheet.table("Positions", (_HEADER, _LEFT), columns, _POSITIONS)
    for offset, (name, number, _, text) in enumerate(_COLUMNS):
        positive = name not in ("quantity", "position", "asset", "instrument")
        item = Input("", name, None, "", number, text, low=0.0 if positive else None,
                     choices=("linear",) if name == "instrument" else ())  # fmt: skip
        sheet.guard((FIRST, _LEFT + offset, last, _LEFT + offset), item)
    _results(sheet, len(_POSITIONS))
    sheet.cells.freeze_panes(FIRST, 2)
    sheet.page(FIRST + PRINTED - 1, _LAST, pages_high=1)
    return sheet


def _results(sheet: Sheet, rows: int) -> None:
    sheet.section(3, "On its own margin", _SPILL, _SPILL + len(_RESULTS) - 1)
    sheet.headers(_HEADER, _SPILL, [title for title, *_ in _RESULTS], texts=(_STATUS,))
    liquidation, ratio, kept = (
        _spilled(sheet, _SPILL + place) for place in (_LIQ, _RATIO, _MAINTENANCE)
    )
    for place, (_, unit, number, text) in enumerate(_RESULTS):
        sheet.write(_HEADER - 1, _SPILL + place, unit, "unit")
        formula = f"={text.format(liq=liquidation, ratio=ratio, kept=kept)}"
        hints = (*_NEEDS.get(place, ()), *COMPLETE)
        sheet.spill(FIRST, _SPILL + place, with_hints(formula, hints), rows, (number,))
    status = _SPILL + _STATUS
    sheet.status_format((FIRST, status, FIRST + ROOM - 1, status))
    wrong = f"ISERROR(SUM({sheet.area(FIRST, _SPILL + _LIQ, FIRST + ROOM - 1, _SPILL + _LIQ)}))"
    why = _LIQUIDATION.replace("TIERS", SLOTS[0].tiers).replace(",,", ',"",')
    sheet.write(4, _SPILL, f'=IF({wrong},XLHEDGE_WHY("LIQ_PRICE",{why}),"No cash of '
                'other positions counts. none: no price liquidates it.")', "note")  # fmt: skip
    _probability(sheet, rows, liquidation)
    _buffer(sheet, rows)


def _buffer(sheet: Sheet, rows: int) -> None:
    """What the chosen days and confidence ask for, and what of it is missing."""
    hints = (*_BUFFER_SET, *COMPLETE)
    sheet.section(3, "Buffer", _BUFFER, _LAST)
    sheet.write(4, _BUFFER, "For the days and confidence on Account", "note")
    sheet.headers(_HEADER, _BUFFER, ("Equity needed", "To add now"), texts=())
    for column in (_BUFFER, _LAST):
        sheet.write(_HEADER - 1, column, "USDT", "unit")
    needed = by_asset("MARGIN_BUFFER", f'{_QUANTITY},{_PRICE},Positions[volatility],buffer_days,,'
                      f'confidence,{_SIZE},"linear",TIERS')  # fmt: skip
    sheet.spill(FIRST, _BUFFER, with_hints(f"={needed}", hints), rows, ("money",))
    short = f"{_spilled(sheet, _BUFFER)}-{_MARGIN}-{UNREALISED}"
    formula = with_hints(f"=IF({short}>0,{short},0)", hints)
    sheet.spill(FIRST, _LAST, formula, rows, ("money",))


def _probability(sheet: Sheet, rows: int, liquidation: str) -> None:
    """One call for all positions and horizons, a column against a row."""
    sheet.section(3, "Probability of liquidation", _DAYS, _BUFFER - 1)
    style = sheet.style("header", align="right", num_format='General" d"')
    for place in range(3):
        sheet.write(_HEADER - 1, _DAYS + place, "within", "unit")
        sheet.formula(_HEADER, _DAYS + place, f"=days_{place + 1}", style)
    days = sheet.area(_HEADER, _DAYS, _HEADER, _BUFFER - 1)
    call = (
        f"LIQ_PROBABILITY({_PRICE},{liquidation},Positions[volatility],{days},,"
        f'IF({_QUANTITY}<0,"short","long"))'
    )
    hints = (NO_HORIZONS, NO_CONVENTION, *COMPLETE)
    formula = with_hints(f'=IF({liquidation}="none",0,{call})', hints)
    sheet.spill(FIRST, _DAYS, formula, rows, ("share",) * 3)
