"""Row 7: the time at 1, 10 and 100 times the size, and the exponent of its growth."""

import math
import statistics
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from benchmarks._market import MODEL, TIERS, clustered, column, positions, returns, spot_and_future
from benchmarks._measure import Row, timed
from xlhedge import call
from xlhedge.filling import fill
from xlhedge.recalc import recalculate
from xlhedge.templates import _sample, hedge_desk


def cases(folder):
    """Name, the smallest size, and what makes the call of a size."""
    model = [[label, value] for label, value in MODEL.items()]

    def liquidation(size):
        cells = [column(values) for values in positions(size)]
        return partial(call, "LIQ_PRICE", *cells, None, 1, "linear", 0, 0, "mark", TIERS)

    def joint(size):
        return partial(call, "VAR_JOINT", 1, 70_000, -1, model, 30, 0.99, 1, size)

    def of_returns(name, size):
        return partial(call, name, column(returns(size)), 1e6)

    def basis(size):
        return partial(call, "BASIS_STATS", *map(column, spot_and_future(size)))

    def desk(size):
        source = hedge_desk.build(folder / f"{size}.xlsx", _sample.book(size))
        return partial(recalculate, source, folder / "calculated.xlsx", overwrite=True)

    def filled(size):
        book, target = table(folder / "table.xlsx"), folder / "filled.xlsx"
        times = np.datetime64("2015-01-01T00", "h") + 8 * np.arange(size)
        frame = pd.DataFrame({"time": times.astype("datetime64[ns]"), "price": clustered(size)})
        return partial(fill, book, {"Prices": frame}, target, overwrite=True)

    def contracts(size):
        return partial(call, "HEDGE_CONTRACTS", column(returns(size) + 1), 70_000)

    yield "HEDGE_CONTRACTS", 1_000, contracts
    yield "LIQ_PRICE", 1_000, liquidation
    yield "VAR_JOINT", 1_000, joint
    yield "VAR_HISTORICAL", 1_000, partial(of_returns, "VAR_HISTORICAL")
    yield "VAR_CORNISH_FISHER", 1_000, partial(of_returns, "VAR_CORNISH_FISHER")
    yield "BASIS_STATS", 500, basis
    yield "VOL_GARCH", 300, lambda size: partial(call, "VOL_GARCH", column(clustered(size)))
    yield "RETURNS", 1_000, lambda size: partial(call, "RETURNS", column(clustered(size)))
    yield "hedge desk recalculated", 100, desk
    yield "a table filled and recalculated", 200, filled


def table(path):
    """A book with a table of times and prices and two calculated columns, and a chart of it."""
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("Data"), book.add_format({"num_format": "yyyy-mm-dd"})
        columns = [
            {"header": "time", "format": day},
            {"header": "price"},
            {"header": "log", "formula": "=LN([@price])"},
            {"header": "share", "formula": "=[@price]/SUM([price])"},
        ]
        rows = [[45_000 + row, 100.0 + row] for row in range(60)]
        sheet.add_table(0, 0, 60, 3, {"name": "Prices", "columns": columns, "data": rows})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"categories": "=Data!$A$2:$A$61", "values": "=Data!$B$2:$B$61"})
        sheet.insert_chart("G2", chart)
    return path


def growth(quick):
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        yield from grown(Path(folder), quick)


def grown(folder, quick):
    rounds = 3 if quick else 7
    for name, smallest, make in cases(folder):
        sizes = [smallest * factor for factor in ((1, 10) if quick else (1, 10, 100))]
        seconds = []
        for size in sizes:
            action = make(size)
            action()
            seconds.append(statistics.median(timed(action) for _ in range(rounds)))
        slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        last = math.log(seconds[-1] / seconds[-2]) / math.log(10)
        row = Row(7, f"{name}, {sizes[0]:,} to {sizes[-1]:,}", seconds[-1])
        row.note = f"time grows as size^{slope:.2f}; over the last tenfold ^{last:.2f}"
        if name.startswith("a table filled") and not quick:
            row.limit, row.passed = "≤ 2 s", seconds[-1] <= 2
        row.more = {"sizes": sizes, "seconds": seconds, "exponent": float(slope)}
        yield row
