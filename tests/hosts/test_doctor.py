"""The doctor: every trouble that users of Excel with Python report is seen."""

import base64
import hashlib
import json
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT
from requirements import of_an_installation

import xlhedge
from xlhedge import doctor
from xlhedge.hosts.excel import checks as excel_checks
from xlhedge.hosts.excel import install
from xlhedge.hosts.excel import registry as excel_registry
from xlhedge.hosts.excel.activation import Answer
from xlhedge.hosts.excel.places import Places
from xlhedge.windows import __main__ as actions

VALUE_ERROR = -2146826273
"""#VALUE! as COM tells it."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_doctor_finds_nothing_wrong_here_and_says_what_it_left_out():
    findings = doctor.run()
    assert doctor.healthy(findings)
    assert {finding.check for finding in findings} >= {"python", "functions", "log", "excel"}
    if sys.platform != "win32":
        assert findings[-1].grade == "skipped"
    assert json.loads(json.dumps(doctor.as_data(findings)))
    assert all(finding.cure for finding in findings if finding.grade in {"warning", "problem"})


def test_the_doctor_survives_a_check_that_fails(monkeypatch):
    def check_log():
        raise RuntimeError("no disk")

    monkeypatch.setattr(doctor, "check_log", check_log)
    finding = next(finding for finding in doctor.run() if finding.check == "log")
    assert finding.grade == "warning"
    assert "no disk" in finding.finding


NEEDS = [
    "xlwings==0.37.8; extra == 'excel'", "numpy>=2.0", "ruff==9.9; extra == 'dev'",
    'mypy; extra == "dev"', 'arch>=7.2; extra == "stats"',
]  # fmt: skip


def test_the_doctor_compares_what_is_needed_to_run_and_not_what_developers_need(monkeypatch):
    present = {"xlhedge": "0.1.0", "xlwings": "0.37.8", "numpy": "2.4"}

    def version(name):
        if name not in present:
            raise PackageNotFoundError
        return present[name]

    monkeypatch.setattr(doctor, "requires", lambda name: NEEDS)
    monkeypatch.setattr(doctor, "version", version)
    (found,) = doctor.check_versions()
    assert found.grade == "ok"
    present["xlwings"] = "0.37.9"
    del present["numpy"]
    (found,) = doctor.check_versions()
    assert found.finding == "xlwings is 0.37.9, not 0.37.8; numpy is missing"


def test_the_windows_packages_under_test_are_ones_that_the_project_allows():
    needed = {item.name: item for item in of_an_installation()}
    tested = [
        Requirement(line.split(" --hash")[0])
        for line in (ROOT / "tests" / "wine" / "requirements.txt").read_text().splitlines()
        if "==" in line
    ]
    shared = [item for item in tested if canonical(item) in map(canonical, needed.values())]
    assert len(shared) >= 6
    for item in shared:
        (own,) = (one for one in needed.values() if canonical(one) == canonical(item))
        (pinned,) = item.specifier
        assert own.specifier.contains(pinned.version), item
        if next(iter(own.specifier)).operator == "==":
            assert own.specifier == item.specifier


def canonical(requirement):
    return canonicalize_name(requirement.name)


@pytest.mark.parametrize(
    ("executable", "grade"),
    [
        (r"C:\Program Files\WindowsApps\Python\python.exe", "problem"),
        (r"C:\Users\x\anaconda3\python.exe", "warning"),
        (r"C:\Users\x\AppData\Local\xlhedge\venv\Scripts\python.exe", "ok"),
    ],
)
def test_the_doctor_knows_where_a_python_comes_from(monkeypatch, executable, grade):
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(sys, "base_prefix", r"C:\Python312")
    assert doctor.check_python().grade == grade


def test_the_doctor_sees_what_is_wrong_with_the_add_in(registry, places):
    assert excel_checks.add_in(places).grade == "problem"
    install.install(places, registry)
    assert excel_checks.add_in(places).grade == "ok"
    assert excel_checks.registration(places, registry).grade == "ok"
    places.add_in.write_bytes(b"older")
    assert "another version" in excel_checks.add_in(places).finding
    with zipfile.ZipFile(places.add_in, "w") as package:
        package.writestr("xl/vbaProjectSignature.bin", b"the company's")
    assert "is signed" in excel_checks.add_in(places).finding
    excel_registry.register(registry, r"D:\copy\xlhedge.xlam")
    assert "another copy" in excel_checks.registration(places, registry).finding
    excel_registry.unregister(registry)
    assert "not told" in excel_checks.registration(places, registry).finding
    key = r"Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems"
    registry.set(key, "1", "…C:\\xlhedge.xlam…".encode("utf-16-le"))
    assert "disabled" in excel_checks.registration(places, registry).finding


def test_the_doctor_sees_which_excel_there_is(registry, places):
    assert excel_checks.excel(registry).grade == "problem"
    app = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
    office = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
    registry.set(
        app, "", r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE", machine=True
    )
    registry.set(office, "VersionToReport", "16.0.17928.20216", machine=True)
    registry.set(office, "Platform", "x86", machine=True)
    found = excel_checks.excel(registry)
    assert found.grade == "ok"
    assert "32-bit Excel 16.0.17928" in found.finding
    assert "32-0" in str(places.library(excel_checks.bits(registry)))
    registry.set(office, "VersionToReport", "16.0.10396.20023", machine=True)
    assert excel_checks.excel(registry).grade == "warning"
    registry.set(app, "", r"C:\Program Files\WindowsApps\Excel\EXCEL.EXE", machine=True)
    assert "Store" in excel_checks.excel(registry).finding


def test_the_doctor_sees_folders_that_excel_cannot_use(monkeypatch, tmp_path):
    monkeypatch.setenv("OneDrive", str(tmp_path))
    (found,) = excel_checks.paths(Places.of(tmp_path / "xlhedge"))
    assert "OneDrive" in found.finding
    assert excel_checks.library(Places.of(tmp_path), 64).grade == "problem"


EXCEL = r"Software\Microsoft\Office\16.0\Excel"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel"


@pytest.mark.parametrize(
    ("key", "name", "value", "grade"),
    [
        (EXCEL, "VBAWarnings", 2, "ok"),
        (EXCEL, "VBAWarnings", 4, "warning"),
        (POLICY, "vbawarnings", 3, "warning"),
        (EXCEL, "RequireAddinSig", 1, "problem"),
        (POLICY, "disablealladdins", 1, "problem"),
    ],
)
def test_the_doctor_sees_settings_that_keep_the_add_in_out(
    registry, places, key, name, value, grade
):
    registry.set(rf"{key}\Security", name, value)
    found = excel_checks.macro_security(registry, places)
    assert found.grade == grade
    assert ("administrator" in found.finding) == (key == POLICY)
    excel_registry.trust(registry, str(places.home))
    eased = excel_checks.macro_security(registry, places).grade
    assert eased == ("ok" if grade == "warning" else grade)


def test_the_doctor_sees_servers_that_outlived_excel(places):
    own, excel = str(places.python).upper(), r"C:\Office16\EXCEL.EXE"
    assert excel_checks.servers(places, [own, excel, "C:\\other\\pythonw.exe"]).grade == "ok"
    found = excel_checks.servers(places, [own, own])
    assert (found.grade, found.finding) == ("warning", "2 run although Excel does not")


@pytest.mark.parametrize(
    ("version", "error", "seconds", "grade"),
    [
        (xlhedge.__version__, VALUE_ERROR, 0.004, "ok"),
        (xlhedge.__version__, VALUE_ERROR, 0.2, "warning"),
        (xlhedge.__version__, "Traceback", 0.004, "problem"),
        ("0.0.1", VALUE_ERROR, 0.004, "problem"),
    ],
)
def test_the_doctor_judges_what_the_com_server_answers(
    monkeypatch, places, version, error, seconds, grade
):
    monkeypatch.setattr(excel_checks, "self_test", lambda _: Answer(version, error, seconds))
    assert excel_checks.com_server(places).grade == grade


def test_the_doctor_sees_a_com_server_that_does_not_start(monkeypatch, places):
    def fails(places):
        raise OSError("class not registered")

    monkeypatch.setattr(excel_checks, "self_test", fails)
    assert "class not registered" in excel_checks.com_server(places).finding


def test_the_doctor_sees_a_forbidden_command_prompt_and_marked_files(registry, places, monkeypatch):
    assert excel_checks.cmd(registry).grade == "ok"
    registry.set(r"Software\Policies\Microsoft\Windows\System", "DisableCMD", 1)
    assert excel_checks.cmd(registry).grade == "warning"
    install.install(places, registry)
    assert excel_checks.blocked(places, 64).grade == "ok"
    Path(f"{places.add_in}:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")
    assert excel_checks.blocked(places, 64).grade == "problem"


def test_the_doctor_sees_a_library_that_was_exchanged(places, monkeypatch):
    path = places.library(64)
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"shipped").digest()).rstrip(b"=").decode()
    shipped = SimpleNamespace(name=path.name, hash=SimpleNamespace(value=digest))
    listed = SimpleNamespace(files=[shipped])
    monkeypatch.setattr(excel_checks, "distribution", lambda name: listed)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    assert "not the file that xlwings ships" in excel_checks.library(places, 64).finding
    path.write_bytes(b"shipped")
    assert excel_checks.library(places, 64).grade == "ok"


def test_the_command_line_shows_the_doctor_as_json(capsys):
    assert actions.main(["doctor", "--json"]) == actions.OK
    assert {item["grade"] for item in json.loads(capsys.readouterr().out)} <= {
        "ok",
        "warning",
        "skipped",
    }
