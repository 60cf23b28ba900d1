"""Lookups and columns that formualizer 0.13 takes otherwise than Excel; see `cures`."""

from __future__ import annotations

import re

from xlhedge.formula.addresses import parse_area
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import Call, Leaf, Node, Reference, Sign, made, parse
from xlhedge.recalc.criteria import literal, shapes

LOOKUPS = {"VLOOKUP": 1, "HLOOKUP": 1, "MATCH": 1, "LOOKUP": 1, "INDEX": 0}
"""Where a lookup has its cells."""

_NEAREST_BY = {"MATCH": 2, "VLOOKUP": 3, "HLOOKUP": 3}
_LINES = {"MATCH": "cells", "VLOOKUP": "INDEX(cells,0,1)", "HLOOKUP": "INDEX(cells,1,0)"}
_PLACES = re.compile(r"\{\d{1,3}(?:,\d{1,3})+\}")
NEAREST = "XLHEDGE.NEAREST"
"""XLOOKUP with a match mode of -1 or 1."""
SEARCHED = "XLHEDGE.SEARCHED"
"""MATCH, VLOOKUP and HLOOKUP in cells that are not sorted."""


def looked_up(call: Call, *, of_one: bool) -> Node:
    """A lookup, perhaps of one value, or INDEX: in a lost reference it is that error."""
    place = LOOKUPS[call.name]
    cells = call.arguments[place] if place < len(call.arguments) else None
    if isinstance(cells, Leaf) and cells.kind is Kind.ERROR:
        return cells
    if not of_one:
        return call
    if call.name == "VLOOKUP":
        call = _in_columns(call)
    return _halving(call) if _is_nearest_smaller(call) else call


def nearest(call: Call) -> Call:
    """XLOOKUP with a match mode of -1 or 1, written for `recalc.functions`."""
    given = list(call.arguments)
    side = given[4] if len(given) > 4 else None
    if literal(side.operand if isinstance(side, Sign) else side) != 1:
        return call
    for place, default in ((3, "#N/A"), (5, "1")):
        if place < len(given) and given[place] is None:
            given[place] = parse(default)
    return Call(NEAREST, tuple(given))


def found_cell(node: Node) -> Node:
    """An exact XLOOKUP in one row or column where a reference is wanted, which INDEX gives."""
    if not isinstance(node, Call) or node.name != "XLOOKUP" or len(node.arguments) != 3:
        return node
    wanted, cells, results = node.arguments
    if not isinstance(results, Reference) or not _is_line(results):
        return node
    return Call("INDEX", (results, Call("XMATCH", (wanted, cells))))


def _is_line(cells: Reference) -> bool:
    area = parse_area(cells.text)
    return 1 in (area.height, area.width)


def _is_nearest_smaller(call: Call) -> bool:
    """Whether a lookup is for the value or the next smaller one."""
    place = _NEAREST_BY.get(call.name)
    if place is None or len(call.arguments) < place:
        return False
    return len(call.arguments) == place or (literal(call.arguments[place]) or 0) > 0


def _halving(call: Call) -> Node:
    """A lookup for the nearest smaller value; what the engine does not find is searched anew.

    Cells without a number that is not above the one that is sought, or without a text where one is
    sought, hold no such value: the engine would take texts for numbers, and the search's time
    grows with the range, while a long column may hold nothing but such errors.
    """
    wanted, cells = call.arguments[:2]
    searched = Call(SEARCHED, (Leaf(Kind.TEXT, f'"{call.name}"'), *call.arguments[:3]))
    found = made("IFNA(call,searched)", call=call, searched=searched)
    if wanted is None or not isinstance(cells, Reference):
        return found
    numbers = "OR(COUNT(line)=0,(wanted)<MIN(line))"
    texts = 'AND(ISTEXT(wanted),COUNTIF(line,"*")=0)'
    return made(
        f"IF(IFERROR(IF(ISNUMBER(wanted),{numbers},{texts}),FALSE),"
        "IF(ISERROR(call),call,#N/A),found)",
        wanted=wanted,
        line=made(_LINES[call.name], cells=cells),
        call=call,
        found=found,
    )


def beside_each_other(call: Call) -> Call:
    """CHOOSE of columns by an array of constants, as one range."""
    first = call.arguments[0] if call.arguments else None
    if not isinstance(first, Leaf) or not _PLACES.fullmatch(first.text):
        return call
    places = [int(text) for text in first.text.strip("{}").split(",")]
    if not 0 < min(places) <= max(places) < len(call.arguments):
        return call
    chosen = tuple(call.arguments[place] for place in places)
    found = shapes(chosen)
    is_column = len(found) == 1 and all(height > 1 == width for height, width in found)
    columns = is_column and all(isinstance(one, Reference) for one in chosen)
    return Call("HSTACK", chosen) if columns else call


def _in_columns(call: Call) -> Call:
    """An exact VLOOKUP in columns side by side: a search in the first, and a cell of another."""
    if len(call.arguments) != 4:
        return call
    wanted, table, place, kind = call.arguments
    number = literal(place) or 0
    columns = table.arguments if isinstance(table, Call) and table.name == "HSTACK" else ()
    if not all(isinstance(one, Reference) for one in columns):
        return call
    if not 1 <= number <= len(columns) or literal(kind) != 0:
        return call
    found = Call("MATCH", (wanted, columns[0], parse("0")))
    return Call("INDEX", (columns[int(number) - 1], found))
