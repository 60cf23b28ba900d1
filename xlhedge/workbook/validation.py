"""Data validation: what a sheet lets a user enter into a cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from xlhedge.formula.addresses import Area, area_or_none
from xlhedge.formula.copying import shifted
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import Cells, cells_named
from xlhedge.workbook.reading import Address
from xlhedge.workbook.values import moment
from xlhedge.workbook.xml import is_on, local_name, ranges_of

_NUMBERS = ("whole", "decimal", "date", "time")
_LISTED = 20
_TRUTH = {"TRUE": True, "FALSE": False}
_WHAT = {
    "whole": "a whole number",
    "date": "a date",
    "time": "a time as part of a day",
    "textLength": "a text",
}
_COMPARED = {
    "equal": (eq, "equal to", "equal to"),
    "notEqual": (ne, "other than", "other than"),
    "greaterThan": (gt, "above", "after"),
    "lessThan": (lt, "below", "before"),
    "greaterThanOrEqual": (ge, "of at least", "no earlier than"),
    "lessThanOrEqual": (le, "of at most", "no later than"),
}
"""How a value is compared with a bound, and how a sentence says it of numbers and of dates."""


@dataclass(frozen=True)
class Rule:
    """What may be entered.

    Parameters
    ----------
    kind
        list, whole, decimal, date, time, textLength or custom.
    operator
        between, greaterThan, ...; without a meaning for lists and custom formulas.
    choices
        What a list offers, as its cells hold it; empty where it cannot be read from the file.
    low, high
        The first and the second bound; None where it is a formula that only a spreadsheet
        program judges.
    enforced
        Whether the sheet refuses what breaks the rule, or only warns.
    from_1904
        Whether the workbook counts days from 1904.
    moves
        Whether it refers to cells of its own row, so that the rule of another row is another one.
    """

    kind: str
    operator: str = "between"
    choices: tuple[Cell, ...] = ()
    low: Cell = None
    high: Cell = None
    enforced: bool = True
    from_1904: bool = False
    moves: bool = False

    @property
    def of_numbers(self) -> bool:
        """Whether it asks for a number."""
        return self.kind in _NUMBERS

    @property
    def of_dates(self) -> bool:
        """Whether it asks for a date or a time."""
        return self.kind in ("date", "time")

    def chosen(self, value: Cell) -> Cell:
        """The choice of a list that a value means, in the list's spelling; None where none.

        TRUE and FALSE of a list are the truth values, as a spreadsheet program enters them.
        """
        for choice in self.choices:
            if _text(choice) == _text(value):
                return _TRUTH.get(choice, choice) if isinstance(choice, str) else choice
        return None

    def refusal(self, value: Cell) -> str | None:
        """What a value should have been; None where it is allowed, as a blank is, or not judged."""
        if value is None:
            return None
        if self.kind == "list":
            if not self.choices or self.chosen(value) is not None:
                return None
            more = ", ..." if len(self.choices) > _LISTED else ""
            return f"one of {', '.join(map(_shown, self.choices[:_LISTED]))}{more}"
        if self.of_numbers and type(value) is not float:
            return _WHAT.get(self.kind, "a number")
        if self.kind == "whole" and type(value) is float and value != int(value):
            return "a whole number"
        size = float(len(_shown(value))) if self.kind == "textLength" else value
        if type(size) is not float or self._within(size):
            return None
        return self._wanted()

    def _within(self, size: float) -> bool:
        low, high = self.low, self.high
        if type(low) is not float:
            return True
        if self.operator in ("between", "notBetween"):
            if type(high) is not float:
                return True
            return (low <= size <= high) == (self.operator == "between")
        return self.operator not in _COMPARED or bool(_COMPARED[self.operator][0](size, low))

    def _wanted(self) -> str:
        first = _WHAT.get(self.kind, "a number")
        low, high = (self._bound(value) for value in (self.low, self.high))
        if self.operator == "between":
            return f"{first} from {low} to {high}"
        if self.operator == "notBetween":
            return f"{first} outside {low} to {high}"
        sign = _COMPARED[self.operator][2 if self.kind == "date" else 1]
        return f"{first} {sign} {low}{' characters' if self.kind == 'textLength' else ''}"

    def _bound(self, value: Cell) -> str:
        """A bound as a sentence shows it."""
        when = moment(value, from_1904=self.from_1904) if self.kind == "date" else value
        if not isinstance(when, datetime):
            return _shown(value)
        return f"{when:%Y-%m-%d}" if when.time() == time() else f"{when:%Y-%m-%dT%H:%M}"


def rule_at(cells: Cells, place: Address, first: Address | None = None) -> Rule | None:
    """The rule of a cell, or that of `first` as if it were copied there; None where all is allowed.

    Bounds that are formulas, and lists that are more than a range, a name or a row of texts, are
    left to the spreadsheet program: what they say is unknown here, and nothing is refused.
    """
    node = _node_of(cells, first or place)
    if node is None:
        return None
    kind = node.get("type", "none")
    if kind == "none":
        return None
    # References without dollars are meant from the first cell of the rule's ranges.
    start = _areas(node)[0]
    down, right = place[0] - start.top, place[1] - start.left
    texts = [_formula(node, name) for name in ("formula1", "formula2")]
    texts = [shifted(text, down, right) if text else "" for text in texts]
    moves = any(text and shifted(text, 1, 0) != text for text in texts)
    enforced = is_on(node, "showErrorMessage") and node.get("errorStyle", "stop") == "stop"
    if kind == "list":
        choices = _choices(cells, place, texts[0])
        return Rule(kind, choices=choices, enforced=enforced, moves=moves)
    low, high = (_bound(cells, place, text) for text in texts)
    operator, later = node.get("operator", "between"), cells.package.counts_from_1904
    return Rule(kind, operator, (), low, high, enforced, later, moves)


def is_asked_for(cells: Cells, place: Address) -> bool:
    """Whether the sheet has a rule or a message for who enters something into a cell."""
    return _node_of(cells, place) is not None


def _node_of(cells: Cells, place: Address) -> Any:
    nodes = (node for node in cells.root.iter() if local_name(node) == "dataValidation")
    return next((node for node in nodes if any(area.holds(place) for area in _areas(node))), None)


def _areas(node: Any) -> list[Area]:
    found = map(area_or_none, ranges_of(node).split())
    return [area for area in found if area is not None]


def _formula(node: Any, name: str) -> str:
    """The text of one of a validation's formulas; that of Excel 2010 lies one level deeper."""
    found = next((child for child in node if local_name(child) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _choices(cells: Cells, place: Address, text: str) -> tuple[Cell, ...]:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return tuple(map(_typed, text[1:-1].replace('""', '"').split(",")))
    found = _cells(cells, place, text)
    return tuple(value for value in found if value not in (None, ""))


def _bound(cells: Cells, place: Address, text: str) -> Cell:
    try:
        return float(text)
    except ValueError:
        found = _cells(cells, place, text)
    return found[0] if len(found) == 1 else None


def _cells(cells: Cells, place: Address, text: str) -> list[Cell]:
    """What the cells hold that a formula names and does no more with; none for other formulas."""
    found = cells.package.range_of(text, cells.sheet.name, place)
    if found is None:
        return []
    target = cells_named(cells.package, found[0])
    return target.listed(target.used(found[1]))


def _typed(item: str) -> Cell:
    """What choosing an item of a list enters."""
    try:
        return float(item)
    except ValueError:
        return item.strip()


def _text(value: Cell) -> str:
    """A value as a choice is compared: in any case, and a number as its text."""
    return _shown(value).strip().lower()


def _shown(value: Cell) -> str:
    return f"{value:.15g}" if type(value) is float else str(value)
