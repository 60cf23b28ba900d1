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
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from xlhedge import __version__
from xlhedge.batch.workers import Crew, Pool, at_work, has_died
from xlhedge.daily.summary import summary
from xlhedge.errors import FileError, HedgeError
from xlhedge.recalc import recalculated
from xlhedge.system.files import locked, save, sentence
from xlhedge.system.limits import Limits
from xlhedge.system.watchdog import limited
from xlhedge.workbook.archive import read_file
from xlhedge.workbook.package import Package

LOG = "batch.jsonl"
"""One line per finished book, in the output folder: what a later run skips."""

_AHEAD = 4
"""Books in flight per worker: the next is there when one is done, and memory stays bounded."""


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
    status
        What the book's status says; empty for one that is no template of ours.
    figures
        The key figures that its template declares: label, name, value, text and unit of each.
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
    status: str = ""
    figures: tuple[dict[str, Any], ...] = ()


def find(patterns: Iterable[str], out: Path) -> list[Path]:
    """The workbooks that patterns such as ``books/**/*.xlsx`` name, sorted, each once.

    Parameters
    ----------
    patterns
        Names and patterns. The files that Excel keeps beside an open book (``~$...``) and what
        lies in the output folder, which a pattern may reach into, are left out. A file that is
        found under several names, by links or by another way to its folder, counts once.
    out
        The output folder.

    Raises
    ------
    FileError
        When a pattern names nothing.
    """
    found: set[Path] = set()
    for pattern in patterns:
        names = [Path(name) for name in glob.glob(pattern, recursive=True)]  # noqa: PTH207  # a pattern may be absolute
        books = [path for path in names if path.is_file() and not path.name.startswith("~$")]
        if not books:
            raise FileError(f"{pattern} names no file")
        found.update(books)
    once = {path.resolve(): path for path in sorted(found, reverse=True)}
    outside = [path for real, path in once.items() if not real.is_relative_to(out.resolve())]
    if not outside:
        raise FileError(f"the books lie in the output folder {out}: choose another one")
    return sorted(outside)


def targets(sources: list[Path]) -> dict[Path, str]:
    """Where each copy goes below the output folder: as the books lie below their common folder."""
    absolute = [source.resolve() for source in sources]
    try:
        folder = Path(os.path.commonpath([path.parent for path in absolute]))
    except ValueError:
        raise FileError("the books lie on several drives: give one run to each") from None
    return {
        source: path.relative_to(folder).as_posix()
        for source, path in zip(sources, absolute, strict=True)
    }


def recalculate_bytes(
    content: bytes, name: str, *, guarded: bool = False
) -> tuple[bytes, dict[str, Any]]:
    """Recalculate a book that is given as bytes: what a worker does.

    Parameters
    ----------
    content
        The workbook.
    name
        Its file name, for messages.
    guarded
        End this process when the book takes more time or memory than the limits say.

    Returns
    -------
    tuple
        The recalculated workbook (empty when it could not be), and the fields of `Outcome` that
        only the worker knows.
    """
    alone = at_work if guarded else nullcontext()
    with alone:
        try:
            said: dict[str, Any] = {}
            with limited(name) if guarded else nullcontext():
                result, report = recalculated(
                    content, name, look=lambda package: said.update(_said(package))
                )
        except HedgeError as problem:
            facts = {"formulas": 0, "errors": 0, "seconds": 0.0}
            return b"", facts | {"version": __version__, "problem": str(problem)}
        return result, {
            "version": __version__,
            "formulas": report.formulas,
            "errors": len(report.errors),
            "seconds": sum(report.seconds.values()),
            "problem": "",
            **said,
        }


def _said(package: Package) -> dict[str, Any]:
    """Status and key figures of a calculated book."""
    found = summary(package)
    if not found.declared:
        return {}
    return {"status": found.status, "figures": tuple(asdict(figure) for figure in found.figures)}


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
        Gives the workers; called again when they died.
    finished
        Called with each outcome as it comes.

    Returns
    -------
    list of Outcome
        In the order of `sources`.

    Raises
    ------
    FileError
        When the folder cannot be written, holds one of the sources, or another run is at work
        in it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise FileError(f"{out} cannot be a folder: {sentence(problem)}") from None
    places = targets(sources)
    for source, place in places.items():
        if (out / place).resolve() == source.resolve():
            raise FileError(f"{source} would be overwritten: choose another output folder")
    with locked(out / LOG):
        return _run(places, out, pool, finished or (lambda outcome: None))


def _run(
    places: dict[Path, str], out: Path, pool: Pool, finished: Callable[[Outcome], None]
) -> list[Outcome]:
    done = _finished_before(out, places)
    for outcome in done.values():
        finished(outcome)
    left = [source for source in places if source not in done]
    # The last line may have been cut short.
    _noted(out / LOG, "\n" if (out / LOG).is_file() else "")
    for task, answer in _calculated(left, pool):
        outcome = _written(task, places[task.source], out, answer)
        _noted(out / LOG, _line(outcome))
        done[task.source] = outcome
        finished(outcome)
    ordered = [done[source] for source in places]
    save("".join(map(_line, ordered)).encode(), out / LOG)
    return ordered


def _noted(log: Path, text: str) -> None:
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise FileError(f"{log} cannot be written: {sentence(problem)}") from None


def _line(outcome: Outcome) -> str:
    text = json.dumps(asdict(outcome), ensure_ascii=False) + "\n"
    # The name of a file may hold bytes that are no letters.
    return text if _is_text(text) else json.dumps(asdict(outcome)) + "\n"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _finished_before(out: Path, places: dict[Path, str]) -> dict[Path, Outcome]:
    """What the log of an earlier run lists, where source and copy are still what they were."""
    earlier: dict[str, Outcome] = {}
    if (out / LOG).is_file():
        for line in (out / LOG).read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                fields = json.loads(line)
                outcome = Outcome(**fields | {"figures": tuple(fields["figures"])})
                earlier[outcome.source] = outcome
            except (ValueError, TypeError, KeyError):
                continue  # a line cut short when the run was stopped, or of an earlier version
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


class _Task(NamedTuple):
    """A book at work, and the SHA-256 of what was read."""

    source: Path
    digest: str


def _calculated(sources: list[Path], pool: Pool) -> Iterator[tuple[_Task, Any]]:
    """What the workers give, as it comes: an answer or the exception.

    When workers die, each book that was with them is tried once more, alone, so that one that
    brings its worker down takes no other with it.
    """
    waiting = deque(sources)
    while waiting:
        suspects: list[_Task] = []
        with pool() as crew:
            for task, answer in _answers(crew, waiting):
                if has_died(answer):
                    suspects.append(task)
                else:
                    yield task, answer
        for suspect in suspects:
            with pool() as crew:
                yield from _answers(crew, deque([suspect.source]))


def _answers(crew: Crew, waiting: deque[Path]) -> Iterator[tuple[_Task, Any]]:
    """Feed a crew until nothing is left or it has died; takes what it has begun from `waiting`."""
    flying: dict[Future[Any], _Task] = {}
    work = partial(recalculate_bytes, guarded=True) if crew.apart else recalculate_bytes
    dead = False
    while True:
        while waiting and not dead and len(flying) < _AHEAD * max(1, crew.slots()):
            source = waiting[0]
            try:
                content = read_file(source, Limits.from_environment())
            except FileError as problem:
                waiting.popleft()
                yield _Task(source, ""), problem
                continue
            try:
                future = crew.executor.submit(work, content, source.name)
            except BrokenExecutor:
                dead = True
                break
            waiting.popleft()
            flying[future] = _Task(source, _digest(content))
        if not flying:
            return
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            task = flying.pop(future)
            try:
                answer: Any = future.result()
            except Exception as problem:
                answer = problem
                dead = dead or isinstance(problem, BrokenExecutor)
            yield task, answer


def _written(task: _Task, place: str, out: Path, answer: Any) -> Outcome:
    """Save a worker's answer."""
    result = b""
    facts: dict[str, Any] = {"formulas": 0, "errors": 0, "seconds": 0.0, "version": __version__}
    if has_died(answer):
        facts["problem"] = "the process that calculated it died, twice"
    elif isinstance(answer, HedgeError):
        facts["problem"] = str(answer)
    elif isinstance(answer, Exception):
        facts["problem"] = f"{type(answer).__name__}: {answer}"
    else:
        result, facts = answer
    if result:
        target = out / place
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            save(result, target)
        except FileError as problem:
            result, facts["problem"] = b"", str(problem)
        except OSError as problem:
            result = b""
            facts["problem"] = f"{target.parent} cannot be a folder: {sentence(problem)}"
    return Outcome(
        source=str(task.source),
        target=place,
        digest=task.digest,
        result=_digest(result) if result else "",
        **facts,
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
