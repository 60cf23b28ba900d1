"""Fixtures of all tests; what tests import by name lies in tests/helpers and tools."""

import io
import os
import pickle
import re
import shutil
import zipfile
from functools import cache

import pytest
from fake_registry import places, registry
from filelock import FileLock

from xlhedge.recalc import recalculate
from xlhedge.templates import TEMPLATES, build

__all__ = ["places", "registry"]

os.environ.setdefault("SOURCE_DATE_EPOCH", "1735689600")  # what is calculated twice is the same


def without_mark(content):
    """The self-test as a workbook that carries values, which it does not by itself."""
    mark = rb'<definedName name="xlhedge_not_calculated">[^<]*</definedName>'
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w") as new:
        for part in old.namelist():
            new.writestr(part, re.sub(mark, b"", old.read(part)))
    return output.getvalue()


@pytest.fixture(scope="session")
def calculated_templates(tmp_path_factory):
    """Template name to its calculated workbook and the report, each made when first asked for.

    The processes of a parallel run share them.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "templates"
    folder.mkdir(exist_ok=True)

    @cache
    def calculated(name):
        kept = folder / f"{name}.pickle"
        with FileLock(folder / f"{name}.lock"):
            if not kept.exists():
                kept.write_bytes(pickle.dumps(calculate(name)))
        return pickle.loads(kept.read_bytes())  # noqa: S301  # our own bytes

    def calculate(name):
        plain = build(name, folder / f"{name}.xlsx")
        source = plain
        if name == "self_test":  # as a program that opens it sees it
            source = folder / "with_values.xlsx"
            source.write_bytes(without_mark(plain.read_bytes()))
        target = folder / "calculated" / plain.name
        target.parent.mkdir(exist_ok=True)
        return target, recalculate(source, target)

    return calculated


@pytest.fixture(scope="session", autouse=True)
def one_command_line():
    """The command line, which typer builds anew for each command, is built once per process."""
    from typer import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "get_command", cache(main.get_command))
        yield


@pytest.fixture(scope="session", params=sorted(TEMPLATES))
def calculated(request, calculated_templates):
    """A template with its values, and what the recalculation reported."""
    return calculated_templates(request.param)


@pytest.fixture(scope="session")
def template(calculated):
    """The same template as it was written, without values."""
    path = calculated[0]
    return path.parents[1] / path.name


def pytest_runtest_setup(item):
    """Tests that need LibreOffice, a browser or wine say in a sentence why they do not run."""
    if item.get_closest_marker("calc"):
        from calc_helpers import missing

        if missing():
            pytest.skip(missing())
    if item.get_closest_marker("browser"):
        from office_host import missing as lacking

        if lacking():
            pytest.skip(lacking())
    if item.get_closest_marker("wine") and shutil.which("wine") is None:
        pytest.skip("wine was not found: on Debian, install the packages wine and wine64")
