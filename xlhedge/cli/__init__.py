"""The command line."""

from __future__ import annotations

import contextlib
import os
import sys
from io import TextIOWrapper

import typer

from xlhedge import __version__
from xlhedge.cli import batch as batching
from xlhedge.cli import build, functions
from xlhedge.cli import convert as converting
from xlhedge.cli import doctor as doctoring
from xlhedge.cli import fetch as fetching
from xlhedge.cli import fill as filling
from xlhedge.cli import history as joining
from xlhedge.cli import libreoffice as spreadsheets
from xlhedge.cli import recalc as recalculation
from xlhedge.cli import refresh as refreshing
from xlhedge.cli import report as reporting
from xlhedge.cli import serve as serving
from xlhedge.cli import set as setting
from xlhedge.cli import show as showing
from xlhedge.cli import templates as desks
from xlhedge.errors import HedgeError
from xlhedge.extras import missing
from xlhedge.system.files import sentence

app = typer.Typer(
    name="xlhedge",
    help="Hedging crypto with futures: worksheet functions, template workbooks, recalculation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(context_settings={"ignore_unknown_options": True})(functions.call)
app.command()(functions.functions)
app.command()(recalculation.recalc)
app.command(cls=joining.TakesFiles)(filling.fill)
app.command("set")(setting.set_)
app.command()(showing.show)
app.command()(reporting.report)
app.command(cls=joining.TakesFiles)(joining.history)

app.command()(desks.demo)
app.command(cls=joining.TakesFiles)(desks.new)
app.command()(desks.templates)
app.command()(build.build)
app.command()(build.addins)
app.command()(batching.batch)
app.command()(converting.convert)
app.command()(doctoring.doctor)
app.command()(fetching.venues)
app.command()(refreshing.refresh)
app.command()(serving.serve)
app.add_typer(fetching.fetch, name="fetch")
app.add_typer(spreadsheets.calc, name="calc")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; a failure is one line on standard error and a non-zero exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console's code page may lack a letter
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except HedgeError as problem:
        print(f"xlhedge: {problem}", file=sys.stderr)
        sys.exit(1)
    except ModuleNotFoundError as problem:
        lacking = missing(problem)
        if lacking is None:
            raise
        print(f"xlhedge: {lacking}", file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("xlhedge: there is not enough memory for that", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("xlhedge: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as problem:
        # Standard output goes to a file on a full disk, or there is no temporary folder.
        where = f"{problem.filename}: " if problem.filename else ""
        print(f"xlhedge: {where}{sentence(problem)}", file=sys.stderr)
        _forget_output()
        sys.exit(1)


def _forget_output() -> None:
    """Let the interpreter's last flush of what could not be written succeed."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


__all__ = ["app", "main"]
