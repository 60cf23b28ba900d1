"""The words that core signatures are written in.

A worksheet function's argument shapes are read from these annotations, so each states what a cell
or a range may hold:

=====================  =========================================================================
``Elementwise``        number, or an array of numbers: the function broadcasts
``float``, ``int``     exactly one number
``Literal[...]``       one of the named options
``Series``             one row or column, oldest first; all series of a call are trimmed together
``Vector``             one row or column that stands alone (a list of moves, of horizons)
``Matrix``             a rectangle of numbers
``Labelled[Row]``      a range with a header row; `Row` is a dataclass of columns
``Record[Row]``        a two-column table of label and value; `Row` is a dataclass of numbers
``Cells``              whatever was given, untouched
=====================  =========================================================================

``X | None`` with the default None marks an argument that may be left blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import numpy as np

from xlhedge.errors import HedgeError

Floats = np.ndarray[Any, np.dtype[np.float64]]
"""An array of float64, of any shape."""

Flags = np.ndarray[Any, np.dtype[np.bool_]]
"""An array of booleans."""

Texts = np.ndarray[Any, np.dtype[np.str_]]
"""An array of texts."""


OtherColumns = Mapping[str, Floats]
"""Columns of a labelled range that its dataclass does not name, by header; a blank cell is NaN."""


class Shape(Enum):
    """How an annotated argument is filled from cells."""

    ELEMENTWISE = "elementwise"
    SERIES = "series"
    VECTOR = "vector"
    MATRIX = "matrix"
    LABELLED = "labelled"
    RECORD = "record"
    CELLS = "cells"


Row = TypeVar("Row")

Elementwise = Annotated[float | Floats, Shape.ELEMENTWISE]
Series = Annotated[Floats, Shape.SERIES]
Vector = Annotated[Floats, Shape.VECTOR]
Matrix = Annotated[Floats, Shape.MATRIX]
Labelled = Annotated[Row, Shape.LABELLED]
Record = Annotated[Row, Shape.RECORD]
Cells = Annotated[Any, Shape.CELLS]

ContractType = Literal["linear", "inverse"]
Measure = Literal["var", "es"]

Value = float | int | str | bool | HedgeError | None
"""What one cell of a table may hold; an error value stands for that cell alone."""

LabelValue = Mapping[str, Value]
"""A table of two columns, label and value, without a header."""


class Table(NamedTuple):
    """A table with a header row."""

    header: Sequence[Value]
    rows: Sequence[Sequence[Value]]
