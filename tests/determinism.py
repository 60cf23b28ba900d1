"""Every golden row and every calculated workbook to the last bit, as JSON.

    python tests/determinism.py TARGET [--comma] [--workbooks FOLDER]

Runs in any Python that has xlhedge, under Windows too; `test_determinism.py` starts it in other
surroundings and compares what it writes. ``--comma`` sets the locale of the environment for the
whole process, and insists that it is one with a decimal comma.
"""

import argparse
import hashlib
import json
import locale
import sys
from pathlib import Path

from shared_golden_rows import golden_rows

from xlhedge import CellError, call


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
    from xlhedge.books import TEMPLATES
    from xlhedge.cli import main

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
        command(calculated, "recalc", plain, "-o", calculated, "--quiet")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("target", type=Path)
    parser.add_argument("--comma", action="store_true")
    parser.add_argument("--workbooks", type=Path)
    options = parser.parse_args()
    if options.comma:
        locale.setlocale(locale.LC_ALL, "")
        assert locale.localeconv()["decimal_point"] == ","
    result = {"numbers": numbers()}
    if options.workbooks:
        result["workbooks"] = workbooks(options.workbooks)
    options.target.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
