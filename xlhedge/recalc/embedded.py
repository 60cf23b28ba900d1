"""The embedded engine: formualizer with our functions."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

import formualizer

from xlhedge.catalog import explain
from xlhedge.errors import FileError
from xlhedge.formula.addresses import address, parse_area, quote_sheet
from xlhedge.formula.lowering import CALL, FIT, LIFT, CallSite, Lowering, Outside, fitted
from xlhedge.recalc import scratch
from xlhedge.recalc.engine import Results
from xlhedge.recalc.reduced import reduced
from xlhedge.sheet.cells import Cell, CellError, serial
from xlhedge.workbook.package import Package
from xlhedge.workbook.patch import SheetResults
from xlhedge.workbook.worksheet import Address, Extent, Worksheet, read_worksheets

_FROM_KIND = {
    "Div": CellError.DIV0,
    "Na": CellError.NA,
    "Name": CellError.NAME,
    "Null": CellError.NULL,
    "Num": CellError.NUM,
    "Ref": CellError.REF,
    "Value": CellError.VALUE,
    "Spill": CellError.SPILL,
    "Calc": CellError.CALC,
    "NImpl": CellError.NAME,
    # Excel shows 0 and a warning; a zero in a hedge would be taken for an answer.
    "Circ": CellError.NUM,
}
_TO_KIND = {
    error: kind for kind, error in reversed(_FROM_KIND.items()) if kind not in ("NImpl", "Circ")
}
_CELL_REASONS = {
    "NImpl": "the formula uses something that the embedded engine does not know",
    "Circ": "the formula depends on its own result (circular reference)",
}
_LONGEST_TEXT = 32_767
_DAYS_TO_1904 = 1462


class EmbeddedEngine:
    """Calculates a workbook inside the Python process."""

    name = "embedded"

    def evaluate(self, package: Package, worksheets: list[Worksheet] | None = None) -> Results:
        """Values of all formulas."""
        return Session(package, worksheets).results()


class Session:
    """A loaded workbook whose inputs can be changed and calculated again.

    Parameters
    ----------
    package
        The workbook; it is not changed.
    worksheets
        Its worksheets, where they have been read before.

    Examples
    --------
    >>> from pathlib import Path
    >>> session = Session(Package.open(Path("book.xlsx")))  # doctest: +SKIP
    >>> session.set_value("Inputs", "B2", 70000.0)  # doctest: +SKIP
    >>> session.value("Dashboard", "C4")  # doctest: +SKIP
    -3.0
    """

    def __init__(self, package: Package, worksheets: list[Worksheet] | None = None) -> None:
        self._package = package
        self._sheets = worksheets or read_worksheets(package)
        names = package.defined_names
        self._lowering = Lowering(package.tables, names)
        self._kept: dict[tuple[str, Address], str] = {}
        self._formulas = self._lowered()
        self._reasons: dict[int, tuple[CellError | None, str]] = {}
        self._own = {sheet.sheet.name: sheet.with_content for sheet in self._sheets}
        self._dirty = True
        self._names = [
            name._replace(text=text)
            for name in names
            if (text := self._lowering.name(name)) is not None
        ]
        self._book = self._load()

    def _lowered(self) -> dict[tuple[str, Address], str]:
        found = {}
        for worksheet in self._sheets:
            sheet = worksheet.sheet.name
            for place, formula in worksheet.formulas.items():
                if formula.extent is Extent.DATA_TABLE:
                    self._kept[sheet, place] = "is a what-if data table"
                    continue
                try:
                    text = self._lowering.formula(
                        formula.text, sheet, *place, array=formula.extent is not Extent.CELL
                    )
                except Outside as problem:
                    self._kept[sheet, place] = str(problem)
                    continue
                except RecursionError:
                    self._kept[sheet, place] = "is nested too deeply"
                    continue
                if formula.extent is Extent.FIXED:
                    text = fitted(text, formula.area.height, formula.area.width)
                found[sheet, place] = text
        return found

    def copy(self) -> bytes:
        """The workbook that the engine loads: its cells, names and lowered formulas only."""
        return reduced(self._package, self._sheets, self._formulas, self._names)

    def _load(self) -> Any:
        content = self.copy()
        try:
            book = formualizer.Workbook.from_bytes(content, config=self._configuration())
        except Exception as problem:
            raise FileError(
                f"{self._package.name} cannot be calculated by the embedded engine: {problem}"
            ) from problem
        book.set_temporal_egress("serial")
        for helper, function in (
            (CALL, self._call), (FIT, _fit), (LIFT, _lift),
        ):  # fmt: skip
            book.register_function(helper, function, min_args=0)
        return book

    def _configuration(self) -> Any:
        """The engine reads iteration from the file, but not the calendar."""
        evaluation = formualizer.EvaluationConfig()
        if self._package.counts_from_1904:
            evaluation.date_system = "1904"
        evaluation.max_eval_time_ms = int(self._package.limits.seconds * 1000)
        return formualizer.WorkbookConfig(eval_config=evaluation)

    def _call(self, number: float, *given: Any) -> Any:
        """What the engine calls for a function of ours."""
        site: CallSite = self._lowering.sites[int(number)]
        cells = [_cell_or_rows(item) for item in given]
        for position in sorted(site.skipped):
            cells.insert(position, None)
        outcome = explain(site.function, *cells)
        if outcome.reason:
            first = outcome.value if isinstance(outcome.value, CellError) else None
            self._reasons[int(number)] = first, outcome.reason
        else:
            self._reasons.pop(int(number), None)
        return _raw(outcome.value)

    def _evaluate(self) -> None:
        if not self._dirty:
            return
        self._evaluate_all()
        narrowed = False
        for sheet, place in self._lowering.suspects:
            if self._overflows(sheet, place):
                text = self._formulas[sheet, place] = fitted(self._formulas[sheet, place], 1, 1)
                self._book.set_formula(sheet, *place, f"={text}")
                narrowed = True
        if narrowed:
            self._evaluate_all()
        self._dirty = False

    def _evaluate_all(self) -> None:
        try:
            self._book.evaluate_all()
        except formualizer.ExcelEvaluationError as problem:
            if "deadline" in str(problem):
                limit = self._package.limits.seconds
                sentence = f"takes longer than {limit:g} s to calculate (XLHEDGE_MAX_SECONDS)"
                raise FileError(f"{self._package.name} {sentence}") from None
            raise FileError(
                f"{self._package.name} cannot be calculated by the embedded engine: {problem}"
            ) from problem

    def _overflows(self, sheet: str, place: Address) -> bool:
        """Whether a formula that shows one value in Excel has filled more cells here."""
        text = self._formulas.get((sheet, place), FIT)
        if text.startswith(FIT):
            return False
        if _kind(self._book.get_value(sheet, *place)) == "Spill":
            return True
        # To look at the engine's spill takes longer than to look whether there is room for one.
        return self._may_be_filled(sheet, place) and self._spill(sheet, place) is not None

    def _may_be_filled(self, sheet: str, place: Address) -> bool:
        """Whether the cell below or to the right holds a value that is none of its own."""
        row, column = place
        return any(
            beside not in self._own[sheet] and self._book.get_value(sheet, *beside) is not None
            for beside in ((row + 1, column), (row, column + 1))
        )

    def _spill(self, sheet: str, place: Address) -> tuple[int, int] | None:
        where = f"{quote_sheet(sheet)}!{address(*place)}"
        role = self._book.inspect_cell(where, include_values=False).cell.spill
        if role is None or not role.extent:
            return None
        area = parse_area(role.extent.rpartition("!")[2])
        return area.height, area.width

    def set_value(self, sheet: str, place: str, value: Cell) -> None:
        """Put a value into a cell; a formula there is gone for this session.

        Parameters
        ----------
        sheet
            Name of the sheet.
        place
            Address such as B7.
        value
            A number, a text, a bool, a date, or None to empty the cell.
        """
        area = parse_area(place)
        self._formulas.pop((sheet, (area.top, area.left)), None)
        raw = value
        if isinstance(value, date):
            raw = serial(value) - (_DAYS_TO_1904 if self._package.counts_from_1904 else 0)
        self._book.set_value(sheet, area.top, area.left, raw)
        self._dirty = True

    def value(self, sheet: str, place: str) -> Cell | list[list[Cell]]:
        """Value of a cell, or of a range as a list of rows, after all changes."""
        self._evaluate()
        area = parse_area(place)
        rows = [
            [
                _cell(self._book.get_value(sheet, row, column))
                for column in range(area.left, area.right + 1)
            ]
            for row in range(area.top, area.bottom + 1)
        ]
        return rows if ":" in place else rows[0][0]

    def results(self) -> Results:
        """Values of all formulas after all changes."""
        self._evaluate()
        results = Results(kept=self._kept, unsupported=self._unsupported())
        for worksheet in self._sheets:
            sheet = worksheet.sheet.name
            found = results.sheets[sheet] = SheetResults()
            for place, formula in worksheet.formulas.items():
                if (sheet, place) not in self._formulas:
                    continue
                height, width = formula.area.height, formula.area.width
                if formula.extent is Extent.DYNAMIC:
                    height, width = self._spill(sheet, place) or (1, 1)
                    found.spills[place] = height, width
                for row in range(place[0], place[0] + height):
                    for column in range(place[1], place[1] + width):
                        raw = self._book.get_value(sheet, row, column)
                        found.values[row, column] = _cell(raw)
                reason = _CELL_REASONS.get(_kind(self._book.get_value(sheet, *place)))
                if reason:
                    results.reasons[sheet, place] = reason
        for number, (_, reason) in self._reasons.items():
            site = self._lowering.sites[number]
            results.reasons.setdefault((site.sheet, (site.row, site.column)), reason)
        return results

    def _unsupported(self) -> dict[str, list[tuple[str, Address]]]:
        """Functions that formualizer answers with #NAME?, tried in an empty workbook."""
        book = formualizer.Workbook()
        book.add_sheet("Probe")
        unknown = {}
        for name, cells in sorted(self._lowering.functions.items()):
            if name in ("LAMBDA", "SINGLE") or name.startswith("_XLPM."):
                continue
            book.set_formula("Probe", 1, 1, f"={name}()")
            book.evaluate_all()
            if _kind(book.get_value("Probe", 1, 1)) == "Name":
                unknown[name] = sorted(cells)
        return unknown


def _kind(raw: Any) -> str:
    return str(raw.get("kind", "Value")) if isinstance(raw, dict) else ""


def _cell_or_rows(raw: Any) -> Any:
    if not isinstance(raw, list):
        return _cell(raw)
    if _are_numbers(raw) and math.isfinite(sum(chain.from_iterable(raw))):
        return raw
    return [[_cell(item) for item in row] for row in raw]


def _are_numbers(rows: list[list[Any]]) -> bool:
    """Whether every item is a float: what nearly all long ranges are."""
    return set(map(type, chain.from_iterable(rows))) == {float}


def _cell(raw: Any) -> Cell:
    """A value of the engine as a cell."""
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, (int, float)):
        number = float(raw)
        return number if number - number == 0.0 else CellError.NUM
    if isinstance(raw, str):
        return raw if len(raw) <= _LONGEST_TEXT else CellError.VALUE
    if isinstance(raw, dict):
        return _FROM_KIND.get(_kind(raw), CellError.VALUE)
    if isinstance(raw, timedelta):
        return raw.total_seconds() / 86400
    if isinstance(raw, time):
        return (raw.hour * 3600 + raw.minute * 60 + raw.second) / 86400
    if isinstance(raw, date):
        return serial(raw)
    return CellError.VALUE


def _raw(value: Any) -> Any:
    """A cell, or rows of cells, as the engine takes them; a blank shows as empty text."""
    if isinstance(value, list):
        return value if _are_numbers(value) else [[_raw(item) for item in row] for row in value]
    if value is None:
        return ""
    if isinstance(value, CellError):
        return {"type": "Error", "kind": _TO_KIND[value]}
    if isinstance(value, datetime):
        return serial(value)
    return value


def _fit(value: Any, height: float, width: float) -> Any:
    """An array cut or repeated to a size, as an array formula of fixed size shows it."""
    rows = value if isinstance(value, list) else [[value]]
    missing = {"type": "Error", "kind": "Na"}
    fitted_rows = []
    for number in range(int(height)):
        row = rows[0] if len(rows) == 1 else rows[number] if number < len(rows) else []
        fitted_rows.append(
            [
                row[0] if len(row) == 1 else row[place] if place < len(row) else missing
                for place in range(int(width))
            ]
        )
    if height == width == 1:
        return 0.0 if fitted_rows[0][0] is None else fitted_rows[0][0]
    return fitted_rows


def _lift(function: str, mask: str, *given: Any) -> Any:
    return scratch.apply(function, mask, given)
