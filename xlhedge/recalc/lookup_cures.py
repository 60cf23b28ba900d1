"""Lookups and columns that formualizer 0.13 takes otherwise than Excel; see `cures`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import parse_area
from xlhedge.formula.functions import GIVES_ARRAY, GIVES_REFERENCE, argument_class
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import Call, Group, Leaf, Name, Node, Operation, Reference, Sign
from xlhedge.recalc import criteria

_LOOKED_UP = {"VLOOKUP": 1, "HLOOKUP": 1, "MATCH": 1, "LOOKUP": 1, "INDEX": 0}
_NEAREST_BY = {"MATCH": 2, "VLOOKUP": 3, "HLOOKUP": 3}
_PLACES = re.compile(r"\{\d{1,3}(?:,\d{1,3})+\}")
_ZERO, _ONE = Leaf(Kind.NUMBER, "0"), Leaf(Kind.NUMBER, "1")
_FALSE = Leaf(Kind.NAME, "FALSE")
NEAREST = "XLHEDGE.NEAREST"
"""XLOOKUP with a match mode of -1 or 1."""
SEARCHED = "XLHEDGE.SEARCHED"
"""MATCH, VLOOKUP and HLOOKUP in cells that are not sorted."""


def lost(call: Call) -> Node | None:
    """The error that is written where a lookup has its range."""
    place = _LOOKED_UP.get(call.name)
    given = call.arguments[place] if place is not None and place < len(call.arguments) else None
    return given if isinstance(given, Leaf) and given.kind is Kind.ERROR else None


def nearest(call: Call) -> Call:
    """XLOOKUP with a match mode of -1 or 1, written for `recalc.functions`."""
    given = list(call.arguments)
    side = given[4]
    if literal(side.operand if isinstance(side, Sign) else side) != 1:
        return call
    given[3] = Leaf(Kind.ERROR, "#N/A") if given[3] is None else given[3]
    if len(given) > 5 and given[5] is None:
        given[5] = Leaf(Kind.NUMBER, "1")
    return Call(NEAREST, tuple(given))


def is_nearest_smaller(call: Call) -> bool:
    """Whether a lookup of one value is for the value or the next smaller one."""
    place = _NEAREST_BY.get(call.name)
    if place is None or len(call.arguments) < place or not is_value(call.arguments[0]):
        return False
    if len(call.arguments) <= place:
        return True
    kind = call.arguments[place]
    return (literal(kind) or 0) > 0 or (isinstance(kind, Name) and kind.text.upper() == "TRUE")


def halving(call: Call) -> Call:
    """A lookup for the nearest smaller value; what the engine does not find is searched anew.

    Cells without a number that is not above the one that is sought, or without a text where one is
    sought, hold no such value: the engine would take texts for numbers, and the search's time
    grows with the range, while a long column may hold nothing but such errors.
    """
    wanted, cells = call.arguments[:2]
    searched = Call(SEARCHED, (Leaf(Kind.TEXT, f'"{call.name}"'), *call.arguments[:3]))
    found = Call("IFNA", (call, searched))
    if wanted is None or not isinstance(cells, Reference):
        return found
    line: Node = cells
    if call.name != "MATCH":
        places = (_ZERO, _ONE) if call.name == "VLOOKUP" else (_ONE, _ZERO)
        line = Call("INDEX", (cells, *places))
    no_number = Operation(("=",), (Call("COUNT", (line,)), _ZERO))
    below = Operation(("<",), (Group((wanted,)), Call("MIN", (line,))))
    texts = Call("COUNTIF", (line, Leaf(Kind.TEXT, '"*"')))
    no_text = Call("AND", (Call("ISTEXT", (wanted,)), Operation(("=",), (texts, _ZERO))))
    none = Call("IF", (Call("ISNUMBER", (wanted,)), Call("OR", (no_number, below)), no_text))
    missing = Call("IF", (Call("ISERROR", (call,)), call, Leaf(Kind.ERROR, "#N/A")))
    return Call("IF", (Call("IFERROR", (none, _FALSE)), missing, found))


def is_value(node: Node | None) -> bool:
    """Whether an argument is one value for certain."""
    match node:
        case Group(members):
            return all(map(is_value, members))
        case Call():
            return not (
                node.name in GIVES_ARRAY | GIVES_REFERENCE
                or node.name in CATALOG
                or node.name.startswith("XLHEDGE")
            ) and all(
                argument_class(node.name, place) != "V" or one is None or is_value(one)
                for place, one in enumerate(node.arguments)
            )
    return criteria.is_one(node)


def beside_each_other(call: Call) -> Call:
    """CHOOSE of columns by an array of constants, as one range."""
    first = call.arguments[0] if call.arguments else None
    if not isinstance(first, Leaf) or not _PLACES.fullmatch(first.text):
        return call
    places = [int(text) for text in first.text.strip("{}").split(",")]
    if not 0 < min(places) <= max(places) < len(call.arguments):
        return call
    chosen = tuple(call.arguments[place] for place in places)
    areas = [parse_area(one.text) for one in chosen if isinstance(one, Reference)]
    if len(areas) < len(chosen) or {area.width for area in areas} != {1} or areas[0].height == 1:
        return call
    return call if are_unlike(chosen) else Call("HSTACK", chosen)


def in_columns(call: Call) -> Call:
    """An exact VLOOKUP in columns side by side: a search in the first, and a cell of another."""
    if len(call.arguments) != 4:
        return call
    wanted, table, place, kind = call.arguments
    number = literal(place)
    exact = literal(kind) == 0 or (isinstance(kind, Name) and kind.text.upper() == "FALSE")
    if not (exact and isinstance(table, Call) and table.name == "HSTACK" and number):
        return call
    if not all(isinstance(one, Reference) for one in table.arguments):
        return call
    if not 1 <= number <= len(table.arguments) or not is_value(wanted):
        return call
    found = Call("MATCH", (wanted, table.arguments[0], _ZERO))
    return Call("INDEX", (table.arguments[int(number) - 1], found))


def are_unlike(given: Iterable[Node | None]) -> bool:
    """Whether references are of unlike shapes."""
    areas = [parse_area(one.text) for one in given if isinstance(one, Reference)]
    return len({(area.height, area.width) for area in areas}) > 1


def literal(node: Node | None) -> float | None:
    """The number that is written as an argument; None where it is none."""
    return float(node.text) if isinstance(node, Leaf) and node.kind is Kind.NUMBER else None
