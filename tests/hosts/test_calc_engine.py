"""LibreOffice Calc as an engine: what it leaves as it was, and how it fails."""

from pathlib import Path

import pytest
from calc_helpers import calc, evaluated
from recalc_helpers import Book, assert_same_but_for_values, formulas, showcase, values

from xlhedge import CellError
from xlhedge.errors import FileError
from xlhedge.formula.rewriting import Place
from xlhedge.hosts.libreoffice.dialect import CalcRewriting, qualified
from xlhedge.recalc import Results, SheetResults, recalculate
from xlhedge.recalc.agreement import BothEngines, differences
from xlhedge.recalc.embedded import EmbeddedEngine


def rewritten(text, array=True):
    book = CalcRewriting({})
    return book.rewritten(text, Place("Sheet1", 1, 1), array=array).at(1, 1)


def test_an_empty_cell_reaches_our_functions_as_a_blank():
    assert rewritten("VOL_EWMA(B1,A1,1)") == (
        'VOL_EWMA(IF(ISBLANK(B1),"",B1),IF(ISBLANK(A1),"",A1),1)'
    )


def test_other_functions_and_omitted_arguments_stay_as_they_are():
    assert rewritten("SUM(A1,,HEDGE_TRADE(1,,2))") == "SUM(A1,,HEDGE_TRADE(1,,2))"


def test_a_formula_on_another_sheet_names_its_own():
    assert qualified("A1+Other!B2:C3+SUM(D4:D5)", "My sheet") == (
        "'My sheet'!A1+Other!B2:C3+SUM('My sheet'!D4:D5)"
    )


def test_differences_are_numbers_apart_other_errors_other_texts_and_missing_cells():
    def results(*cells):
        found = {(row, 1): cell for row, cell in enumerate(cells, 1) if cell != "missing"}
        return Results({"S": SheetResults(found)})

    first = results(1.0, 1.0, CellError.NUM, CellError.NA, "a", "", True, 2.0, 0.0)
    second = results(1 + 1e-12, 1 + 1e-8, CellError.NA, CellError.NA, "b", None, 1.0, "missing", "")
    told = [str(item) for item in differences(first, second)]
    assert told == [
        "S!A2: 1.0 and 1.00000001",
        "S!A3: #NUM! and #N/A",
        "S!A5: a and b",
        "S!A8: 2.0 and None",
        "S!A9: 0.0 and ",
    ]


@pytest.mark.calc
def test_everything_but_values_survives_and_a_second_run_changes_nothing(tmp_path):
    book = showcase(tmp_path / "book.xlsx")
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    recalculate(book, once, engine=calc())
    report = recalculate(once, twice, engine=calc())
    assert report.engine == "calc"
    assert_same_but_for_values(book, once)
    assert once.read_bytes() == twice.read_bytes()
    assert not report.changed
    assert values(once, "Dash Board")["B7"] == "ok"


@pytest.mark.calc
def test_a_spill_grows_shrinks_and_says_where_it_does_not_fit(tmp_path):
    path = tmp_path / "spill.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_dynamic_array_formula("A1", "=SEQUENCE(5)")
        sheet.write_dynamic_array_formula("B1:B9", "=SEQUENCE(3)")
        sheet.write_dynamic_array_formula("C1", "=SEQUENCE(3)")
        sheet.write("C3", "in the way")
        sheet.write_dynamic_array_formula("D1", "=SUM(_xlfn.ANCHORARRAY(A1))")
        sheet.write_dynamic_array_formula("E1", "=_xlfn.ANCHORARRAY(B1)*2")
    found = evaluated(calc(), path).sheets["Sheet1"]
    assert found.spills[1, 1] == (5, 1)
    assert found.spills[1, 2] == (3, 1)
    assert found.values[1, 3] is CellError.SPILL
    assert found.values[1, 4] == 15
    assert [found.values[row, 5] for row in (1, 2, 3)] == [2, 4, 6]
    assert not differences(evaluated(EmbeddedEngine(), path), evaluated(calc(), path))


@pytest.mark.calc
def test_nothing_is_fetched_from_outside_the_workbook(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("42\n")
    path = formulas(
        tmp_path / "f.xlsx",
        '=WEBSERVICE("http://127.0.0.1:9/")',
        f'=DDE("soffice","{secret}","A1")',
        "=[1]Sheet1!A1",
        f"='file://{secret}'#$Sheet1.A1",
        f'=COM.MICROSOFT.WEBSERVICE("file://{secret}")',
    )
    results = evaluated(calc(), path)
    assert 42.0 not in dict(results.sheets["Sheet1"].values.items()).values()
    assert {place[0] for _, place in results.kept} >= {1, 2, 3, 5}


@pytest.mark.calc
def test_a_function_that_calc_does_not_know_is_named(tmp_path):
    path = formulas(tmp_path / "f.xlsx", "=SUM(A1:A3)", "=ARRAYTOTEXT(A1:A3)")
    assert evaluated(calc(), path).unsupported == {"ARRAYTOTEXT": [("Sheet1", (2, 4))]}


@pytest.mark.calc
def test_both_engines_together_give_the_first_ones_values_and_every_difference(tmp_path):
    path = formulas(tmp_path / "f.xlsx", "=1/3", "=1=TRUE", '=TEXTBEFORE("a,b",",")')
    both = BothEngines(EmbeddedEngine(), calc())
    report = recalculate(path, tmp_path / "out.xlsx", engine=both)
    assert report.engine == "embedded and calc"
    assert [str(item) for item in both.differences] == ["Sheet1!D2: False and 1.0"]
    assert values(tmp_path / "out.xlsx")["D3"] == "a"


@pytest.mark.calc
def test_a_run_beyond_its_time_is_stopped_with_everything_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = formulas(tmp_path / "f.xlsx", "=1+1")
    with pytest.raises(FileError, match=r"did not finish within 0.3 seconds and was stopped"):
        recalculate(path, tmp_path / "out.xlsx", engine=calc(seconds=0.3))
    assert not (tmp_path / "out.xlsx").exists()
    assert not list(tmp_path.glob("xlhedge-*"))
    assert not [line for line in commands() if str(tmp_path) in line]


def commands():
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue


@pytest.mark.calc
def test_thousands_of_rows_and_hundreds_of_calls_agree(tmp_path):
    path, rows = tmp_path / "many.xlsx", 5000
    with Book(path) as book:
        data, sheet = book.add_worksheet("Data"), book.add_worksheet("Calls")
        for row in range(rows):
            data.write_row(row, 0, [-1 - row % 7, 60000 + row, 6000 + row % 900, 0.004])
        ranges = ",".join(f"Data!{column}1:{column}{rows}" for column in "ABCD")
        sheet.write_dynamic_array_formula(0, 0, rows - 1, 0, f"=LIQ_PRICE({ranges})")
        for row in range(200):
            cells = ",".join(f"Data!{column}{row + 1}" for column in "ABCD")
            sheet.write_dynamic_array_formula(row, 1, row, 1, f"=LIQ_PRICE({cells})")
    first, second = evaluated(EmbeddedEngine(), path), evaluated(calc(), path)
    assert len(list(second.sheets["Calls"].values.items())) == rows + 200
    assert not differences(first, second)
