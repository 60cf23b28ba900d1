"""What a workbook says: its status, its checks, its sources and its key figures.

Everything is read from the values that the file holds; nothing is calculated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xlhedge.filling.provenance import VALUATION_TIME
from xlhedge.recalc.origin import CALCULATED_BY
from xlhedge.recalc.text_formats import formatted
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import NamedArea, Package
from xlhedge.workbook.reading import Address
from xlhedge.workbook.values import moment

if TYPE_CHECKING:
    from xlhedge.templates import Figure as Declared

WORDS = ("CHECK", "BREACH", "WATCH", "TRADE", "EXAMPLE", "NOT JUDGED", "FAIL", "OK", "PASS")
"""What a status begins with, the gravest first."""

STATUS = "Status"
"""The label of the figure that is a template's status."""

HELD, AFTER = "_held", "_after"
"""How the names of two figures end that are one before and after the trade."""

LABEL_OF = "label_of_"
"""How the name of a cell begins that holds a figure's label."""

_JUDGED, _AGE_LIMIT = "judged_at", "age_limit_hours"
_UNJUDGED = "NOT JUDGED"
_MOST_UNJUDGED = 3
_FAILED = ("CHECK", "WATCH", _UNJUDGED)
_SENTENCES = ("Calculated ", "not calculated")


@dataclass(frozen=True)
class Figure:
    """A named cell as the sheet shows it.

    Parameters
    ----------
    label
        What it is; its name where the template declares no label.
    name
        Its defined name.
    value
        What it holds; a date is a text in ISO 8601.
    text
        The value in the cell's own format.
    unit
        Its unit.
    """

    label: str
    name: str
    value: float | str | bool | None
    text: str
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is a plain number."""
        return isinstance(self.value, float)


class Row(NamedTuple):
    """A key figure: what is held and, where the template tells both, what it is after the trade."""

    label: str
    value: str
    after: str | None
    unit: str


class Check(NamedTuple):
    """One check of a workbook: its area, its name, its status, and what to do."""

    area: str
    check: str
    status: str
    finding: str

    @property
    def failed(self) -> bool:
        """Whether somebody has to look."""
        return self.status.startswith(_FAILED)


@dataclass(frozen=True)
class Summary:
    """What a workbook says.

    Parameters
    ----------
    book
        Its file.
    template
        The template that it was made from; empty for other workbooks.
    status
        Its status as a sentence; empty where it has none.
    checks
        Its checks in their order on the sheet.
    sources
        Where its rows come from.
    calculated
        Who calculated the values and when, where the workbook says so.
    valued
        The time in UTC for which the checks judged, where the workbook has such a cell: a status
        says nothing about what has become too old since.
    figures
        The key figures that the template declares; in other workbooks all named cells.
    declared
        Whether a template declares them.
    """

    book: str
    template: str
    status: str
    checks: tuple[Check, ...]
    sources: str
    calculated: str
    valued: str
    figures: tuple[Figure, ...]
    declared: bool
    judged: datetime | None = None
    """When the checks judged by the clock; None where they judged for a time that was entered."""
    age_limit_hours: float | None = None
    """The oldest last row that the checks accept."""

    def on(self, now: datetime) -> Summary:
        """What the summary says later, when what the clock judged may have become too old.

        Parameters
        ----------
        now
            The time in UTC, without a zone.
        """
        if self.judged is None or self.age_limit_hours is None:
            return self
        hours = (now - self.judged).total_seconds() / 3600
        if hours <= self.age_limit_hours:
            return self
        finding = (
            f"judged {hours:,.0f} h ago, and {self.age_limit_hours:,.0f} h are accepted: bring the "
            "rows up to date, or `xlhedge recalc` to judge them anew"
        )
        check = Check("history", "Age of the values", "CHECK", finding)
        status = f"CHECK: {finding}. It was {self.status}"
        return replace(self, status=status, checks=(check, *self.checks))

    @property
    def word(self) -> str:
        """The word that the status begins with: OK, WATCH, BREACH, CHECK, TRADE or EXAMPLE."""
        return word_of(self.status)

    @property
    def failed(self) -> list[Check]:
        """The checks that somebody has to look at, the gravest first."""
        found = [check for check in self.checks if check.failed]
        return sorted(found, key=lambda check: WORDS.index(word_of(check.status)))

    @property
    def told(self) -> list[Check]:
        """The failed checks, where many that could not be judged are one line."""
        unjudged = [check for check in self.failed if check.status.startswith(_UNJUDGED)]
        if len(unjudged) <= _MOST_UNJUDGED:
            return self.failed
        areas = ", ".join(dict.fromkeys(check.area for check in unjudged))
        why = "what they need is missing; the sheet Checks says what"
        merged = Check(areas, f"{len(unjudged)} checks", _UNJUDGED, why)
        return [*(check for check in self.failed if check not in unjudged), merged]

    def as_data(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "book": self.book,
            "template": self.template,
            "word": self.word,
            "status": self.status,
            "checks": [check._asdict() for check in self.checks],
            "sources": self.sources,
            "calculated": self.calculated,
            "valued": self.valued,
            "figures": [asdict(figure) for figure in self.figures],
        }


def word_of(status: str) -> str:
    """The word that a status begins with; empty where it is none of ours.

    Examples
    --------
    >>> word_of("WATCH: results close to a limit: 2"), word_of("Watchtower")
    ('WATCH', '')
    """
    pattern = re.compile(rf"({'|'.join(WORDS)})\b")
    match = pattern.match(status)
    return match[1] if match else ""


def read(path: Path) -> Summary:
    """The summary of a workbook file.

    Raises
    ------
    FileError
        When it cannot be read or trusted.
    """
    return summary(Package.open(path), str(path))


def summary(package: Package, book: str = "") -> Summary:
    """The summary of a workbook that is open."""
    names = package.named_areas
    template = package.template
    declared = [figure for figure in figures_of(template) if figure.name.lower() in names]
    found = [
        _figure(
            package,
            names[figure.name.lower()],
            _labelled(package, names, figure),
            figure.unit,
        )
        for figure in declared
    ]
    status = found.pop(0).text if found and declared[0].label == STATUS else ""
    if not declared:
        found = [_figure(package, area, area.name) for area in names.values() if area.is_cell]
    sources = _text(package, names, "sources_line")
    calculated = _text(package, names, CALCULATED_BY)
    entered, judged = (_value(package, names, name) for name in (VALUATION_TIME, _JUDGED))
    limit = _value(package, names, _AGE_LIMIT)
    return Summary(
        book=book or package.name,
        template=template,
        status=status,
        checks=tuple(_checks(package, names)),
        sources=f"Sources: {sources}" if sources else "",
        calculated=calculated if calculated.startswith(_SENTENCES) else "",
        valued=_text(package, names, _JUDGED),
        figures=tuple(found),
        declared=bool(declared),
        judged=None if entered or not isinstance(judged, str) else datetime.fromisoformat(judged),
        age_limit_hours=limit if isinstance(limit, float) else None,
    )


def paired(figures: Sequence[Figure]) -> list[Row]:
    """The figures as rows; one of what is held, and the same after the trade, share a row."""
    by_name = {figure.name: figure for figure in figures}
    after = {
        name: by_name[other]
        for name in by_name
        if name.endswith(HELD) and (other := name.removesuffix(HELD) + AFTER) in by_name
    }
    second = {figure.name for figure in after.values()}
    rows = []
    for figure in figures:
        if figure.name in after:
            then = after[figure.name]
            label = _common(figure.label, then.label)
            rows.append(Row(label, figure.text, then.text, figure.unit))
        elif figure.name not in second:
            rows.append(Row(figure.label, figure.text, None, figure.unit))
    return rows


def _common(first: str, second: str) -> str:
    """What two labels have in common before one says "held" and the other "after the trade"."""
    words = []
    for one, other in zip(first.split(), second.split(), strict=False):
        if one != other:
            break
        words.append(one)
    return " ".join(words).rstrip(" ,;:(") or first


def figures_of(template: str) -> Sequence[Declared]:
    """The figures that a template declares; none where it is not known here."""
    from xlhedge.templates import TEMPLATES

    return TEMPLATES[template].figures if template in TEMPLATES else ()


def _labelled(package: Package, names: dict[str, NamedArea], declared: Declared) -> str:
    """A figure's label: the sheet's own where a name points at it, as it tells horizons and such.

    The name is label_of_ and the figure's, of two sides without their endings.
    """
    name = declared.name.removesuffix(HELD).removesuffix(AFTER)
    own = _text(package, names, f"{LABEL_OF}{name}".lower())
    side = declared.label.rpartition(", ")[2]
    return declared.label if not own else own if name == declared.name else f"{own}, {side}"


def _figure(package: Package, area: NamedArea, label: str, unit: str = "") -> Figure:
    value, text = shown(package, area.sheet, area.place)
    return Figure(label, area.name, value, text, unit)


def _text(package: Package, names: dict[str, NamedArea], name: str) -> str:
    """What a named cell shows; empty where there is none."""
    area = names.get(name)
    return "" if area is None else shown(package, area.sheet, area.place)[1]


def _value(package: Package, names: dict[str, NamedArea], name: str) -> Any:
    """What a named cell holds, as plain data; None where there is none."""
    area = names.get(name.lower())
    return None if area is None else shown(package, area.sheet, area.place)[0]


def shown(package: Package, sheet: str, place: Address) -> tuple[Any, str]:
    """The value of a cell as plain data, and as the sheet shows it."""
    cells = cells_named(package, sheet)
    value = cells.value(place)
    if value is None or isinstance(value, str):
        return (None, "") if value is None else (str(value), str(value))
    form, from_1904 = cells.format_at(place), package.counts_from_1904
    text = _in_format(value, form.code, from_1904=from_1904)
    if form.is_date:
        value = moment(value, from_1904=from_1904)
    return (value.isoformat(timespec="seconds") if isinstance(value, datetime) else value), text


def _in_format(value: Cell, code: str, *, from_1904: bool) -> str:
    try:
        return formatted(value, code, from_1904=from_1904)
    except ValueError:
        return f"{value:.15g}"


def _checks(package: Package, names: dict[str, NamedArea]) -> list[Check]:
    """The rows of the range `checks`, without its headings and blank rows."""
    area = names.get("checks")
    if area is None or area.area.width < len(Check._fields):
        return []
    cells = cells_named(package, area.sheet)
    rows = cells.values(cells.used(area.area))
    found = [Check(*("" if cell is None else str(cell) for cell in row[:4])) for row in rows]
    return [check for check in found if word_of(check.status)]
