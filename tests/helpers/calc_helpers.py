"""LibreOffice for the tests: one sentence where it is missing."""

import functools
from datetime import datetime

from recalc_helpers import opened

from xlhedge.errors import FileError
from xlhedge.hosts.libreoffice.engine import CalcEngine
from xlhedge.hosts.libreoffice.launch import find, package_folders, workplace
from xlhedge.hosts.libreoffice.render import render
from xlhedge.recalc import Package
from xlhedge.sheet.cells import CellError, serial


@functools.cache
def missing():
    """Why tests with LibreOffice cannot run, or nothing."""
    try:
        find()
    except FileError as problem:
        return str(problem)
    return ""


def calc(**options):
    return CalcEngine(render(), **options)


def evaluated(engine, path):
    return engine.evaluate(Package.open(path))


def as_calc_shows(path):
    """Values by sheet, row and column as Calc itself gives them, formulas as they are."""
    with workplace(render(package_folders())) as place:
        place.run(find(), "--convert-to", "xlsx", "--outdir", "out", str(path), seconds=120)
        book = opened(place.folder / "out" / path.name, data_only=True)
    return {
        sheet.title: {
            (cell.row, cell.column): as_cell(cell) for row in sheet.iter_rows() for cell in row
        }
        for sheet in book
    }


def as_cell(cell):
    """A cell as read by openpyxl; a text that reads like an error is a text."""
    value = cell.value
    if cell.data_type == "e":
        return CellError(value)
    if isinstance(value, datetime):
        return serial(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
