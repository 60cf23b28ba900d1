"""`.ci/run` on a machine that it never saw: the mirror it uses, and what a failure says."""

import shutil
import subprocess

import pytest
from places import ROOT

SCRIPT = ROOT / ".ci" / "packages.sh"

pytestmark = pytest.mark.skipif(
    not (SCRIPT.exists() and shutil.which("bash") and shutil.which("awk")),
    reason="the script that checks a fresh machine is not here, or nothing can run it",
)

STANZAS = """\
Types: deb
# http://old.example/debian
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""
LINE = "deb [signed-by=/usr/k.gpg arch=amd64] https://lines.example/debian/ bookworm main\n"
BACKPORTS = "deb http://lines.example/debian bookworm-backports main contrib\n"


@pytest.fixture
def sources(tmp_path):
    """Writes files of sources into an apt folder of their own, and gives the folder."""

    def write(files):
        folder = tmp_path / "apt"
        (folder / "sources.list.d").mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        return folder

    return write


def shell(command, *arguments):
    line = f'set -euo pipefail; . "$0"; {command} "$@"'
    return subprocess.run(
        ["bash", "-c", line, SCRIPT, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def mirror(folder, suite="bookworm"):
    done = shell("mirror_of", folder, suite)
    assert done.stderr == ""
    assert done.returncode == (0 if done.stdout else 1)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"sources.list.d/debian.sources": STANZAS}, "http://mirror.example/debian"),
        ({"sources.list": LINE}, "https://lines.example/debian"),
        ({"sources.list.d/debian.list": LINE}, "https://lines.example/debian"),
        (
            {"sources.list": LINE, "sources.list.d/debian.sources": STANZAS},
            "https://lines.example/debian",
        ),
        ({}, ""),
        ({"sources.list": "", "sources.list.d/empty.sources": ""}, ""),
        (
            {"sources.list.d/debian.sources.disabled": STANZAS, "sources.list.d/a.list.save": LINE},
            "",
        ),
        ({"sources.list.d/debian.sources": STANZAS.replace("Types", "Enabled: no\nTypes", 1)}, ""),
        ({"sources.list": "# " + LINE}, ""),
        ({"sources.list": LINE.replace("deb ", "deb-src ", 1)}, ""),
        ({"sources.list": "deb cdrom:[Debian 12]/ bookworm main\n"}, ""),
        ({"sources.list": LINE.replace("bookworm", "trixie")}, ""),
        (
            {
                "sources.list": "deb https://shop.example/prod bookworm main\n",
                "sources.list.d/debian.sources": STANZAS,
            },
            "http://mirror.example/debian",
        ),
        (
            {"sources.list": "deb https://cache.example/deb-remote bookworm main # ours\n"},
            "https://cache.example/deb-remote",
        ),
        (
            {
                "sources.list.d/debian.sources": (
                    "types: deb deb-src\r\nuris:\r\n cdrom:[x]/\r\n http://far.example/debian/\r\n"
                    "suites: bookworm-updates\r\n bookworm\r\ncomponents: non-free main\r\n"
                )
            },
            "http://far.example/debian",
        ),
    ],
    ids=[
        "only deb822",
        "only sources.list",
        "only one-line files",
        "both",
        "neither",
        "empty files",
        "disabled by name",
        "disabled by field",
        "disabled by a comment",
        "only source packages",
        "only a disc",
        "another release",
        "another shop with Debian's suite",
        "a cache under another name",
        "deb822 with continued lines, any case and Windows line ends",
    ],
)
def test_the_mirror_is_the_one_that_apt_uses_already(sources, files, expected):
    assert mirror(sources(files)) == expected


def test_a_folder_that_is_not_there_has_no_mirror(tmp_path):
    assert mirror(tmp_path / "nothing") == ""


def test_backports_come_from_the_same_mirror_and_are_added_once(sources):
    folder = sources({"sources.list.d/debian.sources": STANZAS})
    for _ in range(2):
        assert shell("add_backports", folder, "bookworm").returncode == 0
        assert mirror(folder, "bookworm-backports") == "http://mirror.example/debian"
    added = {file.name for file in (folder / "sources.list.d").iterdir()}
    assert added == {"debian.sources", "bookworm-backports.list"}


def test_backports_that_are_there_stay_and_disabled_ones_do_not_count(sources):
    folder = sources({"sources.list": LINE + BACKPORTS})
    assert shell("add_backports", folder, "bookworm").returncode == 0
    assert not list((folder / "sources.list.d").iterdir())
    folder = sources({"sources.list": LINE, "sources.list.d/old.list.disabled": BACKPORTS})
    assert shell("add_backports", folder, "bookworm").returncode == 0
    assert (folder / "sources.list.d" / "bookworm-backports.list").exists()


def test_without_a_mirror_nothing_is_added_and_the_caller_learns_it(sources):
    folder = sources({})
    assert shell("add_backports", folder, "bookworm").returncode == 1
    assert not list((folder / "sources.list.d").iterdir())


def test_a_step_that_fails_is_named(tmp_path):
    """The script itself, over a README whose test command fails; no package is asked for."""
    for name in ("run", "packages.sh"):
        (tmp_path / ".ci").mkdir(exist_ok=True)
        shutil.copy(SCRIPT.with_name(name), tmp_path / ".ci" / name)
    (tmp_path / "README.md").write_text("<!-- test -->\n```sh\nfalse\n```\n", encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("bash", "dirname", "sed", "grep"):
        (programs / program).symlink_to(shutil.which(program))
    done = subprocess.run(
        [shutil.which("bash"), ".ci/run"],
        cwd=tmp_path,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "== FAILED in the step: the README's test command"


def test_no_host_is_named():
    for name in ("run", "packages.sh"):
        text = SCRIPT.with_name(name).read_text(encoding="utf-8")
        assert "://" not in text.replace("^https?:", "")
