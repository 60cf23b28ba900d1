"""Where references point after a table has got another number of rows."""

from __future__ import annotations

from dataclasses import dataclass

from xlhedge.errors import FileError
from xlhedge.filling.report import Reference
from xlhedge.formula.addresses import LAST_ROW, Area, area_or_none, ends_of, sheet_of_prefix
from xlhedge.formula.structured import Table
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.workbook.package import LONGEST_FORMULA


@dataclass
class Resize:
    """A table, as it was, that gets another number of data rows."""

    table: Table
    rows: int
    extended: list[Reference]
    """References that spanned the rows and follow them."""
    partial: list[Reference]
    """References to some of the rows only; they stay as they are."""

    @property
    def delta(self) -> int:
        """Rows added; negative when rows go."""
        return self.rows - self.table.data.height

    @property
    def area(self) -> Area:
        """The whole table afterwards."""
        return self.table.area._replace(bottom=self.table.area.bottom + self.delta)

    @property
    def data(self) -> Area:
        """The data rows afterwards."""
        return self.table.data._replace(bottom=self.table.data.bottom + self.delta)

    def moved(self, area: Area) -> Area | None:
        """Where a range of the table's sheet lies afterwards; None where it holds a part only."""
        table, data = self.table.area, self.table.data
        if not area.overlaps(table) or area.bottom < data.top:
            return area
        if area.top in (table.top, data.top) and area.bottom in (data.bottom, table.bottom):
            return area._replace(bottom=area.bottom + self.delta)
        if area.top > data.bottom and area.bottom <= table.bottom:
            return area._replace(top=area.top + self.delta, bottom=area.bottom + self.delta)
        covers = area.top <= data.top and area.bottom > table.bottom
        if covers and area.bottom >= self.area.bottom:
            return area
        return None

    def formula(
        self,
        text: str,
        sheet: str | None,
        where: str,
        *,
        fixed: bool = False,
        row: int = 0,
        name: str = "",
    ) -> str:
        """A formula with the references that span the rows made to follow them.

        `sheet` is what references without one mean, and `where` what the report calls the formula's
        place. With `fixed`, only references with a dollar sign before both rows may follow: in
        rules that Excel applies to many cells, and in the table's own rows. `row` is the formula's
        own on the table's sheet: a range that ends there and moves with it is a running one. `name`
        is the name that it defines.
        """
        if not self._may_refer(text, sheet):
            return text
        if len(text) > LONGEST_FORMULA:
            raise FileError(
                f"{where}: a formula of {len(text)} characters; at most {LONGEST_FORMULA} are read"
            )
        result = []
        for kind, shown, prefix in tokenize(text):
            own = self._is_own(sheet_of_prefix(prefix) if prefix else sheet)
            if own and kind is Kind.REFERENCE:
                after = self._one(shown, prefix + shown, where, fixed, row, name)
            else:
                after = shown
            result.append(prefix + after)
        return "".join(result)

    def _is_own(self, sheet: str | None) -> bool:
        """Whether a sheet is the table's."""
        return sheet is not None and sheet.lower() == self.table.sheet.lower()

    def _may_refer(self, text: str, sheet: str | None) -> bool:
        """A cheap test that spares most formulas the tokenizer."""
        if self._is_own(sheet):
            return any(character.isdigit() for character in text)
        return self.table.sheet.replace("'", "''").lower() in text.lower()

    def _one(self, text: str, written: str, where: str, fixed: bool, row: int, name: str) -> str:
        ends, area = ends_of(text) or (), area_or_none(text)
        if area is None or any(end.row is None or end.column is None for end in ends):
            return text  # whole rows or columns
        if name == "_xlnm.Print_Area" and area.overlaps(self.table.area):
            # A page that ends with the table goes on ending with it.
            follows = area.bottom in (self.table.data.bottom, self.table.area.bottom)
            down = self.delta if follows else 0
            moved: Area | None = area._replace(bottom=area.bottom + down)
        else:
            moved = self.moved(area)
        if moved == area:
            return text
        stays = fixed and not all(end.fixed_row for end in ends)
        running = row == area.bottom and not ends[-1].fixed_row
        single = len(ends) == 1 and self.table.data.holds((area.top, area.left))
        if moved is None or stays or running or single:
            if not stays:
                self.partial.append(Reference(where, written, written))
            return text
        after = ":".join(
            str(end._replace(row=_row(end.row, area, moved, position)))
            for position, end in enumerate(ends)
        )
        self.extended.append(Reference(where, written, written[: -len(text)] + after))
        return after

    def ranges(self, text: str, where: str) -> str:
        """A list of ranges of the table's sheet, as rules hold it (sqref)."""
        found = []
        for piece in text.split():
            area = area_or_none(piece)
            moved = area if area is None or area.bottom == LAST_ROW else self.moved(area)
            if area is not None and moved is None:
                self.partial.append(Reference(where, piece, piece))
            elif moved != area:
                self.extended.append(Reference(where, piece, str(moved)))
                piece = str(moved)  # noqa: PLW2901  # what is kept of it
            found.append(piece)
        return " ".join(found)


def _row(number: int | None, area: Area, moved: Area, position: int) -> int:
    """Where the row of one end of a reference is now."""
    if area.top == area.bottom:
        return moved.bottom if position else moved.top
    return moved.top if number == area.top else moved.bottom
