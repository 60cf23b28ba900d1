"""Brackets of each venue become tiers whose margin is the venue's own, or are refused."""

import csv
import io
import json

import numpy as np
import pytest
from loopback import command
from shared_data import DATA
from venue_server import entries, replayed, serving

from xlhedge import margin
from xlhedge.errors import VenueError
from xlhedge.market import tiers
from xlhedge.market.contracts import Contract
from xlhedge.market.venues import VENUES

needs_replies = pytest.mark.skipif(
    not (DATA / "exchange_replies").is_dir(), reason="no exchange's replies lie beside the checkout"
)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XLHEDGE_BINANCE_KEY", "k")
    monkeypatch.setenv("XLHEDGE_BINANCE_SECRET", "s")


@pytest.fixture
def fetched(monkeypatch, capsys):
    """The tiers of a symbol whose brackets are changed: rows, or the line that refuses them."""

    def fetch(venue, symbol, change, *words):
        paths = {
            request["path"]
            for entry in entries(venue)
            if entry["method"] in {"fetchLeverageTiers", "fetchMarketLeverageTiers"}
            for request in entry["request"]
        }
        path = max(paths, key=len)

        def changed(request, reply):
            return change(json.loads(json.dumps(reply))) if request["path"] in paths else reply

        answer = replayed(venue, changed=changed)
        with serving(answer) as (port, _):
            code, out, err = command(
                monkeypatch, capsys, port, "fetch", "tiers", venue, symbol, *words
            )
        assert path
        if code:
            assert out == ""
            assert err.count("\n") == 1
            return err
        return [
            {key: _number(value) for key, value in row.items()}
            for row in csv.DictReader(io.StringIO(out))
        ]

    return fetch


def _number(text):
    try:
        return float(text)
    except ValueError:
        return text


def columns(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def bybit(*brackets, percent=1):
    def change(reply):
        first = {**reply["result"]["list"][0]}
        reply["result"]["list"] = [
            first | {
                "id": place, "riskLimitValue": str(cap), "maxLeverage": str(leverage),
                "initialMargin": str(percent / leverage), "maintenanceMargin": str(percent * rate),
                "mmDeduction": deduction,
            }
            for place, (cap, rate, leverage, deduction) in enumerate(brackets, 1)
        ]  # fmt: skip
        return reply

    return change


@needs_replies
@pytest.mark.parametrize("percent", [1, 100], ids=["decimals", "per cent"])
def test_bybits_inverse_brackets_count_coins_and_its_rates_are_decimals(fetched, percent):
    brackets = [(150, 0.005, 100, ""), (300, 0.01, 50, "0.75"), (450, 0.015, 33.33, "2.25")]
    rows = fetched("bybit", "BTC/USD:BTC", bybit(*brackets, percent=percent))
    assert columns(rows, "floor", "rate", "amount", "schedule", "unit", "asset", "contract") == [
        (0, pytest.approx(0.005), 0, "marginal", "notional", "BTC", "BTCUSD"),
        (150, pytest.approx(0.01), pytest.approx(0.75), "marginal", "notional", "BTC", "BTCUSD"),
        (300, pytest.approx(0.015), pytest.approx(2.25), "marginal", "notional", "BTC", "BTCUSD"),
    ]


@needs_replies
@pytest.mark.parametrize(
    ("brackets", "sentence"),
    [
        ([(150, 0.005, 100, ""), (300, 0.01, 50, "0.8")], "must be 0.75 by the rates and floors"),
        ([(150, 0.005, 100, ""), (300, 0.01, 50, "")], "gave no amounts"),
        ([(150, 0.02, 100, ""), (300, 0.01, 50, "-1.5")], "liquidated when it is opened"),
        ([(150, 0.009, 100, ""), (300, 0.005, 50, "-0.6")], "not be below the rate before it"),
    ],
    ids=["another amount", "no amount", "rate above leverage", "falling rate"],
)
def test_bybits_brackets_that_are_not_continuous_are_refused(fetched, brackets, sentence):
    assert sentence in fetched("bybit", "BTC/USD:BTC", bybit(*brackets))


@needs_replies
def test_a_margin_that_is_neither_a_share_nor_per_cent_is_refused(fetched):
    told = fetched("bybit", "BTC/USD:BTC", bybit((150, 0.005, 100, ""), percent=10))
    assert "the unit of its rates cannot be verified" in told


@needs_replies
def test_okxs_brackets_count_contracts_and_hold_for_the_whole_position(fetched):
    def change(reply):
        reply["data"] = [
            {"imr": "0.01", "instId": "", "instFamily": "BTC-USDT", "maxLever": "100",
             "maxSz": "100", "minSz": "0", "mmr": "0.004", "tier": "1"},
            {"imr": "0.02", "instId": "", "instFamily": "BTC-USDT", "maxLever": "50",
             "maxSz": "500", "minSz": "100.1", "mmr": "0.008", "tier": "2"},
        ]  # fmt: skip
        return reply

    rows = fetched("okx", "BTC/USDT:USDT", change)
    assert columns(rows, "floor", "rate", "amount", "schedule", "unit", "contract") == [
        (0, 0.004, "", "whole", "contracts", "BTC-USDT-SWAP"),
        (100, 0.008, "", "whole", "contracts", "BTC-USDT-SWAP"),
    ]


@needs_replies
def test_okxs_brackets_of_another_contract_or_with_a_hole_are_refused(fetched):
    def other(reply):
        reply["data"][0]["instId"] = "ETH-USDT-SWAP"
        return reply

    def hole(reply):
        bracket = reply["data"][0] | {"instId": "", "imr": "0.1"}
        reply["data"] = [
            bracket | {"maxSz": "100"},
            bracket | {"minSz": "200", "maxSz": "300", "mmr": "0.04", "tier": "2"},
        ]
        return reply

    assert "answered about 'ETH-USDT-SWAP'" in fetched("okx", "BTC/USDT:USDT", other)
    assert "do not join" in fetched("okx", "BTC/USDT:USDT", hole)


@needs_replies
def test_kucoins_brackets_hold_for_the_whole_position(fetched):
    def own(reply):
        reply["data"] = [row | {"symbol": "XBTUSDTM"} for row in reply["data"]]
        return reply

    rows = fetched("kucoinfutures", "BTC/USDT:USDT", own)
    assert columns(rows, "floor", "rate", "max_leverage", "schedule", "unit") == [
        (0, 0.025, 20, "whole", "notional"),
        (500, 0.25, 2, "whole", "notional"),
    ]
    assert "answered about 'ADAUSDTM'" in fetched(
        "kucoinfutures", "BTC/USDT:USDT", lambda reply: reply
    )


XT = [("90000", "0.004", "0.008", "125"), ("400000", "0.01", "0.02", "50")]


@needs_replies
def test_xts_first_bracket_begins_at_zero_and_its_schedule_must_be_said(fetched):
    def change(reply):
        first = reply["result"]["leverageBrackets"][0]
        reply["result"]["leverageBrackets"] = [
            first | {"bracket": place, "maxNominalValue": cap, "maintMarginRate": rate,
                     "startMarginRate": initial, "maxLeverage": leverage}
            for place, (cap, rate, initial, leverage) in enumerate(XT, 1)
        ]  # fmt: skip
        return reply

    assert "--schedule" in fetched("xt", "BTC/USDT:USDT", change)
    rows = fetched("xt", "BTC/USDT:USDT", change, "--schedule", "marginal")
    assert columns(rows, "floor", "rate", "amount", "schedule") == [
        (0, 0.004, 0, "marginal"),
        (90000, 0.01, pytest.approx(540), "marginal"),
    ]
    rows = fetched("xt", "BTC/USDT:USDT", change, "--schedule", "whole")
    assert columns(rows, "floor", "rate", "amount", "schedule") == [
        (0, 0.004, "", "whole"),
        (90000, 0.01, "", "whole"),
    ]


@needs_replies
def test_gates_deductions_settle_that_its_brackets_are_marginal(fetched):
    def change(deduction):
        def changed(reply):
            second = reply[0] | {
                "tier": 2, "maintenance_rate": "0.005", "initial_rate": "0.01",
                "leverage_max": "100", "risk_limit": "2000000", **deduction,
            }  # fmt: skip
            return [reply[0] | ({"deduction": "0"} if deduction else {}), second]

        return changed

    rows = fetched("gate", "BTC/USDT:USDT", change({"deduction": "1000"}))
    assert columns(rows, "floor", "amount", "schedule") == [
        (0, 0, "marginal"),
        (1000000, pytest.approx(1000), "marginal"),
    ]
    assert "must be 1000 by the rates" in fetched(
        "gate", "BTC/USDT:USDT", change({"deduction": "900"})
    )
    assert "--schedule" in fetched("gate", "BTC/USDT:USDT", change({}))


@needs_replies
def test_krakens_brackets_count_dollars_or_contracts(fetched):
    rows = fetched("krakenfutures", "BTC/USD:USD", lambda reply: reply, "--schedule", "marginal")
    assert columns(rows, "floor", "rate", "unit")[:3] == [
        (0, 0.01, "notional"), (500000, 0.02, "notional"), (2000000, 0.05, "notional"),
    ]  # fmt: skip
    rows = fetched("krakenfutures", "BTC/USD:BTC", lambda reply: reply, "--schedule", "marginal")
    assert columns(rows, "floor", "rate", "unit")[:2] == [
        (0, 0.01, "contracts"), (500000, 0.02, "contracts"),
    ]  # fmt: skip


@needs_replies
def test_binances_inverse_brackets_count_coins(fetched):
    def change(reply):
        first = reply[0]["brackets"][0]
        reply[0]["brackets"] = [
            first | {"qtyCap": 5, "cum": 0.0},
            first | {"bracket": 2, "qtyCap": 50, "qtyFloor": 5, "maintMarginRatio": 0.005,
                     "initialLeverage": 100, "cum": 0.005},
        ]  # fmt: skip
        return reply

    def for_coins(reply):
        return change(reply) if reply[0]["symbol"] == "BTCUSD_PERP" else reply

    rows = fetched("binance", "BTC/USD:BTC", for_coins)
    assert columns(rows, "floor", "rate", "amount", "unit", "contract") == [
        (0, 0.004, 0, "notional", "BTCUSD_PERP"),
        (5, 0.005, pytest.approx(0.005), "notional", "BTCUSD_PERP"),
    ]


@needs_replies
@pytest.mark.parametrize("venue", ["deribit", "hyperliquid"])
def test_a_venue_with_a_formula_instead_of_brackets_says_so(monkeypatch, capsys, venue):
    symbol = {"deribit": "BTC/USD:BTC", "hyperliquid": "BTC/USDC:USDC"}[venue]
    with serving(replayed(venue)) as (port, _):
        code, out, err = command(monkeypatch, capsys, port, "fetch", "tiers", venue, symbol)
    assert (code, out) == (1, "")
    assert "has no brackets" in err


class Known:
    """A connection of which only the venue is asked."""

    def __init__(self, name):
        self.venue = VENUES[name]


@pytest.mark.skipif(
    not (DATA / "binance_leverage_tiers_majors.json").is_file(),
    reason="Binance's brackets lie beside the checkout only",
)
def test_binances_real_brackets_give_its_own_margin():
    content = json.loads((DATA / "binance_leverage_tiers_majors.json").read_text())
    assert len(content) > 10
    for symbol, brackets in content.items():
        base, _, settle = symbol.partition("/")[0], "", symbol.partition(":")[2]
        future = Contract(
            symbol, base + settle, base, "linear", 1.0, None, None, settle, settle, None
        )
        given = [
            {"minNotional": item["minNotional"], "maxNotional": item["maxNotional"],
             "maintenanceMarginRate": item["mmr"], "maxLeverage": item["maxLeverage"],
             "info": {"cum": item["cum"]}}
            for item in brackets
        ]  # fmt: skip
        rows = tiers.rows(Known("binance"), future, given)
        assert [row["amount"] for row in rows] == pytest.approx([b["cum"] for b in brackets])
        # Binance: maintenance margin = notional × rate − cum.
        for item in brackets:
            notional = (item["minNotional"] + item["maxNotional"]) / 2
            table = [["floor", "rate"], *[[row["floor"], row["rate"]] for row in rows]]
            found = margin.tier(notional, table, "margin")
            assert found == pytest.approx(notional * item["mmr"] - item["cum"], rel=1e-9)
        wrong = [dict(item, info={"cum": item["info"]["cum"] * 1.001}) for item in given]
        with pytest.raises(VenueError, match="by the rates and floors"):
            tiers.rows(Known("binance"), future, wrong)
    assert np.isfinite(found)
