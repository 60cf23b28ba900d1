"""Commands in processes of their own, forked from one that has everything loaded."""

import contextlib
import gc
import io
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from xlhedge.batch import workers
from xlhedge.cli import main as command_line

SECONDS = 30
MEGABYTES = 2048


def forked(words):
    """Exit code (None when time was up), what was said, and megabytes of a forked command."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            _become(words, out, err)
        ended, status, usage = waited(child)
        out.seek(0), err.seek(0)
        said = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    code = os.waitstatus_to_exitcode(status) if ended else None
    if code == -signal.SIGXCPU:
        code = None
    return code, *said, usage / 1024


def waited(child):
    """Whether a child ended in time, its status, and its kilobytes."""
    end = time.monotonic() + 4 * SECONDS
    pause = 0.0005
    while time.monotonic() < end:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            return True, status, usage.ru_maxrss
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return False, status, usage.ru_maxrss


def limit():
    """Bound what this process may take of time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))


def _become(words, out, err):
    """The command, in this process, which ends with it."""
    code = 70
    try:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        limit()
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", 0), write_through=True)
        sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", 0), write_through=True)
        sys.argv = ["xlhedge", *map(str, words)]
        gc.disable()
        nothing = mock.patch.multiple
        crew = contextlib.nullcontext(workers.Crew(ThreadPoolExecutor(1), lambda: 1))
        unwatched = {"limited": lambda *_: contextlib.nullcontext()}
        with (
            nothing("xlhedge.cli.recalc", **unwatched),
            nothing("xlhedge.cli.fill", **unwatched),
            nothing("xlhedge.cli.templates", **unwatched),
            mock.patch("xlhedge.batch.workers.local", return_value=lambda: crew),
        ):
            try:
                command_line()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def in_full(words):
    """The command as a user starts it, its own guard at the limit of time."""
    limits = {"XLHEDGE_MAX_SECONDS": str(SECONDS), "XLHEDGE_MAX_MEMORY_MB": str(MEGABYTES)}
    command = [sys.executable, "-m", "xlhedge", *map(str, words)]
    try:
        done = subprocess.run(
            command, env=os.environ | limits, capture_output=True, timeout=8 * SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        return None, "", str(late), 0
    return done.returncode, done.stdout.decode(), done.stderr.decode(), 0
