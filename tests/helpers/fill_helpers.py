"""Workbooks with a table that everything refers to, and rows to fill it with."""

import csv
import math
import subprocess
from datetime import datetime, timedelta

import openpyxl
import pytest
from lxml import etree
from openpyxl.chart import LineChart
from openpyxl.chart import Reference as ChartReference
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableColumn, TableFormula
from recalc_helpers import MAIN, Book, parts, rebuilt

from xlhedge.errors import FileError
from xlhedge.formula.addresses import address
from xlhedge.recalc import Package
from xlhedge.templates import fill
from xlhedge.workbook.cells import cells_of
from xlhedge.workbook.writing import rewrite

START = datetime(2024, 1, 1)


def rows(count, first=0):
    """Time, asset, price of each row."""
    return [
        (
            START + timedelta(hours=8 * i),
            ("BTC", "ETH", "@SUM(1)")[i % 3],
            100 + 5 * math.sin(i) + i / 50,
        )
        for i in range(first, first + count)
    ]


def table_csv(path, count, first=0, header=("time", "asset", "price"), zone="Z"):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for moment, asset, price in rows(count, first):
            writer.writerow((moment.isoformat() + zone, asset, repr(price)))
    return path


def by_xlsxwriter(path, count=60, totals=False):
    """The table Hist in B4:F64 with everything around it that must follow its rows."""
    last = 4 + count
    with Book(path) as book:
        sheet, other = book.add_worksheet("Data"), book.add_worksheet("Other Sheet")
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        price = book.add_format({"num_format": "#,##0.00", "bg_color": "#FFFFCC"})
        columns = [
            {"header": "time", "format": day},
            {"header": "asset"},
            {"header": "price", "format": price},
            {"header": "log", "formula": "=LN([@price])"},
            {"header": "share", "formula": f"=D5/SUM($D$5:$D${last})"},
        ]
        if totals:
            columns[2]["total_function"] = "sum"
            columns[1]["total_string"] = "all"
        bottom = 3 + count + totals
        sheet.add_table(
            3, 1, bottom, 5,
            {"name": "Hist", "columns": columns, "data": rows(count), "total_row": totals},
        )  # fmt: skip
        for row in range(4, last):
            sheet.set_row(row, 18)
            sheet.write_formula(row, 5, f"=D{row + 1}/SUM($D$5:$D${last})")
        sheet.write("H1", "beside")
        sheet.write_formula("H2", f"=SUM(D5:D{last})")
        sheet.write_formula(
            "H3",
            f"=AVERAGE($D$5:$D${last})+Hist[[#Totals],[price]]*0"
            if totals
            else f"=AVERAGE($D$5:$D${last})",
        )
        sheet.write_formula("H4", "=SUM(D5:D20)")
        sheet.write_formula("H50", "=SUM(D$5:D50)")
        sheet.write_formula("H6", f"=D{last}")
        sheet.write_formula("H7", "=SUM(D:D)")
        other.write_formula("A1", f"=SUM(Data!$D$5:$D${last})")
        other.write_formula("A2", f"=MAX('Data'!B4:F{last})")
        other.write_formula("A3", "=SUM(Hist[price])")
        other.write_formula("A4", f'="Data!D5:D{last}"')
        if totals:
            other.write_formula("A5", f"=Data!D{last + 1}")
        other.write_formula("A6", "=SUM(D5:D64)")
        other.data_validation("C1", {"validate": "list", "source": f"=Data!$C$5:$C${last}"})
        book.define_name("prices", f"=Data!$D$5:$D${last}")
        book.define_name("some_prices", "=Data!$D$5:$D$10")
        sheet.print_area(0, 0, last - 1, 7)
        sheet.conditional_format(4, 3, last - 1, 3, {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format(
            4, 1, last - 1, 5, {"type": "formula", "criteria": f"=$D5>AVERAGE($D$5:$D${last})",
                                "format": book.add_format({"bold": True})},
        )  # fmt: skip
        sheet.data_validation(
            4, 3, last - 1, 3, {"validate": "decimal", "criteria": ">", "value": 0}
        )
        sheet.data_validation(4, 2, 9, 2, {"validate": "length", "criteria": "<", "value": 99})
        other.add_sparkline("E1", {"range": f"Data!D5:D{last}"})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"categories": f"=Data!$B$5:$B${last}", "values": f"=Data!$D$5:$D${last}"})
        chart.add_series({"name": "=Data!$D$4", "values": "=Data!$D$5:$D$10"})
        other.insert_chart("G2", chart)
    return path


def by_openpyxl(path, count=60):
    """Much the same, with the shared texts and the plain declarations that openpyxl writes."""
    last = 4 + count
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    other = book.create_sheet("Other Sheet")
    for place, name in zip("BCDEF", ("time", "asset", "price", "log", "share"), strict=True):
        sheet[f"{place}4"] = name
    for row, (moment, asset, price) in enumerate(rows(count), 5):
        sheet[f"B{row}"] = moment
        sheet[f"C{row}"] = asset
        sheet[f"C{row}"].data_type = "s"
        sheet[f"D{row}"] = price
        sheet[f"D{row}"].number_format = "#,##0.00"
        sheet[f"E{row}"] = "=LN(Hist[[#This Row],[price]])"
        sheet[f"F{row}"] = f"=D{row}/SUM($D$5:$D${last})"
    table = Table(displayName="Hist", ref=f"B4:F{last}")
    table._initialise_columns()
    for column, name in zip(
        table.tableColumns, ("time", "asset", "price", "log", "share"), strict=True
    ):
        column.name = name
    log: TableColumn = table.tableColumns[3]
    log.calculatedColumnFormula = TableFormula(attr_text="LN(Hist[[#This Row],[price]])")
    sheet.add_table(table)
    sheet["H2"] = f"=SUM(D5:D{last})"
    sheet["H4"] = "=SUM(D5:D20)"
    other["A1"] = f"=SUM(Data!$D$5:$D${last})"
    book.defined_names["prices"] = DefinedName("prices", attr_text=f"Data!$D$5:$D${last}")
    sheet.conditional_formatting.add(
        f"D5:D{last}",
        ColorScaleRule(start_type="min", start_color="FF0000", end_type="max", end_color="00FF00"),
    )
    sheet.conditional_formatting.add(
        f"B5:F{last}",
        FormulaRule(formula=[f"$D5>AVERAGE($D$5:$D${last})"], fill=PatternFill(bgColor="FFFF00")),
    )
    rule = DataValidation(type="list", formula1=f"Data!$C$5:$C${last}")
    rule.add("C1")
    other.add_data_validation(rule)
    chart = LineChart()
    chart.add_data(ChartReference(sheet, min_col=4, min_row=5, max_row=last))
    other.add_chart(chart, "G2")
    book.save(path)
    return path


def by_libreoffice(path, count=60):
    """The XlsxWriter book as LibreOffice writes it."""
    source = by_xlsxwriter(path.with_name("source.xlsx"), count)
    folder = path.with_name("converted")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{path.parent}/profile", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder, source],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (folder / "source.xlsx").rename(path)
    return path


def with_table(source, target, count=60):
    """A copy whose first sheet has a table T of price and double, right of everything."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = MAIN[1:-1]
    package = Package.open(source)
    sheet = package.worksheets[0]
    cells = cells_of(package, sheet)
    left = max((column for _, column in cells.cells), default=0) + 2
    second = cells.elements([2]).get(2)
    given = {} if second is None else dict(second.attrib)
    alike = {key: value for key, value in given.items() if key not in ("r", "spans")}
    there = set(cells.rows)

    def with_cells(row, node):
        if row > count + 1:
            return True
        if row not in there:
            node.attrib.update(alike)
        for place, name in enumerate(("price", "double")):
            cell = etree.SubElement(node, f"{MAIN}c", r=address(row, left + place))
            if row == 1:
                cell.set("t", "inlineStr")
                etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = name
                continue
            if place:
                etree.SubElement(cell, f"{MAIN}f").text = f"2*{address(row, left)}"
            etree.SubElement(cell, f"{MAIN}v").text = str(row * (1 + place))
        return True

    listed = etree.Element(f"{MAIN}tableParts", count="1")
    etree.SubElement(listed, f"{MAIN}tablePart", {f"{{{office}}}id": "rIdT"})
    extensions = cells.root.find(f"{MAIN}extLst")
    if extensions is None:
        cells.root.append(listed)
    else:
        extensions.addprevious(listed)
    rewrite(cells, with_cells, range(1, count + 2))
    area = f"{address(1, left)}:{address(count + 1, left + 1)}"
    table = (
        f'<table xmlns="{main}" id="99" name="T" displayName="T" ref="{area}">'
        f'<autoFilter ref="{area}"/><tableColumns count="2"><tableColumn id="1" name="price"/>'
        '<tableColumn id="2" name="double"/></tableColumns></table>'
    )
    folder, _, name = sheet.part.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    empty = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b"</Relationships>"
    )
    link = f'<Relationship Id="rIdT" Type="{office}/table" Target="/xl/tables/tableT.xml"/>'
    linked = (
        parts(source)
        .get(links, empty)
        .replace(b"</Relationships>", link.encode() + b"</Relationships>")
    )
    target.write_bytes(source.read_bytes())
    return rebuilt(
        target,
        {sheet.part: package.read(sheet.part)},
        extra=[(links, linked), ("xl/tables/tableT.xml", table)],
        drop=[links],
    )


def fill_refusal(path, *arguments, **options):
    before = path.read_bytes()
    listing = sorted(path.parent.iterdir())
    with pytest.raises(FileError) as caught:
        fill(path, *arguments, **options)
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == listing
    assert "\n" not in str(caught.value)
    return str(caught.value)
