"""Requests of the add-in as calls of the functions."""

import json

import pytest

import xlhedge
from xlhedge import CellError
from xlhedge.catalog import explain
from xlhedge.errors import InputError
from xlhedge.server.calls import answer


def results(*calls, seconds=10.0):
    body = json.dumps({"calls": [[name, list(cells)] for name, *cells in calls]}).encode()
    return json.loads(answer(body, seconds))["results"]


def test_results_come_in_the_order_of_the_calls_with_reasons_and_rows():
    got = results(
        ["BASIS", 3, 2], ["LIQ_PRICE", -1, -70000, 7000, 0.005], ["BASIS", [[3], [None]], [[2]]]
    )  # fmt: skip
    assert got[0] == {"value": [[1.0]]}
    assert got[1]["value"] == [[{"error": "#NUM!"}]]
    assert got[1]["why"] == "entry_price must be positive, got -70000"
    assert got[2]["value"] == [[1.0], [{"error": "#VALUE!"}]]


@pytest.mark.parametrize(
    ("sent", "cell"),
    [
        ({"error": "#N/A"}, CellError.NA), ({"error": "#BUSY!"}, CellError.VALUE),
        ({"error": 7}, CellError.VALUE), ({"x": 1}, CellError.VALUE), (True, True), ("", ""),
        ([], []), ([[]], [[]]), ([1, 2], [[1.0, 2.0]]), ([[1], [2, 3]], [[1.0], [2.0, 3.0]]),
        ([[[1]]], [[CellError.VALUE]]), (10**400, float("inf")),
    ],
)  # fmt: skip
def test_any_cell_gives_what_a_call_with_it_gives(sent, cell):
    wanted = explain("BASIS", cell, 2.0)
    (got,) = results(["BASIS", sent, 2])
    assert got.get("why") == wanted.reason
    errors = [item["error"] for row in got["value"] for item in row if isinstance(item, dict)]
    cells = wanted.value if isinstance(wanted.value, list) else [[wanted.value]]
    assert errors == [str(item) for row in cells for item in row if isinstance(item, CellError)]


def test_a_whole_number_is_a_number_like_any_other():
    (got,) = results(["XLHEDGE_WHY", "BASIS", 3, "x"])
    assert got["value"] == [['futures_price must be a number, got the text "x"']]


def test_arguments_left_out_at_the_end_do_not_count():
    assert results(["XLHEDGE_VERSION", None, None])[0]["value"] == [[xlhedge.__version__]]


def test_an_unknown_function_is_an_error_of_its_name():
    assert results(["NOTHING", 1])[0]["value"] == [[{"error": "#NAME?"}]]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"1", b"{}", b'{"calls": 1}', b'{"calls": [1]}', b'{"calls": [["A"]]}',
        b'{"calls": [["A", 1]]}', b'{"calls": [[1, []]]}', b'{"calls": [["A", [NaN]]]}',
        b"\xff\xfe", b"[" * 100_000, b'{"calls": [["A", {}]]}', b'{"calls": {"a": 1}}',
        b'{"calls": ["ab"]}',
        json.dumps({"calls": [["A", []]] * 10_001}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_in_a_sentence(body):
    with pytest.raises(InputError):
        answer(body, 1.0)


def test_what_could_not_be_started_in_time_says_so():
    got = results(["BASIS", 3, 2], seconds=-1.0)
    assert got[0]["value"] == [[{"error": "#N/A"}]]
    assert "takes longer than" in got[0]["why"]
