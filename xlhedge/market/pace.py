"""Requests at the rate that a venue allows, shared by all processes of this user."""

from __future__ import annotations

import time
from pathlib import Path

_LONGEST = 120.0
"""Seconds; a turn later than that is left over from a wrong clock."""


def wait(venue: str, seconds: float) -> None:
    """Wait until it is this process's turn, and take the next `seconds` for it.

    Parameters
    ----------
    venue
        Name of the exchange.
    seconds
        Time that the venue wants between this request and the next one.
    """
    turn = _reserve(venue, seconds)
    delay = turn - time.time()
    if delay > 0:
        time.sleep(delay)


def hold(venue: str, seconds: float) -> None:
    """Let no process ask before `seconds` have passed: the venue said that it was too much."""
    _reserve(venue, 0.0, not_before=time.time() + min(seconds, _LONGEST))


def _reserve(venue: str, seconds: float, not_before: float = 0.0) -> float:
    from filelock import FileLock

    now = time.time()
    folder = _folder()
    if folder is None:
        return now
    try:
        with FileLock(folder / f"{venue}.lock", timeout=_LONGEST):
            file = folder / f"{venue}.turn"
            taken = _number(file)
            if not now - _LONGEST < taken < now + 2 * _LONGEST:
                taken = now
            turn = max(now, taken, not_before)
            file.write_text(repr(turn + seconds), encoding="ascii")
            return turn
    except OSError:
        return now


def _number(file: Path) -> float:
    try:
        return float(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0.0


def _folder() -> Path | None:
    """Where the turns are kept; None where the user has no such folder."""
    from platformdirs import user_cache_path

    folder = user_cache_path("xlhedge", appauthor=False) / "turns"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder
