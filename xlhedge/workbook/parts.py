"""The parts of a package and the links between them."""

from __future__ import annotations

import gzip
import io
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import Archive, Source
from xlhedge.workbook.xml import parse_xml, refuse_unsound, serialised

_CONTENT_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES_PART = "[Content_Types].xml"
_BINARY_TYPE = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
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

_BUFFER = 65_536
_NEEDED = ("worksheet", "sharedStrings", "styles", "table")


class Relationship(NamedTuple):
    """A link from a part; `target` is a part's name, or an address outside when `external`."""

    kind: str
    target: str
    external: bool


class Pieces:
    """XML that is read piece by piece; `refuse` gets the number of elements so far."""

    def __init__(self, source: Source, refuse: Callable[[int], None]) -> None:
        self._source, self._refuse = source, refuse
        self._elements, self._last = 0, b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        piece = self._source.read(size)
        self._elements += piece.count(b"<") - (self._last + piece).count(b"</")
        self._last = piece[-1:]
        self._refuse(self._elements)
        return piece


class Parts:
    """The parts of a file in memory, opened safely and ready to be changed one by one.

    What is read out of the parts and kept (`cached_property`, `views`) is forgotten when one of
    them changes, so that nothing that was read before is used after. `Package` tells the arguments.
    """

    def __init__(
        self, content: bytes, name: str = "workbook", limits: Limits | None = None
    ) -> None:
        self.name = name
        self.content = content
        self.limits = limits or Limits.from_environment()
        self._archive = Archive(content, name, self.limits)
        self._spelled = {part.lower(): part for part in self._archive.names()}
        self._trees: dict[str, Any] = {}
        self._stale: set[str] = set()
        self._changed: dict[str, list[bytes]] = {}  # packed, one behind the other
        self._removed: set[str] = set()
        self.views: dict[str, Any] = {}
        self._refuse_other_documents()
        for part in self._archive.names():
            # Also what is only copied: a copy would be as damaged as the book.
            whole = partial(self._archive.read, part)
            refuse_unsound(self._archive.beginning(part), whole, f"{name}: {part}")
        self._refuse_broken_links()

    def _refuse_other_documents(self) -> None:
        if self.part(_TYPES_PART) is None:
            kind = "an OpenDocument file" if "mimetype" in self._spelled else "a zip archive"
            raise FileError(f"{self.name} is {kind}, not an .xlsx workbook")
        if _BINARY_TYPE in self.content_types.values():
            raise FileError(f"{self.name} is an .xlsb workbook: save it as .xlsx first")

    def _refuse_broken_links(self) -> None:
        """Refuse links that lead nowhere or to another kind of part.

        Only what cells need must be there. Books that Excel itself left without a drawing or a
        printer's settings are about, and nothing of them gets lost.
        """
        for owner in self._owners():
            for link in self.relationships(owner).values():
                if link.external or link.kind not in _ENDINGS:
                    continue
                if self.part(link.target) is not None:
                    self.expect(link.target, _ENDINGS[link.kind])
                elif link.kind in _NEEDED:
                    raise FileError(
                        f"{self.name} lacks the part {link.target}, which {owner} refers to"
                    )

    def _owners(self) -> list[str]:
        """The parts that have links."""
        found = []
        for part in self.names():
            folder, base = posixpath.split(part)
            # The archiver of macOS adds files beside the parts that are named much like links.
            if posixpath.basename(folder).lower() == "_rels" and not base.startswith("._"):
                owner = posixpath.join(posixpath.dirname(folder), base[: -len(".rels")])
                found.append(self.part(owner) or owner)
        return found

    def names(self) -> list[str]:
        """Names of all parts in file order."""
        return [part for part in self._archive.names() if part not in self._removed]

    def part(self, name: str) -> str | None:
        """A part's name as the file spells it; None where there is none.

        Names of parts are the same in upper and lower case (OPC 6.2.2.3).
        """
        found = self._spelled.get(name.lower())
        return None if found in self._removed else found

    def read(self, part: str) -> bytes:
        """Content of a part, with the changes made so far."""
        return self._settled(part).read()

    def _settled(self, part: str) -> Source:
        """Content of a part to be read piece by piece, after what was changed in its tree."""
        if part in self._stale:
            self._stale.discard(part)
            content = serialised(self._trees[part], self.read(part))
            self._changed[part] = [gzip.compress(content, 1)]
        packed = self._changed.get(part)
        return (
            self._archive.open(part)
            if packed is None
            else gzip.GzipFile(fileobj=io.BytesIO(b"".join(packed)))
        )

    def open_part(self, part: str) -> Pieces:
        """Content of a part that is XML, to be read piece by piece, with the changes so far."""
        return Pieces(self._settled(part), partial(self._refuse_endless, part))

    def tree(self, part: str) -> Any:
        """Root element of a part's XML; parsed once, so that changes to it are seen by all."""
        if part not in self._trees:
            self._trees[part] = parse_xml(self.open_part(part).read(), f"{self.name}: {part}")
        return self._trees[part]

    def _refuse_endless(self, part: str, elements: int) -> None:
        if elements > self.limits.elements:
            raise FileError(
                f"{self.name}: {part} has {elements} XML elements; "
                f"at most {self.limits.elements} are read"
            )

    def changed(self, part: str) -> None:
        """Note that a part's tree was changed: what was read out of the parts is forgotten."""
        self._stale.add(part)
        self._forget(part)

    def replace(self, part: str, content: bytes) -> None:
        """Give a part new content."""
        with self.rewritten(part, content):
            pass
        self._forget(part)

    @contextmanager
    def rewritten(self, part: str, head: bytes) -> Iterator[Callable[[bytes], int]]:
        """What takes, piece by piece, the new content of a worksheet after its head.

        It is held packed. What was read out of other parts stays.
        """
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as content:
            buffer = io.BufferedWriter(content, _BUFFER)
            yield buffer.write
            buffer.flush()
            buffer.detach()
        self._changed[part] = [gzip.compress(head, 1), packed.getvalue()]
        self._stale.discard(part)
        self._trees.pop(part, None)
        self.views.pop(part, None)

    def set_head(self, part: str, head: bytes) -> None:
        """Give a part that was written anew another head."""
        self._changed[part][0] = gzip.compress(head, 1)

    def _forget(self, part: str) -> None:
        self.views.pop(part, None)
        for kind in type(self).__mro__:
            for name, member in vars(kind).items():
                if isinstance(member, cached_property):
                    self.__dict__.pop(name, None)

    def remove(self, part: str) -> None:
        """Leave a part out, with its content type and every relationship to it."""
        for owner in self._owners():
            source = self._links_of(owner)
            targets = {key: link.target for key, link in self.relationships(owner).items()}
            for node in list(self.tree(source).iter(f"{_RELATIONSHIPS}Relationship")):
                if targets.get(node.get("Id", "")) == part and node.get("TargetMode") is None:
                    node.getparent().remove(node)
                    self.changed(source)
        types = self.part(_TYPES_PART) or _TYPES_PART
        for node in list(self.tree(types).iter(f"{_CONTENT_TYPES}Override")):
            if node.get("PartName", "").lstrip("/").lower() == part.lower():
                node.getparent().remove(node)
                self.changed(types)
        self._removed.add(part)
        self._forget(part)

    def to_bytes(self) -> bytes:
        """The package with all changes; the very same bytes when there are none."""
        for part in list(self._stale):
            self._settled(part)
        changed = {
            part: self._settled(part)
            for part in self._changed
            if not self._archive.holds(part, self._settled(part))
        }
        if not changed and not self._removed:
            return self.content
        return self._archive.with_changes(changed, self._removed)

    @cached_property
    def content_types(self) -> dict[str, str]:
        """Content type of each part that the package names, by part."""
        root = self.tree(self.part(_TYPES_PART) or _TYPES_PART)
        found = {}
        for node in root.iter(f"{_CONTENT_TYPES}Override"):
            name = node.get("PartName", "").lstrip("/")
            found[self.part(name) or name] = node.get("ContentType", "")
        return found

    def set_content_type(self, part: str, kind: str) -> None:
        """Give a part another content type."""
        types = self.part(_TYPES_PART) or _TYPES_PART
        root = self.tree(types)
        for node in root.iter(f"{_CONTENT_TYPES}Override"):
            if node.get("PartName", "").lstrip("/").lower() == part.lower():
                break
        else:
            # What the part's ending says is meant for others.
            node = etree.SubElement(root, f"{_CONTENT_TYPES}Override", PartName=f"/{part}")
        node.set("ContentType", kind)
        self.changed(types)

    def expect(self, part: str, ending: str) -> None:
        """Refuse a part whose content type is given and is of another kind."""
        kind = self.content_types.get(part)
        if kind is not None and not kind.endswith(ending):
            raise FileError(f"{self.name}: {part} has the wrong content type {kind!r}")

    def typed(self, *endings: str) -> list[str]:
        """The parts whose content type ends so."""
        return [
            part
            for part, kind in self.content_types.items()
            if kind.endswith(endings) and self.part(part) is not None
        ]

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Links from a part by identifier; the package's own for an empty name."""
        folder = posixpath.dirname(part)
        source = self._links_of(part)
        if self.part(source) is None:
            return {}
        found = {}
        for node in self.tree(source).iter(f"{_RELATIONSHIPS}Relationship"):
            external = node.get("TargetMode") == "External"
            target = node.get("Target", "")
            if not external:
                path = unquote(target)
                path = path[1:] if path.startswith("/") else posixpath.join(folder, path)
                target = posixpath.normpath(path)
                target = self.part(target) or target
            kind = node.get("Type", "").rsplit("/", 1)[-1]
            found[node.get("Id", "")] = Relationship(kind, target, external)
        return found

    def _links_of(self, part: str) -> str:
        """The part that holds the links of another."""
        folder, base = posixpath.split(part)
        links = posixpath.join(folder, "_rels", f"{base}.rels")
        return self.part(links) or links

    def linked(self, part: str, kind: str) -> str | None:
        """The first part of a kind that another one leads to."""
        for link in self.relationships(part).values():
            if link.kind == kind and not link.external and self.part(link.target):
                return link.target
        return None
