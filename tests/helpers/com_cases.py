"""Cells as COM carries them, beside what `call` takes and gives for the same."""

from datetime import datetime
from decimal import Decimal

from catalog_cases import baselines
from fake_excel import MISSING, SCODES, Range

from xlhedge import CellError
from xlhedge.catalog import CATALOG

PLAIN = {"series": [[float(n)] for n in range(1, 41)], "text": "abc"}
"""For a function without a golden row: whatever comes of it must come the same way."""


def arguments(name):
    """The function's first golden row, else plain values for what it requires."""
    if name in baselines():
        return [*baselines()[name]]
    required = [p for p in CATALOG[name].parameters if not p.optional]
    return [p.choices[0] if p.choices else PLAIN.get(p.kind, 2.0) for p in required]


def as_com(value):
    """A cell of `call` as COM delivers it."""
    if isinstance(value, list):
        return tuple(tuple(map(as_com, row)) for row in value)
    if isinstance(value, CellError):
        return SCODES[value.value]
    if type(value) is int:
        return float(value)
    return value


def shown(value):
    """What xlwings hands to COM for a result of `call`: one row goes as a flat list."""
    if isinstance(value, list):
        rows = [[shown(item) for item in row] for row in value]
        return rows[0] if len(rows) == 1 else rows
    if value is None:
        return ""
    return SCODES[value.value] if isinstance(value, CellError) else value


def first_number(value):
    while isinstance(value, list):
        value = value[-1][0]
    return float(value) if isinstance(value, (int, float)) else 2.0


def kinds(value):
    """One argument in all the ways that a cell may hold it: for COM, and for `call`."""
    number = first_number(value)
    moment = datetime(2024, 3, 29, 8, 0)
    yield "number", number, number
    yield "text", "abc", "abc"
    yield "TRUE", True, True
    yield "empty text", "", None
    yield "blank cell", Range([[None]]), None
    yield "missing", MISSING, None
    yield "error", SCODES["#N/A"], CellError.NA
    yield "error cell", Range([[SCODES["#REF!"]]]), CellError.REF
    yield "date cell", Range([[moment]]), moment
    yield "currency cell", Range([[Decimal("12.5")]]), 12.5
    yield "range 1×1", Range([[number]]), number
    yield "column", ((number,), (None,), (number,)), [[number], [None], [number]]
    yield "row", (number, number, "x"), [[number, number, "x"]]
    yield (
        "rectangle",
        Range([[number, SCODES["#NUM!"]], [number, number]]),
        [[number, CellError.NUM], [number, number]],
    )
