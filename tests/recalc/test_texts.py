"""TEXTBEFORE, TEXTAFTER, TEXTSPLIT and ARRAYTOTEXT as Excel gives them."""

import pytest
from case_books import case_book, stored

from xlhedge.recalc import recalculated

CELLS = {"A1": "a the b the c", "A2": "one;two-three", "A3": 12.5, "A4": True}
PARTS = [
    ('=_xlfn.TEXTAFTER(A1,"the")', " b the c"), ('=_xlfn.TEXTBEFORE(A1,"the")', "a "),
    ('=_xlfn.TEXTAFTER(A1,"THE",2,1,0,"none")', " c"),
    ('=_xlfn.TEXTAFTER(A1,"THE",2,0,0,"none")', "none"), ('=_xlfn.TEXTAFTER(A1,"THE")', "#N/A"),
    ('=_xlfn.TEXTBEFORE(A1,"the",-2)', "a "), ('=_xlfn.TEXTBEFORE(A1,"the",-1.2)', "a "),
    ('=_xlfn.TEXTAFTER(A1,"the",1.6)', " b the c"), ('=_xlfn.TEXTAFTER(A1,"the",0)', "#VALUE!"),
    ('=_xlfn.TEXTAFTER(A1,"x",1,0,1)', ""), ('=_xlfn.TEXTBEFORE(A1,"x",1,0,1)', "a the b the c"),
    ('=_xlfn.TEXTAFTER(A1,"x",-1,,1)', "a the b the c"), ('=_xlfn.TEXTBEFORE(A1,"x",-1,,1)', ""),
    ('=_xlfn.TEXTBEFORE(A1,"x",2,,1,"none")', "none"), ('=_xlfn.TEXTAFTER(A1,"x",,,,B9)', ""),
    ('=_xlfn.TEXTAFTER(A1,"the",1,0,2)', "#VALUE!"), ('=_xlfn.TEXTAFTER(A1,"the",1,9)', "#VALUE!"),
    ('=_xlfn.TEXTAFTER("ab","abc",1)', "#VALUE!"), ('=_xlfn.TEXTAFTER("ab","abc")', "#N/A"),
    ('=_xlfn.TEXTAFTER(A2,{";","-"},2)', "three"),
    ('=_xlfn.TEXTBEFORE(A2,{";","-"},-1)', "one;two"),
    ("=_xlfn.TEXTAFTER(A3,1)", "2.5"), ('=_xlfn.TEXTBEFORE(A4,"r",,1)', "T"),
    ('=_xlfn.TEXTAFTER(A1,"the",1/0)', "#DIV/0!"),
    ('=_xlfn.TEXTAFTER(A1,"the",1,0,0,1/0)', " b the c"),
    ('=SUMPRODUCT(LEN(_xlfn.TEXTBEFORE(A1:A2,{"the",";"})))', 5),
    ("=_xlfn.ARRAYTOTEXT(A3:B4)", "12.5, , TRUE, "), ("=_xlfn.ARRAYTOTEXT(A3:A4,1)", "{12.5;TRUE}"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "wanted"), PARTS)
def test_a_text_is_parted_at_its_delimiters(formula, wanted):
    assert _shown(formula) == [[wanted]]


SPLITS = [
    ('=_xlfn.TEXTSPLIT("1,2;3,4",",",";")', [["1", "2"], ["3", "4"]]),
    ('=_xlfn.TEXTSPLIT("1,2;3",",",";")', [["1", "2"], ["3", "#N/A"]]),
    ('=_xlfn.TEXTSPLIT("1,2;3",",",";",,,"-")', [["1", "2"], ["3", "-"]]),
    ('=_xlfn.TEXTSPLIT("1,2.3",{",","."})', [["1", "2", "3"]]),
    ('=_xlfn.TEXTSPLIT("1,2.3",,{",",".",0})', [["1"], ["2"], ["3"]]),
    ('=_xlfn.TEXTSPLIT("1,,2",",")', [["1", "", "2"]]),
    ('=_xlfn.TEXTSPLIT("1,,2",",",,TRUE)', [["1", "2"]]),
    ('=_xlfn.TEXTSPLIT("1a2","A",,,1)', [["1", "2"]]),
    ('=_xlfn.TEXTSPLIT("1a2","A")', [["1a2"]]),
    ('=_xlfn.TEXTSPLIT("1","")', [["#VALUE!"]]),
    ('=_xlfn.TEXTSPLIT("1",B9)', [["#VALUE!"]]),
    ('=_xlfn.TEXTSPLIT("1",,B9)', [["#VALUE!"]]),
    ('=_xlfn.TEXTSPLIT("1",)', [["#VALUE!"]]),
    ('=_xlfn.TEXTSPLIT(A1:A2,"-")', [["a the b the c"], ["one;two"]]),
]


@pytest.mark.parametrize(("formula", "wanted"), SPLITS)
def test_a_text_is_split_into_rows_and_columns(formula, wanted):
    assert _shown(formula) == wanted


def _shown(formula):
    """The values of a formula in Z1 and what it spills."""
    content, report = recalculated(case_book({"sheets": {"S": {**CELLS, "Z1": formula}}}))
    assert not report.kept
    values = stored(content)
    rows = [
        [values[f"S!{column}{row}"] for column in ("Z", "AA", "AB") if f"S!{column}{row}" in values]
        for row in range(1, 4)
    ]
    return [row for row in rows if row]
