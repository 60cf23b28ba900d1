"""Many workbooks at once: nothing is lost, nothing calculated twice, nobody waits for one."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from clusters import dask
from recalc_helpers import formulas, values
from said_books import FIGURES, said_book
from typer.testing import CliRunner

from xlhedge import __version__
from xlhedge.batch import run as batch
from xlhedge.batch import workers as crews
from xlhedge.batch.workers import Crew, cluster, local
from xlhedge.cli import app, main
from xlhedge.daily.summary import read
from xlhedge.errors import FileError

FACTS = ("source", "target", "digest", "result", "version", "formulas", "errors", "problem")


class Here(Executor):
    """Does the work in this process; dies at the books whose bytes are listed as deadly."""

    def __init__(self, deadly=(), sudden=None):
        self.deadly = deadly
        self.sudden = sudden
        self.dead = False
        self.done = []

    def submit(self, function, *arguments):
        if self.dead:
            raise BrokenProcessPool
        content, name = arguments
        future = Future()
        if content in self.deadly or name == self.sudden:
            self.dead = True
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(function(*arguments))
        self.done.append(name)
        return future


def here(*crews):
    """A pool that gives these crews in turn, then harmless ones; and the list of what it gave."""
    given = []
    coming = iter(crews)

    @contextmanager
    def pool():
        executor = next(coming, None) or Here()
        given.append(executor)
        yield Crew(executor, lambda: 2)

    return pool, given


def make(folder, count=4):
    folder.mkdir(exist_ok=True)
    return [
        formulas(
            folder / f"book{number}.xlsx",
            "=A1*2",
            '=HEDGE_CONTRACTS(1000,A1)&""',
            "=LIQ_PRICE(-1,A1,A1/10,0.005)",
            cells={"A1": 1000.0 * (number + 1)},
        )
        for number in range(count)
    ]


def copies(out):
    return {path.name: path.read_bytes() for path in out.rglob("*.xlsx")}


def log(out):
    return [json.loads(line) for line in (out / batch.LOG).read_text(encoding="utf-8").splitlines()]


def facts(out):
    return [{name: line[name] for name in FACTS} for line in log(out)]


def command(folder, *words, **options):
    return subprocess.run(
        [sys.executable, "-m", "xlhedge", "batch", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        **options,
    )


def refused(capsys, monkeypatch, *words):
    """The one line with which a command is refused."""
    monkeypatch.setattr(sys, "argv", ["xlhedge", "batch", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("xlhedge: ")
    assert said.err.count("\n") == 1, said.err
    return said.err


def test_every_book_is_recalculated_and_the_sources_stay(tmp_path):
    books = make(tmp_path / "books")
    before = [book.read_bytes() for book in books]
    outcomes = batch.run(books, tmp_path / "out", here()[0])
    assert [outcome.source for outcome in outcomes] == list(map(str, books))
    assert [book.read_bytes() for book in books] == before
    for number, outcome in enumerate(outcomes):
        found = values(tmp_path / "out" / outcome.target)
        assert found["D1"] == 2000.0 * (number + 1)
        assert (outcome.formulas, outcome.errors, outcome.problem) == (3, 0, "")


def test_one_bad_book_does_not_stop_the_others(tmp_path):
    books = make(tmp_path / "books")
    books[1].write_bytes(b"no workbook at all")
    books[2].write_bytes(books[2].read_bytes()[:-500])
    outcomes = batch.run(books, tmp_path / "out", here()[0])
    assert [bool(outcome.problem) for outcome in outcomes] == [False, True, True, False]
    assert sorted(copies(tmp_path / "out")) == ["book0.xlsx", "book3.xlsx"]
    assert all("\n" not in outcome.problem for outcome in outcomes)
    assert "book1.xlsx" in outcomes[1].problem


def test_a_book_that_kills_its_worker_takes_no_other_with_it(tmp_path):
    books = make(tmp_path / "books", 6)
    deadly = [books[2].read_bytes()]
    pool, given = here(*(Here(deadly) for _ in range(9)))
    outcomes = batch.run(books, tmp_path / "out", pool)
    assert [outcome.source for outcome in outcomes if outcome.problem] == [str(books[2])]
    assert "died" in outcomes[2].problem
    assert len(copies(tmp_path / "out")) == 5
    assert sum(executor.done.count("book2.xlsx") for executor in given) == 2


def test_a_worker_that_dies_by_chance_costs_no_book(tmp_path):
    books = make(tmp_path / "books", 6)
    pool, _ = here(Here(sudden="book3.xlsx"))
    outcomes = batch.run(books, tmp_path / "out", pool)
    assert not any(outcome.problem for outcome in outcomes)
    assert len(copies(tmp_path / "out")) == 6


def test_a_book_of_ours_says_its_status_and_its_key_figures(tmp_path):
    books, out = make(tmp_path / "books", 1), tmp_path / "out"
    books.append(said_book(tmp_path / "books" / "desk.xlsx"))
    plain, desk = batch.run(books, out, here()[0])
    assert (plain.status, plain.figures) == ("", ())
    assert desk.status == "WATCH: results close to a limit: 1"
    said = read(out / "desk.xlsx")
    assert [figure["text"] for figure in desk.figures] == [one.text for one in said.figures]
    assert batch.run(books, out, here()[0]) == [plain, desk]
    words = ["batch", str(tmp_path / "books" / "desk.xlsx"), "--out", str(out), "--workers", "1"]
    shown = CliRunner().invoke(app, words).output
    assert " ".join(shown.split()).count(f"{FIGURES[1].label} 1,000") == 1
    assert FIGURES[3].label in shown
    assert FIGURES[4].label not in shown
    (told,) = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert told["status"] == desk.status
    assert len(told["figures"]) == len(FIGURES) - 1


def test_the_log_says_what_was_made_of_what(tmp_path):
    books = make(tmp_path / "books", 2)
    batch.run(books, tmp_path / "out", here()[0])
    lines = log(tmp_path / "out")
    assert [line["source"] for line in lines] == list(map(str, books))
    for line, book in zip(lines, books, strict=True):
        assert line["digest"] == batch._digest(book.read_bytes())
        assert line["result"] == batch._digest((tmp_path / "out" / line["target"]).read_bytes())
        assert line["version"] == __version__
        assert line["seconds"] > 0


class Stop(Exception):
    """Stands for the moment at which somebody stops the run."""


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path):
    books, out = make(tmp_path / "books"), tmp_path / "out"

    def stop_after_two(outcome, seen=[]):  # noqa: B006
        seen.append(outcome)
        if len(seen) == 2:
            raise Stop

    with pytest.raises(Stop):
        batch.run(books, out, here()[0], stop_after_two)
    with (out / batch.LOG).open("a") as file:
        file.write('{"source": "cut sho')
    done = {
        line["source"] for line in map(json.loads, (out / batch.LOG).read_text().split("\n")[:2])
    }
    pool, given = here()
    batch.run(books, out, pool)
    assert set(given[0].done) == {book.name for book in books if str(book) not in done}
    assert len(log(out)) == len(copies(out)) == 4
    whole = tmp_path / "whole"
    batch.run(books, whole, here()[0])
    assert copies(out) == copies(whole)
    assert facts(out) == facts(whole)


def test_nothing_is_calculated_twice_unless_it_changed(tmp_path):
    books, out = make(tmp_path / "books"), tmp_path / "out"
    batch.run(books, out, here()[0])
    formulas(books[1], "=1+2")
    (out / "book2.xlsx").write_bytes(b"touched")
    books.append(formulas(tmp_path / "books" / "new.xlsx", "=1+1"))
    pool, given = here()
    heard = []
    batch.run(books, out, pool, heard.append)
    assert sorted(given[0].done) == ["book1.xlsx", "book2.xlsx", "new.xlsx"]
    assert values(out / "book1.xlsx")["D1"] == 3
    assert len(heard) == 5


def test_a_book_that_failed_is_tried_again(tmp_path):
    books, out = make(tmp_path / "books", 2), tmp_path / "out"
    content = books[0].read_bytes()
    books[0].write_bytes(b"half")
    assert batch.run(books, out, here()[0])[0].problem
    books[0].write_bytes(content)
    assert not batch.run(books, out, here()[0])[0].problem
    assert len(log(out)) == 2


@pytest.mark.parametrize("rubbish", [b"\xff\xfe\x00", b"[1]\n7\nnull\n", b'{"source": []}\n'])
def test_a_log_of_rubbish_is_replaced(tmp_path, rubbish):
    books, out = make(tmp_path / "books", 1), tmp_path / "out"
    out.mkdir()
    line = {name: [] if name == "source" else "" for name in (*FACTS, "seconds")}
    (out / batch.LOG).write_bytes(rubbish + json.dumps(line).encode() + b"\n")
    batch.run(books, out, here()[0])
    assert len(log(out)) == 1


def test_only_a_few_books_are_in_flight(tmp_path):
    """Memory stays bounded with thousands of books, and a cluster is never left idle."""
    books = make(tmp_path / "books", 1) * 40

    class Lazy(Executor):
        most = 0
        flying = []  # noqa: RUF012

        def submit(self, function, *arguments):
            self.flying.append(Future())
            type(self).most = max(self.most, len(self.flying))
            if len(self.flying) == 12:
                for future in self.flying:
                    future.set_result((b"", {}))
                self.flying.clear()
            return self.flying[-1] if self.flying else _done()

    def _done():
        future = Future()
        future.set_result((b"", {}))
        return future

    from collections import deque

    answers = list(batch._answers(Crew(Lazy(), lambda: 3), deque(books[:36])))
    assert len(answers) == 36
    assert Lazy.most == 3 * batch._AHEAD


def test_two_runs_in_one_folder_are_kept_apart(tmp_path):
    books, out = make(tmp_path / "books", 1), tmp_path / "out"
    script = (
        "import sys, time, pathlib; from xlhedge.system.files import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    out.mkdir()
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(out / batch.LOG)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    try:
        with pytest.raises(FileError, match="another xlhedge"):
            batch.run(books, out, here()[0])
    finally:
        holder.communicate()


def test_patterns_find_each_book_once_and_leave_out_what_is_no_source(tmp_path, monkeypatch):
    make(tmp_path / "books", 2)
    make(tmp_path / "books" / "deep", 1)
    make(tmp_path / "books" / "out", 1)
    (tmp_path / "books" / "~$book0.xlsx").write_bytes(b"Excel's own")
    monkeypatch.chdir(tmp_path)
    found = batch.find(["books/**/*.xlsx", "books/book0.xlsx"], Path("books/out"))
    assert [path.as_posix() for path in found] == [
        "books/book0.xlsx", "books/book1.xlsx", "books/deep/book0.xlsx",
    ]  # fmt: skip
    assert list(batch.targets(found).values()) == ["book0.xlsx", "book1.xlsx", "deep/book0.xlsx"]
    with pytest.raises(FileError, match=r"none/\*\.xlsx names no file"):
        batch.find(["books/*.xlsx", "none/*.xlsx"], Path("out"))


@pytest.mark.parametrize("numbers", [(2,), pytest.param((1, 3), marks=pytest.mark.slow)])
def test_processes_give_the_same_bytes_however_many_there_are(tmp_path, numbers):
    books = make(tmp_path / "books", 5)
    books[3].write_bytes(b"bad")
    for workers in numbers:
        batch.run(books, tmp_path / f"out{workers}", local(workers))
    batch.run(books, tmp_path / "serial", here()[0])
    for workers in numbers:
        assert copies(tmp_path / f"out{workers}") == copies(tmp_path / "serial")
        assert facts(tmp_path / f"out{workers}") == facts(tmp_path / "serial")


def test_the_command_sums_up_and_fails_when_a_book_does(tmp_path, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(crews, "local", lambda workers: asked.append(workers) or here()[0])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    make(tmp_path / "books", 2)
    (tmp_path / "books" / "bad.xlsx").write_bytes(b"bad")
    words = ["xlhedge", "batch", "books/*.xlsx", "--out", "out"]
    monkeypatch.setattr(sys, "argv", [*words, "--workers", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.err == ""
    assert "2 of 3 books in out" in said.out
    assert re.search(r"books/bad\.xlsx .* is not an \.xlsx workbook", said.out)
    (tmp_path / "books" / "bad.xlsx").unlink()
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "2 of 2 books in out" in capsys.readouterr().out
    assert asked == [1, None]


def _read_to_the_end(terminal):
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # nobody writes any more
            piece = b""
        if not piece:
            os.close(terminal)
            return shown
        shown += piece


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal")
def test_a_terminal_shows_a_progress_bar(tmp_path, monkeypatch):
    import pty

    make(tmp_path / "books", 3)
    ours, theirs = pty.openpty()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(crews, "local", lambda workers: here()[0])
    monkeypatch.setattr(sys, "argv", ["xlhedge", "batch", "books/*.xlsx", "--out", "out"])
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, ThreadPoolExecutor(1) as reader:
        everything = reader.submit(_read_to_the_end, ours)
        monkeypatch.setattr(sys, "stderr", terminal)
        with pytest.raises(SystemExit) as ended:
            main()
        monkeypatch.undo()
        terminal.close()
        shown = everything.result(60)
    assert not ended.value.code
    assert b"recalculating" in shown
    assert b"100%" in shown or b"67%" in shown or b"33%" in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["books/none*.xlsx", "--out", "out"], "names no file"),
        (["books/*.xlsx", "--out", "books"], "choose another"),
        (["books/*.xlsx", "--out", "file"], "cannot be a folder"),
        (["books/*.xlsx", "--out", "file/below"], "cannot be a folder"),
        (["books/*.xlsx", "--out", "taken"], "cannot be written"),
        (["books/*.xlsx", "--out", "out", "--scheduler", "tcp://127.0.0.1:x"], "no scheduler"),
        (["books/*.xlsx", "--out", "out", "--scheduler", "moon://1"], "no scheduler"),
    ],
)
def test_hostile_input_gets_one_clear_line(tmp_path, capsys, monkeypatch, words, expected):
    if "--scheduler" in words:
        pytest.importorskip("distributed", reason="distributed is not installed")
    (book,) = make(tmp_path / "books", 1)
    before = book.read_bytes()
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "taken" / batch.LOG).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert expected in refused(capsys, monkeypatch, *words)
    assert book.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.slow
def test_a_killed_local_process_costs_no_book(tmp_path):
    books = make(tmp_path / "books", 12)
    killed = []

    def kill_one(outcome):
        if not killed:
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
            workers = [
                pid for pid in children
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ]  # fmt: skip
            killed.append(int(workers[0]))
            os.kill(killed[0], 9)

    outcomes = batch.run(books, tmp_path / "out", local(2), kill_one)
    assert killed
    assert not any(outcome.problem for outcome in outcomes)
    batch.run(books, tmp_path / "serial", here()[0])
    assert copies(tmp_path / "out") == copies(tmp_path / "serial")


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_loses_no_book(tmp_path):
    books = make(tmp_path / "books", 12)
    with dask(tmp_path) as (address, workers):
        killed = []

        def kill_one(outcome):
            if len(copies(tmp_path / "out")) == 3 and not killed:
                killed.append(workers[0])
                workers[0].kill()

        outcomes = batch.run(books, tmp_path / "out", cluster(address), kill_one)
    assert killed
    assert not any(outcome.problem for outcome in outcomes)
    batch.run(books, tmp_path / "serial", here()[0])
    assert copies(tmp_path / "out") == copies(tmp_path / "serial")
    assert facts(tmp_path / "out") == facts(tmp_path / "serial")


@pytest.mark.slow
def test_the_command_gives_its_work_to_a_cluster(tmp_path):
    make(tmp_path / "books", 3)
    with dask(tmp_path, workers=1) as (address, _):
        process = command(tmp_path, "books/*.xlsx", "--out", "out", "--scheduler", address)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert len(copies(tmp_path / "out")) == 3
    assert openpyxl.load_workbook(tmp_path / "out" / "book0.xlsx").sheetnames == ["Sheet1"]
