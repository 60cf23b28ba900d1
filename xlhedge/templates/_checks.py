"""The sheet Checks of every template: what must hold before its results may be believed.

A check is a row that stays quiet while all is well. A failed one becomes the template's status, is
told on the first page in words, and takes the green light from every result that depends on its
area: no such result says OK. Beside it, off the page, stand expensive intermediate values, each
calculated once for the check's status and its text. Below the checks stands where the rows of each
table come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.filling.provenance import EXAMPLE_VALUATION, VALUATION_TIME, YOURS
from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._sources import LIBRARY, SUMMARY, Rows, write_sources
from xlhedge.templates._theme import PURPLE, STATUS

NAME = "Checks"
FAILED = "CHECK"
DOUBTFUL = "WATCH"
NOT_JUDGED = "NOT JUDGED"
EXAMPLE = "EXAMPLE"

_AREA, _LABEL, _STATUS, _FINDING = range(1, 5)
_MEASURED = 11
"""The first column of what is measured, beside the summaries of the sources."""
_NAMED = re.compile(r"\b(measured|above)_(\d)\b")
_CELLS = re.compile(r"\w+\[[^\]]+\]|\b[A-Za-z]+_\w+\b(?!\()")
"""Columns and named cells in an expression."""
_IN_ERROR = "error"
_UNKNOWN = "it cannot be judged: something that it reads is in error"
_BELOW = 10
"""Rows between the heading of the checks and the sources, beside those of the checks."""
_STEPS = (
    "Each row is a question that the inputs have to answer before the results can be believed.",
    "OK: it holds.  CHECK: it does not; nothing that depends on it says OK.  WATCH: look at it.",
    "NOT JUDGED: what it needs is missing; the text says what.",
)
_VALUATION = Input(
    VALUATION_TIME, "Valuation time", None, "UTC", "time",
    "The time for which ages are judged; blank: now.",
)  # fmt: skip
_OF_EXAMPLE = Input(
    EXAMPLE_VALUATION, "Valuation time of the example", None, "UTC", "time",
    "Filling a table clears the valuation time while it is this one.", role="constant",
)  # fmt: skip
_CLOCK = Input(
    "clock_ahead_hours", "Hours that this computer's clock is ahead of UTC", 0, "hours", "quantity",
    "2 for Berlin in summer, -5 for New York in winter: only for a blank valuation time.",
    low=-14, high=14,
)  # fmt: skip
_TOLERANCE = Input(
    "mark_tolerance", "Tolerance of the example's sum", 0.000_001, "", "tiny",
    "A table whose numbers have another sum than the example's counts as yours.", role="constant",
)  # fmt: skip
_HOURS = Input(
    "hours_of_day", "Hours in a day", 24, "hours", "integer", "Constant.", role="constant"
)
_AGE = Input(
    "age_limit_hours", "Maximum age of the last row", 24, "hours", "quantity",
    "Prices older than this fail the age check.", low=0, high=87_600,
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One question to the inputs.

    Parameters
    ----------
    area
        What depends on it: a word that `guarded` takes, such as history or accounts.
    label
        What is asked, in a few words.
    fails
        An expression that is TRUE where the check fails; one in error fails too.
    says
        An expression of the text that says what was found and what to do.
    judged
        An expression that is TRUE where there is something to judge; empty where there always is.
    unjudged
        Why it is not judged, where it is not.
    word
        CHECK, or WATCH for what deserves a look and no more.
    measured
        Expressions of numbers that are expensive to calculate. Each has a cell of its own, which
        `fails` and `says` name measured_1, measured_2 and so on; above_1 is the first cell of the
        check before, which must be judged under the same condition.
    """

    area: str
    label: str
    fails: str
    says: str
    judged: str = ""
    unjudged: str = ""
    word: str = FAILED
    measured: tuple[str, ...] = ()

    @property
    def read(self) -> str:
        """All that its cells read."""
        return " ".join((self.fails, self.says, self.judged, *self.measured))


def only_yours(table: str, checks: Iterable[Check]) -> tuple[Check, ...]:
    """Checks of an optional table, not judged while it holds its example beside others' rows."""
    mine = f'OR(only_examples,is_of_{table}="{YOURS}")'
    rest = f", or {table} holds its example"
    return tuple(
        replace(one, judged=_where(mine, one.judged), unjudged=(one.unjudged or "no rows") + rest)
        for one in checks
    )


def _where(condition: str, value: str, otherwise: str = "FALSE") -> str:
    """A value where a condition holds; all of it where there is no condition, or no value."""
    return f"IF({condition},{value},{otherwise})" if condition and value else condition or value


def guarded(own: str, *areas: str) -> str:
    """The formula of a result's light, which is CHECK while a check of those areas fails.

    Examples
    --------
    >>> guarded('=IF(a>b,"BREACH","OK")', "history")
    '=IF(failed_in_history>0,"CHECK",IF(a>b,"BREACH","OK"))'
    """
    failed = "+".join(f"failed_in_{area}" for area in dict.fromkeys(areas))
    return f'=IF({failed}>0,"{FAILED}",{own.removeprefix("=")})' if failed else own


def overall(own: str) -> str:
    """The formula of the status: the first failed check, or the template's own status.

    While every table still holds the example, the status begins with EXAMPLE instead of OK.
    """
    return (
        f'=IF(failed_checks>0,"{FAILED}: "&IF(failed_checks>1,failed_checks&" checks failed, see '
        f'the sheet {NAME}. First: ","")&first_failed,'
        f'IF(only_examples,"{EXAMPLE}, not your book. ","")&{own.removeprefix("=")})'
    )


def banner(sheet: Sheet, sources: tuple[int, int], notice: tuple[int, int]) -> None:
    """On the first page: where the rows come from, and what is still an example."""
    sheet.write(*sources, '="Sources: "&sources_line', "subtitle")
    sheet.write(*notice, "=example_notice", "notice")


def headline(sheet: Sheet, place: tuple[int, int], last: int, name: str, own: str) -> None:
    """The status in large type with its colour, over the columns up to `last`."""
    row, column = place
    style = sheet.style("headline")
    sheet.cells.set_row(row, 26)
    sheet.cells.write_string(row, column, "Status", sheet.style("headline", font_size=12))
    sheet.formula(row, column + 1, overall(own), style)
    for blank in range(column + 2, last + 1):
        sheet.cells.write_blank(row, blank, None, style)
    sheet.book.name(name, sheet.name, row, column + 1)
    colour(sheet, (row, column + 1, row, last))


def colour(sheet: Sheet, place: tuple[int, int, int, int]) -> None:
    """The colour of a status's first word over a whole range, whose first cell holds it."""
    cell = xl_rowcol_to_cell(place[0], place[1], row_abs=True, col_abs=True)
    for word in STATUS:
        rule = {
            "type": "formula",
            "criteria": f'=COUNTIF({cell},"{word}*")>0',
            "format": sheet.book.theme.status(word),
        }
        sheet.cells.conditional_format(*place, rule)


def prepare(book: Book) -> Sheet:
    """Make the sheet at its place in the workbook; `write` follows when the tables exist."""
    return book.sheet(NAME, PURPLE, (2, 14, 44, 16, 32, 18, 18, 18, 16, 3))


def write(
    sheet: Sheet,
    checks: Sequence[Check],
    tables: Sequence[Rows],
    *,
    valuation: datetime | None = None,
    age_limit_hours: float | None = None,
    settings: Sequence[Input] = (),
) -> None:
    """Write the sheet.

    Parameters
    ----------
    sheet
        What `prepare` made.
    checks
        The template's checks, in the order in which the first failed one is told.
    tables
        Its tables; each gets a check that no example row is left beside the user's own.
    valuation
        The time at which ages are judged; blank in a user's workbook, the last row's time in the
        example, so that its values do not change from day to day.
    age_limit_hours
        The oldest last row that is accepted; None where the template has no times.
    settings
        Limits of the checks; those that no check reads are left out.
    """
    sheet.heading(NAME, "What must hold before the results can be believed, and where the rows "
                  "come from")  # fmt: skip
    row = sheet.steps(2, _AREA, _STEPS) + 1
    row = sheet.section(row, "Limits", _AREA, _FINDING + 3)
    read = " ".join(check.read for check in checks)
    inputs = [item for item in settings if re.search(rf"\b{item.name}\b", read)]
    if age_limit_hours is not None:
        dated = (replace(_VALUATION, value=valuation), replace(_AGE, value=age_limit_hours))
        constants = (replace(_OF_EXAMPLE, value=valuation), _HOURS)
        inputs = [*dated, _CLOCK, *inputs, *constants]
    row = sheet.inputs(row, _LABEL, [*inputs, _TOLERANCE])
    if age_limit_hours is not None:
        sheet.write(row, _LABEL, "Judged at", "label")
        now = "NOW()-clock_ahead_hours/hours_of_day"
        judged = f'=IF({VALUATION_TIME}="",{now},{VALUATION_TIME})'
        sheet.write(row, _STATUS, judged, "result", "time")
        sheet.book.name("judged_at", NAME, row, _STATUS)
        row += 1
    whole = (*(_leftover(item) for item in tables if item.kind != LIBRARY), *checks)
    sources = row + 1 + len(whole) + _BELOW
    row = _checks(sheet, sheet.section(row + 1, "Checks", _AREA, _FINDING + 3), whole)
    _totals(sheet, row, whole, tables)
    write_sources(sheet, sheet.section(sources, "Sources", _AREA, SUMMARY - 1), tables)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(sources + len(tables) + 2, SUMMARY - 1)


def _leftover(item: Rows) -> Check:
    """Whether example rows are left beside the user's own."""
    mine = f'AND(NOT(only_examples),is_of_{item.table}<>"{YOURS}")'
    cure = "put in your own, or clear them" if item.optional else "put in your own"
    return Check(
        item.where,
        f"Rows of {item.table}",
        mine,
        f'"{item.table} still holds the "&is_of_{item.table}&" rows: {cure}"',
        word=DOUBTFUL if item.optional else FAILED,
    )


def _checks(sheet: Sheet, row: int, checks: Sequence[Check]) -> int:
    sheet.headers(row, _AREA, ("Area", "Check", "Status", "What was found, and what to do"),
                  texts=(0, 1, 3))  # fmt: skip
    if any(check.measured for check in checks):
        sheet.write(row, _MEASURED, "Measured, once for each check", "note")
    first, last = row + 1, row + len(checks)
    for here, check in enumerate(checks, first):
        sheet.write(here, _AREA, check.area, "label")
        sheet.write(here, _LABEL, check.label, "label")
        status, finding = _formulas(here, check)
        sheet.write(here, _STATUS, status, "status")
        sheet.write(here, _FINDING, finding, "note")
        for column, expression in enumerate(check.measured, _MEASURED):
            value = _where(check.judged, expression, '""')
            cell = f'=IFERROR({value},"{_IN_ERROR}")'
            sheet.write(here, column, cell, "note", "ratio")
    sheet.status_format((first, _STATUS, last, _STATUS))
    sheet.book.name_range("checks", NAME, (first, _AREA, last, _FINDING))
    return last + 1


def _formulas(row: int, check: Check) -> tuple[str, str]:
    """A check's status and what it found, from what is measured where it names such cells."""
    named = dict.fromkeys(_NAMED.findall(f"{check.fails} {check.says}"))

    def cell(kind: str, number: str) -> str:
        return str(xl_rowcol_to_cell(row - (kind == "above"), _MEASURED + int(number) - 1))

    def placed(expression: str) -> str:
        return _NAMED.sub(lambda name: cell(*name.groups()), expression)

    cells = [cell(*name) for name in named]
    judged, known = check.judged, ""
    if cells:
        judged = f'{cells[0]}<>""'
        known = "*".join(f"ISNUMBER({one})" for one in cells)
    verdict = f'IF({placed(check.fails)},"{check.word}","OK")'
    if known:
        verdict = f'IF({known},{verdict},"{FAILED}")'
    verdict = _where(judged, verdict, f'"{NOT_JUDGED}"')
    here = xl_rowcol_to_cell(row, _STATUS)
    says = f'IFERROR({placed(check.says)},"{_UNKNOWN}")'
    # A text that does not read all that its question reads may look right while that is in error.
    if not known and set(_CELLS.findall(check.fails)) - set(_CELLS.findall(check.says)):
        says = f'IF(ISERROR({check.fails}),"{_UNKNOWN}",{says})'
    if known:
        says = f'IF({known},{says},"{_UNKNOWN}")'
    if judged:
        says = f'IF({here}="{NOT_JUDGED}","{check.unjudged}",{says})'
    return f'=IFERROR({verdict},"{FAILED}")', f'=IF({here}="OK","",{says})'


def _totals(sheet: Sheet, row: int, checks: Sequence[Check], tables: Sequence[Rows]) -> None:
    """The counts that statuses read, and the texts of the first page."""
    first, last = row - len(checks), row - 1
    areas = sheet.area(first, _AREA, last, _AREA)
    statuses = sheet.area(first, _STATUS, last, _STATUS)
    findings = sheet.area(first, _FINDING, last, _FINDING)
    own = [item for item in tables if item.kind != LIBRARY]
    left_over = ",".join(f'is_of_{item.table}<>"{YOURS}"' for item in own)
    every = ",".join(
        f'OR(is_of_{item.table}<>"{YOURS}",COUNTA({item.table}[{item.counted}])=0)' for item in own
    )
    left = ",".join(f'IF(is_of_{item.table}="{YOURS}","","{item.table}")' for item in own)
    summaries = ",".join(f"summary_of_{item.table}" for item in tables)
    notice = (
        '=IF(only_examples,"EXAMPLE: every table holds example rows. Put in your own before '
        f'deciding.",IF(OR({left_over}),"EXAMPLE ROWS are left in "&'
        f'TEXTJOIN(", ",TRUE,{left})&": put in your own before deciding.",""))'
    )
    lines = [
        ("failed_checks", "Checks that failed", f'=COUNTIF({statuses},"{FAILED}")', "integer"),
        ("first_failed", "The first of them",
         f'=IF(failed_checks=0,"",INDEX({findings},MATCH("{FAILED}",{statuses},0)))', "text"),
        ("watched_checks", "Checks to look at", f'=COUNTIF({statuses},"{DOUBTFUL}")', "integer"),
        ("unjudged_checks", "Checks that could not be judged",
         f'=COUNTIF({statuses},"{NOT_JUDGED}")', "integer"),
        ("only_examples", "Every table holds the example",
         f"=AND({every},OR({left_over}))", "general"),
        ("sources_line", "Sources", f'=TEXTJOIN("; ",TRUE,{summaries})', "text"),
        ("example_notice", "Notice of the first page", notice, "text"),
    ]  # fmt: skip
    for offset, (name, label, formula, number) in enumerate(lines):
        sheet.write(row + offset, _LABEL, label, "note")
        sheet.write(row + offset, _STATUS, formula, "note", number)
        sheet.book.name(name, NAME, row + offset, _STATUS)
    for offset, area in enumerate(dict.fromkeys(check.area for check in checks)):
        place = (row + offset // 2, _FINDING + 1 + 2 * (offset % 2))
        count = f'=COUNTIFS({areas},"{area}",{statuses},"{FAILED}")'
        sheet.write(*place, f"Failed in {area}", "note")
        sheet.write(place[0], place[1] + 1, count, "note", "integer")
        sheet.book.name(f"failed_in_{area}", NAME, place[0], place[1] + 1)
