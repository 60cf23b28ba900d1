"""Pages that have come already, so that a download which was broken off goes on where it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from xlhedge.market.paging import Row


class Journal:
    """The pages of one series, a line of JSON each, in the user's cache folder.

    Parameters
    ----------
    file
        Where; None keeps nothing.

    Notes
    -----
    A line that was being written when the process died is not whole, and is asked for again.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._pages: dict[tuple[int, int], list[Row]] = {}
        self.resumed = 0
        """Rows that need not be asked for again."""
        for line in self._lines():
            try:
                start, end, rows = json.loads(line)
                self._pages[int(start), int(end)] = [(int(t), float(v)) for t, v in rows]
            except (ValueError, TypeError):
                continue
        self.resumed = sum(map(len, self._pages.values()))

    @classmethod
    def of(cls, *what: object) -> Journal:
        """The journal of a series that `what` describes."""
        from platformdirs import user_cache_path

        digest = hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()[:32]
        folder = user_cache_path("xlhedge", appauthor=False) / "pages"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return cls(None)
        return cls(folder / f"{digest}.jsonl")

    def known(self, start: int, end: int) -> list[Row] | None:
        """The rows of a page that has come before."""
        return self._pages.get((start, end))

    def note(self, start: int, end: int, rows: Sequence[Row]) -> None:
        """Keep a page."""
        self._pages[start, end] = list(rows)
        if self._file is None:
            return
        with contextlib.suppress(OSError), self._file.open("a", encoding="ascii") as file:
            # A line begins with a break: what a killed process left unfinished stays by itself.
            file.write("\n" + json.dumps([start, end, list(rows)]))

    def forget(self) -> None:
        """Remove it: the series is where it was wanted."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink(missing_ok=True)

    def _lines(self) -> list[str]:
        if self._file is None:
            return []
        try:
            return self._file.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
