"""Headless recalculation from file to file."""

import math
from datetime import datetime

import openpyxl
import pytest
from case_books import case_book
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import (
    Book,
    assert_same_but_for_values,
    formulas,
    opened,
    parts,
    showcase,
    values,
)

from xlhedge import call
from xlhedge.errors import FileError
from xlhedge.recalc import Package, Results, SheetResults, recalculate
from xlhedge.recalc.embedded import LoadedWorkbook

PRICES = [100.0, 101.0, 99.0, 105.0, 104.0]


@pytest.fixture
def book(tmp_path):
    return showcase(tmp_path / "book.xlsx")


def recalculated(path, name="out.xlsx"):
    target = path.with_name(name)
    report = recalculate(path, target, overwrite=True)
    return target, report


def evaluated(tmp_path, *texts, cells=None, dynamic=True):
    """Values of formulas in column D, and the report."""
    path, report = recalculated(formulas(tmp_path / "f.xlsx", *texts, cells=cells, dynamic=dynamic))
    found = values(path)
    return [found.get(f"D{row}") for row in range(1, len(texts) + 1)], report


def test_everything_but_values_survives_recalculation_twice(book):
    once, _ = recalculated(book, "once.xlsx")
    twice, report = recalculated(once, "twice.xlsx")
    assert_same_but_for_values(book, once)
    assert once.read_bytes() == twice.read_bytes()
    assert not report.changed


def test_modern_excel_functions_and_tables_are_calculated(book):
    target, report = recalculated(book)
    found = values(target, "Dash Board")
    assert found["B1"] == 101
    assert found["B2"] == 1.9
    assert found["B4"] == 8
    assert found["B5"] == 20
    assert found["B6"] == "BTC, ETH "
    assert found["B7"] == "ok"
    assert found["B8"] == "#DIV/0!"
    assert values(target, "History")["D2"] == math.log(100)
    assert report.calls == 2
    assert report.formulas == 91


def test_a_function_of_ours_spills_what_call_gives(book):
    target, _ = recalculated(book)
    found = values(target, "Dash Board")
    prices = [[100.0 + row % 7] for row in range(40)]
    expected = [row[0] for row in call("RETURNS", prices)]
    assert [found[f"D{row}"] for row in range(1, 40)] == expected
    formula = opened(target)["Dash Board"]["D1"].value
    assert formula.ref == "D1:D39"


def test_a_spill_that_grows_and_shrinks_leaves_no_trace(tmp_path):
    small = showcase(tmp_path / "small.xlsx", spill=2)
    session_target, _ = recalculated(small)
    reference = session_target.read_bytes()
    current = session_target
    for rows in (6, 2):
        content = parts(current)
        name = "xl/worksheets/sheet1.xml"
        old = next(count for count in (2, 6) if f"<v>{count}</v>".encode() in content[name])
        package = Package.open(current)
        package.replace(
            name, content[name].replace(f"<v>{old}</v>".encode(), f"<v>{rows}</v>".encode())
        )
        changed = tmp_path / f"changed{rows}.xlsx"
        changed.write_bytes(package.to_bytes())
        current, _ = recalculated(changed, f"out{rows}.xlsx")
        found = values(current, "Dash Board")
        assert f"F{rows}" in found
        assert found[f"G{rows}"] == 2 * rows
        assert f"F{rows + 1}" not in found
    assert parts(current) == parts(reference)


def test_new_cells_of_a_spill_take_the_style_of_their_column(book):
    target, _ = recalculated(book)
    sheet = opened(target)["Dash Board"]
    assert sheet["F3"].font.bold
    assert not sheet["G3"].font.bold


def test_a_spill_never_overwrites_a_cell_in_its_way(tmp_path):
    (first, *_), report = evaluated(tmp_path, "=SEQUENCE(3)", cells={"D3": "mine"})
    assert first == "#SPILL!"
    assert values(tmp_path / "out.xlsx")["D3"] == "mine"
    assert str(report.errors[0]) == (
        "Sheet1!D1 #SPILL!: the result does not fit: other cells are in its way"
    )
    again, _ = recalculated(tmp_path / "out.xlsx", "again.xlsx")
    assert again.read_bytes() == (tmp_path / "out.xlsx").read_bytes()


def test_an_array_of_fixed_size_is_cut_or_filled_up(tmp_path):
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_column("H1", [1, 2, 3])
        sheet.write_array_formula("A1:B2", "{=H1:H3*1}")
        sheet.write_array_formula("D1:D4", "{=H1:H3*1}")
        sheet.write("D5", "below")
    target, _ = recalculated(path)
    found = values(target)
    assert [found["A1"], found["B1"], found["A2"], found["B2"]] == [1, 1, 2, 2]
    assert [found[f"D{row}"] for row in range(1, 6)] == [1, 2, 3, "#N/A", "below"]


def test_a_formula_not_stored_as_an_array_shows_one_value(tmp_path):
    cells = {f"A{row}": value for row, value in enumerate(PRICES, 1)}
    found, _ = evaluated(
        tmp_path, "=RETURNS(A1:A5)", "=A1:A5", "=A1:A5*2", "=ABS(A1:A5)", cells=cells, dynamic=False
    )
    assert found == [call("RETURNS", [[price] for price in PRICES])[0][0], 101, 198, 105]


def test_skipped_and_blank_arguments_are_left_out(tmp_path):
    returns = [[0.01 * (-1) ** row * (row % 5)] for row in range(120)]
    cells = {f"A{row}": item[0] for row, item in enumerate(returns, 1)}
    found, _ = evaluated(
        tmp_path,
        "=VAR_HISTORICAL(A1:A120,1000,,)",
        "=VAR_HISTORICAL(A1:A120,,0.9)",
        "=VAR_HISTORICAL(A1:A120,1000,B9)",
        '=VAR_HISTORICAL(A1:A120,1000,"")',
        cells=cells,
    )
    default = call("VAR_HISTORICAL", returns, 1000)
    assert found == [default, call("VAR_HISTORICAL", returns, None, 0.9), default, default]


@pytest.mark.parametrize(
    "prefix", ["_xll.", "_xludf.", "[1]!", "'C:\\add ins\\[1]xlhedge.xlam'!", "xlhedge.xlam!"]
)
def test_add_in_prefixes_before_our_functions_are_understood(tmp_path, prefix):
    (found,), report = evaluated(tmp_path, f'={prefix}XLHEDGE_WHY("XLHEDGE_VERSION")')
    assert found == "ok"
    assert not report.kept


def test_every_error_cell_has_a_sentence(tmp_path):
    cells = {"A1": 100.0, "A2": -5.0, "A3": 101.0}
    found, report = evaluated(
        tmp_path,
        "=SUM(RETURNS(A1:A3))",
        "=D1+1",
        "=1/0",
        "=NOSUCHFUNCTION(1)",
        '=MATCH("x",A1:A3,0)',
        "=NOSUCHNAME",
        '="a"*2',
        cells=cells,
    )
    assert found == ["#NUM!", "#NUM!", "#DIV/0!", 0, "#N/A", "#NAME?", "#VALUE!"]
    reasons = {problem.address: problem.reason for problem in report.errors}
    assert reasons["D1"].startswith("prices")
    assert reasons["D2"] == "comes from Sheet1!D1"
    assert reasons["D3"] == "a division by zero, or statistics of too few numbers"
    assert report.kept == {"Sheet1!D4": "calls NOSUCHFUNCTION, which is not known here"}
    assert reasons["D5"] == "a value that was looked for was not found"
    assert reasons["D6"] == "a name or function that is not known"
    assert report.unsupported == {"NOSUCHFUNCTION": ["Sheet1!D4"]}


def test_an_error_in_an_argument_is_traced_to_its_cell(tmp_path):
    cells = {f"A{row}": value for row, value in enumerate(PRICES, 1)}
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        for place, value in cells.items():
            sheet.write(place, value)
        sheet.write_formula("A6", "=NA()")
        book.define_name("Prices", "=Sheet1!$A$1:$A$6")
        sheet.write_formula("D1", "=SUM(RETURNS(Prices))")
    _, report = recalculated(path)
    reasons = {problem.address: problem.reason for problem in report.errors}
    assert reasons["D1"] == "comes from Sheet1!A6"


def test_a_circular_reference_is_named(tmp_path):
    found, report = evaluated(tmp_path, "=D2+1", "=D1+1", dynamic=False)
    assert found == ["#NUM!", "#NUM!"]
    reasons = {problem.reason for problem in report.errors}
    assert reasons == {"circular reference through Sheet1!D1, Sheet1!D2"}


def test_a_function_of_its_own_cell_is_a_circle_and_no_end_of_the_recalculation(tmp_path):
    _, report = evaluated(tmp_path, "=LIQ_PRICE(D1,1,1)", "=IF(1,LIQ_PRICE(-1,1,1),D2)")
    reasons = [problem.reason for problem in report.errors]
    assert reasons == [
        "circular reference through Sheet1!D1",
        "a text or a range where a number is needed",
    ]


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("=[1]Other!A1", "refers to another workbook"),
        ("='C:\\x\\[other.xlsx]S'!A1", "refers to another workbook"),
        ('=WEBSERVICE("http://localhost")', "calls WEBSERVICE, which reaches outside"),
        ('=RTD("a",,"b")', "calls RTD, which reaches outside"),
        ("=cmd|'/c calc'!A1", "is a DDE link"),
    ],
)
def test_cells_that_reach_outside_keep_their_value_and_are_listed(tmp_path, formula, reason):
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_formula("D1", formula, None, 42)
        sheet.write_formula("D2", "=D1*2")
    target, report = recalculated(path)
    assert values(target)["D1"] == 42
    assert values(target)["D2"] == 84
    assert report.kept["Sheet1!D1"].startswith(reason)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=SUM(ABS(A1:A5-102))", 11),
        ("=SUM(--ISNUMBER(A1:A6))", 5),
        ('=SUM(LEN(A1:A5&""))', 14),
        ("=SUM(ROUND(A1:A5/7,0))", 72),
        ("=SUM(COUNTIF(A1:A5,A1:A2))", 2),
        ("=SUM(SUMIFS(A1:A5,A1:A5,A1:A2))", 201),
        ("=SUM(XLOOKUP(A1:A2,A1:A5,A1:A5))", 201),
        ("=SUM(INDEX(A1:A5,SEQUENCE(2)))", 201),
        ("=SUM(LARGE(A1:A5,{1,2}))", 209),
        ("=SUM(ROW(A1:A5))", 15),
        ("=SUM(IFERROR(LN(A1:A6),0))", sum(math.log(price) for price in PRICES)),
        ("=SUMPRODUCT((MOD(A1:A5,2)=0)*A1:A5)", 204),
        ("=LAMBDA(x,y,x*y)(6,7)", 42),
        ("=SUM(A:A)", 509),
    ],
)
def test_functions_of_one_value_work_on_each_element(tmp_path, formula, expected):
    cells = {f"A{row}": value for row, value in enumerate(PRICES, 1)}
    (found,), _ = evaluated(tmp_path, formula, cells=cells)
    assert found == pytest.approx(expected, rel=1e-14)


def test_texts_are_stored_so_that_readers_get_them_back(tmp_path):
    found, _ = evaluated(
        tmp_path,
        '=" both "',
        '="a"&CHAR(10)&"b"',
        '="_x"&"0041_"',
        '="<&>"""',
        '=""',
        '="bell"&CHAR(7)',
        '="12"',
        "=TRUE",
        "=0.1+0.2",
        "=DATE(2024,1,2)",
    )
    assert [found[0], found[1], found[3]] == [" both ", "a\nb", '<&>"']
    assert found[4] in (None, "")
    assert found[6:] == ["12", True, 0.1 + 0.2, 45293]
    raw = parts(tmp_path / "out.xlsx")["xl/worksheets/sheet1.xml"]
    assert b'<v xml:space="preserve"> both </v>' in raw
    assert b"<v>_x005F_x0041_</v>" in raw
    assert b"<v>bell_x0007_</v>" in raw


def test_dates_and_booleans_reach_our_functions_as_numbers_and_booleans(tmp_path):
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, price in enumerate(PRICES):
            sheet.write(row, 0, datetime(2024, 1, row + 1), day)
            sheet.write(row, 1, price)
        sheet.write("A6", True)
        sheet.write("A7", "100")
        sheet.write_dynamic_array_formula("D1", "=SUM(RETURNS(A1:A5))")
        sheet.write_dynamic_array_formula("D2", "=RETURNS(A5:A6)")
        sheet.write_dynamic_array_formula("D3", "=RETURNS(A6:A7)")
    target, _ = recalculated(path)
    found = values(target)
    serials = [[45292.0 + row] for row in range(5)]
    assert found["D1"] == pytest.approx(sum(row[0] for row in call("RETURNS", serials)))
    assert found["D2"] == "#VALUE!"
    assert found["D3"] == "#VALUE!"


def with_cells(path, *rows):
    """A workbook whose first sheet has these rows of cells, as XML."""
    package, name = Package.open(path), "xl/worksheets/sheet1.xml"
    old = package.read(name)
    start, end = old.index(b"<sheetData>"), old.index(b"</sheetData>")
    cells = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, 1))
    package.replace(name, old[:start] + b"<sheetData>" + cells.encode() + old[end:])
    path.write_bytes(package.to_bytes())
    return path


def test_shared_formulas_are_written_out(tmp_path):
    first = '<f t="shared" si="0" ref="D1:D3">A1*$A$1</f>'
    rows = [
        f'<c r="A{row}"><v>{row + 1}</v></c><c r="D{row}">{formula}</c>'
        for row, formula in enumerate([first, *['<f t="shared" si="0"/>'] * 2], 1)
    ]
    path = with_cells(formulas(tmp_path / "f.xlsx", "=0"), *rows)
    target, _ = recalculated(path)
    assert [values(target)[f"D{row}"] for row in (1, 2, 3)] == [4, 6, 8]
    assert_same_but_for_values(path, target)


def test_a_cell_that_an_array_fills_may_have_an_empty_formula(tmp_path):
    array = '<c r="D1"><f t="array" ref="D1:D2">{3;4}</f><v>0</v></c>'
    member = '<c r="D2"><f/><v>0</v></c>'
    path = with_cells(formulas(tmp_path / "f.xlsx", "=0"), array, member)
    target, report = recalculated(path)
    assert [values(target)[place] for place in ("D1", "D2")] == [3, 4]
    assert (report.formulas, report.kept) == (1, {})


def test_the_1904_calendar_is_kept(tmp_path):
    path = tmp_path / "f.xlsx"
    book = openpyxl.Workbook()
    book.epoch = datetime(1904, 1, 1)
    book.active.title = "Sheet1"
    book.active["D1"] = "=DATE(1904,1,2)"
    book.active["D2"] = datetime(2024, 1, 2)
    book.active["D3"] = "=YEAR(D2)"
    book.save(path)
    target, _ = recalculated(path)
    assert b"<v>1</v>" in parts(target)["xl/worksheets/sheet1.xml"]
    assert values(target)["D3"] == 2024


@pytest.mark.parametrize("stored", [3.5, "text", True])
def test_a_circle_that_the_book_iterates_keeps_its_values_and_is_listed(stored, tmp_path):
    path = tmp_path / "f.xlsx"
    sheets = {"Sheet1": {"D1": "=D2+1", "D2": "=D1*0.5", "D3": '=D1&"!"', "D4": "=1+1"}}
    cached = {"Sheet1!D1": stored, "Sheet1!D2": 5}
    path.write_bytes(case_book({"sheets": sheets, "cached": cached, "iterate": True}))
    target, report = recalculated(path)
    found = values(target)
    assert (found["D1"], found["D2"], found["D4"]) == (stored, 5, 2)
    assert found["D3"] == f"{str(stored).upper()}!" if stored is True else f"{stored}!"
    assert report.kept.keys() == {"Sheet1!D1", "Sheet1!D2"}
    assert "circular reference through Sheet1!D1, Sheet1!D2" in report.kept["Sheet1!D1"]
    assert report.depending == {"Sheet1!D3": "Sheet1!D1"}
    assert not report.errors


def test_a_circle_without_stored_values_is_an_error(tmp_path):
    path = tmp_path / "f.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    book.active["D1"] = "=D1*0.5+1"
    book.calculation.iterate = True
    book.save(path)
    target, report = recalculated(path)
    assert values(target)["D1"] == "#NUM!"
    assert report.errors[0].reason == "circular reference through Sheet1!D1"


def test_an_unknown_array_without_stored_values_is_an_error_in_each_of_its_cells(tmp_path):
    path = tmp_path / "f.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    book.active["A1"] = ArrayFormula("A1:B2", "=_xll.QUOTES(1)")
    book.active["C1"] = "=B2"
    book.save(path)
    target, report = recalculated(path)
    found = values(target)
    assert [found[place] for place in ("A1", "B1", "A2", "B2", "C1")] == ["#NAME?"] * 5
    assert report.errors[0].reason == "the formula calls QUOTES, which is not known here"


def test_a_macro_book_keeps_its_project(tmp_path):
    project = tmp_path / "vbaProject.bin"
    project.write_bytes(b"not a real project")
    path = tmp_path / "f.xlsm"
    with Book(path) as book:
        book.add_vba_project(str(project))
        book.add_worksheet("Sheet1").write_formula("A1", "=1+1")
    target, _ = recalculated(path, "out.xlsm")
    assert values(target)["A1"] == 2
    assert parts(target)["xl/vbaProject.bin"] == b"not a real project"
    assert_same_but_for_values(path, target)


def test_functions_of_ours_inside_names_are_calculated(tmp_path):
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        book.define_name("Answer", '=XLHEDGE_WHY("XLHEDGE_VERSION")')
        sheet.write_formula("D1", '=Answer&"!"')
    target, _ = recalculated(path)
    assert values(target)["D1"] == "ok!"


def test_another_engine_needs_only_to_give_values(book):
    class Constant:
        name = "constant"

        def evaluate(self, package):
            return Results(sheets={"Dash Board": SheetResults(values={(1, 2): 7.0})})

    target = book.with_name("out.xlsx")
    report = recalculate(book, target, engine=Constant())
    assert report.engine == "constant"
    assert values(target, "Dash Board")["B1"] == 7
    assert_same_but_for_values(book, target)


def test_a_session_follows_changed_inputs(book):
    session = LoadedWorkbook(Package.open(book))
    assert session.value("Dash Board", "B1") == 101
    session.set_value("Inputs", "B3", "BTC")
    session.set_value("Inputs", "B2", 5.0)
    assert session.value("Dash Board", "B1") == 100
    assert session.value("Dash Board", "F5:G5") == [[9.0, 10.0]]


def test_progress_names_the_steps(book):
    steps = []
    report = recalculate(book, book.with_name("out.xlsx"), progress=steps.append)
    assert steps == ["reading", "calculating", "patching", "writing"]
    assert list(report.seconds) == steps


def test_the_source_is_only_replaced_on_request(book):
    before = book.read_bytes()
    with pytest.raises(FileError, match=r"name another file .*, or save in place"):
        recalculate(book)
    with pytest.raises(FileError, match="save in place"):
        recalculate(book, book)
    with pytest.raises(FileError, match="not both"):
        recalculate(book, book, in_place=True)
    assert book.read_bytes() == before
    recalculate(book, in_place=True)
    assert book.read_bytes() != before
    assert values(book, "Dash Board")["B4"] == 8


def test_a_target_that_exists_is_only_replaced_on_request(book):
    target = book.with_name("out.xlsx")
    target.write_text("precious")
    with pytest.raises(FileError, match="exists already"):
        recalculate(book, target)
    assert target.read_text() == "precious"
    recalculate(book, target, overwrite=True)
    assert values(target, "Dash Board")["B4"] == 8


def test_a_name_that_is_a_cell_here_and_a_range_there_fills_one_cell(tmp_path):
    path = tmp_path / "f.xlsx"
    with Book(path) as book:
        sheet, other = book.add_worksheet("Sheet1"), book.add_worksheet("Other")
        for row in range(3):
            sheet.write(row, 0, row + 1)
        book.define_name("rate", "=Sheet1!$A$1")
        book.define_name("Other!rate", "=Sheet1!$A$1:$A$3")
        for page in (sheet, other):
            page.write_formula("D1", "=rate")
            page.write_formula("D2", "=INDEX(Sheet1!$A$1:$A$3,0)")
            page.write_formula("E2", "=IF(ROW()=2,ROW(A7),0)")
    target, report = recalculated(path)
    for name in ("Sheet1", "Other"):
        found = values(target, name)
        assert found["D1"] == 1
        assert found["E2"] == 7
        assert "D3" not in found
    assert not report.unsupported
