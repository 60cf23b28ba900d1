"""The tables of margin accounts that a workbook calculates."""

from __future__ import annotations

from collections.abc import Iterator

from xlhedge.daily.summary import AFTER, HELD, shown
from xlhedge.formula.addresses import Area
from xlhedge.workbook.cells import cells_named, read_cells
from xlhedge.workbook.package import Package

Rows = tuple[tuple[str, ...], ...]

_CALL = "ACCOUNT_STATUS("
_ACCOUNT = "account"
_TABLE = "accounts"
_DIGITS = 5
"""Digits of a plain number above which they stand in groups."""

_SIDES = {HELD: "held", AFTER: "after the trade"}


def accounts_of(package: Package) -> list[Rows]:
    """The tables of margin accounts, headings first.

    Notes
    -----
    They are what ACCOUNT_STATUS fills, with the headings that it gives or that stand above. Names
    of these cells say whether they are held or after the trade, and both share a table. Where no
    formula calls it, the table Accounts stands for them: what the accounts hold.
    """
    found = list(_calculated(package))
    if len(found) > 1 and len({tuple(rows[0]) for _, rows in found}) == 1:
        tables = [_side_by_side(found)]
    else:
        tables = [rows for _, rows in found]
    table = package.tables.get(_TABLE)
    if not tables and table is not None:
        tables = [_texts(package, table.sheet, table.area)]
    return [kept for kept in map(_kept, tables) if len(kept) > 1]


def _side_by_side(found: list[tuple[str, list[list[str]]]]) -> list[list[str]]:
    """One table of several: each account's rows below each other, with what they are."""
    (head, *heads), *_ = found[0][1]
    rows = []
    for number in range(1, max(len(table) for _, table in found)):
        for side, table in found:
            if number < len(table):
                account, *cells = table[number]
                rows.append([account, side if account else "", *cells])
    return [[head, "", *heads], *rows]


def _calculated(package: Package) -> Iterator[tuple[str, list[list[str]]]]:
    """What a table is, held or after the trade where its names say so, and its cells as texts."""
    for cells in read_cells(package):
        sheet = cells.sheet.name
        for formula in cells.formulas.arrays.values():
            area = formula.area
            if _CALL not in formula.text.upper() or area.width < 2:
                continue
            for top in (area.top, area.top - 1):
                head = cells.value((top, area.left)) if top > 0 else None
                if isinstance(head, str) and head.lower() == _ACCOUNT:
                    yield (
                        _side(package, sheet, area),
                        _texts(package, sheet, area._replace(top=top)),
                    )
                    break


def _side(package: Package, sheet: str, area: Area) -> str:
    """Whether names of a range say that it is held or after the trade."""
    for name, named in package.named_areas.items():
        if named.sheet == sheet and named.area.overlaps(area):
            for ending, side in _SIDES.items():
                if name.endswith(ending):
                    return side
    return ""


def _kept(rows: list[list[str]]) -> Rows:
    """The rows and columns that hold something."""
    if not rows:
        return ()
    columns = [place for place in range(len(rows[0])) if any(row[place] for row in rows[1:])]
    return tuple(tuple(row[place] for place in columns) for row in rows if any(row))


def _texts(package: Package, sheet: str, area: Area) -> list[list[str]]:
    """Cells as the sheet shows them, with large plain numbers in groups of digits."""
    area = cells_named(package, sheet).used(area)
    found: list[list[str]] = []
    for row in range(area.top, area.bottom + 1):
        found.append([])
        for column in range(area.left, area.right + 1):
            value, text = shown(package, sheet, (row, column))
            plain = isinstance(value, float) and text.lstrip("-").isdigit()
            found[-1].append(f"{value:,.0f}" if plain and len(text) > _DIGITS else text)
    return found
