"""Where real market history lies, if it is there: beside the checkout, never in it."""

import csv
from functools import cache

import pytest
from places import SHARED

DATA = SHARED / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="real market data is not beside the checkout"
)


@cache
def read(name):
    """The columns of a CSV file, by name, as lists of text."""
    with (DATA / name).open(newline="", encoding="utf-8-sig") as handle:
        header, *rows = list(csv.reader(handle))
    return {title: [row[i] for row in rows] for i, title in enumerate(header)}


def numbers(name, column):
    """One column as a list of floats; a missing number is not expected."""
    return [float(item) for item in read(name)[column]]


def binance_history(since):
    """Real BTC history, 8-hourly, from a day on."""
    from xlhedge.templates import read_history

    return read_history(
        DATA / "binance_BTCUSDT_spot_perp_ohlc_8h.csv",
        DATA / "binance_BTCUSDT_funding_8h.csv",
        mapping={
            "open_time_utc": "time", "spot_close": "spot", "perp_close": "futures",
            "funding_time_utc": "time",
        },
        since=since,
        shift_hours=8.0,
    )  # fmt: skip
