"""A table of an existing workbook gets other rows, and everything that spans them follows."""

import os
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from fill_helpers import (
    START,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    fill_refusal,
    rows,
    table_csv,
    with_table,
)
from lxml import etree
from recalc_helpers import MAIN, Book, opened, parts, rebuilt

from xlhedge.errors import FileError
from xlhedge.recalc import Package
from xlhedge.templates import fill, read_table

SHEET, OTHER, CHART = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/charts/chart1.xml"
AROUND = timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fill")


@pytest.fixture(scope="module")
def grown(folder):
    """The book of 60 rows, the same with 200, and the report."""
    source = by_xlsxwriter(folder / "book.xlsx", totals=True)
    target = folder / "grown.xlsx"
    report = fill(source, {"Hist": table_csv(folder / "200.csv", 200)}, target)
    return source, target, report


def formulas_of(path, sheet="Data"):
    book = opened(path)
    return {cell.coordinate: cell.value for row in book[sheet].iter_rows() for cell in row}


def test_the_table_holds_the_rows(grown):
    _, target, report = grown
    frame = read_table(target, "hist")
    assert list(frame.columns) == ["time", "asset", "price", "log", "share"]
    assert len(frame) == 200
    wanted = rows(200)
    assert all(abs(a - b[0]) < AROUND for a, b in zip(frame["time"], wanted, strict=True))
    assert list(frame["asset"]) == [row[1] for row in wanted]
    assert list(frame["price"]) == [row[2] for row in wanted]
    assert frame["share"].sum() == pytest.approx(1)
    (filled,) = report.tables
    assert (filled.before, filled.after) == (60, 200)
    assert filled.zones == {"time": "in UTC"}
    assert report.recalculation.errors == []


def test_range_filter_and_totals_row_follow(grown):
    _, target, _ = grown
    table = opened(target)["Data"].tables["Hist"]
    assert table.ref == "B4:F205"
    assert table.autoFilter.ref == "B4:F204"
    cells = formulas_of(target)
    assert cells["C205"] == "all"
    assert cells["D205"] == "=SUBTOTAL(109,[price])"
    assert cells["D65"] == rows(200)[60][2]
    assert opened(target, data_only=True)["Data"]["D205"].value == pytest.approx(
        sum(row[2] for row in rows(200))
    )


def test_every_reference_that_spans_the_rows_follows(grown):
    _, target, report = grown
    data, other = formulas_of(target), formulas_of(target, "Other Sheet")
    assert data["H2"] == "=SUM(D5:D204)"
    assert data["H3"].startswith("=AVERAGE($D$5:$D$204)")
    assert other["A1"] == "=SUM(Data!$D$5:$D$204)"
    assert other["A2"] == "=MAX('Data'!B4:F204)"
    assert other["A5"] == "=Data!D205"
    content = parts(target)
    sheet, beside = content[SHEET].decode(), content[OTHER].decode()
    assert 'conditionalFormatting sqref="D5:D204"' in sheet
    assert 'conditionalFormatting sqref="B5:F204"' in sheet
    assert "<formula>$D5&gt;AVERAGE($D$5:$D$204)</formula>" in sheet
    assert "<xm:sqref>D5:D204</xm:sqref>" in sheet
    assert 'sqref="D5:D204"' in sheet.partition("<dataValidations")[2]
    assert "<formula1>Data!$C$5:$C$204</formula1>" in beside
    assert "<xm:f>Data!D5:D204</xm:f>" in beside
    assert "<xm:sqref>E1</xm:sqref>" in beside
    names = {name.name: name.text for name in Package.open(target).defined_names}
    assert names["prices"] == "Data!$D$5:$D$204"
    assert names["_xlnm.Print_Area"] == "Data!$A$1:$H$204"
    assert len(report.tables[0].extended) >= 15


def test_partial_references_stay_and_are_listed(grown):
    _, target, report = grown
    data, other = formulas_of(target), formulas_of(target, "Other Sheet")
    assert data["H4"] == "=SUM(D5:D20)"
    assert data["H6"] == "=D64"
    assert data["H50"] == "=SUM(D$5:D50)"
    assert data["H7"] == "=SUM(D:D)"
    assert other["A4"] == '="Data!D5:D64"'
    assert other["A6"] == "=SUM(D5:D64)"
    listed = {(item.where, item.before) for item in report.tables[0].partial}
    assert listed == {
        ("Data!H4", "D5:D20"),
        ("Data!H6", "D64"),
        ("Data!H50", "D$5:D50"),
        ("validation on Data", "C5:C10"),
        ("name some_prices", "Data!$D$5:$D$10"),
        ("chart chart1", "Data!$D$5:$D$10"),
    }


def test_charts_follow_with_the_values_they_carry(grown):
    _, target, report = grown
    root = etree.fromstring(parts(target)[CHART])
    space = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    assert root.xpath("//c:ser[1]/c:val//c:f/text()", namespaces=space) == ["Data!$D$5:$D$204"]
    points = root.xpath("//c:ser[1]/c:val//c:v/text()", namespaces=space)
    assert [float(point) for point in points] == [row[2] for row in rows(200)]
    assert root.xpath("//c:ser[1]/c:cat//c:ptCount/@val", namespaces=space) == ["200"]
    assert root.xpath("//c:ser[2]/c:val//c:ptCount/@val", namespaces=space) == ["6"]
    assert report.charts == 1


def test_new_rows_look_like_the_first(grown):
    _, target, _ = grown
    sheet = opened(target)["Data"]
    for row in (65, 204):
        assert sheet[f"B{row}"].number_format == "yyyy-mm-dd hh:mm"
        assert sheet[f"D{row}"].fill.fgColor.rgb == "FFFFFFCC"
        assert sheet.row_dimensions[row].height == 18
        assert sheet[f"F{row}"].value == f"=D{row}/SUM($D$5:$D$204)"
    assert "LN(" in sheet["E204"].value


def test_text_that_looks_like_a_formula_stays_text(grown):
    _, target, _ = grown
    for cell in etree.fromstring(parts(target)[SHEET]).iter(f"{MAIN}c"):
        if cell.get("r") == "C7":
            assert cell.get("t") in ("s", "inlineStr")
            assert cell.find(f"{MAIN}f") is None
    assert list(read_table(target, "Hist")["asset"][:3]) == ["BTC", "ETH", "@SUM(1)"]


@pytest.mark.parametrize(
    "text", ["=cmd|'/c calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "_x0041_"]
)
def test_injected_text_stays_text(book, text):
    frame = pd.DataFrame({"time": [START], "asset": [text], "price": [1.0]})
    fill(book, {"Hist": frame})
    (cell,) = [
        c for c in etree.fromstring(parts(book)[SHEET]).iter(f"{MAIN}c") if c.get("r") == "C5"
    ]
    assert cell.get("t") == "inlineStr"
    assert cell.find(f"{MAIN}f") is None
    assert read_table(book, "Hist")["asset"][0] == text


@pytest.mark.parametrize(
    ("make", "totals"),
    [
        pytest.param(by_xlsxwriter, False, marks=pytest.mark.slow),  # with totals is the harder one
        (by_xlsxwriter, True),
        (by_openpyxl, None),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_there_and_back_gives_the_same_bytes(tmp_path, make, totals):
    options = {} if totals is None else {"totals": totals}
    source = make(tmp_path / "source.xlsx", **options)
    assert_there_and_back(source, tmp_path)


@pytest.mark.calc
def test_there_and_back_in_a_book_by_libreoffice(tmp_path):
    source = by_libreoffice(tmp_path / "book.xlsx")
    first, last = there_and_back(source, tmp_path)
    again = there_and_back(last, tmp_path)[1]
    assert parts(again) == parts(last)
    different = {name for name, content in parts(first).items() if parts(last)[name] != content}
    # LibreOffice writes <autoFilter></autoFilter>, and its first row has styles of its own.
    assert different <= {SHEET, "xl/tables/table1.xml"}


def there_and_back(source, folder, name="Hist", make=None):
    make = make or (lambda count: table_csv(folder / f"{count}.csv", count))
    first = folder / f"60{source.suffix}"
    fill(source, {name: make(60)}, first, overwrite=True)
    last = first
    for count in (400, 12, 60):
        target = folder / f"{count}_again{source.suffix}"
        fill(last, {name: make(count)}, target, overwrite=True)
        last = target
    return first, last


def assert_there_and_back(source, folder, **options):
    first, last = there_and_back(source, folder, **options)
    assert list(parts(first)) == list(parts(last))
    for name, content in parts(first).items():
        assert parts(last)[name] == content, name
    touched = ("xl/worksheets/", "xl/charts/", "xl/tables/", "[Content_Types]", "xl/_rels/workbook")
    for name, content in parts(source).items():
        if not name.startswith(touched) and name != "xl/calcChain.xml":
            assert parts(last)[name] == content, name


def excel_books():
    """Books that Excel itself made: XLHEDGE_EXCEL_BOOKS names a folder of them.

    The source archives of xlcalculator, agate-excel, csvkit and xlsx2csv hold some ninety.
    """
    folder = os.environ.get("XLHEDGE_EXCEL_BOOKS")
    return sorted(Path(folder).rglob("*.xlsx")) if folder else []


@pytest.mark.skipif(not excel_books(), reason="XLHEDGE_EXCEL_BOOKS names no folder with books")
@pytest.mark.slow
def test_there_and_back_in_books_by_excel(tmp_path):
    count = 0
    for source in excel_books():
        try:
            own = Package.open(source).tables
            path = source if own else with_table(source, tmp_path / "source.xlsx")
        except FileError:
            continue  # some are made for tests of what is wrong
        if not own:
            assert_there_and_back(
                path, tmp_path, name="T", make=lambda rows: {"price": list(range(rows))}
            )
            count += 1
            continue
        path = emptied_below(source, tmp_path / "source.xlsx")
        for table in Package.open(path).tables.values() if path else ():
            frame = read_table(path, table.name)

            def make(rows, frame=frame):
                return pd.concat([frame] * (rows // len(frame) + 1), ignore_index=True)[:rows]

            assert_there_and_back(path, tmp_path, name=table.name, make=make)
            count += 1
    assert count


def emptied_below(source, target):
    """A copy without what stands below its only table; None where there is not one table."""
    package = Package.open(source)
    if len(package.tables) != 1:
        return None
    (table,) = package.tables.values()
    part = next(sheet.part for sheet in package.worksheets if sheet.name == table.sheet)
    for row in list(package.tree(part).iter(f"{MAIN}row")):
        if int(row.get("r")) > table.area.bottom:
            row.getparent().remove(row)
    package.changed(part)
    target.write_bytes(package.to_bytes())
    return target


def test_a_book_by_excel_that_ships_with_xlwings(tmp_path):
    """Its only sheet gets a table; macros and everything else stay as they are."""
    xlwings = pytest.importorskip("xlwings")
    source = Path(xlwings.__file__).with_name("quickstart.xlsm")
    content = parts(source)
    sheet = next(name for name in content if name.startswith("xl/worksheets/sheet"))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
    main = MAIN[1:-1]
    data = (
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>price</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>double</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>2*A2</f><v>2</v></c></row></sheetData>'
    )
    text = content[sheet].decode()
    start = text.index("<sheetData")
    end = text.index("</sheetData>") + 12 if "</sheetData>" in text else text.index("/>", start) + 2
    text = text[:start] + data + text[end:]
    text = text.replace(
        "</worksheet>",
        '<tableParts count="1"><tablePart xmlns:r="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships" r:id="rIdT"/></tableParts></worksheet>',
    )
    links = (
        f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="rIdT" Type="{kind}" Target="../tables/table1.xml"/>'
        "</Relationships>"
    )
    table = (
        f'{head}<table xmlns="{main}" id="1" name="T" displayName="T" ref="A1:B2">'
        '<autoFilter ref="A1:B2"/><tableColumns count="2"><tableColumn id="1" name="price"/>'
        '<tableColumn id="2" name="double"/></tableColumns></table>'
    )
    path = tmp_path / "book.xlsm"
    path.write_bytes(source.read_bytes())
    own_links = f"xl/worksheets/_rels/{sheet.rsplit('/', 1)[-1]}.rels"
    rebuilt(
        path,
        {sheet: text.encode()},
        extra=[("xl/tables/table1.xml", table), (own_links, links)],
        drop=[own_links],
    )
    assert_there_and_back(path, tmp_path, name="T", make=lambda n: {"price": list(range(n))})
    assert parts(tmp_path / "60.xlsm")["xl/vbaProject.bin"] == content["xl/vbaProject.bin"]


def test_the_calculation_chain_goes_with_its_links(book):
    content = parts(book)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    types = content["[Content_Types].xml"].replace(
        b"</Types>",
        f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'.encode(),
    )
    links = content["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rId99" Type="{link}" Target="calcChain.xml"/></Relationships>'.encode(),
    )
    chain = f'<calcChain xmlns="{MAIN[1:-1]}"><c r="E5" i="1"/></calcChain>'
    rebuilt(
        book,
        {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": links},
        extra=[("xl/calcChain.xml", chain)],
    )
    fill(book, {"Hist": table_csv(book.with_name("t.csv"), 7)})
    after = parts(book)
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["[Content_Types].xml"] + after["xl/_rels/workbook.xml.rels"]
    assert after["[Content_Types].xml"] == content["[Content_Types].xml"]


def test_rows_are_appended_after_the_last(book):
    report = fill(book, {"Hist": table_csv(book.with_name("t.csv"), 3, first=5)}, append=True)
    assert (report.tables[0].before, report.tables[0].after) == (5, 8)
    frame = read_table(book, "Hist")
    assert list(frame["price"]) == pytest.approx([row[2] for row in rows(8)])
    assert formulas_of(book)["F5"] == "=D5/SUM($D$5:$D$12)"
    assert formulas_of(book)["F12"] == "=D12/SUM($D$5:$D$12)"


@pytest.mark.parametrize(
    ("first", "sentence"),
    [(4, "row 2, column time: the time is there already"), (2, "the time is there already")],
)
def test_rows_that_are_there_already_are_not_appended(book, first, sentence):
    given = table_csv(book.with_name("t.csv"), 3, first=first)
    assert sentence in fill_refusal(book, {"Hist": given}, append=True)


def test_rows_out_of_order_are_not_appended(book):
    late = [START + timedelta(days=day) for day in (9, 8)]
    frame = pd.DataFrame({"time": late, "asset": "BTC", "price": 1.0})
    assert "is not later than the row before" in fill_refusal(book, {"Hist": frame}, append=True)
    early = frame.assign(time=[START - timedelta(days=day) for day in (2, 1)])
    assert "is not later than the table's last" in fill_refusal(book, {"Hist": early}, append=True)


def test_a_table_of_blank_rows_is_filled_from_its_first(tmp_path):
    path = tmp_path / "book.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.add_table(0, 0, 3, 1, {"name": "T", "columns": [{"header": "a"}, {"header": "b"}]})
    fill(path, {"T": {"a": [1, 2], "b": ["x", "y"]}}, append=True)
    assert read_table(path, "T").to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_columns_are_mapped_by_name(book):
    given = table_csv(book.with_name("t.csv"), 3, header=("Open Time", "ASSET", "close"))
    assert "has no column time, price" in fill_refusal(book, {"Hist": given})
    mapping = {"Open Time": "time", "close": "Price"}
    report = fill(book, {"Hist": given}, mapping=mapping)
    assert report.tables[0].after == 3
    assert "no source has" in fill_refusal(
        book, {"Hist": given}, mapping={**mapping, "open": "time"}
    )
    assert "has no column 'cost'" in fill_refusal(book, {"Hist": given}, mapping={"close": "cost"})
    assert "is calculated" in fill_refusal(book, {"Hist": given}, mapping={"close": "log"})


def test_cells_below_the_table_are_never_overwritten(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.add_table(0, 0, 2, 0, {"name": "T", "columns": [{"header": "a"}], "data": [[1], [2]]})
        sheet.write("A6", "below")
        sheet.write("B4", "beside")
        sheet.add_table(9, 0, 11, 0, {"name": "U", "columns": [{"header": "b"}]})
    fill(path, {"T": {"a": [1, 2, 3, 4]}})
    assert formulas_of(path)["A6"] == "below"
    assert formulas_of(path)["B4"] == "beside"
    assert "needs the rows to 6, but A6 is not empty" in fill_refusal(path, {"T": {"a": [1] * 5}})
    assert "where the table U begins" in fill_refusal(path, {"T": {"a": [1] * 50}})
    monkeypatch.setattr("xlhedge.filling.rows.LAST_ROW", 15)
    assert "to 16, more than a sheet has" in fill_refusal(path, {"U": {"b": [1] * 6}})
    fill(path, {"T": {"a": [7]}})
    cells = formulas_of(path)
    assert (cells["A2"], cells.get("A3"), cells["A6"], cells["B4"]) == (7, None, "below", "beside")


def test_merged_cells_below_the_table_are_refused(tmp_path):
    path = tmp_path / "book.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.add_table(0, 0, 2, 0, {"name": "T", "columns": [{"header": "a"}], "data": [[1], [2]]})
        sheet.merge_range("A5:B5", "")
    assert "A5:B5 is merged" in fill_refusal(path, {"T": {"a": [1] * 9}})


def test_shared_formulas_beside_the_table_are_written_out_where_they_follow(tmp_path):
    path = tmp_path / "book.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Data")
        data = [[1], [2], [3]]
        sheet.add_table(0, 0, 3, 0, {"name": "T", "columns": [{"header": "a"}], "data": data})
        for row in range(1, 4):
            sheet.write_formula(row, 2, "=0")
    content = parts(path)[SHEET].decode()
    for row, text in ((2, '<f t="shared" ref="C2:C4" si="0">A2/SUM(A$2:A$4)</f>'),
                      (3, '<f t="shared" si="0"/>'), (4, '<f t="shared" si="0"/>')):  # fmt: skip
        content = content.replace(f'<c r="C{row}"><f>0</f>', f'<c r="C{row}">{text}')
    rebuilt(path, {SHEET: content.encode()})
    fill(path, {"T": {"a": [1, 2, 3, 4]}})
    cells = formulas_of(path)
    assert [cells[f"C{row}"] for row in (2, 3, 4)] == [f"=A{row}/SUM(A$2:A$5)" for row in (2, 3, 4)]


def test_returns_that_begin_in_the_second_row_stay_so(tmp_path):
    path = tmp_path / "book.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Data")
        columns = [{"header": "p"}, {"header": "r"}]
        sheet.add_table(0, 0, 4, 1, {"name": "T", "columns": columns, "data": [[1], [2], [4], [8]]})
        for row in range(2, 5):
            sheet.write_formula(row, 1, f"=LN(A{row + 1}/A{row})")
    fill(path, {"T": {"p": [1, 2, 4, 8, 16, 32]}})
    cells = formulas_of(path)
    assert cells["B2"] is None
    assert cells["B7"] == "=LN(A7/A6)"


def test_two_tables_are_filled_at_once(tmp_path):
    path = tmp_path / "book.xlsx"
    with Book(path) as book:
        for name in "TU":
            sheet = book.add_worksheet(f"Sheet {name}")
            layout = {"name": name, "columns": [{"header": "a"}], "data": [[1], [2]]}
            sheet.add_table(0, 0, 2, 0, layout)
            sheet.write_formula("C1", "=SUM('Sheet T'!A2:A3)+SUM('Sheet U'!A2:A3)")
    report = fill(path, {"T": {"a": [1, 2, 3]}, "U": {"a": [5] * 4}})
    assert [filled.after for filled in report.tables] == [3, 4]
    assert formulas_of(path, "Sheet U")["C1"] == "=SUM('Sheet T'!A2:A4)+SUM('Sheet U'!A2:A5)"
    assert opened(path, data_only=True)["Sheet T"]["C1"].value == 26
