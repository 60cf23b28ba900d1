"""The committee's page, laid out from top to bottom on A4."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from xlhedge.daily.report.charts import Chart
from xlhedge.daily.report.content import Content
from xlhedge.daily.report.drawing import SIZE, Box, draw, height_of
from xlhedge.daily.report.fonts import Fonts
from xlhedge.daily.summary import word_of
from xlhedge.templates._theme import BAND, INK, LINE, MUTED, NAVY, STATUS, VERDICT

_WIDTH, _HEIGHT = 595.28, 841.89
_MARGIN = 36.0
_FOOT = 44.0
_LINE = 12.0
_GAP = 10.0
_ROOM = _WIDTH - 2 * _MARGIN
_RIGHT = _WIDTH - _MARGIN
_CELL_LINE = 9.5
_BETWEEN = 8.0
_SHORTEST, _TALLEST = 0.8, 1.5
"""Heights of charts as shares of what they need: they give way to a page, and fill it."""

_BESIDE = 2.5
"""The same of a chart that stands beside a higher one."""

_MOST_CHECKS = 10
_MOST_LINES = 6
"""Of a cell in a table."""


class Page:
    """A page in the making, and those that follow it where one does not suffice.

    Parameters
    ----------
    content
        What it shows.
    fonts
        Its type.
    total
        Number of pages, for the foot; 0 while it is counted.
    """

    def __init__(self, content: Content, fonts: Fonts, total: int = 0) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.content = content
        self.fonts = fonts
        self.total = total
        self.number = 1
        self._buffer = io.BytesIO()
        # invariant: the same book gives the same bytes, as no clock is read.
        size = (_WIDTH, _HEIGHT)
        self.canvas: Any = Canvas(self._buffer, pagesize=size, invariant=1, pageCompression=1)
        self.canvas.setTitle(f"{content.title}: {PurePath(content.said.book).name}")
        self.canvas.setAuthor("xlhedge")
        self.canvas.setCreator("xlhedge")
        self.canvas.setSubject(content.said.status)
        self.y = _HEIGHT - _MARGIN

    def draw(self) -> bytes:
        """Draw everything and give the file."""
        self._head()
        self._status()
        self._checks()
        self._sentences()
        if self.content.said.sources:
            self._paragraph(self.content.said.sources, SIZE, MUTED)
        self._figures()
        self._accounts()
        self._charts()
        self._foot()
        self.canvas.showPage()
        self.canvas.save()
        return self._buffer.getvalue()

    def _room(self, height: float) -> bool:
        """Whether so much is left above the foot."""
        return self.y - height >= _FOOT

    def _need(self, height: float) -> None:
        """Begin another page where so much is not left."""
        if not self._room(height) and self.y < _HEIGHT - _MARGIN:
            self._foot()
            self.canvas.showPage()
            self.number += 1
            self.y = _HEIGHT - _MARGIN

    def _head(self) -> None:
        said = self.content.said
        self.y -= 16
        title = self.fonts.cut(self.content.title, 18, 0.7 * _ROOM, bold=True)
        self.fonts.write(self.canvas, _MARGIN, self.y, title, 18, NAVY, bold=True)
        if said.valued:
            text = f"valued at {said.valued} UTC"
            self.fonts.right(self.canvas, _RIGHT, self.y, text, 9, MUTED)
        self.y -= 14
        name = self.fonts.cut(PurePath(said.book).name, 9, _ROOM)
        self.fonts.write(self.canvas, _MARGIN, self.y, name, 9, MUTED)
        self.y -= 8

    def _status(self) -> None:
        status = self.content.said.status
        if not status:
            return
        colour, ink = _look(status)
        lines = self.fonts.wrapped(status, 11, _ROOM - 16, bold=True)
        height = 14 * len(lines) + 8
        self._need(height)
        self.canvas.setFillColor(colour)
        self.canvas.rect(_MARGIN, self.y - height, _ROOM, height, stroke=0, fill=1)
        y = self.y - 15
        for line in lines:
            self.fonts.write(self.canvas, _MARGIN + 8, y, line, 11, ink, bold=True)
            y -= 14
        self.y -= height + 6

    def _checks(self) -> None:
        failed = self.content.said.told
        for check in failed[:_MOST_CHECKS]:
            colour, ink = _look(check.status)
            text = f"{check.area}, {check.check}"
            text += f": {check.finding}" if check.finding else ""
            lines = self.fonts.wrapped(text, 8.5, _ROOM - 78)
            self._need(11 * len(lines) + 4)
            self.canvas.setFillColor(colour)
            self.canvas.rect(_MARGIN, self.y - 12, 70, 12, stroke=0, fill=1)
            self.fonts.centre(self.canvas, _MARGIN + 35, self.y - 9, check.status, SIZE, ink)
            for number, line in enumerate(lines):
                y = self.y - 9 - 11 * number
                self.fonts.write(self.canvas, _MARGIN + 78, y, line, 8.5, INK)
            self.y -= 11 * len(lines) + 4
        if len(failed) > _MOST_CHECKS:
            more = f"and {len(failed) - _MOST_CHECKS} more: the sheet Checks lists them"
            self._paragraph(more, 8.5, INK)

    def _sentences(self) -> None:
        """The figures that are long texts, side by side with their labels."""
        labels: dict[str, list[str]] = {}
        for label, text in self.content.sentences:
            labels.setdefault(text, []).append(label)
        told = [(_several(names), text) for text, names in labels.items()]
        wide = max((self.fonts.width(label, 9) for label, _ in told), default=0.0)
        start = min(max(100.0, wide + 10), 0.45 * _ROOM)
        for label, text in told:
            self._need(_LINE + 2)
            shown = self.fonts.cut(label, 9, start - 6)
            self.fonts.write(self.canvas, _MARGIN, self.y - 10, shown, 9, MUTED)
            for line in self.fonts.wrapped(text, 9.5, _ROOM - start, bold=True):
                self._need(_LINE)
                self.y -= _LINE
                self.fonts.write(
                    self.canvas, _MARGIN + start, self.y + 2, line, 9.5, INK, bold=True
                )
            self.y -= 2

    def _paragraph(self, text: str, size: float, colour: str) -> None:
        for line in self.fonts.wrapped(text, size, _ROOM):
            self._need(size + 3)
            self.y -= size + 3
            self.fonts.write(self.canvas, _MARGIN, self.y, line, size, colour)
        self.y -= 4

    def _figures(self) -> None:
        single = [
            (row.label, row.value, row.unit) for row in self.content.rows if row.after is None
        ]
        pairs = [row for row in self.content.rows if row.after is not None]
        if single:
            self.y -= 4
            widths = (0.46 * _ROOM, 0.27 * _ROOM, 0.27 * _ROOM)
            self._table(("Key figures", "", "unit"), single, widths, (1,))
        if pairs:
            self.y -= 4
            self._table(
                ("Before and after", "held", "after the trade", "unit"),
                [(row.label, row.value, row.after or "", row.unit) for row in pairs],
                (0.44 * _ROOM, 0.19 * _ROOM, 0.19 * _ROOM, 0.18 * _ROOM),
                (1, 2),
            )

    def _accounts(self) -> None:
        for accounts in self.content.accounts:
            self.y -= _GAP
            heads, *rows = accounts
            widths = [
                max(self.fonts.width(row[place], SIZE, bold=True) for row in accounts) + 8
                for place in range(len(heads))
            ]
            numbers = [
                place for place in range(len(heads)) if all(_is_number(row[place]) for row in rows)
            ]
            titles = [head.replace("_", " ") for head in heads]
            self._table(titles, rows, _shared(widths, _ROOM), numbers)

    def _table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        right: Sequence[int],
    ) -> None:
        """Headings on a band, and rows with a line below each; it goes on over pages."""
        self._need(3 * _LINE)
        self._heads(heads, widths, right)
        for row in rows:
            cells = self._wrapped(row, widths, right)
            height = _height(cells)
            if not self._room(height):
                self._need(height)
                self._heads(heads, widths, right)
            self._cells(cells, widths, right, INK)
            self.canvas.setStrokeColor(LINE)
            self.canvas.setLineWidth(0.4)
            self.canvas.line(_MARGIN, self.y, _RIGHT, self.y)

    def _heads(self, heads: Sequence[str], widths: Sequence[float], right: Sequence[int]) -> None:
        cells = self._wrapped(heads, widths, range(len(heads)))
        height = _height(cells)
        self.canvas.setFillColor(NAVY)
        self.canvas.rect(_MARGIN, self.y - height, _ROOM, height, stroke=0, fill=1)
        self._cells(cells, widths, right, "#FFFFFF", bold=True)

    def _wrapped(
        self, cells: Sequence[str], widths: Sequence[float], bold: Sequence[int]
    ) -> list[list[str]]:
        """The lines of each cell; a number stands whole on one, or is seen to be cut."""
        found = []
        for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
            strong, room = place in bold, width - 6
            lines = (
                [text] if _is_number(text) else self.fonts.wrapped(text, SIZE, room, bold=strong)
            )
            if len(lines) >= _MOST_LINES:
                lines[_MOST_LINES - 1 :] = [" ".join(lines[_MOST_LINES - 1 :])]
            lines[-1:] = [self.fonts.cut(line, SIZE, room, bold=strong) for line in lines[-1:]]
            found.append(lines)
        return found

    def _cells(
        self,
        cells: Sequence[Sequence[str]],
        widths: Sequence[float],
        right: Sequence[int],
        colour: str,
        *,
        bold: bool = False,
    ) -> None:
        """The lines of a row's cells, and on to the row below; numbers stand right, in bold."""
        x = _MARGIN
        for place, (lines, width) in enumerate(zip(cells, widths, strict=True)):
            for number, line in enumerate(lines):
                y = self.y - 8.8 - _CELL_LINE * number
                if place in right:
                    self.fonts.right(self.canvas, x + width - 3, y, line, SIZE, colour, bold=True)
                else:
                    self.fonts.write(self.canvas, x + 3, y, line, SIZE, colour, bold=bold)
            x += width
        self.y -= _height(cells)

    def _charts(self) -> None:
        """The charts in two columns, which fill what the page has left; others may join there."""
        waiting, more = list(self.content.charts), list(self.content.more_charts)
        while waiting:
            room = self.y - _FOOT
            taken = [one for one in range(1, len(waiting) + 1)
                     if _SHORTEST * self._tallest(waiting[:one]) <= room]  # fmt: skip
            if not taken and self.y < _HEIGHT - _MARGIN:
                self._need(_HEIGHT)
                continue
            count = max(taken, default=1)
            charts, waiting = waiting[:count], waiting[count:]
            while more and self.number == 1 and self._tallest([*charts, more[0]]) <= room:
                charts.append(more.pop(0))
            self._columns(charts, room)

    def _tallest(self, charts: Sequence[Chart]) -> float:
        """How high the higher column of some charts is."""
        return max(sum(heights) for _, heights in self._split(charts))

    def _split(self, charts: Sequence[Chart]) -> list[tuple[list[Chart], list[float]]]:
        """The columns, each with its charts and their heights: a chart goes to the shorter one."""
        width = _width(charts)
        columns: list[tuple[list[Chart], list[float]]] = [([], []) for _ in charts[:2]]
        for chart in charts:
            shorter = min(columns, key=lambda column: sum(column[1]))
            shorter[0].append(chart)
            shorter[1].append(height_of(self.fonts, chart, width) + _GAP)
        return columns

    def _columns(self, charts: Sequence[Chart], room: float) -> None:
        """Draw charts in columns of one height, where none becomes too high for what it shows."""
        columns = self._split(charts)
        height = min(room, _TALLEST * self._tallest(charts))
        width = _width(charts)
        for place, (column, heights) in enumerate(columns):
            share = min(height / sum(heights), _BESIDE)
            y = self.y
            for chart, needed in zip(column, heights, strict=True):
                y -= share * needed
                x = _MARGIN + place * (width + _BETWEEN)
                draw(self.canvas, self.fonts, chart, Box(x, y, width, share * needed - _GAP))
        self.y -= height

    def _foot(self) -> None:
        said, y = self.content.said, 27.0
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(_MARGIN, y + 11, _RIGHT, y + 11)
        valued = f", valued at {said.valued} UTC" if said.valued else ""
        pages = f"Page {self.number} of {self.total or self.number}"
        room = _ROOM - self.fonts.width(valued + pages, SIZE) - 12
        name = self.fonts.cut(PurePath(said.book).name, SIZE, room)
        self.fonts.write(self.canvas, _MARGIN, y, name + valued, SIZE, MUTED)
        self.fonts.right(self.canvas, _RIGHT, y, pages, SIZE, MUTED)
        self.fonts.write(self.canvas, _MARGIN, y - SIZE - 2, said.calculated, SIZE, MUTED)


def pdf(content: Content, fonts: Fonts) -> tuple[bytes, int]:
    """The file, and its number of pages."""
    counted = Page(content, fonts)
    counted.draw()
    return Page(content, fonts, counted.number).draw(), counted.number


def _look(status: str) -> tuple[str, str]:
    """The colours of a status: its ground and its letters."""
    look = (STATUS | VERDICT).get(word_of(status), {"bg_color": BAND, "font_color": INK})
    return str(look["bg_color"]), str(look["font_color"])


def _width(charts: Sequence[Chart]) -> float:
    """How wide each of some charts is: one alone has the whole page."""
    return _ROOM if len(charts) == 1 else (_ROOM - _BETWEEN) / 2


def _height(cells: Sequence[Sequence[str]]) -> float:
    """How high a row of a table is."""
    return _CELL_LINE * max(1, *map(len, cells)) + 2.5


def _several(labels: Sequence[str]) -> str:
    """The label of a text that stands for several figures."""
    return labels[0] if len(labels) == 1 else f"{labels[0]} and {len(labels) - 1} more"


def _shared(widths: Sequence[float], room: float) -> list[float]:
    """The widths of columns that fill a room: where they are too wide, the widest give way.

    Examples
    --------
    >>> _shared([10, 20], 60), _shared([10, 90, 20], 60), _shared([30, 90, 30, 20], 60)
    ([20.0, 40.0], [10, 30.0, 20], [15.0, 15.0, 15.0, 15.0])
    """
    if sum(widths) <= room:
        return [width * room / sum(widths) for width in widths]
    limit, left = 0.0, room
    for place, width in enumerate(sorted(widths)):
        limit = left / (len(widths) - place)
        if width > limit:
            break
        left -= width
    return [min(width, limit) for width in widths]


def _is_number(text: str) -> bool:
    """Whether a cell's text is a number, a percentage or nothing."""
    return not text or (text[-1] in "0123456789%" and text.lstrip("-")[:1].isdigit())
