"""docs/excel.md says what the script, the doctor and the ribbon do."""

import re

import pytest
from places import ROOT

TEXT = (ROOT / "docs" / "excel.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "install.ps1").read_text(encoding="ascii")


def table(heading):
    """The rows of the table whose header line begins so."""
    lines = TEXT.partition(f"\n| {heading} |")[2].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def checks():
    """What the doctor's findings are called."""
    excel = ROOT / "xlhedge" / "hosts" / "excel"
    files = (ROOT / "xlhedge" / "doctor.py", excel / "checks.py", excel / "policies.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r'Finding\(\s*"([^"]+)"', source))


def test_every_trouble_names_checks_that_the_doctor_makes_and_every_check_is_named():
    named = {name for row in table("trouble") for name in row[2].split(", ")}
    assert named <= checks()
    everywhere = {"system", "functions", "recalculation", "libreoffice"}
    assert checks() - named == everywhere


@pytest.mark.parametrize(
    "trouble",
    [
        "Store", "conda", "of different versions", "virus scanner", "command prompt", "spaces",
        "OneDrive or SharePoint", "Visual Basic Project", "error 440", "zeros", "`#N/A`",
        "xlhedge.xlam'!", "pythonw.exe", "slow", "#NAME?", "internet's mark", "Ctrl+Shift+Enter",
        "Disabled Items",
    ],
)  # fmt: skip
def test_what_users_report_most_has_a_line_with_a_cure(trouble):
    rows = [row for row in table("trouble") if trouble in f"{row[0]} {row[1]}"]
    assert rows
    assert all(len(row) == 3 and len(row[1]) > 20 for row in rows)


def test_the_exit_codes_and_options_are_those_of_the_script():
    assert [row[0] for row in table("exit code")] == list("01234567")
    documented = {re.search(r"-(\w+)", row[0])[1] for row in table("option")}
    parameters = set(re.findall(r"^    \[(?:string|switch)\] \$(\w+)", SCRIPT, re.MULTILINE))
    assert documented == parameters | {"WhatIf"}
    actions = re.search(r"ValidateSet\((.*'Install'.*)\)", SCRIPT)[1]
    assert set(re.findall(r"-Action (\w+)", TEXT)) == set(re.findall(r"\w+", actions))


def test_the_buttons_it_names_are_on_the_ribbon():
    ribbon = (ROOT / "xlhedge/hosts/excel/ribbon.xml").read_text(encoding="ascii")
    labels = set(re.findall(r'<button id="\w+" label="([^"]+)"', ribbon))
    assert labels == {
        "Recalculate", "New from template", "Why", "Log", "Restart Python", "Doctor", "Help",
    }  # fmt: skip
    named = set(re.findall(r"\*\*([A-Z][\w ]+)\*\*", TEXT)) & labels
    assert named == labels - {"Help"}
