"""Many workbooks recalculated, by whatever executor is given.

A worker gets a book's bytes and gives back bytes, so that it needs no shared disk; this process
alone reads and writes files. The result of a book does not depend on who calculates it, so the
output is the same for any number of workers.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xlhedge import __version__
from xlhedge.errors import FileError, HedgeError
from xlhedge.recalc import recalculate
from xlhedge.saving import save

LOG = "batch.jsonl"
"""One line per finished book, in the output folder: what a later run skips."""

_TRIES = 3
_AHEAD = 4

Pool = Callable[[], AbstractContextManager[Executor]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one book.

    Parameters
    ----------
    source, target
        The book and its recalculated copy; `target` is relative to the output folder.
    digest
        SHA-256 of the source.
    result
        SHA-256 of the copy; empty when there is none.
    version
        Version of xlhedge that calculated it.
    formulas, errors
        Number of formulas, and of cells that end in an error.
    seconds
        Time in the worker.
    problem
        Why the book could not be recalculated; empty when it was.
    """

    source: str
    target: str
    digest: str
    result: str
    version: str
    formulas: int
    errors: int
    seconds: float
    problem: str


def find(patterns: Iterable[str]) -> list[Path]:
    """The workbooks that patterns such as ``books/**/*.xlsx`` name, sorted, each once.

    Raises
    ------
    FileError
        When a pattern names nothing.
    """
    found: set[Path] = set()
    for pattern in patterns:
        names = [n for n in glob.glob(pattern, recursive=True) if Path(n).is_file()]  # noqa: PTH207  # a pattern may be absolute
        if not names:
            raise FileError(f"{pattern} names no file")
        found.update(map(Path, names))
    return sorted(found)


def targets(sources: list[Path]) -> dict[Path, str]:
    """Where each copy goes below the output folder: as the books lie below their common folder."""
    absolute = [source.resolve() for source in sources]
    folder = Path(os.path.commonpath([path.parent for path in absolute]))
    return {
        source: path.relative_to(folder).as_posix()
        for source, path in zip(sources, absolute, strict=True)
    }


def local(workers: int | None = None) -> Pool:
    """Processes of this machine."""

    @contextmanager
    def pool() -> Iterator[Executor]:
        with ProcessPoolExecutor(workers) as executor:
            yield executor

    return pool


def cluster(address: str) -> Pool:
    """The workers of a Dask scheduler.

    Raises
    ------
    FileError
        When `distributed` is not installed or nothing answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise FileError(
            "a scheduler needs the extra `cluster`: pip install 'xlhedge[cluster]'"
        ) from None

    @contextmanager
    def pool() -> Iterator[Executor]:
        try:
            client = Client(address, timeout="10s")
        except (OSError, TimeoutError, ValueError) as problem:
            raise FileError(f"no scheduler answers at {address}: {problem}") from None
        with client:
            yield client.get_executor(retries=_TRIES, pure=False)

    return pool


def recalculate_bytes(content: bytes, name: str) -> tuple[bytes, dict[str, Any]]:
    """Recalculate a book that is given as bytes: what a worker does.

    Parameters
    ----------
    content
        The workbook.
    name
        Its file name, for messages.

    Returns
    -------
    tuple
        The recalculated workbook (empty when it could not be), and the fields of `Outcome` that
        only the worker knows.
    """
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        try:
            report = recalculate(path, in_place=True)
        except HedgeError as problem:
            sentence = str(problem).replace(str(path), name)
            return b"", {"formulas": 0, "errors": 0, "seconds": 0.0, "problem": sentence}
        return path.read_bytes(), {
            "formulas": report.formulas,
            "errors": len(report.errors),
            "seconds": sum(report.seconds.values()),
            "problem": "",
        }


def run(
    sources: list[Path], out: Path, pool: Pool, finished: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Recalculate books into a folder; a bad one does not stop the others.

    Parameters
    ----------
    sources
        The workbooks; they are only read.
    out
        Folder of the copies and of the log. Books that the log lists as done, with the same
        content and the same version, are not calculated again.
    pool
        Gives the executor; called again when its processes died.
    finished
        Called with each outcome as it comes.

    Returns
    -------
    list of Outcome
        In the order of `sources`.

    Raises
    ------
    FileError
        When the folder cannot be written, or holds one of the sources.
    """
    out.mkdir(parents=True, exist_ok=True)
    places = targets(sources)
    for source, place in places.items():
        if (out / place).resolve() == source.resolve():
            raise FileError(f"{source} would be overwritten: choose another output folder")
    done = _finished_before(out, places)
    for outcome in done.values():
        if finished is not None:
            finished(outcome)
    with (out / LOG).open("a", encoding="utf-8") as log:
        for source, outcome in _calculated(
            [s for s in sources if s not in done], places, out, pool
        ):
            log.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
            log.flush()
            done[source] = outcome
            if finished is not None:
                finished(outcome)
    ordered = [done[source] for source in sources]
    lines = [json.dumps(asdict(outcome), ensure_ascii=False) + "\n" for outcome in ordered]
    save("".join(lines).encode(), out / LOG)
    return ordered


def _finished_before(out: Path, places: dict[Path, str]) -> dict[Path, Outcome]:
    """What the log of an earlier run lists, where source and copy are still what they were."""
    earlier: dict[str, Outcome] = {}
    if (out / LOG).is_file():
        for line in (out / LOG).read_text(encoding="utf-8").splitlines():
            try:
                outcome = Outcome(**json.loads(line))
            except (ValueError, TypeError):
                continue  # a line cut short when the run was stopped
            earlier[outcome.source] = outcome
    found: dict[Path, Outcome] = {}
    for source, place in places.items():
        before = earlier.get(str(source))
        copy = out / place
        if (
            before is not None
            and not before.problem
            and before.version == __version__
            and copy.is_file()
            and _digest(copy.read_bytes()) == before.result
            and _digest(source.read_bytes()) == before.digest
        ):
            found[source] = before
    return found


def _calculated(
    sources: list[Path], places: dict[Path, str], out: Path, pool: Pool
) -> Iterator[tuple[Path, Outcome]]:
    """Outcomes as they come; books whose worker died are given to a new pool."""
    left = list(sources)
    for attempt in range(1, _TRIES + 1):
        interrupted: list[Path] = []
        with pool() as executor:
            for source, answer in _answers(executor, left):
                if isinstance(answer, BrokenProcessPool) and attempt < _TRIES:
                    interrupted.append(source)
                else:
                    yield source, _written(source, places[source], out, answer)
        left = interrupted
        if not left:
            return


def _answers(executor: Executor, sources: list[Path]) -> Iterator[tuple[Path, Any]]:
    """What the workers give, or the exception; a few books ahead are in flight, not all."""
    flying: dict[Future[Any], Path] = {}
    waiting = iter(sources)
    limit = _AHEAD * (os.cpu_count() or 1)
    while True:
        for source in waiting:
            try:
                content = source.read_bytes()
                flying[executor.submit(recalculate_bytes, content, source.name)] = source
            except (OSError, BrokenProcessPool) as problem:
                yield source, problem
            if len(flying) >= limit:
                break
        if not flying:
            return
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            source = flying.pop(future)
            try:
                yield source, future.result()
            except Exception as problem:
                yield source, problem


def _written(source: Path, place: str, out: Path, answer: Any) -> Outcome:
    """Save a worker's answer."""
    content = source.read_bytes() if source.is_file() else b""
    result = b""
    facts: dict[str, Any] = {"formulas": 0, "errors": 0, "seconds": 0.0, "problem": ""}
    if isinstance(answer, Exception):
        facts["problem"] = f"{type(answer).__name__}: {answer}"
    else:
        result, facts = answer
    if result:
        target = out / place
        target.parent.mkdir(parents=True, exist_ok=True)
        save(result, target)
    return Outcome(
        source=str(source),
        target=place,
        digest=_digest(content),
        result=_digest(result) if result else "",
        version=__version__,
        **facts,
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
