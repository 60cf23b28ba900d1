"""What stands on the committee's page, gathered from a workbook."""

from __future__ import annotations

from dataclasses import dataclass

from xlhedge.daily.report.accounts import Rows, accounts_of
from xlhedge.daily.report.charts import Chart, basis_of, charts_of
from xlhedge.daily.summary import Row, Summary, paired, summary
from xlhedge.errors import FileError
from xlhedge.sheet.cells import Cell
from xlhedge.workbook.package import Package

_LONGEST_VALUE = 26
"""Characters of a value that stand in a table; a longer one gets a line of its own."""


@dataclass(frozen=True)
class Content:
    """All that the page shows.

    Parameters
    ----------
    title
        The workbook's title.
    said
        Its summary.
    sentences
        Key figures that are texts too long for a table: label and text.
    rows
        The other key figures.
    charts
        Those of the first sheet that has charts.
    more_charts
        Those of the other sheets.
    accounts
        The tables of margin accounts, headings first.
    """

    title: str
    said: Summary
    sentences: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    charts: tuple[Chart, ...]
    more_charts: tuple[Chart, ...]
    accounts: tuple[Rows, ...]


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
    return Content(
        title=package.title or said.template,
        said=said,
        sentences=tuple((figure.label, figure.text) for figure in sentences),
        rows=tuple(paired([one for one in said.figures if len(one.text) <= _LONGEST_VALUE])),
        charts=tuple(first),
        more_charts=tuple(rest),
        accounts=tuple(accounts_of(package)),
    )


def _along(chart: Chart) -> tuple[Cell, ...]:
    """What stands along the axis of a chart's first line."""
    return chart.series[0].along
