"""Real market history, funding and brackets put into the templates by `fill`, against the core."""

from datetime import datetime

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
from formats import without_format
from shared_data import needs_data

from xlhedge.daily.inputs import set_inputs
from xlhedge.filling.provenance import write_named
from xlhedge.recalc import Package, recalculate
from xlhedge.sheet.cells import serial
from xlhedge.templates import build, fill

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
                kept = [value for value in found[table][title] if value is not None]
                assert kept == pytest.approx(list(values.dropna()), rel=1e-12)
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


def test_a_funding_table_of_more_venues_than_the_shipped_one(tmp_path):
    path = build("funding_table", tmp_path / "funding.xlsx", venues=8)
    payments = real_tables.payments()
    fill(path, {"Funding_G": payments["Funding_A"], "Funding_H": payments["Funding_C"]})
    asked = {"venue": "late", "interval": 8, "contracts": -50, "contract_size": 1}
    asked |= {"entry_premium": 0.001, "exit_premium": 0, "costs": 0.001}
    set_inputs(path, {f"{name}_{v}": str(value) for name, value in asked.items() for v in "GH"})
    shown = named_values(path)
    assert shown["cash_G"] != 0 != shown["cash_H"]
    assert shown["cash_all"] == pytest.approx(sum(shown[f"cash_{venue}"] for venue in "ABCGH"))
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


def test_the_replay_of_the_stress_grid(calculated_templates, tmp_path):
    tables = real_tables.stress()
    path = filled(calculated_templates, "stress_grid", tables, tmp_path / "stress.xlsx")
    assert_shows(path, expected_stress(path))


def test_a_filled_copy_leaves_its_template_alone(calculated_templates, tmp_path):
    source, _ = calculated_templates("hedge_desk")
    before = source.read_bytes()
    tables = {"History": real_tables.book_history("BTC", "ETH", since="2025-01-01")}
    filled(calculated_templates, "hedge_desk", tables, tmp_path / "desk.xlsx")
    assert source.read_bytes() == before
    assert Package.open(source).defined_names


def test_a_real_book_of_three_coins_and_two_venues_equals_the_core(tmp_path):
    tables = real_tables.book_of_three()
    history = tables.pop("History")
    path = build("hedge_desk", tmp_path / "desk.xlsx", history)
    moment = history["time"].iloc[-1].to_pydatetime()
    report = fill(path, tables, moment=moment)
    assert report.recalculation.errors == []
    assert_desk_is_right(path)
    shown = named_values(path)
    assert shown["kind_of_History"] == shown["kind_of_Positions"] == "yours"
    package = Package.open(path)
    write_named(package, {package.named_areas["valuationtime"]: serial(moment)})
    path.write_bytes(package.to_bytes())
    recalculate(path, tmp_path / "judged.xlsx")
    shown = named_values(tmp_path / "judged.xlsx")
    assert shown["failed_checks"] == 0
    assert shown["dash_status"].split(":")[0] in ("BREACH", "WATCH", "TRADE", "OK")
    assert shown["dash_contracts"] < 0


def test_rows_that_a_real_book_adds_have_the_formats_of_the_others(calculated_templates, tmp_path):
    tables = real_tables.book_of_three()
    history = tables.pop("History")
    held = {name: tables[name] for name in ("Positions", "Accounts", "Brackets")}
    for name in ("hedge_desk", "stress_grid"):
        path = build(name, tmp_path / f"{name}.xlsx", history)
        fill(path, held, moment=datetime(2026, 2, 24))
        assert without_format(path) == [], name
    coins = pd.DataFrame({"asset": ["BTC", "ETH", "MIX"], "volatility": [0.5, 0.6, 0.55]})
    margin, path = calculated_templates("margin")[0], tmp_path / "margin.xlsx"
    fill(margin, held | {"Volatilities": coins}, path, moment=datetime(2026, 2, 24))
    assert without_format(path) == []
