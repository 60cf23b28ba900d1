"""Mutants of workbooks and of CSV files for every command that reads a file.

    python tools/fuzz/fuzz_files.py --mutants 10000 [--seed 1] [--only NUMBER]

Seeds are the templates, small books of the tests' own, and those of the folder that
XLHEDGE_EXCEL_BOOKS names (made by Excel, LibreOffice and Google Sheets), with the .csv files in it.
A mutant is known by seed and number. Each command runs in a process of its own that is forked when
all modules are there, so that a crash or a limit ends that one; one in a hundred runs as a user
would start it. Whatever is not as docs/files.md promises is a finding.
"""

import argparse
import contextlib
import gc
import importlib
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))
from fill_helpers import by_openpyxl, by_xlsxwriter, table_csv
from formula_mutations import mutated_csv
from fuzz_copies import wrong_copy
from fuzz_processes import MEGABYTES, SECONDS, forked, in_full
from mutations import mutated_book
from recalc_helpers import showcase

from xlhedge.cli import main as command_line

BATCH = 8
_TRACE = re.compile(
    r"Traceback|unexpectedly|^[A-Za-z]*(Error|Exception|Panic)\b|object has no attribute",
    re.MULTILINE,
)
LOADED = [
    "filelock", "numpy", "pandas", "platformdirs", "rich.console", "rich.progress", "rich.table",
    "rich.text", "xlhedge.batch.run", "xlhedge.templates", "xlhedge.recalc.embedded",
    "xlhedge.recalc.callbacks", "xlhedge.filling",
]  # fmt: skip
TEMPLATES = Path(__file__).parents[2] / "workbooks"


class Seeds:
    """What is mutated: name and bytes; templates are rare, since they take seconds."""

    def __init__(self, folder, templates=True):
        self.good = by_xlsxwriter(folder / "good.xlsx", 12).read_bytes()
        own = {
            "xlsxwriter": self.good,
            "openpyxl": by_openpyxl(folder / "openpyxl.xlsx", 12).read_bytes(),
            "showcase": showcase(folder / "showcase.xlsx", 12).read_bytes(),
        }
        self.rows = table_csv(folder / "rows.csv", 9).read_bytes()
        head = b"time,spot,futures,funding_rate\n"
        prices = head + b"".join(
            f"2024-01-{day:02}T00:00,{day},{day + 0.5},1e-4\n".encode() for day in range(1, 29)
        )
        self.csvs = [
            self.rows,
            self.rows.replace(b",", b";"),
            prices,
            b"spot,futures\n" + b"1.5,2\n2.5,3.25\n" * 9,
        ]
        books = os.environ.get("XLHEDGE_EXCEL_BOOKS")
        foreign, self.templates = [], []
        if books:
            foreign = [path.read_bytes() for path in sorted(Path(books).rglob("*.xls[xm]"))]
            self.csvs += [path.read_bytes() for path in sorted(Path(books).rglob("*.csv"))]
        if templates:
            self.templates = [path.read_bytes() for path in sorted(TEMPLATES.glob("*.xlsx"))]
        self.foreign = foreign
        self.own = list(own.values())

    def rows_of(self, chance):
        return chance.choice(self.csvs[:4] if chance.random() < 0.7 else self.csvs)

    def book(self, chance):
        groups = [(self.own, 4), (self.foreign, 6), (self.templates, 0.2)]
        groups = [(group, weight) for group, weight in groups if group]
        books = chance.choices(*zip(*groups, strict=True))[0]
        # What is large takes long, and the small ones have about everything.
        return chance.choices(books, [1 / (20_000 + len(book)) for book in books])[0]


class Unit:
    """One command on one mutant (eight for a batch), in a folder of its own."""

    def __init__(self, seeds, folder, seed, number):
        chance = random.Random(f"{seed}:{number}")
        self.folder = folder
        self.count = 1
        self.did = []
        self.plain = not number % 100
        kind = chance.choices(["recalc", "fill", "from", "batch", "csv", "call", "new"],
                              [34, 22, 10, 14, 14, 8, 1])[0]  # fmt: skip
        self.kind = kind
        mutant, rows, out = folder / "mutant.xlsx", folder / "rows.csv", folder / "out.xlsx"
        if kind == "batch":
            self.count = BATCH
            books = folder / "books"
            books.mkdir()
            for place in range(BATCH):
                content, did = mutated_book(chance, seeds.book(chance))
                (books / f"{place}.xlsx").write_bytes(content)
                self.did.append(did)
            self.words = ["batch", f"{books}/*.xlsx", "--out", folder / "out", "--workers", 1]
            return
        if kind in ("csv", "call", "new"):
            rows.write_bytes(self.noted(*mutated_csv(chance, seeds.rows_of(chance))))
            (folder / "good.xlsx").write_bytes(seeds.good)
            mutant = folder / "good.xlsx"
        else:
            mutant.write_bytes(self.noted(*mutated_book(chance, seeds.book(chance))))
            rows.write_bytes(seeds.rows)
        table = chance.choice(["Hist"] * 9 + ["T"])
        column = chance.choice(["", ":spot", ":price"])
        more = chance.choice([[], ["--no-recalc"], ["--append"], ["--json"]])
        self.words = {
            "recalc": ["recalc", mutant, "-o", out, *chance.choice([[], ["--json"], ["--strict"]])],
            "fill": ["fill", mutant, f"{table}={rows}", "-o", out, *more],
            "from": ["fill", folder / "good.xlsx", f"Hist={mutant}", "-o", out, "--no-recalc"],
            "csv": ["fill", mutant, f"Hist={rows}", "-o", out, "--no-recalc", *more[:1]],
            "call": ["call", "HEDGE_RATIO", f"@{rows}{column}", f"@{rows}:futures"],
            "new": ["new", "hedge_desk", out, "--history", rows],
        }[kind]  # fmt: skip
        if kind == "from":
            (folder / "good.xlsx").write_bytes(seeds.good)

    def noted(self, content, did):
        self.did.append(did)
        return content

    def run(self):
        """Run the command and say what was wrong, or nothing."""
        before = snapshot(self.folder)
        code, out, err, megabytes = (in_full if self.plain else forked)(self.words)
        if code is None or megabytes > MEGABYTES:
            # Its own guard, which forked commands go without, must end it with one line.
            shutil.rmtree(self.folder / "out", ignore_errors=True)
            (self.folder / "out.xlsx").unlink(missing_ok=True)
            code, out, err, megabytes = in_full(self.words)
        self.code, self.said = code, err.strip() or out.strip()
        return self.wrong(before, code, out, err) or ""

    def wrong(self, before, code, out, err):
        after = snapshot(self.folder)
        if code is None:
            return f"no end in {SECONDS} s"
        if code < 0 and "XLHEDGE_MAX" not in err:
            return f"ended by signal {-code}: {err[-500:]}"
        if _TRACE.search(err) or "Traceback" in out:
            return f"traceback: {err[-900:]}"
        if any(after.get(path) != content for path, content in before.items()):
            return "a source was changed"
        made = set(after) - set(before)
        if self.kind == "batch":
            return self.wrong_batch(before, after, code, err)
        if self.kind == "call":
            lines = len(err.splitlines())
            return f"files {made}" if made else f"{lines} lines: {err}" if lines > 1 else ""
        if code and not (self.words[-1] == "--strict" and self.folder / "out.xlsx" in made):
            if made:
                return f"left behind: {made}"
            return "" if len(err.splitlines()) == 1 else f"not one line: {err!r}"
        if made != {self.folder / "out.xlsx"}:
            return f"wrote {made}"
        if err:
            return f"said on standard error: {err}"
        if self.kind == "new":
            return wrong_copy(
                after[self.folder / "out.xlsx"], after[self.folder / "out.xlsx"], "new"
            )
        return wrong_copy(before[self.words[1]], after[self.folder / "out.xlsx"], self.words[0])

    def wrong_batch(self, before, after, code, err):
        if err:
            return f"said on standard error: {err}"
        log = self.folder / "out" / "batch.jsonl"
        if log not in after:
            return "no log"
        copies = {path.name for path in after if path.parent == log.parent} - {log.name}
        for line in after[log].decode().splitlines():
            outcome = json.loads(line)
            source = self.folder / "books" / outcome["target"]
            problem = outcome["problem"]
            if _TRACE.search(problem) or "\n" in problem:
                return f"{source.name} ({self.did[int(source.stem)]}): {problem}"
            if not problem:
                copies -= {source.name}
                wrong = wrong_copy(before[source], after[log.parent / source.name], "recalc")
                if wrong:
                    return f"{source.name} ({self.did[int(source.stem)]}): {wrong}"
        return f"left behind: {copies}" if copies else ""


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def preload():
    """Load what commands load, so that each forked one need not."""
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        sys.argv = ["xlhedge", "templates"]
        command_line()
    for name in LOADED:
        importlib.import_module(name)
    # What is collected in a child would be copied there first.
    gc.freeze()


def fuzz(mutants, seed, folder, *, templates=True, only=None, tell=lambda _: None):
    """Try that many mutants; what was found, and how the others ended."""
    preload()
    seeds = Seeds(folder, templates)
    findings, ends = [], Counter()
    number, tried = only or 0, 0
    while tried < mutants:
        place = folder / "unit"
        place.mkdir()
        unit = Unit(seeds, place, seed, number)
        started = time.monotonic()
        wrong = unit.run()
        tried += unit.count
        if wrong:
            findings.append((number, unit.kind, unit.did, wrong))
            tell(f"FOUND {seed}:{number} {unit.kind} {unit.did}: {wrong}")
        if only is not None:
            tell(f"{unit.words} {unit.did}\nexit {unit.code}: {unit.said[:2000]}")
            return findings, ends
        ends[unit.kind, "wrong" if wrong else "done" if unit.code == 0 else "refused"] += unit.count
        if time.monotonic() - started > SECONDS / 2:
            tell(f"slow {seed}:{number} {unit.kind} {unit.did}: {time.monotonic() - started:.0f} s")
        shutil.rmtree(place)
        number += 1
        if number % 100 == 0:
            tell(f"{tried} mutants, {len(findings)} findings")
    return findings, ends


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one command, to see it again")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="xlhedge-fuzz-"))
    started = time.monotonic()
    try:
        findings, ends = fuzz(
            options.mutants, options.seed, folder, only=options.only,
            tell=lambda text: print(text, flush=True),
        )  # fmt: skip
    finally:
        if options.only is None:
            shutil.rmtree(folder)
    for (kind, end), count in sorted(ends.items()):
        print(f"{kind:8} {end:8} {count}")
    seconds = time.monotonic() - started
    print(f"{sum(ends.values())} mutants, {len(findings)} findings, {seconds:.0f} s")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
