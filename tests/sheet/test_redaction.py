"""What a log may tell of a call."""

from datetime import date

import pytest

from xlhedge import CellError
from xlhedge.sheet.redaction import call_of, failure, refusal


@pytest.fixture(autouse=True)
def by_default(monkeypatch):
    monkeypatch.delenv("XLHEDGE_LOG_CELLS", raising=False)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (7.5, "number"), (date(2024, 1, 1), "number"), ("secret", "text"), ("", "blank"),
        (None, "blank"), (CellError.NA, "error"), (True, "bool"), ([[1.0, 2.0]], "1 × 2 cells"),
        ([[1.0], [2.0], [3.0]], "3 × 1 cells"), (((1.0, 2.0),), "1 × 2 cells"), ([], "0 × 1 cells"),
        ([7.5, 8.0], "2 × 1 cells"), (1j, "complex"),
    ],
)  # fmt: skip
def test_a_cell_is_told_by_its_kind(cell, kind):
    assert call_of("NAME", (cell,)) == f"NAME({kind})"
    assert call_of("NAME", (1.0, cell)) == f"NAME(number, {kind})"


def test_a_refusal_counts_the_errors_and_withholds_the_sentence(monkeypatch):
    cells = [[1.0, CellError.NUM], [CellError.NUM, CellError.NA], ["#REF!", None]]
    assert refusal("F", (1.0,), cells, "secret") == "F(number): 2 #NUM!, 1 #N/A"
    assert refusal("F", (), CellError.VALUE, "secret") == "F(): 1 #VALUE!"
    assert refusal("F", (), "a text", "secret") == "F(): a sentence"
    monkeypatch.setenv("XLHEDGE_LOG_CELLS", "0")
    assert "secret" not in refusal("F", (), CellError.VALUE, "secret")
    monkeypatch.setenv("XLHEDGE_LOG_CELLS", "1")
    assert refusal("F", (1.0,), cells, "secret") == "F: secret"


def test_a_failure_tells_the_chain_of_places_and_kinds(monkeypatch):
    def inner():
        raise KeyError("secret")

    def outer():
        try:
            inner()
        except KeyError:
            raise ValueError("secret")  # noqa: B904  # the context counts as well

    with pytest.raises(ValueError, match="secret") as raised:
        outer()
    lines = failure("F", ("secret",), raised.value).splitlines()
    assert lines[0] == "F(text) failed"
    assert [line for line in lines if not line.startswith(" ")] == [
        "F(text) failed", "ValueError", "KeyError",
    ]  # fmt: skip
    assert [line.split(" in ")[1] for line in lines if " in " in line][-1] == "inner"
    monkeypatch.setenv("XLHEDGE_LOG_CELLS", "1")
    told = failure("F", ("secret",), raised.value)
    assert told.startswith("F failed on ('secret',)\nTraceback")
    assert told.rstrip().endswith("ValueError: secret")
