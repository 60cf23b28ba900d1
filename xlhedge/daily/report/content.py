"""What stands on the committee's page, gathered from a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlhedge.daily.report.charts import Chart, basis_of, charts_of
from xlhedge.daily.summary import Figure, Summary, shown, summary
from xlhedge.errors import FileError
from xlhedge.formula.addresses import Area
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.names import named_areas, used
from xlhedge.workbook.package import Package
from xlhedge.workbook.properties import title_of
from xlhedge.workbook.worksheet import worksheet_named

ACCOUNTS = "report_accounts"
"""The name of a range, headings first, that is printed as the table of margin accounts."""

_ACCOUNTS_TABLE = "accounts"
_VALUED = "judged_at"
_DIGITS = 5
_HELD, _AFTER = "_held", "_after"
_LONGEST_VALUE = 26
"""Characters of a value that stand in a table; a longer one gets a line of its own."""


@dataclass(frozen=True)
class Row:
    """A key figure: what is held and, where the template tells both, what it is after the trade."""

    label: str
    value: str
    after: str | None
    unit: str


@dataclass(frozen=True)
class Content:
    """All that the page shows.

    Parameters
    ----------
    title
        The workbook's title.
    said
        Its summary.
    valued
        For which time it was valued, where it says so.
    sentences
        Key figures that are texts too long for a table: label and text.
    rows
        The other key figures.
    charts
        Those of the first sheet that has charts.
    more_charts
        Those of the other sheets.
    accounts
        The table of margin accounts, headings first; empty where there is none.
    """

    title: str
    said: Summary
    valued: str
    sentences: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    charts: tuple[Chart, ...]
    more_charts: tuple[Chart, ...]
    accounts: tuple[tuple[str, ...], ...]

    @property
    def paired(self) -> bool:
        """Whether what is held stands beside what it is after the trade."""
        return any(row.after is not None for row in self.rows)


def gather(package: Package, book: str) -> Content:
    """The content of a workbook's page.

    Raises
    ------
    FileError
        When the workbook declares no key figures.
    """
    said = summary(package, book)
    if not said.declared:
        raise FileError(
            f"{book} is no template of xlhedge that declares key figures, so there is no page to "
            "make: `xlhedge show` lists its named cells"
        )
    found = charts_of(package)
    first = [chart for sheet, chart in found if sheet == found[0][0]]
    rest = [chart for sheet, chart in found if sheet != found[0][0]]
    basis = basis_of(package)
    if basis is not None and not any(basis.series[0].along == _along(chart) for chart in first):
        first.append(basis)
        rest = [chart for chart in rest if chart.title != basis.title]
    sentences = [figure for figure in said.figures if len(figure.text) > _LONGEST_VALUE]
    names = named_areas(package)
    judged = names.get(_VALUED)
    return Content(
        title=title_of(package) or said.template,
        said=said,
        valued="" if judged is None else shown(package, judged.sheet, judged.place)[1],
        sentences=tuple((figure.label, figure.text) for figure in sentences),
        rows=tuple(_rows([one for one in said.figures if len(one.text) <= _LONGEST_VALUE])),
        charts=tuple(first),
        more_charts=tuple(rest),
        accounts=tuple(_accounts(package)),
    )


def _along(chart: Chart) -> tuple[Cell, ...]:
    """What stands along the axis of a chart's first line."""
    return chart.series[0].along


def _rows(figures: Sequence[Figure]) -> list[Row]:
    """The figures; one of what is held, and the same after the trade, share a row."""
    by_name = {figure.name: figure for figure in figures}
    pairs = {
        name: by_name[name.removesuffix(_HELD) + _AFTER]
        for name in by_name
        if name.endswith(_HELD) and name.removesuffix(_HELD) + _AFTER in by_name
    }
    used = {figure.name for figure in pairs.values()}
    rows = []
    for figure in figures:
        if figure.name in used:
            continue
        other = pairs.get(figure.name)
        label = figure.label if other is None else _common(figure.label, other.label)
        rows.append(Row(label, figure.text, None if other is None else other.text, figure.unit))
    return rows


def _common(first: str, second: str) -> str:
    """What two labels have in common before one says "held" and the other "after the trade"."""
    words = []
    for one, other in zip(first.split(), second.split(), strict=False):
        if one.strip(",;:") != other.strip(",;:"):
            break
        words.append(one)
    return " ".join(words).rstrip(" ,;:(") or first


def _accounts(package: Package) -> list[tuple[str, ...]]:
    """The table of margin accounts as texts; blank rows are left out."""
    named = named_areas(package).get(ACCOUNTS)
    table = package.tables.get(_ACCOUNTS_TABLE)
    if named is not None:
        worksheet = worksheet_named(package, named.sheet)
        formula = worksheet.formulas.get(named.place)
        sheet, area = named.sheet, formula.area if named.is_cell and formula else named.area
    elif table is not None:
        sheet, area = table.sheet, table.area
    else:
        return []
    area = used(worksheet_named(package, sheet), area)
    rows = [_texts(package, sheet, area, row) for row in range(area.top, area.bottom + 1)]
    kept = [place for place in range(area.width) if any(row[place] for row in rows[1:])]
    return [tuple(row[place] for place in kept) for row in rows if any(row)] if kept else []


def _texts(package: Package, sheet: str, area: Area, row: int) -> list[str]:
    """A row of cells as the sheet shows them, with large plain numbers in groups of digits."""
    found = []
    for column in range(area.left, area.right + 1):
        value, text = shown(package, sheet, (row, column))
        plain = text.lstrip("-").isdigit() and isinstance(value, float)
        found.append(f"{value:,.0f}" if plain and len(text) > _DIGITS else text)
    return found
