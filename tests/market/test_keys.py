"""Keys are read, sent to their exchange, and written nowhere."""

import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError
from loopback import command, point
from simulated import Reply, Venue, at
from venue_server import serving

from xlhedge.errors import VenueError
from xlhedge.market import connection, keys
from xlhedge.market.venues import VENUES, venue

KEY, SECRET = "KEY-8642097531", "SECRET-1357908642"


class Stored(KeyringBackend):
    """A keyring in memory, in the place of the system's."""

    priority = 1

    def __init__(self, content):
        self.content = content

    def get_password(self, service, username):
        return self.content.get((service, username))

    def set_password(self, service, username, password):
        raise NotImplementedError

    def delete_password(self, service, username):
        raise NotImplementedError


class Locked(Stored):
    """A keyring that cannot be opened."""

    def get_password(self, service, username):
        raise NoKeyringError("no keyring here")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for item in VENUES.values():
        for part in ("key", "secret", "passphrase", "address", "private_key"):
            monkeypatch.delenv(keys.variable(item, part), raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Stored({}))
    yield
    keyring.set_keyring(before)


def test_a_key_comes_from_the_environment_or_the_keyring(monkeypatch):
    monkeypatch.setenv("XLHEDGE_OKX_KEY", KEY)
    keyring.set_keyring(
        Stored({("xlhedge-okx", "secret"): SECRET, ("xlhedge-okx", "passphrase"): "word"})
    )
    assert keys.read(venue("okx")) == {"apiKey": KEY, "secret": SECRET, "password": "word"}


@pytest.mark.parametrize("store", [Stored({}), Locked({})], ids=["empty", "locked"])
def test_a_missing_part_is_named_and_nothing_of_the_others_said(monkeypatch, store):
    monkeypatch.setenv("XLHEDGE_BINANCE_KEY", KEY)
    keyring.set_keyring(store)
    with pytest.raises(VenueError) as refused:
        keys.read(venue("binance"))
    assert "set XLHEDGE_BINANCE_SECRET, or store secret in the keyring" in str(refused.value)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XLHEDGE_HYPERLIQUID_ADDRESS", "0x" + "ab" * 32),
        ("XLHEDGE_HYPERLIQUID_ADDRESS", "ab" * 32),
        ("XLHEDGE_HYPERLIQUID_PRIVATE_KEY", "0x" + "ab" * 32),
        ("XLHEDGE_HYPERLIQUID_SECRET", "0x" + "ab" * 32),
    ],
)
def test_a_private_key_of_hyperliquid_is_refused(monkeypatch, name, value):
    monkeypatch.setenv("XLHEDGE_HYPERLIQUID_ADDRESS", "0x" + "11" * 20)
    assert keys.read(venue("hyperliquid")) == {"walletAddress": "0x" + "11" * 20}
    monkeypatch.setenv(name, value)
    with pytest.raises(VenueError, match="private key") as refused:
        keys.read(venue("hyperliquid"))
    assert "abab" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "told", "sentence"),
    [
        ("binance", {"enableReading": True, "enableWithdrawals": True}, "enableWithdrawals"),
        ("binance", {"enableReading": True, "permitsUniversalTransfer": True}, "permitsUniversal"),
        ("binance", {"enableReading": True, "enableFutures": True}, ""),
        ("bybit", {"retCode": 0, "result": {"readOnly": 0}}, "readOnly 0"),
        ("bybit", {"retCode": 0, "result": {"readOnly": 1}}, ""),
        ("okx", {"code": "0", "data": [{"perm": "read_only,trade"}]}, "trade"),
        ("okx", {"code": "0", "data": [{"perm": "read_only"}]}, ""),
        ("gate", {}, ""),
    ],
)
def test_a_key_that_may_do_more_than_read_is_refused_where_the_exchange_tells(
    monkeypatch, name, told, sentence
):
    asked_for = []

    def answer(asked):
        asked_for.append(asked.path)
        return Reply(told)

    with serving(answer) as (port, _):
        point(port, monkeypatch.setattr)
        opened = connection.Connection(
            venue(name), {"apiKey": KEY, "secret": SECRET, "password": "word"}
        )
        opened._public.set_markets({})
        if not sentence:
            keys.refuse_rights(opened)
        else:
            with pytest.raises(VenueError, match=sentence) as refused:
                keys.refuse_rights(opened)
            assert "may only read" in str(refused.value)
    assert len(asked_for) == (name != "gate")


def test_an_exchange_that_quotes_the_key_does_not_get_it_into_the_error(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("XLHEDGE_BINANCE_KEY", KEY)
    monkeypatch.setenv("XLHEDGE_BINANCE_SECRET", SECRET)
    simulated = Venue(at("2026-03-01"), [(0, 8)])
    sent = []

    def answer(asked):
        if "X-MBX-APIKEY" not in asked.headers:
            return simulated.answer(asked)
        sent.append(asked)
        told = f"Invalid API-key {KEY} with {SECRET}, IP, or permissions for action."
        return Reply({"code": -2015, "msg": told}, 401)

    with serving(answer) as (port, log):
        code, out, err = command(
            monkeypatch, capsys, port, "fetch", "positions", "binance",
            "-o", tmp_path / "positions.csv",
        )  # fmt: skip
    assert (code, out) == (1, "")
    assert "binance does not accept the key" in err
    assert "Invalid API-key … with …" in err
    assert err.count("\n") == 1
    assert sent
    assert sent[0].headers["X-MBX-APIKEY"] == KEY
    # The markets were loaded by somebody without a key.
    assert all("X-MBX-APIKEY" not in asked.headers for asked in log if "exchangeInfo" in asked.path)
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file.name for file in written if KEY in file.read_text()] == []
    assert not (tmp_path / "positions.csv").exists()


def test_market_data_go_without_a_key_that_is_set(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("XLHEDGE_BYBIT_KEY", KEY)
    monkeypatch.setenv("XLHEDGE_BYBIT_SECRET", SECRET)
    simulated = Venue(at("2026-03-01"), [(0, 8)])
    with simulated.serving() as (port, log):
        code, out, err = command(
            monkeypatch, capsys, port, "fetch", "funding", "bybit", "BTC/USDT:USDT",
            "--since", "2026-02-20",
        )  # fmt: skip
    assert (code, err) == (0, "")
    assert out.count("\n") == 28
    assert KEY not in repr(log)


def test_loading_hyperliquids_markets_signs_no_action(monkeypatch):
    """Given a private key, ccxt would approve a builder's fee and set a referrer."""
    asked_for = []

    def answer(asked):
        asked_for.append(asked.path)
        return Reply([] if asked.query.get("type") != "spotMeta" else {"universe": []})

    with serving(answer) as (port, _):
        point(port, monkeypatch.setattr)
        with pytest.raises(VenueError):
            connection.connect("hyperliquid", {"walletAddress": "0x" + "11" * 20})
    assert set(asked_for) == {"/info"}


def test_without_ccxt_one_line_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ccxt", None)
    code, _, err = command(monkeypatch, capsys, 9, "fetch", "contracts", "binance")
    assert code == 1
    assert err.count("\n") == 1
    assert "pip install" in err
    assert "market" in err
