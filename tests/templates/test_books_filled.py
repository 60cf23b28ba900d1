"""Real market history, funding and brackets put into the templates by `fill`, against the core."""

import pandas as pd
import pytest
import real_tables
from book_helpers import named_values, opened, table_values
from book_values import assert_shows, changed, place
from expected_basis import expected_figures as expected_basis
from expected_desk import assert_desk_is_right
from expected_margin import expected_figures as expected_margin
from expected_markets import expected_funding, expected_portfolio, expected_volatility
from expected_stress import expected_figures as expected_stress
from shared_data import needs_data

from xlhedge.recalc import Package
from xlhedge.templates import fill

pytestmark = [needs_data, pytest.mark.slow]


def filled(calculated_templates, name, tables, target):
    """A copy of a template with other rows; every row has arrived."""
    report = fill(calculated_templates(name)[0], tables, target)
    assert report.recalculation.errors == []
    found = table_values(target)
    for table, rows in tables.items():
        for title, values in rows.items():
            assert len(found[table][title]) == len(rows)
            if pd.api.types.is_numeric_dtype(values):
                assert found[table][title] == pytest.approx(list(values), rel=1e-12)
    return target


def test_the_desk(calculated_templates, tmp_path):
    tables = real_tables.desk()
    assert len(tables["History"]) > 2000
    path = filled(calculated_templates, "hedge_desk", tables, tmp_path / "desk.xlsx")
    assert_desk_is_right(path)


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_basis(calculated_templates, coin, tmp_path):
    tables = real_tables.basis(coin)
    path = filled(calculated_templates, "basis_history", tables, tmp_path / "basis.xlsx")
    assert_shows(path, expected_basis(path))
    assert named_values(path)["interval_status"] == "OK"


def test_the_funding_of_two_coins_and_two_venues_at_their_intervals(calculated_templates, tmp_path):
    source, _ = calculated_templates("funding_table")
    assert [named_values(source)[f"interval_{venue}"] for venue in "ABC"] == [8, 4, 1]
    eight = tmp_path / "eight.xlsx"
    changed(source, eight, *place(opened(source), "interval_B"), 8)
    path = filled(
        lambda _: (eight, None),
        "funding_table",
        real_tables.payments(),
        tmp_path / "funding.xlsx",
    )
    assert_shows(path, expected_funding(path))


def test_the_brackets_of_more_coins(calculated_templates, tmp_path):
    path = filled(calculated_templates, "margin", real_tables.coins(), tmp_path / "margin.xlsx")
    assert_shows(path, expected_margin(path))


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_volatility_of_candles(calculated_templates, coin, tmp_path):
    tables = real_tables.candles(coin)
    path = filled(calculated_templates, "volatility_target", tables, tmp_path / "target.xlsx")
    assert_shows(path, expected_volatility(path))


def test_a_portfolio_of_two_coins_and_a_cross_hedge(calculated_templates, tmp_path):
    tables = real_tables.portfolio()
    path = filled(calculated_templates, "portfolio", tables, tmp_path / "portfolio.xlsx")
    assert_shows(path, expected_portfolio(path))


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_replay_of_the_stress_grid(calculated_templates, coin, tmp_path):
    tables = real_tables.stress(coin)
    path = filled(calculated_templates, "stress_grid", tables, tmp_path / "stress.xlsx")
    assert_shows(path, expected_stress(path))


def test_a_filled_copy_leaves_its_template_alone(calculated_templates, tmp_path):
    source, _ = calculated_templates("hedge_desk")
    before = source.read_bytes()
    tables = {"History": real_tables.book_history("BTC", "ETH", since="2025-01-01")}
    filled(calculated_templates, "hedge_desk", tables, tmp_path / "desk.xlsx")
    assert source.read_bytes() == before
    assert Package.open(source).defined_names
