"""What a file and a calculation may cost before they are refused."""

from __future__ import annotations

import os
from typing import NamedTuple

from xlhedge.errors import FileError

_MEGABYTE = 1024 * 1024
_VARIABLES = {
    "file_bytes": ("XLHEDGE_MAX_FILE_MB", _MEGABYTE),
    "unpacked_bytes": ("XLHEDGE_MAX_UNPACKED_MB", _MEGABYTE),
    "ratio": ("XLHEDGE_MAX_RATIO", 1),
    "parts": ("XLHEDGE_MAX_PARTS", 1),
    "elements": ("XLHEDGE_MAX_ELEMENTS", 1),
    "seconds": ("XLHEDGE_MAX_SECONDS", 1),
    "memory_bytes": ("XLHEDGE_MAX_MEMORY_MB", _MEGABYTE),
}
_LARGEST_LIMIT = 1e15


class Limits(NamedTuple):
    """What reading a file may cost before it is refused.

    Parameters
    ----------
    file_bytes
        Size of the file.
    unpacked_bytes
        Size of all parts together when unpacked.
    ratio
        Unpacked size over packed size of one part; parts below 10 MB are exempt, since long runs
        of equal cells pack well.
    parts
        Number of parts.
    elements
        Number of XML elements of one part: memory is spent on them and not on bytes. A cell with
        a value has two, with a formula three.
    seconds
        Time of a calculation. Engines look at their clock only now and then; the command line
        also stops its own process when the whole command takes longer.
    memory_bytes
        Memory of the process; only the command line and the processes of a batch stop themselves.
    """

    file_bytes: int = 256 * _MEGABYTE
    unpacked_bytes: int = 512 * _MEGABYTE
    ratio: float = 200.0
    parts: int = 10_000
    elements: int = 10_000_000
    seconds: float = 600.0
    memory_bytes: int = 4096 * _MEGABYTE

    @classmethod
    def from_environment(cls) -> Limits:
        """The defaults, with what the environment sets.

        `XLHEDGE_MAX_FILE_MB`, `XLHEDGE_MAX_UNPACKED_MB`, `XLHEDGE_MAX_RATIO`, `XLHEDGE_MAX_PARTS`,
        `XLHEDGE_MAX_ELEMENTS`, `XLHEDGE_MAX_SECONDS` and `XLHEDGE_MAX_MEMORY_MB`.

        Raises
        ------
        FileError
            When one of them is no positive number.
        """
        given: dict[str, float | int] = {}
        for field, (variable, unit) in _VARIABLES.items():
            text = os.environ.get(variable)
            if not text:
                continue
            try:
                value = float(text) * unit
            except ValueError:
                value = 0.0
            if not 0 < value < _LARGEST_LIMIT:
                raise FileError(f"{variable} must be a positive number, got {text!r}")
            given[field] = value if field in ("ratio", "seconds") else int(value)
        return cls(**given)  # type: ignore[arg-type]  # each value has its field's type
