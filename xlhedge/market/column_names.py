"""The names that venues give to their columns, in the form that `normal` brings them to."""

from __future__ import annotations

import re

OPENING = frozenset(
    [
        "open_time",
        "opentime",
        "start_time",
        "starttime",
        "start",
        "ticks",
        "time_open",
        "open_timestamp",
        "open_ts",
        "open_date",
        "time_period_start",
        "candle_begin_time",
        "period_start",
        "begin_time",
        "kline_open_time",
        "start_timestamp",
        "start_date",
        "bar_start",
    ]
)
CLOSING = frozenset(
    [
        "close_time",
        "closetime",
        "end_time",
        "endtime",
        "time_close",
        "close_timestamp",
        "close_ts",
        "close_date",
        "time_period_end",
        "period_end",
        "closing_time",
        "end_timestamp",
        "end_date",
        "bar_end",
        "kline_close_time",
    ]
)
SETTLING = frozenset(
    [
        "funding_time",
        "calc_time",
        "funding_rate_timestamp",
        "funding_timestamp",
        "settle_time",
        "settlement_time",
        "funding_datetime",
        "settled_at",
        "fundingtime",
        "time_funding",
    ]
)
EPOCHS = ("timestamp", "unix", "unix_timestamp", "unix_time", "ts", "epoch", "time_ms", "t")
NEUTRAL = (*EPOCHS, "time", "datetime", "date_time", "date", "day", "gmt_time", "dt")
CLOSES = (
    "close", "close_price", "closing_price", "price_close", "closeprice", "c", "settle",
    "settlement_price", "price", "last", "last_price", "latest", "px_last", "reference_rate_usd",
    "reference_rate", "price_usd", "mark_price", "index_price", "value",
)  # fmt: skip
RATES = (
    "realized_rate", "real_funding_rate", "relative_funding_rate", "last_funding_rate",
    "funding_rate", "interest_1h", "funding", "rate", "r",
)  # fmt: skip
CONFIRM = frozenset(
    ["confirm", "confirmed", "is_closed", "closed", "window_close", "is_final", "final"]
)
SYMBOL = (
    "symbol", "instrument_name", "inst_id", "instrument", "market", "coin", "pair", "contract",
    "ticker", "asset",
)  # fmt: skip
INTERVAL = frozenset((
    "interval_hours", "funding_interval_hours", "funding_interval",
))  # fmt: skip
NO_PRICE = frozenset(
    [
        "open",
        "high",
        "low",
        "volume",
        "vol",
        "return",
        "log",
        "ret",
        "expiry",
        "expiration",
        "date",
        "time",
        "funding",
        "rate",
        "interest",
        "spread",
        "basis",
        "change",
        "oi",
        "size",
        "amount",
        "qty",
        "quantity",
        "count",
        "name",
        "symbol",
        "contract",
        "prev",
        "h",
        "l",
        "o",
    ]
)
PRICES = frozenset(["price", "close", "last", "settle", "px", "latest", "value"])
SPOT = frozenset((
    "spot", "cash", "brr",
))  # fmt: skip
FUTURES = frozenset((
    "futures", "future", "perp", "perpetual", "swap", "fut",
))  # fmt: skip
TRADES = (
    frozenset({"side", "size"}),
    frozenset({"is_buyer_maker"}),
    frozenset({"local_timestamp"}),
    frozenset({"side", "amount"}),
)
VENUES: tuple[tuple[str, frozenset[str]], ...] = (
    ("a canonical history", frozenset({"time", "spot", "interval_hours"})),
    ("Binance candles", frozenset({"open_time", "close_time", "taker_buy_volume"})),
    ("Binance candles", frozenset({"open_time", "close_time", "ignore"})),
    ("Binance funding", frozenset({"calc_time", "last_funding_rate"})),
    ("Bybit candles", frozenset({"start_time", "open_price", "close_price", "turnover"})),
    ("Bybit funding", frozenset({"funding_rate", "funding_rate_timestamp"})),
    ("OKX candles", frozenset({"instrument_name", "open_time", "confirm"})),
    ("OKX funding", frozenset({"instrument_name", "funding_rate", "funding_time"})),
    ("OKX funding", frozenset({"inst_id", "funding_rate", "funding_time"})),
    ("Deribit candles", frozenset({"ticks", "open", "close"})),
    ("Deribit funding", frozenset({"timestamp", "interest_8h", "interest_1h"})),
    ("Kraken futures funding", frozenset({"relative_funding_rate", "timestamp"})),
    ("Gate funding", frozenset({"t", "r"})),
    ("Gate candles", frozenset({"t", "o", "h", "l", "c"})),
    ("Hyperliquid funding", frozenset({"coin", "funding_rate", "premium"})),
    ("Coin Metrics candles", frozenset({"market", "time", "price_open", "price_close"})),
    ("Coin Metrics", frozenset({"asset", "time", "reference_rate_usd"})),
    ("Coin Metrics", frozenset({"asset", "time", "price_usd"})),
    ("Tardis derivative ticker", frozenset({"exchange", "local_timestamp", "funding_rate"})),
    ("Tardis trades", frozenset({"exchange", "local_timestamp", "side"})),
    ("Investing.com prices", frozenset({"date", "price", "open", "high", "low"})),
    ("CME prices", frozenset({"date", "spot_price", "futures_price"})),
    ("ccxt funding", frozenset({"symbol", "funding_rate", "timestamp", "datetime"})),
    ("ccxt candles", frozenset({"timestamp", "open", "high", "low", "close"})),
)


def normal(name: str) -> str:
    """A column's name in lower case, words joined by underscores, without zone and brackets."""
    text = name.strip().strip("\ufeff")
    if not text.isascii():
        text = text.partition("/")[0]  # OKX writes its names in English, then in Chinese
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = re.sub(r"[^0-9A-Za-z%]+", "_", text).strip("_").lower()
    return re.sub(r"_(utc|gmt)$", "", text)
