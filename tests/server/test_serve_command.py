"""The options of `xlhedge serve`: what is written, what is refused, before anything listens."""

import os
import stat
from pathlib import Path

import pytest
from asgi import ask
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.errors import FileError, InputError
from xlhedge.server import certificates, run, trust

TEAM = (
    "--team", "--public-url", "https://xlhedge.test", "--issuer", "https://login.test/tenant",
    "--audience", "xlhedge",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(certificates, "folder", lambda: tmp_path / "own")
    monkeypatch.setattr(run, "_run", lambda *_: pytest.fail("it listens"))
    return tmp_path / "own"


def serve(*words):
    """What the command says; a refusal is raised, as the command line prints it."""
    result = CliRunner().invoke(app, ["serve", *map(str, words)])
    if isinstance(result.exception, (FileError, InputError)):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_the_manifest_is_written_once_for_the_user_alone_with_the_token(tmp_path, own_folder):
    file = tmp_path / "xlhedge.xml"
    assert serve("--port", 9000, "--manifest", file) == f"written: {file}\n"
    text = file.read_text()
    token = (own_folder / "token").read_text()
    assert f"https://localhost:9000/pane.html#token={token}" in text
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileError, match="exists already"):
        serve("--manifest", file)
    assert file.read_text() == text
    with pytest.raises(FileError, match="does not exist"):
        serve("--manifest", tmp_path / "nowhere" / "x.xml")


def test_a_teams_manifest_holds_no_secret_and_nothing_is_kept(tmp_path, own_folder):
    file = tmp_path / "team.xml"
    serve(*TEAM, "--manifest", file)
    text = file.read_text()
    assert "https://xlhedge.test/pane.html" in text
    assert "token" not in text
    assert "<AppDomain>https://login.test</AppDomain>" in text
    assert not own_folder.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--team"], "--team needs --public-url, --issuer, --audience"),
        (["--issuer", "https://a"], "--issuer needs --team"),
        (["--host", "0.0.0.0"], "--host needs --team"),  # noqa: S104
        *(
            ([*TEAM[:2], address, *TEAM[3:]], "an address such as https://xlhedge.company.com")
            for address in (
                "http://xlhedge.test",
                "https://",
                "https://user:word@xlhedge.test",
                "https://xlhedge.test:abc",
                "https://xlhedge.test:99999",
                "https://a b",
                'https://a"b.test',
                "https://a&b.test",
                "https://[::1",
                "https://bücher.test",
            )
        ),
        ([*TEAM[:2], "https://xlhedge.test/path", *TEAM[3:]], "needs https://xlhedge.test for its"),
        ([*TEAM[:2], "https://xlhedge.test/?a", *TEAM[3:]], "needs https://xlhedge.test for its"),
    ],
)
def test_what_does_not_fit_together_is_one_line(words, said, tmp_path):
    with pytest.raises(InputError, match=said):
        serve(*words, "--manifest", tmp_path / "x.xml")


@pytest.mark.parametrize("issuer", ["http://login.test", "https://[::1", "https://a b"])
def test_an_issuer_that_is_no_address_is_one_line_also_without_a_manifest(issuer):
    with pytest.raises(InputError, match="an address such as"):
        serve(*TEAM[:4], issuer, *TEAM[5:])


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://XLHEDGE.test:443/", "https://xlhedge.test"),
        ("https://xlhedge.test:8443", "https://xlhedge.test:8443"),
        ("https://[2001:DB8::7]:443", "https://[2001:db8::7]"),
    ],
)
def test_a_public_address_is_written_as_browsers_send_it(address, origin, tmp_path):
    file = tmp_path / "team.xml"
    serve(*TEAM[:2], address, *TEAM[3:], "--manifest", file)
    assert f'DefaultValue="{origin}/pane.html"' in file.read_text()


def test_the_port_of_https_is_left_out_as_browsers_do(monkeypatch, tmp_path):
    file = tmp_path / "xlhedge.xml"
    serve("--port", 443, "--manifest", file)
    assert 'DefaultValue="https://localhost/functions.json"' in file.read_text()
    guards = []
    monkeypatch.setattr(run, "_run", lambda guard, *_: guards.append(guard))
    serve("--port", 443)
    for host in ("localhost", "localhost:443", "127.0.0.1"):
        assert ask(guards[0], "/pane.html", headers={"host": host})[0] == 200
    assert ask(guards[0], "/pane.html", headers={"host": "localhost:444"})[0] == 421


def test_trust_and_distrust_change_the_users_store_and_stop(monkeypatch, own_folder):
    changed = []
    monkeypatch.setattr(trust, "add", lambda file: changed.append(file) or "trusted")
    monkeypatch.setattr(trust, "remove", lambda file: changed.append(file) or "not trusted")
    assert serve("--trust") == "trusted\n"
    assert serve("--distrust") == "not trusted\n"
    assert changed == [own_folder / "authority.pem"] * 2


def test_what_was_never_made_is_not_made_to_be_distrusted(monkeypatch, own_folder):
    monkeypatch.setattr(trust, "remove", lambda _: "not trusted")
    serve("--distrust")
    assert not own_folder.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--trust", "--distrust"], ["--trust", "--manifest", "x.xml"],
        ["--distrust", "--manifest", "x.xml"], [*TEAM, "--trust"], [*TEAM, "--distrust"],
    ],
)  # fmt: skip
def test_of_two_things_that_stop_neither_is_done(monkeypatch, own_folder, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="do not go together: one at a time"):
        serve(*words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e9", "0"])
def test_a_time_that_no_browser_could_wait_is_refused(seconds):
    result = CliRunner().invoke(app, ["serve", "--seconds", seconds])
    assert (result.exit_code, "--seconds" in result.output) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="rights are those of POSIX")
def test_nobody_else_can_read_the_manifest_while_it_is_written(monkeypatch, tmp_path):
    modes = []
    replace = os.replace

    def seen(temporary, target):
        modes.append(stat.S_IMODE(Path(temporary).stat().st_mode))
        replace(temporary, target)

    monkeypatch.setattr(os, "replace", seen)
    serve("--manifest", tmp_path / "x.xml")
    assert modes[-1] == 0o600
