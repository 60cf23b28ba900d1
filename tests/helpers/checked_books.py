"""Templates filled with rows of one's own and judged at a fixed time, and what their checks say."""

from book_helpers import plain, rows_of

from xlhedge.filling import fill
from xlhedge.filling.provenance import write_named
from xlhedge.recalc import recalculate
from xlhedge.sheet.cells import serial
from xlhedge.workbook.package import Package


def judged(name, tables, folder, moment, inputs=None, *, errors=False):
    """A fresh workbook of a template with these rows and inputs, judged at a moment.

    No cell may be an error unless the mistake is one that a function refuses.
    """
    path = plain(name, folder / "book.xlsx")
    fill(path, tables, moment=moment, recalculate=False)
    judge_at(path, moment, inputs)
    shown = recalculate(path, in_place=True).errors
    assert errors or shown == [], shown
    return path


def judge_at(path, moment, inputs=None):
    """Give a workbook its valuation time and other inputs; nothing is calculated."""
    package = Package.open(path)
    for name, value in ({"ValuationTime": serial(moment)} | (inputs or {})).items():
        area = package.named_areas.get(name.lower())
        if area is not None or name != "ValuationTime":
            write_named(package, {area: value})
    path.write_bytes(package.to_bytes())


def found(path, *words):
    """What the checks say, by what they ask, where their status is one of these words."""
    return {row[2]: row[4] for row in rows_of(path, "Checks") if row[3] in words}


def failing(path):
    """The findings of the checks that failed."""
    return found(path, "CHECK")
