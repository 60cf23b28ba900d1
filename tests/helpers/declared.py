"""Small functions with every shape of argument, and the declarations made of them."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import (
    Cells,
    Elementwise,
    Flags,
    Floats,
    Labelled,
    Matrix,
    Record,
    Series,
    Texts,
    Vector,
)
from xlhedge.errors import NoSolution
from xlhedge.sheet.spec import FunctionSpec


def double(first: Elementwise, second: Elementwise = 3, way: Literal["up", "down"] = "up") -> Any:
    """Doubles."""
    check.positive(first=first)
    check.require(np.asarray(first) != 13, "first must not be 13", first, NoSolution)
    result = first * 2 + second
    return result if way == "up" else -result


def pair(one: Series, two: Series | float = 2.0, lag: int = 1, name: str = "x") -> float:
    """A pair."""
    return float(np.sum(one * two)) + lag + len(name)


def blankable(first: Elementwise, second: Elementwise | None = None) -> Elementwise:
    """Adds what there is."""
    return first if second is None else first + second


def must(first: Elementwise, second: Elementwise | None) -> Elementwise:
    """The second may be blank and not left out of the declaration."""
    return first if second is None else first * second


@dataclass
class Row:
    """A range."""

    name: Texts
    size: Floats
    kind: Literal["a", "b"] = "a"  # type: ignore[assignment]
    note: Texts = None  # type: ignore[assignment]
    rate: Floats = None  # type: ignore[assignment]
    on: Flags = False  # type: ignore[assignment]


@dataclass
class Facts:
    """A record."""

    alpha: float
    beta_two: float = 7.0


def rows(table: Labelled[Row]) -> str:
    """Its columns, as one text."""
    columns = (table.name, table.size, table.kind, table.note, table.rate, table.on)
    return repr([item.tolist() for item in columns])


def facts(record: Record[Facts]) -> str:
    """Its fields."""
    return f"{record.alpha} {record.beta_two}"


def listed(moves: Vector, grid: Matrix) -> str:
    """Their shapes."""
    return f"{moves.tolist()} {grid.tolist()}"


def rest(*others: Cells) -> str:
    """All that is given."""
    return repr(others)


def spec_of(function):
    return FunctionSpec(function.__name__.upper(), "Test", function)
