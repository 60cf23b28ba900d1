"""What a check of an installation finds; the doctor and the hosts' own checks share it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Grade = Literal["ok", "warning", "problem", "skipped"]


class Finding(NamedTuple):
    """What one check found."""

    check: str
    grade: Grade
    finding: str
    cure: str = ""
