"""Cells as Excel hands them to the runtime of custom functions, and as it gets them back."""

from xlhedge import CellError
from xlhedge.catalog import CATALOG, namespaced

CODES = {1: "#N/A", 5: "#DIV/0!", 6: "#NUM!", 7: "#VALUE!", 8: "#NULL!"}
"""Excel's errors by the runtime's numbers of them."""

EXPLAINED = {"#VALUE!", "#N/A"}
"""The errors with which Excel shows a sentence."""


def handed(value):
    """An argument as Excel hands it over: always a rectangle, null where it is left out."""
    if value is None:
        return None
    rows = value if isinstance(value, list) else [[value]]
    rows = rows if isinstance(rows[0], list) else [rows]
    return [[_cell(item) for item in row] for row in rows]


def _cell(item):
    if isinstance(item, CellError):
        return {"type": "CustomFunctionError", "code": item.value}
    return item


def invocation(name, *cells):
    """A call as Excel makes it: each parameter has its place, repeated ones share the last."""
    parameters = CATALOG[name].parameters
    values = [handed(cell) for cell in cells]
    below = namespaced(name).removeprefix("XLHEDGE.")
    if parameters and parameters[-1].variadic:
        first = len(parameters) - 1
        return [below, [*values[:first], values[first:] or None]]
    return [below, values + [None] * (len(parameters) - len(values))]


def returned(result):
    """The value that Excel gets, and the sentence that it shows."""
    if result["failed"]:
        return CellError(CODES[result["errorCode"]]), result["value"] or None
    rows = [[_got(item) for item in row] for row in result["value"]]
    messages = [item.get("message") for row in result["value"] for item in row
                if isinstance(item, dict)]  # fmt: skip
    why = next((message for message in messages if message), None)
    return (rows[0][0] if len(rows) == len(rows[0]) == 1 else rows), why


def _got(item):
    if isinstance(item, dict):
        return CellError(item["basicValue"])
    return float(item) if type(item) is int else item


def shown(value):
    """A value of `explain` as Excel shows it: a blank is an empty text, some errors are #VALUE!."""
    if isinstance(value, list):
        return [[shown(item) for item in row] for row in value]
    if isinstance(value, CellError) and value not in CODES.values():
        return CellError.VALUE
    return "" if value is None else value
