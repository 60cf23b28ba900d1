"""The basis workbook: every figure from its inputs, and what it shows when they are missing."""

import math
from datetime import datetime

import pytest
from book_helpers import emptied, named_values, opened, table_values
from book_values import as_number, assert_shows, column, place
from shared_data import binance_history, needs_data

from xlhedge import call
from xlhedge.recalc import recalculate
from xlhedge.templates import build, fill
from xlhedge.templates._sample import history as sample
from xlhedge.templates.basis_history.carry import expiries


@pytest.fixture(scope="module")
def basis(calculated_templates):
    return calculated_templates("basis_history")[0]


def expected_figures(path):
    """Every cell that calls us, from the inputs alone."""
    book = opened(path, values=True)
    cell, table = named_values(path), table_values(path)
    spot, futures = column(table["History"]["spot"]), column(table["History"]["futures"])
    interval = cell["interval_hours"]
    log_basis = [[math.log(s / f)] for (s,), (f,) in zip(spot, futures, strict=True)]
    fit = call("OU_FIT", log_basis, interval / 24)
    ou = dict(fit)

    def at_risk(days, scaling):
        return call("BASIS_VAR", spot, futures, cell["hedged_value"], cell["confidence"],
                    round(days * 24 / interval), scaling, cell["risk_measure"])  # fmt: skip

    statistics = next(c for c in book["Model"]["B"] if c.value == "mean")
    figures = {
        place(book, "basis_now"): call("BASIS", spot[-1][0], futures[-1][0], "bp"),
        ("Model", statistics.coordinate): call("BASIS_STATS", spot, futures, interval),
        place(book, "ou_theta", 0, -1): fit,
    }
    for scaling in ("sqrt", "ou", "empirical"):
        figures[place(book, f"basis_var_{scaling}")] = at_risk(cell["horizon_days"], scaling)
    forecast, risk = (
        [c for c in book["Model"]["G"] if c.value == "Horizon"][number] for number in (0, 1)
    )
    days = [[forecast.offset(row, 0).value] for row in range(1, 10)]
    fan = call("OU_FORECAST", log_basis[-1][0], ou["theta"], ou["mu"], ou["sigma"], days,
               cell["forecast_confidence"])  # fmt: skip
    figures["Model", forecast.offset(1, 1).coordinate] = [[x * 10_000 for x in r] for r in fan]
    for row in range(1, 8):
        for right, scaling in enumerate(("sqrt", "ou", "empirical"), 2):
            horizon = risk.offset(row, 0).value
            figures["Model", risk.offset(row, right).coordinate] = at_risk(horizon, scaling)
    figures.update(expected_carry(book, cell, table))
    return figures


def expected_carry(book, cell, table):
    spot, price = table["History"]["spot"][-1], column(table["Futures"]["Price"])
    now = as_number(table["History"]["time"][-1])
    days = [[as_number(expiry) - now] for expiry in table["Futures"]["Expiry"]]
    fair = call("FAIR_FUTURE", spot, cell["fair_carry"], days)
    wanted = (
        call("BASIS", spot, price, "bp"),
        call("CARRY_RATE", spot, price, days),
        call("CARRY_RATE", spot, price, days, "continuous"),
        fair,
        [[p - f] for (p,), (f,) in zip(price, fair, strict=True)],
    )
    titles = ("Basis", "Carry, simple", "Carry, continuous", "Fair price", "Price − fair")
    header = next(line for line in book["Carry"].iter_rows() if line[1].value == "Contract")
    places = {c.value: c.offset(1, 0).coordinate for c in header}
    return {("Carry", places[t]): v for t, v in zip(titles, wanted, strict=True)}


def test_every_cell_that_calls_us_shows_what_the_core_gives_for_the_same_inputs(basis):
    assert_shows(basis, expected_figures(basis))


def test_a_users_history_replaces_the_sample_and_leaves_dated_futures_to_enter(tmp_path):
    history = sample(rows=150, seed=3)
    mine = {name: getattr(history, name) for name in ("time", "spot", "futures", "funding_rate")}
    build("basis_history", tmp_path / "mine.xlsx", mine)
    target = tmp_path / "calculated.xlsx"
    assert recalculate(tmp_path / "mine.xlsx", target).errors == []
    shown = named_values(target)
    assert shown["history_source"] == "data in memory"
    assert shown["basis_var_empirical"] > 0
    book = opened(target, values=True)
    texts = [c.value for line in book["Carry"].iter_rows() for c in line if c.value]
    assert "complete the futures" in texts
    assert not [text for text in texts if "imulated" in str(text)]


@pytest.mark.parametrize(
    ("name", "result", "hint"),
    [
        ("hedged_value", "basis_var_sqrt", "enter the hedged value"),
        ("horizon_days", "basis_var_ou", "enter the horizon"),
        ("interval_hours", "basis_now", "enter the interval of the history"),
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
