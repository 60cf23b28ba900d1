"""Row 5: the hedge desk with 2,000 rows of history, recalculated."""

import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks._measure import WALL, compare, left_out, timed, within
from xlhedge.errors import FileError
from xlhedge.hosts.libreoffice.launch import find, workplace
from xlhedge.recalc import Package, recalculate
from xlhedge.recalc.embedded import LoadedWorkbook
from xlhedge.templates import _sample, hedge_desk

PATIENCE = 150.0
FORMULAS = (
    "import sys, formulas; book = formulas.ExcelModel().loads(sys.argv[1]).finish();"
    "book.calculate(); book.write(dirpath=sys.argv[2])"
)


def recalculation(quick):
    rows = 500 if quick else 2_000
    rounds = 2 if quick else 5
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        source = hedge_desk.build(Path(folder) / "hedge_desk.xlsx", _sample.book(rows))
        target = Path(folder) / "calculated.xlsx"
        ours = partial(recalculate, source, target, overwrite=True)
        yield against_calc(ours, source, rows, rounds)
        yield against_formulas(ours, source, rows)
        yield one_input(source, rows, 5 if quick else 15)


def against_calc(ours, source, rows, rounds):
    name = f"hedge desk, {rows:,} rows / LibreOffice's conversion"
    try:
        office = find()
    except FileError as problem:
        return left_out(5, name, str(problem))
    with workplace() as place:

        def convert():
            place.run(
                office, "--convert-to", "xlsx", "--outdir", "out", str(source), seconds=PATIENCE
            )

        note = "LibreOffice without our functions: it reads, calculates the rest, and writes"
        return compare(5, name, ours, convert, rounds, most=1, clock=WALL, note=note)


def against_formulas(ours, source, rows):
    name = f"hedge desk, {rows:,} rows / formulas"
    python = os.environ.get("XLHEDGE_FORMULAS_PYTHON")
    if not python:
        sentence = "XLHEDGE_FORMULAS_PYTHON names no Python that has `formulas` (EUPL) installed"
        return left_out(5, name, sentence)
    note = "formulas cannot read tables: it gets the copy that our engine gets"
    copy = source.with_name("plain.xlsx")
    copy.write_bytes(LoadedWorkbook(Package.open(source)).copy())
    started = time.perf_counter()
    try:
        process = subprocess.run(
            [python, "-c", FORMULAS, str(copy), str(source.parent)],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        note += f"; it was stopped after {PATIENCE:g} s: the ratio is a lower bound"
    else:
        if process.returncode:
            last = process.stderr.strip().splitlines()[-1:] or ["no reason given"]
            return left_out(5, name, f"formulas cannot calculate the book: {last[0][:90]}")
    theirs = time.perf_counter() - started
    mine = min(timed(ours, WALL) for _ in range(3))
    row = within(5, name, [mine], 1e9, note)
    row.theirs, row.ratio, row.limit = theirs, theirs / mine, "theirs/ours ≥ 20"
    row.passed = row.ratio >= 20
    return row


def one_input(source, rows, rounds):
    """One input of the session is changed and the figures that hang on it are read."""
    session = LoadedWorkbook(Package.open(source))
    names = {name.name: name.text for name in Package.open(source).defined_names}
    sheet, place = names["confidence"].replace("$", "").replace("'", "").lstrip("=").split("!")
    before = session.value(sheet, place)
    seconds = []
    for turn in range(rounds):
        value = 0.95 if turn % 2 else 0.975

        def change(value=value):
            session.set_value(sheet, place, value)
            session.value(sheet, place)

        seconds.append(timed(change))
    return within(5, f"hedge desk, {rows:,} rows: confidence {before:g} changed", seconds, 0.05)
