"""Do the values at risk hold what they promise? Prints the tables of docs/calibration.md.

Run with: python -m benchmarks.calibration
The market data are not part of the project: `XLHEDGE_MARKET_DATA` names their folder.
"""

import csv
import math
import os
from pathlib import Path

import numpy as np

from benchmarks import backtests
from xlhedge import call

DATA = Path(os.environ.get("XLHEDGE_MARKET_DATA", "."))
LEVEL = 0.99


def read(name):
    with (DATA / name).open(newline="", encoding="utf-8-sig") as handle:
        return list(csv.DictReader(handle))


def market(coin="BTC"):
    """Closing times, spot, perpetual and the funding rate paid at that time, every 8 hours."""
    bars = read(f"binance_{coin}USDT_spot_perp_ohlc_8h.csv")
    paid = {
        line["funding_time_utc"][:13]: float(line["funding_rate"])
        for line in read(f"binance_{coin}USDT_funding_8h.csv")
    }
    # A bar that opens at one row's time closes at the next row's: funding is paid there.
    closes = [line["open_time_utc"][:13] for line in bars[1:]]
    rows = [
        (time, float(bar["spot_close"]), float(bar["perp_close"]), paid[time])
        for time, bar in zip(closes, bars, strict=False)
        if time in paid
    ]
    times, *numbers = zip(*rows, strict=True)
    return (np.array(times), *(np.array(line) for line in numbers))


def column(values):
    return [[value] for value in values.tolist()]


def reversion_bias(paths=2000, seed=1):
    """Mean of OU_FIT's theta over simulated daily histories, by true theta and length."""
    rng = np.random.default_rng(seed)
    lines = []
    for half_life in (5, 20, 60):
        theta = math.log(2) * 365 / half_life
        phi = math.exp(-theta / 365)
        for rows in (60, 250, 1000):
            shocks = rng.standard_normal((rows, paths))
            series = np.empty((rows, paths))
            series[0] = shocks[0] / math.sqrt(1 - phi**2)
            for t in range(1, rows):
                series[t] = phi * series[t - 1] + shocks[t]
            fits = [call("OU_FIT", column(series[:, k]), 1) for k in range(paths)]
            found = np.array([fit[0][1] for fit in fits if isinstance(fit, list)])
            lines.append(
                (half_life, theta, rows, found.mean(), np.median(found), paths - len(found))
            )
    return lines


def root_of_time(coin="BTC"):
    """The √T rule against what the basis did over 30 days: spread and 99 % quantile."""
    times, spot, perpetual, _ = market(coin)
    basis = np.log(spot / perpetual)
    lines = []
    for label in ("2020", "2021", "2022", "2023", "2024", "2025", ""):
        chosen = np.flatnonzero([time.startswith(label) for time in times])
        b = basis[chosen[0] : chosen[-1] + 1]
        rule = np.diff(b).std(ddof=1) * math.sqrt(90)
        true = (b[90:] - b[:-90]).std(ddof=1)
        pair = column(spot[chosen]), column(perpetual[chosen])
        var = [
            call("BASIS_VAR", *pair, 1e4, LEVEL, 90, scaling)
            for scaling in ("sqrt", "ou", "empirical")
        ]
        lines.append((label or "all", len(b), 1e4 * rule, 1e4 * true, rule / true, *var))
    return lines


def shown(value):
    return value if isinstance(value, str) else f"{value:.4g}"


def main():
    markets = {coin: market(coin) for coin in ("BTC", "ETH")}
    books = (("BTC", "BTC"), ("ETH", "ETH"), ("ETH", "BTC"))
    for coin, future in books:
        backtests.print_day(markets, coin, future)
    for coin, future in books:
        backtests.print_month(markets, coin, future)
    print("\n| half-life, days | theta | rows | mean theta | median | share of true | no fit |")
    print("|---|---|---|---|---|---|---|")
    for half_life, theta, rows, mean, median, failed in reversion_bias():
        print(
            f"| {half_life} | {theta:.2f} | {rows} | {mean:.2f} | {median:.2f} "
            f"| {mean / theta:.2f} | {failed} |"
        )
    for coin in ("BTC", "ETH"):
        print(f"\n{coin}\n\n| year | rows | √90·sd(Δb), bp | sd of 30 days, bp | ratio ", end="")
        print(
            "| VaR sqrt, bp | VaR ou, bp | VaR empirical, bp |\n|---|---|---|---|---|---|---|---|"
        )
        for label, rows, *numbers in root_of_time(coin):
            print(f"| {label} | {rows} |", " | ".join(shown(number) for number in numbers), "|")


if __name__ == "__main__":
    main()
