"""Row 10: a book of plain formulas, beside the engine's own load and evaluation of it."""

import gc
import io
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import formualizer
import xlsxwriter

from benchmarks._measure import Row
from xlhedge.recalc import Package, recalculated
from xlhedge.recalc.embedded import LoadedWorkbook

LIMIT = 2.0
"""Seconds of processor time that 56,000 formulas may take beyond the engine's own."""

MOST_MEMORY = 10
"""How many times its unpacked XML the recalculation of a book may take, the engine included."""


def book(path, formulas):
    """A ledger of seven formulas a row, each written out: no shared formulas, no tables."""
    with xlsxwriter.Workbook(str(path)) as target:
        sheet = target.add_worksheet("Ledger")
        for row in range(1, formulas // 7 + 1):
            line = row + 1
            sheet.write_row(row, 0, [row % 12 + 1, 100 + row % 50, 60_000 + row * 7 % 9_000, "a"])
            for offset, formula in enumerate(
                (
                    f"=B{line}*C{line}",
                    f"=IF(A{line}>6,E{line}*0.0004,0)",
                    f"=ROUND(E{line}-F{line},2)",
                    f"=SUM($G$2:G{line})/ROWS($G$2:G{line})" if line < 200 else f"=G{line}/2",
                    f'=IF(D{line}="a",VLOOKUP(A{line},$N$2:$O$13,2,FALSE),"")',
                    f"=IFERROR(G{line}/I{line},0)",
                    f'=TEXT(C{line},"0.00")&" USD"' if line % 50 == 0 else f"=C{line}&D{line}",
                )
            ):
                sheet.write_formula(row, 4 + offset, formula)
        for month in range(1, 13):
            sheet.write_row(month, 13, [month, month / 100])
    return path


def beyond_the_engine(quick):
    """The processor time of recalculating less that of loading and evaluating the same copy."""
    sizes = (7_000, 56_000) if quick else (7_000, 28_000, 56_000, 112_000)
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        for size in sizes:
            content = book(Path(folder) / "book.xlsx", size).read_bytes()
            ours, engines = min(measured(content) for _ in range(2 if quick else 3))
            row = Row(10, f"{size:,} plain formulas, beyond the engine", ours, engines)
            if size == 56_000:
                row.limit, row.passed = f"≤ {LIMIT:g} s", ours <= LIMIT
            row.note = f"{ours / size * 1e6:.0f} µs a formula"
            yield row
            if size >= 56_000:
                yield memory(Path(folder), content, size)


PEAK = """
import sys
from pathlib import Path
import formualizer
from xlhedge.recalc import recalculated

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line)

small, content = (Path(name).read_bytes() for name in sys.argv[2:])
recalculated(small)
before = peak()
if sys.argv[1] == "engine":
    formualizer.Workbook.from_bytes(content).evaluate_all()
else:
    recalculated(content)
print((peak() - before) * 1024)
"""


def memory(folder, content, size):
    """The memory of a recalculation in a process of its own, over what it has for a small book."""
    row = Row(10, f"memory of {size:,} plain formulas")
    small = book(folder / "small.xlsx", 70)
    (folder / "copy.xlsx").write_bytes(LoadedWorkbook(Package(content)).copy())
    try:
        ours, engines = (
            int(
                subprocess.run(
                    [sys.executable, "-c", PEAK, side, str(small), str(folder / name)],
                    capture_output=True, text=True, check=True,
                ).stdout
            )
            for side, name in (("ours", "book.xlsx"), ("engine", "copy.xlsx"))
        )  # fmt: skip
    except subprocess.CalledProcessError:
        row.note = "this system does not tell a process's peak memory"
        return row
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = sum(info.file_size for info in package.infolist())
    row.limit, row.passed = f"< {MOST_MEMORY} times the XML", ours < MOST_MEMORY * xml
    row.more = {"xml": xml, "ours": ours, "engine": engines}
    row.note = (
        f"{ours / 1e6:.0f} MB, {ours / xml:.1f} times the unpacked XML ({xml / 1e6:.1f} MB);"
        f" the engine alone {engines / xml:.1f} times"
    )
    return row


def measured(content):
    """Seconds beyond the engine, and the engine's own."""
    gc.collect()
    copy = LoadedWorkbook(Package(content)).copy()
    start = time.process_time()
    engine = formualizer.Workbook.from_bytes(copy)
    engine.evaluate_all()
    own = time.process_time() - start
    del engine
    start = time.process_time()
    recalculated(content)
    return time.process_time() - start - own, own
