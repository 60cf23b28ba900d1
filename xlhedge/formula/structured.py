"""Structured references (Table[column], [@column]) as A1 references."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlhedge.formula.addresses import Area, End, quote_sheet

_ITEM = re.compile(r"\[((?:'.|[^\]'\[])*)\]")
_ESCAPE = re.compile(r"'(.)", re.DOTALL)
_THIS_ROW = "#this row"


class Table(NamedTuple):
    """A table (list object) of a sheet."""

    name: str
    sheet: str
    part: str
    area: Area
    header_rows: int
    totals_rows: int
    columns: tuple[str, ...]

    @property
    def data(self) -> Area:
        """The rows between header and totals."""
        return self.area._replace(
            top=self.area.top + self.header_rows, bottom=self.area.bottom - self.totals_rows
        )


class DefinedName(NamedTuple):
    """A name; `sheet` is None when the whole workbook knows it."""

    name: str
    text: str
    sheet: str | None


def resolve(reference: str, tables: dict[str, Table], sheet: str, row: int, column: int) -> str:
    """The A1 form of a structured reference that stands in a cell.

    It is one such as `Trades[price]`, `Trades[[#Totals],[a]:[b]]`, `[@[unit price]]` or `Trades`,
    and becomes a reference with its sheet, absolute but for the row in `[@column]`; `#REF!` when
    the table or column does not exist or the row has no part in it. `tables` are by name in lower
    case.
    """
    name, bracket, rest = reference.partition("[")
    # Without a name it means the table around the cell.
    around = (
        one for one in tables.values() if one.sheet == sheet and one.area.holds((row, column))
    )
    table = tables.get(name.lower()) if name else next(around, None)
    if table is None:
        return "#REF!"
    items, columns = _specifiers(rest[:-1] if bracket else "")
    try:
        rows = _rows(table, items, row if table.sheet == sheet else 0)
        places = [_place(table, name) for name in columns] or [0, len(table.columns) - 1]
    except ValueError:
        return "#REF!"
    fixed = _THIS_ROW not in items
    corners = zip(rows, (min(places), max(places)), strict=True)
    ends = [str(End(row, table.area.left + place, fixed, True)) for row, place in corners]
    return f"{quote_sheet(table.sheet)}!{':'.join(dict.fromkeys(ends))}"


def _place(table: Table, column: str) -> int:
    """Where a table has a column; spaces at the ends of a name count where they decide."""
    names = [name.lower() for name in table.columns]
    if column in names:
        return names.index(column)
    return [name.strip() for name in names].index(column.strip())


def _specifiers(text: str) -> tuple[set[str], list[str]]:
    """Items (#Data, #This Row, ...) and columns of the text between the outer brackets."""
    items: set[str] = set()
    if text.strip().startswith("@"):
        items.add(_THIS_ROW)
        text = text.strip()[1:]
    parts = [text] if text.strip() else []
    if text.strip().startswith("["):
        parts = _ITEM.findall(text)
        # Some writers leave out the inner brackets: Table[[#This Row],price].
        loose = _ITEM.sub("", text).strip(" ,:")
        parts += [loose] if loose else []
    columns = []
    for part in parts:
        word = part.lower()
        if word.strip().startswith("#"):
            items.add(word.strip())
            continue
        if word.startswith("@"):
            items.add(_THIS_ROW)
        columns.append(_ESCAPE.sub(r"\1", word.removeprefix("@")))
    return items, columns


def _rows(table: Table, items: set[str], row: int) -> tuple[int, int]:
    """First and last row that the items name; a ValueError where there is no such row."""
    area, data = table.area, table.data
    spans = []
    if _THIS_ROW in items:
        spans += [(row, row)] if row in data.rows else []
    elif "#all" in items:
        spans.append((area.top, area.bottom))
    else:
        if not items or "#data" in items:
            spans.append((data.top, data.bottom))
        if "#headers" in items and table.header_rows:
            spans.append((area.top, area.top))
        if "#totals" in items and table.totals_rows:
            spans.append((area.bottom, area.bottom))
    return min(span[0] for span in spans), max(span[1] for span in spans)
