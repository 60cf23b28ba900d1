"""Python's collector, kept from walking through long lists again and again while they are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Leave the search for unused objects until later.

    Notes
    -----
    A table of 100,000 rows is as many lists; each time some have been made, the collector looks
    through those that are there already, so that the time grows faster than the table. What is
    no longer referred to is freed at once as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
