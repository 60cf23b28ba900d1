"""Finds other programs: on the search path and in the system's folder, never where one works.

Windows would look into the current folder first, and that may be the folder of a workbook from
elsewhere, with a program of the same name beside it.
"""

from __future__ import annotations

import os
from pathlib import Path

_ENDINGS = (".exe", ".com", "") if os.name == "nt" else ("",)


def on_path(name: str) -> Path | None:
    """The first program of that name on the search path; relative folders of it are left out."""
    for folder in map(Path, os.get_exec_path()):
        if folder.is_absolute():
            for ending in _ENDINGS:
                program = folder / (name + ending)
                if program.is_file() and os.access(program, os.X_OK):
                    return program
    return None


def of_windows(name: str) -> Path:
    """A program that Windows brings along, by its full path."""
    return Path(os.environ.get("SYSTEMROOT") or r"C:\Windows") / "System32" / name
