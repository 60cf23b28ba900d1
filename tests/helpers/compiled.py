"""What must be set before the tests import anything else: how modules are kept and XML is read.

PYTHONDONTWRITEBYTECODE is set in many containers; each program that a test starts would compile
all that it imports. What Python compiles is kept beside what pytest keeps, and what pip compiled
is found there too, since Python looks in one place only.
"""

import os
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

from places import ROOT

KEPT = ROOT / ".pytest_cache" / "d" / "compiled"
APART = {"site-packages", "test", "idlelib", "lib2to3"}
"""Folders below the standard library that no test imports from as a part of it."""

os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")  # it reads what the tests wrote
sys.modules["matplotlib"] = None  # xlwings loads it where it is, and we draw nothing


def link(source):
    """Let Python find what was compiled beside the modules of a folder."""
    for folder, below, _ in os.walk(source):
        if "__pycache__" in below:
            there = KEPT / folder.lstrip(os.sep)
            there.mkdir(parents=True, exist_ok=True)
            for file in Path(folder, "__pycache__").glob(f"*.{sys.implementation.cache_tag}.pyc"):
                with suppress(FileExistsError):  # another run began at the same time
                    (there / file.name).symlink_to(file)
        below[:] = set(below) - APART


if os.environ.get("PYTHONDONTWRITEBYTECODE") and os.name != "nt" and os.access(ROOT, os.W_OK):
    del os.environ["PYTHONDONTWRITEBYTECODE"]
    if not KEPT.exists():
        installed = {folder for folder in sys.path if folder.endswith("-packages")}
        for folder in installed | {sysconfig.get_path("stdlib")}:
            link(folder)
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(KEPT)
    sys.dont_write_bytecode = False
