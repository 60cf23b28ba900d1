"""The first sheet: status, key figures, inputs, and every account at a glance."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _book_tables as tables
from xlhedge.templates import _checks as checks
from xlhedge.templates._figures import Figure
from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Hints, Input, Result, Sheet, with_hints
from xlhedge.templates._spills import body
from xlhedge.templates._theme import NAVY
from xlhedge.templates.margin import correlations, liquidation

_STEPS = (
    "1  Enter positions, accounts, volatilities and brackets on their sheets.",
    "2  Look at Checks: what is missing or odd stands there in words.",
    "3  Read the accounts below; Liquidation has the prices, coin by coin.",
    "4  Ladder: one account while prices move. Calls: the cash that moves ask for.",
    "Blue on yellow: input. Bold in a box: live result of a function.",
)
_INPUTS = (
    Input("target_ratio", "Margin ratio to restore", 0.5, "maint. / equity", "percent",
          "A margin call brings the ratio back to this; WATCH begins here.", low=0.01, high=1),
    Input("asset_correlation", "Correlation of the coins", 0.8, "of returns", "ratio",
          "Of pairs that Correlations does not name; in crashes near 1.", low=-1, high=1),
    Input("days_1", "First horizon", 1, "days", "quantity",
          "For the probability of liquidation.", low=0, high=3650),
    Input("days_2", "Second horizon", 7, "days", "quantity",
          "For the probability of liquidation.", low=0, high=3650),
    Input("days_3", "Third horizon", 30, "days", "quantity",
          "For the probability of liquidation.", low=0, high=3650),
    Input("buffer_days", "Days of the buffer", 7, "days", "quantity",
          "How long it may take to send more cash.", low=0, high=365),
    Input("confidence", "Confidence of the buffer", 0.99, "of survival", "percent",
          "99 %: one liquidation in a hundred such periods.", low=0.5, high=0.9999),
    Input("simulation_paths", "Paths of the simulation", 10_000, "paths", "integer",
          "More paths: a smaller standard error, and slower.", low=100, high=1_000_000),
)  # fmt: skip
_NO_DAYS = ("COUNT(days_1,days_2,days_3)<COLUMNS(days_1)+COLUMNS(days_2)+COLUMNS(days_3)",
            "enter the three horizons")  # fmt: skip
_NO_TARGET = ("target_ratio", "enter the margin ratio to restore")
_SIMULATED: Hints = (
    *tables.READY,
    ("COUNT(Volatilities[volatility])<ROWS(Volatilities[volatility])", "complete the volatilities"),
    correlations.HINT,
    ("simulation_paths", "enter the paths"),
)
_ASKS = ("positions", "prices", "accounts", "brackets")
"""The areas of checks that the accounts of today depend on."""

_LEFT, _LAST = 1, 13
_STEP_COLUMN = 7
_TOP = 5
_INPUT_TOP = _TOP + 11
_BAND = _INPUT_TOP + len(_INPUTS) + 2
_HEADER = _BAND + 3
_FIRST = _HEADER + 1
_ROOM = 200
_ROWS = 3
_ACCOUNT, _EQUITY, _NEEDED, _RATIO, _CALL, _LIGHT = range(_LEFT, _LEFT + 6)
_WHO = _LIGHT + 1
_CHANCE = _WHO + 1
_ERROR = _CHANCE + 3
_BALANCE, _EXTRA = _ERROR + 1, _ERROR + 2
_TITLES = ("Account", "Equity", "Maintenance", "Margin ratio", "Cash to send", "Status")
_UNITS = ("", "USD", "USD", "maint./eq.", "USD", "")
_ANY = "ANY"


def _area(column: int) -> str:
    first, last = (
        xl_rowcol_to_cell(row, column, True, True) for row in (_FIRST, _FIRST + _ROOM - 1)
    )
    return f"{first}:{last}"


_DAYS = (f"{xl_rowcol_to_cell(_HEADER, _CHANCE, True, True)}:"
         f"{xl_rowcol_to_cell(_HEADER, _CHANCE + 2, True, True)}")  # fmt: skip
_STATUS_CALL = f"ACCOUNT_STATUS({tables.BOOK},Brackets[#All])"
_CHANCE_CALL = (
    f"ACCOUNT_PROBABILITY({tables.BOOK},Volatilities[#All],{correlations.MATRIX},{_DAYS},Brackets[#All],,"
    "simulation_paths)"
)
_BUFFER_CALL = (
    f"ACCOUNT_BUFFER({tables.BOOK},Volatilities[#All],{correlations.MATRIX},buffer_days,confidence,"
    "Brackets[#All],,simulation_paths)"
)
VALUED = (f"Margin!{xl_rowcol_to_cell(_FIRST, _ACCOUNT, True, True)}", _STATUS_CALL)
"""The first cell of the accounts, and the call that fills them."""
SIMULATED = (
    f"Margin!{xl_rowcol_to_cell(_FIRST, _WHO, True, True)}",
    _CHANCE_CALL.replace(_DAYS, f"Margin!{_DAYS}").replace(",,", ',"",'),
)
"""The first cell of the probabilities, and the call that fills them."""


def _lacking(column: int) -> tuple[str, str]:
    """The hint of what reads the first row of a column that holds no number."""
    return f"NOT(ISNUMBER({xl_rowcol_to_cell(_FIRST, column, True, True)}))", "see below"


_VALUED, _CHANCES, _BUFFERS = (_lacking(column) for column in (_EQUITY, _CHANCE, _EXTRA))
_NEAREST = f"{liquidation.DISTANCE_BELOW},{liquidation.DISTANCE_ABOVE}"
_PLACE = (
    f"IFERROR(MATCH(nearest_distance,{liquidation.DISTANCE_BELOW},0),"
    f"MATCH(nearest_distance,{liquidation.DISTANCE_ABOVE},0))"
)
_FALLS = f"ISNUMBER(MATCH(nearest_distance,{liquidation.DISTANCE_BELOW},0))"


def _of_all(column: int) -> str:
    return f'=INDEX({_area(column)},MATCH("{_ANY}",{_area(_WHO)},0))'


_RESULTS = (
    Result("highest_ratio", "Highest margin ratio",
           f'=IF(COUNTIF({_area(_RATIO)},"no equity")>0,"no equity",MAX({_area(_RATIO)}))',
           "maint. / equity", "percent", "100 %: liquidation.", (_VALUED,)),
    Result("cash_now", "Cash to send now", f"=SUM({_area(_CALL)})", "USD", "money",
           "To the ratio to restore.", (_NO_TARGET, _VALUED)),
    Result("nearest_distance", "Nearest liquidation",
           f'=IF(COUNT({_NEAREST})=0,"none",MIN({_NEAREST}))', "of the price", "percent",
           "One coin moving alone.", (_VALUED,)),
    Result("nearest_price", "It comes when",
           f'=IF(nearest_distance="none","no price of one coin",LET(i,{_PLACE},'
           f'INDEX({liquidation.ASSET},i)&IF({_FALLS}," falls to "," rises to ")&'
           f'TEXT(IF({_FALLS},INDEX({liquidation.BELOW},i),INDEX({liquidation.ABOVE},i)),'
           f'"#,##0.00")))', "", "text", "", (_VALUED,)),
    Result("nearest_account", "In the account",
           f'=IF(nearest_distance="none","none",INDEX({liquidation.ACCOUNT},{_PLACE}))', "",
           "text", "", (_VALUED,)),
    *(Result(f"any_{place}", f"{name} horizon: any account", _of_all(_CHANCE + place - 1),
             "probability", "share", "Liquidated within it.", (_CHANCES,))
      for place, name in ((1, "First"), (2, "Second"), (3, "Third"))),
    Result("buffer_missing", "Buffer missing", _of_all(_EXTRA), "USD", "money",
           "For the days and confidence.", (_CHANCES, _BUFFERS)),
)  # fmt: skip
_OWN = (
    f'=IF(NOT(ISNUMBER(highest_ratio))*(highest_ratio<>"no equity"),"CHECK: complete the book",'
    f'IF(COUNTIF({_area(_LIGHT)},"BREACH")>0,"BREACH: "&COUNTIF({_area(_LIGHT)},"BREACH")&'
    '" accounts below maintenance",IF(NOT(ISNUMBER(cash_now)),"CHECK: enter the ratio to restore",'
    'IF(cash_now>0,"WATCH: send "&TEXT(cash_now,"#,##0")&" USD to restore the margin ratio",'
    'IF(NOT(ISNUMBER(buffer_missing)),"CHECK: complete the risk settings",'
    'IF(buffer_missing>0,"WATCH: "&TEXT(buffer_missing,"#,##0")&" USD more would last "&'
    'buffer_days&" days with "&TEXT(confidence,"0.0%"),'
    '"OK: every account lasts "&buffer_days&" days with "&TEXT(confidence,"0.0%")))))))'
)
FIGURES = (
    Figure("Status", "margin_status", "", "text"),
    Figure("Highest margin ratio", "highest_ratio", "maint. / equity", "percent"),
    Figure("Cash to send now", "cash_now", "USD", "money"),
    Figure("Nearest liquidation", "nearest_distance", "of the price", "percent"),
    Figure("It comes when", "nearest_price", "", "text"),
    Figure("In the account", "nearest_account", "", "text"),
    Figure("Any account, first horizon", "any_1", "probability", "share"),
    Figure("Any account, second horizon", "any_2", "probability", "share"),
    Figure("Any account, third horizon", "any_3", "probability", "share"),
    Figure("Buffer missing", "buffer_missing", "USD", "money"),
)
"""What matters on this sheet, for hosts and the command line."""


def prepare(book: Book) -> Sheet:
    """Make the sheet, so that it is the first; `write` follows when the others exist."""
    widths = (2, 24, 18, 13, 10, 12, 9, 12, 8, 8, 8, 9, 14, 12)
    return book.sheet("Margin", NAVY, widths)


def write(sheet: Sheet) -> None:
    """Write status, figures, instructions, inputs and the accounts."""
    sheet.heading("Margin", "")
    checks.banner(sheet, (1, _LEFT), (2, _LEFT))
    checks.headline(sheet, (3, _LEFT), _LAST, "margin_status", _OWN)
    row = sheet.section(_TOP, "Key figures", _LEFT, _LEFT + 5)
    sheet.results(row, _LEFT, _RESULTS)
    sheet.section(_TOP, "Instructions", _STEP_COLUMN, _LAST)
    sheet.steps(row, _STEP_COLUMN, _STEPS)
    sheet.calculated_by(row + len(_STEPS) + 1, _STEP_COLUMN, "cash_now")
    row = sheet.section(_INPUT_TOP, "Inputs", _LEFT, _LAST)
    sheet.inputs(row, _LEFT, _INPUTS)
    _accounts(sheet)
    _probabilities(sheet)
    _buffers(sheet)
    sheet.cells.set_row(_HEADER, 32)
    sheet.cells.freeze_panes(4, 0)
    sheet.page(_FIRST + 14, _LAST)


def _accounts(sheet: Sheet) -> None:
    sheet.section(_BAND, "Accounts now", _LEFT, _LIGHT)
    for offset, unit in enumerate(_UNITS):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    sheet.headers(_HEADER, _LEFT, _TITLES, texts=(0, 5))
    formula = body(
        _STATUS_CALL, 'IFERROR(x,"no equity")', sheet.area(_HEADER, _ACCOUNT, _HEADER, _RATIO)
    )
    numbers = ("text", "money", "money", "percent")
    sheet.spill(_FIRST, _ACCOUNT, with_hints(formula, tables.READY), _ROWS - 1, numbers, _ROOM)
    cell = xl_rowcol_to_cell(_FIRST, _ACCOUNT)
    note = "Every position of an account margins the others; isolated: an account of its own."
    sheet.write(_BAND + 1, _LEFT, explained(f"={_STATUS_CALL}", cell, note), "note")
    lines = f"SEQUENCE(COUNT({_area(_EQUITY)}))"
    equity, needed = (f"INDEX({_area(column)},{lines})" for column in (_EQUITY, _NEEDED))
    hints = (_NO_TARGET, (_VALUED[0], ""))
    short = "m/target_ratio-e"
    cash = f"=LET(e,{equity},m,{needed},IF({short}>0,{short},0))"
    sheet.spill(_FIRST, _CALL, with_hints(cash, hints), _ROWS - 1, ("money",), _ROOM)
    own = 'IF(e<=m,"BREACH",IF(m/e>=target_ratio,"WATCH","OK"))'
    guarded = checks.guarded(own, *_ASKS).removeprefix("=")
    light = f"=LET(e,{equity},m,{needed},{guarded})"
    sheet.spill(_FIRST, _LIGHT, with_hints(light, hints), _ROWS - 1, ("text",), _ROOM)
    sheet.status_format((_FIRST, _LIGHT, _FIRST + _ROOM - 1, _LIGHT))


def _probabilities(sheet: Sheet) -> None:
    sheet.section(_BAND, "Probability of liquidation, all coins moving together", _WHO, _LAST)
    style = sheet.style("header", align="right", num_format='General" d"')
    sheet.headers(_HEADER, _WHO, ("Account",), texts=(0,))
    for place in range(3):
        sheet.write(_HEADER - 1, _CHANCE + place, "within", "unit")
        sheet.formula(_HEADER, _CHANCE + place, f"=days_{place + 1}", style)
    sheet.write(_HEADER - 1, _ERROR, "of the last", "unit")
    sheet.headers(_HEADER, _ERROR, ("Standard error",), texts=())
    formula = body(_CHANCE_CALL)
    hints = (_NO_DAYS, *_SIMULATED)
    numbers = ("text", "share", "share", "share", "share")
    sheet.spill(_FIRST, _WHO, with_hints(formula, hints), _ROWS, numbers, _ROOM)
    note = "Brownian motions, the basis stays. ANY: one of them at least; its buffer is the sum."
    cell = xl_rowcol_to_cell(_FIRST, _WHO)
    sheet.write(_BAND + 1, _WHO, explained(f"={_CHANCE_CALL}", cell, note), "note")


def _buffers(sheet: Sheet) -> None:
    for column, title in ((_BALANCE, "Balance needed"), (_EXTRA, "Missing now")):
        sheet.write(_HEADER - 1, column, "USD", "unit")
        sheet.headers(_HEADER, column, (title,), texts=())
    formula = body(_BUFFER_CALL, "x", sheet.area(_HEADER, _BALANCE, _HEADER, _EXTRA), 1)
    hints = (
        ("buffer_days", "enter the days"), ("confidence", "enter the confidence"), *_SIMULATED,
    )  # fmt: skip
    sheet.spill(_FIRST, _BALANCE, with_hints(formula, hints), _ROWS, ("money", "money"), _ROOM)
