"""Venues' files as the rows of the template workbooks, through the command line."""

import json

import numpy as np
import pytest
from places import ROOT
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.errors import FileError
from xlhedge.filling import read_table
from xlhedge.market import brackets, holdings

RUNNER = CliRunner()
HOUR = 3_600_000
START = 1_748_736_000_000  # 2025-06-01T00:00Z
BOOKS = ROOT / "workbooks"


def fill(book, *words, output):
    done = RUNNER.invoke(
        app,
        ["fill", str(BOOKS / f"{book}.xlsx"), *map(str, words), "--no-recalc", "-o", str(output)],
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def venue(tmp_path):
    """Binance's klines and funding of 40 bars of 8 hours, and their closes and rates."""
    rng = np.random.default_rng(20250601)
    closes = (100_000.0 * np.exp(np.cumsum(rng.normal(0, 0.005, 40)))).round(2)
    rates = rng.normal(5e-5, 2e-5, 41).round(8)
    lines = [
        f"{opened},{c},{c + 10},{c - 10},{c},1,{opened + 8 * HOUR - 1},1,1,1,1,0"
        for opened, c in zip(
            range(START, START + 320 * HOUR, 8 * HOUR), closes.tolist(), strict=True
        )
    ]
    (tmp_path / "klines.csv").write_text("\n".join(lines), encoding="utf-8")
    rows = [f"{START + i * 8 * HOUR + i % 7},8,{r:.8f}" for i, r in enumerate(rates.tolist())]
    header = "calc_time,funding_interval_hours,last_funding_rate"
    (tmp_path / "funding.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    return tmp_path, closes, rates


def test_candles_of_a_venue_fill_the_volatility_workbook_at_their_closes(venue):
    folder, closes, _ = venue
    said = fill("volatility_target", f"Candles={folder / 'klines.csv'}", output=folder / "o.xlsx")
    table = read_table(folder / "o.xlsx", "Candles")
    assert table["close"].tolist() == closes.tolist()
    assert table["high"].tolist() == pytest.approx((closes + 10).tolist())
    assert str(table["time"].iloc[0]) == "2025-06-01 08:00:00"
    assert "Binance candles without header" in said


def test_funding_and_mark_prices_fill_the_funding_table(venue):
    folder, closes, rates = venue
    files = f"{folder / 'funding.csv'},{folder / 'klines.csv'}"
    fill("funding_table", f"Funding_A={files}", output=folder / "o.xlsx")
    table = read_table(folder / "o.xlsx", "Funding_A")
    assert table["rate"].tolist() == rates[1:].tolist()
    assert table["mark_price"].tolist() == closes.tolist()
    with pytest.raises(FileError, match="has no mark prices"):
        fill("funding_table", f"Funding_A={folder / 'funding.csv'}", output=folder / "p.xlsx")
    assert not (folder / "p.xlsx").exists()


def test_history_is_filled_by_the_options_of_xlhedge_history(venue):
    folder, closes, rates = venue
    said = fill(
        "basis_history", "--spot", folder / "klines.csv", "--futures", folder / "klines.csv",
        "--funding", folder / "funding.csv", output=folder / "o.xlsx",
    )  # fmt: skip
    table = read_table(folder / "o.xlsx", "History")
    assert table["spot"].tolist() == closes.tolist()
    assert table["funding_rate"].tolist() == rates[1:].tolist()
    assert "Binance funding" in said


def test_the_history_of_a_desk_takes_the_files_of_each_of_its_coins(venue):
    folder, closes, rates = venue
    half = folder / "half.csv"
    lines = [line.split(",") for line in (folder / "klines.csv").read_text().splitlines()]
    halved = ([row[0], *(str(float(cell) / 2) for cell in row[1:5]), *row[5:]] for row in lines)
    half.write_text("\n".join(map(",".join, halved)), encoding="utf-8")
    files = []
    for option in ("--spot", "--futures"):
        files += [option, folder / "klines.csv", option, half]
    files += ["--funding", folder / "funding.csv"] * 2
    both = "--asset", "BTC", "--asset", "ETH"
    said = fill("hedge_desk", *files, *both, output=folder / "o.xlsx")
    table = read_table(folder / "o.xlsx", "History")
    assert table["BTC spot"].tolist() == closes.tolist()
    assert table["ETH futures"].tolist() == (closes / 2).tolist()
    assert table["ETH funding"].tolist() == rates[1:].tolist()
    assert "Binance funding" in said
    (folder / "held.csv").write_text("asset,instrument,qty,price\nBTC,spot,2,70000\n")
    mapped = (f"Positions={folder / 'held.csv'}", "--map", "qty=quantity")
    fill("hedge_desk", *files, *both, *mapped, output=folder / "m.xlsx")
    assert read_table(folder / "m.xlsx", "Positions")["quantity"].tolist() == [2.0]
    one = ("--spot", folder / "klines.csv", "--asset", "BTC")
    with pytest.raises(FileError, match="BTC has no futures"):
        fill("hedge_desk", *one, output=folder / "p.xlsx")
    with pytest.raises(FileError, match="holds BTC, ETH: give --spot"):
        fill("hedge_desk", f"History={folder / 'klines.csv'}", output=folder / "p.xlsx")


def test_a_new_desk_takes_the_files_of_a_venue(venue):
    folder, closes, _ = venue
    done = RUNNER.invoke(
        app,
        ["new", "basis_history", str(folder / "n.xlsx"), "--spot", str(folder / "klines.csv"),
         "--futures", str(folder / "klines.csv"), "--funding", str(folder / "funding.csv")],
    )  # fmt: skip
    assert done.exit_code == 0, done.exception
    assert read_table(folder / "n.xlsx", "History")["spot"].tolist() == closes.tolist()


def test_wide_prices_fill_the_portfolio(tmp_path):
    text = "Date;BTC-USD;ETH-USD\n02.01.2025 00:00;101.000,5;3.100,25\n"
    text += "13.01.2025 00:00;99.000,0;2.900,0\n"
    (tmp_path / "wide.csv").write_text(text, encoding="utf-8")
    words = (f"Prices={tmp_path / 'wide.csv'}", "--decimal", "comma")
    fill("portfolio", *words, output=tmp_path / "o.xlsx")
    table = read_table(tmp_path / "o.xlsx", "Prices")
    assert table["asset"].tolist() == ["BTC", "ETH"] * 2
    assert table["price"].tolist() == [101000.5, 3100.25, 99000.0, 2900.0]
    blank = text.replace("3.100,25", "")
    (tmp_path / "wide.csv").write_text(blank, encoding="utf-8")
    with pytest.raises(FileError, match="row 2, column ETH-USD: a price is missing"):
        fill("portfolio", *words, output=tmp_path / "p.xlsx")


def bracket(floor, cap, rate, amount, leverage):
    return {
        "bracket": 1, "initialLeverage": leverage, "notionalCap": cap, "notionalFloor": floor,
        "maintMarginRatio": rate, "cum": amount,
    }  # fmt: skip


BTC = [bracket(0, 50_000, 0.004, 0, 125), bracket(50_000, 600_000, 0.005, 50, 100)]


def test_binance_brackets_fill_the_margin_workbook(tmp_path):
    file = tmp_path / "leverageBracket.json"
    reply = [{"symbol": "BTCUSDT", "brackets": BTC[::-1]}, {"symbol": "BTCUSDC", "brackets": BTC}]
    file.write_text(json.dumps(reply), encoding="utf-8")
    with pytest.raises(FileError, match=r"BTCUSDT and BTCUSDC.* --asset"):
        brackets.read(file, [])
    fill("margin", f"Brackets={file}", "--asset", "BTCUSDT", output=tmp_path / "o.xlsx")
    table = read_table(tmp_path / "o.xlsx", "Brackets")
    assert table["floor"].tolist() == [0, 50_000]
    assert table["amount"].tolist() == [0, 50]
    fill("hedge_desk", f"Brackets={file}", "--asset", "BTCUSDT", output=tmp_path / "d.xlsx")
    assert read_table(tmp_path / "d.xlsx", "Brackets")["rate"].tolist() == [0.004, 0.005]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cum": 60}, "states the amount 60"),
        ({"notionalFloor": 60_000}, "do not join"),
        ({"cum": None}, "without maintenance amounts"),
        ({"maintMarginRatio": 1.5}, "no rate below 1"),
    ],
)
def test_brackets_that_cannot_be_verified_are_refused(change, sentence, tmp_path):
    file = tmp_path / "b.json"
    rows = [BTC[0], {**BTC[1], **change}]
    file.write_text(json.dumps([{"symbol": "BTCUSDT", "brackets": rows}]), encoding="utf-8")
    with pytest.raises(FileError, match=sentence):
        brackets.read(file, [])


POSITIONS = {
    "linear": {"symbol": "BTCUSDT", "positionAmt": "-0.5", "entryPrice": "60000",
               "markPrice": "62000", "notional": "-31000", "marginType": "cross"},
    "coin": {"symbol": "BTCUSD_PERP", "positionAmt": "2", "entryPrice": "37643.1",
             "markPrice": "38103.055", "notionalValue": "0.00524892", "marginType": "isolated",
             "isolatedWallet": "0.0027"},
    "bybit": {"symbol": "BTCUSD", "side": "Sell", "size": "300", "avgPrice": "27464.5",
              "positionValue": "0.01092319", "markPrice": "28224.5"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "instrument", "quantity", "size"),
    [("linear", "linear", -0.5, 1), ("coin", "inverse", 2, 100), ("bybit", "inverse", -300, 1)],
)
def test_positions_get_their_sign_and_the_size_that_their_value_proves(
    name, instrument, quantity, size, tmp_path
):
    file = tmp_path / "p.json"
    file.write_text(json.dumps({"result": {"list": [POSITIONS[name]]}}), encoding="utf-8")
    found = holdings.read(file)
    assert (found["instrument"], found["quantity"], found["contract_size"]) == (
        [instrument], [quantity], [size],
    )  # fmt: skip
    assert found["contract"] == [POSITIONS[name]["symbol"]]
    isolated = f"isolated {POSITIONS[name]['symbol']}" if name == "coin" else None
    assert (found["account"], found["days"]) == ([isolated], [None])


def test_a_position_whose_contract_is_not_known_is_refused(tmp_path):
    file = tmp_path / "p.json"
    row = {"contract": "BTC_USDT", "symbol": "BTC_USDT", "size": 1, "entry_price": "46030.3",
           "mark_price": "46028.28", "value": "4.602828"}  # fmt: skip
    file.write_text(json.dumps([row]), encoding="utf-8")
    with pytest.raises(FileError, match="size of a contract is not known"):
        holdings.read(file)
