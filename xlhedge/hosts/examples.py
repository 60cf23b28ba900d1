"""The examples of docstrings, read as syntax trees and written as worksheet formulas."""

from __future__ import annotations

import ast
import doctest
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from xlhedge.sheet.spec import FunctionSpec, Parameter


class Range(NamedTuple):
    """A range that a formula names: what it is passed to, and the expression that makes it."""

    parameter: Parameter
    value: ast.expr


class Formula(NamedTuple):
    """A call of the function in its example, as a worksheet formula."""

    text: str
    call: ast.Call
    ranges: dict[str, Range]


class Step(NamedTuple):
    """A statement of an example, and the calls of the function in it."""

    statement: ast.stmt
    formulas: list[Formula]


class Block(NamedTuple):
    """A paragraph of an example: prose, or what is typed and printed, with its steps."""

    text: str
    steps: list[Step]


def blocks(spec: FunctionSpec) -> list[Block]:
    """The paragraphs of a function's example, in order."""
    _, _, text = (inspect.getdoc(spec.function) or "").partition("\nExamples\n--------\n")
    assigned: dict[str, ast.expr] = {}
    return [_block(spec, paragraph, assigned) for paragraph in text.strip().split("\n\n")]


def _block(spec: FunctionSpec, text: str, assigned: dict[str, ast.expr]) -> Block:
    steps: list[Step] = []
    for example in doctest.DocTestParser().get_examples(text):
        for statement in ast.parse(example.source).body:
            calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
            formulas = [_formula(spec, call, assigned) for call in calls if _is_call(spec, call)]
            steps.append(Step(statement, formulas))
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                assigned[statement.targets[0].id] = statement.value
    return Block(text, steps)


def _is_call(spec: FunctionSpec, node: ast.Call) -> bool:
    """Whether a call is `topic.function(...)`; `call("NAME", ...)` where no topic offers it."""
    if spec.python_module:
        return ast.unparse(node.func) == f"{spec.python_module}.{spec.python_name}"
    return ast.unparse(node.func) == "call" and literal(node.args[0]) == spec.name


def _formula(spec: FunctionSpec, call: ast.Call, assigned: Mapping[str, ast.expr]) -> Formula:
    given = list(call.args[1:] if isinstance(call.func, ast.Name) else call.args)
    parameters = list(spec.parameters)
    parameters += parameters[-1:] * (len(given) - len(parameters))  # one that repeats
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    given += [named.get(p.name, ast.Constant(None)) for p in parameters[len(given) :]]
    ranges: dict[str, Range] = {}
    cells = []
    for parameter, node in zip(parameters, given, strict=True):
        cell = _cell(node)
        if cell is None:
            cell = node.id if isinstance(node, ast.Name) else parameter.name
            ranges[cell] = Range(parameter, assigned.get(cell, node))
        cells.append(cell)
    while cells and not cells[-1]:
        cells.pop()
    return Formula(f"={spec.name}({','.join(cells)})", call, ranges)


def _cell(node: ast.expr) -> str | None:
    """A literal as it is typed into a formula; None for what must be a range."""
    value = literal(node)
    if not isinstance(value, list):
        return _typed(value)
    rows = [row if isinstance(row, list) else [row] for row in value]
    texts = [[_typed(item) for item in row] for row in rows]
    if not all(text for row in texts for text in row):
        return None  # an array constant takes no blanks
    return "{" + ";".join(",".join(map(str, row)) for row in texts) + "}"


def _typed(value: Any) -> str | None:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return repr(int(value) if float(value).is_integer() else value)
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return None


def literal(node: ast.expr) -> Any:
    """The value of a literal; the node itself where it is none."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return node
