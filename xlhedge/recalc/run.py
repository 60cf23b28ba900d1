"""Recalculates a workbook file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area, address, parse_address, parse_area
from xlhedge.formula.rewriting import calls_ours, name_ours
from xlhedge.formula.tokens import references, tokenize
from xlhedge.recalc.dependents import CellName
from xlhedge.recalc.engine import Engine
from xlhedge.recalc.origin import keep, sentence, withhold
from xlhedge.recalc.problems import CellProblem, outdated, problems
from xlhedge.sheet.cells import Cell
from xlhedge.sheet.collector import paused
from xlhedge.system.limits import Limits
from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.package import Package, changing
from xlhedge.workbook.patch import Patch, SheetResults
from xlhedge.workbook.writing import without_formulas

_EXPECTED = "expected_errors"
Progress = Callable[[str], None]


@dataclass(slots=True)
class Report:
    """What a recalculation did.

    Parameters
    ----------
    source, target
        The file read and the file written; for bytes, what sentences call them.
    engine
        Name of the engine.
    formulas
        Number of formula cells.
    calls
        Number of formula cells that call a function of ours.
    changed
        Whether any cached value is different from before.
    seconds
        Time by step: reading, calculating, patching, writing.
    errors
        Cells that show an error, with the reason.
    kept
        Cells whose cached values were kept because the formulas reach outside the workbook
        (other workbooks, web services, other programs): nothing is ever fetched. Address to
        reason.
    depending
        Cells that were calculated from kept ones, each with one that it depends on.
    outdated
        Kept cells that read a cell whose value has changed: Excel may show another value there.
    unsupported
        Functions that the engine does not know, with the addresses that call them.
    withheld
        The verdict of a workbook that carries no values (the self-test): it is told here and not
        written, as it would look like one of the machine that opens the file. None in others.
    failing
        Cells with an error and kept cells, without those of defined names that begin with
        expected_errors.
    """

    source: Path
    target: Path
    engine: str = ""
    formulas: int = 0
    calls: int = 0
    changed: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    errors: list[CellProblem] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    depending: dict[str, str] = field(default_factory=dict)
    outdated: list[str] = field(default_factory=list)
    unsupported: dict[str, list[str]] = field(default_factory=dict)
    withheld: Cell = None
    failing: list[str] = field(default_factory=list)


def recalculated(
    content: bytes,
    name: str = "workbook",
    *,
    engine: Engine | None = None,
    look: Callable[[Package], None] | None = None,
) -> tuple[bytes, Report]:
    """Calculate all formulas of a workbook that is held in memory.

    Parameters
    ----------
    content
        The bytes of an .xlsx or .xlsm file.
    name
        How error sentences call it.
    engine
        What calculates; the embedded engine by default.
    look
        Called with the calculated workbook, to read its results.

    Returns
    -------
    tuple
        The workbook with its new values (the very same bytes when none changed), and the report.
    """
    report = Report(Path(name), Path(name))
    clock = Clock(report.seconds, None)
    clock.begin("reading")
    package = Package(content, name)
    calculate(package, report, clock, engine)
    if look is not None:
        look(package)
    clock.begin("writing")
    result = package.to_bytes()
    clock.end()
    return result, report


def recalculate(
    source: Path | str,
    target: Path | str | None = None,
    *,
    in_place: bool = False,
    overwrite: bool = False,
    engine: Engine | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
    shipped: bool = False,
    values_only: bool = False,
) -> Report:
    """Calculate all formulas of a workbook and save it with the new values.

    Parameters
    ----------
    source
        An .xlsx or .xlsm file.
    target
        Where to save. The file must not exist yet unless `overwrite`.
    in_place
        Save over the source instead. Exactly one of `target` and `in_place` is needed.
    overwrite
        Whether `target` may be replaced.
    engine
        What calculates; the embedded engine by default.
    progress
        Called with the name of each step as it begins.
    limits
        How large a file may be.
    shipped
        Whether the workbook says "as shipped" instead of the engine and the time.
    values_only
        Whether the copy holds values in place of formulas: for people without the functions.

    Returns
    -------
    Report
        What was calculated, and every cell that shows an error.

    Raises
    ------
    FileError
        When a file cannot be read, trusted or written. The source is untouched then, unless it
        was to be replaced and is already whole.
    """
    source = Path(source)
    if target is None and values_only:
        raise FileError(f"{source} would lose its formulas: name another file for the values")
    report = Report(source, source if target is None else Path(target))
    clock = Clock(report.seconds, progress)
    clock.begin("reading")
    with changing(source, target, in_place=in_place, overwrite=overwrite, limits=limits) as (
        package,
        _,
    ):
        calculate(package, report, clock, engine, shipped=shipped)
        if values_only:
            without_formulas(package)
        clock.begin("writing")
    clock.end()
    return report


@paused()
def calculate(
    package: Package,
    report: Report,
    clock: Clock,
    engine: Engine | None = None,
    *,
    shipped: bool = False,
    changed: Iterable[tuple[str, Area]] = (),
) -> None:
    """Calculate all formulas of a package and put their values into it.

    The report gets what was calculated, the clock the time of each step. `changed` are areas by
    sheet whose inputs have been changed since the file was calculated; the rest is as in
    `recalculate`.
    """
    if engine is None:
        from xlhedge.recalc.embedded import EmbeddedEngine

        engine = EmbeddedEngine()
    report.engine = engine.name
    worksheets = read_cells(package)
    report.formulas = sum(len(one.formulas) for one in worksheets)
    ours = [one.formulas for one in worksheets if name_ours(one.formulas.whole)]
    texts = (text for formulas in ours for _, text in formulas.texts())
    report.calls = sum(map(lru_cache(maxsize=256)(calls_ours), texts))
    clock.begin("calculating")
    results = engine.evaluate(package)
    for worksheet in worksheets:
        sheet = worksheet.sheet.name
        for place, value in results.sheets.setdefault(sheet, SheetResults()).values.items():
            if value is None and place in worksheet.formulas:
                results.kept[sheet, place] = "got no value from the engine"
    clock.begin("patching")
    report.errors = problems(package, results)
    report.kept = {_named(cell): reason for cell, reason in results.kept.items()}
    report.depending = {_named(cell): _named(kept) for cell, kept in results.depending.items()}
    report.outdated = [_named(cell) for cell in outdated(package, results, changed)]
    report.unsupported = {
        name: [_named(place) for place in places] for name, places in results.unsupported.items()
    }
    report.withheld = withhold(package, results)
    errors = [(one.sheet, parse_address(one.address)) for one in report.errors]
    report.failing = list(map(_named, _unexpected(package, [*errors, *results.kept])))
    kept = keep(package, results)
    patches = [Patch(one, results.sheets[one.sheet.name]) for one in worksheets]
    report.changed = any(one.is_needed() for one in patches)
    if report.changed:
        if kept is not None:
            results.sheets[kept.sheet].values[kept.place] = sentence(engine.name, shipped)
        for one in patches:
            if one.is_needed():
                one.write()


def _unexpected(package: Package, cells: Iterable[CellName]) -> list[CellName]:
    """Cells, each once, without those whose errors are expected."""
    expected = [
        (sheet, parse_area(text))
        for name in package.defined_names
        if name.name.lower().startswith(_EXPECTED)
        for sheet, text in references(tokenize(name.text))
    ]
    return [
        (sheet, place)
        for sheet, place in dict.fromkeys(cells)
        if not any(owner == sheet and area.holds(place) for owner, area in expected)
    ]


def _named(cell: CellName) -> str:
    return f"{cell[0]}!{address(*cell[1])}"


class Clock:
    """Times the steps into `seconds`, and tells `progress` the name of each as it begins."""

    def __init__(self, seconds: dict[str, float], progress: Progress | None) -> None:
        self.seconds = seconds
        self.progress = progress
        self.step = ""
        self.started = 0.0

    def begin(self, step: str) -> None:
        """End the step at work and start the next."""
        self.end()
        self.step, self.started = step, time.perf_counter()
        if self.progress is not None:
            self.progress(step)

    def end(self) -> None:
        """Note the time of the step at work."""
        if self.step:
            self.seconds[self.step] = time.perf_counter() - self.started
        self.step = ""
