"""The UDFs through xlwings' real COM-side code: every function with every kind of argument."""

import os
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from places import STUBS
from test_catalog import baselines

from xlhedge import CellError, call
from xlhedge.catalog import CATALOG

sys.path.insert(0, str(STUBS))
from fake_excel import MISSING, SCODES, Excel, Range

SLOW = {"VAR_FILTERED", "VAR_GARCH", "VAR_MONTE_CARLO"}
"""Thousands of simulated paths a call: spoiled in one argument only."""


PLAIN = {"series": [[float(n)] for n in range(1, 41)], "text": "abc"}
"""For a function without a golden row: whatever comes of it must come the same way."""


def arguments(name):
    """The function's first golden row, else plain values for what it requires."""
    if name in baselines():
        return [*baselines()[name]]
    required = [p for p in CATALOG[name].parameters if not p.optional]
    return [p.choices[0] if p.choices else PLAIN.get(p.kind, 2.0) for p in required]


@pytest.fixture(scope="module")
def excel(tmp_path_factory):
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    with Excel() as process:
        yield process
    del os.environ["XDG_STATE_HOME"]


def as_com(value):
    """A cell of `call` as COM delivers it."""
    if isinstance(value, list):
        return tuple(tuple(map(as_com, row)) for row in value)
    if isinstance(value, CellError):
        return SCODES[value.value]
    if type(value) is int:
        return float(value)
    return value


def shown(value):
    """What xlwings hands to COM for a result of `call`: one row goes as a flat list."""
    if isinstance(value, list):
        rows = [[shown(item) for item in row] for row in value]
        return rows[0] if len(rows) == 1 else rows
    if value is None:
        return ""
    return SCODES[value.value] if isinstance(value, CellError) else value


def first_number(value):
    while isinstance(value, list):
        value = value[-1][0]
    return float(value) if isinstance(value, (int, float)) else 2.0


def kinds(value):
    """One argument in all the ways that a cell may hold it: for COM, and for `call`."""
    number = first_number(value)
    moment = datetime(2024, 3, 29, 8, 0)
    yield "number", number, number
    yield "text", "abc", "abc"
    yield "TRUE", True, True
    yield "empty text", "", None
    yield "blank cell", Range([[None]]), None
    yield "missing", MISSING, None
    yield "error", SCODES["#N/A"], CellError.NA
    yield "error cell", Range([[SCODES["#REF!"]]]), CellError.REF
    yield "date cell", Range([[moment]]), moment
    yield "currency cell", Range([[Decimal("12.5")]]), 12.5
    yield "range 1×1", Range([[number]]), number
    yield "column", ((number,), (None,), (number,)), [[number], [None], [number]]
    yield "row", (number, number, "x"), [[number, number, "x"]]
    yield (
        "rectangle",
        Range([[number, SCODES["#NUM!"]], [number, number]]),
        [[number, CellError.NUM], [number, number]],
    )


@pytest.mark.parametrize("name", CATALOG)
def test_a_udf_gives_what_call_gives_for_every_kind_of_argument(excel, name):
    good = arguments(name)
    assert excel.call(name, *map(as_com, good)) == shown(call(name, *good))
    for index in range(len(good))[: 1 if name in SLOW else None]:
        for kind, through_com, cell in kinds(good[index]):
            sent = [as_com(item) for item in good]
            sent[index] = through_com
            expected = call(name, *good[:index], cell, *good[index + 1 :])
            assert excel.call(name, *sent) == shown(expected), (index, kind)


@pytest.mark.parametrize("name", [n for n, s in CATALOG.items() if n not in SLOW and s.parameters])
def test_ten_thousand_rows_are_one_quick_call(excel, name):
    good = arguments(name)
    number = first_number(good[0])
    start = time.perf_counter()
    result = excel.call(name, Range([(number,)] * 10_000), *map(as_com, good[1:]))
    seconds = time.perf_counter() - start
    assert result == shown(call(name, [[number]] * 10_000, *good[1:]))
    assert seconds < 10


def test_an_argument_left_out_at_the_end_or_in_the_middle_is_its_default(excel):
    spec = next(s for s in CATALOG.values() if s.parameters and s.parameters[-1].optional)
    good = arguments(spec.name)
    required = [p for p in spec.parameters if not p.optional]
    given = list(map(as_com, good[: len(required)]))
    rest = [MISSING] * (len(spec.parameters) - len(required))
    assert excel.call(spec.name, *given, *rest) == shown(call(spec.name, *good[: len(required)]))


def test_numbers_never_come_back_as_integers_and_errors_always_do(excel):
    for name in CATALOG:
        result = excel.call(name, *map(as_com, arguments(name)))
        cells = [result] if not isinstance(result, list) else result
        flat = [c for row in cells for c in (row if isinstance(row, list) else [row])]
        assert all(type(c) in {float, str, bool} or c in SCODES.values() for c in flat), name
    assert excel.call("XLHEDGE_WHY", "NO_SUCH") == SCODES["#VALUE!"]


def test_what_no_cell_can_hold_is_a_cell_error_and_not_an_exception(excel):
    name = next(n for n in CATALOG if arguments(n))
    for strange in (((),), (), 1j, b"x", {"a": 1}, [1]):
        assert excel.call(name, strange) in SCODES.values()


def test_an_error_is_in_the_log_without_what_the_cells_hold(excel):
    log = Path(os.environ["XDG_STATE_HOME"], "xlhedge", "log", "xlhedge.log")
    excel.call("XLHEDGE_WHY", "NO_SUCH_FUNCTION")
    assert "XLHEDGE_WHY(text): 1 #VALUE!" in log.read_text(encoding="utf-8")
    assert "NO_SUCH_FUNCTION" not in log.read_text(encoding="utf-8")


def test_importing_the_udfs_loads_no_formula_and_no_docstring_parser():
    code = (
        "import sys, time, xlwings; start = time.perf_counter(); import xlhedge.udfs;"
        "print(time.perf_counter() - start);"
        "print(*(m for m in sys.modules if m.startswith(('xlhedge.core.', 'docstring_parser'))))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, modules = run.stdout.splitlines()
    assert float(seconds) < 0.3
    assert not set(modules.split()) - {"xlhedge.core.types"}


def test_the_module_lists_the_catalogue_and_has_nothing_else():
    from xlhedge import udfs

    assert dir(udfs) == sorted(CATALOG)
    assert udfs.XLHEDGE_VERSION() == [[call("XLHEDGE_VERSION")]]
    with pytest.raises(AttributeError):
        _ = udfs.NO_SUCH_FUNCTION
