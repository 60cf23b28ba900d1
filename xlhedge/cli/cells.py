"""Cells written on a command line, and results written back to it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError, InputError
from xlhedge.sheet.cells import CellError
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import read_file


def parse(text: str) -> Any:
    """One argument as a cell or a range.

    Numbers, TRUE and FALSE, error values and text are taken as a worksheet would take them; an
    empty text is a blank. ``{1,2;3,4}`` is a range (commas between columns, semicolons between
    rows), ``@prices.csv:spot`` the column of that name in a file and ``@prices.csv`` all of it.
    """
    if text.startswith("{") and text.endswith("}"):
        return [[_cell(item.strip()) for item in row.split(",")] for row in text[1:-1].split(";")]
    if text.startswith("@"):
        return _file(text[1:])
    return _cell(text)


def _cell(text: str) -> Any:
    if text == "":
        return None
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return CellError(text.upper())
    except ValueError:
        return text


def _file(reference: str) -> list[list[Any]]:
    name, _, column = reference.partition(":")
    path = Path(name)
    content = read_file(path, Limits.from_environment())
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        rows = [row for row in csv.reader(text) if row]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise FileError(f"{name} cannot be read as CSV: {problem}") from None
    if not rows:
        raise FileError(f"{name} is empty")
    if not column:
        return [[_cell(item) for item in row] for row in rows]
    if column not in rows[0]:
        raise InputError(f"{name} has no column {column}: it has {', '.join(rows[0])}")
    index = rows[0].index(column)
    return [[_cell(row[index]) if index < len(row) else None] for row in rows[1:]]


def show(value: Any) -> str:
    """A cell as text; numbers with all their digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def as_json(value: Any) -> str:
    """A result as JSON: errors are their text, blanks null."""
    return json.dumps(value, default=str, ensure_ascii=False)
