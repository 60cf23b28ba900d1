"""Puts rows into the tables of an existing workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError
from xlhedge.filling import provenance, sources
from xlhedge.filling.columns import Filling, matched, refuse_unknown
from xlhedge.filling.follow import follow
from xlhedge.filling.judging import refuse_unfit
from xlhedge.filling.resize import Reference, Resize
from xlhedge.filling.rows import TableRows
from xlhedge.filling.sources import Source
from xlhedge.filling.table import Standing, followed, refuse_disorder, standing
from xlhedge.recalc.run import Clock, Report, calculate
from xlhedge.sheet.collector import paused
from xlhedge.system.limits import Limits
from xlhedge.workbook.charts import refresh
from xlhedge.workbook.constants import drop_calculation_chain
from xlhedge.workbook.package import Package, changing
from xlhedge.workbook.xml import MAIN


@dataclass(slots=True)
class Filled:
    """What became of one table.

    Parameters
    ----------
    table
        Its name.
    source
        Where the rows come from.
    before, after
        Its data rows.
    extended
        References that spanned the rows and follow them now.
    partial
        References to some of the rows; they stay as they were.
    passed_over
        Columns of the source that were not used.
    zones
        The statement about the time zone of each column of times.
    blanks
        Blank cells that came, by column.
    notes
        What else a user should know.
    """

    table: str
    source: str
    before: int
    after: int
    extended: list[Reference] = field(default_factory=list)
    partial: list[Reference] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FillReport:
    """What a filling did; `recalculation` is None where none was asked for."""

    source: Path
    target: Path
    tables: list[Filled] = field(default_factory=list)
    charts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    recalculation: Report | None = None


def fill(
    path: Path | str,
    tables: Mapping[str, Any],
    target: Path | str | None = None,
    *,
    overwrite: bool = False,
    mapping: Mapping[str, str] | None = None,
    append: bool = False,
    recalculate: bool = True,
    limits: Limits | None = None,
    progress: Callable[[str], None] | None = None,
    moment: datetime | None = None,
    look: Callable[[Package], None] | None = None,
) -> FillReport:
    """Put rows into tables of a workbook and recalculate it.

    Parameters
    ----------
    path
        The workbook.
    tables
        Table name to its rows: a data frame, a mapping of columns, or the path of a .csv, .parquet
        or .xlsx file.
    target
        Where to save; the workbook itself when left out.
    overwrite
        Whether `target` may be replaced.
    mapping
        Column of the source to column of the table, for names that differ.
    append
        Add the rows after the last one instead of replacing all. Their times must rise and be
        later than the table's last.
    recalculate
        Whether to calculate all formulas afterwards.
    limits
        How large a file may be.
    progress
        Called with the name of each step as it begins.
    moment
        The time of filling in UTC, for workbooks that name a cell for it; now when left out.
    look
        Called with the filled workbook before it is saved, for who wants to read its results.

    Returns
    -------
    FillReport
        Rows before and after, the references that follow them and those that do not.

    Raises
    ------
    FileError
        When a file cannot be read, trusted or written, or a row does not fit. Nothing is written
        then.
    """
    path = Path(path)
    if not tables:
        raise FileError("no table is named: give TABLE=FILE")
    limits = limits or Limits.from_environment()
    report = FillReport(path, path if target is None else Path(target))
    clock = Clock(report.seconds, progress)
    clock.begin("reading")
    with (
        paused(),
        changing(path, target, in_place=target is None, overwrite=overwrite, limits=limits) as (
            package,
            destination,
        ),
    ):
        named = [package.table(name).name for name in tables]
        for name in named:
            if named.count(name) > 1:
                raise FileError(f"the table {name} is given twice")
        given = {name: sources.read(rows, limits, name) for name, rows in tables.items()}
        refuse_unknown(mapping or {}, given.values())
        clock.begin("filling")
        fillings = []
        for name, source in given.items():
            filled, filling, kept = _fill(package, name, source, mapping or {}, append=append)
            report.tables.append(filled)
            fillings.append((name, source, filling, kept))
        for one in fillings:
            refuse_unfit(package, *one)
        now = moment or datetime.now(UTC).replace(tzinfo=None)
        for filled in report.tables:
            provenance.record(package, filled.table, filled.source, now, append=append)
        drop_calculation_chain(package)
        if recalculate:
            report.recalculation = Report(path, destination)
            written = [package.table(name) for name in given]
            areas = [(table.sheet, table.data) for table in written]
            calculate(package, report.recalculation, clock, changed=areas)
            clock.end()
            steps = ("calculating", "patching")
            report.recalculation.seconds = {step: report.seconds[step] for step in steps}
        clock.begin("charts")
        report.charts = refresh(package, [package.table(name) for name in given])
        if look is not None:
            look(package)
        clock.begin("writing")
    clock.end()
    return report


def _fill(
    package: Package, name: str, source: Source, mapping: Mapping[str, str], *, append: bool
) -> tuple[Filled, Filling, int]:
    """Put rows into one table; gives what became of it, what went in, and the rows above that."""
    found = standing(package, name)
    filling = matched(
        source, found.table.name, found.columns, mapping, from_1904=package.counts_from_1904
    )
    kept = found.kept_rows() if append else 0
    if append:
        refuse_disorder(source, filling, found, kept)
    resize = Resize(found.table, kept + filling.rows)
    filtered = f"{MAIN}autoFilter/{MAIN}filterColumn"
    unfiltered = package.tree(found.table.part).find(filtered) is not None
    rows = TableRows(found, resize, unfiltered=unfiltered)
    rows.refuse_collisions()
    texts = follow(package, resize) if resize.delta else {}
    patterns = followed(found, resize)
    values = {found.table.area.left + place: given for place, given in filling.columns.items()}
    rows.write(values, patterns, found.table.data.top + kept, texts)
    filled = Filled(
        table=found.table.name,
        source=source.name,
        before=found.table.data.height,
        after=resize.rows,
        extended=resize.extended,
        partial=resize.partial,
        passed_over=filling.passed_over,
        zones=filling.zones,
        blanks=filling.blanks,
        notes=_notes(found, rows, filling, append=append),
    )
    return filled, filling, kept


def _notes(found: Standing, rows: TableRows, filling: Filling, *, append: bool) -> list[str]:
    notes = found.notes_on_first_rows()
    if rows.shown:
        notes.append("the table's filter was set: all rows are shown now, apply it again")
    for place, column in enumerate(found.columns, found.table.area.left):
        first = found.cells.format_at((found.table.data.top, place))
        if column.name in filling.zones and not first.is_date:
            notes.append(f"{column.name} has no date format: its times show as day numbers")
    if append and filling.time is None:
        notes.append("there is no column of times: their order was not checked")
    return notes
