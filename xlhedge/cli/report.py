"""`xlhedge report`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli.console import steps
from xlhedge.system.watchdog import limited


def report(
    workbook: Annotated[Path, typer.Argument(metavar="BOOK", help="The workbook.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="REPORT.pdf", help="Where to save.")
    ],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace REPORT.pdf if it exists.")
    ] = False,
    font: Annotated[
        Path | None,
        typer.Option(metavar="FILE.ttf", help="A TrueType font for letters that are not Latin."),
    ] = None,
) -> None:
    """Print the committee's page of a workbook as PDF, without a spreadsheet program.

    Status, failed checks, sources, key figures, margin accounts, and the charts of the first
    page, drawn anew from the values that the file holds. Nothing is calculated, and the same
    workbook gives the same file; a status that has become too old is told on the screen. Needs the
    extra: pip install "xlhedge[report]".

    Examples:

      xlhedge report desk.xlsx -o desk.pdf

      xlhedge report desk.xlsx -o desk.pdf --overwrite --font DejaVuSans.ttf
    """
    from xlhedge.daily.report import report as make

    with limited(str(workbook)), steps(f"printing {workbook.name}"):
        done = make(workbook, output, overwrite=overwrite, font=font)
    pages = "1 page" if done.pages == 1 else f"{done.pages} pages"
    print(f"{done.target}: {pages}")
    later = done.said.on(datetime.now(UTC).replace(tzinfo=None))
    if later is not done.said:
        print(f"  its status is old: {later.checks[0].finding}")
    if done.lacking:
        print(f"  the font lacks {done.lacking}: give one that has them with --font FILE.ttf")
