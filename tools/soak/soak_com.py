"""The COM server under wine answers calls of the whole catalogue: its memory stays flat.

    python tools/soak/soak_com.py --calls 20000

Plays Excel's part as the tests of this folder do, with the calls of `soak.py`, errors among them,
so the log is written too. The server's memory is the bytes that it has asked for; its objects are
counted too.
"""

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("helpers", "stubs", "wine")]
from excel_server import size, start
from fake_excel import SCODES
from soak import MOST_GROWTH, arguments, order
from windows import PIP, Windows

from xlhedge import CellError

MOST_SLOWDOWN = 1.25
"""Wall clock, and wine's own server takes part: allowed is more than for the processor's time."""


def encoded(value):
    """A cell or a range as the client takes it."""
    if isinstance(value, list):
        return [[encoded(cell) for cell in row] for row in value]
    if isinstance(value, CellError):
        return {"error": SCODES[value.value]}
    if type(value) is float and not math.isfinite(value):
        return None  # no cell holds it
    return value


def answer_all(excel, calls, folder):
    """Size and time after every twentieth of the calls."""
    random, names, blocks, spent = np.random.default_rng(9), iter(()), [], []
    for number in range(1, calls + 1):
        name = next(names, None)
        if name is None:
            names = iter(order(random))
            name = next(names)
        reply = excel.call(name, *map(encoded, arguments(name, random, number)))
        assert "hresult" not in reply, (name, reply)
        assert "failed" not in reply, (name, reply)
        spent.append(reply["seconds"])
        if number % (calls // 20) == 0:
            objects, memory = size(excel, folder / "size")
            blocks.append((number, objects, memory / 1e6, statistics.mean(spent) * 1000))
            print("{:>8,} {:>9,} {:>8.1f} {:>9.2f}".format(*blocks[-1]), flush=True)
            spent = []
    return blocks


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        subprocess.run([*PIP, "wheel", "--no-deps", "-w", made, str(ROOT)], check=True)
        windows = Windows()
        windows.make(next(folder.glob("xlhedge-*.whl")))
        excel = start(windows)
        print(f"{'calls':>8} {'objects':>9} {'MB':>8} {'ms a call':>9}")
        try:
            blocks = answer_all(excel, options.calls, folder)
        finally:
            excel.close()
            windows.stop()
    warm, last = blocks[len(blocks) // 10 - 1], blocks[-1]
    growth, objects = last[2] / warm[2], last[1] / warm[1]
    slowdown = statistics.median(b[3] for b in blocks[15:]) / statistics.median(
        b[3] for b in blocks[5:10]
    )
    print(f"memory after the first tenth: {growth - 1:+.2%}, objects {objects - 1:+.2%}")
    print(f"time, last quarter to second: {slowdown:.3f}")
    sys.exit(growth > MOST_GROWTH or objects > MOST_GROWTH or slowdown > MOST_SLOWDOWN)


if __name__ == "__main__":
    main()
