"""Writes the temporary copy of a workbook that an embedded engine loads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from xlhedge.formula.addresses import Area, address
from xlhedge.formula.structured import DefinedName
from xlhedge.workbook.cells import Cells, read_cells
from xlhedge.workbook.package import Package
from xlhedge.workbook.reading import Address
from xlhedge.workbook.values import day_number
from xlhedge.workbook.xml import MAIN

_MAIN = MAIN[1:-1]
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_KNOWN_ERRORS = frozenset(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"])
_PROBES = "xlhedge probes"


def reduced(
    package: Package,
    texts: Callable[[Cells], Iterable[str | None]],
    names: list[DefinedName],
    *,
    called: Mapping[str, str],
    iterates: bool = False,
    arrays: Mapping[tuple[str, Address], Area] | None = None,
    probes: Sequence[str] = (),
) -> bytes:
    """A workbook of cells, names and formulas only.

    `texts` gives the formulas of a worksheet's formula cells, one by one; a cell for which it gives
    None is a constant. `names` are those that the engine can calculate, and `called` says what the
    copy calls each sheet. `iterates` passes on the file's setting for iterative calculation.
    `arrays` are the cells that each formula fills which is stored as an array formula, for
    an engine that does not find the size of a result by itself; `probes` are array formulas in
    column A of one more sheet, the last.
    """
    worksheets = {one.sheet.name: one for one in read_cells(package)}
    sheets: list[tuple[str, Iterable[str]]] = []
    for name, copied in called.items():
        cells = worksheets.get(name)
        sheets.append((copied, () if cells is None else _rows(cells, texts(cells), arrays or {})))
    if probes:
        sheets.append((_PROBES, _column(probes)))
    main = _workbook(package, [name for name, _ in sheets], names, iterates=iterates)
    parts: dict[str, tuple[str, Iterable[bytes]]] = {"workbook": ("sheet.main", [main.encode()])}
    for number, (_, rows) in enumerate(sheets, 1):
        parts[f"sheet{number}"] = "worksheet", _sheet(rows)
    shared = package.linked(package.workbook_part, "sharedStrings")
    if shared is not None:
        package.tree(shared)  # refused where it is no XML
        parts["texts"] = "sharedStrings", [package.read(shared)]
    return _packed(parts)


def _sheet(rows: Iterable[str]) -> Iterator[bytes]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
    for row in rows:
        yield row.encode()
    yield b"</sheetData></worksheet>"


def _packed(parts: Mapping[str, tuple[str, Iterable[bytes]]]) -> bytes:
    """The package of a workbook, its sheets and texts: each part's kind and content by name."""
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_SHEET_ML}.{kind}+xml"/>'
        for name, (kind, _) in parts.items()
    )
    links = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{name}.xml"/>'
        for name, (kind, _) in parts.items()
        if name != "workbook"
    )
    head = f'{_HEAD}<Relationships xmlns="{_LINKS}">'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as output:
        output.writestr(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="'
            f'application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        )
        output.writestr(
            "_rels/.rels",
            f'{head}<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        output.writestr("xl/_rels/workbook.xml.rels", f"{head}{links}</Relationships>")
        for name, (_, content) in parts.items():
            with output.open(f"xl/{name}.xml", "w") as part:
                part.writelines(content)
    return target.getvalue()


def _workbook(
    package: Package, sheets: list[str], names: list[DefinedName], *, iterates: bool
) -> str:
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="sheet{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    place = {sheet.name: sheet.position for sheet in package.sheets}
    listing = "".join(
        f"<definedName name={quoteattr(name.name)}"
        + ("" if name.sheet is None else f' localSheetId="{place[name.sheet]}"')
        + f">{escape(name.text)}</definedName>"
        for name in names
    )
    calculation = package.workbook.find(f"{MAIN}calcPr") if iterates else None
    given = {} if calculation is None else calculation.attrib
    kept = [key for key in ("iterate", "iterateCount", "iterateDelta") if given.get(key)]
    iteration = "".join(f" {key}={quoteattr(given[key])}" for key in kept)
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<workbookPr date1904="{int(package.counts_from_1904)}"/><sheets>{listed}</sheets>'
        + (f"<definedNames>{listing}</definedNames>" if listing else "")
        + f"<calcPr{iteration}/></workbook>"
    )


def _column(formulas: Sequence[str]) -> Iterator[str]:
    for row, text in enumerate(formulas, 1):
        cell = _formula(address(row, 1), text, Area(row, 1, row, 1))
        yield f'<row r="{row}">{cell}</row>'


def _formula(place: str, text: str, area: Area | None) -> str:
    array = "" if area is None else f' t="array" ref="{area}"'
    return f'<c r="{place}"><f{array}>{escape(text)}</f></c>'


def _rows(
    cells: Cells,
    texts: Iterable[str | None],
    arrays: Mapping[tuple[str, Address], Area],
) -> Iterator[str]:
    name, filled, formulas = cells.sheet.name, cells.filled, iter(texts)
    from_1904 = cells.package.counts_from_1904
    constant = set[Address]()
    for row, held in groupby(cells.held(), lambda one: one[0][0]):
        contents = []
        for place, has_formula, kind, value in held:
            if has_formula:
                text = next(formulas)
                if text is not None:
                    contents.append(_formula(address(*place), text, arrays.get((name, place))))
                    continue
                constant.add(place)
            if value is not None and (place not in filled or filled[place] in constant):
                contents.append(_constant(address(*place), kind, value, from_1904=from_1904))
        if any(contents):
            hidden = ' hidden="1"' if row in cells.hidden else ""
            yield f'<row r="{row}"{hidden}>{"".join(contents)}</row>'


def _constant(place: str, kind: str, value: str, *, from_1904: bool) -> str:
    if kind in ("str", "inlineStr"):
        text = f'<t xml:space="preserve">{escape(value)}</t>'
        return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'
    if not value:
        return ""
    if kind == "d":
        try:
            return f'<c r="{place}"><v>{day_number(value, from_1904=from_1904)!r}</v></c>'
        except ValueError:
            kind, value = "e", "#VALUE!"
    if kind == "e" and value not in _KNOWN_ERRORS:
        value = "#VALUE!"
    return f'<c r="{place}" t="{kind}"><v>{escape(value)}</v></c>'
