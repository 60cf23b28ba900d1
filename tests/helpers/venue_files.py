"""Files as venues lay them out, written from known closes."""

import csv
import gzip
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

HOUR = 3_600_000


class Truth:
    """Bars of a walk: openings in milliseconds, four prices, and funding at the closes."""

    def __init__(self, start, count, hours, seed=1, size=0.004, price=100_000.0):
        rng = np.random.default_rng(seed)
        self.hours = hours
        self.opening = start + np.arange(count, dtype=np.int64) * hours * HOUR
        self.close = (price * np.exp(np.cumsum(rng.normal(0, size, count)))).round(2)
        self.open = np.r_[price, self.close[:-1]].round(2)
        self.high = (np.maximum(self.open, self.close) + rng.random(count)).round(2)
        self.low = (np.minimum(self.open, self.close) - rng.random(count)).round(2)
        self.volume = rng.random(count).round(3) + 1

    @property
    def closing(self):
        return self.opening + self.hours * HOUR

    def rows(self):
        prices = (self.open, self.high, self.low, self.close, self.volume)
        return zip(self.opening.tolist(), *(p.tolist() for p in prices), strict=True)


def moment(time):
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time)


def binance(truth, unit=1, header=False):
    names = [
        "open_time", "open", "high", "low", "close",
        "volume", "close_time", "quote_volume", "count",
        "taker_buy_volume", "taker_buy_quote_volume", "ignore",
    ]  # fmt: skip
    length = truth.hours * HOUR
    return (names if header else None), [
        [t * unit, f"{o:.8f}", f"{h:.8f}", f"{low:.8f}", f"{c:.8f}", v, (t + length) * unit - 1,
         v * 2, 10, v / 2, v, 0]
        for t, o, h, low, c, v in truth.rows()
    ]  # fmt: skip


def bybit(truth):
    names = [
        "startTime", "openPrice", "highPrice", "lowPrice", "closePrice", "volume", "turnover",
    ]  # fmt: skip
    return names, [[*row, row[-1] * 2] for row in truth.rows()][::-1]


def okx(truth):
    names = [
        "instrument_name", "open", "high", "low", "close",
        "vol", "vol_ccy", "vol_quote", "open_time", "confirm",
    ]  # fmt: skip
    return names, [["BTC-USDT", o, h, low, c, v, v, v, t, 1] for t, o, h, low, c, v in truth.rows()]


def okx_list(truth):
    return None, [[*row, row[-1], row[-1], 1] for row in truth.rows()][::-1]


def kraken(truth):
    return None, [[t // 1000, o, h, low, c, v, 12] for t, o, h, low, c, v in truth.rows()]


def gate(truth):
    return None, [[t // 1000, v, c, h, low, o] for t, o, h, low, c, v in truth.rows()]


def kucoin(truth):
    return None, [[t // 1000, o, c, h, low, v, v] for t, o, h, low, c, v in truth.rows()]


def ccxt(truth):
    return None, [list(row) for row in truth.rows()]


def ccxt_frame(truth):
    rows = [[place, *row] for place, row in enumerate(truth.rows())]
    return ["", *map(str, range(6))], rows


def deribit(truth):
    return ["ticks", "open", "high", "low", "close", "volume", "cost"], [
        [*row, row[-1]] for row in truth.rows()
    ]


def coin_metrics(truth):
    names = [
        "market", "time", "price_open", "price_close",
        "price_high", "price_low", "vwap", "volume",
    ]  # fmt: skip
    return names, [
        ["binance-btc-usdt-spot", moment(t).strftime("%Y-%m-%dT%H:%M:%S.000000000Z"), o, c, h, low,
         c, v]
        for t, o, h, low, c, v in truth.rows()
    ]  # fmt: skip


def cryptodatadownload(truth):
    names = [
        "unix", "date", "symbol", "open", "high", "low", "close", "Volume BTC", "Volume USD",
    ]  # fmt: skip
    return names, [
        [t, moment(t).strftime("%Y-%m-%d %H:%M:%S"), "BTC/USD", o, h, low, c, v, v]
        for t, o, h, low, c, v in truth.rows()
    ][::-1]


def closes_alone(truth):
    return ["time", "close"], [
        [moment(t).strftime("%Y-%m-%dT%H:%M:%SZ"), c]
        for t, c in zip(truth.closing.tolist(), truth.close.tolist(), strict=True)
    ]


def close_time(truth):
    return ["close_time", "close"], [
        [moment(t - 1000).strftime("%Y-%m-%d %H:%M:%S"), c]
        for t, c in zip(truth.closing.tolist(), truth.close.tolist(), strict=True)
    ]


def nanoseconds(truth):
    return ["open_time", "close"], [[t * 1_000_000, c] for t, _, _, _, c, _ in truth.rows()]


def texts(form):
    def layout(truth):
        return ["Open time", "Open", "High", "Low", "Close", "Volume"], [
            [moment(t).strftime(form), o, h, low, c, v] for t, o, h, low, c, v in truth.rows()
        ]

    return layout


TIMES = {
    form: texts(form)
    for form in (
        "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S+00:00",
        "%Y-%m-%d %H:%M:%S UTC", "%Y/%m/%d %H:%M", "%Y%m%d %H%M%S", "%b %d, %Y %H:%M",
        "%d-%b-%Y %H:%M:%S", "%d %B %Y %H:%M", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I-%p",
    )
}  # fmt: skip
LAYOUTS = {
    "binance": binance,
    "binance with header": lambda truth: binance(truth, header=True),
    "binance microseconds": lambda truth: binance(truth, unit=1000),
    **{
        layout.__name__: layout
        for layout in (
            bybit, okx, okx_list, kraken, gate, kucoin, ccxt, ccxt_frame, deribit, coin_metrics,
            cryptodatadownload, closes_alone, close_time, nanoseconds,
        )
    },
    **TIMES,
}  # fmt: skip


def text_of(names, rows, delimiter=",", comma=False):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if names:
        writer.writerow(names)
    for row in rows:
        writer.writerow(
            [repr(cell).replace(".", ",") if comma and isinstance(cell, float) else cell
             for cell in row]
        )  # fmt: skip
    return out.getvalue()


def plain(names, rows):
    return text_of(names, rows).encode()


def zipped(names, rows):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", plain(names, rows))
    return out.getvalue()


def gzipped(names, rows):
    return gzip.compress(plain(names, rows))


def utf16(names, rows):
    return text_of(names, rows, "\t").encode("utf-16")


def with_mark(names, rows):
    return b"\xef\xbb\xbf" + text_of(names, rows, ";").replace("\n", "\r\n").encode()


def json_rows(names, rows):
    plain_rows = [dict(zip(names, row, strict=True)) for row in rows] if names else rows
    return json.dumps({"code": "0", "data": plain_rows}).encode()


def frame(names, rows):
    return pd.DataFrame(rows, columns=names or [str(place) for place in range(len(rows[0]))])


def parquet(names, rows):
    out = io.BytesIO()
    frame(names, rows).to_parquet(out)
    return out.getvalue()


def xlsx(names, rows):
    out = io.BytesIO()
    frame(names, rows).to_excel(out, index=False, header=bool(names))
    return out.getvalue()


CONTAINERS = {
    form.__name__: form
    for form in (plain, zipped, gzipped, utf16, with_mark, json_rows, parquet, xlsx)
}
