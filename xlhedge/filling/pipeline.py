"""Puts rows into the tables of an existing workbook.

The rows are read; where they come from is written down; their columns are matched with those of the
table as it stands; what refers to the table follows its new size; the rows are written, and judged
when those of all tables are there. Then the workbook is calculated and its charts redrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError
from xlhedge.filling import provenance, sources
from xlhedge.filling.columns import Columns, matched, refuse_disorder, refuse_unknown
from xlhedge.filling.follow import follow
from xlhedge.filling.judging import refuse_unfit
from xlhedge.filling.report import Filled, FillReport
from xlhedge.filling.resize import Resize
from xlhedge.filling.rows import TableRows, refuse_collisions
from xlhedge.filling.sources import Source
from xlhedge.filling.table import standing
from xlhedge.recalc.run import Clock, Report, calculate
from xlhedge.sheet.collector import paused
from xlhedge.system.limits import Limits
from xlhedge.workbook.charts import refresh
from xlhedge.workbook.package import Package, changing


@paused()
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
        Table name to its rows: a data frame, a mapping of columns, the path of a .csv, .parquet or
        .xlsx file, or a function that gives one of these for the table as it stands.
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
        Called with the filled workbook before it is saved, to read its results.

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
    report = FillReport(path, path if target is None else Path(target))
    clock = Clock(report.seconds, progress)
    clock.begin("reading")
    with changing(path, target, in_place=target is None, overwrite=overwrite, limits=limits) as (
        package,
        _,
    ):
        rows: dict[str, Source] = {}
        for table, given in [(package.table(name), given) for name, given in tables.items()]:
            if table.name in rows:
                raise FileError(f"the table {table.name} is given twice")
            rows[table.name] = sources.read(given, limits, table)
        clock.begin("filling")
        report.tables = put_rows(package, rows, mapping or {}, append=append, moment=moment)
        if recalculate:
            report.recalculation = Report(path, report.target)
            areas = [(table.sheet, table.data) for table in map(package.table, rows)]
            calculate(package, report.recalculation, clock, changed=areas)
            clock.end()
            steps = ("calculating", "patching")
            report.recalculation.seconds = {step: report.seconds[step] for step in steps}
        clock.begin("charts")
        report.charts = refresh(package, list(map(package.table, rows)))
        if look is not None:
            look(package)
        clock.begin("writing")
    clock.end()
    return report


def put_rows(
    package: Package,
    rows: Mapping[str, Source],
    mapping: Mapping[str, str],
    *,
    append: bool = False,
    moment: datetime | None = None,
) -> list[Filled]:
    """Put rows into tables of an open workbook, and let what refers to them follow.

    Parameters
    ----------
    package
        The workbook.
    rows
        Each table's by its name.
    mapping, append, moment
        As in `fill`.

    Returns
    -------
    list of Filled
        What became of each table.
    """
    refuse_unknown(mapping, rows.values())
    examples = {name for name in rows if provenance.holds_example(package, name)}
    # First, while the sheets are small: each footer that changes has its sheet written anew.
    now = moment or datetime.now(UTC).replace(tzinfo=None)
    told = {name: source.name for name, source in rows.items()}
    provenance.record(package, told, now, append=append)
    done = [
        _fill(package, name, source, mapping, append=append, example=name in examples)
        for name, source in rows.items()
    ]
    # Last, as the choices for a column may be the rows of another table.
    for filled, values in done:
        refuse_unfit(package, rows[filled.table], filled, values)
    package.drop_calculation_chain()
    return [filled for filled, _ in done]


def _fill(
    package: Package,
    name: str,
    source: Source,
    mapping: Mapping[str, str],
    *,
    append: bool,
    example: bool,
) -> tuple[Filled, Columns]:
    """Put rows into one table; gives what became of it, and what went in."""
    found = standing(package, name, example=example)
    table, kept = found.table, found.kept_rows() if append else 0
    filled = Filled(table.name, source.name, table.data.height, kept + len(source.rows))
    columns = matched(source, found, mapping, filled)
    times = [column for column in found.columns if column.name in filled.zones]
    if append and times:
        refuse_disorder(source, columns[times[0].name], times[0], kept)
    resize = Resize(table, filled.after, filled.extended, filled.partial)
    refuse_collisions(found.cells, resize)
    texts = follow(package, resize) if resize.delta else {}
    rows = TableRows(found, resize, columns, kept, texts)
    rows.write()
    filled.notes += found.notes_on_first_rows()
    if rows.shown:
        filled.notes.append("the table's filter was set: all rows are shown now, apply it again")
    filled.notes += [
        f"{column.name} has no date format: its times show as day numbers"
        for column in times
        if not column.shows_dates
    ]
    if append and not times:
        filled.notes.append("there is no column of times: their order was not checked")
    return filled, columns
