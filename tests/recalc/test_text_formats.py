"""Numbers, dates and texts in the number formats of Excel."""

import pytest
from case_books import case_book, stored

from xlhedge.recalc import recalculated
from xlhedge.recalc.text_formats import formatted


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234.5, "0.00E+00", "1.23E+03"), (0.0001234, "##0.0E+0", "123.4E-6"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)"), (1234567, "#,##0", "1,234,567"),
        (1234567, '#,##0,"k"', "1,235k"), (12345678, "0.0,,", "12.3"),
        (12345678, '0.00,"k"', "12345.68k"), (1234567, "#,##0.0,", "1,234.6"),
        (12345, "0,.0", "12.3"), (0.5, "#.00", ".50"), (5, "000", "005"),
        (0, '0;-0;"none"', "none"), (-5, "0", "-5"), (-0.001, "0.00", "0.00"),
        (0.256, "0.0%", "25.6%"),
        (123456789, "(000) 000-0000", "(012) 345-6789"), (45000.75, "h:mm AM/PM", "6:00 PM"),
        (44197, "dddd, mmmm d, yyyy", "Friday, January 1, 2021"), (1.5, "[h]:mm:ss", "36:00:00"),
        (44197.55, "mm/dd/yy hh:mm:ss", "01/01/21 13:12:00"),
        (45000.123456, "hh:mm:ss.000", "02:57:46.598"), (45000.123456, "s.00", "46.60"),
        (0, "[s].000", "0.000"), (-1, "[h]", "-24"), (2958466, "[h]", "71003184"),
        (12345.678, "General", "12345.678"), (5, '[>3]"many";"few"', "many"), ("a", '"x"@', "xa"),
    ],
)  # fmt: skip
def test_numbers_and_dates_are_shown_in_excels_formats(value, pattern, text):
    assert formatted(value, pattern) == text


POWERS = [
    (12200000, "0.00E-##", "1.22E7"), (0.000122, "0.00E-##", "1.22E-4"),
    (12200000, "0.00E+##", "1.22E+7"), (3.14159, "0.00e+00", "3.14e+00"),
    (123456.789, "####.####e-#", "12.3457e4"), (0.0000123, "##.#E+0", "12.3E-6"),
    (123456.789, "#.#|e-|#", "1.2|e|5"), (0.00123, "#.#|e+|#", "1.2|e|-3"),
    (1.25e142, "#.##E+?", "1.25E+142"), (1.25e142, "0.0E+????", "1.3E+ 142"),
    (1.25e-142, "0.0E+000,00", "1.3E-00142"), (0, "##.#E+0", "00.E+0"), (0, "0E-0", "0E0"),
    (123456.789, "#,###.#e-0", "12.3e4"), (1234567.8, "#,######.#e-0", "1,234,567.8e0"),
    (123456.789, "#%e-#", "1%e5"), (123456.789, "#,e-#", "1e5"), (-123456, "<0E+0>", "-<1E+5>"),
    (9.96, "0.0E+0", "1.0E+1"), (1000, ".0E+0", ".1E+4"), (1e30, "0", "1" + "0" * 30),
]  # fmt: skip
FRACTIONS = [
    (23.75, "# #/#", "23 3/4"), (0.75, "# #/#", "3/4"), (-0.75, "# #/#", "-3/4"),
    (0, "# #/#", "0"), (1, "# #/#", "1"), (1, "# ?/?", "1    "), (0.75, "# ?/?", " 3/4"),
    (0.75, "? #/#", "  3/4"), (0.75, "0 #/#", "0 3/4"), (1, "# 0/#", "1 0/1"),
    (0, "# 0/#", "0/1"), (0, "? 0/#", "0 0/1"), (3.75, "#/#", "15/4"), (0, "?/?", "0/1"),
    (-18.0342967108386, "?/???", "-9991/554"), (23.75, "# ?0/000", "23  3/004"),
    (12.3, "# ??/??", "12  3/10"), (12.34, "# ??/16", "12  5/16"), (-1.2, "# ?/2", "-1    "),
    (0.99, "# ?/?", "1    "), (1234.5, "#,##0 ?/?", "1,234 1/2"), (0.3, "# ?/?", " 2/7"),
]  # fmt: skip
CONDITIONS = [
    (10, '[<10]0"x"', "10"), (9, '[<10]0"x"', "9x"), (10, '[< 10]0"x"', "10"),
    (-9, '[>-10]0"x"', "-9x"), (-11, '[=-10]0"x"', "-11"), (-11, '[<>-10]0"x"', "-11x"),
    (-20, '[<-10]0"x"', "20x"), (-2, "[>=-1]0;0", "2"), (-2, "[>=1]0;0", "-2"),
    (-10, '[<=-100]-0;"x"0', "x10"), (-3.96, "[>=100]0;[<=-100]-0;0.0", "-4.0"),
    (-3, "[>5]0;(0);0", "(3)"), (3, "0;[<5](0)", "3"), (5, "[Red]", "5"),
]  # fmt: skip
TIMES = [
    (3.14159, 's:m" at hour "[hh]', "53:23 at hour 75"), (3.14159, "[h] h:mm", "75 75:23"),
    (0.1, "[s] ss", "8640 8640"), (0.6, "h:mm a/p", "2:24 p"), (0.6, "h:mm A/P", "2:24 P"),
    (0, "yyyy-mm-dd dddd", "1900-01-00 Saturday"), (60, "d mmm yyyy", "29 Feb 1900"),
    (1, "ddd", "Sun"), (130.5, "mmmmmm hmmm", "May 12May"),
    (45000.5001, "dd.mm.yyyy hh:mm:ss.0", "15.03.2023 12:00:08.6"),
]  # fmt: skip
OTHERS = [
    (1e-9, "General", "0.000000001"), (-1e-8, "General", "-0.00000001"),
    (1e-10, "General", "1E-10"),
    (12345678912.3, "General", "12345678912"), (0.9999999999999, "General", "1"),
    (1234567, "?,?????????", "    1,234,567"), (0, "#.##0,00", ".000"), (-5, '"x"General', "-x5"),
    (12345, "0,x0", "1234x5"), (2500, "0.,", "3."), (-1, "x;@", "-x"), (5, '"x"@', "5"),
    (True, '0;0;0;"is "@', "is TRUE"), (False, ';;;"hi"', "hi"), (True, "0", "TRUE"),
    ("5", "0.00", "5"), ("a", '0;"is "@', "is a"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "pattern", "text"), [*POWERS, *FRACTIONS, *CONDITIONS, *TIMES, *OTHERS]
)
def test_formats_of_every_kind_show_what_excel_shows(value, pattern, text):
    assert formatted(value, pattern) == text


@pytest.mark.parametrize(
    ("value", "pattern", "said"),
    [
        (41181, "mm###", "only .0"), (1, "0 days", "only .0"), (0.5, "ss.0000", "only .0"),
        (1, "0E+", "after the E"), (1, "0/", "behind its stroke"), (1, "0.0 ?/?", "no decimals"),
        (1, '0"x', "not closed"), (1, "0.0 General", "a number or a date"),
        (1, "0@", "a text or a number"), (1, "0;@;0", "four sections"),
        (1, "0;0;0;@;0", "four sections"), (15, "[<10]0;[>20]0", "for that number"),
        (-1, "h:mm", "before the first"), (-1, "[s].000", "before the first"),
        (2958466, "yyyy", "after the year 9999"),
    ],
)  # fmt: skip
def test_formats_that_excel_refuses_are_refused(value, pattern, said):
    with pytest.raises(ValueError, match=said):
        formatted(value, pattern)


# 2 hours, 3 minutes and 4 seconds before the day 0 of a workbook.
BEFORE = {
    '=TEXT(A1,"[h]:mm:ss")': "-2:03:04", '=TEXT(A1,"[s].000")': "-7384.000",
    '=TEXT(A1,"s:m ""of"" [hh]")': "-4:3 of 02", '=TEXT(A1,"h:mm")': "-2:03",
    '=TEXT(A1,"[h]")': "-2",
}  # fmt: skip


@pytest.mark.parametrize("from_1904", [True, False])
def test_only_a_calendar_from_1904_shows_times_before_its_first_day(from_1904):
    cells = {f"B{row}": formula for row, formula in enumerate(BEFORE, 1)}
    case = {"sheets": {"S": {"A1": -7384 / 86400, **cells}}, "from_1904": from_1904}
    content, _ = recalculated(case_book(case))
    found = [stored(content)[f"S!{place}"] for place in cells]
    assert found == (list(BEFORE.values()) if from_1904 else ["#VALUE!"] * 4 + ["-2"])
