"""Row 8: many books by one and two processes, against a plain loop that recalculates them."""

import shutil
import tempfile
from pathlib import Path

from benchmarks._measure import WALL, Row, timed
from xlhedge.batch import run as batch
from xlhedge.batch.workers import local
from xlhedge.recalc import recalculate
from xlhedge.templates import _sample, hedge_desk


def throughput(quick):
    count = 4 if quick else 48
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        place = Path(folder)
        first = hedge_desk.build(place / "book0.xlsx", _sample.book(525))
        books = [first] + [
            Path(shutil.copy(first, place / f"book{number}.xlsx")) for number in range(1, count)
        ]

        def loop():
            for book in books:
                recalculate(book, place / f"calculated-{book.name}", overwrite=True)

        def batched(workers):
            batch.run(books, place / f"out{workers}", local(workers))

        recalculate(first, place / "warm.xlsx")
        alone = timed(loop, WALL)
        for workers in (1, 2):
            seconds = timed(lambda workers=workers: batched(workers), WALL)
            row = Row(8, f"{count} hedge desks, {workers} processes / plain loop", seconds, alone)
            row.ratio = seconds / alone
            row.note = f"{count / seconds * 3600:,.0f} books an hour with the processes' start"
            yield row
