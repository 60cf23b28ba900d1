"""What stands in brackets is a name like others: the terminal takes no file's name for markup."""

import sys

import pytest
from crews import here
from said_books import said_book
from typer.testing import CliRunner

from xlhedge.batch import workers
from xlhedge.cli import app
from xlhedge.cli.console import steps


@pytest.mark.parametrize("name", ["[red]desk.xlsx", "[/a].xlsx", "[bold]"])
def test_a_book_is_named_as_its_file_is(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    said_book(tmp_path / name / "desk.xlsx")
    done = CliRunner().invoke(app, ["show", f"{name}/desk.xlsx"])
    assert (done.exit_code, done.exception) == (0, None)
    assert done.output.startswith(f"{name}/desk.xlsx: hedge_desk")


def test_a_batch_names_books_as_their_files_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("[red]", "b"):
        (tmp_path / folder).mkdir()
        said_book(tmp_path / folder / "desk.xlsx")
    monkeypatch.setattr(workers, "local", lambda count: here())
    done = CliRunner().invoke(app, ["batch", "*/desk.xlsx", "--out", "done"])
    assert (done.exit_code, done.exception) == (0, None)
    assert "[red]/desk.xlsx" in done.output


def test_a_step_of_a_file_with_brackets_is_told_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with steps("reading [/a].xlsx") as progress:
        progress("[/b]")
    assert "Traceback" not in capsys.readouterr().err
