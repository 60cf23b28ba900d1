"""Every golden row and every calculated workbook to the last bit, as JSON.

    python tests/helpers/determinism.py TARGET [--comma] [--one-processor] [--workbooks FOLDER]

Runs in any Python that has xlhedge, under Windows too; `test_determinism.py` starts it in other
surroundings and compares what it writes. ``--comma`` sets the locale of the environment for the
whole process, and insists that it is one with a decimal comma. FOLDER holds a workbook to fill,
`book.xlsx`, and its rows, `rows.csv`.
"""

import argparse
import hashlib
import json
import locale
import os
import sys
from pathlib import Path

from golden_rows import golden_rows

from xlhedge import CellError, call

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ELSEWHERE = {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", **dict.fromkeys(THREADS, "1")}
"""Surroundings that must not matter."""


def exact(value):
    """A result so that two of the same text have the same bits."""
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, float):
        return value.hex()
    return value.value if isinstance(value, CellError) else value


def numbers():
    """Golden row to its result."""
    return {row["id"]: exact(call(row["function"], *row["cells"])) for row in golden_rows()}


def workbooks(folder):
    """What the command line writes, as digests: every template calculated, one filled."""
    from xlhedge.cli import main
    from xlhedge.templates import TEMPLATES

    found = {}

    def command(target, *arguments):
        sys.argv = ["xlhedge", *map(str, arguments)]
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
        found[target.name] = hashlib.sha256(target.read_bytes()).hexdigest()

    for name in TEMPLATES:
        plain, calculated = folder / f"{name}.xlsx", folder / f"{name}-calculated.xlsx"
        command(plain, "new", name, plain)
        command(calculated, "recalc", plain, "-o", calculated)
    filled = folder / "filled.xlsx"
    rows = f"Hist={folder / 'rows.csv'}"
    command(filled, "fill", folder / "book.xlsx", rows, "-o", filled)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("target", type=Path)
    parser.add_argument("--comma", action="store_true")
    parser.add_argument("--workbooks", type=Path)
    parser.add_argument("--one-processor", action="store_true", help="use no threads")
    options = parser.parse_args()
    if options.one_processor:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        os.cpu_count = lambda: 1
    if options.comma:
        locale.setlocale(locale.LC_ALL, "")
        assert locale.localeconv()["decimal_point"] == ","
    result = {"numbers": numbers()}
    if options.workbooks:
        result["workbooks"] = workbooks(options.workbooks)
    options.target.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
