"""A fresh workbook that takes over the rows and inputs of an older one of the same template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlhedge.daily.inputs import Change, write_inputs
from xlhedge.errors import InputError
from xlhedge.filling import fill, read_table
from xlhedge.filling.provenance import EXAMPLE_VALUATION, VALUATION_TIME, is_yours, named_cell
from xlhedge.filling.provenance import take_over as say_where_from
from xlhedge.filling.sources import read_package
from xlhedge.recalc.run import Clock, Report, calculate
from xlhedge.sheet.cells import Cell
from xlhedge.sheet.collector import paused
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.names import NamedArea, named_areas
from xlhedge.workbook.package import Package, changing
from xlhedge.workbook.properties import template_of
from xlhedge.workbook.validation import is_asked_for, rule_at

HISTORY = "History"
_OF_HISTORY = frozenset(["interval_hours", "sourcesymbols"])
"""Inputs that follow from a history, in lower case."""


@dataclass(slots=True)
class Taken:
    """What a fresh workbook took over.

    Parameters
    ----------
    tables
        Tables whose rows came over, with their number.
    inputs
        Inputs that had another value in the fresh workbook.
    left
        What did not come over, with the reason.
    """

    tables: dict[str, int] = field(default_factory=dict)
    inputs: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def older(path: Path, template: str) -> Package:
    """The workbook to take over from, refused where it was made from another template."""
    package = Package.open(path)
    found = template_of(package)
    if found != template:
        what = f"a workbook of the template {found}" if found else "of no template"
        raise InputError(f"{path} is {what}: a {template} takes over from a {template}")
    return package


def history_of(package: Package) -> Any:
    """The user's own rows of the table History; None where it holds a sample, or is not there."""
    if HISTORY.lower() not in package.tables or not is_yours(package, HISTORY):
        return None
    return read_table(Path(package.name), HISTORY)


def venues_of(package: Package) -> int | None:
    """How many venues a funding table has; None for another template."""
    return sum(name.startswith("funding_") for name in package.tables) or None


@paused()
def take_over(
    draft: Path,
    before: Package,
    target: Path,
    *,
    new_history: bool,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Taken:
    """Put rows and inputs of an older workbook into a fresh one, and calculate it.

    Parameters
    ----------
    draft
        The fresh workbook, which is changed.
    before
        The older one.
    target
        Where to save.
    new_history
        Whether the fresh workbook has another history than the older one.
    overwrite
        Whether `target` may be replaced.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Taken
        What came over, and what did not.
    """
    taken = Taken()
    tables = _tables(draft, before)
    rows = {name: read_package(before, before.name, name) for name in tables if name != HISTORY}
    for one in fill(draft, rows, recalculate=False).tables if rows else ():
        taken.tables[one.table] = one.after
        known = Package.open(draft).table(one.table).columns
        lost = [column for column in one.passed_over if column not in known]
        taken.left += [f"{one.table}[{column}]: there is no such column" for column in lost]
    if HISTORY in tables and not new_history:
        taken.tables[HISTORY] = before.table(HISTORY).data.height
    with changing(draft, target, in_place=False, overwrite=overwrite) as (package, destination):
        report = Report(draft, destination)
        clock = Clock(report.seconds, progress)
        for name in taken.tables:
            say_where_from(package, name, before)
        wanted = _inputs(package, before, taken, new_history=new_history)
        taken.inputs = write_inputs(package, wanted)
        calculate(package, report, clock)
        clock.begin("writing")
    clock.end()
    return taken


def _tables(draft: Path, before: Package) -> list[str]:
    """The tables of both workbooks that hold rows of the user's own."""
    names = [table.name for table in Package.open(draft).tables.values()]
    return [name for name in names if name.lower() in before.tables and is_yours(before, name)]


def _inputs(
    package: Package, before: Package, taken: Taken, *, new_history: bool
) -> list[tuple[NamedArea, Cell]]:
    """The inputs that the older workbook has with another value, where the fresh one allows it."""
    known, found = named_areas(before), []
    example = named_cell(before, EXAMPLE_VALUATION)
    for key, area in named_areas(package).items():
        cells = cells_named(package, area.sheet)
        if not area.is_cell or area.place in cells.formulas or not is_asked_for(cells, area.place):
            continue
        earlier = known.get(key)
        if earlier is None or (new_history and key in _OF_HISTORY):
            continue
        source = cells_named(before, earlier.sheet)
        value = source.value(earlier.place)
        if value == cells.value(area.place):
            continue
        if area.name == VALUATION_TIME and example is not None and value == example.value:
            continue
        rule = rule_at(cells, area.place)
        wanted = None if rule is None else rule.refusal(value)
        if earlier.place in source.formulas:
            taken.left.append(f"{area.name}: a formula gives it in {Path(before.name).name}")
        elif wanted is not None:
            taken.left.append(f"{area.name}: it must be {wanted}")
        else:
            found.append((area, value))
    return found
