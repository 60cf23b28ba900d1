"""Writes a file whole or not at all, and keeps two writers of the same file apart."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from xlhedge.errors import FileError

_SUFFIX = ".xlhedge-part"
_STALE_SECONDS = 3600.0
_SENTENCES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than the system allows",
    errno.EROFS: "the disk is read-only",
}


def save(content: bytes, target: Path, *, private: bool = False) -> None:
    """Write a file by way of a temporary one beside it.

    Parameters
    ----------
    content, target
        What to write, and where.
    private
        Whether only its owner may read it, from the first byte on.

    Raises
    ------
    FileError
        When it cannot be written; the file that was there before is untouched then, and no
        temporary file stays.
    """
    # A link is followed, so that the file it names is replaced and not the link.
    target = target.resolve()
    with locked(target):
        _refuse_unwritable(target)
        _forget_interrupted(target)
        _replace(content, target, private=private)


@contextlib.contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold a file for one process from reading to replacing it; nesting is allowed.

    The lock is a file in the user's cache folder, so that nothing is left beside the target; the
    system frees it when its process dies.

    Raises
    ------
    FileError
        When another process of ours holds the file.
    """
    from filelock import FileLock, Timeout

    lock = _lock_file(target.resolve())
    if lock is None:
        yield
        return
    holder = FileLock(lock, timeout=0, is_singleton=True)
    try:
        holder.acquire()
    except Timeout:
        raise FileError(
            f"{target} is being written by another xlhedge: try again when it is done"
        ) from None
    except OSError:
        yield
        return
    try:
        yield
    finally:
        holder.release()


def destination(
    source: Path, target: Path | str | None, *, in_place: bool, overwrite: bool
) -> Path:
    """Where the result of changing a file goes, after every reason to refuse.

    Parameters
    ----------
    source
        The file that is read.
    target
        Where to save; left out when `in_place`.
    in_place
        Save over the source.
    overwrite
        Whether `target` may be replaced.

    Raises
    ------
    FileError
        When no file or a wrong one would be written.
    """
    if in_place and target is not None:
        raise FileError("name another file, or save in place (--in-place): not both")
    if in_place:
        return source
    if target is None:
        raise FileError(
            f"{source} would be overwritten: name another file (-o OUT), or save in place "
            "(--in-place)"
        )
    path = Path(target)
    if path.is_dir():
        raise FileError(f"{path} is a folder, not a file")
    if not path.parent.is_dir():
        raise FileError(f"the folder {path.parent} does not exist")
    if path.exists():
        if source.exists() and path.samefile(source):
            raise FileError(f"{path} is the source itself: save in place (--in-place)")
        if not overwrite:
            raise FileError(
                f"{path} exists already: name another file, or replace it (--overwrite)"
            )
    return path


def sentence(problem: OSError) -> str:
    """What an error of the system means to someone who wanted to write."""
    return _SENTENCES.get(problem.errno or 0, problem.strerror or str(problem))


def _lock_file(target: Path) -> Path | None:
    """The lock of a target; None where the user has no folder to keep it in."""
    from platformdirs import user_cache_path

    folder = user_cache_path("xlhedge", appauthor=False) / "locks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    digest = hashlib.sha256(os.path.normcase(target).encode("utf-8", "surrogatepass"))
    return folder / f"{digest.hexdigest()[:32]}.lock"


def _refuse_unwritable(target: Path) -> None:
    if target.is_dir():
        raise FileError(f"{target} is a folder, not a file")
    if not target.exists():
        return
    if not os.access(target, os.W_OK):
        raise FileError(f"{target} is read-only")
    for lock, program in (
        (f"~${target.name}", "Excel"),
        (f".~lock.{target.name}#", "LibreOffice"),
    ):
        if target.with_name(lock).exists():
            raise FileError(
                f"{target} is open in {program}: close it there first "
                f"(if it is not, delete {target.with_name(lock).name})"
            )


def _forget_interrupted(target: Path) -> None:
    """Remove what a process that was killed while writing this file left behind."""
    with contextlib.suppress(OSError):
        for part in target.parent.glob(f".*{_SUFFIX}"):
            ours = part.name.startswith(f".{target.name}-")
            if ours and time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()


def _replace(content: bytes, target: Path, *, private: bool) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() and not private else None
    temporary = None
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}-", suffix=_SUFFIX, dir=target.parent
        )
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp lets only the owner read; a new file gets what the process gives any file.
        if not private:
            temporary.chmod(mode if mode is not None else 0o666 & ~_mask())
        os.replace(temporary, target)  # noqa: PTH105  # as fsync, so that tests can fail it
        temporary = None
    except PermissionError as problem:
        reason = "another program has it open" if os.name == "nt" else problem.strerror
        raise FileError(f"{target} cannot be written: {reason}") from None
    except OSError as problem:
        raise FileError(f"{target} cannot be written: {sentence(problem)}") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
