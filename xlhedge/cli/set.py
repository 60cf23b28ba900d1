"""`xlhedge set`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli import recalc as recalculation
from xlhedge.cli.console import steps
from xlhedge.cli.options import AsJson, InPlace, Overwrite, Target
from xlhedge.cli.pairs import pairs
from xlhedge.system.files import destination
from xlhedge.system.watchdog import limited


def set_(
    workbook: Annotated[Path, typer.Argument(metavar="BOOK", help="The workbook.")],
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE...", help="Inputs by name; NAME= clears one."),
    ],
    output: Target = None,
    in_place: InPlace = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Set inputs of a workbook by their names, recalculate it, and say what changed.

    A value must be one that the cell itself would take: a choice of its list, a number within its
    limits (5% is 0.05), a date such as 2026-03-27T08:00 in UTC. Results cannot be set.

    Examples:

      xlhedge set desk.xlsx hedge_fraction=0.7 confidence=99% --in-place

      xlhedge set desk.xlsx risk_measure=es -o desk_es.xlsx

      xlhedge set desk.xlsx target_volatility= --in-place --json
    """
    from xlhedge.cli.show import tell_status
    from xlhedge.daily.inputs import as_data, set_inputs

    given = pairs(inputs, "NAME=VALUE", blank=True)
    destination(workbook, output, in_place=in_place, overwrite=overwrite)
    title = f"setting inputs of {workbook.name}"
    with limited(str(workbook)), steps(title, quiet=as_json) as progress:
        report = set_inputs(workbook, given, output, overwrite=overwrite, progress=progress)
    if as_json:
        calculated = report.recalculation
        data = as_data(report)
        data["recalculation"] = None if calculated is None else recalculation.as_data(calculated)
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return
    for change in report.inputs:
        same = " (as it was)" if change.before == change.after else ""
        print(f"{change.name}: {_shown(change.before)} → {_shown(change.after)}{same}")
    if report.recalculation is not None:
        recalculation.tell(report.recalculation)
    if report.after is None or not report.after.declared:
        return
    for change in report.figures:
        if change.name != "status":
            print(f"  {change.label}: {_shown(change.before)} → {_shown(change.after)}")
    if not report.figures:
        print("no key figure changed")
    tell_status(report.after)


def _shown(text: str) -> str:
    return text or "(blank)"
