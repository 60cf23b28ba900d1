"""Mutation testing: would the tests notice if a line of the formulas were wrong?

    python tools/mutation/mutate.py [--count 500] [--seed 9] [--log FILE] [--again FILE]
        [--only MODULE]

Each mutant lives in the memory of its own process: a child is forked from a parent that has the
libraries loaded, an import hook gives it the changed source, and it runs the tests of that module
until the first failure. No file is touched. A child that computes for longer than its limit counts
as noticed: so would a test run that never ends. `--again` tries the survivors of an earlier log.
"""

import argparse
import importlib
import importlib.machinery
import json
import os
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import hypothesis
import pytest
from mutants import GENERAL, ROOT, TESTS, Mutant, mutated, path_of, sample, source_of

SECONDS = 40
"""Processor time of one mutant; the tests of any module take less than half of it."""

QUICK = "not (ten_thousand or joint or adf or GARCH or FILTERED or BASIS_STATS)"
"""Left out: slow cases of general tests that say nothing more about these modules."""

WARNING = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"

LIBRARIES = (
    "numpy", "scipy.stats", "scipy.optimize", "pandas", "lxml.etree", "openpyxl", "xlsxwriter",
    "docstring_parser", "typer", "rich", "formualizer", "platformdirs", "filelock", "arch",
    "statsmodels.tsa.stattools", "mpmath",
)  # fmt: skip


class Changed:
    """Gives one module from a text instead of its file."""

    def __init__(self, module, source):
        self.module, self.source = module, source

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin=str(path_of(name)))
        spec.has_location = True
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        with warnings.catch_warnings(action="ignore"):  # `x is 5` is a mutant as good as others
            code = compile(self.source, str(path_of(self.module)), "exec")
        exec(code, module.__dict__)  # noqa: S102 - this is what a loader does


class FirstFailure:
    """Writes down which test failed first."""

    def __init__(self, file):
        self.file = file

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.file.write(report.nodeid + "\n")
            self.file.flush()

    def pytest_collectreport(self, report):
        if report.failed:
            self.file.write(f"{report.nodeid} (import)\n")
            self.file.flush()


def run_tests(module, source, files, output):
    """In the child: tests with the changed source; the exit code is pytest's."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    os.setsid()
    out = os.open(os.devnull, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, Changed(module, source))
    # Now, since pytest would load a file that it is given by a way of its own.
    if importlib.import_module(module).__loader__.source != source:
        raise RuntimeError(f"{module} was not changed")
    plugins = ["cacheprovider", "randomly"]  # xdist stays: the options of pyproject.toml name it
    options = [word for name in plugins for word in ("-p", f"no:{name}")]
    with tempfile.TemporaryDirectory() as folder:
        options += ["--noconftest", "-k", QUICK, "-W", WARNING, "--basetemp", f"{folder}/pytest"]
        words = ["-x", "-q", "--tb=no", *options, *files]
        code = pytest.main(words, plugins=[FirstFailure(output)])
    os._exit(int(code))


def verdict(module, source):
    """Exit code or signal, the test that failed first, and the seconds it took."""
    code, first, seconds = stage(module, source, [str(path_of(module)), *TESTS[module]])
    if code == 0 and module in GENERAL:
        code, first, more = stage(module, source, GENERAL[module])
        seconds += more
    return code, first, seconds


def stage(module, source, files):
    """The verdict of some tests."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            try:
                run_tests(module, source, files, output)
            except BaseException as error:
                output.write(f"import: {error!r}\n")
                output.flush()
                os._exit(99 if isinstance(error, RuntimeError) else 1)
        status = wait(child, started + 20 * SECONDS)
        output.seek(0)
        first = output.readline().strip()
    code = os.waitstatus_to_exitcode(status)
    return code, first or ("" if code == 0 else "(import)"), time.monotonic() - started


def wait(child, until):
    """The child's status; one that sleeps for ever is ended."""
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def judged(code):
    if code == 0:
        return "survived"
    if code < 0:
        return "timeout" if -code in {signal.SIGXCPU, signal.SIGKILL} else "crashed"
    return "killed" if code in {1, 2, 4} else "unclear"


def prepare():
    """Load what no mutant changes, and keep hypothesis from shrinking what only must fail."""
    os.chdir(ROOT)
    for name in LIBRARIES:
        importlib.import_module(name)
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", phases=phases, database=None, derandomize=True)
    hypothesis.settings.load_profile("mutants")
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["XLHEDGE_EXAMPLES"] = "many"


def sound(modules):
    """Without any change the tests pass: else nothing would follow from a failure."""
    for module in modules:
        code, first, seconds = verdict(module, source_of(module))
        print(f"{module}: unchanged {judged(code)} in {seconds:.1f} s {first}", flush=True)
        if code != 0:
            sys.exit(f"{module}: the tests fail without a mutant, or cannot run ({code}, {first})")


def shown(mutant, source):
    """The changed lines, before and after."""
    before, after = source_of(mutant.module).splitlines(), source.splitlines()
    pairs = [(b.strip(), a.strip()) for b, a in zip(before, after, strict=False) if b != a]
    return pairs[0] if pairs else ("", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--again", type=Path, help="a log: only its survivors are tried")
    parser.add_argument("--only", default="", help="only mutants of modules named so")
    options = parser.parse_args()
    prepare()
    if options.again:
        rows = [json.loads(line) for line in options.again.read_text().splitlines()]
        rows = [row["mutant"] for row in rows if row["verdict"] == "survived"]
        chosen = [Mutant(**row) for row in rows]
    else:
        chosen = sample(TESTS, options.count, options.seed)
    chosen = [mutant for mutant in chosen if options.only in mutant.module]
    sound(dict.fromkeys(mutant.module for mutant in chosen))
    counts, started = Counter(), time.monotonic()
    log = options.log.open("w") if options.log else None
    for number, mutant in enumerate(chosen, 1):
        source = mutated(mutant)
        code, first, seconds = verdict(mutant.module, source)
        counts[judged(code)] += 1
        row = {"mutant": asdict(mutant), "verdict": judged(code), "first": first}
        row |= {"seconds": round(seconds, 1), "change": shown(mutant, source)}
        if log:
            log.write(json.dumps(row) + "\n")
            log.flush()
        if judged(code) not in {"killed", "timeout"}:
            before, after = row["change"]
            print(f"{number} {judged(code)}: {mutant}\n  - {before}\n  + {after}", flush=True)
    minutes = (time.monotonic() - started) / 60
    print(f"{len(chosen)} mutants in {minutes:.0f} minutes: {dict(counts)}")
    print(f"survivors: {100 * counts['survived'] / max(len(chosen), 1):.1f} %")


if __name__ == "__main__":
    main()
