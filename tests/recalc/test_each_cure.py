"""Whether each cure and each function of ours is needed: without it a formula is not Excel's."""

import math

import pytest
from case_books import case_book, stored

from xlhedge.recalc import cures, lookup_cures, recalculated
from xlhedge.recalc.functions import FUNCTIONS

CELLS = {
    "A1": "Tree", "B1": "Age", "A2": "Apple", "B2": 14, "A3": "Appletree", "B3": 10, "A4": "Pear",
    "B4": 8, "D1": "Tree", "D2": "App", "F1": 2, "F2": 3, "F3": 5, "G1": 1, "G2": 3, "G3": 4,
}  # fmt: skip
DATABASE = {"AVERAGE": 12, "MAX": 14, "MIN": 10, "PRODUCT": 140, "STDEV": math.sqrt(8), "STDEVP": 2,
            "SUM": 24, "VAR": 8, "VARP": 4, "COUNT": 2, "COUNTA": 2, "GET": "#NUM!"}  # fmt: skip
ASKED = {"ISERR": False, "ISNA": True, "ISBLANK": False, "ISLOGICAL": False, "ISNONTEXT": True,
         "ISNUMBER": False, "ISTEXT": False, "ERROR.TYPE": 7}  # fmt: skip
# Degrees of freedom 2.7 count as 2, 4.2 as 4: χ² is exponential then, t and F are rational.
DEGREES = {
    "T.DIST.2T(1,2.7)": 1 - 1 / math.sqrt(3), "T.DIST.RT(1,2.7)": 0.5 - 0.5 / math.sqrt(3),
    "T.INV(0.9,2.7)": 0.8 * math.sqrt(2 / 0.36), "T.INV.2T(0.2,2.7)": 0.8 * math.sqrt(2 / 0.36),
    "CHISQ.DIST(2,2.7,TRUE)": 1 - math.exp(-1), "CHISQ.DIST.RT(2,2.7)": math.exp(-1),
    "CHISQ.INV(0.5,2.7)": math.log(4), "CHISQ.INV.RT(0.5,2.7)": math.log(4),
    "F.DIST.RT(2,2.7,4.2)": 0.25, "F.INV(0.75,2.7,4.2)": 2.0, "F.INV.RT(0.25,2.7,4.2)": 2.0,
}  # fmt: skip
TEXTS = {'DAY("2020-01-02")': 2, 'MINUTE("6:30 PM")': 30, 'SECOND("6:30:15 PM")': 15,
         'WEEKDAY("2020-01-02")': 5, 'WEEKNUM("2020-01-12")': 3, 'EOMONTH("2020-02-02",0)': 43890,
         'ISOWEEKNUM("2021-01-03")': 53, 'DAYS360("2020-01-02","2020-03-02")': 60,
         'YEARFRAC("2020-01-02","2020-07-02")': 0.5, 'RIGHT("choice","$2")': "ce",
         'MID("choice","$2",1)': "h"}  # fmt: skip
WHOLE = {"CEILING": 7, "FLOOR": 6}
OF_EACH = [
    *((FUNCTIONS, f"D{name}", f'D{name}(A1:B4,"Age",D1:D2)', v) for name, v in DATABASE.items()),
    *((cures._CURES, n, f"{n}(INDEX(F1:F3,NA()):F3)", value) for n, value in ASKED.items()),
    (cures._CURES, "IFNA", "IFNA(MAX(INDEX(F1:F3,NA()):F3),-1)", -1),
    *((cures._CHANGED, text.partition("(")[0], text, v) for text, v in (DEGREES | TEXTS).items()),
    (FUNCTIONS, "FLOOR.PRECISE", "FLOOR.PRECISE(6.3,0.1)", 6.3),
    (FUNCTIONS, "OCT2BIN", "OCT2BIN(7777777770,1)", "1111111000"),
    (FUNCTIONS, "OCT2HEX", "OCT2HEX(7777777770,1)", "FFFFFFFFF8"),
    (FUNCTIONS, "OCT2DEC", "OCT2DEC(H9)", 0),
    (FUNCTIONS, "DEC2HEX", "DEC2HEX(-25,1)", "FFFFFFFFE7"),
    (FUNCTIONS, "HEX2BIN", 'HEX2BIN("FFFFFFFFE7",1)', "1111100111"),
    (FUNCTIONS, "HEX2OCT", 'HEX2OCT("FFFFFFFFE7",1)', "7777777747"),
    (FUNCTIONS, "HEX2DEC", "HEX2DEC(H9)", 0),
    (FUNCTIONS, "NETWORKDAYS", 'NETWORKDAYS("2008-01-01",39458)', 9),
    (FUNCTIONS, "NETWORKDAYS.INTL", 'NETWORKDAYS.INTL("2008-01-01",39458)', 9),
    # Without interest each of 12.5 payments is 8; from 1.5 on, the second to the fifth count.
    (FUNCTIONS, "CUMPRINC", "CUMPRINC(0,12.5,100,1.5,5,0)", -32.0),
    (FUNCTIONS, "HYPERLINK", 'ISNUMBER(HYPERLINK("#A1",5))', True),
    (FUNCTIONS, "WORKDAY.INTL", "WORKDAY.INTL(1,-5)", "#NUM!"),
    (cures._CURES, "GCD", "GCD(F1,,2)", "#N/A"),
    (cures._OMITTED, "LOGEST", "INDEX(LOGEST(F1:F3,,TRUE),1,1)", math.sqrt(2.5)),
    *((cures._OMITTED, f"{n}.PRECISE", f"{n}.PRECISE(6.7,)", v) for n, v in WHOLE.items()),
    (cures._OMITTED, "ISO.CEILING", "ISO.CEILING(6.7,)", 7),
    (FUNCTIONS, "CEILING.PRECISE", 'CEILING.PRECISE(10,"2024-01-10")', 45301),
    (FUNCTIONS, "ISO.CEILING", 'ISO.CEILING(10,"2024-01-10")', 45301),
    (lookup_cures.LOOKUPS, "HLOOKUP", "HLOOKUP(1,#REF!,1,FALSE)", "#REF!"),
]


def shown(formula):
    content, _ = recalculated(case_book({"sheets": {"S": {**CELLS, "Z1": f"={formula}"}}}))
    return stored(content)["S!Z1"]


@pytest.mark.parametrize(("registry", "name", "formula", "wanted"), OF_EACH)
def test_without_it_a_formula_has_another_value(registry, name, formula, wanted, monkeypatch):
    assert shown(formula) == (pytest.approx(wanted) if type(wanted) is float else wanted)
    monkeypatch.delitem(registry, name)
    assert shown(formula) != (pytest.approx(wanted) if type(wanted) is float else wanted)
