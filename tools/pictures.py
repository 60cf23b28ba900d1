"""Pictures of a workbook's sheets, for the eye: LibreOffice draws the values that the file holds.

    python tools/pictures.py                                    (renews docs/pictures)
    python tools/pictures.py workbooks/hedge_desk.xlsx FOLDER   (every sheet of a workbook)

LibreOffice without the add-in would show #NAME? for our functions, so a copy is drawn in which
every formula has given way to its cached value. Needs soffice and pdftoppm.
"""

import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from lxml import etree

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LARGEST = 150_000
"""Bytes of a picture of the manual."""
_SHOWN = {"portfolio": 2}
"""Which sheet the manual shows, counted from 0, where it is not the first."""
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


def draw(workbook, folder, *, pages=False, resolution=70, suffix="png"):
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
        form = ["-png"] if suffix == "png" else []
        subprocess.run(["pdftoppm", "-r", str(resolution), *form, pdf, drawn], check=True)
    return sorted(folder.glob(f"{workbook.stem}-*.{suffix}"))


def for_the_manual(workbooks, folder):
    """Draw one sheet of each workbook, the first unless told, small enough for a manual."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        for workbook in workbooks:
            target = folder / f"{workbook.stem}.png"
            for resolution in (84, 72, 60):
                shown = draw(workbook, name, resolution=resolution, suffix="ppm")
                target.write_bytes(with_palette(shown[_SHOWN.get(workbook.stem, 0)]))
                if target.stat().st_size < _LARGEST:
                    break
            yield target


def with_palette(picture):
    """A PNG of a PPM file with its 256 commonest colours: a third of the size, and sharp."""
    (width, height), pixels = portable(picture.read_bytes())
    coarse = pixels >> 3
    keys = (coarse[:, 0] << 10) | (coarse[:, 1] << 5) | coarse[:, 2]
    counts = np.bincount(keys, minlength=1 << 15)
    sums = [np.bincount(keys, pixels[:, part], 1 << 15) for part in range(3)]
    used = np.flatnonzero(counts)
    colours = np.column_stack([total[used] / counts[used] for total in sums])
    palette = colours[np.argsort(-counts[used], kind="stable")[:256]]
    distances = ((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2)
    nearest = np.zeros(1 << 15, np.uint8)
    nearest[used] = distances.argmin(axis=1)
    lines = np.zeros((height, width + 1), np.uint8)  # each begins with "no filter"
    lines[:, 1:] = nearest[keys].reshape(height, width)
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        chunk(b"PLTE", palette.round().astype(np.uint8).tobytes()),
        chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
        chunk(b"IEND", b""),
    ])  # fmt: skip


def portable(content):
    """Width and height, and a row of red, green and blue for each pixel, of a binary PPM."""
    _, width, height, _, _ = content.split(maxsplit=4)
    size = int(width), int(height)
    pixels = np.frombuffer(content[-3 * size[0] * size[1] :], np.uint8)
    return size, pixels.reshape(-1, 3).astype(np.int64)


def chunk(kind, content):
    """A chunk of a PNG file."""
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


if __name__ == "__main__":
    if sys.argv[1:]:
        drawn = draw(sys.argv[1], sys.argv[2])
    else:
        root = Path(__file__).parents[1]
        drawn = for_the_manual(sorted((root / "workbooks").glob("*.xlsx")), root / "docs/pictures")
    print(*drawn, sep="\n")
