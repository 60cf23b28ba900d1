"""`xlhedge refresh`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli import fetch as fetching
from xlhedge.cli import recalc as recalculation
from xlhedge.cli.cells import show
from xlhedge.cli.console import print_rows
from xlhedge.cli.options import Overwrite
from xlhedge.cli.show import tell_status
from xlhedge.system.files import destination
from xlhedge.system.watchdog import limited

_SHOWN = 20


def refresh(
    book: Annotated[Path, typer.Argument(metavar="BOOK", help="The workbook.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the rows that would come; write nothing.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT.xlsx", help="Save here, not over BOOK."),
    ] = None,
    overwrite: Overwrite = False,
    allow_gaps: fetching.AllowGaps = False,
) -> None:
    """Fetch what came since the last row of a book's history, fill it in, and recalculate.

    The book names its source itself: a cell SourceVenue (binance), one or more SourceSymbols
    (BTC/USDT:USDT), perhaps SourceSpot, and a table History. Nothing is written where nothing is
    new.

    Examples:

      xlhedge refresh desk.xlsx

      xlhedge refresh desk.xlsx --dry-run
    """
    from xlhedge.daily.summary import read
    from xlhedge.market import refresh as refreshing
    from xlhedge.market.checks import stamp

    destination(book, output, in_place=output is None, overwrite=overwrite)
    with limited(str(book)), fetching.connections() as (connect, progress):
        result = refreshing.refresh(
            book,
            connect,
            target=output,
            overwrite=overwrite,
            dry_run=dry_run,
            allow_gaps=allow_gaps,
            progress=progress,
        )
    for note in result.notes:
        print(note)
    if not result.count:
        print(f"{book}: nothing is new since {stamp(result.last)}")
        return
    if result.report is None:
        print(f"{book}: {result.count:,} rows would come after {stamp(result.last)}")
        print_rows(list(map(list, refreshing.shown(result.rows))))
        return
    print(f"{refreshing.TABLE}: {result.count:,} rows after {stamp(result.last)}")
    for change in result.changes[:_SHOWN]:
        name = f" ({change.name})" if change.name else ""
        print(f"  {change.place}{name}: {show(change.before)} → {show(change.after)}")
    if len(result.changes) > _SHOWN:
        print(f"  and {len(result.changes) - _SHOWN:,} more cells")
    if result.report.recalculation is not None:
        recalculation.tell(result.report.recalculation)
        tell_status(read(result.report.target))
