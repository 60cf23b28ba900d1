"""Every golden row, through the same call that the hosts make."""

import math
import tomllib

import pytest
from places import GOLDEN

from xlhedge import call

ROWS = [
    row for file in sorted(GOLDEN.glob("*.toml")) for row in tomllib.loads(file.read_text())["row"]
]


def as_cells(argument):
    if isinstance(argument, list) and argument and not isinstance(argument[0], list):
        return [[item] for item in argument]
    return argument


def agrees(got, want, row):
    if isinstance(want, (int, float)) and not isinstance(want, bool):
        assert isinstance(got, float), f"got {got!r}"
        assert math.isclose(got, want, rel_tol=row.get("rel", 0.0), abs_tol=row.get("abs", 0.0)), (
            f"got {got!r}, want {want!r}"
        )
    elif isinstance(want, dict):
        table = {line[0]: line[1] for line in got}
        for label, value in want.items():
            agrees(table[label], value, row)
    elif isinstance(want, list):
        got = got if isinstance(got, list) else [[got]]
        want = as_cells(want)
        assert len(got) == len(want)
        for got_row, want_row in zip(got, want, strict=True):
            assert len(got_row) == len(want_row)
            for g, w in zip(got_row, want_row, strict=True):
                agrees(g, w, row)
    else:
        assert got == want


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_golden_row_holds(row):
    agrees(call(row["function"], *map(as_cells, row["args"])), row["want"], row)


def test_every_golden_row_names_its_source_and_has_its_own_id():
    assert all(row["source"].strip() for row in ROWS)
    assert len({row["id"] for row in ROWS}) == len(ROWS)
