"""Does every function have its law? The catalogue asks, so that a new function cannot forget it."""

import ast
from pathlib import Path

from places import ROOT

from xlhedge.catalog import CATALOG

WITHOUT_LAWS = {"STRESS_SCENARIOS", "XLHEDGE_WHY", "XLHEDGE_VERSION"}
FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("test_laws_*.py"))
SHARED = sorted((ROOT / "tests" / "helpers").glob("*.py"))


def is_drawn(function):
    """Whether hypothesis draws the test's arguments."""
    return any(
        isinstance(item, ast.Call) and getattr(item.func, "id", "") == "given"
        for item in function.decorator_list
    )


def parse(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def by_name(tree):
    """The helpers and constants of a file."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("test_"):
            found[node.name] = node
    return found


def helpers():
    return {name: node for file in SHARED for name, node in by_name(parse(file)).items()}


def functions_under_law(file, shared):
    """Worksheet names in tests that hypothesis drives, also by way of helpers and constants."""
    tree = parse(file)
    named = shared | by_name(tree)
    waiting = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    waiting = [node for node in waiting if node.name.startswith("test_") and is_drawn(node)]
    names, seen = set(), set()
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        for node in ast.walk(part):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            elif isinstance(node, ast.Name) and node.id in named:
                waiting.append(named[node.id])
    return names & set(CATALOG)


def test_every_function_has_a_law_that_hypothesis_tries():
    shared = helpers()
    under_law = set().union(*(functions_under_law(file, shared) for file in FILES))
    assert set(CATALOG) - WITHOUT_LAWS - under_law == set()
