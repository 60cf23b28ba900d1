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


@cache
def import_nodes(file):
    """The imports of a source, wherever they stand."""
    return [
        node for node in ast.walk(parsed(file)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
