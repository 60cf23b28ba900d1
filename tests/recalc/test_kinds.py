"""Kinds of formulas that workbooks hold and engines calculate otherwise than Excel."""

import time

import openpyxl
import pytest
from case_books import STALE, case_book, stored

from xlhedge.cli import main
from xlhedge.recalc import Package, embedded, recalculated
from xlhedge.recalc.dependents import circles, depending
from xlhedge.recalc.embedded import LoadedWorkbook

NUMBERS = {"A1": 1, "A2": 2, "A3": 4, "B1": "x", "B2": "y", "B3": "x"}
FIVES = {
    "C1": 5, "C2": '="5"', "C3": "x", "D1": 1, "D2": 2, "D3": 4, "E1": "=1/(C1-5)", "E2": 1,
    "E3": 8,
}  # fmt: skip
LAST = {"A1": 5, "A2": "x", "A3": 9, "A4": "b", "A5": 3, "A6": True}
LAST |= {f"B{row}": row * 10 for row in range(1, 7)}
# Excel counts errors alone, and no text that reads like one.
ERRORS = {
    "A1": "=NA()", "A2": "#N/A", "A3": "=1/0", "A4": "x", "A5": 5, "A6": "=NA()",
    "B1": "x", "B2": "x", "B3": "x", "B4": "y", "B5": "y", "B6": "y",
    "C1": 1, "C2": 2, "C3": 4, "C4": 8, "C5": 16, "C6": 32,
}  # fmt: skip
OF_ERRORS = [
    ('COUNTIF(A1:A6,"#N/A")', 2), ('COUNTIF(A1:A6,"=#n/a")', 2), ('COUNTIF(A1:A6,"<>#N/A")', 4),
    ("COUNTIF(A1:A6,A1)", 2), ("COUNTIF(A1:A6,A2)", 2), ("COUNTIF(A1:A6,A3)", 1),
    ("COUNTIF(A1:A6,A4)", 1), ("COUNTIF(A1:A6,A5)", 1), ("COUNTIF(A1:A6,NA())", 2),
    ("COUNTIF(A:A,#DIV/0!)", 1), ('COUNTIFS(A1:A6,"#N/A",B1:B6,"x")', 1),
    ("COUNTIFS(B1:B6,B4,A1:A6,A6)", 1), ('SUMIF(A1:A6,"#N/A",C1:C6)', 33),
    ("SUMIF(A1:A6,A1,C1:C6)", 33), ('SUMIF(A1:A6,"#DIV/0!")', "#DIV/0!"),
    ('SUMIFS(C1:C6,A1:A6,"#N/A",B1:B6,"y")', 32), ('AVERAGEIF(A1:A6,"#N/A",C1:C6)', 16.5),
    ("AVERAGEIF(A1:A6,A6)", "#N/A"), ('MAXIFS(C1:C6,A1:A6,"#N/A")', 32),
    ('SUMPRODUCT(COUNTIF(A1:A6,{"#N/A","#DIV/0!"}))', 3),
]  # fmt: skip
KINDS = [
    ("a first sheet in capitals", {"SHEET1": {"A1": 2, "B1": "=SUM(A1,Sheet1!A1)"}}, {}, 4),
    ("a constant name", {"S": {"B1": "=rate*2"}}, {"names": {"rate": "=0.05"}}, 0.1),
    (
        "a name of a name of a range",
        {"S": {**NUMBERS, "D1": "=SUM(outer)"}},
        {"names": {"inner": "=OFFSET(S!$A$1,0,0,2,1)", "outer": "=inner"}},
        3,
    ),
    (
        "a reference before what a name holds",
        {"S": {**FIVES, "A1": "=SUM(all)+C1+D3", "B1": "=SUM(all)+D1+D3"}},
        {"names": {"all": "=S!$D$1:$D$3"}},
        12,
    ),
    ("a relative name", {"S": {**NUMBERS, "D2": "=above"}}, {"names": {"above": "=S!A1048576"}}, 0),
    (
        "a name's array",
        {"S": {**NUMBERS, "D1": "=SUM(twice)"}},
        {"names": {"twice": "=S!$A$1:$A$3*2"}},
        14,
    ),
    ("INDEX as a reference", {"S": {**NUMBERS, "D1": "=SUM(A1:INDEX(A1:A3,2))"}}, {}, 3),
    ("CHOOSE of ranges", {"S": {**NUMBERS, "D1": "=SUM(CHOOSE(2,A1:A2,A2:A3))"}}, {}, 6),
    ("a product of conditions", {"S": {**NUMBERS, "D1": '=SUMPRODUCT((B1:B3="x")*A1:A3)'}}, {}, 5),
    ("a row of the same row", {"S": {**NUMBERS, "D2": "=A:A*10"}}, {}, 20),
    ("a range beside the formula", {"S": {**NUMBERS, "D2": "=ROUND($A$1:$A$3,0)"}}, {}, 2),
    ("an array constant's sum", {"S": {**NUMBERS, "D1": "=SUM(LARGE(A1:A3,{1,2}))"}}, {}, 6),
    (
        "an array in SUMPRODUCT",
        {"S": {**NUMBERS, "D1": "=SUMPRODUCT(1/COUNTIF(B1:B3,B1:B3))"}},
        {},
        2,
    ),
    ("a logical match type", {"S": {**NUMBERS, "D1": "=MATCH(3,A1:A3,TRUE)"}}, {}, 2),
    (
        "a match type that is a cell",
        {"S": {**NUMBERS, "C1": False, "D1": "=MATCH(2,A1:A3,C1)"}},
        {},
        2,
    ),
    ("the last of several", {"S": {**NUMBERS, "D1": '=LOOKUP(2,1/(B1:B3="x"),A1:A3)'}}, {}, 4),
    (
        "a sum over sheets",
        {"S": {"A1": 1, "D1": "=SUM(S:U!A1,5)"}, "T": {"A1": 2}, "U": {"A1": 3}},
        {},
        11,
    ),
    ("a count of areas", {"S": {**NUMBERS, "D1": "=COUNT((A1:A2,A3))"}}, {}, 3),
    ("an intersection", {"S": {**NUMBERS, "D1": '=A1:B2 A2:C3&""'}}, {}, "#VALUE!"),
    ("a sum of an intersection", {"S": {**NUMBERS, "D1": "=SUM(A1:B2 A2:C3)"}}, {}, 2),
    ("a reversed range", {"S": {**NUMBERS, "D1": "=SUM(B3:A1)"}}, {}, 7),
    ("a false circle through COLUMNS", {"S": {"D1": "=COLUMNS($A1:D1)+ROW(D1)"}}, {}, 5),
    ("an untaken branch", {"S": {"A1": 0, "D1": "=IF(A1,D2,7)", "D2": "=D1+1"}}, {}, 7),
    (
        "a nested subtotal",
        {"S": {**NUMBERS, "A4": "=SUBTOTAL(9,A1:A3)", "D1": "=SUBTOTAL(9,A1:A4)"}},
        {},
        7,
    ),
    (
        "hidden rows",
        {"S": {**NUMBERS, "D1": "=SUBTOTAL(104,A1:A3)+SUBTOTAL(4,A1:A3)"}},
        {"hidden_rows": {"S": [3]}},
        6,
    ),
    (
        "an aggregate without errors",
        {"S": {**NUMBERS, "A2": "=NA()", "D1": "=AGGREGATE(9,6,A1:A3)"}},
        {},
        5,
    ),
    ("a blank beside", {"S": {"A1": 1, "D2": '=IF(A:A="","blank","full")'}}, {}, "blank"),
    (
        "a lookup in a lost range",
        {"S": {"D1": "=VLOOKUP(1,#REF!,MATCH(2,#REF!,0),0)"}},
        {},
        "#REF!",
    ),
    *(
        (f"errors as a criterion: {formula}", {"S": {**ERRORS, "D1": f"={formula}"}}, {}, wanted)
        for formula, wanted in OF_ERRORS
    ),
    *(
        (f"a product of {given}", {"S": {**NUMBERS, "D1": f"=SUMPRODUCT({given})"}}, {}, "#VALUE!")
        for given in (
            "2,A1:A3",
            "-2,A1:A3",
            "A1:A3,1/3",
            "SUM(A1:A2),A1:A3",
            "A1:A3/2,2",
            "A1:A3,A1",
        )
    ),
    ("a product of single values", {"S": {**NUMBERS, "D1": "=SUMPRODUCT(A2,-3)"}}, {}, -6),
    ("the type of an error", {"S": {"D1": "=TYPE(NA())+TYPE(1/0)+TYPE(5)"}}, {}, 33),
    ("a count of all, errors too", {"S": {**NUMBERS, "D1": "=COUNTA(A1:INDEX(A1:A3,9),5)"}}, {}, 2),
    ("a rate from a guess that cannot be", {"S": {"D1": "=IRR({-100,60,60},-1)"}}, {}, "#VALUE!"),
    ("a rate of losses", {"S": {"D1": "=ROUND(IRR({-100,20,20,10}),6)"}}, {}, -0.3051),
    ("one criterion counts blanks", {"S": {"A1": 1, "D1": '=COUNTIFS(A:A,"<>1")'}}, {}, 1048575),
    (
        "the next larger of unsorted cells",
        {"S": {**NUMBERS, "A1": 9, "D1": "=_xlfn.XLOOKUP(3,A1:A3,B1:B3,,1)"}},
        {},
        "x",
    ),
    (
        "the next smaller from the last cell",
        {"S": {**NUMBERS, "A3": 2, "D1": "=_xlfn.XLOOKUP(3,A1:A3,B1:B3,,-1,-1)"}},
        {},
        "x",
    ),
    (
        "no smaller cell",
        {"S": {**NUMBERS, "D1": '=_xlfn.XLOOKUP(0,A1:A3,B1:B3,"none",-1)'}},
        {},
        "none",
    ),
    (
        "a lookup to the left",
        {"S": {**NUMBERS, "D1": "=VLOOKUP(2,CHOOSE({1,2},A1:A3,B1:B3),2,FALSE)"}},
        {},
        "y",
    ),
    (
        "a lookup of a calculated number to the left",
        {"S": {**NUMBERS, "D1": "=VLOOKUP(SUM(A1,1),CHOOSE({1,2},A1:A3,B1:B3),2,FALSE)"}},
        {},
        "y",
    ),
    ("two columns chosen", {"S": {**LAST, "D1": "=SUM(CHOOSE({2,1},A1:A3,B1:B3))"}}, {}, 74),
    (
        "a count of a range that is computed",
        {"S": {**LAST, "D1": "=COUNT(A1:INDEX(A:A,5))"}},
        {},
        3,
    ),
    ("a count of an error", {"S": {**NUMBERS, "D1": "=COUNT(A1:A3,1/0,5)"}}, {}, 4),
    ("a count of a failed call", {"S": {**NUMBERS, "D1": "=COUNT(A1:A3,LN(-1),A1)"}}, {}, 4),
    (
        "a count up to a cell that does not exist",
        {"S": {**NUMBERS, "D1": "=COUNT(A1,A2:INDEX(A1:A3,4))"}},
        {},
        1,
    ),
    (
        "an error at a range's end",
        {"S": {**NUMBERS, "D1": '=IF(ISERROR(MAX(INDEX(A1:A3,4):A3)=1),"lost","")'}},
        {},
        "lost",
    ),
    (
        "nothing found for a range's end",
        {"S": {**NUMBERS, "D1": "=IFNA(SUM(A1:INDEX(A1:A3,MATCH(9,A1:A3,0))),-1)"}},
        {},
        -1,
    ),
    (
        "each cell up to one that is found",
        {"S": {**NUMBERS, "D1": "=SUMPRODUCT((A1:INDEX(A:A,3)>1)*A1:OFFSET(A1,2,0))"}},
        {},
        6,
    ),
    (
        "a range from a row that LET names",
        {"S": {**NUMBERS, "D1": "=_xlfn.LET(_xlpm.k,A2,SUM(INDEX(A1:A3,_xlpm.k):A3))"}},
        {},
        6,
    ),
    (
        "a parameter called as a variable around it",
        {
            "S": {
                **NUMBERS,
                "D1": "=_xlfn.LET(_xlpm.k,A2,SUM(_xlfn.LAMBDA(_xlpm.k,_xlpm.k*2)(A1:A3))+_xlpm.k)",
            }
        },
        {},
        16,
    ),
    (
        "a range between two that XLOOKUP finds",
        {
            "S": {
                **NUMBERS,
                "D1": "=SUM(_xlfn.XLOOKUP(2,A1:A3,A1:A3):_xlfn.XLOOKUP(4,A1:A3,A1:A3))",
            }
        },
        {},
        6,
    ),
    (
        "each of several rows",
        {"S": {**LAST, "D1": "=SUMPRODUCT(INDEX(B1:B5,N(IF(1,{1,3}))))"}},
        {},
        40,
    ),
    ("the number behind a link", {"S": {**LAST, "D1": '=HYPERLINK("#A1",A1)+1'}}, {}, 6),
    ("the last number of a column", {"S": {**LAST, "D1": "=MATCH(1E+306,A:A)"}}, {}, 5),
    ("the last text", {"S": {**LAST, "D1": '=INDEX(B:B,MATCH(REPT("z",9),A:A))'}}, {}, 40),
    (
        "a nearest value in unsorted cells",
        {"S": {**LAST, "D1": "=VLOOKUP(9,A1:B5,2,TRUE)"}},
        {},
        30,
    ),
    ("below the first cell", {"S": {**LAST, "D1": "=VLOOKUP(1,A1:B5,2)"}}, {}, "#N/A"),
    ("a text beside the number", {"S": {"A1": 5, "B1": '=COUNTIF(C1:C3,"<>5")', **FIVES}}, {}, 2),
    (
        "a text beside the number of a cell",
        {"S": {"A1": 5, "B1": '=SUMIFS(D1:D3,C1:C3,"<>"&A1,D1:D3,"<9")', **FIVES}},
        {},
        6,
    ),
    ("a sign before a blank", {"S": {"B1": '=COUNTIF(C1:C3,">"&A1)', **FIVES}}, {}, 0),
    ("a sum with an error", {"S": {"B1": "=SUMIF(C1:C3,5,E1:E3)", **FIVES}}, {}, "#DIV/0!"),
    (
        "a sum that begins at a cell",
        {"S": {"B1": "=AVERAGEIFS(E1:E3,C1:C3,5)+SUMIF(C1:C3,5,E1)", **FIVES}},
        {},
        "#DIV/0!",
    ),
    (
        "a sum of several criteria",
        {"S": {"B1": "=SUMPRODUCT(SUMIF(C1:C3,{5,6},E1:E3))", **FIVES}},
        {},
        "#DIV/0!",
    ),
    ("a sum beside an error", {"S": {"B1": '=SUMIF(C1:C3,"x",E1:E3)', **FIVES}}, {}, 8),
    (
        "a sum with an error by a calculated criterion",
        {"S": {"B1": "=SUMIF(C1:C3,MAX(C1:C3),E1:E3)", **FIVES}},
        {},
        "#DIV/0!",
    ),
    ("a formula of a blank", {"S": {"D1": "=A1"}}, {}, 0),
]


@pytest.mark.parametrize(("sheets", "more", "wanted"), [one[1:] for one in KINDS],
                         ids=[one[0] for one in KINDS])  # fmt: skip
def test_a_kind_has_excels_value(sheets, more, wanted):
    content, report = recalculated(case_book({"sheets": sheets, **more}))
    sheet, cells = next(iter(sheets.items()))
    place = next(place for place in ("B1", "D1", "D2") if str(cells.get(place, ""))[:1] == "=")
    assert stored(content)[f"{sheet}!{place}"] == wanted
    assert not report.kept
    assert STALE not in stored(content).values()


UNKNOWN = {
    "A1": '=_xll.QUOTE("BTC")', "A2": "=A1*2", "A3": "=IFERROR(MyMacro(1),0)", "A4": "=SUM(A1:A3)",
    "A5": "=1+1", "C1": 3, "C2": "=C1*2", "C3": "=MyMacro(C2)",
}  # fmt: skip
KEPT = {"Sheet1!A1": 5, "Sheet1!A2": 99, "Sheet1!A3": 7, "Sheet1!C3": 1}


def test_unknown_functions_keep_their_values_and_what_reads_them_is_listed():
    content, report = recalculated(case_book({"sheets": {"Sheet1": UNKNOWN}, "cached": KEPT}))
    values = stored(content)
    assert [values[f"Sheet1!A{row}"] for row in range(1, 6)] == [5, 10, 7, 22, 2]
    assert report.kept.keys() == {"Sheet1!A1", "Sheet1!A3", "Sheet1!C3"}
    assert report.depending.keys() == {"Sheet1!A2", "Sheet1!A4"}
    assert report.unsupported == {"QUOTE": ["Sheet1!A1"], "MYMACRO": ["Sheet1!A3", "Sheet1!C3"]}
    assert report.outdated == ["Sheet1!C3"]
    assert report.failing == list(report.kept)


def test_a_range_that_ends_at_what_the_engine_cannot_follow_keeps_its_value():
    end = '_xlfn.XLOOKUP(2,A1:A3,A1:A3,"none")'
    cells = {"D1": f"=SUM(A1:{end})", "D2": f"=COUNT(A1:{end})", "D3": "=D1+1"}
    book = case_book({"sheets": {"S": {**NUMBERS, **cells}}, "cached": {"S!D1": 3, "S!D2": 2}})
    content, report = recalculated(book)
    assert [stored(content)[f"S!D{row}"] for row in (1, 2, 3)] == [3, 2, 4]
    assert set(report.kept.values()) == {"has a range that ends at what XLOOKUP gives"}


@pytest.mark.parametrize("base", ["SUBTOTAL(9,", "N(", "SUMIF(", "COUNT("])
def test_several_ranges_at_once_are_kept_and_named(base):
    more = ',">0"' * (base == "SUMIF(")
    formula = f"=SUMPRODUCT({base}OFFSET(A1,ROW(A1:A3)-ROW(A1),0){more}))"
    content, report = recalculated(case_book({"sheets": {"S": {**NUMBERS, "D1": formula}}}))
    assert report.kept == {"S!D1": "gives several ranges where one is meant"}
    assert stored(content)["S!D1"] == STALE


@pytest.mark.parametrize(
    "call", ['_xll.QUOTE("BTC")', "Book1.xlam!MyMacro(1)", 'GETPIVOTDATA("Sum",$H$1,"Coin","BTC")']
)
@pytest.mark.parametrize("form", ["{}", "IFERROR({},0)", "SUM(1,IF(ISERROR({}),0,{}))"])
def test_a_cell_keeps_its_value_wherever_an_unknown_function_stands_in_it(call, form):
    cells = {"A1": f"={form.format(call, call)}", "A2": "=A1*2", "A3": "=A2+1", "A4": "=1+1"}
    book = case_book({"sheets": {"Sheet1": cells}, "cached": {"Sheet1!A1": 5}})
    content, report = recalculated(book)
    values = stored(content)
    assert [values[f"Sheet1!A{row}"] for row in range(1, 5)] == [5, 10, 11, 2]
    assert report.kept.keys() == set(report.failing) == {"Sheet1!A1"}
    assert report.depending.keys() == {"Sheet1!A2", "Sheet1!A3"}


def test_a_kept_cell_without_a_value_shows_name(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    book.active["A1"] = '=_xll.QUOTE("BTC")'
    book.active["A2"] = "=A1+1"
    book.save(tmp_path / "book.xlsx")
    content, report = recalculated((tmp_path / "book.xlsx").read_bytes())
    assert stored(content)["Sheet1!A1"] == stored(content)["Sheet1!A2"] == "#NAME?"
    assert "calls QUOTE, which is not known here" in report.errors[0].reason
    assert report.errors[1].reason == "comes from Sheet1!A1"


@pytest.mark.parametrize(
    ("names", "code"), [({}, 1), ({"expected_errors": "=Sheet1!$A$1:$C$3"}, 0)]
)
def test_strict_fails_on_kept_cells_except_those_that_a_name_expects(
    names, code, tmp_path, capsys, monkeypatch
):
    path = tmp_path / "book.xlsx"
    path.write_bytes(case_book({"sheets": {"Sheet1": UNKNOWN}, "cached": KEPT, "names": names}))
    monkeypatch.setattr("sys.argv", ["xlhedge", "recalc", str(path), "--in-place", "--strict"])
    ended = 0
    try:
        main()
    except SystemExit as end:
        ended = end.code or 0
    assert ended == code
    assert "kept its value" in capsys.readouterr().out


def test_a_formula_that_the_engine_refuses_does_not_refuse_the_book(monkeypatch):
    original = LoadedWorkbook._calculate

    def refusing(self, book):
        if book.get_formula("Sheet1", 2, 4):
            raise embedded._Refused(self._package, ValueError("no"))
        original(self, book)

    monkeypatch.setattr(LoadedWorkbook, "_calculate", refusing)
    cells = {**NUMBERS, "D1": "=A1+1", "D2": "=SUM(A1:A3)", "D3": "=D1*2", "D4": "=D2+1"}
    book = case_book({"sheets": {"Sheet1": cells}, "cached": {"Sheet1!D2": 70}})
    content, report = recalculated(book)
    values = stored(content)
    assert [values[f"Sheet1!D{row}"] for row in (1, 2, 3, 4)] == [2, 70, 4, 71]
    assert report.kept.keys() == {"Sheet1!D2"}


def test_a_session_follows_its_inputs_past_kept_cells():
    book = case_book({"sheets": {"Sheet1": UNKNOWN}, "cached": KEPT})
    session = LoadedWorkbook(Package(book))
    assert session.value("Sheet1", "A2") == 10
    session.set_value("Sheet1", "A1", 6.0)
    assert session.value("Sheet1", "A2:A5") == [[12], [7], [25], [2]]


def test_the_reason_of_an_error_is_found_inside_other_functions():
    cells = {"A1": -5, "D1": '=IF(A1<0,ROUND(SUM(RETURNS(A1:A2)),2),"")', "D2": "=D1"}
    _, report = recalculated(case_book({"sheets": {"Sheet1": cells}}))
    reasons = {one.address: one.reason for one in report.errors}
    assert reasons["D1"].startswith("prices")
    assert reasons["D2"] == "comes from Sheet1!D1"


@pytest.mark.parametrize("rows", [200, 400])
def test_the_steps_to_an_errors_source_grow_with_the_cells(rows, monkeypatch):
    steps = []
    from xlhedge.recalc import dependents

    original = dependents.bisect_left
    monkeypatch.setattr(dependents, "bisect_left", lambda *a: steps.append(1) or original(*a))
    fill = [[f"A1:A{rows}", "=NA()"], [f"B1:B{rows}", "=SUM($A$1:$A{r})"]]
    _, report = recalculated(case_book({"sheets": {"Sheet1": {"D1": 1}}, "fill": {"Sheet1": fill}}))
    assert len(report.errors) == 2 * rows
    assert report.errors[-1].reason == "comes from Sheet1!A1"
    assert len(steps) <= 3 * rows


def test_dependents_and_circles_of_a_chain_take_little_time():
    from xlhedge.formula.addresses import Area

    cells = [("S", (row, 1)) for row in range(1, 5001)]

    def reads(cell):
        row = cell[1][0]
        yield "S", Area(row - 1, 1, row - 1, 1) if row > 1 else Area(1, 2, 1, 2)
        yield "S", Area(1, 3, row, 4)

    started = time.process_time()
    assert len(depending([("S", (1, 2))], cells, reads)) == 5001
    assert list(circles(cells, reads)) == []
    assert [*circles(cells[:2], lambda _: [("S", Area(1, 1, 2, 1))])] == [cells[:2]]
    assert time.process_time() - started < 30
