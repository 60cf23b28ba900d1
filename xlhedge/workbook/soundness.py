"""Refuses XML that no workbook holds, also in parts that a command would only copy."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from xlhedge.errors import FileError

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
_LONGEST_MARK = 64
_UNFINISHED = (b"<!--", b"<?")
_BEFORE_ROOT = re.compile(rb"(?:\s++|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+")


def refuse_unsound(start: bytes, whole: Callable[[], bytes], part: str, name: str) -> None:
    """Refuse a part whose XML is in no usual encoding or holds a document type.

    `start` is how the part begins, and `whole` gives all of it where that does not tell.
    """
    if not part.lower().endswith(_XML):
        return
    if _hides_its_letters(start):
        raise FileError(f"{name}: {part} is neither UTF-8 nor UTF-16, as parts of workbooks are")
    found = _after_prolog(start)
    if len(found) < _LONGEST_MARK or found.startswith(_UNFINISHED):
        found = _after_prolog(whole())
    if found.startswith(b"<!DOCTYPE"):
        raise FileError(
            f"{name}: {part} holds a document type declaration, which workbooks never need"
        )


def _hides_its_letters(content: bytes) -> bool:
    if content.startswith(_OTHER_STARTS):
        return True
    declared = _ENCODING.match(content.removeprefix(codecs.BOM_UTF8)[:1000])
    return declared is not None and not _PLAIN_ENCODING.fullmatch(declared[1].strip())


def _after_prolog(content: bytes) -> bytes:
    """What follows the declaration and the comments, in UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    elif content[:2] in (b"<\x00", b"\x00<"):
        wide = "utf-16-le" if content[0] else "utf-16-be"
        content = content.decode(wide, "replace").encode()
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    before = _BEFORE_ROOT.match(content, start)
    return content[before.end() if before else start :]
