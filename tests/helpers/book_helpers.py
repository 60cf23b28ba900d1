"""Reading template workbooks: formulas, names, tables, and copies with inputs cleared."""

import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
from lxml import etree
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries
from openpyxl.utils.cell import coordinate_to_tuple

from xlhedge.templates import build
from xlhedge.templates._theme import INPUT_FILL

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PREFIX = re.compile(r"_xlfn\.|_xlws\.|_xlpm\.")
ROW = re.compile(r"(?<![\w.$])(\$?[A-Z]{1,3}\$?)\d+(?![\w.(])")


def plain(name, path):
    """A template as `build` writes it, at that path; each is built once per process."""
    path.write_bytes(_plain(name))
    return path


@cache
def _plain(name):
    with tempfile.TemporaryDirectory() as folder:
        return build(name, Path(folder, f"{name}.xlsx")).read_bytes()


@cache
def opened(path, *, values=False):
    """A workbook as openpyxl reads it, each file once."""
    return openpyxl.load_workbook(path, data_only=values)


@cache
def formula_cells(path):
    """Sheet, cell and XML element of every formula."""
    return list(_formula_cells(path))


def _formula_cells(path):
    with zipfile.ZipFile(path) as package:
        book = etree.fromstring(package.read("xl/workbook.xml"))
        names = [sheet.get("name") for sheet in book.find(f"{MAIN}sheets")]
        for number, name in enumerate(names, 1):
            sheet = etree.fromstring(package.read(f"xl/worksheets/sheet{number}.xml"))
            for cell in sheet.iter(f"{MAIN}c"):
                formula = cell.find(f"{MAIN}f")
                if formula is not None:
                    yield name, cell, formula


def tables(path):
    """Sheet to the ranges of its tables."""
    book = opened(path)
    return {
        sheet.title: [range_boundaries(table.ref) for table in sheet.tables.values()]
        for sheet in book
    }


def in_table(places, sheet, address):
    column, row, *_ = range_boundaries(address)
    return any(
        left <= column <= right and top < row <= bottom
        for left, top, right, bottom in places[sheet]
    )


def walk(text):
    """Calls with their number of arguments, and the other operands, by openpyxl's tokenizer.

    All cells are in row 1: what is written into each row of a table is read once.
    """
    return _walk(ROW.sub(r"\g<1>1", text))


@cache
def _walk(text):
    calls, operands, stack = [], [], []
    for token in Tokenizer("=" + text.removeprefix("=")).items:
        if token.type == "FUNC" and token.subtype == "OPEN":
            # The tokenizer takes A1:INDEX for the name of the function.
            name = token.value[:-1].rpartition(":")[2]
            stack.append([PREFIX.sub("", name), 0, True])
        elif token.type == "FUNC":
            name, separators, empty = stack.pop()
            calls.append((name, 0 if empty and not separators else separators + 1))
        elif token.type == "SEP" and stack:
            stack[-1][1] += 1
        else:
            if token.type == "OPERAND":
                operands.append((token.subtype, token.value))
            if stack:
                stack[-1][2] = False
        if token.type == "FUNC" and token.subtype == "CLOSE" and stack:
            stack[-1][2] = False
    return calls, operands


def conditional_formulas(path):
    """The formulas of conditional formats and data validations."""
    for sheet in opened(path):
        for ranges in sheet.conditional_formatting:
            for rule in ranges.rules:
                yield from rule.formula
        for rule in sheet.data_validations.dataValidation:
            yield from filter(None, (rule.formula1, rule.formula2))


def named_values(path):
    """Name to the value of its cell; names of ranges are left out."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    places = {}
    for name, item in book.defined_names.items():
        for sheet, address in item.destinations:
            if ":" not in address:
                row, column = coordinate_to_tuple(address.replace("$", ""))
                places.setdefault(sheet, {}).setdefault(row, []).append((name, column - 1))
    values = {}
    for sheet, rows in places.items():
        lines = book[sheet].iter_rows(max_row=max(rows), values_only=True)
        for number, line in enumerate(lines, 1):
            for name, column in rows.get(number, ()):
                values[name] = line[column] if column < len(line) else None
    book.close()
    return values


def rows_of(path, *sheets, but=()):
    """The values of the rows of some sheets, or else of all but some."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    wanted = sheets or [name for name in book.sheetnames if name not in but]
    rows = [row for name in wanted for row in book[name].iter_rows(values_only=True)]
    book.close()
    return rows


def table_values(path):
    """Table to its columns, and to all its rows with the header."""
    book = opened(path, values=True)
    found = {}
    for sheet in book:
        for name, table in sheet.tables.items():
            rows = [[cell.value for cell in row] for row in sheet[table]]
            found[name] = {header: column for header, *column in zip(*rows, strict=True)}
            found[f"{name}[#All]"] = rows
    return found


@cache
def input_cells(path):
    """Sheet to the cells that look like inputs and hold no formula."""
    found = {}
    for sheet in opened(path):
        found[sheet.title] = {
            cell.coordinate
            for row in sheet
            for cell in row
            if cell.data_type != "f" and cell.fill.fgColor.rgb == "FF" + INPUT_FILL[1:]
        }
    return found


def input_names(path):
    """The names of single input cells."""
    book, cells = opened(path), input_cells(path)
    for name, item in book.defined_names.items():
        for sheet, address in item.destinations:
            if address.replace("$", "") in cells[sheet]:
                yield name


def without_mark(source, target):
    """A copy of a self-test that carries values, which it does not by itself."""
    mark = rb'<definedName name="xlhedge_not_calculated">[^<]*</definedName>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            new.writestr(part, re.sub(mark, b"", old.read(part)))
    return target


def emptied(source, target, names=None):
    """A copy of a workbook in which named cells, or else all inputs, have been cleared."""
    book = opened(source)
    wanted = input_cells(source) if names is None else {name: set() for name in book.sheetnames}
    for name in names or ():
        sheet, address = next(book.defined_names[name].destinations)
        wanted[sheet].add(address.replace("$", ""))
    parts = {f"xl/worksheets/sheet{i}.xml": name for i, name in enumerate(book.sheetnames, 1)}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part in parts:
                root = etree.fromstring(content)
                for cell in root.iter(f"{MAIN}c"):
                    if cell.get("r") in wanted[parts[part]]:
                        cell[:] = []
                        cell.attrib.pop("t", None)
                content = etree.tostring(root)
            new.writestr(part, content)
    return target
