"""Every command that reads a file meets the files that were made to do harm."""

import json
import os
import socket
import subprocess
import sys
import threading
import zipfile

import pytest
from crews import here
from fill_helpers import by_xlsxwriter, table_csv
from recalc_helpers import Book, parts, rebuilt

from xlhedge.batch import workers
from xlhedge.cli import main
from xlhedge.errors import FileError
from xlhedge.recalc import Limits, Package

SHEET, TYPES = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
TABLE, CHART, STYLES = "xl/tables/table1.xml", "xl/charts/chart1.xml", "xl/styles.xml"
INTERNAL = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
REMOTE = b'<!-- > --><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return by_xlsxwriter(tmp_path_factory.mktemp("good") / "good.xlsx", 5).read_bytes()


def with_prolog(part, prolog):
    def make(path):
        content = parts(path)[part]
        start = content.index(b"?>") + 2
        rebuilt(path, {part: content[:start] + prolog + content[start:]})

    return make


def with_part(name, content=b"x"):
    return lambda path: rebuilt(path, extra=[(name, content)])


def without(name):
    return lambda path: rebuilt(path, drop=[name])


def with_type(old, new):
    def make(path):
        rebuilt(path, {TYPES: parts(path)[TYPES].replace(old, new)})

    return make


def bomb(path):
    content = parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as output:
        for name, part in content.items():
            if name != SHEET:
                output.writestr(name, part)
        with output.open(SHEET, "w", force_zip64=True) as sheet:
            for _ in range(11):
                sheet.write(b"a" * MEGABYTE)


def encrypted(path):
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    path.write_bytes(head + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(900))


DOCUMENT_TYPE = "holds a document type declaration"
HOSTILE = {
    "bomb": (bomb, "looks like a zip bomb"),
    "traversal": (with_part("../../evil.txt"), "unsafe name: '../../evil.txt'"),
    "absolute": (with_part("/etc/evil"), "unsafe name: '/etc/evil'"),
    "twice": (with_part(SHEET.upper()), "twice"),
    "entities": (with_prolog(SHEET, INTERNAL), f"{SHEET} {DOCUMENT_TYPE}"),
    "external": (with_prolog("xl/sharedStrings.xml", EXTERNAL), DOCUMENT_TYPE),
    "remote": (with_prolog("xl/workbook.xml", REMOTE), DOCUMENT_TYPE),
    "unread": (with_prolog(STYLES, EXTERNAL), f"{STYLES} {DOCUMENT_TYPE}"),
    "no_sheet": (without(SHEET), f"lacks the part {SHEET}"),
    "no_table": (without(TABLE), f"lacks the part {TABLE}"),
    "no_texts": (without("xl/sharedStrings.xml"), "lacks the part xl/sharedStrings.xml"),
    "no_styles": (without(STYLES), f"lacks the part {STYLES}, which xl/workbook.xml refers to"),
    "no_types": (without(TYPES), "is a zip archive, not an .xlsx workbook"),
    "wrong_sheet": (with_type(b"worksheet+xml", b"styles+xml"), "has the wrong content type"),
    "wrong_chart": (with_type(b"drawingml.chart+xml", b"x-msdownload"), "wrong content type"),
    "encrypted": (encrypted, "is protected by a password"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:9000]), "damaged zip archive"),
}


@pytest.fixture(scope="module")
def hostile(good, tmp_path_factory):
    """The bytes of each hostile book, by name."""
    path = tmp_path_factory.mktemp("hostile") / "book.xlsx"
    made = {}
    for name, (make, _) in HOSTILE.items():
        path.write_bytes(good)
        make(path)
        made[name] = path.read_bytes()
    return made


def failed(capsys, monkeypatch, *words):
    """What a command said when it failed; all of it."""
    monkeypatch.setattr(sys, "argv", ["xlhedge", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code not in (0, None)
    said = capsys.readouterr()
    return said.out + said.err


COMMANDS = {
    "recalc": lambda hostile, _, out: ("recalc", hostile, "-o", out),
    "set": lambda hostile, _, out: ("set", hostile, "Confidence=0.9", "-o", out),
    "show": lambda hostile, _, out: ("show", hostile),
    "report": lambda hostile, _, out: ("report", hostile, "-o", out.with_suffix(".pdf")),
    "fill": lambda hostile, rows, out: ("fill", hostile, f"Hist={rows}", "-o", out),
    "fill from it": lambda hostile, rows, out: (
        "fill", rows.with_name("good.xlsx"), f"Hist={hostile}", "-o", out,
    ),
    "new": lambda hostile, rows, out: ("new", "hedge_desk", out, "--history", hostile),
    "history": lambda hostile, rows, out: ("history", "--spot", hostile, "-o", out),
    "new with funding": lambda hostile, rows, out: (
        "new", "hedge_desk", out, "--history", rows.with_name("prices.csv"), "--funding", hostile,
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_refuses_each_hostile_book_in_one_line(
    tmp_path, good, hostile, capsys, monkeypatch, command
):
    (tmp_path / "good.xlsx").write_bytes(good)
    rows = table_csv(tmp_path / "rows.csv", 9)
    (tmp_path / "prices.csv").write_text("time,spot,futures\n2024-01-01,1,1\n")
    path = tmp_path / "hostile.xlsx"
    for name, (_, sentence) in HOSTILE.items():
        path.write_bytes(hostile[name])
        before = {file: file.read_bytes() for file in tmp_path.iterdir()}
        words = COMMANDS[command](path, rows, tmp_path / "out.xlsx")
        said = failed(capsys, monkeypatch, *words)
        assert sentence in said, name
        assert str(path) in said, name
        assert said.count("\n") == 1, name
        assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before, name


def test_a_batch_names_each_hostile_book_and_does_the_others(
    tmp_path, good, hostile, capsys, monkeypatch
):
    books = tmp_path / "books"
    books.mkdir()
    for name, content in hostile.items():
        (books / f"{name}.xlsx").write_bytes(content)
    (books / "sound.xlsx").write_bytes(good)
    before = {file: file.read_bytes() for file in books.iterdir()}
    out = tmp_path / "out"
    monkeypatch.setattr(workers, "local", lambda count: here())
    said = failed(capsys, monkeypatch, "batch", f"{books}/*.xlsx", "--out", out)
    assert "1 of 19 books" in said
    lines = [json.loads(line) for line in (out / "batch.jsonl").read_text().splitlines()]
    problems = {line["target"].removesuffix(".xlsx"): line["problem"] for line in lines}
    assert problems.pop("sound") == ""
    for name, (_, sentence) in HOSTILE.items():
        assert sentence in problems[name]
    assert {file: file.read_bytes() for file in books.iterdir()} == before
    assert sorted(file.name for file in out.iterdir()) == ["batch.jsonl", "sound.xlsx"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["books", "out"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such devices")
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_devices_and_pipes_are_not_read(tmp_path, good, capsys, monkeypatch, ending):
    (tmp_path / "good.xlsx").write_bytes(good)
    rows = table_csv(tmp_path / "rows.csv", 9)
    endless, pipe = tmp_path / f"endless.{ending}", tmp_path / f"pipe.{ending}"
    endless.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    commands = [COMMANDS["fill from it"], COMMANDS["new"]]
    if ending == "xlsx":
        commands.append(COMMANDS["recalc"])
    if ending == "csv":
        commands.append(lambda hostile, _, out: ("call", "HEDGE_RATIO", f"@{hostile}", "1"))
    for path in (endless, pipe):
        for make in commands:
            said = failed(capsys, monkeypatch, *make(path, rows, tmp_path / "out.xlsx"))
            assert f"{path} is a device or a pipe, not a file" in said
            assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["fill from it", "new"])
def test_a_gigabyte_of_one_field_is_refused(tmp_path, good, capsys, monkeypatch, command):
    (tmp_path / "good.xlsx").write_bytes(good)
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"time,spot,futures\n2024-01-01,")
        file.truncate(1024 * MEGABYTE)
    words = COMMANDS[command](path, tmp_path / "rows.csv", tmp_path / "out.xlsx")
    assert f"{path} has 1073741824 bytes; at most" in failed(capsys, monkeypatch, *words)
    path.write_bytes(b"time,spot,futures\n2024-01-01," + b"9" * 8 * MEGABYTE)
    assert "field larger than field limit" in failed(capsys, monkeypatch, *words)


def test_a_part_of_too_many_elements_is_refused_before_it_takes_the_memory(tmp_path, good):
    path = tmp_path / "book.xlsx"
    path.write_bytes(good)
    rows = b"".join(b"<row>" + b"<c><v>1</v></c>" * 99 + b"</row>" for _ in range(50))
    sheet = parts(path)[SHEET].partition(b"<row")[0] + rows + b"</sheetData></worksheet>"
    rebuilt(path, {SHEET: sheet})
    with pytest.raises(FileError, match=r"sheet1.xml has 99\d\d XML elements; at most 5000 are"):
        Package.open(path, Limits(elements=5000)).tree(SHEET)


def test_a_book_without_a_chart_and_with_the_files_of_macos_is_read(tmp_path, good):
    path = tmp_path / "book.xlsx"
    path.write_bytes(good)
    rebuilt(path, drop=[CHART], extra=[("__MACOSX/xl/_rels/._a.xml.rels", b"\0\5\x16")])
    assert len(Package.open(path).tables) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_document_type_is_seen_in_any_encoding(tmp_path, good, encoding):
    path = tmp_path / "book.xlsx"
    path.write_bytes(good)
    text = '<?xml version="1.0"?>\n<!--a--b?>--><?p q?><!DOCTYPE x><x/>'
    rebuilt(path, {STYLES: text.encode(encoding)})
    with pytest.raises(FileError, match=DOCUMENT_TYPE):
        Package.open(path)
    rebuilt(path, {STYLES: text.replace("<!DOCTYPE x><x/>", "<x a='<!DOCTYPE'/>").encode(encoding)})
    Package.open(path)


def test_nothing_calls_out(tmp_path, good, capsys, monkeypatch):
    """A server listens where the book points; nobody comes."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def answer():
            try:
                while True:
                    calls.append(server.accept())
            except OSError:
                return

        path = tmp_path / "book.xlsx"
        path.write_bytes(good)
        texts = (f'WEBSERVICE("{address}")', f"'{address}[a.xlsx]S'!A1", f'IMAGE("{address}")')
        cells = "".join(
            f'<c r="{column}1"><f>{text.replace(chr(34), "&quot;")}</f><v>7</v></c>'
            for column, text in zip("ABC", texts, strict=True)
        )
        sheet = parts(path)[SHEET]
        first = sheet.index(b">", sheet.index(b'<row r="1"')) + 1
        rebuilt(path, {SHEET: sheet[:first] + cells.encode() + sheet[first:]})
        listener = threading.Thread(target=answer)
        listener.start()
        rows = table_csv(tmp_path / "rows.csv", 9)
        for words in (
            ("recalc", path, "-o", tmp_path / "out.xlsx"),
            ("fill", path, f"Hist={rows}", "-o", tmp_path / "filled.xlsx"),
        ):
            monkeypatch.setattr(sys, "argv", ["xlhedge", *map(str, words)])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code == 0
            assert "A1 kept its value: it calls WEBSERVICE" in capsys.readouterr().out
        listener.join()
    assert calls == []


@pytest.mark.skipif(os.name == "nt", reason="the second process needs POSIX signals")
@pytest.mark.parametrize(
    "command",
    ["new", pytest.param("batch", marks=pytest.mark.slow)],  # test_batch.py kills its workers
)
def test_each_command_ends_at_its_limit(tmp_path, command):
    rows = tmp_path / "rows.csv"
    rows.write_text("time,spot,futures,funding_rate\n2024-01-01,1,1,0\n")
    book = tmp_path / "book.xlsx"
    count = 3000 if command == "batch" else 1
    with Book(book) as made:
        sheet = made.add_worksheet()
        for row in range(count):
            sheet.write_formula(row, 1, f"=SUMPRODUCT((A$1:A${count}>A{row + 1})*(A$1:A$9<5))")
    words = {
        "new": ["new", "hedge_desk", tmp_path / "out.xlsx", "--history", rows],
        "batch": ["batch", book, "--out", tmp_path / "out"],
    }[command]
    done = subprocess.run(
        [sys.executable, "-m", "xlhedge", *map(str, words)],
        env=os.environ | {"XLHEDGE_MAX_MEMORY_MB": "20"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode
    assert "needs more than 20 MB of memory (XLHEDGE_MAX_MEMORY_MB): stopped" in done.stderr
    assert "Traceback" not in done.stderr
    if command == "batch":
        assert "the process that calculated it died, twice" in done.stdout
    assert not (tmp_path / "out.xlsx").exists()
    assert not (tmp_path / "out" / "book.xlsx").exists()
