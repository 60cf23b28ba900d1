"""Which cells read which: what depends on a cell, and which cells read each other in a circle."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from xlhedge.formula.addresses import Area
from xlhedge.workbook.reading import Address

CellName = tuple[str, Address]
Reads = Callable[[CellName], Iterable[tuple[str, Area]]]


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
        met: dict[tuple[str, int], list[tuple[int, CellName]]] = {}
        while waiting:
            cell = waiting.pop()
            met.setdefault((cell[0], cell[1][1]), []).append((cell[1][0], source[cell]))
            for reader in readers.get(cell, ()):
                if reader not in source:
                    source[reader] = source[cell]
                    waiting.append(reader)
        for rows in met.values():
            rows.sort()
        columns: dict[str, list[int]] = {}
        for sheet, column in met:
            columns.setdefault(sheet, []).append(column)
        left = []
        for sheet, area, cell in ranges:
            found = None if cell in source else _inside(sheet, area, met, columns.get(sheet, ()))
            if found is not None:
                source[cell] = found
                waiting.append(cell)
            elif cell not in source:
                left.append((sheet, area, cell))
        ranges = left
    return source


def _inside(
    sheet: str,
    area: Area,
    met: dict[tuple[str, int], list[tuple[int, CellName]]],
    columns: Iterable[int],
) -> CellName | None:
    """Where a cell comes from that lies inside an area."""
    for column in columns:
        if area.left <= column <= area.right:
            rows = met[sheet, column]
            index = bisect_left(rows, (area.top,))
            if index < len(rows) and rows[index][0] <= area.bottom:
                return rows[index][1]
    return None


def circles(cells: Iterable[CellName], reads: Reads) -> Iterator[list[CellName]]:
    """The groups of cells that read each other in a circle, each in sheet order."""
    members = sorted(cells)
    number = {cell: index for index, cell in enumerate(members)}
    by_column: dict[tuple[str, int], list[int]] = {}
    for sheet, (row, column) in members:
        by_column.setdefault((sheet, column), []).append(row)
    edges: list[tuple[int, int]] = []
    for cell in members:
        for sheet, area in reads(cell):
            for (other, column), rows in by_column.items():
                if other == sheet and area.left <= column <= area.right:
                    first = bisect_left(rows, area.top)
                    for row in rows[first : bisect_left(rows, area.bottom + 1)]:
                        edges.append((number[cell], number[other, (row, column)]))
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
