"""The examples of the manual: the worksheet formula gives what the Python beside it gives."""

import ast
from pathlib import Path

import pytest
from places import DOCS
from python_results import assert_same
from recalc_helpers import Book
from xlsxwriter.utility import xl_range_abs

from xlhedge.catalog import CATALOG
from xlhedge.hosts import examples
from xlhedge.recalc.embedded import LoadedWorkbook
from xlhedge.workbook.package import Package

DIGITS = 1e-9
"""A file keeps 16 digits of a number, of which estimates lose some."""

APART = 20
"""Columns from one range or formula to the next."""


def evaluated(node, names):
    return eval(compile(ast.Expression(node), "example", "eval"), names)  # noqa: S307  # our own docstrings


def calculated(spec):
    """Each formula of an example with the value that Python gives, and its ranges' values."""
    names, found = {}, []
    for block in examples.blocks(spec):
        for statement, formulas in block.steps:
            for formula in formulas:
                ranges = {n: evaluated(r.value, names) for n, r in formula.ranges.items()}
                found.append((formula.text, evaluated(formula.call, names), ranges))
            if isinstance(statement, (ast.Assign, ast.Import, ast.ImportFrom)):
                exec(compile(ast.Module([statement], []), "example", "exec"), names)  # noqa: S102
    return found


def cells(value):
    """What Python passes, as a worksheet would hold it."""
    if isinstance(value, dict):
        columns = list(value.values())
        if isinstance(columns[0], list):
            return [list(value), *map(list, zip(*columns, strict=True))]
        return [list(pair) for pair in value.items()]
    return [row if isinstance(row, list) else [row] for row in value]


def by_the_engine(path, found):
    """What the embedded engine gives for the formulas of a workbook with the ranges as names."""
    ranges = {name: value for _, _, named in found for name, value in named.items()}
    with Book(path) as book:
        sheet, data = book.add_worksheet("Formulas"), book.add_worksheet("Data")
        for index, (name, value) in enumerate(ranges.items()):
            rows, left = cells(value), index * APART
            for row, line in enumerate(rows):
                data.write_row(row, left, line)
            area = xl_range_abs(0, left, len(rows) - 1, left + len(rows[0]) - 1)
            book.define_name(name, f"=Data!{area}")
        for index, (text, _, _) in enumerate(found):
            at = index * APART
            sheet.write_dynamic_array_formula(0, at, 0, at, text)
    results = LoadedWorkbook(Package.open(Path(path))).results().sheets["Formulas"]
    for index in range(len(found)):
        row, column = 1, 1 + index * APART
        height, width = results.spills.get((row, column), (1, 1))
        yield [
            [results.values[row + down, column + right] for right in range(width)]
            for down in range(height)
        ]


@pytest.mark.parametrize("name", list(CATALOG))
def test_an_example_gives_the_same_as_a_worksheet_formula(name, tmp_path):
    spec = CATALOG[name]
    found = calculated(spec)
    assert found, "an example without a call of the function"
    page = (DOCS / "functions" / f"{name}.md").read_text(encoding="utf-8")
    for (text, value, _), got in zip(found, by_the_engine(tmp_path / "b.xlsx", found), strict=True):
        assert f"\n{text}\n" in page
        assert_same(value, got, spec.columns, DIGITS)
