"""Workbooks made to do harm: one clear line each, quickly, and nothing else happens."""

import os
import subprocess
import sys
import time
import zipfile

import pytest
from recalc_helpers import formulas, parts, rebuilt, refusal

from xlhedge.errors import FileError
from xlhedge.recalc import Limits, recalculate

SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = 1024 * 1024


def crafted(path, cells, names=""):
    """A book of one sheet whose rows are given as XML."""
    formulas(path, "=1+1")
    content = parts(path)
    start, end = (content[SHEET].index(tag) for tag in (b"<sheetData>", b"</sheetData>"))
    sheet = content[SHEET][:start] + b"<sheetData>" + cells.encode() + content[SHEET][end:]
    book = content["xl/workbook.xml"].replace(
        b"</sheets>", b"</sheets><definedNames>" + names.encode() + b"</definedNames>"
    )
    return rebuilt(path, {SHEET: sheet, "xl/workbook.xml": book})


def cell(formula, attributes=""):
    return f'<row r="1"><c r="A1"><f {attributes}>{formula}</f></c></row>'


def outcome(path):
    return recalculate(path, path.with_name("out.xlsx"))


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (cell("1" + "+1" * 4_000_000), "has 8000001 characters; at most 16384 are read"),
        (cell("SUM(" * 2000 + "1" + ")" * 2000), "nested deeper than 128 parentheses"),
        (cell("1", 't="array" ref="A1:XFD1048576"'), "larger than 2000000 cells"),
        (cell("1", 't="array" ref="B2:C3"'), "does not start there"),
        ('<row r="99999999999"><c><f>1</f></c></row>', "there is no row 99999999999"),
        ('<row r="-5"><c><f>1</f></c></row>', "there is no row -5"),
        ('<row r="1"><c r="ZZZ1"><f>1</f></c></row>', "there is no cell ZZZ1"),
    ],
    ids=["long", "deep", "array", "elsewhere", "row", "negative", "column"],
)
def test_cells_that_no_sheet_has_are_refused(tmp_path, cells, sentence):
    assert sentence in refusal(crafted(tmp_path / "book.xlsx", cells))


def test_one_giant_cell_is_refused(tmp_path):
    path = crafted(tmp_path / "book.xlsx", "<row><c><v>1</v></c></row>")
    giant = b'<row><c t="str"><v>' + os.urandom(8 * MEGABYTE).hex().encode() + b"</v></c></row>"
    sheet = parts(path)[SHEET].replace(b"<row><c><v>1</v></c></row>", giant)
    assert "is not well-formed XML" in refusal(rebuilt(path, {SHEET: sheet}))


@pytest.mark.parametrize("size", [64, pytest.param(1024, marks=pytest.mark.slow)])
def test_megabytes_of_one_cell_are_refused_unread(tmp_path, monkeypatch, size):
    path = crafted(tmp_path / "book.xlsx", "<row/>")
    content = parts(path)
    content.pop(SHEET)
    block = b"a" * MEGABYTE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as output:
        for name, part in content.items():
            output.writestr(name, part)
        with output.open(SHEET, "w", force_zip64=True) as sheet:
            for _ in range(size):
                sheet.write(block)
    read = []
    original = zipfile.ZipExtFile.read

    def counted(stream, size=-1):
        piece = original(stream, size)
        read.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert "looks like a zip bomb" in refusal(path)
    assert "unpacks to" in refusal(path, Limits(ratio=1e9, unpacked_bytes=size * MEGABYTE // 2))
    assert sum(read) < MEGABYTE


EXPLOSIVE = [
    "SEQUENCE(1048576,16384)",
    "SUM(SEQUENCE(1048576,1000))",
    "SUMPRODUCT((B1:XFD1048576)*(B1:XFD1048576))",
    'LEN(REPT("abcdefgh",1E9))',
    '{"' + '""' * 30,
    "(" * 120 + "1" + ")" * 120,
    "ZZZ9999999:ZZZ99999999+1",
    "'" * 3000,
    "{" * 3000,
    "[" * 9000,
]
SLOWLY = [*EXPLOSIVE[:-1], pytest.param(EXPLOSIVE[-1], marks=pytest.mark.slow)]


@pytest.mark.parametrize("formula", SLOWLY, ids=range(10))
def test_formulas_that_would_explode_end_in_an_error(tmp_path, formula):
    report = outcome(crafted(tmp_path / "book.xlsx", cell(formula.replace('"', "&quot;"))))
    assert report.formulas == 1


@pytest.mark.slow
@pytest.mark.parametrize("formula", EXPLOSIVE, ids=range(10))
def test_formulas_that_would_explode_end_soon(tmp_path, formula):
    path = crafted(tmp_path / "book.xlsx", cell(formula.replace('"', "&quot;")))
    started = time.process_time()
    outcome(path)
    assert time.process_time() - started < 5


def test_names_that_multiply_are_not_followed(tmp_path):
    names = "".join(
        f'<definedName name="nn_{depth}">'
        + "+".join([f"nn_{depth + 1}"] * 100)
        + "+LAMBDA(x,x)(1)</definedName>"
        for depth in range(7)
    )
    report = outcome(crafted(tmp_path / "book.xlsx", cell("nn_0"), names))
    (problem,) = report.errors
    assert problem.reason == "the formula grows endlessly when its names are written out"


def test_cycles_show_num_and_say_why(tmp_path):
    cells = '<row r="1"><c r="A1"><f>B1+1</f></c><c r="B1"><f>A1+1</f></c></row>'
    report = outcome(crafted(tmp_path / "book.xlsx", cells))
    assert [str(problem.error) for problem in report.errors] == ["#NUM!", "#NUM!"]


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ('WEBSERVICE("http://localhost/")', "calls WEBSERVICE, which reaches outside"),
        ('_xlfn.WEBSERVICE("http://localhost/"&amp;A9)', "calls WEBSERVICE"),
        ("cmd|'/c calc'!A0", "is a DDE link to another program"),
        ("[1]Sheet1!A1", "refers to another workbook"),
        ("'C:\\books\\[other.xlsx]Sheet1'!A1", "refers to another workbook"),
        ('RTD("server",,"topic")', "calls RTD, which reaches outside"),
        ('CALL("kernel32","WinExec","JCJ","calc",0)', "calls CALL, which reaches outside"),
        ('REGISTER.ID("kernel32","WinExec")', "calls REGISTER.ID"),
    ],
)
def test_what_reaches_outside_is_neither_followed_nor_lost(tmp_path, formula, sentence):
    cells = f'<row r="1"><c r="A1"><f>{formula}</f><v>7</v></c></row>'
    path = crafted(tmp_path / "book.xlsx", cells)
    report = outcome(path)
    assert sentence in report.kept["Sheet1!A1"]
    assert f"<f>{formula}</f><v>7</v>".encode() in parts(path.with_name("out.xlsx"))[SHEET]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (SHEET, "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"),
        (SHEET, "application/x-msdownload"),
    ],
)
def test_wrong_content_types_are_refused(tmp_path, part, kind):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    types = parts(path)["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml", kind.encode()
    )
    sentence = refusal(rebuilt(path, {"[Content_Types].xml": types}))
    assert f"{part} has the wrong content type {kind!r}" in sentence


def test_a_relationship_out_of_the_package_is_not_followed(tmp_path):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    links = parts(path)["xl/_rels/workbook.xml.rels"].replace(
        b'Target="worksheets/sheet1.xml"', b'Target="../../../../etc/passwd"'
    )
    assert "lacks the part" in refusal(rebuilt(path, {"xl/_rels/workbook.xml.rels": links}))


def test_macros_stay_and_are_not_run(tmp_path):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    rebuilt(path, extra=[("xl/vbaProject.bin", b"\xd0\xcf macros")])
    outcome(path)
    assert parts(path.with_name("out.xlsx"))["xl/vbaProject.bin"] == b"\xd0\xcf macros"


def test_limits_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("XLHEDGE_MAX_FILE_MB", "0.5")
    monkeypatch.setenv("XLHEDGE_MAX_SECONDS", "1.5")
    limits = Limits.from_environment()
    assert (limits.file_bytes, limits.seconds) == (MEGABYTE // 2, 1.5)
    assert limits.parts == Limits().parts
    for wrong in ("0", "-1", "many", "nan", "inf"):
        monkeypatch.setenv("XLHEDGE_MAX_PARTS", wrong)
        with pytest.raises(FileError, match="XLHEDGE_MAX_PARTS must be a positive number"):
            Limits.from_environment()


@pytest.mark.skipif(os.name == "nt", reason="the second process needs POSIX signals")
@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("XLHEDGE_MAX_SECONDS", "0.3", "takes longer than 0.3 s"),
        ("XLHEDGE_MAX_MEMORY_MB", "20", "needs more than 20 MB of memory"),
    ],
)
def test_the_command_line_ends_itself_at_a_limit(tmp_path, variable, value, sentence):
    count = 12_000
    rows = "".join(
        f'<row r="{row}"><c><v>{row}</v></c><c><f>SUMPRODUCT((A$1:A${count}&gt;A{row})'
        f"*(A$1:A${count}&lt;5))</f></c></row>"
        for row in range(1, count + 1)
    )
    path = crafted(tmp_path / "book.xlsx", rows)
    before = path.read_bytes()
    command = [sys.executable, "-m", "xlhedge", "recalc", str(path), "--in-place"]
    done = subprocess.run(
        command, env=os.environ | {variable: value}, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["book.xlsx"]
