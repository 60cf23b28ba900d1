"""The embedded engine: formualizer with our functions."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache, partial
from typing import Any

import formualizer

from xlhedge.catalog import CATALOG
from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area, address, parse_area, quote_sheet, sheet_of_prefix
from xlhedge.formula.copying import Pattern
from xlhedge.formula.rewriting import Outside, Place, calls_ours
from xlhedge.recalc.callbacks import FIT, Callbacks
from xlhedge.recalc.conversion import cell_of, kind_of, raw_of
from xlhedge.recalc.cures import Curing
from xlhedge.recalc.dependents import CellName, circles, depending
from xlhedge.recalc.engine import Results
from xlhedge.recalc.functions import FUNCTIONS
from xlhedge.recalc.reduced import reduced
from xlhedge.sheet.cells import Cell, CellError, serial
from xlhedge.workbook.cells import Cells, filters, read_cells
from xlhedge.workbook.held import Values
from xlhedge.workbook.package import Package
from xlhedge.workbook.patch import SheetResults
from xlhedge.workbook.reading import Address, Extent, Formula
from xlhedge.workbook.values import DAYS_TO_1904

_UNKNOWN = "the formula uses something that the embedded engine does not know"
_NAMELESS = Pattern("#NAME?")
_MOST_CIRCLES, _MOST_REFUSED = 20, 20
_DEFAULT_SHEET = "Sheet1"


class _Refused(FileError):
    """The engine does not take a book."""

    def __init__(self, package: Package, problem: Exception) -> None:
        super().__init__(f"{package.name} cannot be calculated by the embedded engine: {problem}")
        self.problem = problem


class EmbeddedEngine:
    """Calculates a workbook inside the Python process."""

    name = "embedded"

    def evaluate(self, package: Package) -> Results:
        """Values of all formulas."""
        return LoadedWorkbook(package).results()


@lru_cache(maxsize=4096)
def knows(function: str) -> bool:
    """Whether formualizer, with our cures, calculates a function; tried in an empty workbook."""
    if function in CATALOG or function in FUNCTIONS or function in ("LAMBDA", "SINGLE"):
        return True
    book = formualizer.Workbook()
    book.add_sheet("Probe")
    try:
        book.set_formula("Probe", 1, 1, f"={function}()")
        book.evaluate_all()
    except Exception:
        return False
    return kind_of(book.get_value("Probe", 1, 1)) not in ("Name", "NImpl")


class LoadedWorkbook:
    """A loaded workbook whose inputs can be changed and calculated again.

    The package is not changed.

    Examples
    --------
    >>> from pathlib import Path
    >>> loaded = LoadedWorkbook(Package.open(Path("book.xlsx")))  # doctest: +SKIP
    >>> loaded.set_value("Inputs", "B2", 70000.0)  # doctest: +SKIP
    >>> loaded.value("Dashboard", "C4")  # doctest: +SKIP
    -3.0
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self._cells = {one.sheet.name: one for one in read_cells(package)}
        # The engine keeps a sheet of its own beside one whose name differs in case only.
        self._called = {
            sheet.name: _DEFAULT_SHEET if sheet.name.lower() == "sheet1" else sheet.name
            for sheet in package.sheets
        }
        self._names_of = {called: name for name, called in self._called.items()}
        self._rewriting = Curing(package.tables, package.defined_names, self._called, knows)
        sheets = list(self._cells.values())
        self._rewriting.sees(sheets, filters(package, sheets))
        self._kept: dict[CellName, str] = {}
        self._unknown: dict[CellName, str] = {}
        self._unsupported: dict[str, list[CellName]] = {}
        self._written: dict[str, Values] = {}
        """By sheet what each formula became; None for those that keep their values."""
        self._rewrite()
        self._callbacks = Callbacks(from_1904=package.counts_from_1904)
        self._changed = False
        self._circular: dict[CellName, str] | None = None
        self._book = self._load()

    def _rewrite(self) -> None:
        for sheet, cells in self._cells.items():
            arrays = cells.formulas.arrays
            found = self._written[sheet] = Values(cells.formulas)
            for index, (place, text) in enumerate(cells.formulas.texts()):
                key, array, written = (sheet, place), arrays.get(place), None
                if array is not None and array.extent is Extent.DATA_TABLE:
                    self._kept[key] = "is a what-if data table"
                else:
                    try:
                        written = self._rewriting.rewritten(
                            text, Place(sheet, *place), array=array is not None
                        )
                    except Outside as problem:
                        if problem.function:
                            self._unsupported.setdefault(problem.function, []).append(key)
                        written = self._instead(key, str(problem))
                found.put(index, written)

    def _instead(self, key: CellName, reason: str) -> Pattern | None:
        """Let a cell keep its stored value; one that has none shows #NAME?."""
        if self._stored(key) is None:
            self._unknown[key] = f"the formula {reason}"
            return _NAMELESS
        self._kept[key] = reason
        return None

    def written(self) -> Iterator[tuple[CellName, Pattern]]:
        """The formula cells that are calculated, sheet by sheet."""
        for sheet, formulas in self._written.items():
            for place, written in formulas.items():
                if written is not None:
                    yield (sheet, place), written

    def written_at(self, key: CellName) -> Pattern | None:
        """What a cell's formula became; None where it has none or keeps its value."""
        sheet, place = key
        written: Pattern | None = self._written[sheet].get(place)
        return written

    def _formula(self, written: Pattern, place: Address, array: Formula | None) -> str:
        """A cell's formula as the engine gets it."""
        text = written.at(*place)
        if array is not None and array.extent is Extent.FIXED:
            return f"{FIT}({text},{array.area.height},{array.area.width})"
        return text

    def _texts(self, cells: Cells, only: Container[Pattern] | None) -> Iterator[str | None]:
        """The formulas of a sheet for the engine; None for cells that keep their values."""
        arrays = cells.formulas.arrays
        for place, written in self._written[cells.sheet.name].items():
            if written is None or (only is not None and written not in only):
                yield None
            else:
                yield self._formula(written, place, arrays.get(place))

    def copy(self, only: Container[Pattern] | None = None) -> bytes:
        """The workbook that the engine loads: its cells and rewritten formulas only.

        `only` are the formulas that it gets, with their copies; all where it is left out.
        """
        names = self._rewriting.plain_names() if "INDIRECT" in self._rewriting.functions else []
        texts = partial(self._texts, only=only)
        return reduced(self._package, texts, names, called=self._called)

    def _load(self) -> Any:
        """The book in the engine, calculated; formulas that it cannot take keep their values."""
        for _ in range(_MOST_REFUSED):
            try:
                book = self._engine()
                self._calculate(book)
            except _Refused as problem:
                self._keep_refused(problem.problem)
            else:
                return book
        return self._engine()

    def _engine(self, only: Container[Pattern] | None = None) -> Any:
        try:
            book = formualizer.Workbook.from_bytes(self.copy(only), config=self._configuration())
        except Exception as problem:
            raise _Refused(self._package, problem) from problem
        book.set_temporal_egress("serial")
        self._callbacks.register(book, self._rewriting.called)
        return book

    def _keep_refused(self, problem: Exception) -> None:
        """Find the formula that the engine does not take, by halves, and keep its value."""
        copies: dict[Pattern, list[CellName]] = {}
        for key, written in self.written():
            copies.setdefault(written, []).append(key)
        suspects = list(copies)
        while len(suspects) > 1:
            half = suspects[: len(suspects) // 2]
            try:
                self._calculate(self._engine(frozenset(half)))
                suspects = suspects[len(suspects) // 2 :]
            except _Refused:
                suspects = half
        reason = f"is not taken by the engine ({problem})"
        for sheet, place in [key for one in suspects for key in copies[one]]:
            self._written[sheet][place] = self._instead((sheet, place), reason)

    def _configuration(self) -> Any:
        evaluation = self._callbacks.configuration()
        # A circle through a branch that is not taken, or through ROW of the own cell, is none.
        evaluation.cycle_detection = "runtime"
        evaluation.max_eval_time_ms = int(self._package.limits.seconds * 1000)
        # Python takes one call at a time: threads would wait for each other, and ask twice.
        evaluation.enable_parallel = self._rewriting.called.isdisjoint({*CATALOG, *FUNCTIONS})
        return formualizer.WorkbookConfig(eval_config=evaluation)

    def _evaluate(self) -> None:
        if self._changed:
            self._calculate(self._book)
            self._changed = False
        if self._circular is None:
            self._circular = self._circles()

    def _calculate(self, book: Any) -> None:
        try:
            book.evaluate_all()
        except formualizer.ExcelEvaluationError as problem:
            if "deadline" in str(problem):
                limit = self._package.limits.seconds
                sentence = f"takes longer than {limit:g} s to calculate (XLHEDGE_MAX_SECONDS)"
                raise FileError(f"{self._package.name} {sentence}") from None
            raise _Refused(self._package, problem) from problem

    def _circles(self) -> dict[CellName, str]:
        """Cells that depend on their own result, with a sentence.

        Where the file allows iteration they keep their values, and what reads them is calculated.
        """
        found: dict[CellName, str] = {}
        for _ in range(_MOST_CIRCLES):
            suspects = [key for key, _ in self.written() if kind_of(self._raw(key)) == "Circ"]
            groups = list(circles(suspects, self.reads)) if suspects else []
            for group in groups:
                names = ", ".join(f"{sheet}!{address(*place)}" for sheet, place in group[:6])
                more = f" and {len(group) - 6} more" if len(group) > 6 else ""
                for key in group:
                    found[key] = f"circular reference through {names}{more}"
            held = [key for group in groups for key in group if self._stored(key) is not None]
            if not held or not self._package.iterates:
                break
            for key in held:
                self._hold(key, f"is iterated in Excel: {found.pop(key)}")
            self._calculate(self._book)
        return found

    def _hold(self, key: CellName, reason: str) -> None:
        """Put a formula cell's stored value in its place."""
        sheet, place = key
        self._written[sheet][place] = None
        self._kept[key] = reason
        value = self._stored(key)
        if isinstance(value, CellError):
            self._book.set_formula(self._called[sheet], *place, f"={value}")
        else:
            self._book.set_value(self._called[sheet], *place, raw_of(value))

    def _stored(self, key: CellName) -> Cell:
        sheet, place = key
        return self._cells[sheet].stored(place)

    def reads(self, key: CellName) -> Iterable[tuple[str, Area]]:
        """The areas that a cell's formula refers to, by the sheets' names in the file."""
        sheet, place = key
        written = self.written_at(key)
        if written is None:
            return
        for text, area in written.areas(*place):
            name = sheet_of_prefix(text)
            yield (self._names_of.get(name, name) if text else sheet), area

    def _raw(self, key: CellName) -> Any:
        sheet, place = key
        return self._book.get_value(self._called[sheet], *place)

    def _spill(self, sheet: str, place: Address) -> tuple[int, int] | None:
        where = f"{quote_sheet(self._called[sheet])}!{address(*place)}"
        role = self._book.inspect_cell(where, include_values=False).cell.spill
        if role is None or not role.extent:
            return None
        area = parse_area(role.extent.rpartition("!")[2])
        return area.height, area.width

    def set_value(self, sheet: str, place: str, value: Cell) -> None:
        """Put a value into a cell such as B7, or None to empty it; a formula there is gone."""
        area = parse_area(place)
        key = sheet, (area.top, area.left)
        self._written[sheet][key[1]] = None
        for known in (self._kept, self._unknown):
            known.pop(key, None)
        raw = value
        if isinstance(value, date):
            raw = serial(value) - (DAYS_TO_1904 if self._package.counts_from_1904 else 0)
        self._book.set_value(self._called[sheet], area.top, area.left, raw)
        self._changed, self._circular = True, None

    def value(self, sheet: str, place: str) -> Cell | list[list[Cell]]:
        """Value of a cell, or of a range as a list of rows, after all changes."""
        self._evaluate()
        area = parse_area(place)
        rows = [
            [cell_of(self._raw((sheet, (row, column)))) for column in area.columns]
            for row in area.rows
        ]
        return rows if ":" in place else rows[0][0]

    def results(self) -> Results:
        """Values of all formulas after all changes."""
        self._evaluate()
        results = Results(
            reasons=dict(self._unknown),
            kept=self._kept,
            depending=self._depending(),
            circular=self._circular or {},
            unsupported=self._unsupported,
        )
        for sheet, cells in self._cells.items():
            arrays = cells.formulas.arrays
            values = Values(cells.formulas)
            found = results.sheets[sheet] = SheetResults(values)
            get, called = self._book.get_value, self._called[sheet]
            for index, (place, written) in enumerate(self._written[sheet].items()):
                if written is None:
                    continue
                if place in arrays:
                    self._read_array(sheet, arrays[place], found)
                else:
                    values.put(index, cell_of(get(called, *place)))
        self._explain(results)
        return results

    def _read_array(self, sheet: str, formula: Formula, found: SheetResults) -> None:
        """The values of the cells that a formula fills."""
        if formula.extent is Extent.DYNAMIC:
            found.spills[formula.address] = self._spill(sheet, formula.address) or (1, 1)
        for cell in found.area(formula).cells():
            value = cell_of(self._raw((sheet, cell)))
            found.values[cell] = 0.0 if value is None else value

    def _depending(self) -> dict[CellName, CellName]:
        start = [*self._kept, *self._unknown]
        calculated = (key for key, _ in self.written())
        found = depending(start, calculated, self.reads) if start else {}
        return {cell: source for cell, source in found.items() if cell != source}

    def _explain(self, results: Results) -> None:
        """Find the sentences behind errors: each formula with an error is calculated once more."""
        for sheet, cells in self._cells.items():
            arrays = cells.formulas.arrays
            for place, error in results.sheets[sheet].errors(cells).items():
                written = self.written_at((sheet, place))
                if written is None:
                    continue
                if kind_of(self._raw((sheet, place))) == "NImpl":
                    results.reasons[sheet, place] = _UNKNOWN
                elif calls_ours(text := self._formula(written, place, arrays.get(place))):
                    said = self._reason(sheet, place, text, error)
                    if said is not None:
                        results.reasons[sheet, place] = said

    def _reason(self, sheet: str, place: Address, text: str, error: CellError) -> str | None:
        """What our functions say when one cell is calculated alone."""
        called = self._called[sheet]
        # One that reads its own cell is not taken twice, nor is one whose cells lead on and on.
        with self._callbacks.recording() as recorded, suppress(Exception):
            self._book.set_formula(called, *place, f"={text}")
            self._book.evaluate_cell(called, *place)
        same = [reason for value, reason in recorded if value is error]
        return next(iter([*same, *(reason for _, reason in recorded)]), None)
