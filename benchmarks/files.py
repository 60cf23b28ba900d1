"""Row 9: a million one-minute candles of a CSV file as a history of 8-hour bars."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._measure import agree, compare
from xlhedge.market.assembly import Request, history_of
from xlhedge.market.history import written
from xlhedge.market.reading import Reading

HOUR = 3_600_000
START = 1_640_995_200_000  # 2022-01-01T00:00Z


def candles(count):
    rng = np.random.default_rng(42)
    close = (50_000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0005, count)))).round(2)
    opening = START + np.arange(count, dtype=np.int64) * 60_000
    return pd.DataFrame({
        "open_time": opening, "open": close, "high": close + 5, "low": close - 5, "close": close,
        "volume": 1.5, "close_time": opening + 59_999, "quote_volume": close, "count": 12,
        "taker_buy_volume": 0.75, "taker_buy_quote_volume": close, "ignore": 0,
    })  # fmt: skip


def ours(path):
    return written([history_of(Request([str(path)], reading=Reading(interval=8 * HOUR)))])


def history(quick):
    count, rounds = (200_000, 3) if quick else (1_000_000, 7)
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as name:
        folder = Path(name)
        table = candles(count)
        layouts = {"as Binance writes it": table, "six columns": table.iloc[:, :6]}
        texts = table.iloc[:, :6].copy()
        texts["open_time"] = pd.to_datetime(texts["open_time"], unit="ms").dt.strftime(
            "%Y-%m-%d %H:%M:%S"
        )
        layouts["six columns, times as texts"] = texts
        for layout, frame in layouts.items():
            path = folder / "candles.csv"
            frame.to_csv(path, index=False)
            lines = ours(path).decode().splitlines()[1:]
            agree([float(line.split(",")[1]) for line in lines], table["close"][479::480])
            yield compare(
                9, f"{count:,} minutes to 8 hours, {layout} / pandas' read of the file",
                partial(ours, path), partial(pd.read_csv, path), rounds, most=2,
            )  # fmt: skip
