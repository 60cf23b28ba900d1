"""`xlhedge recalc`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli.console import console, steps
from xlhedge.cli.guard import limited
from xlhedge.recalc import Report, recalculate

Source = Annotated[Path, typer.Argument(metavar="IN.xlsx", help="The workbook.")]
Target = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="OUT.xlsx", help="Where to save.")
]


def recalc(
    source: Source,
    output: Target = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Save over the workbook itself.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT.xlsx if it exists.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail when any cell ends in an error.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Recalculate a workbook; everything but its cached values stays as it was.

    Examples:

      xlhedge recalc desk.xlsx -o desk_today.xlsx

      xlhedge recalc desk.xlsx --in-place --strict
    """
    title = f"recalculating {source.name}"
    with limited(str(source)), steps(title, quiet=as_json) as progress:
        report = recalculate(
            source, output, in_place=in_place, overwrite=overwrite, progress=progress
        )
    if as_json:
        print(json.dumps(as_data(report), ensure_ascii=False, indent=1))
    else:
        tell(report)
    if strict and report.errors:
        raise typer.Exit(1)


def as_data(report: Report) -> dict[str, object]:
    """A report as plain data."""
    return {
        "source": str(report.source),
        "target": str(report.target),
        "engine": report.engine,
        "formulas": report.formulas,
        "calls": report.calls,
        "changed": report.changed,
        "seconds": report.seconds,
        "errors": [problem._asdict() for problem in report.errors],
        "kept": report.kept,
        "unsupported": report.unsupported,
    }


def tell(report: Report) -> None:
    """A report for a person: what was calculated, and every cell that needs attention."""
    out = console()
    seconds = sum(report.seconds.values())
    print(
        f"{report.target}: {report.formulas} formulas, {report.calls} of them ours,"
        f" {seconds:.2f} s ({report.engine} engine)"
    )
    for name, places in report.unsupported.items():
        print(f"  {name} is not known to the {report.engine} engine: {', '.join(places[:5])}")
    for place, reason in report.kept.items():
        print(f"  {place} kept its value: {reason}")
    if report.errors:
        from rich.table import Table
        from rich.text import Text

        table = Table("cell", "error", "why", "formula", box=None, header_style="bold")
        for problem in report.errors:
            table.add_row(
                Text(f"{problem.sheet}!{problem.address}"),
                Text(problem.error.value, style="red"),
                Text(problem.reason),
                Text(problem.formula, style="dim"),
            )
        print(f"{len(report.errors)} cells end in an error:")
        out.print(table)
