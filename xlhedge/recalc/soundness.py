"""Refuses a package for parts that a command would otherwise only copy."""

from __future__ import annotations

import codecs
import posixpath
import re
from typing import TYPE_CHECKING

from xlhedge.errors import FileError

if TYPE_CHECKING:
    from xlhedge.recalc.package import Package

_NEEDED = {
    "worksheet": "worksheet+xml",
    "chartsheet": "chartsheet+xml",
    "sharedStrings": "sharedStrings+xml",
    "styles": "styles+xml",
    "table": "table+xml",
    "drawing": "drawing+xml",
    "chart": "chart+xml",
}
"""Links whose part a workbook is not whole without, and how its content type ends."""

_XML = (".xml", ".rels", ".vml")
_BEFORE_ROOT = re.compile(rb"(?:\s++|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+")


def refuse_unsound(package: Package) -> None:
    """Refuse document types in any part, and links to parts that are missing or something else.

    Other missing parts, such as a printer's settings, are left to the program that shows them:
    many books that open without complaint lack one.

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
        if not base.endswith(".rels") or posixpath.basename(folder) != "_rels":
            continue
        owner = posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))
        for link in package.relationships(owner).values():
            if link.external or link.kind not in _NEEDED:
                continue
            if link.target not in names:
                raise FileError(
                    f"{package.name} lacks the part {link.target}, which {owner} refers to"
                )
            package.expect(link.target, _NEEDED[link.kind])


def _has_document_type(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    elif content[:2] in (b"<\x00", b"\x00<"):
        wide = "utf-16-le" if content[0] else "utf-16-be"
        content = content.decode(wide, "replace").encode()
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    before = _BEFORE_ROOT.match(content, start)
    return before is not None and content.startswith(b"<!DOCTYPE", before.end())
