"""What defined names stand for: their relative references, and where their ranges lie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    address,
    area_or_none,
    parse_address,
)
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.formula.tree import Call, Node, Reference, Unreadable, changed, parse

# Letters or digits that no dollar sign stands before.
_RELATIVE = re.compile(r"(?<![$A-Za-z])[A-Za-z]|(?<![$0-9])[0-9]")


def positions(
    names: Mapping[tuple[str, str | None], str],
) -> tuple[list[tuple[str, Area]], set[str]]:
    """The ranges of names, and the names that read differently in each cell."""
    ranges, moving = [], set()
    for (name, _), text in names.items():
        for token in tokenize(text):
            if token.kind is not Kind.REFERENCE:
                continue
            area = area_or_none(token.text)
            if _RELATIVE.search(token.text):
                moving.add(name)
            if area is not None and ":" in token.text:
                ranges.append((name, area))
    return ranges, moving


def is_function(text: str) -> bool:
    """Whether a name holds a function of the workbook's own: a LAMBDA."""
    try:
        node = parse(text.lstrip("="))
    except Unreadable:
        return False
    return isinstance(node, Call) and node.name == "LAMBDA"


def moved(node: Node, rows: int, columns: int) -> Node:
    """A name's tree as it reads in another cell; what leaves the sheet enters at its other end."""
    if isinstance(node, Reference):
        ends = [_moved_end(end, rows, columns) for end in node.text.split(":")]
        return Reference(node.sheet, ":".join(ends))
    return changed(node, lambda child: moved(child, rows, columns))


_END = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


def _moved_end(text: str, rows: int, columns: int) -> str:
    match = _END.fullmatch(text)
    if match is None or text.count("$") == (2 if match[2] and match[4] else 1):
        return text
    dollar, letters, fixed, digits = match.groups()
    if not letters:
        dollar, fixed = "", dollar or fixed
    row, column = parse_address(f"{letters or 'A'}{digits or 1}")
    row = row if fixed else (row + rows - 1) % LAST_ROW + 1
    column = column if dollar else (column + columns - 1) % LAST_COLUMN + 1
    place = address(row, column)
    return (dollar + place.rstrip("0123456789") if letters else "") + (
        fixed + place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") if digits else ""
    )
