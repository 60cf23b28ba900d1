"""The stubs of the topics' modules, from which type checkers and editors read every signature."""

from __future__ import annotations

import importlib
import inspect
from typing import get_type_hints

from xlhedge.catalog import CATALOG
from xlhedge.core.types import Floats, LabelValue, Shape, Table
from xlhedge.hosts.python.functions import topic_of
from xlhedge.sheet.spec import CHOICE, INTEGER, TEXT, FunctionSpec, Parameter

_TYPES = {
    Shape.ELEMENTWISE.value: "Numbers",
    Shape.SERIES.value: "Line",
    Shape.VECTOR.value: "Line",
    Shape.MATRIX.value: "Rectangle",
    Shape.LABELLED.value: "Range",
    Shape.RECORD.value: "Labels",
    INTEGER: "int",
    TEXT: "str",
}
_HEAD = '''"""{summary}"""

# Written by `xlhedge build`; the catalogue and the core's signatures are what to change.

from collections.abc import Sequence
from typing import Literal, overload

from xlhedge.hosts.python.types import (
    Frame,
    Labels,
    Line,
    Numbers,
    Range,
    Record,
    Rectangle,
    Values,
)

'''


def modules() -> tuple[str, ...]:
    """The topics' modules, in the manual's order."""
    return tuple(dict.fromkeys(s.python_module for s in CATALOG.values() if s.python_module))


def render(module: str) -> str:
    """The stub of a topic's module."""
    summary = (importlib.import_module(f"xlhedge.{module}").__doc__ or "").strip()
    body = "\n".join(_declarations(spec) for spec in topic_of(module).values())
    return _HEAD.format(summary=summary) + body


def _declarations(spec: FunctionSpec) -> str:
    """A function's declaration, and one for plain numbers where it is elementwise."""
    if not spec.elementwise:
        return _declaration(spec, elements=True)
    numbers, ranges = (_declaration(spec, elements=elements) for elements in (False, True))
    return f"@overload\n{numbers}@overload\n{ranges}"


def _declaration(spec: FunctionSpec, *, elements: bool) -> str:
    parameters = [f"    {_parameter(spec, p, elements=elements)},\n" for p in spec.parameters]
    returned = _returned(spec, elements=elements)
    declared = f") -> {returned}:"
    documented = f'\n    """{spec.summary}"""\n\n'
    body = declared + (documented if elements else " ...\n")
    # A number is one of the things that the second declaration takes, and gives another result.
    overlaps = "" if elements else "  # type: ignore[overload-overlap]"
    return f"def {spec.python_name}({overlaps}\n{''.join(parameters)}{body}"


def _parameter(spec: FunctionSpec, parameter: Parameter, *, elements: bool) -> str:
    kinds = [_TYPES.get(parameter.kind, "float")]
    if parameter.kind == Shape.ELEMENTWISE.value and not elements:
        kinds = ["float"]
    if parameter.choices:
        literal = f"Literal[{', '.join(f'{choice!r}' for choice in parameter.choices)}]"
        kinds = [literal] if parameter.kind == CHOICE else [literal, *kinds]
        if spec.elementwise and elements:
            kinds.append("Sequence[str]")
    if parameter.kind == Shape.SERIES.value and parameter.row is not None:
        kinds.append(_TYPES[Shape.LABELLED.value])
    if parameter.row is not None and "Range" not in kinds and parameter.kind != "record":
        kinds.append("Range")
    if parameter.number_too and kinds != ["float"]:
        kinds.append("float")
    if parameter.blank:
        kinds.append("None")
    default = ""
    if parameter.optional:
        default = f" = {parameter.default!r}"
    return f"{parameter.name}: {' | '.join(dict.fromkeys(kinds))}{default}"


def _returned(spec: FunctionSpec, *, elements: bool) -> str:
    hint = get_type_hints(spec.function).get("return")
    if spec.elementwise:
        return "Values" if elements else "float"
    kinds = {Floats: "Values", Table: "Frame", LabelValue: "Record"}
    if hint in kinds:
        return kinds[hint]
    return inspect.formatannotation(hint) if hint in (float, int, str, bool) else "Values"
