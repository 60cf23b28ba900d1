"""Ranges with labels: positions, tiers, accounts, scenarios, models.

A range's columns are declared by a dataclass whose fields are arrays: `Floats`, `Flags`, `Texts`,
or a ``Literal[...]`` of options; one field may be `OtherColumns`, all columns of numbers that the
others do not name. A field without a default is a required column. A field's default
stands in for every blank cell of an optional column; None means that the core sees NaN (numbers)
or the empty text.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import countOf
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np

from xlhedge.core.types import Flags, Floats, OtherColumns
from xlhedge.errors import InputError
from xlhedge.sheet.blocks import flat_numbers, numbers
from xlhedge.sheet.cells import CellError, Grid, describe, is_blank, number_of
from xlhedge.sheet.scalars import ErrorInCell, choice, number


class Column(NamedTuple):
    """One column that a labelled range may have."""

    name: str
    type: Any
    required: bool
    default: Any

    @property
    def choices(self) -> tuple[str, ...]:
        """The options of a column of options."""
        options = get_args(self.type) if get_origin(self.type) is Literal else ()
        return tuple(option for option in options if option)


@cache
def columns_of(row: Any) -> tuple[Column, ...]:
    """The columns that a dataclass declares by name."""
    hints = get_type_hints(row)
    return tuple(
        Column(
            field.name,
            hints[field.name],
            field.default is dataclasses.MISSING,
            None if field.default is dataclasses.MISSING else field.default,
        )
        for field in dataclasses.fields(row)
        if hints[field.name] != OtherColumns
    )


@cache
def _field_of_others(row: Any) -> str | None:
    """The field that takes columns of any other name, where the dataclass has one."""
    hints = get_type_hints(row)
    return next((name for name, kind in hints.items() if kind == OtherColumns), None)


def _label(cell: Any) -> str:
    return "_".join(str(cell).strip().lower().replace("_", " ").split())


def _first_error(name: str, grid: Grid) -> None:
    if CellError not in set(map(type, chain.from_iterable(grid))):
        return
    for row, cells in enumerate(grid, 1):
        for cell in cells:
            if type(cell) is CellError:
                raise ErrorInCell(cell, f"{name} row {row}")


def table(name: str, value: Any, row: Any) -> Any:
    """A range with a header row as an instance of `row`, one array per column.

    Columns are found by name in any order and any case; blank rows at the end are left out.
    """
    if not isinstance(value, list):
        if type(value) is CellError:
            raise ErrorInCell(value, name)
        raise InputError(f"{name} must be a range with a header row, got {describe(value)}")
    plain = len(value) > 1 and set(map(type, value[1])) <= {float, int}
    block = numbers(value[1:]) if plain else None
    _first_error(name, value if block is None else value[:1])
    columns, others = columns_of(row), _field_of_others(row)
    known = {column.name: column for column in columns}
    places: dict[str, int] = {}
    further: dict[str, int] = {}
    for index, cell in enumerate(value[0]):
        if is_blank(cell) and all(is_blank(line[index]) for line in value):
            continue
        label = _label(cell) if isinstance(cell, str) else ""
        if label not in known and label and others:
            places.setdefault(label, index)
            further[cell.strip()] = index
        elif label not in known:
            raise InputError(
                f"{name} has the unknown column {describe(cell)}: known are {', '.join(known)}"
            )
        if places.get(label, index) != index:
            raise InputError(f"{name} has the column {label} twice")
        places[label] = index
    missing = [column.name for column in columns if column.required and column.name not in places]
    if missing:
        raise InputError(f"{name} lacks the column {', '.join(missing)}")
    body = value[1:]
    while body and all(map(is_blank, body[-1])):
        body = body[:-1]
    if not body:
        raise InputError(f"{name} has a header and no rows")
    lines: list[Any] = (
        list(zip(*body, strict=True)) if block is None else list(block.reshape(len(body), -1).T)
    )
    filled = {
        column.name: _column(name, column, lines[places[column.name]])
        if column.name in places
        else _blank_column(column, len(body))
        for column in columns
    }
    if others:
        filled[others] = {
            header: _column(name, Column(header, Floats, False, None), lines[i])
            for header, i in further.items()
        }
    return row(**filled)


def _blank_column(column: Column, rows: int) -> Any:
    """What the blank cells of a column that is not there stand for."""
    default, kind = column.default, column.type
    if kind == Floats:
        return np.full(rows, math.nan if default is None else default, dtype=np.float64)
    return np.full(rows, bool(default) if kind == Flags else default or "")


def _column(name: str, column: Column, cells: Any) -> Any:
    kind = column.type
    if isinstance(cells, np.ndarray):
        if kind == Floats:
            return np.ascontiguousarray(cells)
        cells = cells.tolist()
    if kind == Floats and (clean := _clean_numbers(column, cells)) is not None:
        return clean
    values: list[Any] = []
    for index, cell in enumerate(cells, 2):
        place = f"{name} row {index}, {column.name}"
        if is_blank(cell):
            if column.required:
                raise InputError("is blank", argument=place)
            values.append(column.default)
        elif column.choices:
            values.append(choice(cell, place, column.choices))
        elif kind == Floats:
            values.append(number(cell, place))
        elif kind == Flags:
            values.append(_flag(cell, place))
        else:
            values.append(_text(cell))
    if kind == Floats:
        return np.array([math.nan if item is None else item for item in values], dtype=np.float64)
    if kind == Flags:
        return np.array([bool(item) for item in values])
    return np.array(["" if item is None else item for item in values], dtype=np.str_)


def _clean_numbers(column: Column, cells: Sequence[Any]) -> Floats | None:
    """A column without a cell to refuse, read without a word about each cell; else None."""
    if (clean := flat_numbers(cells)) is not None:
        return clean
    if column.required:
        return None
    default = math.nan if column.default is None else column.default
    values = [default if is_blank(cell) else number_of(cell) for cell in cells]
    if None in values:
        return None
    array = np.array(values, dtype=np.float64)
    infinite = np.isinf(array).any() or np.isnan(array).sum() > countOf(map(is_blank, cells), True)
    return None if infinite else array


def _flag(cell: Any, place: str) -> bool:
    if isinstance(cell, bool) or cell in (0, 1):
        return bool(cell)
    if isinstance(cell, str) and cell.strip().upper() in ("TRUE", "FALSE"):
        return cell.strip().upper() == "TRUE"
    raise InputError(f"must be TRUE or FALSE, got {describe(cell)}", argument=place)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    value = number_of(cell)
    return str(cell) if value is None else f"{value:.15g}"


def record(name: str, value: Any, row: Any) -> Any:
    """A two-column table of label and value, or one header row over one row of values."""
    if not isinstance(value, list):
        if type(value) is CellError:
            raise ErrorInCell(value, name)
        raise InputError(f"{name} must be a table of label and value, got {describe(value)}")
    _first_error(name, value)
    columns = columns_of(row)
    known = {column.name for column in columns}
    if len(value[0]) != 2 or (len(value) == 2 and _label(value[0][1]) in known):
        if len(value) != 2:
            raise InputError(
                f"{name} must have two columns, label and value, "
                f"got {len(value)} rows × {len(value[0])} columns"
            )
        value = [list(pair) for pair in zip(*value, strict=True)]
    given: dict[str, Any] = {}
    for index, (label_cell, cell) in enumerate(value):
        if is_blank(label_cell) and is_blank(cell):
            continue
        label = _label(label_cell)
        if index == 0 and (label, _label(cell)) == ("label", "value"):
            continue
        if label not in known:
            raise InputError(f"{name} has the unknown label {describe(label_cell)}")
        if label in given:
            raise InputError(f"{name} has the label {label} twice")
        given[label] = cell
    filled: dict[str, Any] = {}
    for column in columns:
        cell = given.get(column.name)
        if not is_blank(cell):
            filled[column.name] = number(cell, f"{name}, {column.name}")
        elif column.required:
            raise InputError(f"{name} lacks {column.name}")
    return row(**filled)
