"""A workbook's package: its parts, relationships, sheets, tables and names."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.formula.addresses import is_count, parse_area
from xlhedge.formula.structured import DefinedName, Table
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import Archive, read_file
from xlhedge.workbook.soundness import refuse_unsound

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MAIN_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATIONSHIP_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_CONTENT_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_WORKBOOK_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    "application/vnd.ms-excel.template.macroEnabled.main+xml",
    "application/vnd.ms-excel.addin.macroEnabled.main+xml",
)
_DECLARATION = re.compile(
    rb"<\?xml[^>]*encoding=[\"']utf-?8[\"'][^>]*\?>\s*(?=<[^!?])", re.IGNORECASE
)
_FIRST_TAG = re.compile(rb"<[A-Za-z][^>]*>")
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)=(["'])(.*?)\2""", re.DOTALL)
_PLAIN_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
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
LONGEST_FORMULA = 16_384
"""Characters; Excel allows 8,192, and prefixes such as _xlfn. come on top."""

_SHOWN = 40
_BINARY_TYPE = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"


class Relationship(NamedTuple):
    """A link from a part; `target` is a part's name, or an address outside when `external`."""

    identifier: str
    kind: str
    target: str
    external: bool


class Sheet(NamedTuple):
    """A sheet in the workbook's order; `kind` is worksheet, chartsheet, ..."""

    name: str
    part: str
    kind: str
    position: int


class Package:
    """A workbook file in memory, opened safely and ready to be changed part by part.

    Parameters
    ----------
    content
        The bytes of an .xlsx or .xlsm file.
    name
        How error sentences call it.
    limits
        When to refuse.

    Raises
    ------
    FileError
        When the file is no workbook of this kind, is damaged, or must not be trusted.
    """

    def __init__(
        self, content: bytes, name: str = "workbook", limits: Limits | None = None
    ) -> None:
        self.name = name
        self.content = content
        self.limits = limits or Limits.from_environment()
        self._archive = Archive(content, name, self.limits)
        self._trees: dict[str, Any] = {}
        self._changed: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self._refuse_other_documents()
        for part in self._archive.names():
            # Also what is only copied: a copy would be as damaged as the book.
            refuse_unsound(self._archive.read(part), part, name)
        self._refuse_broken_links()

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> Package:
        """Read a file."""
        limits = limits or Limits.from_environment()
        return cls(read_file(path, limits), str(path), limits)

    def _refuse_other_documents(self) -> None:
        names = self._archive.names()
        if "[Content_Types].xml" not in names:
            kind = "an OpenDocument file" if "mimetype" in names else "a zip archive"
            raise FileError(f"{self.name} is {kind}, not an .xlsx workbook")
        if _BINARY_TYPE in self.content_types.values():
            raise FileError(f"{self.name} is an .xlsb workbook: save it as .xlsx first")

    def _refuse_broken_links(self) -> None:
        """Refuse links that lead nowhere or to another kind of part.

        Only what cells need must be there. Books that Excel itself left without a drawing or a
        printer's settings are about, and nothing of them gets lost.
        """
        names = set(self._archive.names())
        for links in names:
            folder, base = posixpath.split(links)
            # The archiver of macOS adds files beside the parts that are named much like links.
            if base.startswith("._") or posixpath.basename(folder) != "_rels":
                continue
            owner = posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))
            for link in self.relationships(owner).values():
                if link.external or link.kind not in _ENDINGS:
                    continue
                if link.target in names:
                    self.expect(link.target, _ENDINGS[link.kind])
                elif link.kind in _NEEDED:
                    raise FileError(
                        f"{self.name} lacks the part {link.target}, which {owner} refers to"
                    )

    def names(self) -> list[str]:
        """Names of all parts in file order."""
        return [part for part in self._archive.names() if part not in self._removed]

    def read(self, part: str) -> bytes:
        """Content of a part, with the changes made so far."""
        return self._changed[part] if part in self._changed else self._archive.read(part)

    def tree(self, part: str) -> Any:
        """Root element of a part's XML; parsed once, so that changes to it are seen by all."""
        if part not in self._trees:
            content = self.read(part)
            elements = content.count(b"<") - content.count(b"</")
            if elements > self.limits.elements:
                raise FileError(
                    f"{self.name}: {part} has {elements} XML elements; "
                    f"at most {self.limits.elements} are read"
                )
            self._trees[part] = parse_xml(content, f"{self.name}: {part}")
        return self._trees[part]

    def replace(self, part: str, content: bytes) -> None:
        """Give a part new content."""
        self._changed[part] = content
        self._trees.pop(part, None)

    def replace_tree(self, part: str) -> None:
        """Give a part the content of its tree as it now stands."""
        content = etree.tostring(
            self._trees[part].getroottree(), encoding="UTF-8", xml_declaration=False
        )
        self._changed[part] = _as_written_before(content, self.read(part))

    def remove(self, part: str) -> None:
        """Leave a part out, with its content type and every relationship to it."""
        for source in self.names():
            if source.endswith(".rels"):
                owner = posixpath.join(
                    posixpath.dirname(posixpath.dirname(source)),
                    posixpath.basename(source).removesuffix(".rels"),
                )
                targets = {key: link.target for key, link in self.relationships(owner).items()}
                for node in list(self.tree(source).iter(f"{_RELATIONSHIPS}Relationship")):
                    if targets.get(node.get("Id", "")) == part and node.get("TargetMode") is None:
                        node.getparent().remove(node)
                        self.replace_tree(source)
        for node in list(self.tree("[Content_Types].xml").iter(f"{_CONTENT_TYPES}Override")):
            if node.get("PartName", "").lstrip("/") == part:
                node.getparent().remove(node)
                self.replace_tree("[Content_Types].xml")
        self._removed.add(part)

    def to_bytes(self) -> bytes:
        """The package with all changes; the very same bytes when there are none."""
        changed = {
            part: content
            for part, content in self._changed.items()
            if content != self._archive.read(part)
        }
        if not changed and not self._removed:
            return self.content
        return self._archive.with_changes(changed, self._removed)

    @cached_property
    def content_types(self) -> dict[str, str]:
        """Content type of each part that the package names, by part."""
        root = self.tree("[Content_Types].xml")
        return {
            node.get("PartName", "").lstrip("/"): node.get("ContentType", "")
            for node in root.iter(f"{_CONTENT_TYPES}Override")
        }

    def expect(self, part: str, ending: str) -> None:
        """Refuse a part whose content type is given and is of another kind."""
        kind = self.content_types.get(part)
        if kind is not None and not kind.endswith(ending):
            raise FileError(f"{self.name}: {part} has the wrong content type {kind!r}")

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Links from a part by identifier; the package's own for an empty name."""
        folder, base = posixpath.split(part)
        source = posixpath.join(folder, "_rels", f"{base}.rels")
        if source not in self._archive.names():
            return {}
        found = {}
        for node in self.tree(source).iter(f"{_RELATIONSHIPS}Relationship"):
            external = node.get("TargetMode") == "External"
            target = node.get("Target", "")
            if not external:
                path = unquote(target)
                path = path[1:] if path.startswith("/") else posixpath.join(folder, path)
                target = posixpath.normpath(path)
            kind = node.get("Type", "").rsplit("/", 1)[-1]
            found[node.get("Id", "")] = Relationship(node.get("Id", ""), kind, target, external)
        return found

    @cached_property
    def workbook_part(self) -> str:
        """Name of the part that lists the sheets."""
        for link in self.relationships("").values():
            if link.kind == "officeDocument" and link.target in self._archive.names():
                if self.content_types.get(link.target, _WORKBOOK_TYPES[0]) not in _WORKBOOK_TYPES:
                    raise FileError(f"{self.name} is an Office file, but not a workbook")
                return link.target
        raise FileError(f"{self.name} is not an .xlsx workbook: it has no workbook part")

    @property
    def workbook(self) -> Any:
        """Root element of the workbook part."""
        root = self.tree(self.workbook_part)
        if root.tag.startswith(_MAIN_STRICT):
            raise FileError(
                f"{self.name} is a Strict Open XML workbook: save it as an ordinary .xlsx first"
            )
        return root

    @property
    def counts_from_1904(self) -> bool:
        """Whether day 0 is 1 January 1904 (books from old Macs)."""
        calendar = self.workbook.find(f"{MAIN}workbookPr")
        return calendar is not None and calendar.get("date1904") in ("1", "true")

    @cached_property
    def sheets(self) -> list[Sheet]:
        """All sheets in the workbook's order."""
        links = self.relationships(self.workbook_part)
        found = []
        seen: set[str] = set()
        for index, node in enumerate(self.workbook.iterfind(f"{MAIN}sheets/{MAIN}sheet")):
            name = node.get("name", "")
            identifier = next((node.get(key) for key in _RELATIONSHIP_IDS if node.get(key)), "")
            link = links.get(identifier)
            if link is None or link.external or link.target not in self._archive.names():
                raise FileError(f"{self.name} lacks the part of its sheet {name!r}")
            if link.kind == "worksheet":
                self.expect(link.target, "worksheet+xml")
            if name.lower() in seen:
                raise FileError(f"{self.name} has two sheets with the name {name!r}")
            if link.target in seen:
                raise FileError(f"{self.name} has two sheets in the part {link.target}")
            seen |= {name.lower(), link.target}
            found.append(Sheet(name, link.target, link.kind, index))
        if not found:
            raise FileError(f"{self.name} has no sheets")
        return found

    @cached_property
    def worksheets(self) -> list[Sheet]:
        """The sheets that hold cells."""
        return [sheet for sheet in self.sheets if sheet.kind == "worksheet"]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """All tables by name in lower case."""
        found: dict[str, Table] = {}
        for sheet in self.worksheets:
            for link in self.relationships(sheet.part).values():
                if link.kind == "table" and not link.external:
                    self.expect(link.target, "table+xml")
                    if link.target not in self._archive.names():
                        raise FileError(f"{self.name} lacks the table {link.target}")
                    table = self._table(sheet, link.target)
                    known = found.setdefault(table.name.lower(), table)
                    if (known.part, known.sheet) != (table.part, table.sheet):
                        raise FileError(f"{self.name} has two tables with the name {table.name!r}")
        return found

    def _table(self, sheet: Sheet, part: str) -> Table:
        root = self.tree(part)
        counts = root.get("headerRowCount", "1"), root.get("totalsRowCount", "0")
        try:
            if not set(counts) <= {"0", "1"}:
                raise ValueError("it has neither one nor no row of headers or totals")
            return Table(
                name=root.get("displayName") or root.get("name") or "",
                sheet=sheet.name,
                part=part,
                area=parse_area(root.get("ref", "")),
                header_rows=int(counts[0]),
                totals_rows=int(counts[1]),
                columns=tuple(
                    _unescaped(node.get("name", ""))
                    for node in root.iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn")
                ),
            )
        except ValueError as problem:
            raise FileError(f"{self.name}: {part} is not a valid table: {problem}") from None

    @cached_property
    def defined_names(self) -> list[DefinedName]:
        """All defined names."""
        found = []
        for node in self.workbook.iterfind(f"{MAIN}definedNames/{MAIN}definedName"):
            scope = node.get("localSheetId", "")
            sheet = None
            if is_count(scope) and int(scope) < len(self.sheets):
                sheet = self.sheets[int(scope)].name
            name, text = node.get("name", ""), node.text or ""
            if len(text) > LONGEST_FORMULA:
                raise FileError(
                    f"{self.name}: the name {name[:_SHOWN]} has {len(text)} characters; "
                    f"at most {LONGEST_FORMULA} are read"
                )
            found.append(DefinedName(name, text, sheet))
        return found


def parse_xml(content: bytes, name: str) -> Any:
    """Root element of XML from a stranger: no entities, no network, no document type."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        raise FileError(f"{name} is not well-formed XML: {problem.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileError(f"{name} holds a document type declaration, which workbooks never need")
    return root


def _as_written_before(content: bytes, before: bytes) -> bytes:
    """New XML with the old one's declaration and, where its attributes stay, first tag.

    Programs differ in quotes, line breaks and the place of namespaces there; what was not changed
    shall not differ.
    """
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


def _unescaped(text: str) -> str:
    """A column's name as formulas write it: the file stores a line break as _x000a_."""
    return text.replace("_x000a_", "\n").replace("_x000A_", "\n")
