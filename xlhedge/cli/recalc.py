"""`xlhedge recalc`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli.console import console, steps
from xlhedge.cli.options import AsJson, InPlace, Overwrite, Target
from xlhedge.recalc import Report, recalculate
from xlhedge.recalc.agreement import BothEngines, Difference
from xlhedge.recalc.engine import Engine
from xlhedge.system.limits import Limits
from xlhedge.system.watchdog import limited

Source = Annotated[Path, typer.Argument(metavar="IN.xlsx", help="The workbook.")]
_SHOWN = 20


class Choice(StrEnum):
    """What calculates."""

    EMBEDDED = "embedded"
    CALC = "calc"
    BOTH = "both"


def recalc(
    source: Source,
    output: Target = None,
    in_place: InPlace = False,
    overwrite: Overwrite = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Fail when any cell ends in an error or was not calculated."),
    ] = False,
    values_only: Annotated[
        bool,
        typer.Option(
            "--values", help="Save values in place of formulas, for people without the functions."
        ),
    ] = False,
    engine: Annotated[
        Choice,
        typer.Option(
            help="calc: LibreOffice Calc 25.2 or later; both: compare, save embedded's values."
        ),
    ] = Choice.EMBEDDED,
    as_json: AsJson = False,
) -> None:
    """Recalculate a workbook; everything but its cached values stays as it was.

    Exit code 1 when --engine both finds a difference, or --strict an error or a cell that kept
    its value; cells of a defined name that begins with expected_errors may be either.

    Examples:

      xlhedge recalc desk.xlsx -o desk_today.xlsx

      xlhedge recalc desk.xlsx --in-place --strict

      xlhedge recalc desk.xlsx -o desk_today.xlsx --engine both

      xlhedge recalc desk.xlsx -o for_the_board.xlsx --values
    """
    title = f"recalculating {source.name}"
    chosen = _engine(engine)
    with limited(str(source)), steps(title, quiet=as_json) as progress:
        report = recalculate(
            source,
            output,
            in_place=in_place,
            overwrite=overwrite,
            engine=chosen,
            progress=progress,
            values_only=values_only,
        )
    differences = chosen.differences if isinstance(chosen, BothEngines) else None
    if as_json:
        data = as_data(report)
        if differences is not None:
            data["differences"] = [
                {
                    "cell": f"{item.sheet}!{item.address}",
                    "embedded": item.first,
                    "calc": item.second,
                }
                for item in differences
            ]
        print(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        tell(report)
        if differences is not None:
            _compare(differences)
    if differences or (strict and report.failing):
        raise typer.Exit(1)


def _engine(choice: Choice) -> Engine | None:
    """The engine by its name; None is the embedded one, loaded when it is needed."""
    if choice is Choice.EMBEDDED:
        return None
    from xlhedge.hosts.libreoffice.engine import CalcEngine
    from xlhedge.hosts.libreoffice.render import render

    # LibreOffice must be stopped before the guard ends this process and leaves it running.
    seconds = 0.8 * Limits.from_environment().seconds
    calc = CalcEngine(render(), seconds=min(seconds, 300.0))
    if choice is Choice.CALC:
        return calc
    from xlhedge.recalc.embedded import EmbeddedEngine

    return BothEngines(EmbeddedEngine(), calc)


def _compare(differences: Sequence[Difference]) -> None:
    if not differences:
        print("both engines agree in every cell")
        return
    print(f"the engines differ in {len(differences)} cells (embedded and calc):")
    for item in differences[:_SHOWN]:
        print(f"  {item}")
    if len(differences) > _SHOWN:
        print(f"  and {len(differences) - _SHOWN} more: --json lists all")


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
        "depending": report.depending,
        "outdated": report.outdated,
        "unsupported": report.unsupported,
        "withheld": report.withheld,
    }


def tell(report: Report) -> None:
    """A report for a person: what was calculated, and every cell that needs attention."""
    out = console()
    seconds = sum(report.seconds.values())
    print(
        f"{report.target}: {report.formulas} formulas, {report.calls} of them ours,"
        f" {seconds:.2f} s ({report.engine} engine)"
    )
    if report.withheld is not None:
        print(f"  {report.withheld} (not written: the file says so where it is opened)")
    late = set(report.outdated)
    for place, reason in list(report.kept.items())[:_SHOWN]:
        warning = "; what it reads has changed" if place in late else ""
        print(f"  {place} kept its value: it {reason}{warning}")
    if len(report.kept) > _SHOWN:
        print(f"  and {len(report.kept) - _SHOWN} more kept theirs: --json lists all")
    if report.depending:
        cells = list(report.depending)
        more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
        print(f"  calculated from kept values: {', '.join(cells[:_SHOWN])}{more}")
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
