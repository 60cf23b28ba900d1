"""The self-test: every function called in cells, each result beside the one it must have."""

from __future__ import annotations

from pathlib import Path

from xlhedge.errors import FileError
from xlhedge.system.files import save
from xlhedge.templates._layout import Book
from xlhedge.templates.self_test import rows, sheets

__all__ = ["build"]

GOLDEN = Path(__file__).parents[3] / "tests" / "golden"
READY = Path(__file__).parents[1] / "ready" / "self_test.xlsx"


def build(path: Path) -> Path:
    """Write the self-test from the golden rows of the project's tests.

    An installed package has no tests: it carries the finished workbook, which is copied.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.

    Returns
    -------
    Path
        The file.
    """
    if not GOLDEN.is_dir():
        if not READY.is_file():
            raise FileError(f"neither {GOLDEN} nor {READY} is there to make the self-test from")
        save(READY.read_bytes(), path)
        return path
    book = Book(
        "Self-test",
        "Every worksheet function against published results",
        "Expected values: published examples and other programs, named in the sheet Checks",
    )
    book.workbook.calc_on_load = True  # the values of another machine would pass for this one's
    sheets.write(book, rows.selected(rows.read(GOLDEN)))
    return book.save(path)
