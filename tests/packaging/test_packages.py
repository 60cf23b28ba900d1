"""What is built and what each extra installs, in environments of their own.

`XLHEDGE_DIST` names a folder with a wheel and a source archive that are built already.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from places import ROOT

from xlhedge.catalog import CATALOG

pytestmark = pytest.mark.packages
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def run(*command, check=True, **options):
    done = subprocess.run(
        list(map(str, command)), check=False, capture_output=True, text=True, **options
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of the wheel and the source archive."""
    if os.environ.get("XLHEDGE_DIST"):
        return ROOT / os.environ["XLHEDGE_DIST"]
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="session")
def wheel(built):
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture
def environment(tmp_path, wheel):
    """Makes a fresh environment with the wheel and some of its extras; gives its Python."""

    def make(extras):
        folder = tmp_path / "environment"
        run(UV, "venv", "--python", sys.executable, folder)
        python = folder / "bin" / "python"
        wanted = f"{wheel}[{extras}]" if extras else str(wheel)
        run(UV, "pip", "install", "--python", python, wanted)
        return python

    return make


def test_the_wheel_holds_the_package_its_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"xlhedge", next(top for top in tops if top.endswith(".dist-info"))}
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "xlhedge").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    ready = {f"xlhedge/templates/ready/{p.name}" for p in (ROOT / "workbooks").glob("*.xlsx")}
    packed = {name for name in names if name.startswith("xlhedge/")}
    assert packed == ours | ready


def test_the_source_archive_is_what_the_tests_need(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = ("pyproject.toml", "README.md", "udfs.bas", "install.ps1", "LICENSE", "CHANGELOG.md")
    assert names.issuperset(needed)
    assert {"tests/conftest.py", "xlhedge/py.typed", "workbooks/hedge_desk.xlsx"} <= names


CALLS = {
    "": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "stats": ("VOL_GARCH", "[[100 + i % 7 + i % 11 / 3] for i in range(300)]", None),
    "workbooks": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "cli": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "files": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "sql": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "market": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "report": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "server": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
    "all": ("LIQ_PRICE", "-1, 70000, 7000, 0.005", "76616.91542288558"),
}


@pytest.mark.parametrize("extras", CALLS)
def test_an_extra_is_installed_and_works_alone(environment, extras, tmp_path):
    python = environment(extras)
    name, cells, want = CALLS[extras]
    got = run(python, "-I", "-c", f"import xlhedge; print(xlhedge.call({name!r}, {cells}))").stdout
    assert got.strip() == want if want else float(got) > 0
    helped = run(python, "-I", "-m", "xlhedge", "--help", check=False, cwd=tmp_path)
    if extras in {"cli", "files", "sql", "market", "report", "server", "all"}:
        assert helped.returncode == 0
        assert "recalc" in helped.stdout
    else:
        said = 'xlhedge: this needs the library typer: pip install "xlhedge[cli]"\n'
        assert (helped.returncode, helped.stderr) == (2, said)


def test_in_the_base_every_function_answers_or_names_the_extra_that_it_needs(environment):
    """With no argument each says that one is missing; what needs a library says which."""
    python = environment("")
    code = (
        "from xlhedge.catalog import CATALOG, explain\n"
        "print(len([explain(name) for name in CATALOG]))\n"
        "prices = [[100.0 + i % 7 + i % 11 / 3] for i in range(300)]\n"
        "print(explain('VOL_GARCH', prices))\n"
        "print(explain('ADF_TEST', prices))\n"
    )
    lines = run(python, "-I", "-c", code).stdout.splitlines()
    assert lines[0] == str(len(CATALOG))
    for line, library in zip(lines[1:], ("arch", "statsmodels"), strict=True):
        assert "#N/A" in line
        assert f'{library}: pip install "xlhedge[stats]"' in line


@pytest.mark.parametrize("extras", ["cli", "report"])
def test_a_page_is_printed_with_its_extra_alone_and_without_it_the_cure_is_named(
    environment, extras, tmp_path
):
    python = environment(extras)
    desk = ROOT / "workbooks" / "hedge_desk.xlsx"
    words = ("report", desk, "-o", tmp_path / "desk.pdf")
    done = run(python, "-I", "-m", "xlhedge", *words, check=False, cwd=tmp_path)
    if extras == "report":
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "desk.pdf").read_bytes().startswith(b"%PDF-")
    else:
        said = 'xlhedge: this needs the library reportlab: pip install "xlhedge[report]"\n'
        assert (done.returncode, done.stderr) == (2, said)
