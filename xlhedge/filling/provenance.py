"""Where the rows of a template's tables come from, in the named cells that say so.

A template names three cells for each table of the user's: `kind_of_TABLE` (sample, example or
yours), `source_of_TABLE` and `filled_of_TABLE`. Its input `ValuationTime` belongs to the example:
it is cleared as soon as rows of the user's own come in, so that their age is judged at the present
time. A workbook without these names is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple

from xlhedge.filling.values import day_number
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.names import named_areas
from xlhedge.workbook.package import Package
from xlhedge.workbook.values import clear, write_value
from xlhedge.workbook.worksheet import Worksheet, worksheet_named, worksheet_of
from xlhedge.workbook.xml import MAIN

YOURS = "yours"
EXAMPLES = ("sample", "example")
"""What a table of a fresh template holds: simulated rows, or invented ones."""
VALUATION_TIME = "ValuationTime"
FOOTER = "Sources: "
"""How the foot of a printed page begins where it names the sources."""

_LEFT_OF_FOOTER = re.compile(rf"(?<=&L&8){FOOTER}.*?(?=&C)", re.DOTALL)
_LONGEST = 150
"""Characters of a footer's left part: Excel allows 255 in all."""


class NamedCell(NamedTuple):
    """A cell that a defined name of the whole workbook points at."""

    worksheet: Worksheet
    row: int
    column: int

    @property
    def value(self) -> Cell:
        """What it holds."""
        return self.worksheet.value(self.row, self.column)

    def write(self, value: Cell) -> None:
        """Put a constant in the place of what it holds; its style stays."""
        cell = self.worksheet.cell(self.row, self.column)
        clear(cell)
        write_value(cell, value)
        self.worksheet.mark()
        self.worksheet.forget_formulas()


def named_cell(package: Package, name: str) -> NamedCell | None:
    """The cell of a defined name; None where there is no such name or it is no single cell."""
    area = named_areas(package).get(name.lower())
    if area is None or not area.is_cell:
        return None
    return NamedCell(worksheet_named(package, area.sheet), *area.place)


def footer(sources: Iterable[str]) -> str:
    """The text at the foot of a printed page that names the sources; an ampersand is a code."""
    return f"{FOOTER}{'; '.join(sources)}"[:_LONGEST].replace("&", "&&")


def record(
    package: Package, table: str, source: str, moment: datetime, *, append: bool = False
) -> None:
    """Write down where the rows of a table come from.

    Parameters
    ----------
    package
        The workbook.
    table
        The table that was filled.
    source
        A file's name, or a few words.
    moment
        When it was filled, in UTC.
    append
        Whether the rows came after those that the table held: an example stays one then.
    """
    kind, origin, filled = (
        named_cell(package, f"{what}_of_{table}") for what in ("kind", "source", "filled")
    )
    if kind is None or origin is None or filled is None:
        return
    if "://" not in source:
        source = PurePath(source).name
    example = str(kind.value).lower() in EXAMPLES
    mark = named_cell(package, f"mark_of_{table}")
    if not append:
        kind.write(YOURS)
        origin.write(source)
    else:
        origin.write(f"{origin.value or 'rows typed in'}, then {source}")
        if mark is not None:
            mark.write(None)
    number = day_number(moment.replace(microsecond=0), from_1904=package.counts_from_1904)
    filled.write(number)
    valuation = named_cell(package, VALUATION_TIME)
    if example and valuation is not None:
        valuation.write(None)
    _write_footers(package)


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
    for sheet in package.worksheets:
        worksheet = worksheet_of(package, sheet)
        for node in worksheet.root.iterfind(f"{MAIN}headerFooter/{MAIN}oddFooter"):
            before = node.text or ""
            node.text = _LEFT_OF_FOOTER.sub(lambda _: text, before)
            if node.text != before:
                worksheet.mark()
