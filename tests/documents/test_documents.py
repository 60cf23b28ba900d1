"""What the documents name exists: commands, options and functions."""

import doctest
import re
from importlib import import_module

import pytest
import typer
from places import ROOT

from xlhedge.catalog import CATALOG
from xlhedge.cli import app

COMMAND = re.compile(r"(?<![\w.])(?<!from )(?:(?<=bin/)|(?<!/))xlhedge ([a-z]+)((?: [^\n`|]*)?)")


def commands_named(path):
    """Each command of ours that a document shows, with what follows it on its line."""
    text = path.read_text(encoding="utf-8")
    spans = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
    return [found for span in spans for found in COMMAND.findall(span)]


PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
DOCUMENTS = [path for path in PAGES if commands_named(path)]
IDS = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


@pytest.fixture(scope="module")
def commands():
    return typer.main.get_command(app).commands


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_command_and_option_named_exists(path, commands):
    for name, rest in commands_named(path):
        assert name in commands, f"xlhedge {name} is no command"
        known = known_options(commands[name]) | {"--help", "--"}
        for option in re.findall(r"(?<=\s)--?[a-z][\w-]*", rest):
            assert option in known, f"xlhedge {name} has no option {option}"


def test_every_command_is_shown_in_a_document(commands):
    shown = {name for path in DOCUMENTS for name, _ in commands_named(path)}
    assert set(commands) <= shown


def known_options(command):
    """The options of a command and of the commands below it."""
    own = {option for parameter in command.params for option in parameter.opts}
    below = getattr(command, "commands", {}).values()
    return own.union(*map(known_options, below))


def found_in(pattern, flags=0):
    """Each page that shows what the pattern finds, with what it finds there."""
    pages = ((path, re.findall(pattern, path.read_text("utf-8"), flags)) for path in PAGES)
    return [
        pytest.param(set(found), id=path.relative_to(ROOT).as_posix())
        for path, found in pages
        if found
    ]


@pytest.mark.parametrize("names", found_in(r"\b((?:tests|tools|benchmarks|xlhedge)/[\w/.-]*\w)"))
def test_every_file_of_ours_that_a_document_names_exists(names):
    assert [n for n in names if not ((ROOT / n).exists() or list(ROOT.glob(f"{n}*")))] == []


@pytest.mark.parametrize(
    "imports", found_in(r"^(?:>>> )?from (xlhedge[\w.]*) import (.+)", re.MULTILINE)
)
def test_every_import_that_a_document_shows_works(imports):
    for module, names in imports:
        for name in names.split(", "):
            assert hasattr(import_module(module), name) or import_module(f"{module}.{name}")


def test_the_readme_says_what_every_room_is_for():
    text = (ROOT / "README.md").read_text("utf-8").partition("## Where everything is")[2]
    rooms = {path.parent.name for path in (ROOT / "xlhedge").glob("*/__init__.py")}
    assert {f"`xlhedge/{room}/`" for room in rooms} - set(re.findall(r"`[^`]+`", text)) == set()


def test_every_function_that_the_readme_names_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = set(re.findall(r"\b[A-Z]+_[A-Z_]+[A-Z]\b", text))
    assert names
    assert names - set(CATALOG) == set()


def test_the_python_of_the_readme_gives_what_it_says():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        setting, *lines = [line for line in block.splitlines() if line]
        source = f">>> {setting}\n" + "".join(
            f">>> {code.strip()}\n{result.strip()}\n"
            for code, result in (line.split("  # ") for line in lines)
        )
        test = doctest.DocTestParser().get_doctest(source, {}, "README.md", None, 0)
        results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
        assert results.attempted == 3
        assert results.failed == 0
