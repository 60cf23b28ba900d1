"""What defined names stand for: functions, and references that move with the formula."""

from __future__ import annotations

from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW, End, ends_of
from xlhedge.formula.tree import Call, Node, Reference, Unreadable, changed, parse


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
        ends = [_wrapped(end.moved(rows, columns)) for end in ends_of(node.text) or ()]
        return Reference(node.sheet, ":".join(map(str, ends)))
    return changed(node, lambda child: moved(child, rows, columns))


def _wrapped(end: End) -> End:
    return end._replace(
        row=None if end.row is None else (end.row - 1) % LAST_ROW + 1,
        column=None if end.column is None else (end.column - 1) % LAST_COLUMN + 1,
    )
