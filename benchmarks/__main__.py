"""`python -m benchmarks`: a table on standard output, and a JSON where asked."""

import argparse
import dataclasses
import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

PARTS = {
    1: "functions.column_of_positions",
    2: "functions.simulated",
    3: "functions.estimators",
    4: "starting.start",
    5: "books.recalculation",
    6: "functions.overhead",
    7: "growing.growth",
    8: "batches.throughput",
    9: "files.history",
    10: "formulas.beyond_the_engine",
    11: "whole_books.risk",
    12: "accounts.margin",
}


def part_of(number):
    """A part's module is imported when it is wanted."""
    module, function = PARTS[number].split(".")
    return getattr(import_module(f"benchmarks.{module}"), function)


def shown(seconds):
    if seconds is None:
        return ""
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if abs(seconds) * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def cells(row):
    low, high = row.spread or (0, 0)
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} ({low:.2f} to {high:.2f})"
    if row.ratio is not None and low == high:
        ratio = f"{row.ratio:.2f}"
    verdict = {True: "pass", False: "FAIL", None: "–"}[row.passed]
    return [str(row.issue), row.name, shown(row.ours), shown(row.theirs), ratio, row.limit, verdict]


def table(rows):
    """A table that reads on a terminal and as Markdown."""
    header = ["row", "what", "ours", "theirs", "ratio (quartiles)", "limit", "verdict", "note"]
    body = [[*cells(row), row.note] for row in rows]
    widths = [max(len(line[i]) for line in [header, *body]) for i in range(len(header))]
    lines = [header, ["-" * width for width in widths], *body]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer rounds")
    parser.add_argument("--only", default="", metavar="1,3", help="numbers of the rows to run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON, too")
    options = parser.parse_args()
    try:
        wanted = [int(number) for number in options.only.split(",") if number] or list(PARTS)
        parts = [part_of(number) for number in wanted]
    except (ValueError, KeyError):
        parser.error(f"--only takes numbers of rows from {min(PARTS)} to {max(PARTS)}")
    rows = []
    for part in parts:
        for row in part(options.quick):
            print(" ".join(cells(row)[:3]), file=sys.stderr, flush=True)
            rows.append(row)
    print(table(rows))
    if options.json:
        about = {"python": platform.python_version(), "processors": os.cpu_count()}
        data = {**about, "quick": options.quick, "rows": [dataclasses.asdict(row) for row in rows]}
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
