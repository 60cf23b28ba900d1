"""Makes the Python environment of an installation: what `install.ps1` runs before there is one.

The base Python runs this file from within the wheel of xlhedge, so it needs nothing but Python's
own library. Output of other programs is passed on as bytes: their language and code page do not
matter, and all of it stands in ``install.log`` too.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

OK, FAILED, NO_PYTHON, NO_PACKAGES, NOT_OURS = 0, 1, 2, 3, 7
"""Exit codes; `install.ps1` passes them on."""

MARKER = "made-by-xlhedge.txt"
"""The file that tells our environment from one that the user has made."""

_TEXT = (
    "This environment was made by xlhedge and belongs to it: Repair makes it anew and Uninstall\n"
    "removes it, with everything in it. Without this file neither touches the folder.\n"
)
_CHECK = "import sys, ssl, pip; print(pip.__version__)"
_FIRST_WITH_TRUSTSTORE, _TRUSTSTORE_IS_USUAL = (23, 3), (24, 2)


class Refusal(Exception):
    """A sentence for the user, and the exit code."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Log:
    """Writes to the console and to a file, both as bytes."""

    def __init__(self, path: Path | None, console: BinaryIO) -> None:
        self._console = console
        self._file: BinaryIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
            self.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {sys.executable}\n".encode())

    def write(self, data: bytes) -> None:
        """Pass bytes on."""
        self._console.write(data)
        self._console.flush()
        if self._file is not None:
            self._file.write(data)
            self._file.flush()

    def say(self, sentence: str) -> None:
        """A sentence of our own."""
        self.write(f"{sentence}\n".encode())

    def run(self, *command: str) -> int:
        """Run a program and pass on what it says; its exit code."""
        with subprocess.Popen(  # noqa: S603 - full paths and fixed words
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            for line in process.stdout:
                self.write(line)
        return process.returncode

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def is_ours(environment: Path) -> bool:
    """Whether an environment was made by xlhedge."""
    return (environment / MARKER).is_file()


def mark(environment: Path) -> None:
    """Say in an environment that it is ours."""
    environment.mkdir(parents=True, exist_ok=True)
    (environment / MARKER).write_text(_TEXT, encoding="ascii")


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / "Scripts" / "python.exe"


def pip_version(python: Path) -> tuple[int, ...]:
    """The version of pip in an environment that works and can reach an index; else ()."""
    try:
        told = subprocess.run(  # noqa: S603 - a full path and fixed words
            [str(python), "-I", "-c", _CHECK], capture_output=True, timeout=120, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(rb"(\d+)\.(\d+)", told.stdout)
    return (int(found[1]), int(found[2])) if told.returncode == 0 and found else ()


def certificates(pip: tuple[int, ...]) -> list[str]:
    """What makes pip trust the certificates that Windows trusts, as behind TLS inspection.

    Examples
    --------
    >>> certificates((24, 0)), certificates((25, 1)), certificates((22, 3))
    (['--use-feature=truststore'], [], [])
    """
    can = _FIRST_WITH_TRUSTSTORE <= pip < _TRUSTSTORE_IS_USUAL
    return ["--use-feature=truststore"] if can else []


def make_environment(environment: Path, base: str, *, anew: bool, log: Log) -> None:
    """Make the environment, or leave the one that works.

    Parameters
    ----------
    environment
        Its folder.
    base
        The interpreter that makes it.
    anew
        Whether to replace one that works.
    log
        Gets what is done.

    Raises
    ------
    Refusal
        When the folder holds something else, is in use, or the environment does not work.
    """
    there = environment.exists() and (not environment.is_dir() or any(environment.iterdir()))
    if there and not is_ours(environment):
        raise Refusal(
            NOT_OURS,
            f"{environment} was not made by xlhedge and is left as it is: install to another "
            "folder with -Folder, or remove it yourself.",
        )
    if there and not anew and pip_version(python_of(environment)):
        log.say(f"{environment} is in place")
        return
    old = _set_aside(environment) if there else None
    log.say(f"Making {environment} with {base}")
    mark(environment)
    code = log.run(base, "-I", "-m", "venv", str(environment))
    if code == 0 and pip_version(python_of(environment)):
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        return
    shutil.rmtree(environment, ignore_errors=True)
    if old is not None and not environment.exists():
        old.rename(environment)
    raise Refusal(
        NO_PYTHON,
        f"{base} cannot make an environment with pip and ssl (conda's Python needs its own folders "
        "on the search path for ssl): name another with -Python. What was there is as before.",
    )


def _set_aside(environment: Path) -> Path:
    """Rename an environment; Windows refuses that while a program of it runs."""
    old = environment.with_name(f"{environment.name}-replaced")
    try:
        if old.exists():
            shutil.rmtree(old)
        environment.rename(old)
    except OSError as problem:
        raise Refusal(
            FAILED,
            f"{environment} is in use ({problem}): close Excel, end pythonw.exe in the task "
            "manager, and try again. Nothing has been changed.",
        ) from None
    return old


def install_packages(
    environment: Path, lock: Path, wheel: Path, wheelhouse: Path | None, log: Log
) -> None:
    """Install the locked packages by their hashes, then xlhedge itself, which brings nothing along.

    Parameters
    ----------
    environment
        Where to.
    lock
        The list of packages with their hashes.
    wheel
        The file of xlhedge.
    wheelhouse
        Folder with all wheels; None asks pip's index.
    log
        Gets all that pip says.

    Raises
    ------
    Refusal
        When pip fails.
    """
    python = python_of(environment)
    pip = pip_version(python)
    command = [str(python), "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--no-input", "--only-binary", ":all:"]
    source = certificates(pip)
    if wheelhouse is not None:
        source = ["--no-index", "--find-links", str(wheelhouse)]
    if log.run(*command, *source, "--require-hashes", "--requirement", str(lock)) != 0:
        hint = "Behind a proxy that inspects TLS, or without internet, install with -Wheelhouse."
        raise Refusal(NO_PACKAGES, f"The packages of {lock} could not be installed. {hint}")
    if log.run(*command, "--no-index", "--no-deps", "--force-reinstall", str(wheel)) != 0:
        raise Refusal(NO_PACKAGES, f"{wheel} could not be installed.")


def main(arguments: list[str], console: BinaryIO | None = None) -> int:
    """Make the environment and install the packages.

    Parameters
    ----------
    arguments
        The command line.
    console
        Where to write; standard output when not given.

    Returns
    -------
    int
        Exit code.
    """
    parser = argparse.ArgumentParser(prog="prepare", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where xlhedge is installed")
    parser.add_argument("--lock", type=Path, required=True, help="the packages and their hashes")
    parser.add_argument("--wheel", type=Path, required=True, help="the file of xlhedge")
    parser.add_argument("--wheelhouse", type=Path, help="folder with all wheels")
    parser.add_argument("--log", type=Path, help="file that gets all messages too")
    parser.add_argument("--anew", action="store_true", help="replace an environment that works")
    options = parser.parse_args(arguments)
    environment = options.home.absolute() / "venv"
    log = Log(options.log, console or sys.stdout.buffer)
    try:
        make_environment(environment, sys.executable, anew=options.anew, log=log)
        install_packages(environment, options.lock, options.wheel, options.wheelhouse, log)
    except Refusal as refusal:
        log.say(str(refusal))
        return refusal.code
    except OSError as problem:
        log.say(f"{problem}")
        return FAILED
    finally:
        log.close()
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
