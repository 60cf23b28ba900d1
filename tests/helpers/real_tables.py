"""Real market history, funding and brackets as the tables of the templates."""

import json

import pandas as pd
from shared_data import DATA


def frame(name, mapping, time):
    """The columns of a file that a table wants, by the table's names; times to the minute."""
    rows = pd.read_csv(DATA / name)[list(mapping)].rename(columns=mapping)
    rows["time"] = pd.to_datetime(rows["time"], utc=True).dt.round("min").dt.tz_localize(None)
    return rows[rows["time"] >= pd.Timestamp(time)]


def funding(coin, since="2024-03-01"):
    return frame(
        f"binance_{coin}USDT_funding_8h.csv",
        {"funding_time_utc": "time", "funding_rate": "funding_rate"},
        since,
    )


def history(coin, since="2024-03-01"):
    """Closes at the ends of their bars, with the funding paid at that time."""
    prices = frame(
        f"binance_{coin}USDT_spot_perp_ohlc_8h.csv",
        {"open_time_utc": "time", "spot_close": "spot", "perp_close": "futures"},
        "2020-01-01",
    )
    prices["time"] += pd.Timedelta(hours=8)
    return prices.merge(funding(coin, since), on="time")


def brackets(*assets):
    published = json.loads((DATA / "binance_leverage_tiers_majors.json").read_text())
    return pd.DataFrame([
        {"asset": asset, "floor": tier["minNotional"], "rate": tier["mmr"],
         "amount": tier["cum"], "max_leverage": tier["maxLeverage"]}
        for asset in assets for tier in published[f"{asset}/USDT:USDT"]
    ])  # fmt: skip


def book_history(*coins, since="2024-03-01"):
    """Spot, future and funding of several coins beside each other."""
    rows = None
    for coin in coins:
        names = {"spot": f"{coin} spot", "futures": f"{coin} futures",
                 "funding_rate": f"{coin} funding"}  # fmt: skip
        one = history(coin, since).rename(columns=names)
        rows = one if rows is None else rows.merge(one, on="time")
    return rows


def desk():
    """A treasury of two coins, hedged half-way with both and a quarterly, at today's prices."""
    rows = book_history("BTC", "ETH")
    now = rows.iloc[-1]
    positions = pd.DataFrame([
        ["BTC", "spot", None, None, 500, now["BTC spot"], None, None, 1, None],
        ["ETH", "spot", None, None, 5000, now["ETH spot"], None, None, 1.3, None],
        ["BTC", "linear", "Venue A", "BTCUSDT perpetual", -250, now["BTC futures"], 1,
         now["BTC futures"] * 0.98, None, None],
        ["BTC", "linear", "Venue A", "BTCUSDT 60d", -100, now["BTC spot"] * 1.012, 1, None, None,
         60],
        ["ETH", "linear", "Venue A", "ETHUSDT perpetual", -2000, now["ETH futures"], 1, None, None,
         None],
    ], columns=["asset", "instrument", "account", "contract", "quantity", "price",
                "contract_size", "entry_price", "beta", "days"])  # fmt: skip
    accounts = pd.DataFrame({"account": ["Venue A"], "balance": [12_000_000.0]})
    return {"History": rows, "Positions": positions, "Accounts": accounts,
            "Brackets": brackets("BTC", "ETH")}  # fmt: skip


def basis(coin):
    rows = history(coin, "2024-10-01")
    last = rows.iloc[-1]
    days = [31, 59, 120]  # quotes at 6 % a year: the files have none of dated futures
    quotes = pd.DataFrame({
        "Contract": [f"{coin} {number}" for number in days],
        "Expiry": [last["time"] + pd.Timedelta(days=number) for number in days],
        "Price": [last["spot"] * (1 + 0.06 * number / 365) for number in days],
    })  # fmt: skip
    return {"History": rows, "Futures": quotes}


def payments():
    """Funding of two coins every eight hours at one venue, and every hour at another."""

    def eights(coin):
        return history(coin, "2025-01-01").rename(
            columns={"funding_rate": "rate", "futures": "mark_price"}
        )[["time", "rate", "mark_price"]]

    hourly = frame(
        "deribit_BTC_perp_funding_1h.csv",
        {"time_utc": "time", "funding_rate_1h": "rate", "index_price": "mark_price"},
        "2025-12-01",
    )
    return {"Funding_A": eights("BTC"), "Funding_B": eights("ETH"), "Funding_C": hourly}


def coins():
    rows = brackets("BTC", "ETH", "SOL", "XRP", "DOGE")
    return {"Brackets": rows.assign(contract=None, schedule=None, unit=None)}


def candles(coin):
    names = {"open_time_utc": "time"} | {
        f"spot_{part}": part for part in ("open", "high", "low", "close")
    }
    bars = frame(f"binance_{coin}USDT_spot_perp_ohlc_8h.csv", names, "2024-10-01")
    days = bars.set_index("time").resample("D")  # the template's bars are of 24 hours
    daily = days.agg({"open": "first", "high": "max", "low": "min", "close": "last"})
    return {"Candles": daily.reset_index()}


def stress():
    return {"History": book_history("BTC", "ETH", since="2025-09-01")}


def portfolio():
    """Two coins, each hedged with its own perpetual, and one of them with the other's too."""
    prices, now = [], {}
    for coin in ("BTC", "ETH"):
        rows = history(coin, "2025-09-01")
        for name, source in ((coin, "spot"), (f"{coin}-PERP", "futures")):
            prices.append(rows[["time"]].assign(asset=name, price=rows[source]))
            now[name] = rows[source].iloc[-1]
    hedges = [("BTC", "BTC-PERP", 500, 0.8), ("ETH", "ETH-PERP", 5000, 0.8),
              ("ETH", "BTC-PERP", 2000, 1.0)]  # fmt: skip
    held = pd.DataFrame(hedges, columns=["Asset", "Contract", "Quantity", "Share"])
    contracts = pd.DataFrame([
        {"Contract": f"{coin}-PERP", "Venue": "Binance", "Underlying": coin, "Type": "linear",
         "Size": 1, "Lot": 0.001, "Tick": 0.1, "Fee": 0.0005, "Mark": now[f"{coin}-PERP"],
         "Held": position}
        for coin, position in (("BTC", -290), ("ETH", -3000))
    ])  # fmt: skip
    return {
        "Holdings": held.assign(Price=held["Asset"].map(now), Beta=None),
        "Contracts": contracts,
        "Prices": pd.concat(prices).sort_values("time", kind="stable"),
    }


def book_of_three():
    """Three coins on two venues: perpetuals, a quarterly, inverse contracts margined in coin.

    The third coin is made: its prices are the geometric means of Bitcoin's and Ether's, a hundredth
    of them, and its funding is the mean of theirs.
    """
    rows = book_history("BTC", "ETH")
    for kind in ("spot", "futures"):
        rows[f"MIX {kind}"] = (rows[f"BTC {kind}"] * rows[f"ETH {kind}"]) ** 0.5 / 100
    rows["MIX funding"] = (rows["BTC funding"] + rows["ETH funding"]) / 2
    now = rows.iloc[-1]
    btc, eth, mix = (now[f"{coin} futures"] for coin in ("BTC", "ETH", "MIX"))
    positions = pd.DataFrame([
        ["BTC", "spot", None, None, 500, now["BTC spot"], None, None, 1, None],
        ["ETH", "spot", None, None, 5000, now["ETH spot"], None, None, 1.3, None],
        ["MIX", "spot", None, None, 200_000, now["MIX spot"], None, None, 1.15, None],
        ["BTC", "linear", "Venue A", "BTCUSDT perpetual", -250, btc, 1, btc * 0.98, None, None],
        ["BTC", "linear", "Venue A", "BTCUSDT 60d", -80, btc * 1.012, 1, btc, None, 60],
        ["BTC", "linear", "Venue A", "BTCUSDT 150d", 0, btc * 1.03, 1, None, None, 150],
        ["ETH", "linear", "Venue A", "ETHUSDT perpetual", -2000, eth, 1, eth * 1.05, None, None],
        ["BTC", "inverse", "Venue B", "BTCUSD", -40_000, btc, 100, btc * 1.04, None, None],
        ["ETH", "inverse", "Venue B", "ETHUSD", -200_000, eth, 10, eth * 0.97, None, None],
        ["MIX", "linear", "Venue A", "MIXUSDT perpetual", -50_000, mix, 1, None, None, None],
    ], columns=["asset", "instrument", "account", "contract", "quantity", "price",
                "contract_size", "entry_price", "beta", "days"])  # fmt: skip
    accounts = pd.DataFrame({
        "account": ["Venue A", "Venue B", "Venue B"], "asset": [None, "BTC", "ETH"],
        "balance": [15_000_000.0, 60.0, 600.0],
    })  # fmt: skip
    known = brackets("BTC", "ETH")
    known["account"] = "Venue A"
    coins = pd.DataFrame([
        {"asset": asset, "instrument": "inverse", "account": "Venue B", "floor": floor,
         "rate": rate, "amount": amount, "max_leverage": leverage}
        for asset in ("BTC", "ETH")
        for floor, rate, amount, leverage in ((0, 0.004, 0, 125), (50, 0.01, 0.3, 50))
    ])  # fmt: skip
    mixed = known[known["asset"] == "ETH"].assign(asset="MIX")
    tiers = pd.concat([known, coins, mixed])
    return {"History": rows, "Positions": positions, "Accounts": accounts, "Brackets": tiers}
