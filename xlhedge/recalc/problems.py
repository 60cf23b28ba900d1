"""Why a cell shows an error, in a sentence."""

from __future__ import annotations

from typing import NamedTuple

from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW, address, parse_area
from xlhedge.formula.structured import resolve
from xlhedge.formula.tokens import Kind, Token, references, tokenize
from xlhedge.recalc.engine import Results
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.workbook.package import MAIN, Package
from xlhedge.workbook.worksheet import Address, Formula, Worksheet

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


class _Errors:
    """All cells with an error, from formulas and typed in."""

    def __init__(self, worksheets: list[Worksheet], results: Results) -> None:
        self.by_sheet: dict[str, dict[Address, CellError]] = {}
        for worksheet in worksheets:
            name = worksheet.sheet.name
            values = results.sheets[name].values if name in results.sheets else {}
            found = {
                place: value for place, value in values.items() if isinstance(value, CellError)
            }
            for place, cell in worksheet.cells.items():
                if cell.get("t") == "e" and place not in values:
                    error = _error(cell.findtext(f"{MAIN}v"))
                    if error is not None and place not in worksheet.filled:
                        found[place] = error
            self.by_sheet[name] = found

    def source(
        self, package: Package, formula: Formula, sheet: str, error: CellError
    ) -> str | None:
        """The first cell that the formula refers to and that shows the same error."""
        for other, text in _references(package, formula, sheet):
            errors = self.by_sheet.get(other)
            if not errors:
                continue
            try:
                area = parse_area(text)
            except ValueError:  # beyond the sheet's last row or column
                continue
            if area.height * area.width <= len(errors):
                places = [
                    (row, column)
                    for row in range(area.top, min(area.bottom, LAST_ROW) + 1)
                    for column in range(area.left, min(area.right, LAST_COLUMN) + 1)
                ]
            else:
                places = [place for place in errors if area.holds(place)]
            for place in places:
                is_itself = other == sheet and formula.area.holds(place)
                if errors.get(place) == error and not is_itself:
                    return f"{other}!{address(*place)}"
        return None


def problems(package: Package, worksheets: list[Worksheet], results: Results) -> list[CellProblem]:
    """Every formula cell with an error, sheet by sheet, and why."""
    errors = _Errors(worksheets, results)
    callers = {place: name for name, places in results.unsupported.items() for place in places}
    found = []
    for worksheet in worksheets:
        sheet = worksheet.sheet.name
        values: dict[Address, Cell] = (
            results.sheets[sheet].values if sheet in results.sheets else {}
        )
        anchors = _anchors(worksheet, results)
        for place, error in sorted(errors.by_sheet[sheet].items()):
            if place not in values:
                continue
            formula = worksheet.formulas[anchors.get(place, place)]
            reason = (
                errors.source(package, formula, sheet, error)
                if error is not CellError.SPILL
                else None
            )
            key = (sheet, formula.address)
            if reason is not None:
                sentence = f"comes from {reason}"
            elif key in results.reasons:
                sentence = results.reasons[key]
            elif error is CellError.NAME and key in callers:
                sentence = f"the function {callers[key]} is not known"
            else:
                sentence = _SENTENCES.get(error, str(error))
            found.append(CellProblem(sheet, address(*place), f"={formula.text}", error, sentence))
    return found


def _anchors(worksheet: Worksheet, results: Results) -> dict[Address, Address]:
    """The formula's cell of each cell that an array fills."""
    sheet = worksheet.sheet.name
    found = {}
    for place, formula in worksheet.formulas.items():
        height, width = formula.area.height, formula.area.width
        if sheet in results.sheets:
            height, width = results.sheets[sheet].spills.get(place, (height, width))
        if height * width > 1:
            for row in range(place[0], place[0] + height):
                for column in range(place[1], place[1] + width):
                    found[row, column] = place
    return found


def _references(package: Package, formula: Formula, sheet: str) -> list[tuple[str, str]]:
    """Sheet and A1 text of each reference, also through tables and names."""
    tables = package.tables
    tokens = []
    for token in tokenize(formula.text):
        if token.kind is Kind.TABLE or (token.kind is Kind.NAME and token.text.lower() in tables):
            text = resolve(token.text, tables, sheet, *formula.address)
            tokens.extend(tokenize(text))
        elif token.kind is Kind.NAME:
            tokens.extend(_name(package, token.text, sheet) or [token])
        else:
            tokens.append(token)
    return [(other or sheet, text) for other, text in references(tokens)]


def _name(package: Package, name: str, sheet: str) -> list[Token]:
    for defined in package.defined_names:
        if defined.name.lower() == name.lower() and defined.sheet in (None, sheet):
            return tokenize(defined.text)
    return []


def _error(text: str | None) -> CellError | None:
    try:
        return CellError(text or "")
    except ValueError:
        return None
