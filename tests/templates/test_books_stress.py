"""The stress workbook: every figure from its inputs, growth of its tables, its hints."""

import zipfile
from datetime import datetime

import pytest
from book_helpers import emptied, named_values, opened, table_values
from book_values import assert_shows, below, changed
from expected_stress import book_of, expected_figures
from openpyxl.utils import get_column_letter
from shared_data import binance_history, needs_data

from xlhedge import call
from xlhedge.recalc import recalculate
from xlhedge.templates import build, fill
from xlhedge.templates._sample import history as sample


@pytest.fixture(scope="module")
def stress(calculated_templates):
    return calculated_templates("stress_grid")[0]


def assert_summary_is_right(path):
    cell, table = named_values(path), table_values(path)["Scenarios"]
    header, *rows = call("STRESS_PNL", *book_of(path))
    report = [dict(zip(header, row, strict=True)) for row in rows]
    after = [row["pnl_after_liquidation"] for row in report]
    assert table["after_liquidation"] == pytest.approx(after)
    assert table["total_pnl"] == pytest.approx([row["total_pnl"] for row in report])
    assert cell["worst_scenario"] == report[after.index(min(after))]["scenario"]
    assert cell["worst_loss"] == pytest.approx(min(after))
    assert cell["worst_call"] == pytest.approx(max(row["margin_call"] for row in report))
    assert cell["liquidations"] == sum(row["liquidated"] > 0 for row in report)
    return report


def test_every_cell_that_calls_us_shows_what_the_core_gives_for_the_same_inputs(stress):
    assert_shows(stress, expected_figures(stress))


def test_the_summary_is_that_of_the_report_and_the_grid(stress):
    report = assert_summary_is_right(stress)
    assert len(report) == len(call("STRESS_SCENARIOS")) - 1 + 4
    grid = next(v for (sheet, _), v in expected_figures(stress).items() if sheet == "Grid")
    cell = named_values(stress)
    assert cell["grid_worst"] == pytest.approx(min(map(min, grid)))
    assert cell["replay_worst_time"] in table_values(stress)["History"]["time"]
    worst = f"BREACH: {cell['worst_scenario']}, {cell['worst_loss']:,.0f} USD"
    assert cell["stress_status"] == f"EXAMPLE, not your book. {worst}"


def test_the_tables_library_rows_are_the_librarys(stress):
    table = table_values(stress)["Scenarios"]
    header, *library = call("STRESS_SCENARIOS")
    for place, name in enumerate(header):
        assert table[name][: len(library)] == [row[place] for row in library], name
    assert table["origin"] == ["library"] * len(library) + ["own"] * 4


def test_the_chart_of_scenarios_shows_columns_of_the_table(stress):
    book = opened(stress, values=True)
    area = book["Scenarios"].tables["Scenarios"].ref
    first, last = (int("".join(filter(str.isdigit, part))) for part in area.split(":"))
    with zipfile.ZipFile(stress) as package:
        charts = b"".join(package.read(n) for n in package.namelist() if "charts/chart" in n)
    for name in ("scenario", "total_pnl", "after_liquidation"):
        letter = get_column_letter(below(book, "Scenarios", name).column)
        assert f"Scenarios!${letter}${first + 1}:${letter}${last}".encode() in charts, name


def test_a_changed_scenario_changes_the_report_and_the_summary(stress, tmp_path):
    place = below(opened(stress), "Scenarios", "spot_shock").offset(14, 0).coordinate
    other = changed(stress, tmp_path / "other.xlsx", "Scenarios", place, 0.9)
    target = tmp_path / "calculated.xlsx"
    assert recalculate(other, target).errors == []
    assert_summary_is_right(target)
    assert named_values(target)["worst_scenario"] == "Own: squeeze with a depeg"


def test_a_users_history_is_replayed(tmp_path):
    history = sample(rows=60, seed=3)
    mine = {name: getattr(history, name) for name in ("time", "spot", "futures", "funding_rate")}
    path = build("stress_grid", tmp_path / "mine.xlsx", mine)
    target = tmp_path / "calculated.xlsx"
    assert recalculate(path, target).errors == []
    assert_shows(target, expected_figures(target))
    texts = [c.value for line in opened(target, values=True)["Stress"]["A1:B3"] for c in line]
    assert not [text for text in texts if "imulated" in str(text)]


@pytest.mark.slow
def test_an_empty_input_gives_a_quiet_hint(stress, tmp_path):
    half, target = emptied(stress, tmp_path / "half.xlsx", ["target_loss"]), tmp_path / "c.xlsx"
    assert recalculate(half, target).errors == []
    sheet = opened(target, values=True)["Stress"]
    assert [cell.value for cell in sheet["C"]].count("enter the loss") == 2


def test_more_positions_and_scenarios_are_filled_in_and_calculated(stress, tmp_path):
    tables = table_values(stress)
    inputs = set(tables["Scenarios"]) - {"total_pnl", "after_liquidation"}
    scenarios = {name: [*tables["Scenarios"][name]] * 2 for name in inputs}
    names = scenarios["scenario"]
    scenarios["scenario"] = [f"{name} {row}" for row, name in enumerate(names)]
    scenarios["spot_shock"] = [shock * 0.9 for shock in scenarios["spot_shock"]]
    positions = {name: [*values, values[0]] for name, values in tables["Positions"].items()}
    scenarios["top_up"][:3] = ["true", "False", True]
    target = tmp_path / "mine.xlsx"
    report = fill(stress, {"Scenarios": scenarios, "Positions": positions}, target)
    assert report.recalculation.errors == []
    assert table_values(target)["Scenarios"]["top_up"][:3] == [True, False, True]
    assert len(assert_summary_is_right(target)) == len(names)
    assert_shows(target, expected_figures(target))


@pytest.mark.slow
@needs_data
def test_the_crash_of_october_2025_is_replayed_as_the_core_replays_it(tmp_path):
    path = build("stress_grid", tmp_path / "real.xlsx", binance_history(datetime(2025, 10, 1)))
    target = tmp_path / "calculated.xlsx"
    assert recalculate(path, target).errors == []
    assert_shows(target, expected_figures(target))
    assert named_values(target)["replay_worst_time"] >= datetime(2025, 10, 10)
