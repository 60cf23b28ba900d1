"""Sheets are read and written row by row: little is held, and nothing of a sheet is lost."""

import io
import re
import tracemalloc

import pytest
from fill_helpers import by_xlsxwriter, table_csv
from recalc_helpers import formulas, parts, rebuilt, refusal, showcase

from benchmarks.formulas import book as ledger
from xlhedge.errors import FileError
from xlhedge.filling import fill
from xlhedge.recalc import recalculate, recalculated
from xlhedge.system.limits import Limits
from xlhedge.workbook.cells import Cells, read_cells
from xlhedge.workbook.package import Package
from xlhedge.workbook.parts import Parts
from xlhedge.workbook.reading import DATA, ROW
from xlhedge.workbook.xml import MAIN, Stream

PART = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path):
    cells = {"A1": 3, "A2": 4}
    path = formulas(tmp_path / "book.xlsx", "=A1*2", "=A2+1", "=SUM(D1:D2)", cells=cells)
    recalculate(path, in_place=True)
    return path


def swapped(text):
    """The first two rows in the other order."""
    return re.sub(rb'(<row r="1".*?</row>)(<row r="2".*?</row>)', rb"\2\1", text, flags=re.DOTALL)


def prefixed(text):
    """All names with a prefix of their own."""
    text = re.sub(rb"<(/?)(?=[a-z])(?!\?)", rb"<\1x:", text)
    return text.replace(b' xmlns="', b' xmlns:x="')


@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text,
        lambda text: text.replace(b"<row", b"\n  <!-- a > b --><row").replace(
            b"<c r", b"\n    <c r"
        ),
        lambda text: text.replace(b"</sheetData>", b"<!-- end --> </sheetData><!-- after -->"),
        lambda text: text.replace(b"<v>4</v>", b"<v>4</v><extLst><ext uri='1'/></extLst>"),
        lambda text: text.replace(b"<row", b'<row xmlns:z="urn:z" z:own="1"'),
        swapped,
        prefixed,
    ],
    ids=["usual", "spaces", "comments", "more", "attributes", "order", "prefix"],
)
def test_everything_but_values_stays_however_a_sheet_is_spelled(book, spelled):
    text = spelled(parts(book)[PART])
    old = rebuilt(book, {PART: text}).read_bytes()
    before = parts(recalculated(old)[0])[PART]
    assert before == text, "nothing changed, so that nothing is written"
    changed, report = recalculated(
        rebuilt(book, {PART: re.sub(rb"v>3<", b"v>30<", text)}).read_bytes()
    )
    assert report.changed
    after = parts(changed)[PART].replace(b"v>30<", b"v>3<", 1)
    after = after.replace(b"v>60<", b"v>6<").replace(b"v>65<", b"v>11<")
    assert after == text.replace(b"uri='1'", b'uri="1"')


@pytest.mark.parametrize("spill", [2, 6])
def test_a_calculated_sheet_is_known_as_its_file_has_it(tmp_path, spill):
    def known(package):
        return {one.sheet.name: list(one.held()) for one in read_cells(package)}

    seen, old = {}, showcase(tmp_path / "book.xlsx", spill=spill).read_bytes()
    for _ in range(2):
        content, report = recalculated(old, look=lambda package: seen.update(known(package)))
        assert seen == known(Package(content, "calculated"))
        old = content
    assert not report.changed


def test_rows_and_cells_out_of_order_are_read_as_if_in_order(book):
    text = parts(book)[PART]
    cells = re.sub(rb'(<c r="A1".*?</c>)(.*?)(<c r="D1".*?</c>)', rb"\3\2\1", text)
    package = Package.open(rebuilt(book, {PART: swapped(cells)}))
    held = Cells(package, package.worksheets[0])
    assert list(held.cells) == sorted(held.cells)
    assert [held.stored(place) for place in held.cells][:2] == [3, 6]


@pytest.mark.parametrize("row", ["1", "2"])
def test_a_row_that_comes_twice_is_refused_wherever_it_stands(book, row):
    again = f'<row r="{row}"/></sheetData>'.encode()
    text = parts(book)[PART].replace(b"</sheetData>", again)
    assert f"the row {row} comes twice" in refusal(rebuilt(book, {PART: text}))


def test_a_document_type_behind_a_long_comment_is_refused(book):
    long = b"?>\n<!--" + b"x" * 200_000 + b"--><!DOCTYPE x>"
    text = parts(book)[PART].replace(b"?>\n", long, 1)
    assert "document type" in refusal(rebuilt(book, {PART: text}))


@pytest.mark.parametrize(
    "entity", ['SYSTEM "file:///etc/passwd"', '"secret"', 'SYSTEM "http://localhost/x"']
)
def test_entities_are_not_read_row_by_row_either(entity):
    text = f"""<!DOCTYPE x [<!ENTITY a {entity}>]><worksheet xmlns="{MAIN[1:-1]}"><sheetData>
    <row r="1"><c r="A1"><v>&a;</v></c></row></sheetData></worksheet>"""
    seen = []
    stream = Stream(io.BytesIO(text.encode()), "book", DATA, ROW)
    with pytest.raises(FileError, match="document type"):
        seen.extend(row.findtext(f"{MAIN}c/{MAIN}v") for row in stream)
    assert not any(seen)


def test_too_many_elements_are_refused_while_they_are_read(book):
    elements = parts(book)[PART].count(b"<") - parts(book)[PART].count(b"</")
    limits = Limits(elements=elements - 1)
    assert f"{PART} has {elements} XML elements" in refusal(book, limits)


@pytest.fixture
def trees(monkeypatch):
    """The parts that were held as trees of elements, 20 times their XML."""
    seen = []
    original = Parts.tree
    monkeypatch.setattr(Parts, "tree", lambda self, part: seen.append(part) or original(self, part))
    return seen


def test_no_sheet_is_held_as_a_tree_while_a_table_is_filled(tmp_path, trees):
    book = by_xlsxwriter(tmp_path / "book.xlsx", totals=True)
    report = fill(book, {"Hist": table_csv(tmp_path / "rows.csv", 90)})
    assert (report.tables[0].after, report.charts, report.recalculation.changed) == (90, 1, True)
    assert not [part for part in trees if re.search(r"worksheets/[^/]*$", part)]


def test_a_book_of_formulas_takes_little_memory_beside_the_engine(tmp_path, trees):
    recalculated(ledger(tmp_path / "small.xlsx", 70).read_bytes())
    content = ledger(tmp_path / "ledger.xlsx", 2_800).read_bytes()
    tracemalloc.start()
    try:
        recalculated(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert PART not in trees
    # 1.4 times the XML, and what is the same for every size.
    assert peak < 3 * len(parts(content)[PART]) + 1_600_000
