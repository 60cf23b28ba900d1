"""Which cells read which: what depends on a cell, and which cells read each other in a circle."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat

import numpy as np

from xlhedge.formula.addresses import Area
from xlhedge.workbook.reading import Address

CellName = tuple[str, Address]
Reads = Callable[[CellName], Iterable[tuple[str, Area]]]


class Lying:
    """Cells that can be found by the areas they lie in."""

    def __init__(self, cells: Iterable[CellName]) -> None:
        self._rows: dict[str, dict[int, list[int]]] = {}
        for sheet, (row, column) in sorted(cells):
            self._rows.setdefault(sheet, {}).setdefault(column, []).append(row)

    def inside(self, sheet: str, area: Area) -> Iterator[Iterator[Address]]:
        """The cells inside an area, column by column."""
        for column, rows in self._rows.get(sheet, {}).items():
            if area.left <= column <= area.right:
                found = range(bisect_left(rows, area.top), bisect_right(rows, area.bottom))
                yield zip(map(rows.__getitem__, found), repeat(column), strict=False)


def depending(
    start: Iterable[CellName], formulas: Iterable[CellName], reads: Reads
) -> dict[CellName, CellName]:
    """The formula cells that read cells of `start`, also through others, each with one of these."""
    readers: dict[CellName, list[CellName]] = {}
    ranges: list[tuple[str, Area, CellName]] = []
    for cell in formulas:
        for sheet, area in reads(cell):
            if area.is_cell:
                readers.setdefault((sheet, (area.top, area.left)), []).append(cell)
            else:
                ranges.append((sheet, area, cell))
    source = {cell: cell for cell in start}
    waiting = list(source)
    while waiting:
        met, left = [], []
        while waiting:
            cell = waiting.pop()
            met.append(cell)
            for reader in readers.get(cell, ()):
                if reader not in source:
                    source[reader] = source[cell]
                    waiting.append(reader)
        lying = Lying(met)
        for sheet, area, cell in ranges:
            if cell in source:
                continue
            found = next(chain.from_iterable(lying.inside(sheet, area)), None)
            if found is None:
                left.append((sheet, area, cell))
            else:
                source[cell] = source[sheet, found]
                waiting.append(cell)
        ranges = left
    return source


def circles(cells: Iterable[CellName], reads: Reads) -> Iterator[list[CellName]]:
    """The groups of cells that read each other in a circle, each in sheet order."""
    members = sorted(cells)
    number = {cell: index for index, cell in enumerate(members)}
    lying = Lying(members)
    edges = [
        (number[cell], number[sheet, place])
        for cell in members
        for sheet, area in reads(cell)
        for place in chain.from_iterable(lying.inside(sheet, area))
    ]
    if not edges:
        return
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    own = {first for first, second in edges if first == second}
    ends = np.array(edges)
    size = len(members)
    graph = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    _, labels = connected_components(graph, connection="strong")
    groups: dict[int, list[CellName]] = {}
    for index, label in enumerate(labels):
        groups.setdefault(int(label), []).append(members[index])
    for group in groups.values():
        if len(group) > 1 or number[group[0]] in own:
            yield group
