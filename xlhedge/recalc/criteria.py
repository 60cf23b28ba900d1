"""Criteria of COUNTIF and its kin that formualizer 0.13 understands otherwise than Excel.

Notes
-----
"<>5" is met by the text 5, which "=5" is met by as well: what formualizer passes over is what
meets "=5" and is no number, hence what meets "=5" less what meets both ">=5" and "<=5". A sign
without a value, as ">"&A1 is where A1 is blank, is met by nothing. An error among the cells that
are summed or averaged is the result: MAXIFS of the same cells shows it. A criterion that is an
error, or the text "#N/A", is met by the errors of that kind and by no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlhedge.formula.addresses import parse_area
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import Call, Leaf, Name, Node, Operation, Reference, made, parse
from xlhedge.sheet.cells import CellError

FIRST = {
    "COUNTIF": 1, "COUNTIFS": 1, "SUMIF": 1, "SUMIFS": 2, "AVERAGEIF": 1, "AVERAGEIFS": 2,
    "MAXIFS": 2, "MINIFS": 2,
}  # fmt: skip
"""Where the first criterion of a function stands."""

_SUMMING = frozenset(["SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS"])
_SIGNS = frozenset(["<", ">", "<=", ">="])
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
NAMES_ERROR = re.compile(rf"(=|<>)?({'|'.join(map(re.escape, CellError))})", re.IGNORECASE)
"""A criterion that is met by errors, or by all but them."""

MARKED = "XLHEDGE.MARKED"
"""Cells, or a criterion, with errors as texts that no cell holds."""

_NEVER = parse('">1E+308"')


def without_empty_signs(call: Call) -> Call:
    """A call in which a sign before a blank cell is met by nothing."""
    for place in places(call):
        sign, value = _parts(call.arguments[place])
        if sign in _SIGNS and value is None:
            call = _with(call, place, _NEVER)
        elif sign in _SIGNS and isinstance(value, Reference) and not value.is_range:
            given = call.arguments[place] or _NEVER
            tested = made('IF(value="",never,given)', value=value, never=_NEVER, given=given)
            call = _with(call, place, tested)
    return call


def name_errors(call: Call) -> bool:
    """Whether a criterion is an error or names one, as it is written."""
    for place in places(call):
        wanted = call.arguments[place]
        texts = wanted.text.strip("{}").split(",") if isinstance(wanted, Leaf) else ()
        if wanted == Call("NA", ()) or any(NAMES_ERROR.fullmatch(one.strip('"')) for one in texts):
            return True
    return False


def cells_name_errors(call: Call) -> Node | None:
    """A test whether a cell with a criterion shows an error or names one; None without such cells.

    Criteria that are calculated are not looked at.
    """
    tests = [
        made('IFERROR(ISNUMBER(SEARCH("#",wanted)),TRUE)', wanted=wanted)
        for wanted in (call.arguments[place] for place in places(call))
        if isinstance(wanted, Reference)
    ]
    return Call("OR", tuple(tests)) if tests else None


def marked(call: Call) -> Call:
    """A call over texts in which errors, and the criteria that name them, are marked."""
    given = list(call.arguments)
    if call.name in ("SUMIF", "AVERAGEIF") and len(given) == 2:
        given.append(given[0])
    for place in places(call):
        given[place - 1] = Call(MARKED, (given[place - 1],))
        given[place] = Call(MARKED, (given[place], parse("TRUE")))
    return Call(call.function, tuple(given))


def with_texts(call: Call) -> Node:
    """A count or sum over what is unequal to a number, with the texts that read like it."""
    many = _of_many(call)
    given = many.arguments
    unequal = [place for place in places(many) if _parts(given[place])[0] == "<>"]
    if len(unequal) != 1 or many.name not in ("COUNTIFS", "SUMIFS") or None in given:
        return call
    place = unequal[0]
    value = _parts(given[place])[1]
    if value is None or not (isinstance(value, Reference) or _is_leaf(value, Kind.NUMBER)):
        return call
    if call.name == "SUMIF" and not _same_shape(given[0], given[1]):
        return call
    least = _with(many, place, _criterion(">=", value)).arguments
    texts = made(
        "IF(ISNUMBER(value),equal-numbers,0)" if isinstance(value, Reference) else "equal-numbers",
        value=value,
        equal=_with(many, place, _criterion("=", value)),
        numbers=Call(many.name, (*least, given[place - 1], _criterion("<=", value))),
    )
    return made("(call+(texts))", call=call, texts=texts)


def summed(call: Call) -> Node | None:
    """The cells of a conditional sum or mean."""
    if call.name not in _SUMMING or len(call.arguments) < 2:
        return None
    return _of_many(call).arguments[0]


def with_errors(call: Call, node: Node) -> Node:
    """A conditional sum or mean, perhaps written otherwise, that shows an error of its cells."""
    cells = summed(call)
    if cells is None:
        return node
    given = _of_many(call).arguments[1:]
    area = given[0]
    alike = call.name.endswith("S") or cells is area or _same_shape(area, cells)
    if area is not None and not alike:
        # What is summed begins at its first cell and is as large as the other range.
        size = "OFFSET(INDEX(cells,1,1),0,0,ROWS(area),COLUMNS(area))"
        cells = made(size, cells=cells, area=area)
    return made("(0*largest+node)", node=node, largest=Call("MAXIFS", (cells, *given)))


def _of_many(call: Call) -> Call:
    """The same by the function of several criteria, which takes first what is summed."""
    given = call.arguments
    if call.name in ("SUMIF", "AVERAGEIF"):
        given = (*(given[2:3] or given[:1]), *given[:2])
    return Call(call.name.removesuffix("S") + "S", given)


def places(call: Call) -> list[int]:
    """Where the criteria stand."""
    first = FIRST.get(call.name)
    if first is None or len(call.arguments) <= first:
        return []
    many = call.name.endswith("S")
    return list(range(first, len(call.arguments), 2)) if many else [first]


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
    return (
        (sign, value) if text == sign and (is_cell or _is_leaf(value, Kind.NUMBER)) else ("", None)
    )


def _is_leaf(node: Node | None, kind: Kind) -> bool:
    return isinstance(node, Leaf) and node.kind is kind


def _behind(text: str) -> Leaf | None:
    """What stands behind the sign: a number, a text, or nothing."""
    if _NUMBER.fullmatch(text):
        return Leaf(Kind.NUMBER, text)
    return Leaf(Kind.TEXT, f'"{text}"') if text else None


def _criterion(sign: str, value: Node) -> Node:
    return made(f'"{sign}"&value', value=value)


def _with(call: Call, place: int, node: Node) -> Call:
    """A call with another argument."""
    given = call.arguments
    return Call(call.function, (*given[:place], node, *given[place + 1 :]))


def literal(node: Node | None) -> float | None:
    """The number, or logical value, that is written as an argument; None where it is none."""
    if isinstance(node, Name):
        return {"TRUE": 1.0, "FALSE": 0.0}.get(node.text.upper())
    return float(node.text) if isinstance(node, Leaf) and node.kind is Kind.NUMBER else None


def shapes(given: Iterable[Node | None]) -> set[tuple[int, int]]:
    """The shapes of the references among arguments."""
    areas = [parse_area(one.text) for one in given if isinstance(one, Reference)]
    return {(area.height, area.width) for area in areas}


def _same_shape(one: Node | None, other: Node | None) -> bool:
    both = isinstance(one, Reference) and isinstance(other, Reference)
    return both and len(shapes((one, other))) == 1
