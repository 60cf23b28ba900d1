"""Fixtures of all tests; what tests import by name lies in tests/helpers and tools."""

import atexit
import gc
import os
import pickle
import re
import shutil
from copy import deepcopy
from functools import cache

import compiled  # noqa: F401  # first, for what the others import
import pytest
from book_helpers import emptied, plain, without_mark
from fake_registry import places, registry
from filelock import FileLock

from xlhedge.hosts.excel import vba, xlam
from xlhedge.recalc import recalculate
from xlhedge.recalc.callbacks import Callbacks
from xlhedge.recalc.embedded import EmbeddedEngine
from xlhedge.templates import TEMPLATES

__all__ = ["places", "registry"]

os.environ.setdefault("SOURCE_DATE_EPOCH", "1735689600")  # what is calculated twice is the same


class Once:
    """The embedded engine, which calculates the first book and gives the same for the next."""

    name = EmbeddedEngine.name
    found = None

    def evaluate(self, package):
        self.found = self.found or EmbeddedEngine().evaluate(package)
        return deepcopy(self.found)


@pytest.fixture(scope="session")
def calculated_templates(tmp_path_factory):
    """Template name to its calculated workbook and the report, each made when first asked for.

    The processes of a parallel run share them. The self-test carries its values, as a program that
    opens it shows them; as it is saved, without them, it lies beside the templates.
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
        written = plain(name, folder / f"{name}.xlsx")
        target = folder / "calculated" / written.name
        target.parent.mkdir(exist_ok=True)
        if name != "self_test":
            return target, recalculate(written, target)
        engine = Once()
        report = recalculate(written, folder / "self_test_as_saved.xlsx", engine=engine)
        recalculate(without_mark(written, folder / "with_values.xlsx"), target, engine=engine)
        return target, report

    return calculated


@pytest.fixture(scope="session")
def empty_templates(calculated_templates, tmp_path_factory):
    """Template name to a copy without inputs, calculated, and the report."""
    folder = tmp_path_factory.mktemp("empty")

    @cache
    def calculated(name):
        source = emptied(calculated_templates(name)[0], folder / f"{name}.xlsx")
        target = folder / f"{name}_calculated.xlsx"
        return target, recalculate(source, target)

    return calculated


@pytest.fixture(scope="session", autouse=True)
def one_add_in():
    """The add-in is built once per process; `xlam.build.__wrapped__` builds it anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlam, "build", cache(xlam.build))
        patch.setattr(vba, "render", cache(vba.render))
        yield


@pytest.fixture(scope="session", autouse=True)
def one_command_line():
    """The command line, which typer builds anew for each command, is built once per process."""
    from typer import main, testing

    with pytest.MonkeyPatch.context() as patch:
        built = cache(main.get_command)
        patch.setattr(main, "get_command", built)
        patch.setattr(testing, "_get_command", built)
        yield


CALLED = re.compile(r"[\w.]+\(")


@pytest.fixture(scope="session", autouse=True)
def formulas_of_xlsxwriter_once():
    """XlsxWriter looks for a hundred function names in each formula; equal ones are alike."""
    from xlsxwriter.worksheet import Worksheet

    prepare = Worksheet._prepare_formula

    @cache
    def prepared(future, formula, expand):
        sheet = Worksheet()
        sheet.use_future_functions = future
        return prepare(sheet, formula, expand)

    def remembered(sheet, formula, expand_future_functions=False):
        options = sheet.use_future_functions, expand_future_functions
        calls = " ".join(sorted(set(CALLED.findall(formula))))
        if prepared(options[0], calls, options[1]) == calls:  # it has no name that it looks for
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")
        return prepared(options[0], formula, options[1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Worksheet, "_prepare_formula", remembered)
        yield


SIMULATED = {"ACCOUNT_BUFFER", "ACCOUNT_PROBABILITY", "VAR_JOINT", "VOL_GARCH"}


@pytest.fixture(scope="session", autouse=True)
def simulations_once():
    """Simulations, long and the same in each recalculation, are kept.

    A function's answer follows from its arguments.
    """
    answered = Callbacks._remembered
    outcomes = {}

    def remembered(self, key, call):
        if key[0] not in SIMULATED:
            return answered(self, key, call)
        if key not in outcomes:
            outcomes[key] = call()
        return outcomes[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Callbacks, "_remembered", remembered)
        yield


@pytest.fixture(scope="session", params=sorted(TEMPLATES))
def calculated(request, calculated_templates):
    """A template with its values, and what the recalculation reported."""
    return calculated_templates(request.param)


@pytest.fixture(scope="session")
def template(calculated):
    """The same template, where its values do not matter."""
    return calculated[0]


TOGETHER = {
    "tests/templates": "books",
    "tests/documents": "sources",
    "tests/documents/test_docs_workbooks.py": "books",
    "tests/market": "market",
    "tests/system": "sources",
    "tests/tools/test_corpus.py": "books",
    "tests/workbook/test_convert.py": "books",
}
"""Files and folders whose tests read or import the same, and so run in one process."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """As --dist=loadfile, which the project sets, but with some files together."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return TOGETHER.get(file) or TOGETHER.get(file.rpartition("/")[0], file)

    return Together(config, log)


BACKWARDS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")[-1] in "13579"
"""Every second process reads files from the last to the first: it finds the other half compiled."""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if BACKWARDS and isinstance(collector, pytest.Session | pytest.Directory):
        report.result.reverse()
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The processes of a parallel run tell each other tests by their place in the list."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: str(item.path))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """The collector looks at nothing while tests are found, and later not at what was found."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(100_000, 20, 20)  # tests leave little; to look for it took a tenth of them
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    """What is left over is looked for once; pytest would do it five times, Python twice more."""
    gc.collect()
    gc.freeze()


if "PYTEST_XDIST_WORKER" in os.environ:  # it leaves without taking apart what it has in memory
    atexit.register(os._exit, 0)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Examples in docstrings are run in the package; tests and their helpers have none."""
    found = yield
    return [one for one in found if type(one) is pytest.Module]


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
