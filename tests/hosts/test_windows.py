"""Installing on Windows, on any system: the registry is a dictionary, the folders are temporary."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fake_registry import ADD_INS, OPTIONS, FakeRegistry
from places import ROOT

import xlhedge
from xlhedge.errors import FileError
from xlhedge.hosts.excel import install, vba, xlam
from xlhedge.hosts.excel import registry as excel_registry
from xlhedge.hosts.excel.help import render as render_help
from xlhedge.hosts.excel.places import SETTINGS, Places
from xlhedge.hosts.excel.processes import Process
from xlhedge.windows import __main__ as actions

TRUSTED = r"Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations"


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


def test_places_given_relative_to_the_current_folder_are_kept_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = Places.of(Path("here"), Path("books"))
    assert places == Places(tmp_path / "here", tmp_path / "books")


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
    assert places.by_hand.read_bytes() == (ROOT / "udfs.bas").read_bytes()
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


@pytest.mark.parametrize(
    ("running", "refused"),
    [
        ([Process(8, "EXCEL.EXE", 2)], True),
        ([Process(8, "Excel.exe", 2), Process(9, "EXCEL.EXE", 3)], True),
        ([Process(8, "EXCEL.EXE", 3)], False),  # another user's on a terminal server
        ([Process(8, "EXCEL.EXE", None)], False),  # another user's, of whom Windows tells nothing
        ([Process(8, "NOTEXCEL.EXE", 2), Process(9, "EXCEL.EXE.exe", 2)], False),
        ([], False),
    ],
)
def test_only_excel_of_the_own_session_is_refused(monkeypatch, running, refused):
    monkeypatch.setattr(install.processes, "running", lambda: running)
    monkeypatch.setattr(install.processes, "own_session", lambda: 2)
    with monkeypatch.context() as windows, contextlib.ExitStack() as expected:
        windows.setattr(install.os, "name", "nt")
        if refused:
            expected.enter_context(pytest.raises(FileError, match="Excel is running"))
        install.refuse_while_excel_runs()


def test_no_windows_program_is_read_as_text_of_a_guessed_code_page():
    for room in ("hosts", "windows", "system", "doctor.py"):
        place = ROOT / "xlhedge" / room
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            assert "tasklist" not in source.replace("`tasklist`", ""), path
            if path.name != "watchdog.py":  # reads numbers, on POSIX
                assert not re.search(r"text=True|universal_newlines|check_output", source), path


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (install.ExcelRuns("Excel is running: close it and try again"), actions.EXCEL_RUNS),
        (FileError("xlhedge.xlam cannot be written: the disk is full"), actions.FAILED),
        (OSError("the network is gone"), actions.FAILED),
    ],
)
def test_only_excel_that_runs_ends_with_its_exit_code(
    registry, places, monkeypatch, capsys, problem, code
):
    def fail(*_, **__):
        raise problem

    monkeypatch.setattr(excel_registry, "WindowsRegistry", lambda: registry)
    monkeypatch.setattr(install, "refuse_while_excel_runs", lambda: None)
    monkeypatch.setattr(install, "install", fail)
    assert actions.main(["install", "--home", str(places.home)]) == code
    assert str(problem) in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_file_that_was_there(registry, places, monkeypatch):
    install.install(places, registry)
    before = {path: path.read_bytes() for path in places.home.iterdir()}
    places.add_in.write_bytes(b"damaged")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(FileError, match="the disk is full"):
        install.install(places, registry)
    before[places.add_in] = b"damaged"
    assert {path: path.read_bytes() for path in places.home.iterdir()} == before


def test_the_help_page_names_every_function_and_loads_nothing_from_elsewhere():
    page = render_help()
    assert all(f'<h3 id="{name}">' in page for name in xlhedge.catalog.CATALOG)
    assert "http" not in page.replace("http-equiv", "")


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
