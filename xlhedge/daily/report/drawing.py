"""Charts drawn as vectors on a page of a PDF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from xlhedge.daily.report.charts import Chart, Series
from xlhedge.daily.report.fonts import Fonts
from xlhedge.daily.report.scales import date_ticks, labels, number_ticks
from xlhedge.recalc.text_formats import formatted
from xlhedge.sheet.cells import Cell
from xlhedge.templates._theme import INK, LINE, MUTED, NAVY
from xlhedge.workbook.styles import shows_date

SIZE = 8.0
"""Points of the smallest type."""

_TITLE = 9.0
_BAR = 11.5
_LINES = 140.0
"""Points of height: of a bar's row, and of a chart of lines."""

_PAD = 6.0
_KEY = 27.0
"""Points of a line in the legend and of the spaces around it."""

_GRID = "#E8ECF0"
_MOST_BARS = 24
_MOST_POINTS = 400
"""Of a line, two a column of pixels at most: the lowest and the highest."""


class Box(NamedTuple):
    """A rectangle of a page, from its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width


class Scale(NamedTuple):
    """From values to places on the page."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def height_of(fonts: Fonts, chart: Chart, width: float) -> float:
    """How high a chart of some width has to be so that its type can be read."""
    legend = (SIZE + 4) * len(_legend(fonts, chart, width))
    if not chart.bars:
        return _LINES + legend
    count = min(len(_categories(chart)), _MOST_BARS)
    return max(110, 58 + legend + count * max(_BAR, 6.0 * len(chart.series)))


def draw(canvas: Any, fonts: Fonts, chart: Chart, box: Box) -> None:
    """Draw a chart into a rectangle: its frame, its title, its legend and its values."""
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.rect(*box)
    room = box.width - 2 * _PAD
    size = _TITLE if fonts.width(chart.title, _TITLE, bold=True) <= room else SIZE
    title = fonts.cut(chart.title, size, room, bold=True)
    fonts.write(canvas, box.x + _PAD, box.top - 13, title, size, NAVY, bold=True)
    bottom = box.y + _PAD
    for line in reversed(_legend(fonts, chart, box.width)):
        _keys(canvas, fonts, line, (box.x + _PAD, bottom))
        bottom += SIZE + 4
    inner = Box(box.x + _PAD, bottom, room, box.top - 20 - bottom)
    (_bars if chart.bars else _lines)(canvas, fonts, chart, inner)


def _legend(fonts: Fonts, chart: Chart, width: float) -> list[list[tuple[Series, str]]]:
    """The lines of a legend, each with its series and their names; none for one series."""
    if len(chart.series) == 1:
        return []
    room = width - 2 * _PAD
    lines: list[list[tuple[Series, str]]] = [[]]
    used = 0.0
    for one in chart.series:
        name = fonts.cut(one.name, SIZE, room - _KEY)
        size = fonts.width(name, SIZE) + _KEY
        if lines[-1] and used + size > room:
            lines.append([])
            used = 0.0
        lines[-1].append((one, name))
        used += size
    return lines


def _keys(
    canvas: Any, fonts: Fonts, line: list[tuple[Series, str]], place: tuple[float, float]
) -> None:
    """One line of a legend."""
    x, y = place
    for one, name in line:
        canvas.setStrokeColor(one.colour)
        canvas.setLineWidth(2)
        canvas.setDash([3, 2] if one.dashed else [])
        canvas.line(x, y + 2.5, x + 12, y + 2.5)
        canvas.setDash([])
        fonts.write(canvas, x + 15, y, name, SIZE, INK)
        x += fonts.width(name, SIZE) + _KEY


def _categories(chart: Chart) -> list[tuple[str, list[float | None]]]:
    """Each category with its value of each series; those without any are left out."""
    found = []
    for place, name in enumerate(chart.series[0].along):
        values = [_number(one.values, place) for one in chart.series]
        if any(value is not None for value in values):
            found.append(("" if name is None else _name(name), values))
    return found


def _name(value: Cell) -> str:
    return f"{value:g}" if type(value) is float else str(value)


def _number(values: Sequence[Cell], place: int) -> float | None:
    value = values[place] if place < len(values) else None
    return value if type(value) is float and math.isfinite(value) else None


def _bars(canvas: Any, fonts: Fonts, chart: Chart, box: Box) -> None:
    rows = _categories(chart)[:_MOST_BARS]
    numbers = [value for _, values in rows for value in values if value is not None]
    ticks = number_ticks(min(0.0, *numbers), max(0.0, *numbers), 4)
    texts = labels(ticks, chart.values.code)
    wide = max((fonts.width(name, SIZE) for name, _ in rows), default=0.0)
    left = box.x + min(wide, 0.48 * box.width) + 4
    floor = box.y + 2 * SIZE + 6
    tell = len(chart.series) == 1
    scale = Scale(ticks[0], ticks[-1], left + 4, box.right - 14)
    _across(canvas, fonts, scale, zip(ticks, texts, strict=True), (floor, box.top), box.right)
    fonts.centre(canvas, (left + box.right) / 2, box.y, chart.values.title, SIZE, MUTED)
    step = (box.top - floor) / max(len(rows), 1)
    thick = 0.68 * step / len(chart.series)
    for number, (name, values) in enumerate(rows):
        middle = box.top - (number + 0.5) * step
        label = fonts.cut(name, SIZE, left - box.x - 4)
        fonts.write(canvas, box.x, middle - 0.36 * SIZE, label, SIZE, INK)
        for place, (one, value) in enumerate(zip(chart.series, values, strict=True)):
            if value is None:
                continue
            y = middle + 0.34 * step - (place + 1) * thick
            canvas.setFillColor(one.colour)
            start, end = sorted((scale.at(0.0), scale.at(value)))
            canvas.rect(start, y, end - start, thick, stroke=0, fill=1)
            if tell:
                _beside(canvas, fonts, chart, value, (start, end, middle), (left, box.right))
    canvas.setStrokeColor(MUTED)
    canvas.setLineWidth(0.6)
    canvas.line(scale.at(0.0), floor, scale.at(0.0), box.top)


def _beside(
    canvas: Any,
    fonts: Fonts,
    chart: Chart,
    value: float,
    bar: tuple[float, float, float],
    room: tuple[float, float],
) -> None:
    """A bar's value at its end, where there is room, else on its other side."""
    start, end, middle = bar
    text = _value(value, chart.values.code)
    wide = fonts.width(text, SIZE)
    x = end + 2 if value >= 0 else start - 2 - wide
    if x < room[0] or x + wide > room[1]:
        x = start - 2 - wide if value >= 0 else end + 2
    fonts.write(canvas, x, middle - 0.36 * SIZE, text, SIZE, INK)


def _value(value: float, code: str) -> str:
    """A value in the format of the axis, with a decimal where that would leave one digit."""
    try:
        text = formatted(value, code)
        if sum(letter.isdigit() for letter in text) < 2 and value:
            text = formatted(value, code.replace("#,##0", "#,##0.0").replace("0%", "0.0%"))
    except ValueError:
        return f"{value:,.4g}"
    return text


def _across(
    canvas: Any,
    fonts: Fonts,
    scale: Scale,
    ticks: Any,
    heights: tuple[float, float],
    right: float,
) -> None:
    """Vertical grid lines with their labels below, the last no farther right than the box.

    A label that would touch the one before it is left out.
    """
    free = -math.inf
    for tick, text in ticks:
        x, half = scale.at(tick), fonts.width(text, SIZE) / 2
        canvas.setStrokeColor(_GRID)
        canvas.setLineWidth(0.5)
        canvas.line(x, heights[0], x, heights[1])
        x = min(x, right - half)
        if x - half > free:
            fonts.centre(canvas, x, heights[0] - SIZE - 2, text, SIZE, INK)
            free = x + half + 4


def _lines(canvas: Any, fonts: Fonts, chart: Chart, box: Box) -> None:
    points = [_points(one) for one in chart.series]
    flat = [point for part in points for run in part for point in run]
    if not flat:
        return
    along, across = zip(*flat, strict=True)
    ticks = number_ticks(min(across), max(across), 5)
    texts = labels(ticks, chart.values.code)
    left = box.x + max(fonts.width(text, SIZE) for text in texts) + SIZE + 6
    floor = box.y + 2 * SIZE + 6
    vertical = Scale(ticks[0], ticks[-1], floor, box.top - 2)
    for tick, text in zip(ticks, texts, strict=True):
        y = vertical.at(tick)
        canvas.setStrokeColor(_GRID)
        canvas.setLineWidth(0.5)
        canvas.line(left, y, box.right, y)
        fonts.right(canvas, left - 3, y - 0.36 * SIZE, text, SIZE, INK)
    low, high = min(along), max(along)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    dates = shows_date(chart.along.code)
    marks = date_ticks(low, high, 7) if dates else number_ticks(low, high, 6)
    marks = [mark for mark in marks if low <= mark <= high]
    horizontal = Scale(low, high, left + 2, box.right - 4)
    named = zip(marks, labels(marks, chart.along.code), strict=True)
    _across(canvas, fonts, horizontal, named, (floor, box.top - 2), box.right)
    fonts.centre(canvas, (left + box.right) / 2, box.y, chart.along.title, SIZE, MUTED)
    canvas.saveState()
    canvas.translate(box.x + SIZE - 1, (floor + box.top) / 2)
    canvas.rotate(90)
    fonts.centre(canvas, 0, 0, chart.values.title, SIZE, MUTED)
    canvas.restoreState()
    for one, runs in zip(chart.series, points, strict=True):
        _line(canvas, one, runs, horizontal, vertical)


def _line(
    canvas: Any,
    series: Series,
    runs: list[list[tuple[float, float]]],
    horizontal: Scale,
    vertical: Scale,
) -> None:
    canvas.setStrokeColor(series.colour)
    canvas.setFillColor(series.colour)
    canvas.setLineWidth(min(series.width, 1.2))
    canvas.setDash([3, 2] if series.dashed else [])
    for run in runs:
        path = canvas.beginPath()
        places = [(horizontal.at(x), vertical.at(y)) for x, y in _thinned(run)]
        path.moveTo(*places[0])
        for place in places[1:]:
            path.lineTo(*place)
        canvas.drawPath(path)
        if series.marked or len(places) == 1:
            for place in places:
                canvas.circle(*place, 1.8, stroke=0, fill=1)
    canvas.setDash([])


def _points(series: Series) -> list[list[tuple[float, float]]]:
    """The points of a line, in runs between its gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place in range(len(series.along)):
        x, y = _number(series.along, place), _number(series.values, place)
        if x is None or y is None:
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]


def _thinned(run: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Fewer points that look the same: of each stretch its ends, its lowest and its highest."""
    if len(run) <= _MOST_POINTS:
        return run
    size = math.ceil(4 * len(run) / _MOST_POINTS)
    kept: list[tuple[float, float]] = []
    for start in range(0, len(run), size):
        part = list(enumerate(run[start : start + size]))
        wanted = {0, len(part) - 1}
        wanted |= {min(part, key=lambda item: item[1][1])[0]}
        wanted |= {max(part, key=lambda item: item[1][1])[0]}
        kept += [part[place][1] for place in sorted(wanted)]
    return kept
