"""Functions of Excel that are calculated here instead of in the engine."""

import math
from functools import partial

import numpy as np
import pytest
from case_books import case_book, stored
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st

from xlhedge.recalc import Package, recalculated
from xlhedge.recalc.embedded import LoadedWorkbook
from xlhedge.recalc.functions import FUNCTIONS
from xlhedge.recalc.lookup_cures import SEARCHED
from xlhedge.workbook.cells import read_cells
from xlhedge.workbook.writing import write_cells


def shown(formulas, cells, **more):
    """The values of formulas in column Z."""
    placed = {f"Z{row}": formula for row, formula in enumerate(formulas, 1)}
    content, report = recalculated(case_book({"sheets": {"Sheet1": {**cells, **placed}}, **more}))
    assert not report.kept
    values = stored(content)
    return [values[f"Sheet1!Z{row}"] for row in range(1, len(formulas) + 1)]


TREES = {
    f"{column}{row}": value
    for column, values in {
        "A": ["Tree", "=Apple", None, "Tree", "Apple", "Pear", "Cherry", "Apple", "Pear", "Apple"],
        "B": ["Height", ">10", None, "Height", 18, 12, 13, 14, 9, 8],
        "C": ["Age", None, None, "Age", 20, 12, 14, 15, 8, 9],
        "D": ["Yield", None, None, "Yield", 14, 10, 9, 10, 8, 6],
        "E": ["Profit", None, None, "Profit", 105, 96, 105, 75, 76.8, 45],
        "F": ["Height", "<16"],
    }.items()
    for row, value in enumerate(values, 1)
    if value is not None
}
TREES["A2"] = "'=Apple"
# Each row is the example on the function's page in Microsoft's reference of Excel functions.
DOCUMENTED = [
    ("=GCD(24,36)", 12), ("=GCD(7,1)", 1), ("=LCM(5,2)", 10), ("=LCM(24,36)", 72),
    ("=CEILING(2.5,1)", 3), ("=CEILING(-2.5,-2)", -4), ("=CEILING(-2.5,2)", -2),
    ("=CEILING(0.234,0.01)", 0.24), ("=FLOOR(3.7,2)", 2), ("=FLOOR(-2.5,-2)", -2),
    ("=FLOOR(2.5,-2)", "#NUM!"), ("=FLOOR(0.234,0.01)", 0.23),
    ("=_xlfn.CEILING.MATH(24.3,5)", 25), ("=_xlfn.CEILING.MATH(-8.1,2)", -8),
    ("=_xlfn.CEILING.MATH(-5.5,2,-1)", -6), ("=_xlfn.FLOOR.MATH(-8.1,2)", -10),
    ("=_xlfn.FLOOR.MATH(-5.5,2,-1)", -4), ("=ROMAN(499,0)", "CDXCIX"),
    ("=ROMAN(499,1)", "LDVLIV"), ("=ROMAN(499,2)", "XDIX"), ("=ROMAN(499,3)", "VDIV"),
    ("=ROMAN(499,4)", "ID"), ('=_xlfn.ARABIC("mcmxii")', 1912),
    ("=MDETERM({1,3,8,5;1,3,6,1;1,1,1,0;7,3,10,2})", 88),
    ("=INDEX(MINVERSE({4,-1;2,0}),1,2)", 0.5), ("=INDEX(MMULT({1,3;7,2},{2,0;0,2}),2,1)", 14),
    ("=IPMT(0.1/12,1,36,8000)", -66.66666666666667),
    ("=IPMT(0.1,3,3,8000)", -292.4471299093654),
    ("=PPMT(0.1/12,1,24,2000)", -75.62318600836664),
    ("=CUMIPMT(0.09/12,360,125000,13,24,0)", -11135.2321307505),
    ("=CUMPRINC(0.09/12,360,125000,13,24,0)", -934.107123420867),
    ("=NETWORKDAYS(DATE(2012,10,1),DATE(2013,3,1))", 110),
    ("=NETWORKDAYS(DATE(2012,10,1),DATE(2013,3,1),DATE(2012,11,22))", 109),
    ("=WORKDAY(DATE(2008,10,1),151)", 39933), ('=VALUE("$1,000")', 1000),
    ("=COUPDAYBS(DATE(2011,1,25),DATE(2011,11,15),2,1)", 71),
    ("=COUPDAYS(DATE(2011,1,25),DATE(2011,11,15),2,1)", 181),
    ("=COUPDAYSNC(DATE(2011,1,25),DATE(2011,11,15),2,1)", 110),
    ("=COUPNCD(DATE(2011,1,25),DATE(2011,11,15),2,1)", 40678),
    ("=COUPPCD(DATE(2011,1,25),DATE(2011,11,15),2,1)", 40497),
    ("=COUPNUM(DATE(2007,1,25),DATE(2008,11,15),2,1)", 4),
    ("=DURATION(DATE(2018,7,1),DATE(2048,1,1),0.08,0.09,2,1)", 10.919145281591925),
    ("=MDURATION(DATE(2008,1,1),DATE(2016,1,1),0.08,0.09,2,1)", 5.735669813918838),
    ("=ROUND(VDB(2400,300,10*365,0,1),2)", 1.32), ("=VDB(2400,300,10*12,0,1)", 40),
    ("=VDB(2400,300,10,0,1)", 480), ("=ROUND(VDB(2400,300,10*12,6,18),2)", 396.31),
    ("=ROUND(VDB(2400,300,10*12,6,18,1.5),2)", 311.81), ("=VDB(2400,300,10,0,0.875,1.5)", 315),
    ("=ROUND(IRR({-70000,12000,15000,18000,21000,26000}),3)", 0.087),
    ("=ROUND(IRR({-70000,12000,15000},-0.1),3)", -0.444),
    ("=_xlfn.T.DIST(1,2.9,TRUE)-_xlfn.T.DIST(1,2,TRUE)", 0),
    ("=_xlfn.F.DIST(2,3.7,4.2,TRUE)-_xlfn.F.DIST(2,3,4,TRUE)", 0),
    ("=AGGREGATE(14,6,{1,3,2},1)", 3), ("=AGGREGATE(9,6,1,2)", 3),
    ("=SUM(_xlfn.MUNIT(3))", 3), ("=_xlfn.MUNIT(99999)", "#VALUE!"),
    ("=AGGREGATE(0,6,{1,2})", "#VALUE!"), ("=AGGREGATE(20,6,{1,2},1)", "#VALUE!"),
    ("=WORKDAY(DATE(1900,1,3),-24)", "#NUM!"), ("=WORKDAY(DATE(9999,12,1),999)", "#NUM!"),
    ("=VDB(1,0,3E6,0,3E6)", "#NUM!"), ("=VDB(1E5,0,1E5,99999,1E5,2,TRUE)<1", True),
    ("=CUMIPMT(1E-7,3E6,1,1,3E6,0)", "#NUM!"), ("=CUMPRINC(1E-7,3E6,1,2999990,3E6,0)<0", True),
]  # fmt: skip


def test_functions_give_the_values_of_their_pages():
    formulas, wanted = zip(*DOCUMENTED, strict=True)
    found = shown(formulas, {})
    pairs = zip(formulas, found, wanted, strict=True)
    assert [
        (formula, value, right)
        for formula, value, right in pairs
        if value != (pytest.approx(right, rel=1e-9, abs=1e-9) if type(right) is not str else right)
    ] == []


def test_an_error_among_the_payments_is_the_rate_that_is_shown():
    assert shown(
        ["=IRR({-70000,#N/A,90000})", "=IRR(A1:A3)"], {"A1": -1, "A2": "=1/0", "A3": 2}
    ) == [
        "#N/A",
        "#DIV/0!",
    ]


# As Excel itself shows them; its pages do not say it.
SHOWN = [
    ("=GCD(A1:A2)", 5), ("=LCM(A1,A3)", 15), ('=GCD({4,"6"})', 2), ("=LCM(A1,,2)", "#N/A"),
    ("=LCM(A1:B1)", 0), ("=LCM(A1,B1)", 15), ("=GCD(A4,2)", "#VALUE!"), ("=GCD(A1:A4)", "#VALUE!"),
    ("=GCD(A5,2)", "#VALUE!"), ("=GCD(B1,B2)", "#VALUE!"),
    ("=LCM(2147483647,1073741823,7)", "#NUM!"),
    ("=_xlfn.CEILING.MATH(0.4,0.0999999999999996)", 0.499999999999998),
    ("=_xlfn.CEILING.MATH(0.3,0.1)", 0.3),
    ("=_xlfn.CEILING.MATH(0.1,0.0999999999999996)", 0.0999999999999996),
    ("=_xlfn.FLOOR.MATH(-5,0.0999999999999996)", -5.09999999999998),
    ("=_xlfn.FLOOR.MATH(-1.1,0.0999999999999996)", -1.0999999999999956), ("=FLOOR(0.7,0.1)", 0.7),
]  # fmt: skip


def test_whole_numbers_and_multiples_are_those_that_excel_shows():
    cells = {"A1": 15, "A2": '="10"', "A3": '=" 3 "', "A4": True, "A5": "eight"}
    formulas, wanted = zip(*SHOWN, strict=True)
    found = shown(formulas, cells)
    assert found == [
        one if isinstance(one, str) else pytest.approx(one, rel=1e-13) for one in wanted
    ]


# As Excel saved them in the tests of the package xlcalculator 0.5.0 (BASES.xlsx, DATE.xlsx).
SAVED = [
    ("=DEC2BIN(-25,1)", "1111100111"), ("=DEC2OCT(-25,2)", "7777777747"),
    ("=DEC2HEX(-25,10)", "FFFFFFFFE7"), ("=DEC2HEX(-25,11)", "#NUM!"), ("=DEC2HEX(10,1)", "A"),
    ("=DEC2HEX(10,0)", "#NUM!"), ('=DEC2BIN("E",0)', "#NUM!"), ('=DEC2BIN("E",1)', "#VALUE!"),
    ('=DEC2BIN("")', "#VALUE!"), ('=BIN2OCT("")', "0"), ("=BIN2DEC(B9)", 0), ("=DEC2OCT(B9)", "0"),
    ('=BIN2HEX("E",0)', "#NUM!"), ("=OCT2HEX(10,1)", "8"), ("=BIN2OCT(10,1)", "2"),
    ('=HEX2BIN("a")', "1010"), ('=HEX2DEC("FFFFFFFFE7")', -25), ("=DATE(1900,1,-1)", "#NUM!"),
    ("=DATE(10000,1,1)", "#NUM!"), ("=DATE(-1,1,1)", "#NUM!"), ("=DATE(2009,14,1)", 40210),
    ("=DATE(2009,1,-1)", 39812), ("=DATE(2009,-1,1)", 39753),
]  # fmt: skip


def test_bases_and_dates_are_those_that_excel_saved():
    formulas, wanted = zip(*SAVED, strict=True)
    assert shown(formulas, {}) == list(wanted)


# What the pages of the functions say of an argument that is left out.
OMITTED = [
    ("=WORKDAY.INTL(F1,24,,F2)", 39756), ("=NETWORKDAYS.INTL(F1,F2,,F2)", 40),
    ("=_xlfn.CEILING.MATH(6.7,,1)", 7), ("=_xlfn.FLOOR.MATH(-6.7,,1)", -6),
    ("=VDB(2400,300,10,0,1,,TRUE)", 480), ("=FIXED(1234.567,,TRUE)", "1234.57"),
    ("=ADDRESS(1,2,,FALSE)", "R1C2"), ('=ADDRESS(1,2,,,"S")', "S!$B$1"), ("=TEXT(5,)", ""),
    ("=TEXT(5,0)", "5"), ("=SUM(_xlfn.SEQUENCE(,3))", 6), ("=SUM(TREND(A1:A3,,4))", 1),
    ("=SUM(TREND(B1:B3,A1:A3,))", 60), ("=INDEX(LINEST(A1:A3,,,TRUE),1,1)", -0.5),
    ("=SUM(GROWTH(A1:A3,,))", 5.526302470784151), ("=SUM(_xlfn.TAKE(A1:C3,,2))", 66),
    ("=SUM(_xlfn.TAKE(A1:C3,,-1))", 11), ("=SUM(_xlfn.DROP(A1:C3,,1))", 71),
    ("=SUM(_xlfn.TAKE(A1:C3,9))", 77), ("=SUM(_xlfn.DROP(A1:C3,-1,1))", 41),
    ("=_xlfn.TAKE(A1:C3,0)", "#CALC!"), ("=_xlfn.DROP(A1:C3,3)", "#CALC!"),
]  # fmt: skip


def test_an_argument_that_is_left_out_is_what_its_page_says():
    cells = {"A1": 3, "A2": 1, "A3": 2, "B1": 10, "B2": 20, "B3": 30, "C1": 5, "C2": 6}
    formulas, wanted = zip(*OMITTED, strict=True)
    found = shown(formulas, {**cells, "F1": 39722, "F2": 39778})
    assert found == [one if isinstance(one, str) else pytest.approx(one) for one in wanted]


# A2 is a text, B1 a number, F1:H1 texts that are not sorted.
TEXTS = [
    ('=LEFT("abcdef","2.9")', "ab"), ("=RIGHT(D1,A2)", "def"), ("=MID(D1,A2,2)", "cd"),
    ('=YEAR("1/2/2020")', 2020), ('=EDATE("2020-03-04",1)', 43925), ('=HOUR("10:30")', 10),
    ('=DATEDIF("1/1/2020","3/4/2020","d")', 63), ("=TIME(0,0,-1)", "#NUM!"),
    ("=TIME(25,0,0)", 1 / 24),
    ("=TIME(0,0,32768)", "#NUM!"), ('=TEXT(-1,"yyyy")', "#VALUE!"),
    ("=SUMPRODUCT(B1,B1:B2)", "#VALUE!"), ("=SUMPRODUCT(B1:B2,B1:C1)", "#VALUE!"),
    ("=SUMPRODUCT(B1:B2,B1:B2)", 20), ('=LOOKUP("DOUBLE",F1:H1)', "DOUBLE"),
    ('=LOOKUP("b",{"b",4.1,"a",1.1})', "a"), ('=LOOKUP("b",{TRUE,4.1,FALSE,"b"})', "b"),
    ('=LOOKUP(TRUE,{TRUE,FALSE,"a","b"})', False), ("=LOOKUP(2,{1,7;2,8;3,9},{4;5;6})", 5),
    ('=LOOKUP("S",{"I","D","B","S","R","A",1})', "S"),
]  # fmt: skip


# A1 to A5 are the texts below; American Excel's own reading of them.
READ = {"A1": "2020-01-02", "A2": "2-Jan-2021", "A3": 44000, "A4": "Jan 2, 1930 6:30 PM", "B1": "3"}
READINGS = [
    ("=YEAR(A2)", 2021), ("=HOUR(A4)", 18), ("=YEAR(A4)", 1930), ("=VALUE(A2)", 44198),
    ('=VALUE("1/1/1900")', 1), ('=VALUE("12/31/1899")', "#VALUE!"), ('=VALUE("3/1/00")', 36586),
    ('=VALUE("1 1/2")', 1.5), ('=VALUE("-2 3/4")', -2.75), ('=VALUE("1_000")', "#VALUE!"),
    ('=VALUE(" 2024-01-10")', "#VALUE!"), ('=VALUE(" 1:30 ")', 0.0625), ('=VALUE(" 10 ")', 10),
    ('=VALUE("23:99")', 23 / 24 + 99 / 1440), ('=VALUE("24:99")', "#VALUE!"),
    ('=VALUE("0:59:99")', 3639 / 86400), ('=VALUE("23:60:60")', "#VALUE!"),
    ('=VALUE("59:9999.0")', 13539 / 86400), ('=VALUE("23:59.")', 1439 / 1440),
    ('=VALUE("1,234,567.5")', 1234567.5), ('=VALUE("12,34")', "#VALUE!"),
    ('=VALUE("6 PM")', 0.75), ('=VALUE("13:00 PM")', "#VALUE!"), ('=VALUE("12:00 AM")', 0),
    ('=DATEVALUE("1-2-2020")', 43832), ('=DATEVALUE("6 PM")', "#VALUE!"), ("=DATEVALUE(A4)", 10960),
    ("=DATEVALUE(A3)", "#VALUE!"), ("=DATEVALUE(1/0)", "#DIV/0!"), ("=TIMEVALUE(A4)", 18.5 / 24),
    ('=TIMEVALUE("1/2/2020")', 0), ("=YEAR(INDEX(A1:A3,2))", 2021), ("=YEAR(+A2)", 2021),
    ("=YEAR(IF(B1=3,A1,A2))", 2021), ("=YEAR(IFERROR(A2,0))", 2021), ("=YEAR(1/0)", "#DIV/0!"),
    ("=SUMPRODUCT(--(YEAR(A1:A3)=2020))", 2), ("{=SUM(IF(MONTH(A1:A3)=1,1,0))}", 2),
    ('=SUMPRODUCT(LEN(LEFT("abcdef",{"1","2"})))', 3), ("=SUMPRODUCT(DAYS(A1:A3,A1))", 534),
    ("=YEAR(B9)", 1900), ("=LEFT(A1,LEN(B1)+B1)", "2020"), ("=LEFT(A1,B9)", ""),
]  # fmt: skip


def test_texts_of_dates_and_times_are_read_wherever_a_number_is_taken():
    formulas, wanted = zip(*READINGS, strict=True)
    assert shown(formulas, READ) == [
        one if isinstance(one, str) else pytest.approx(one) for one in wanted
    ]


def test_an_argument_that_may_be_a_text_is_calculated_once():
    case = {"sheets": {"S": {"A1": 1, "A2": 2, "B1": "=YEAR(LOOKUP(1,A1:A2))", "B2": "=DAY(A1+1)"}}}
    session = LoadedWorkbook(Package(case_book(case)))
    texts = [session.written_at(("S", place)).at(*place) for place in ((1, 2), (2, 2))]
    assert texts == ["YEAR(XLHEDGE.NUMBER(LOOKUP(1,A1:A2)))", "DAY(A1+1)"]


def test_texts_are_read_as_numbers_and_dates_and_shapes_are_compared():
    cells = {"A2": "3", "B1": 2, "B2": 4, "C1": 1, "D1": "abcdef"}
    cells |= {"F1": "DOUBLE", "G1": "INT", "H1": "AREA"}
    formulas, wanted = zip(*TEXTS, strict=True)
    assert shown(formulas, cells) == [
        one if isinstance(one, str) else pytest.approx(one) for one in wanted
    ]


def test_every_day_of_dates_has_its_number():
    formulas = ["=DATE(1900,1,1)", "=DATE(1900,2,29)", "=DATE(1900,3,1)", "=DATE(1899,12,31)"]
    formulas += ["=DATE(108,1,2)", "=DATE(9999,12,31)", "=DATE(9999,12,32)", "=DATE(1900,3,0)"]
    wanted = [1, 60, 61, 693962, 39449, 2958465, "#NUM!", 60]
    assert shown(formulas, {}) == wanted


# 1 October 2008, a Wednesday, is the number 38260 where day 0 is 1 January 1904.
FROM_1904 = [
    ("=A1", 38260), ('=TEXT(A1,"dddd, d mmmm yyyy")', "Wednesday, 1 October 2008"),
    ('=VALUE("2008-10-01")', 38260), ("=WORKDAY(A1,3)", 38265), ("=NETWORKDAYS(A1,A1+4)", 3),
    ("=NETWORKDAYS.INTL(A1,A1+4,7)", 3), ("=DATE(4,1,1)", 0), ("=DATE(3,1,1)", "#NUM!"),
    ("=DATE(1903,12,31)", "#NUM!"), ("=COUPPCD(A1,DATE(2012,2,29),2)", 38229),
    ("=SUMPRODUCT(WEEKDAY(A1:A3))", 15), ("=SUMPRODUCT(--(YEAR(A1:A3)=2008))", 3),
    ('=SUMPRODUCT(--(TEXT(A1:A3,"ddd")="Thu"))', 1),
]  # fmt: skip


def test_workbooks_that_count_from_1904_have_the_same_dates():
    formulas, wanted = zip(*FROM_1904, strict=True)
    cells = {"A1": "=DATE(2008,10,1)", "A2": "=A1+1", "A3": "=A1+2"}
    assert shown(formulas, cells, from_1904=True) == list(wanted)


@pytest.mark.parametrize(("later", "number"), [(True, 38260), (False, 39722)])
def test_a_date_in_iso_8601_is_the_same_date_in_both_calendars(later, number):
    cells = {"A1": 777, "A2": 888, "B1": "=A1", "B2": '=TEXT(A1,"yyyy-mm-dd")', "B3": "=A2*24"}
    package = Package(case_book({"sheets": {"S": cells}, "from_1904": later}))

    def dated(cell, text):
        cell.set("t", "d")
        cell[0].text = text

    texts = {(1, 1): "2008-10-01", (2, 1): "10:30:00"}
    (sheet,) = read_cells(package)
    write_cells(sheet, {place: partial(dated, text=text) for place, text in texts.items()})
    content, _ = recalculated(package.to_bytes())
    assert [stored(content)[f"S!{place}"] for place in ("A1", "B1", "B2", "B3")] == [
        number, number, "2008-10-01", 10.5,
    ]  # fmt: skip


# A1:A3 are numbers, B1:B3 the same as texts, as exports store them.
UNLIKE = [
    ('=MATCH("5",A1:A3)', "#N/A"), ('=VLOOKUP("5",A1:C3,3)', "#N/A"), ("=MATCH(5,B1:B3)", "#N/A"),
    ("=VLOOKUP(5,B1:C3,2)", "#N/A"), ("=VLOOKUP(2,A1:C3,3)", "#N/A"), ("=MATCH(5,A1:A3,1)", 2),
    ('=MATCH("5",B1:B3)', 2), ("=HLOOKUP(2,A1:C1,1)", "#N/A"), ("=VLOOKUP(2,A1:C3,4)", "#REF!"),
    ("=VLOOKUP(2,A1:C3,0)", "#VALUE!"),
]  # fmt: skip


def test_a_lookup_finds_no_text_among_numbers_and_asks_python_for_none(monkeypatch):
    monkeypatch.setitem(FUNCTIONS, SEARCHED, lambda *_: "asked")
    cells = {"A1": 3, "A2": 5, "A3": 7, "B1": '="3"', "B2": '="5"', "B3": '="7"', "C1": "x"}
    formulas, wanted = zip(*UNLIKE, strict=True)
    assert shown(formulas, cells) == list(wanted)


def test_a_database_is_searched_as_its_pages_say():
    criteria = {**TREES, "A2": "Apple", "A3": "Pear"}
    formulas = [
        '=DSUM(A4:E10,"Profit",A1:A2)', '=DSUM(A4:E10,"Profit",A1:F2)',
        '=DPRODUCT(A4:E10,"Yield",A1:F2)', '=DAVERAGE(A4:E10,"Yield",A1:B2)',
        "=DAVERAGE(A4:E10,3,A4:E10)", '=DSTDEV(A4:E10,"Yield",A1:A3)',
        '=DCOUNT(A4:E10,"Age",A1:F2)', '=DMAX(A4:E10,"Profit",A1:A3)',
        '=DGET(A4:E10,"Yield",A1:A3)',
    ]  # fmt: skip
    assert shown(formulas, criteria) == pytest.approx(
        [225, 75, 10, 12, 13, 2.9664793948382653, 1, 105, "#NUM!"], nan_ok=True
    )


@examples(60, 300)
@given(st.floats(1, 1e6), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=8))
def test_payments_are_worth_nothing_at_their_rate_of_return(paid, received):
    assume(1e-3 < sum(received) / paid < 1e3)  # else 1 + rate has few digits, or none is found
    flows = [-paid, *received]
    rate = FUNCTIONS["IRR"]([flows])
    worth = [flow / (1 + rate) ** time for time, flow in enumerate(flows)]
    assert math.fsum(worth) == pytest.approx(0, abs=1e-9 * sum(map(abs, worth)))


@examples(30, 100)
@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=6))
def test_gcd_divides_and_lcm_is_divided(numbers):
    divisor = FUNCTIONS["GCD"](*map(float, numbers))
    multiple = FUNCTIONS["LCM"](*map(float, numbers))
    assert all(divisor == 0 or number % int(divisor) == 0 for number in numbers)
    if isinstance(multiple, float):
        assert multiple == 0 if 0 in numbers else all(multiple % one == 0 for one in numbers)
    else:
        assert math.lcm(*numbers) >= 2**53
        assert multiple["kind"] == "Num"


@examples(3, 10)
@given(st.lists(st.tuples(st.integers(1, 3999), st.integers(0, 4)), min_size=20, max_size=20))
def test_arabic_reads_what_roman_writes(pairs):
    formulas = [f"=_xlfn.ARABIC(ROMAN({number},{form}))" for number, form in pairs]
    assert shown([*formulas, '=_xlfn.ARABIC("")'], {}) == [*(number for number, _ in pairs), 0]


@examples(30, 100)
@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_a_matrix_times_its_inverse_is_one(size, random):
    rows = [[random.uniform(-1, 1) + 3 * (i == j) for j in range(size)] for i in range(size)]
    product = FUNCTIONS["MMULT"](rows, FUNCTIONS["MINVERSE"](rows))
    assert np.allclose(product, np.eye(size), atol=1e-6)


@examples(30, 100)
@given(
    st.floats(0, 0.2, allow_subnormal=False),
    st.integers(1, 60),
    st.floats(-1e5, 1e5),
    st.sampled_from([0.0, 1.0]),
)
def test_interest_and_principal_repay_the_loan(rate, periods, present, due):
    principal = [
        FUNCTIONS["PPMT"](rate, float(n), float(periods), present, 0.0, due)
        for n in range(1, periods + 1)
    ]
    assert sum(principal) == pytest.approx(-present, rel=1e-6, abs=1e-6)
