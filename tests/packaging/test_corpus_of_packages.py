"""Workbooks that packages ship, recalculated: a small sample of the corpus in docs/engines.md."""

import subprocess
import sys
import tarfile

import pytest
from places import ROOT

pytestmark = pytest.mark.packages
SHIPPING = ("xlcalculator", "0.5.0")


@pytest.fixture(scope="session")
def workbooks(tmp_path_factory):
    """A package's source archive, unpacked: 66 workbooks, 55 of them with formulas by Excel."""
    folder = tmp_path_factory.mktemp("shipped")
    name, version = SHIPPING
    words = ["--no-deps", "--no-binary", name, "--dest", str(folder), f"{name}=={version}"]
    subprocess.run([sys.executable, "-m", "pip", "-q", "download", *words], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_every_cell_of_workbooks_that_a_package_ships_is_equal(workbooks):
    run = subprocess.run(
        [sys.executable, "tools/corpus.py", str(workbooks)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    files, agreement, *rest = run.stdout.splitlines()
    assert files == "66 files, 55 with formulas saved by Excel: {'equal': 3312}"
    assert agreement == "equal: 100.00% of 3312 comparable cells"
    assert [line for line in rest if not line.startswith("slowest")] == []
