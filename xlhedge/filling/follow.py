"""Lets everything in a package that refers to a table's rows follow them."""

from __future__ import annotations

from functools import partial
from typing import Any

from xlhedge.filling.resize import Resize
from xlhedge.formula.addresses import area_or_none
from xlhedge.workbook.cells import Cells, read_cells
from xlhedge.workbook.charts import charts, series
from xlhedge.workbook.package import Package
from xlhedge.workbook.reading import CELL, Address, Extent, numbered_cells, numbered_rows
from xlhedge.workbook.values import FORMULA
from xlhedge.workbook.writing import write_cells, write_formula
from xlhedge.workbook.xml import MAIN, local_name, set_attribute, set_text

_PIVOT_TYPE = "pivotCacheDefinition+xml"
_RULES = {
    "conditionalFormatting": "conditional format",
    "dataValidation": "validation",
    "sparkline": "sparkline",
    "ignoredError": "ignored error",
    "protectedRange": "protected range",
}
_FORMULA_TAGS = frozenset({"f", "formula", "formula1", "formula2"})


def follow(package: Package, resize: Resize) -> dict[Address, str]:
    """Rewrite every reference outside the table's own data rows.

    The sheet of the table is still to be written: its formulas that read otherwise are given.
    """
    own: dict[Address, str] = {}
    for cells in read_cells(package):
        texts = _formulas(cells, resize)
        changed = _rules(cells, resize) or bool(texts)
        if cells.sheet.name == resize.table.sheet:
            own = texts
        elif changed:
            write_cells(
                cells, {at: partial(write_formula, text=text) for at, text in texts.items()}
            )
    _names(package, resize)
    _tables(package, resize)
    _charts(package, resize)
    _pivots(package, resize)
    return own


def _formulas(cells: Cells, resize: Resize) -> dict[Address, str]:
    """Formulas of a sheet that read otherwise; the table's data rows are written with the rows."""
    sheet = cells.sheet.name
    own = sheet == resize.table.sheet
    arrays = cells.formulas.arrays
    found: dict[Address, str] = {}
    for place, text in cells.formulas.texts():
        array = arrays.get(place)
        if own and resize.table.data.holds(place):
            continue
        if array is not None and array.extent is Extent.DATA_TABLE:
            continue
        after = resize.formula(text, sheet, cells.name_of(place), row=place[0] if own else 0)
        if after != text:
            found[place] = after
    for members in _shared_groups(cells).values() if found or own else ():
        if any(place in found or (own and resize.table.area.holds(place)) for place in members):
            for place in members:
                text = cells.formulas.text(place) or ""
                found.setdefault(place, text)
    return found


def _shared_groups(cells: Cells) -> dict[str, list[Address]]:
    """The formula cells that share a formula."""
    found: dict[str, list[Address]] = {}
    for row, node in numbered_rows(cells.stream()) if cells.formulas.shared else ():
        for column, cell in numbered_cells(row, node.iterchildren(CELL)):
            formula = cell.find(FORMULA)
            if formula is not None and formula.get("t") == "shared":
                found.setdefault(formula.get("si", ""), []).append((row, column))
    return found


def _rules(cells: Cells, resize: Resize) -> bool:
    """Conditional formats, validations, sparklines and the like, also those of Excel 2010."""
    sheet = cells.sheet.name
    own = sheet == resize.table.sheet
    changed = False
    for node in cells.root.iter():
        name = local_name(node)
        if name in _FORMULA_TAGS and node.text:
            where = _rule_place(node, sheet)
            text = resize.formula(node.text, sheet, where, fixed="sparkline" not in where)
            changed |= set_text(node, text)
        elif name == "cfvo" and node.get("val"):
            where = _rule_place(node, sheet)
            text = resize.formula(node.get("val"), sheet, where, fixed=True)
            changed |= set_attribute(node, "val", text)
        elif own and name == "sqref" and node.text:
            if local_name(node.getparent()) != "sparkline":
                text = resize.ranges(node.text, _rule_place(node, sheet))
                changed |= set_text(node, text)
        elif own and node.get("sqref") and name in _RULES:
            text = resize.ranges(node.get("sqref"), _rule_place(node, sheet))
            changed |= set_attribute(node, "sqref", text)
        elif own and name in ("autoFilter", "sortState", "sortCondition") and node.get("ref"):
            text = resize.ranges(node.get("ref"), f"filter of {sheet}")
            changed |= set_attribute(node, "ref", text)
    return changed


def _rule_place(node: Any, sheet: str) -> str:
    """How the report calls a rule."""
    names = map(local_name, (node, *node.iterancestors()))
    return next((f"{_RULES[name]} on {sheet}" for name in names if name in _RULES), sheet)


def _names(package: Package, resize: Resize) -> None:
    changed = False
    for node in package.workbook.iterfind(f"{MAIN}definedNames/{MAIN}definedName"):
        if node.text:
            name = node.get("name", "")
            text = resize.formula(node.text, None, f"name {name}", name=name)
            changed |= set_text(node, text)
    if changed:
        package.changed(package.workbook_part)


def _tables(package: Package, resize: Resize) -> None:
    """The table's own ranges, and formulas in the definitions of all tables."""
    for table in package.tables.values():
        root = package.tree(table.part)
        changed = False
        if table.part == resize.table.part:
            for node in root.iter():
                if isinstance(node.tag, str) and node.get("ref"):
                    area = area_or_none(node.get("ref"))
                    moved = None if area is None else resize.moved(area)
                    if moved is not None and moved != area:
                        changed |= set_attribute(node, "ref", str(moved))
        for name in ("calculatedColumnFormula", "totalsRowFormula"):
            for node in root.iter(f"{MAIN}{name}"):
                if node.text:
                    where = f"table {table.name}"
                    text = resize.formula(node.text, table.sheet, where, fixed=True)
                    changed |= set_text(node, text)
        if changed:
            package.changed(table.part)


def _charts(package: Package, resize: Resize) -> None:
    for part in charts(package):
        where = f"chart {part.rsplit('/', 1)[-1].removesuffix('.xml')}"
        changed = False
        for node in series(package, part):
            changed |= set_text(node, resize.formula(node.text, None, where))
        if changed:
            package.changed(part)


def _pivots(package: Package, resize: Resize) -> None:
    """Ranges that pivot tables read; they are read again when the workbook is opened."""
    for part in package.typed(_PIVOT_TYPE):
        root = package.tree(part)
        for node in root.iter(f"{MAIN}worksheetSource"):
            changed = (node.get("name") or "").lower() == resize.table.name.lower()
            if (node.get("sheet") or "").lower() == resize.table.sheet.lower() and node.get("ref"):
                text = resize.ranges(node.get("ref"), f"pivot table ({part})")
                changed |= set_attribute(node, "ref", text)
            if changed:
                root.set("refreshOnLoad", "1")
                package.changed(part)
