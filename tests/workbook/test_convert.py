"""`xlhedge convert`: a workbook in the spelling of another kind of add-in, and what reads it."""

import codecs
import re

import pytest
from calc_helpers import as_calc_shows, calc
from places import ROOT
from recalc_helpers import Book, opened, parts, rebuilt, values
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.filling import fill
from xlhedge.formula.rewriting import calls_ours
from xlhedge.formula.spelling import Spelling
from xlhedge.recalc import Package, recalculate, recalculated
from xlhedge.recalc.embedded import LoadedWorkbook
from xlhedge.templates import TEMPLATES
from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.spelling import translate

PRICE = "LIQ_PRICE(-1,70000,7000,0.005)"
VALUE = 76616.91542288558
QUICK = ("margin",)


def converted(path, to=Spelling.OFFICE_JS):
    package = Package.open(path)
    return translate(package, to), package.to_bytes()


def saved(content, path):
    path.write_bytes(content)
    return path


def convert(*words):
    done = CliRunner().invoke(app, ["convert", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


QUICKLY = [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in TEMPLATES]
"""The others with the slow tests: each kind of place is converted below."""


@pytest.mark.parametrize("name", QUICKLY)
def test_a_template_converted_there_and_back_is_the_same_file(name):
    path = ROOT / "workbooks" / f"{name}.xlsx"
    done, content = converted(path)
    assert (done.calls >= done.formulas > 0, done.left) == (True, [])
    package = Package(content)
    texts = [text for one in read_cells(package) for _, text in one.formulas.texts()]
    ours = [text for text in texts if calls_ours(text)]
    assert len(ours) == done.formulas
    assert all("_xldudf_XLHEDGE_" in text for text in ours)
    assert translate(package, Spelling.VBA)[:2] == done[:2]
    assert package.to_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", QUICKLY)
def test_a_converted_template_recalculates_to_the_same_values(name, calculated_templates):
    path, before = calculated_templates(name)
    content = converted(path)[1]
    result, report = recalculated(content)
    assert (report.changed, result == content) == (False, True)
    assert (report.calls, report.kept, report.unsupported) == (before.calls, {}, {})
    assert [str(one) for one in report.errors] == [str(one) for one in before.errors]


@pytest.mark.calc
@pytest.mark.parametrize("name", ["margin", "portfolio"])
def test_a_converted_template_recalculates_to_the_same_values_in_libreoffice(
    name, calculated_templates, tmp_path
):
    path = calculated_templates(name)[0]
    plain = recalculated(path.read_bytes(), engine=calc())[0]
    other, report = recalculated(converted(path)[1], engine=calc())
    assert report.kept == {}
    back = converted(saved(other, tmp_path / "other.xlsx"), Spelling.VBA)[1]
    assert parts(saved(back, tmp_path / "back.xlsx")) == parts(saved(plain, tmp_path / "p.xlsx"))


@pytest.mark.calc
def test_calc_itself_calculates_both_spellings_and_saves_each_as_it_was(tmp_path):
    with Book(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_formula("A1", PRICE)
        sheet.write_formula("A2", f"_xldudf_XLHEDGE_{PRICE}")
        sheet.write_formula("A3", "_xldudf_XLHEDGE_VERSION()")
    shown = as_calc_shows(tmp_path / "book.xlsx")["Sheet1"]
    assert shown[1, 1] == shown[2, 1] == pytest.approx(VALUE)
    assert isinstance(shown[3, 1], str)


def everything(path):
    """A book that calls us wherever a formula can stand."""
    with Book(path) as book:
        sheet = book.add_worksheet("My Desk")
        sheet.write_dynamic_array_formula("A1", f"={PRICE}", None, VALUE)
        sheet.write_array_formula("A2:A3", f"{{={PRICE}*{{1;2}}}}", None, VALUE)
        sheet.write_formula("A4", f'=IF(A1<>2,{PRICE}&"BETA(1) & <x>",1)')
        sheet.write_column("C2", [1, 2, 3])
        sheet.add_table(
            "C1:D4",
            {
                "name": "T",
                "columns": [{"header": "v"}, {"header": "p", "formula": f"={PRICE}*[@v]"}],
            },
        )
        sheet.data_validation("B1", {"validate": "custom", "value": f"={PRICE}>A1"})
        sheet.conditional_format("B2", {"type": "formula", "criteria": f"={PRICE}>A1"})
        book.define_name("limit", f"={PRICE}*2")
        sheet.write_formula("A5", "=limit")
    return path


def test_all_places_of_formulas_are_converted_and_no_other_byte(tmp_path):
    path = everything(tmp_path / "book.xlsx")
    told = convert(path, "--to", "office-js", "-o", tmp_path / "web.xlsx")
    assert told[0].endswith("web.xlsx: 10 calls of ours in 10 formulas spelled for office-js")
    after = parts(tmp_path / "web.xlsx")
    for name, content in parts(path).items():
        assert after[name].replace(b"_xldudf_XLHEDGE_", b"") == content, name
        calls = content.count(b"LIQ_PRICE(")
        assert after[name].count(b"_xldudf_XLHEDGE_LIQ_PRICE(") == calls, name
    recalculate(tmp_path / "web.xlsx", tmp_path / "a.xlsx")
    recalculate(path, tmp_path / "b.xlsx")
    assert values(tmp_path / "a.xlsx", "My Desk") == values(tmp_path / "b.xlsx", "My Desk")
    assert values(tmp_path / "a.xlsx", "My Desk")["A5"] == pytest.approx(2 * VALUE)
    convert(tmp_path / "web.xlsx", "--to", "vba", "-o", tmp_path / "back.xlsx")
    assert (tmp_path / "back.xlsx").read_bytes() == path.read_bytes()


def test_a_rule_that_excel_does_not_calculate_there_is_named_in_a_line(tmp_path):
    told = convert(everything(tmp_path / "b.xlsx"), "--to", "office-js", "-o", tmp_path / "c.xlsx")
    assert told[1:] == [
        "  My Desk!B2 is a conditional format, where Excel calculates no functions of Office.js"
        " add-ins"
    ]
    assert len(convert(tmp_path / "c.xlsx", "--to", "vba", "-o", tmp_path / "d.xlsx")) == 1


def sheet_with(path, cells, encode=str.encode):
    """A book whose sheet has these rows of XML."""
    with Book(path) as book:
        book.add_worksheet("S")
    part = "xl/worksheets/sheet1.xml"
    text = parts(path)[part].decode()
    rows = "".join(f'<row r="{row}">{cell}</row>' for row, cell in enumerate(cells, 1))
    content = text.replace("<sheetData/>", f"<sheetData>{rows}</sheetData>")
    rebuilt(path, {part: encode(content)})
    return path


def test_formulas_keep_their_entities_line_breaks_and_quotes_of_attributes(tmp_path):
    formula = "IF(A2&gt;1,\r\nBETA&#40;1),&quot;&#x2C;&quot;)"
    cell = f"<c r='A1'><f  xml:space='preserve'\n>{formula}</f><v/></c>"
    path = sheet_with(tmp_path / "b.xlsx", [cell])
    content = parts(saved(converted(path)[1], tmp_path / "c.xlsx"))["xl/worksheets/sheet1.xml"]
    assert cell.replace("BETA", "_xldudf_XLHEDGE_BETA").encode() in content


def test_formulas_in_cdata_beside_comments_and_in_utf_16_are_converted_too(tmp_path):
    cells = [
        '<c r="A1"><f><![CDATA[BETA(1)]]></f></c><!-- <f>BETA(1)</f> -->',
        '<c r="A2"><f>BETA(1)</f></c>',
    ]
    path = sheet_with(tmp_path / "b.xlsx", cells)
    assert converted(path)[0][:2] == (2, 2)
    found = opened(saved(converted(path)[1], tmp_path / "c.xlsx"))["S"]
    assert found["A1"].value == found["A2"].value == "=_xldudf_XLHEDGE_BETA(1)"

    def wide(text):
        return codecs.BOM_UTF16_BE + text.replace("UTF-8", "UTF-16").encode("utf-16-be")

    path = sheet_with(tmp_path / "w.xlsx", cells[1:], wide)
    content = parts(saved(converted(path)[1], tmp_path / "v.xlsx"))["xl/worksheets/sheet1.xml"]
    plain = parts(path)["xl/worksheets/sheet1.xml"].decode("utf-16")
    assert content.startswith(codecs.BOM_UTF16_BE)
    assert content.decode("utf-16") == plain.replace("BETA(", "_xldudf_XLHEDGE_BETA(")


def test_what_is_not_converted_is_said_in_a_line_each(tmp_path):
    long = "+".join([PRICE] * 250)
    path = tmp_path / "b.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("S")
        for row in range(7):
            sheet.write_formula(row, 0, "=BETA(1)")
        sheet.write_formula("B1", "=_xldudf_XLHEDGE_NO_SUCH(1)")
        sheet.write_formula("C1", f"={long}")
        book.define_name("Beta", "=LAMBDA(x,x*2)")
    done, content = converted(path)
    assert done.calls == 0
    assert done.left == [
        "S!A1, S!A2, S!A3, S!A4, S!A5 and 2 more calls BETA, which is a function of the workbook's"
        " own",
        "S!B1 calls XLHEDGE.NO_SUCH, which is no function of this version",
        "S!C1 would have 9,749 characters, and Excel takes 8,192",
    ]
    assert content == path.read_bytes()
    recalculate(path, tmp_path / "r.xlsx")
    assert values(tmp_path / "r.xlsx", "S")["A1"] == 2


def test_macros_and_the_link_to_the_addin_stay_and_are_named(tmp_path):
    path = everything(tmp_path / "b.xlsx")
    links = "xl/_rels/workbook.xml.rels"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    added = (
        f'<Relationship Id="rId91" Type="{office}/externalLink" Target="externalLinks/link1.xml"/>'
        '<Relationship Id="rId92" Type="http://schemas.microsoft.com/office/2006/relationships/'
        'vbaProject" Target="vbaProject.bin"/></Relationships>'
    )
    content = parts(path)[links].replace(b"</Relationships>", added.encode())
    target = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{office}/externalLinkPath" TargetMode="External" '
        'Target="file:///C:\\Users\\a\\AppData\\xlhedge\\xlhedge.xlam"/></Relationships>'
    )
    extra = [
        ("xl/externalLinks/link1.xml", "<externalLink/>"),
        ("xl/externalLinks/_rels/link1.xml.rels", target),
        ("xl/vbaProject.bin", b"macros"),
    ]
    rebuilt(path, {links: content}, extra)
    rebuilt(path, {"xl/worksheets/sheet1.xml": linked(parts(path)["xl/worksheets/sheet1.xml"])})
    done, content = converted(path)
    assert done.calls == 10
    assert done.left[1:] == [
        "the workbook's macros are copied unread: formulas that they write are theirs",
        "the link to file:///C:\\Users\\a\\AppData\\xlhedge\\xlhedge.xlam stays, which no formula"
        " of ours needs now: Data > Edit Links > Break Link takes it out",
    ]
    after = parts(saved(content, tmp_path / "c.xlsx"))
    assert b"[1]!" not in after["xl/worksheets/sheet1.xml"]
    assert {name: after[name] for name, _ in extra} == {
        name: parts(path)[name] for name, _ in extra
    }


def linked(content):
    """A sheet as Excel saves it on a machine where the add-in lies elsewhere."""
    return re.sub(rb"(?<=[>(])LIQ_PRICE\(", b"[1]!LIQ_PRICE(", content)


def test_fill_and_sessions_keep_the_spelling_of_the_file(tmp_path):
    path = everything(tmp_path / "book.xlsx")
    convert(path, "--to", "office-js", "-o", tmp_path / "web.xlsx")
    session = LoadedWorkbook(Package.open(tmp_path / "web.xlsx"))
    session.set_value("My Desk", "C4", 5.0)
    assert session.value("My Desk", "D4") == pytest.approx(5 * VALUE)
    (tmp_path / "rows.csv").write_text("v\n" + "7\n" * 6)
    report = fill(tmp_path / "web.xlsx", {"T": tmp_path / "rows.csv"}, tmp_path / "filled.xlsx")
    assert report.recalculation.kept == {}
    sheet = opened(tmp_path / "filled.xlsx")["My Desk"]
    assert sheet["D7"].value == sheet["D2"].value
    assert sheet["D7"].value.startswith("=_xldudf_XLHEDGE_LIQ_PRICE(")
    assert values(tmp_path / "filled.xlsx", "My Desk")["D7"] == pytest.approx(7 * VALUE)


def test_errors_are_explained_and_functions_of_other_addins_kept_in_this_spelling(tmp_path):
    path = tmp_path / "b.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=_xldudf_XLHEDGE_LIQ_PRICE(-1,-7,7000,0.005)")
        sheet.write_formula("A2", "=IFERROR([2]!_xldudf_XLHEDGE_NO_SUCH(1),0)", None, 4)
        sheet.write_formula("A3", "=_xldudf_CONTOSO_FEED(1)+1", None, 5)
    report = recalculate(path, tmp_path / "out.xlsx")
    assert report.calls == 1
    assert [str(one) for one in report.errors] == [
        "S!A1 #NUM!: entry_price must be positive, got -7"
    ]
    assert report.kept == {
        "S!A2": "refers to another workbook",
        "S!A3": "calls _XLDUDF_CONTOSO_FEED, which is not known here",
    }
    assert values(tmp_path / "out.xlsx", "S")["A3"] == 5
