"""Numbers, ranges and names that no writer of workbooks makes: refused, or left as they are."""

import json
import os

import pytest
from crews import here
from fill_helpers import by_xlsxwriter, table_csv
from recalc_helpers import formulas, parts, rebuilt, refusal

from xlhedge.batch import run as batch
from xlhedge.errors import FileError
from xlhedge.filling import fill
from xlhedge.recalc import recalculate
from xlhedge.templates import read_table

SHEET, BOOK, TABLE = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/tables/table1.xml"
SUPERSCRIPT = "\u00b2"


def changed(path, part, *pairs):
    content = parts(path)[part].decode()
    for old, new in pairs:
        assert old in content
        content = content.replace(old, new, 1)
    return rebuilt(path, {part: content.encode()})


@pytest.fixture
def book(tmp_path):
    return by_xlsxwriter(tmp_path / "book.xlsx", 5)


@pytest.fixture
def rows(tmp_path):
    return table_csv(tmp_path / "rows.csv", 9)


def filled(book, rows):
    target = book.with_name("filled.xlsx")
    fill(book, {"Hist": rows}, target)
    return target


@pytest.mark.parametrize("number", [SUPERSCRIPT, "one", "", "-1", "9" * 5000])
def test_widths_and_hints_that_are_no_numbers_are_no_hindrance(tmp_path, number):
    path = formulas(tmp_path / "book.xlsx", "=SEQUENCE(3,3)")
    columns = f'<cols><col min="{number}" max="{number}" style="1"/></cols><sheetData>'
    changed(path, SHEET, ("<sheetData>", columns), ('spans="4:4"', f'spans="{number}:{number}"'))
    recalculate(path, tmp_path / "out.xlsx")
    assert b'r="F3"' in parts(tmp_path / "out.xlsx")[SHEET]


@pytest.mark.parametrize("number", [SUPERSCRIPT, "99", "9" * 5000])
def test_a_name_of_a_sheet_that_is_not_there_belongs_to_the_book(tmp_path, number):
    path = formulas(tmp_path / "book.xlsx", "=two+1")
    name = f'<definedNames><definedName name="two" localSheetId="{number}">2</definedName>'
    changed(path, BOOK, ("</sheets>", f"</sheets>{name}</definedNames>"))
    recalculate(path, tmp_path / "out.xlsx")
    assert b"<v>3</v>" in parts(tmp_path / "out.xlsx")[SHEET]


def test_styles_and_formats_that_are_no_numbers_are_none(book):
    changed(book, "xl/styles.xml", ('numFmtId="164"', f'numFmtId="{SUPERSCRIPT}"'))
    changed(book, SHEET, ('<c r="B5" s="1">', f'<c r="B5" s="{SUPERSCRIPT}">'))
    assert read_table(book, "Hist")["time"].iloc[0] == 45292


def test_rows_cells_and_sheets_that_come_twice_are_refused(tmp_path, book):
    before = book.read_bytes()
    changed(book, SHEET, ("<sheetData>", '<sheetData><row r="4"/>'))
    assert "the row 4 comes twice" in refusal(book)
    book.write_bytes(before)
    changed(book, SHEET, ('<c r="B4"', '<c r="B4"/><c r="B4"'))
    assert "the cell B4 comes twice" in refusal(book)
    book.write_bytes(before)
    changed(book, BOOK, ('name="Other Sheet"', 'name="DATA"'))
    assert "has two sheets with the name 'DATA'" in refusal(book)
    cells = "<row>" + "<c/>" * 16_385 + "</row></sheetData>"
    wide = formulas(tmp_path / "wide.xlsx")
    changed(wide, SHEET, ("<sheetData/>", f"<sheetData>{cells}"))
    assert "row 1 has more cells than a sheet has columns" in refusal(wide)


def test_two_sheets_or_tables_that_cannot_be_told_apart_are_refused(book):
    before = book.read_bytes()
    changed(book, "xl/_rels/workbook.xml.rels", ("sheets/sheet2.xml", "sheets/sheet1.xml"))
    assert f"has two sheets in the part {SHEET}" in refusal(book)
    book.write_bytes(before)
    rebuilt(book, extra=[("xl/tables/table2.xml", parts(book)[TABLE])])
    links = "xl/worksheets/_rels/sheet1.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"
    more = f'<Relationship Id="rIdT" Type="{kind}" Target="../tables/table2.xml"/>'
    changed(book, links, ("</Relationships>", f"{more}</Relationships>"))
    assert "has two tables with the name 'Hist'" in refusal(book)
    book.write_bytes(before)
    changed(book, TABLE, ('name="price"', 'name="TIME"'))
    with pytest.raises(FileError, match="the table Hist is damaged"):
        read_table(book, "Hist")


def test_rows_from_a_book_without_a_worksheet_are_refused(tmp_path, book):
    other = formulas(tmp_path / "other.xlsx", "=1+1")
    changed(other, "xl/_rels/workbook.xml.rels", ("/worksheet", "/dialogsheet"))
    with pytest.raises(FileError, match=r"other\.xlsx has no sheet with cells"):
        filled(book, other)


@pytest.mark.parametrize("number", ["-5", "2", "one", SUPERSCRIPT, "9" * 5000])
def test_a_table_has_one_row_of_headers_or_none(book, number):
    changed(book, TABLE, ('totalsRowShown="0"', f'totalsRowCount="{number}"'))
    with pytest.raises(FileError, match=r"table1\.xml is not a valid table"):
        read_table(book, "Hist")


def test_ranges_that_are_none_stay_as_they_are(book, rows):
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="nothing"/></mergeCells>'
    changed(book, SHEET, ("</sheetData>", merged))
    changed(book, TABLE, ('<autoFilter ref="B4:F9"', '<autoFilter ref="nowhere"'))
    target = filled(book, rows)
    assert b'<mergeCell ref="nothing"/>' in parts(target)[SHEET]
    assert b'<autoFilter ref="nowhere"' in parts(target)[TABLE]


def test_a_comment_among_content_types_and_links_is_passed_over(book, rows):
    types = "[Content_Types].xml"
    chain = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    links = "xl/_rels/workbook.xml.rels"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    changed(
        book, types, ("<Override ", f'<!-- x --><Override PartName="/xl/calcChain.xml" '
                                    f'ContentType="{kind}"/><Override '),
    )  # fmt: skip
    link = f'<!-- x --><Relationship Id="rIdC" Type="{office}/calcChain" Target="calcChain.xml"/>'
    changed(book, links, ("</Relationships>", f"{link}</Relationships>"))
    rebuilt(book, extra=[("xl/calcChain.xml", f"<calcChain {chain}/>")])
    assert "xl/calcChain.xml" not in parts(filled(book, rows))


def test_a_shared_text_before_the_first_is_damage(book, rows):
    changed(book, SHEET, ('<c r="C5" t="s"><v>', '<c r="C5" t="s"><v>-'))
    text = parts(book)[SHEET].decode().partition('<c r="C5" t="s"><v>')[2].partition("<")[0]
    with pytest.raises(FileError, match=f"the cell C5 holds the damaged value '{text}'"):
        filled(book, rows)


def test_the_last_days_of_both_calendars_are_numbers_where_python_has_no_date(book):
    changed(book, BOOK, ("<workbookPr ", '<workbookPr date1904="1" '))
    content = parts(book)[SHEET].decode()
    first = content.partition('<c r="B5" s="1"><v>')[2].partition("<")[0]
    changed(book, SHEET, (f'<c r="B5" s="1"><v>{first}<', '<c r="B5" s="1"><v>2958465<'))
    assert read_table(book, "Hist")["time"].iloc[0] == 2958465


def test_formulas_of_names_and_rules_have_the_limit_of_formulas_in_cells(tmp_path, book, rows):
    long = "Data!$D$5+" * 2000 + "1"
    path = formulas(tmp_path / "long.xlsx", "=1+1")
    name = f'</sheets><definedNames><definedName name="n">{long}</definedName></definedNames>'
    changed(path, BOOK, ("</sheets>", name))
    assert "the name n has 20001 characters; at most 16384 are read" in refusal(path)
    rule = f'<conditionalFormatting sqref="A1"><cfRule type="expression"><formula>{long}</formula>'
    changed(
        book, SHEET,
        ("</sheetData>", f"</sheetData>{rule}</cfRule></conditionalFormatting>"),
    )  # fmt: skip
    with pytest.raises(FileError, match="a formula of 20001 characters; at most 16384 are read"):
        filled(book, rows)


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_a_batch_logs_a_book_whose_name_is_no_text(tmp_path):
    name = os.fsdecode(b"book\xff.xlsx")
    path = formulas(tmp_path / "book.xlsx", "=1+1").rename(tmp_path / name)
    for _ in range(2):
        outcomes = batch.run([path], tmp_path / "out", here())
        assert [outcome.problem for outcome in outcomes] == [""]
    (line,) = (tmp_path / "out" / batch.LOG).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["source"] == str(path)
