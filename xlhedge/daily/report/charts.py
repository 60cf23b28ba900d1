"""The charts of a workbook as data: what they draw, read from the cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from xlhedge.sheet.cells import Cell
from xlhedge.templates._theme import AMBER, BLUE, GREEN, PURPLE, VERMILLION
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import Package, Sheet
from xlhedge.workbook.styles import shows_date
from xlhedge.workbook.values import DAYS_TO_1904
from xlhedge.workbook.xml import local_name

_POINTS = 12_700
"""English metric units in a point."""

_DEFAULT = "0072B2"
_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, AMBER)
_BASIS = "Basis: spot − future"


@dataclass(frozen=True)
class Axis:
    """An axis: its title and the code of its numbers."""

    title: str = ""
    code: str = "General"


@dataclass(frozen=True)
class Series:
    """One line or one set of bars: what stands along the axis, and the values."""

    name: str
    along: tuple[Cell, ...]
    values: tuple[Cell, ...]
    colour: str = f"#{_DEFAULT}"
    width: float = 1.0
    dashed: bool = False
    marked: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart: bars over categories, or lines over numbers or times."""

    title: str
    bars: bool
    series: tuple[Series, ...]
    along: Axis
    values: Axis


def charts_of(package: Package) -> list[tuple[str, Chart]]:
    """The charts of all sheets in the workbook's order, each with its sheet; each title once."""
    found: dict[str, tuple[str, Chart]] = {}
    for sheet in package.worksheets:
        for part in _parts(package, sheet):
            chart = _chart(package, part)
            if chart is not None:
                found.setdefault(chart.title, (sheet.name, chart))
    return list(found.values())


def basis_of(package: Package) -> Chart | None:
    """The basis in a table History, an asset a line; None where there are no such columns."""
    table = package.tables.get("history")
    if table is None:
        return None
    rows = cells_named(package, table.sheet).values(table.data)
    columns = dict(
        zip((name.lower() for name in table.columns), zip(*rows, strict=True), strict=True)
    )
    times = columns.get("time", ())
    found: list[Series] = []
    for name, spot in columns.items():
        asset = name.removesuffix("spot").strip()
        futures = columns.get(f"{asset} futures".strip())
        if name.endswith("spot") and futures is not None and len(found) < len(_COLOURS):
            values = tuple(map(_basis, spot, futures))
            colour = _COLOURS[len(found)]
            found.append(Series(asset.upper() or "Basis", times, values, colour))
    if not found or not times:
        return None
    return Chart(_BASIS, False, tuple(found), Axis("time, UTC", "mmm yy"), Axis("bp of spot", "0"))


def _basis(spot: Cell, futures: Cell) -> Cell:
    if type(spot) is not float or type(futures) is not float or spot <= 0:
        return None
    return 10_000 * (spot - futures) / spot


def _parts(package: Package, sheet: Sheet) -> list[str]:
    """The parts of a sheet's charts, in the order in which they were put there."""
    drawing = package.linked(sheet.part, "drawing")
    return package.targets(drawing, "chart") if drawing else []


def _chart(package: Package, part: str) -> Chart | None:
    """A chart that can be drawn here; None for other kinds and for one without any value."""
    root = package.tree(part)
    area = next((node for node in root.iter() if local_name(node) == "plotArea"), None)
    if area is None:
        return None
    kinds = [node for node in area if local_name(node).endswith("Chart")]
    if len(kinds) != 1 or local_name(kinds[0]) not in ("barChart", "scatterChart", "lineChart"):
        return None
    bars = local_name(kinds[0]) == "barChart"
    series = [_series(package, node) for node in kinds[0] if local_name(node) == "ser"]
    kept = tuple(one for one in series if any(type(value) is float for value in one.values))
    if not kept:
        return None
    axes = [_axis(node) for node in area if local_name(node).endswith("Ax")]
    along, values = (*axes, Axis(), Axis())[:2]
    if package.counts_from_1904 and shows_date(along.code):
        kept = tuple(replace(one, along=tuple(map(_from_1900, one.along))) for one in kept)
    title = _title(_child(root, "chart"))
    return Chart(title, bars, kept, along, values)


def _series(package: Package, node: Any) -> Series:
    look = _child(node, "spPr")
    line = _child(look, "ln")
    colour = next((n.get("val") for n in _below(look, "srgbClr")), _DEFAULT)
    width = "" if line is None else line.get("w", "")
    dash = next((n.get("val") for n in _below(line, "prstDash")), "solid")
    symbol = next((n.get("val") for n in _below(_child(node, "marker"), "symbol")), "none")
    name = _cells(package, _child(node, "tx")) or _written(_child(node, "tx"))
    along = _child(node, "cat") if _child(node, "xVal") is None else _child(node, "xVal")
    values = _child(node, "val") if _child(node, "yVal") is None else _child(node, "yVal")
    return Series(
        name="" if not name else str(name[0] or ""),
        along=tuple(_cells(package, along)),
        values=tuple(_cells(package, values)),
        colour=f"#{colour}",
        width=int(width) / _POINTS if width.isdigit() else 1.0,
        dashed=dash != "solid",
        marked=symbol != "none",
    )


def _from_1900(value: Cell) -> Cell:
    return value + DAYS_TO_1904 if type(value) is float else value


def _axis(node: Any) -> Axis:
    form = _child(node, "numFmt")
    return Axis(_title(node), "General" if form is None else form.get("formatCode", "General"))


def _cells(package: Package, node: Any) -> list[Cell]:
    """The cells that a series refers to; none where it refers to none."""
    for reference in _below(node, "f"):
        place = package.range_of(reference.text or "")
        if place is not None:
            cells = cells_named(package, place[0])
            return cells.listed(cells.used(place[1]))
    return []


def _written(node: Any) -> list[Cell]:
    """A name that the chart itself holds."""
    return [found.text for found in _below(node, "v")]


def _title(node: Any) -> str:
    return "".join(found.text or "" for found in _below(_child(node, "title"), "t"))


def _child(node: Any, name: str) -> Any:
    if node is None:
        return None
    return next((child for child in node if local_name(child) == name), None)


def _below(node: Any, name: str) -> Iterator[Any]:
    if node is not None:
        yield from (found for found in node.iter() if local_name(found) == name)
