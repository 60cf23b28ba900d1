"""The sheet Schedule: what the rule held, traded and paid at each date of the history."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates._layout import Book, Sheet, with_hints
from xlhedge.templates._theme import BLUE

DATES = 46
_TOP = 6
_COLUMNS = (
    ("back", "dates ago", "integer"),
    ("date", "UTC", "day"),
    ("rows", "rows so far", "integer"),
    ("close", "USD", "price"),
    ("forecast", "per year", "percent"),
    ("target", "of the holdings", "percent"),
    ("before", "of the holdings", "percent"),
    ("trade", "of the holdings", "percent"),
    ("held", "of the holdings", "percent"),
    ("hedge", "of the holdings", "percent"),
    ("contracts", "contracts", "integer"),
    ("cost", "USD", "money"),
    ("unmanaged", "per year", "percent"),
    ("managed", "per year", "percent"),
    ("aim", "per year", "percent"),
)
_TITLES = ("Dates back", "Rebalancing date", "Rows", "Close", "EWMA forecast", "Exposure wanted",
           "Exposure before", "Trade", "Exposure held", "Hedge share", "Hedge", "Cost of trade",
           "Realised, without hedge", "Realised, managed", "Target")  # fmt: skip
_PLACES = {name: 1 + place for place, (name, _, _) in enumerate(_COLUMNS)}


def column(name: str) -> str:
    """The cells of a column, as other sheets and charts name them."""
    place = _PLACES[name]
    return f"Schedule!{xl_range_abs(_TOP, place, _TOP + DATES - 1, place)}"


def write(book: Book) -> Sheet:
    """Write the sheet."""
    sheet = book.sheet("Schedule", BLUE, (2, 8, 12, 7, *(11.5,) * 12))
    sheet.heading("Schedule", "The rule of the first sheet on the rows of Candles: what it would "
                  "have held, traded and paid")  # fmt: skip
    sheet.write(2, 1, "Each date knows only the rows up to it. An exposure holds until the next "
                "date; the hedge is the part of the coins that is sold.", "note")  # fmt: skip
    sheet.cells.set_row(_TOP - 1, 34)
    for name, unit, _ in _COLUMNS:
        sheet.write(_TOP - 2, _PLACES[name], unit, "unit")
    sheet.headers(_TOP - 1, 1, _TITLES, texts=())
    numbers = {name: number for name, _, number in _COLUMNS}
    for row in range(_TOP, _TOP + DATES):
        back = DATES - 1 - (row - _TOP)
        sheet.write(row, _PLACES["back"], back, "constant", "integer")
        for name, formula in _row(row).items():
            sheet.write(row, _PLACES[name], formula, "calculated", numbers[name])
    for name, formula in _SPILLS.items():
        sheet.spill(_TOP, _PLACES[name], formula, DATES, (numbers[name],))
    sheet.cells.freeze_panes(_TOP, 3)
    sheet.page(_TOP + DATES - 1, len(_COLUMNS), repeat=_TOP - 1)
    return sheet


def _own(name: str) -> str:
    return column(name).removeprefix("Schedule!")


def _numbers(name: str) -> str:
    """A column with 1 where it holds no number: what an elementwise function can take."""
    return f"IF(ISNUMBER({_own(name)}),{_own(name)},1)"


def _row(row: int) -> dict[str, str]:
    cell = {name: xl_rowcol_to_cell(row, place, col_abs=True) for name, place in _PLACES.items()}
    known = f"Candles[time]<={cell['date']}+time_tolerance"
    # A return needs the price before it: one price more than returns.
    since = f"({known})*(Candles[time]>{cell['date']}-window_days"
    prices, returns = f"{since}-time_tolerance)", f"{since}+time_tolerance)"
    ready = f"{cell['rows']}<least_rows"
    missing = f'OR({ready},window_days="",NOT(ISNUMBER(periods_per_year)))'
    held = xl_rowcol_to_cell(row - 1, _PLACES["held"])
    return {
        "date": '=IF(OR(NOT(ISNUMBER(last_time)),rebalance_days=""),"",'
        f"last_time-{cell['back']}*rebalance_days)",
        "rows": f'=IF({cell["date"]}="",0,'
        f'COUNTIF(Candles[time],"<="&{cell["date"]}+time_tolerance))',
        "close": f'=IF({cell["rows"]}=0,"",INDEX(Candles[close],{cell["rows"]}))',
        "forecast": f'=IF(OR({ready},NOT(ISNUMBER(periods_per_year)),vol_decay=""),"",'
        f"VOL_EWMA(FILTER(Candles[close],{known}),vol_decay,periods_per_year))",
        "before": '=IF(start_exposure="","",start_exposure)' if row == _TOP else f"={held}",
        "trade": f"=IF(OR(NOT(ISNUMBER({cell['target']})),NOT(ISNUMBER({cell['before']})),"
        'trade_band="",trade_to=""),0,'
        f"VOL_TARGET_TRADE({cell['before']},{cell['target']},trade_band,trade_to))",
        "held": f"=N({cell['before']})+{cell['trade']}",
        "unmanaged": f'=IF({missing},"",VOL_REALIZED(FILTER(Candles[close],{prices}),'
        "periods_per_year))",
        "managed": f'=IF(OR({missing},start_exposure=""),"",'
        f"STDEV.S(FILTER(Candles[managed_return],{returns}))*SQRT(periods_per_year))",
        "aim": '=IF(target_volatility="","",target_volatility)',
        "hedge": f"=1-{cell['held']}",
    }


_SPILLS = {
    "target": with_hints(
        f"=IF(ISNUMBER({_own('forecast')}),VOL_TARGET_EXPOSURE(target_volatility,"
        f'{_numbers("forecast")},,max_exposure,min_exposure),"")',
        (
            ("target_volatility", "enter the target"),
            ("max_exposure", "enter the largest exposure"),
            ("min_exposure", "enter the smallest exposure"),
        ),
    ),
    "contracts": with_hints(
        f"=IF(ISNUMBER({_own('close')}),HEDGE_CONTRACTS(holding_quantity,{_numbers('close')},"
        f'contract_size,{_own("hedge")},,,lot,),"")',
        (
            ("holding_quantity", "enter the coins"),
            ("contract_size", "enter the size"),
            ("lot", "enter the lot"),
        ),
    ),
    "cost": with_hints(
        f"=IF(ISNUMBER({_own('close')}),HEDGE_COST({_own('trade')}*holding_quantity*"
        f'{_numbers("close")},fee_rate,spread,impact)/trades_per_round,"")',
        (("holding_quantity", "enter the coins"), ("trades_per_round", "enter the trades")),
    ),
}
