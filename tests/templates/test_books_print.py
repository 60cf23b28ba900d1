"""Printed pages: type that can be read, and no long table beyond its first page."""

import pytest
from book_helpers import opened
from openpyxl.utils import range_boundaries

from xlhedge.filling.provenance import footer
from xlhedge.templates import TEMPLATES, _sample, build

PAPER = {"landscape": (11.69, 8.27), "portrait": (8.27, 11.69)}
LEAST = 8.0
SMALLEST = 10.0
"""Points of the smallest type of a sheet: units, notes."""


def scale_of(sheet):
    """How a sheet is scaled to its pages, as Excel does: never enlarged."""
    left, top, right, bottom = range_boundaries(sheet.print_area.split("!")[-1].replace("$", ""))
    paper = PAPER[sheet.page_setup.orientation]
    margins = sheet.page_margins
    widths = {
        column: item.width
        for item in sheet.column_dimensions.values()
        for column in range(item.min, item.max + 1)
    }
    # A width in a file counts its five pixels of margin in; a column has 64 pixels by default.
    pixels = sum(int(widths.get(column, 64 / 7) * 7) for column in range(left, right + 1))
    wide = sheet.page_setup.fitToWidth or 1
    scale = wide * (paper[0] - margins.left - margins.right) * 96 / pixels
    pages = 1 if sheet.page_setup.fitToHeight is None else sheet.page_setup.fitToHeight
    if pages:  # 0 is any number
        rows = sum(sheet.row_dimensions[row].height or 18 for row in range(top, bottom + 1))
        high = paper[1] - margins.top - margins.bottom
        scale = min(scale, pages * high * 72 / rows)
    return min(scale, 1.0)


@pytest.mark.parametrize("name", sorted(set(TEMPLATES)))
def test_type_is_not_below_eight_points_on_paper(name, calculated_templates):
    small = {
        sheet.title: round(scale_of(sheet) * SMALLEST, 1)
        for sheet in opened(calculated_templates(name)[0])
        if scale_of(sheet) * SMALLEST < LEAST
    }
    assert small == {}


@pytest.mark.parametrize("name", [name for name, one in TEMPLATES.items() if one.takes_history])
def test_of_a_long_history_the_first_page_alone_is_printed(name, tmp_path):
    past = _sample.book(300) if TEMPLATES[name].takes_several else _sample.history(300)
    sheet = opened(build(name, tmp_path / "book.xlsx", past))["History"]
    _, top, _, bottom = range_boundaries(sheet.print_area.split("!")[-1].replace("$", ""))
    assert sheet.page_setup.fitToHeight in (None, 1)
    assert bottom - top < 80


def test_both_parts_of_a_footer_have_room_beside_each_other():
    """8 points of Arial are some 0.055 inches a character."""
    names = [f"Table_{k}: rows & files of k.csv" for k in range(20)]
    text = footer(names)
    assert text.startswith("Sources: Table_0: rows && files of k.csv; ")
    assert text.endswith("…")
    page = PAPER["portrait"][0] - 0.8
    assert 0.055 * (len(text.replace("&&", "&")) + len("31/12/2026 23:59   page 100 of 100")) < page
