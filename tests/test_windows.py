"""The Windows side on any system: the registry is a dictionary, the folders are temporary."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import xlhedge
from xlhedge.errors import FileError
from xlhedge.hosts import vba, xlam
from xlhedge.windows import __main__ as actions
from xlhedge.windows import doctor, excel_checks, install
from xlhedge.windows import registry as excel_registry
from xlhedge.windows.help import render as render_help
from xlhedge.windows.places import SETTINGS, Places

HERE = Path(__file__).parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONS = r"Software\Microsoft\Office\16.0\Excel\Options"
ADD_INS = r"Software\Microsoft\Office\16.0\Excel\Add-in Manager"
TRUSTED = r"Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations"


class FakeRegistry:
    """A registry in a dictionary: (machine, key) to values."""

    def __init__(self):
        self.content = {}

    def values(self, key, *, machine=False):
        return dict(self.content.get((machine, key), {}))

    def keys(self, key, *, machine=False):
        below = [
            k[len(key) + 1 :] for m, k in self.content if m == machine and k.startswith(key + "\\")
        ]
        return sorted({name.split("\\")[0] for name in below})

    def set(self, key, name, value, machine=False):
        self.content.setdefault((machine, key), {})[name] = value

    def remove(self, key, name=None):
        if name is None:
            self.content.pop((False, key), None)
        else:
            self.content.get((False, key), {}).pop(name, None)


@pytest.fixture
def registry():
    made = FakeRegistry()
    made.set(OPTIONS, "OPEN", r'/R "C:\other\tools.xlam"')
    made.set(OPTIONS, "OPEN1", r'/R "C:\old\xlhedge.xlam"')
    made.set(OPTIONS, "OPEN2", r"C:\more\third.xll")
    made.set(OPTIONS, "Font", "Calibri")
    made.set(ADD_INS, r"C:\old\xlhedge.xlam", "")
    made.set(ADD_INS, r"C:\other\unticked.xlam", "")
    return made


@pytest.fixture
def places(tmp_path):
    return Places.of(tmp_path / "xlhedge")


def test_the_add_in_is_registered_once_after_the_others_without_a_gap(registry):
    for _ in range(2):
        excel_registry.register(registry, r"C:\new\xlhedge.xlam")
        assert registry.values(OPTIONS) == {
            "OPEN": r'/R "C:\other\tools.xlam"',
            "OPEN1": r"C:\more\third.xll",
            "OPEN2": r'/R "C:\new\xlhedge.xlam"',
            "Font": "Calibri",
        }
        assert list(registry.values(ADD_INS)) == [r"C:\other\unticked.xlam"]


def test_unregistering_leaves_what_others_registered_as_it_was(registry):
    excel_registry.unregister(registry)
    assert registry.values(OPTIONS) == {
        "OPEN": r'/R "C:\other\tools.xlam"',
        "OPEN1": r"C:\more\third.xll",
        "Font": "Calibri",
    }
    assert excel_registry.registered(registry) == []


def test_eleven_entries_keep_their_order(registry):
    entries = [rf'/R "C:\{number}.xlam"' for number in range(11)]
    excel_registry.set_opened(registry, OPTIONS.rpartition("\\")[0], entries)
    assert excel_registry.opened(registry, OPTIONS.rpartition("\\")[0]) == entries


def test_every_version_of_office_gets_the_add_in(registry):
    registry.set(r"Software\Microsoft\Office\15.0\Excel\Options", "Font", "Arial")
    registry.set(r"Software\Microsoft\Office\Common\Excel\Options", "Font", "Arial")
    excel_registry.register(registry, r"C:\new\xlhedge.xlam")
    assert len(excel_registry.registered(registry)) == 2


def test_a_trusted_location_is_made_once_and_only_ours_is_taken_away(registry):
    registry.set(rf"{TRUSTED}\Location0", "Path", "C:\\theirs\\")
    for _ in range(2):
        excel_registry.trust(registry, r"C:\ours")
    assert registry.keys(TRUSTED) == ["Location0", "Location1"]
    excel_registry.trust(registry, r"C:\theirs")
    excel_registry.distrust(registry, r"C:\theirs")
    excel_registry.distrust(registry, r"C:\ours")
    assert registry.keys(TRUSTED) == ["Location0"]


def test_installing_twice_is_installing_once(registry, places):
    first = install.install(places, registry)
    before = json.dumps(list(registry.content.values())), places.manifest.read_text()
    second = install.install(places, registry)
    assert (json.dumps(list(registry.content.values())), places.manifest.read_text()) == before
    assert f"wrote {places.add_in}" in first
    assert f"{places.add_in} is up to date" in second
    assert registry.values(SETTINGS)["Home"] == str(places.home)
    assert places.by_hand.read_bytes() == (HERE.parent / "udfs.bas").read_bytes()
    state = install.status(places, registry)
    assert state["add_in_present"]
    assert state["add_in_current"]
    assert state["version"] == xlhedge.__version__


def test_repairing_replaces_a_damaged_add_in(registry, places):
    install.install(places, registry)
    places.add_in.write_bytes(b"damaged")
    assert not install.status(places, registry)["add_in_current"]
    install.install(places, registry)
    assert install.status(places, registry)["add_in_current"]


def test_a_template_that_the_user_changed_is_neither_replaced_nor_removed(
    registry, places, monkeypatch
):
    monkeypatch.setattr(
        install, "_templates", lambda: {"Basis.xlsx": b"one", "Margin.xlsx": b"two"}
    )
    install.install(places, registry)
    mine = places.templates / "Basis.xlsx"
    mine.write_bytes(b"mine")
    monkeypatch.setattr(
        install, "_templates", lambda: {"Basis.xlsx": b"new", "Margin.xlsx": b"new"}
    )
    assert f"kept {mine}, as it has been changed" in install.install(places, registry)
    assert (places.templates / "Margin.xlsx").read_bytes() == b"new"
    install.uninstall(places, registry)
    assert mine.read_bytes() == b"mine"
    assert [path.name for path in places.templates.iterdir()] == ["Basis.xlsx"]


def test_uninstalling_takes_out_what_installing_put_in(registry, places):
    untouched = FakeRegistry()
    untouched.content = {key: dict(values) for key, values in registry.content.items()}
    excel_registry.unregister(untouched)
    install.install(places, registry, trusted=True)
    install.uninstall(places, registry)
    assert {k: v for k, v in registry.content.items() if v} == {
        k: v for k, v in untouched.content.items() if v
    }
    assert list(places.home.iterdir()) == []
    install.uninstall(places, registry)


def test_the_add_in_and_the_self_test_start_python_with_the_same_words(places):
    bridge = next(m.text for m in xlam.modules(vba.render()) if m.name == "xlhedge_bridge")
    tail = "-I -m xlhedge.windows.serve $(CLSID)"
    assert tail in bridge
    assert places.server_command.endswith(tail)
    assert places.library(64).name in bridge
    assert places.library(32).name in bridge


def test_excel_that_runs_is_refused(monkeypatch, tmp_path):
    listing = tmp_path / "tasklist"
    listing.write_text('#!/bin/sh\necho \'"EXCEL.EXE","1"\'\n')
    listing.chmod(0o755)
    monkeypatch.setattr(install.shutil, "which", lambda _: str(listing))
    with pytest.raises(FileError, match="Excel is running"):
        install.refuse_while_excel_runs()
    listing.write_text("#!/bin/sh\necho 'INFO: No tasks are running'\n")
    install.refuse_while_excel_runs()


def test_the_help_page_names_every_function_and_loads_nothing_from_elsewhere():
    page = render_help()
    assert all(f'<h3 id="{name}">' in page for name in xlhedge.catalog.CATALOG)
    assert "http" not in page.replace("http-equiv", "")


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


NEEDS = ["xlwings==0.37.8", "numpy>=2.0", "ruff==9.9; extra == 'dev'", 'mypy; extra == "dev"']


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
    needed = {item.name: item for item in map(Requirement, PROJECT["dependencies"])}
    tested = [
        Requirement(line.split(" --hash")[0])
        for line in (HERE / "wine" / "requirements.txt").read_text().splitlines()
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


def test_the_command_line_shows_the_doctor_as_json(capsys):
    assert actions.main(["doctor", "--json"]) == actions.OK
    assert {item["grade"] for item in json.loads(capsys.readouterr().out)} <= {
        "ok",
        "warning",
        "skipped",
    }


def test_the_servers_start_leaves_pandas_out_and_importable():
    code = (
        "import sys, types, xlwings\n"
        "from xlhedge.windows import serve\n"
        "for name in [m for m in sys.modules if m.split('.')[0] in {'xlwings', 'pandas'}]:\n"
        "    del sys.modules[name]\n"
        "told = lambda name: print(name, 'pandas' in sys.modules)\n"
        "sys.modules['xlwings'] = types.SimpleNamespace(serve=told)\n"
        "serve.main('{id}')\n"
        "import pandas\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["{id}", "False"]
