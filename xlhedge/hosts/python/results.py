"""What the core gives, as Python users expect it: with the index of what they passed."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

import numpy as np

from xlhedge.core.types import Table
from xlhedge.errors import DomainError
from xlhedge.hosts.python.arguments import Labels
from xlhedge.sheet.elementwise import Rectangle
from xlhedge.sheet.sentences import TOO_EXTREME
from xlhedge.sheet.spec import FunctionSpec


def result(spec: FunctionSpec, value: Any, labels: Labels) -> Any:
    """A core result as a float, an array, a Series, a named tuple or a data frame.

    Parameters
    ----------
    spec
        The function.
    value
        What its core function gave.
    labels
        The index of what was passed.

    Raises
    ------
    HedgeError
        The first failure of an elementwise call; its `rows` are those of all failures.
    DomainError
        When a number is not finite.
    """
    if isinstance(value, Rectangle):
        return _rectangle(value, labels)
    if isinstance(value, Table):
        import pandas as pd

        return pd.DataFrame([list(row) for row in value.rows], columns=list(value.header))
    if isinstance(value, Mapping):
        return _record(spec, value)
    if isinstance(value, np.ndarray) and value.ndim:
        return _array(spec, _finite(value), labels)
    if isinstance(value, (float, np.floating, np.ndarray)):
        return float(_finite(value)) + 0.0
    return value


def _finite(value: Any) -> Any:
    if not np.isfinite(value).all():
        raise DomainError(TOO_EXTREME)
    return value


def _rectangle(rectangle: Rectangle, labels: Labels) -> Any:
    values, failures = rectangle
    if failures:
        first = failures[min(failures)]
        first.rows = tuple(sorted({index // values.shape[1] for index in failures}))
        raise first
    if labels.columns is not None and values.shape == (len(labels.index), len(labels.columns)):
        import pandas as pd

        return pd.DataFrame(values, labels.index, labels.columns)
    if labels.dimensions == 2:
        return np.array(values)
    line = np.array(values).ravel()
    if labels.index is not None and len(labels.index) == line.size:
        import pandas as pd

        return pd.Series(line, labels.index)
    return line


def _record(spec: FunctionSpec, table: Mapping[str, Any]) -> Any:
    """Label and value as a named tuple; as a Series where a label is no Python name."""
    labels = list(table)
    if all(label.isidentifier() for label in labels):
        kind = namedtuple(spec.python_name.title().replace("_", ""), labels)  # type: ignore[misc]  # noqa: PYI024
        return kind(*table.values())
    import pandas as pd

    return pd.Series(dict(table), dtype=object)


def _array(spec: FunctionSpec, values: Any, labels: Labels) -> Any:
    """An array with the last labels of what was passed, where there are that many."""
    index = labels.index
    if index is not None and len(values) <= len(index):
        index = index[len(index) - len(values) :]
    else:
        index = None
    columns = spec.columns
    if values.ndim == 2 and columns and values.shape[1] == len(columns):
        import pandas as pd

        return pd.DataFrame(values, index, list(columns))
    if values.ndim == 2 and labels.index is not None and labels.columns is not None:
        import pandas as pd

        return pd.DataFrame(values, labels.index, labels.columns)
    if values.ndim == 1 and index is not None:
        import pandas as pd

        return pd.Series(values, index)
    return values
