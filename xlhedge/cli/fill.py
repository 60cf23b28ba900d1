"""`xlhedge fill`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from xlhedge.cli import recalc as recalculation
from xlhedge.cli.console import steps
from xlhedge.errors import FileError
from xlhedge.filling import Filled, FillReport
from xlhedge.filling import fill as fill_tables
from xlhedge.filling.references import summary
from xlhedge.system.files import destination
from xlhedge.system.watchdog import limited

_LISTED = 12


def fill(
    workbook: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="The workbook.")],
    tables: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE=FILE...", help="Table and its rows: .csv, .parquet or .xlsx."
        ),
    ],
    output: recalculation.Target = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Save over the workbook itself.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT.xlsx if it exists.")
    ] = False,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Put rows into tables of a workbook: formulas, charts and formats follow, then recalculate.

    Columns are found by name; dates are written in UTC; text is never taken for a formula.

    Examples:

      xlhedge fill desk.xlsx History=btc.csv -o desk_today.xlsx

      xlhedge fill desk.xlsx History=new.csv --append --in-place

      xlhedge fill desk.xlsx History=klines.parquet --map open_time=time --map close=spot -o o.xlsx
    """
    given = pairs(tables, "TABLE=FILE")
    columns = pairs(mapping or [], "--map FILE_COLUMN=TABLE_COLUMN")
    # The rules of the other commands: never over the source unless asked.
    destination(workbook, output, in_place=in_place, overwrite=overwrite)
    title = f"filling {workbook.name}"
    with limited(str(workbook)), steps(title, quiet=as_json) as progress:
        report = fill_tables(
            workbook,
            given,
            output,
            overwrite=overwrite,
            mapping=columns,
            append=append,
            recalculate=not no_recalc,
            progress=progress,
        )
    if as_json:
        print(json.dumps(as_data(report), ensure_ascii=False, indent=1))
        return
    for filled in report.tables:
        _tell(filled)
    if report.charts:
        print(f"{report.charts} charts redrawn")
    if report.recalculation is None:
        print(f"{report.target}: not recalculated")
    else:
        recalculation.tell(report.recalculation)


def pairs(texts: list[str], form: str) -> dict[str, str]:
    """NAME=VALUE words as a mapping; `form` is how a sentence shows them."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise FileError(f"{text!r} is not of the form {form}")
        if name in found:
            raise FileError(f"{name} is given twice")
        found[name.strip()] = value.strip()
    return found


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


def _tell(filled: Filled) -> None:
    print(f"{filled.table}: {filled.before:,} rows before, {filled.after:,} now ({filled.source})")
    for column, zone in filled.zones.items():
        print(f"  {column}: {zone}")
    for column, count in filled.blanks.items():
        print(f"  {column}: {count:,} blank cells")
    if filled.passed_over:
        print(
            f"  columns not used: {', '.join(name or '(no name)' for name in filled.passed_over)}"
        )
    for note in filled.notes:
        print(f"  {note}")
    if filled.extended:
        print(f"  {len(filled.extended)} references follow the rows")
    if filled.partial:
        print(f"  {len(filled.partial)} references to some of the rows stay as they are:")
        lines = summary(filled.partial)
        for line in lines[:_LISTED]:
            print(f"    {line}")
        if len(lines) > _LISTED:
            print(f"    and {len(lines) - _LISTED} more (--json lists all)")
