"""Charts: what they draw, and the values that they carry beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from xlhedge.formula.addresses import Area
from xlhedge.formula.structured import Table
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import elements, local_name, number_text, same_number

_CHART_TYPES = ("drawingml.chart+xml", "chartex+xml")
_CACHES = ("numCache", "strCache")
_MOST_POINTS = 200_000


def charts(package: Package) -> list[str]:
    """Parts that hold a chart."""
    return package.typed(*_CHART_TYPES)


def series(package: Package, part: str) -> Iterator[Any]:
    """The elements of a chart that name what it draws."""
    return (node for node in package.tree(part).iter() if local_name(node) == "f" and node.text)


def refresh(package: Package, tables: Sequence[Table]) -> int:
    """Bring charts that draw rows of these tables up to date; how many had other values."""
    count = 0
    known: dict[tuple[str, Area], list[Cell]] = {}  # series share their categories
    for part in charts(package):
        changed = False
        for node in list(series(package, part)):
            place = package.range_of(node.text)
            if place is None:
                continue
            sheet, area = place
            if area.height * area.width <= _MOST_POINTS and any(
                table.sheet == sheet and table.area.overlaps(area) for table in tables
            ):
                if place not in known:
                    known[place] = cells_named(package, sheet).listed(area)
                changed |= _write(node.getparent(), known[place])
        if changed:
            package.changed(part)
            count += 1
    return count


def _write(parent: Any, values: list[Cell]) -> bool:
    """Replace the points of the cache that stands beside a reference."""
    changed = False
    for cache in list(parent):
        name = local_name(cache)
        if name == "multiLvlStrCache":
            parent.remove(cache)
            changed = True
        if name not in _CACHES:
            continue
        space = cache.nsmap[cache.prefix]
        shown = [_point(value, numbers=name == "numCache") for value in values]
        if _same(cache, f"{{{space}}}", shown):
            continue
        changed = True
        index = 0
        for place, old in reversed(list(enumerate(cache))):
            if local_name(old) in ("ptCount", "pt"):
                cache.remove(old)
            elif local_name(old) == "formatCode":
                index = place + 1
        points = "".join(
            f'<pt idx="{number}"><v>{escape(text)}</v></pt>'
            for number, text in enumerate(shown)
            if text is not None
        )
        points = f'<ptCount val="{len(values)}"/>{points}'
        cache[index:index] = elements(points, "a chart", space)
    return changed


def _same(cache: Any, space: str, shown: list[str | None]) -> bool:
    """Whether a cache holds these points already, however its numbers are written."""
    count = cache.find(f"{space}ptCount")
    if count is None or count.get("val") != str(len(shown)):
        return False
    held = {
        node.get("idx"): next((value.text for value in node.iterchildren(f"{space}v")), None)
        for node in cache.iterchildren(f"{space}pt")
    }
    wanted = {str(number): text for number, text in enumerate(shown) if text is not None}
    return held.keys() == wanted.keys() and all(
        same_number(held[index], text) for index, text in wanted.items()
    )


def _point(value: Cell, *, numbers: bool) -> str | None:
    if type(value) is float:
        return number_text(value)
    if value is None or numbers:
        return None
    return str(int(value)) if isinstance(value, bool) else str(value)
