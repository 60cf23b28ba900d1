"""`xlhedge fill`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlhedge.cli import history
from xlhedge.cli import recalc as recalculation
from xlhedge.cli.console import steps
from xlhedge.cli.options import AsJson, InPlace, Overwrite, Target
from xlhedge.cli.pairs import pairs
from xlhedge.cli.show import tell_status
from xlhedge.daily import summary as summaries
from xlhedge.errors import FileError
from xlhedge.filling import Filled, FillReport, Reference
from xlhedge.filling import fill as fill_tables
from xlhedge.system.files import destination
from xlhedge.system.watchdog import limited
from xlhedge.workbook.package import workbook_target

if TYPE_CHECKING:
    from xlhedge.filling.sources import Source
    from xlhedge.formula.structured import Table

_LISTED = 12
_LONGEST_REFERENCE = 60
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+_]*://")
_TABLES = (
    frozenset({"time", "spot", "futures", "funding_rate"}),
    frozenset({"time", "open", "high", "low", "close"}),
    frozenset({"time", "rate", "mark_price"}),
    frozenset({"time", "asset", "price"}),
    frozenset({"asset", "floor", "rate"}),
    frozenset({"floor", "rate"}),
    frozenset({"asset", "instrument", "quantity", "price"}),
)
"""Columns of the tables that venues' files fill."""


def fill(
    workbook: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="The workbook.")],
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TABLE=FILE...", help="Table and its rows, as a file of yours or of a venue."
        ),
    ] = None,
    output: Target = None,
    in_place: InPlace = False,
    overwrite: Overwrite = False,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FILE_COLUMN=TABLE_COLUMN", help="Where names differ; repeatable."
        ),
    ] = None,
    append: Annotated[
        bool,
        typer.Option("--append", help="Add after the last row; times must rise and be new."),
    ] = False,
    no_recalc: Annotated[
        bool, typer.Option("--no-recalc", help="Leave the formulas' values as they are.")
    ] = False,
    query: Annotated[
        list[Path] | None,
        typer.Option(
            "--query", metavar="FILE.sql", help="The SELECT for TABLE=ADDRESS of a database."
        ),
    ] = None,
    as_json: AsJson = False,
    spot: history.Spot = None,
    futures: history.Futures = None,
    funding: history.Funding = None,
    interval: history.Interval = None,
    since: history.Since = None,
    until: history.Until = None,
    decimal: history.Decimal = None,
    day_first: history.DayFirst = None,
    zone: history.Zone = None,
    funding_unit: history.FundingUnit = None,
    allow_gaps: history.AllowGaps = False,
    asset: Annotated[
        list[str] | None,
        typer.Option("--asset", metavar="SYMBOL", help="What to take from a file of several."),
    ] = None,
) -> None:
    """Put rows into tables of a workbook: formulas, charts and formats follow, then recalculate.

    Columns are found by name; dates are written in UTC; text is never taken for a formula. Files
    of venues are read as `xlhedge history` does: --spot, --futures and --funding fill History.

    Examples:

      xlhedge fill desk.xlsx History=btc.csv -o desk_today.xlsx

      xlhedge fill desk.xlsx History=new.csv --append --in-place

      xlhedge fill desk.xlsx --spot 'spot/*.zip' --futures 'um/*.zip' --funding fr.zip -o o.xlsx

      xlhedge fill desk.xlsx History=postgresql://me@host/db --query history.sql -o today.xlsx

      xlhedge fill margin.xlsx Brackets=leverageBracket.json --asset BTCUSDT -o margin_today.xlsx
    """
    options: dict[str, Any] = {
        "interval": interval, "since": since, "until": until, "decimal": decimal,
        "day_first": day_first, "zone": zone, "funding_unit": funding_unit,
        "mapping": mapping, "allow_gaps": allow_gaps,
    }  # fmt: skip
    said: list[summaries.Summary] = []
    notes: list[str] = []
    given: dict[str, Any] = dict(pairs(tables or [], "TABLE=FILE"))
    columns = pairs(mapping or [], "--map FILE_COLUMN=TABLE_COLUMN")
    # The rules of the other commands: never over the source unless asked.
    if output is not None:
        workbook_target(output)
    destination(workbook, output, in_place=in_place, overwrite=overwrite)
    title = f"filling {workbook.name}"
    with limited(str(workbook)), steps(title, quiet=as_json) as progress:
        if spot or futures or funding:
            from xlhedge.market.layouts import ROLES

            if any(name.lower() == "history" for name in given):
                raise FileError("History is given twice, as a table and by --spot")
            roles = {name: role for name, role in columns.items() if role.lower() in ROLES}
            columns = {name: column for name, column in columns.items() if name not in roles}
            options["mapping"] = [f"{name}={role}" for name, role in roles.items()]
            found = history.gathered(spot, futures, funding, asset or [], **options)
            named = " ".join([*(spot or []), *(futures or [])])
            given["History"] = partial(of_files, found, named.replace("\n", " "))
            notes += [note for one in found for note in one.notes]
        given = of_databases(given, query or [])
        if not given:
            raise FileError("no table is named: give TABLE=FILE, or --spot FILE for History")
        options["mapping"] = [f"{name}={column}" for name, column in columns.items()]
        rows = partial(rows_of, mapping=columns, options=options, assets=asset or [], notes=notes)
        given = {
            name: partial(rows, file) if isinstance(file, str) else file
            for name, file in given.items()
        }
        report = fill_tables(
            workbook,
            given,
            output,
            overwrite=overwrite,
            mapping=columns,
            append=append,
            recalculate=not no_recalc,
            progress=progress,
            look=lambda package: said.append(summaries.summary(package, str(output or workbook))),
        )
    if as_json:
        data = as_data(report)
        told = said[0].declared and report.recalculation is not None
        data["book"] = said[0].as_data() if told else None
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return
    for note in dict.fromkeys(notes):
        print(note)
    for filled in report.tables:
        _tell(filled)
    if report.charts:
        print(f"{report.charts} charts redrawn")
    if report.recalculation is None:
        print(f"{report.target}: not recalculated")
    else:
        recalculation.tell(report.recalculation)
        tell_status(said[0])


def of_files(found: list[Any], name: str, table: Table) -> Source:
    """The histories of venues' files under the columns of the table History."""
    from xlhedge.market.tables import coins_of, of_histories, of_history

    if coins_of(table.columns):
        return of_histories(found, name, table.columns)
    if len(found) > 1:
        raise FileError("this History is of one coin: give --asset once")
    return of_history(found[0], name)


def of_databases(given: dict[str, Any], queries: list[Path]) -> dict[str, Any]:
    """The tables whose rows a database gives, each by the query at its place."""
    addresses = [
        name for name, file in given.items() if isinstance(file, str) and _ADDRESS.match(file)
    ]
    if len(addresses) != len(queries):
        raise FileError(
            f"{len(addresses)} tables name a database and {len(queries)} queries are given: say "
            "--query FILE.sql once for each TABLE=ADDRESS, in their order"
        )
    if not addresses:
        return given
    from xlhedge.market import sql

    read = {
        name: sql.read(given[name], file) for name, file in zip(addresses, queries, strict=True)
    }
    return given | read


def rows_of(
    file: str,
    table: Table,
    *,
    mapping: dict[str, str],
    options: dict[str, Any],
    assets: list[str],
    notes: list[str],
) -> Source:
    """The rows of a file with the table's columns, or of venues' files; notes say how."""
    from xlhedge.filling.sources import read
    from xlhedge.market.tables import rows_for

    own = rows = None
    try:
        own = read(file, table=table)
        own = replace(own, names=of_one_coin(table, own, mapping))
    except FileError:
        pass  # a venue's file, perhaps: it is read by its content
    if not _has_columns(file, own, table, mapping):
        files = [file] if Path(file).exists() else file.split(",")
        request = history.requested(files, (), (), **options)
        rows = rows_for(table.columns, files, request.reading, notes, assets)
    return rows or own or read(file, table=table)


def of_one_coin(table: Table, source: Source, mapping: dict[str, str]) -> dict[str, str]:
    """File column to table column where a table holds one coin and a file does not repeat it.

    A file with time, spot, futures and funding_rate fills "BTC spot", "BTC futures" and "BTC
    funding"; `mapping` is what --map says of the file's names.
    """
    from xlhedge.market.tables import coins_of

    coins = coins_of(table.columns)
    short = {(mapping.get(name) or name).strip().lower(): name for name in source.header}
    series = {"spot": "spot", "futures": "futures", "funding_rate": "funding"}
    if len(coins) != 1 or not {"time", *series} <= set(short):
        return {}
    return {short[role]: f"{coins[0]} {words}" for role, words in series.items()}


def _has_columns(file: str, source: Source | None, table: Table, mapping: dict[str, str]) -> bool:
    """Whether a file names the columns of a table itself, or `--map` names them."""
    wanted = {column.lower() for column in table.columns}
    known = mapping if source is None else {**mapping, **source.names}
    targets = {column.strip().lower() for column in known.values()}
    if targets & wanted and not targets <= history.ROLES:
        return True
    if source is None:
        return not Path(file).exists() and "," not in file
    header = {name.strip().lower() for name in source.header} | (targets & wanted)
    own = wanted - {"pnl", "return"}
    prices = {name for name in own if name.endswith((" spot", " futures", " funding"))}
    needed = {"time", *prices} if prices else next((it for it in _TABLES if it <= own), None)
    return needed is None or needed <= header


def as_data(report: FillReport) -> dict[str, Any]:
    """A report as plain data."""
    calculated = report.recalculation
    return {
        "source": str(report.source),
        "target": str(report.target),
        "tables": [
            {
                "table": filled.table,
                "source": filled.source,
                "rows_before": filled.before,
                "rows_after": filled.after,
                "extended": [reference._asdict() for reference in filled.extended],
                "partial": [
                    {"where": reference.where, "reference": reference.before}
                    for reference in filled.partial
                ],
                "columns_not_used": filled.passed_over,
                "time_zones": filled.zones,
                "blank_cells": filled.blanks,
                "notes": filled.notes,
            }
            for filled in report.tables
        ],
        "charts": report.charts,
        "seconds": report.seconds,
        "recalculation": None if calculated is None else recalculation.as_data(calculated),
    }


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"


def _tell(filled: Filled) -> None:
    before = _count(filled.before, "row")
    print(f"{filled.table}: {before} before, {filled.after:,} now ({filled.source})")
    for column, zone in filled.zones.items():
        print(f"  {column}: {zone}")
    for column, count in filled.blanks.items():
        print(f"  {column}: {_count(count, 'blank cell')}")
    if filled.passed_over:
        print(
            f"  columns not used: {', '.join(name or '(no name)' for name in filled.passed_over)}"
        )
    for note in filled.notes:
        print(f"  {note}")
    if filled.extended:
        print(f"  references that follow the rows: {len(filled.extended):,}")
    if filled.partial:
        print(f"  {len(filled.partial)} references to some of the rows stay as they are:")
        lines = _lines(filled.partial)
        for line in lines[:_LISTED]:
            print(f"    {line}")
        if len(lines) > _LISTED:
            print(f"    and {len(lines) - _LISTED} more (--json lists all)")


def _lines(references: Iterable[Reference]) -> list[str]:
    """References for a report, equal ones counted once."""
    counts: dict[str, list[str]] = {}
    for reference in references:
        counts.setdefault(reference.before, []).append(reference.where)
    lines = []
    for text, places in counts.items():
        shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
        lines.append(f"{text[:_LONGEST_REFERENCE]} in {shown}")
    return lines
