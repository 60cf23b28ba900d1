"""The sheet Funding: what the perpetuals have paid and may pay, carry and roll of dated legs."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _history_of_book as market
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import AMBER, BLUE, GREEN, VERMILLION
from xlhedge.templates.hedge_desk.ranges import SIDES, gated, reason, titled

_LEFT = 1
_PERIODS = (7, 30, 90)
_HORIZONS = (1, 7, 14, 30, 60, 90)
_LEGS = 8
_HEADER = 6
_ROW_OF = "ROW(Positions[asset])-ROW(Positions[[#Headers],[asset]])"


def _funded(history: BookHistory) -> list[str]:
    return [one.asset for one in history.markets if one.funding is not None]


class Cone(NamedTuple):
    """The forecast after the trade, as charts name its cells."""

    days: str
    mean: str
    low: str
    high: str


def write(book: Book, history: BookHistory) -> Cone:
    """Write the sheet."""
    sheet = book.sheet("Funding", GREEN, (2, 26, *[15.0] * 13))
    sheet.heading("Funding", "What the perpetuals of the book have paid and may pay, and what its "
                  "dated futures carry")  # fmt: skip
    row = _past(sheet, history)
    row, cone = _cone(sheet, row + 2, history)
    row = _legs(sheet, row + 2)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row, _LEFT + 12, pages_wide=2)
    return cone


def _past(sheet: Sheet, history: BookHistory) -> int:
    """By coin: notional, the mean rate of the last days, and what the book would have received."""
    assets = _funded(history)
    sheet.section(3, "The last days", _LEFT, _LEFT + 11)
    sheet.write(4, _LEFT, "Mean rate per year of the last days, and what today's perpetuals would "
                "have received in them.", "note")  # fmt: skip
    titles = ["Coin", "Perpetuals, held", "after"]
    units = ["", "USD", "USD"]
    for days in _PERIODS:
        titles += [f"Rate, {days} days", f"Received, {days} days", "after"]
        units += ["per year", "USD, held", "USD"]
    sheet.headers(_HEADER, _LEFT, titles)
    for place, unit in enumerate(units):
        sheet.write(_HEADER - 1, _LEFT + place, unit, "unit")
    first, last = _HEADER + 1, _HEADER + len(assets)
    for row, asset in enumerate(assets, first):
        sheet.write(row, _LEFT, asset, "label")
        coin = xl_rowcol_to_cell(row, _LEFT, col_abs=True)
        held = gated(f"=SUMIFS(Positions[funded],Positions[asset],{coin})", "book")
        mine = f'AND(hedge_asset={coin},INDEX(Positions[days],hedge_row)="")'
        after = gated(
            f"={xl_rowcol_to_cell(row, _LEFT + 1)}+IF({mine},contracts_to_trade*hedge_unit,0)",
            "trade",
        )
        sheet.write(row, _LEFT + 1, held, "result", "money")
        sheet.write(row, _LEFT + 2, after, "result", "money")
        rates = market.series(asset, "funding")
        for place, days in enumerate(_PERIODS):
            count = f"MIN(history_rows,ROUND(period_{days}*periods_per_day,0))"
            window = f"INDEX({rates},history_rows-{count}+1):INDEX({rates},history_rows)"
            column = _LEFT + 3 + 3 * place
            rate = gated(f"=FUNDING_ANNUAL({window},interval_hours,)", "history")
            sheet.write(row, column, rate, "result", "percent")
            for offset, hint in enumerate(("book", "trade"), 1):
                notional = xl_rowcol_to_cell(row, _LEFT + offset)
                received = gated(f"=-{notional}*SUM({window})", hint, "history")
                sheet.write(row, column + offset, received, "result", "money")
    sheet.book.name_range("funding_coins", sheet.name, (first, _LEFT, max(first, last), _LEFT))
    total = last + 1
    sheet.write(total, _LEFT, "All coins", "label")
    for column in range(_LEFT + 1, _LEFT + 12):
        if column >= _LEFT + 3 and (column - _LEFT) % 3 == 0:
            sheet.write(total, column, None, "label")
            continue
        cells = sheet.area(first, column, last, column)
        side = SIDES[(column - _LEFT - 1) % 3]
        summed = gated(f"=SUM({cells})" if assets else "=0", side.hint, "history")
        sheet.write(total, column, summed, "result", "money")
    for place, days in enumerate(_PERIODS):
        for offset, side in enumerate(SIDES, 1):
            column = _LEFT + 3 + 3 * place + offset
            sheet.book.name(f"received_{days}_{side.name}", sheet.name, total, column)
    items = [
        Input(f"period_{days}", f"Days of the {word} period", days, "days", "integer",
              "The headings above name these periods.", role="constant")
        for days, word in zip(_PERIODS, ("first", "second", "third"), strict=True)
    ]  # fmt: skip
    return sheet.inputs(total + 2, _LEFT, items)


def _cone(sheet: Sheet, row: int, history: BookHistory) -> tuple[int, Cone]:
    """The forecast of each coin's funding, and of the book's."""
    assets = _funded(history)
    sheet.section(row, "Forecast", _LEFT, _LEFT + 11)
    sheet.write(row + 1, _LEFT, "What a short of 1 USD will have received within the days, with a "
                "band at the confidence set on Inputs; the bands of several coins are added, as if "
                "they failed together.", "note")  # fmt: skip
    top = row + 4
    first, last = top + 1, top + len(_HORIZONS)
    sheet.headers(top, _LEFT, ("Days ahead", *("Mean", "Low", "High") * 2), texts=())
    for offset, unit in enumerate(("days", *["USD, held"] * 3, *["USD, after"] * 3)):
        sheet.write(top - 1, _LEFT + offset, unit, "unit")
    for offset, days in enumerate(_HORIZONS):
        sheet.write(first + offset, _LEFT, days, "input", "quantity")
    item = Input("", "Days ahead", None, "", "quantity", "A whole number of funding intervals.",
                 low=0.01, high=365)  # fmt: skip
    sheet.guard((first, _LEFT, last, _LEFT), item)
    horizons = sheet.area(first, _LEFT, last, _LEFT)
    complete = f'=IF(COUNT({horizons})<ROWS({horizons}),"enter the days",{{}})'
    below = last + 3
    spilled = (below + 1, _LEFT, below + len(_HORIZONS), _LEFT + 4 * max(1, len(assets)) - 1)
    sheet.book.name_range("forecasts", sheet.name, spilled)
    for line, asset in enumerate(assets):
        left = _LEFT + 4 * line
        sheet.headers(below, left, (f"{asset}: mean", "Std deviation", "Low", "High"), texts=())
        call = (
            f"=FUNDING_FORECAST({market.series(asset, 'funding')},{horizons},interval_hours,"
            "forecast_confidence)"
        )
        formula = gated(complete.format(call[1:]), "funding")
        sheet.spill(below + 1, left, formula, len(_HORIZONS), ("log",) * 4)
        cell = xl_rowcol_to_cell(below + 1, left)
        reason(sheet, (below + 1 + len(_HORIZONS), left), call, cell, "of 1 USD short")
    for offset in range(len(_HORIZONS)):
        for number, side in enumerate(SIDES):
            for place, what in enumerate(("mean", "low", "high")):
                total = _of_book(assets, what, _LEFT + 1 + number, below + 1 + offset)
                formula = gated(complete.format(total), side.hint, "funding")
                column = _LEFT + 1 + 3 * number + place
                sheet.write(first + offset, column, formula, "result", "money")
    for line, what in enumerate(("mean", "low")):
        here = below + len(_HORIZONS) + 3 + line
        sheet.write(here, _LEFT, f"Within the second period, {what}", "label")
        for number, side in enumerate(SIDES):
            column = _LEFT + 1 + 3 * number + line
            value = (
                f'=IF(COUNTIF({horizons},period_30)=0,"enter the days",INDEX('
                f"{sheet.area(first, column, last, column)},MATCH(period_30,{horizons},0)))"
            )
            shown = gated(value, side.hint, "funding")
            sheet.write(here, _LEFT + 1 + number, shown, "result", "money")
            sheet.book.name(f"forecast_{what}_{side.name}", sheet.name, here, _LEFT + 1 + number)
    drawn = (_LEFT, *range(_LEFT + 4, _LEFT + 7))
    cone = Cone(*(sheet.absolute(first, column, last, column) for column in drawn))
    return below + len(_HORIZONS) + 5, cone


def _of_book(assets: list[str], what: str, notional: int, row: int) -> str:
    """The forecast of all coins together: a band's ends are added, whichever side is held."""
    terms = []
    for line in range(len(assets)):
        size = xl_rowcol_to_cell(_HEADER + 1 + line, notional, row_abs=True, col_abs=True)
        mean, low, high = (
            xl_rowcol_to_cell(row, _LEFT + 4 * line + one, col_abs=True) for one in (0, 2, 3)
        )
        ends = f"(-{size}*{low},-{size}*{high})"
        terms.append({"mean": f"-{size}*{mean}", "low": f"+MIN{ends}", "high": f"+MAX{ends}"}[what])
    return "".join(terms).removeprefix("+") or "0"


def _legs(sheet: Sheet, row: int) -> int:
    """Each dated future: its carry, and what rolling it into the next expiry costs."""
    sheet.section(row, "Dated futures: carry and roll", _LEFT, _LEFT + 12)
    sheet.write(row + 1, _LEFT, "Rolled into the next expiry of the same coin and kind in "
                "Positions, which may be held with quantity 0. Net: gain.", "note")  # fmt: skip
    top = row + 3
    titles = ("Row", "Contract", "Coin", "Days", "Price", "Carry", "Held", "Next expiry",
              "Its price", "Trading cost", "Carry locked", "Roll per year", "Net")  # fmt: skip
    units = ("of Positions", "", "", "to expiry", "USD", "per year", "contracts", "days", "USD",
             "USD or coin", "USD or coin", "of the price", "USD or coin")  # fmt: skip
    numbers = ("integer", "text", "text", "quantity", "price", "percent", "quantity", "quantity",
               "price", "coins", "coins", "percent", "coins")  # fmt: skip
    sheet.headers(top, _LEFT, titles, texts=(1, 2))
    for offset, unit in enumerate(units):
        sheet.write(top - 1, _LEFT + offset, unit, "unit")
    dated = '(Positions[days]<>"")*(Positions[instrument]<>"spot")'
    for here in range(top + 1, top + 1 + _LEGS):
        cell = [xl_rowcol_to_cell(here, _LEFT + place, col_abs=True) for place in range(13)]
        place, _, coin, days, price, _, held, later, far_price = cell[:9]
        start = xl_rowcol_to_cell(top, _LEFT, row_abs=True, col_abs=True)
        # The legs in the order of their rows.
        number = f"SMALL(IF({dated}>0,{_ROW_OF}),ROW({place})-ROW({start}))"

        def of(column: str, place: str = place) -> str:
            return f"INDEX(Positions[{column}],{place})"

        size = f'IF({of("contract_size")}="",1,{of("contract_size")})'
        next_expiry = (
            f"MINIFS(Positions[days],Positions[asset],{coin},Positions[instrument],"
            f'{of("instrument")},Positions[days],">"&{days})'
        )
        far = (
            f"INDEX(Positions[price],MATCH(1,(Positions[asset]={coin})*(Positions[instrument]="
            f"{of('instrument')})*(Positions[days]={later}),0))"
        )
        roll = (
            f"ROLL_COST({held},{price},{far_price},{days},{later},{size},{of('instrument')},"
            "fee_rate,spread)"
        )
        spot = f"INDEX(spot_prices,MATCH({coin},spot_coins,0))"
        shown = (
            gated(f'=IFERROR({number},"")', "book"),
            of("contract") + '&""', of("asset"), of("days"), of("price"),
            f"CARRY_RATE({spot},{price},{days})", of("quantity"),
            f'IF({next_expiry}=0,"none",{next_expiry})', f'IF({later}="none","none",{far})',
            *(f'IF({later}="none","none",INDEX({roll},{line},2))'
              for line in ("2", "3", "4", "5")),
        )  # fmt: skip
        for offset, (text, number) in enumerate(zip(shown, numbers, strict=True)):
            formula = text if not offset else f'=IF(ISNUMBER({place}),{text},"")'
            left = number == "text"
            style = sheet.style("spill", number, align="left" if left else "right",
                                indent=int(left))  # fmt: skip
            sheet.formula(here, _LEFT + offset, formula, style)
    sheet.book.name_range("legs", sheet.name, (top + 1, _LEFT, top + _LEGS, _LEFT + 12))
    return _curve(sheet, top + _LEGS + 2)


def _curve(sheet: Sheet, row: int) -> int:
    coin = "hedge_asset"
    dated = f'(Positions[asset]={coin})*(Positions[days]<>"")*(Positions[instrument]<>"spot")'
    sheet.section(row, "Carry curve of the hedge's coin", _LEFT, _LEFT + 4)
    call = (
        f"=CARRY_CURVE(INDEX(spot_prices,MATCH({coin},spot_coins,0)),"
        f"FILTER(Positions[price],{dated}),FILTER(Positions[days],{dated}))"
    )
    formula = f'=IF(SUMPRODUCT({dated})=0,"no dated future of this coin",{call[1:]})'
    titles = (("Days", "quantity"), ("Price", "price"), ("Basis", "price"), ("Carry", "percent"),
              ("Forward carry", "percent"))  # fmt: skip
    for offset, unit in enumerate(("to expiry", "USD", "USD", "per year", "per year")):
        sheet.write(row + 2, _LEFT + offset, unit, "unit")
    titled(sheet, (row + 3, _LEFT), gated(formula, "trade"), _LEGS, titles)
    sheet.book.name("curve_of_hedge", sheet.name, row + 3, _LEFT)
    reason(sheet, (row + 1, _LEFT), call, xl_rowcol_to_cell(row + 3, _LEFT), "Between expiries.")
    return row + 3 + _LEGS


def chart(sheet: Sheet, frame: charts.Frame, cone: Cone) -> None:
    """The band of what the book will have received, on another sheet."""
    series = [
        charts.Line(name, cone.days, values, colour, dash, 1.75)
        for name, values, colour, dash in (
            ("High", cone.high, AMBER, "dash"),
            ("Mean", cone.mean, BLUE, "solid"),
            ("Low", cone.low, VERMILLION, "dash"),
        )
    ]
    charts.lines(sheet, frame, "Funding received after the trade, forecast", series,
                 ("days ahead", "0"), ("USD million", "0.0,,"), {"min": 0, "max": max(_HORIZONS)},
                 marks=True)  # fmt: skip
