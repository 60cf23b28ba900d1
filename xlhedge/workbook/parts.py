"""The parts of a package and the links between them."""

from __future__ import annotations

import gzip
import io
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from xlhedge.errors import FileError
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import Archive
from xlhedge.workbook.xml import parse_xml, refuse_unsound, serialised

if TYPE_CHECKING:
    from _typeshed import SupportsRead

_OVERRIDE = "{http://schemas.openxmlformats.org/package/2006/content-types}Override"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
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

_NEEDED = ("worksheet", "sharedStrings", "styles", "table")


class Relationship(NamedTuple):
    """A link from a part; `target` is a part's name, or an address outside when `external`."""

    kind: str
    target: str
    external: bool


class Pieces:
    """XML that is read piece by piece, refused where it has more than `most` elements."""

    def __init__(self, source: SupportsRead[bytes], name: str, most: int) -> None:
        self._source, self._name, self._most = source, name, most
        self._elements, self._last = 0, b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        piece = self._source.read(size)
        self._elements += piece.count(b"<") - (self._last + piece).count(b"</")
        self._last = piece[-1:]
        if self._elements > self._most:
            raise FileError(
                f"{self._name} has {self._elements} XML elements; at most {self._most} are read"
            )
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
        types = self.part("[Content_Types].xml")
        if types is None:
            kind = "an OpenDocument file" if "mimetype" in self._spelled else "a zip archive"
            raise FileError(f"{name} is {kind}, not an .xlsx workbook")
        self._types = types
        for part in self._archive.names():
            # Also what is only copied: a copy would be as damaged as the book.
            whole = partial(self._archive.read, part)
            refuse_unsound(self._archive.beginning(part), whole, f"{name}: {part}")
        if _BINARY_TYPE in self.content_types.values():
            raise FileError(f"{name} is an .xlsb workbook: save it as .xlsx first")
        self._refuse_broken_links()

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
                    kind = self.content_types.get(link.target)
                    if kind is not None and not kind.endswith(_ENDINGS[link.kind]):
                        raise FileError(
                            f"{self.name}: {link.target} has the wrong content type {kind!r}"
                        )
                elif link.kind in _NEEDED:
                    raise FileError(
                        f"{self.name} lacks the part {link.target}, which {owner} refers to"
                    )

    def _owners(self) -> list[str]:
        """The parts that have links."""
        found = []
        for part in self._archive.names():
            folder, base = posixpath.split(part)
            # The archiver of macOS adds files beside the parts that are named much like links.
            if posixpath.basename(folder).lower() == "_rels" and not base.startswith("._"):
                owner = posixpath.join(posixpath.dirname(folder), base[: -len(".rels")])
                found.append(self.part(owner) or owner)
        return found

    def part(self, name: str) -> str | None:
        """A part's name as the file spells it; None where there is none.

        Names of parts are the same in upper and lower case (OPC 6.2.2.3).
        """
        found = self._spelled.get(name.lower())
        return None if found in self._removed else found

    def read(self, part: str) -> bytes:
        """Content of a part, with the changes made so far."""
        return self._settled(part).read()

    def _settled(self, part: str) -> SupportsRead[bytes]:
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
        return Pieces(self._settled(part), f"{self.name}: {part}", self.limits.elements)

    def tree(self, part: str) -> Any:
        """Root element of a part's XML; parsed once, so that changes to it are seen by all."""
        if part not in self._trees:
            self._trees[part] = parse_xml(self.open_part(part).read(), f"{self.name}: {part}")
        return self._trees[part]

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
            yield content.write
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
            for node, link in list(self._links(owner)):
                if link.target == part and not link.external:
                    node.getparent().remove(node)
                    self.changed(self._links_of(owner))
        for name, node in list(self._overrides()):
            if name == part:
                node.getparent().remove(node)
                self.changed(self._types)
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
        return {part: node.get("ContentType", "") for part, node in self._overrides()}

    def _overrides(self) -> Iterator[tuple[str, Any]]:
        """The parts whose content types the package names, and the elements that do."""
        for node in self.tree(self._types).iter(_OVERRIDE):
            name = node.get("PartName", "").lstrip("/")
            yield self.part(name) or name, node

    def set_content_type(self, part: str, kind: str) -> None:
        """Give a part another content type."""
        node = dict(self._overrides()).get(part)
        if node is None:
            # What the part's ending says is meant for others.
            node = etree.SubElement(self.tree(self._types), _OVERRIDE, PartName=f"/{part}")
        node.set("ContentType", kind)
        self.changed(self._types)

    def typed(self, *endings: str) -> list[str]:
        """The parts whose content type ends so."""
        return [
            part
            for part, kind in self.content_types.items()
            if kind.endswith(endings) and self.part(part) is not None
        ]

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Links from a part by identifier; the package's own for an empty name."""
        return {node.get("Id", ""): link for node, link in self._links(part)}

    def _links(self, part: str) -> Iterator[tuple[Any, Relationship]]:
        """The elements that hold the links of a part, and the links."""
        folder = posixpath.dirname(part)
        source = self._links_of(part)
        if self.part(source) is None:
            return
        for node in self.tree(source).iter(_RELATIONSHIP):
            external = node.get("TargetMode") == "External"
            target = node.get("Target", "")
            if not external:
                path = unquote(target)
                path = path[1:] if path.startswith("/") else posixpath.join(folder, path)
                target = posixpath.normpath(path)
                target = self.part(target) or target
            kind = node.get("Type", "").rsplit("/", 1)[-1]
            yield node, Relationship(kind, target, external)

    def _links_of(self, part: str) -> str:
        """The part that holds the links of another."""
        folder, base = posixpath.split(part)
        links = posixpath.join(folder, "_rels", f"{base}.rels")
        return self.part(links) or links

    def linked(self, part: str, kind: str) -> str | None:
        """The first part of a kind that another one leads to."""
        return next(iter(self.targets(part, kind)), None)

    def targets(self, part: str, kind: str) -> list[str]:
        """The parts of a kind that another one leads to."""
        links = (link for link in self.relationships(part).values() if link.kind == kind)
        return [link.target for link in links if not link.external and self.part(link.target)]
