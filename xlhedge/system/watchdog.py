"""Stops a command that takes too long or too much memory, whatever it is busy with.

A calculation may keep the interpreter busy for minutes, so a second, small process looks after
the first one: it ends it with one line when a limit is passed, and itself when the first is done.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from xlhedge.system.limits import Limits

_MEGABYTE = 1024 * 1024
# Exits silently when its standard input ends: the process that it watches is done or dead.
_WATCH = r"""
import os, select, sys, time
pid, seconds, memory, subject = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
page = os.sysconf("SC_PAGE_SIZE")
def used():
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * page
    except OSError:
        import subprocess  # takes longer to load than all the rest
        ps = ["ps", "-o", "rss=", "-p", str(pid)]
        return int(subprocess.run(ps, capture_output=True, text=True).stdout or 0) * 1024
end = time.monotonic() + seconds
while not select.select([sys.stdin], [], [], 0.1)[0]:
    said = ""
    if time.monotonic() > end:
        said = f"takes longer than {seconds:g} s (XLHEDGE_MAX_SECONDS)"
    elif used() > memory:
        said = f"needs more than {memory // 1048576} MB of memory (XLHEDGE_MAX_MEMORY_MB)"
    if said:
        os.kill(pid, 9)  # SIGKILL
        sys.stderr.write(f"xlhedge: {subject} {said}: stopped\n")
        break
"""


@contextlib.contextmanager
def limited(subject: str, limits: Limits | None = None) -> Iterator[None]:
    """Keep a command within its limits of time and memory.

    Parameters
    ----------
    subject
        What the line names when the command is stopped.
    limits
        The limits; those of the environment by default.

    Notes
    -----
    On Windows only the calculation's own clock works.
    """
    limits = limits or Limits.from_environment()
    if os.name == "nt":
        yield
        return
    arguments = [str(os.getpid()), str(limits.seconds), str(limits.memory_bytes), subject]
    watcher = subprocess.Popen(  # noqa: S603  # this interpreter and the script above
        [sys.executable, "-I", "-S", "-c", _WATCH, *arguments], stdin=subprocess.PIPE
    )
    try:
        yield
    finally:
        if watcher.stdin is not None:
            watcher.stdin.close()
        watcher.wait()
