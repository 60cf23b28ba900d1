"""Row 4: how long a fresh process takes to its first value."""

import statistics
import subprocess
import sys
from functools import partial

from benchmarks._measure import WALL, Row, alternate, compare, quartiles

FIRST = "from xlhedge import call; call('HEDGE_CONTRACTS', 1000, 70000)"


def python(code):
    subprocess.run([sys.executable, "-c", code], check=True)


def start(quick):
    rounds = 7 if quick else 25
    yield compare(
        4, "first value in a process / import numpy", partial(python, FIRST),
        partial(python, "import numpy"), rounds, most=1.3, clock=WALL,
    )  # fmt: skip
    pairs = alternate(
        partial(python, "import xlhedge.udfs"), partial(python, "import xlwings"), rounds, WALL
    )
    extra = [a - b for a, b in pairs]
    row = Row(4, "xlhedge.udfs beyond xlwings' own import", statistics.median(extra))
    row.spread, row.limit = quartiles(extra), "≤ 150 ms"
    row.passed = row.ours <= 0.15
    yield row
