"""A file is written whole or not at all."""

import errno
import os
import subprocess
import sys

import pytest

from xlhedge.errors import FileError
from xlhedge.system.files import locked, save


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_gets_ordinary_permissions(tmp_path):
    target = tmp_path / "new.xlsx"
    save(b"content", target)
    assert target.read_bytes() == b"content"
    mask = os.umask(0)
    os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_replaced_file_keeps_its_permissions(tmp_path):
    target = tmp_path / "old.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o640)
    save(b"new", target)
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.xlsx", tmp_path / "link.xlsx"
    real.write_bytes(b"old")
    link.symlink_to(real)
    save(b"new", link)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    target = tmp_path / "old.xlsx"
    target.write_bytes(b"old")

    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"xlhedge.system.files.os.{step}", fail)
    with pytest.raises(FileError, match="cannot be written: the disk is full"):
        save(b"new", target)
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["old.xlsx"]


def test_a_read_only_file_is_refused(tmp_path, monkeypatch):
    target = tmp_path / "old.xlsx"
    target.write_bytes(b"old")
    # The superuser may write everywhere, so the answer of the system is simulated.
    monkeypatch.setattr("xlhedge.system.files.os.access", lambda *arguments: False)
    with pytest.raises(FileError, match="is read-only"):
        save(b"new", target)
    assert target.read_bytes() == b"old"


def test_a_missing_or_read_only_folder_is_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(FileError, match="cannot be written: No such file or directory"):
        save(b"new", tmp_path / "missing" / "new.xlsx")

    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("xlhedge.system.files.tempfile.mkstemp", refuse)
    with pytest.raises(FileError, match="cannot be written: Permission denied"):
        save(b"new", tmp_path / "new.xlsx")
    assert listing(tmp_path) == []


@pytest.mark.parametrize(
    ("lock", "program"), [("~$book.xlsx", "Excel"), (".~lock.book.xlsx#", "LibreOffice")]
)
def test_a_book_that_is_open_elsewhere_is_not_replaced(tmp_path, lock, program):
    target = tmp_path / "book.xlsx"
    target.write_bytes(b"old")
    (tmp_path / lock).write_text("somebody")
    with pytest.raises(FileError, match=f"is open in {program}: close it there first"):
        save(b"new", target)
    assert target.read_bytes() == b"old"


_WRITER = """
import sys
from pathlib import Path
from xlhedge.errors import FileError
from xlhedge.system.files import save
try:
    save(b"other", Path(sys.argv[1]))
except FileError as problem:
    print(problem)
"""


def test_two_processes_do_not_write_the_same_file_at_once(tmp_path):
    target = tmp_path / "book.xlsx"
    with locked(target):
        save(b"first", target)  # the holder itself may
        said = subprocess.run(
            [sys.executable, "-c", _WRITER, str(target)], capture_output=True, text=True, check=True
        ).stdout
        assert "is being written by another xlhedge" in said
        assert target.read_bytes() == b"first"
    subprocess.run([sys.executable, "-c", _WRITER, str(target)], check=True)
    assert target.read_bytes() == b"other"
    assert listing(tmp_path) == ["book.xlsx"]


def test_what_a_killed_writer_left_is_removed_when_it_is_old(tmp_path):
    target = tmp_path / "book.xlsx"
    old, fresh = (tmp_path / f".book.xlsx-{name}.xlhedge-part" for name in ("old", "fresh"))
    for part in (old, fresh):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    save(b"new", target)
    assert listing(tmp_path) == [fresh.name, "book.xlsx"]


def test_a_file_size_limit_of_the_system_is_one_sentence(tmp_path):
    target = tmp_path / "book.xlsx"
    target.write_bytes(b"old")
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3, 3));" + _WRITER
    )
    pytest.importorskip("resource")
    said = subprocess.run(
        [sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True
    ).stdout
    assert "cannot be written: the file would be larger than the system allows" in said
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["book.xlsx"]
