"""How files are to be read, as the user says."""

from __future__ import annotations

import glob
import re
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlhedge.errors import FileError
from xlhedge.market.checks import SECOND
from xlhedge.market.numbers import Decimal


@dataclass(frozen=True)
class Reading:
    """How files are read, as the user says.

    Parameters
    ----------
    decimal
        The decimal sign; None where nobody said.
    day_first
        Whether 03/04/2025 is 3 April; None where nobody said.
    zone
        The clock of times without a zone; UTC by default.
    mapping
        Column of a file to what it holds, where the layout is not known.
    interval
        The bars that are wanted, in milliseconds: trades need it.
    percent
        Whether funding rates are per cent.
    asset
        The coin, where a file holds several instruments.
    now
        The present, milliseconds since 1970: a bar that closes later is not finished.
    """

    decimal: Decimal | None = None
    day_first: bool | None = None
    zone: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    interval: int | None = None
    percent: bool = False
    asset: str = ""
    now: int = 0

    def present(self) -> int:
        """Now."""
        return self.now or round(clock.time() * SECOND)


def expand(given: Sequence[str]) -> list[Path]:
    """The files that names and patterns stand for, without those that come twice.

    Raises
    ------
    FileError
        When a pattern matches no file.
    """
    found: dict[Path, None] = {}
    for text in given:
        path = Path(text)
        if not path.exists() and re.search(r"[*?\[]", text):
            matches = sorted(glob.glob(text))  # noqa: PTH207  # a pattern with folders of any kind
            if not matches:
                raise FileError(f"no file matches {text}")
            found.update(dict.fromkeys(map(Path, matches)))
        else:
            found[path] = None
    return list(found)
