"""Refuses a package for parts that a command would otherwise only copy."""

from __future__ import annotations

import codecs
import posixpath
import re
from typing import TYPE_CHECKING

from xlhedge.errors import FileError

if TYPE_CHECKING:
    from xlhedge.workbook.package import Package

_ENDINGS = {
    "worksheet": "worksheet+xml",
    "chartsheet": "chartsheet+xml",
    "sharedStrings": "sharedStrings+xml",
    "styles": "styles+xml",
    "table": "table+xml",
    "drawing": "drawing+xml",
    "chart": "chart+xml",
}
"""How the content type of the part ends that a link of each kind leads to."""

_NEEDED = ("worksheet", "sharedStrings", "styles", "table")

_XML = (".xml", ".rels", ".vml")
# What a parser would read, and the search for document types would not: UTF-32 and EBCDIC.
_OTHER_STARTS = (
    codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"<\x00\x00\x00", b"\x00\x00\x00<",
    b"\x4c\x6f\xa7\x94",
)  # fmt: skip
_ENCODING = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]*)", re.IGNORECASE)
# UTF-7 and the like spell the letters of markup otherwise.
_PLAIN_ENCODING = re.compile(
    rb"utf-?8|utf-?16(-?[lb]e)?|(us-)?ascii|latin-?1|iso-?8859-?\d+|windows-125\d", re.IGNORECASE
)
_BEFORE_ROOT = re.compile(rb"(?:\s++|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+")


def refuse_unsound(package: Package) -> None:
    """Refuse damage and document types in any part, and links that lead nowhere or elsewhere.

    Only what cells need must be there. Books that Excel itself left without a drawing or a
    printer's settings are about, and nothing of them gets lost.

    Raises
    ------
    FileError
        With the part's name.
    """
    for part in package.names():
        # Also what is only copied: a copy would be as damaged as the book.
        content = package.read(part)
        if not part.lower().endswith(_XML):
            continue
        if _hides_its_letters(content):
            raise FileError(
                f"{package.name}: {part} is neither UTF-8 nor UTF-16, as parts of workbooks are"
            )
        if _has_document_type(content):
            raise FileError(
                f"{package.name}: {part} holds a document type declaration, "
                "which workbooks never need"
            )
    names = set(package.names())
    for links in package.names():
        folder, base = posixpath.split(links)
        # The archiver of macOS adds files beside the parts that are named much like links.
        if base.startswith("._") or posixpath.basename(folder) != "_rels":
            continue
        owner = posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))
        for link in package.relationships(owner).values():
            if link.external or link.kind not in _ENDINGS:
                continue
            if link.target in names:
                package.expect(link.target, _ENDINGS[link.kind])
            elif link.kind in _NEEDED:
                raise FileError(
                    f"{package.name} lacks the part {link.target}, which {owner} refers to"
                )


def _hides_its_letters(content: bytes) -> bool:
    if content.startswith(_OTHER_STARTS):
        return True
    declared = _ENCODING.match(content.removeprefix(codecs.BOM_UTF8)[:1000])
    return declared is not None and not _PLAIN_ENCODING.fullmatch(declared[1].strip())


def _has_document_type(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    elif content[:2] in (b"<\x00", b"\x00<"):
        wide = "utf-16-le" if content[0] else "utf-16-be"
        content = content.decode(wide, "replace").encode()
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    before = _BEFORE_ROOT.match(content, start)
    return before is not None and content.startswith(b"<!DOCTYPE", before.end())
