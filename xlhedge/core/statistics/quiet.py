"""Calls of libraries that warn where our own guards already speak."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_FILTERS = threading.RLock()


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore warnings inside; Python's filters belong to the process, so one thread at a time."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
