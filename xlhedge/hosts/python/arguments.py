"""What Python users pass, as cells; pandas objects are matched by their index first.

Nothing is taken by position where an index says otherwise: Series of one call are put into the
order of the first, a Series whose time index does not rise is refused, and a correlation matrix
with labels follows the labels of the vector beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.types import Shape
from xlhedge.errors import InputError
from xlhedge.sheet.labelled import columns_of
from xlhedge.sheet.spec import FunctionSpec, Parameter

_LISTED = 3
"""How many missing labels a sentence names."""


class Labels(NamedTuple):
    """The pandas index of a call's rows, its columns, and the function's name for them."""

    index: Any = None
    columns: Any = None
    dimensions: int = 0


def cells(spec: FunctionSpec, given: Mapping[str, Any]) -> tuple[tuple[Any, ...], Labels]:
    """The arguments of a call as cells in worksheet order, and the labels of its rows.

    Parameters
    ----------
    spec
        The function.
    given
        Argument name to value; names that are left out take their defaults.

    Raises
    ------
    InputError
        When indexes do not match each other, or a series does not run from old to new.
    """
    values = {p: given.get(p.name) for p in spec.parameters}
    broadcast = {p: value for p, value in values.items() if _broadcasts(spec, p)}
    series = {p: value for p, value in values.items() if p.kind == Shape.SERIES.value}
    vectors: list[Any] = [v for p, v in values.items() if p.kind == Shape.VECTOR.value]
    for parameter, value in series.items():
        if is_series(value):
            _refuse_unordered(parameter.name, value)
    # Vectors stand alone, and the rows of an answer are theirs: days of a forecast, not its dates.
    own = [value.index if is_series(value) else None for value in vectors]
    rows, columns, *_ = (*own, None, None)
    labels = Labels(rows, columns)
    for group in (series, broadcast):
        index = _aligned(group)
        values.update(group)
        if labels.index is None and not vectors:
            labels = Labels(index)
    dimensions = max((_dimensions(value) for value in broadcast.values()), default=0)
    frame: Any = next((value for value in broadcast.values() if is_frame(value)), None)
    if frame is not None:
        labels = Labels(frame.index, frame.columns)
    named = (value for p, value in values.items() if p.kind == Shape.LABELLED.value)
    lines: tuple[Any, ...] = (*series.values(), *named)
    order = next((line.index for line in lines if is_series(line)), None)
    if order is not None:
        for parameter, value in values.items():
            if parameter.kind == Shape.MATRIX.value and is_frame(value):
                values[parameter] = _matched(parameter.name, value, order)
    converted = (_cells(parameter, value, dimensions) for parameter, value in values.items())
    return tuple(converted), labels._replace(dimensions=dimensions)


def is_series(value: Any) -> bool:
    """Whether a value is a pandas Series, told without loading pandas."""
    return hasattr(value, "iloc") and value.ndim == 1


def is_frame(value: Any) -> bool:
    """Whether a value is a data frame, told without loading pandas."""
    return hasattr(value, "iloc") and value.ndim == 2


def _is_range(parameter: Parameter) -> bool:
    """Whether an argument takes a range with a header row, beside what else it may take."""
    return parameter.row is not None and parameter.kind != Shape.RECORD.value


def _broadcasts(spec: FunctionSpec, parameter: Parameter) -> bool:
    return parameter.kind == Shape.ELEMENTWISE.value or (
        spec.elementwise and bool(parameter.choices)
    )


def _dimensions(value: Any) -> int:
    if isinstance(value, str) or value is None:
        return 0
    return value.ndim if hasattr(value, "ndim") else int(np.ndim(value))


def _refuse_unordered(name: str, series: Any) -> None:
    """Refuse a series that does not run from old to new; names of assets have no order."""
    index = series.index
    if len(index) < 2:
        return
    named = index.dtype.kind in "OUT" and not str(index[0])[:1].isdigit()
    if named or (index.is_monotonic_increasing and index.is_unique):
        return
    problem = "descends" if index.is_monotonic_decreasing else "does not rise from row to row"
    raise InputError(
        f"must be oldest first, but its index {problem}: sort it with {name}.sort_index()",
        argument=name,
    )


def _aligned(group: dict[Parameter, Any]) -> Any:
    """Put every Series of a group into the order of the first; the index that they share."""
    named = [(parameter, value) for parameter, value in group.items() if is_series(value)]
    if not named:
        return None
    first, reference = named[0]
    for parameter, value in named[1:]:
        group[parameter] = _matched(parameter.name, value, reference.index, first.name)
    return reference.index


def _matched(name: str, value: Any, index: Any, other: str = "the vector") -> Any:
    """A Series, or a square data frame, in the order of an index that holds the same labels."""
    if value.index.equals(index) and (value.ndim == 1 or value.columns.equals(index)):
        return value
    if value.ndim == 2 and value.index.dtype.kind == "i" != index.dtype.kind:
        return value  # rows without labels of their own
    if not (value.index.is_unique and index.is_unique):
        raise InputError(
            f"must have the index of {other}, or one without duplicates", argument=name
        )
    missing = [str(label) for label in index if label not in value.index]
    extra = [str(label) for label in value.index if label not in index]
    if missing or extra:
        which = f"lacks {_few(missing)}" if missing else f"holds {_few(extra)} beside it"
        raise InputError(f"must have the same index as {other}, but {which}", argument=name)
    return value.loc[index] if value.ndim == 1 else value.loc[index, index]


def _few(labels: list[str]) -> str:
    more = len(labels) - _LISTED
    return ", ".join(labels[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _cells(parameter: Parameter, value: Any, dimensions: int) -> Any:
    named = is_frame(value) or isinstance(value, Mapping)
    if parameter.kind == Shape.LABELLED.value or (named and _is_range(parameter)):
        return _table(parameter, value)
    if parameter.kind == Shape.RECORD.value:
        return _pairs(value)
    if _dimensions(value) != 1:
        return _plain(value)
    line = list(value) if isinstance(value, (list, tuple)) else value.tolist()
    # Beside a rectangle an array is a row, as numpy broadcasts, and a Series a column.
    if dimensions == 2 and not is_series(value):
        return [line]
    return [[item] for item in line]


def _plain(value: Any) -> Any:
    if is_frame(value):
        return value.to_numpy(dtype=object).tolist()
    return value.tolist() if hasattr(value, "tolist") else value


def _table(parameter: Parameter, value: Any) -> Any:
    """A data frame, a mapping of columns or a Series by label, as a range with a header row.

    What is missing is blank. A Series holds the range's second column beside the first, which is
    its index: volatilities by asset. An index of times, or one with a name, is a column.
    """
    if is_series(value):
        names = [column.name for column in columns_of(parameter.row)[:2]]
        return [names, *([label, item] for label, item in value.items())]
    if isinstance(value, Mapping):
        import pandas as pd

        value = pd.DataFrame(value)
    if not is_frame(value):
        return value
    name = "time" if value.index.dtype.kind == "M" else value.index.name
    if name is not None and name not in value.columns:
        value = value.reset_index(names=[name])
    body = value.astype(object).where(value.notna(), None)
    return [[str(column) for column in value.columns], *body.to_numpy(dtype=object).tolist()]


def _pairs(value: Any) -> Any:
    """A named tuple, a mapping or a Series as a table of label and value."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if is_series(value):
        value = value.to_dict()
    if isinstance(value, Mapping):
        return [[str(label), item] for label, item in value.items()]
    return _plain(value)
