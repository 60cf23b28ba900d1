"""The tutorial, typed from its first line to its last in an empty folder."""

import doctest
import os
import re
import shlex
import subprocess
import sys

import pytest
from places import DOCS

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
TEXT = (DOCS / "tutorial.md").read_text(encoding="utf-8")


def saved(before, body, folder):
    """Save a file that the text before a block asks for."""
    name = re.findall(r"ave (?:this|yours) as `([\w.]+)`", before)[-1]
    (folder / name).write_text(body, encoding="utf-8")


def typed(body, folder):
    """Type the commands of a block and compare what they print."""
    for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
        program, *words = shlex.split(command)
        start = [sys.executable] if program == "python" else [sys.executable, "-m", program]
        ended = subprocess.run(
            [*start, *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
            env=os.environ | {"PYTHONUTF8": "1", "COLUMNS": "100"},
        )
        assert ended.returncode == 0, ended.stderr
        told = ended.stdout + ended.stderr
        assert doctest.OutputChecker().check_output(shown, told, FLAGS), f"{command}\n{told}"


def tried(body, names):
    """Run the Python of a block and compare what it prints."""
    test = doctest.DocTestParser().get_doctest(body, names, "tutorial.md", None, 0)
    runner, told = doctest.DocTestRunner(optionflags=FLAGS), []
    assert runner.run(test, out=told.append, clear_globs=False).failed == 0, "".join(told)
    names.update(test.globs)


@pytest.mark.slow  # each command is a program of its own: 12 s
def test_the_tutorial_works_as_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, kinds = {}, set()
    for block in BLOCK.finditer(TEXT):
        kind, body = block.groups()
        prompted = ">>>" in body
        if kind == "sh":
            typed(body, tmp_path)
        elif prompted:
            tried(body, names)
        else:
            saved(TEXT[: block.start()], body, tmp_path)
        kinds.add((kind, prompted))
    assert kinds == {("python", False), ("text", False), ("sh", False), ("python", True)}
    assert (tmp_path / "checked.xlsx").is_file()
