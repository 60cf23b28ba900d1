"""The reference manual: one Markdown page per function, and an index by topic."""

from __future__ import annotations

from collections.abc import Mapping

from xlhedge.catalog import CATALOG
from xlhedge.core.types import Flags, Floats
from xlhedge.hosts import examples
from xlhedge.sheet.labelled import Column, columns_of
from xlhedge.sheet.spec import FunctionSpec, Parameter

_SHAPES = {
    "elementwise": "number or range",
    "number": "number",
    "integer": "whole number",
    "text": "text",
    "choice": "option",
    "series": "row or column",
    "vector": "row or column",
    "matrix": "rectangle",
    "labelled": "range with a header row",
    "record": "table of label and value",
    "cells": "anything",
}


def render() -> Mapping[str, str]:
    """Every page of the manual, by file name."""
    pages = {f"{name}.md": _page(spec) for name, spec in CATALOG.items()}
    pages["README.md"] = _index()
    return pages


def _index() -> str:
    lines = [
        "# Worksheet functions",
        "",
        f"{len(CATALOG)} functions, by topic. Signs, units and errors that hold for all of them are"
        " in [conventions](../conventions.md). Every function but XLHEDGE_… has a second"
        " name, such as XLH_BETA for BETA, for workbooks in which the first is taken.",
    ]
    topic = ""
    for name, spec in CATALOG.items():
        if spec.topic != topic:
            topic = spec.topic
            lines += ["", f"## {topic}", "", "| function | what it gives |", "|---|---|"]
        lines.append(f"| [{name}]({name}.md) | {_cell(spec.summary)} |")
    return "\n".join(lines) + "\n"


def _page(spec: FunctionSpec) -> str:
    parts = [f"# {spec.name}", spec.summary, f"```\n={spec.syntax}\n```"]
    if spec.python_module:
        parts.append(f"In Python `xlhedge.{spec.python_module}.{spec.python_name}`.")
    if spec.elementwise:
        parts.append(
            "Arguments marked *number or range* broadcast: a range of 10,000 rows is one call, and"
            " a bad element gives an error in that element only."
        )
    if spec.parameters:
        parts += ["## Arguments", _arguments(spec)]
        parts += [_columns(p) for p in spec.parameters if p.row is not None]
    parts += ["## Result", _prose(spec.doc.returns.description if spec.doc.returns else "")]
    parts += ["## Errors", _errors(spec)]
    for title, section in (("Equation and conventions", "notes"), ("Sources", "references")):
        text = _section(spec, section)
        if text:
            parts += [f"## {title}", text]
    example = _example(spec)
    if example:
        parts += ["## Example", example]
    parts.append(f"[All functions](README.md) · topic: {spec.topic}")
    return "\n\n".join(parts) + "\n"


def _section(spec: FunctionSpec, name: str) -> str:
    return "\n\n".join(
        _prose(item.description or "") for item in spec.doc.meta if item.args[0] == name
    )


def _example(spec: FunctionSpec) -> str:
    """The docstring's examples: prose, each call as a formula, then what Python prints."""
    parts: list[str] = []
    shown: set[str] = set()
    for block in examples.blocks(spec):
        if not block.steps:
            parts.append(block.text)
            continue
        formulas = [formula for step in block.steps for formula in step.formulas]
        if formulas:
            typed = dict.fromkeys(formula.text for formula in formulas)
            parts.append("```\n" + "\n".join(typed) + "\n```")
        ranges = {name: item for formula in formulas for name, item in formula.ranges.items()}
        parts += _ranges(spec, {n: item for n, item in ranges.items() if n not in shown})
        shown |= set(ranges)
        parts.append(f"```python\n{block.text}\n```")
    return "\n\n".join(parts)


def _ranges(spec: FunctionSpec, ranges: Mapping[str, examples.Range]) -> list[str]:
    """What the named ranges of a formula hold: short tables as they stand, others in a word."""
    parts = []
    for name, (parameter, node) in ranges.items():
        table = examples.literal(node)
        meaning, _, _ = spec.help.get(parameter.name, "").partition(". ")
        if isinstance(table, dict):
            parts += [f"`{name}`, a range:", _table(table)]
        else:
            parts.append(f"`{name}`, a range ({_shape(parameter)}): {meaning.rstrip('.')}.")
    return parts


def _table(columns: Mapping[str, list[object]]) -> str:
    """A mapping of columns, or of labels and values, as a table of Markdown."""
    if not all(isinstance(column, list) for column in columns.values()):
        lines = ["| | |", "|---|---|", *(f"| {n} | {v} |" for n, v in columns.items())]
        return "\n".join(lines)
    rows = zip(*columns.values(), strict=True)
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join('' if i is None else str(i) for i in row)} |" for row in rows]
    return "\n".join(lines)


def _arguments(spec: FunctionSpec) -> str:
    lines = ["| argument | takes | default | meaning |", "|---|---|---|---|"]
    for parameter in spec.parameters:
        lines.append(
            f"| `{parameter.name}` | {_shape(parameter)} | {_default(parameter)} |"
            f" {_cell(spec.help.get(parameter.name, ''))} |"
        )
    return "\n".join(lines)


def _shape(parameter: Parameter) -> str:
    text = _SHAPES[parameter.kind]
    if parameter.number_too and parameter.kind not in ("number", "elementwise"):
        text += ", or one number"
    if parameter.kind == "series" and parameter.row is not None:
        text += ", or a range with a header row"
    if parameter.choices:
        text = " ".join(f"`{option}`" for option in parameter.choices) + (
            "" if parameter.kind == "choice" else f" or {text}"
        )
    return f"{text}, repeated" if parameter.variadic else text


def _default(parameter: Parameter) -> str:
    if not parameter.optional:
        return "may be blank" if parameter.blank else "required"
    if parameter.default is None:
        return "blank"
    return f"`{parameter.default}`"


def _columns(parameter: Parameter) -> str:
    lines = [
        f"Columns of `{parameter.name}`, in any order:"
        if parameter.kind == "labelled"
        else f"Labels of `{parameter.name}`, in any order:",
        "",
        "| name | holds | default |",
        "|---|---|---|",
    ]
    for column in columns_of(parameter.row):
        default = "required" if column.required else _column_default(column)
        lines.append(f"| `{column.name}` | {_column_type(column, parameter)} | {default} |")
    return "\n".join(lines)


def _column_default(column: Column) -> str:
    return "blank" if column.default in (None, "") else f"`{column.default}`"


def _column_type(column: Column, parameter: Parameter) -> str:
    if column.choices:
        return " ".join(f"`{option}`" for option in column.choices)
    if column.type == Flags:
        return "TRUE or FALSE"
    if column.type == Floats or parameter.kind == "record":
        return "number"
    return "text"


def _errors(spec: FunctionSpec) -> str:
    shown = {
        "InputError": "#VALUE!",
        "DomainError": "#NUM!",
        "NoConvergence": "#NUM!",
        "TooFewData": "#N/A",
        "NoSolution": "#N/A",
        "ZeroVariance": "#DIV/0!",
    }
    lines = [
        f"- `{shown[item.type_name]}`: {_prose(item.description or '')}"
        for item in spec.doc.raises
        if item.type_name in shown
    ]
    lines.append(
        "- `#VALUE!` for a wrong type, shape or option and `#NUM!` for a number that is not"
        " finite; an error in an argument comes back as itself. `XLHEDGE_WHY` tells the reason."
    )
    return "\n".join(lines)


def _prose(text: str) -> str:
    return text.strip()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
