"""The doctor sees what an administrator has forbidden."""

from pathlib import PureWindowsPath

import pytest

from xlhedge.hosts.excel import policies

DEFENDER = r"SOFTWARE\Policies\Microsoft\Windows Defender"
GUARD = rf"{DEFENDER}\Windows Defender Exploit Guard\ASR"
BY_HAND = r"SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
POWERSHELL = r"Software\Policies\Microsoft\Windows\PowerShell"
HOME = r"C:\Users\me\AppData\Local\xlhedge"
PLACES = policies.Places(home=PureWindowsPath(HOME), templates=PureWindowsPath(HOME))


def found(registry):
    return [(item.grade, item.finding) for item in policies.attack_surface(registry, PLACES)]


@pytest.mark.parametrize("rule", policies.RULES)
@pytest.mark.parametrize(
    ("key", "state", "grade"),
    [
        (rf"{GUARD}\Rules", "1", "problem"),
        (rf"{GUARD}\Rules", "6", "problem"),
        (rf"{GUARD}\Rules", "2", "warning"),
        (rf"{GUARD}\Rules", "0", "ok"),
        (rf"{GUARD}\Rules", "5", "ok"),
        (BY_HAND, 1, "problem"),
    ],
)
def test_a_rule_against_macros_is_seen(registry, rule, key, state, grade):
    registry.set(key, rule.lower(), state, machine=True)
    ((told, text),) = found(registry)
    assert told == grade
    assert (rule in text) == (grade != "ok")


def test_rules_of_intune_are_seen_and_go_before_others(registry):
    text = f"{policies.NO_CHILD.lower()}=1|{policies.NO_WIN32}=2|x=y"
    registry.set(rf"{DEFENDER}\Policy Manager", "ASRRules", text, machine=True)
    registry.set(BY_HAND, policies.NO_CHILD, 0, machine=True)
    assert [grade for grade, _ in found(registry)] == ["problem", "warning"]


@pytest.mark.parametrize("managed", [False, True])
@pytest.mark.parametrize(
    ("folder", "grade"),
    [
        (HOME, "ok"),
        (HOME.upper() + r"\*", "ok"),
        (r"C:\Users\*\AppData\Local\xlhedge", "ok"),
        (r"C:\Users\me\AppData", "ok"),
        (HOME + "2", "problem"),
        (HOME + r"\venv", "problem"),
        (r"C:\other", "problem"),
    ],
)
def test_an_exclusion_of_the_folder_is_seen(registry, managed, folder, grade):
    registry.set(rf"{GUARD}\Rules", policies.NO_CHILD, "1", machine=True)
    if managed:
        key, value = rf"{DEFENDER}\Policy Manager", rf"C:\first=0|{folder}=0"
        registry.set(key, "ASROnlyExclusions", value, machine=True)
    else:
        registry.set(rf"{GUARD}\ASROnlyExclusions", folder, "0", machine=True)
    assert found(registry)[0][0] == grade


@pytest.mark.parametrize("machine", [True, False])
@pytest.mark.parametrize(
    ("name", "value", "grade"),
    [
        ("ExecutionPolicy", "AllSigned", "warning"),
        ("ExecutionPolicy", "RemoteSigned", "ok"),
        ("EnableScripts", 0, "warning"),
        ("EnableScripts", 1, "ok"),
    ],
)
def test_a_policy_that_goes_before_the_option_of_the_script_is_seen(
    registry, machine, name, value, grade
):
    registry.set(POWERSHELL, name, value, machine=machine)
    assert policies.scripts(registry).grade == grade


def test_the_constrained_language_mode_is_seen(registry):
    assert policies.scripts(registry).grade == "ok"
    key = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
    registry.set(key, "__PSLockdownPolicy", "4", machine=True)
    assert "constrained" in policies.scripts(registry).finding


def control(registry, integrity=None):
    return [(x.grade, x.finding) for x in policies.application_control(registry, PLACES, integrity)]


def test_applocker_is_seen_where_it_is_in_force(registry):
    key = r"SOFTWARE\Policies\Microsoft\Windows\SrpV2"
    assert control(registry)[0][0] == "ok"
    registry.set(rf"{key}\Exe", "EnforcementMode", 0, machine=True)
    assert control(registry)[0][0] == "ok"
    registry.set(rf"{key}\Exe", "EnforcementMode", 1, machine=True)
    registry.set(rf"{key}\Script\{{rule}}", "Value", "<xml>", machine=True)
    ((grade, text),) = control(registry, 1)
    assert (grade, "Exe, Script" in text) == ("warning", True)


@pytest.mark.parametrize(
    ("integrity", "grade", "part"),
    [
        (0x00, "ok", "neither"),
        (0x01, "ok", "neither"),  # drivers alone, as on every Windows
        (0x05, "warning", "in force"),
        (0x0D, "warning", "audited"),
        (None, "ok", "does not tell"),
    ],
)
def test_a_code_integrity_policy_for_programs_is_seen(registry, integrity, grade, part):
    ((told, text),) = control(registry, integrity)
    assert (told, part in text) == (grade, True)


def test_both_kinds_of_application_control_are_told_side_by_side(registry):
    key = r"SOFTWARE\Policies\Microsoft\Windows\SrpV2\Dll"
    registry.set(key, "EnforcementMode", 1, machine=True)
    assert [grade for grade, _ in control(registry, 0x05)] == ["warning", "warning"]
    assert all(item.cure for item in policies.application_control(registry, PLACES, 0x05))
