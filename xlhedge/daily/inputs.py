"""Inputs of a workbook set by their defined names, as the sheet itself would take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from xlhedge.daily.summary import Summary, shown, summary
from xlhedge.errors import FileError, InputError
from xlhedge.filling.values import (
    NUMBER,
    day_number,
    looks_like_time,
    read_number,
    read_time,
)
from xlhedge.recalc.run import Clock, Report, calculate
from xlhedge.sheet.cells import LONGEST_TEXT, Cell
from xlhedge.sheet.collector import paused
from xlhedge.workbook.cells import Cells, cells_named
from xlhedge.workbook.package import NamedArea, Package, changing
from xlhedge.workbook.styles import Format, shows_time_of_day
from xlhedge.workbook.validation import Rule, rule_at
from xlhedge.workbook.values import write_constant
from xlhedge.workbook.writing import set_dimension, style_of_blank, write_cells
from xlhedge.workbook.xml import MAIN, is_on

_LONGEST_SHOWN = 60
_NUMBER_OR_SHARE = re.compile(rf"{NUMBER.pattern}\s*%?")
_LOGICAL = {"true": True, "false": False}


class Change(NamedTuple):
    """An input that was set, or a figure that changed with it: what it showed and shows."""

    name: str
    label: str
    before: str
    after: str


@dataclass(slots=True)
class SetReport:
    """What setting inputs did.

    Parameters
    ----------
    source, target
        The file read and the file written.
    inputs
        The inputs, also those that had the value already.
    figures
        The key figures whose text changed, the status first.
    after
        The workbook's summary now.
    recalculation
        What was calculated.
    """

    source: Path
    target: Path
    inputs: list[Change] = field(default_factory=list)
    figures: list[Change] = field(default_factory=list)
    after: Summary | None = None
    recalculation: Report | None = None


@paused()
def set_inputs(
    path: Path | str,
    inputs: Mapping[str, str],
    target: Path | str | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
) -> SetReport:
    """Set inputs of a workbook by name, and recalculate it.

    Parameters
    ----------
    path
        The workbook.
    inputs
        Defined name of a cell to its new value as text; an empty text is a blank.
    target
        Where to save; the workbook itself when left out.
    overwrite
        Whether `target` may be replaced.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    SetReport
        What changed.

    Raises
    ------
    InputError
        When a name is not known or not an input, or the sheet would not take a value. Nothing is
        written then.
    FileError
        When a file cannot be read, trusted or written.
    """
    path = Path(path)
    if not inputs:
        raise InputError("no input is named: give NAME=VALUE")
    report = SetReport(path, path if target is None else Path(target))
    report.recalculation = Report(path, report.target)
    clock = Clock(report.recalculation.seconds, progress)
    clock.begin("reading")
    with changing(path, target, in_place=target is None, overwrite=overwrite) as (
        package,
        destination,
    ):
        before = summary(package, str(path))
        # All are judged before the first is written.
        wanted = [(_input(package, name), text.strip()) for name, text in inputs.items()]
        values = [(area, _value(package, area, text)) for area, text in wanted]
        report.inputs = write_inputs(package, values)
        areas = [(area.sheet, area.area) for area, _ in values]
        calculate(package, report.recalculation, clock, changed=areas)
        report.after = summary(package, str(destination))
        report.figures = changes(before, report.after)
        clock.begin("writing")
    clock.end()
    return report


def changes(before: Summary, after: Summary) -> list[Change]:
    """The key figures whose texts differ between two summaries of one workbook."""
    earlier = {figure.name: figure.text for figure in before.figures}
    found = [
        Change(figure.name, figure.label, earlier[figure.name], figure.text)
        for figure in after.figures
        if earlier.get(figure.name, figure.text) != figure.text
    ]
    if before.status != after.status:
        found.insert(0, Change("status", "Status", before.status, after.status))
    return found


def _input(package: Package, name: str) -> NamedArea:
    """The cell of an input, refused where it is none."""
    names = package.named_areas
    area = names.get(name.strip().lower())
    if area is None:
        raise InputError(_unknown(package, name.strip(), names))
    if not area.is_cell:
        raise InputError(
            f"{area.name} is a range of {area.area.height * area.area.width} cells ({area}): "
            "rows of tables are filled by `xlhedge fill`"
        )
    cells = cells_named(package, area.sheet)
    formula = _formula_of(cells, area)
    if formula is not None:
        by = "" if formula == area.place else f" of {cells.name_of(formula)}"
        raise InputError(
            f"{area.name} is a result ({area}): the formula{by} gives it; set the inputs it reads"
        )
    _refuse_part_of(package, cells, area)
    protected = is_on(cells.root.find(f"{MAIN}sheetProtection"), "sheet")
    if protected and not _format(cells, area.place).is_unlocked:
        raise InputError(f"{area.name} is locked: the sheet {area.sheet} is protected")
    return area


def _refuse_part_of(package: Package, cells: Cells, area: NamedArea) -> None:
    """Refuse a cell that merged cells hide, and one whose text the table's definition repeats."""
    for merged in cells.merged:
        if merged.holds(area.place) and area.place != (merged.top, merged.left):
            raise InputError(f"{area.name} is hidden ({area}): the cells {merged} are merged")
    for table in package.tables.values():
        within = table.sheet == area.sheet and table.area.holds(area.place)
        if within and not table.data.holds(area.place):
            what = "heading" if area.area.top < table.data.top else "totals row"
            raise InputError(
                f"{area.name} belongs to the {what} of the table {table.name} ({area})"
            )


def _formula_of(cells: Cells, area: NamedArea) -> tuple[int, int] | None:
    """The cell whose formula gives a cell its value; None where it holds its own."""
    return area.place if area.place in cells.formulas else cells.filled.get(area.place)


def _format(cells: Cells, place: tuple[int, int]) -> Format:
    """How a cell is formatted, a blank one that the file does not hold as its row or column is."""
    if place in cells.cells:
        return cells.format_at(place)
    row = cells.elements([place[0]]).get(place[0], {})
    return cells.package.format_of(style_of_blank(cells.root, row, place[1]) or "0")


def _unknown(package: Package, name: str, names: Mapping[str, NamedArea]) -> str:
    for defined in package.defined_names:
        if defined.sheet is None and defined.name.lower() == name.lower():
            return f"{defined.name} stands for no cell of the workbook: {defined.text}"
    settable = {
        lower: area.name
        for lower, area in names.items()
        if area.is_cell and _formula_of(cells_named(package, area.sheet), area) is None
    }
    if not settable:
        return f"{package.name} has no input {name!r}: none of its cells that take a value is named"
    near = get_close_matches(name.lower(), list(settable), 3, 0.5)
    near += [lower for lower in settable if name.lower() in lower and lower not in near][:3]
    if near:
        return f"there is no input {name!r}; near it: {', '.join(settable[one] for one in near)}"
    return f"there is no input {name!r}; the inputs are {', '.join(sorted(settable.values()))}"


def _value(package: Package, area: NamedArea, text: str) -> Cell:
    """The value that a text means in a cell, refused where the sheet would not take it."""
    if text == "":
        return None
    cells = cells_named(package, area.sheet)
    rule = rule_at(cells, area.place)
    value = _typed(cells, area, text, rule)
    if rule is not None and rule.kind == "list":
        choices = map(rule.chosen, (value, text))
        value = next((choice for choice in choices if choice is not None), value)
    wanted = None if rule is None else rule.refusal(value)
    if wanted is not None and rule is not None and rule.enforced:
        raise InputError(f"{area.name} must be {wanted}, not {_cut(text)}")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise InputError(f"{area.name}: a cell holds at most {LONGEST_TEXT:,} characters")
    return value


def _typed(cells: Cells, area: NamedArea, text: str, rule: Rule | None) -> Cell:
    """A text as a cell of its kind: that of its rule, else of what it holds, else of its format."""
    held = cells.value(area.place)
    form = _format(cells, area.place)
    if (rule is not None and rule.kind == "time") or shows_time_of_day(form.code):
        return _time_of_day(area, text)
    if form.is_date or (rule is not None and rule.of_dates):
        return _date(cells.package, area, text)
    if rule is not None and rule.kind == "list":
        return _number(area, text) if _NUMBER_OR_SHARE.fullmatch(text) else text
    if (rule is not None and rule.of_numbers) or type(held) is float:
        return _number(area, text)
    if isinstance(held, bool):
        if text.lower() not in _LOGICAL:
            raise InputError(f"{area.name} must be TRUE or FALSE, not {_cut(text)}")
        return _LOGICAL[text.lower()]
    if isinstance(held, str) or form.code == "@":
        return text
    if form.code != "General" or _NUMBER_OR_SHARE.fullmatch(text):
        return _number(area, text)
    return _LOGICAL.get(text.lower(), text)


def _number(area: NamedArea, text: str) -> float:
    """A number with a decimal point; per cent are hundredths, as where they are typed."""
    if not _NUMBER_OR_SHARE.fullmatch(text):
        example = "a number such as 70000 or 0.05 (a point, and nothing between the thousands)"
        raise InputError(f"{area.name} must be {example}, not {_cut(text)}")
    plain = text.removesuffix("%").rstrip()
    try:
        value = read_number(plain)
    except FileError as problem:
        raise FileError(f"{area.name}: {problem}") from None
    return float(f"{value / 100:.15g}") if text != plain else value


def _date(package: Package, area: NamedArea, text: str) -> float:
    """The day number of a date in ISO 8601."""
    if not looks_like_time(text):
        raise InputError(f"{area.name} must be a date such as 2026-03-27 or 2026-03-27T08:00, "
                         f"in UTC, not {_cut(text)}")  # fmt: skip
    try:
        moment = read_time(text)
    except FileError as problem:
        raise FileError(f"{area.name}: {problem}") from None
    number = day_number(moment, from_1904=package.counts_from_1904)
    if number < 0:
        raise InputError(f"{area.name}: {text} lies before the workbook's first date, 1904-01-01")
    return number


def _time_of_day(area: NamedArea, text: str) -> float:
    """A time of day as a part of the day."""
    try:
        value = time.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is not None or ":" not in text:
        raise InputError(f"{area.name} must be a time of day such as 08:00, not {_cut(text)}")
    since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second,
                      microseconds=value.microsecond)  # fmt: skip
    return since / timedelta(days=1)


def _cut(text: str) -> str:
    """A text as a sentence repeats it."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def write_inputs(package: Package, values: list[tuple[NamedArea, Cell]]) -> list[Change]:
    """Give cells their values, sheet by sheet."""
    before = [shown(package, area.sheet, area.place)[1] for area, _ in values]
    changes: dict[str, dict[tuple[int, int], Callable[[Any], None]]] = {}
    for area, value in values:
        if cells_named(package, area.sheet).value(area.place) != value:
            changes.setdefault(area.sheet, {})[area.place] = partial(
                write_constant, value=value, texts=package.plain_texts
            )
    for sheet, changed in changes.items():
        cells = cells_named(package, sheet)
        write_cells(cells, changed)
        if not all(place in cells.cells for place in changed):
            set_dimension(cells)
    return [
        Change(area.name, area.name, text, shown(package, area.sheet, area.place)[1])
        for text, (area, _) in zip(before, values, strict=True)
    ]


def as_data(report: SetReport) -> dict[str, Any]:
    """A report as plain data, without the recalculation."""
    return {
        "source": str(report.source),
        "target": str(report.target),
        "inputs": [
            {"name": one.name, "before": one.before, "after": one.after} for one in report.inputs
        ],
        "figures": [one._asdict() for one in report.figures],
        "book": None if report.after is None else report.after.as_data(),
    }
