"""Spills that bring their own labels: tables of label and value, and tables with a header row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates._formulas import equal_texts, explained, with_equal_texts
from xlhedge.templates._layout import Hints, Sheet, with_hints

_TABLE = re.compile(r"\bx\b(?!&)")


class Row(NamedTuple):
    """What stands beside one row of a spilled table of label and value."""

    unit: str
    number: str
    note: str = ""
    name: str = ""
    label: str = ""


def labelled(
    sheet: Sheet,
    place: tuple[int, int],
    formula: str,
    hints: Hints,
    rows: Sequence[Row],
    *,
    absent: str = "",
    failed: str = "",
) -> int:
    """A spill of label and value with units and notes; gives back the next free row.

    The first row's note gives way to the reason where the formula, a plain call of ours, fails.
    Rows with a label show it in place of the function's own word, which has no spaces; the values
    alone spill then. `absent` is what a figure that does not exist shows in place of #N/A, `failed`
    what stands for all of them where the formula has no answer.
    """
    row, column = place
    shown = f'=IFNA({formula[1:]},"{absent}")' if absent else formula
    worded = bool(rows[0].label)
    anchor = column + int(worded)
    if worded:
        shown = f"=INDEX({shown[1:]},0,2)"
    if failed:
        shown = f'=IFERROR({shown[1:]},"{failed}")'
    styles = [sheet.style("spill", item.number, align="right", bold=True) for item in rows]
    for offset, (item, style) in enumerate(zip(rows, styles, strict=True)):
        label = sheet.style("spill", "text", align="left", indent=1)
        sheet.constant(row + offset, column, item.label or None, label)
        sheet.cells.write_blank(row + offset, column + 1, None, style)
        sheet.write(row + offset, column + 2, item.unit, "measure")
        if item.name:
            sheet.book.name(item.name, sheet.name, row + offset, column + 1)
        if offset:
            sheet.write(row + offset, column + 3, item.note, "note")
    style = styles[0] if worded else sheet.style("spill", "text", align="left", indent=1)
    sheet.formula(row, anchor, with_hints(shown, hints), style)
    cell = xl_rowcol_to_cell(row, anchor)
    reason = explained(formula, cell, rows[0].note)
    if failed:
        reason = reason.replace(f"ISERROR({cell})", f'{cell}="{failed}"')
    sheet.write(row, column + 3, reason, "note")
    return row + len(rows)


def body(call: str, shown: str = "x", area: str = "", after: int = 0) -> str:
    """The rows below the header of a table that a call gives; an error of the call stays one.

    `shown` stands for the table x, whose texts are made equal to the same texts elsewhere. With
    `area` only as many columns as it has are taken, from the first or, `after` being 1, the second
    one on.
    """
    shown = _TABLE.sub(equal_texts("x"), shown)
    rows = f"FILTER({shown},SEQUENCE(ROWS(x))>1)"
    if area:
        rows = f"INDEX({shown},SEQUENCE(ROWS(x)-1)+1,SEQUENCE(1,COLUMNS({area}))+{after})"
    return f"=LET(x,{call},IF(ISERROR(INDEX(x,1,1)),x,{rows}))"


def headed(
    sheet: Sheet, place: tuple[int, int], formula: str, rows: int, numbers: Sequence[str]
) -> None:
    """A spill whose first row is its header, above `rows` rows."""
    row, column = place
    sheet.spill(row, column, formula, rows + 1, numbers)
    for offset, number in enumerate(numbers):
        text = number == "text"
        align = "left" if text else "right"
        style = sheet.style("header", align=align, indent=int(text), text_wrap=False, shrink=True)
        if offset:
            sheet.cells.write_blank(row, column + offset, None, style)
        else:
            sheet.formula(row, column, with_equal_texts(formula, numbers), style)
