"""The benchmarks run, and what matters most has not become slow by an order of magnitude.

Processor time and ratios with generous bounds: a busy machine must not fail them.
"""

import json
import sys
from functools import partial

import pytest

from benchmarks import __main__ as command
from benchmarks import functions
from benchmarks._market import TIERS, column, positions
from benchmarks._measure import alternate, repeated
from xlhedge import call
from xlhedge.core.sizing import contracts as sizing


def fastest(ours, theirs, rounds=3):
    pairs = alternate(ours, theirs, rounds)
    return min(a for a, _ in pairs), min(b for _, b in pairs)


@pytest.mark.slow
def test_a_column_is_far_faster_than_its_cells_and_no_slower_than_a_loop():
    arrays = positions(2_000)
    cells = [column(values) for values in arrays]
    lists = [values.tolist() for values in arrays]
    rest = (None, 1, "linear", 0, 0, "mark", TIERS)

    def hundred():
        for row in zip(*(values[:100] for values in lists), strict=True):
            call("LIQ_PRICE", *row, *rest)

    ours, scalars = fastest(lambda: call("LIQ_PRICE", *cells, *rest), hundred)
    assert ours < scalars, "2,000 rows in one call take longer than 100 calls"
    ours, loop = fastest(
        lambda: call("LIQ_PRICE", *cells, *rest), lambda: functions.plain_loop(*lists)
    )
    assert ours < 3 * loop


@pytest.mark.slow
def test_a_call_costs_microseconds_beyond_its_core_function():
    ours = repeated(partial(call, "HEDGE_CONTRACTS", 1000.0, 70_000.0), 100)
    core = repeated(partial(sizing.contracts, 1000.0, 70_000.0), 100)
    with_call, without = fastest(ours, core)
    assert (with_call - without) / 100 < 200e-6


def test_the_command_prints_a_table_and_writes_json(tmp_path, monkeypatch, capsys):
    target = tmp_path / "rows.json"
    words = ["benchmarks", "--quick", "--only", "6", "--json", str(target)]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr("gc.collect", lambda: 0)  # it takes long beside what other tests keep
    assert command.main() in (0, 1)
    assert capsys.readouterr().out.count("\n") == 4
    rows = json.loads(target.read_text(encoding="utf-8"))["rows"]
    assert [row["issue"] for row in rows] == [6, 6]
    assert all(row["ours"] > 0 and row["limit"] for row in rows)
