"""Lets the tests under wine share the helpers of the others."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "stubs"))
sys.path.insert(0, str(Path(__file__).parent.parent / "helpers"))
from windows import PIP, Windows

collect_ignore = ["excel_client.py", "wine_ucrt.py"]  # programs
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True)
    return next(folder.glob("xlhedge-*.whl"))


@pytest.fixture(scope="session")
def windows(wheel):
    made = Windows()
    made.make(wheel)
    yield made
    made.stop()
