"""A small workbook that names where its history comes from, as `xlhedge refresh` wants it."""

from datetime import UTC, datetime

import simulated
from recalc_helpers import Book

HOUR = 3_600_000


def source_book(
    path, last, rows=20, interval=8 * HOUR, venue="binance", symbols=("BTC/USDT:USDT",), **more
):
    """The table History up to the close `last`, formulas over it, and the named inputs."""
    coins = more.get("coins", ())
    columns = ["time", "spot", "futures", "funding_rate", "interval_hours"]
    if coins:
        words = ("spot", "futures", "funding")
        columns = ["Time", *[f"{coin} {word}" for coin in coins for word in words]]
    history = []
    for place in range(rows):
        close = last - (rows - 1 - place) * interval
        paid = sum(
            simulated.rate(time)
            for time in range(close - interval + HOUR, close + 1, HOUR)
            if time % (more.get("funding_hours", 8) * HOUR) == 0
        )
        prices = (simulated.spot_price(close), simulated.futures_price(close), paid)
        day = datetime.fromtimestamp(close / 1000, UTC).replace(tzinfo=None)
        history.append((day, *(prices * len(coins) or (*prices, interval / HOUR))))
    with Book(path) as book:
        sheet, desk = book.add_worksheet("History"), book.add_worksheet("Desk")
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        heads = [{"header": name} for name in columns]
        heads[0]["format"] = day
        if "calculated_hours" in more:
            heads[4]["formula"] = more["calculated_hours"]
        first, second = columns[1:3]
        heads.append({"header": "basis", "formula": f"=[@[{first}]]-[@[{second}]]"})
        sheet.add_table(
            0, 0, rows, len(heads) - 1, {"name": "History", "columns": heads, "data": history}
        )
        desk.write("A1", "venue")
        desk.write("B1", venue)
        desk.write("A2", "symbols")
        desk.write_column("B2", symbols)
        last_symbol = 1 + len(symbols)
        book.define_name("SourceVenue", "=Desk!$B$1")
        book.define_name("SourceSymbols", f"=Desk!$B$2:$B${last_symbol}")
        if "spot" in more:
            desk.write("B9", more["spot"])
            book.define_name("SourceSpot", "=Desk!$B$9")
        desk.write_formula("B10", f"=INDEX(History!B2:B{rows + 1},ROWS(History!B2:B{rows + 1}))")
        desk.write_formula("B11", f"=SUM(History[{columns[3]}])")
        desk.write_formula("B12", f"=ROWS(History[{first}])")
        desk.write_formula("B13", f"=HEDGE_RATIO(History[{first}],History[{second}])")
        book.define_name("LastSpot", "=Desk!$B$10")
    return path
