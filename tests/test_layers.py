"""The house's direction: errors <- core <- sheet <- catalog <- hosts, recalc, books <- cli.

`saving` writes files for everybody. `tables` fills the tables of existing workbooks: it patches
packages as `recalc` does and then recalculates, so it stands above it; `books` offers its reading
and filling to notebooks and reads its own histories with the same code.
"""

import ast
from pathlib import Path

import xlhedge

ROOT = Path(xlhedge.__file__).parent
LAYERS = {
    "errors": set(),
    "saving": {"errors"},
    "core": {"errors"},
    "sheet": {"errors", "core"},
    "catalog": {"errors", "core", "sheet"},
    "udfs": {"errors", "core", "sheet", "catalog"},
    "office": {"errors", "core", "sheet", "catalog"},
    "hosts": {"errors", "core", "sheet", "catalog", "office"},
    "recalc": {"errors", "saving", "core", "sheet", "catalog", "office"},
    "tables": {"errors", "saving", "core", "sheet", "catalog", "recalc"},
    "books": {"errors", "saving", "core", "sheet", "catalog", "recalc", "tables"},
    "windows": {"errors", "core", "sheet", "catalog", "udfs", "office", "hosts", "books"},
}


def imported_modules(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            if node.module in {"xlhedge", "xlhedge.core"}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            raise AssertionError(f"{file} has a relative import")


def layer_of(module):
    parts = module.split(".")
    return parts[1] if parts[0] == "xlhedge" and len(parts) > 1 else None


def test_no_module_imports_against_the_direction():
    wrong = []
    for file in ROOT.rglob("*.py"):
        own = file.relative_to(ROOT).with_suffix("").parts[0]
        if own not in LAYERS:
            continue
        for module in imported_modules(file):
            layer = layer_of(module)
            if layer and layer != own and layer in LAYERS and layer not in LAYERS[own]:
                wrong.append(f"{file.relative_to(ROOT)} imports {module}")
    assert not wrong


def test_hosts_never_import_each_other():
    for file in (ROOT / "hosts").glob("*.py"):
        others = {m for m in imported_modules(file) if m.startswith("xlhedge.hosts.")}
        assert not others, f"{file.name} imports {others}"


def test_core_imports_only_numpy_at_the_top():
    allowed = {
        "__future__",
        "collections",
        "dataclasses",
        "enum",
        "math",
        "numpy",
        "os",
        "threading",
        "typing",
        "warnings",
        "xlhedge",
        "functools",
        "itertools",
        "concurrent",
        "contextlib",
    }
    for file in (ROOT / "core").glob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            extra = {module.split(".")[0] for module in modules} - allowed
            assert not extra, f"{file.name} imports {extra} at the top"
