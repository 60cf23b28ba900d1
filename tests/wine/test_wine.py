"""The real Windows side under wine: Windows Python, pywin32, xlwings' library, the COM server.

There is no Excel and no VBA here: see docs/excel.md for what this proves and what it does not.
"""

import re
import statistics
import subprocess
import time
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from com_cases import arguments, as_com, kinds, shown
from excel_server import bridge_command, size, start
from fake_excel import MISSING, SCODES, Range
from windows import HOME, PIP, windows_path

import xlhedge
from xlhedge import call
from xlhedge.sheet.cells import serial

pytestmark = [pytest.mark.wine, pytest.mark.filterwarnings("ignore::ResourceWarning")]
ROOT = Path(__file__).parent.parent.parent
SAMPLE = ["HEDGE_CONTRACTS", "RETURNS", "VAR_NORMAL", "VAR_COVARIANCE", "LIQ_PRICE", "XLHEDGE_WHY"]
ACT = ("-I", "-m", "xlhedge.windows")
DOUBLE, LONG, TEXT, ARRAY = 5, 3, 8, 8204


@pytest.fixture(scope="module")
def excel(windows):
    client = start(windows)
    yield client
    client.close()


def encoded(value):
    """An argument as VBA hands it on: a range as its values, all else in its own type."""
    if isinstance(value, Range):
        rows = [[encoded(cell) for cell in row] for row in value.rows]
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows
    if isinstance(value, tuple):
        return [encoded(item) for item in value]
    if isinstance(value, datetime):
        return {"date": serial(value)}
    if isinstance(value, Decimal):
        return {"currency": float(value)}
    if type(value) is int:
        return {"missing": 1} if value == MISSING else {"error": value}
    return value


def test_the_server_starts_without_a_shell_and_answers(excel):
    assert "cmd" not in bridge_command()
    reply = excel.call("XLHEDGE_VERSION")
    assert (reply["vt"], reply["value"]) == (TEXT, xlhedge.__version__)
    assert reply["seconds"] < 60


def alike(one, other):
    """Equal up to the last digits: the Windows build of numpy may sum in another order."""
    if isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == (pytest.approx(other, rel=1e-12) if type(other) is float else other)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_function_gives_through_com_what_call_gives(excel, name):
    good = arguments(name)
    reply = excel.call(name, *(encoded(as_com(item)) for item in good))
    assert alike(reply["value"], shown(call(name, *good)))
    for index, item in enumerate(good):
        for kind, through_com, cell in kinds(item):
            sent = [encoded(as_com(other)) for other in good]
            sent[index] = encoded(through_com)
            expected = call(name, *good[:index], cell, *good[index + 1 :])
            reply = excel.call(name, *sent)
            assert alike(reply.get("value"), shown(expected)), (index, kind, reply)


def test_numbers_come_as_doubles_and_errors_as_longs_alone_and_in_arrays(excel):
    assert excel.call("HEDGE_CONTRACTS", 1000.0, 70_000.0)["vt"] == DOUBLE
    wrong = excel.call("HEDGE_CONTRACTS", 1000.0, {"error": SCODES["#DIV/0!"]})
    assert (wrong["vt"], wrong["value"]) == (LONG, SCODES["#DIV/0!"])
    column = excel.call("HEDGE_CONTRACTS", 1000.0, [[70_000.0], [{"error": SCODES["#N/A"]}]])
    assert (column["vt"], column["dims"], column["types"]) == (ARRAY, [2, 1], [LONG, DOUBLE])
    assert column["value"][1] == [SCODES["#N/A"]]


def test_text_of_any_script_survives(excel):
    name = "保证金 Größe ‰ 😀"
    reply = excel.call("XLHEDGE_WHY", "HEDGE_CONTRACTS", name)
    assert name in reply["value"]


def test_no_traceback_leaves_python_whatever_is_passed(excel):
    for strange in ([], [[]], [[1.0], [{"missing": 1}]], {"missing": 1}, {"currency": 1.5}):
        reply = excel.call("HEDGE_CONTRACTS", strange)
        assert "hresult" not in reply
        assert reply["value"] in SCODES.values()


def test_ten_thousand_rows_go_there_and_back_in_one_call(excel):
    rows = [[60_000.0 + number] for number in range(10_000)]
    start = time.perf_counter()
    reply = excel.call("HEDGE_CONTRACTS", 1e6, rows)
    assert time.perf_counter() - start < 10
    assert reply["dims"] == [10_000, 1]
    assert alike(reply["value"], call("HEDGE_CONTRACTS", 1e6, rows))


def test_one_call_for_a_column_is_a_hundred_times_as_fast_as_a_call_per_cell(excel):
    tiers = [["floor", "rate"], [0.0, 0.004], [3e5, 0.005], [3e6, 0.01], [3e7, 0.025]]
    entries = [[60_000.0 + number] for number in range(10_000)]

    def seconds(entry):
        reply = excel.call("LIQ_PRICE", -1.0, entry, 7000.0, *[""] * 6, tiers)
        assert "seconds" in reply, reply
        return reply["seconds"]

    seconds(entries[:10])
    alone = [seconds(entry) for (entry,) in entries[:500]]
    together = [seconds(entries) for _ in range(3)]
    # The least of several: what else runs on the machine only adds.
    assert min(alone) < 0.05
    assert 10_000 * min(alone) > 100 * min(together)


def test_five_hundred_calls_are_quick_and_leave_nothing_behind(excel, tmp_path):
    counted, column = tmp_path / "objects", [[60_000.0 + row] for row in range(300)]

    def calls(number):
        return [excel.call("HEDGE_CONTRACTS", 1000.0, column)["seconds"] for _ in range(number)]

    def counts():
        return size(excel, counted)

    calls(600)  # the allocator takes its share in the first calls
    objects, memory = counts()
    seconds = calls(500)
    objects_after, memory_after = counts()
    assert objects_after - objects < 200
    # Either array that leaked would be 500 times 300 cells of 24 bytes.
    assert memory_after - memory < 1_800_000
    assert statistics.median(seconds) < 0.1
    excel.execute("import sys; sys.kept = bytearray(4_000_000)")
    assert counts()[1] - memory_after > 3_000_000  # the measure sees what stays
    excel.execute("import sys; del sys.kept")


def test_a_server_that_dies_is_started_again_by_the_next_call(excel):
    died = excel.execute("import os; os._exit(3)")
    assert died.get("hresult") or died.get("failed")
    assert excel.call("XLHEDGE_VERSION")["value"] == xlhedge.__version__


def test_ending_the_server_ends_its_process(windows, excel, tmp_path):
    told = tmp_path / "process"
    target = repr(windows_path(told))
    excel.execute(f"import os; open({target}, 'w').write(str(os.getpid()))")
    assert runs(windows, told.read_text())
    excel.ask(mode=-1)
    # wine keeps a killed server's registration, so this client cannot start another.
    assert not runs(windows, told.read_text())


def runs(windows, process):
    """Whether a process of that number runs on the Windows side."""
    code = (
        "import ctypes; kernel = ctypes.WinDLL('kernel32'); code = ctypes.c_uint();"
        f"handle = kernel.OpenProcess(0x1000, False, {process});"
        "kernel.GetExitCodeProcess(handle, ctypes.byref(code)); print(code.value == 259)"
    )
    return windows.run("-c", code)[1].strip() == "True"


def test_a_file_beside_the_workbook_cannot_take_a_modules_place(windows, tmp_path):
    for name in ("xlwings.py", "numpy.py", "xlhedge.py"):
        (tmp_path / name).write_text("raise SystemExit('taken over')")
    run = subprocess.run(
        ["wine", str(windows.python / "python.exe"), *ACT, "selftest", "--home", HOME],
        cwd=tmp_path,
        env={**windows.environment, "PYTHONPATH": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    assert b"answers through the COM server" in run.stdout


def test_installing_writes_the_registry_and_uninstalling_clears_it(windows):
    for action in ("install", "repair"):
        code, output = windows.run(*ACT, action, "--home", HOME, "--trust")
        assert code == 0, output
    code, output = windows.run(*ACT, "status", "--home", HOME, "--json")
    assert code == 0
    assert '"add_in_current": true' in output
    assert output.count("/R ") == 1
    assert '.xlsx"' in output
    settings = r"HKCU\Software\VB and VBA Program Settings\xlhedge\Places"
    assert HOME in read_registry(windows, settings)
    trusted = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations"
    assert HOME in read_registry(windows, trusted)
    code, output = windows.run(*ACT, "doctor", "--json")
    assert code == 6  # there is no Excel
    grades = dict(re.findall(r'"check": "(.*?)",\s+"grade": "(.*?)"', output))
    bad = {check for check, grade in grades.items() if grade == "problem"}
    assert bad == {"excel"}
    assert grades["attack surface"] == grades["scripts"] == grades["application control"] == "ok"
    assert grades["com server"] == grades["registration"] == grades["library"] == "ok"
    assert grades["servers"] == grades["macro security"] == "ok"
    code, output = windows.run(*ACT, "uninstall", "--home", HOME)
    assert code == 0
    assert HOME not in read_registry(windows, settings)
    assert HOME not in read_registry(windows, trusted)
    assert "/R " not in read_registry(windows, r"HKCU\Software\Microsoft\Office\16.0\Excel\Options")


def read_registry(windows, key):
    run = subprocess.run(
        ["wine", "reg", "query", key, "/s"],
        env=windows.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return run.stdout.decode("utf-8", "replace")


def test_pip_finds_a_windows_wheel_for_every_dependency(wheel, tmp_path):
    # pip judges "only on Windows" by the system it runs on, so pywin32 is asked for by name.
    for python in ("3.11", "3.12", "3.13"):
        target = ["--target", str(tmp_path / python), "--platform", "win_amd64"]
        tags = ["--python-version", python, "--implementation", "cp"]
        options = ["--dry-run", "--ignore-installed", "--only-binary", ":all:"]
        command = [*PIP, "install", *target, *tags, *options, str(wheel), "pywin32"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr


def test_the_wheel_holds_the_workbooks_and_all_that_the_add_ins_are_built_from(wheel):
    with zipfile.ZipFile(wheel) as package:
        names = set(package.namelist())
    for folder in ("hosts/excel", "office", "windows"):
        for path in (ROOT / "xlhedge" / folder).glob("*.*"):
            assert f"xlhedge/{folder}/{path.name}" in names
    for path in (ROOT / "workbooks").glob("*.xlsx"):
        assert f"xlhedge/templates/ready/{path.name}" in names
