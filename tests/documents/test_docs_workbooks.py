"""docs/workbooks.md against the templates: sheets, tables, columns, commands, pictures."""

import re

import pytest
from lxml import etree
from places import ROOT

from xlhedge.formula.addresses import address
from xlhedge.templates import TEMPLATES
from xlhedge.templates._theme import INPUT_FILL
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import Package

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


def input_styles(package):
    """The numbers of the styles that have the fill of an input."""
    styles = etree.fromstring(package.read("xl/styles.xml"))
    fills = styles.findall("{*}fills/{*}fill")
    colours = [fill.find("{*}patternFill/{*}fgColor") for fill in fills]
    filled = {
        str(number)
        for number, colour in enumerate(colours)
        if colour is not None and colour.get("rgb") == f"FF{INPUT_FILL[1:]}"
    }
    formats = styles.findall("{*}cellXfs/{*}xf")
    return {str(number) for number, one in enumerate(formats) if one.get("fillId") in filled}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_has_its_sheets_tables_and_columns_in_the_manual(name, calculated_templates):
    text, package = section(name), Package.open(calculated_templates(name)[0])
    assert list(rows_below(text, "sheet")) == [sheet.name for sheet in package.worksheets]
    inputs, wanted = input_styles(package), {}
    for table in package.tables.values():
        first = cells_named(package, table.sheet).elements([table.data.top])[table.data.top]
        row = [
            first.find(f"{{*}}c[@r='{address(table.data.top, column)}']")
            for column in table.data.columns
        ]
        wanted[table.name] = [
            title
            for title, cell in zip(table.columns, row, strict=True)
            if cell.get("s") in inputs and cell.find("{*}f") is None
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
