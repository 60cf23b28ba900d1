"""`xlhedge batch`."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.batch import run as batches
from xlhedge.batch import workers as crews
from xlhedge.cli.console import console
from xlhedge.cli.show import status

_SHOWN = 3


def batch(
    books: Annotated[
        list[str], typer.Argument(metavar="BOOKS...", help="Workbooks, or patterns in quotes.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the copies.")],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Local processes; as many as processors by default.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all that is known of each book as JSON.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler: its workers do it.")
    ] = None,
) -> None:
    """Recalculate many workbooks into a folder; run it again to go on where it stopped.

    Each book's line shows its status and the first of its key figures; --json has all of them.

    Examples:

      xlhedge batch 'books/*.xlsx' --out recalculated

      xlhedge batch 'books/**/*.xlsx' --out recalculated --workers 8

      xlhedge batch 'books/*.xlsx' --out recalculated --scheduler tcp://10.0.0.5:8786
    """
    from rich.progress import Progress

    sources = batches.find(books, out)
    pool = crews.cluster(scheduler) if scheduler else crews.local(workers)
    started = time.perf_counter()
    terminal = console(error=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        bar = progress.add_task("recalculating", total=len(sources))
        outcomes = batches.run(sources, out, pool, lambda _: progress.advance(bar))
    if as_json:
        print(json.dumps([asdict(outcome) for outcome in outcomes], ensure_ascii=False, indent=1))
    else:
        _tell(outcomes, out, time.perf_counter() - started)
    if any(outcome.problem for outcome in outcomes):
        raise typer.Exit(1)


def _tell(outcomes: list[batches.Outcome], out: Path, seconds: float) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("book", "status", "key figures", box=None)
    for count in ("formulas", "errors", "seconds"):
        table.add_column(count, justify="right")
    table.add_column("problem")
    for outcome in outcomes:
        table.add_row(
            outcome.source,
            status(outcome.status),
            Text("; ".join(_figures(outcome))),
            str(outcome.formulas),
            str(outcome.errors),
            f"{outcome.seconds:.2f}",
            Text(outcome.problem, style="red"),
        )
    console().print(table)
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    print(f"{len(outcomes) - failed} of {len(outcomes)} books in {out}, {seconds:.1f} s")


def _figures(outcome: batches.Outcome) -> list[str]:
    """The first key figures that are numbers, each with its label and its unit."""
    numbers = [figure for figure in outcome.figures if type(figure["value"]) is float]
    return [
        f"{figure['label']} {figure['text']} {figure['unit']}".rstrip()
        for figure in numbers[:_SHOWN]
    ]
