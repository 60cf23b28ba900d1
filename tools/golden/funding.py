"""Writes xlhedge/golden/funding.toml: what others published, and what other programs compute.

Run with: python tools/golden/funding.py > xlhedge/golden/funding.toml
Computed with Python 3.11 (decimal, itertools), mpmath 1.3, pandas 3.0, scipy 1.17.1,
statsmodels 0.15.0.
"""

import itertools
import math
from decimal import Decimal

import mpmath
import pandas as pd
import scipy.stats as st
from _rows import row, shocks
from statsmodels.tsa.stattools import acf

XT = "XT.COM, Hedging with Crypto Futures: Institutional Risk Management Strategies (2026-03-04)"
FREQTRADE = (
    "freqtrade/freqtrade@c9ae5e1e, tests/exchange/test_exchange.py::test_calculate_funding_fees"
)
KRAKEN = "support.kraken.com/hc/en-us/articles/360022835911, inverse perpetual, "


def clip(value, low, high):
    return min(max(value, low), high)


def rates():
    satis = "doc.sat.is, Calculation of Funding Rate: within 0.05 % the rate is the interest rate"
    row("funding-rate-at-interest", "FUNDING_RATE", [0], 0.0001, satis, rel=1e-12)
    row("rate-within-clamp", "FUNDING_RATE", [0.0006], 0.0001, satis, rel=1e-12)
    row("rate-below-clamp", "FUNDING_RATE", [-0.0004], 0.0001, satis, rel=1e-12)
    row(
        "rate-primebit-cap",
        "FUNDING_RATE",
        [0.01, 0.0001, 8, 0.0005, 0.001875],
        0.001875,
        "support.primebit.com: capped at 0.1875 %",
        rel=1e-12,
    )
    row(
        "rate-kraken-cap",
        "FUNDING_RATE",
        [(7500 - 7000) / 7000 / 24, 0, 1, 0, 0.0025],
        0.0025,
        KRAKEN + "Example 2: 0.2975 % an hour is cut to 0.25 %",
        rel=1e-12,
    )
    row(
        "rate-kraken-premium",
        "FUNDING_RATE",
        [10 / 7000, 0, 1, 0, "", "whole"],
        0.0001785,
        KRAKEN + "Example 1: a premium of 0.1428 % is 0.01785 % an hour (an eighth of it)",
        abs=1e-7,
    )
    for p, i, h, c, cap in itertools.product(
        ("0.0023", "-0.0031", "0.0003"), ("0.0001",), (8, 4, 1), ("0.0005",), ("", "0.0009")
    ):
        premium, interest, clamp, share = Decimal(p), Decimal(i), Decimal(c), Decimal(h) / 8
        scaled = premium + clip(interest * share - premium, -clamp, clamp)
        whole = (premium + clip(interest - premium, -clamp, clamp)) * share
        for scaling, rate in (("interest", scaled), ("whole", whole)):
            limit = Decimal(cap or 1)
            row(
                f"rate-{p}-{h}h-{scaling}{'-cap' if cap else ''}",
                "FUNDING_RATE",
                [float(p), float(i), h, float(c), float(cap) if cap else "", scaling],
                float(clip(rate, -limit, limit)),
                "decimal",
                rel=1e-12,
            )
    row("rate-hours-0", "FUNDING_RATE", [0, 0.0001, 0], "#NUM!", "domain")
    row("rate-cap-negative", "FUNDING_RATE", [0, 0.0001, 8, 0.0005, -1], "#NUM!", "domain")


def yearly():
    row("funding-annual", "FUNDING_ANNUAL", [0.0001], 0.1095, XT + "; × 3 × 365", rel=1e-12)
    row(
        "funding-annual-hourly",
        "FUNDING_ANNUAL",
        [[0.00001, 0.00002], 1],
        0.1314,
        "0.000015 · 8760",
        rel=1e-12,
    )
    row(
        "funding-annual-compound",
        "FUNDING_ANNUAL",
        [0.0001, 8, "compound"],
        mpmath.mpf("1.0001") ** 1095 - 1,
        "mpmath 1.3",
        rel=1e-12,
    )
    row(
        "funding-annual-mixed-intervals",
        "FUNDING_ANNUAL",
        [[0.0001, 0.0001, 0.00005, -0.00001], [8, 8, 4, 1]],
        float(Decimal("0.00024") / 21 * 8760),
        "decimal: 0.00024 in 21 hours",
        rel=1e-12,
    )
    row(
        "funding-annual-mixed-compound",
        "FUNDING_ANNUAL",
        [[0.001, -0.002], [8, 4], "compound"],
        (mpmath.mpf("1.001") * mpmath.mpf("0.998")) ** 730 - 1,
        "mpmath 1.3: twelve hours, 730 of them in a year",
        rel=1e-11,
    )
    row(
        "funding-annual-lengths",
        "FUNDING_ANNUAL",
        [[0.1, 0.2], [8, 8, 8]],
        "#VALUE!",
        "lengths differ",
    )
    row(
        "funding-annual-total-loss",
        "FUNDING_ANNUAL",
        [-1, 8, "compound"],
        "#NUM!",
        "nothing is left",
    )


def cash():
    row("freqtrade-1", "FUNDING_PNL", [-10, 2.0, 0.0001], 0.002, FREQTRADE, rel=1e-12)
    row("freqtrade-2", "FUNDING_PNL", [-10, 2.0, 0.0002], 0.004, FREQTRADE, rel=1e-12)
    row("a-long-pays", "FUNDING_PNL", [10, 2.0, 0.0001], -0.002, "the other side", rel=1e-12)
    row(
        "kraken-inverse",
        "FUNDING_PNL",
        [-100000, 7000, 0.0001785, 1, "inverse"],
        0.00255,
        KRAKEN + "Example 1: 17.85 dollars at 7,000 are 0.00255 BTC, earned by the short",
        abs=5e-8,
    )
    row(
        "a-growing-position",
        "FUNDING_PNL",
        [[-1, -2, 3], [70000, 71000, 69000], [0.0001, 0.0003, -0.0002], 0.1],
        float(
            -sum(
                Decimal(n) * Decimal("0.1") * mark * Decimal(rate)
                for n, mark, rate in (
                    (-1, 70000, "0.0001"),
                    (-2, 71000, "0.0003"),
                    (3, 69000, "-0.0002"),
                )
            )
        ),
        "decimal",
        rel=1e-12,
    )
    row(
        "funding-pnl-lengths",
        "FUNDING_PNL",
        [1, [1, 2], [0.1, 0.2, 0.3]],
        "#VALUE!",
        "lengths differ",
    )
    row("funding-pnl-mark-0", "FUNDING_PNL", [1, 0, 0.1], "#NUM!", "domain")
    exact = (Decimal("-0.0005") + Decimal("0.002") + Decimal("0.05") * 30 / 365) / 90
    row(
        "breakeven",
        "FUNDING_BREAKEVEN",
        [0.001, 0.0005, 0.002, 0.05, 30],
        float(exact),
        "decimal",
        rel=1e-12,
    )
    row("breakeven-days-0", "FUNDING_BREAKEVEN", [0, 0, 0, 0, 0], "#NUM!", "domain")


def history():
    noise = shocks(240, 5, scale=0.0001)
    level, rates = 0.0, []
    for shock in noise:
        level = 0.8 * level + shock
        rates.append(round(0.00008 + level, 6))
    series = pd.Series(rates)
    runs = [len(list(g)) for negative, g in itertools.groupby(rates, lambda r: r < 0) if negative]
    months = series.rolling(90).sum()
    fit = st.linregress(series[:-1], series[1:])
    row(
        "funding-stats",
        "FUNDING_STATS",
        [rates],
        {
            "mean": series.mean(),
            "annualised": series.mean() * 3 * 365,
            "sd": series.std(),
            "minimum": min(rates),
            "p05": series.quantile(0.05),
            "median": series.median(),
            "p95": series.quantile(0.95),
            "maximum": max(rates),
            "share_negative": sum(r < 0 for r in rates) / 240,
            "longest_negative_run": max(runs),
            "worst_30_days": months.min(),
            "best_30_days": months.max(),
            "autocorrelation": acf(series, nlags=1)[1],
            "half_life_days": -math.log(2) / math.log(fit.slope) / 3,
            "observations": 240,
        },
        "pandas 3.0, scipy 1.17.1, statsmodels 0.15.0, itertools",
        rel=1e-9,
    )
    row(
        "funding-stats-short",
        "FUNDING_STATS",
        [rates[:80]],
        {"worst_30_days": "#N/A", "observations": 80},
        "90 needed",
    )
    row(
        "funding-stats-1-row",
        "FUNDING_STATS",
        [rates[:1]],
        "#N/A",
        "no standard deviation of one row",
    )
    sums = series.rolling(21).sum().dropna()
    for side, sign in (("short", -1), ("long", 1)):
        losses = 1e6 * sign * sums
        row(
            f"funding-var-{side}",
            "FUNDING_VAR",
            [rates, 1e6, 7, 8, 0.95, side],
            losses.quantile(0.95),
            "pandas 3.0 rolling(21), quantile",
            rel=1e-9,
        )
        worst = losses.nlargest(math.floor(round((len(losses) - 1) * 0.05, 9)) + 1).mean()
        row(
            f"funding-var-{side}-es",
            "FUNDING_VAR",
            [rates, 1e6, 7, 8, 0.95, side, "es"],
            worst,
            "pandas 3.0 rolling(21), nlargest",
            rel=1e-9,
        )
    row(
        "funding-var-too-few",
        "FUNDING_VAR",
        [rates, 1, 7, 8, 0.99],
        "#N/A",
        "500 windows are needed at 99 %",
    )
    row(
        "funding-var-part-interval",
        "FUNDING_VAR",
        [rates, 1, 0.5, 8, 0.95],
        "#NUM!",
        "one interval and a half",
    )


rates()
yearly()
cash()
history()
