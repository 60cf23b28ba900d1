"""Writes xlhedge/golden/volatility.toml: what others published, and what other programs compute.

Run with: python tools/golden/volatility.py > xlhedge/golden/volatility.toml
Computed with mpmath 1.3, numpy 2.4, pandas 3.0, scipy 1.17.1, statsmodels 0.15.0, arch 8.0.0.
"""

import math

import mpmath
import numpy as np
import pandas as pd
import statsmodels.api as sm
from _rows import log_returns, prices, row, shocks
from arch import arch_model

XT = "XT.COM, Hedging with Crypto Futures: Institutional Risk Management Strategies (2026-03-04)"


def level(returns, first=100.0):
    return [float(x) for x in first * np.exp(np.cumsum([0.0, *returns]))]


def closes():
    series = prices(61, 2)
    r = log_returns(series)
    mean = sum(r) / 60
    variance = sum((x - mean) ** 2 for x in r) / 59
    row("realized", "VOL_REALIZED", [series], mpmath.sqrt(365 * variance), "mpmath 1.3", rel=1e-12)
    row(
        "realized-8-hours",
        "VOL_REALIZED",
        [series, 1095],
        mpmath.sqrt(1095 * variance),
        "mpmath 1.3",
        rel=1e-12,
    )
    row("realized-2-prices", "VOL_REALIZED", [[100, 101]], "#N/A", "one return has no deviation")
    row("realized-price-0", "VOL_REALIZED", [[100, 0, 101]], "#NUM!", "domain")

    smooth = sum(x * x for x in r[:20]) / 20
    for x in r[20:]:
        smooth = mpmath.mpf("0.94") * smooth + mpmath.mpf("0.06") * x * x
    row(
        "ewma", "VOL_EWMA", [series], mpmath.sqrt(365 * smooth), "mpmath 1.3, row by row", rel=1e-12
    )
    quiet = [0.01 * (-1) ** t for t in range(20)]
    row(
        "ewma-hull",
        "VOL_EWMA",
        [level([*quiet, 0.02]), 0.9, 1],
        0.0114,
        "Hull, Risk Management and Financial Institutions, Example 5.2: 1 %, then a day of 2 %",
        abs=5e-5,
    )
    row(
        "ewma-frm",
        "VOL_EWMA",
        [level([0.018 * (-1) ** t for t in range(20)] + [-0.023]), 0.94, 1],
        0.01835,
        "acadifi.com/community/ewma-volatility-model-lambda-parameter-worked-example (the variance "
        "is rounded to 0.000337 there)",
        abs=2e-5,
    )
    row("ewma-20-prices", "VOL_EWMA", [series[:20]], "#N/A", "21 are needed")
    row("ewma-decay-1", "VOL_EWMA", [series, 1], "#NUM!", "domain")

    long = prices(300, 4)
    v = pd.Series([float(x) ** 2 for x in log_returns(long)])
    table = pd.DataFrame({"d": v, "w": v.rolling(7).mean(), "m": v.rolling(30).mean()})
    table = sm.add_constant(table)
    fit = sm.OLS(v.shift(-1)[29:-1], table[29:-1]).fit()
    forecast = float((fit.params * table.iloc[-1]).sum())
    row(
        "har",
        "VOL_HAR",
        [long],
        math.sqrt(365 * forecast),
        "statsmodels 0.15.0 OLS",
        rel=1e-9,
    )
    crash = [*long, round(long[-1] * 0.7, 2)]
    v = pd.Series([float(x) ** 2 for x in log_returns(crash)])
    table = pd.DataFrame({"d": v, "w": v.rolling(7).mean(), "m": v.rolling(30).mean()})
    table = sm.add_constant(table)
    fit = sm.OLS(v.shift(-1)[29:-1], table[29:-1]).fit()
    beyond = float((fit.params * table.iloc[-1]).sum())
    months = v.rolling(30).mean().dropna()
    assert not months.min() <= beyond <= months.max()
    row(
        "har-crash",
        "VOL_HAR",
        [crash],
        math.sqrt(365 * min(max(beyond, months.min()), months.max())),
        "statsmodels 0.15.0 OLS, cut to the range of pandas' rolling 30-row means",
        rel=1e-9,
    )
    row("har-250-prices", "VOL_HAR", [long[:250]], "#N/A", "250 returns are needed")


def garch():
    state, r = 0.0004, []
    for shock in shocks(400, 9, freedom=8, scale=0.85):
        r.append(round(math.sqrt(state) * shock, 6))
        state = 0.00002 + 0.1 * r[-1] ** 2 + 0.85 * state
    series = [round(x, 4) for x in level(r)]
    returns = 100 * np.diff(np.log(series))
    fit = arch_model(returns, rescale=False).fit(
        disp="off", options={"ftol": 1e-12, "maxiter": 1000}
    )
    for horizon in (1, 30):
        variance = fit.forecast(horizon=horizon).variance.to_numpy()[-1].mean()
        row(
            f"garch-{horizon}",
            "VOL_GARCH",
            [series, horizon],
            math.sqrt(365 * variance) / 100,
            "arch 8.0.0 on returns × 100, forecast(horizon), mean of the variances",
            rel=2e-6,
        )
    row("garch-250-prices", "VOL_GARCH", [series[:250]], "#N/A", "250 returns are needed")
    row("garch-constant", "VOL_GARCH", [[100.0] * 300], "#DIV/0!", "no variance")


def ranges():
    close = prices(31, 6)
    opening = [
        round(c * (1 + s), 2)
        for c, s in zip([100.0, *close], shocks(31, 7, scale=0.003), strict=False)
    ]
    high = [
        round(max(o, c) * (1 + abs(s)), 2)
        for o, c, s in zip(opening, close, shocks(31, 8), strict=True)
    ]
    low = [
        round(min(o, c) * (1 - abs(s)), 2)
        for o, c, s in zip(opening, close, shocks(31, 9), strict=True)
    ]
    d = pd.DataFrame({"o": opening, "h": high, "l": low, "c": close}).map(math.log)
    swings = (d.h - d.c) * (d.h - d.o) + (d.l - d.c) * (d.l - d.o)
    n = 30
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    variances = {
        "parkinson": ((d.h - d.l) ** 2).mean() / (4 * math.log(2)),
        "garman_klass": (0.5 * (d.h - d.l) ** 2 - (2 * math.log(2) - 1) * (d.c - d.o) ** 2).mean(),
        "rogers_satchell": swings.mean(),
        "yang_zhang": (d.o - d.c.shift()).var()
        + k * (d.c - d.o)[1:].var()
        + (1 - k) * swings[1:].mean(),
    }
    for name, variance in variances.items():
        row(
            f"range-{name}",
            "VOL_RANGE",
            [opening, high, low, close, name],
            math.sqrt(365 * variance),
            "pandas 3.0",
            rel=1e-10,
        )
    row(
        "range-two-rows",
        "VOL_RANGE",
        [[1, 2], [3, 4], [1, 2], [2, 3]],
        "#N/A",
        "yang_zhang needs 3",
    )
    row("range-swapped", "VOL_RANGE", [opening, low, high, close], "#NUM!", "high and low swapped")


def targets():
    row("exposure-60", "VOL_TARGET_EXPOSURE", [0.2, 0.6], 1 / 3, XT + ": 33.3 %", rel=1e-12)
    row("exposure-80", "VOL_TARGET_EXPOSURE", [0.2, 0.8], 0.25, XT + ": 25 %", rel=1e-12)
    row("exposure-capped", "VOL_TARGET_EXPOSURE", [0.5, 0.25, 1000, 1.5], 1500, "at most 1.5 times")
    row("exposure-floor", "VOL_TARGET_EXPOSURE", [0.1, 1, 1, 1, 0.3], 0.3, "at least 0.3")
    row("exposure-calm", "VOL_TARGET_EXPOSURE", [0.1, 0], "#NUM!", "domain")
    row("hedge-60", "VOL_TARGET_HEDGE", [0.2, 0.6], 2 / 3, XT + ": 66.7 %", rel=1e-12)
    row("hedge-80", "VOL_TARGET_HEDGE", [0.2, 0.8], 0.75, XT + ": 75 %", rel=1e-12)
    row("hedge-calm", "VOL_TARGET_HEDGE", [0.8, 0.8, 0.1], 0, "no hedge needed")
    for t, s, e in (("0.2", "0.6", "0.05"), ("0.1", "0.9", "0.08"), ("0.3", "0.5", "0.3")):
        target, sigma, residual = map(mpmath.mpf, (t, s, e))
        roots = mpmath.polyroots(
            [sigma**2 + residual**2, -2 * residual**2, residual**2 - target**2]
        )
        row(
            f"hedge-{t}-{s}-{e}",
            "VOL_TARGET_HEDGE",
            [float(t), float(s), float(e)],
            1 - max(mpmath.re(root) for root in roots),
            "mpmath 1.3 polyroots",
            rel=1e-12,
        )
    row(
        "hedge-out-of-reach",
        "VOL_TARGET_HEDGE",
        [0.05, 0.6, 0.1],
        "#NUM!",
        "the basis alone has more",
    )
    for current, target, band, to, want in (
        (0.5, 0.45, 0.05, "target", 0),
        (0.5, 0.4, 0.05, "target", -0.1),
        (0.5, 0.4, 0.05, "edge", -0.05),
        (0.1, 0.4, 0.1, "edge", 0.2),
        (-0.5, 0.5, 0, "target", 1),
    ):
        row(
            f"trade-{current}-{target}-{to}",
            "VOL_TARGET_TRADE",
            [current, target, band, to],
            want,
            "by hand",
            abs=1e-14,
        )
    row("trade-band-negative", "VOL_TARGET_TRADE", [1, 1, -0.1], "#NUM!", "domain")


closes()
garch()
ranges()
targets()
