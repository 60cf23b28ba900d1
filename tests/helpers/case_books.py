"""Small workbooks from a description in JSON: cells, names, tables, filters and hidden rows."""

import io
import re
import zipfile

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol

from xlhedge.recalc import Package
from xlhedge.workbook.cells import read_cells

STALE = 123456.789
"""What the file holds for a formula whose value nobody gave."""


def case_book(case):
    """The bytes of a case's workbook."""
    target = io.BytesIO()
    calendar = {"date_1904": bool(case.get("from_1904"))}
    book = xlsxwriter.Workbook(target, {"in_memory": True, **calendar})
    for name, cells in case["sheets"].items():
        sheet = book.add_worksheet(name)
        for place, content in cells.items():
            put(sheet, place, content, case.get("cached", {}).get(f"{name}!{place}", STALE))
        for area, formula in case.get("fill", {}).get(name, ()):
            (row, column), (last, _) = map(xl_cell_to_rowcol, area.split(":"))
            for number in range(row, last + 1):
                sheet.write_formula(number, column, formula.format(r=number + 1), None, STALE)
        for table in case.get("tables", {}).get(name, ()):
            columns = [{"header": header} for header in table["columns"]]
            sheet.add_table(table["range"], {"name": table["name"], "columns": columns})
        for row in case.get("hidden_rows", {}).get(name, ()):
            sheet.set_row(row - 1, None, None, {"hidden": True})
        if name in case.get("filter", {}):
            area, column, criterion = case["filter"][name]
            sheet.autofilter(area)
            sheet.filter_column(column, criterion)
    book.close()
    return with_names(target.getvalue(), case)


def put(sheet, place, content, cached):
    """Write one cell of a case."""
    if not isinstance(content, str) or not content.startswith(("=", "{=", "[=")):
        sheet.write(place, content)
    elif content.startswith("{"):
        area = place if ":" in place else f"{place}:{place}"
        sheet.write_array_formula(area, content, None, cached)
    elif content.startswith("["):
        sheet.write_dynamic_array_formula(f"{place}:{place}", content[1:-1], None, cached)
    else:
        sheet.write_formula(place, content, None, cached)


def with_names(book, case):
    """The workbook with its names as they stand: XlsxWriter refuses some that files hold."""
    order = list(case["sheets"])
    found = ""
    for name, text in case.get("names", {}).items():
        owner, _, own = name.rpartition("!")
        scope = f' localSheetId="{order.index(owner)}"' if owner else ""
        content = text.lstrip("=").replace("&", "&amp;").replace("<", "&lt;")
        found += f'<definedName name="{own}"{scope}>{content}</definedName>'
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(result, "w") as new:
        for item in old.infolist():
            part = old.read(item)
            if item.filename == "xl/workbook.xml" and found:
                text = re.sub("</?definedNames>", "", part.decode())
                kept = "".join(re.findall("<definedName .*?</definedName>", text))
                text = re.sub("<definedName .*?</definedName>", "", text)
                part = text.replace(
                    "<calcPr", f"<definedNames>{kept}{found}</definedNames><calcPr"
                ).encode()
            if case.get("iterate") and item.filename == "xl/workbook.xml":
                part = part.replace(b"<calcPr", b'<calcPr iterate="1"')
            new.writestr(item, part)
    return result.getvalue()


def stored(content):
    """The stored value of each cell of a workbook, by Sheet!A1."""
    package = Package(content)
    texts = []
    for link in package.relationships(package.workbook_part).values():
        if link.kind == "sharedStrings":
            root = package.tree(link.target)
            texts = ["".join(one.itertext()) for one in root]
    found = {}
    for sheet in read_cells(package):
        for place, _, kind, text in sheet.held():
            value = texts[int(text)] if kind == "s" else sheet.stored(place)
            found[sheet.name_of(place)] = str(value) if kind == "e" else value
    return found
