"""A workbook whose formulas are the values that they showed."""

from __future__ import annotations

from typing import Any

from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.package import Package
from xlhedge.workbook.values import FORMULA
from xlhedge.workbook.writing import rewrite
from xlhedge.workbook.xml import MAIN

_CALC_CHAIN = "calcChain"


def drop_calculation_chain(package: Package) -> None:
    """Leave out the list of formula cells, which Excel makes anew and must not be wrong."""
    part = package.linked(package.workbook_part, _CALC_CHAIN)
    if part is not None:
        package.remove(part)


def without_formulas(package: Package) -> None:
    """Turn each formula cell into a constant; formats, charts and rules stay as they are.

    A table's columns and totals are constants too, so that its definition names no formula for
    them. Defined names stay: charts and rules refer to them.
    """
    for cells in read_cells(package):
        if len(cells.formulas):
            rewrite(cells, _without_formulas)
    for table in list(package.tables.values()):
        root = package.tree(table.part)
        for column in root.iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn"):
            for name in ("calculatedColumnFormula", "totalsRowFormula"):
                for node in column.findall(f"{MAIN}{name}"):
                    column.remove(node)
            column.attrib.pop("totalsRowFunction", None)
        package.changed(table.part)
    drop_calculation_chain(package)


def _without_formulas(row: int, node: Any) -> bool:
    """Leave a row's values only."""
    for formula in list(node.iter(FORMULA)):
        cell = formula.getparent()
        cell.remove(formula)
        for key in ("cm", "vm"):
            cell.attrib.pop(key, None)
    return True
