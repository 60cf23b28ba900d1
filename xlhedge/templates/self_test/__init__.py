"""The self-test: every function called in cells, each result beside the one it must have."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from xlhedge.templates._figures import Figure
from xlhedge.templates._layout import Book
from xlhedge.templates.self_test import rows, sheets

__all__ = ["FIGURES", "build"]

FIGURES = (
    Figure("Status", "verdict", "", "text"),
    Figure("Checks passed", "checks_passed", "checks", "integer"),
    Figure("Checks failed", "checks_failed", "checks", "integer"),
    Figure("Functions tested", "functions_tested", "functions", "integer"),
    Figure("Version that made this file", "version_of_file", "", "text"),
    Figure("Version installed", "installed_version", "", "text"),
)


def build(path: Path) -> Path:
    """Write the self-test from the golden rows.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.

    Returns
    -------
    Path
        The file.
    """
    book = Book(
        "Self-test",
        "Every worksheet function against published results",
        "Expected values: published examples and other programs, named in the sheet Checks",
        "self_test",
    )
    book.workbook.calc_on_load = True  # the values of another machine would pass for this one's
    sheets.write(book, rows.selected(rows.read(files("xlhedge").joinpath("golden"))))
    return book.save(path)
