"""The package's sources, each parsed once."""

import ast
from functools import cache
from pathlib import Path

import xlhedge

PACKAGE = Path(xlhedge.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def statements(tree):
    """The statements below a node; no expression holds one."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.expr):
            yield node
            yield from statements(node)


@cache
def import_nodes(file):
    """The imports of a source, wherever they stand."""
    return [n for n in statements(parsed(file)) if isinstance(n, ast.Import | ast.ImportFrom)]
