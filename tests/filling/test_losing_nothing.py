"""Full and read-only disks, locks and two runs at once, in reality: never a half file."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from crews import here
from fill_helpers import by_xlsxwriter, table_csv
from recalc_helpers import formulas, parts, values

from xlhedge.batch import run as batch
from xlhedge.errors import FileError
from xlhedge.filling import fill
from xlhedge.recalc.run import recalculate
from xlhedge.workbook import package

KILOBYTE = 1024
posix = pytest.mark.skipif(os.name == "nt", reason="mounts, links and /proc are those of POSIX")
HOLDER = """
import pathlib, sys
from xlhedge.system.files import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def started(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "xlhedge", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def ended(process):
    """Exit code and standard error, which has at most one line."""
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    assert said.count("\n") == (process.returncode != 0), said
    return process.returncode, said


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 kB of its own; where the system lets nobody mount one, a skip."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount on this system")
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def filled_up(disk):
    """A file that leaves room for a lock, but for no workbook."""
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4 * KILOBYTE))
        except OSError:
            pass
        file.truncate(file.tell() - 4 * KILOBYTE)


def commands(book, rows, disk):
    return {
        "recalc": ["recalc", book, "-o", disk / "out.xlsx"],
        "in place": ["recalc", disk / "old.xlsx", "--in-place"],
        "fill": ["fill", book, f"Hist={rows}", "-o", disk / "out.xlsx"],
        "fill in place": ["fill", disk / "old.xlsx", f"Hist={rows}", "--in-place"],
        "new": ["new", "margin", disk / "out.xlsx"],
        "demo": ["demo", "-o", disk / "out.xlsx"],
        "addins": ["addins", disk],
    }


NAMES = ["recalc", "in place", "fill", "fill in place", "new", "demo", "addins"]


@posix
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_is_full_is_one_sentence_and_the_old_file_stays(tmp_path, small_disk, name):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 60)
    rows = table_csv(tmp_path / "rows.csv", 90)
    old = small_disk / "old.xlsx"
    old.write_bytes(book.read_bytes())
    filled_up(small_disk)
    code, said = ended(started(*commands(book, rows, small_disk)[name]))
    assert code == 1
    assert "cannot be written: the disk is full" in said
    assert old.read_bytes() == book.read_bytes()
    assert listing(small_disk) == ["filler", "old.xlsx"]


@posix
@pytest.mark.slow
def test_a_batch_onto_a_full_disk_says_so_and_goes_on_when_there_is_room(tmp_path, small_disk):
    books = [by_xlsxwriter(tmp_path / f"{number}.xlsx", 60) for number in range(3)]
    filled_up(small_disk)
    words = ["batch", *books, "--out", small_disk / "out", "--workers", 1]
    process = started(*words)
    told, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "the disk is full" in told + said
    assert "Traceback" not in said
    assert said.count("\n") <= 1
    assert set(listing(small_disk / "out")) <= {"batch.jsonl"}
    (small_disk / "filler").unlink()
    assert ended(started(*words)) == (0, "")
    log = (small_disk / "out" / "batch.jsonl").read_text().splitlines()
    assert [json.loads(line)["problem"] for line in log] == ["", "", ""]
    assert listing(small_disk / "out") == ["0.xlsx", "1.xlsx", "2.xlsx", "batch.jsonl"]


@posix
@pytest.mark.slow
def test_a_read_only_disk_is_one_sentence(tmp_path, small_disk):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 5)
    rows = table_csv(tmp_path / "rows.csv", 9)
    old = small_disk / "old.xlsx"
    old.write_bytes(book.read_bytes())
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for name, words in commands(book, rows, small_disk).items():
        code, said = ended(started(*words))
        assert code == 1, name
        assert "read-only" in said, name
    code, said = ended(started("batch", book, "--out", small_disk / "out", "--workers", 1))
    assert code == 1
    assert "the disk is read-only" in said
    assert old.read_bytes() == book.read_bytes()
    assert listing(small_disk) == ["old.xlsx"]


@posix
def test_a_file_that_nobody_may_change_is_read_only(tmp_path):
    book = formulas(tmp_path / "book.xlsx", "=1+1")
    before = book.read_bytes()
    try:
        done = subprocess.run(["chattr", "+i", book], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no chattr on this system")
    if done.returncode:
        pytest.skip("no file can be made immutable here")
    try:
        with pytest.raises(FileError, match="is read-only"):
            recalculate(book, in_place=True)
        assert book.read_bytes() == before
        assert listing(tmp_path) == ["book.xlsx"]
    finally:
        subprocess.run(["chattr", "-i", book], check=True)


@posix
@pytest.mark.parametrize(
    "command", [["functions"], ["call", "LIQ_PRICE", "--", "-1", "7", "7", "0"]]
)
def test_output_that_goes_to_a_full_disk_is_one_sentence(command):
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
        done = subprocess.run(
            [sys.executable, "-m", "xlhedge", *command],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "xlhedge: the disk is full\n"


@contextmanager
def held(target):
    """Another process of ours that is writing a file."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        yield
        holder.communicate()


def test_what_another_process_is_writing_is_refused_and_stays(tmp_path):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 5)
    target = tmp_path / "out.xlsx"
    target.write_bytes(b"old")
    with held(target):
        for work in (
            lambda: recalculate(book, target, overwrite=True),
            lambda: fill(book, {"Hist": {"time": [], "price": []}}, target, overwrite=True),
        ):
            with pytest.raises(FileError, match=r"out\.xlsx is being written by another xlhedge"):
                work()
    assert target.read_bytes() == b"old"
    recalculate(book, target, overwrite=True)
    assert listing(tmp_path) == ["book.xlsx", "out.xlsx"]


def test_a_copy_that_is_being_written_elsewhere_stops_no_other_book(tmp_path):
    books = [formulas(tmp_path / f"{name}.xlsx", "=1+1") for name in "abc"]
    out = tmp_path / "out"
    out.mkdir()
    with held(out / "b.xlsx"):
        outcomes = batch.run(books, out, here())
    assert [bool(outcome.problem) for outcome in outcomes] == [False, True, False]
    assert "b.xlsx is being written by another xlhedge" in outcomes[1].problem
    assert listing(out) == ["a.xlsx", "batch.jsonl", "c.xlsx"]
    assert [outcome.problem for outcome in batch.run(books, out, here())] == ["", "", ""]


@posix
def test_the_same_book_under_several_names_is_calculated_once(tmp_path, monkeypatch):
    folder = tmp_path / "books"
    folder.mkdir()
    book = formulas(folder / "book.xlsx", "=1+1")
    (folder / "link.xlsx").symlink_to(book)
    (tmp_path / "beside").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    patterns = [
        "books/book.xlsx", "books/*.xlsx", "./books/../books/book.xlsx", "beside/book.xlsx",
        str(book), "books//book.xlsx",
    ]  # fmt: skip
    found = batch.find(patterns, tmp_path / "out")
    assert len(found) == 1
    outcomes = batch.run(found, tmp_path / "out", here())
    assert [(outcome.target, outcome.problem) for outcome in outcomes] == [("book.xlsx", "")]
    assert listing(tmp_path / "out") == ["batch.jsonl", "book.xlsx"]


def test_a_target_that_came_while_we_waited_is_not_replaced(tmp_path, monkeypatch):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 5)
    target = tmp_path / "out.xlsx"

    def another_was_faster(path):
        path.write_bytes(b"of another run")
        return held_by_nobody

    held_by_nobody = contextmanager(lambda: (yield))()
    monkeypatch.setattr(package, "locked", another_was_faster)
    with pytest.raises(FileError, match="exists already"):
        recalculate(book, target)
    assert target.read_bytes() == b"of another run"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["recalc", "fill", "batch", "new"])
def test_of_two_runs_at_once_one_waits_or_says_so_and_the_file_is_whole(tmp_path, name):
    book = by_xlsxwriter(tmp_path / "book.xlsx", 1500)
    rows = table_csv(tmp_path / "rows.csv", 1600)
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "book.xlsx"
    words = {
        "recalc": ["recalc", book, "-o", target, "--overwrite"],
        "fill": ["fill", book, f"Hist={rows}", "-o", target, "--overwrite"],
        "batch": ["batch", book, "--out", target.parent, "--workers", 1],
        "new": ["new", "margin", target, "--overwrite"],
    }[name]
    for delay in (0, 0.1, 0.4):
        first = started(*words)
        time.sleep(delay)
        second = started(*words)
        outcomes = [ended(first), ended(second)]
        assert any(code == 0 for code, _ in outcomes)
        for code, said in outcomes:
            assert code == 0 or "is being written by another xlhedge" in said
        assert len(values(target, "Accounts" if name == "new" else "Data")) > 5
        assert [item for item in listing(target.parent) if item != "batch.jsonl"] == ["book.xlsx"]
    alone = tmp_path / "alone.xlsx"
    if name in ("recalc", "batch"):
        recalculate(book, alone)
        assert parts(target) == parts(alone)


@posix
@pytest.mark.slow
def test_the_processes_of_a_batch_end_with_it_however_it_ends(tmp_path):
    for number in range(3):
        by_xlsxwriter(tmp_path / f"{number}.xlsx", 1500)
    process = started(
        "batch", tmp_path / "*.xlsx", "--out", tmp_path / "out", "--workers", 2,
        start_new_session=True,
    )  # fmt: skip
    while not (tmp_path / "out" / "0.xlsx").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.kill()
    # All of them hold standard error, which ends when the last one does.
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, "it was done before it could be killed"
