"""Where the rows of a template's tables come from: the list below the checks.

Its named cells are those that `xlhedge.filling.provenance` writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.filling.provenance import TYPED, YOURS, footer
from xlhedge.templates._layout import Input, Sheet

LIBRARY = "library"
"""The kind of a table whose rows may stay: they are ours, and no example."""

_TABLE = 1
_SOURCE_COLUMNS = (
    "Table", "Rows are", "Source", "Filled, UTC", "Rows", "First time", "Last time", "Example's sum"
)  # fmt: skip
_KIND, _SOURCE, _FILLED, _ROWS, _FIRST_TIME, _LAST_TIME, _MARK, SUMMARY = range(2, 10)
"""Columns of the list; what is in SUMMARY and beside it is not printed."""


@dataclass(frozen=True)
class Rows:
    """A table of the user's own, and what it holds in a fresh workbook.

    Parameters
    ----------
    table
        The table's name.
    kind
        sample, example, library or yours.
    source
        A file's name, or a few words.
    numbers
        The columns of constants whose sum tells the example from other rows.
    total
        That sum.
    time
        Its column of times, if it has one.
    counted
        The column whose filled cells count as rows.
    optional
        Whether the template works without the table: example rows that are left in it are worth a
        look then, and no failure.
    """

    table: str
    kind: str
    source: str
    numbers: tuple[str, ...]
    total: float
    counted: str
    time: str = ""
    area: str = ""
    optional: bool = False

    @property
    def where(self) -> str:
        """The area of checks that its example rows fail."""
        return self.area or self.table.lower()


def rows_of(
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    numbers: Sequence[str],
    *,
    kind: str = "example",
    source: str = "invented rows",
    time: str = "",
    area: str = "",
    optional: bool = False,
) -> Rows:
    """What a table of a fresh workbook holds, with the sum that tells it from other rows."""
    places = [columns.index(name) for name in numbers]
    total = sum(float(row[place] or 0) for row in rows for place in places)
    counted = next(name for name in (*numbers, *columns) if name != time)
    return Rows(table, kind, source, tuple(numbers), total, counted, time, area, optional)


def write_sources(sheet: Sheet, row: int, tables: Sequence[Rows]) -> None:
    """Write the list from a row on: table, kind, source, time of filling, rows, period, sum."""
    sheet.headers(row, _TABLE, _SOURCE_COLUMNS, texts=(0, 1, 2, 3, 5, 6))
    for here, item in enumerate(tables, row + 1):
        name = item.table
        sheet.write(here, _TABLE, name, "label")
        sheet.write(here, _KIND, item.kind, "input")
        kind = Input("", "Rows are", None, "", "text", "sample, example or yours; filling a table "
                     "sets it.", choices=("sample", "example", LIBRARY, YOURS))  # fmt: skip
        sheet.guard((here, _KIND, here, _KIND), kind)
        # A file may be called =mine.csv.
        sheet.constant(here, _SOURCE, item.source, sheet.style("input"))
        sheet.write(here, _FILLED, None, "input", "time")
        sheet.write(here, _ROWS, f"=COUNTA({name}[{item.counted}])", "calculated", "integer")
        for column, function in ((_FIRST_TIME, "MIN"), (_LAST_TIME, "MAX")):
            times = f'=IF(COUNT({name}[{item.time}])=0,"",{function}({name}[{item.time}]))'
            sheet.write(here, column, times if item.time else "", "calculated", "time")
        sheet.write(here, _MARK, item.total, "constant", "general")
        for what, column in (("kind", _KIND), ("source", _SOURCE), ("filled", _FILLED),
                             ("mark", _MARK)):  # fmt: skip
            sheet.book.name(f"{what}_of_{name}", sheet.name, here, column)
        total = "+".join(f"SUM({name}[{column}])" for column in item.numbers)
        # A number in error is no example's.
        other = f"IFERROR(ABS({total}-mark_of_{name})>mark_tolerance,TRUE)"
        changed = f'AND(mark_of_{name}<>"",{other})'
        sheet.write(here, SUMMARY, f'=IF({changed},"{YOURS}",kind_of_{name})', "note")
        sheet.book.name(f"is_of_{name}", sheet.name, here, SUMMARY)
        at = {
            column: xl_rowcol_to_cell(here, column) for column in (_ROWS, _FIRST_TIME, _LAST_TIME)
        }
        period = (
            f'&IF({at[_LAST_TIME]}="","",", "&TEXT({at[_FIRST_TIME]},"yyyy-mm-dd")&" to "&'
            f'TEXT({at[_LAST_TIME]},"yyyy-mm-dd"))'
        ) if item.time else ""  # fmt: skip
        typed = (
            f'IF(AND(is_of_{name}="{YOURS}",kind_of_{name}<>"{YOURS}"),"{TYPED}",source_of_{name})'
        )
        filled = (
            f'&IF(filled_of_{name}="","",", filled "&TEXT(filled_of_{name},"yyyy-mm-dd hh:mm"))'
        )
        rows = f'TEXT({at[_ROWS]},"#,##0")&IF({at[_ROWS]}=1," row"," rows")'
        summary = f'="{name}: "&{typed}&", "&{rows}{period}{filled}'
        if item.optional:
            summary = f'=IF({at[_ROWS]}=0,"",{summary[1:]})'
        sheet.write(here, SUMMARY + 1, summary, "note")
        sheet.book.name(f"summary_of_{name}", sheet.name, here, SUMMARY + 1)


def fresh_footer(kinds: Mapping[str, str]) -> str:
    """What the foot of each printed page says of a fresh workbook: table to kind or source."""
    return footer(f"{table}: {kind}" for table, kind in kinds.items())
