"""Positions and balances of each venue: signs and units of a book, or refused."""

import copy
import csv
import io

import pytest
from loopback import command
from shared_data import DATA
from venue_server import Reply, entries, replayed, serving

from xlhedge import call
from xlhedge.errors import VenueError
from xlhedge.market import balances, positions
from xlhedge.market.contracts import Contract
from xlhedge.market.venues import VENUES

needs_replies = pytest.mark.skipif(
    not (DATA / "exchange_replies").is_dir(), reason="no exchange's replies lie beside the checkout"
)
LINEAR = {
    "id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "settle": "USDT",
    "type": "swap", "linear": True, "inverse": False, "contractSize": 1.0, "expiry": None,
    "precision": {"amount": 0.001, "price": 0.1},
}  # fmt: skip
INVERSE = LINEAR | {
    "id": "BTCUSD_PERP", "symbol": "BTC/USD:BTC", "quote": "USD", "settle": "BTC",
    "linear": False, "inverse": True, "contractSize": 100.0,
}  # fmt: skip


class Opened:
    """A connection to a venue that has these markets, without a venue."""

    def __init__(self, name, *markets):
        self.venue = VENUES[name]
        self._markets = {market["symbol"]: market for market in markets}

    def market(self, symbol):
        return self._markets[symbol]

    def code(self, coin):
        return {"XBT": "BTC"}.get(coin, coin)

    @staticmethod
    def now():
        return 1_700_000_000_000


def position(market, side, contracts, entry, mark, info, **more):
    return {
        "symbol": market["symbol"], "side": side, "contracts": contracts, "entryPrice": entry,
        "markPrice": mark, "info": {"symbol": market["id"], **info}, **more,
    }  # fmt: skip


def row(name, market, given):
    return positions.row(Opened(name, market), given, name, together=False)


@pytest.mark.parametrize("side", ["long", "short"])
def test_a_short_is_negative_and_its_profit_the_venues_own(side):
    sign = 1 if side == "long" else -1
    linear = position(
        LINEAR, side, 2.0, 60000.0, 66000.0,
        {"unRealizedProfit": str(sign * 12000), "notional": str(sign * 132000)},
    )  # fmt: skip
    assert row("binance", LINEAR, linear)["quantity"] == sign * 2
    inverse = position(
        INVERSE, side, 600.0, 60000.0, 66000.0,
        {"unRealizedProfit": str(sign * 60000 * (1 / 60000 - 1 / 66000)), "notionalValue": "0.909"},
    )  # fmt: skip
    found = row("binance", INVERSE, inverse)
    assert (found["quantity"], found["contract_size"]) == (sign * 600, 100.0)
    assert found["instrument"] == "inverse"
    for given in (linear, inverse):
        # The other side's sign: the venue's profit is another one then.
        other = given | {"side": "short" if side == "long" else "long"}
        with pytest.raises(VenueError, match="their unit cannot be verified"):
            row("binance", LINEAR if given is linear else INVERSE, other)


@pytest.mark.parametrize("factor", [0.1, 10, 0.01, 1000])
def test_a_contract_size_that_is_wrong_by_a_factor_shows_even_without_profit(factor):
    given = position(
        LINEAR, "long", 2.0 * factor, 66000.0, 66000.0,
        {"unRealizedProfit": "0", "notional": "132000"},
    )  # fmt: skip
    with pytest.raises(VenueError, match="value of 132000"):
        row("binance", LINEAR, given)


def test_a_position_without_a_number_of_the_venues_own_is_refused():
    given = position(LINEAR, "long", 2.0, 66000.0, 66000.0, {"unRealizedProfit": "0"})
    with pytest.raises(VenueError, match="cannot be verified, so enter it by hand"):
        row("binance", LINEAR, given)
    for missing in ({"side": None}, {"markPrice": None}, {"entryPrice": 0.0}):
        with pytest.raises(VenueError):
            row("binance", LINEAR, given | missing)
    with pytest.raises(VenueError, match="answered about 'ETHUSDT'"):
        row("binance", LINEAR, position(LINEAR, "long", 1.0, 1.0, 1.0, {"symbol": "ETHUSDT"}))


@pytest.mark.parametrize("name", ["deribit"])
def test_deribits_entry_price_gives_the_profit_since_the_settlement(name):
    """The rest lies in the balance already, and a book would count it twice."""
    market = INVERSE | {"id": "BTC-PERPETUAL", "contractSize": 10.0}
    size, entry, mark, settled = 5000.0, 50000.0, 70000.0, 69000.0
    info = {
        "symbol": "", "instrument_name": "BTC-PERPETUAL", "size_currency": str(-size / mark),
        "total_profit_loss": str(-size * (1 / entry - 1 / mark)),
        "floating_profit_loss": str(-size * (1 / settled - 1 / mark)),
    }  # fmt: skip
    found = row(name, market, position(market, "short", size, entry, mark, info))
    assert found["quantity"] == -500
    assert found["contract_size"] == 10
    assert found["entry_price"] == pytest.approx(settled, rel=1e-9)


def test_a_dated_future_has_its_days_and_an_isolated_position_its_own_account():
    dated = LINEAR | {"type": "future", "expiry": Opened.now() + 30 * 86_400_000}
    given = position(
        dated, "long", 1.0, 60000.0, 66000.0, {"unRealizedProfit": "6000", "notional": "66000"},
        marginMode="isolated",
    )  # fmt: skip
    found = row("binance", dated, given)
    assert found["days"] == pytest.approx(30)
    assert found["account"] == "binance BTCUSDT"


def wallets(name, info):
    (read,) = dict.fromkeys(read for _, read in balances._QUESTIONS[name])
    return {item.coin: item for item in read(info)}


RECORDED = {
    "binance": [("USDT", 23.72469206), ("USDC", 103.12345678)],
    "okx": [("USDT", 4850.435693622894)],
    "deribit": [("BTC", 0.00062359)],
    "hyperliquid": [("USDC", 20.454862)],
    "kucoinfutures": [("XBT", 5e-05)],
    # 0.709475 of 19.29849875 are set apart for isolated positions.
    "xt": [("USDT", 18.58902375)],
}


def reply(name, place=0):
    given = [e for e in entries(name) if e["method"] == "fetchBalance" and e["parsed"]]
    return copy.deepcopy(given[place]["parsed"]["info"])


@needs_replies
@pytest.mark.parametrize("name", RECORDED)
def test_a_balance_holds_no_unrealised_profit(name):
    found = wallets(name, reply(name, 1 if name == "binance" else 0))
    assert [(coin, pytest.approx(item.balance)) for coin, item in found.items()] == RECORDED[name]


@needs_replies
def test_binance_okx_and_kucoin_must_add_up():
    info = reply("binance", 1)
    info["assets"][0] |= {"unrealizedProfit": "5", "marginBalance": "28.72469206"}
    assert wallets("binance", info)["USDT"].balance == 23.72469206
    info["assets"][0]["marginBalance"] = "23.72469206"
    with pytest.raises(VenueError, match=r"marginBalance is 23\.7246"):
        wallets("binance", info)
    info = reply("okx")
    info["data"][0]["details"][0]["upl"] = "7.5"
    with pytest.raises(VenueError, match="cannot be verified"):
        wallets("okx", info)
    info = reply("kucoinfutures")
    info["data"]["unrealisedPNL"] = 0.1
    with pytest.raises(VenueError, match="accountEquity"):
        wallets("kucoinfutures", info)


@needs_replies
def test_hyperliquids_equity_less_its_profit_is_the_balance():
    second = [e for e in entries("hyperliquid") if e["method"] == "fetchPositions"][1]["reply"]
    found = wallets("hyperliquid", second)
    # 11,524.216934 hold 0.4 of the short and 2,059.2 of the long.
    assert found["USDC"].balance == pytest.approx(11524.216934 - 0.4 - 2059.2)
    isolated = [e for e in entries("hyperliquid") if e["method"] == "fetchPositions"][2]["reply"]
    assert wallets("hyperliquid", isolated)["USDC"].balance == pytest.approx(57.6421)
    wrong = copy.deepcopy(second)
    wrong["assetPositions"][0]["position"]["szi"] = "0.5"
    with pytest.raises(VenueError, match="not its cash and positions"):
        wallets("hyperliquid", wrong)


@needs_replies
def test_krakens_currencies_have_their_price_and_haircut():
    info = reply("krakenfutures")
    with pytest.raises(VenueError, match="single-collateral accounts"):
        wallets("krakenfutures", info)
    del info["accounts"]["fi_xbtusd"]
    found = wallets("krakenfutures", info)
    assert found["XBT"].balance == 0.1185308247
    assert found["XBT"].price == pytest.approx(4998.721054420551 / 0.1185308247)
    assert found["XBT"].haircut == pytest.approx(1 - 4886.49976674881 / 4998.721054420551)
    assert (found["USD"].price, found["USD"].haircut) == (1.0, 0.0)


@needs_replies
@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("okx", lambda i: i["data"][0]["details"][0].update(liab="10"), "a debt of USDT"),
        ("gate", lambda i: None, "may be isolated"),
        ("bitget", lambda i: None, "no unrealised profit"),
        ("deribit", lambda i: i.update(options_value=0.1), "holds options"),
        ("deribit", lambda i: i.update(margin_model="cross_sm"), "pools its coins"),
        ("bybit", lambda i: i["result"]["list"][0].update(accountType="CONTRACT"), "no unified"),
        (
            "bybit",
            lambda i: i["result"]["list"][0]["coin"][0].update(walletBalance="1", equity="1"),
            "at what share BTC counts",
        ),
        (
            "bybit",
            lambda i: i["result"]["list"][0]["coin"][0].update(borrowAmount="1"),
            "a loan of BTC",
        ),
    ],
)
def test_what_the_range_cannot_express_is_refused(name, change, sentence):
    info = reply(name, 1 if name == "bitget" else 0)
    change(info)
    with pytest.raises(VenueError, match=sentence):
        wallets(name, info)


@needs_replies
def test_gate_and_bitget_are_taken_when_nothing_is_set_apart():
    info = reply("gate")
    info[0] |= {"position_margin": "0", "available": info[0]["total"]}
    assert wallets("gate", info)["USDT"].balance == pytest.approx(9707.803567115145)
    info = reply("bitget", 1)
    info[0]["unrealizedPL"] = "82.9"
    assert wallets("bitget", info)["USDT"].balance == pytest.approx(10582.90265771 - 82.9)


@needs_replies
def test_the_accounts_of_balances_are_those_of_positions(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XLHEDGE_BINANCE_KEY", "k")
    monkeypatch.setenv("XLHEDGE_BINANCE_SECRET", "s")
    with serving(replayed("binance")) as (port, _):
        code, out, err = command(
            monkeypatch, capsys, port, "fetch", "balances", "binance", "--account", "desk"
        )
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["account"], row["asset"], float(row["balance"])) for row in rows] == [
        ("desk USDT", "", 23.72469206),
        ("desk USDC", "", 103.12345678),
        ("desk BTC", "BTC", 0.00241969),
    ]


@needs_replies
@pytest.mark.parametrize(("level", "account"), [("1", "okx USDT"), ("3", "okx")])
def test_okx_pools_its_coins_in_multi_currency_mode_alone(
    monkeypatch, capsys, tmp_path, level, account
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for part in ("KEY", "SECRET", "PASSPHRASE"):
        monkeypatch.setenv(f"XLHEDGE_OKX_{part}", "x")
    given = replayed("okx")

    def answer(asked):
        if asked.path == "/api/v5/account/config":
            return Reply({"code": "0", "data": [{"acctLv": level}], "msg": ""})
        return given(asked)

    with serving(answer) as (port, _):
        code, out, err = command(monkeypatch, capsys, port, "fetch", "balances", "okx")
    assert (code, err) == (0, "")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["account"] == account


def test_a_book_of_what_was_fetched_has_the_venues_equity():
    """Balance and profit together are the equity that the venue shows, here of an inverse short."""
    future = Contract("s", "n", "BTC", "inverse", 100.0, 1.0, 0.1, "BTC", "USD", None)
    equity = 0.5
    profit = positions.profit(future, -300.0, 60000.0, 66000.0)
    assert profit == pytest.approx(-30000 * (1 / 60000 - 1 / 66000))
    names = "asset instrument quantity price contract_size entry_price account maintenance_rate"
    book = [
        names.split(),
        ["BTC", "inverse", -300.0, 66000.0, 100.0, 60000.0, "a BTC", 0.005],
    ]
    held = [["account", "balance", "asset"], ["a BTC", equity - profit, "BTC"]]
    header, values = call("STRESS_PNL", book, [["scenario", "spot_shock"], ["none", 0.0]], held)
    assert dict(zip(header, values, strict=True))["equity"] == pytest.approx(equity * 66000)
