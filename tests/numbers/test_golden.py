"""Every golden row, through the same call that the hosts make."""

import pytest
from golden_rows import agrees, golden_rows
from tables import each

from xlhedge import call

ROWS = golden_rows()


LONG = {"joint-basis-short-90", "joint-funding-long-90", "joint-funding-short-90"}
"""The longest simulations but one."""


def holds(row):
    agrees(call(row["function"], *row["cells"]), row["want"], row)


@each(("name", "row"), [(row["id"], row) for row in ROWS if row["id"] not in LONG])
def test_a_golden_row_holds(name, row):
    holds(row)


@pytest.mark.slow
@each(("name", "row"), [(row["id"], row) for row in ROWS if row["id"] in LONG])
def test_a_golden_row_of_a_long_simulation_holds(name, row):
    holds(row)


def test_every_golden_row_names_its_source_and_has_its_own_id():
    assert all(row["source"].strip() for row in ROWS)
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert {row["id"] for row in ROWS} >= LONG
