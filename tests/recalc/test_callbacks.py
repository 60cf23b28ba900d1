"""Functions of one value applied to each cell of a range."""

import pytest

from xlhedge.recalc import callbacks

CELLS = [
    [1.0, 2, -0.0, 1e300, True, False],
    ["", "a", "1", None, {"type": "Error", "kind": "Na"}, {"type": "Error", "kind": "Div"}],
]


@pytest.mark.parametrize("function", callbacks._KINDS)
def test_what_is_asked_of_a_cells_kind_is_answered_as_the_engine_answers(function, monkeypatch):
    found = callbacks.Callbacks().lift(function, "1", CELLS)
    monkeypatch.delitem(callbacks._KINDS, function)
    assert found == callbacks.Callbacks().lift(function, "1", CELLS)
    assert all(type(cell) is bool for row in found for cell in row)
