"""Workbooks as other programs spell them, and the names that Excel opens them under."""

import pytest
from fill_helpers import by_xlsxwriter, table_csv
from recalc_helpers import formulas, parts, rebuilt

from xlhedge.cli import main
from xlhedge.errors import FileError
from xlhedge.filling import fill
from xlhedge.recalc import Package, Results, SheetResults, recalculate
from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.patch import Patch

TYPES, BOOK = "[Content_Types].xml", "xl/workbook.xml"
SHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TEMPLATE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"


@pytest.fixture
def book(tmp_path):
    return formulas(tmp_path / "book.xlsx", "=A1*2", "=A1+1", cells={"A1": 3})


def renamed(path, names):
    content = parts(path)
    extra = [(names(name), part) for name, part in content.items()]
    return rebuilt(path, extra=extra, drop=list(content))


def values_of(path):
    sheet = read_cells(Package.open(path))[0]
    return [sheet.value((1, 4)), sheet.value((2, 4))]


@pytest.mark.parametrize(
    "names",
    [
        str.upper,
        lambda name: name.replace("worksheets/sheet1", "Worksheets/Sheet1"),
        lambda name: name.replace("_rels/workbook", "_Rels/Workbook"),
        lambda name: name.replace("[Content_Types]", "[content_types]"),
    ],
)
def test_the_parts_of_a_file_may_be_spelled_in_any_case(book, names):
    renamed(book, names)
    recalculate(book, in_place=True)
    package = Package.open(book)
    assert [sheet.name for sheet in package.worksheets] == ["Sheet1"]
    assert values_of(book) == [6, 4]


def test_a_sheet_without_a_part_is_passed_over(book):
    listed = parts(book)[BOOK].replace(
        b"</sheets>", b'<sheet name="Lost" sheetId="9" r:id=""/></sheets>'
    )
    rebuilt(book, {BOOK: listed})
    recalculate(book, in_place=True)
    assert values_of(book) == [6, 4]
    assert b'name="Lost"' in parts(book)[BOOK]
    assert len(Package.open(book).sheets) == 2


def test_a_template_saved_as_a_workbook_is_a_workbook_and_back(book):
    template = book.with_suffix(".xltx")
    recalculate(book, template)
    assert TEMPLATE in parts(template)[TYPES]
    target = book.with_name("again.xlsx")
    recalculate(template, target)
    assert SHEET in parts(target)[TYPES]
    assert TEMPLATE not in parts(target)[TYPES]
    assert values_of(target) == [6, 4]
    recalculate(template, in_place=True)
    assert TEMPLATE in parts(template)[TYPES]


def test_macros_are_not_saved_under_a_name_that_cannot_hold_them(book):
    links = "xl/_rels/workbook.xml.rels"
    link = (
        b'<Relationship Id="rIdV" Type="http://schemas.microsoft.com/office/2006/relationships/'
        b'vbaProject" Target="vbaProject.bin"/></Relationships>'
    )
    kind = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    content = parts(book)
    macros = rebuilt(
        book,
        {
            links: content[links].replace(b"</Relationships>", link),
            TYPES: content[TYPES].replace(SHEET, kind),
        },
        extra=[("xl/vbaProject.bin", b"VBA")],
    )
    macros = macros.rename(book.with_suffix(".xlsm"))
    with pytest.raises(FileError, match=r"holds macros: save it as \.xlsm"):
        recalculate(macros, book.with_name("out.xlsx"))
    recalculate(macros, book.with_name("out.xlsm"))
    assert parts(book.with_name("out.xlsm"))["xl/vbaProject.bin"] == b"VBA"


@pytest.mark.parametrize("name", ["out.xls", "out.xlsb", "out.csv", "out", "out.ods"])
@pytest.mark.parametrize(
    "words",
    [
        ("recalc", "book.xlsx", "-o"),
        ("fill", "book.xlsx", "T=rows.csv", "-o"),
        ("new", "portfolio"),
        ("demo", "-o"),
    ],
)
def test_a_name_that_excel_would_not_open_is_refused_before_anything_is_done(
    book, monkeypatch, capsys, name, words
):
    monkeypatch.chdir(book.parent)
    monkeypatch.setattr("sys.argv", ["xlhedge", *words, name])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert said == (
        f"xlhedge: {name} cannot be written: a workbook's name ends with"
        " .xlsx, .xltx, .xlsm, .xltm\n"
    )
    assert [path.name for path in book.parent.iterdir()] == ["book.xlsx"]


def test_a_damaged_value_is_named_with_its_sheet(book):
    sheet = "xl/worksheets/sheet1.xml"
    text = parts(book)[sheet].replace(b"<v>3</v>", b"<v>three</v>")
    rebuilt(book, {sheet: text})
    with pytest.raises(FileError, match=r"sheet 'Sheet1': the cell A1 holds the damaged value"):
        read_cells(Package.open(book))[0].value((1, 1))


def test_no_formula_is_ever_given_a_blank(book):
    class Silent:
        name = "silent"

        def evaluate(self, package):
            return Results(sheets={"Sheet1": SheetResults({(1, 4): None, (2, 4): 4.0})})

    recalculate(book, in_place=True)
    report = recalculate(book, in_place=True, engine=Silent())
    assert values_of(book) == [6, 4]
    assert report.kept == {"Sheet1!D1": "got no value from the engine"}


def test_what_was_read_is_forgotten_when_a_part_changes(book):
    package = Package.open(book)
    assert [sheet.name for sheet in package.sheets] == ["Sheet1"]
    package.workbook.find("{*}sheets/{*}sheet").set("name", "Other")
    package.changed(BOOK)
    assert [sheet.name for sheet in package.sheets] == ["Other"]
    cells = read_cells(package)[0]
    assert read_cells(package)[0] is cells
    Patch(cells, SheetResults({(1, 4): 70.0})).write()
    assert read_cells(package)[0].value((1, 4)) == 70
    assert b"<v>70</v>" in package.read("xl/worksheets/sheet1.xml")
    text = package.read("xl/worksheets/sheet1.xml").replace(b"<v>3</v>", b"<v>30</v>")
    package.replace("xl/worksheets/sheet1.xml", text)
    assert read_cells(package)[0].value((1, 1)) == 30
    assert Package(package.to_bytes()).sheets[0].name == "Other"


def test_a_workbook_filled_as_a_template_is_one(tmp_path):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 5)
    fill(book, {"Hist": table_csv(tmp_path / "rows.csv", 3)}, tmp_path / "t.xltx")
    assert TEMPLATE in parts(tmp_path / "t.xltx")[TYPES]
