"""Formulas as the embedded engine gets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlhedge.formula.addresses import column_letters, column_number, parse_area
from xlhedge.formula.copying import shifted
from xlhedge.formula.lowering import Lowering, Outside
from xlhedge.formula.structured import DefinedName, Table
from xlhedge.formula.tokens import tokenize, untokenize

TRADES = Table(
    name="Trades",
    sheet="My Sheet",
    part="xl/tables/table1.xml",
    area=parse_area("B2:D10"),
    header_rows=1,
    totals_rows=1,
    columns=("price", "unit cost", "d'[]#"),
)
NAMES = [
    DefinedName("Prices", "Data!$A$1:$A$9", None),
    DefinedName("Double", "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)", None),
    DefinedName("Loop", "_xlfn.LAMBDA(_xlpm.x,Loop(_xlpm.x))", None),
]


def lowered(text, sheet="My Sheet", row=4, column=3, *, array=False):
    return Lowering({"trades": TRADES}, NAMES).formula(text, sheet, row, column, array=array)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(Trades[price])", "SUM('My Sheet'!$B$3:$B$9)"),
        ("SUM(trades[PRICE])", "SUM('My Sheet'!$B$3:$B$9)"),
        ("SUM(Trades[[price]:[unit cost]])", "SUM('My Sheet'!$B$3:$C$9)"),
        ("SUM(Trades)", "SUM('My Sheet'!$B$3:$D$9)"),
        ("SUM(Trades[])", "SUM('My Sheet'!$B$3:$D$9)"),
        ("SUM(Trades[#All])", "SUM('My Sheet'!$B$2:$D$10)"),
        ("SUM(Trades[#Data])", "SUM('My Sheet'!$B$3:$D$9)"),
        ("Trades[[#Headers],[unit cost]]", "'My Sheet'!$C$2"),
        ("Trades[[#Totals],[price]]", "'My Sheet'!$B$10"),
        ("SUM(Trades[[#Headers],[#Data],[price]])", "SUM('My Sheet'!$B$2:$B$9)"),
        ("SUM(Trades[[#Data],[#Totals],[price]])", "SUM('My Sheet'!$B$3:$B$10)"),
        ("SUM(Trades[[#All],[price]:[unit cost]])", "SUM('My Sheet'!$B$2:$C$10)"),
        ("Trades[[#This Row],[price]]*2", "'My Sheet'!$B4*2"),
        ("Trades[[#This Row],price]*2", "'My Sheet'!$B4*2"),
        ("[@price]+[@[unit cost]]", "'My Sheet'!$B4+'My Sheet'!$C4"),
        ("SUM(Trades[@[price]:[unit cost]])", "SUM('My Sheet'!$B4:$C4)"),
        ("Trades[[#Headers],[d'''[']'#]]", "'My Sheet'!$D$2"),
        ("Trades[nothing]", "#REF!"),
        ('"Trades[price]"&Trades[[#Totals],[price]]', "\"Trades[price]\"&'My Sheet'!$B$10"),
    ],
)
def test_structured_references_become_a1_references(text, expected):
    assert lowered(text) == expected


def test_this_row_outside_the_table_is_an_error():
    assert lowered("Trades[@price]", row=40) == "#REF!"
    assert lowered("Trades[@price]", sheet="Other") == "#REF!"
    assert lowered("[@price]", column=9) == "#REF!"


@pytest.mark.parametrize(
    ("text", "skipped", "expected"),
    [
        ('XLHEDGE_WHY("x",1)', set(), 'XLHEDGE.CALL(0,"x",1)'),
        ('XLHEDGE_WHY("x",,1,)', {1, 3}, 'XLHEDGE.CALL(0,"x",1)'),
        ("xlhedge_why(A1, ,(1,2))", {1}, "XLHEDGE.CALL(0,A1,(1,2))"),
        ("XLHEDGE_VERSION()", set(), "XLHEDGE.CALL(0)"),
        ("_xll.XLHEDGE_VERSION()", set(), "XLHEDGE.CALL(0)"),
        ("[1]!XLHEDGE_VERSION()", set(), "XLHEDGE.CALL(0)"),
    ],
)
def test_calls_of_our_functions_carry_their_site(text, skipped, expected):
    lowering = Lowering({}, [])
    assert lowering.formula(text, "S", 1, 1, array=True) == expected
    assert lowering.sites[0].skipped == skipped


def test_nested_calls_get_sites_of_their_own():
    lowering = Lowering({}, [])
    text = lowering.formula("XLHEDGE_WHY(XLHEDGE_VERSION(),2)", "S", 1, 1, array=False)
    assert text == "XLHEDGE.CALL(0,XLHEDGE.CALL(1),2)"
    assert [site.function for site in lowering.sites] == ["XLHEDGE_WHY", "XLHEDGE_VERSION"]


@pytest.mark.parametrize(
    ("text", "array", "expected"),
    [
        ("ABS(A1:A5)", False, "ABS(@A1:A5)"),
        ("ABS(A1:A5)", True, 'XLHEDGE.LIFT("ABS","1",A1:A5)'),
        ("ABS(A1)", True, "ABS(A1)"),
        ("A1:A5*2", False, "@A1:A5*2"),
        ("'My Sheet'!A1:A5*2", False, "@'My Sheet'!A1:A5*2"),
        ("Prices+1", False, "@Prices+1"),
        ("SUM(A1:A5)", False, "SUM(A1:A5)"),
        ("SUM(A1:A5*2)", False, "SUM(@A1:A5*2)"),
        ("SUMPRODUCT(A1:A5*2)", False, "SUMPRODUCT(A1:A5*2)"),
        ("SUMPRODUCT(ABS(A1:A5))", False, 'SUMPRODUCT(XLHEDGE.LIFT("ABS","1",A1:A5))'),
        ("SUMIFS(A:A,B:B,C1)", True, "SUMIFS(A:A,B:B,C1)"),
        ("SUMIFS(A:A,B:B,C1:C2)", True, 'XLHEDGE.LIFT("SUMIFS","001",A:A,B:B,C1:C2)'),
        ("_xlfn.SINGLE(A1:A5)", True, "@(@A1:A5)"),
        ("A1:INDEX(A1:A5,2)", False, "A1:INDEX(A1:A5,2)"),
        (
            "Double(4)+1",
            False,
            "LET(xlhedge_lambda_1,_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2),xlhedge_lambda_1(4))+1",
        ),
    ],
)
def test_arrays_and_single_values_are_written_out(text, array, expected):
    assert lowered(text, array=array) == expected


@pytest.mark.parametrize(
    "text",
    ["[2]Sheet1!A1", "'[2]A sheet'!A1", '_xlfn.WEBSERVICE("x")', "[3]!Name", "Loop(1)", "a|b!c"],
)
def test_what_reaches_outside_is_told(text):
    with pytest.raises(Outside):
        lowered(text)


def test_copied_formulas_shift_only_relative_references():
    text = 'SUM($A1:B$2,C:C,3:3,$D$4)&"A1"&Log10!A1&LOG10(A1)'
    assert shifted(text, 1, 2) == 'SUM($A2:D$2,E:E,4:4,$D$4)&"A1"&Log10!C2&LOG10(C2)'
    assert shifted("A1", -1, 0) == "#REF!"


@given(st.text(alphabet="AB1$:!'\"[]{}()#@,;. _x\\+-é|", max_size=40))
def test_any_text_survives_tokenizing(text):
    assert untokenize(tokenize(text)) == text


@given(st.integers(1, 16384))
def test_column_letters_and_numbers_are_inverse(number):
    assert column_number(column_letters(number)) == number


COPIED = [
    "A1*2",
    "SUM($A$1:A1)+Prices",
    "[@price]*Trades[[#Headers],[price]]",
    "Trades[@price]+SUM(Trades[price])",
    "XLHEDGE_WHY([@price],,XLHEDGE_VERSION())&A1:A5",
    'FILTER(A1:A9,B$1:B$9>"%d%%")',
    "SUMPRODUCT(ROW(A2:A9),A2:A9)",
    "Double(A1)",
    "Beside+1",
    "OfRow+1",
    "'My Sheet'!A1:INDEX(A:A,3)",
    "[[#Totals],[price]]",
    "UNHEARD(A1)",
]
BESIDE = [
    DefinedName("Beside", "XLHEDGE_WHY(Data!A1)", None),
    DefinedName("OfRow", 'XLHEDGE_WHY("x",Trades[@price])', None),
]


@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize("text", COPIED)
def test_a_copy_is_what_the_same_formula_becomes_without_the_first(text, array):
    tables, names = {"trades": TRADES}, [*NAMES, *BESIDE]
    together = Lowering(tables, names)
    places = [
        (sheet, row, column)
        for sheet in ("My Sheet", "Other")
        for column in (1, 2, 4, 9)
        for row in (*range(1, 13), 40)
    ]
    for sheet, row, column in places:
        copy = shifted(text, row, column)
        alone = Lowering(tables, names)
        alone.sites.extend(together.sites)
        suspects = len(together.suspects)
        written = alone.formula(copy, sheet, row, column, array=array)
        assert together.formula(copy, sheet, row, column, array=array) == written
        assert together.sites == alone.sites
        assert together.suspects[suspects:] == alone.suspects
        for function, cells in alone.functions.items():
            assert cells <= together.functions[function]


def test_most_copies_are_not_lowered_anew(monkeypatch):
    lowering = Lowering({"trades": TRADES}, NAMES)
    first = []
    original = lowering._first
    monkeypatch.setattr(
        lowering, "_first", lambda *given, **named: first.append(given) or original(*given, **named)
    )
    for row in range(3, 10):
        lowering.formula("[@price]*2", "My Sheet", row, 4, array=False)
        lowering.formula(shifted("SUM(A1:B2)*C1", row, 0), "Other", row, 4, array=False)
    assert len(first) == 2
