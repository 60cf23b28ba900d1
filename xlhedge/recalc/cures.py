"""What formualizer 0.13 does otherwise than Excel, and what is written or computed instead.

Each cure stands behind a switch of its own, so that it can go when the engine no longer needs it;
docs/engines.md has the smallest case of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import Area, parse_area, sheet_of_prefix
from xlhedge.formula.evaluation import Evaluating
from xlhedge.formula.rewriting import Outside, Place
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import Call, Group, Leaf, Name, Node, Operation, Reference, Sign
from xlhedge.recalc import criteria, lookup_cures
from xlhedge.recalc.lookup_cures import are_unlike, literal
from xlhedge.workbook.cells import Cells
from xlhedge.workbook.reading import Address

_TRUE, _ZERO, _BLANK = Leaf(Kind.NAME, "TRUE"), Leaf(Kind.NUMBER, "0"), Leaf(Kind.TEXT, '""')
_ONE, _TWO = Leaf(Kind.NUMBER, "1"), Leaf(Kind.NUMBER, "2")
_ROUNDING = ("CEILING.MATH", "FLOOR.MATH", "CEILING.PRECISE", "FLOOR.PRECISE", "ISO.CEILING")
_OMITTED: dict[str, dict[int, Node]] = {
    **{name: {2: _TRUE} for name in ("LINEST", "LOGEST")},
    **{name: {3: _TRUE} for name in ("TREND", "GROWTH")},
    **{name: {2: _ONE} for name in ("WORKDAY.INTL", "NETWORKDAYS.INTL")},
    **{name: {1: _ONE} for name in _ROUNDING},
    "VDB": {5: _TWO},
    "FIXED": {1: _TWO},
    "ADDRESS": {2: _ONE, 3: _TRUE},
    "SEQUENCE": dict.fromkeys(range(4), _ONE),
    **{name: {1: _BLANK, 2: _BLANK} for name in ("TAKE", "DROP")},
    "TEXT": {1: _BLANK},
}
"""What an omitted argument of a function stands for, by its place."""

_REGRESSIONS = ("LINEST", "LOGEST", "TREND", "GROWTH")
_TAKES_NUMBER = {"MATCH": (2,)}
_OF_DAYS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "WEEKDAY", "WEEKNUM", "EDATE",
            "EOMONTH", "ISOWEEKNUM")  # fmt: skip
_TAKES_TEXTS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(_OF_DAYS, (0,)),
    **dict.fromkeys(("DAYS", "DAYS360", "YEARFRAC", "DATEDIF"), (0, 1)),
    **dict.fromkeys(("LEFT", "RIGHT"), (1,)),
    "MID": (1, 2),
}
_DEGREES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("T.DIST", "T.DIST.2T", "T.DIST.RT", "T.INV", "T.INV.2T", "TINV"), (1,)),
    **dict.fromkeys(("CHISQ.DIST", "CHISQ.DIST.RT", "CHISQ.INV", "CHISQ.INV.RT"), (1,)),
    **dict.fromkeys(("TDIST", "CHIDIST", "CHIINV"), (1,)),
    **dict.fromkeys(("F.DIST", "F.DIST.RT", "F.INV", "F.INV.RT", "FDIST", "FINV"), (1, 2)),
}
_GIVES_NUMBERS = frozenset([*_OF_DAYS, "DATE", "TODAY", "NOW", "TIME", "FIND", "SEARCH", "LEN",
                            "MATCH", "ROW", "COLUMN", "INT", "ROUND", "SUM"])  # fmt: skip
_ARITHMETIC = frozenset("+-*/^")
NUMBER = "XLHEDGE.NUMBER"
"""A text as the number that it reads like."""

_WANTS_ALL = frozenset(["GCD", "LCM"])


_SUBTOTAL = re.compile(r"\b(?:SUBTOTAL|AGGREGATE)\s*\(")
_OF_NOTHING = dict.fromkeys((2, 3, 4, 5, 6, 9), _ZERO)


@dataclass(frozen=True, slots=True)
class Switches:
    """Which cures are on; what formualizer does without each is in docs/engines.md."""

    omitted: bool = True  # an omitted argument is what the function's page says
    omitted_number: bool = True  # an omitted argument of GCD or LCM is #N/A
    match_type: bool = True  # a logical value as MATCH's type is 0 or 1
    hidden_rows: bool = True  # SUBTOTAL leaves out what a filter hides, 101 to 111 all hidden rows
    whole_degrees: bool = True  # degrees of freedom are cut to whole numbers
    lost_reference: bool = True  # a lookup in a lost reference is #REF!
    neighbours: bool = True  # XLOOKUP finds the next smaller or larger cell, sorted or not
    counted_errors: bool = True  # COUNT passes over an error that is given or computed
    chosen_columns: bool = True  # CHOOSE({1,2},A1:A9,C1:C9) is two columns side by side
    unlike_shapes: bool = True  # SUMPRODUCT of ranges of unlike shapes is #VALUE!
    texts_of_numbers: bool = True  # functions of dates and parts of texts read texts, element-wise
    unsorted: bool = True  # lookups for the nearest smaller halve any range; a text is no number
    single_criterion: bool = True  # COUNTIFS with one criterion is COUNTIF
    empty_signs: bool = True  # a criterion ">"&A1 with A1 blank is met by nothing
    summed_errors: bool = True  # SUMIF(S), AVERAGEIF(S) of cells with an error are that error
    unequal_texts: bool = True  # the criterion "<>5" is met by the text 5


class Curing(Evaluating):
    """Rewrites the formulas of one workbook for formualizer."""

    switches = Switches()
    _hidden: Mapping[str, frozenset[int]] = {}
    _filtered: Mapping[str, tuple[Area, ...]] = {}
    _totals: frozenset[tuple[str, Address]] = frozenset()
    _worksheets: Iterable[Cells] = ()
    _errors: dict[str, bool]

    def sees(self, worksheets: list[Cells], filters: Mapping[str, list[Area]]) -> None:
        """Note which rows are hidden, and which cells are subtotals of others.

        `filters` has the areas by sheet whose rows a filter hides.
        """
        self._worksheets, self._errors = worksheets, {}
        self._hidden = {
            self.called_name(one.sheet.name): frozenset(one.hidden) for one in worksheets
        }
        self._filtered = {self.called_name(sheet): tuple(areas) for sheet, areas in filters.items()}
        self._totals = frozenset(
            (self.called_name(one.sheet.name), place)
            for one in worksheets
            if _is_subtotal(one.formulas.whole)
            for place, text in one.formulas.texts()
            if _is_subtotal(text)
        )

    def is_local(self, text: str) -> bool:
        """Whether a formula has no copies; a subtotal depends on the rows that are hidden."""
        return super().is_local(text) or _is_subtotal(text)

    def cured(self, call: Call, place: Place) -> Node:
        """A call as formualizer understands it."""
        name = call.name
        if name in CATALOG:
            # An omitted argument would arrive as 0.
            return Call(name, tuple(_BLANK if one is None else one for one in call.arguments))
        lost = lookup_cures.lost(call) if self.switches.lost_reference else None
        if lost is not None:
            return lost
        if self.switches.omitted_number and name in _WANTS_ALL and None in call.arguments:
            return Leaf(Kind.ERROR, "#N/A")
        if self.switches.neighbours and name == "XLOOKUP" and len(call.arguments) > 4:
            return lookup_cures.nearest(call)
        if name in criteria.FIRST:
            return self._with_criteria(call, place)
        if self.switches.omitted and None in call.arguments and name in _OMITTED:
            call = _with_defaults(call)
        if self.switches.counted_errors and name == "COUNT":
            return Call(name, tuple(map(_without_errors, call.arguments)))
        if self.switches.chosen_columns and name == "CHOOSE":
            return lookup_cures.beside_each_other(call)
        if self.switches.chosen_columns and name == "VLOOKUP":
            call = lookup_cures.in_columns(call)
            name = call.name
        if self.switches.unlike_shapes and name == "SUMPRODUCT":
            return Leaf(Kind.ERROR, "#VALUE!") if are_unlike(call.arguments) else call
        if self.switches.texts_of_numbers and name in _TAKES_TEXTS:
            call = _changed(call, _TAKES_TEXTS[name], _text_as_number)
        if self.switches.match_type and name in _TAKES_NUMBER:
            call = _changed(call, _TAKES_NUMBER[name], _as_number)
        if self.switches.unsorted and lookup_cures.is_nearest_smaller(call):
            return lookup_cures.halving(call)
        if self.switches.whole_degrees and name in _DEGREES:
            call = _changed(call, _DEGREES[name], _whole)
        if self.switches.hidden_rows and name == "SUBTOTAL" and call.arguments:
            return self._subtotal(call, place)
        if name == "FORMULATEXT":
            raise Outside("asks for a formula's text, which is another one in the engine", name)
        if name == "AGGREGATE" and len(call.arguments) > 2:
            return self._aggregate(call, place)
        # Functions of ours are registered without a storage prefix.
        return Call(name, call.arguments)

    def _with_criteria(self, call: Call, place: Place) -> Node:
        if self.switches.single_criterion and call.name == "COUNTIFS" and len(call.arguments) == 2:
            call = Call("COUNTIF", call.arguments)
        if self.switches.empty_signs:
            call = criteria.without_empty_signs(call)
        call = Call(call.name, call.arguments)
        node = criteria.with_texts(call) if self.switches.unequal_texts else call
        cells = criteria.summed(call) if self.switches.summed_errors else None
        if cells is not None and self._may_hold_errors(cells, place):
            return criteria.with_errors(call, node)
        return node

    def _may_hold_errors(self, cells: Node | None, place: Place) -> bool:
        """Whether cells are on a sheet that holds formulas or errors."""
        if not isinstance(cells, Reference):
            return True
        sheet = sheet_of_prefix(cells.sheet) or self.called_name(place.sheet)
        if sheet not in self._errors:
            self._errors[sheet] = any(
                bool(one.formulas) or bool(one.errors)
                for one in self._worksheets
                if self.called_name(one.sheet.name) == sheet
            )
        return self._errors[sheet]

    def _subtotal(self, call: Call, place: Place) -> Node:
        kind = literal(call.arguments[0])
        if kind is None:
            return call
        parts = self._visible(call.arguments[1:], place, every=kind > 100, totals=False)
        number = int(kind % 100)
        if not parts:
            return _OF_NOTHING.get(number, Leaf(Kind.ERROR, "#DIV/0!"))
        return Call("SUBTOTAL", (Leaf(Kind.NUMBER, str(number)), *parts))

    def _aggregate(self, call: Call, place: Place) -> Node:
        kind, option = (
            literal(call.arguments[0]),
            literal(call.arguments[1]),
        )
        if kind is None or option is None:
            raise Outside("calls AGGREGATE with a function that is calculated", "AGGREGATE")
        every, totals = option in (1, 3, 5, 7), option < 4
        if kind < 14:
            parts = self._visible(call.arguments[2:], place, every=every, totals=totals)
        else:
            parts = self._visible(call.arguments[2:3], place, every=every, totals=totals)
            if len(parts) != 1:
                raise Outside("calls AGGREGATE over rows that are hidden", "AGGREGATE")
            parts = [*parts, *call.arguments[3:]]
        return Call("AGGREGATE", (*call.arguments[:2], *parts))

    def _visible(
        self, given: Iterable[Node | None], place: Place, *, every: bool, totals: bool
    ) -> list[Node | None]:
        """References without the rows that are left out."""
        found: list[Node | None] = []
        for one in given:
            if isinstance(one, Reference):
                found.extend(self._rows_of(one, place, every=every, totals=totals))
            else:
                found.append(one)
        return found

    def _rows_of(
        self, reference: Reference, place: Place, *, every: bool, totals: bool
    ) -> Iterable[Reference]:
        sheet = sheet_of_prefix(reference.sheet) or self.called_name(place.sheet)
        area = parse_area(reference.text)
        # Where a filter is on, Excel takes all hidden rows of the sheet for filtered ones.
        areas = self._filtered.get(sheet, ())
        skipped = {
            row
            for row in self._hidden.get(sheet, ())
            if area.top <= row <= area.bottom and (every or areas)
        }
        if totals:
            inside = {row for owner, (row, column) in self._totals
                      if owner == sheet and area.holds((row, column))}  # fmt: skip
            if inside and area.width > 1:
                raise Outside("calls AGGREGATE over subtotals", "AGGREGATE")
            skipped |= inside
        top = area.top
        for row in [*sorted(skipped), area.bottom + 1]:
            if top < row:
                part = area._replace(top=top, bottom=row - 1)
                yield Reference(reference.sheet, str(part))
            top = row + 1


@lru_cache(maxsize=1024)
def _is_subtotal(text: str) -> bool:
    """Whether a formula calls SUBTOTAL or AGGREGATE."""
    upper = text.upper()
    return ("SUBTOTAL" in upper or "AGGREGATE" in upper) and bool(_SUBTOTAL.search(upper))


def _without_errors(one: Node | None) -> Node | None:
    # What may be a reference is left alone: of that, IFERROR would take one cell.
    if isinstance(one, Leaf) and one.kind is Kind.ERROR:
        return _BLANK
    computed = isinstance(one, Operation) and not {":", " "} & {*one.operators}
    return Call("IFERROR", (one, _BLANK)) if computed else one


def _with_defaults(call: Call) -> Call:
    defaults = _OMITTED[call.name]
    given = [
        defaults.get(place) if one is None else one for place, one in enumerate(call.arguments)
    ]
    if call.name in _REGRESSIONS and len(given) > 1 and given[1] is None and given[0] is not None:
        size = [Call(name, (given[0],)) for name in ("ROWS", "COLUMNS")]
        given[1] = Call("SEQUENCE", tuple(size))
    if call.name in ("TREND", "GROWTH") and len(given) > 2 and given[2] is None:
        given[2] = given[1]
    return Call(call.function, tuple(given))


def _changed(
    call: Call, places: tuple[int, ...], change: Callable[[Node | None], Node | None]
) -> Call:
    """A call with some of its arguments, where it has them, written otherwise."""
    given = [change(one) if place in places else one for place, one in enumerate(call.arguments)]
    return Call(call.function, tuple(given))


def _whole(one: Node | None) -> Node | None:
    is_whole = isinstance(one, Leaf) and one.text.isdigit()
    return one if one is None or is_whole else Call("TRUNC", (one,))


def _text_as_number(one: Node | None) -> Node | None:
    """An argument whose texts are read; it is calculated once, and cells without a callback."""
    match one:
        case Group((member,)):
            return _text_as_number(member)
        case Sign("+", operand):
            return _text_as_number(operand)
        case Reference() if not one.is_range:
            return Call("IF", (Call("ISTEXT", (one,)), Call(NUMBER, (one,)), one))
        case Call() if one.name not in _GIVES_NUMBERS:
            return Call(NUMBER, (one,))
        case Leaf(Kind.TEXT, _) | Leaf(Kind.ARRAY, _) | Reference() | Name() | Sign("@" | "#", _):
            return Call(NUMBER, (one,))
        case Operation(operators, _) if not set(operators) <= _ARITHMETIC:
            return Call(NUMBER, (one,))
    return one


def _as_number(one: Node | None) -> Node:
    if one is None:
        return _ZERO
    is_number = isinstance(one, Leaf) and one.kind is Kind.NUMBER
    return one if is_number else Operation(("+",), (_ZERO, Group((one,))))
