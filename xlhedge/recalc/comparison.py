"""Whether two workbooks are the same but for the last digits of their cached numbers."""

from __future__ import annotations

import io
import math
import re
import zipfile

TOLERANCE = 1e-9
"""Relative. Processors round exp and log differently in the last digit; no more than that."""

_VALUE = re.compile(rb"<v>([^<]*)</v>")


def same_but_for_rounding(first: bytes, second: bytes) -> bool:
    """Whether two xlsx files hold the same parts, apart from numbers that agree to `TOLERANCE`."""
    try:
        parts, others = (_parts(content) for content in (first, second))
    except zipfile.BadZipFile:
        return False
    if list(parts) != list(others):
        return False
    return all(
        part == others[name] or (name.startswith("xl/") and _close(part, others[name]))
        for name, part in parts.items()
    )


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _close(part: bytes, other: bytes) -> bool:
    if _VALUE.sub(b"<v/>", part) != _VALUE.sub(b"<v/>", other):
        return False
    pairs = zip(_VALUE.findall(part), _VALUE.findall(other), strict=True)
    return all(a == b or _agree(a, b) for a, b in pairs)


def _agree(a: bytes, b: bytes) -> bool:
    try:
        return is_close(float(a), float(b))
    except ValueError:
        return False


def is_close(a: float, b: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-15)
