"""`install.ps1`, read by a parser: there is no PowerShell to run it with."""

import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import BytesParser

import pytest
import tree_sitter
import tree_sitter_powershell
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT
from requirements import WHOLE, of_an_installation

import xlhedge
from xlhedge.windows import __main__ as actions
from xlhedge.windows import prepare

SCRIPT = ROOT / "install.ps1"
LOCK = SCRIPT.with_name("requirements-windows.txt")
VERSIONS = ["3.11", "3.12", "3.13", "3.14"]
"""Of Python: what the lock is for."""
CMDLETS = tomllib.loads(
    SCRIPT.with_name("tests")
    .joinpath("hosts", "powershell_cmdlets.toml")
    .read_text(encoding="ascii")
)
"""Of Windows PowerShell 5.1: what the script uses, and no more."""

COMMON = {"ErrorAction"}
CHANGES = {
    "New-Item",
    "Remove-Item",
    "Remove-ItemProperty",
    "Set-ItemProperty",
    "Start-Transcript",
    "Stop-Transcript",
}


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


def commands(tree):
    """Each command with its name, its parameters and the rest of its words."""
    for node in nodes(tree, "command"):
        name = next((text(c) for c in node.children if c.type == "command_name"), "")
        words = [e for c in node.children if c.type == "command_elements" for e in c.children]
        parameters = [text(w)[1:] for w in words if w.type == "command_parameter"]
        loose = [text(w) for w in words if w.type not in {"command_parameter", SEPARATOR}]
        yield node, name, parameters, loose


SEPARATOR = "command_argument_sep"


def test_it_calls_only_known_cmdlets_its_own_functions_and_programs_by_variable(tree):
    called = {text(node) for node in nodes(tree, "command_name")}
    assert called == set(CMDLETS) | (own_functions(tree) & called)
    assert own_functions(tree) - called == {"Install-Environment", "Install-AddIn"}
    programs = {text(node) for node in nodes(tree, "command_name_expr")}
    assert programs == {"$Path", "$step"}


def test_every_parameter_is_one_that_the_documentation_of_5_1_lists_and_none_is_shortened(tree):
    checked = 0
    for node, name, parameters, _ in commands(tree):
        if name in CMDLETS:
            known = set(CMDLETS[name]["parameters"].split()) | COMMON
            assert set(parameters) <= known, text(node)
            checked += len(parameters)
    assert checked > 60
    assert all("powershell-5.1" in cmdlet["source"] for cmdlet in CMDLETS.values())


def test_no_value_is_given_to_a_cmdlet_without_the_name_of_its_parameter(tree):
    for node, name, parameters, loose in commands(tree):
        if name in CMDLETS:
            assert len(loose) <= len(parameters), text(node)


def test_own_functions_get_only_the_parameters_that_they_declare(tree):
    declared = {}
    for node in nodes(tree, "function_statement"):
        name = next(text(c) for c in node.children if c.type == "function_name")
        head = text(node).split("{")[0]
        declared[name] = set(re.findall(r"\$(\w+)", head))
    for node, name, parameters, _ in commands(tree):
        if name in declared:
            assert set(parameters) <= declared[name], text(node)


def test_a_wrong_parameter_would_have_been_seen():
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    wrong = parser.parse(b"Get-ChildItem -LiteralPth $x -Depth 2")
    ((_, name, parameters, _),) = commands(wrong)
    assert set(parameters) - set(CMDLETS[name]["parameters"].split()) == {"LiteralPth"}


def test_no_variable_of_a_function_hides_one_of_the_script_which_knows_no_case(source):
    script = source.decode()
    top = {word.lower() for word in re.findall(r"^\$(\w+) = ", script, re.MULTILINE)}
    top |= {"action", "wheelhouse", "python", "folder", "templates", "names", "trust"}
    for body in re.findall(r"^function .*?^}", script, re.MULTILINE | re.DOTALL):
        inside = {word.lower() for word in re.findall(r"^\s+\$(\w+) \+?= ", body, re.MULTILINE)}
        inside |= {word.lower() for word in re.findall(r"foreach \(\$(\w+) in", body)}
        assert not inside & top, body.split("\n")[0]


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
    for node, name, _, _ in commands(tree):
        if name in CHANGES:
            body, above = "", node
            while above := above.parent:
                if above.type in {"if_statement", "function_statement"}:
                    body += text(above)
                if above.type == "function_statement":
                    break
            before = body[: body.rindex(text(node))]
            assert "ShouldProcess" in before or "$transcribed" in before, text(node)
            guarded += 1
    assert guarded == 12
    assert "$transcribed = -not $WhatIfPreference" in text(tree.root_node)


def test_every_call_of_the_environments_python_is_asked_for_or_only_reads(source):
    functions = re.split(r"^function ", source.decode(), flags=re.MULTILINE)
    for body in functions:
        if "Invoke-Python -Path" in body:
            assert "ShouldProcess" in body or "'doctor'" in body


def test_xlhedge_itself_is_installed_from_a_file_and_never_by_its_name_from_an_index(source):
    script = source.decode()
    assert "xlhedge==" not in script
    assert "'pip'" not in script, "prepare.py calls it"
    assert "'--wheel', $wheel" in script
    assert "'--lock', $LockPath" in script
    assert "$LockPath = Join-Path -Path $PSScriptRoot -ChildPath $Lock" in script
    assert f"$Lock = '{LOCK.name}'" in script


def test_only_an_environment_with_our_own_file_in_it_is_removed(source):
    script = source.decode()
    assert f"$Marker = '{prepare.MARKER}'" in script
    body = script.split("function Remove-Environment {")[1].split("\n}")[0]
    assert body.index("-ChildPath $Marker)") < body.index("Remove-Item")
    assert script.count("$Environment -Recurse") == 1


def test_a_path_is_handed_to_programs_without_the_backslash_that_5_1_takes_for_a_quote(source):
    script = source.decode()
    for name in ("Folder", "Templates", "Wheelhouse"):
        assert f"${name} = Format-Folder -Path ${name}\n" in script
    rule = script.split("function Format-Folder")[1].split("\n}")[0]
    assert "TrimEnd('\\')" in rule
    assert "Trim('\"')" in rule


def test_only_excel_of_the_own_session_is_in_the_way(source):
    body = source.decode().split("function Test-Excel {")[1].split("\n}")[0]
    assert "(Get-Process -Id $PID).SessionId" in body
    assert "$_.SessionId -eq $session" in body


def test_the_pythons_that_it_takes_are_those_that_the_lock_is_tried_for_newest_first(source):
    line = re.search(r"^\$PythonVersions = (.*)$", source.decode(), re.MULTILINE)[1]
    assert re.findall(r"'([\d.]+)'", line) == VERSIONS[::-1]
    assert "64-bit Python 3.11 to 3.14" in (ROOT / "docs" / "excel.md").read_text()


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
    command = next(line for line in text.splitlines() if "uv pip compile pyproject.toml" in line)
    assert re.findall(r"--extra (\w+)", command) == list(WHOLE)
    assert "--generate-hashes --python-platform windows --python-version 3.11" in command


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
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
        r"^\$Done, \$Failed, \$NoPython, \$NoPackages, \$ExcelRuns, \$NoAnswer, \$NotOurs = "
        r"0, 1, 2, 3, 4, 5, 7\r?$",
        script,
        re.MULTILINE,
    )
    assert (actions.OK, actions.FAILED, actions.EXCEL_RUNS, actions.UNHEALTHY) == (0, 1, 4, 6)
    own = (prepare.OK, prepare.FAILED, prepare.NO_PYTHON, prepare.NO_PACKAGES, prepare.NOT_OURS)
    assert own == (0, 1, 2, 3, 7)
    documented = script.split("Exit codes:")[1].split(".PARAMETER")[0]
    assert re.findall(r"\d(?= )", documented) == list("01234567")


def test_it_is_ascii_and_documents_every_parameter(source):
    script = source.decode("ascii")
    parameters = re.findall(r"^    \[(?:string|switch)\] \$(\w+)", script, re.MULTILINE)
    assert parameters == [
        "Action", "Wheelhouse", "Python", "Folder", "Templates", "Names", "Trust",
    ]  # fmt: skip
    assert re.findall(r"\.PARAMETER (\w+)", script) == parameters
