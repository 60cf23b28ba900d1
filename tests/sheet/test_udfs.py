"""The UDFs through xlwings' real COM-side code: every function with every kind of argument.

The process has another hash seed, another zone and one thread: its numbers are the same to the bit.
"""

import os
from pathlib import Path

import pytest
from com_cases import arguments, as_com, first_number, kinds, shown
from determinism import ELSEWHERE
from fake_excel import MISSING, SCODES, Excel, Range

from xlhedge import call
from xlhedge.catalog import CATALOG


@pytest.fixture(scope="module")
def excel(tmp_path_factory):
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    with Excel(variables=ELSEWHERE) as process:
        process.loaded = process.ask("loaded")
        yield process
    del os.environ["XDG_STATE_HOME"]


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", CATALOG)
def test_a_udf_gives_what_call_gives_for_every_kind_of_argument(excel, name, every):
    good = arguments(name)
    assert excel.call(name, *map(as_com, good)) == shown(call(name, *good))
    for index in range(len(good)):
        for kind, through_com, cell in kinds(good[index]):
            if index and kind != ("missing", "error cell", "column")[index % 3] and not every:
                continue  # what a cell may hold is converted alike for all arguments
            sent = [as_com(item) for item in good]
            sent[index] = through_com
            expected = call(name, *good[:index], cell, *good[index + 1 :])
            assert excel.call(name, *sent) == shown(expected), (index, kind)


ELEMENTWISE = {spec.topic: name for name, spec in CATALOG.items() if spec.elementwise}
"""One function of each topic."""


@pytest.mark.parametrize("name", [*ELEMENTWISE.values(), "VAR_HISTORICAL"])
def test_ten_thousand_rows_are_one_call(excel, name):
    good = arguments(name)
    number = first_number(good[0])
    result = excel.call(name, Range([(number,)] * 10_000), *map(as_com, good[1:]))
    assert result == shown(call(name, [[number]] * 10_000, *good[1:]))


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


def test_importing_the_udfs_loads_no_formula_and_no_docstring_parser(excel):
    assert "xlhedge.core.types" in excel.loaded
    assert set(excel.loaded) <= {"xlhedge.core", "xlhedge.core.types"}


def test_the_module_lists_the_catalogue_and_has_nothing_else():
    from xlhedge import udfs

    assert dir(udfs) == sorted(CATALOG)
    assert udfs.XLHEDGE_VERSION() == [[call("XLHEDGE_VERSION")]]
    with pytest.raises(AttributeError):
        _ = udfs.NO_SUCH_FUNCTION
