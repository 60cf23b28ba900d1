"""Makes the committee's page of a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlhedge.daily.report.content import gather
from xlhedge.daily.report.fonts import Fonts
from xlhedge.daily.report.page import pdf
from xlhedge.daily.summary import Summary
from xlhedge.errors import FileError
from xlhedge.system.files import destination as chosen
from xlhedge.system.files import save
from xlhedge.workbook.package import Package


@dataclass(frozen=True)
class Printed:
    """The file that was made, its number of pages, letters that its font lacks, what it says."""

    target: Path
    pages: int
    lacking: str
    said: Summary


def report(
    book: Path | str, target: Path | str, *, overwrite: bool = False, font: Path | None = None
) -> Printed:
    """Print a workbook's results as a PDF; nothing is calculated.

    Parameters
    ----------
    book
        The workbook.
    target
        The PDF.
    overwrite
        Whether `target` may be replaced.
    font
        A TrueType file for all text; Bitstream Vera Sans, which is Latin, when left out.

    Returns
    -------
    Printed
        What was made. The same workbook gives the same bytes.

    Raises
    ------
    FileError
        When a file cannot be read or written, or the workbook declares no key figures.
    """
    book, target = Path(book), Path(target)
    if target.suffix.lower() != ".pdf":
        raise FileError(f"{target} cannot be written: the report's name ends with .pdf")
    chosen(book, target, in_place=False, overwrite=overwrite)
    content = gather(Package.open(book), str(book))
    fonts = Fonts(font)
    made, pages = pdf(content, fonts)
    save(made, target)
    return Printed(target, pages, "".join(sorted(fonts.lacking)), content.said)
