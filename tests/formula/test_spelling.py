"""Our functions in the formulas of Excel's two kinds of add-ins."""

import pytest

from xlhedge.catalog import CATALOG, call, namespaced, stored
from xlhedge.formula.rewriting import calls_ours
from xlhedge.formula.spelling import Spelling, edited, edits
from xlhedge.formula.tokens import storage_name

BOTH = [
    ("LIQ_PRICE(A1)+1", "_xldudf_XLHEDGE_LIQ_PRICE(A1)+1"),
    ("IF(BETA (A1,B1)>0,BETA(A1,B1),)", None),
    ('_xlfn.LET(_xlpm.beta,1,_xlpm.beta*BETA(A1,"BETA(1)"))', None),
    ('XLHEDGE_WHY("LIQ_PRICE",1)', '_xldudf_XLHEDGE_WHY("LIQ_PRICE",1)'),
    ("T[BETA(x)]+'BETA(1)'!A1+ETA(1)", "T[BETA(x)]+'BETA(1)'!A1+ETA(1)"),
    ("Sheet1!BETA(1)+_xldudf_CONTOSO_BETA(1)", "Sheet1!BETA(1)+_xldudf_CONTOSO_BETA(1)"),
]


def respelled(formula, spelling, taken=()):
    """A formula with our functions in another spelling."""
    return edited(formula, edits(formula, spelling, taken))


@pytest.mark.parametrize(("vba", "office"), BOTH)
def test_a_formula_goes_from_one_spelling_to_the_other_and_back(vba, office):
    found = respelled(vba, Spelling.OFFICE_JS)
    assert office is None or found == office
    assert (found == vba) == ("XLHEDGE" not in found)
    assert respelled(found, Spelling.VBA) == vba
    assert respelled(found, Spelling.OFFICE_JS) == found
    assert respelled(vba, Spelling.VBA) == vba


@pytest.mark.parametrize(
    "text",
    [
        "[1]!BETA(1)", "'C:\\add ins\\[1]xlhedge.xlam'!BETA(1)", "xlhedge.xlam!BETA(1)",
        "xlh_beta(1)", "XLHEDGE.BETA(1)", "_xldudf_xlhedge_beta(1)", "[2]!_xldudf_XLHEDGE_BETA(1)",
    ],
)  # fmt: skip
def test_every_form_that_files_have_becomes_the_one_that_excel_writes(text):
    assert respelled(text, Spelling.OFFICE_JS) == "_xldudf_XLHEDGE_BETA(1)"


def test_a_function_of_the_workbooks_own_is_called_where_it_was_called():
    assert respelled("BETA(1)", Spelling.OFFICE_JS, {"BETA"}) == "BETA(1)"
    assert respelled("_xldudf_XLHEDGE_BETA(1)", Spelling.VBA, {"BETA"}) == "XLH_BETA(1)"


def test_every_function_is_found_by_the_name_that_excel_shows_and_by_the_one_in_the_file():
    for name, spec in CATALOG.items():
        for text in (namespaced(name), stored(name), f"_xlfn.{stored(name)}", stored(name).lower()):
            assert storage_name(text) == name
            assert calls_ours(f"1+{text} (A1)")
        assert CATALOG[namespaced(name)] is spec
    assert not calls_ours("_xldudf_XLHEDGE_NO_SUCH(1)+_xldudf_OTHER_BETA(1)")


def test_why_understands_the_name_that_excel_shows():
    told = call("XLHEDGE_WHY", "XLHEDGE.LIQ_PRICE", -1, -70000, 7000, 0.005)
    assert told == "entry_price must be positive, got -70000"
