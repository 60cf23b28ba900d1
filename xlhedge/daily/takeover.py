"""A fresh workbook that takes over the rows and inputs of an older one of the same template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlhedge.daily.inputs import Change, write_inputs
from xlhedge.errors import InputError
from xlhedge.filling.pipeline import put_rows
from xlhedge.filling.provenance import (
    EXAMPLE_VALUATION,
    VALUATION_TIME,
    carry_over,
    is_yours,
    named_cell,
)
from xlhedge.filling.reading import table_frame
from xlhedge.filling.sources import Source, read_package
from xlhedge.recalc.run import Clock, Report, calculate
from xlhedge.sheet.cells import Cell
from xlhedge.sheet.collector import paused
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.charts import refresh
from xlhedge.workbook.package import NamedArea, Package, changing
from xlhedge.workbook.validation import is_asked_for, rule_at

_HISTORY = "history"
_OF_HISTORY = frozenset(["interval_hours", "sourcesymbols"])
"""Inputs that follow from a history, in lower case."""
_OF_SOURCES = ("kind_of_", "source_of_", "filled_of_", "mark_of_")
"""How the names begin of cells that say where rows come from."""


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


def open_older(path: Path, template: str) -> Package:
    """The workbook to take over from, refused where it was not made from that template."""
    package = Package.open(path)
    found = package.template
    if found != template:
        made = f"was made from the template {found}" if found else "was not made from a template"
        raise InputError(f"{path} {made}: --like takes a workbook of the template {template}")
    return package


def history_of(older: Package) -> Any:
    """The user's own rows of the table History; None where it holds a sample, or is not there."""
    if _HISTORY not in older.tables or not is_yours(older, _HISTORY):
        return None
    return table_frame(older, _HISTORY)


def venues_of(older: Package) -> int:
    """How many venues a funding table has."""
    return sum(named_cell(older, f"kind_of_{name}") is not None for name in older.tables)


@paused()
def take_over(
    draft: Path,
    older: Package,
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
    older
        What `open_older` gave.
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
    with changing(draft, target, in_place=False, overwrite=overwrite) as (package, destination):
        report = Report(draft, destination)
        clock = Clock(report.seconds, progress)
        _rows(package, older, taken, new_history=new_history)
        carry_over(package, taken.tables, older)
        wanted = _inputs(package, older, taken, new_history=new_history)
        taken.inputs = write_inputs(package, wanted)
        calculate(package, report, clock)
        clock.begin("writing")
    clock.end()
    return taken


def _rows(package: Package, older: Package, taken: Taken, *, new_history: bool) -> None:
    """Fill the tables of the fresh workbook of which the older one holds rows of the user's own."""
    rows = {}
    for key, table in older.tables.items():
        source = read_package(older, older.name, key)
        if not is_yours(older, key) or not any(any(map(_is_filled, row)) for row in source.rows):
            continue
        if key not in package.tables:
            taken.left.append(f"{table.name} ({len(source.rows):,} rows): there is no such table")
        elif key != _HISTORY:
            fresh = package.table(key)
            rows[fresh.name] = _with_columns(source, fresh.columns)
        elif not new_history:
            taken.tables[table.name] = len(source.rows)
    for one in put_rows(package, rows, {}):
        taken.tables[one.table] = one.after
        known = package.table(one.table).columns
        lost = [column for column in one.passed_over if column not in known]
        taken.left += [f"{one.table}[{column}]: there is no such column" for column in lost]
        taken.left += [
            f"{one.table}[{column}]: formulas came as their values ({count})"
            for column, count in _formulas(older, one.table).items()
            if column not in one.passed_over
        ]
    refresh(package, [package.table(name) for name in rows])


def _formulas(older: Package, name: str) -> dict[str, int]:
    """How many cells of each column of a table are given by formulas."""
    table = older.table(name)
    cells = cells_named(older, table.sheet)
    counts = Counter(
        table.columns[column - table.area.left]
        for _, _, column in cells.formulas.within(table.data)
    )
    return dict(counts)


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _with_columns(source: Source, columns: tuple[str, ...]) -> Source:
    """Rows with a blank in each column that only the fresh workbook has."""
    new = [name for name in columns if name not in source.header]
    rows = [[*row, *(None for _ in new)] for row in source.rows]
    return replace(source, header=[*source.header, *new], rows=rows)


def _inputs(
    package: Package, older: Package, taken: Taken, *, new_history: bool
) -> list[tuple[NamedArea, Cell]]:
    """The inputs that the older workbook has with another value, where the fresh one allows it."""
    fresh, found = package.named_areas, []
    example = named_cell(older, EXAMPLE_VALUATION)
    for key, before in older.named_areas.items():
        source = cells_named(older, before.sheet)
        if not before.is_cell or not is_asked_for(source, before.place):
            continue
        if key.startswith(_OF_SOURCES) or (new_history and key in _OF_HISTORY):
            continue
        area, value = fresh.get(key), source.value(before.place)
        if area is None:
            if value is not None:
                taken.left.append(f"{before.name}: there is no such input")
            continue
        cells = cells_named(package, area.sheet)
        if not area.is_cell or area.place in cells.formulas or value == cells.value(area.place):
            continue
        if area.name == VALUATION_TIME and example is not None and value == example.value:
            continue
        rule = rule_at(cells, area.place)
        wanted = rule.refusal(value) if rule is not None and rule.enforced else None
        if before.place in source.formulas:
            taken.left.append(f"{area.name}: a formula gives it in {Path(older.name).name}")
        elif wanted is not None:
            taken.left.append(f"{area.name}: it must be {wanted}")
        else:
            found.append((area, value))
    return found
