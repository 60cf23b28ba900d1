"""Do the values at risk hold what they promise? Prints the tables of docs/calibration.md.

Run with: python benchmarks/calibration.py
The market data are not part of the project: they lie in the folder shared/data beside the checkout.
"""

import csv
import math
from pathlib import Path

import numpy as np

from xlhedge import call

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
YEAR = 3 * 365
LEVEL = 0.99
FIRST, LAST = "2021-01-01", "2025-12-31"
LABELS = (
    "exceptions",
    "expected",
    "kupiec_lr",
    "kupiec_p",
    "christoffersen_lr",
    "christoffersen_p",
    "zone",
)


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


def backtests(coin="BTC", first=FIRST, last=LAST):
    """Backtest of four values at risk of one coin, long, and one perpetual, short, over a day."""
    times, spot, perpetual, funding = market(coin)
    steps = np.diff(spot) - np.diff(perpetual) + perpetual[1:] * funding[1:]
    returns = np.concatenate([[0.0], steps / spot[:-1]])
    day = np.convolve(np.concatenate([[0.0], steps]), np.ones(3))[: len(spot)]
    overlapping = np.concatenate([np.zeros(3), day[3:] / spot[:-3]])
    # A day runs from one midnight to the next; its value at risk is foretold at the first.
    midnights = [
        i
        for i, time in enumerate(times)
        if time.endswith("T00") and first <= time[:10] <= last and i >= YEAR + 3
    ]
    midnights = [i for i in midnights if i + 3 < len(spot)]
    pnl = np.array([day[i + 3] for i in midnights])
    foretold = {name: [] for name in ("sqrt", "historical", "filtered", "joint")}
    model = {}
    for count, i in enumerate(midnights):
        window = slice(i + 1 - YEAR, i + 1)
        prices = column(spot[window]), column(perpetual[window])
        value = float(spot[i])
        if count % 7 == 0:
            model = dict(call("JOINT_FIT", *prices, column(funding[window]), 8))
        model["basis_current"] = math.log(spot[i] / perpetual[i])
        model["funding_current"] = float(funding[i])
        table = [list(pair) for pair in model.items()]
        foretold["sqrt"].append(call("BASIS_VAR", *prices, value, LEVEL, 3))
        foretold["historical"].append(
            call("VAR_HISTORICAL", column(overlapping[window]), value, LEVEL)
        )
        foretold["filtered"].append(
            call("VAR_FILTERED", column(returns[window]), value, LEVEL, 3, "var", 0.94, 5000)
        )
        foretold["joint"].append(
            dict(call("VAR_JOINT", 1, value, -1, table, 1, LEVEL, 1, 20000))["var"]
        )
    results = {}
    for name, var in foretold.items():
        results[name] = dict(call("VAR_BACKTEST", column(pnl), column(np.array(var)), LEVEL))
        results[name]["bp"] = 1e4 * float(np.mean(np.array(var) / spot[midnights]))
        years = np.array([times[i][:4] for i in midnights])
        results[name]["years"] = {
            year: int((-pnl > var)[years == year].sum()) for year in np.unique(years).tolist()
        }
    return len(pnl), results


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
    for coin in ("BTC", "ETH"):
        days, results = backtests(coin)
        years = list(results["joint"]["years"])
        print(f"\n{coin}, {days} days\n")
        print("| | mean VaR, bp |", " | ".join([*LABELS, *years]), "|")
        print("|---" * (2 + len(LABELS) + len(years)) + "|")
        for name, table in results.items():
            cells = [shown(table["bp"]), *(shown(table[label]) for label in LABELS)]
            print(f"| {name} |", " | ".join([*cells, *map(str, table["years"].values())]), "|")
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
