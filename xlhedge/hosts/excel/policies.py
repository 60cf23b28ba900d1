"""What an administrator has forbidden, as far as the registry tells: the doctor's checks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from xlhedge.findings import Finding
from xlhedge.hosts.excel.places import Places
from xlhedge.hosts.excel.registry import Registry

NO_CHILD = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"
"""Attack-surface reduction: Office may not create child processes."""

NO_WIN32 = "92E97FA1-2EDF-4476-BDD6-9DD0B4DDDC7B"
"""Attack-surface reduction: macros may not call Windows."""

RULES = {
    NO_CHILD: "the rule against child processes of Office keeps Python from starting",
    NO_WIN32: "the rule against Win32 calls from macros keeps the add-in from loading its library",
}
_GUARD = r"Windows Defender Exploit Guard\ASR"
_DEFENDER = r"SOFTWARE\Policies\Microsoft\Windows Defender"
_RULE_KEYS = (
    rf"{_DEFENDER}\{_GUARD}\Rules",
    rf"SOFTWARE\Microsoft\Windows Defender\{_GUARD}\Rules",
)
_EXCLUSION_KEYS = (
    rf"{_DEFENDER}\{_GUARD}\ASROnlyExclusions",
    rf"SOFTWARE\Microsoft\Windows Defender\{_GUARD}\ASROnlyExclusions",
)
_MANAGED = rf"{_DEFENDER}\Policy Manager"
"""Where Intune writes both, as texts."""

_POWERSHELL = r"Software\Policies\Microsoft\Windows\PowerShell"
_APPLOCKER = r"SOFTWARE\Policies\Microsoft\Windows\SrpV2"
_SESSION = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
_BLOCK, _WARN, _AUDIT = 1, 6, 2
_PROGRAMS, _PROGRAMS_AUDIT = 0x04, 0x08  # CODEINTEGRITY_OPTION_UMCI_ENABLED, ..._UMCI_AUDITMODE_...
_PAGE = "docs/excel.md, For the IT department"


def attack_surface(registry: Registry, places: Places) -> Iterator[Finding]:
    """Whether Defender's rules against macros meet the add-in."""
    states, excluded = _states(registry), _is_excluded(registry, str(places.home))
    met = False
    for rule, what in RULES.items():
        state = states.get(rule)
        if state not in {_BLOCK, _WARN, _AUDIT}:
            continue
        met = True
        text = f"{what} ({rule})"
        if excluded:
            yield Finding("attack surface", "ok", f"{text}, but {places.home} is excluded from it")
        elif state == _AUDIT:
            cure = "Nothing is blocked yet; ask for the exclusion before the rule is put in force"
            yield Finding("attack surface", "warning", f"being audited: {text}", cure)
        else:
            cure = f"Ask the administrator to exclude {places.home} from the rule: {_PAGE}"
            yield Finding("attack surface", "problem", text, cure)
    if not met:
        yield Finding("attack surface", "ok", "no rule of Defender against macros is known here")


def _states(registry: Registry) -> dict[str, int]:
    """The state of each rule; what is managed comes before what is set by hand."""
    found: dict[str, int] = {}
    texts = [str(registry.values(_MANAGED, machine=True).get("ASRRules", ""))]
    for rule, state in re.findall(r"([0-9A-Fa-f-]{36})=(\d+)", "|".join(texts)):
        found.setdefault(rule.upper(), int(state))
    for key in _RULE_KEYS:
        for rule, state in registry.values(key, machine=True).items():
            if str(state).strip().isdecimal():
                found.setdefault(rule.strip("{} ").upper(), int(str(state)))
    return found


def _is_excluded(registry: Registry, home: str) -> bool:
    """Whether the installation lies in a folder that the rules leave out."""
    folders = [name for key in _EXCLUSION_KEYS for name in registry.values(key, machine=True)]
    managed = str(registry.values(_MANAGED, machine=True).get("ASROnlyExclusions", ""))
    folders += [item.partition("=")[0] for item in managed.split("|")]
    own = home.lower().rstrip("\\") + "\\"
    plain = (folder.strip().lower().rstrip("\\*") for folder in folders if folder.strip())
    return any(fnmatchcase(own, f"{folder.replace('[', '[[]')}\\*") for folder in plain)


def scripts(registry: Registry) -> Finding:
    """Whether `install.ps1` may run: a policy goes before ``-ExecutionPolicy Bypass``."""
    cure = f"Install without the script: {_PAGE}"
    for machine, whose in ((True, "for this machine"), (False, "for this user")):
        values = registry.values(_POWERSHELL, machine=machine)
        policy = str(values.get("ExecutionPolicy", ""))
        if values.get("EnableScripts") == 0:
            return Finding("scripts", "warning", f"a policy {whose} forbids all scripts", cure)
        if policy.lower() == "allsigned":
            text = f"a policy {whose} allows signed scripts only, whatever -ExecutionPolicy says"
            return Finding("scripts", "warning", text, cure)
    if str(registry.values(_SESSION, machine=True).get("__PSLockdownPolicy", "")) == "4":
        text = "PowerShell runs in its constrained language mode"
        return Finding("scripts", "warning", text, cure)
    return Finding("scripts", "ok", "no policy keeps install.ps1 from running")


def application_control(
    registry: Registry, places: Places, integrity: int | None = None
) -> Iterator[Finding]:
    """Whether AppLocker or a code integrity policy (WDAC) decides which programs run.

    Parameters
    ----------
    registry
        Where AppLocker's rules stand.
    places
        The installation.
    integrity
        What `processes.code_integrity` gives; None where Windows does not tell.
    """
    cure = f"Ask the administrator for a rule for {places.home}: {_PAGE}"
    enforced = list(_enforced(registry))
    if enforced:
        text = f"AppLocker is in force for {', '.join(enforced)}"
        yield Finding("application control", "warning", text, cure)
    if integrity is not None and integrity & _PROGRAMS:
        audit = integrity & _PROGRAMS_AUDIT
        state = "being audited" if audit else "in force"
        text = f"a code integrity policy (WDAC) for programs is {state}"
        yield Finding("application control", "warning", text, cure)
    elif integrity is None and not enforced:
        text = "AppLocker is not in force; Windows does not tell of code integrity policies"
        yield Finding("application control", "ok", text)
    elif not enforced:
        text = "neither AppLocker nor a code integrity policy is in force"
        yield Finding("application control", "ok", text)


def _enforced(registry: Registry) -> Iterable[str]:
    for kind in ("Dll", "Exe", "Script"):
        key = rf"{_APPLOCKER}\{kind}"
        # Where rules exist and nothing is said, they are enforced.
        mode = registry.values(key, machine=True).get("EnforcementMode")
        if mode == 1 or (mode is None and registry.keys(key, machine=True)):
            yield kind
