"""Rows for a table, read from CSV, Parquet and xlsx files or taken from data in memory."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError, InputError
from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW, Area
from xlhedge.formula.structured import Table
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import read_file
from xlhedge.workbook.cells import cells_named, cells_of
from xlhedge.workbook.package import Package

_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Source:
    """Rows as they were found, under a name for sentences."""

    name: str
    header: list[str]
    rows: list[list[Any]]
    """A cell is a text in a CSV file, and what the source holds otherwise."""
    numbers: Sequence[int]
    """The row numbers that sentences use: in a file the header is row 1."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the table calls columns that have another name here."""


def read(given: Any, limits: Limits | None = None, table: Table | None = None) -> Source:
    """Rows of a file, by its ending, of a data frame or mapping of columns, or of a function.

    `table` is where the rows go: what a function gets, and the name to look for in an xlsx file,
    whose first sheet is read where there is none.
    """
    if callable(given):
        given = given(table)
    if isinstance(given, Source):
        return given
    if not isinstance(given, (str, Path)):
        return from_memory(given)
    path = Path(given)
    kind = path.suffix.lower()
    limits = limits or Limits.from_environment()
    if kind == ".parquet":
        return read_parquet(path, limits)
    if kind in (".xlsx", ".xlsm", ".xltx", ".xltm"):
        return read_package(Package.open(path, limits), str(path), table.name if table else "")
    if kind in (".csv", ".txt", ".tsv", ""):
        return read_csv(path, limits)
    raise FileError(f"{path}: rows are read from .csv, .parquet and .xlsx files, not from {kind}")


def read_package(package: Package, path: str, name: str) -> Source:
    """Rows of another workbook: its table of that name, its only table, or its first sheet.

    `path` is how sentences call it.
    """
    tables = package.tables
    if name.lower() in tables or len(tables) == 1:
        table = package.table(name if name.lower() in tables else next(iter(tables)))
        rows = cells_named(package, table.sheet).values(table.data, dates=True)
        numbers = range(table.data.top, table.data.bottom + 1)
        return Source(path, list(table.columns), rows, numbers)
    if not package.worksheets:
        raise FileError(f"{path} has no sheet with cells")
    cells = cells_of(package, package.worksheets[0])
    filled = [place for place in cells.cells if cells.value(place) is not None]
    if not filled:
        raise FileError(f"{path}: the first sheet is empty")
    at_rows, at_columns = zip(*filled, strict=True)
    area = Area(min(at_rows), min(at_columns), max(at_rows), max(at_columns))
    if area.height * area.width > max(10_000, 20 * len(filled)):
        raise FileError(f"{path}: the first sheet holds no table, its cells are scattered")
    header, *rows = cells.values(area, dates=True)
    names = ["" if cell is None else str(cell).strip() for cell in header]
    return Source(path, names, rows, range(area.top + 1, area.bottom + 1))


def read_csv(path: Path, limits: Limits) -> Source:
    """Rows of a CSV file in UTF-8 with a header, separated by comma, semicolon or tab."""
    content = read_file(path, limits)
    if not content.strip():
        raise FileError(f"{path} is empty")
    if b"\x00" in content[:65_536]:
        raise FileError(f"{path} is not a CSV file in UTF-8 (it holds binary data)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(f"{path} is not a CSV file in UTF-8") from None
    del content
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    lines = text.rstrip().split("\n")
    del text
    # strict: a quote that is not closed would swallow the rest of the file.
    ended = (line.rstrip("\r") + "\n" for line in lines)
    reader = csv.reader(ended, delimiter=delimiter, strict=True)
    rows: list[list[Any]] = []
    numbers: list[int] = []
    try:
        header = [name.strip() for name in next(reader)]
        _check_header(header, str(path))
        for cells in reader:
            place = f"{path} row {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                raise FileError(f"{place} is blank")
            if len(cells) != len(header):
                raise FileError(f"{place} has {len(cells)} fields, the header has {len(header)}")
            rows.append(cells)
            numbers.append(reader.line_num)
            if len(rows) >= LAST_ROW:
                raise FileError(f"{path} has more rows than a sheet holds")
    except csv.Error as problem:
        raise FileError(f"{path} row {reader.line_num}: {problem}") from None
    return Source(str(path), header, rows, numbers)


def _check_header(header: list[str], name: str) -> None:
    """Refuse what no table could be matched with."""
    if len(header) > LAST_COLUMN:
        raise FileError(f"{name} has {len(header)} columns, more than a sheet holds")
    if header and all(_is_number(cell) for cell in header):
        raise FileError(f"{name} has no header: its first row holds numbers")
    seen: set[str] = set()
    for cell in header:
        if cell and cell.lower() in seen:
            raise FileError(f"{name} has two columns for {cell}")
        seen.add(cell.lower())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_parquet(path: Path, limits: Limits) -> Source:
    """Rows of a Parquet file; how large it will be is looked up before it is read."""
    import pandas as pd

    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise FileError(f"{path}: Parquet files need pyarrow: pip install pyarrow") from None
    content = read_file(path, limits)
    if not content.startswith(b"PAR1"):
        raise FileError(f"{path} is not a Parquet file")
    try:
        about = parquet.ParquetFile(BytesIO(content)).metadata
        size = sum(about.row_group(index).total_byte_size for index in range(about.num_row_groups))
        if size > limits.unpacked_bytes:
            raise FileError(
                f"{path} unpacks to {size} bytes; at most {limits.unpacked_bytes} are read"
            )
        if about.num_rows >= LAST_ROW or about.num_columns > LAST_COLUMN:
            raise FileError(f"{path} has more rows or columns than a sheet holds")
        frame = pd.read_parquet(BytesIO(content))
    except (ArrowException, OSError, ValueError, TypeError) as problem:
        sentence = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise FileError(f"{path} is not a Parquet file that can be read: {sentence}") from None
    return from_memory(frame, str(path))


def from_memory(data: Any, name: str = "data in memory") -> Source:
    """Rows of a data frame or of a mapping of columns; a named index is a column, too."""
    if hasattr(data, "reset_index") and getattr(data.index, "name", None) is not None:
        data = data.reset_index()
    header = [str(column).strip() for column in data]
    columns = [list(data[column]) for column in data]
    if not header:
        raise InputError(f"{name} has no columns")
    _check_header(header, name)
    if len({len(column) for column in columns}) > 1:
        raise InputError(f"the columns of {name} must have the same number of rows")
    rows = [[_plain(cell) for cell in row] for row in zip(*columns, strict=True)]
    return Source(name, header, rows, range(1, len(rows) + 1))


def _plain(cell: Any) -> Any:
    """A cell of a data frame as Python holds it; what is missing is None."""
    if type(cell) is not float:
        if hasattr(cell, "to_pydatetime") and cell.year > 0:  # NaN of a missing time
            return cell.to_pydatetime(warn=False)
        if str(cell) in ("<NA>", "NaT"):
            return None
        if hasattr(cell, "item"):
            cell = cell.item()
    return None if isinstance(cell, float) and math.isnan(cell) else cell
