"""Formulas as a person types them, put into the form that files hold."""

import html
import re
import zipfile

import pytest
from xlsxwriter.worksheet import Worksheet

from xlhedge.formula.tree import parse
from xlhedge.templates import TEMPLATES
from xlhedge.templates._formulas import _NEWER_FUNCTIONS, calls, computes_arrays, file_form


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("=A2#+'My sheet'!B3#", "=_xlfn.ANCHORARRAY(A2)+_xlfn.ANCHORARRAY('My sheet'!B3)"),
        ("=SORT(FILTER(a,b))", "=_xlfn._xlws.SORT(_xlfn._xlws.FILTER(a,b))"),
        ("=LET(x,1,y,x+1,x*y)", "=_xlfn.LET(_xlpm.x,1,_xlpm.y,_xlpm.x+1,_xlpm.x*_xlpm.y)"),
        ("=LAMBDA(x,x+1)(2)+x", "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(2)+x"),
        ('=LET(x,"x, #",x&"[@x]")', '=_xlfn.LET(_xlpm.x,"x, #",_xlpm.x&"[@x]")'),
        ("=[@spot]+[@[a b]]", "=T[[#This Row],[spot]]+T[[#This Row],[a b]]"),
        ("=History[@spot]", "=History[[#This Row],[spot]]"),
        ("=SUM([@[a]:[b]])", "=SUM(T[[#This Row],[a]:[b]])"),
        ("=SUM(T[#All],[x],T[[a]:[b]])", "=SUM(T[#All],T[x],T[[a]:[b]])"),
        ("=BASIS(a,b,)", '=BASIS(a,b,"")'),
        ("=LIQ_PRICE(a,b,c,,1)", '=LIQ_PRICE(a,b,c,"",1)'),
        ("=BASIS(BASIS(a,,1), ,c)", '=BASIS(BASIS(a,"",1),"",c)'),
        ("=IF(a,,1)+XLHEDGE_VERSION()", "=IF(a,,1)+XLHEDGE_VERSION()"),
        ("=A1:B2+#N/A+1.5e3", "=A1:B2+#N/A+1.5e3"),
        ("=STDEV.S(a)", "=_xlfn.STDEV.S(a)"),
    ],
)
def test_a_formula_takes_the_form_that_files_hold(typed, stored):
    assert file_form(typed, "T") == stored


def test_the_prefixed_functions_are_those_that_excel_prefixes():
    for name in sorted(_NEWER_FUNCTIONS):
        assert Worksheet()._prepare_formula(f"={name}(a)", True) == f"_xlfn.{name}(a)", name


def test_a_formula_that_is_in_file_form_stays_as_it_is():
    stored = file_form("=LET(n,COUNT(A2#),SORT(A2#)*n)")
    assert file_form(stored) == stored


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=BASIS(a,b)", True),
        ("=IF(a,BASIS(a,b),0)", True),
        ("=SUM(T[x])", True),
        ("=A1#", True),
        ("=SUM(A1:B2)", True),
        ("=LET(a,1,a)", True),
        ('="BASIS(#:["', False),
        ("=a+Sheet!B2", False),
    ],
)
def test_arrays_and_our_functions_are_told_from_plain_formulas(formula, expected):
    assert computes_arrays(formula) is expected


def test_calls_are_listed_with_their_arguments():
    assert calls('=F(a,G("x,y"),)') == [("F", ["a", 'G("x,y")', ""]), ("G", ['"x,y"'])]


def test_a_bracket_that_is_not_closed_is_refused():
    with pytest.raises(ValueError, match="closing parenthesis"):
        file_form("=SUM(T[x)")
    with pytest.raises(ValueError, match="closing parenthesis"):
        file_form("=BASIS(a,b")


FORMULAS = re.compile(
    r"<(f|formula|formula1|formula2|definedName|calculatedColumnFormula|xm:f|c:f)"
    r"(?: [^>]*)?>([^<]+)</\1>"
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_formula_of_a_template_is_one_that_excel_can_read(name, calculated_templates):
    path, found = calculated_templates(name)[0], set()
    with zipfile.ZipFile(path.parents[1] / path.name) as package:
        for part in package.namelist():
            if part.endswith(".xml"):
                found |= {text for _, text in FORMULAS.findall(package.read(part).decode())}
    assert len(found) > 20
    for text in found:
        parse(html.unescape(text))  # refuses what lacks a parenthesis


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_cell_of_a_template_keeps_its_value(name, calculated_templates):
    assert calculated_templates(name)[1].kept == {}
