"""Installing, on the genuine Windows Python, in the locales and folders that users have."""

import subprocess

import pytest
from windows import windows_path

from xlhedge.windows import prepare

pytestmark = pytest.mark.wine
ACT = ("-I", "-m", "xlhedge.windows")
HOME = r"C:\users\tester\Müllers Büro\xlhedge"
ASK = (
    "import ctypes, os; from xlhedge.hosts.excel import processes as p; found = p.running();"
    "own = [x for x in found if x.number == os.getpid()];"
    "print(ctypes.WinDLL('kernel32').GetOEMCP(), len(own), own[0].name,"
    " own[0].session == p.own_session(),"
    " any(x.lower().endswith('python.exe') for x in p.programs()), p.code_integrity())"
)
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); import prepare;"
    " sys.exit(prepare.main(sys.argv[2:]))"
)


@pytest.fixture(scope="module")
def locales(tmp_path_factory):
    """Where the C library finds the locales that Debian does not install by itself."""
    folder = tmp_path_factory.mktemp("locales")
    for name in ("de_DE", "tr_TR", "ja_JP"):
        made = ["localedef", "-c", "-i", name, "-f", "UTF-8", str(folder / f"{name}.UTF-8")]
        if subprocess.run(made, capture_output=True, check=False).returncode not in {0, 1}:
            pytest.skip("localedef makes no locale: on Debian, install the package locales")
    return folder


@pytest.mark.parametrize(("locale", "page"), [("de_DE", "850"), ("tr_TR", "857"), ("ja_JP", "932")])
def test_in_every_language_processes_are_listed_and_the_add_in_is_installed(
    windows, locales, locale, page
):
    language = {"LOCPATH": str(locales), "LC_ALL": f"{locale}.UTF-8", "LANG": f"{locale}.UTF-8"}
    windows.stop()  # a running wineserver keeps the language that it was started in
    code, told = windows.run("-I", "-c", ASK, **language)
    assert code == 0, told
    assert told.split() == [page, "1", "python.exe", "True", "True", "1"]  # wine: drivers alone
    for action in ("install", "repair", "uninstall"):
        code, output = windows.run(*ACT, action, "--home", HOME, **language)
        assert code == 0, output
    windows.stop()


def test_excel_that_runs_in_this_session_is_in_the_way(windows):
    program = windows.python / "EXCEL.EXE"
    program.write_bytes((windows.python / "python.exe").read_bytes())
    running = subprocess.Popen(
        ["wine", str(program), "-c", "print(1, flush=True); input()"],
        env=windows.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        running.stdout.readline()
        code, output = windows.run(*ACT, "install", "--home", HOME)
        assert (code, output.strip()) == (4, "Excel is running: close it and try again")
    finally:
        running.communicate(b"\n", timeout=60)
        program.unlink()
    assert windows.run(*ACT, "uninstall", "--home", HOME)[0] == 0


def prepared(windows, home, *more):
    """Exit code and output of `prepare.py` there."""
    place = windows_path(windows.site / "xlhedge" / "windows")
    options = ["--home", home, "--lock", r"C:\lock.txt", "--wheel", r"C:\xlhedge.whl", *more]
    return windows.run("-I", "-c", START, place, *options)


def test_an_environment_of_the_users_own_is_refused(windows, tmp_path):
    theirs = tmp_path / "Ein Büro" / "venv"
    theirs.mkdir(parents=True)
    (theirs / "mine.txt").write_text("mine")
    for more in ([], ["--anew"]):
        code, output = prepared(windows, windows_path(theirs.parent), *more)
        assert code == prepare.NOT_OURS, output
        assert "not made by xlhedge" in output
        assert [item.name for item in theirs.iterdir()] == ["mine.txt"]


def test_an_environment_whose_python_is_gone_is_replaced_or_comes_back(windows, tmp_path):
    ours = tmp_path / "Ein Büro" / "venv"
    (ours / "Scripts").mkdir(parents=True)
    (ours / prepare.MARKER).write_text("ours")
    log = tmp_path / "install.log"
    code, output = prepared(windows, windows_path(ours.parent), "--log", windows_path(log))
    # The embedded Python of these tests has no venv, so there it is as before.
    assert code in {prepare.NO_PYTHON, prepare.NO_PACKAGES}, output
    assert prepare.is_ours(ours)
    assert not ours.with_name("venv-replaced").exists()
    assert "Making" in output
    assert b"Making" in log.read_bytes()
