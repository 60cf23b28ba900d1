"""Lets everything in a package that refers to a table's rows follow them."""

from __future__ import annotations

from typing import Any

from lxml import etree

from xlhedge.filling.references import Resize
from xlhedge.filling.rows import write_formula
from xlhedge.formula.addresses import area_or_none
from xlhedge.workbook.package import MAIN, Package
from xlhedge.workbook.worksheet import Address, Extent, Worksheet

_CHART_TYPES = ("drawingml.chart+xml", "chartex+xml")
_PIVOT_TYPE = "pivotCacheDefinition+xml"
_CALC_CHAIN = "calcChain"
_RULES = {
    "conditionalFormatting": "conditional format",
    "dataValidation": "validation",
    "sparkline": "sparkline",
    "ignoredError": "ignored error",
    "protectedRange": "protected range",
}
_FORMULA_TAGS = frozenset({"f", "formula", "formula1", "formula2"})


def follow(package: Package, worksheets: list[Worksheet], resize: Resize) -> None:
    """Rewrite every reference outside the table's own data rows.

    Parameters
    ----------
    package
        The workbook; it is changed.
    worksheets
        Its worksheets, as cells of the same package.
    resize
        The table, its new number of rows, and the lists of what was found.
    """
    for worksheet in worksheets:
        changed = _formulas(worksheet, resize)
        changed |= _rules(worksheet, resize)
        if changed:
            package.replace_tree(worksheet.sheet.part)
    _names(package, resize)
    _tables(package, resize)
    _charts(package, resize)
    _pivots(package, resize)


def drop_calculation_chain(package: Package) -> None:
    """Leave out the list of formula cells, which Excel makes anew and must not be wrong."""
    for link in package.relationships(package.workbook_part).values():
        if link.kind == _CALC_CHAIN and link.target in package.names():
            package.remove(link.target)


def _formulas(worksheet: Worksheet, resize: Resize) -> bool:
    """Formulas of a sheet; those in the table's data rows are written with the rows."""
    sheet = worksheet.sheet.name
    own = sheet == resize.table.sheet
    data = resize.table.data
    texts: dict[Address, str] = {}
    for place, formula in worksheet.formulas.items():
        if (own and data.holds(place)) or formula.extent is Extent.DATA_TABLE:
            continue
        text = resize.formula(
            formula.text, sheet, worksheet.name_of(place), row=place[0] if own else 0
        )
        if text != formula.text:
            texts[place] = text
    for members in _shared_groups(worksheet).values():
        touched = any(
            place in texts or (own and resize.table.area.holds(place)) for place in members
        )
        if touched:
            for place in members:
                texts.setdefault(place, worksheet.formulas[place].text)
    for place, text in texts.items():
        formula = worksheet.formulas[place]
        write_formula(formula, text)
        worksheet.formulas[place] = formula._replace(text=text)
    return bool(texts)


def _shared_groups(worksheet: Worksheet) -> dict[str, list[Address]]:
    found: dict[str, list[Address]] = {}
    for place, formula in worksheet.formulas.items():
        node = formula.node.find(f"{MAIN}f")
        if node.get("t") == "shared":
            found.setdefault(node.get("si", ""), []).append(place)
    return found


def _rules(worksheet: Worksheet, resize: Resize) -> bool:
    """Conditional formats, validations, sparklines and the like, also those of Excel 2010."""
    sheet = worksheet.sheet.name
    own = sheet == resize.table.sheet
    changed = False
    for node in worksheet.root.iter():
        if not isinstance(node.tag, str) or node.tag in _CELL_TAGS:
            continue
        name = etree.QName(node).localname
        if name in _FORMULA_TAGS and node.text and node.getparent().tag != f"{MAIN}c":
            where = _rule_place(node, sheet)
            text = resize.formula(node.text, sheet, where, fixed="sparkline" not in where)
            changed |= _set_text(node, text)
        elif name == "cfvo" and node.get("val"):
            where = _rule_place(node, sheet)
            changed |= _set(node, "val", resize.formula(node.get("val"), sheet, where, fixed=True))
        elif own and name == "sqref" and node.text:
            if etree.QName(node.getparent()).localname != "sparkline":
                text = resize.ranges(node.text, _rule_place(node, sheet))
                changed |= _set_text(node, text)
        elif own and node.get("sqref") and name in _RULES:
            text = resize.ranges(node.get("sqref"), _rule_place(node, sheet))
            changed |= _set(node, "sqref", text)
        elif own and name in ("autoFilter", "sortState", "sortCondition") and node.get("ref"):
            text = resize.ranges(node.get("ref"), f"filter of {sheet}")
            changed |= _set(node, "ref", text)
    return changed


_CELL_TAGS = frozenset(f"{MAIN}{name}" for name in ("c", "v", "row", "is", "t", "sheetData"))


def _rule_place(node: Any, sheet: str) -> str:
    """How the report calls a rule."""
    found: Any = node
    while found is not None:
        name = etree.QName(found).localname
        if name in _RULES:
            return f"{_RULES[name]} on {sheet}"
        found = found.getparent()
    return sheet


def _set(node: Any, key: str, text: str) -> bool:
    if node.get(key) == text:
        return False
    node.set(key, text)
    return True


def _set_text(node: Any, text: str) -> bool:
    if node.text == text:
        return False
    node.text = text
    return True


def _names(package: Package, resize: Resize) -> None:
    changed = False
    for node in package.workbook.iterfind(f"{MAIN}definedNames/{MAIN}definedName"):
        name = node.get("name", "")
        text = resize.formula(node.text or "", None, f"name {name}", name=name)
        changed |= _set_text(node, text) if node.text else False
    if changed:
        package.replace_tree(package.workbook_part)


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
                        changed |= _set(node, "ref", str(moved))
        for name in ("calculatedColumnFormula", "totalsRowFormula"):
            for node in root.iter(f"{MAIN}{name}"):
                text = resize.formula(
                    node.text or "", table.sheet, f"table {table.name}", fixed=True
                )
                changed |= _set_text(node, text) if node.text else False
        if changed:
            package.replace_tree(table.part)


def charts(package: Package) -> list[str]:
    """Parts that hold a chart."""
    return _typed(package, _CHART_TYPES)


def _typed(package: Package, endings: tuple[str, ...]) -> list[str]:
    names = set(package.names())
    return [
        part
        for part, kind in package.content_types.items()
        if kind.endswith(endings) and part in names
    ]


def _charts(package: Package, resize: Resize) -> None:
    for part in charts(package):
        where = f"chart {part.rsplit('/', 1)[-1].removesuffix('.xml')}"
        changed = False
        for node in package.tree(part).iter():
            if isinstance(node.tag, str) and etree.QName(node).localname == "f" and node.text:
                changed |= _set_text(node, resize.formula(node.text, None, where))
        if changed:
            package.replace_tree(part)


def _pivots(package: Package, resize: Resize) -> None:
    """Ranges that pivot tables read; they are read again when the workbook is opened."""
    for part in _typed(package, (_PIVOT_TYPE,)):
        root = package.tree(part)
        for node in root.iter(f"{MAIN}worksheetSource"):
            by_name = (node.get("name") or "").lower() == resize.table.name.lower()
            changed = by_name
            if (node.get("sheet") or "").lower() == resize.table.sheet.lower() and node.get("ref"):
                text = resize.ranges(node.get("ref"), f"pivot table ({part})")
                changed |= _set(node, "ref", text)
            if changed:
                root.set("refreshOnLoad", "1")
                package.replace_tree(part)
