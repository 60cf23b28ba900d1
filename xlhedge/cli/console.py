"""The terminal: rich where somebody looks, plain text where a program reads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from xlhedge.cli.cells import show

if TYPE_CHECKING:
    from rich.console import Console

_WIDE = 200


def console(*, error: bool = False) -> Console:
    """The terminal on standard output or standard error; a pipe gets wide lines.

    Brackets and colons are what they are: names of files and texts of cells have them too.
    """
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(stderr=error, width=width, markup=False, emoji=False)


def print_rows(rows: list[list[Any]]) -> None:
    """A rectangle of cells: aligned for a person, tab-separated for a program."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(map(show, row)))
        return
    from rich.table import Table

    table = Table(box=None, show_header=False)
    for row in rows:
        table.add_row(*map(show, row))
    console().print(table)


@contextmanager
def steps(title: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A spinner that names the step at work, on a terminal; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.text import Text

    with console(error=True).status(Text(title)) as status:
        yield lambda step: status.update(Text(f"{title}: {step}"))
