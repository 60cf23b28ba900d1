"""The basis workbook: every figure from its inputs, and what it shows when they are missing."""

from datetime import datetime

import pytest
from book_helpers import emptied, named_values, opened, table_values
from book_values import assert_shows
from expected_basis import expected_figures
from shared_data import binance_history, needs_data

from xlhedge.recalc import recalculate
from xlhedge.templates import build, fill
from xlhedge.templates._sample import history as sample
from xlhedge.templates.basis_history.carry import expiries


@pytest.fixture(scope="module")
def basis(calculated_templates):
    return calculated_templates("basis_history")[0]


def test_every_cell_that_calls_us_shows_what_the_core_gives_for_the_same_inputs(basis):
    assert_shows(basis, expected_figures(basis))


def test_a_users_history_replaces_the_sample_and_leaves_dated_futures_to_enter(tmp_path):
    history = sample(rows=150, seed=3)
    mine = {name: getattr(history, name) for name in ("time", "spot", "futures", "funding_rate")}
    build("basis_history", tmp_path / "mine.xlsx", mine)
    target = tmp_path / "calculated.xlsx"
    assert recalculate(tmp_path / "mine.xlsx", target).errors == []
    shown = named_values(target)
    assert shown["source_of_History"] == "data in memory"
    assert shown["is_of_Dated"] == shown["is_of_Futures"] == "yours"
    assert shown["basis_var_empirical"] > 0
    book = opened(target, values=True)
    texts = [c.value for line in book["Carry"].iter_rows() for c in line if c.value]
    assert "complete the futures" in texts
    assert not [text for text in texts if "imulated" in str(text)]


@pytest.mark.parametrize(
    ("name", "result", "hint"),
    [
        ("hedged_value", "basis_var_sqrt", "enter the hedged value"),
        pytest.param("horizon_days", "basis_var_ou", "enter the horizon", marks=pytest.mark.slow),
        pytest.param(
            "interval_hours",
            "basis_now",
            "enter the interval of the history",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_an_empty_input_gives_a_quiet_hint(basis, tmp_path, name, result, hint):
    half = emptied(basis, tmp_path / "half.xlsx", [name])
    target = tmp_path / "calculated.xlsx"
    assert recalculate(half, target).errors == []
    assert named_values(target)[result] == hint


def test_dated_futures_expire_on_last_fridays_after_the_last_row():
    dates = list(expiries(datetime(2025, 5, 14, 16)))[:4]
    assert [f"{d:%Y-%m-%d}" for d in dates] == [
        "2025-05-30", "2025-06-27", "2025-09-26", "2025-12-26",
    ]  # fmt: skip
    assert all(d.weekday() == 4 and d.hour == 8 for d in dates)
    assert next(expiries(datetime(2024, 12, 30))) == datetime(2025, 1, 31, 8)


@pytest.mark.slow
@needs_data
def test_real_history_with_dated_futures_gives_the_cores_figures_in_every_cell(tmp_path):
    history = binance_history(datetime(2025, 10, 1))
    path = build("basis_history", tmp_path / "real.xlsx", history)
    futures = table_values(path)["Futures"]
    futures["Price"] = [float(history.futures[-1]) + 300 * place for place in range(6)]
    del futures["Days"]
    target = tmp_path / "filled.xlsx"
    assert fill(path, {"Futures": futures}, target).recalculation.errors == []
    assert_shows(target, expected_figures(target))
