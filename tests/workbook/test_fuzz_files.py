"""What the fuzz of files found, and a short round of it; the long one is `fuzz_files.py`."""

import os
import time

import pytest
from recalc_helpers import formulas, parts, rebuilt, refusal

from xlhedge.cli.cells import parse
from xlhedge.errors import FileError, InputError
from xlhedge.formula.tokens import tokenize

SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="commands are forked")
def test_mutants_are_done_or_refused_in_one_line(tmp_path):
    from fuzz_files import fuzz

    findings, ends = fuzz(150, 7, tmp_path, templates=False)
    assert findings == []
    assert len(ends) > 5


def test_a_zip_whose_directory_points_before_the_file_is_refused(tmp_path):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    content = path.read_bytes()
    path.write_bytes(content[:40] + content[71:])
    assert "is damaged" in refusal(path)


def test_the_reason_why_xml_cannot_be_read_is_on_one_line(tmp_path):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    wide = parts(path)[SHEET].decode().partition("?>")[2].encode("utf-16-le")
    rebuilt(path, {SHEET: b"\xef\xbb\xbf" + wide})
    assert f"{SHEET} is not well-formed XML" in refusal(path)


def test_damage_in_a_part_that_is_only_copied_is_refused(tmp_path):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    rebuilt(path, extra=[("xl/media/image1.png", b"picture")])
    content = path.read_bytes()
    last = content.rindex(b"image1.png")
    path.write_bytes(content[:last] + b"image1.pnG" + content[last + 10 :])
    assert "is damaged at xl/media/image1.pnG" in refusal(path)


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-7", "cp037"])
def test_a_document_type_does_not_hide_in_an_encoding_that_no_workbook_has(tmp_path, encoding):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
    content = text.encode("ascii" if encoding == "utf-7" else encoding)
    rebuilt(path, extra=[("docProps/other.xml", content)])
    assert "is neither UTF-8 nor UTF-16, as parts of workbooks are" in refusal(path)


def test_names_with_line_breaks_stay_in_one_line(tmp_path):
    path = formulas(tmp_path / "book.xlsx", "=1+1")
    sheet = parts(path)[SHEET].replace(b"<sheetData>", b"<x>").replace(b"</sheetData>", b"</x>")
    book = parts(path)["xl/workbook.xml"].replace(b'"Sheet1"', b'"a&#10;b"')
    rebuilt(path, {SHEET: sheet, "xl/workbook.xml": book})
    assert "is not a worksheet" in refusal(path)
    rows = tmp_path / "rows.csv"
    rows.write_text('"a\nb\x1b[31m\u2028",c\n1,2\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        parse(f"@{rows}:nothing")
    assert len(str(caught.value).splitlines()) == 1
    assert "\x1b" not in str(caught.value)
    assert str(FileError("a\r\nb")) == "a b"


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["{", "'", "''x", '{"', "[a'", "a!", "$A", '"'])
def test_the_longest_formula_of_unmatched_pieces_is_read_at_once(piece):
    text = (piece * 16_384)[:16_383]
    started = time.process_time()
    tokens = tokenize(text)
    assert time.process_time() - started < 2
    assert "".join(token.sheet + token.text for token in tokens) == text
