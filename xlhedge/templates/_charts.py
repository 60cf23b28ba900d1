"""Native charts in the templates' theme: a title, axes with units, few colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xlhedge.templates._layout import Sheet
from xlhedge.templates._theme import BLUE, FONT, INK, LINE, MUTED, NAVY


class Line(NamedTuple):
    """One series: its name, the ranges of its two axes, and its colour."""

    name: str
    categories: str
    values: str
    colour: str = BLUE
    dash: str = "solid"
    width: float = 1.5


class Frame(NamedTuple):
    """Where a chart stands and how large it is, in pixels."""

    row: int
    column: int
    width: int
    height: int


def _axis(axis: tuple[str, str], more: Mapping[str, Any]) -> dict[str, Any]:
    title, number = axis
    return {
        "name": title,
        "name_font": {"name": FONT, "size": 10, "bold": False, "color": MUTED},
        "num_font": {"name": FONT, "size": 10, "color": INK},
        "num_format": number,
        "line": {"color": LINE},
        "major_gridlines": {"visible": True, "line": {"color": "#E8ECF0", "width": 0.75}},
        **more,
    }


def _finish(chart: Any, sheet: Sheet, frame: Frame, title: str, *, legend: bool) -> None:
    font = {"name": FONT, "size": 12, "bold": True, "color": NAVY}
    chart.set_title({"name": title, "name_font": font, "overlay": False})
    legend_font = {"name": FONT, "size": 10}
    chart.set_legend({"position": "bottom", "font": legend_font} if legend else {"none": True})
    chart.set_size({"width": frame.width, "height": frame.height})
    chart.set_chartarea({"border": {"color": LINE}, "fill": {"color": "#FFFFFF"}})
    chart.show_na_as_empty_cell()
    sheet.cells.insert_chart(
        frame.row,
        frame.column,
        chart,
        {"object_position": 1, "x_offset": 2, "y_offset": 4, "description": title},
    )


def _ranges(series: Line) -> dict[str, Any]:
    return {
        "name": series.name,
        "categories": f"={series.categories}",
        "values": f"={series.values}",
    }


def _drawn(line: Line) -> dict[str, Any]:
    look = {"color": line.colour, "width": line.width, "dash_type": line.dash}
    return _ranges(line) | {"line": look}


def _mark(colour: str) -> dict[str, Any]:
    fill = {"color": colour}
    return {"type": "circle", "size": 6, "border": fill, "fill": fill}


def lines(
    sheet: Sheet,
    frame: Frame,
    title: str,
    series: Sequence[Line],
    horizontal: tuple[str, str],
    vertical: tuple[str, str],
    limits: Mapping[str, float] | None = None,
    *,
    marks: bool = False,
    numbers_left: bool = False,
) -> None:
    """Lines over a horizontal axis of numbers or times; an axis is its title and its format.

    `marks` shows each point, for curves of few points; `numbers_left` keeps the vertical axis's
    numbers at the left where the horizontal axis has both signs.
    """
    kind = "straight_with_markers" if marks else "straight"
    chart = sheet.book.workbook.add_chart({"type": "scatter", "subtype": kind})
    for line in series:
        chart.add_series(_drawn(line) | ({"marker": _mark(line.colour)} if marks else {}))
    gridless: dict[str, Any] = {"major_gridlines": {"visible": False}, "label_position": "low"}
    chart.set_x_axis(_axis(horizontal, gridless | dict(limits or {})))
    chart.set_y_axis(_axis(vertical, {"label_position": "low"} if numbers_left else {}))
    _finish(chart, sheet, frame, title, legend=len(series) > 1)


def timeline(
    sheet: Sheet,
    frame: Frame,
    title: str,
    series: Sequence[Line],
    horizontal: tuple[str, str],
    vertical: tuple[str, str],
    *,
    step: int = 0,
) -> None:
    """Lines over the rows of a table or grid whose times are equally spaced, oldest first.

    The axis begins with the first row and ends with the last one, whatever their times: an axis of
    numbers ends at round ones, months before and after the data. A grid whose number of rows is
    fixed may label every `step`-th row.
    """
    chart = sheet.book.workbook.add_chart({"type": "line"})
    for line in series:
        chart.add_series(_drawn(line))
    across: dict[str, Any] = {"major_gridlines": {"visible": False}, "label_position": "low"}
    across |= {"text_axis": True} | ({"interval_unit": step, "interval_tick": step} if step else {})
    chart.set_x_axis(_axis(horizontal, across))
    chart.set_y_axis(_axis(vertical, {}))
    _finish(chart, sheet, frame, title, legend=len(series) > 1)


def bars(
    sheet: Sheet,
    frame: Frame,
    title: str,
    series: Sequence[Line],
    horizontal: tuple[str, str],
) -> None:
    """Horizontal bars, the first category at the top."""
    chart = sheet.book.workbook.add_chart({"type": "bar"})
    for bar in series:
        chart.add_series(_ranges(bar) | {"fill": {"color": bar.colour}, "gap": 45, "overlap": 0})
    # For bars XlsxWriter means by x and y the places on the page, not the kinds of axis.
    chart.set_y_axis(_axis(("", "@"), {"reverse": True, "label_position": "low"}))
    chart.set_x_axis(_axis(horizontal, {"label_position": "high"}))
    _finish(chart, sheet, frame, title, legend=len(series) > 1)
