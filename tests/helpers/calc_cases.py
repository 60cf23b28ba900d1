"""Calls of every worksheet function with every kind of cell, as one workbook."""

import math
from functools import cache
from typing import NamedTuple

import xlsxwriter
from golden_rows import golden_rows
from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge import CellError, call
from xlhedge.catalog import CATALOG
from xlhedge.core.book.history import History
from xlhedge.core.types import Flags, Floats
from xlhedge.sheet.labelled import columns_of

ROWS = 300
ERROR, BLANK, TEXT = CellError.DIV0, None, "abc"
NUMBERS = {
    "confidence": 0.95, "contract_size": 1.0, "contracts": -1.0, "days": 30.0, "price": 70000.0,
    "entry_price": 70000.0, "exit_price": 69000.0, "mark_price": 71000.0, "spot_price": 70000.0,
    "futures_price": 70100.0, "liq_price": 76000.0, "maintenance_rate": 0.005, "decay": 0.94,
    "volatility": 0.6, "wallet_balance": 7000.0, "interval_hours": 8.0, "interval_days": 1.0,
    "hedge_ratio": 0.98, "correlations": 0.5, "theta": 20.0, "mu": 0.001, "sigma": 0.01,
    "current": 0.002, "leverage": 5.0, "paths": 200.0, "seed": 7.0, "threshold": 0.8,
    "periods_per_year": 365.0, "target_ratio": 0.5, "notional": 1e6, "value": 1e6, "target": 1e4,
    "horizon_periods": 2.0, "horizon_days": 2.0, "degrees_of_freedom": 5.0, "lag": 1.0,
    "lags": 2.0, "target_volatility": 0.2, "forecast_volatility": 0.6, "initial_margin_rate": 0.1,
    "max_leverage": 2.0, "costs": 0.001, "clamp": 0.0005, "cap": 0.0075, "premium": 0.0008,
    "interest": 0.0001, "spot_entry": 70000.0, "futures_entry": 70100.0, "spot_exit": 71000.0,
    "futures_exit": 71050.0, "maintenance_amount": 0.0, "floor": 0.0, "rate": 0.005,
    "amount": 0.0, "quantity": -1.0, "balance": 20000.0, "spot_shock": -0.2, "basis_shock": 0.01,
    "funding_rate": 0.0001, "carry_rate": 0.1, "fee_rate": 0.0005,
    "residual_volatility": 0.05, "financing_rate": 0.05,
}  # fmt: skip
VECTORS = {
    "values": [35e6, 17.5e6], "betas": [1.0, 1.2], "weights": [1.0, -1.0],
    "volatilities": [0.6, 0.7], "moves": [0.0, 0.1], "horizon_days": [1.0, 7.0],
    "spot_shocks": [-0.1, 0.1], "basis_shocks": [-0.01, 0.0, 0.01],
}  # fmt: skip
TEXTS = {"asset": "BTC", "account": "main", "scenario": "fall", "function_name": "LIQ_PRICE"}


class Case(NamedTuple):
    """A call: the formula's arguments as written in it, and as cells of 16 digits."""

    name: str
    kind: str
    function: str
    arguments: tuple
    literal: bool = False

    def want(self):
        """The rows that the call gives for what a file holds."""
        value = call(self.function, *self.arguments)
        return value if isinstance(value, list) else [[value]]


def as_stored(value):
    if isinstance(value, list):
        return [list(map(as_stored, row)) for row in value]
    return float(f"{value:.16G}") if type(value) in (int, float) else value


@cache
def returns(salt):
    return [0.01 * math.sin(1.7 * i + salt) + 0.004 * math.cos(5.3 * i * i) for i in range(ROWS)]


def persistent():
    """Something that comes back to its mean slowly, as a basis or a funding rate does."""
    level, found = 0.0, []
    for shock in returns(0.3):
        level = 0.9 * level + 0.1 * shock
        found.append(level)
    return found


@cache
def series(name):
    """A column by its name: prices, or returns and rates."""
    if name in VECTORS:
        return [[item] for item in VECTORS[name]]
    if name == "interval_hours":
        return [[8.0 if row % 2 else 4.0] for row in range(ROWS)]
    if name in ("series", "rates", "funding_rates"):
        return [[item] for item in persistent()]
    if any(word in name for word in ("price", "open", "high", "low", "close")):
        level = {"high": 102.0, "low": 98.0}.get(name, 100.0)
        basis = persistent() if name in ("futures_prices", "mark_prices") else [0.0] * ROWS
        total, rows = 0.0, []
        for item, gap in zip(returns(0.0), basis, strict=True):
            total += item
            rows.append([level * math.exp(total - gap)])
        return rows
    return [[abs(item) if name == "var" else item] for item in returns(0.5)]


def typical(parameter):
    """An argument that a sensible call would hold, as a file holds it."""
    kind = parameter.name if parameter.kind in ("series", "vector") else None
    return stored_series(kind) if kind else as_stored(sensible(parameter))


@cache
def stored_series(name):
    return as_stored(series(name))


def sensible(parameter):
    """Any other argument; tiers are another way to give the rate."""
    if parameter.name == "tiers" and parameter.optional:
        return BLANK
    if parameter.choices:
        return parameter.default or parameter.choices[0]
    if parameter.kind == "labelled":
        return labelled(parameter.row)
    if parameter.kind == "record":
        columns = [column for column in columns_of(parameter.row) if column.required]
        return [[column.name, NUMBERS.get(column.name, 0.1)] for column in columns]
    if parameter.kind == "matrix":
        return [[1.0, 0.5], [0.5, 1.0]]
    if parameter.kind == "text":
        return TEXTS.get(parameter.name, "BTC")
    if parameter.kind == "cells":
        return -1.0
    return NUMBERS.get(parameter.name, parameter.default or 1.0)


def labelled(row):
    if row is History:
        lines = zip(series("spot_prices"), series("futures_prices"), returns(0.5), strict=True)
        return [["spot", "futures", "funding_rate"], *([s, f, r / 100] for (s,), (f,), r in lines)]
    columns = [
        column
        for column in columns_of(row)
        if column.required or column.name in ("entry_price", "maintenance_rate", "account")
    ]
    return [[column.name for column in columns], [in_column(column) for column in columns]]


def in_column(column):
    if column.choices:
        return "linear" if "linear" in column.choices else column.choices[0]
    if column.type == Flags:
        return "FALSE"
    if column.type == Floats:
        return NUMBERS.get(column.name, 0.1)
    return TEXTS.get(column.name, "BTC")


def catalogue_cases():
    """Every function: all arguments, only the required ones, and each spoilt in each way."""
    for name, spec in CATALOG.items():
        full = tuple(typical(parameter) for parameter in spec.parameters)
        required = sum(not parameter.optional for parameter in spec.parameters)
        yield Case(f"{name} all", "numbers", name, full)
        yield Case(f"{name} literal", "numbers", name, full, literal=True)
        yield Case(f"{name} required", "omitted", name, full[:required])
        gaps = tuple(
            BLANK if parameter.optional and index < len(full) - 1 else full[index]
            for index, parameter in enumerate(spec.parameters)
        )
        yield Case(f"{name} gaps", "omitted", name, gaps, literal=True)
        names = [parameter.name for parameter in spec.parameters]
        if {"maintenance_rate", "tiers"} <= set(names):
            tiered = [
                typical(parameter._replace(optional=False)) if parameter.name == "tiers" else item
                for parameter, item in zip(spec.parameters, full, strict=True)
            ]
            tiered[names.index("maintenance_rate")] = BLANK
            yield Case(f"{name} tiers", "numbers", name, tuple(tiered))
        for index, parameter in enumerate(spec.parameters):
            for kind, cell in (("blank", BLANK), ("text", TEXT), ("error", ERROR)):
                spoilt = (*full[:index], cell, *full[index + 1 :])
                yield Case(f"{name} {kind} {parameter.name}", kind, name, spoilt)
            if parameter.kind == "elementwise":
                value = full[index]
                for kind, cells in (
                    ("range", [[value], [value * 1.5], [value / 2]]),
                    ("range", [[value, BLANK, TEXT, value * 3]]),
                ):
                    spoilt = (*full[:index], as_stored(cells), *full[index + 1 :])
                    yield Case(f"{name} {kind} {parameter.name}", kind, name, spoilt)
            if parameter.kind == "series":
                rows = [list(row) for row in full[index]]
                rows[1] = [BLANK]
                spoilt = (*full[:index], rows, *full[index + 1 :])
                yield Case(f"{name} gap in {parameter.name}", "range", name, spoilt)


def golden_cases():
    """Every golden row but the longest simulations: their arguments are those of the shorter."""
    for row in golden_rows():
        if row["function"] != "VAR_JOINT" or not row["id"].endswith("-90"):
            yield Case(row["id"], "golden", row["function"], tuple(map(as_stored, row["cells"])))


class Sheets:
    """Writes cases: arguments on one sheet, each only once, calls on another."""

    def __init__(self, path):
        self.path = path
        self.book = xlsxwriter.Workbook(str(path), {"in_memory": True})
        self.calls = self.book.add_worksheet("Calls")
        self.cells = self.book.add_worksheet("Cells")
        self.places = {}
        self.next_argument = self.next_call = 0

    def write(self, case):
        """The rows wanted, and the row of the sheet, from 1, at which they begin."""
        rows = case.want()
        top = self.next_call
        self.next_call += len(rows)
        self.calls.write_dynamic_array_formula(
            top, 0, top + len(rows) - 1, len(rows[0]) - 1, self.formula(case)
        )
        return rows, top + 1

    def formula(self, case):
        written = [self.argument(item, literal=case.literal) for item in case.arguments]
        return f"={case.function}({','.join(written)})"

    def argument(self, value, *, literal):
        if literal and not isinstance(value, list):
            if value is None:
                return ""
            return f'"{value}"' if isinstance(value, str) else repr(value)
        key = repr(value)
        if key not in self.places:
            self.places[key] = self.place(value)
        return self.places[key]

    def place(self, value):
        rows = value if isinstance(value, list) else [[value]]
        top = self.next_argument
        self.next_argument += len(rows) + 1
        for row, line in enumerate(rows, top):
            for column, cell in enumerate(line):
                if isinstance(cell, CellError):
                    self.cells.write_formula(row, column, {"#DIV/0!": "=1/0"}[cell])
                elif cell is not None and cell != "":
                    self.cells.write(row, column, cell)
        first = xl_rowcol_to_cell(top, 0)
        last = xl_rowcol_to_cell(top + len(rows) - 1, len(rows[0]) - 1)
        return f"Cells!{first}" if first == last else f"Cells!{first}:{last}"

    def close(self):
        self.book.close()
        return self.path
