"""Where the rows of a table come from, which of them are refused, and the command that fills."""

import sys
import zipfile
from datetime import datetime, timedelta, timezone

import pandas as pd
import pytest
from fill_helpers import (
    START,
    fill_refusal,
    rows,
    table_csv,
)
from places import ROOT
from recalc_helpers import opened, parts, rebuilt

from xlhedge.cli import app, main
from xlhedge.errors import FileError
from xlhedge.filling import sources
from xlhedge.templates import fill, read_table
from xlhedge.workbook import package
from xlhedge.workbook.archive import read_file

SHEET = "xl/worksheets/sheet1.xml"
AROUND = timedelta(milliseconds=1)


def test_what_was_read_can_be_written_back(book):
    frame = read_table(book, "Hist")
    report = fill(book, {"Hist": frame})
    assert report.tables[0].passed_over == ["log", "share"]
    pd.testing.assert_frame_equal(
        read_table(book, "Hist")[["time", "price"]], frame[["time", "price"]]
    )


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rows_come_from_other_files(book, kind):
    frame = pd.DataFrame(rows(7), columns=["time", "asset", "price"])
    path = book.with_name(f"rows.{kind}")
    if kind == "parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_excel(path, index=False)
    fill(book, {"Hist": path})
    read = read_table(book, "Hist")
    assert list(read["price"]) == pytest.approx(list(frame["price"]), rel=1e-14)
    assert all(abs(a - b) < AROUND for a, b in zip(read["time"], frame["time"], strict=True))


@pytest.mark.parametrize(
    ("zone", "statement"),
    [
        ("Z", "in UTC"),
        ("", "no time zone given, taken as UTC"),
        ("+02:00", "given as UTC+02:00, written in UTC"),
    ],
)
def test_time_zones_are_stated(book, zone, statement):
    report = fill(book, {"Hist": table_csv(book.with_name("t.csv"), 3, zone=zone)})
    assert report.tables[0].zones == {"time": statement}
    hours = 2 if zone == "+02:00" else 0
    assert read_table(book, "Hist")["time"][0] == START - timedelta(hours=hours)


def test_aware_times_of_a_frame_are_written_in_utc(book):
    zone = timezone(timedelta(hours=-5))
    frame = pd.DataFrame(
        {"time": [datetime(2024, 1, 1, tzinfo=zone)], "asset": ["BTC"], "price": [1.0]}
    )
    fill(book, {"Hist": frame})
    assert read_table(book, "Hist")["time"][0] == datetime(2024, 1, 1, 5)


def test_a_book_that_counts_from_1904_keeps_its_calendar(book):
    content = parts(book)["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
    rebuilt(book, {"xl/workbook.xml": content})
    fill(book, {"Hist": table_csv(book.with_name("t.csv"), 3)})
    assert read_table(book, "Hist")["time"][0] == START
    assert opened(book)["Data"]["B5"].value == START


def csv_of(book, text):
    path = book.with_name("rows.csv")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


GOOD = "time,asset,price\n2024-01-01,BTC,1\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("time,asset,price\n", "has no rows"),
        (b"PK\x03\x04\x00\x00binary", "holds binary data"),
        (b"time,asset,price\n2024-01-01,\xff\xfe,1\n", "is not a CSV file in UTF-8"),
        ("1,2,3\n4,5,6\n", "has no header: its first row holds numbers"),
        ("time,asset,price,price\n2024-01-01,BTC,1,2\n", "has two columns for price"),
        (GOOD + "\n" + "2024-01-02,BTC,1\n", "row 3 is blank"),
        (GOOD + "2024-01-02,BTC\n", "row 3 has 2 fields, the header has 3"),
        (GOOD + "2024-01-02,BTC,abc\n", "row 3, column price: 'abc' is not a number"),
        (GOOD + '2024-01-02,BTC,"1,000"\n', "'1,000' is not a number"),
        (GOOD + "2024-01-02,BTC,1e999\n", "is not a finite number"),
        (GOOD + "2024-01-02,BTC,nan\n", "'nan' is not a number"),
        (GOOD + "2024-01-02,BTC,=1+1\n", "'=1+1' is not a number"),
        (GOOD + "01/02/2024,BTC,1\n", "row 3, column time: '01/02/2024' is not a time"),
        (GOOD + ",BTC,1\n", "row 3, column time: the time is missing"),
        (GOOD + "1850-01-01,BTC,1\n", "lies before a worksheet's first date"),
        (GOOD + f"2024-01-02,{'x' * 40_000},1\n", "a cell holds 32767"),
        (GOOD + f"2024-01-02,{'x' * 200_000},1\n", "field larger than field limit"),
        (GOOD + '2024-01-02,"BTC,1\n', "row 3: unexpected end of data"),
        ("time;asset\n2024-01-01;BTC\n", "has no column price: it has time, asset"),
    ],
)
def test_csv_files_that_do_not_fit_are_refused(book, text, sentence):
    assert sentence in fill_refusal(book, {"Hist": csv_of(book, text)})


@pytest.mark.parametrize("text", [GOOD.replace(",", ";"), GOOD.replace(",", "\t"), "\ufeff" + GOOD])
def test_other_separators_and_a_byte_order_mark_are_read(book, text):
    fill(book, {"Hist": csv_of(book, text)})
    assert read_table(book, "Hist")["price"].tolist() == [1.0]


def test_a_huge_csv_file_is_refused_unread(book, monkeypatch):
    path = book.with_name("huge.csv")
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    assert "at most 268435456 are read" in fill_refusal(book, {"Hist": path})
    monkeypatch.setenv("XLHEDGE_MAX_FILE_MB", "0.0001")
    assert "bytes; at most" in fill_refusal(book, {"Hist": csv_of(book, GOOD * 9)})


def test_files_of_other_kinds_are_refused(book):
    for name, content, sentence in (
        ("a.parquet", b"PAR1 not really", "is not a Parquet file"),
        ("b.parquet", b"a,b", "is not a Parquet file"),
        ("c.xlsx", b"a,b", "is not an .xlsx workbook"),
        ("d.pickle", b"a,b", "rows are read from .csv, .parquet and .xlsx files"),
    ):
        path = book.with_name(name)
        path.write_bytes(content)
        assert sentence in fill_refusal(book, {"Hist": path})
    assert "does not exist" in fill_refusal(book, {"Hist": book.with_name("missing.csv")})


def test_tables_that_are_not_there_are_refused(book):
    assert "has no table 'Trades': its tables are Hist" in fill_refusal(book, {"Trades": GOOD})
    with pytest.raises(FileError, match="has no table 'Trades'"):
        read_table(book, "Trades")


def test_a_table_that_is_given_under_two_spellings_is_refused(book):
    frame = pd.DataFrame({"time": [START], "asset": ["BTC"], "price": [1.0]})
    assert "the table Hist is given twice" in fill_refusal(book, {"Hist": frame, "hist": frame})


def test_a_column_that_the_source_lacks_is_refused_unless_it_is_blank(book):
    frame = pd.DataFrame({"time": [START], "price": [1.0]})
    assert "has no column asset: it has time, price" in fill_refusal(book, {"Hist": frame})


def test_the_command_fills_and_reports(book, capsys, monkeypatch):
    given = table_csv(book.with_name("t.csv"), 9)
    target = book.with_name("out.xlsx")
    before = book.read_bytes()
    words = ["xlhedge", "fill", str(book), f"Hist={given}", "-o", str(target)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    assert "Hist: 5 rows before, 9 now" in said.out
    assert "time: in UTC" in said.out
    assert "references that follow the rows: " in said.out
    assert "validation on Data" in said.out
    assert book.read_bytes() == before
    assert len(read_table(target, "Hist")) == 9


def test_the_command_reads_the_workbook_and_each_file_once(book, monkeypatch):
    given, target = table_csv(book.with_name("t.csv"), 9), book.with_name("out.xlsx")
    asked = []

    def read(path, limits):
        asked.append(path.name)
        return read_file(path, limits)

    for module in (package, sources):
        monkeypatch.setattr(module, "read_file", read)
    app(["fill", str(book), f"Hist={given}", "-o", str(target)], standalone_mode=False)
    assert asked == [book.name, "t.csv"]


def test_the_command_takes_the_table_of_that_name_out_of_a_workbook_of_several(tmp_path):
    desk, target = ROOT / "workbooks" / "basis_history.xlsx", tmp_path / "out.xlsx"
    words = ["fill", str(desk), f"History={desk}", "--no-recalc", "-o", str(target)]
    app(words, standalone_mode=False)
    typed = ["time", "spot", "futures", "funding_rate"]
    pd.testing.assert_frame_equal(
        read_table(target, "History")[typed], read_table(desk, "History")[typed]
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Hist=t.csv", "would be overwritten: name another file"),
        ("Hist=t.csv -o there.xlsx", "exists already"),
        ("Hist", "'Hist' is not of the form TABLE=FILE"),
        ("Hist=t.csv --map x --in-place", "is not of the form --map"),
        ("Hist=t.csv Hist=t.csv --in-place", "Hist is given twice"),
        ("Hist=t.csv hist=t.csv --in-place", "hist is given twice"),
    ],
)
def test_the_command_refuses_in_one_line(book, monkeypatch, capsys, words, sentence):
    table_csv(book.with_name("t.csv"), 9)
    book.with_name("there.xlsx").write_bytes(b"mine")
    monkeypatch.chdir(book.parent)
    monkeypatch.setattr(sys, "argv", ["xlhedge", "fill", book.name, *words.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_zip_archive_that_lies_about_its_sizes_is_refused(book):
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        size = archive.getinfo(SHEET).file_size
    at = content.rindex(SHEET.encode()) - 22
    assert int.from_bytes(content[at : at + 4], "little") == size
    content[at : at + 4] = (10).to_bytes(4, "little")
    book.write_bytes(bytes(content))
    assert "is damaged at" in fill_refusal(book, {"Hist": {"time": [START]}})
