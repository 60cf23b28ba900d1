"""A fake Excel: calls xlwings' real COM-side code in a process of its own, on Linux.

    with Excel() as excel:
        excel.call("LIQ_PRICE", -1.0, Range([[70000.0]]), MISSING)

What is real: `xlwings.com_server.XLPython.CallUDF`, `xlwings.udfs`, xlwings' converters and VBA
generator, `xlhedge.udfs`. What is fake: COM, Excel and pywin32 (see `fake_pywin32`).
"""

import datetime as dt
import io
import os
import pickle
import subprocess
import sys
import traceback
import types
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MISSING = -2147352572
SCODES = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#SPILL!": -2146826243,
    "#CALC!": -2146826238,
}


@dataclass
class Range:
    """An argument that is an Excel Range; a tuple of tuples is an array of plain values."""

    rows: list


class Excel:
    """The process, as a context manager; `python` is the interpreter that has xlhedge."""

    def __init__(self, python=sys.executable, variables=None):
        self.python = python
        self.environment = os.environ | (variables or {})

    def __enter__(self):
        code = (
            f"import sys; sys.path.insert(0, {str(HERE)!r}); import fake_excel; fake_excel.serve()"
        )
        self.process = subprocess.Popen(
            [self.python, "-c", code],
            env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)

    def ask(self, operation, *arguments):
        pickle.dump((operation, arguments), self.process.stdin)
        self.process.stdin.flush()
        answered, content = pickle.load(self.process.stdout)  # noqa: S301
        if not answered:
            raise AssertionError(content)
        return content

    def call(self, name, *arguments):
        """What `XLPy.CallUDF("xlhedge.udfs", name, Array(...))` gives."""
        return self.ask("call", name, *arguments)


def serve():
    """Answer until the other side closes."""
    import fake_pywin32

    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    fake_pywin32.install()
    from xlwings.com_server import XLPython

    server = XLPython()

    def call(name, *arguments):
        return server.CallUDF("xlhedge.udfs", name, tuple(map(as_com, arguments)))

    def as_com(value):
        if isinstance(value, Range):
            return fake_pywin32.Range(tuple(tuple(map(as_com, row)) for row in value.rows))
        if isinstance(value, dt.datetime):
            return fake_pywin32.Time(*value.timetuple()[:6], tzinfo=dt.UTC)
        if isinstance(value, tuple):
            return tuple(map(as_com, value))
        return value

    operations = {"call": call, "generate": generate, "loaded": loaded}
    while True:
        try:
            operation, arguments = pickle.load(source)  # noqa: S301
        except EOFError:
            return
        try:
            reply = True, operations[operation](*arguments)
        except Exception:
            reply = False, traceback.format_exc()
        pickle.dump(reply, target)
        target.flush()


def generate():
    """The wrappers that xlwings' own generator writes for `xlhedge.udfs`."""
    from xlwings import udfs

    import xlhedge.udfs

    text = io.StringIO()
    book = types.SimpleNamespace(Name="xlhedge.xlam")
    udfs.generate_vba_wrapper("xlhedge.udfs", xlhedge.udfs, text, book)
    return text.getvalue()


def loaded():
    """Which of our modules, and which heavy ones, are imported with the functions."""
    import xlhedge.udfs  # noqa: F401

    heavy = ("docstring_parser", "scipy", "statsmodels", "arch", "xlhedge.core")
    return sorted(name for name in sys.modules if name.startswith(heavy))
