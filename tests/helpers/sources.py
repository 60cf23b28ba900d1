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
