"""The names that begin with XLH_: the same functions, known wherever the first ones are."""

import pytest
from recalc_helpers import formulas, values

import xlhedge.udfs
from xlhedge import CellError, call
from xlhedge.catalog import CATALOG, prefixed
from xlhedge.formula.rewriting import calls_ours
from xlhedge.hosts.excel import tooltips, vba
from xlhedge.hosts.libreoffice import bridge, render
from xlhedge.recalc import recalculate

PRICES = [[100.0], [103.0], [99.0], [104.0]]


def test_every_function_has_one_but_those_whose_name_nobody_else_uses():
    assert [prefixed(name) for name in CATALOG if not name.startswith("XLHEDGE_")] == list(
        CATALOG.second_names
    )
    assert not set(CATALOG.second_names) & set(CATALOG)
    assert all(
        CATALOG[second].name == second.removeprefix("XLH_") for second in CATALOG.second_names
    )
    assert len(list(CATALOG)) == len(CATALOG)


@pytest.mark.parametrize("name", ["XLH_XLHEDGE_WHY", "XLH_", "XLH_NO_SUCH", "XLH_XLH_BETA"])
def test_nothing_else_is_one(name):
    assert name not in CATALOG
    assert call(name) is CellError.NAME


def test_both_names_give_the_same_in_python_and_in_each_host():
    for second, spec in CATALOG.second_names.items():
        assert CATALOG[second] is spec
    wanted = call("RETURNS", PRICES)
    assert call("xlh_returns", PRICES) == wanted
    assert call("XLHEDGE_WHY", "XLH_LIQ_PRICE", -1, -70000, 7000, 0.005) == call(
        "XLHEDGE_WHY", "LIQ_PRICE", -1, -70000, 7000, 0.005
    )
    through_com = tuple(map(tuple, PRICES))
    assert xlhedge.udfs.XLH_RETURNS(through_com) == xlhedge.udfs.RETURNS(through_com)
    assert bridge.answer("XLH_RETURNS", through_com) == bridge.answer("RETURNS", through_com)


def test_recalc_calculates_them_with_their_reasons(tmp_path):
    path, target = tmp_path / "book.xlsx", tmp_path / "out.xlsx"
    texts = ("XLH_HEDGE_CONTRACTS(1000,70000)", "XLH_HEDGE_CONTRACTS(1000,-1)")
    formulas(path, *(f"={text}" for text in texts))
    report = recalculate(path, target)
    assert report.calls == 2
    assert not report.unsupported
    (problem,) = report.errors
    assert "spot_price must be positive" in problem.reason
    assert values(target)["D1"] == call("HEDGE_CONTRACTS", 1000, 70000)
    assert calls_ours("1+xlh_beta(A1:A9,B1:B9)")


def test_they_are_declared_in_the_add_ins_and_shown_while_typing():
    interface = render._interface()
    names = render._functions()
    shown = tooltips.render().decode()
    text = vba.render()
    for second in CATALOG.second_names:
        assert f" {second}(" in interface
        assert f'<node oor:name="{second}"' in names
        assert f'Name="{second}"' in shown
        assert f"Public Function {second}(" in text
    alone = tooltips.render("prefixed").decode()
    assert 'Name="XLH_BETA"' in alone
    assert 'Name="BETA"' not in alone
