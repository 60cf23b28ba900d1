"""Which numbers of a workbook show all their digits, as no format is theirs."""

from book_helpers import opened

_OWN = ("Checks", "Series")
"""Sheets whose numbers are of many kinds, in one column."""


def without_format(path):
    """The cells with a fraction that neither their style nor a rule of their own formats."""
    found = []
    for sheet in opened(path, values=True):
        if sheet.title in _OWN:
            continue
        rules = [
            area
            for area in opened(path)[sheet.title].conditional_formatting
            if any(rule.dxf is not None and rule.dxf.numFmt is not None for rule in area.rules)
        ]
        found += [
            f"{sheet.title}!{cell.coordinate}"
            for row in sheet
            for cell in row
            if isinstance(cell.value, float)
            and cell.value != round(cell.value, 6)
            and cell.number_format == "General"
            and not any(cell.coordinate in area for area in rules)
        ]
    return found
