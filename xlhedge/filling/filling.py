"""Puts rows into the tables of an existing workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError
from xlhedge.filling import caches, parts, reading, sources
from xlhedge.filling.columns import Column, Filling, Kind, matched, unknown_names
from xlhedge.filling.references import Reference, Resize
from xlhedge.filling.rows import Pattern, TableRows
from xlhedge.filling.sources import Source
from xlhedge.formula.structured import Table
from xlhedge.formula.tokens import Kind as Piece
from xlhedge.formula.tokens import tokenize
from xlhedge.recalc import Package, Report
from xlhedge.recalc.run import Clock, calculate
from xlhedge.sheet.cells import Cell
from xlhedge.system.files import destination as chosen
from xlhedge.system.files import locked, save
from xlhedge.system.limits import Limits
from xlhedge.workbook.package import MAIN
from xlhedge.workbook.worksheet import Worksheet, read_worksheets


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
    destination = chosen(path, target, in_place=target is None, overwrite=overwrite)
    if not tables:
        raise FileError("no table is named: give TABLE=FILE")
    limits = limits or Limits.from_environment()
    report = FillReport(path, destination)
    clock = Clock(report.seconds, progress)
    with locked(destination):
        # Another run may have written it since.
        chosen(path, target, in_place=target is None, overwrite=overwrite)
        clock.begin("reading")
        package = Package.open(path, limits)
        for name in tables:
            reading.find(package, name)
        given = {name: sources.read(rows, limits, name) for name, rows in tables.items()}
        unknown = unknown_names(mapping or {}, list(given.values()))
        if unknown:
            raise FileError(f"--map names the column {unknown[0]!r}, which no source has")
        clock.begin("filling")
        for name, source in given.items():
            filled = _fill(package, name, source, mapping or {}, append=append)
            report.tables.append(filled)
            # Read again: every view of the package is of the new rows then.
            package = Package(package.to_bytes(), str(path), limits)
        clock.end()
        if recalculate:
            report.recalculation = Report(path, destination)
            calculate(package, report.recalculation, clock)
            clock.end()
            steps = ("calculating", "patching")
            report.recalculation.seconds = {step: report.seconds[step] for step in steps}
            package = Package(package.to_bytes(), str(path), limits)
        clock.begin("charts")
        report.charts = caches.refresh(package, list(given))
        clock.begin("writing")
        content = package.to_bytes()
        if destination.resolve() != path.resolve() or content != path.read_bytes():
            save(content, destination)
        clock.end()
    return report


def _fill(
    package: Package, name: str, source: Source, mapping: Mapping[str, str], *, append: bool
) -> Filled:
    table = reading.find(package, name)
    cells = reading.Cells(package)
    worksheets = read_worksheets(package)
    worksheet = next(item for item in worksheets if item.sheet.name == table.sheet)
    now = [
        [cells.value(worksheet.cells.get((row, column)))
         for row in range(table.data.top, table.data.bottom + 1)]
        for column in range(table.area.left, table.area.right + 1)
    ]  # fmt: skip
    patterns = _patterns(package, table, worksheet)
    columns = [
        _column(table, worksheet, cells, patterns, place, values)
        for place, values in enumerate(now)
    ]
    usable = {key.strip().lower() for key in source.header}
    own = {key: value for key, value in mapping.items() if key.strip().lower() in usable}
    filling = matched(source, table.name, columns, own, from_1904=package.counts_from_1904)
    kept = _kept(columns, now) if append else 0
    if append:
        _refuse_disorder(source, filling, columns, now, kept)
    resize = Resize(table, kept + filling.rows)
    filled = Filled(table.name, source.name, table.data.height, resize.rows)
    rows = TableRows(worksheet, resize, cells)
    others = [
        (other.name, other.area)
        for other in package.tables.values()
        if other.sheet == table.sheet and other.part != table.part
    ]
    rows.refuse_collisions(others)
    _write(package, worksheets, rows, resize, patterns, filling, kept)
    filled.notes += _notes(package, table, worksheet, rows, filling, columns, cells, append=append)
    package.replace_tree(worksheet.sheet.part)
    filled.extended, filled.partial = resize.extended, resize.partial
    filled.passed_over, filled.blanks = filling.passed_over, filling.blanks
    filled.zones = filling.zones
    return filled


def _write(
    package: Package,
    worksheets: list[Worksheet],
    rows: TableRows,
    resize: Resize,
    patterns: dict[int, Pattern],
    filling: Filling,
    kept: int,
) -> None:
    table = resize.table
    if resize.delta:
        parts.follow(package, worksheets, resize)
    followed = {}
    for column, pattern in patterns.items():
        where = f"column {table.columns[column - table.area.left]}"
        text = resize.formula(pattern.text, table.sheet, where, fixed=True, row=pattern.row)
        followed[column] = replace(pattern, text=text)
    values = {table.area.left + place: given for place, given in filling.columns.items()}
    rows.write(values, followed, table.data.top + kept)
    parts.drop_calculation_chain(package)


def _patterns(package: Package, table: Table, worksheet: Worksheet) -> dict[int, Pattern]:
    """The formula of each calculated column, by column of the sheet."""
    root = package.tree(table.part)
    data = table.data
    found = {}
    for place, node in enumerate(root.iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn")):
        column = data.left + place
        declared = node.findtext(f"{MAIN}calculatedColumnFormula")
        formulas = [
            row for row in range(data.top, data.bottom + 1) if (row, column) in worksheet.formulas
        ]
        # In a column without a declaration, all rows but the first must hold a formula: returns
        # begin in the second.
        lacking = data.height - len(formulas)
        regular = bool(formulas) and (lacking == 0 or (lacking == 1 and formulas[0] > data.top))
        if not declared and (not regular or not formulas):
            continue
        if formulas and (declared or formulas[0] <= data.top + 1):
            first = worksheet.formulas[formulas[0], column]
            start = data.top if declared else formulas[0]
            found[column] = Pattern.of(first, start)
        elif declared and not any(t.kind is Piece.REFERENCE for t in tokenize(declared)):
            found[column] = Pattern(declared, data.top, data.top)
    return found


def _column(
    table: Table,
    worksheet: Worksheet,
    cells: reading.Cells,
    patterns: Mapping[int, Pattern],
    place: int,
    now: list[Cell],
) -> Column:
    column = table.area.left + place
    typed = [
        value
        for row, value in enumerate(now, table.data.top)
        if value not in (None, "") and (row, column) not in worksheet.formulas
    ]
    kinds = {type(value) for value in typed}
    first = worksheet.cells.get((table.data.top, column))
    kind = Kind.ANY
    if cells.is_date(first) and kinds <= {float}:
        kind = Kind.TIME
    elif kinds == {float}:
        kind = Kind.NUMBER
    elif kinds == {str}:
        kind = Kind.TEXT
    formulas = any(
        (row, column) in worksheet.formulas for row in range(table.data.top, table.data.bottom + 1)
    )
    return Column(table.columns[place], kind, column in patterns, not typed and not formulas)


def _kept(columns: Sequence[Column], now: list[list[Cell]]) -> int:
    """Rows up to the last that holds anything beside formulas."""
    given = [values for column, values in zip(columns, now, strict=True) if not column.calculated]
    filled = [
        row for values in given for row, value in enumerate(values, 1) if value not in (None, "")
    ]
    return max(filled, default=0)


def _refuse_disorder(
    source: Source,
    filling: Filling,
    columns: Sequence[Column],
    now: list[list[Cell]],
    kept: int,
) -> None:
    """Refuse rows to append whose times do not rise or are there already."""
    if filling.time is None:
        return
    name = columns[filling.time].name
    known = [value for value in now[filling.time][:kept] if type(value) is float]
    last, what = max(known, default=float("-inf")), "the table's last"
    for row, value in zip(source.numbers, filling.columns[filling.time], strict=True):
        number = float(value or 0)
        # A day number holds a time of today to some microseconds.
        if number <= last + 1e-9:
            same = abs(number - last) <= 1e-9 or any(abs(number - old) <= 1e-9 for old in known)
            problem = "is there already" if same else f"is not later than {what}"
            raise FileError(f"{source.name} row {row}, column {name}: the time {problem}")
        last, what = number, "the row before"


def _notes(
    package: Package,
    table: Table,
    worksheet: Worksheet,
    rows: TableRows,
    filling: Filling,
    columns: Sequence[Column],
    cells: reading.Cells,
    *,
    append: bool,
) -> list[str]:
    notes = []
    filtered = package.tree(table.part).find(f"{MAIN}autoFilter/{MAIN}filterColumn") is not None
    if filtered and rows.show_all():
        notes.append("the table's filter was set: all rows are shown now, apply it again")
    for place, column in enumerate(columns):
        first = worksheet.cells.get((table.data.top, table.area.left + place))
        if column.name in filling.zones and not cells.is_date(first):
            notes.append(f"{column.name} has no date format: its times show as day numbers")
    if append and filling.time is None:
        notes.append("there is no column of times: their order was not checked")
    return notes
