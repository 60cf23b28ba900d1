"""Ten exchanges' replies, replayed over HTTP through real ccxt, give the recorded values.

What the replies are is said beside them: some are recordings, others examples of documentation.
"""

import csv
import io

import pytest
from loopback import command, point
from shared_data import DATA
from venue_server import entries, replayed, serving

from xlhedge.cli.fetch import moment
from xlhedge.errors import VenueError
from xlhedge.market import connection, series
from xlhedge.market.checks import HOUR, stamp
from xlhedge.market.venues import VENUES

pytestmark = pytest.mark.skipif(
    not (DATA / "exchange_replies").is_dir(), reason="no exchange's replies lie beside the checkout"
)

MINUTES = {"1m": 60_000, "5m": 300_000, "1h": HOUR}
ADDRESS = "0x1111111111111111111111111111111111111111"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def keyed(monkeypatch):
    for item in VENUES.values():
        for part in item.secrets:
            value = ADDRESS if part == "address" else "c2VjcmV0"
            monkeypatch.setenv(f"XLHEDGE_{item.name.upper()}_{part.upper()}", value)


def recorded(venue, method):
    return [entry for entry in entries(venue) if entry["method"] == method and entry["parsed"]]


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("venue", VENUES)
def test_bars_are_the_recorded_closes_by_the_time_of_the_close(monkeypatch, venue):
    tried = 0
    for entry in recorded(venue, "fetchOHLCV"):
        symbol, timeframe = entry["input"][:2]
        if timeframe not in MINUTES or len(entry["input"]) > 4:
            continue
        step = MINUTES[timeframe]
        rows = [row for row in entry["parsed"] if row[0] % step == 0]
        first, last = rows[0][0], rows[-1][0]
        with (
            serving(_any_age(replayed(venue)), lambda end=last + step: end) as (port, _),
            monkeypatch.context() as patch,
        ):
            point(port, patch.setattr)
            opened = connection.connect(venue)
            found = series.bars(opened, symbol, first, last + step, step)
        assert found.kind == timeframe
        wanted = {row[0] + step: row[4] for row in rows}
        # Another entry of the same market may be as near to what was asked.
        assert found.rows, (venue, symbol)
        assert all(wanted[time] == close for time, close in found.rows)
        assert len(found.rows) == len(wanted)
        expected = (last - first) // step + 1 - len(wanted)
        assert sum(gap.count for gap in found.gaps) == expected
        tried += 1
    assert tried


def _any_age(answer):
    """ccxt asks for old bars elsewhere than for new ones; the reply has one form."""
    return lambda asked: answer(
        asked._replace(path=asked.path.replace("/history-candles", "/candles"))
    )


FUNDING = {
    "binance": (
        "BTC/USDT:USDT",
        {"2023-10-31T16:00:00Z": "0.0001", "2023-11-01T00:00:00Z": "0.0001"},
    ),
    "bybit": ("ETH/USDC:USDC", {"2022-12-26T08:00:00Z": "0.0001"}),
    "okx": (
        "BTC/USD:BTC",
        {"2023-12-20T00:00:00Z": "0.0002279755647389", "2023-12-20T08:00:00Z": "7.46572360545e-05"},
    ),
    # Not the −0.0000923 of eight hours, which ccxt gives.
    "deribit": ("BTC/USD:BTC", {"2019-10-01T01:00:00Z": "-4.739622041017375e-07"}),
    "hyperliquid": ("ETH/USDC:USDC", {"2024-01-03T14:00:00Z": "1.25e-05"}),
    "bitget": ("BTC/USDT:USDT", {"2022-05-12T23:00:00Z": "-0.0003"}),
    "gate": ("BTC/USDT:USDT", {"2018-12-05T00:00:00Z": "0.000157"}),
    "xt": ("BTC/USDT:USDT", {"2023-03-27T00:00:00Z": "5.7e-05"}),
}  # fmt: skip


@pytest.mark.parametrize("venue", FUNDING)
def test_funding_is_what_was_paid_at_the_hour(monkeypatch, capsys, venue):
    symbol, wanted = FUNDING[venue]
    times = sorted(wanted)
    since, end = stamp(moment(times[0]) - HOUR), moment(times[-1]) + 60_000
    with serving(replayed(venue), lambda: end) as (port, _):
        code, out, err = command(
            monkeypatch, capsys, port, "fetch", "funding", venue, symbol, "--since", since,
            "--until", times[-1],
        )  # fmt: skip
    assert (code, err) == (0, "")
    assert {row["time"]: row["funding_rate"] for row in table(out)} == wanted


def test_funding_whose_meaning_cannot_be_verified_is_refused(monkeypatch, capsys):
    """krakenfutures' hourly rates in rows of four hours, and kucoin's answer about another coin."""
    for venue, symbol, since, sentence in (
        ("krakenfutures", "BTC/USD:BTC", "2022-06-27T23:00Z", "rows of other lengths"),
        ("kucoinfutures", "BTC/USDT:USDT", "2023-12-11T15:00Z", "answered about 'IDUSDTM'"),
    ):
        end = moment(since) + 11 * HOUR
        with serving(replayed(venue), lambda end=end: end) as (port, _):
            code, out, err = command(
                monkeypatch, capsys, port, "fetch", "funding", venue, symbol, "--since", since,
                "--allow-gaps",
            )  # fmt: skip
        assert (code, out) == (1, "")
        assert sentence in err


def test_kucoins_funding_is_taken_when_it_is_about_the_contract(monkeypatch, capsys):
    def changed(request, reply):
        if "funding-rates" not in request["path"]:
            return reply
        return {**reply, "data": [{**row, "symbol": "XBTUSDTM"} for row in reply["data"]]}

    with serving(replayed("kucoinfutures", changed=changed), lambda: 1702310800000) as (port, _):
        code, out, _ = command(
            monkeypatch, capsys, port, "fetch", "funding", "kucoinfutures", "BTC/USDT:USDT",
            "--since", "2023-12-11T16:00Z",
        )  # fmt: skip
    assert code == 0
    assert [row["funding_rate"] for row in table(out)] == ["0.01875"]


@pytest.mark.parametrize("venue", VENUES)
def test_contracts_have_their_size_and_lot_in_contracts(monkeypatch, capsys, venue):
    with serving(replayed(venue)) as (port, _):
        code, out, _ = command(monkeypatch, capsys, port, "fetch", "contracts", venue)
    assert code == 0
    found = {
        row["symbol"]: (row["contract"], row["instrument"], row["contract_size"], row["lot"])
        for row in table(out)
    }
    for symbol, wanted in CONTRACTS[venue].items():
        assert found[symbol] == wanted


CONTRACTS = {
    "binance": {
        "BTC/USDT:USDT": ("BTCUSDT", "linear", "1.0", "0.001"),
        "BTC/USD:BTC": ("BTCUSD_PERP", "inverse", "100.0", "1.0"),
    },
    "bybit": {
        "BTC/USDT:USDT": ("BTCUSDT", "linear", "1.0", "0.001"),
        # 1 USD, whatever the smallest order; the reply's is that of a linear contract.
        "BTC/USD:BTC": ("BTCUSD", "inverse", "1.0", "1.0"),
    },
    "okx": {
        "BTC/USDT:USDT": ("BTC-USDT-SWAP", "linear", "0.01", "0.1"),
        "ETH/USDT:USDT": ("ETH-USDT-SWAP", "linear", "0.1", "0.1"),
        "BTC/USD:BTC": ("BTC-USD-SWAP", "inverse", "100.0", "1.0"),
    },
    # Its amounts are USD: 10 of them are one contract.
    "deribit": {
        "BTC/USD:BTC": ("BTC-PERPETUAL", "inverse", "10.0", "1.0"),
        "BTC/USD:BTC-220527": ("BTC-27MAY22", "inverse", "10.0", "1.0"),
    },
    "hyperliquid": {"ETH/USDC:USDC": ("ETH", "linear", "1.0", "0.0001")},
    "krakenfutures": {
        "BTC/USD:USD": ("PF_XBTUSD", "linear", "1.0", "0.0001"),
        "BTC/USD:BTC": ("PI_XBTUSD", "inverse", "1.0", "1.0"),
    },
    "bitget": {"BTC/USDT:USDT": ("BTCUSDT", "linear", "1.0", "0.001")},
    "gate": {
        "BTC/USDT:USDT": ("BTC_USDT", "linear", "0.0001", "1.0"),
        "BTC/USD:BTC": ("BTC_USD", "inverse", "1.0", "1.0"),
    },
    "kucoinfutures": {"BTC/USDT:USDT": ("XBTUSDTM", "linear", "0.001", "1.0")},
    "xt": {"BTC/USDT:USDT": ("btc_usdt", "linear", "0.0001", "1.0")},
}


@pytest.mark.parametrize(
    ("venue", "symbol", "expiry"),
    [
        ("deribit", "BTC/USD:BTC", ""),  # ccxt says the year 3000
        ("deribit", "BTC/USD:BTC-220527", "2022-05-27T08:00:00Z"),
        ("xt", "XT/USDT:USDT", ""),  # a perpetual with an expiry in its reply
        ("krakenfutures", "BTC/USD:BTC-220930", "2022-09-30T15:00:00Z"),
    ],
)
def test_a_perpetual_has_no_expiry_whatever_the_reply_says(
    monkeypatch, capsys, venue, symbol, expiry
):
    with serving(replayed(venue)) as (port, _):
        code, out, _ = command(monkeypatch, capsys, port, "fetch", "contracts", venue)
    assert code == 0
    assert {row["symbol"]: row["expiry"] for row in table(out)}[symbol] == expiry


POSITIONS = {
    "binance": [
        ("BTC", "linear", 0.01, 45464.1735922, 1.0, 44525.0, "binance USDT", "BTCUSDT"),
        ("BTC", "inverse", 2.0, 38103.05510455, 100.0, 37643.10000021, "binance BTCUSD_PERP",
         "BTCUSD_PERP"),
    ],
    "bybit": [("BTC", "inverse", -300.0, 28224.5, 1.0, 27464.50441675, "bybit", "BTCUSD")],
    # 50 US dollars are 5 contracts of 10; the profit since the opening is in the balance.
    "deribit": [("BTC", "inverse", 5.0, 7476.65, 10.0, 7476.65, "deribit BTC", "BTC-PERPETUAL")],
    "hyperliquid": [
        ("SOL", "linear", -0.5, 137.96, 1.0, 138.76, "hyperliquid", "SOL"),
        ("ETH", "linear", 1.6, 2387.0, 1.0, 1100.0, "hyperliquid", "ETH"),
    ],
    "bitget": [("BTC", "linear", 0.002, 37370.5, 1.0, 37355.5, "bitget USDT", "BTCUSDT")],
    "gate": [("BTC", "linear", 1.0, 46028.28, 0.0001, 46030.3, "gate USDT", "BTC_USDT")],
    "kucoinfutures": [
        ("BTC", "linear", 1.0, 40014.93, 0.001, 40008.0, "kucoinfutures XBTUSDTM", "XBTUSDTM")
    ],
    "xt": [("BTC", "linear", -10.0, 27050.0, 0.0001, 27060.0, "xt btc_usdt", "btc_usdt")],
}  # fmt: skip


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize("venue", POSITIONS)
def test_positions_have_signs_and_units_of_a_book(monkeypatch, capsys, venue):
    answer = replayed(venue)
    if venue == "hyperliquid":
        second = [e for e in entries(venue) if e["method"] == "fetchPositions"][1]
        given = answer

        def answer(asked):
            reply = given(asked)
            state = asked.query.get("type") == "clearinghouseState"
            return reply._replace(data=second["reply"]) if state else reply

    answer = _nothing_else(answer)
    with serving(answer) as (port, _):
        code, out, err = command(monkeypatch, capsys, port, "fetch", "positions", venue)
    assert (code, err) == (0, "")
    found = [
        (
            row["asset"], row["instrument"], float(row["quantity"]), float(row["price"]),
            float(row["contract_size"]), pytest.approx(float(row["entry_price"]), rel=1e-12),
            row["account"], row["contract"],
        )
        for row in table(out)
    ]  # fmt: skip
    assert found == POSITIONS[venue]
    assert {row["days"] for row in table(out)} == {""}


def _nothing_else(answer):
    """What was not recorded, such as positions that settle in another coin, is empty."""

    def answered(asked):
        reply = answer(asked)
        if asked.path == "/api/v3/account/settings":  # of a unified account, which this is not
            return reply._replace(status=400, data={"code": "40084", "msg": "classic account"})
        if reply.status != 404:
            return reply
        if asked.host.startswith("api.bitget"):
            return reply._replace(status=200, data={"code": "00000", "msg": "success", "data": []})
        empty = {"returnCode": 0, "result": []} if ".xt." in asked.host else []
        return reply._replace(status=200, data=empty)

    return answered


@pytest.mark.usefixtures("keyed")
def test_okxs_inverse_position_and_its_isolated_one(monkeypatch, capsys):
    first, second = (e["reply"] for e in entries("okx") if e["method"] == "fetchPosition")
    for reply, price, entry, account in (
        (first, 92057.4, 91957.1, "okx BTC"),
        (second, 92376.7, 92300.0, "okx BTC-USD-SWAP"),
    ):
        given = replayed("okx")

        def answer(asked, reply=reply, given=given):
            if asked.path == "/api/v5/account/positions":
                return given(asked)._replace(data=reply)
            if asked.path == "/api/v5/account/config":
                return given(asked)._replace(
                    status=200, data={"code": "0", "data": [{"acctLv": "2"}]}
                )
            return given(asked)

        with serving(answer) as (port, _):
            code, out, err = command(monkeypatch, capsys, port, "fetch", "positions", "okx")
        assert (code, err) == (0, "")
        (row,) = table(out)
        assert (row["instrument"], float(row["quantity"])) == ("inverse", 1.0)
        assert float(row["contract_size"]) == 100.0
        assert (float(row["price"]), float(row["entry_price"])) == (price, entry)
        assert row["account"] == account


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize(
    ("venue", "sentence"),
    [
        ("krakenfutures", "no entry price or no mark price"),
        ("okx", "no market 'ETH-USD-210430'"),
    ],
)
def test_positions_that_cannot_be_verified_are_refused(monkeypatch, capsys, venue, sentence):
    given = replayed(venue, only={"fetchMarkets", "fetchCurrencies", "fetchPositions"})

    def answer(asked):
        if asked.path == "/api/v5/account/config":
            return given(asked)._replace(status=200, data={"code": "0", "data": [{"acctLv": "2"}]})
        return given(asked)

    with serving(answer) as (port, _):
        code, out, err = command(monkeypatch, capsys, port, "fetch", "positions", venue)
    assert (code, out) == (1, "")
    assert sentence in err


@pytest.mark.parametrize("venue", VENUES)
def test_an_unknown_symbol_is_refused_with_those_of_the_coin(monkeypatch, venue):
    with serving(replayed(venue)) as (port, _):
        point(port, monkeypatch.setattr)
        opened = connection.connect(venue)
        with pytest.raises(VenueError, match="has no market 'BTC/NOTHING'"):
            opened.market("BTC/NOTHING")
