"""docs/workbooks.md against the templates: sheets, tables, columns, commands, pictures."""

import re

import pytest
from book_helpers import input_cells, opened
from openpyxl.utils import range_boundaries
from places import ROOT

from xlhedge.templates import TEMPLATES

PAGE = (ROOT / "docs" / "workbooks.md").read_text(encoding="utf-8")


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def rows_below(text, heading):
    """The rows of a Markdown table, first column to second."""
    lines = text.partition(f"| {heading} |")[2].split("\n")[2:]
    found = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, second = (cell.strip() for cell in line.strip("|").split("|"))
        found[first] = second
    return found


def test_the_list_is_that_of_the_command():
    listed = rows_below(PAGE, "template")
    assert {re.sub(r"\W.*", "", name[1:]): text for name, text in listed.items()} == {
        name: template.summary for name, template in TEMPLATES.items()
    }


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_has_its_sheets_tables_and_columns_in_the_manual(name, calculated_templates):
    text, path = section(name), calculated_templates(name)[0]
    book, cells = opened(path), input_cells(path)
    assert list(rows_below(text, "sheet")) == book.sheetnames
    wanted = {}
    for sheet in book:
        for table, area in sheet.tables.items():
            left, top, right, _ = range_boundaries(area)
            wanted[table] = [
                sheet.cell(top, column).value
                for column in range(left, right + 1)
                if sheet.cell(top + 1, column).coordinate in cells[sheet.title]
            ]
    shown = rows_below(text, "table to fill")
    assert {table: columns.split(", ") for table, columns in shown.items()} == {
        table: wanted[table] for table in TEMPLATES[name].tables
    }


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_commands_name_the_template_and_its_tables(name):
    text = section(name)
    assert re.search(rf"^    xlhedge new {name} \w+\.xlsx", text, re.MULTILINE)
    filled = re.findall(r"^    xlhedge fill \w+\.xlsx ((?:\w+=\w+\.csv ?)+)", text, re.MULTILINE)
    tables = {pair.partition("=")[0] for line in filled for pair in line.split()}
    assert bool(tables) == bool(TEMPLATES[name].tables)
    assert tables <= set(TEMPLATES[name].tables)
    assert TEMPLATES[name].takes_history == ("--history" in text)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_picture_is_there_and_small(name):
    assert f"](pictures/{name}.png)" in section(name)
    picture = (ROOT / "docs" / "pictures" / f"{name}.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 150_000
