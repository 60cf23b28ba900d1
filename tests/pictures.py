"""Pictures of a workbook's sheets, for the eye: LibreOffice draws the values that the file holds.

    python tests/pictures.py workbooks/hedge_desk.xlsx docs/pictures

LibreOffice without the add-in would show #NAME? for our functions, so a copy is drawn in which
every formula has given way to its cached value. Needs soffice and pdftoppm.
"""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ONE_PAGE = 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}'


def available():
    """Whether the programs are there."""
    return all(shutil.which(program) for program in ("soffice", "pdftoppm"))


def values_only(source, target):
    """A copy of a workbook in which every formula is its cached value."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                root = etree.fromstring(content)
                for formula in list(root.iter(f"{_NAMESPACE}f")):
                    formula.getparent().remove(formula)
                content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
            elif name.startswith("xl/tables/"):
                root = etree.fromstring(content)
                for formula in list(root.iter(f"{_NAMESPACE}calculatedColumnFormula")):
                    formula.getparent().remove(formula)
                content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
            new.writestr(name, content)


def draw(workbook, folder, *, pages=False, resolution=70):
    """Draw each sheet on one picture, or with `pages` each printed page.

    The workbook must have been calculated. Gives the pictures in order.
    """
    workbook, folder = Path(workbook), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        work = Path(name)
        plain = work / workbook.name
        values_only(workbook, plain)
        subprocess.run(
            [
                "soffice",
                "--headless",
                f"-env:UserInstallation=file://{work}/profile",
                "--convert-to",
                "pdf" if pages else _ONE_PAGE,
                "--outdir",
                str(work),
                str(plain),
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
        drawn = folder / workbook.stem
        pdf = plain.with_suffix(".pdf")
        subprocess.run(["pdftoppm", "-r", str(resolution), "-png", pdf, drawn], check=True)
    return sorted(folder.glob(f"{workbook.stem}-*.png"))


if __name__ == "__main__":
    print(*draw(sys.argv[1], sys.argv[2]), sep="\n")  # noqa: T201 - it is a program
