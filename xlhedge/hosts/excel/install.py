"""Installs what Excel needs around the environment that `install.ps1` has made."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import xlhedge
from xlhedge.errors import FileError
from xlhedge.hosts.excel import processes, tooltips, vba, xlam
from xlhedge.hosts.excel import registry as excel_registry
from xlhedge.hosts.excel.help import render as render_help
from xlhedge.hosts.excel.places import SETTINGS, Places
from xlhedge.hosts.excel.registry import Registry
from xlhedge.system.files import save


class ExcelRuns(FileError):
    """Excel runs, and nothing can be installed below it."""


def install(
    places: Places, registry: Registry, *, trusted: bool = False, names: vba.Names = "both"
) -> list[str]:
    """Write the add-in, its help and the templates, and have Excel load it.

    Parameters
    ----------
    places
        Where to.
    registry
        The user's registry.
    trusted
        Whether to make the folder a Trusted Location too.
    names
        Under which names the functions are declared.

    Returns
    -------
    list of str
        What was done, one sentence each. Doing it again changes nothing.
    """
    known = _manifest(places)
    functions = vba.render(names)
    wanted = {
        places.add_in: xlam.build(functions),
        places.tooltips: tooltips.render(names),
        places.by_hand: functions.encode("ascii"),
        places.help_page: render_help().encode(),
        **{places.templates / name: content for name, content in _templates().items()},
    }
    done = [_write(path, content, known) for path, content in wanted.items()]
    _save_manifest(places, known)
    registry.set(SETTINGS, "Home", str(places.home))
    registry.set(SETTINGS, "Templates", str(places.templates))
    registry.set(SETTINGS, "Names", names)
    excel_registry.register(registry, str(places.add_in))
    done.append("Excel loads the add-in at its next start")
    if trusted:
        excel_registry.trust(registry, str(places.home))
        done.append(f"{places.home} is a Trusted Location")
    return done


def uninstall(places: Places, registry: Registry) -> list[str]:
    """Take out what `install` put in; files that the user has changed stay."""
    done = []
    excel_registry.unregister(registry)
    excel_registry.distrust(registry, str(places.home))
    for name in list(registry.values(SETTINGS)):
        registry.remove(SETTINGS, name)
    registry.remove(SETTINGS)
    registry.remove(SETTINGS.rpartition("\\")[0])
    for name, digest in _manifest(places).items():
        path = Path(name)
        if not path.exists():
            continue
        if _digest(path.read_bytes()) == digest:
            path.unlink()
            done.append(f"removed {path}")
        else:
            done.append(f"kept {path}, as it has been changed")
    places.manifest.unlink(missing_ok=True)
    if places.templates.is_dir() and not any(places.templates.iterdir()):
        places.templates.rmdir()
    return [*done, "Excel no longer loads the add-in"]


def status(places: Places, registry: Registry) -> dict[str, Any]:
    """What is installed, as plain data."""
    built = xlam.build(vba.render(installed_names(registry)))
    return {
        "version": xlhedge.__version__,
        "home": str(places.home),
        "add_in": str(places.add_in),
        "add_in_present": places.add_in.exists(),
        "add_in_current": places.add_in.exists() and places.add_in.read_bytes() == built,
        "registered": excel_registry.registered(registry),
        "templates": sorted(path.name for path in places.templates.glob("*.xlsx")),
    }


def installed_names(registry: Registry) -> vba.Names:
    """Under which names the functions were installed."""
    return "prefixed" if registry.values(SETTINGS).get("Names") == "prefixed" else "both"


def refuse_while_excel_runs() -> None:
    """Stop when this user's Excel runs: it holds the add-in and rewrites its settings at its end.

    Other users' on a terminal server are left alone.

    Raises
    ------
    ExcelRuns
        When it does, in this session.
    """
    if os.name != "nt":
        return
    if processes.runs_here("excel.exe", processes.running(), processes.own_session()):
        raise ExcelRuns("Excel is running: close it and try again")


def _templates() -> dict[str, bytes]:
    folder = files("xlhedge").joinpath("templates/ready")
    if not folder.is_dir():
        return {}
    return {
        item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".xlsx")
    }


def _write(path: Path, content: bytes, known: dict[str, str]) -> str:
    """Write a file unless the user has changed the one that is there."""
    digest = _digest(content)
    if path.exists():
        present = _digest(path.read_bytes())
        if present == digest:
            known[str(path)] = digest
            return f"{path} is up to date"
        if path.suffix == ".xlsx" and known.get(str(path)) != present:
            return f"kept {path}, as it has been changed"
    path.parent.mkdir(parents=True, exist_ok=True)
    save(content, path)
    known[str(path)] = digest
    return f"wrote {path}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _manifest(places: Places) -> dict[str, str]:
    try:
        read: dict[str, str] = json.loads(places.manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read


def _save_manifest(places: Places, known: dict[str, str]) -> None:
    places.home.mkdir(parents=True, exist_ok=True)
    text = json.dumps(known, indent=1, sort_keys=True)
    save(text.encode(), places.manifest)
