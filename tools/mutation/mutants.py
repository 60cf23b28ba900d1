"""Mutants of the modules under mutation testing: cosmic-ray's operators, and one more.

A site is a place in the source where one kind of operator applies; cosmic-ray knows up to eleven
replacements for one `+`, so the sample draws sites first and then one mutant of each.
"""

import ast
import hashlib
import warnings
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cosmic_ray.plugins
from cosmic_ray.ast import Visitor, ast_nodes, get_ast
from parso.python.tree import ExprStmt, Keyword, PythonNode

ROOT = Path(__file__).parents[2]


class RemoveCall:
    """A call whose result nobody takes becomes `pass`: the guards are such calls."""

    def mutation_positions(self, node):
        if (
            isinstance(node, PythonNode)
            and node.type in {"atom_expr", "power"}
            and node.parent.type in {"simple_stmt", "suite"}
            and node.children[-1].type == "trailer"
        ):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        return Keyword("pass", node.start_pos, prefix=node.get_first_leaf().prefix)


class RemoveAssignment:
    """`name = value` becomes `name = None`."""

    def mutation_positions(self, node):
        if (
            isinstance(node, ExprStmt)
            and len(node.children) == 3
            and node.children[1].type == "operator"
            and node.children[1].value == "="
            and node.children[2].get_code().strip() != "None"
        ):
            yield node.children[2].start_pos, node.children[2].end_pos

    def mutate(self, node, index):
        value = node.children[2]
        node.children[2] = Keyword("None", value.start_pos, prefix=" ")
        return node


def operators():
    """Name to operator. Those that need arguments, and the one that changes nothing, stay out."""
    named = {
        name.split("/")[1]: cosmic_ray.plugins.get_operator(name)
        for name in cosmic_ray.plugins.operator_names()
        if name.split("/")[1] not in {"NoOp", "VariableReplacer", "VariableInserter"}
    }
    found = {name: operator() for name, operator in sorted(named.items())}
    return found | {"RemoveAssignment": RemoveAssignment(), "RemoveCall": RemoveCall()}


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    module: str
    operator: str
    occurrence: int
    line: int
    column: int

    def __str__(self):
        return f"{self.module}:{self.line}:{self.column + 1} {self.operator}"


class _Apply(Visitor):
    def __init__(self, operator, occurrence):
        self.operator, self.left = operator, occurrence

    def visit(self, node):
        for index, _ in enumerate(self.operator.mutation_positions(node)):
            if self.left == 0:
                node = self.operator.mutate(node, index)
            self.left -= 1
        return node


def path_of(module):
    return ROOT / Path(*module.split(".")).with_suffix(".py")


def source_of(module):
    return path_of(module).read_text(encoding="utf-8")


def mutated(mutant):
    """The module's source with the change, or None where the operator makes no Python of it."""
    tree = get_ast(source_of(mutant.module))
    try:
        code = _Apply(operators()[mutant.operator], mutant.occurrence).walk(tree).get_code()
        with warnings.catch_warnings(action="ignore"):
            compile(code, mutant.module, "exec")
    except (AttributeError, SyntaxError):  # the first for `except module.Error`
        return None
    return code


def _left_out(source):
    """Spans of annotations and type expressions: they are for readers and type checkers."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        parts = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            parts.append(node.returns)
        spans += [
            ((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset))
            for part in parts
            if part is not None
        ]
    return spans


def sites(module):
    """Place and kind of operator to the mutants there."""
    source = source_of(module)
    lines = source.splitlines()
    spans = _left_out(source)
    found = defaultdict(list)
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in operators().items():
        occurrence = 0
        for node in nodes:
            for (line, column), _ in operator.mutation_positions(node):
                mutant = Mutant(module, name, occurrence, line, column)
                occurrence += 1
                # ast counts bytes and parso characters.
                place = (line, len(lines[line - 1][:column].encode()))
                if not any(start <= place < end for start, end in spans):
                    found[name.split("_")[0], line, column].append(mutant)
    return found


def sample(modules, count, seed):
    """A sample of `count` mutants at as many sites, each site as likely as another.

    A hash draws, so that a change of one module does not change the sample of the others.
    """

    def lot(mutant):
        text = f"{seed} {mutant.module} {mutant.operator} {mutant.occurrence}"
        return hashlib.sha256(text.encode()).digest()

    places = [min(place, key=lot) for module in modules for place in sites(module).values()]
    chosen = []
    for mutant in sorted(places, key=lambda mutant: lot(mutant)[::-1]):
        if len(chosen) == count:
            break
        if mutated(mutant) not in {None, source_of(mutant.module)}:
            chosen.append(mutant)
    return chosen


_CORE, _SHEET = "xlhedge.core.", "xlhedge.sheet."
_EXACT, _LAW = "tests/numbers/test_exact_", "tests/numbers/test_laws_"
_GOLDEN = "tests/numbers/test_golden.py"
_MARGIN = [_EXACT + "core.py", _LAW + "margin.py", _LAW + "liquidation.py", _GOLDEN]
_SIZING = [_EXACT + "core.py", _LAW + "sizing.py", _GOLDEN]
_FUNDING = [_EXACT + "core.py", _EXACT + "funding.py", _LAW + "funding.py", _GOLDEN]
_BOOKS = [_EXACT + "books.py", _LAW + "stress.py", _LAW + "replay.py", _GOLDEN]
_CALL = [
    "tests/sheet/test_exact_sheet.py",
    _EXACT + "results.py",
    "tests/sheet/test_call.py",
    _GOLDEN,
]

TESTS = {
    _CORE + "sizing.contracts": _SIZING,
    _CORE + "sizing.exposure": [_EXACT + "books.py", _LAW + "sizing.py", _GOLDEN],
    _CORE + "margin.ratio": _MARGIN,
    _CORE + "margin.liquidation": _MARGIN,
    _CORE + "margin.brackets": _MARGIN,
    _CORE + "margin.maintenance": _MARGIN,
    _CORE + "funding.payments": _FUNDING,
    _CORE + "funding.history": _FUNDING,
    _CORE + "stress.scenarios": _BOOKS,
    _CORE + "book.revaluation": _BOOKS,
    _SHEET + "call": _CALL,
    _SHEET + "cells": _CALL,
    _SHEET + "convert": _CALL,
    _SHEET + "elementwise": _CALL,
    _SHEET + "labelled": [*_CALL, _LAW + "margin.py", _LAW + "stress.py"],
    _SHEET + "spec": _CALL,
    _SHEET + "redaction": ["tests/sheet/test_redaction.py"],
}
"""Module to the quick tests that look at it, the likeliest to notice first."""

GENERAL = {_SHEET + name: ["tests/sheet/test_catalog.py"] for name in ("call", "convert", "spec")}
"""Tests of everything, which take longer to begin: tried on what the others let pass."""
