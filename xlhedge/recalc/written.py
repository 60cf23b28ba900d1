"""The rewritten formulas of a workbook's cells, four bytes each: most are copies of few."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

from xlhedge.formula.rewriting import Rewritten
from xlhedge.recalc.dependents import CellName
from xlhedge.workbook.cells import Cells
from xlhedge.workbook.reading import Address


class Written(Mapping[CellName, Rewritten]):
    """What each formula cell's formula became; a cell that keeps its value has none.

    Attributes
    ----------
    of_kind
        What a formula and its copies became, by the number of their kind.
    """

    def __init__(self, sheets: list[Cells]) -> None:
        self._sheets = {
            one.sheet.name: (one.formulas, array("i", [-1]) * len(one.formulas)) for one in sheets
        }
        self.of_kind: list[Rewritten] = []
        self._numbers: dict[int, int] = {}

    def add(self, sheet: str, index: int, written: Rewritten) -> None:
        """Note a formula by its place among those of its sheet."""
        number = self._numbers.setdefault(id(written), len(self.of_kind))
        if number == len(self.of_kind):
            self.of_kind.append(written)
        self._sheets[sheet][1][index] = number

    def discard(self, key: CellName) -> None:
        """Forget a cell's formula, where it has one."""
        if self.kind(key) >= 0:
            formulas, numbers = self._sheets[key[0]]
            numbers[formulas.index(key[1])] = -1

    def of(self, sheet: str) -> Iterator[tuple[int, Address]]:
        """The cells of a sheet, each with its place among the sheet's formulas."""
        places, numbers = self._sheets[sheet]
        for index, (place, number) in enumerate(zip(places, numbers, strict=True)):
            if number >= 0:
                yield index, place

    def kinds(self, sheet: str) -> Sequence[int]:
        """The kind of each formula of a sheet; −1 for a cell that keeps its value."""
        return self._sheets[sheet][1]

    def kind(self, key: CellName) -> int:
        """A number that a cell's formula shares with its copies; −1 where there is none."""
        formulas, numbers = self._sheets.get(key[0], ((), ()))
        index = formulas.index(key[1]) if formulas else -1
        return -1 if index < 0 else numbers[index]

    def __getitem__(self, key: CellName) -> Rewritten:
        """What a cell's formula became."""
        number = self.kind(key)
        if number < 0:
            raise KeyError(key)
        return self.of_kind[number]

    def __iter__(self) -> Iterator[CellName]:
        """The cells, sheet by sheet."""
        return ((sheet, place) for sheet in self._sheets for _, place in self.of(sheet))

    def __len__(self) -> int:
        """Number of cells."""
        return sum(1 for _ in self)
