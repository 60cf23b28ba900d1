"""Which cells of a range a formula takes, and what is computed element by element, written out.

Excel decides it by the classes of a function's arguments (`functions`): in a formula that is not
stored as an array, a range where one value is meant becomes the one cell in the formula's own row
or column; in an array formula, inside SUMPRODUCT and its kin, and for array constants, a function
of one value is applied to each element. Engines that do neither get the cell itself, and a call of
a helper function.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW, End, ends_of
from xlhedge.formula.functions import (
    ELEMENTWISE,
    GIVES_ARRAY,
    GIVES_REFERENCE,
    argument_class,
)
from xlhedge.formula.rewriting import Outside, Place, Rewriting
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
)

LIFT = "XLHEDGE.LIFT"
_VALUE_ERROR, _ONE = Leaf(Kind.ERROR, "#VALUE!"), Leaf(Kind.NUMBER, "1")
_APPLIED = "_xlpm.xlhedge_lambda"
_REFERENCE_OPERATORS = frozenset([":", " "])


class Shape(IntEnum):
    """How many values an expression gives."""

    ONE = 0
    CELLS = 1  # a range, or what a function or variable gives: perhaps several cells
    ARRAY = 2


class Evaluating(Rewriting):
    """Rewrites the formulas of one workbook for an engine that evaluates arrays by itself."""

    _words: Mapping[str, Shape]
    """What words stand for: logical values, and the variables of LET around what is read."""

    def evaluated(self, node: Node, place: Place, *, array: bool) -> Node:
        """The tree with intersections and elementwise calls written out."""
        self._words = {"TRUE": Shape.ONE, "FALSE": Shape.ONE}
        if array:
            return self.read(node, place, "A")[0]
        return _one_of(*self.read(node, place, "V"), place)

    def read(self, node: Node, place: Place, wanted: str) -> tuple[Node, Shape]:
        """An expression where a value (V), a reference (R) or an array (A) is wanted."""
        node, shape = self._read(node, place, wanted)
        if wanted != "V" or shape in (Shape.ONE, Shape.ARRAY):
            return node, shape
        return _one_of(node, shape, place), Shape.ONE

    def _read(self, node: Node, place: Place, wanted: str) -> tuple[Node, Shape]:
        match node:
            case Leaf(kind, _):
                return node, Shape.ARRAY if kind is Kind.ARRAY else Shape.ONE
            case Reference():
                if ":" in node.sheet:
                    raise Outside("refers to several sheets where one is meant")
                node = _ordered(node)
                return node, Shape.CELLS if node.is_range else Shape.ONE
            case Name(_, text):
                return node, self._words.get(text.upper(), Shape.CELLS)
            case Group(members, of_name):
                if len(members) > 1:
                    raise Outside("refers to several areas where one is meant")
                inner, shape = self.read(members[0], place, "A" if of_name else wanted)
                return Group((inner,)), shape
            case Sign("@", operand):
                return self._single(operand, place)
            case Sign("#", operand):
                return Sign("#", self.read(operand, place, "R")[0]), Shape.CELLS
            case Sign(text, operand):
                inner, shape = self.read(operand, place, _inside(wanted))
                return Sign(text, inner), _computed(shape)
            case Operation(operators, _) if operators[0] in _REFERENCE_OPERATORS:
                return self.joined(node, place, wanted)
            case Operation(operators, operands):
                read = [self.read(one, place, _inside(wanted)) for one in operands]
                shape = max(_computed(one[1]) for one in read)
                return Operation(operators, tuple(one[0] for one in read)), shape
            case Call():
                return self._called(node, place, wanted)

    def joined(self, node: Operation, place: Place, wanted: str) -> tuple[Node, Shape]:
        """A range between two references, or the cells that two ranges share."""
        operands = [self.read(one, place, "R")[0] for one in node.operands]
        result = operands[0]
        for sign, other in zip(node.operators, operands[1:], strict=True):
            if not isinstance(result, Reference) or not isinstance(other, Reference):
                result = Operation((sign,), (result, other))
            elif sign == " ":
                result = _shared(result, other)
            elif other.sheet and other.sheet.lower() != result.sheet.lower():
                result = Leaf(Kind.ERROR, "#REF!")
            else:
                result = _between(result.sheet, *_bounds(result, other))
        if isinstance(result, Reference):
            return result, Shape.CELLS if result.is_range else Shape.ONE
        return result, Shape.ONE if isinstance(result, Leaf) else Shape.CELLS

    def _single(self, operand: Node, place: Place) -> tuple[Node, Shape]:
        return _one_of(*self.read(operand, place, "R"), place), Shape.ONE

    def _called(self, node: Call, place: Place, wanted: str) -> tuple[Node, Shape]:
        name = node.name
        if not isinstance(node.function, str):
            return self._applied(node, place)
        if name == "SINGLE" and node.arguments and node.arguments[0] is not None:
            return self._single(node.arguments[0], place)
        if name in _NUMBERS_OF and len(node.arguments) == 1:
            found = self._numbered(name, node.arguments[0], place, wanted)
            if found is not None:
                return found
        given: list[Node | None] = []
        mask, shapes, outer = "", list[Shape](), self._words
        for position, argument in enumerate(node.arguments):
            kind = "A" if name in CATALOG else argument_class(name, position)
            if name in _OF_EACH and not isinstance(argument, Reference):
                kind = "V"
            taken, shape = argument, Shape.ONE
            if argument is not None:
                taken, shape = self.read(argument, place, "A" if wanted == "A" else kind)
            lifts = kind == "V" and shape is not Shape.ONE and name not in ELEMENTWISE
            mask += "1" if lifts else "0"
            if name == "LET" and position % 2 and isinstance(given[-1], Name):
                self._words = {**self._words, given[-1].text.upper(): shape}
            if name == "LAMBDA" and isinstance(argument, Name):
                self._words = {**self._words, argument.text.upper(): Shape.CELLS}
            given.append(taken)
            shapes.append(shape)
        self._words = outer
        if name == "OFFSET" and "1" in mask:
            raise Outside("gives several ranges where one is meant", name)
        call = self.cured(Call(node.function, tuple(given)), place, shapes)
        chosen = name == "CHOOSE" and isinstance(call, Call) and call.name != name
        if "1" in mask and name not in CATALOG and not chosen:
            return _lifted(call, mask) if isinstance(call, Call) else call, Shape.ARRAY
        return call, _shape(name, node.arguments, shapes)

    def cured(self, call: Call, place: Place, shapes: list[Shape]) -> Node:
        """A call as the engine understands it; the arguments have these shapes."""
        return call

    def _applied(self, node: Call, place: Place) -> tuple[Node, Shape]:
        """`LAMBDA(...)(...)`, which engines know only through LET."""
        function = self.read(node.function, place, "A")[0]  # type: ignore[arg-type]
        given = tuple(
            None if one is None else self.read(one, place, "A")[0] for one in node.arguments
        )
        call = Call(_APPLIED, given)
        return Call("LET", (Name("", _APPLIED), function, call)), Shape.CELLS

    def _numbered(
        self, name: str, argument: Node | None, place: Place, wanted: str
    ) -> tuple[Node, Shape] | None:
        """ROW, COLUMN, ROWS and COLUMNS: numbers that no cell's value changes."""
        node = self.read(argument, place, "R")[0] if argument is not None else None
        function = name.removesuffix("S")
        size: Node = Call(f"{function}S", (node,))
        first: Node = Call(function, (node,))
        if isinstance(node, Reference):
            rows, columns = _bounds(node)
            bounds, own = (rows, place.row) if function == "ROW" else (columns, place.column)
            low, high = bounds[0], bounds[-1]
            first, last = (_moving(bound, function, own) for bound in (low, high))
            if low.fixed == high.fixed:
                size = Leaf(Kind.NUMBER, str(high.number - low.number + 1))
            else:
                size = Group((Operation(("-", "+"), (last, first, _ONE)),))
            if name != function:
                return size, Shape.ONE
            if wanted != "A" or low.number == high.number:
                return first, Shape.ONE
        elif node is None or name != function or wanted != "A":
            return None
        given = (size, _ONE, first) if function == "ROW" else (_ONE, size, first)
        return Call("SEQUENCE", given), Shape.ARRAY


_OF_EACH = frozenset(["N", "T"])
"""Functions that take one cell of a reference, and each element of what is computed."""

_NUMBERS_OF = frozenset(["ROW", "COLUMN", "ROWS", "COLUMNS"])
_PLACES = _NUMBERS_OF | {"MATCH", "XMATCH"}


def _lifted(call: Call, mask: str) -> Call:
    """A call that is applied to each element of the arguments that the mask marks with 1."""
    texts = call.name, mask[: len(call.arguments)]
    given = (Leaf(Kind.TEXT, '""') if one is None else one for one in call.arguments)
    return Call(LIFT, (*(Leaf(Kind.TEXT, f'"{text}"') for text in texts), *given))


def _inside(wanted: str) -> str:
    """What an operator wants of its operands."""
    return "A" if wanted == "A" else "V"


def _computed(shape: Shape) -> Shape:
    return Shape.ONE if shape is Shape.ONE else Shape.ARRAY


def _shape(name: str, given: tuple[Node | None, ...], shapes: list[Shape]) -> Shape:
    """The shape of a call's result."""
    if name in CATALOG:
        many = CATALOG[name].returns_array or any(shape is not Shape.ONE for shape in shapes)
        return Shape.ARRAY if many else Shape.ONE
    if name == "INDEX" and len(given) > 1 and all(map(_is_place, given[1:], shapes[1:])):
        return Shape.ONE
    if name == "OFFSET" and len(given) == 3 and shapes[0] is Shape.ONE:
        return Shape.ONE
    if name in ELEMENTWISE or name == "CHOOSE":
        # A range may be chosen whole; a condition of several values makes it an array.
        if name != "CHOOSE" and shapes and shapes[0] is not Shape.ONE:
            return Shape.ARRAY
        return max(shapes[1:], default=Shape.ONE) and Shape.CELLS
    if name in GIVES_REFERENCE or name.startswith("_XLPM."):
        return Shape.CELLS
    return Shape.ARRAY if name in GIVES_ARRAY else Shape.ONE


def _is_place(node: Node | None, shape: Shape) -> bool:
    """Whether an index names one row or column rather than all of them."""
    if isinstance(node, Leaf):
        return node.kind is Kind.NUMBER and node.text.strip("0.") != ""
    return isinstance(node, Call) and node.name in _PLACES and shape is Shape.ONE


def _one_of(node: Node, shape: Shape, place: Place) -> Node:
    """The one value that a formula takes of an expression."""
    if isinstance(node, Reference):
        return _own_cell(node, place)
    if shape is Shape.ONE:
        return node
    plain = isinstance(node, (Call, Group, Leaf, Name, Reference))
    return Sign("@", node if plain else Group((node,)))


class _Bound(NamedTuple):
    """A row or column at which a reference ends, and whether copies keep it."""

    number: int
    fixed: bool


def _moving(bound: _Bound, function: str, own: int) -> Node:
    """A bound as a number: one that moves is counted from the formula's own row or column."""
    number = Leaf(Kind.NUMBER, str(bound.number - (0 if bound.fixed else own)))
    return number if bound.fixed else Group((Operation(("+",), (Call(function, ()), number)),))


def _bounds(*references: Reference) -> tuple[list[_Bound], list[_Bound]]:
    """The rows and the columns at which references end, in order."""
    rows, columns = [], []
    for end in (end for reference in references for end in ends_of(reference.text) or ()):
        rows += _bound(end.row, end.fixed_row, LAST_ROW)
        columns += _bound(end.column, end.fixed_column, LAST_COLUMN)
    # Equal ends keep their order: copies of the formula read on from the one that is fixed.
    return sorted(rows, key=_number), sorted(columns, key=_number)


def _bound(number: int | None, fixed: bool, last: int) -> list[_Bound]:
    return [_Bound(1, True), _Bound(last, True)] if number is None else [_Bound(number, fixed)]


_number = attrgetter("number")


def _between(sheet: str, rows: list[_Bound], columns: list[_Bound]) -> Reference:
    """The reference from the first to the last of some rows and columns."""
    whole_rows = (columns[0].number, columns[-1].number) == (1, LAST_COLUMN)
    whole_columns = (rows[0].number, rows[-1].number) == (1, LAST_ROW)
    ends = [
        End(
            None if whole_columns and not whole_rows else rows[end].number,
            None if whole_rows and not whole_columns else columns[end].number,
            rows[end].fixed,
            columns[end].fixed,
        )
        for end in (0, -1)
    ]
    is_cell = ends[0] == ends[1] and not (whole_rows or whole_columns)
    return Reference(sheet, ":".join(map(str, ends[:1] if is_cell else ends)))


@lru_cache(maxsize=4096)
def _ordered(reference: Reference) -> Reference:
    """A reference from its upper left to its lower right corner."""
    return _between(reference.sheet, *_bounds(reference)) if reference.is_range else reference


def _own_cell(reference: Reference, place: Place) -> Node:
    """The cell of a range in the formula's own row or column."""
    if not reference.is_range:
        return reference
    found = []
    bounds = _bounds(reference)
    for (low, *_, high), own in zip(bounds, (place.row, place.column), strict=True):
        if low.number != high.number and not low.number <= own <= high.number:
            return _VALUE_ERROR
        found.append([low if low.number == high.number else _Bound(own, False)])
    if all(low.number < high.number for low, *_, high in bounds):
        return _VALUE_ERROR
    return _between(reference.sheet, *found)


def _shared(first: Reference, second: Reference) -> Node:
    """The cells that two ranges share."""
    found = []
    for one, other in zip(_bounds(first), _bounds(second), strict=True):
        low, high = max(one[0], other[0]), min(one[-1], other[-1])
        if low.number > high.number:
            return Leaf(Kind.ERROR, "#NULL!")
        found.append([low, high])
    return _between(first.sheet, *found)
