"""A copy that holds values only, and cells that kept theirs while what they read has changed."""

import pytest
from fill_helpers import by_xlsxwriter, table_csv
from recalc_helpers import Book, opened, parts, rebuilt, showcase, values

from xlhedge.errors import FileError
from xlhedge.filling import fill
from xlhedge.recalc import recalculate


def test_a_copy_of_values_shows_the_same_and_holds_no_formula(tmp_path):
    book = showcase(tmp_path / "book.xlsx")
    recalculate(book, tmp_path / "full.xlsx")
    recalculate(book, tmp_path / "values.xlsx", values_only=True)
    for sheet in ("Inputs", "History", "Dash Board"):
        assert values(tmp_path / "values.xlsx", sheet) == values(tmp_path / "full.xlsx", sheet)
    for name, content in parts(tmp_path / "values.xlsx").items():
        if name.startswith("xl/worksheets/sheet"):
            assert b"<f" not in content.split(b"</sheetData>")[0], name
            assert b" cm=" not in content, name
        assert b"calculatedColumnFormula" not in content, name
    charts = [
        {name: text for name, text in parts(tmp_path / file).items() if "chart" in name}
        for file in ("values.xlsx", "full.xlsx")
    ]
    assert charts[0] == charts[1]
    again = recalculate(tmp_path / "values.xlsx", tmp_path / "again.xlsx")
    assert (again.formulas, again.changed) == (0, False)


def test_totals_become_values_too(tmp_path):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 5, totals=True)
    recalculate(book, tmp_path / "values.xlsx", values_only=True)
    table = parts(tmp_path / "values.xlsx")["xl/tables/table1.xml"]
    assert b"totalsRowFunction" not in table
    assert b'totalsRowCount="1"' in table
    assert opened(tmp_path / "values.xlsx")["Data"]["D10"].value == pytest.approx(
        values(tmp_path / "values.xlsx", "Data")["D10"]
    )


def test_a_book_is_never_robbed_of_its_formulas(tmp_path):
    book = showcase(tmp_path / "book.xlsx")
    before = book.read_bytes()
    with pytest.raises(FileError, match="would lose its formulas"):
        recalculate(book, in_place=True, values_only=True)
    assert book.read_bytes() == before


def test_fill_says_when_what_a_kept_cell_reads_has_changed(tmp_path):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 5)
    sheet = "xl/worksheets/sheet2.xml"
    stored = (
        b'<c r="A3"><f>_xll.FEED(Data!$D$5:$D$9)</f><v>7</v></c>'
        b'<c r="B3"><f>_xll.FEED(1)</f><v>8</v></c>'
    )
    text = parts(book)[sheet]
    start = text.index(b'<c r="A3">')
    end = text.index(b"</c>", start) + 4
    rebuilt(book, {sheet: text[:start] + stored + text[end:]})
    report = fill(book, {"Hist": table_csv(tmp_path / "rows.csv", 8)})
    assert set(report.recalculation.kept) == {"Other Sheet!A3", "Other Sheet!B3"}
    assert report.recalculation.outdated == ["Other Sheet!A3"]
    assert values(book, "Other Sheet")["A3"] == 7


def test_what_an_array_filled_stays(tmp_path):
    with Book(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_formula("A1", "=1+1")
        sheet.write_dynamic_array_formula("C1", "=SEQUENCE(3)")
    recalculate(tmp_path / "book.xlsx", tmp_path / "values.xlsx", values_only=True)
    assert values(tmp_path / "values.xlsx") == {"A1": 2, "C1": 1, "C2": 2, "C3": 3}
