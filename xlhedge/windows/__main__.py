"""``python -m xlhedge.windows``: what `install.ps1` and the ribbon's Doctor call."""

from __future__ import annotations

import argparse
import json
import sys
from io import TextIOWrapper
from pathlib import Path

from xlhedge import doctor
from xlhedge.errors import HedgeError
from xlhedge.hosts.excel import install
from xlhedge.hosts.excel.places import Places

OK, FAILED, EXCEL_RUNS, UNHEALTHY = 0, 1, 4, 6
"""Exit codes; `install.ps1` passes them on."""


def main(arguments: list[str] | None = None) -> int:
    """Run one action.

    Parameters
    ----------
    arguments
        The command line without the program; that of the process when not given.

    Returns
    -------
    int
        Exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m xlhedge.windows", description=__doc__)
    actions = ["install", "repair", "uninstall", "status", "selftest", "doctor"]
    parser.add_argument("action", choices=actions)
    parser.add_argument("--home", type=Path, help="where xlhedge is installed")
    parser.add_argument("--templates", type=Path, help="where the template workbooks go")
    names = ("both", "prefixed")
    parser.add_argument("--names", choices=names, default="both", help="names of the functions")
    parser.add_argument("--trust", action="store_true", help="make the home a Trusted Location")
    parser.add_argument("--json", action="store_true", help="status and doctor: as JSON")
    parser.add_argument("--wait", action="store_true", help="wait for Enter at the end")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console's code page may lack a letter
    try:
        return _act(options)
    except install.ExcelRuns as problem:
        sys.stderr.write(f"{problem}\n")
        return EXCEL_RUNS
    except (HedgeError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    finally:
        if options.wait:
            input("Press Enter to close this window. ")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _act(options: argparse.Namespace) -> int:
    if options.action == "doctor":
        findings = doctor.run()
        shown = json.dumps(doctor.as_data(findings), indent=1)
        _say(shown if options.json else doctor.as_text(findings))
        return OK if doctor.healthy(findings) else UNHEALTHY
    from xlhedge.hosts.excel.registry import WindowsRegistry

    places, registry = Places.of(options.home, options.templates), WindowsRegistry()
    if options.action == "status":
        found = install.status(places, registry)
        lines = (f"{name}: {value}" for name, value in found.items())
        _say(json.dumps(found, indent=1) if options.json else "\n".join(lines))
        return OK
    if options.action == "selftest":
        from xlhedge.hosts.excel.activation import self_test

        _say(f"xlhedge {self_test(places).version} answers through the COM server")
        return OK
    install.refuse_while_excel_runs()
    if options.action == "uninstall":
        done = install.uninstall(places, registry)
    else:
        done = install.install(places, registry, trusted=options.trust, names=options.names)
    _say("\n".join(done))
    return OK


if __name__ == "__main__":
    sys.exit(main())
