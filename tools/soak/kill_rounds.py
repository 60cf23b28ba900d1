"""Kills commands at random moments and looks at what is left: the old file or the new one, whole.

Run as a script for 200 rounds: ``python tools/soak/kill_rounds.py [ROUNDS] [SEED]``.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))
from fill_helpers import by_xlsxwriter, table_csv

PART = ".xlhedge-part"
# All templates take a while; what is tried is the writing, and two of them are enough for that.
FEW = """
from xlhedge import templates as books
from xlhedge.cli import main
for name in set(books.TEMPLATES) - {"margin", "portfolio"}:
    del books.TEMPLATES[name]
main()
"""


@dataclass
class Trial:
    """A command, the files it replaces, and what they may hold afterwards."""

    name: str
    words: list
    folder: Path
    old: dict
    new: dict = field(default_factory=dict)
    seconds: float = 0.0
    counts: dict = field(default_factory=lambda: {"old": 0, "new": 0, "finished": 0})

    def reset(self):
        for path, content in self.old.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def start(self):
        run = ["-c", FEW] if self.name == "build" else ["-m", "xlhedge"]
        command = [sys.executable, *run, *map(str, self.words)]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},  # books say when
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def learn(self):
        """Run once to the end: how long it takes, and what it writes."""
        self.reset()
        started = time.perf_counter()
        process = self.start()
        _, said = process.communicate()
        self.seconds = time.perf_counter() - started
        assert process.returncode == 0, said.decode()
        for path in list(self.old):
            self.new[path] = path.read_bytes()
            assert self.new[path] != self.old[path], f"{self.name} changes nothing in {path}"

    def kill(self, chance):
        """Start, and kill at a random moment: the process, or with all that it started."""
        self.reset()
        process = self.start()
        # Half of the kills fall into the last third, where files are written.
        part = chance.random() if chance.random() < 0.5 else chance.uniform(0.67, 1.05)
        time.sleep(part * self.seconds)
        if chance.random() < 0.5:
            process.send_signal(signal.SIGKILL)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        # Its processes hold standard error: when it ends, they have ended, too.
        process.communicate(timeout=120)
        self.counts["finished"] += process.returncode == 0

    def round(self, chance):
        self.kill(chance)
        for path, old in self.old.items():
            content = path.read_bytes() if path.exists() else None
            if content == self.new[path]:
                self.counts["new"] += 1
            else:
                assert content == old, (
                    f"{self.name}: {path} is neither the old file nor the new one"
                )
                self.counts["old"] += 1
        for path in self.folder.rglob(f"*{PART}"):
            path.unlink()


class Batch(Trial):
    """Many books: what the log lists is there, and another run finishes the work."""

    @property
    def out(self):
        return self.folder / "out"

    def reset(self):
        shutil.rmtree(self.out, ignore_errors=True)

    def log(self):
        """Outcomes without what differs from run to run; the last line may be cut short."""
        path = self.out / "batch.jsonl"
        if not path.exists():
            return []
        *lines, last = path.read_text(encoding="utf-8").split("\n")
        assert not last or '"problem"' not in last, f"batch: the line {last} has no end"
        outcomes = [json.loads(line) for line in lines if line]
        return [{key: item for key, item in each.items() if key != "seconds"} for each in outcomes]

    def learn(self):
        super().learn()
        self.lines = self.log()
        assert len(self.lines) == len(self.old)

    def round(self, chance):
        super().round(chance)
        for line in self.log():
            assert line in self.lines, f"batch: the log says {line}"
            content = (self.out / line["target"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == line["result"]
        process = self.start()
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
        assert self.log() == self.lines
        for path, content in self.new.items():
            assert path.read_bytes() == content
        assert {path for path in self.out.iterdir() if not path.name.endswith(PART)} == {
            *self.new,
            self.out / "batch.jsonl",
        }


def known(command):
    done = subprocess.run(
        [sys.executable, "-m", "xlhedge", command, "--help"], capture_output=True, check=False
    )
    return done.returncode == 0


def trials(folder):
    """Every command that writes."""
    book = by_xlsxwriter(folder / "book.xlsx", 400).read_bytes()
    rows = table_csv(folder / "rows.csv", 600)
    found = []
    for name in ("recalc", "fill", "new", "demo", "addins", "build", "batch"):
        if not known(name):
            continue
        place = folder / name
        place.mkdir()
        target = place / "book.xlsx"
        words, old = {
            "recalc": (["recalc", target, "--in-place"], {target: book}),
            "fill": (["fill", target, f"Hist={rows}", "--in-place"], {target: book}),
            "new": (["new", "portfolio", target], {target: None}),
            "demo": (["demo", "-o", target], {target: b"old"}),
            "addins": (
                ["addins", place],
                {place / f: b"old" for f in ("udfs.bas", "xlhedge.xlam", "xlhedge.oxt")},
            ),
            "build": (
                ["build", "--root", place],
                {place / "udfs.bas": b"old", place / "workbooks" / "portfolio.xlsx": b"old"},
            ),
            "batch": (
                ["batch", folder / "books" / "*.xlsx", "--out", place / "out", "--workers", 1],
                {place / "out" / f"{number}.xlsx": None for number in range(3)},
            ),
        }[name]
        if name == "build":
            (place / "pyproject.toml").write_text("")
        found.append((Batch if name == "batch" else Trial)(name, words, place, old))
    (folder / "books").mkdir()
    for number in range(3):
        by_xlsxwriter(folder / "books" / f"{number}.xlsx", 100 + number)
    return found


def run(rounds, seed, folder):
    """Kill that many times, each command in turn; 200 rounds take some eight minutes."""
    chance = random.Random(seed)
    found = trials(folder)
    for trial in found:
        trial.learn()
    for number in range(rounds):
        found[number % len(found)].round(chance)
    for trial in found:
        # Nothing that was left behind keeps the next command from its work.
        trial.reset()
        process = trial.start()
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
        for path, content in trial.new.items():
            assert path.read_bytes() == content
    return found


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    folder = Path(tempfile.mkdtemp(prefix="xlhedge-kills-"))
    try:
        for trial in run(rounds, seed, folder):
            line = f"{trial.name}: {trial.counts}, {trial.seconds:.2f} s when left alone\n"
            sys.stdout.write(line)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
