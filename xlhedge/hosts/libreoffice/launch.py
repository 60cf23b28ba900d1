"""Finds LibreOffice and runs it with a profile of its own, which is gone afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import xlhedge
from xlhedge.errors import FileError
from xlhedge.system import executables as programs

OLDEST = (25, 2)
"""The first LibreOffice that has XLOOKUP, LET and FILTER and finds add-ins in .xlsx files."""

_PLACES = (
    "/usr/bin/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
)
_LIBRARIES = ("numpy", "scipy", "pandas", "arch", "statsmodels", "platformdirs")
_VERSION = re.compile(r"LibreOffice\D*(\d+(?:\.\d+)+)")
_NOTHING_ACTIVE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class Office(NamedTuple):
    """An installed LibreOffice."""

    program: Path
    version: str


def find() -> Office:
    """The LibreOffice of this machine.

    The environment variable XLHEDGE_SOFFICE names its program `soffice` where it is not on the
    path nor in a usual place.

    Raises
    ------
    FileError
        When there is none, or it is older than 25.2.
    """
    program = _program()
    try:
        told = subprocess.run(  # noqa: S603  # the user's own LibreOffice
            [program, "--version"], capture_output=True, timeout=60, check=False
        ).stdout.decode("utf-8", "replace")  # only its numbers are read
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise FileError(f"{program} cannot be started: {problem}") from None
    match = _VERSION.search(told)
    if match is None:
        raise FileError(f"{program} does not tell a version of LibreOffice")
    office = Office(program, match[1])
    if tuple(map(int, match[1].split(".")[:2])) < OLDEST:
        raise FileError(
            f"LibreOffice {OLDEST[0]}.{OLDEST[1]} or later is needed; {program} is {match[1]}"
        )
    return office


def _program() -> Path:
    named = os.environ.get("XLHEDGE_SOFFICE")
    if named:
        if not Path(named).is_file():
            raise FileError(f"XLHEDGE_SOFFICE names {named}, which is not a file")
        return Path(named)
    for name in ("soffice", "libreoffice"):
        found = programs.on_path(name)
        if found is not None:
            return found
    for place in map(Path, _PLACES):
        if place.is_file():
            return place
    raise FileError("LibreOffice was not found: install it, or name soffice in XLHEDGE_SOFFICE")


def package_folders() -> list[str]:
    """Where this Python has the package and the libraries that it needs.

    Each library is asked for: an environment may take some of them from another folder.
    """
    paths = sysconfig.get_paths()
    folders = [str(Path(xlhedge.__file__).parent.parent), paths["purelib"], paths["platlib"]]
    for library in _LIBRARIES:
        found = find_spec(library)
        if found is not None and found.origin is not None:
            place = Path(found.origin).parent
            folders.append(str(place.parent if found.submodule_search_locations else place))
    return list(dict.fromkeys(folders))


@contextlib.contextmanager
def workplace(*extensions: bytes) -> Iterator[Workplace]:
    """A folder with a fresh profile in which these extensions (.oxt) are installed."""
    with tempfile.TemporaryDirectory(prefix="xlhedge-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for number, content in enumerate(extensions):
            with zipfile.ZipFile(BytesIO(content)) as package:
                package.extractall(folder / "extensions" / f"extension{number}")
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_NOTHING_ACTIVE, encoding="utf-8")
        yield Workplace(folder)


class Workplace(NamedTuple):
    """A folder for one run of LibreOffice: its profile, the extensions, and files to work on."""

    folder: Path

    def run(
        self,
        office: Office,
        *arguments: str,
        seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run LibreOffice without a window until it ends.

        Extensions are given as bundled ones: LibreOffice takes them in when it starts, for any
        user, and nothing is registered outside this folder.

        Raises
        ------
        FileError
            When it cannot be started or takes longer than `seconds`; it is stopped then, with
            everything that it started.
        """
        command = [
            str(office.program),
            "--headless",
            "--norestore",
            "--nologo",
            f"-env:UserInstallation={(self.folder / 'profile').as_uri()}",
            f"-env:BUNDLED_EXTENSIONS={(self.folder / 'extensions').as_uri()}",
            *arguments,
        ]
        try:
            process = subprocess.Popen(  # noqa: S603  # the user's own LibreOffice
                command,
                cwd=self.folder,
                env={**os.environ, "SAL_USE_VCLPLUGIN": "svp", **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as problem:
            raise FileError(f"{office.program} cannot be started: {problem.strerror}") from None
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise FileError(
                f"LibreOffice did not finish within {round(seconds, 1):g} seconds and was stopped"
            ) from None
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children, if any of them still runs."""
    if sys.platform == "win32":
        if process.poll() is None:
            subprocess.run(  # noqa: S603
                [programs.of_windows("taskkill.exe"), "/F", "/T", "/PID", str(process.pid)],
                capture_output=True,
                check=False,
            )
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
