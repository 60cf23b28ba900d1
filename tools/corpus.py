"""Recalculates a folder of workbooks and compares with the values that they hold.

    python tools/corpus.py FOLDER [--json OUT.json] [--against EARLIER.json] [--processes 2]

The values are Excel's where Excel saved the files. Cells are compared that are neither volatile nor
kept nor depend on either; what differs is counted by the functions of its formula. With the outcome
of an earlier run it names each workbook that was nearer to Excel then, and ends with 1 if there is
one: whoever changes how formulas are read or calculated runs it before and after.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import sys
import time
from collections import Counter
from pathlib import Path

from xlhedge.formula.functions import VOLATILE
from xlhedge.formula.tokens import Kind, storage_name, tokenize
from xlhedge.recalc.dependents import depending
from xlhedge.recalc.embedded import LoadedWorkbook
from xlhedge.sheet.cells import CellError
from xlhedge.system.limits import Limits
from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.package import Package

_TOLERANCE = 1e-9


def compared(path: Path) -> dict[str, object]:
    """What became of one workbook."""
    package = Package.open(path, Limits(seconds=20.0))
    about = package.part("docProps/app.xml")
    application = b"" if about is None else package.read(about)
    worksheets = read_cells(package)
    formulas = {
        (one.sheet.name, place): text for one in worksheets for place, text in one.formulas.texts()
    }
    session = LoadedWorkbook(package)
    results = session.results()
    named = {key: _functions(text) for key, text in formulas.items()}
    volatile = [key for key, names in named.items() if names & VOLATILE]
    apart = depending(volatile, dict(session.written()), session.reads)
    counts: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    examples: dict[str, str] = {}
    stored = {one.sheet.name: one for one in worksheets}
    for key, text in formulas.items():
        sheet, place = key
        value = results.sheets[sheet].values.get(place)
        if key in results.kept:
            counts["kept"] += 1
        elif key in results.depending or key in apart:
            counts["dependent"] += 1
        elif (before := stored[sheet].stored(place)) is None:
            counts["without a value"] += 1
        elif _same(before, value):
            counts["equal"] += 1
        else:
            listed = key in results.reasons or isinstance(value, CellError)
            counts["listed" if listed else "differs"] += 1
            names = ",".join(sorted(named[key])) or "operators"
            cause = f"error {names}" if listed else names
            causes[cause] += 1
            examples.setdefault(
                cause, f"{path.name} {sheet}!{place}: ={text[:120]} -> {value} not {before}"
            )
    return {
        "excel": b"Microsoft Excel" in application,
        "counts": counts,
        "causes": causes,
        "examples": examples,
    }


def _functions(text: str) -> set[str]:
    return {storage_name(token.text) for token in tokenize(text) if token.kind is Kind.FUNCTION}


def _same(before: object, value: object) -> bool:
    if isinstance(before, CellError) or isinstance(value, CellError):
        return before is value
    if isinstance(before, bool) or isinstance(value, bool):
        return before is value
    if isinstance(before, float) and isinstance(value, float):
        return math.isclose(before, value, rel_tol=_TOLERANCE, abs_tol=1e-12)
    return before == value


def attempt(path: Path) -> dict[str, object]:
    """One workbook; what goes wrong is told rather than raised."""
    started = time.process_time()
    try:
        outcome = compared(path)
    except Exception as problem:  # whatever a file does, the others are tried
        outcome = {"problem": f"{type(problem).__name__}: {problem}"[:200]}
    return {"file": path.name, "seconds": time.process_time() - started, **outcome}


def worse(now: dict[str, object], before: dict[str, object]) -> str:
    """What became worse of a workbook since an earlier run; empty where nothing did."""
    if "problem" in now:
        return "" if "problem" in before else str(now["problem"])
    told = []
    for name, sign in (("equal", -1), ("kept", 1), ("differs", 1)):
        counts = [one.get("counts", {}).get(name, 0) for one in (before, now)]  # type: ignore[attr-defined]
        if sign * (counts[1] - counts[0]) > 0:
            told.append(f"{name} {counts[0]} to {counts[1]}")
    return ", ".join(told)


def main() -> None:
    """Run the folder and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    paths = sorted(p for p in options.folder.rglob("*") if p.suffix in (".xlsx", ".xlsm"))
    with multiprocessing.Pool(options.processes, maxtasksperchild=50) as pool:
        outcomes = pool.map(attempt, paths, chunksize=4)
    for path, outcome in zip(paths, outcomes, strict=True):
        outcome["file"] = path.relative_to(options.folder).as_posix()
    if options.json:
        options.json.write_text(json.dumps(outcomes, indent=1, default=str), encoding="utf-8")
    total: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    examples: dict[str, str] = {}
    read = [one for one in outcomes if "problem" not in one and one["excel"] and one["counts"]]
    for one in read:
        total.update(one["counts"])
        causes.update(one["causes"])
        examples = {**one["examples"], **examples}
    comparable = total["equal"] + total["listed"] + total["differs"]
    print(f"{len(paths)} files, {len(read)} with formulas saved by Excel: {dict(total)}")
    print(f"equal: {total['equal'] / max(comparable, 1):.2%} of {comparable} comparable cells")
    for cause, number in causes.most_common(60):
        print(f"{number:7d} {cause}: {examples[cause]}")
    refused = Counter(str(one["problem"]) for one in outcomes if "problem" in one)
    for problem, number in refused.most_common(20):
        print(f"refused {number}: {problem}")
    slow = sorted(outcomes, key=lambda one: -one["seconds"])[:5]
    print("slowest:", [(one["file"], round(one["seconds"], 1)) for one in slow])
    before = json.loads(options.against.read_text(encoding="utf-8")) if options.against else []
    earlier = {one["file"]: one for one in before}
    found = [(one["file"], worse(one, earlier.get(one["file"], one))) for one in outcomes]
    for file, what in (one for one in found if one[1]):
        print(f"worse: {file}: {what}")
    sys.exit(int(any(what for _, what in found)))


if __name__ == "__main__":
    main()
