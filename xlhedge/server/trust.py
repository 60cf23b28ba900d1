"""Has the user's system trust the local authority, on request: for this user and no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from xlhedge.errors import FileError
from xlhedge.server.certificates import NAME
from xlhedge.system.executables import of_windows

_SECONDS = 120
_KEYCHAIN = "Library/Keychains/login.keychain-db"


def add(authority: Path) -> str:
    """Put the authority into the user's trust store; the system asks the user.

    Returns
    -------
    str
        What has been done, or what the user has to do.

    Raises
    ------
    FileError
        When the system refuses.
    """
    keychain = str(Path.home() / _KEYCHAIN)
    changed = _change(
        ["-addstore", "Root", str(authority)],
        ["add-trusted-cert", "-r", "trustRoot", "-k", keychain, str(authority)],
    )
    if changed:
        return "this user's programs trust the xlhedge server on this machine"
    return f"add {authority} to the authorities of your browser; nothing has been changed"


def remove(authority: Path) -> str:
    """Take it out again; returns and raises as `add`."""
    changed = _change(["-delstore", "Root", NAME], ["remove-trusted-cert", str(authority)])
    if changed:
        return "nothing trusts the xlhedge server any more"
    return f'remove "{NAME}" from the authorities of your browser; nothing has been changed'


def _change(windows: list[str], mac: list[str]) -> bool:
    """Run the system's own program; False where there is no store of the user's."""
    commands = {
        "win32": [str(of_windows("certutil.exe")), "-user", *windows],
        "darwin": ["/usr/bin/security", *mac],
    }
    command = commands.get(sys.platform)
    if command:
        _run(command)
    return command is not None


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # by its full path, from a list
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise FileError(f"{command[0]} failed: {problem}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise FileError(f"{command[0]} refused: {said[0] if said else done.returncode}")
