"""The call itself: conversion, broadcasting, one error per bad element, and its speed."""

import math
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from xlhedge import CellError, call
from xlhedge.catalog import why
from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.types import Elementwise, Series, Vector
from xlhedge.errors import DomainError
from xlhedge.sheet.call import evaluate
from xlhedge.sheet.spec import FunctionSpec


def share(
    part: Elementwise,
    whole: Elementwise,
    scale: Elementwise | None = None,
    mode: Literal["up", "down"] = "up",
) -> Elementwise:
    """A share of a whole.

    Parameters
    ----------
    part
        The part.
    whole, scale
        The whole. The scale.
    mode
        Up or down.
    """
    check.positive(whole=whole)
    check.require(part != 13, "part must not be 13", part)
    result = part / whole if scale is None else part / whole * scale
    return result if mode == "up" else -result


def total(first: Series, second: Series | float = 1.0, lag: int = 1) -> float:
    """A total."""
    if not isinstance(second, float):
        check.aligned(1, first=first, second=second)
    return float(np.sum(first * second)) * lag


def count(moves: Vector, others: Vector) -> float:
    """A count."""
    return float(len(moves) * 100 + len(others))


SHARE, TOTAL, COUNT = (
    FunctionSpec("SHARE", "Test", share),
    FunctionSpec("TOTAL", "Test", total),
    FunctionSpec("COUNT", "Test", count),
)


def run(spec, *cells):
    return evaluate(spec, cells).value


def reason(spec, *cells):
    return evaluate(spec, cells).reason


def test_a_row_and_a_column_give_a_rectangle():
    assert run(SHARE, [[1.0, 2.0]], [[1.0], [2.0]]) == [[1.0, 2.0], [0.5, 1.0]]


def test_a_bad_element_is_an_error_in_that_element_only():
    got = run(SHARE, [[1.0], ["x"], [True], [CellError.REF], [13.0], [2.0], [None]], 2.0)
    assert got == [
        [0.5],
        [CellError.VALUE],
        [CellError.VALUE],
        [CellError.REF],
        [CellError.NUM],
        [1.0],
        [CellError.VALUE],
    ]
    assert reason(SHARE, [[1.0], ["x"]], 2.0) == 'part row 2 must be a number, got the text "x"'
    assert reason(SHARE, [[1.0], [13.0]], 2.0) == "row 2: part must not be 13, got 13"


def test_several_guards_may_reject_elements_of_one_call():
    got = run(SHARE, [[1.0], [13.0], [1.0]], [[0.0], [1.0], [4.0]])
    assert got == [[CellError.NUM], [CellError.NUM], [0.25]]


def test_rows_choose_their_own_options_and_blanks():
    got = run(
        SHARE, [[1.0]] * 4, 2.0, [[None], [10.0], [""], [10.0]], [["up"], ["DOWN"], [""], [1.0]]
    )
    assert got == [[0.5], [-5.0], [0.5], [CellError.VALUE]]


def test_ranges_that_do_not_fit_are_refused():
    assert run(SHARE, [[1.0], [2.0]], [[1.0], [2.0], [3.0]]) is CellError.VALUE
    assert "do not fit" in reason(SHARE, [[1.0], [2.0]], [[1.0], [2.0], [3.0]])


def test_a_blank_or_an_empty_text_means_left_out():
    assert run(SHARE, 1.0, 4.0, None, "") == 0.25
    assert run(SHARE, None, 4.0) is CellError.VALUE
    assert reason(SHARE, "", 4.0) == "part is missing"
    assert run(SHARE, 1.0) is CellError.VALUE


def test_too_many_arguments_are_refused():
    assert run(SHARE, 1.0, 2.0, 3.0, "up", 5.0) is CellError.VALUE


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ("abc", CellError.VALUE),
        ("5", CellError.VALUE),
        (True, CellError.VALUE),
        (np.True_, CellError.VALUE),
        (math.nan, CellError.NUM),
        (math.inf, CellError.NUM),
        (CellError.DIV0, CellError.DIV0),
        (object(), CellError.VALUE),
        ([[1.0, 2.0], [3.0]], CellError.VALUE),
        ([], CellError.VALUE),
    ],
)
def test_what_is_not_a_number_gives_its_error(bad, error):
    assert run(SHARE, bad, 2.0) is error


@pytest.mark.parametrize(
    "number",
    [
        3,
        3.0,
        Decimal(3),
        np.float32(3),
        np.int64(3),
        [[3]],
        ((3,),),
        np.array([3.0]),
        datetime(1900, 1, 2),
    ],
)
def test_every_kind_of_number_is_taken(number):
    assert run(SHARE, number, 1.0) == 3.0


def test_dates_are_day_numbers_without_their_time_zone():
    assert run(SHARE, datetime(2024, 3, 29, 12, tzinfo=UTC), 1.0) == 45380.5


def test_pandas_and_numpy_come_in_as_ranges():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert run(SHARE, frame, 1.0) == [[1.0, 3.0], [2.0, 4.0]]
    assert run(SHARE, frame["a"], 1.0) == [[1.0], [2.0]]
    assert run(SHARE, np.array([[1.0, 2.0]]), 1.0) == [[1.0, 2.0]]


def test_an_overflow_is_num_in_its_element():
    assert run(SHARE, [[1e308], [1.0]], [[1e-308], [1.0]]) == [[CellError.NUM], [1.0]]
    assert run(SHARE, 1e308, 1e-308) is CellError.NUM


def test_series_are_trimmed_together_so_that_they_never_slide():
    first = [[None], [1.0], [2.0], [""], [None]]
    second = [[None], [3.0], [4.0]]
    assert run(TOTAL, first, second) == 11.0
    assert run(TOTAL, [[""], [1.0]], [[3.0], [4.0]]) is CellError.VALUE
    assert (
        reason(TOTAL, [[""], [1.0]], [[3.0], [4.0]]) == "first row 1 must be a number, got a blank"
    )


def test_a_blank_or_a_text_inside_a_series_names_its_row():
    assert (
        reason(TOTAL, [[None], [1.0], [None], [2.0]]) == "first row 3 must be a number, got a blank"
    )
    assert reason(TOTAL, [[1.0], ["x"]]) == 'first row 2 must be a number, got the text "x"'
    assert run(TOTAL, [[1.0], [CellError.NA], ["x"]]) is CellError.NA


def test_what_the_core_refuses_in_a_series_names_the_row_that_the_sheet_shows():
    prices = [[None], [None], [100.0], [110.0], [-1.0], [120.0]]
    assert why("RETURNS", prices) == "prices row 5 must be positive, got -1"
    candles = [[""], [1.0], [2.0], [3.0]], [[""], [1.0], [1.5], [3.0]]
    sentence = "high row 3 must not be below open or close"
    assert why("VOL_RANGE", *candles, *candles, "parkinson") == sentence


def test_what_the_core_refuses_in_a_labelled_range_names_the_row_that_the_sheet_shows():
    tiers = [["floor", "rate", "max_leverage"], [0, 0.01, 10], [1000, 0.02, 0]]
    assert why("MARGIN_TIER", 10, tiers) == "tiers row 3, max_leverage must be positive, got 0"


def test_a_question_whether_per_cent_was_meant_comes_after_the_value():
    tiers = [["floor", "rate"], [0, 0.01], [1000, 2]]
    assert why("MARGIN_TIER", 10, tiers) == (
        "tiers row 3, rate must lie in [0, 1), got 2: was a percentage meant, 0.5 % as 0.005?"
    )


def test_an_error_holds_what_it_rejects_and_survives_a_process():
    with pytest.raises(DomainError) as caught:
        Tiers(np.array([0.0, 9.0]), np.array([0.1, 0.2]), max_leverage=np.array([5.0, -1.0]))
    problem = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert (problem.argument, problem.column, problem.row) == ("tiers", "max_leverage", 1)
    assert (problem.value, str(problem)) == (-1, "tiers.max_leverage[1] must be positive, got -1")


def test_series_of_different_length_are_refused():
    assert run(TOTAL, [[1.0], [2.0]], [[1.0], [2.0], [3.0]]) is CellError.VALUE
    assert "first has 2, second has 3" in reason(TOTAL, [[1.0], [2.0]], [[1.0], [2.0], [3.0]])


def test_a_series_may_be_a_row_or_a_column_but_no_rectangle():
    assert run(TOTAL, [[1.0, 2.0]], [[1.0], [2.0]]) == 5.0
    assert run(TOTAL, [[1.0, 2.0], [3.0, 4.0]]) is CellError.VALUE


def test_a_series_or_number_takes_either():
    assert run(TOTAL, [[1.0], [2.0]], 10.0) == 30.0
    assert run(TOTAL, 5.0) == 5.0


def test_lists_that_stand_alone_may_differ_in_length():
    assert run(COUNT, [[1.0], [2.0]], [[1.0, 2.0, 3.0, None]]) == 203.0


def test_a_whole_number_is_asked_for_where_one_is_needed():
    assert run(TOTAL, [[1.0]], 1.0, 2.5) is CellError.NUM
    assert reason(TOTAL, [[1.0]], 1.0, 2.5) == "lag must be a whole number, got 2.5"


def test_an_unknown_function_is_a_name_error():
    assert call("NO_SUCH_FUNCTION", 1) is CellError.NAME


def test_an_unforeseen_failure_is_a_value_error_and_is_logged_without_what_cells_hold(
    caplog, monkeypatch
):
    def broken(number: float) -> float:
        try:
            return {}[number]
        except KeyError as problem:
            raise RuntimeError(f"boom at {number}") from problem

    spec = FunctionSpec("BROKEN", "Test", broken)
    assert run(spec, 8642.5) is CellError.VALUE
    assert "BROKEN(number) failed" in caplog.text
    assert "in broken" in caplog.text
    assert caplog.text.index("RuntimeError") < caplog.text.index("KeyError")
    assert "8642" not in caplog.text
    assert reason(spec, 8642.5) == "BROKEN failed unexpectedly (RuntimeError): see the log"
    monkeypatch.setenv("XLHEDGE_LOG_CELLS", "1")
    run(spec, 8642.5)
    assert "BROKEN failed on (8642.5,)" in caplog.text
    assert "boom at 8642.5" in caplog.text


def test_an_error_that_marks_none_of_the_elements_is_the_error_of_all():
    def unmarked(first: Elementwise) -> Elementwise:
        """Its refusal names no element."""
        raise DomainError("must be of another kind", argument="first", where=np.zeros(3, bool))

    spec = FunctionSpec("UNMARKED", "Test", unmarked)
    assert run(spec, [[1.0], [2.0], [3.0]]) == [[CellError.NUM]] * 3
    assert reason(spec, [[1.0], [2.0], [3.0]]) == "row 1: first must be of another kind"


def test_cell_errors_are_their_text():
    assert CellError.NUM == "#NUM!"
    assert f"{CellError.NUM}" == "#NUM!"


def test_five_bad_rows_among_ten_thousand_cost_three_calls_of_the_core():
    calls = []

    def counted(part: Elementwise, whole: Elementwise) -> Elementwise:
        """A share of a whole."""
        calls.append(len(part))
        return share(part, whole)

    rows = [[float(i + 20)] for i in range(10_000)]
    for index, bad in zip((5, 500, 5000, 7000, 9999), ("x", 13.0, None, True, 13.0), strict=True):
        rows[index] = [bad]
    got = run(FunctionSpec("COUNTED", "Test", counted), rows, 2.0)
    assert calls == [9997, 9995]
    assert sum(isinstance(row[0], CellError) for row in got) == 5


HEAVY = ("scipy", "pandas", "docstring_parser", "openpyxl", "lxml", "typer", "rich", "xlwings")


def test_the_first_value_in_a_fresh_process_loads_no_heavy_library():
    code = (
        "import sys, numpy; of_numpy = set(sys.modules);"
        "from xlhedge import call; call('HEDGE_CONTRACTS', 1000, 70000);"
        f"print({ {*HEAVY, 'dataclasses'}!r} & set(sys.modules) - of_numpy)"
    )
    run_ = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run_.stdout.strip() == "set()"


def test_value_at_risk_of_a_book_and_a_funding_forecast_load_no_signal_processing():
    code = (
        "import sys; from xlhedge import call;"
        "rates = [[1e-4 * (1 + (i * 37 % 101) / 50)] for i in range(302)];"
        "prices = [['BTC spot'], *([100 + i * 37 % 101 / 9] for i in range(602))];"
        "book = [['asset', 'instrument', 'quantity', 'price'], ['BTC', 'spot', 1, 100]];"
        "print([type(call('FUNDING_FORECAST', rates, 7, 8)).__name__,"
        "       type(call('BOOK_VAR', book, prices)).__name__, 'scipy.signal' in sys.modules])"
    )
    run_ = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run_.stdout.strip() == "['list', 'list', False]"
