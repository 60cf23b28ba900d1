"""Registers the Calc add-in with the user's LibreOffice, takes it out, and tells how it stands."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import xlhedge
from xlhedge.errors import FileError
from xlhedge.hosts.libreoffice.launch import Office, find, workplace

IDENTIFIER = "org.xlhedge.calc"
"""Name under which LibreOffice's extension manager knows the add-in."""

_SECONDS = 120.0
_INSTALLED = re.compile(
    rf"^Identifier: {re.escape(IDENTIFIER)}\s+Version: (?P<version>\S+)"
    r".*?is registered: (?P<on>\w+)",
    re.MULTILINE | re.DOTALL,
)
_QUESTION = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet><table:table table:name="Sheet1"><table:table-row>
<table:table-cell table:formula="of:=ORG.XLHEDGE.CALC.ADDIN.XLHEDGE_VERSION()"/>
</table:table-row></table:table></office:spreadsheet></office:body></office:document>
"""


class Status(NamedTuple):
    """How the add-in stands with the LibreOffice that was found."""

    office: Office
    installed: str | None
    """Version of the add-in that is registered with it."""
    answer: str
    """The version that the functions tell, or the sentence that says why they cannot work."""

    @property
    def works(self) -> bool:
        """Whether Calc has the functions of this version."""
        return self.installed == self.answer == xlhedge.__version__

    def __str__(self) -> str:
        """One line per fact."""
        return "\n".join(
            [
                f"LibreOffice {self.office.version}: {self.office.program}",
                f"add-in: {self.installed or 'not installed'}",
                f"functions: {self.answer}",
            ]
        )


def install(addin: bytes, options: Sequence[str] = ()) -> Status:
    """Register the add-in: for this user, or for all users when run as root.

    Parameters
    ----------
    addin
        The bytes of `xlhedge.oxt`, with the folders in which it looks for the package.
    options
        Further options of LibreOffice's `unopkg`.

    Raises
    ------
    FileError
        When there is no LibreOffice 25.2 or later, when its Python cannot use the package, or
        when it refuses the add-in. Nothing is registered then.
    """
    office = find()
    answer = ask(office, addin)
    if answer != xlhedge.__version__:
        raise FileError(answer)
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        file = Path(folder) / "xlhedge.oxt"
        file.write_bytes(addin)
        _unopkg(office, "add", "--force", "--suppress-license", *options, str(file))
    return Status(office, _installed(office, options), answer)


def uninstall(options: Sequence[str] = ()) -> bool:
    """Take the add-in out; return whether it was there."""
    office = find()
    if _installed(office, options) is None:
        return False
    _unopkg(office, "remove", *options, IDENTIFIER)
    return True


def status(addin: bytes, options: Sequence[str] = ()) -> Status:
    """What is installed, and whether LibreOffice's Python can use the package.

    Parameters
    ----------
    addin
        The add-in as `install` would register it.
    options
        Further options of `unopkg`.
    """
    office = find()
    return Status(office, _installed(office, options), ask(office, addin))


def ask(office: Office, addin: bytes) -> str:
    """What XLHEDGE_VERSION() shows in a cell, in a LibreOffice with a profile of its own."""
    with workplace(addin) as place:
        (place.folder / "question.fods").write_text(_QUESTION, encoding="utf-8")
        place.run(office, "--convert-to", "csv", "question.fods", seconds=_SECONDS)
        answer = place.folder / "question.csv"
        if not answer.is_file():
            return "LibreOffice gave no answer"
        return next(csv.reader([answer.read_text(encoding="utf-8")]))[0].strip()


def _installed(office: Office, options: Sequence[str]) -> str | None:
    match = _INSTALLED.search(_unopkg(office, "list", *options))
    return match["version"] if match and match["on"] == "yes" else None


def _unopkg(office: Office, action: str, *arguments: str) -> str:
    """Run LibreOffice's extension manager; it works for all users only when root asks so."""
    program = office.program.resolve().with_name("unopkg" + office.program.suffix)
    shared = ["--shared"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    try:
        done = subprocess.run(  # noqa: S603  # the user's own LibreOffice
            [program, action, *shared, *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # a console's code page may be another
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise FileError(f"{program} cannot be run: {problem}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        told = " ".join(lines).strip() or "no reason given"
        raise FileError(f"LibreOffice's extension manager could not {action} the add-in: {told}")
    return done.stdout
