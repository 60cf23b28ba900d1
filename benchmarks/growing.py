"""Row 7: the time at 1, 10 and 100 times the size, and the exponent of its growth."""

import math
import statistics
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks._market import MODEL, TIERS, clustered, column, positions, returns, spot_and_future
from benchmarks._measure import Row, timed
from xlhedge import call
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
        source = hedge_desk.build(folder / f"{size}.xlsx", _sample.history(size))
        return partial(recalculate, source, folder / "calculated.xlsx", overwrite=True)

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
        row.more = {"sizes": sizes, "seconds": seconds, "exponent": float(slope)}
        yield row
