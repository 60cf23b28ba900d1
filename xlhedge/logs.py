"""The log under the user's state folder: opened with the first line written, and kept small."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

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

    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    return handler


@cache
def to_file() -> logging.Logger:
    """Send what "xlhedge" logs to the file; calling it again changes nothing."""
    logger = logging.getLogger("xlhedge")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_WhenWritten())
    return logger
