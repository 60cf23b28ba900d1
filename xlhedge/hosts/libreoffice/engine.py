"""LibreOffice Calc as an engine: another spreadsheet's arithmetic under the same functions."""

from __future__ import annotations

import json
import os
import time
from importlib.resources import files
from typing import Any

import xlhedge
from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area
from xlhedge.formula.rewriting import Outside, Place
from xlhedge.hosts.libreoffice.bridge import CODES
from xlhedge.hosts.libreoffice.dialect import CalcRewriting, qualified
from xlhedge.hosts.libreoffice.extension import components, pack
from xlhedge.hosts.libreoffice.launch import Office, find, package_folders, workplace
from xlhedge.recalc.dependents import CellName
from xlhedge.recalc.engine import Results
from xlhedge.recalc.reduced import reduced
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.package import Package
from xlhedge.workbook.patch import SheetResults
from xlhedge.workbook.reading import Extent

_SERVICE = "org.xlhedge.calc.Driver"
_MOST_RUNS = 6
_COLUMN = 2**21  # more than a sheet has rows: a size is rows + columns * this
_ERRORS = {
    **{code: error for error, code in CODES.items()},
    # A number outside a function's domain, a circular reference, no convergence.
    502: CellError.NUM,
    522: CellError.NUM,
    523: CellError.NUM,
    533: CellError.CALC,
}


class CalcEngine:
    """Calculates a workbook in LibreOffice Calc.

    Parameters
    ----------
    addin
        The add-in with our functions: the bytes of `xlhedge.oxt`.
    seconds
        How long LibreOffice may take for a workbook, all runs together, before it is stopped.
    """

    name = "calc"

    def __init__(self, addin: bytes, *, seconds: float = 300.0) -> None:
        text = files("xlhedge.hosts.libreoffice").joinpath("driver.py").read_text(encoding="utf-8")
        parts = {"driver.components": components(_SERVICE, "driver.py"), "driver.py": text}
        title = "xlhedge: calculation without a window"
        self._extensions = addin, pack("org.xlhedge.calc.driver", title, parts)
        self._seconds = seconds

    def evaluate(self, package: Package) -> Results:
        """Values of all formulas.

        Notes
        -----
        Calc gives an array formula as many cells as the file says. So the size of each dynamic
        array is asked for beside the values, and where one differs from the file's, the workbook
        is calculated again with the new sizes.
        """
        office = find()
        book = _Book(package)
        end = time.monotonic() + self._seconds
        for _ in range(_MOST_RUNS):
            content, asked = book.rewritten()
            told = self._run(office, content, max(end - time.monotonic(), 0.1))
            if not book.learn(asked, told[-1]):
                break
        return book.results(told)

    def _run(self, office: Office, content: bytes, seconds: float) -> list[list[list[Any]]]:
        """The rows of values of each sheet."""
        environment = {"XLHEDGE_PYTHONPATH": os.pathsep.join(package_folders())}
        with workplace(*self._extensions) as place:
            workbook = place.folder / "workbook.xlsx"
            workbook.write_bytes(content)
            environment["XLHEDGE_JOB"] = str(workbook)
            place.run(office, f"service:{_SERVICE}", seconds=seconds, environment=environment)
            values = workbook.with_suffix(".json")
            if not values.is_file():
                raise FileError("LibreOffice ended without giving values")
            told = json.loads(values.read_text(encoding="utf-8"))
        if "problem" in told:
            raise FileError(f"LibreOffice could not calculate: {told['problem']}")
        sheets: list[list[list[Any]]] = told["sheets"]
        return sheets


class _Book:
    """A workbook on its way through Calc."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.sheets = {cells.sheet.name: cells for cells in read_cells(package)}
        self.kept: dict[CellName, str] = {}
        self.formulas = {
            (sheet, place): formula
            for sheet, cells in self.sheets.items()
            for place in cells.formulas
            if (formula := cells.formulas[place]).extent is not Extent.DATA_TABLE
        }
        self.areas = {
            anchor: formula.area
            for anchor, formula in self.formulas.items()
            if formula.extent is not Extent.CELL
        }
        self.blocked: set[CellName] = set()
        self.unknown: dict[str, list[CellName]] = {}

    def rewritten(self) -> tuple[bytes, list[CellName | str]]:
        """The workbook for Calc, and what is asked beside its formulas.

        Asked are the size of a dynamic array (its cell) and whether Calc knows a function (its
        name).
        """
        called = {sheet.name: sheet.name for sheet in self.package.sheets}
        rewriting = CalcRewriting(
            self.package.tables,
            self.package.defined_names,
            called,
            lambda name: name not in self.unknown,
        )
        rewriting.filled = self.areas
        texts: dict[CellName, str] = {}
        self.unknown = {name: [] for name in self.unknown}
        asked: dict[CellName | str, str] = {}
        for anchor, formula in self.formulas.items():
            place, array = Place(anchor[0], *anchor[1]), formula.extent is not Extent.CELL
            try:
                text = rewriting.rewritten(formula.text, place, array=array).at(*anchor[1])
            except Outside as problem:
                self.kept[anchor] = str(problem)
                if problem.function in self.unknown:
                    self.unknown[problem.function].append(anchor)
                continue
            texts[anchor] = "#VALUE!" if anchor in self.blocked else text
            if formula.extent is Extent.DYNAMIC:
                text = qualified(text, anchor[0])
                asked[anchor] = f"ROWS({text})+{_COLUMN}*COLUMNS({text})"
        for name, call in rewriting.functions.items():
            if name not in self.unknown:
                asked[name] = f"{call}()"
        content = reduced(
            self.package,
            lambda cells: [texts.get((cells.sheet.name, place)) for place in cells.formulas],
            rewriting.plain_names(),
            called=called,
            iterates=True,
            arrays=self.areas,
            probes=["XLHEDGE_VERSION()", *asked.values()],
        )
        return content, list(asked)

    def learn(self, asked: list[CellName | str], told: list[list[Any]]) -> bool:
        """Take in what Calc told beside the values; return whether it must calculate again."""
        version, *answers = (_cell(told, row, 1) for row in range(1, len(asked) + 2))
        if version != xlhedge.__version__:
            raise FileError(f"the add-in cannot be used in LibreOffice: {version}")
        before = dict(self.areas), self.blocked, set(self.unknown)
        arrays = []
        for question, answer in zip(asked, answers, strict=True):
            if not isinstance(question, str):
                size = int(answer) if isinstance(answer, float) else _COLUMN + 1
                self.areas[question] = Area.of(question[1], size % _COLUMN, size // _COLUMN)
                arrays.append(question)
            elif answer is CellError.NAME:
                self.unknown[question] = []
        self.blocked = set()
        for anchor in arrays:
            if self._is_blocked(anchor):
                self.blocked.add(anchor)
                self.areas[anchor] = Area.of(anchor[1], 1, 1)
        return before != (self.areas, self.blocked, set(self.unknown))

    def _is_blocked(self, anchor: CellName) -> bool:
        """Whether a result would cover a cell that holds something else."""
        sheet, area = anchor[0], self.areas[anchor]
        if area.is_cell:
            return False
        cells = self.sheets[sheet]
        for _, row, column in cells.cells.within(area):
            place = row, column
            if place == anchor[1] or place in cells.filled:
                continue
            if place in cells.formulas or not cells.is_blank(place):
                return True
        return any(
            other != anchor and other[0] == sheet and area.overlaps(covered)
            for other, covered in self.areas.items()
        )

    def results(self, told: list[list[list[Any]]]) -> Results:
        """The values of all formulas, by the sheets' order in the workbook."""
        sheets = {sheet: SheetResults() for sheet in self.sheets}
        for (sheet, place), formula in self.formulas.items():
            anchor, found = (sheet, place), sheets[sheet]
            if anchor in self.kept:
                continue
            if anchor in self.blocked:
                found.values[place] = CellError.SPILL
                continue
            area = self.areas.get(anchor, formula.area)
            if formula.extent is Extent.DYNAMIC:
                found.spills[place] = area.height, area.width
            rows = told[self.sheets[sheet].sheet.position]
            for cell in area.cells():
                found.values[cell] = _cell(rows, *cell)
        return Results(sheets, kept=self.kept, unsupported=self.unknown)


def _cell(rows: list[list[Any]], row: int, column: int) -> Cell:
    """The value of a cell; None beyond the last cell in use."""
    if row > len(rows) or column > len(rows[row - 1]):
        return None
    value: Any = rows[row - 1][column - 1]
    return _ERRORS.get(value["error"], CellError.VALUE) if isinstance(value, dict) else value
