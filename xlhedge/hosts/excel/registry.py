"""The user's registry: the few things that are read from it and written to it.

Functions take a `Registry`, so that they run on a real one, under wine, and on a dictionary.
"""

from __future__ import annotations

import re
from contextlib import suppress
from importlib import import_module
from pathlib import PureWindowsPath
from typing import Any, Protocol

from xlhedge.hosts.excel.places import OFFICE

_ADD_IN = "xlhedge.xlam"


class Registry(Protocol):
    """Values by key, below HKEY_CURRENT_USER unless `machine` is asked for."""

    def values(self, key: str, *, machine: bool = False) -> dict[str, Any]:
        """Name to value; empty where there is no such key."""

    def keys(self, key: str, *, machine: bool = False) -> list[str]:
        """Names of the keys directly below."""

    def set(self, key: str, name: str, value: str | int) -> None:
        """Write a text or a number, and the key if need be."""

    def remove(self, key: str, name: str | None = None) -> None:
        """Remove a value, or a key without keys below it; nothing happens where there is none."""


class WindowsRegistry:
    """The real one."""

    def __init__(self) -> None:
        self._api: Any = import_module("winreg")

    def _root(self, machine: bool) -> Any:
        return self._api.HKEY_LOCAL_MACHINE if machine else self._api.HKEY_CURRENT_USER

    def values(self, key: str, *, machine: bool = False) -> dict[str, Any]:
        """Name to value; empty where there is no such key."""
        try:
            with self._api.OpenKey(self._root(machine), key) as opened:
                count = self._api.QueryInfoKey(opened)[1]
                found = [self._api.EnumValue(opened, index) for index in range(count)]
        except OSError:
            return {}
        return {name: value for name, value, _ in found}

    def keys(self, key: str, *, machine: bool = False) -> list[str]:
        """Names of the keys directly below."""
        try:
            with self._api.OpenKey(self._root(machine), key) as opened:
                count = self._api.QueryInfoKey(opened)[0]
                return [self._api.EnumKey(opened, index) for index in range(count)]
        except OSError:
            return []

    def set(self, key: str, name: str, value: str | int) -> None:
        """Write a text or a number, and the key if need be."""
        kind = self._api.REG_SZ if isinstance(value, str) else self._api.REG_DWORD
        with self._api.CreateKey(self._root(machine=False), key) as opened:
            self._api.SetValueEx(opened, name, 0, kind, value)

    def remove(self, key: str, name: str | None = None) -> None:
        """Remove a value, or a key without keys below it; nothing happens where there is none."""
        with suppress(OSError):
            if name is None:
                self._api.DeleteKey(self._root(machine=False), key)
            else:
                access = self._api.KEY_SET_VALUE
                with self._api.OpenKey(self._root(machine=False), key, 0, access) as opened:
                    self._api.DeleteValue(opened, name)


def excel_keys(registry: Registry) -> list[str]:
    """The Excel key of each Office version that the user has; without any, that of 16.0."""
    found = [
        rf"{OFFICE}\{name}\Excel"
        for name in registry.keys(OFFICE)
        if re.fullmatch(r"\d\d\.0", name) and "Excel" in registry.keys(rf"{OFFICE}\{name}")
    ]
    return found or [rf"{OFFICE}\16.0\Excel"]


def opened(registry: Registry, excel: str) -> list[str]:
    """What Excel opens at its start, in order: the values OPEN, OPEN1, OPEN2 and so on."""
    values = registry.values(rf"{excel}\Options")
    numbered = {
        int(match[1] or 0): value
        for name, value in values.items()
        if (match := re.fullmatch(r"OPEN(\d*)", name, re.IGNORECASE))
    }
    return [str(numbered[number]) for number in sorted(numbered)]


def is_ours(entry: str) -> bool:
    """Whether an OPEN value names this add-in, in whatever folder."""
    quoted = re.search(r'"([^"]*)"', entry)
    path = quoted[1] if quoted else entry.rsplit(maxsplit=1)[-1] if entry.split() else ""
    return PureWindowsPath(path).name.lower() == _ADD_IN


def _open_names(count: int) -> list[str]:
    return ["OPEN", *(f"OPEN{number}" for number in range(1, count))][:count]


def set_opened(registry: Registry, excel: str, entries: list[str]) -> None:
    """Make Excel open exactly these; the values stay without a gap, as Excel stops at the first."""
    key = rf"{excel}\Options"
    names = _open_names(len(entries))
    for name in registry.values(key):
        if re.fullmatch(r"OPEN\d*", name, re.IGNORECASE) and name.upper() not in names:
            registry.remove(key, name)
    current = registry.values(key)
    for name, entry in zip(names, entries, strict=True):
        if current.get(name) != entry:
            registry.set(key, name, entry)


def register(registry: Registry, add_in: str) -> None:
    """Have every Excel of the user load the add-in at its start."""
    for excel in excel_keys(registry):
        others = [entry for entry in opened(registry, excel) if not is_ours(entry)]
        set_opened(registry, excel, [*others, f'/R "{add_in}"'])
        _forget_unticked(registry, excel)


def unregister(registry: Registry) -> None:
    """Take the add-in out again, whatever its folder; what else Excel opens stays as it is."""
    for excel in excel_keys(registry):
        entries = opened(registry, excel)
        others = [entry for entry in entries if not is_ours(entry)]
        if others != entries:
            set_opened(registry, excel, others)
        _forget_unticked(registry, excel)


def _forget_unticked(registry: Registry, excel: str) -> None:
    """Excel lists add-ins that the user has unticked in a key of their own."""
    key = rf"{excel}\Add-in Manager"
    for name in registry.values(key):
        if PureWindowsPath(name).name.lower() == _ADD_IN:
            registry.remove(key, name)


def registered(registry: Registry) -> list[str]:
    """The OPEN values that name this add-in, over all versions of Excel."""
    return [
        entry
        for excel in excel_keys(registry)
        for entry in opened(registry, excel)
        if is_ours(entry)
    ]


def disabled(registry: Registry) -> bool:
    """Whether Excel has put the add-in on its list of items that crashed."""
    for excel in excel_keys(registry):
        for value in registry.values(rf"{excel}\Resiliency\DisabledItems").values():
            if isinstance(value, bytes) and _ADD_IN in value.decode("utf-16-le", "ignore").lower():
                return True
    return False


def trust(registry: Registry, folder: str) -> None:
    """Make a folder a Trusted Location, once."""
    for excel in excel_keys(registry):
        if _trusted_as(registry, excel, folder) is None:
            base = rf"{excel}\Security\Trusted Locations"
            taken = set(registry.keys(base))
            number = next(n for n in range(100) if f"Location{n}" not in taken)
            key = rf"{base}\Location{number}"
            registry.set(key, "Path", folder)
            registry.set(key, "Description", "xlhedge")


def distrust(registry: Registry, folder: str) -> None:
    """Take the Trusted Location away that `trust` made."""
    for excel in excel_keys(registry):
        key = _trusted_as(registry, excel, folder)
        if key is not None and registry.values(key).get("Description") == "xlhedge":
            registry.remove(key)


def is_trusted(registry: Registry, excel: str, folder: str) -> bool:
    """Whether a folder is a Trusted Location of an Excel."""
    return _trusted_as(registry, excel, folder) is not None


def _trusted_as(registry: Registry, excel: str, folder: str) -> str | None:
    base = rf"{excel}\Security\Trusted Locations"
    for name in registry.keys(base):
        key = rf"{base}\{name}"
        if str(registry.values(key).get("Path", "")).rstrip("\\").lower() == folder.lower():
            return key
    return None
