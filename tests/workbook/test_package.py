"""Packages from strangers, and what may be read from them."""

import zipfile

import pytest
from lxml import etree
from recalc_helpers import Book, parts, rebuilt, refusal, showcase

from xlhedge.recalc import Limits, Package, recalculate
from xlhedge.workbook.values import write_value
from xlhedge.workbook.xml import MAIN, escaped


@pytest.fixture
def book(tmp_path):
    return showcase(tmp_path / "book.xlsx")


def written(path, content):
    path.write_bytes(content)
    return path


def test_a_package_knows_its_sheets_tables_and_names(book):
    package = Package.open(book)
    assert [sheet.name for sheet in package.sheets] == ["Inputs", "History", "Dash Board"]
    table = package.tables["hist"]
    assert (table.sheet, str(table.area), str(table.data)) == ("History", "A1:E41", "A2:E41")
    assert table.columns == ("Date", "Asset", "Price in [USD]", "Log", "Flag")
    assert "Confidence" in [name.name for name in package.defined_names]


def test_an_unchanged_package_is_the_same_bytes(book):
    assert Package.open(book).to_bytes() == book.read_bytes()


def test_a_changed_part_leaves_the_others_alone(book):
    package = Package.open(book)
    package.replace("docProps/app.xml", b"<Properties/>")
    changed = parts(package.to_bytes())
    assert list(changed) == list(parts(book))
    assert changed.pop("docProps/app.xml") == b"<Properties/>"
    assert all(parts(book)[name] == content for name, content in changed.items())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "is not an .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old .xls workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "is protected by a password",
        ),
        (b"PK\x03\x04" + bytes(100), "is a damaged zip archive"),
    ],
)
def test_files_of_other_kinds_are_refused(tmp_path, content, sentence):
    assert sentence in refusal(written(tmp_path / "file.xlsx", content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "does not exist" in refusal(tmp_path / "missing.xlsx")
    assert "is a folder" in refusal(tmp_path)


def test_other_zip_archives_are_refused(tmp_path):
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "OpenDocument" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "is a zip archive, not an .xlsx workbook" in refusal(path)


def test_a_binary_workbook_is_refused(book):
    types = parts(book)["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.binary.macroEnabled.main",
    )
    assert ".xlsb" in refusal(rebuilt(book, {"[Content_Types].xml": types}))


def test_a_word_document_is_refused(book):
    types = parts(book)["[Content_Types].xml"].replace(
        b"spreadsheetml.sheet.main+xml", b"wordprocessingml.document.main+xml"
    )
    assert "not a workbook" in refusal(rebuilt(book, {"[Content_Types].xml": types}))


def test_a_truncated_file_is_refused(book):
    content = book.read_bytes()
    assert "damaged" in refusal(written(book, content[: len(content) // 2]))


def test_a_damaged_part_is_refused(book):
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    start = info.header_offset + 30 + len(info.filename) + 20
    content[start : start + 40] = bytes(40)
    assert "is damaged at xl/worksheets/sheet1.xml" in refusal(written(book, bytes(content)))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet2.xml", "_rels/.rels"])
def test_missing_parts_are_refused(book, part):
    assert any(word in refusal(rebuilt(book, drop=[part])) for word in ("has no", "lacks"))


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil", "xl\\..\\evil", "C:/evil"])
def test_unsafe_part_names_are_refused(book, name):
    assert "unsafe name" in refusal(rebuilt(book, extra=[(name, "x")]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/WORKBOOK.xml"])
def test_parts_that_come_twice_are_refused(book, name):
    assert "twice" in refusal(rebuilt(book, extra=[(name, "<x/>")]))


def test_zip_bombs_are_refused_before_they_unpack(book):
    bomb = [("xl/media/image1.png", bytes(30 * 1024 * 1024))]
    assert "looks like a zip bomb" in refusal(rebuilt(book, extra=bomb))
    assert "unpacks to" in refusal(book, Limits(unpacked_bytes=1000, ratio=1e9))
    assert "parts" in refusal(book, Limits(parts=3))
    assert "bytes" in refusal(book, Limits(file_bytes=100))


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://localhost/x.dtd">',
    ],
)
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_document_types_and_entities_are_refused(book, declaration, part):
    content = parts(book)[part].replace(b"?>\n", b"?>\n" + declaration.encode(), 1)
    assert "document type" in refusal(rebuilt(book, {part: content}))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"</sheetData>", b"", "is not well-formed XML"),
        (b'<c r="B1"', b'<c r="?"', "is not a cell address"),
        (b'<c r="B1"', b'<c r="B7"', "stands in row"),
        (b"<sheetData>", b"<other/><sheetData>", None),
    ],
)
def test_damaged_worksheets_are_refused(book, old, new, sentence):
    part = "xl/worksheets/sheet1.xml"
    path = rebuilt(book, {part: parts(book)[part].replace(old, new, 1)})
    if sentence:
        assert sentence in refusal(path)
    else:
        recalculate(path, path.with_name("out.xlsx"))


def test_a_password_on_the_zip_archive_is_refused(book):
    content = bytearray(book.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    assert "password" in refusal(written(book, bytes(content)))


def test_rows_and_cells_without_addresses_are_counted(tmp_path):
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        book.add_worksheet("Sheet1").write_column("A1", [1, 2])
    part = "xl/worksheets/sheet1.xml"
    content = parts(path)[part]
    start, end = content.index(b"<sheetData>"), content.index(b"</sheetData>")
    rows = b"<row><c><v>20</v></c><c><f>A1*2</f></c></row><row/><row><c><f>B1+2</f></c></row>"
    rebuilt(path, {part: content[:start] + b"<sheetData>" + rows + content[end:]})
    target = tmp_path / "out.xlsx"
    recalculate(path, target)
    written_rows = parts(target)[part]
    assert b"<f>A1*2</f><v>40</v>" in written_rows
    assert b"<f>B1+2</f><v>42</v>" in written_rows


def test_control_characters_are_escaped_and_escapes_too():
    assert escaped("a\x07b\r\n\t") == "a_x0007_b_x000D_\n\t"
    assert escaped("_x000D_") == "_x005F_x000D_"
    assert escaped("\ud800\uffff") == "_xD800__xFFFF_"


@pytest.mark.parametrize("text", ["<v>1</v><v>2</v>", "<is><t>x</t></is><v>2</v>", "<v>1</v>", ""])
def test_a_cell_ends_with_one_value_behind_its_formula(text):
    cell = etree.fromstring(f'<c xmlns="{MAIN[1:-1]}"><f>1+1</f>{text}</c>')
    assert write_value(cell, 2.0)
    assert [(etree.QName(child).localname, child.text) for child in cell] == [
        ("f", "1+1"),
        ("v", "2"),
    ]
    assert not write_value(cell, 2.0)
