"""`install.ps1`, read by a parser: there is no PowerShell to run it with."""

import re
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell

import xlhedge
from xlhedge.windows import __main__ as actions

SCRIPT = Path(__file__).parent.parent / "install.ps1"
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
    assert body.index("if (-not $wheel)") < body.index("'pip'") < body.index("$arguments += $wheel")


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
