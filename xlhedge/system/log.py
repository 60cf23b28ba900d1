"""The log under the user's state folder: opened with the first line written, and kept small."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_SIZE, _KEPT = 1_000_000, 2
_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def path() -> Path:
    r"""Where the log is: below ``%LOCALAPPDATA%\xlhedge`` or, on Linux, ``~/.local/state``."""
    from platformdirs import user_log_path

    return user_log_path("xlhedge", appauthor=False) / "xlhedge.log"


class _WhenWritten(logging.Handler):
    """Opens the rotating file on the first record; a file that cannot be opened is done without."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._target: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._target is None:
                self._target = _rotating(path())
            self._target.emit(record)
        except OSError:
            self._target = logging.NullHandler()

    def close(self) -> None:
        if self._target is not None:
            self._target.close()
            self._target = None
        super().close()


def _rotating(file: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    class Private(RotatingFileHandler):
        """Files that only their owner can read, whatever the process's mask is."""

        def _open(self) -> Any:
            return open(  # pathlib has no opener
                self.baseFilename, self.mode, encoding=self.encoding, opener=_for_the_owner
            )

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = Private(file, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    return handler


def _for_the_owner(file: str, flags: int) -> int:
    handle = os.open(file, flags, 0o600)
    if sys.platform != "win32":
        os.fchmod(handle, 0o600)  # it may have been there before
    return handle


@cache
def to_file() -> logging.Logger:
    """Send what "xlhedge" logs to the file; calling it again changes nothing."""
    logger = logging.getLogger("xlhedge")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_WhenWritten())
    return logger
