"""The house's direction, which every module obeys.

    errors <- core <- sheet <- catalog <- formula <- workbook <- recalc <- filling <- market
    <- templates <- daily <- batch <- cli

`system` holds files and processes for everybody. Hosts stand beside the templates and never import
each other; LibreOffice's recalculates, so it may import the rooms of workbooks.
"""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sources import import_nodes, parsed

import xlhedge

ROOT = Path(xlhedge.__file__).parent
CELLS = {"errors", "extras", "core", "sheet", "catalog"}
TOPICS = ("sizing", "basis", "funding", "risk", "margin", "volatility", "stress", "report")
BOOKS = CELLS | {"system", "formula", "workbook", "recalc", "filling", "market", "templates"}
ROOMS = {
    "errors": set(),
    "findings": set(),
    "system": {"errors"},
    "core": {"errors"},
    "extras": {"errors"},
    "sheet": {"errors", "extras", "core"},
    "catalog": {"errors", "core", "sheet"},
    "udfs": {*CELLS, "system"},
    "formula": CELLS,
    "workbook": {*CELLS, "system", "formula"},
    "recalc": {*CELLS, "system", "formula", "workbook"},
    "filling": {*CELLS, "system", "formula", "workbook", "recalc"},
    "market": {*CELLS, "system", "formula", "workbook", "recalc", "filling"},
    "templates": BOOKS - {"templates"},
    "daily": {"errors", "sheet", "system", "formula", "workbook", "recalc", "filling", "templates"},
    "batch": {"errors", "system", "workbook", "recalc", "daily"},
    "hosts/python": {*CELLS, *TOPICS, "system", "formula", "workbook", "recalc", "filling"},
    **{topic: {"hosts/python"} for topic in TOPICS},
    "hosts/examples": CELLS,
    "hosts/reference": {*CELLS, "hosts/examples"},
    "hosts/excel": {*CELLS, "system", "udfs", "findings"},
    "hosts/libreoffice": {*CELLS, "system", "formula", "workbook", "recalc"},
    "hosts/office_js": CELLS,
    "server": {
        *CELLS,
        "system",
        "batch",
        "doctor",
        "hosts/excel",
        "hosts/office_js",
        "formula",
        "workbook",
        "templates",
    },
    "doctor": {*CELLS, "system", "findings", "hosts/excel", "hosts/libreoffice"},
    "windows": {"errors", "doctor", "hosts/excel"},
    "cli": {
        *BOOKS,
        "batch",
        "daily",
        "doctor",
        "hosts/excel",
        "hosts/libreoffice",
        "hosts/reference",
        "hosts/python",
        "server",
    },
}
"""Room to the rooms that its modules may import."""

FACE = {"__version__": "errors", "CellError": "sheet", "call": "catalog"}
FACE |= dict.fromkeys(("fill", "read_table"), "filling")
FACE |= dict.fromkeys(("Book", "Session"), "hosts/python")
"""What `from xlhedge import` offers, and the room that it comes from."""

TOP = {"__init__.py", "__main__.py", "hosts/__init__.py"}
FILES = [f for f in sorted(ROOT.rglob("*.py")) if f.relative_to(ROOT).as_posix() not in TOP]


def imported_modules(file):
    for node in import_nodes(file):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            if node.module in {"xlhedge", "xlhedge.core"}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            raise AssertionError(f"{file} has a relative import")


def room_of(parts):
    """The room that a module or file lies in, or None where none names it."""
    for length in (2, 1):
        room = "/".join(parts[:length])
        if room in ROOMS:
            return room
    return None


def test_every_module_lies_in_a_room_and_imports_only_what_that_room_may():
    for file in FILES:
        room = room_of(file.relative_to(ROOT).with_suffix("").parts)
        assert room, f"no room names {file}: say in ROOMS what it may import"
        for module in imported_modules(file):
            parts = module.split(".")
            if parts[0] == "xlhedge" and parts[1:] and parts[1:] != ["hosts"]:
                other = room_of(parts[1:]) or FACE[parts[1]]
                assert other in {room, *ROOMS[room]}, f"{file} imports {module}"


def modules_below(package, folder):
    """Module name to its file."""
    found = {}
    for file in folder.rglob("*.py"):
        parts = [package, *file.relative_to(folder).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def running(tree):
    """The statements of a module but those that only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr):
            continue
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from running(node)


def imports_among(modules, file):
    """The modules that a file imports, also inside functions, where it is one of `modules`."""
    for node in running(parsed(file)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in below]
        else:
            continue
        yield from (name for name in names if name in modules)


def cycle_in(graph):
    """The nodes of one cycle, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        return problem.args[1]
    return []


def test_no_modules_import_each_other_in_a_circle_also_within_a_room():
    modules = modules_below("xlhedge", ROOT)
    graph = {name: set(imports_among(modules, file)) - {name} for name, file in modules.items()}
    assert cycle_in(graph) == []


def test_a_circle_would_be_found():
    assert set(cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def test_no_test_module_imports_another():
    tests = Path(__file__).parents[1]
    files = [*tests.rglob("*.py"), *(tests.parent / "tools").rglob("*.py")]
    wrong = {file.name for file in files if imports_a_test(file.read_text(encoding="utf-8"))}
    assert wrong == set()


def imports_a_test(text):
    return re.search(r"^\s*(from test_|import (\w+, )*test_)", text, re.MULTILINE)


def test_an_import_of_a_test_module_would_be_found():
    for line in ("import test_x", "    from test_x import y", "import os, test_x"):
        assert imports_a_test(f"import sys\n{line}\n"), line
    assert not imports_a_test("from tests_x import test_y\ntest_x = 1\n")


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
    for file in (ROOT / "core").rglob("*.py"):
        for node in parsed(file).body:
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            extra = {module.split(".")[0] for module in modules} - allowed
            assert not extra, f"{file.name} imports {extra} at the top"


def test_a_file_is_short_enough_to_be_read():
    root = ROOT.parent
    limits = {"xlhedge": 400, "tests": 600}
    long = {
        file.relative_to(root).as_posix(): lines
        for folder, most in limits.items()
        for file in (root / folder).rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > most
    }
    assert long == {}
