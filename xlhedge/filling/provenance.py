"""Where the rows of a template's tables come from, in the named cells that say so.

A template names three cells for each table of the user's: `kind_of_TABLE` (sample, example or
yours), `source_of_TABLE` and `filled_of_TABLE`; `is_of_TABLE` says yours for typed-in rows, too.
Its input `ValuationTime` is cleared as soon as rows of the user's own come in, so that their age is
judged at the present time, but only while it is that of the example, `example_valuation`: a time
that the user has set stays. A workbook without these names is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple

from xlhedge.filling.values import day_number
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import cells_named, read_cells
from xlhedge.workbook.package import NamedArea, Package
from xlhedge.workbook.values import clear, write_value
from xlhedge.workbook.writing import rewrite, write_cells
from xlhedge.workbook.xml import MAIN, set_text

YOURS = "yours"
EXAMPLES = ("sample", "example")
"""What a table of a fresh template holds: simulated rows, or invented ones."""
VALUATION_TIME = "ValuationTime"
EXAMPLE_VALUATION = "example_valuation"
"""The valuation time of a fresh template."""
FOOTER = "Sources: "
"""How the foot of a printed page begins where it names the sources."""

TYPED = "typed in"
"""The source of rows that no file brought."""

_LEFT_OF_FOOTER = re.compile(rf"(?<=&L&8){FOOTER}.*?(?=&[CR])", re.DOTALL)
_ENDINGS = frozenset(
    {".csv", ".gz", ".json", ".ods", ".parquet", ".tsv", ".txt", ".xls", ".xlsm", ".xlsx", ".xltm",
     ".xltx", ".zip"}
)  # fmt: skip
"""How a file's name ends: of a path its last part is told, and no more of the user's folders."""
_LONGEST = 90
"""Characters of a footer's left part that leave the right one its place on a portrait page."""


class NamedCell(NamedTuple):
    """A cell that a defined name of the whole workbook points at."""

    package: Package
    area: NamedArea

    @property
    def value(self) -> Cell:
        """What it holds."""
        return cells_named(self.package, self.area.sheet).value(self.area.place)


def named_cell(package: Package, name: str) -> NamedCell | None:
    """The cell of a defined name; None where there is no such name or it is no single cell."""
    area = package.named_areas.get(name.lower())
    return NamedCell(package, area) if area is not None and area.is_cell else None


def write_named(package: Package, changes: Mapping[NamedArea, Cell]) -> None:
    """Put constants in the place of what named cells hold; their styles stay."""

    def put(cell: Any, value: Cell) -> None:
        clear(cell)
        write_value(cell, value)

    for sheet in {area.sheet for area in changes}:
        cells = {
            area.place: partial(put, value=value)
            for area, value in changes.items()
            if area.sheet == sheet
        }
        write_cells(cells_named(package, sheet), cells)


def holds_example(package: Package, table: str) -> bool:
    """Whether a table of a template still holds the rows of the fresh workbook."""
    told = {_word(package, what, table) for what in ("kind", "is")} - {""}
    return bool(told) and told <= set(EXAMPLES)


def footer(sources: Iterable[str]) -> str:
    """The text at the foot of a printed page that names the sources; an ampersand is a code."""
    text = f"{FOOTER}{'; '.join(sources)}"
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return shown.replace("&", "&&")


def record(
    package: Package, sources: Mapping[str, str], moment: datetime, *, append: bool = False
) -> None:
    """Write down where the rows of tables come from, and when they came, in UTC.

    Of a file's path the name is told. Rows that were appended leave an example one.
    """
    day = day_number(moment.replace(microsecond=0), from_1904=package.counts_from_1904)
    changes: dict[NamedArea, Cell] = {}
    for table, told in sources.items():
        kind, origin, filled = (
            named_cell(package, f"{what}_of_{table}") for what in ("kind", "source", "filled")
        )
        if kind is None or origin is None or filled is None:
            continue
        source, held_example = _told(told), str(kind.value).lower() in EXAMPLES
        if append:
            changes |= _appended(package, table, source, kind, origin)
        else:
            changes |= {kind.area: YOURS, origin.area: source}
        changes |= {filled.area: day, **_cleared(package, held_example=held_example)}
    if changes:
        write_named(package, changes)
        _write_footers(package)


def carry_over(package: Package, tables: Iterable[str], older: Package) -> None:
    """Say of rows that came out of an older workbook what that one says of them."""
    changes: dict[NamedArea, Cell] = {}
    for table in tables:
        for what in ("source", "filled"):
            cell, before = (named_cell(book, f"{what}_of_{table}") for book in (package, older))
            if cell is not None and before is not None:
                typed = what == "source" and _word(older, "kind", table) != YOURS
                changes[cell.area] = TYPED if typed else before.value
    write_named(package, changes)
    _write_footers(package)


def _word(package: Package, what: str, table: str) -> str:
    """What a workbook says of a table's rows, in lower case; empty where it says nothing."""
    cell = named_cell(package, f"{what}_of_{table}")
    return "" if cell is None else str(cell.value or "").lower()


def is_yours(package: Package, table: str) -> bool:
    """Whether a table of a template holds rows of the user's own, typed in or filled."""
    return YOURS in (_word(package, "kind", table), _word(package, "is", table))


def _told(source: str) -> str:
    """A source without the folders of its files; other names may hold slashes, too."""
    if "://" in source:
        return source
    parts = [(part, PurePath(part)) for part in source.split(", ")]
    return ", ".join(path.name if path.suffix.lower() in _ENDINGS else name for name, path in parts)


def _appended(
    package: Package, table: str, source: str, kind: NamedCell, origin: NamedCell
) -> dict[NamedArea, Cell]:
    """Rows came after those that the table held: an example stays one, typed-in rows are yours."""
    mark, status = (named_cell(package, f"{what}_of_{table}") for what in ("mark", "is"))
    changes: dict[NamedArea, Cell] = {}
    before = origin.value
    if status is not None and status.value == YOURS and kind.value != YOURS:
        changes[kind.area] = YOURS
        before = TYPED
    elif mark is not None:
        changes[mark.area] = None
    if before != source and not str(before).endswith(f", then {source}"):
        changes[origin.area] = f"{before or TYPED}, then {source}"
    return changes


def _cleared(package: Package, *, held_example: bool) -> dict[NamedArea, Cell]:
    """The example's valuation time is cleared; older workbooks do not tell which one that is."""
    valuation, example = (named_cell(package, name) for name in (VALUATION_TIME, EXAMPLE_VALUATION))
    if valuation is None or valuation.value is None:
        return {}
    is_example = held_example if example is None else valuation.value == example.value
    return {valuation.area: None} if is_example else {}


def _write_footers(package: Package) -> None:
    texts = []
    for defined in package.defined_names:
        if not defined.name.lower().startswith("source_of_"):
            continue
        table = defined.name[len("source_of_") :]
        kind, origin = (named_cell(package, f"{what}_of_{table}") for what in ("kind", "source"))
        if kind is not None and origin is not None:
            own = kind.value == YOURS
            texts.append(f"{table}: {origin.value if own else kind.value}")
    text = footer(texts)
    for cells in read_cells(package):
        for node in cells.root.iterfind(f"{MAIN}headerFooter/{MAIN}oddFooter"):
            if set_text(node, _LEFT_OF_FOOTER.sub(lambda _: text, node.text or "")):
                rewrite(cells)
