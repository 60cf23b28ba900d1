"""`xlhedge templates` and `xlhedge new`."""

import sys

import pytest
from book_helpers import formula_cells, named_values

from xlhedge.cli import app
from xlhedge.errors import FileError, InputError
from xlhedge.templates import TEMPLATES, build, find
from xlhedge.templates.funding_table import MOST_VENUES

PLAIN = [name for name, template in TEMPLATES.items() if not template.takes_history]


def run(*words):
    app(list(map(str, words)), standalone_mode=False)


def test_a_program_reads_one_line_per_template_with_tabs(capsys):
    run("templates")
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        [name, TEMPLATES[name].summary, ", ".join(TEMPLATES[name].tables)]
        for name in sorted(TEMPLATES)
    ]


def test_a_person_sees_a_table(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    run("templates")
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.split() == ["template", "for", "tables", "to", "fill"]
    words = [line.split()[0] for line in lines]  # long texts go on below
    assert [word for word in words if word in TEMPLATES] == sorted(TEMPLATES)


def test_a_new_workbook_is_written_with_its_values(tmp_path, capsys):
    target = tmp_path / "desk.xlsx"
    run("new", "hedge_desk", target)
    assert named_values(target)["dash_contracts"] == -720
    assert "-720" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - {"hedge_desk"}))
def test_every_template_can_be_written_anew(name, tmp_path, capsys):
    run("new", name, tmp_path / "book.xlsx")
    assert (tmp_path / "book.xlsx").is_file()
    first, *figures = capsys.readouterr().out.splitlines()
    assert first == f"{tmp_path / 'book.xlsx'}: {name}"
    own = "not calculated" if name == "self_test" else "EXAMPLE, not your book. "
    assert figures[0].startswith(own)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("option", ["--history", "--funding"])
def test_a_history_for_a_template_without_that_table_is_refused_with_the_way(
    name, option, tmp_path
):
    with pytest.raises(InputError, match=f"the template {name} has no table History: ") as caught:
        run("new", name, tmp_path / "book.xlsx", option, tmp_path / "none.csv")
    told = str(caught.value)
    assert all(table in told for table in TEMPLATES[name].tables)
    assert ("xlhedge fill" in told) == bool(TEMPLATES[name].tables)
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="has no table History"):
        build(name, tmp_path / "book.xlsx", {"time": []})


def test_an_unknown_template_is_named_with_those_that_exist(tmp_path):
    with pytest.raises(InputError, match=r"no template 'desk': there are .*hedge_desk"):
        run("new", "desk", tmp_path / "book.xlsx")
    assert find("hedge_desk").takes_history


def test_a_file_that_exists_stays_as_it_is(tmp_path):
    target = tmp_path / "desk.xlsx"
    target.write_bytes(b"mine")
    with pytest.raises(FileError, match="exists already: add --overwrite"):
        run("new", "hedge_desk", target)
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "venues", "sentence"),
    [("margin", 4, "takes no number of venues"), ("funding_table", 2, "there are 3 to 40 venues"),
     ("funding_table", 41, "there are 3 to 40 venues")],
)  # fmt: skip
def test_a_number_of_venues_that_a_template_cannot_have_is_refused(
    name, venues, sentence, tmp_path
):
    with pytest.raises(InputError, match=sentence):
        run("new", name, tmp_path / "book.xlsx", "--venues", venues)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_notes_of_the_most_venues_fit_into_a_formula(tmp_path):
    path = build("funding_table", tmp_path / "funding.xlsx", venues=MOST_VENUES)
    cells = [formula.text for _, _, formula in formula_cells(path)]
    assert max(len(text) for text in cells) < 8192
    assert max(text.count("IF(ISERROR(") for text in cells) < 64
