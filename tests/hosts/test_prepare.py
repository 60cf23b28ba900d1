"""`prepare.py`, which makes the environment before there is one: with stand-ins for Python."""

import io
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from places import ROOT

from xlhedge.windows import prepare

SAID = {  # what Windows programs print in ten languages, in each console's code page
    "de": ("INFORMATION: Es werden keine Aufgaben ausgeführt.", "cp850"),
    "fr": ("INFORMATION : aucune tâche en service ne correspond aux critères spécifiés.", "cp850"),
    "pl": ("INFORMACJA: Brak uruchomionych zadań pasujących do określonych kryteriów.", "cp852"),
    "tr": ("BİLGİ: Belirtilen ölçütlerle eşleşen çalışan görev yok.", "cp857"),
    "ru": ("ИНФОРМАЦИЯ: Задачи, отвечающие заданным критериям, отсутствуют.", "cp866"),
    "el": ("ΠΛΗΡΟΦΟΡΙΕΣ: Δεν εκτελούνται εργασίες.", "cp737"),
    "he": ("מידע: אין משימות פועלות.", "cp862"),
    "ja": ("情報: 指定された条件に一致するタスクは実行されていません。", "cp932"),
    "zh": ("信息: 没有运行的任务匹配指定标准。", "cp936"),
    "ko": ("정보: 지정된 조건에 일치하는 작업이 실행되고 있지 않습니다.", "cp949"),
}
PYTHON = """#!/bin/sh
# A stand-in for a Python on Windows: makes environments that hold a copy of itself.
case "$*" in
  *"-m venv"*) for last; do :; done; [ -z "{broken}" ] || exit 1
    mkdir -p "$last/Scripts"; cp "$0" "$last/Scripts/python.exe" ;;
  *pip.__version__*) echo {pip} ;;
  *"pip install"*) printf '%s\\n' "$*"; cat "{said}" 2>/dev/null; exit {code} ;;
esac
"""


@pytest.fixture
def home(tmp_path):
    return tmp_path / "Ein Ordner für Müller"


def python(folder, *, pip="24.0", broken="", said="", code=0):
    """A stand-in, told what to do."""
    folder.mkdir(exist_ok=True)
    program = folder / "python"
    program.write_text(PYTHON.format(pip=pip, broken=broken, said=said, code=code))
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return str(program)


def make(home, base, *, anew=False):
    console = io.BytesIO()
    log = prepare.Log(home / "install.log", console)
    try:
        prepare.make_environment(home / "venv", base, anew=anew, log=log)
    finally:
        log.close()
    return console.getvalue().decode()


def test_an_environment_is_made_once_marked_and_left_in_place(home, tmp_path):
    base = python(tmp_path / "base")
    assert "Making" in make(home, base)
    assert prepare.is_ours(home / "venv")
    (home / "venv" / "kept").touch()
    assert "is in place" in make(home, base)
    assert (home / "venv" / "kept").exists()


def test_repair_makes_it_anew_and_leaves_nothing_of_the_old(home, tmp_path):
    base = python(tmp_path / "base")
    make(home, base)
    (home / "venv" / "old").touch()
    make(home, base, anew=True)
    assert not (home / "venv" / "old").exists()
    assert sorted(item.name for item in home.iterdir()) == ["install.log", "venv"]


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("content", ["Scripts/python.exe", "notes.txt"])
def test_an_environment_that_the_user_made_is_refused_and_untouched(home, tmp_path, anew, content):
    theirs = home / "venv" / content
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    with pytest.raises(prepare.Refusal, match="not made by xlhedge") as refused:
        make(home, python(tmp_path / "base"), anew=anew)
    assert refused.value.code == prepare.NOT_OURS
    assert theirs.read_text() == "mine"
    assert [item.name for item in (home / "venv").iterdir()] == [Path(content).parts[0]]


def test_one_whose_base_python_is_gone_is_made_anew(home, tmp_path):
    make(home, python(tmp_path / "base"))
    (home / "venv/Scripts/python.exe").write_text("#!/no/such/program\n")
    assert "Making" in make(home, python(tmp_path / "other"))
    assert prepare.pip_version(home / "venv/Scripts/python.exe") == (24, 0)


def test_a_python_that_makes_none_is_named_and_the_old_one_comes_back(home, tmp_path):
    make(home, python(tmp_path / "base"))
    (home / "venv" / "old").touch()
    with pytest.raises(prepare.Refusal, match="cannot make an environment") as refused:
        make(home, python(tmp_path / "bad", broken="yes"), anew=True)
    assert refused.value.code == prepare.NO_PYTHON
    assert (home / "venv" / "old").exists()
    assert sorted(item.name for item in home.iterdir()) == ["install.log", "venv"]


def test_one_that_is_in_use_is_not_called_a_missing_python(home, tmp_path, monkeypatch):
    make(home, python(tmp_path / "base"))

    def in_use(self, target):
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "rename", in_use)
    with pytest.raises(prepare.Refusal, match=r"is in use .* end pythonw.exe") as refused:
        make(home, python(tmp_path / "base"), anew=True)
    assert refused.value.code == prepare.FAILED
    assert prepare.pip_version(home / "venv/Scripts/python.exe")


def installed(home, base, *more):
    """Exit code, what the console got and what the log holds, after the whole of it."""
    console = io.BytesIO()
    arguments = ["--home", str(home), "--lock", "lock.txt", "--wheel", "xlhedge.whl"]
    kept, sys.executable = sys.executable, base
    try:
        log = home / "Logs" / "install.log"
        code = prepare.main([*arguments, "--log", str(log), *more], console)
    finally:
        sys.executable = kept
    return code, console.getvalue(), log.read_bytes()


@pytest.mark.parametrize("language", SAID)
def test_what_pip_says_stands_in_the_log_byte_for_byte_in_every_language(home, tmp_path, language):
    sentence, page = SAID[language]
    said = tmp_path / "said"
    said.write_bytes(sentence.encode(page) + b"\r\n")
    code, console, log = installed(home, python(tmp_path / "base", said=said, code=1))
    assert code == prepare.NO_PACKAGES
    assert sentence.encode(page) in console
    assert sentence.encode(page) in log
    assert b"-Wheelhouse" in log


@pytest.mark.parametrize(
    ("pip", "more", "used"),
    [
        ("24.0", [], True),
        ("23.3.1", [], True),
        ("23.2", [], False),
        ("25.1", [], False),
        ("24.0", ["--wheelhouse", "wheels"], False),
    ],
)
def test_pip_is_told_to_trust_windows_certificates_where_it_can_be_and_does_not_by_itself(
    home, tmp_path, pip, more, used
):
    code, console, _ = installed(home, python(tmp_path / "base", pip=pip), *more)
    assert code == prepare.OK
    packages, own = (line for line in console.decode().splitlines() if "pip install" in line)
    assert ("--use-feature=truststore" in packages) == used
    assert ("--no-index --find-links" in packages) == bool(more)
    assert "--require-hashes --requirement lock.txt" in packages
    assert "--only-binary :all:" in packages
    assert own.endswith("--no-index --no-deps --force-reinstall xlhedge.whl")


def test_it_runs_from_within_a_wheel_with_pythons_own_library_alone(tmp_path):
    wheel = tmp_path / "xlhedge-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        for path in ("xlhedge/windows/prepare.py", "xlhedge/__init__.py"):
            package.write(ROOT / path, path)
    # As in install.ps1, but without site-packages.
    start = "import sys; sys.path.insert(0, sys.argv[1]); import prepare; "
    start += "sys.exit(prepare.main(sys.argv[2:]))"
    assert start in " ".join(
        (ROOT / "install.ps1").read_text().replace("' +\n        '", "").split()
    )
    program = [sys.executable, "-I", "-S", "-c", start, str(wheel / "xlhedge/windows")]
    run = subprocess.run([*program, "--help"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "--wheelhouse" in run.stdout
