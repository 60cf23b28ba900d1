"""`xlhedge new --like`: a fresh workbook that takes over the rows and inputs of an older one."""

import numpy as np
import pandas as pd
import pytest
from book_helpers import named_values
from lxml import etree
from mistakes import put, with_mistakes
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.filling import fill, read_table
from xlhedge.recalc import recalculate
from xlhedge.templates import build
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import Package
from xlhedge.workbook.values import FORMULA
from xlhedge.workbook.writing import write_cells

POSITIONS = {
    "asset": ["BTC", "BTC", "ETH"],
    "instrument": ["spot", "linear", "spot"],
    "quantity": [3.0, -1.0, 40.0],
    "price": [70_000.0, 70_000.0, 3_500.0],
    "account": [None, "A", None],
    "contract": [None, "BTCUSDT perpetual", None],
}


def history(*coins):
    """Rows every 8 hours, just enough for a desk without a value at risk."""
    rng = np.random.default_rng(7)
    rows = {"time": pd.date_range("2026-01-01", periods=60, freq="8h")}
    for coin in coins:
        spot = 3_500 * np.exp(np.cumsum(0.01 * rng.standard_normal(60)))
        rows |= {f"{coin} spot": spot, f"{coin} futures": 1.001 * spot}
        rows |= {f"{coin} funding": 1e-4 * rng.random(60)}
    return pd.DataFrame(rows)


def with_formula(cell):
    etree.SubElement(cell, FORMULA).text = "1+2"


def said(*arguments):
    result = CliRunner().invoke(app, ["new", *map(str, arguments)])
    told = "" if result.exception is None else str(result.exception)
    return result.exit_code, result.output + told


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk of two coins with positions, inputs and a shock of the user's own."""
    folder = tmp_path_factory.mktemp("like")
    plain = build("hedge_desk", folder / "plain.xlsx", history("BTC", "ETH"))
    fill(plain, {"Positions": pd.DataFrame(POSITIONS)}, recalculate=False)
    cells = {("Scenarios", "spot_shock", 1): -0.4, ("Scenarios", "ETH", 1): -0.55}
    names = {"hedge_fraction": 0.6, "simulation_paths": 1_000, "interval_hours": 4}
    return with_mistakes(plain, folder / "desk.xlsx", cells, names)


def test_a_desk_with_a_further_coin_has_the_rows_and_inputs_of_the_one_before(desk, tmp_path):
    rows, target = tmp_path / "three.csv", tmp_path / "three.xlsx"
    history("BTC", "ETH", "SOL").to_csv(rows, index=False)
    code, output = said("hedge_desk", target, "--history", rows, "--like", desk)
    assert code == 0, output
    assert "Positions (3 rows), Scenarios (12 rows)" in output
    assert "hedge_fraction: 60.0% (instead of 80.0%)" in output
    assert "not taken over" not in output
    inputs = named_values(target)
    assert (inputs["hedge_fraction"], inputs["simulation_paths"]) == (0.6, 1_000)
    assert inputs["interval_hours"] == 8  # that of the new history
    assert (inputs["kind_of_Positions"], inputs["kind_of_Accounts"]) == ("yours", "example")
    assert inputs["source_of_Positions"] == named_values(desk)["source_of_Positions"]
    assert inputs["filled_of_Positions"] == named_values(desk)["filled_of_Positions"]
    positions, scenarios = (read_table(target, name) for name in ("Positions", "Scenarios"))
    assert positions["quantity"].tolist() == POSITIONS["quantity"]
    assert scenarios[["spot_shock", "ETH"]].iloc[0].tolist() == [-0.4, -0.55]
    assert scenarios["SOL"].isna().all()


@pytest.mark.slow
def test_without_a_history_of_its_own_the_fresh_desk_says_what_the_older_one_says(desk, tmp_path):
    target = tmp_path / "again.xlsx"
    code, output = said("hedge_desk", target, "--like", desk)
    assert code == 0, output
    before, after = (named_values(path) for path in (desk, target))
    said_of = [after.pop(f"{what}_of_Scenarios") for what in ("kind", "source", "mark")]
    assert said_of[:2] == ["yours", "typed in"]
    for name in ("judged_at", "calculated_by"):  # which tell the time
        after.pop(name, None)
    assert after == {name: before[name] for name in after}
    pd.testing.assert_frame_equal(read_table(target, "History"), read_table(desk, "History"))


@pytest.mark.slow
def test_what_does_not_come_over_is_told_with_the_reason(desk, tmp_path):
    package = Package.open(desk)
    area = package.named_areas["confidence"]
    put(package, area.sheet, area.place, 9.0)  # beyond the limits of the cell
    table = package.table("Positions")
    place = table.data.top, table.area.left + list(table.columns).index("quantity")
    write_cells(cells_named(package, table.sheet), {place: with_formula})
    old, rows = tmp_path / "old.xlsx", tmp_path / "one.csv"
    old.write_bytes(package.to_bytes())
    history("BTC").to_csv(rows, index=False)
    code, output = said("hedge_desk", tmp_path / "one.xlsx", "--history", rows, "--like", old)
    assert code == 0, output
    assert "not taken over: Scenarios[ETH]: there is no such column" in output
    assert "Positions[quantity]: formulas came as their values (1)" in output
    assert "not taken over: confidence: it must be a number from" in output


def test_a_funding_table_keeps_its_venues_and_their_rows(tmp_path):
    plain = build("funding_table", tmp_path / "plain.xlsx", venues=4)  # the last one has no rows
    times = pd.date_range("2026-01-01", periods=9, freq="8h")
    rows = {"time": times, "rate": np.full(9, 1e-4), "mark_price": np.full(9, 70_000.0)}
    fill(plain, {"Funding_B": pd.DataFrame(rows)}, recalculate=False)
    old, target = tmp_path / "old.xlsx", tmp_path / "new.xlsx"
    recalculate(plain, old)
    code, output = said("funding_table", target, "--like", old)
    assert code == 0, output
    assert "Funding_B (9 rows)" in output
    assert "Funding_A" not in output.split("\n")[0]
    assert list(Package.open(target).tables) == list(Package.open(old).tables)
    code, output = said("funding_table", tmp_path / "three.xlsx", "--like", target, "--venues", 3)
    assert code == 0, output
    assert "Funding_D" not in output  # nothing of the user's own was in it
    fill(target, {"Funding_D": pd.DataFrame(rows)}, recalculate=False)
    code, output = said("funding_table", tmp_path / "four.xlsx", "--like", target, "--venues", 3)
    assert "not taken over: Funding_D (9 rows): there is no such table" in output


@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("desk", "was made from the template hedge_desk: --like takes a workbook of the template"),
        ("nothing.xlsx", "does not exist"),
    ],
)
def test_another_workbook_is_refused_and_nothing_is_written(old, words, desk, tmp_path):
    target = tmp_path / "margin.xlsx"
    code, output = said("margin", target, "--like", desk if old == "desk" else tmp_path / old)
    assert code != 0
    assert words in " ".join(output.split())
    assert not target.exists()
