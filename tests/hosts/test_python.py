"""Every function through the Python door, with what Python users pass, against `call`."""

import importlib
import math
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from golden_rows import golden_rows
from python_results import assert_same
from tables import each

from xlhedge import call, funding, margin, risk, sizing, stress
from xlhedge.catalog import CATALOG
from xlhedge.core.types import Shape
from xlhedge.errors import HedgeError, InputError
from xlhedge.sheet.outcome import cell_error

OFFERED = [name for name, spec in CATALOG.items() if spec.python_module]
LINES = {Shape.SERIES.value, Shape.VECTOR.value}
TABLES = {Shape.LABELLED.value, Shape.RECORD.value}


def offered(name):
    spec = CATALOG[name]
    return getattr(importlib.import_module(f"xlhedge.{spec.python_module}"), spec.python_name)


def first_rows(count=2):
    """The first golden rows of each function that is offered to Python."""
    found = {}
    for row in golden_rows():
        rows = found.setdefault(row["function"], [])
        if row["function"] in OFFERED and len(rows) < count:
            rows.append(row["cells"])
    return [(name, cells) for name in OFFERED for cells in found.get(name, [])]


ROWS = first_rows()
IDS = [f"{name}-{index}" for index, (name, _) in enumerate(ROWS)]


def is_line(value):
    return isinstance(value, list) and len(value) > 1 and (len(value[0]) == 1)


def dates(count):
    return pd.date_range("2024-01-01", periods=count)


def as_frame(cells):
    return pd.DataFrame([list(row) for row in cells[1:]], columns=cells[0])


def passed(spec, cells, line):
    """The arguments of a golden row, with its lines of numbers as `line` makes them."""
    given = []
    for parameter, value in zip(spec.parameters, cells, strict=False):
        if parameter.kind == Shape.LABELLED.value and isinstance(value, list):
            given.append(as_frame(value))
        elif parameter.kind not in TABLES and is_line(value):
            items = [row[0] for row in value]
            texts = any(isinstance(item, str) for item in items)
            given.append(items if texts else line(items))
        else:
            given.append(None if value == "" else value)
    return given


def attempt(function, *given, **named):
    """A result, or the cell error of what was raised."""
    try:
        return function(*given, **named)
    except HedgeError as problem:
        return cell_error(problem)


LISTS = {
    "lists": list,
    "arrays": np.array,
    "Series": lambda items: pd.Series(items, dates(len(items))),
    "a Series without dates": pd.Series,
}


@each(("name", "cells"), ROWS)
def test_a_golden_row_gives_what_call_gives_however_its_lines_are_packed(name, cells):
    spec, want = CATALOG[name], call(name, *cells)
    packings = LISTS if any(map(is_line, cells)) else {"lists": list}
    for line in packings.values():
        given = passed(spec, cells, line)
        assert_same(attempt(offered(name), *given), want, spec.columns)


@each(("name", "cells"), ROWS)
def test_keywords_integers_and_single_precision_give_what_call_gives(name, cells):
    spec = CATALOG[name]
    single = passed(spec, cells, lambda items: np.array(items, dtype=np.float32))
    named = {p.name: v for p, v in zip(spec.parameters, single, strict=False)}
    rounded = [
        [[float(item)] for item in value.tolist()] if isinstance(value, np.ndarray) else cell
        for value, cell in zip(single, cells, strict=False)
    ]
    assert_same(attempt(offered(name), **named), call(name, *rounded), spec.columns)


@each(("name", "cells"), ROWS)
def test_a_series_that_runs_backwards_is_refused_and_one_with_nan_too(name, cells):
    spec = CATALOG[name]
    kinds = [p.kind for p, value in zip(spec.parameters, cells, strict=False) if is_line(value)]
    if Shape.SERIES.value not in kinds:
        return
    backwards = passed(spec, cells, lambda items: pd.Series(items, dates(len(items)))[::-1])
    with pytest.raises(InputError, match="oldest first"):
        offered(name)(*backwards)
    holed = passed(spec, cells, lambda items: pd.Series([*items[:-1], math.nan]))
    as_cells = [
        [[item] for item in value] if isinstance(value, pd.Series) else cell
        for value, cell in zip(holed, cells, strict=False)
    ]
    assert_same(attempt(offered(name), *holed), call(name, *as_cells))


@each("name", [n for n in OFFERED if any(p.choices for p in CATALOG[n].parameters)])
def test_an_unknown_option_is_refused_and_the_options_are_listed(name):
    cells = next(cells for function, cells in ROWS if function == name)
    spec = CATALOG[name]
    chosen = next(p for p in spec.parameters if p.choices)
    named = {p.name: v for p, v in zip(spec.parameters, passed(spec, cells, list), strict=False)}
    with pytest.raises(HedgeError) as refused:
        offered(name)(**{**named, chosen.name: "nonsense"})
    assert isinstance(refused.value, ValueError)
    assert all(choice in str(refused.value) for choice in chosen.choices)


def test_every_function_of_the_manual_but_those_about_the_sheet_is_offered():
    assert set(CATALOG) - set(OFFERED) == {"XLHEDGE_WHY", "XLHEDGE_VERSION"}
    names = [(CATALOG[n].python_module, CATALOG[n].python_name) for n in OFFERED]
    assert len(set(names)) == len(names)
    assert set(dict(ROWS)) == set(OFFERED)


def test_a_result_of_columns_names_them():
    for name in OFFERED:
        returned = CATALOG[name].doc.returns
        if returned and (returned.description or "").startswith("Columns"):
            assert len(CATALOG[name].columns) >= 2, name


class TestLabels:
    def test_series_are_matched_by_their_index(self):
        contracts = pd.Series([-1.0, -2.0], ["A", "B"])
        wallets = pd.Series([14000.0, 7000.0], ["B", "A"])
        got = margin.liquidation_price(contracts, 70000, wallets, 0.005)
        assert list(got.index) == ["A", "B"]
        assert got["A"] == got["B"] == margin.liquidation_price(-1, 70000, 7000, 0.005)

    def test_series_with_different_labels_are_refused_by_name(self):
        spot = pd.Series(np.linspace(1, 2, 30), dates(30))
        futures = spot.rename(lambda day: day + pd.Timedelta(days=1))
        with pytest.raises(InputError, match=r"futures_prices must have the same index as spot"):
            sizing.min_variance_ratio(spot, futures)

    def test_correlations_follow_the_labels_of_the_vector_beside_them(self):
        values = pd.Series([1e6, -5e5, 2e5], ["BTC", "ETH", "SOL"])
        sd = pd.Series([0.9, 0.6, 0.7], ["SOL", "BTC", "ETH"])
        matrix = pd.DataFrame(
            [[1, 0.5, 0.6], [0.5, 1, 0.8], [0.6, 0.8, 1]],
            ["SOL", "ETH", "BTC"], ["SOL", "ETH", "BTC"],
        )  # fmt: skip
        by_hand = [[1, 0.8, 0.6], [0.8, 1, 0.5], [0.6, 0.5, 1]]
        want = risk.covariance_var([1e6, -5e5, 2e5], [0.6, 0.7, 0.9], by_hand)
        assert risk.covariance_var(values, sd, matrix) == want
        parts = risk.var_contributions(values, sd, matrix)
        assert list(parts.index) == ["BTC", "ETH", "SOL"]

    def test_returns_keep_the_dates_of_their_later_prices(self):
        prices = pd.Series([100.0, 110.0, 121.0], dates(3))
        assert list(risk.returns(prices).index) == list(dates(3)[1:])

    def test_rows_of_horizons_do_not_take_the_dates_of_the_history(self):
        rates = pd.Series(1e-4 + 1e-5 * np.sin(np.arange(300.0)), dates(300))
        plain = funding.funding_forecast(rates, [7, 30])
        assert list(plain.index) == [0, 1]
        asked = pd.Series([7, 30], ["week", "month"])
        named = funding.funding_forecast(rates, asked)
        assert list(named.index) == ["week", "month"]
        assert named.to_numpy().tolist() == plain.to_numpy().tolist()

    def test_rows_and_columns_of_a_grid_stay_in_the_order_of_their_shocks(self):
        book = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1], "price": [70000]}
        plain = stress.grid(book, [0, 0.1], [0, -0.01])
        up, gap = pd.Series([0, 0.1], ["a", "b"]), pd.Series([0, -0.01], ["b", "a"])
        got = stress.grid(book, up, gap)
        assert (list(got.index), list(got.columns)) == (["a", "b"], ["b", "a"])
        assert got.to_numpy().tolist() == plain.tolist()
        assert stress.grid(book, up, gap.tolist()).tolist() == plain.tolist()
        assert stress.grid(book, up, pd.Series([-0.01])).shape == (2, 1)

    def test_a_frame_comes_back_as_a_frame(self):
        prices = pd.DataFrame({"x": [70000.0, 60000.0], "y": [50000.0, 40000.0]}, ["a", "b"])
        got = margin.liquidation_price(-1, prices, 7000, 0.005)
        assert got.shape == (2, 2)
        assert got.loc["b", "x"] == margin.liquidation_price(-1, 60000, 7000, 0.005)


def test_a_bad_element_raises_and_carries_the_rows_of_all():
    with pytest.raises(ValueError, match="entry_price") as refused:
        margin.liquidation_price([-1, -1, -1, -1], [70000, -1, 60000, 0], 7000, 0.005)
    assert refused.value.rows == (1, 3)


def test_arrays_broadcast_as_numpy_does():
    contracts, prices = np.array([[-1.0], [-2.0]]), np.array([70000.0, 60000.0, 50000.0])
    got = margin.liquidation_price(contracts, prices, 7000, 0.005)
    assert got.shape == (2, 3)
    assert got[1, 2] == margin.liquidation_price(-2, 50000, 7000, 0.005)


USER = """
import numpy as np
import pandas as pd
from xlhedge import margin, risk

price: float = margin.liquidation_price(-1, 70000, 7000, 0.005)
many = margin.liquidation_price(np.array([-1.0]), 70000, 7000, maintenance_rate=0.005)
loss: float = risk.historical_var(pd.Series([0.01]), 1e6, confidence=0.95, measure="es")
risk.historical_var([0.1], 1e6, measure="cvar")  # wrong
margin.liquidation_price(-1, 70000, 7000)  # wrong
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict"], ["pyright", "--pythonpath", sys.executable]],
    ids=["mypy", "pyright"],
)
def test_type_checkers_see_every_signature_in_a_users_file(checker, tmp_path):
    file = tmp_path / "user.py"
    file.write_text(USER)
    command = [sys.executable, "-m", *checker, str(file)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    said = run.stdout + run.stderr
    lines = {int(number) for number in re.findall(r"user\.py:(\d+):.*error", said)}
    assert lines == {9, 10}, said
