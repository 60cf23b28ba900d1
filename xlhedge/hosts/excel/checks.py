"""The doctor's checks of Excel, the add-in and the COM server, on Windows."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterable
from importlib.metadata import distribution
from pathlib import Path

import xlhedge
from xlhedge.findings import Finding
from xlhedge.hosts.excel import policies, vba
from xlhedge.hosts.excel import registry as excel_registry
from xlhedge.hosts.excel.activation import self_test
from xlhedge.hosts.excel.install import installed_names
from xlhedge.hosts.excel.places import OFFICE, SETTINGS, Places
from xlhedge.hosts.excel.registry import Registry, WindowsRegistry
from xlhedge.sheet.cells import CellError

_REPAIR = "Close Excel and run install.ps1 -Action Repair"
_APP = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
_CLICK_TO_RUN = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_NO_CMD = r"Software\Policies\Microsoft\Windows\System"
_DYNAMIC_ARRAYS = 12527
_SLOW = 0.05


def all_checks() -> list[Callable[[], Finding | Iterable[Finding]]]:
    """Every check of this module, bound to this user's installation."""
    registry = WindowsRegistry()
    settings = registry.values(SETTINGS)
    home, templates = settings.get("Home"), settings.get("Templates")
    places = Places.of(Path(home) if home else None, Path(templates) if templates else None)

    def check_excel() -> Finding:
        return excel(registry)

    def check_library() -> Finding:
        return library(places, bits(registry))

    def check_add_in() -> Finding:
        return add_in(places, installed_names(registry))

    def check_registration() -> Finding:
        return registration(places, registry)

    def check_blocked_files() -> Finding:
        return blocked(places, bits(registry))

    def check_paths() -> Iterable[Finding]:
        return paths(places)

    def check_cmd() -> Finding:
        return cmd(registry)

    def check_macro_security() -> Finding:
        return macro_security(registry, places)

    def check_attack_surface() -> Iterable[Finding]:
        return policies.attack_surface(registry, places)

    def check_scripts() -> Finding:
        return policies.scripts(registry)

    def check_application_control() -> Iterable[Finding]:
        from xlhedge.hosts.excel.processes import code_integrity

        return policies.application_control(registry, places, code_integrity())

    def check_servers() -> Finding:
        from xlhedge.hosts.excel.processes import programs

        return servers(places, programs())

    def check_com_server() -> Finding:
        return com_server(places)

    return [
        check_excel,
        check_library,
        check_add_in,
        check_registration,
        check_blocked_files,
        check_paths,
        check_cmd,
        check_macro_security,
        check_attack_surface,
        check_scripts,
        check_application_control,
        check_servers,
        check_com_server,
    ]


def bits(registry: Registry) -> int:
    """Excel's bitness; 64 where it cannot be told."""
    platform = registry.values(_CLICK_TO_RUN, machine=True).get("Platform")
    if platform is None:
        platform = registry.values(rf"{OFFICE}\16.0\Outlook", machine=True).get("Bitness")
    return 32 if platform == "x86" else 64


def excel(registry: Registry) -> Finding:
    """Whether there is an Excel that can load the add-in, and which one."""
    path = str(registry.values(_APP, machine=True).get("") or registry.values(_APP).get("") or "")
    if not path:
        cure = "Install Excel for Windows; without it use xlhedge recalc or LibreOffice"
        return Finding("excel", "problem", "no Excel is installed for this user", cure)
    if "windowsapps" in path.lower():
        cure = "Install Office from office.com: the Store's Excel cannot start other programs"
        return Finding("excel", "problem", "this Excel comes from the Microsoft Store", cure)
    number = str(registry.values(_CLICK_TO_RUN, machine=True).get("VersionToReport", ""))
    build = number.split(".")[2] if number.count(".") >= 2 else ""
    text = f"{bits(registry)}-bit Excel {number or 'of an unknown version'} at {path}"
    if build.isdecimal() and int(build) < _DYNAMIC_ARRAYS:
        cure = "Enter results of several cells with Ctrl+Shift+Enter, or update Excel"
        return Finding("excel", "warning", f"{text} has no dynamic arrays", cure)
    return Finding("excel", "ok", text)


def library(places: Places, excel_bits: int) -> Finding:
    """Whether xlwings' library is there, for Excel's bitness and as xlwings shipped it."""
    path = places.library(excel_bits)
    if not path.exists():
        cure = f"{_REPAIR}; if it vanishes again, a virus scanner takes it: allow {path}"
        return Finding("library", "problem", f"{path} is missing", cure)
    shipped = next(
        (item for item in distribution("xlwings").files or () if item.name == path.name), None
    )
    digest = hashlib.sha256(path.read_bytes()).digest()
    found = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if shipped is not None and shipped.hash is not None and shipped.hash.value != found:
        return Finding("library", "problem", f"{path} is not the file that xlwings ships", _REPAIR)
    return Finding("library", "ok", str(path))


def add_in(places: Places, names: vba.Names = "both") -> Finding:
    """Whether the add-in is there and belongs to this version."""
    from xlhedge.hosts.excel import xlam

    if not places.add_in.exists():
        cure = f"{_REPAIR}; if it vanishes again, a virus scanner takes it: allow {places.add_in}"
        return Finding("add-in", "problem", f"{places.add_in} is missing", cure)
    if xlam.is_signed(places.add_in.read_bytes()):
        text = f"{places.add_in} is signed, so it is not compared with what this version builds"
        return Finding("add-in", "ok", text)
    if places.add_in.read_bytes() != xlam.build(vba.render(names)):
        return Finding("add-in", "problem", f"{places.add_in} is of another version", _REPAIR)
    return Finding("add-in", "ok", f"{places.add_in}, version {xlhedge.__version__}")


def registration(places: Places, registry: Registry) -> Finding:
    """Whether Excel loads the add-in, once, from here."""
    if excel_registry.disabled(registry):
        cure = "In Excel: File > Options > Add-ins > Manage: Disabled Items, enable xlhedge"
        return Finding("registration", "problem", "Excel has disabled the add-in", cure)
    entries = excel_registry.registered(registry)
    if not entries:
        return Finding("registration", "problem", "Excel is not told to load the add-in", _REPAIR)
    own = str(places.add_in).lower()
    if any(own not in entry.lower() for entry in entries):
        text = f"Excel loads another copy: {'; '.join(entries)}"
        return Finding("registration", "problem", text, _REPAIR)
    return Finding("registration", "ok", "Excel loads the add-in at its start")


def blocked(places: Places, excel_bits: int) -> Finding:
    """Whether Windows marks a file as one from the internet, which Excel then refuses."""
    marked = [
        str(path)
        for path in (places.add_in, places.library(excel_bits))
        if path.exists() and _is_marked(path)
    ]
    if marked:
        cure = f"{_REPAIR}: the add-in is built on this machine and carries no such mark"
        return Finding("blocked files", "problem", f"from the internet: {'; '.join(marked)}", cure)
    return Finding("blocked files", "ok", "no file is marked as coming from the internet")


def _is_marked(path: Path) -> bool:
    try:
        return b"ZoneId=3" in Path(f"{path}:Zone.Identifier").read_bytes()
    except OSError:
        return False


def paths(places: Places) -> Iterable[Finding]:
    """Whether the folders are of a kind that Excel and xlwings' library can use."""
    synchronised = [
        value.lower() for name, value in os.environ.items() if name.upper().startswith("ONEDRIVE")
    ]
    if any(str(places.home).lower().startswith(folder) for folder in synchronised if folder):
        cure = "Install to a folder that is not synchronised: install.ps1 -Folder"
        yield Finding("paths", "problem", f"{places.home} is synchronised by OneDrive", cure)
    elif str(places.home).startswith("\\\\"):
        cure = "Install to a local folder: install.ps1 -Folder"
        yield Finding("paths", "problem", f"{places.home} is on the network", cure)
    elif not _in_code_page(str(places.home)):
        cure = r"Install to a folder with plain letters: install.ps1 -Folder C:\xlhedge"
        text = f"{places.home} has letters that the Windows code page lacks"
        yield Finding("paths", "problem", text, cure)
    else:
        yield Finding("paths", "ok", str(places.home))


def _in_code_page(text: str) -> bool:
    try:
        return text.encode("mbcs", "strict").decode("mbcs") == text
    except (UnicodeError, LookupError):
        return False


def cmd(registry: Registry) -> Finding:
    """Whether the command prompt is forbidden, which matters to xlwings' own add-in only."""
    if registry.values(_NO_CMD).get("DisableCMD"):
        text = "cmd.exe is forbidden; xlhedge does not need it, xlwings' own add-in does"
        return Finding("cmd", "warning", text, "Use xlhedge.xlam instead of udfs.bas with xlwings")
    return Finding("cmd", "ok", "the command prompt is allowed")


def macro_security(registry: Registry, places: Places) -> Finding:
    """Whether a setting of Excel or of the administrator keeps add-ins of this kind out.

    The trust in VBA projects (AccessVBOM) plays no part: nothing here writes VBA into a workbook.
    """
    for excel_key in excel_registry.excel_keys(registry):
        policy = excel_key.replace(r"Software\Microsoft", r"Software\Policies\Microsoft")
        by_policy = registry.values(rf"{policy}\Security")
        settings = {**registry.values(rf"{excel_key}\Security"), **by_policy}
        set_by = {name.lower(): value for name, value in settings.items()}
        whose = "the administrator" if by_policy else "the Trust Center"
        if set_by.get("disablealladdins") or set_by.get("requireaddinsig"):
            cure = "File > Options > Trust Center > Add-ins: untick it, or ask the administrator"
            return Finding("macro security", "problem", f"{whose} refuses such add-ins", cure)
        trusted = excel_registry.is_trusted(registry, excel_key, str(places.home))
        if set_by.get("vbawarnings") in {3, 4} and not trusted:
            cure = "install.ps1 -Action Repair -Trust makes the folder a Trusted Location"
            return Finding("macro security", "warning", f"{whose} disables macros", cure)
    return Finding("macro security", "ok", "add-ins may run")


def servers(places: Places, running: Iterable[str]) -> Finding:
    """Whether servers are left over from an Excel that has ended."""
    names = [path.lower() for path in running]
    own = names.count(str(places.python).lower())
    if own and not any(name.endswith("\\excel.exe") for name in names):
        cure = "End pythonw.exe in the task manager; Restart Python in the ribbon does it in Excel"
        return Finding("servers", "warning", f"{own} run although Excel does not", cure)
    return Finding("servers", "ok", f"{own} at work")


def com_server(places: Places) -> Finding:
    """Whether the COM server starts as Excel starts it, answers, and gives errors as errors."""
    try:
        answer = self_test(places)
    except Exception as problem:
        return Finding("com server", "problem", f"it does not start: {problem}", _REPAIR)
    if answer.version != xlhedge.__version__:
        text = f"version {answer.version} answers, not {xlhedge.__version__}"
        return Finding("com server", "problem", text, _REPAIR)
    from xlhedge.udfs import SCODES  # with xlwings, which loads matplotlib where it is

    if answer.error != SCODES[CellError.VALUE]:
        return Finding("com server", "problem", f"an error came as {answer.error!r}", _REPAIR)
    text = f"it starts, gives errors as errors, and takes {answer.seconds * 1000:.1f} ms a call"
    if answer.seconds > _SLOW:
        cure = "Use one formula over a whole range, not one per row; a virus scanner may slow it"
        return Finding("com server", "warning", text, cure)
    return Finding("com server", "ok", text)
