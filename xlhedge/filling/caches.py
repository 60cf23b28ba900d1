"""The values that charts carry beside the ranges they draw."""

from __future__ import annotations

from typing import Any

from lxml import etree

from xlhedge.filling.parts import charts
from xlhedge.filling.reading import Cells
from xlhedge.formula.addresses import Area, parse_area
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.recalc import Package
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.package import LONGEST_FORMULA
from xlhedge.workbook.worksheet import Worksheet

_CACHES = ("numCache", "strCache")
_MOST_POINTS = 200_000


def refresh(package: Package, tables: list[str]) -> int:
    """Give charts that draw the rows of these tables the values of now.

    Parameters
    ----------
    package
        The workbook; it is changed.
    tables
        Names of tables.

    Returns
    -------
    int
        Number of charts that were different.
    """
    drawn = [package.tables[name.lower()] for name in tables]
    worksheets: dict[str, Worksheet] = {}
    cells = Cells(package)
    count = 0
    for part in charts(package):
        changed = False
        for node in package.tree(part).iter():
            if not isinstance(node.tag, str) or etree.QName(node).localname != "f":
                continue
            place = range_of(package, node.text or "")
            if place is None:
                continue
            sheet, area = place
            if (
                not any(table.sheet == sheet and table.area.overlaps(area) for table in drawn)
                or area.height * area.width > _MOST_POINTS
            ):
                continue
            if sheet not in worksheets:
                found = next(item for item in package.worksheets if item.name == sheet)
                worksheets[sheet] = Worksheet(package, found)
            changed |= _write(node, _values(worksheets[sheet], cells, area))
        if changed:
            package.replace_tree(part)
            count += 1
    return count


def range_of(package: Package, text: str) -> tuple[str, Area] | None:
    """Sheet and area of a series' reference, also through a defined name."""
    tokens = tokenize(text) if len(text) <= LONGEST_FORMULA else []
    if len(tokens) != 2 or tokens[0].kind is not Kind.SHEET:
        return None
    prefix = tokens[0].text[:-1].strip("'").replace("''", "'").lower()
    if tokens[1].kind is Kind.NAME:
        named = [
            name.text
            for name in package.defined_names
            if name.name.lower() == tokens[1].text.lower()
            and (name.sheet is None or name.sheet.lower() == prefix)
        ]
        tokens = tokenize(named[0]) if named else []
        if len(tokens) != 2 or tokens[0].kind is not Kind.SHEET:
            return None
        prefix = tokens[0].text[:-1].strip("'").replace("''", "'").lower()
    sheet = next((item.name for item in package.worksheets if item.name.lower() == prefix), None)
    if sheet is None or tokens[1].kind is not Kind.REFERENCE:
        return None
    try:
        return sheet, parse_area(tokens[1].text)
    except ValueError:
        return None


def _values(worksheet: Worksheet, cells: Cells, area: Area) -> list[Cell]:
    return [
        cells.value(worksheet.cells.get((row, column)))
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    ]


def _write(node: Any, values: list[Cell]) -> bool:
    """Replace the points of the cache that stands beside a reference."""
    parent = node.getparent()
    before = etree.tostring(parent)
    for cache in parent:
        if not isinstance(cache.tag, str):
            continue
        name = etree.QName(cache).localname
        if name == "multiLvlStrCache":
            parent.remove(cache)
        if name not in _CACHES:
            continue
        space = f"{{{etree.QName(cache).namespace}}}"
        shown = [_point(value, numbers=name == "numCache") for value in values]
        if _same(cache, space, shown):
            continue
        for old in [*cache.iterfind(f"{space}ptCount"), *cache.iterfind(f"{space}pt")]:
            cache.remove(old)
        index = 1 if len(cache) and cache[0].tag == f"{space}formatCode" else 0
        points = [etree.Element(f"{space}ptCount", val=str(len(values)))]
        for number, text in enumerate(shown):
            if text is not None:
                point = etree.Element(f"{space}pt", idx=str(number))
                etree.SubElement(point, f"{space}v").text = text
                points.append(point)
        cache[index:index] = points
    return bool(etree.tostring(parent) != before)


def _same(cache: Any, space: str, shown: list[str | None]) -> bool:
    """Whether a cache holds these points already, however its numbers are written."""
    count = cache.find(f"{space}ptCount")
    if count is None or count.get("val") != str(len(shown)):
        return False
    held = {node.get("idx"): node.findtext(f"{space}v") for node in cache.iterfind(f"{space}pt")}
    wanted = {str(number): text for number, text in enumerate(shown) if text is not None}
    return held.keys() == wanted.keys() and all(
        _equal(held[index], text) for index, text in wanted.items()
    )


def _equal(held: str | None, text: str) -> bool:
    if held == text:
        return True
    try:
        return float(held or "") == float(text)
    except ValueError:
        return False


def _point(value: Cell, *, numbers: bool) -> str | None:
    if value is None:
        return None
    if type(value) is float:
        return repr(value).removesuffix(".0")
    if numbers:
        return None
    return str(int(value)) if isinstance(value, bool) else str(value)
