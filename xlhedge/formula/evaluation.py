"""Which cells of a range a formula takes, and what is computed element by element, written out.

Excel decides it by the classes of a function's arguments (`functions`): in a formula that is not
stored as an array, a range where one value is meant becomes the one cell in the formula's own row
or column; in an array formula, inside SUMPRODUCT and its kin, and for array constants, a function
of one value is applied to each element. Engines that do neither get the cell itself, and a call of
a helper function.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW, End, address, ends_of
from xlhedge.formula.functions import (
    ELEMENTWISE,
    GIVES_ARRAY,
    GIVES_REFERENCE,
    argument_class,
)
from xlhedge.formula.rewriting import NAMED, Outside, Place, Rewriting
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import (
    Call,
    Group,
    Leaf,
    Name,
    Node,
    Operation,
    Position,
    Reference,
    Sign,
)

LIFT = "XLHEDGE.LIFT"
_VALUE_ERROR, _REFERENCE_ERROR = Leaf(Kind.ERROR, "#VALUE!"), Leaf(Kind.ERROR, "#REF!")
_REFERENCE_OPERATORS = frozenset([":", " "])


class Shape(IntEnum):
    """How many values an expression gives."""

    ONE = 0
    RANGE = 1  # a reference written out
    DYNAMIC = 2  # what a function or variable gives: perhaps several cells, perhaps a reference
    ARRAY = 3


class Evaluating(Rewriting):
    """Rewrites the formulas of one workbook for an engine that evaluates arrays by itself."""

    def evaluated(self, node: Node, place: Place, *, array: bool) -> Node:
        """The tree with intersections and elementwise calls written out."""
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
                node = ordered(node)
                return node, Shape.RANGE if node.is_range else Shape.ONE
            case Name(_, text):
                is_one = text.upper() in ("TRUE", "FALSE")
                return node, Shape.ONE if is_one else Shape.DYNAMIC
            case Group(members):
                if len(members) > 1:
                    raise Outside("refers to several areas where one is meant")
                inner, shape = self.read(members[0], place, wanted)
                return Group((inner,)), shape
            case Sign("@", operand):
                return self._single(operand, place)
            case Sign("#", operand):
                return Sign("#", self.read(operand, place, "R")[0]), Shape.DYNAMIC
            case Sign(text, operand):
                inner, shape = self.read(operand, place, _inside(wanted))
                return Sign(text, inner), _computed(shape)
            case Operation(operators, _) if operators[0] in _REFERENCE_OPERATORS:
                return self._joined(node, place)
            case Operation(operators, operands):
                read = [self.read(one, place, _inside(wanted)) for one in operands]
                shape = max(_computed(one[1]) for one in read)
                return Operation(operators, tuple(one[0] for one in read)), shape
            case Call():
                return self._called(node, place, wanted)
        return node, Shape.ONE

    def _joined(self, node: Operation, place: Place) -> tuple[Node, Shape]:
        """A range between two references, or the cells that two ranges share."""
        operands = [self.read(one, place, "R")[0] for one in node.operands]
        result = operands[0]
        for sign, other in zip(node.operators, operands[1:], strict=True):
            if isinstance(result, Reference) and isinstance(other, Reference):
                result = _spanning(result, other) if sign == ":" else _shared(result, other)
            else:
                result = Operation((sign,), (result, other))
        if isinstance(result, Reference):
            return result, Shape.RANGE if result.is_range else Shape.ONE
        return result, Shape.ONE if isinstance(result, Leaf) else Shape.DYNAMIC

    def _single(self, operand: Node, place: Place) -> tuple[Node, Shape]:
        return _one_of(*self.read(operand, place, "R"), place), Shape.ONE

    def _called(self, node: Call, place: Place, wanted: str) -> tuple[Node, Shape]:
        name = node.name
        if node.function == NAMED:
            inner, shape = self.read(node.arguments[0] or _VALUE_ERROR, place, "A")
            return Group((inner,)), shape
        if not isinstance(node.function, str):
            return self._applied(node, place)
        if name == "SINGLE" and node.arguments and node.arguments[0] is not None:
            return self._single(node.arguments[0], place)
        if name in _NUMBERS_OF and len(node.arguments) < 2:
            argument = node.arguments[0] if node.arguments else Reference("", address(*place[1:]))
            found = self._numbered(name, argument, place, wanted)
            if found is not None:
                return found
        given: list[Node | None] = []
        mask, shapes = "", []
        for position, argument in enumerate(node.arguments):
            kind = "A" if name in CATALOG else argument_class(name, position)
            if name in _OF_EACH and not isinstance(argument, Reference):
                kind = "V"
            taken, shape = argument, Shape.ONE
            if argument is not None:
                taken, shape = self.read(argument, place, "A" if wanted == "A" else kind)
            lifts = kind == "V" and shape is not Shape.ONE and name not in ELEMENTWISE
            mask += "1" if lifts else "0"
            given.append(taken)
            shapes.append(shape)
        if name == "OFFSET" and "1" in mask:
            raise Outside("gives several ranges where one is meant", name)
        call = self.cured(Call(node.function, tuple(given)), place)
        chosen = name == "CHOOSE" and isinstance(call, Call) and call.name != name
        if "1" in mask and name not in CATALOG and not chosen:
            return _lifted(call, mask) if isinstance(call, Call) else call, Shape.ARRAY
        return call, _shape(name, call.arguments if isinstance(call, Call) else (), shapes)

    def cured(self, call: Call, place: Place) -> Node:
        """A call as the engine understands it."""
        return call

    def _applied(self, node: Call, place: Place) -> tuple[Node, Shape]:
        """`LAMBDA(...)(...)`, which engines know only through LET."""
        function = self.read(node.function, place, "A")[0]  # type: ignore[arg-type]
        given = tuple(
            None if one is None else self.read(one, place, "A")[0] for one in node.arguments
        )
        variable = f"xlhedge_lambda_{_depth(function)}"
        call = Call(variable, given)
        return Call("LET", (Name("", variable), function, call)), Shape.DYNAMIC

    def _numbered(
        self, name: str, argument: Node | None, place: Place, wanted: str
    ) -> tuple[Node, Shape] | None:
        """ROW, COLUMN, ROWS and COLUMNS: numbers that no cell's value changes."""
        node = self.read(argument, place, "R")[0] if argument is not None else None
        rows = name.startswith("ROW")
        if isinstance(node, Reference):
            first, last = _bounds(node, place, rows=rows)
            extent = Position(*(b - a for a, b in zip(first, last, strict=True)))
            extent = extent._replace(offset=extent.offset + 1)
            if name in ("ROWS", "COLUMNS"):
                return extent, Shape.ONE
            if wanted != "A" or not node.is_range or extent.at(place.row, place.column) == 1:
                return first, Shape.ONE
            return _counted(extent, first, rows=rows), Shape.ARRAY
        if name in ("ROW", "COLUMN") and wanted == "A" and node is not None:
            size = Call(f"{name}S", (node,))
            return _counted(size, Call(name, (node,)), rows=rows), Shape.ARRAY
        return None


_OF_EACH = frozenset(["N", "T"])
"""Functions that take one cell of a reference, and each element of what is computed."""

_NUMBERS_OF = frozenset(["ROW", "COLUMN", "ROWS", "COLUMNS"])


def _counted(size: Node, first: Node, *, rows: bool) -> Node:
    """That many whole numbers from the first on, below or beside each other."""
    one = Leaf(Kind.NUMBER, "1")
    return Call("SEQUENCE", (size, one, first) if rows else (one, size, first))


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
    if name == "INDEX" and len(given) > 1 and all(_is_place(one) for one in given[1:]):
        return Shape.ONE
    if name == "OFFSET" and len(given) == 3 and shapes[0] is Shape.ONE:
        return Shape.ONE
    if name in ELEMENTWISE or name == "CHOOSE":
        # A range may be chosen whole; a condition of several values makes it an array.
        if name != "CHOOSE" and shapes and shapes[0] is not Shape.ONE:
            return Shape.ARRAY
        return max(shapes[1:], default=Shape.ONE) and Shape.DYNAMIC
    if name in GIVES_REFERENCE:
        return Shape.DYNAMIC
    if name in GIVES_ARRAY:
        return Shape.ARRAY
    if name.startswith(("_XLPM.", "XLHEDGE_LAMBDA")):
        return Shape.DYNAMIC
    return Shape.ONE


def _is_place(node: Node | None) -> bool:
    """Whether an index names one row or column rather than all of them."""
    if isinstance(node, Leaf):
        return node.kind is Kind.NUMBER and node.text.strip("0.") != ""
    return isinstance(node, Position) or (
        isinstance(node, Call) and node.name in ("MATCH", "XMATCH")
    )


def _depth(node: Node) -> int:
    """A number that no call inside has used."""
    depth = 1
    while isinstance(node, Call) and node.arguments and isinstance(node.arguments[-1], (Call)):
        depth, node = depth + 1, node.arguments[-1]
    return depth


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


def _ends(reference: Reference) -> tuple[list[_Bound], list[_Bound]] | None:
    """Rows and columns at which a reference begins and ends, first the lower one."""
    ends = ends_of(reference.text)
    if ends is None:
        return None
    rows = [None if end.row is None else _Bound(end.row, end.fixed_row) for end in ends]
    columns = [None if end.column is None else _Bound(end.column, end.fixed_column) for end in ends]
    return _sorted(rows, LAST_ROW), _sorted(columns, LAST_COLUMN)


def _sorted(bounds: list[_Bound | None], last: int) -> list[_Bound]:
    if None in bounds:
        return [_Bound(1, True), _Bound(last, True)]
    # Equal ends keep their order: copies of the formula read on from the one that is fixed.
    found = sorted((bound for bound in bounds if bound is not None), key=lambda bound: bound.number)
    return [found[0], found[-1]]


def _text(sheet: str, rows: list[_Bound], columns: list[_Bound]) -> Reference:
    whole_rows = [one.number for one in columns] == [1, LAST_COLUMN]
    whole_columns = [one.number for one in rows] == [1, LAST_ROW]
    ends = [
        End(
            None if whole_columns and not whole_rows else row.number,
            None if whole_rows and not whole_columns else column.number,
            row.fixed,
            column.fixed,
        )
        for row, column in zip(rows, columns, strict=True)
    ]
    is_cell = ends[0] == ends[1] and not (whole_rows or whole_columns)
    return Reference(sheet, ":".join(map(str, ends[:1] if is_cell else ends)))


def ordered(reference: Reference) -> Reference:
    """A reference from its upper left to its lower right corner."""
    ends = _ends(reference) if reference.is_range else None
    return reference if ends is None else _text(reference.sheet, *ends)


def _own_cell(reference: Reference, place: Place) -> Node:
    """The cell of a range in the formula's own row or column."""
    ends = _ends(reference)
    if ends is None or not reference.is_range:
        return reference
    found = []
    for bounds, own in zip(ends, (place.row, place.column), strict=True):
        if bounds[0].number == bounds[1].number:
            found.append([bounds[0]] * 2)
        elif bounds[0].number <= own <= bounds[1].number:
            found.append([_Bound(own, False)] * 2)
        else:
            return _VALUE_ERROR
    if all(bounds[0].number != bounds[1].number for bounds in ends):
        return _VALUE_ERROR
    return _text(reference.sheet, *found)


def _spanning(first: Reference, second: Reference) -> Node:
    """The range from one reference to another."""
    ends = [_ends(first), _ends(second)]
    if None in ends or (second.sheet and second.sheet.lower() != first.sheet.lower()):
        return _REFERENCE_ERROR
    rows = sorted(bound for end in ends if end is not None for bound in end[0])
    columns = sorted(bound for end in ends if end is not None for bound in end[1])
    return _text(first.sheet, [rows[0], rows[-1]], [columns[0], columns[-1]])


def _shared(first: Reference, second: Reference) -> Node:
    """The cells that two ranges share."""
    ends, others = _ends(first), _ends(second)
    if ends is None or others is None:
        return _REFERENCE_ERROR
    found = []
    for one, other in zip(ends, others, strict=True):
        low, high = max(one[0], other[0]), min(one[1], other[1])
        if low.number > high.number:
            return Leaf(Kind.ERROR, "#NULL!")
        found.append([low, high])
    return _text(first.sheet, *found)


def _bounds(reference: Reference, place: Place, *, rows: bool) -> tuple[Position, Position]:
    """First and last row or column of a reference as numbers that move with the formula."""
    ends = _ends(reference) or ([_Bound(1, True)] * 2, [_Bound(1, True)] * 2)
    found = []
    for bound in ends[0 if rows else 1]:
        if bound.fixed:
            found.append(Position(0, 0, bound.number))
        elif rows:
            found.append(Position(1, 0, bound.number - place.row))
        else:
            found.append(Position(0, 1, bound.number - place.column))
    return found[0], found[1]
