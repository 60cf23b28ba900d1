"""What formualizer 0.13 does differently from Excel, and what is written or computed instead.

docs/engines.md has the smallest case of each cure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import Area, parse_area, sheet_of_prefix
from xlhedge.formula.evaluation import Evaluating, Shape
from xlhedge.formula.rewriting import Outside, Place
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import (
    Call,
    Group,
    Leaf,
    Name,
    Node,
    Operation,
    Reference,
    Sign,
    changed,
    made,
    parse,
)
from xlhedge.recalc import criteria
from xlhedge.recalc.criteria import literal, shapes
from xlhedge.recalc.lookup_cures import (
    LOOKUPS,
    beside_each_other,
    found_cell,
    looked_up,
    nearest,
)
from xlhedge.workbook.cells import Cells
from xlhedge.workbook.reading import Address

_REGRESSIONS = ("LINEST", "LOGEST", "TREND", "GROWTH")
_OMITTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("LINEST", "LOGEST"), ("", "", "TRUE")),
    **dict.fromkeys(("TREND", "GROWTH"), ("", "", "", "TRUE")),
    **dict.fromkeys(("WORKDAY.INTL", "NETWORKDAYS.INTL"), ("", "", "1")),
    **dict.fromkeys(("CEILING.MATH", "FLOOR.MATH"), ("", "1")),
    **dict.fromkeys(("CEILING.PRECISE", "FLOOR.PRECISE", "ISO.CEILING"), ("", "1")),
    "TAKE": ("", '""', '""'),
    "ADDRESS": ("", "", "1", "TRUE"),
    "FIXED": ("", "2"),
    "SEQUENCE": ("1", "1", "1", "1"),
    "TEXT": ("", '""'),
    **dict.fromkeys(("TEXTBEFORE", "TEXTAFTER"), ("", "", '""', "0", "0")),
    "TEXTSPLIT": ("", '""', '""', "FALSE", "0"),
    "VDB": ("", "", "", "", "", "2"),
}
"""What omitted arguments of a function stand for."""

_ENDS = frozenset(["CHOOSE", "IF", "IFS", "INDEX", "INDIRECT", "OFFSET"])
"""What may give the end of a range in the engine."""

_OF_DAYS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "WEEKDAY", "WEEKNUM", "EDATE",
            "EOMONTH", "ISOWEEKNUM")  # fmt: skip
_GIVES_NUMBERS = frozenset([*_OF_DAYS, "DATE", "TODAY", "NOW", "TIME", "FIND", "SEARCH", "LEN",
                            "MATCH", "ROW", "COLUMN", "INT", "ROUND", "SUM"])  # fmt: skip
_ARITHMETIC = frozenset("+-*/^")
_ASKING = ("ISERROR", "ISERR", "ISNA", "IFNA", "ERROR.TYPE", "ISBLANK", "ISLOGICAL", "ISNONTEXT",
           "ISNUMBER", "ISTEXT")  # fmt: skip
"""Functions that answer an error with something else."""

NUMBER = "XLHEDGE.NUMBER"
"""A text as the number that it reads like."""

_SUBTOTAL = re.compile(r"\b(?:SUBTOTAL|AGGREGATE)\s*\(")
_OF_NOTHING = (2, 3, 4, 5, 6, 9)
"""The functions of SUBTOTAL that give 0 where there is nothing; the others divide by zero."""


class Curing(Evaluating):
    """Rewrites the formulas of one workbook for formualizer."""

    _cells: Mapping[str, Cells] = {}
    _filtered: Mapping[str, list[Area]] = {}

    def sees(self, worksheets: list[Cells], filters: Mapping[str, list[Area]]) -> None:
        """Note the sheets, for what their hidden rows, subtotals and errors change.

        `filters` has the areas by sheet whose rows a filter hides.
        """
        self._cells = {self.called_name(one.sheet.name): one for one in worksheets}
        self._filtered = {self.called_name(sheet): areas for sheet, areas in filters.items()}

    @cached_property
    def _totals(self) -> frozenset[tuple[str, Address]]:
        """The cells that are subtotals of others."""
        return frozenset(
            (sheet, place)
            for sheet, one in self._cells.items()
            if _is_subtotal(one.formulas.whole)
            for place, text in one.formulas.texts()
            if _is_subtotal(text)
        )

    def is_local(self, text: str) -> bool:
        """Whether a formula has no copies; a subtotal depends on the rows that are hidden."""
        return super().is_local(text) or _is_subtotal(text)

    def joined(self, node: Operation, place: Place, wanted: str) -> tuple[Node, Shape]:
        """A range whose ends the engine can find, or the cells that ranges share."""
        node = node._replace(operands=tuple(map(found_cell, node.operands)))
        result, shape = super().joined(node, place, wanted)
        if not isinstance(result, Operation):
            return result, shape
        for end in result.operands:
            if isinstance(end, Call) and end.name not in _ENDS:
                raise Outside(f"has a range that ends at what {end.name} gives", end.name)
        # Operators do not take each cell of a range whose ends are calculated, but of INDEX's.
        return made("INDEX(cells,0,0)", cells=result) if wanted == "A" else result, shape

    def cured(self, call: Call, place: Place, shapes: list[Shape]) -> Node:
        """A call as formualizer understands it."""
        name = call.name
        call = Call(name, call.arguments)  # functions of ours are registered without a prefix
        if name in CATALOG:
            # An omitted argument would arrive as 0.
            return Call(name, tuple(parse('""') if one is None else one for one in call.arguments))
        if name == "FORMULATEXT":
            raise Outside("asks for a formula's text, which is another one in the engine", name)
        if name in criteria.FIRST:
            return self._with_criteria(call, place, shapes)
        if name == "SUBTOTAL" and call.arguments:
            return self._subtotal(call, place)
        if name == "AGGREGATE" and len(call.arguments) > 2:
            return self._aggregate(call, place)
        if None in call.arguments and name in _OMITTED:
            call = _with_defaults(call)
        change, places = _CHANGED.get(name, (None, ()))
        if change is not None:
            given = enumerate(call.arguments)
            call = Call(name, tuple(change(one) if at in places else one for at, one in given))
        if name == "SUMPRODUCT":
            return _of_like_shapes(call, shapes)
        if name in LOOKUPS:
            return looked_up(call, of_one=bool(shapes) and shapes[0] is Shape.ONE)
        return _CURES[name](call) if name in _CURES else call

    def _with_criteria(self, call: Call, place: Place, shapes: list[Shape]) -> Node:
        if call.name == "COUNTIFS" and len(call.arguments) == 2:
            call = Call("COUNTIF", call.arguments)
        call = criteria.without_empty_signs(call)
        if criteria.name_errors(call):
            call = criteria.marked(call)
        places = criteria.places(call)
        if any(call.arguments[at] is None or shapes[at] is not Shape.ONE for at in places):
            return call
        test = criteria.cells_name_errors(call)
        if test is None or not any(
            self._may_hold_errors(call.arguments[at - 1], place) for at in places
        ):
            return self._with_texts_and_errors(call, place)
        return made(
            "IF(test,marked,usual)",
            test=test,
            marked=self._with_texts_and_errors(criteria.marked(call), place),
            usual=self._with_texts_and_errors(call, place),
        )

    def _with_texts_and_errors(self, call: Call, place: Place) -> Node:
        node, cells = criteria.with_texts(call), criteria.summed(call)
        if cells is not None and self._may_hold_errors(cells, place):
            return criteria.with_errors(call, node)
        return node

    def _may_hold_errors(self, cells: Node | None, place: Place) -> bool:
        """Whether cells are on a sheet that holds formulas or errors."""
        if not isinstance(cells, Reference):
            return True
        found = self._cells.get(self._sheet_of(cells, place))
        return found is not None and bool(found.formulas or found.errors)

    def _sheet_of(self, reference: Reference, place: Place) -> str:
        return sheet_of_prefix(reference.sheet) or self.called_name(place.sheet)

    def _subtotal(self, call: Call, place: Place) -> Node:
        kind = literal(call.arguments[0])
        if kind is None:
            return call
        parts = [*self._visible(call.arguments[1:], place, every=kind > 100, totals=False)]
        number = int(kind % 100)
        if not parts:
            return parse("0" if number in _OF_NOTHING else "#DIV/0!")
        return Call("SUBTOTAL", (parse(str(number)), *parts))

    def _aggregate(self, call: Call, place: Place) -> Node:
        kind, option = map(literal, call.arguments[:2])
        if kind is None or option is None:
            raise Outside("calls AGGREGATE with a function that is calculated", "AGGREGATE")
        last = None if kind < 14 else 3
        every, totals = option in (1, 3, 5, 7), option < 4
        parts = [*self._visible(call.arguments[2:last], place, every=every, totals=totals)]
        if last and len(parts) != 1:
            raise Outside("calls AGGREGATE over rows that are hidden", "AGGREGATE")
        rest = call.arguments[last:] if last else ()
        return Call("AGGREGATE", (*call.arguments[:2], *parts, *rest))

    def _visible(
        self, given: Iterable[Node | None], place: Place, *, every: bool, totals: bool
    ) -> Iterator[Node | None]:
        """Arguments without the rows that are left out of references."""
        for one in given:
            if not isinstance(one, Reference):
                yield one
                continue
            sheet, area, skipped = self._sheet_of(one, place), parse_area(one.text), set[int]()
            # Where a filter is on, Excel takes all hidden rows of the sheet for filtered ones.
            if sheet in self._cells and (every or self._filtered.get(sheet)):
                skipped = {row for row in self._cells[sheet].hidden if row in area.rows}
            if totals:
                inside = {at[0] for owner, at in self._totals if owner == sheet and area.holds(at)}
                if inside and area.width > 1:
                    raise Outside("calls AGGREGATE over subtotals", "AGGREGATE")
                skipped |= inside
            top = area.top
            for row in [*sorted(skipped), area.bottom + 1]:
                if top < row:
                    yield Reference(one.sheet, str(area._replace(top=top, bottom=row - 1)))
                top = row + 1


@lru_cache(maxsize=1024)
def _is_subtotal(text: str) -> bool:
    """Whether a formula calls SUBTOTAL or AGGREGATE."""
    upper = text.upper()
    return ("SUBTOTAL" in upper or "AGGREGATE" in upper) and bool(_SUBTOTAL.search(upper))


def _with_defaults(call: Call) -> Call:
    given = list(call.arguments)
    for place, default in enumerate(_OMITTED[call.name][: len(given)]):
        if default and given[place] is None:
            given[place] = parse(default)
    if call.name in _REGRESSIONS and len(given) > 1 and given[1] is None and given[0] is not None:
        given[1] = made("SEQUENCE(ROWS(known),COLUMNS(known))", known=given[0])
    if call.name in ("TREND", "GROWTH") and len(given) > 2 and given[2] is None:
        given[2] = given[1]
    return Call(call.name, tuple(given))


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
            return made(f"IF(ISTEXT(one),{NUMBER}(one),one)", one=one)
        case Call() if one.name not in _GIVES_NUMBERS:
            return Call(NUMBER, (one,))
        case Leaf(Kind.TEXT, _) | Leaf(Kind.ARRAY, _) | Reference() | Name() | Sign("@" | "#", _):
            return Call(NUMBER, (one,))
        case Operation(operators, _) if not set(operators) <= _ARITHMETIC:
            return Call(NUMBER, (one,))
    return one


def _as_number(one: Node | None) -> Node:
    if one is None:
        return parse("0")
    is_number = isinstance(one, Leaf) and one.kind is Kind.NUMBER
    return one if is_number else made("0+(one)", one=one)


_CHANGED: dict[str, tuple[Callable[[Node | None], Node | None], tuple[int, ...]]] = {
    # Functions of dates and of parts of texts read texts.
    **dict.fromkeys(_OF_DAYS, (_text_as_number, (0,))),
    **dict.fromkeys(("DAYS", "DAYS360", "YEARFRAC", "DATEDIF"), (_text_as_number, (0, 1))),
    **dict.fromkeys(("LEFT", "RIGHT"), (_text_as_number, (1,))),
    "MID": (_text_as_number, (1, 2)),
    # Degrees of freedom are cut to whole numbers.
    **dict.fromkeys(("T.DIST", "T.DIST.2T", "T.DIST.RT", "T.INV", "T.INV.2T"), (_whole, (1,))),
    **dict.fromkeys(("CHISQ.DIST", "CHISQ.DIST.RT", "CHISQ.INV"), (_whole, (1,))),
    "CHISQ.INV.RT": (_whole, (1,)),
    **dict.fromkeys(("F.DIST", "F.DIST.RT", "F.INV", "F.INV.RT"), (_whole, (1, 2))),
    # A logical value as MATCH's type is 0 or 1.
    "MATCH": (_as_number, (2,)),
}
"""What is made of some arguments of a function, and where these stand."""


_OF_AN_ERROR = {"COUNT": "0", "COUNTA": "1"}


def _counted(call: Call) -> Node:
    """COUNT passes over an error that is given or computed, COUNTA counts it.

    The engine shows it, unless it stands in a cell.
    """
    given = tuple(one for one in call.arguments if not _may_be_an_error(one))
    counts: list[Node] = [Call(call.name, given)] if given else []
    for one in filter(_may_be_an_error, call.arguments):
        counted = Call("IFERROR", (Call(call.name, (one,)), parse(_OF_AN_ERROR[call.name])))
        counts.append(counted)
    plus = ("+",) * (len(counts) - 1)
    return Group((Operation(plus, tuple(counts)),)) if plus else counts[0]


def _may_be_an_error(one: Node | None) -> bool:
    is_error = isinstance(one, Leaf) and one.kind is Kind.ERROR
    return is_error or isinstance(one, (Call, Group, Operation, Sign))


def _asking(call: Call) -> Call:
    """A call that sees an error at the end of a range, which the engine would pass on."""
    return Call(call.name, tuple(one and _to_ends_that_exist(one) for one in call.arguments))


def _to_ends_that_exist(node: Node) -> Node:
    node = changed(node, _to_ends_that_exist)
    if isinstance(node, Operation) and node.operators == (":",):
        for end in node.operands:
            if isinstance(end, Call):
                node = made("IF(ISREF(end),cells,end)", cells=node, end=end)
    return node


def _of_all(call: Call) -> Node:
    """An omitted argument of GCD or LCM is #N/A."""
    return parse("#N/A") if None in call.arguments else call


def _of_like_shapes(call: Call, given: list[Shape]) -> Node:
    """SUMPRODUCT of ranges of unlike shapes, or of one and a single value, is #VALUE!."""
    found, singles, many = shapes(call.arguments), False, False
    for one, shape in zip(call.arguments, given, strict=True):
        singles |= one is not None and shape is Shape.ONE
        # Of what a function gives there may be one value only.
        many |= isinstance(one, (Operation, Sign)) and shape is not Shape.ONE
    if singles:
        found.add((1, 1))
    return parse("#VALUE!") if len(found) > 1 or (singles and many) else call


_CURES: dict[str, Callable[[Call], Node]] = {
    **dict.fromkeys(_ASKING, _asking),
    **dict.fromkeys(_OF_AN_ERROR, _counted),
    "TYPE": lambda call: Call("IFERROR", (call, parse("16"))),
    "CHOOSE": beside_each_other,
    "GCD": _of_all,
    "LCM": _of_all,
    "XLOOKUP": nearest,
}
