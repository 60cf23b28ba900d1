"""Refuses a package for parts that a command would otherwise only copy."""

from __future__ import annotations

import codecs
import posixpath
import re
from typing import TYPE_CHECKING

from xlhedge.errors import FileError

if TYPE_CHECKING:
    from xlhedge.recalc.package import Package

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
_BEFORE_ROOT = re.compile(rb"(?:\s++|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+")


def refuse_unsound(package: Package) -> None:
    """Refuse document types in any part, and links to parts that are missing or something else.

    Only what cells need must be there. Books that Excel itself left without a drawing or a
    printer's settings are about, and nothing of them gets lost.

    Raises
    ------
    FileError
        With the part's name.
    """
    for part in package.names():
        if part.lower().endswith(_XML) and _has_document_type(package.read(part)):
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


def _has_document_type(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    elif content[:2] in (b"<\x00", b"\x00<"):
        wide = "utf-16-le" if content[0] else "utf-16-be"
        content = content.decode(wide, "replace").encode()
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    before = _BEFORE_ROOT.match(content, start)
    return before is not None and content.startswith(b"<!DOCTYPE", before.end())
