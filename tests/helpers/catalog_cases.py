"""Each function's example, a call that is known to work, with one argument spoiled at a time."""

import math
from functools import cache

from golden_rows import golden_rows

from xlhedge import CellError
from xlhedge.catalog import CATALOG, explain

NUMBERS = ("elementwise", "number", "integer")
PATHS = 1000.0
RANGES = ("series", "vector", "matrix", "labelled", "record")


@cache
def baselines():
    """Each function's first golden row that is not an error; simulations take few paths."""
    found = {}
    for row in golden_rows():
        if not str(row["want"]).startswith("#"):
            found.setdefault(row["function"], list(row["cells"]))
    for name, arguments in found.items():
        names = [parameter.name for parameter in CATALOG[name].parameters]
        if "paths" in names:
            index = names.index("paths")
            arguments.extend([None] * (index + 1 - len(arguments)))
            arguments[index] = PATHS
    return found


def example(name, index):
    """What the example gives for an argument; None where it leaves it out."""
    arguments = baselines().get(name, [])
    return arguments[index] if index < len(arguments) else None


def is_range(name, index):
    """Whether the example gives a range for an argument."""
    return isinstance(example(name, index), list)


def spoiled(*kinds, where=lambda name, index: True):
    """(function, parameter) for every parameter of these kinds for which `where` holds."""
    return [
        (name, index)
        for name, spec in CATALOG.items()
        for index, parameter in enumerate(spec.parameters)
        if parameter.kind in kinds and not parameter.variadic and where(name, index)
    ]


def with_argument(name, index, value):
    arguments = list(baselines()[name])
    arguments += [None] * (index + 1 - len(arguments))
    arguments[index] = value
    outcome = explain(name, *arguments)
    assert "unexpectedly" not in (outcome.reason or ""), outcome.reason
    return outcome


def cells_of(value):
    return [cell for row in value for cell in row] if isinstance(value, list) else [value]


def only_cells(value):
    for cell in cells_of(value):
        assert cell is None or isinstance(cell, (float, str, bool)), repr(cell)
        assert not (isinstance(cell, float) and not math.isfinite(cell))


def error_of(outcome):
    """The error of a call that must fail, alone or in every cell."""
    errors = {cell for cell in cells_of(outcome.value) if isinstance(cell, CellError)}
    assert len(errors) == 1, outcome
    assert outcome.reason
    return errors.pop()
