"""Why a cell shows an error, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, filterfalse, islice
from typing import NamedTuple

from xlhedge.formula.addresses import Area, address, area_or_none, sheet_of_prefix
from xlhedge.formula.structured import resolve
from xlhedge.formula.tokens import Kind, references, tokenize
from xlhedge.recalc.agreement import agree
from xlhedge.recalc.dependents import CellName, Lying
from xlhedge.recalc.engine import Results
from xlhedge.sheet.cells import CellError
from xlhedge.workbook.cells import cells_named, read_cells
from xlhedge.workbook.package import Package
from xlhedge.workbook.reading import Address, Formula

_SENTENCES = {
    CellError.NULL: "two ranges that should cross do not",
    CellError.DIV0: "a division by zero, or statistics of too few numbers",
    CellError.VALUE: "a text or a range where a number is needed",
    CellError.REF: "a reference to cells that do not exist",
    CellError.NAME: "a name or function that is not known",
    CellError.NUM: "a number outside the function's domain, or no convergence",
    CellError.NA: "a value that was looked for was not found",
    CellError.SPILL: "the result does not fit: other cells are in its way",
    CellError.CALC: "an array without any element",
}


class CellProblem(NamedTuple):
    """A cell that shows an error."""

    sheet: str
    address: str
    formula: str
    error: CellError
    reason: str

    def __str__(self) -> str:
        """One line for a report."""
        return f"{self.sheet}!{self.address} {self.error}: {self.reason}"


def problems(package: Package, results: Results) -> list[CellProblem]:
    """Every formula cell with an error, sheet by sheet, and why."""
    lying, names = _errors(package, results), _Names(package)
    found = []
    for worksheet in read_cells(package):
        sheet = worksheet.sheet.name
        given = results.sheets[sheet]
        values, anchors = given.values, given.anchors(worksheet)
        shown = {place: one for place, one in values.items() if isinstance(one, CellError)}
        for place, error in sorted(shown.items()):
            formula = worksheet.formulas[anchors.get(place, place)]
            key = (sheet, formula.address)
            sentence = (
                results.circular.get(key)
                or _source(names.areas(formula, sheet), formula, sheet, error, lying[error])
                or results.reasons.get(key)
                or _SENTENCES[error]
            )
            found.append(CellProblem(sheet, address(*place), f"={formula.text}", error, sentence))
    return found


def _errors(package: Package, results: Results) -> dict[CellError, Lying]:
    """All cells with an error, from formulas and typed in."""
    alike: dict[CellError, list[CellName]] = {}
    for worksheet in read_cells(package):
        name = worksheet.sheet.name
        values = results.sheets[name].values
        typed = (
            (place, worksheet.stored(place))
            for place in worksheet.errors
            if place not in values and place not in worksheet.filled
        )
        for place, value in chain(values.items(), typed):
            if isinstance(value, CellError):
                alike.setdefault(value, []).append((name, place))
    return {error: Lying(cells) for error, cells in alike.items()}


def outdated(
    package: Package, results: Results, changed: Iterable[tuple[str, Area]] = ()
) -> list[tuple[str, Address]]:
    """The kept cells that read a changed cell, directly or through other formulas.

    Changed are the areas given, and what has another value than the file held before.
    """
    if not results.kept:
        return []
    names = _Names(package)
    areas = list(changed)
    for worksheet in read_cells(package):
        values = results.sheets[worksheet.sheet.name].values
        for place in worksheet.formulas:
            if place in values and not agree(worksheet.stored(place), values[place]):
                areas.append((worksheet.sheet.name, Area(*place, *place)))
    return [
        (sheet, place)
        for sheet, place in results.kept
        if any(
            owner == other and area.overlaps(one)
            for other, area in names.areas(cells_named(package, sheet).formulas[place], sheet)
            for owner, one in areas
        )
    ]


class _Names:
    """What tables and names stand for."""

    def __init__(self, package: Package) -> None:
        self.tables = package.tables
        self._names = {
            (one.name.lower(), one.sheet): [*tokenize(one.text)] for one in package.defined_names
        }

    def areas(self, formula: Formula, sheet: str) -> Iterator[tuple[str, Area]]:
        """Sheet and area of each reference, also through tables and names."""
        for token in tokenize(formula.text):
            name, tokens = token.text.lower(), [token]
            if token.kind is Kind.TABLE or (token.kind is Kind.NAME and name in self.tables):
                tokens = [*tokenize(resolve(token.text, self.tables, sheet, *formula.address))]
            elif token.kind is Kind.NAME:
                tokens = self._names.get((name, sheet)) or self._names.get((name, None), [])
            for other, text in references(tokens):
                area = area_or_none(text)
                if area is not None:  # it may lie beyond the sheet's last row or column
                    yield other or sheet_of_prefix(token.sheet) or sheet, area


def _source(
    areas: Iterable[tuple[str, Area]], formula: Formula, sheet: str, error: CellError, lying: Lying
) -> str | None:
    """That the error comes from the first cell that the formula refers to and that shows it."""
    if error is CellError.SPILL:
        return None
    for other, area in areas:
        columns = lying.inside(other, area)
        if other == sheet:
            columns = (filterfalse(formula.area.holds, column) for column in columns)
        found = min((one for column in columns for one in islice(column, 1)), default=None)
        if found is not None:
            return f"comes from {other}!{address(*found)}"
    return None
