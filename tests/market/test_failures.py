"""Every trouble of an exchange is one clear line, and nothing is half written."""

import itertools
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from loopback import command, point
from places import ROOT
from simulated import HOUR, HTML, Reply, Venue, at
from venue_server import serving

from xlhedge.errors import VenueError
from xlhedge.market import connection, failures, pace
from xlhedge.market.venues import VENUES

NOW = at("2026-03-01T10:07:00")
DATA = {"fundingRate", "klines", "history", "kline"}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fetched(monkeypatch, capsys, tmp_path):
    """A history of a venue in trouble: exit code, errors, files, and the requests for data."""

    def fetch(reply, name="binance", symbol="BTC/USDT:USDT", loading=False):
        venue = Venue(NOW, [(0, 8)])

        def troubles(asked, number):
            data = asked.path.rpartition("/")[2] in DATA
            if not data and not loading:
                return None
            return reply(number) if callable(reply) else reply

        venue.troubles = troubles
        with venue.serving() as (port, log):
            code, out, err = command(
                monkeypatch, capsys, port, "fetch", "history", name, symbol,
                "--since", "2026-02-20", "-o", "out.csv",
            )  # fmt: skip
        files = sorted(path.name for path in tmp_path.iterdir() if path.name != "cache")
        data = [asked for asked in log if asked.path.rpartition("/")[2] in DATA]
        assert out == "" or code == 0
        return code, err.splitlines(), files, data

    return fetch


FINAL = {
    "451": (Reply("", 451), "does not serve this place"),
    "403 page": (Reply("<html>blocked</html>", 403, kind="text/html"), "does not serve this place"),
    "restricted": (
        Reply({"code": 0, "msg": "Service unavailable from a restricted location"}, 400),
        "does not serve this place",
    ),
    "418": (Reply("", 418), "has banned this address"),
    "unknown code": (
        Reply({"code": -1104, "msg": "Not all sent parameters"}, 400),
        "refused the r",
    ),
    "long wait": (Reply("", 429, (("Retry-After", "3600"),)), "asks to wait 3600 s"),
}


@pytest.mark.parametrize("trouble", FINAL)
def test_what_will_not_pass_fails_at_once_in_one_line(fetched, trouble):
    reply, sentence = FINAL[trouble]
    code, errors, files, data = fetched(reply)
    assert code == 1
    assert len(errors) == 1
    assert sentence in errors[0]
    assert errors[0].startswith("xlhedge: ")
    assert files == []
    assert len(data) == 1


PASSING = {
    "429": (Reply("", 429), "too many requests"),
    "429 JSON": (Reply({"code": 0, "msg": "slow down"}, 429), "too many requests"),
    "-1003": (Reply({"code": -1003, "msg": "Too many requests."}, 400), "too many requests"),
    "500": (Reply("", 500), "out of order (status 500)"),
    "503 page": (Reply("<html>", 503, kind="text/html"), "out of order (status 503)"),
    "HTML": (HTML, "a web page instead of data"),
    "cut off": (Reply('[[1772323200000, "6', kind="application/json"), "a text instead of data"),
    "empty": (Reply("", kind="text/plain"), "an empty reply instead of data"),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_what_may_pass_is_tried_again_five_times_and_then_one_line(fetched, trouble, monkeypatch):
    reply, sentence = PASSING[trouble]
    monkeypatch.setattr(connection.time, "sleep", lambda seconds: None)
    code, errors, files, data = fetched(reply)
    assert code == 1
    assert sentence in errors[-1]
    assert "tried 5 times" in errors[-1]
    assert all("trying again in" in line for line in errors[:-1])
    assert files == []
    assert len(data) == 5


@pytest.mark.parametrize("trouble", ["429", "HTML", "500"])
def test_a_trouble_that_passes_leaves_a_whole_history(fetched, trouble, monkeypatch):
    monkeypatch.setattr(connection.time, "sleep", lambda seconds: None)
    given = iter([PASSING[trouble][0]] * 3)
    code, errors, files, data = fetched(lambda number: next(given, None))
    assert code == 0
    assert files == ["out.csv", "out.csv.manifest.json"]
    assert len(errors) == 3
    assert len(data) == 6


@pytest.mark.parametrize("name", ["binance", "bybit"])
@pytest.mark.parametrize("reply", [HTML, Reply("", 500), Reply([]), Reply({})], ids=str)
def test_markets_that_do_not_load_are_not_taken_for_an_exchange_without_markets(
    fetched, monkeypatch, name, reply
):
    monkeypatch.setattr(connection.time, "sleep", lambda seconds: None)
    code, errors, files, data = fetched(reply, name=name, loading=True)
    assert code == 1
    assert name in errors[-1]
    assert files == []
    assert data == []


@pytest.mark.parametrize("data", [[], {"rows": []}])
def test_empty_lists_are_no_history(fetched, data):
    code, errors, files, _ = fetched(Reply(data))
    assert code == 1
    assert "gave no 8h rows of BTC/USDT at all" in errors[0]
    assert files == []


@pytest.mark.parametrize("place", [0, 4])
def test_rows_with_nothing_in_them_are_no_rows(monkeypatch, capsys, tmp_path, place):
    venue, lost = Venue(NOW, [(0, 8)]), at("2026-02-23T08:00:00")

    def answer(asked):
        reply = venue.answer(asked)
        if asked.path.endswith("/klines") and asked.host.startswith("fapi"):
            for row in reply.data:
                if row[6] == lost - 1:
                    row[place] = None
        return reply

    with serving(answer, lambda: NOW) as (port, _):
        code, out, err = command(
            monkeypatch, capsys, port, "fetch", "history", "binance", "BTC/USDT:USDT",
            "--since", "2026-02-20", "-o", "out.csv",
        )  # fmt: skip
    assert (code, out) == (1, "")
    assert "missing 2026-02-23T00:00:00Z" in err
    assert not (tmp_path / "out.csv").exists()


def test_an_unknown_symbol_and_an_unknown_exchange(fetched):
    code, errors, files, _ = fetched(None, symbol="DOGE/USDT:USDT")
    assert (code, files) == (1, [])
    assert errors == ["xlhedge: binance has no market 'DOGE/USDT:USDT'"]
    code, errors, files, _ = fetched(None, symbol="BTC/USDC:USDC")
    assert "it has BTC/USDT, BTC/USDT:USDT" in errors[0]
    code, errors, files, _ = fetched(None, name="mtgox")
    assert "is no exchange that is known: binance, bybit" in errors[0]


def test_a_time_out_and_a_closed_port_are_told_apart(monkeypatch, capsys):
    monkeypatch.setattr(connection, "ATTEMPTS", 1)
    words = ("fetch", "contracts", "binance")
    with serving(lambda asked: Reply({}, delay=0.6)) as (port, _), monkeypatch.context() as patch:
        point(port, patch.setattr)
        patch.setattr(connection, "TIMEOUT", 0.2)
        with pytest.raises(VenueError, match="did not answer in time"):
            connection.connect("binance")
    code, _, err = command(monkeypatch, capsys, port, *words)
    assert code == 1
    assert "cannot be reached" in err.splitlines()[-1]


def test_a_clock_that_is_wrong_here_changes_nothing(monkeypatch, capsys, tmp_path):
    """The exchange's own clock decides which bar still runs."""
    monkeypatch.setattr(time, "time", lambda: 1.9e9)
    venue = Venue(NOW, [(0, 8)])
    with venue.serving() as (port, _):
        code, _, err = command(
            monkeypatch, capsys, port, "fetch", "history", "bybit", "BTC/USDT:USDT",
            "--since", "2026-02-20", "-o", "out.csv",
        )  # fmt: skip
    assert (code, err) == (0, "")
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[-1].startswith("2026-03-01T08:00:00Z,")
    told = json.loads((tmp_path / "out.csv.manifest.json").read_text())
    assert told["fetched"] == "2026-03-01T10:07:00Z"


def test_a_file_that_exists_or_a_wrong_time_is_refused_before_anything_is_asked(
    monkeypatch, capsys, tmp_path
):
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "new.csv.manifest.json").write_text("mine")
    with serving(lambda asked: Reply({})) as (port, log):
        for words, sentence in (
            (("--since", "2026-02-20", "-o", "there.csv"), "exists already"),
            (("--since", "2026-02-20", "-o", "new.csv"), "new.csv.manifest.json exists already"),
            (("--since", "soon", "-o", "out.csv"), "'soon' is no time"),
            (("--since", "2026-02-20", "-o", "out.csv", "--interval", "7h"), "do not fill a day"),
            (("--since", "2026-02-20", "-o", "out.csv", "--interval", "8"), "no length of a bar"),
            (("--since", "2026-02-20"), "with -o"),
        ):
            code, _, err = command(
                monkeypatch, capsys, port, "fetch", "history", "binance", "BTC/USDT:USDT", *words
            )
            assert code == 1
            assert sentence in err
            assert err.count("\n") == 1
    assert log == []
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_no_sentence_holds_more_than_a_line_or_a_secret():
    import ccxt

    body = {"msg": "line one\nline two \x1b[31m KEY " + "x" * 900}
    for status in (0, 200, 400, 401, 403, 418, 429, 451, 500, 520):
        for kind in (
            ccxt.NetworkError, ccxt.ExchangeError, ccxt.AuthenticationError, ccxt.BadSymbol,
            ccxt.InvalidNonce, ccxt.RequestTimeout, ccxt.NotSupported, ccxt.OnMaintenance,
        ):  # fmt: skip
            told = failures.failure(
                kind("https://x?signature=KEY"), "okx", status, body, 0, ["KEY"]
            )
            assert "KEY" not in str(told)
            assert str(told).isprintable()
            assert len(str(told)) < 400


def test_pauses_grow_and_what_the_exchange_asks_for_is_kept(monkeypatch):
    pauses = []
    monkeypatch.setattr(connection.time, "sleep", pauses.append)
    opened = connection.Connection(VENUES["binance"])

    def fail(after):
        raise failures.Passing("busy", after)

    for after, wanted in ((0.0, [1, 2, 4, 8]), (3.0, [3, 3, 4, 8])):
        pauses.clear()
        with pytest.raises(VenueError, match=r"busy \(tried 5 times\)"):
            opened._retried(None, fail, after)
        assert pauses == wanted


def test_every_request_waits_for_its_turn(monkeypatch):
    venue, turns = Venue(NOW, [(0, 8)]), []
    with venue.serving() as (port, log):
        point(port, monkeypatch.setattr)
        monkeypatch.setattr(pace, "wait", lambda name, seconds: turns.append((name, seconds)))
        connection.connect("binance").ask("fetch_ohlcv", "BTC/USDT", "8h", NOW - 9 * HOUR, 2)
    assert [name for name, _ in turns] == ["binance"] * len(log)
    assert len(log) == 4
    assert all(seconds > 0 for _, seconds in turns)


def test_turns_of_one_exchange_never_overlap_between_threads():
    begun = time.time()
    with ThreadPoolExecutor(4) as pool:
        turns = list(pool.map(lambda _: pace._reserve("okx", 0.05), range(12)))
    assert sorted(turns) == pytest.approx([begun + 0.05 * place for place in range(12)], abs=0.5)
    gaps = [after - before for before, after in itertools.pairwise(sorted(turns))]
    assert min(gaps) >= 0.05 - 1e-6
    assert pace._reserve("bybit", 0.05) - time.time() < 0.05


def test_a_turn_of_the_far_future_is_a_wrong_clocks_and_is_not_waited_for(tmp_path):
    pace._reserve("okx", 1e6)
    assert pace._reserve("okx", 0.0) - time.time() < 1


ASKING = """
import sys, time
from xlhedge.market import pace
for _ in range(5):
    turn = pace._reserve("okx", 0.02)
    print(turn)
"""


@pytest.mark.slow
def test_turns_of_one_exchange_never_overlap_between_processes():
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ASKING], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(4)
    ]
    turns = sorted(float(line) for process in started for line in process.communicate()[0].split())
    assert len(turns) == 20
    assert min(b - a for a, b in itertools.pairwise(turns)) >= 0.02 - 1e-6


def test_an_answer_of_another_interval_is_refused(monkeypatch, capsys):
    venue = Venue(NOW, [(0, 8)])

    def answer(asked):
        reply = venue.answer(asked)
        if asked.path.endswith("/klines"):
            for row in reply.data:
                row[0] += HOUR // 2
        return reply

    with serving(answer, lambda: NOW) as (port, _):
        code, _, err = command(
            monkeypatch, capsys, port, "fetch", "history", "binance", "BTC/USDT:USDT",
            "--since", "2026-02-20", "-o", "out.csv",
        )  # fmt: skip
    assert code == 1
    assert "its bars do not begin on the hours of UTC" in err
