"""Formulas as the engines get them."""

import random

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from xlhedge.formula.addresses import column_letters, column_number, parse_area
from xlhedge.formula.copying import shifted
from xlhedge.formula.evaluation import Evaluating
from xlhedge.formula.rewriting import Outside, Place
from xlhedge.formula.structured import DefinedName, Table
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.formula.tree import Unreadable, parse, write

TRADES = Table(
    name="Trades",
    sheet="My Sheet",
    part="xl/tables/table1.xml",
    area=parse_area("B2:D10"),
    header_rows=1,
    totals_rows=1,
    columns=("price", "unit cost ", "d'[]#"),
)
NAMES = [
    DefinedName("Prices", "Data!$A$1:$A$9", None),
    DefinedName("Costs", "Prices", None),
    DefinedName("Double", "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)", None),
    DefinedName("Loop", "_xlfn.LAMBDA(_xlpm.x,Loop(_xlpm.x))", None),
    DefinedName("Twice", "Data!$A$1:$A$9*2", None),
    DefinedName("Outer", "Data!inner", None),
    DefinedName("inner", "Data!$C$1", "Data"),
    DefinedName("inner", "Other!$C$1", "Other"),
    DefinedName("Left", "Other!XFD1", None),
    DefinedName("dyn2", "Data!$A$1:INDEX(Data!$A:$A,3)", None),
]
SHEETS = {name: name for name in ("My Sheet", "Data", "Other")}


def rewriting(names=NAMES):
    return Evaluating({"trades": TRADES}, names, SHEETS)


def formula(book, text, place, *, array):
    return book.rewritten(text, place, array=array).at(place.row, place.column)


def rewritten(text, sheet="My Sheet", row=4, column=3, *, array=False):
    return formula(rewriting(), text, Place(sheet, row, column), array=array)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(Trades[price])", "SUM('My Sheet'!$B$3:$B$9)"),
        ("SUM(trades[PRICE])", "SUM('My Sheet'!$B$3:$B$9)"),
        ("SUM(Trades[[price]:[unit cost ]])", "SUM('My Sheet'!$B$3:$C$9)"),
        ("SUM(Trades[unit cost])", "SUM('My Sheet'!$C$3:$C$9)"),
        ("SUM(Trades)", "SUM('My Sheet'!$B$3:$D$9)"),
        ("SUM(Trades[])", "SUM('My Sheet'!$B$3:$D$9)"),
        ("SUM(Trades[#All])", "SUM('My Sheet'!$B$2:$D$10)"),
        ("SUM(Trades[#Data])", "SUM('My Sheet'!$B$3:$D$9)"),
        ("Trades[[#Headers],[unit cost ]]", "'My Sheet'!$C$2"),
        ("Trades[[#Totals],[price]]", "'My Sheet'!$B$10"),
        ("SUM(Trades[[#Headers],[#Data],[price]])", "SUM('My Sheet'!$B$2:$B$9)"),
        ("SUM(Trades[[#Data],[#Totals],[price]])", "SUM('My Sheet'!$B$3:$B$10)"),
        ("SUM(Trades[[#All],[price]:[unit cost ]])", "SUM('My Sheet'!$B$2:$C$10)"),
        ("Trades[[#This Row],[price]]*2", "'My Sheet'!$B4*2"),
        ("Trades[[#This Row],price]*2", "'My Sheet'!$B4*2"),
        ("[@price]+[@[unit cost ]]", "'My Sheet'!$B4+'My Sheet'!$C4"),
        ("SUM(Trades[@[price]:[unit cost ]])", "SUM('My Sheet'!$B4:$C4)"),
        ("Trades[[#Headers],[d'''[']'#]]", "'My Sheet'!$D$2"),
        ("Trades[nothing]", "#REF!"),
        ('"Trades[price]"&Trades[[#Totals],[price]]', "\"Trades[price]\"&'My Sheet'!$B$10"),
    ],
)
def test_structured_references_become_a1_references(text, expected):
    assert rewritten(text) == expected


def test_this_row_outside_the_table_is_an_error():
    assert rewritten("Trades[@price]", row=40) == "#REF!"
    assert rewritten("Trades[@price]", sheet="Other") == "#REF!"
    assert rewritten("[@price]", column=9) == "#REF!"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(Prices)", "SUM(Data!$A$1:$A$9)"),
        ("Prices+1", "Data!$A4+1"),
        ("SUM(Twice)", "SUM((Data!$A$1:$A$9*2))"),
        ("Outer", "Data!$C$1"),
        ("Other!inner", "Other!$C$1"),
        ("inner", "@inner"),
        ("Left*2", "Other!B4*2"),
        ("SUM(dyn2)", "SUM((Data!$A$1:INDEX(Data!$A:$A,3)))"),
        ("SUM(data!A1)", "SUM(Data!A1)"),
        ("SUM('My Sheet:Other'!A1)", "SUM('My Sheet'!A1,Data!A1,Other!A1)"),
        ("SUM((A1,B2:B3),4)", "SUM(A1,B2:B3,4)"),
        (
            "Double(4)+1",
            "@LET(_xlpm.xlhedge_lambda,LAMBDA(_xlpm.x,_xlpm.x*2),_xlpm.xlhedge_lambda(4))+1",
        ),
    ],
)
def test_names_and_areas_are_written_out(text, expected):
    assert rewritten(text) == expected.replace("LAMBDA(", "_xlfn.LAMBDA(", 1)


@pytest.mark.parametrize(
    ("text", "plain", "array"),
    [
        ("ABS(A1:A5)", "ABS(A4)", 'XLHEDGE.LIFT("ABS","1",A1:A5)'),
        ("ABS(A1)", "ABS(A1)", "ABS(A1)"),
        ("A1:A5*2", "A4*2", "A1:A5*2"),
        ("A6:A9*2", "#VALUE!*2", "A6:A9*2"),
        ("A:A&B:B", "A4&B4", "A:A&B:B"),
        ("SUM(A1:A5)", "SUM(A1:A5)", "SUM(A1:A5)"),
        ("SUM(A1:A5*2)", "SUM(A4*2)", "SUM(A1:A5*2)"),
        ("SUM(IF(B1=1,A1:A3,C1:C3))", *["SUM(IF(B1=1,A1:A3,C1:C3))"] * 2),
        ("SUMPRODUCT(A1:A5*2)", *["SUMPRODUCT(A1:A5*2)"] * 2),
        ("SUMPRODUCT(ABS(A1:A5))", *['SUMPRODUCT(XLHEDGE.LIFT("ABS","1",A1:A5))'] * 2),
        ('SUM(COUNTIF(A1:A3,{"x","y"}))',
         *['SUM(XLHEDGE.LIFT("COUNTIF","01",A1:A3,{"x","y"}))'] * 2),
        ("INDEX((A1:A3=1)*B1:B3,2)", *["INDEX((A1:A3=1)*B1:B3,2)"] * 2),
        ("LOOKUP(2,1/(A1:A3=1),B1:B3)", *["LOOKUP(2,1/(A1:A3=1),B1:B3)"] * 2),
        ("CORREL(A1:A3,A1:A3^2)", *["CORREL(A1:A3,A1:A3^2)"] * 2),
        ("_xlfn.SINGLE(A1:A5)", "A4", "A4"),
        ("OFFSET($A$1:$F$1,0,0)", "@OFFSET($A$1:$F$1,0,0)", "OFFSET($A$1:$F$1,0,0)"),
        ("SUM(A1:INDEX(A:A,3))", *["SUM(A1:INDEX(A:A,3))"] * 2),
        ("SUM(A5:A1)", *["SUM(A1:A5)"] * 2),
        ("SUM(A1:C3 B2:D5)", *["SUM(B2:C3)"] * 2),
        ("SUM(A1:A2 C1:C2)", *["SUM(#NULL!)"] * 2),
        ("ROW(C4)+COLUMN()", *["(ROW()+0)+COLUMN()"] * 2),
        ("ROW(C$4)+COLUMN($C4)", *["4+3"] * 2),
        ("ROWS(C$1:C4)", *["((ROW()+0)-1+1)"] * 2),
        ("ROWS(C4:C$9)", *["(9-(ROW()+0)+1)"] * 2),
        ("ROWS(C1:C4)", *["4"] * 2),
        ("SUMPRODUCT(ROW(A2:A9))", *["SUMPRODUCT(SEQUENCE(8,1,(ROW()+-2)))"] * 2),
    ],
)  # fmt: skip
def test_arrays_and_single_values_are_written_out(text, plain, array):
    assert rewritten(text) == plain
    assert rewritten(text, array=True) == array


@pytest.mark.parametrize(
    "text",
    [
        "[2]Sheet1!A1", "'[2]A sheet'!A1", '_xlfn.WEBSERVICE("x")', "[3]!Name", "Loop(1)", "a|b!c",
        '_xll.BDP("x")', "RANK(1,(A1,A2))", "1+", "SUM(A1",
    ],
)  # fmt: skip
def test_what_cannot_be_calculated_here_is_told(text):
    with pytest.raises(Outside):
        rewritten(text)


def test_copied_formulas_shift_only_relative_references():
    text = 'SUM($A1:B$2,C:C,3:3,$D$4)&"A1"&Log10!A1&LOG10(A1)'
    assert shifted(text, 1, 2) == 'SUM($A2:D$2,E:E,4:4,$D$4)&"A1"&Log10!C2&LOG10(C2)'
    assert shifted("A1", -1, 0) == "#REF!"


@examples(30, 100)
@given(st.text(alphabet="AB1$:!'\"[]{}()#@,;. _x\\+-é|", max_size=40))
def test_any_text_survives_tokenizing_and_parsing(text):
    assert "".join(token.sheet + token.text for token in tokenize(text)) == text
    try:
        tree = parse(text)
    except (Unreadable, RecursionError):
        return
    assert write(parse(write(tree))) == write(tree)


@examples(30, 100)
@given(st.integers(1, 16384))
def test_column_letters_and_numbers_are_inverse(number):
    assert column_number(column_letters(number)) == number


COPIED = [
    "A1*2",
    "SUM($A$1:A1)+Prices",
    "Costs*2",
    "SUM(A$4:A1)+ROWS(A$4:A1)+B$3:B$7",
    "[@price]*Trades[[#Headers],[price]]",
    "Trades[@price]+SUM(Trades[price])",
    "XLHEDGE_WHY([@price],,XLHEDGE_VERSION())&A1:A5",
    'FILTER(A1:A9,B$1:B$9>"%d%%")',
    "SUMPRODUCT(ROW(A2:A9),A2:A9,ROW(A$3:A5))",
    "Double(A1)",
    "Beside+1",
    "OfRow+1",
    "Left+dyn2+$B:$B",
    "'My Sheet'!A1:INDEX(A:A,3)",
    "[[#Totals],[price]]",
    "A$2:$B5 B:B",
    "COLUMN(A1)*COLUMNS($A1:B2)",
    "SUM($C:A)+ROWS(A$4:A1)",
    "Trades[price]*2",
    "Trades[#Headers]&Trades[[#Totals],[price]]",
    "B$7:B$3+$D$1:$B$1",
]
BESIDE = [
    DefinedName("Beside", "XLHEDGE_WHY(Data!A1)", None),
    DefinedName("OfRow", 'XLHEDGE_WHY("x",Trades[@price])', None),
]


@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize("text", COPIED)
def test_a_copy_is_what_the_same_formula_becomes_without_the_first(text, array):
    together = rewriting([*NAMES, *BESIDE])
    for sheet in ("My Sheet", "Other"):
        for column in (1, 2, 4, 9):
            for row in (*range(1, 13), 40):
                copy, place = shifted(text, row, column), Place(sheet, row, column)
                alone = formula(rewriting([*NAMES, *BESIDE]), copy, place, array=array)
                assert formula(together, copy, place, array=array) == alone


def nearly_copied(text, columns):
    """The formula in a column further right but for one reference that stays, for each of them."""
    copied = [token.sheet + token.text for token in tokenize(shifted(text, 0, columns))]
    for index, token in enumerate(tokenize(text)):
        if token.kind is Kind.REFERENCE:
            yield "".join([*copied[:index], token.sheet + token.text, *copied[index + 1 :]])


@pytest.mark.parametrize("text", [*COPIED, "Prices+A1+B3", "B4*dyn2*A1:B2", "A1&Beside&C$3"])
def test_a_copy_but_for_one_reference_is_none(text):
    for other in nearly_copied(text, 2):
        book = rewriting([*NAMES, *BESIDE])
        formula(book, text, Place("My Sheet", 3, 4), array=True)
        place = Place("My Sheet", 3, 6)
        alone = formula(rewriting([*NAMES, *BESIDE]), other, place, array=True)
        assert formula(book, other, place, array=True) == alone


def test_most_copies_are_not_rewritten_anew(monkeypatch):
    book, first = rewriting(), []
    original = book._first
    monkeypatch.setattr(
        book, "_first", lambda *given, **named: first.append(given) or original(*given, **named)
    )
    for row in range(3, 10):
        formula(book, "[@price]*2", Place("My Sheet", row, 4), array=False)
        formula(book, shifted("SUM(A1:B2)*C1", row, 0), Place("Other", row, 4), array=False)
    assert len(first) == 2


@pytest.mark.parametrize("depth", [5, 20, 40])
def test_the_steps_of_nested_calls_grow_with_their_number(depth, monkeypatch):
    text = "x+1"
    for _ in range(depth):
        text = f"LAMBDA(x,{text})(x+1)"
    steps = []
    original = Evaluating.read
    monkeypatch.setattr(
        Evaluating, "read", lambda self, *given: steps.append(1) or original(self, *given)
    )
    rewritten(text, array=True)
    assert len(steps) < 20 * depth + 20


def test_a_sheet_that_the_engine_calls_otherwise_keeps_the_names_of_its_own():
    names = [DefinedName("rate", "SHEET1!$B$1", "SHEET1"), DefinedName("rate", "Data!$B$2", None)]
    book = Evaluating({}, names, {"SHEET1": "Sheet1", "Data": "Data"})
    assert formula(book, "SHEET1!rate*2", Place("Data", 1, 1), array=False) == "Sheet1!$B$1*2"
    assert formula(book, "rate*2", Place("SHEET1", 1, 1), array=False) == "Sheet1!$B$1*2"


def test_a_name_that_grows_endlessly_takes_no_room_from_the_others():
    names = [DefinedName(f"grow{i}", "+".join([f"grow{i + 1}"] * 9), None) for i in range(8)]
    book = rewriting([*names, DefinedName("grow8", "Data!$A$1", None), NAMES[0]])
    assert [one.name for one in book.plain_names()] == ["grow8", "prices"]


def test_a_refused_formula_is_refused_alike_for_each_copy():
    book = rewriting()
    depths = []
    for row in range(1, 30):
        with pytest.raises(Outside) as refused:
            formula(book, "WEBSERVICE(A1)", Place("Data", row, 2), array=True)
        depths.append(len(refused.traceback))
    assert len(set(depths[1:])) == 1


REFERENCES = [
    "{c}{r}", "${c}{r}", "{c}${r}", "${c}${r}:{c}{r}", "{c}${r}:${c}{r}", "{c}{r}:${c}${r}",
    "${c}${r}:${c}${r}", "${c}:{c}", "{r}:${r}", "Data!{c}{r}", "'My Sheet'!{c}{r}:${c}${r}",
    "Prices", "Left", "dyn2", "inner", "Beside", "OfRow", "[@price]", "Trades[price]",
]  # fmt: skip
FORMS = ["{}", "{}", "{}", "{}+{}", "({}&{})", "SUM({},{})", "IF({},{},{})", "ABS({})",
         "ROWS({})*{}", "INDEX({},{})", "MATCH({},{},0)", "SUMPRODUCT(({}={})*1)"]  # fmt: skip


def invented(chance, depth=2):
    """A formula of references of every kind, which may make no sense."""
    form = chance.choice(FORMS if depth else FORMS[:1])
    if form == "{}":
        text = chance.choice(REFERENCES)
        parts = [{"c": chance.choice("ABCDE"), "r": chance.randint(1, 7)} for _ in text.split(":")]
        return ":".join(
            one.format(**part) for one, part in zip(text.split(":"), parts, strict=True)
        )
    return form.format(*(invented(chance, depth - 1) for _ in range(form.count("{}"))))


@pytest.mark.parametrize("seed", range(60))
def test_what_a_book_has_rewritten_before_changes_no_formula(seed):
    chance, names = random.Random(seed), [*NAMES, *BESIDE]
    together, texts = rewriting(names), []

    def written(book, *given, array):
        try:
            return formula(book, *given, array=array)
        except Outside as problem:
            return str(problem)

    for _ in range(30):
        row, column, array = chance.randint(2, 8), chance.randint(1, 6), chance.random() < 0.3
        texts.append(invented(chance))
        text = chance.choice([shifted(chance.choice(texts), row - 2, column - 1), texts[-1]])
        text = chance.choice([text, *nearly_copied(chance.choice(texts), column - 1)])
        place = Place(chance.choice(["My Sheet", "Other"]), row, column)
        alone = written(rewriting(names), text, place, array=array)
        assert written(together, text, place, array=array) == alone, (text, place)
