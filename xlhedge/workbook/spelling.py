"""A workbook's calls of our functions, put into the spelling of another kind of add-in."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, NamedTuple

from xlhedge.catalog import CATALOG
from xlhedge.formula.rewriting import calls_ours, is_function
from xlhedge.formula.spelling import Edit, Spelling, edited, edits, has_namespace
from xlhedge.formula.tokens import Kind, storage_name, tokenize
from xlhedge.workbook.package import LONGEST_FORMULA, Package
from xlhedge.workbook.xml import local_name, ranges_of

_WITH_FORMULA = (
    "f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula",
    "definedName",
)  # fmt: skip
"""Elements that hold a formula in worksheets, tables and the workbook part."""

_ATTRIBUTES = r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*"""
_RAW = re.compile(rf"(<(?:[\w.-]+:)?(?:{'|'.join(_WITH_FORMULA)}){_ATTRIBUTES}>)([^<]+)(?=</)")
_CHARACTER = re.compile(r"\r\n?|&[^;]*;|.", re.DOTALL)
_NOT_SHOWN = re.compile(r"_xlfn\.|_xlws\.|_xlpm\.|_xldudf_")
_ADDIN = re.compile(r"(?:^|[/\\])xlhedge\.xlam$", re.IGNORECASE)
_NOT_CALCULATED = (
    "is a conditional format, where Excel calculates no functions of Office.js add-ins"
)
_LONGEST_SHOWN = 8192
_SHOWN = 5


class Translation(NamedTuple):
    """What was done: formulas and calls that are spelled otherwise now.

    `left` holds a sentence for each kind of thing that stays as it was.
    """

    formulas: int
    calls: int
    left: list[str]


def translate(package: Package, spelling: Spelling) -> Translation:
    """Put every call of our functions into the spelling of the add-in that is to calculate it.

    Cells, array formulas, columns of tables, defined names, validations and conditional formats
    are translated; everything else in the package keeps its bytes.
    """
    work = _Work(spelling, _own_functions(package))
    owners = {sheet.part: sheet.name for sheet in package.sheets if sheet.part}
    owners |= {table.part: table.name for table in package.tables.values()}
    for part, owner in (*owners.items(), (package.workbook_part, "")):
        work.translate(package, part, owner)
    return Translation(work.formulas, work.calls, [*work.sentences(), *_beside(package, spelling)])


def _own_functions(package: Package) -> frozenset[str]:
    """The workbook's own functions that have the name of one of ours."""
    return frozenset(
        name.name.upper()
        for name in package.defined_names
        if name.name in CATALOG and is_function(name.text)
    )


def _beside(package: Package, spelling: Spelling) -> Iterator[str]:
    """What calls our functions, or leads to an add-in, outside of formulas."""
    if package.linked(package.workbook_part, "vbaProject"):
        yield "the workbook's macros are copied unread: formulas that they write are theirs"
    if spelling is Spelling.VBA:
        return
    for part in package.targets(package.workbook_part, "externalLink"):
        for link in package.relationships(part).values():
            if _ADDIN.search(link.target):
                yield (
                    f"the link to {link.target} stays, which no formula of ours needs now:"
                    " Data > Edit Links > Break Link takes it out"
                )


class _Work:
    """The translation of one workbook, part by part."""

    def __init__(self, spelling: Spelling, taken: frozenset[str]) -> None:
        self.formulas = self.calls = 0
        self._spelling, self._taken = spelling, taken
        self._left: dict[str, list[str]] = {}

    def translate(self, package: Package, part: str, owner: str) -> None:
        """Translate the formulas of a part; `owner` is what sentences call it."""
        root = package.tree(part)
        nodes = [node for node in root.iter() if local_name(node) in _WITH_FORMULA and node.text]
        changes = [self._edits(node, owner) for node in nodes]
        if not any(changes):
            return
        content = _edited(package.read(part), root, nodes, changes)
        if content is not None:
            package.replace(part, content)
            return
        for node, found in zip(nodes, changes, strict=True):
            node.text = edited(node.text, found)
        package.changed(part)

    def _edits(self, node: Any, owner: str) -> list[Edit]:
        text = node.text
        if not (calls_ours(text) or "_xldudf_xlhedge" in text.lower()):
            return []
        if len(text) > LONGEST_FORMULA:
            self._leave(f"has more than {LONGEST_FORMULA:,} characters", node, owner)
            return []
        self._note(node, owner)
        found = list(edits(text, self._spelling, self._taken))
        shown = len(_NOT_SHOWN.sub("", edited(text, found)))
        if found and shown > _LONGEST_SHOWN:
            self._leave(
                f"would have {shown:,} characters, and Excel takes {_LONGEST_SHOWN:,}", node, owner
            )
            return []
        self.formulas += bool(found)
        self.calls += len(found)
        return found

    def _note(self, node: Any, owner: str) -> None:
        """Note what of a formula stays, or will not be calculated."""
        for token in tokenize(node.text):
            if token.kind is not Kind.FUNCTION:
                continue
            name = storage_name(token.text)
            if name.startswith("XLHEDGE."):
                self._leave(f"calls {name}, which is no function of this version", node, owner)
            elif name in self._taken and not has_namespace(token.text):
                self._leave(f"calls {name}, which is a function of the workbook's own", node, owner)
            elif name in CATALOG and self._spelling is Spelling.OFFICE_JS and _is_rule(node):
                self._leave(_NOT_CALCULATED, node, owner)

    def _leave(self, why: str, node: Any, owner: str) -> None:
        places = self._left.setdefault(why, [])
        place = _place(node, owner)
        if place not in places:
            places.append(place)

    def sentences(self) -> Iterator[str]:
        """A line for each kind of thing that stays."""
        for why, places in self._left.items():
            more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
            yield f"{', '.join(places[:_SHOWN])}{more} {why}"


def _is_rule(node: Any) -> bool:
    """Whether a formula belongs to a conditional format."""
    return local_name(node.getparent()) in ("cfRule", "cfvo")


def _place(node: Any, owner: str) -> str:
    """Where a formula stands, as a person finds it."""
    if local_name(node) == "definedName":
        return f"the name {node.get('name')}"
    for above in node.iterancestors():
        name = local_name(above)
        if name == "c":
            return f"{owner}!{above.get('r')}"
        if name == "tableColumn":
            return f"{owner}[{above.get('name')}]"
        if ranges := ranges_of(above):
            return f"{owner}!{ranges.replace(' ', ',')}"
    return owner


def _edited(content: bytes, root: Any, nodes: list[Any], changes: list[list[Edit]]) -> bytes | None:
    """A part with its formulas edited and no other byte changed.

    None where the part holds comments, CDATA or the like, which may look like formulas.
    """
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if content.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    found = list(_RAW.finditer(text))
    if "<!" in text or text.count("<?") > 1 or len(found) != len(nodes):
        return None
    pieces, position = [], 0
    for match, node, change in zip(found, nodes, changes, strict=True):
        raw = _CHARACTER.findall(match[2])
        if "".join(map(_character, raw)) != node.text:
            return None
        pieces += [text[position : match.start(2)], edited(raw, change)]
        position = match.end(2)
    return "".join([*pieces, text[position:]]).encode(encoding)


def _character(raw: str) -> str:
    return "\n" if raw[0] == "\r" else unescape(raw)
