"""Who calculated the values that a workbook carries, and when: said in the workbook itself.

A spreadsheet program shows the values of a file as they are and calculates only what changes. So a
workbook tells where its values are from, and one whose values are a verdict on the machine that
opens it carries none.
"""

from __future__ import annotations

import os
import time

from xlhedge import __version__
from xlhedge.recalc.engine import Results
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import NamedArea, Package

CALCULATED_BY = "calculated_by"
"""The name of the cell that gets the sentence."""

NOT_CALCULATED = "xlhedge_not_calculated"
"""The name of the cell that says "not calculated" in a workbook that carries no values."""

SENTENCE = "not calculated"
_BEGINS = "Calculated by xlhedge "


def sentence(engine: str, shipped: bool) -> str:
    """Who calculated, and when; the time stands still where SOURCE_DATE_EPOCH names one.

    Examples
    --------
    >>> sentence("embedded", shipped=True)
    'Calculated by xlhedge 0.1.0, as shipped'
    """
    if shipped:
        return f"{_BEGINS}{__version__}, as shipped"
    now = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    return f"{_BEGINS}{__version__} ({engine} engine) on {when}"


def withhold(package: Package, results: Results) -> Cell:
    """Empty the results of a workbook that carries no values, and give what its verdict was.

    That is the value of the cell that says "not calculated" now; None in other workbooks.
    """
    named = package.named_areas.get(NOT_CALCULATED)
    if named is None or named.sheet not in results.sheets:
        return None
    verdict = results.sheets[named.sheet].values.get(named.place)
    for found in results.sheets.values():
        found.values, found.withheld = dict.fromkeys(found.values), True
        found.spills = dict.fromkeys(found.spills, (1, 1))
    results.sheets[named.sheet].values[named.place] = SENTENCE
    return verdict


def keep(package: Package, results: Results) -> NamedArea | None:
    """Leave the sentence as it is while values are compared; the cell that gets it, or None."""
    named = package.named_areas.get(CALCULATED_BY)
    if named is None or named.sheet not in results.sheets:
        return None
    cells = cells_named(package, named.sheet)
    values = results.sheets[named.sheet].values
    if named.place not in cells.cells or named.place not in values:
        return None
    old = cells.stored(named.place)
    values[named.place] = old if isinstance(old, str) and old.startswith(_BEGINS) else ""
    return named
