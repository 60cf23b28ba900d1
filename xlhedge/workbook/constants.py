"""A workbook whose formulas are the values that they showed."""

from __future__ import annotations

from xlhedge.workbook.package import Package
from xlhedge.workbook.values import FORMULA
from xlhedge.workbook.worksheet import read_worksheets
from xlhedge.workbook.xml import MAIN

_OF_A_FORMULA = ("cm", "vm")
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
    for worksheet in read_worksheets(package):
        for formula in worksheet.formulas.values():
            formula.node.remove(formula.node.find(FORMULA))
            for key in _OF_A_FORMULA:
                formula.node.attrib.pop(key, None)
        if worksheet.formulas:
            worksheet.forget_formulas()
            worksheet.mark()
    for table in list(package.tables.values()):
        root = package.tree(table.part)
        for column in root.iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn"):
            for name in ("calculatedColumnFormula", "totalsRowFormula"):
                for node in column.findall(f"{MAIN}{name}"):
                    column.remove(node)
            column.attrib.pop("totalsRowFunction", None)
        package.changed(table.part)
    drop_calculation_chain(package)
