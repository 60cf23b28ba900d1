"""`xlhedge show`, and how every command tells what a workbook says."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlhedge.cli.console import console

if TYPE_CHECKING:
    from rich.text import Text

    from xlhedge.daily.summary import Summary

_NAMES = 40
"""Named cells that are listed of a workbook that declares no figures."""


def show(
    books: Annotated[list[Path], typer.Argument(metavar="BOOK...", help="Workbooks.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of books as JSON.")] = False,
) -> None:
    """Print what workbooks say: status, failed checks and what to do, sources, key figures.

    The values are those that the file holds; nothing is calculated or changed. Where the checks
    judged by the clock, longer ago than the oldest row that they accept, the status is CHECK: an
    old OK says nothing of today. Of a workbook
    that is no template of xlhedge, the named cells are listed. Exit code 1 when a book cannot be
    read.

    Examples:

      xlhedge show desk.xlsx

      xlhedge show books/*.xlsx --json
    """
    from xlhedge.daily.summary import read
    from xlhedge.errors import FileError
    from xlhedge.system.watchdog import limited

    now = datetime.now(UTC).replace(tzinfo=None)
    found, failed = [], False
    for book in books:
        try:
            with limited(str(book)):
                summary = read(book).on(now)
        except FileError as problem:
            failed = True
            print(f"xlhedge: {problem}", file=sys.stderr)
            continue
        if as_json:
            found.append(summary.as_data())
            continue
        if len(books) > 1 and found:
            print()
        found.append({})
        tell(summary)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    if failed:
        raise typer.Exit(1)


def tell(summary: Summary) -> None:
    """What a workbook says, for a person."""
    out = console()
    if summary.template:
        out.print(f"{summary.book}: {summary.template}", style="bold", highlight=False)
    elif summary.figures:
        print(f"{summary.book} is no template of xlhedge: these are its named cells")
    else:
        print(f"{summary.book} is no template of xlhedge and names no cell: nothing can be shown")
    tell_status(summary, dated=True)
    for line in (summary.sources, summary.calculated):
        if line:
            print(line)
    _tell_figures(summary)


def status(text: str) -> Text:
    """A status with its word in the colour that the sheets give it."""
    from rich.text import Text

    from xlhedge.daily.summary import word_of
    from xlhedge.templates._theme import STATUS, VERDICT

    word = word_of(text)
    look = (STATUS | VERDICT).get(word)
    style = f"bold {look['font_color']} on {look['bg_color']}" if look else "bold"
    return Text.assemble((word, style), text[len(word) :])


def tell_status(summary: Summary, *, dated: bool = False) -> None:
    """A workbook's status and its failed checks, each with what was found and what to do.

    `dated` tells for which time it was judged, as an old OK knows nothing of what came after.
    """
    from rich.text import Text

    out = console()
    if summary.status:
        when = f" (valued at {summary.valued} UTC)" if dated and summary.valued else ""
        out.print(status(summary.status) + Text(when, style="dim"))
    for check in summary.told:
        line = Text("  ") + status(check.status) + Text(f" {check.area}, {check.check}")
        out.print(line + Text(f": {check.finding}" if check.finding else ""))


def _tell_figures(summary: Summary) -> None:
    from rich.table import Table
    from rich.text import Text

    from xlhedge.daily.summary import paired

    if not summary.figures:
        return
    figures = summary.figures if summary.declared else summary.figures[:_NAMES]
    rows = paired(figures)
    for both in (False, True):
        chosen = [row for row in rows if (row.after is not None) == both]
        if not chosen:
            continue
        table = Table(box=None, header_style="bold")
        table.add_column("figure" if summary.declared else "name")
        for heading in ("held", "after the trade") if both else ("value",):
            table.add_column(heading, justify="right", overflow="fold")
        table.add_column("unit" if summary.declared else "")
        for row in chosen:
            values = (row.value, row.after or "") if both else (row.value,)
            table.add_row(*map(Text, (row.label, *values, row.unit)))
        console().print(table)
    if len(figures) < len(summary.figures):
        print(f"and {len(summary.figures) - len(figures)} more: --json lists all")
