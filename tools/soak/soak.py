"""One process answers calls of the whole catalogue for as long as asked: memory flat, no slowdown.

    python tools/soak/soak.py --calls 1000000

Every thousand calls hold each function equally often, the expensive ones rarely, in an order of
their own; arguments are never the same twice, so that anything that remembers them grows. Memory is
what the system counts for the process, after the first tenth of the calls; time is the processor's
time inside the calls, so that a busy machine does not count. Needs Linux.
"""

import argparse
import gc
import logging
import math
import os
import statistics
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))
from catalog_cases import baselines

from xlhedge import CellError, call
from xlhedge.catalog import CATALOG

MIX = 1000
RARE = {"VOL_GARCH": 1, "VAR_JOINT": 2, "VAR_FILTERED": 2, "HEDGE_REPORT": 4, "STRESS_REVERSE": 5}
"""How often in a thousand calls the functions come that take milliseconds."""

MOST_GROWTH, MOST_SLOWDOWN = 1.05, 1.1
COLUMN = 20
ODD = [None, True, "", *CellError, math.nan, math.inf, -1.0, 0.0, 5e-324, 1e308]


class Block(NamedTuple):
    """A part of the run, at its end."""

    calls: int
    megabytes: float
    seconds: float
    errors: int


def order(random):
    """A thousand names."""
    rare = [name for name, count in RARE.items() for _ in range(count)]
    others = [name for name in CATALOG if name not in RARE]
    names = [*rare, *islice(cycle(others), MIX - len(rare))]
    random.shuffle(names)
    return names


def near(cell, factor):
    return cell * factor if type(cell) is float else cell


def arguments(name, random, number):
    """A call that is known to work, with other numbers; one argument in ten is something else."""
    spec = CATALOG[name]
    given = []
    for index, known in enumerate(baselines().get(name, [])):
        parameter = spec.parameters[min(index, len(spec.parameters) - 1)]
        factor = random.uniform(0.8, 1.25)
        if random.random() < 0.1 and parameter.name != "paths":
            strange = [*ODD, f"text {number}", 1e6 * random.random(), [[random.random()]]]
            given.append(strange[random.integers(len(strange))])
        elif isinstance(known, list):
            given.append([[near(cell, factor) for cell in row] for row in known])
        elif type(known) is float and parameter.kind == "elementwise" and random.random() < 0.2:
            given.append([[known * random.uniform(0.8, 1.25)] for _ in range(COLUMN)])
        else:
            given.append(near(known, factor))
    if name == "XLHEDGE_WHY":
        asked = list(CATALOG)[number % len(CATALOG)]
        given = [asked, *([] if asked == name else arguments(asked, random, number))]
    return given


def megabytes():
    """Memory of this process that is held in the machine's."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def answer_all(calls, block, leaks=False):
    """The blocks of a run."""
    random, kept, blocks = np.random.default_rng(9), [], []
    spent, errors, names = 0.0, 0, iter(())
    for number in range(1, calls + 1):
        name = next(names, None)
        if name is None:
            names = iter(order(random))
            name = next(names)
        given = arguments(name, random, number)
        started = time.process_time()
        value = call(name, *given)
        spent += time.process_time() - started
        errors += isinstance(value, CellError)
        if leaks:
            kept.append((given, value))
        if number % block == 0:
            gc.collect()
            blocks.append(Block(number, megabytes(), spent, errors))
            spent, errors = 0.0, 0
    return blocks


def verdict(blocks):
    """Growth of memory after the first tenth, and of time from the second quarter to the last."""
    quarter = len(blocks) // 4
    warm = blocks[max(len(blocks) // 10, 1) - 1]
    growth = statistics.median(b.megabytes for b in blocks[-quarter:]) / warm.megabytes
    before, after = blocks[quarter : 2 * quarter], blocks[-quarter:]
    slowdown = statistics.median(b.seconds for b in after) / statistics.median(
        b.seconds for b in before
    )
    return growth, slowdown


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--slowdown", type=float, default=MOST_SLOWDOWN, help="what is allowed")
    parser.add_argument("--leak", action="store_true", help="keep everything: must be seen")
    options = parser.parse_args()
    logging.disable()
    block = min(10_000, options.calls // 20)
    blocks = answer_all(options.calls, block, options.leak)
    print(f"{'calls':>10} {'MB':>8} {'s/10,000':>9} {'errors':>7}")
    for each in blocks[:: max(len(blocks) // 20, 1)]:
        seconds = each.seconds * 10_000 / block
        print(
            f"{each.calls:>10,} {each.megabytes:>8.1f} {seconds:>9.2f} {each.errors / block:>7.1%}"
        )
    growth, slowdown = verdict(blocks)
    print(f"memory after the first tenth: {growth - 1:+.2%} (allowed {MOST_GROWTH - 1:+.0%})")
    print(f"time, last quarter to second: {slowdown:.3f} (allowed {options.slowdown})")
    sys.exit(growth > MOST_GROWTH or slowdown > options.slowdown)


if __name__ == "__main__":
    main()
