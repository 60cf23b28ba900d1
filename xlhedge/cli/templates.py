"""`xlhedge demo`, `xlhedge new` and `xlhedge templates`."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlhedge.cli import history as joining
from xlhedge.cli.console import console, steps
from xlhedge.cli.options import Overwrite
from xlhedge.cli.pairs import pairs
from xlhedge.cli.show import tell
from xlhedge.errors import FileError, InputError
from xlhedge.recalc import recalculate
from xlhedge.system.watchdog import limited
from xlhedge.workbook.package import workbook_target

if TYPE_CHECKING:
    from xlhedge.daily import takeover
    from xlhedge.filling.sources import Source
    from xlhedge.templates import BookHistory, History


def templates() -> None:
    """List the template workbooks, what each is for, and the tables that take your rows."""
    from xlhedge.templates import TEMPLATES

    rows = [(name, TEMPLATES[name]) for name in sorted(TEMPLATES)]
    if not sys.stdout.isatty():
        for name, template in rows:
            print(name, template.summary, ", ".join(template.tables), sep="\t")
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    table.add_column("template", no_wrap=True)
    table.add_column("for")
    table.add_column("tables to fill")
    for name, template in rows:
        table.add_row(name, template.summary, ", ".join(template.tables))
    console().print(table)


def new(
    template: Annotated[str, typer.Argument(help="Its name: `xlhedge templates` lists them.")],
    output: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The file to write.")],
    history: Annotated[
        Path | None, typer.Option(help="CSV with time, spot, futures (and funding_rate).")
    ] = None,
    spot: joining.Spot = None,
    futures: joining.Futures = None,
    funding: joining.Funding = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="CSV=TABLE", help="A column's other name.")
    ] = None,
    since: joining.Since = None,
    until: joining.Until = None,
    interval: joining.Interval = None,
    decimal: joining.Decimal = None,
    day_first: joining.DayFirst = None,
    zone: joining.Zone = None,
    funding_unit: joining.FundingUnit = None,
    allow_gaps: joining.AllowGaps = False,
    shift_hours: Annotated[
        float, typer.Option(help="Hours added to the times of the prices.")
    ] = 0.0,
    asset: Annotated[
        list[str] | None,
        typer.Option(
            "--asset", metavar="COIN", help="The coin; repeat it for a desk of several, in order."
        ),
    ] = None,
    venues: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Venues of a funding table; else six.")
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(metavar="OLD.xlsx", help="Take over your rows and inputs from this one."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a fresh workbook and calculate it; one with a table History takes your own history.

    Rows for the other tables come afterwards, by `xlhedge fill`. A hedge desk takes several coins:
    --asset and the options for files once for each, or one file with the columns "BTC spot", "BTC
    futures", "BTC funding", "ETH spot", as `xlhedge history` writes it.

    --like takes your rows and inputs over from a workbook of the same template: into a newer
    version, or into a desk with a further coin, whose history is given anew.

    Examples:

      xlhedge new margin margin.xlsx

      xlhedge new funding_table funding.xlsx --venues 12

      xlhedge new hedge_desk desk.xlsx --history book.csv

      xlhedge new hedge_desk desk.xlsx --history prices.csv --funding funding.csv --map close=spot

      xlhedge new hedge_desk desk.xlsx --spot 'spot/*.zip' --futures 'um/*.zip' --funding fr.zip

      xlhedge new hedge_desk three_coins.xlsx --history three.csv --like desk.xlsx
    """
    from xlhedge.daily import takeover
    from xlhedge.daily.summary import read
    from xlhedge.templates import build, find

    find(template, with_history=history is not None or bool(spot or futures or funding))
    if funding and history is None and not spot:
        raise InputError("--funding needs --history: the prices that the funding belongs to")
    if history is not None and (spot or futures):
        raise InputError("give --history, or --spot and --futures, not both")
    pairs(mapping or [], "--map CSV_COLUMN=TABLE_COLUMN")
    workbook_target(output)
    if output.exists() and not overwrite:
        raise FileError(f"{output} exists already: add --overwrite to replace it")
    if not output.parent.is_dir():
        raise FileError(f"the folder {output.parent} does not exist")
    subject = str(history or output)
    with limited(subject), steps(f"writing {output.name}") as progress:
        rows = None
        if history is not None or spot:
            options = {
                "interval": interval, "since": since, "until": until, "decimal": decimal,
                "day_first": day_first, "zone": zone, "funding_unit": funding_unit,
                "mapping": mapping, "allow_gaps": allow_gaps,
            }  # fmt: skip
            several = find(template).takes_several
            rows = _rows(
                history, spot, futures, funding, shift_hours, asset or [], options, several=several
            )
        before = None if like is None else takeover.open_older(like, template)
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder) / "draft.xlsx"
            if before is None:
                build(template, draft, rows, venues=venues)
                recalculate(draft, output, overwrite=overwrite, progress=progress)
            else:
                own = takeover.history_of(before) if rows is None else rows
                count = takeover.venues_of(before) if find(template).takes_venues else None
                build(template, draft, own, venues=venues or count)
                taken = takeover.take_over(
                    draft, before, output,
                    new_history=rows is not None, overwrite=overwrite, progress=progress,
                )  # fmt: skip
    for note in rows.notes if rows is not None else ():
        print(note)
    if before is not None:
        _tell_taken(taken, before.name)
    tell(read(output))


def _tell_taken(taken: takeover.Taken, source: str) -> None:
    """What came over from another workbook, and what did not."""
    rows = [f"{name} ({count:,} rows)" for name, count in taken.tables.items()]
    print(f"from {source}: {', '.join(rows) or 'no rows of your own'}")
    for change in taken.inputs:
        print(
            f"  {change.name}: {change.after or '(blank)'} (instead of {change.before or 'blank'})"
        )
    for sentence in taken.left:
        print(f"  not taken over: {sentence}")
    print("  sheets, formats and formulas of your own stay where they are")


def _rows(
    history: Path | None,
    spot: list[str] | None,
    futures: list[str] | None,
    funding: list[str] | None,
    shift_hours: float,
    assets: list[str],
    options: dict[str, Any],
    *,
    several: bool,
) -> History | BookHistory:
    """The history of files: of the user's own columns, or of venues' files."""
    from xlhedge.templates import names_assets, of_market, of_markets, read_book, read_history

    if len(assets) > 1 and not several:
        raise InputError("this template takes the history of one coin: give --asset once")
    since = options["since"]
    first = None if since is None else _day(since)
    own = None if history is None else _read(history)
    if own is not None and names_assets(own.header):
        if not several:
            raise InputError(
                f"{history} is the history of a book, and this template takes that of one coin"
            )
        if funding or shift_hours or options["mapping"]:
            raise InputError(
                f"{history} names its coins: --funding, --map and --shift-hours are for files of "
                "one coin"
            )
        return read_book(own, first)
    if history is not None and _is_own(history, own, options["mapping"] or []):
        if funding and len(funding) + funding[0].count("\n") > 1:
            raise InputError("--history takes one file of funding; give --spot for several")
        if len(assets) > 1:
            raise InputError(f"{history} holds one coin: give --asset once")
        return read_history(
            own or history,
            Path(funding[0]) if funding else None,
            mapping=dict(item.split("=", 1) for item in options["mapping"] or []),
            since=first,
            shift_hours=shift_hours,
            asset=assets[0] if assets else "BTC",
        )
    if shift_hours:
        raise InputError("--shift-hours is for --history with columns of your own")
    prices = [str(history)] if history is not None else spot
    found = joining.gathered(prices, futures, funding, assets or ["BTC"], **options)
    source = ", ".join(prices or []).replace("\n", ", ")
    return of_markets(found, source) if several else of_market(found[0], source)


def _read(history: Path) -> Source | None:
    """The rows of a file with columns; None where it may be a venue's."""
    from xlhedge.filling.sources import read

    try:
        return read(history)
    except FileError:
        return None


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        raise InputError(f"--since {text} is not a time such as 2025-01-31") from None


def _is_own(history: Path, source: Source | None, mapping: list[str]) -> bool:
    """Whether a file has the columns of the table itself, or `--map` names them."""
    targets = {item.rpartition("=")[2].strip().lower() for item in mapping}
    if targets and not targets & joining.ROLES:
        return True
    if source is None:
        return not history.exists()
    return {"time", "spot", "futures"} <= {name.lower() for name in source.header}


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT.xlsx", help="Where to save.")
    ] = Path("hedge_desk_demo.xlsx"),
) -> None:
    """Recalculate the hedge desk on the embedded engine and show its dashboard.

    Examples:

      xlhedge demo

      xlhedge demo -o desk.xlsx
    """
    from xlhedge.daily.summary import read
    from xlhedge.templates import build

    workbook_target(output)
    started = time.perf_counter()
    with steps("recalculating the hedge desk") as progress, tempfile.TemporaryDirectory() as folder:
        desk = build("hedge_desk", Path(folder) / "hedge_desk.xlsx")
        recalculate(desk, output, overwrite=True, progress=progress)
    tell(read(output))
    print(f"recalculated and saved as {output} in {time.perf_counter() - started:.2f} s")
