"""A workbook's package: its sheets, tables, names, shared texts and cell formats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area, area_or_none, is_count, parse_area, sheet_of_prefix
from xlhedge.formula.structured import DefinedName, Table, resolve
from xlhedge.formula.tokens import Kind, Token, tokenize
from xlhedge.system.files import destination, locked, save
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import read_file
from xlhedge.workbook.parts import Parts
from xlhedge.workbook.styles import Format, formats
from xlhedge.workbook.values import text_of
from xlhedge.workbook.xml import MAIN, is_on, local_name, unescaped

_MAIN_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".xltx": "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xltm": "application/vnd.ms-excel.template.macroEnabled.main+xml",
    ".xlam": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
"""Ending of a workbook's name to the content type that Excel expects behind it."""

_WITHOUT_MACROS = (".xlsx", ".xltx")
_MACROS = "vbaProject"
TEMPLATE = "xlhedge template"
"""The property of a workbook that says from which template it was made."""

LONGEST_FORMULA = 16_384
"""Characters; Excel allows 8,192, and prefixes such as _xlfn. come on top."""

_SHOWN = 40


class Sheet(NamedTuple):
    """A sheet in the workbook's order; `kind` is worksheet, chartsheet, ...

    `part` and `kind` are empty for a sheet that the workbook only lists, as some converters leave
    them; Excel passes over it.
    """

    name: str
    part: str
    kind: str
    position: int


class NamedArea(NamedTuple):
    """A name of the whole workbook, as it is spelled, and the cells that it stands for."""

    name: str
    sheet: str
    area: Area

    @property
    def is_cell(self) -> bool:
        """Whether it is a single cell."""
        return self.area.is_cell

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of its first cell."""
        return self.area.top, self.area.left

    def __str__(self) -> str:
        """Its sheet and address."""
        return f"{self.sheet}!{self.area}"


def workbook_target(path: Path | str) -> Path:
    """Where a workbook is to be saved, refused where Excel would not open it under that name."""
    path = Path(path)
    if path.suffix.lower() not in _KINDS:
        endings = ", ".join(list(_KINDS)[:-1])
        raise FileError(f"{path} cannot be written: a workbook's name ends with {endings}")
    return path


class Package(Parts):
    """A workbook file in memory, opened safely and ready to be changed part by part.

    `name` is how error sentences call it. A FileError tells that the file is no workbook, is
    damaged, or must not be trusted.
    """

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> Package:
        """Read a file."""
        limits = limits or Limits.from_environment()
        return cls(read_file(path, limits), str(path), limits)

    def become(self, target: PurePath) -> None:
        """Be of the kind that a file name's ending says: Excel opens no other one under it."""
        ending = target.suffix.lower()
        kind = _KINDS.get(ending)
        if kind is None or self.content_types.get(self.workbook_part, kind) == kind:
            return
        if ending in _WITHOUT_MACROS and self.linked(self.workbook_part, _MACROS):
            raise FileError(f"{target}: {self.name} holds macros: save it as .xlsm")
        self.set_content_type(self.workbook_part, kind)

    @cached_property
    def workbook_part(self) -> str:
        """Name of the part that lists the sheets."""
        part = self.linked("", "officeDocument")
        if part is None:
            raise FileError(f"{self.name} is not an .xlsx workbook: it has no workbook part")
        kinds = _KINDS.values()
        if self.content_types.get(part, _KINDS[".xlsx"]) not in kinds:
            raise FileError(f"{self.name} is an Office file, but not a workbook")
        return part

    @property
    def workbook(self) -> Any:
        """Root element of the workbook part."""
        root = self.tree(self.workbook_part)
        if root.tag.startswith(_MAIN_STRICT):
            raise FileError(
                f"{self.name} is a Strict Open XML workbook: save it as an ordinary .xlsx first"
            )
        return root

    @cached_property
    def counts_from_1904(self) -> bool:
        """Whether day 0 is 1 January 1904 (books from old Macs)."""
        return is_on(self.workbook.find(f"{MAIN}workbookPr"), "date1904")

    @property
    def iterates(self) -> bool:
        """Whether the file lets a circle of formulas be calculated again and again."""
        return is_on(self.workbook.find(f"{MAIN}calcPr"), "iterate")

    @cached_property
    def sheets(self) -> list[Sheet]:
        """All sheets in the workbook's order."""
        links = self.relationships(self.workbook_part)
        found = []
        seen: set[str] = set()
        parts: set[str] = set()
        for index, node in enumerate(self.workbook.iterfind(f"{MAIN}sheets/{MAIN}sheet")):
            name, identifier = node.get("name", ""), node.get(_RELATIONSHIP_ID, "")
            if name.lower() in seen:
                raise FileError(f"{self.name} has two sheets with the name {name!r}")
            seen.add(name.lower())
            if not identifier:
                found.append(Sheet(name, "", "", index))
                continue
            link = links.get(identifier)
            if link is None or link.external or self.part(link.target) is None:
                raise FileError(f"{self.name} lacks the part of its sheet {name!r}")
            if link.target in parts:
                raise FileError(f"{self.name} has two sheets in the part {link.target}")
            parts.add(link.target)
            found.append(Sheet(name, link.target, link.kind, index))
        if not parts:
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
            for part in self.targets(sheet.part, "table"):
                table = self._table(sheet, part)
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
                    unescaped(node.get("name", ""))
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

    @cached_property
    def named_areas(self) -> dict[str, NamedArea]:
        """The names of the whole workbook that stand for one range of it, by name in lower case."""
        found = {}
        for defined in self.defined_names:
            before, mark, place = defined.text.removeprefix("=").rpartition("!")
            area, sheet = area_or_none(place), self._worksheet(sheet_of_prefix(before))
            if defined.sheet is None and mark and area is not None and sheet is not None:
                found[defined.name.lower()] = NamedArea(defined.name, sheet, area)
        return found

    def range_of(
        self, text: str, sheet: str = "", place: tuple[int, int] | None = None
    ) -> tuple[str, Area] | None:
        """Sheet and area that a formula refers to, also through a name, and does no more with.

        A reference that names no sheet means cells of `sheet`; those to tables are read for a
        formula of a cell, which stands at `place`.
        """
        token = _only_token(text)
        if place and token is not None and token.kind is Kind.TABLE and not token.sheet:
            token = _only_token(resolve(token.text, self.tables, sheet, *place))
        if token is not None and token.kind is Kind.NAME:
            wanted, scope = token.text.lower(), sheet_of_prefix(token.sheet).lower()
            named = (
                name.text
                for name in self.defined_names
                if name.name.lower() == wanted
                and (name.sheet is None or name.sheet.lower() == scope)
            )
            token = _only_token(next(named, ""))
        if token is None or token.kind is not Kind.REFERENCE:
            return None
        known = self._worksheet(sheet_of_prefix(token.sheet) or sheet)
        area = area_or_none(token.text)
        return None if known is None or area is None else (known, area)

    def _worksheet(self, name: str) -> str | None:
        """A worksheet's name as it is spelled; None where there is none."""
        found = (one.name for one in self.worksheets if one.name.lower() == name.lower())
        return next(found, None)

    def table(self, name: str) -> Table:
        """A table by its name, in any case; refused where there is none, or it is damaged."""
        table = self.tables.get(name.lower())
        if table is None:
            names = ", ".join(sorted(item.name for item in self.tables.values()))
            has = f"its tables are {names}" if names else "it has no tables"
            raise FileError(f"{self.name} has no table {name!r}: {has}")
        distinct = {column.lower() for column in table.columns}
        if table.data.height < 1 or not len(distinct) == len(table.columns) == table.area.width:
            raise FileError(f"{self.name}: the table {table.name} is damaged")
        return table

    @cached_property
    def _shared(self) -> list[Any]:
        """The elements of the shared texts."""
        part = self.linked(self.workbook_part, "sharedStrings")
        return [] if part is None else list(self.tree(part).iterfind(f"{MAIN}si"))

    @cached_property
    def texts(self) -> list[str]:
        """The shared texts."""
        return [text_of(node) for node in self._shared]

    @cached_property
    def plain_texts(self) -> dict[str, int]:
        """Place of each shared text that has no formats of its own."""
        found: dict[str, int] = {}
        for index, node in enumerate(self._shared):
            if len(node) == 1 and node[0].tag == f"{MAIN}t":
                found.setdefault(self.texts[index], index)
        return found

    @property
    def template(self) -> str:
        """The template that the workbook was made from; empty for others."""
        custom = self._properties("custom-properties", "property")
        found = (node for node in custom if node.get("name") == TEMPLATE)
        return next(("".join(node.itertext()).strip() for node in found), "")

    @property
    def title(self) -> str:
        """The document's title; empty where it has none."""
        return next((node.text or "" for node in self._properties("core-properties", "title")), "")

    def _properties(self, kind: str, name: str) -> list[Any]:
        part = self.linked("", kind)
        return [node for node in self.tree(part) if local_name(node) == name] if part else []

    def drop_calculation_chain(self) -> None:
        """Leave out the list of formula cells, which Excel makes anew and must not be wrong."""
        part = self.linked(self.workbook_part, "calcChain")
        if part is not None:
            self.remove(part)

    @cached_property
    def _formats(self) -> list[Format]:
        part = self.linked(self.workbook_part, "styles")
        return [] if part is None else formats(self.tree(part))

    def format_of(self, style: str) -> Format:
        """The cell format that a cell names; a plain one where there is no such format."""
        place = int(style) if is_count(style) else len(self._formats)
        return self._formats[place] if place < len(self._formats) else Format()


def _only_token(text: str) -> Token | None:
    """The token of a formula that is no more than one."""
    tokens = tokenize(text) if len(text) <= LONGEST_FORMULA else []
    return tokens[0] if len(tokens) == 1 else None


@contextmanager
def changing(
    path: Path,
    target: Path | str | None = None,
    *,
    in_place: bool = False,
    overwrite: bool = False,
    limits: Limits | None = None,
) -> Iterator[tuple[Package, Path]]:
    """A workbook that is open to be changed, and the file that it is saved to afterwards.

    Nothing is written after an error while it is open. `target` is left out when it is changed
    `in_place`; it may be replaced only with `overwrite`.
    """
    if target is not None:
        workbook_target(target)
    chosen = destination(path, target, in_place=in_place, overwrite=overwrite)
    with locked(chosen):
        # Another run may have written it since.
        destination(path, target, in_place=in_place, overwrite=overwrite)
        package = Package.open(path, limits)
        package.become(chosen)
        yield package, chosen
        content = package.to_bytes()
        if content != package.content or chosen.resolve() != path.resolve():
            save(content, chosen)
