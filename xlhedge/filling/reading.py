"""Values of an existing workbook's cells and tables."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlhedge.errors import FileError
from xlhedge.filling.sources import Source
from xlhedge.formula.addresses import Area, is_count
from xlhedge.formula.structured import Table
from xlhedge.recalc import Package
from xlhedge.sheet.cells import Cell, CellError
from xlhedge.system.limits import Limits
from xlhedge.workbook.package import MAIN
from xlhedge.workbook.worksheet import Worksheet

if TYPE_CHECKING:
    import pandas as pd

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)])
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_EPOCH = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_LAST_DAY = 2_958_466


class Cells:
    """Reads cells of a package.

    Parameters
    ----------
    package
        The workbook.
    """

    def __init__(self, package: Package) -> None:
        self._package = package

    @cached_property
    def texts(self) -> list[str]:
        """The shared texts."""
        part = self._linked("sharedStrings")
        if part is None:
            return []
        return [_text(node) for node in self._package.tree(part).iterfind(f"{MAIN}si")]

    @cached_property
    def plain_texts(self) -> dict[str, int]:
        """Place of each shared text that has no formats of its own."""
        part = self._linked("sharedStrings")
        if part is None:
            return {}
        found: dict[str, int] = {}
        for index, node in enumerate(self._package.tree(part).iterfind(f"{MAIN}si")):
            if len(node) == 1 and node[0].tag == f"{MAIN}t":
                found.setdefault(self.texts[index], index)
        return found

    @cached_property
    def date_styles(self) -> frozenset[int]:
        """The cell formats that show a number as a date."""
        part = self._linked("styles")
        if part is None:
            return frozenset()
        root = self._package.tree(part)
        codes = {
            node.get("numFmtId"): node.get("formatCode", "")
            for node in root.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")
        }
        found = set()
        for index, node in enumerate(root.iterfind(f"{MAIN}cellXfs/{MAIN}xf")):
            identifier = node.get("numFmtId", "0")
            if identifier in codes:
                if _shows_date(codes[identifier]):
                    found.add(index)
            elif is_count(identifier) and int(identifier) in _DATE_FORMATS:
                found.add(index)
        return frozenset(found)

    def _linked(self, kind: str) -> str | None:
        for link in self._package.relationships(self._package.workbook_part).values():
            if link.kind == kind and link.target in self._package.names():
                return link.target
        return None

    def value(self, cell: Any) -> Cell:
        """What a cell holds; a date is a number."""
        if cell is None:
            return None
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            node = cell.find(f"{MAIN}is")
            return None if node is None else _text(node)
        text = cell.findtext(f"{MAIN}v")
        if text is None or (not text and kind != "str"):
            return None
        try:
            if kind == "s":
                index = int(text)
                if index < 0:
                    raise ValueError
                return self.texts[index]
            if kind == "n":
                return float(text)
        except (ValueError, IndexError):
            raise FileError(
                f"{self._package.name}: the cell {cell.get('r')} holds the damaged value {text!r}"
            ) from None
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return CellError(text) if text in set(CellError) else CellError.VALUE
        return _unescaped(text)

    def is_date(self, cell: Any) -> bool:
        """Whether a cell shows a number as a date."""
        style = "0" if cell is None else cell.get("s", "0")
        return is_count(style) and int(style) in self.date_styles

    def moment(self, value: Cell) -> Cell:
        """The date that a number shows, to the millisecond."""
        later = self._package.counts_from_1904
        epoch = _EPOCH_1904 if later else _EPOCH
        last = _LAST_DAY - (_EPOCH_1904 - _EPOCH).days if later else _LAST_DAY
        if type(value) is not float or not 0 <= value < last:
            return value
        return epoch + timedelta(milliseconds=round(value * 86_400_000))

    def rows(self, worksheet: Worksheet, area: Area) -> list[list[Cell]]:
        """Values of a range, dates as such."""
        found = []
        for row in range(area.top, area.bottom + 1):
            values: list[Cell] = []
            for column in range(area.left, area.right + 1):
                cell = worksheet.cells.get((row, column))
                value = self.value(cell)
                values.append(self.moment(value) if self.is_date(cell) else value)
            found.append(values)
        return found


def read_table(path: Path | str, name: str, *, limits: Limits | None = None) -> pd.DataFrame:
    """A table of a workbook as a data frame.

    Parameters
    ----------
    path
        An .xlsx or .xlsm file.
    name
        The table, as formulas name it.
    limits
        How large a file may be.

    Returns
    -------
    pandas.DataFrame
        One column per column of the table, with the values that the file holds (cached ones for
        formulas). Dates have no time zone. Among numbers, a blank, an error value and the empty
        text that formulas leave are NaN; among dates they are NaT.

    Raises
    ------
    FileError
        When the file cannot be read or has no such table.
    """
    import pandas as pd

    package = Package.open(Path(path), limits)
    table = find(package, name)
    worksheet = sheet_of(package, table)
    rows = Cells(package).rows(worksheet, table.data)
    data = {
        column: _column([row[place] for row in rows]) for place, column in enumerate(table.columns)
    }
    return pd.DataFrame(data, columns=list(table.columns))


def _column(values: list[Cell]) -> Any:
    import pandas as pd

    filled = [value for value in values if not _is_missing(value)]
    kinds = {type(value) for value in filled}
    if kinds == {datetime}:
        times = [None if _is_missing(value) else value for value in values]
        return pd.to_datetime(pd.Series(times, dtype=object)).astype("datetime64[ns]")
    if kinds == {float}:
        return pd.Series([float("nan") if _is_missing(value) else value for value in values])
    return pd.Series(
        [None if value is None else str(value) if type(value) is CellError else value
         for value in values],
        dtype=object,
    )  # fmt: skip


def _is_missing(value: Cell) -> bool:
    return value is None or type(value) is CellError or (isinstance(value, str) and not value)


def find(package: Package, name: str) -> Table:
    """A table by its name, in any case."""
    table = package.tables.get(name.lower())
    if table is None:
        names = ", ".join(sorted(item.name for item in package.tables.values()))
        has = f"its tables are {names}" if names else "it has no tables"
        raise FileError(f"{package.name} has no table {name!r}: {has}")
    distinct = {column.lower() for column in table.columns}
    if table.data.height < 1 or not len(distinct) == len(table.columns) == table.area.width:
        raise FileError(f"{package.name}: the table {table.name} is damaged")
    return table


def sheet_of(package: Package, table: Table) -> Worksheet:
    """The worksheet that a table stands on."""
    sheet = next(sheet for sheet in package.worksheets if sheet.name == table.sheet)
    return Worksheet(package, sheet)


def read_workbook(path: Path, limits: Limits, name: str) -> Source:
    """Rows of another workbook: its table of that name, its only table, or its first sheet."""
    return read_package(Package.open(path, limits), str(path), name)


def read_package(package: Package, path: str, name: str) -> Source:
    """Rows of a workbook that is open; `path` is how sentences call it."""
    cells = Cells(package)
    tables = package.tables
    table = tables.get(name.lower()) or (next(iter(tables.values())) if len(tables) == 1 else None)
    if table is not None:
        table = find(package, table.name)
        rows = cells.rows(sheet_of(package, table), table.data)
        numbers = range(table.data.top, table.data.bottom + 1)
        return Source(path, list(table.columns), rows, numbers)
    if not package.worksheets:
        raise FileError(f"{path} has no sheet with cells")
    worksheet = Worksheet(package, package.worksheets[0])
    filled = [place for place, cell in worksheet.cells.items() if cells.value(cell) is not None]
    if not filled:
        raise FileError(f"{path}: the first sheet is empty")
    area = Area(
        min(row for row, _ in filled), min(column for _, column in filled),
        max(row for row, _ in filled), max(column for _, column in filled),
    )  # fmt: skip
    if area.height * area.width > max(10_000, 20 * len(filled)):
        raise FileError(f"{path}: the first sheet holds no table, its cells are scattered")
    header, *rows = cells.rows(worksheet, area)
    names = ["" if cell is None else str(cell).strip() for cell in header]
    return Source(path, names, rows, range(area.top + 1, area.bottom + 1))


def _text(node: Any) -> str:
    """The text of a shared or inline string, without the reading aids of Asian texts."""
    pieces = []
    for child in node:
        if child.tag == f"{MAIN}t":
            pieces.append(child.text or "")
        elif child.tag == f"{MAIN}r":
            pieces.append(child.findtext(f"{MAIN}t") or "")
    return _unescaped("".join(pieces))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _shows_date(code: str) -> bool:
    first = _NO_CODE.sub("", code.partition(";")[0]).lower()
    return any(letter in first for letter in "ymdhs") and "general" not in first
