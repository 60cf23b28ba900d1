"""The rows of the self-test: calls whose results somebody else published, chosen from the tests."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from itertools import chain, zip_longest
from operator import attrgetter
from typing import Any, NamedTuple

from xlhedge import __version__
from xlhedge.catalog import CATALOG

_CALLS = 8
_MOST_CELLS = 700
_MOST_COMPARED = 60
ROUNDING = 1e-12
"""What two processors may differ by, relative to the value, where a row allows nothing."""


class Row(NamedTuple):
    """A call with its result: a value, an error's text, a rectangle, or values by label."""

    function: str
    arguments: tuple[Any, ...]
    want: Any
    relative: float
    absolute: float
    source: str

    @property
    def fails(self) -> bool:
        """Whether an error is the right result."""
        return is_error(self.want)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What makes two calls alike: how many arguments, which options, what kind of result."""
        options = tuple(item for item in self.arguments if isinstance(item, str))
        kind = self.want if self.fails else type(self.want).__name__
        return (kind, len(self.arguments), options)

    def tolerance(self, want: Any) -> float:
        """The difference allowed to a value of the result."""
        if isinstance(want, (str, bool)):
            return 0.0
        rounding = ROUNDING * max(1.0, abs(want))
        return float(max(self.relative * abs(want), self.absolute, rounding))

    def parts(self) -> Iterator[tuple[tuple[int, int] | str | None, Any]]:
        """Where each compared value stands in the result, and the value."""
        if isinstance(self.want, dict):
            yield from self.want.items()
        elif isinstance(self.want, list):
            cells = (
                ((row, column), value)
                for row, line in enumerate(rectangle(self.want))
                for column, value in enumerate(line)
                if value != ""
            )
            yield from (cell for _, cell in zip(range(_MOST_COMPARED), cells, strict=False))
        else:
            yield None, self.want


def is_error(value: Any) -> bool:
    """Whether a value is an error's text."""
    return isinstance(value, str) and value.startswith("#")


def rectangle(value: list[Any]) -> list[list[Any]]:
    """Rows of cells; a flat list is a column."""
    return value if value and isinstance(value[0], list) else [[item] for item in value]


def read(folder: Traversable) -> list[Row]:
    """The golden rows of a folder, and the version, which must be this one."""
    rows = [
        Row(
            item["function"],
            tuple(rectangle(cell) if isinstance(cell, list) else cell for cell in item["args"]),
            item["want"],
            item.get("rel", 0.0),
            item.get("abs", 0.0),
            item["source"],
        )
        for path in sorted(folder.iterdir(), key=attrgetter("name"))
        if path.name.endswith(".toml")
        for item in tomllib.loads(path.read_text(encoding="utf-8"))["row"]
    ]
    version = Row("XLHEDGE_VERSION", (), __version__, 0.0, 0.0, "the version that made this file")
    return [*rows, version]


def selected(rows: Iterable[Row]) -> list[Row]:
    """Several calls of each function, as different as there are, in the catalogue's order."""
    groups: dict[str, dict[tuple[Any, ...], list[Row]]] = {name: {} for name in CATALOG}
    for row in rows:
        if _usable(row):
            groups[row.function].setdefault(row.shape, []).append(row)
    chosen: list[Row] = []
    for shapes in groups.values():
        turns = chain.from_iterable(zip_longest(*shapes.values()))
        several = [row for row in turns if row is not None][:_CALLS]
        chosen += sorted(several, key=lambda row: row.fails)
    return chosen


def _usable(row: Row) -> bool:
    """Whether a call is small enough for a sheet that people look at."""
    cells = sum(
        len(line)
        for item in row.arguments
        for line in (item if isinstance(item, list) else [[item]])
    )
    return cells <= _MOST_CELLS
