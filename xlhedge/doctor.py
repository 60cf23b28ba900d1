"""What may be wrong with an installation: one finding per check, each with a cure.

On Windows every trouble that users of Excel with Python commonly report is looked for. On other
systems the checks that apply are made, and one finding says what was left out.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Any

from xlhedge.errors import FileError
from xlhedge.extras import EXTRAS
from xlhedge.findings import Finding

_REQUIREMENT = re.compile(r"\s*([\w.-]+)\s*(?:==\s*([\w.]+))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)")


def run() -> list[Finding]:
    """Make every check that applies here; none of them raises or changes anything."""
    checks: list[Callable[[], Finding | Iterable[Finding]]] = [
        check_system,
        check_python,
        check_versions,
        check_functions,
        check_engine,
        check_calc,
        check_log,
    ]
    if sys.platform == "win32":
        from xlhedge.hosts.excel import checks as excel_checks

        checks += excel_checks.all_checks()
    findings: list[Finding] = []
    for check in checks:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            found = check()
        except Exception as problem:
            text = f"the check itself failed: {type(problem).__name__}: {problem}"
            found = Finding(name, "warning", text, "Report it with the output of doctor --json")
        findings += [found] if isinstance(found, Finding) else found
    if sys.platform != "win32":
        text = f"the checks of Excel and its add-in apply to Windows only, this is {sys.platform}"
        findings.append(Finding("excel", "skipped", text))
    return findings


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether there is no problem among the findings; warnings do not count."""
    return all(finding.grade != "problem" for finding in findings)


def as_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings as plain data, for JSON."""
    return [finding._asdict() for finding in findings]


def as_text(findings: Iterable[Finding]) -> str:
    """The findings as lines, the cure below each trouble."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.grade.upper():8} {finding.check}: {finding.finding}")
        if finding.cure:
            lines.append(f"{'':8} -> {finding.cure}")
    return "\n".join(lines)


def check_system() -> Finding:
    """Which system this is, for a report."""
    return Finding("system", "ok", platform.platform())


def check_python() -> Finding:
    """Which Python runs, and whether it is one that Excel can start."""
    place = sys.executable or "an embedded interpreter"
    text = f"{sys.version.split()[0]} at {place}"
    bases = f"{place};{sys.base_prefix}".lower()
    if "windowsapps" in bases:
        cure = "Install Python from python.org and run install.ps1 -Action Repair -Python PATH"
        return Finding("python", "problem", f"{text} comes from the Microsoft Store", cure)
    if "conda" in bases:
        cure = "If Excel cannot start Python, install one from python.org and repair with -Python"
        return Finding("python", "warning", f"{text} belongs to conda", cure)
    if sys.maxsize < 2**32:
        cure = "Install the 64-bit Python; it works with 32-bit Excel too"
        return Finding("python", "problem", f"{text} is a 32-bit Python", cure)
    return Finding("python", "ok", text)


def check_versions() -> Iterator[Finding]:
    """Whether the installed packages are those that this version was pinned to."""
    cure = "On Windows install.ps1 -Action Repair, elsewhere pip install --force-reinstall xlhedge"
    try:
        needed = requires("xlhedge") or []
    except PackageNotFoundError:
        text = "xlhedge runs from a folder and is not installed, so its pins cannot be compared"
        yield Finding("versions", "skipped", text)
        return
    wrong = []
    for requirement in needed:
        rule, _, marker = requirement.partition(";")
        found = _REQUIREMENT.match(rule)
        on_request = _EXTRA.search(marker)
        if found is None or (on_request and on_request[1] not in EXTRAS):
            continue  # what developers need
        name, pinned = found.groups()
        try:
            present = version(name)
        except PackageNotFoundError:
            if not on_request or (on_request[1] == "excel" and sys.platform == "win32"):
                wrong.append(f"{name} is missing")
        else:
            if pinned and present != pinned:
                wrong.append(f"{name} is {present}, not {pinned}")
    if wrong:
        yield Finding("versions", "problem", "; ".join(wrong), cure)
    else:
        yield Finding("versions", "ok", f"xlhedge {version('xlhedge')} and its pinned packages")


def check_functions() -> Finding:
    """Whether the catalogue answers."""
    import xlhedge
    from xlhedge.catalog import CATALOG

    answered = xlhedge.call("XLHEDGE_VERSION")
    if answered != xlhedge.__version__:
        cure = "Install again: the files of xlhedge do not belong together"
        return Finding("functions", "problem", f"XLHEDGE_VERSION gives {answered}", cure)
    return Finding("functions", "ok", f"{len(CATALOG)} functions answer, version {answered}")


def check_engine() -> Finding:
    """Whether workbooks can be recalculated without a spreadsheet program."""
    if find_spec("formualizer") is None:
        cure = "pip install xlhedge again; without it only `xlhedge recalc` fails"
        return Finding("recalculation", "warning", "formualizer is not installed", cure)
    return Finding("recalculation", "ok", f"formualizer {version('formualizer')}")


def check_calc() -> Finding:
    """Whether there is a LibreOffice that can take the functions; nobody needs one."""
    from xlhedge.hosts.libreoffice.launch import find

    try:
        office = find()
    except FileError as problem:
        return Finding("libreoffice", "skipped", str(problem))
    return Finding("libreoffice", "ok", f"LibreOffice {office.version}; see xlhedge calc status")


def check_log() -> Finding:
    """Whether the log can be written."""
    from xlhedge.system import log as logs

    folder = logs.path().parent
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(nearest, os.W_OK):
        cure = f"Allow writing to {nearest}; the functions work without a log"
        return Finding("log", "warning", f"{folder} cannot be written", cure)
    return Finding("log", "ok", str(logs.path()))
