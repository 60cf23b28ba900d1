"""`install.ps1`, read by a parser: there is no PowerShell to run it with."""

import re
import subprocess
import sys
import zipfile
from email.parser import BytesParser

import pytest
import tree_sitter
import tree_sitter_powershell
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT
from requirements import of_an_installation

import xlhedge
from xlhedge.windows import __main__ as actions

SCRIPT = ROOT / "install.ps1"
LOCK = SCRIPT.with_name("requirements-windows.txt")
CMDLETS = {
    "ForEach-Object",
    "Get-ChildItem",
    "Get-Command",
    "Get-ItemProperty",
    "Get-Process",
    "Join-Path",
    "New-Item",
    "Out-Host",
    "Remove-Item",
    "Set-StrictMode",
    "Sort-Object",
    "Start-Transcript",
    "Stop-Transcript",
    "Test-Path",
    "Where-Object",
    "Write-Warning",
}
"""Of Windows PowerShell 5.1: what the script uses, and no more."""

CHANGES = {"Remove-Item", "New-Item", "Start-Transcript", "Stop-Transcript"}


@pytest.fixture(scope="module")
def source():
    return SCRIPT.read_bytes()


@pytest.fixture(scope="module")
def tree(source):
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language())).parse(source)


def nodes(tree, kind):
    waiting = [tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.type == kind:
            yield node
        waiting += node.children


def text(node):
    return node.text.decode()


def own_functions(tree):
    return {
        text(next(c for c in n.children if c.type == "function_name"))
        for n in nodes(tree, "function_statement")
    }


def test_it_parses(tree):
    assert not tree.root_node.has_error


def test_the_parser_would_have_seen_a_mistake():
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    assert parser.parse(b"if ($x { Get-Process }").root_node.has_error


def test_it_calls_only_known_cmdlets_its_own_functions_and_programs_by_variable(tree):
    called = {text(node) for node in nodes(tree, "command_name")}
    assert called == CMDLETS | (own_functions(tree) & called)
    steps = {"Install-Environment", "Install-Package", "Install-AddIn"}
    assert own_functions(tree) - called == steps
    programs = {text(node) for node in nodes(tree, "command_name_expr")}
    assert all(re.match(r"^(&?\s*\$|[A-Z]\w+-)", program) for program in programs)


def test_it_needs_no_administrator_and_reaches_no_network_but_through_pip(source):
    lower = source.decode().lower()
    forbidden = [
        "runas",
        "requires -runasadministrator",
        "invoke-webrequest",
        "webclient",
        "http:",
        "https:",
        "accessvbom",
        "vbawarnings",
        "set-executionpolicy",
        "invoke-expression",
        "iex ",
        "setx",
    ]
    assert [word for word in forbidden if word in lower] == []


def test_every_change_asks_first_so_that_whatif_holds(tree):
    guarded = 0
    for command in nodes(tree, "command"):
        name = next((text(c) for c in command.children if c.type == "command_name"), "")
        changes = name in CHANGES or re.match(r"^& \$(base|EnvironmentPython) ", text(command))
        if changes and "-I @Arguments" not in text(command):
            above, conditions = command, []
            while above := above.parent:
                if above.type == "if_statement":
                    conditions.append(text(above).split("{")[0])
            assert any("ShouldProcess" in c or "$transcribed" in c for c in conditions), name
            guarded += 1
    assert guarded == 6
    assert "$transcribed = -not $WhatIfPreference" in text(tree.root_node)


def test_every_call_of_the_environments_python_is_asked_for_or_only_reads(source):
    functions = re.split(r"^function ", source.decode(), flags=re.MULTILINE)
    for body in functions:
        if "Invoke-Environment -Arguments" in body:
            assert "ShouldProcess" in body or "'doctor'" in body


def test_xlhedge_itself_is_installed_from_a_file_and_never_by_its_name_from_an_index(source):
    script = source.decode()
    assert "xlhedge==" not in script
    body = script.split("function Install-Package {")[1].split("\n}")[0]
    assert "$wheel = Find-Wheel" in body
    assert "$own = $pip + @('--no-index', '--no-deps', $wheel)" in body
    order = ["if (-not $wheel)", "'pip'", "-Arguments $packages", "-Arguments $own"]
    assert [body.index(part) for part in order] == sorted(body.index(part) for part in order)


def test_all_other_packages_are_installed_by_their_hash_and_as_wheels(source):
    body = source.decode().split("function Install-Package {")[1].split("\n}")[0]
    assert "'--only-binary', ':all:')" in body
    assert "$packages = $pip + @('--require-hashes', '--requirement', $locked)" in body
    assert "$locked = Join-Path -Path $PSScriptRoot -ChildPath $Lock" in body
    assert f"$Lock = '{LOCK.name}'" in source.decode()
    assert body.count("'install'") == source.decode().count("'pip'") == 1


def locked():
    """Package to the pinned requirement with its hashes."""
    text = LOCK.read_text(encoding="ascii").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line[:1].strip(" #")]
    return {re.split(r"[=\[;]", line)[0]: line for line in lines}


def test_every_dependency_is_locked_to_one_version_that_the_project_allows_with_its_hashes():
    pins = locked()
    for line in pins.values():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+(?: +--hash=sha256:[0-9a-f]{64})+ *", line), line
    for wanted in of_an_installation():
        pin = pins[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(pin.split()[0].split("==")[1]), (wanted, pin.split()[0])
    assert "pywin32" in pins, "xlwings needs it on Windows"


def test_the_lock_names_no_host_and_says_how_it_was_made():
    text = LOCK.read_text(encoding="ascii")
    assert "://" not in text
    assert "-index" not in text
    assert "uv pip compile pyproject.toml --generate-hashes --python-platform windows" in text


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_lock_resolves_for_windows_from_wheels_alone(tmp_path, version):
    """With pip itself, by hash: on Linux, where markers would be judged wrongly, without them."""
    command = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps"]
    command += ["--platform", "win_amd64", "--only-binary", ":all:", "--python-version", version]
    command += ["--dest", str(tmp_path), "--requirement", str(LOCK)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert len(list(tmp_path.glob("*.whl"))) == len(locked())
    for wheel in tmp_path.glob("*.whl"):
        with zipfile.ZipFile(wheel) as package:
            name = next(n for n in package.namelist() if n.endswith(".dist-info/METADATA"))
            metadata = BytesParser().parsebytes(package.read(name))
        for text in metadata.get_all("Requires-Dist") or []:
            needed = Requirement(text)
            windows = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
            windows |= {"python_version": version, "python_full_version": version + ".1"}
            windows |= {"platform_python_implementation": "CPython", "extra": ""}
            if needed.marker is None or needed.marker.evaluate(windows):
                pin = locked()[canonicalize_name(needed.name)].split()[0].split("==")[1]
                assert needed.specifier.contains(pin), f"{wheel.name} needs {text}, locked is {pin}"


def test_its_exit_codes_and_version_are_those_of_the_package(source):
    script = source.decode()
    assert f"$Version = '{xlhedge.__version__}'" in script
    assert re.search(
        r"^\$Done, \$Failed, \$NoPython, \$NoPackages, \$ExcelRuns, \$NoAnswer = "
        r"0, 1, 2, 3, 4, 5\r?$",
        script,
        re.MULTILINE,
    )
    assert (actions.OK, actions.FAILED, actions.EXCEL_RUNS, actions.UNHEALTHY) == (0, 1, 4, 6)
    documented = script.split("Exit codes:")[1].split(".PARAMETER")[0]
    assert re.findall(r"\d(?= )", documented) == list("0123456")


def test_it_is_ascii_and_documents_every_parameter(source):
    script = source.decode("ascii")
    parameters = re.findall(r"^    \[(?:string|switch)\] \$(\w+)", script, re.MULTILINE)
    assert parameters == ["Action", "Wheelhouse", "Python", "Folder", "Templates", "Trust"]
    assert re.findall(r"\.PARAMETER (\w+)", script) == parameters
