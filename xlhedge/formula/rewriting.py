"""A workbook's formulas with tables, names and rows of sheets written out as plain references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from xlhedge.catalog import CATALOG, namespaced
from xlhedge.formula.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    End,
    ends_of,
    quote_sheet,
    sheet_of_prefix,
)
from xlhedge.formula.copying import Pattern, likeness
from xlhedge.formula.functions import OF_MANY_ARGUMENTS, REACHES_OUTSIDE
from xlhedge.formula.structured import DefinedName, Table, resolve
from xlhedge.formula.tokens import Kind, storage_name, tokenize
from xlhedge.formula.tree import (
    Call,
    Group,
    Leaf,
    Name,
    Node,
    Reference,
    Unreadable,
    changed,
    parse,
    write,
)

_EXTERNAL_BOOK = re.compile(r"'?(?:[^'\[]*)\[[^\]]+\]")
_ONE_CELL = re.compile(r"(?:'[^']+'|\w+)!\$[A-Z]{1,3}\$[0-9]+")
_FIXED = re.compile(r"\$[A-Z]+\$[0-9]+(?::\$[A-Z]+\$[0-9]+)?")
_LIKE_CELL = re.compile("[a-z]{1,3}[0-9]{1,7}")
_DEEPEST_NAME = 8
_MOST_NODES = 50_000
_WRITTEN_OUT = frozenset(["ANCHORARRAY", "SINGLE"])


class Place(NamedTuple):
    """A cell with a formula."""

    sheet: str
    row: int
    column: int


class Outside(Exception):  # a signal, not an error that a user meets
    """A formula cannot be calculated here; the text, the end of a sentence, says why.

    `function` is the one that is not known here.
    """

    def __init__(self, reason: str, function: str = "") -> None:
        super().__init__(reason)
        self.function = function


class Rewriting:
    """Rewrites the formulas of one workbook.

    A formula that is a copy of an earlier one, as in the column of a table, is written by copying
    what that one became. `tables` are by name in lower case, `sheets` says what the engine's copy
    calls the sheets, in order, and `knows` whether the engine knows a function.
    """

    def __init__(
        self,
        tables: dict[str, Table],
        names: Iterable[DefinedName] = (),
        sheets: Mapping[str, str] | None = None,
        knows: Callable[[str], bool] = lambda name: True,
    ) -> None:
        self.functions: dict[str, str] = {}
        """Functions of Excel that were met, each with the text by which formulas call it."""
        self.called: set[str] = set()
        """Functions of formulas that were read."""
        self._tables = tables
        self._areas = [(name, one.area, one.data) for name, one in tables.items()]
        self._knows = knows
        sheets = sheets or {}
        self._sheets = {sheet.lower(): name for sheet, name in sheets.items()}
        self._spelled = {sheet.lower(): sheet for sheet in sheets}
        self._order = list(sheets.values())
        self._names = {(one.name.lower(), one.sheet): one.text.lstrip("=") for one in names}
        self._own = {
            key for (key, _), text in self._names.items() if key in CATALOG and is_function(text)
        }
        self._placed = [
            (key, held) for (key, _), held in self._names.items() if not _ONE_CELL.fullmatch(held)
        ]
        self._like_cells = [key for key, _ in self._names if _LIKE_CELL.fullmatch(key)]
        self._everywhere: dict[tuple[str, str, str], Node] = {}
        """What names and structured references stand for in all cells of a sheet."""
        self._known: dict[tuple[object, ...], Pattern | Outside] = {}
        self._budget = 0

    def rewritten(self, text: str, place: Place, *, array: bool) -> Pattern:
        """A cell's formula for the engine, as it may be copied; Outside where it has none."""
        key: tuple[object, ...] = (array, text, *place)
        if not self.is_local(text):
            whole = self._with_names(text)
            tables = self._tables_beside(whole, place)
            key = array, place.sheet, *tables, *likeness(whole, place.row, place.column)
        found = self._known.get(key)
        if found is None:
            try:
                found = self._first(text, place, array=array)
            except Outside as problem:
                found = problem
            except Unreadable as problem:
                found = Outside(str(problem))
            except RecursionError:
                found = Outside("is nested too deeply")
            self._known[key] = found
        if isinstance(found, Outside):
            raise found.with_traceback(None)  # else it would grow with each copy
        return found

    def is_local(self, text: str) -> bool:
        """Whether a formula has no copies: a name in it looks like a cell."""
        lower = text.lower() if self._like_cells else ""
        return any(name in lower for name in self._like_cells)

    def _with_names(self, text: str, depth: int = 0) -> str:
        """A formula and what its names hold where that may depend on the cell as well."""
        lower = text.lower() if self._placed else ""
        held = ",".join([held for name, held in self._placed if name in lower])
        if not held or depth >= _DEEPEST_NAME:
            return text
        return f"{text},{self._with_names(held, depth + 1)}"

    def evaluated(self, node: Node, place: Place, *, array: bool) -> Node:
        """The tree in the engine's dialect."""
        return node

    def called_name(self, sheet: str) -> str:
        """What the engine's copy calls a sheet."""
        return self._sheets.get(sheet.lower(), sheet)

    def plain_names(self) -> list[DefinedName]:
        """The names that refer to cells, as the engine reads them."""
        found = []
        for key, owner in self._names:
            self._budget = _MOST_NODES
            try:
                node = self._content(key, "", Place(owner or "", 1, 1), 0)
            except (Outside, Unreadable):
                continue
            if isinstance(node, Reference) and key not in self._like_cells:
                found.append(DefinedName(key, node.sheet + node.text, owner))
        return found

    def _first(self, text: str, place: Place, *, array: bool) -> Pattern:
        self._budget = _MOST_NODES
        node = self.evaluated(self.expanded(parse(text), place), place, array=array)
        return Pattern(write(node), place.row, place.column)

    def _tables_beside(self, text: str, place: Place) -> tuple[object, ...]:
        """What structured references depend on: where the cell's row and column cross tables."""
        if "[" not in text:
            return ()
        found = []
        for name, area, data in self._areas:
            row = place.row if area.top <= place.row <= area.bottom else 0
            column = place.column if area.left <= place.column <= area.right else 0
            if row or column:
                found.append((name, column, data.top <= row <= data.bottom or row))
        return tuple(found)

    def expanded(self, node: Node, place: Place, depth: int = 0) -> Node:
        """A tree with its tables, names and rows of sheets written out."""
        self._budget -= 1
        if self._budget < 0:
            raise Outside("grows endlessly when its names are written out")
        match node:
            case Name():
                return self._name(node, place, depth)
            case Reference(sheet, text):
                if text.lower() in self._like_cells:
                    return self._name(Name(sheet, text), place, depth)
                return Reference(self._sheet(sheet), text) if sheet else node
            case Call():
                return self._call(node, place, depth)
        return changed(node, lambda child: self.expanded(child, place, depth))

    def _sheet(self, text: str) -> str:
        """A sheet's text as the engine's copy spells it."""
        if _EXTERNAL_BOOK.match(text):
            raise Outside("refers to another workbook")
        known = self._sheets.get(sheet_of_prefix(text).lower())
        return text if known is None else f"{quote_sheet(known)}!"

    def _name(self, node: Name, place: Place, depth: int) -> Node:
        key = (*node, place.sheet)
        found = self._everywhere.get(key)
        if found is None:
            found = self._found(node, place, depth)
            # What begins with a bracket is of the table around the cell.
            fixed = isinstance(found, Reference) and _FIXED.fullmatch(found.text)
            if fixed and not node.text.startswith("["):
                self._everywhere[key] = found
        return found

    def _found(self, node: Name, place: Place, depth: int) -> Node:
        sheet, text = node
        key = text.lower()
        if sheet and _EXTERNAL_BOOK.match(sheet):
            raise Outside("refers to another workbook")
        if "[" in text or key in self._tables:
            written = resolve(text, self._tables, *place)
            if written == "#REF!" and re.fullmatch(r"\[\d+\]", text):
                raise Outside("refers to another workbook")
            return self.expanded(parse(written), place, depth)
        content = self._content(key, sheet, place, depth)
        return node if content is None else content

    def _content(self, key: str, sheet: str, place: Place, depth: int) -> Node | None:
        """What a name stands for in a cell; None where there is no such name."""
        owner = place.sheet
        if sheet:
            owner = self._spelled.get(sheet_of_prefix(sheet).lower(), "")
        local = self._names.get((key, owner))
        text = self._names.get((key, None)) if local is None else local
        if text is None:
            return None
        if depth > _DEEPEST_NAME:
            raise Outside(f"uses the name {key}, which refers to itself")
        # Its references are stored as a formula in A1 would read.
        here = _moved(parse(text), place.row - 1, place.column - 1)
        home = place if local is None else place._replace(sheet=owner)
        node = self.expanded(here, home, depth + 1)
        if isinstance(node, (Reference, Leaf)) or _is_lambda(node):
            return node
        return Group((node,), of_name=True)

    def _call(self, node: Call, place: Place, depth: int) -> Node:
        head = node.function
        given = tuple(
            None if one is None else self.expanded(one, place, depth) for one in node.arguments
        )
        if not isinstance(head, str):
            return Call(self.expanded(head, place, depth), given)
        sheet, _, name = head.rpartition("!")
        own = not sheet and name.lower() in self._own
        name = storage_name(name)
        self.called.add(name)
        if name in CATALOG and not own:
            return Call(name, given)
        if sheet and _EXTERNAL_BOOK.match(sheet):
            raise Outside("refers to another workbook")
        if name in REACHES_OUTSIDE:
            raise Outside(f"calls {name}, which reaches outside the workbook")
        content = self._content(name.lower(), f"{sheet}!" if sheet else "", place, depth)
        if content is not None:
            return Call(content, given)
        if not name.startswith("_XLPM.") and name not in _WRITTEN_OUT:
            self.functions.setdefault(name, head)
            if head.lower().startswith("_xll.") or not self._knows(name):
                raise Outside(f"calls {name}, which is not known here", name)
        return self._of_areas(Call(head, given))

    def _of_areas(self, node: Call) -> Node:
        """Areas on several sheets, or several areas in brackets, as arguments of their own."""
        given: list[Node | None] = []
        for argument in node.arguments:
            parts = list(self._areas_of(argument))
            if len(parts) > 1 and node.name not in OF_MANY_ARGUMENTS:
                raise Outside(f"gives several areas to {node.name}")
            given.extend(parts)
        return Call(node.function, tuple(given))

    def _areas_of(self, node: Node | None) -> Iterable[Node | None]:
        if isinstance(node, Group) and len(node.members) > 1:
            for member in node.members:
                yield from self._areas_of(member)
        elif isinstance(node, Reference) and ":" in node.sheet:
            first, _, last = sheet_of_prefix(node.sheet).partition(":")
            try:
                ends = [self._order.index(self._sheets[name.lower()]) for name in (first, last)]
            except KeyError:
                yield Leaf(Kind.ERROR, "#REF!")
                return
            for sheet in self._order[min(ends) : max(ends) + 1]:
                yield Reference(f"{quote_sheet(sheet)}!", node.text)
        else:
            yield node


def _moved(node: Node, rows: int, columns: int) -> Node:
    """A name's tree as it reads in another cell; what leaves the sheet enters at its other end."""
    if isinstance(node, Reference):
        ends = [_wrapped(end.moved(rows, columns)) for end in ends_of(node.text) or ()]
        return Reference(node.sheet, ":".join(map(str, ends)))
    return changed(node, lambda child: _moved(child, rows, columns))


def _wrapped(end: End) -> End:
    return end._replace(
        row=None if end.row is None else (end.row - 1) % LAST_ROW + 1,
        column=None if end.column is None else (end.column - 1) % LAST_COLUMN + 1,
    )


def _is_lambda(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "LAMBDA"


def is_function(text: str) -> bool:
    """Whether a name holds a function of the workbook's own: a LAMBDA."""
    try:
        return _is_lambda(parse(text.lstrip("=")))
    except Unreadable:
        return False


_OURS = frozenset(
    [*CATALOG, *CATALOG.second_names, *(namespaced(name).partition(".")[2] for name in CATALOG)]
)
# Those that hold no other one.
_SHORTEST = [name for name in _OURS if sum(other in name for other in _OURS) == 1]


def name_ours(texts: str) -> bool:
    """Whether a name of ours stands in formulas: a cheap test that spares most the tokenizer."""
    upper = texts.upper()
    return any(name in upper for name in _SHORTEST)


def calls_ours(text: str) -> bool:
    """Whether a formula calls a function of ours."""
    return name_ours(text) and any(
        token.kind is Kind.FUNCTION and storage_name(token.text) in CATALOG
        for token in tokenize(text)
    )
