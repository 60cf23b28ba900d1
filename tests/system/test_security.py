"""The promises of docs/security.md: what is never called, reached for or written down."""

import ast
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from fill_helpers import by_xlsxwriter, table_csv
from places import ROOT
from sources import PACKAGE, SOURCES, import_nodes, parsed

from xlhedge.errors import FileError
from xlhedge.hosts.excel import vba, xlam
from xlhedge.workbook.xml import parse_xml

HELPERS = ROOT / "tests" / "helpers"

CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.startfile",
    "subprocess.getoutput", "subprocess.getstatusoutput", "tempfile.mktemp", "shutil.which",
    "pandas.read_pickle", "numpy.fromfile", "logging.config.listen",
}  # fmt: skip
MODULES = {
    "pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml",
    "code", "codeop", "runpy", "xml", "socket", "ssl", "http", "urllib.request", "urllib3",
    "requests", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib", "xmlrpc", "socketserver",
    "asyncio", "webbrowser", "ccxt", "sqlalchemy", "pg8000",
}  # fmt: skip
KEYWORDS = {"shell": False, "allow_pickle": False, "resolve_entities": False, "load_dtd": False}
KEYWORDS |= {"no_network": True, "huge_tree": False}
"""Keyword arguments that may only have this value."""

PARSERS = {"fromstring", "parse", "iterparse", "XML", "HTML", "XMLParser", "XMLPullParser"}


def full_names(nodes):
    """Local name to what it was imported as."""
    names = {"np": "numpy", "pd": "pandas"}
    for node in nodes:
        if isinstance(node, ast.Import):
            for item in node.names:
                names[item.asname or item.name.split(".")[0]] = (
                    item.name if item.asname else item.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {item.asname or item.name: f"{node.module}.{item.name}" for item in node.names}
    return names


def imports(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{item.name}" for item in node.names)


def called(node, names):
    """The full name of what is called."""
    parts = []
    target = node.func
    while isinstance(target, ast.Attribute):
        parts.insert(0, target.attr)
        target = target.value
    if isinstance(target, ast.Name):
        return ".".join([names.get(target.id, target.id), *parts])
    return ".".join(["", *parts])


def findings(tree):
    """What a source does that this package never does."""
    nodes = list(ast.walk(tree))
    names = full_names(nodes)
    for module in imports(nodes):
        if module.startswith("xml.sax.saxutils"):  # it escapes, and parses nothing
            continue
        if any(module == bad or module.startswith(bad + ".") for bad in MODULES):
            yield f"imports {module}"
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = called(node, names)
        if name in CALLS or name.startswith(("os.exec", "os.spawn", "os.posix_spawn")):
            yield f"calls {name}"
        if name.startswith("lxml.etree.") and name.rpartition(".")[2] in PARSERS:
            yield f"parses with {name}"
        for keyword in node.keywords:
            value = keyword.value
            allowed = KEYWORDS.get(keyword.arg)
            if allowed is not None and not (
                isinstance(value, ast.Constant) and value.value is allowed
            ):
                yield f"gives {keyword.arg}={ast.unparse(value)}"
        if name in {"subprocess.run", "subprocess.Popen"} and node.args:
            command = node.args[0]
            if not isinstance(command, ast.List | ast.Name):
                yield f"starts {ast.unparse(command)}, which is no list"
            elif isinstance(command, ast.List) and isinstance(command.elts[0], ast.Constant):
                yield f"starts {command.elts[0].value!r} by its name"


ALLOWED = {
    # The one parser of XML from strangers, which test_hostile_commands.py tries on every command.
    "workbook/xml.py": {
        "parses with lxml.etree.XMLParser",
        "parses with lxml.etree.fromstring",
        # The same for sheets, row by row; test_stream.py tries entities on it.
        "parses with lxml.etree.iterparse",
    },
    # Opens connections, for the commands that are named below and nobody else.
    "market/connection.py": {"imports ccxt"},
    "market/failures.py": {"imports ccxt"},  # its kinds of errors
    "market/sql.py": {"imports sqlalchemy"},
    # Listens, for `xlhedge serve` alone; access.py asks the identity provider of a team for keys.
    "server/access.py": {
        "imports asyncio",
        "imports http.client",  # the kind of its errors
        "imports http.client.HTTPException",
        "imports urllib.request",
    },
    "server/app.py": {"imports asyncio"},
    "server/guard.py": {"imports asyncio"},
    "server/run.py": {"imports asyncio", "imports socket", "imports ssl"},
    "server/workers.py": {"imports asyncio"},
}


def test_no_source_calls_a_shell_runs_text_unpickles_or_opens_a_connection():
    found = {file.relative_to(PACKAGE).as_posix(): set(findings(parsed(file))) for file in SOURCES}
    assert {name: kinds for name, kinds in found.items() if kinds - ALLOWED.get(name, set())} == {}


@pytest.mark.parametrize(
    "line",
    [
        "eval(text)", "exec(text)", "import os; os.system('x')", "import pickle",
        "from os import system; system('x')", "from joblib import load",
        "import subprocess as s; s.run(words, shell=True)",
        "import numpy as np; np.load(file, allow_pickle=True)", "import yaml", "import marshal",
        "import tempfile; tempfile.mktemp()", "from urllib.request import urlopen", "import socket",
        "from urllib import request", "import xml.etree.ElementTree",
        "import shutil; shutil.which('x')",
        "from lxml import etree; etree.parse(file)", "import subprocess; subprocess.run('ls')",
        "from lxml import etree; etree.XMLParser(resolve_entities=True)", "import shelve",
        "import subprocess; subprocess.Popen(['taskkill', number])", "import os; os.execv(a, b)",
        "import pandas as pd; pd.read_pickle(file)", "import subprocess; subprocess.run(f'ls {x}')",
    ],
)  # fmt: skip
def test_the_scan_would_have_seen_it(line):
    assert list(findings(ast.parse(line)))


def imported_by(*targets):
    """Sources outside `xlhedge.market` that import one of the modules, and those that do inside."""
    found = {file.relative_to(PACKAGE).as_posix() for file in SOURCES}
    graph = {name: set(imports(import_nodes(PACKAGE / name))) for name in found}
    inside, before = set(targets), set()
    while inside != before:
        before = set(inside)
        inside |= {
            f"xlhedge.{name[:-3].replace('/', '.')}"
            for name, modules in graph.items()
            if name.startswith("market/") and modules & inside
        }
    return {name for name, modules in graph.items() if modules & inside}, inside


def test_only_fetch_and_refresh_and_a_cluster_open_connections():
    """By the graph of all imports, also those inside functions; docs/security.md says the same."""
    users, modules = imported_by("ccxt", "xlhedge.market.connection")
    assert {name for name in users if not name.startswith("market/")} == {
        "cli/fetch.py", "cli/refresh.py",
    }  # fmt: skip
    # The files' side of the room stays offline.
    files = ("history", "joining", "files", "assembly", "tables", "containers", "brackets")
    assert {f"xlhedge.market.{name}" for name in files}.isdisjoint(modules)
    users, _ = imported_by("sqlalchemy", "xlhedge.market.sql")
    assert users == {"market/sql.py", "cli/fill.py"}
    clusters = {
        file.relative_to(PACKAGE).parts[0]
        for file in SOURCES
        if any(m.startswith("distributed") for m in imports(import_nodes(file)))
    }
    assert clusters <= {"batch", "cli"}


def test_only_serve_listens():
    """By the graph of all imports; docs/security.md says the same."""
    users = {
        file.relative_to(PACKAGE).as_posix()
        for file in SOURCES
        if any(module.startswith("xlhedge.server") for module in imports(import_nodes(file)))
    }
    assert {name for name in users if not name.startswith("server/")} == {"cli/serve.py"}


def test_offline_commands_load_neither_the_exchanges_nor_the_databases_library(tmp_path):
    bars = "".join(f"2025-01-0{day}T00:00Z,{day + 100}\n" for day in range(1, 9))
    (tmp_path / "spot.csv").write_text(f"time,close\n{bars}", encoding="utf-8")
    code = (
        "import sys, xlhedge, xlhedge.cli\n"
        "history = 'history --spot spot.csv -o history.csv'\n"
        "for words in ('functions', 'venues', 'call BASIS 2 1', history):\n"
        "    sys.argv = ['xlhedge', *words.split()]\n"
        "    try: xlhedge.cli.main()\n"
        "    except SystemExit: pass\n"
        "heavy = {'ccxt', 'requests', 'sqlalchemy', 'keyring', 'tenacity', 'uvicorn', 'jwt'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert "LIQ_PRICE" in run.stdout
    assert "binance" in run.stdout
    assert (tmp_path / "history.csv").read_text(encoding="utf-8").count("\n") == 9


def test_core_and_sheet_know_no_file_no_process_and_no_environment():
    """But for the number of processors, and whether the log may quote cells."""
    wrong = []
    for file in [*PACKAGE.glob("core/**/*.py"), *PACKAGE.glob("sheet/*.py")]:
        for module in imports(import_nodes(file)):
            if module.split(".")[0] in {"os", "io", "pathlib", "subprocess", "tempfile", "shutil"}:
                wrong.append((file.name, module))
    assert wrong == [("simulation.py", "os"), ("redaction.py", "os")]
    source = (PACKAGE / "core/risk/simulation.py").read_text(encoding="utf-8")
    assert set(re.findall(r"\bos\.\w+", source)) == {"os.cpu_count"}


# The whole commands with such parts: test_hostile_commands.py.
@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY a SYSTEM "file://{file}">',
        '<!ENTITY % p SYSTEM "file://{file}"> %p;',
        '<!ENTITY a "ha">' + "".join(
            f'<!ENTITY {b} "{f"&{a};" * 10}">'
            for a, b in zip("abcdefghi", "bcdefghij", strict=True)
        ),
    ],
    ids=["external", "parameter", "billion laughs"],
)  # fmt: skip
def test_entities_are_neither_read_nor_multiplied(tmp_path, declarations):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET-1704")
    last = "j" if "ENTITY j" in declarations else "a"
    text = f"<!DOCTYPE x [{declarations.replace('{file}', str(secret))}]><x>&{last};</x>"
    with pytest.raises(FileError) as refused:
        parse_xml(text.encode(), "xl/workbook.xml")
    assert "SECRET" not in str(refused.value)
    assert len(str(refused.value)) < 200


TRAPS = (
    "numpy", "scipy", "pandas", "lxml", "openpyxl", "xlhedge", "xlwings", "formualizer", "typer",
    "rich", "filelock", "platformdirs", "multiprocessing", "concurrent", "signal", "json", "socket",
    "sitecustomize", "usercustomize", "encodings", "site", "xlsxwriter", "distributed",
)  # fmt: skip
PROGRAMS = ("soffice", "libreoffice", "ps", "python", "python3", "taskkill", "tasklist", "unopkg")


@pytest.fixture
def trapped(tmp_path, monkeypatch):
    """A folder with a workbook and, beside it, whatever would be run by accident."""
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)  # a server that a test started has set it
    folder, sprung = tmp_path / "from_elsewhere", tmp_path / "sprung"
    folder.mkdir()
    sprung.mkdir()
    by_xlsxwriter(folder / "book.xlsx")
    for name in TRAPS:
        code = f"open({str(sprung / name)!r}, 'w').close()\nraise SystemExit('trap: {name}')\n"
        (folder / f"{name}.py").write_text(code)
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\ntouch {sprung / name}\n")
        (folder / name).chmod(0o755)
    (folder / "evil.pth").write_text(f"import os; open({str(sprung / 'pth')!r}, 'w').close()\n")
    (folder / "pyvenv.cfg").write_text(f"home = {folder}\n")
    for name in ("xlwings.conf", "xlwings.json", ".env"):
        (folder / name).write_text('"INTERPRETER_WIN","python"\n"PYTHONPATH","."\n')
    return folder, sprung


def run_there(folder, *words, **options):
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120, **options,
    )  # fmt: skip


@pytest.fixture
def script(tmp_path):
    """The command as pip installs it: a script in a folder of its own."""
    file = tmp_path / "bin" / "xlhedge"
    file.parent.mkdir()
    code = "import sys\nfrom xlhedge.cli import main\nif __name__ == '__main__':\n"
    file.write_text(code + "    sys.exit(main())\n")
    return file


@pytest.mark.skipif(os.name == "nt", reason="the trapped programs are shell scripts")
@pytest.mark.parametrize(
    "words",
    [
        # A batch recalculates too, and starts a process.
        pytest.param(["recalc", "book.xlsx", "--in-place"], marks=pytest.mark.slow),
        ["batch", "book.xlsx", "--out", "out", "--workers", "1"],
        pytest.param(["call", "XLHEDGE_VERSION"], marks=pytest.mark.slow),
    ],
    ids=lambda words: words[0],
)
def test_nothing_beside_a_workbook_is_run(trapped, script, words):
    folder, sprung = trapped
    run = run_there(folder, script, *words)
    assert run.returncode == 0, run.stdout + run.stderr
    assert list(sprung.iterdir()) == []


def test_the_server_that_excel_starts_takes_no_module_beside_a_workbook(trapped):
    """Without COM it gets as far as xlwings, which has no server here; the traps lie on the way."""
    folder, sprung = trapped
    command = (PACKAGE / "hosts/excel/bridge.bas").read_text(encoding="ascii")
    assert re.findall(r'ServerCommand = .*pythonw.exe"\) & """ (.*) \$\(CLSID\)', command) == [
        "-I -m xlhedge.windows.serve"
    ]
    run = run_there(folder, "-I", "-m", "xlhedge.windows.serve", "{0}")
    if sys.platform != "win32":
        assert "raise_missing_pywin32" in run.stderr
    assert list(sprung.iterdir()) == []
    # The traps work: this is what Python itself does without -I or -P.
    assert "trap" in run_there(folder, "-m", "xlhedge.windows.serve", "{0}").stderr
    assert list(sprung.iterdir())


def test_every_python_that_is_started_is_isolated():
    started = []
    for file in (file for file in SOURCES if "sys.executable" in file.read_text(encoding="utf-8")):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.List) and "sys.executable" in map(ast.unparse, node.elts):
                started.append((file.name, ast.unparse(node.elts[1])))
    assert started == [("watchdog.py", "'-I'")]
    script = (ROOT / "install.ps1").read_text(encoding="ascii")
    assert re.findall(r"& \$Path (\S+)", script) == ["-I", "-I"]
    assert set(re.findall(r"& (\$\w+)", script)) == {"$Path", "$step"}
    prepare = (ROOT / "xlhedge/windows/prepare.py").read_text(encoding="utf-8")
    runs = re.findall(r'(?:log\.run\(|\[)(?:base|str\(python\)), ("-I")', prepare)
    assert len(runs) == len(re.findall(r"\bbase, \"|str\(python\), ", prepare)) == 3


def test_the_add_ins_vba_starts_programs_by_their_full_path_and_reaches_nothing_else():
    """CreateProcess looks for a bare name in the current folder before that of Windows."""
    started, lowered = [], ""
    for module in xlam.modules(vba.render()):
        code = module.text.replace(" _\r\n", " ").replace(" _\n", " ")
        code = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("'"))
        started += re.findall(r"\bShell\s+(.*)", code)
        lowered += code.lower()
    rest = ['Environ("SystemRoot") & "\\explorer.exe', 'XlhedgeProgram("python.exe") & ']
    assert len(started) == len(rest)
    for call, program in zip(started, rest, strict=True):
        assert call.startswith('"""" & ' + program), call
    for word in ("createobject", "getobject", "sendkeys", "http", "savesetting", "kill ", "vbe"):
        assert word not in lowered, word
    declared = re.findall(r"declare ptrsafe function (\w+) lib \"([^\"]+)\"", lowered)
    assert {name for name, _ in declared} == {"activate", "loadlibraryw"}


def watched(tmp_path, *commands):
    """The audit of each command: what it started, created, and asked of the network."""
    report = tmp_path / "report.json"
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    places = {"TMPDIR": str(temporary), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = subprocess.run(
        [sys.executable, HELPERS / "watched.py", report],
        input=json.dumps([list(map(str, words)) for words in commands]),
        env=os.environ | places | {"XDG_STATE_HOME": str(tmp_path / "state")},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert list(temporary.iterdir()) == []
    return json.loads(report.read_text())


@pytest.mark.skipif(os.name == "nt", reason="rights are those of POSIX")
def test_commands_use_no_network_and_keep_what_they_write_in_between_to_the_user(tmp_path):
    book, out = by_xlsxwriter(tmp_path / "book.xlsx"), tmp_path / "out.xlsx"
    rows = table_csv(tmp_path / "rows.csv", 9)
    commands = (
        (("recalc", book, "-o", out), 0),
        (("fill", book, f"Hist={rows}", "-o", tmp_path / "filled.xlsx"), 0),
        (("new", "margin", tmp_path / "new.xlsx"), 1),
        (("call", "LIQ_PRICE", "-1", "70000", "7000", "0.005"), 0),
        (("functions",), 0),
    )
    reports = watched(tmp_path, *(words for words, _ in commands))
    for (words, folders), told in zip(commands, reports, strict=True):
        assert told["network"] == []
        assert {program for _, program in told["started"]} <= {sys.executable}
        assert len(told["folders"]) >= folders, words
        assert all(rights == 0o700 for _, rights in told["folders"])
        assert all(rights == 0o600 for _, rights in told["parts"])
        assert len(told["parts"]) >= (words[0] in {"recalc", "fill", "new"})
        private = [folder for folder, _ in told["folders"]]
        private += [str(tmp_path / "cache"), str(tmp_path / "state"), os.devnull]
        for file in told["created"]:
            beside = file.endswith(".xlhedge-part") and Path(file).parent == tmp_path
            # tempfile asks whether it can write, with an empty file of its own.
            probe = re.fullmatch(r".*/temporary/[a-z0-9_]{8}", file)
            assert beside or probe or file.startswith(tuple(private)), (words, file)
    for folder in ("cache", "state"):
        for file in (tmp_path / folder).rglob("*"):
            assert file.is_dir() or file.suffix != ".lock" or file.stat().st_size == 0


def test_the_watcher_sees_connections_programs_and_open_files(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import watched, socket, subprocess, json\n"
        "sys.addaudithook(watched.watch)\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except ConnectionRefusedError: pass\n"
        "subprocess.run([sys.executable, '-V'])\n"
        "open('made', 'w').close()\n"
        "print(json.dumps(watched.REPORT))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, HELPERS],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["network"][0][0] == "socket.getaddrinfo"
    assert told["started"] == [["subprocess.Popen", sys.executable]]
    assert str(tmp_path / "made") in told["created"]


MARKS = ("SECRETFUND", "8642.0975", "86420975", "2087-03")
LOGGED = """
import os, sys
os.umask(0)
from datetime import datetime
import xlhedge.udfs, xlhedge.hosts.libreoffice.bridge as bridge
from xlhedge.catalog import CATALOG
from xlhedge.sheet.spec import FunctionSpec
from xlhedge.system import log as logs
text, number, date = "SECRETFUND", 8642.0975, datetime(2087, 3, 1)
shapes = [text, number, -number, date, ((text, number), (number, date)), ((number,), (text,)),
          (("account", "balance"), (text, number)), (("asset", text), (text, number))]
for name, spec in CATALOG.items():
    for value in shapes:
        getattr(xlhedge.udfs, name)(*[value] * max(1, len(spec.parameters)))
        bridge.answer(name, *[value] * max(1, len(spec.parameters)))
def broken(number: float) -> float:
    raise RuntimeError(f"{number} of {text}")
CATALOG._known["BROKEN"] = FunctionSpec("BROKEN", "Test", broken)
xlhedge.udfs.BROKEN(number)
bridge.explain = None
bridge.answer("LIQ_PRICE", text, number)
print(logs.path().stat().st_size)
os.environ["XLHEDGE_LOG_CELLS"] = "1"
xlhedge.udfs.LIQ_PRICE(text, number)
xlhedge.udfs.BROKEN(number)
print(logs.path())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the log is asked to lie elsewhere")
def test_the_log_holds_no_cell_unless_it_was_asked_to(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", LOGGED], env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    size, log = run.stdout.splitlines()
    content = Path(log).read_bytes()
    text, asked = content[: int(size)].decode(), content[int(size) :].decode()
    assert "LIQ_PRICE(text, text, text, text" in text
    assert "BROKEN(number) failed" in text
    assert "LIQ_PRICE(text, number) failed" in text
    assert "TypeError" in text
    assert [mark for mark in MARKS if mark in text] == []
    assert stat.S_IMODE(Path(log).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(log).parent.stat().st_mode) == 0o700
    assert "SECRETFUND" in asked
    assert "8642.0975" in asked


def test_recalculating_a_book_leaves_nothing_of_it_in_logs_and_caches(tmp_path, script):
    from recalc_helpers import formulas

    book = formulas(tmp_path / "book.xlsx", '=LIQ_PRICE("SECRETFUND",8642.0975)', "=1/0")
    home = tmp_path / "home"
    places = {name: str(home) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME")}
    run = run_there(
        tmp_path, script, "recalc", book, "-o", "out.xlsx", env=os.environ | places
    )  # fmt: skip
    assert run.returncode in {0, 1}, run.stderr
    kept = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert [mark for mark in MARKS if mark.encode() in kept] == []
