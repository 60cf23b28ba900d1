"""The command line's `doctor`, `calc` and `recalc --engine`."""

import io
import json
import stat
import sys

import pytest
from places import ROOT
from recalc_helpers import formulas, values
from typer.testing import CliRunner

import xlhedge
from xlhedge import doctor
from xlhedge.cli import app, build, main
from xlhedge.errors import FileError
from xlhedge.findings import Finding
from xlhedge.hosts.libreoffice import install
from xlhedge.hosts.libreoffice.launch import Office
from xlhedge.recalc import Results, SheetResults


def run(*words):
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("calc", "install"),
        ("calc", "uninstall"),
        ("calc", "status"),
        ("recalc",),
        ("set",),
        ("show",),
        ("report",),
        ("batch",),
        ("addins",),
    ],
)
def test_the_help_of_each_command_shows_an_example(words):
    told = run(*words, "--help").output
    assert "Examples:" in told
    assert f"xlhedge {' '.join(words)}" in told.split("Examples:")[1]


def test_the_doctor_tells_a_line_per_finding_and_succeeds_where_nothing_is_wrong():
    done = run("doctor")
    assert done.exit_code == 0
    assert all(line[:8].strip() in {"OK", "WARNING", "SKIPPED", ""} for line in lines(done))
    findings = json.loads(run("doctor", "--json").output)
    assert findings[0]["check"] == "system"
    assert {"python", "functions", "libreoffice"} <= {item["check"] for item in findings}


def lines(done):
    return done.output.splitlines()


def test_the_doctor_fails_with_a_problem_and_names_the_cure(monkeypatch):
    broken = Finding("add-in", "problem", "it is missing", "install it")
    monkeypatch.setattr(doctor, "run", lambda: [broken])
    done = run("doctor")
    assert done.exit_code == 1
    assert lines(done) == ["PROBLEM  add-in: it is missing", "         -> install it"]
    assert run("doctor", "--json").exit_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended LibreOffice is a shell script")
@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_an_old_libreoffice_is_one_line_and_a_failure(action, tmp_path, monkeypatch):
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho 'LibreOffice 7.4.7.2 40(Build:2)'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("XLHEDGE_SOFFICE", str(program))
    done = run("calc", action)
    assert done.exit_code == 1
    assert isinstance(done.exception, FileError)
    assert "LibreOffice 25.2 or later is needed" in str(done.exception)


def test_the_status_of_calc_is_told_and_is_the_exit_code(monkeypatch, tmp_path):
    office = Office(tmp_path / "soffice", "25.2.3")
    found = install.Status(office, None, xlhedge.__version__)
    monkeypatch.setattr(install, "status", lambda addin: found)
    done = run("calc", "status")
    assert (done.exit_code, lines(done)[1]) == (1, "add-in: not installed")
    found = install.Status(office, xlhedge.__version__, xlhedge.__version__)
    assert run("calc", "status").exit_code == 0


def test_installing_hands_over_an_add_in_that_knows_where_the_package_is(monkeypatch, tmp_path):
    given = []

    def pretended(addin):
        given.append(addin)
        return install.Status(Office(tmp_path, "25.2.3"), xlhedge.__version__, "0.1.0")

    monkeypatch.setattr(install, "install", pretended)
    assert run("calc", "install").exit_code == 0
    assert b"search_path.txt" in given[0]
    monkeypatch.setattr(install, "uninstall", lambda: False)
    assert run("calc", "uninstall").output == "the add-in was not installed\n"


def test_an_unknown_engine_is_refused(tmp_path):
    done = run("recalc", str(tmp_path / "a.xlsx"), "--engine", "abacus")
    assert done.exit_code == 2


def test_the_add_ins_are_written_once_and_are_the_same_bytes_each_time(tmp_path):
    folder = tmp_path / "new"
    told = run("addins", str(folder)).output
    assert told.count("written: ") == 4
    assert sorted(path.name for path in folder.iterdir()) == [
        "udfs.bas",
        "xlhedge.oxt",
        "xlhedge.xlam",
        "xlhedge.xlam.intellisense.xml",
    ]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before["udfs.bas"] == (ROOT / "udfs.bas").read_bytes()
    assert run("addins", str(folder)).output == "all are up to date\n"
    (folder / "xlhedge.xlam").write_bytes(b"older")
    assert run("addins", str(folder)).output == f"written: {folder / 'xlhedge.xlam'}\n"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    run("addins", str(folder), "--names", "prefixed")
    functions = (folder / "udfs.bas").read_text(encoding="ascii")
    assert "Function XLH_BETA(" in functions
    assert "Function BETA(" not in functions
    assert b'"BETA"' not in (folder / "xlhedge.xlam.intellisense.xml").read_bytes()


def test_building_writes_the_add_ins_to_dist_and_checking_leaves_them_out(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "generated", lambda: {"udfs.bas": lambda: b"text"})
    (tmp_path / "pyproject.toml").touch()
    assert run("build", "--root", str(tmp_path), "--check").exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]
    told = run("build", "--root", str(tmp_path)).output
    assert told == "written: udfs.bas, dist/xlhedge.xlam, dist/xlhedge.oxt\n"
    assert run("build", "--root", str(tmp_path), "--check").exit_code == 0
    assert "dist/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_a_terminal_that_lacks_a_letter_shows_another_instead_of_a_traceback(monkeypatch):
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "argv", ["xlhedge", "functions", "BASIS"])
    with pytest.raises(SystemExit) as ended:
        main()
    shown.flush()
    assert not ended.value.code
    assert b"?" in shown.buffer.getvalue()


class Otherwise:
    """An engine that always gives 7 in D1."""

    name = "calc"

    def __init__(self, addin, *, seconds):
        pass

    def evaluate(self, package):
        return Results({"Sheet1": SheetResults({(1, 4): 7.0})})


def test_both_engines_save_the_embedded_values_and_fail_with_a_difference(monkeypatch, tmp_path):
    monkeypatch.setattr("xlhedge.hosts.libreoffice.engine.CalcEngine", Otherwise)
    path, out = formulas(tmp_path / "f.xlsx", "=1+1"), tmp_path / "out.xlsx"
    done = run("recalc", str(path), "-o", str(out), "--engine", "both")
    assert done.exit_code == 1
    assert "  Sheet1!D1: 2.0 and 7.0" in lines(done)
    assert values(out)["D1"] == 2
    done = run("recalc", str(path), "--in-place", "--engine", "both", "--json")
    (told,) = json.loads(done.output)["differences"]
    assert told == {"cell": "Sheet1!D1", "embedded": 2.0, "calc": 7.0}
    done = run("recalc", str(path), "--in-place", "--engine", "calc")
    assert done.exit_code == 0
    assert values(path)["D1"] == 7


@pytest.mark.calc
def test_both_real_engines_agree_from_the_command_line(tmp_path):
    path, out = formulas(tmp_path / "f.xlsx", "=SUM(1,2)"), tmp_path / "out.xlsx"
    done = run("recalc", str(path), "-o", str(out), "--engine", "both")
    assert done.exit_code == 0, done.output
    assert "both engines agree in every cell" in done.output
