"""What Python's functions give, compared with what `call` gives for cells."""

import math

import numpy as np
import pandas as pd
import pytest

from xlhedge import CellError
from xlhedge.errors import HedgeError
from xlhedge.sheet.outcome import cell_error


def flat(result):
    """Numbers, texts and errors of a result in reading order, however it is packed."""
    if isinstance(result, pd.DataFrame):
        named = [] if isinstance(result.columns, pd.RangeIndex) else list(result.columns)
        return named + [flat(item)[0] for item in result.to_numpy(dtype=object).ravel()]
    if hasattr(result, "_asdict"):
        return [item for pair in result._asdict().items() for item in (pair[0], *flat(pair[1]))]
    if isinstance(result, pd.Series) and pd.api.types.is_string_dtype(result.index):
        return [item for pair in result.items() for item in (pair[0], *flat(pair[1]))]
    if isinstance(result, (pd.Series, np.ndarray)):
        return [flat(item)[0] for item in np.asarray(result).ravel().tolist()]
    if isinstance(result, list):
        return [item for row in result for item in row]
    if isinstance(result, HedgeError):
        return [cell_error(result)]
    if result is None or (isinstance(result, float) and math.isnan(result)):
        return [None]
    return [float(result) if isinstance(result, (int, np.number)) else result]


def assert_same(got, want, columns=(), relative=0.0):
    """The two are equal; up to `relative`, and a blank like an empty text, for a file's cells."""
    got, want = flat(got), flat(want)
    if isinstance(want[-1], CellError) and len(got) == 1:
        want = [next(item for item in want if isinstance(item, CellError))]
    if got[: len(columns)] == list(columns):
        got = got[len(columns) :]
    if relative:
        got, want = ([None if item == "" else item for item in line] for line in (got, want))
        want = [pytest.approx(w, relative) if isinstance(w, float) else w for w in want]
    assert got == want
