"""XML from strangers, and texts and numbers as workbooks write them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from xlhedge.errors import FileError

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
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
_DOCUMENT_TYPE = "holds a document type declaration, which workbooks never need"
_DECLARATION = re.compile(
    rb"<\?xml[^>]*encoding=[\"']utf-?8[\"'][^>]*\?>\s*(?=<[^!?])", re.IGNORECASE
)
_FIRST_TAG = re.compile(rb"<[A-Za-z][^>]*>")
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)=(["'])(.*?)\2""", re.DOTALL)
_PLAIN_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_AT_ONCE = 500
"""Elements that are written and freed together."""

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
# XML 1.0 has no way to hold these; a carriage return would be read back as a line feed.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def refuse_unsound(start: bytes, whole: Callable[[], bytes], name: str) -> None:
    """Refuse a part whose XML is in no usual encoding or holds a document type.

    `start` is how the part begins, and `whole` gives all of it where that does not tell.
    """
    if not name.lower().endswith(_XML):
        return
    if _hides_its_letters(start):
        raise FileError(f"{name} is neither UTF-8 nor UTF-16, as parts of workbooks are")
    found = _after_prolog(start)
    if len(found) < _LONGEST_MARK or found.startswith(_UNFINISHED):
        found = _after_prolog(whole())
    if found.startswith(b"<!DOCTYPE"):
        raise FileError(f"{name} {_DOCUMENT_TYPE}")


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


def parse_xml(content: bytes, name: str) -> Any:
    """Root element of XML from a stranger: no entities, no network, no document type."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        raise FileError(f"{name} is not well-formed XML: {problem.msg}") from None
    return _without_document_type(root, name)


def _without_document_type(root: Any, name: str) -> Any:
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileError(f"{name} {_DOCUMENT_TYPE}")
    return root


class Stream:
    """XML from a stranger whose many elements of one kind are read one after the other.

    `parent` is the kind of the root's child that holds those of the kind `tag`. `write` gets the
    XML of everything inside that child, an element as it is when the next one is asked for. After
    the last one, `root` is the root element without them.
    """

    def __init__(
        self,
        source: Any,
        name: str,
        parent: str,
        tag: str,
        write: Callable[[bytes], Any] | None = None,
    ) -> None:
        self.root: Any = None
        self._dropped: Any = None
        self._name, self._parent, self._write = name, parent, write
        self._events = etree.iterparse(
            source, tag=tag,
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        )  # fmt: skip
        self._held: Any = None

    def __iter__(self) -> Iterator[Any]:
        """The elements, each whole and in its place."""
        try:
            for number, (_, element) in enumerate(self._events, 1):
                parent = element.getparent()
                if parent is self._held or self._is_parent(parent):
                    self._held = parent
                    if number % _AT_ONCE == 0 or self._dropped is not None:
                        self._pass_on(parent, element)
                    yield element
        except etree.XMLSyntaxError as problem:
            raise FileError(f"{self._name} is not well-formed XML: {problem.msg}") from None
        self.root = _without_document_type(self._events.root, self._name)

    def drop(self, element: Any) -> None:
        """Leave out the element that was read last."""
        self._dropped = element

    def finish(self) -> None:
        """Write and free what is left of the last elements."""
        parent = self.root.find(self._parent)
        if parent is not None:
            self._pass_on(parent)

    def _is_parent(self, node: Any) -> bool:
        root = None if node is None else node.getparent()
        return root is not None and root.getparent() is None and root.find(self._parent) is node

    def _pass_on(self, parent: Any, following: Any = None) -> None:
        """Write and free the elements before one; behind it there may be more already."""
        if self._dropped is not None:
            parent.remove(self._dropped)
            self._dropped = None
        passed = parent[:] if following is None else parent[: parent.index(following)]
        if self._write is None or not passed:
            del parent[: len(passed)]
            return
        # In an element like their parent they need no namespaces of their own.
        like = etree.Element(parent.tag, nsmap=parent.nsmap)
        start = len(etree.tostring(like)) - 1
        like.extend(passed)
        text = etree.tostring(like, encoding="UTF-8")
        self._write(text[start : text.rindex(b"</")])


def elements(content: str, name: str, namespace: str) -> list[Any]:
    """The elements that our own XML holds, each to be moved into a part.

    Thousands are made many times as fast from text as one by one.
    """
    text = f'<parts xmlns="{namespace}">{content}</parts>'
    return list(parse_xml(text.encode(), name))


def serialised(root: Any, before: bytes) -> bytes:
    """A tree as XML, with the declaration and, where its attributes stay, the first tag of before.

    Programs differ in quotes, line breaks and the place of namespaces there; what was not changed
    shall not differ.
    """
    content = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=False)
    declaration = _DECLARATION.match(before)
    prolog = declaration[0] if declaration else b""
    if not declaration and before.lstrip().startswith((b"<?", b"\xff\xfe", b"\xfe\xff")):
        prolog = _PLAIN_DECLARATION
    old, new = _FIRST_TAG.match(before, len(prolog)), _FIRST_TAG.match(content)
    if old is None or new is None:
        return prolog + content
    values = {name: value for name, _, value in _ATTRIBUTE.findall(new[0])}
    names = [name for name, _, _ in _ATTRIBUTE.findall(old[0])]
    if sorted(names) != sorted(values) or old[0].endswith(b"/>") != new[0].endswith(b"/>"):
        return prolog + content
    first = _ATTRIBUTE.sub(
        lambda match: (
            match[0]
            if match[3] == values[match[1]]
            else match[1] + b"=" + match[2] + values[match[1]] + match[2]
        ),
        old[0],
    )
    return prolog + first + content[new.end() :]


def local_name(node: Any) -> str:
    """An element's name without its namespace; empty for comments and the like."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def is_on(node: Any, key: str) -> bool:
    """Whether an element's attribute says yes; no for no element."""
    return node is not None and node.get(key) in ("1", "true")


def ranges_of(rule: Any) -> str:
    """The ranges that a rule is for; Excel 2010 writes them one level deeper."""
    return rule.get("sqref") or next(
        (child.text or "" for child in rule if local_name(child) == "sqref"), ""
    )


def set_text(node: Any, text: str) -> bool:
    """Give an element another text; return whether it was another one."""
    if node.text == text:
        return False
    node.text = text
    return True


def set_attribute(node: Any, key: str, text: str) -> bool:
    """Give an element's attribute another value; return whether it was another one."""
    if node.get(key) == text:
        return False
    node.set(key, text)
    return True


def number_text(number: float) -> str:
    """A number as a file holds it: the shortest text that reads as the same number."""
    return repr(number).removesuffix(".0")


def same_number(first: str | None, second: str | None) -> bool:
    """Whether two texts are the same, or read as the same number."""
    if first == second or not first or not second:
        return first == second
    try:
        return float(first) == float(second)
    except ValueError:
        return False


def escaped(text: str) -> str:
    """Text as the file holds it: what XML cannot hold as _xHHHH_."""
    text = _ESCAPE.sub(lambda match: "_x005F" + match[0], text)
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Text as a cell shows it."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def needs_space(text: str) -> bool:
    """Whether a text's spaces would be lost without `xml:space`."""
    return text != text.strip() or "\n" in text
