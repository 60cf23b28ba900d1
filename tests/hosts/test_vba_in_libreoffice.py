"""The add-in loaded by LibreOffice: its VBA runs, and hands calls to the real Python side."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from places import STUBS

import xlhedge
from xlhedge import call
from xlhedge.errors import FileError
from xlhedge.hosts.excel import vba, xlam
from xlhedge.hosts.libreoffice import launch

pytestmark = pytest.mark.calc
DRIVER = STUBS / "libreoffice_vba.py"
FORMULAS = {
    "=XLHEDGE_VERSION()": xlhedge.__version__,
    "=HEDGE_CONTRACTS(1000;70000)": call("HEDGE_CONTRACTS", 1000, 70000),
    "=HEDGE_CONTRACTS(1000;B1)": call("HEDGE_CONTRACTS", 1000, 60000),
    "=SUM(HEDGE_CONTRACTS(1000;B1:B3))": sum(
        row[0] for row in call("HEDGE_CONTRACTS", 1000, [[60000.0], [61000.0], [62000.0]])
    ),
    "=HEDGE_CONTRACTS(1000;-1)": "Error 2036",
    '=HEDGE_CONTRACTS(1000;"abc")': "Error 2015",
    '=XLHEDGE_WHY("HEDGE_CONTRACTS";1000;-1)': call("XLHEDGE_WHY", "HEDGE_CONTRACTS", 1000, -1),
    '=XLHEDGE_WHY("HEDGE_CONTRACTS";1000;B1:B3)': "ok",
    '=XLHEDGE_WHY("NO_SUCH")': "Error 2015",
}
NAMED = {
    '=IFERROR(1+LIQ_PRICE(A1,"a)b",SUM(B1:B2)),HEDGE_CONTRACTS(1))': "LIQ_PRICE",
    "=xlh_beta(A1:A9,B1:B9)": "XLH_BETA",
    "=[1]!LIQ_PRICE(1)": "LIQ_PRICE",
    "=LET(p,[@price],2*LIQ_PRICE(p))": "LIQ_PRICE",
    "=MY_LIQ_PRICE(1)+x.BETA(2)": "",
    "=SUM(A1:A9)": "",
    "BETA": "",
}
AUTOMATIC, BY_HAND = -4105, -4135


def cell(address, text, *, bound=False, locked=False, value=76000.0):
    """A cell that shows a value of another machine unless told otherwise."""
    return [address, text, bound, locked, value]


def scenario(*sheets, handler="opened", mode=AUTOMATIC, saved=True, cloud=False, protected=()):
    return {
        "handler": handler,
        "mode": mode,
        "saved": saved,
        "cloud": cloud,
        "sheets": [
            {"name": f"Sheet{number}", "cells": cells, "protected": number in protected}
            for number, cells in enumerate(sheets, 1)
        ],
    }


LIQ, BETA, SUM = "=LIQ_PRICE(-1,A1,7000,0.005)", "=BETA(A1:A9,B1:B9)", "=SUM(A1:A9)"
UNBOUND = [cell("A1", LIQ), cell("A2", LIQ), cell("A3", BETA), cell("A4", SUM, bound=True)]
REPAIRS = {
    "values of another machine hide that nothing is bound": (
        scenario(UNBOUND),
        "events False; calculate A1; calculate A3; mode -4135; enter A1; enter A2; enter A3; "
        "mode -4105; events True; | A1 1 1; A2 1 0; A3 1 1; A4 0 0; | True",
    ),
    "what is bound is calculated once for each function and not entered": (
        scenario([cell("A1", LIQ, bound=True), cell("A2", LIQ, bound=True)]),
        "events False; calculate A1; events True; | A1 0 1; A2 0 0; | True",
    ),
    "a workbook without our functions is not touched": (
        scenario([cell("A1", SUM)], []),
        "| A1 0 0; | True",
    ),
    "a protected sheet and a locked cell do not stop the others": (
        scenario(
            [cell("A1", LIQ)], [cell("B1", LIQ, locked=True), cell("B2", LIQ)], protected=(1,)
        ),
        "events False; calculate B1; mode -4135; enter B2; mode -4105; events True; "
        "| A1 0 0; B1 0 1; B2 1 0; | True",
    ),
    "calculation by hand stays by hand": (
        scenario([cell("A1", LIQ)], mode=BY_HAND, saved=False),
        "events False; calculate A1; mode -4135; enter A1; events True; | A1 1 1; | False",
    ),
    "a workbook that saves itself is left alone": (
        scenario([cell("A1", LIQ)], cloud=True),
        "| A1 0 0; | True",
    ),
    "the event of a file that is opened": (
        scenario([cell("A1", LIQ)], handler="event open"),
        "events False; calculate A1; mode -4135; enter A1; mode -4105; events True; "
        "| A1 1 1; | True",
    ),
    "the event of a workbook made from a template": (
        scenario([cell("A1", LIQ)], handler="event new"),
        "events False; calculate A1; mode -4135; enter A1; mode -4105; events True; "
        "| A1 1 1; | True",
    ),
    "what is open when the add-in is loaded, and Python is started soon": (
        scenario([cell("A1", LIQ)], handler="event load"),
        "events False; calculate A1; mode -4135; enter A1; mode -4105; events True; "
        "later XlhedgeStart; | A1 1 1; | True",
    ),
    "unless the user asks": (
        scenario([cell("A1", LIQ)], cloud=True, handler="asked"),
        "events False; calculate A1; mode -4135; enter A1; mode -4105; events True; "
        "| A1 1 1; | True",
    ),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("libreoffice")
    add_in = folder / "xlhedge.xlam"
    add_in.write_bytes(xlam.build(vba.render()))
    python = python_with_uno()
    request = {
        "soffice": str(launch.find().program),
        "profile": str(folder / "profile"),
        "python": sys.executable,
        "add_in": str(add_in),
        "patience": 11,
        "cells": {"B1": 60000.0, "B2": 61000.0, "B3": 62000.0},
        "formulas": list(FORMULAS),
        "array": {"range": "D1:D4", "formula": "=HEDGE_CONTRACTS(1000;B1:B4)"},
        "named": list(NAMED),
        "repairs": [repair for repair, _ in REPAIRS.values()],
    }
    process = subprocess.Popen(
        [python, str(DRIVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=folder,
        # Where the VBA writes its log; without it that is the working folder.
        env={**os.environ, "LOCALAPPDATA": str(folder / "local")},
    )
    try:
        output, errors = process.communicate(json.dumps(request), timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, errors
    return {**json.loads(output), "made": {path.name for path in folder.iterdir()}}


def python_with_uno():
    """The Python that belongs to LibreOffice."""
    beside = launch.find().program.resolve().parent / "python"
    for candidate in (str(beside), "/usr/bin/python3"):
        if Path(candidate).is_file():
            run = subprocess.run([candidate, "-c", "import uno"], capture_output=True, check=False)
            if run.returncode == 0:
                return candidate
    raise FileError("no Python with the module uno: install python3-uno")


def plain(text):
    """A module's text without the lines in which each program keeps its own notes."""
    notes = r"^(Attribute|Rem Attribute|Option VBASupport|Option ClassModule).*\n"
    return re.sub(notes, "", text.replace("\r\n", "\n"), flags=re.MULTILINE).strip()


def test_libreoffice_reads_every_module_as_it_was_written(told):
    for module in xlam.modules(vba.render()):
        source, expected = plain(told["modules"][module.name]), plain(module.text)
        assert source == expected, module.name


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_cell_goes_through_the_vba_wrapper(told, formula):
    shown = told["formulas"][list(FORMULAS).index(formula)]
    expected = FORMULAS[formula]
    assert shown == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_an_array_formula_gets_a_column_and_an_error_only_where_the_input_is_bad(told):
    wanted = call("HEDGE_CONTRACTS", 1000, [[60000.0], [61000.0], [62000.0], [None]])
    assert told["array"][:3] == [pytest.approx(row) for row in wanted[:3]]
    assert not isinstance(told["array"][3][0], float) or told["array"][3][0] == 0


def test_without_python_a_cell_shows_an_error_and_the_reason_is_kept(told):
    assert told["without python"] == "Error 2015"
    assert told["last error"] == "XLHEDGE_VERSION: no Python here"


def test_the_log_is_written_below_the_users_folder_and_nothing_beside_it(told):
    log_folder = {r"local\xlhedge", r"local\xlhedge\Logs"}  # on Linux a backslash is a letter
    files = {name for name in told["made"] if "excel.log" in name}
    assert told["made"] - log_folder - files == {"profile", "xlhedge.xlam"}
    assert told["made"] & (log_folder | files)


@pytest.mark.parametrize("formula", NAMED)
def test_the_function_that_a_formula_names_is_found(told, formula):
    assert told["names"][list(NAMED).index(formula)] == NAMED[formula]


@pytest.mark.parametrize("name", REPAIRS)
def test_a_workbook_that_is_opened_is_bound_to_the_add_in(told, name):
    assert told["repairs"][list(REPAIRS).index(name)] == REPAIRS[name][1]


def test_why_listens_to_the_functions_while_a_cell_is_calculated(told):
    why, nothing = told["repairs"][len(REPAIRS) :][:2]
    assert why == "HEDGE_CONTRACTS: " + call("XLHEDGE_WHY", "HEDGE_CONTRACTS", 1000, -1)
    assert nothing == ""


def test_one_object_serves_all_calls_and_is_renewed_when_python_has_ended(told):
    value, before, after = told["renewed"]
    assert value == pytest.approx(call("HEDGE_CONTRACTS", 2000, 50000))
    assert (before, after) == (1, 2)


def test_a_cell_with_a_formula_and_no_value_is_waited_for_and_a_blank_one_is_not(told):
    assert told["repairs"][len(REPAIRS) + 2 :] == [True, True, False, False, False]
