"""Criteria of COUNTIF and its kin that formualizer 0.13 understands otherwise than Excel.

Notes
-----
"<>5" is met by the text 5, which "=5" is met by as well: what formualizer passes over is what
meets "=5" and is no number, hence what meets "=5" less what meets both ">=5" and "<=5". A sign
without a value, as ">"&A1 is where A1 is blank, is met by nothing. An error among the cells that
are summed or averaged is the result: MAXIFS of the same cells shows it.
"""

from __future__ import annotations

import re

from xlhedge.formula.addresses import parse_area
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import Call, Group, Leaf, Node, Operation, Reference, Sign

FIRST = {
    "COUNTIF": 1, "COUNTIFS": 1, "SUMIF": 1, "SUMIFS": 2, "AVERAGEIF": 1, "AVERAGEIFS": 2,
    "MAXIFS": 2, "MINIFS": 2,
}  # fmt: skip
"""Where the first criterion of a function stands."""

_SUMMING = frozenset(["SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS"])
_ZERO, _ONE = Leaf(Kind.NUMBER, "0"), Leaf(Kind.NUMBER, "1")
_OF_ONE = frozenset(["CONCAT", "CONCATENATE", "IF"])
_SIGNS = frozenset(["<", ">", "<=", ">="])
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_NEVER = Leaf(Kind.TEXT, '">1E+308"')


def without_empty_signs(call: Call) -> Call:
    """A call in which a sign before a blank cell is met by nothing."""
    given = list(call.arguments)
    for place in _criteria(call):
        sign, value = _parts(given[place])
        if sign in _SIGNS and value is None:
            given[place] = _NEVER
        elif sign in _SIGNS and isinstance(value, Reference) and not value.is_range:
            blank = Operation(("=",), (value, Leaf(Kind.TEXT, '""')))
            given[place] = Call("IF", (blank, _NEVER, given[place]))
    return Call(call.function, tuple(given))


def with_texts(call: Call) -> Node:
    """A count or sum over what is unequal to a number, with the texts that read like it."""
    places = _criteria(call)
    unequal = [place for place in places if _parts(call.arguments[place])[0] == "<>"]
    if len(unequal) != 1 or not all(is_one(call.arguments[place]) for place in places):
        return call
    value = _parts(call.arguments[unequal[0]])[1]
    numbers = _pairs(call)
    if numbers is None or not (isinstance(value, Reference) or _is_number(value)):
        return call
    tested = call.arguments[unequal[0]]
    pairs = [one for pair in numbers[1] for one in (pair if pair[1] is not tested else ())]
    area = call.arguments[unequal[0] - 1]
    bounds = (area, _criterion(">=", value), area, _criterion("<=", value))
    equal = list(call.arguments)
    equal[unequal[0]] = _criterion("=", value)
    name = "COUNTIFS" if call.name.startswith("COUNT") else "SUMIFS"
    texts: Node = Operation(
        ("-",),
        (Call(call.function, tuple(equal)), Call(name, (*numbers[0], *pairs, *bounds))),
    )
    if isinstance(value, Reference):
        texts = Call("IF", (Call("ISNUMBER", (value,)), texts, _ZERO))
    return Group((Operation(("+",), (call, Group((texts,)))),))


def summed(call: Call) -> Node | None:
    """The cells of a conditional sum or mean."""
    if call.name not in _SUMMING or len(call.arguments) < 2:
        return None
    place = 0 if call.name.endswith("S") or len(call.arguments) < 3 else 2
    return call.arguments[place]


def with_errors(call: Call, node: Node) -> Node:
    """A conditional sum or mean, perhaps written otherwise, that shows an error of its cells."""
    cells = summed(call)
    if cells is None or not all(is_one(call.arguments[place]) for place in _criteria(call)):
        return node
    given = call.arguments
    if not call.name.endswith("S"):
        if cells is not given[0] and not _same_shape(given[0], cells):
            # What is summed begins at its first cell and is as large as the other range.
            first = Call("INDEX", (cells, _ONE, _ONE))
            size = [Call(name, (given[0],)) for name in ("ROWS", "COLUMNS")]
            cells = Call("OFFSET", (first, _ZERO, _ZERO, *size))
        given = (cells, *given[:2])
    largest = Operation(("*",), (_ZERO, Call("MAXIFS", given)))
    return Group((Operation(("+",), (node, largest)),))


def _criteria(call: Call) -> list[int]:
    """Where the criteria stand."""
    first = FIRST.get(call.name)
    if first is None or len(call.arguments) <= first:
        return []
    many = call.name.endswith("S")
    return list(range(first, len(call.arguments), 2)) if many else [first]


def _pairs(call: Call) -> tuple[list[Node], list[tuple[Node, Node]]] | None:
    """What is summed, and each range with its criterion, as COUNTIFS and SUMIFS take them."""
    given = [one for one in call.arguments if one is not None]
    if len(given) < len(call.arguments):
        return None
    match call.name:
        case "COUNTIF" | "COUNTIFS":
            return [], list(zip(given[::2], given[1::2], strict=False))
        case "SUMIF" if len(given) == 3 and _same_shape(given[0], given[2]):
            return given[2:], [(given[0], given[1])]
        case "SUMIFS":
            return given[:1], list(zip(given[1::2], given[2::2], strict=False))
    return None


def _parts(node: Node | None) -> tuple[str, Node | None]:
    """The sign of a criterion, and the number or cell behind it."""
    head: Node | None = node
    value: Node | None = None
    if isinstance(node, Operation) and set(node.operators) == {"&"} and len(node.operands) == 2:
        head, value = node.operands
    elif isinstance(node, Call) and node.name in ("CONCAT", "CONCATENATE"):
        if len(node.arguments) != 2:
            return "", None
        head, value = node.arguments
    if not isinstance(head, Leaf) or head.kind is not Kind.TEXT:
        return "", None
    text = head.text[1:-1]
    sign = text[: 2 if text[:2] in ("<>", "<=", ">=") else 1]
    if value is None:
        return sign, _behind(text[len(sign) :])
    is_cell = isinstance(value, Reference) and not value.is_range
    return (sign, value) if text == sign and (is_cell or _is_number(value)) else ("", None)


def _is_number(node: Node | None) -> bool:
    return isinstance(node, Leaf) and node.kind is Kind.NUMBER


def _behind(text: str) -> Leaf | None:
    """What stands behind the sign: a number, a text, or nothing."""
    if _NUMBER.fullmatch(text):
        return Leaf(Kind.NUMBER, text)
    return Leaf(Kind.TEXT, f'"{text}"') if text else None


def _criterion(sign: str, value: Node | None) -> Node:
    return Operation(("&",), (Leaf(Kind.TEXT, f'"{sign}"'), value or _ZERO))


def is_one(node: Node | None) -> bool:
    """Whether an argument is one value for certain."""
    match node:
        case Leaf(kind, _):
            return kind is not Kind.ARRAY
        case Reference():
            return not node.is_range
        case Operation(_, operands):
            return all(map(is_one, operands))
        case Sign(_, operand):
            return is_one(operand)
        case Call():
            return node.name in _OF_ONE and all(map(is_one, node.arguments))
    return False


def _same_shape(one: Node | None, other: Node | None) -> bool:
    if not isinstance(one, Reference) or not isinstance(other, Reference):
        return False
    first, second = parse_area(one.text), parse_area(other.text)
    return (first.height, first.width) == (second.height, second.width)
