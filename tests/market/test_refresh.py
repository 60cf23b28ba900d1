"""`xlhedge refresh`: the morning's work in one command, end to end against a simulated venue."""

import functools
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from book_helpers import named_values
from loopback import command
from openpyxl import load_workbook
from places import ROOT
from simulated import HTML, Venue, at, futures_price, rate, spot_price
from source_book import HOUR, source_book

from xlhedge.filling import read_table
from xlhedge.recalc import recalculate

LOOPBACK = ROOT / "tests" / "helpers" / "loopback.py"
LAST = at("2026-02-20T16:00:00")
NOW = at("2026-03-01T10:07:00")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return functools.partial(command, monkeypatch, capsys)


@pytest.fixture
def book(tmp_path):
    path = source_book(tmp_path / "desk.xlsx", LAST)
    recalculate(path, in_place=True)
    return path


@pytest.fixture
def venue():
    return Venue(NOW, [(0, 8)])


def test_a_book_is_brought_up_to_date_and_says_what_changed(book, venue, run):
    before = book.read_bytes()
    with venue.serving() as (port, log):
        code, out, err = run(port, "refresh", book, "--dry-run")
        assert (code, err) == (0, "")
        assert "26 rows would come after 2026-02-20T16:00:00Z" in out
        assert book.read_bytes() == before
        code, out, err = run(port, "refresh", book)
        assert (code, err) == (0, "")
        assert "26 rows after 2026-02-20T16:00:00Z" in out
        assert f"{spot_price(LAST):.12g} → {spot_price(at('2026-03-01T08:00')):.12g}" in out
        assert "(LastSpot)" in out
        assert "error" not in out
        after = book.read_bytes()
        asked = len(log)
        code, out, err = run(port, "refresh", book)
        assert (code, err) == (0, "")
        assert "nothing is new since 2026-03-01T08:00:00Z" in out
        assert book.read_bytes() == after
        assert len(log) > asked
    table = read_table(book, "History")
    assert len(table) == 46
    closes = (table["time"].astype("int64") // 1_000_000).tolist()
    assert closes == [LAST + step * 8 * HOUR for step in range(-19, 27)]
    assert table["spot"].tolist() == [spot_price(close) for close in closes]
    assert table["futures"].tolist() == [futures_price(close) for close in closes]
    assert table["funding_rate"].tolist() == [rate(close) for close in closes]
    assert table["basis"].tolist() == pytest.approx(
        [spot_price(close) - futures_price(close) for close in closes]
    )
    assert {"apiKey", "signature", "X-MBX-APIKEY"}.isdisjoint(
        {name for asked in log for name in (*asked.query, *asked.headers)}
    )


def test_a_book_of_another_market_without_names_or_with_gaps_stays_as_it_was(
    book, venue, run, tmp_path
):
    before = book.read_bytes()
    other = source_book(tmp_path / "other.xlsx", LAST, symbols=("DOGE/USDT:USDT",))
    nowhere = source_book(tmp_path / "nowhere.xlsx", LAST, venue="lehman")
    venue.without_settlements = {at("2026-02-25T08:00:00")}
    with venue.serving() as (port, _):
        for path, sentence in (
            (book, "missing 2026-02-25T08:00:00Z"),
            (other, "binance has no market 'DOGE/USDT:USDT'"),
            (nowhere, "'lehman' is no exchange that is known"),
        ):
            code, out, err = run(port, "refresh", path)
            assert (code, out) == (1, "")
            assert sentence in err
            assert err.count("\n") == 1
        venue.without_settlements = set()
        venue.troubles = lambda asked, number: HTML if number > 3 else None
        code, out, err = run(port, "refresh", book)
        assert code == 1
        assert "answered with a web page instead of data" in err.splitlines()[-1]
    assert book.read_bytes() == before


def test_prices_that_are_not_the_books_own_are_refused(tmp_path, venue, run):
    book = source_book(tmp_path / "eth.xlsx", LAST + 20 * HOUR * 8, rows=5)
    # The book's last row is of another time: its price is another one.
    table = read_table(book, "History")
    assert len(table) == 5
    with venue.serving() as (port, _):
        code, _, err = run(port, "refresh", book, "--dry-run")
        assert code == 0, err
    changed = load_workbook(book)
    for row in range(2, 7):
        changed["History"].cell(row, 2).value *= 1.05
    changed.save(book)
    with venue.serving() as (port, _):
        code, _, err = run(port, "refresh", book)
    assert code == 1
    assert "is another market" in err


def test_a_book_of_several_coins_with_all_symbols_in_one_cell(tmp_path, venue, run):
    """Daily bars, made of shorter ones."""
    last = at("2026-02-21T00:00:00")
    book = source_book(
        tmp_path / "two.xlsx", last, interval=24 * HOUR, coins=("BTC", "ETH"),
        symbols=("BTC/USDT:USDT, ETH/USDT:USDT",),
    )  # fmt: skip
    with venue.serving() as (port, _):
        code, out, err = run(port, "refresh", book)
    assert (code, err) == (0, "")
    assert "8 rows after 2026-02-21T00:00:00Z" in out
    table = read_table(book, "History")
    closes = [last + step * 24 * HOUR for step in range(-19, 9)]
    for coin in ("BTC", "ETH"):
        assert table[f"{coin} spot"].tolist() == [spot_price(close) for close in closes]
        assert table[f"{coin} futures"].tolist() == [futures_price(close) for close in closes]
        paid = [sum(rate(close - hours * HOUR) for hours in (16, 8, 0)) for close in closes]
        assert table[f"{coin} funding"].tolist() == pytest.approx(paid, abs=1e-15)


def test_hourly_bars_between_two_settlements_have_a_rate_of_zero(tmp_path, run):
    last = at("2026-03-01T12:00:00")
    book = source_book(tmp_path / "book.xlsx", last, interval=HOUR)
    with Venue(at("2026-03-01T17:20:00"), [(0, 8)]).serving() as (port, _):
        code, _, err = run(port, "refresh", book)
        assert (code, err) == (0, "")
    rates = read_table(book, "History")["funding_rate"].tolist()
    assert rates[-5:] == [0, 0, 0, rate(at("2026-03-01T16:00:00")), 0]
    book = source_book(tmp_path / "earlier.xlsx", last - HOUR, interval=HOUR)
    # From 09:00 to 13:07 nothing is settled.
    with Venue(at("2026-03-01T13:07:00"), [(0, 8)]).serving() as (port, _):
        code, _, err = run(port, "refresh", book)
        assert (code, err) == (0, "")
    assert read_table(book, "History")["funding_rate"].tolist()[-2:] == [0, 0]


def test_a_column_that_the_book_calculates_is_left_to_it(tmp_path, venue, run):
    book = source_book(tmp_path / "book.xlsx", LAST, calculated_hours="=8+0*[@spot]")
    recalculate(book, in_place=True)
    with venue.serving() as (port, _):
        code, _, err = run(port, "refresh", book)
    assert (code, err) == (0, "")
    assert read_table(book, "History")["interval_hours"].tolist() == [8.0] * 46


def test_spot_may_come_from_another_exchange(tmp_path, venue, run):
    book = source_book(tmp_path / "book.xlsx", LAST, venue="bybit", spot="binance:BTC/USDT")
    with venue.serving() as (port, log):
        code, _, err = run(port, "refresh", book)
    assert (code, err) == (0, "")
    assert [asked for asked in log if asked.path == "/api/v3/klines"]
    bars = [asked.query["category"] for asked in log if asked.path == "/v5/market/kline"]
    assert set(bars) == {"linear"}


def test_a_book_of_opening_times_is_refused(book, venue, run):
    changed = load_workbook(book)
    for row in range(2, 22):
        cell = changed["History"].cell(row, 1)
        cell.value -= timedelta(hours=8)
    changed.save(book)
    with venue.serving() as (port, _):
        code, _, err = run(port, "refresh", book)
    assert code == 1
    assert "the book's is that of 2026-02-20T16:00:00Z" in err


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed by signal")
def test_a_refresh_killed_at_random_fifty_times_leaves_the_old_book_or_the_new(tmp_path, venue):
    book = source_book(tmp_path / "book.xlsx", LAST)
    recalculate(book, in_place=True)
    old, words = book.read_bytes(), json.dumps(["refresh", str(book)]) + "\n"
    with venue.serving() as (port, _):
        children = subprocess.Popen(
            [sys.executable, LOOPBACK, str(port), "--children"],
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

        def told():
            """The next line that is a number alone: a child's number, or how it ended."""
            while not (line := children.stdout.readline().strip()).isdigit():
                assert children.poll() is None
            return int(line)

        def refreshed(kill_after=None):
            book.write_bytes(old)
            children.stdin.write(words)
            child = told()
            begun = time.monotonic()
            if kill_after is not None:
                time.sleep(kill_after)
                os.kill(child, signal.SIGKILL)
            children.stdin.write("wait\n")
            return told(), time.monotonic() - begun

        assert refreshed()[0] == 0
        ended, whole = refreshed()
        assert ended == 0
        new = book.read_bytes()
        assert new != old
        chance = random.Random(16)
        found = []
        for _ in range(50):
            # The last part of a run is where files are written.
            refreshed(whole * (1.1 - 1.1 * chance.random() ** 2))
            content = book.read_bytes()
            assert content in {old, new}
            found.append(content == new)
            for part in tmp_path.glob(".*.xlhedge-part"):
                part.unlink()
        assert {path.name for path in tmp_path.iterdir()} == {"book.xlsx", "cache"}
        assert 0 < sum(found) < 50
        assert refreshed()[0] == 0
        assert book.read_bytes() == new
        children.communicate()


def test_the_manifest_of_a_history_tells_its_sources(tmp_path, venue, run):
    with venue.serving() as (port, _):
        code, _, err = run(
            port, "fetch", "history", "binance", "BTC/USDT:USDT", "--since", "2026-02-01",
            "-o", "btc.csv",
        )  # fmt: skip
    assert (code, err) == (0, "")
    told = json.loads((tmp_path / "btc.csv.manifest.json").read_text())
    content = (tmp_path / "btc.csv").read_bytes()
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert [source["received"]["rows"] for source in told["sources"]] == [85, 85, 85]
    assert [source["gaps"] for source in told["sources"]] == [[], [], []]
    assert told["ccxt"]
    assert not list(Path(tmp_path).glob(".*"))
    assert list((tmp_path / "cache" / "xlhedge" / "pages").iterdir()) == []


@pytest.mark.slow
def test_a_desk_of_two_coins_is_brought_up_to_date_and_its_example_rows_fail_a_check(
    tmp_path, venue, run
):
    closes = [LAST + step * 8 * HOUR for step in range(-599, 1)]
    columns = {
        f"{coin} {word}": [series(close) for close in closes]
        for coin in ("BTC", "ETH")
        for word, series in (("spot", spot_price), ("futures", futures_price), ("funding", rate))
    }
    times = [datetime.fromtimestamp(close / 1000, UTC).replace(tzinfo=None) for close in closes]
    frame = pd.DataFrame({"time": times} | columns)
    frame.to_csv(tmp_path / "history.csv", index=False)
    desk = tmp_path / "desk.xlsx"
    with venue.serving() as (port, _):
        assets = ("--asset", "BTC", "--asset", "ETH")
        code, _, err = run(port, "new", "hedge_desk", desk, "--history", "history.csv", *assets)
        assert (code, err) == (0, "")
        code, out, err = run(port, "refresh", desk)
    assert (code, err) == (0, "")
    assert "26 rows after 2026-02-20T16:00:00Z" in out
    table = read_table(desk, "History")
    assert table["ETH spot"].tolist()[-1] == spot_price(at("2026-03-01T08:00"))
    sheet = load_workbook(desk, data_only=True)["Checks"]
    found = {row[2]: row[4] for row in sheet.iter_rows(values_only=True) if row[3] == "CHECK"}
    assert found["Rows of Positions"] == "Positions still holds the example rows: put in your own"
    source = named_values(desk)["source_of_History"]
    assert source == "history.csv, then binance BTC/USDT:USDT, ETH/USDT:USDT"
    assert found["Age of History"].endswith("(2026-03-01 08:00): add newer rows")
    assert "CHECK: " in out
