"""Writes xlhedge/golden/sizing.toml: what others published, and what other programs compute.

Run with: python tools/golden/sizing.py > xlhedge/golden/sizing.toml
Computed with Python 3.11 (decimal, statistics), mpmath 1.3, numpy 2.4, scipy 1.17.1,
statsmodels 0.15.0.
"""

import math
import statistics
from decimal import ROUND_HALF_UP, Decimal

import mpmath
import numpy as np
import statsmodels.api as sm
from _rows import log_returns, pair, row
from scipy.optimize import linprog
from scipy.stats import linregress

XT = "XT.COM, Hedging with Crypto Futures: Institutional Risk Management Strategies (2026-03-04)"
HULL = "Hull, Options, Futures and Other Derivatives, 9th edition, "
NAUTILUS = (
    "nautechsystems/nautilus_trader@095a892463184d73465e7682e62e3e7e3484cec7, "
    "tests/unit_tests/model/test_position.py"
)
BLANK = ""


def contracts():
    row("hedge-1000-btc", "HEDGE_CONTRACTS", [1000, 70000], -1000, XT)
    row(
        "hedge-of-a-short", "HEDGE_CONTRACTS", [-10, 70000], 10, "the long hedge of the same source"
    )
    row("hedge-contracts-of-5", "HEDGE_CONTRACTS", [1000, 70000, 5], -200, "1000 / 5")
    row(
        "hedge-inverse-100",
        "HEDGE_CONTRACTS",
        [1000, 70000, 100, BLANK, BLANK, "inverse"],
        -700000,
        "1000 · 70000 / 100",
    )
    growth = math.exp(0.1 * 91 / 365)
    row(
        "hedge-dated-future",
        "HEDGE_CONTRACTS",
        [1000, 70000, *[BLANK] * 5, growth],
        -975,
        "1000 / exp(0.1 · 91/365) = 975.38, mpmath 1.3",
    )
    row(
        "hedge-hull-3-3",
        "HEDGE_CONTRACTS",
        [2000000, 1, 42000, 0.78, 1],
        -37,
        HULL + "Example 3.3",
    )
    row(
        "hedge-coursehero-tailing-inputs",
        "HEDGE_CONTRACTS",
        [1000000, 1, 42000, 0.62, 1, "linear", 0],
        -14.76,
        "1,000,000 gallons, ratio 0.62, 42,000 per contract: 14.76 (exam solution, "
        "campaign.qyksonic.com/load/15021435)",
        abs=0.005,
    )
    for quantity, lot in (
        (0.15, "0.1"),
        (0.25, "0.1"),
        (0.35, "0.1"),
        (1.005, "0.01"),
        (2.5, "1"),
        (0.0449999, "0.01"),
        (1234.5675, "0.001"),
        (7, "2"),
        (0.3, "0.1"),
    ):
        exact = (Decimal(str(quantity)) / Decimal(lot)).quantize(Decimal(1), ROUND_HALF_UP)
        row(
            f"lot-{lot}-of-{quantity}",
            "HEDGE_CONTRACTS",
            [quantity, 70000, *[BLANK] * 4, float(lot)],
            -float(exact * Decimal(lot)),
            "decimal, ROUND_HALF_UP",
        )
    row("hedge-nothing", "HEDGE_CONTRACTS", [0, 70000], 0, "nothing to hedge")
    row("hedge-price-0", "HEDGE_CONTRACTS", [1, 0], "#NUM!", "no price, no hedge")
    row("hedge-lot-negative", "HEDGE_CONTRACTS", [1, 70000, *[BLANK] * 4, -1], "#NUM!", "domain")
    row(
        "hedge-a-rectangle",
        "HEDGE_CONTRACTS",
        [[[10], [20]], [[50000, 60000]], 1, 1, 40000],
        [[-13, -15], [-25, -30]],
        "10 · 50000/40000 = 12.5, 15, 25 and 30; halves away from zero",
    )
    row(
        "beta-80-percent",
        "BETA_CONTRACTS",
        [[35e6, 17.5e6], [1.2, 1.2], 70000, 1, 0.8],
        -720,
        XT + "; the portfolio is a reconstruction",
    )
    for target, want in ((0, -30), (0.75, -15), (2, 10)):
        row(
            f"beta-hull-{target}",
            "BETA_CONTRACTS",
            [5050000, 1.5, 1010, 250, 1, target],
            want,
            HULL + "section 3.5",
        )
    row(
        "beta-quiz",
        "BETA_CONTRACTS",
        [10e6, 1.2, 1400, 250, 1, 0, 0],
        -34.29,
        "coursehero.com/file/103643/Quiz-IV-Practice: sell 34.29 contracts",
        abs=0.005,
    )
    row("beta-lengths", "BETA_CONTRACTS", [[1, 2], [1, 2, 3], 100], "#VALUE!", "lengths differ")


def profits():
    published = (
        ("12-long-win", [12, 10500, 10510], 120, NAUTILUS, 1e-9),
        ("10-long-loss", [10, 10500, 10480.5], -195, NAUTILUS, 1e-9),
        ("short-win", [-10.15, 10500, 10390], 1116.5, NAUTILUS, 1e-9),
        ("short-loss", [-10, 10500, 10670.5], -1705, NAUTILUS, 1e-9),
        ("inverse-short", [-100000, 10000, 11000, 1, "inverse"], -0.90909091, NAUTILUS, 6e-9),
        ("inverse-long", [100000, 10500, 11505.6, 1, "inverse"], 0.83238969, NAUTILUS, 6e-9),
        (
            "coinlocally-long",
            [1000, 5000, 5500, 1, "inverse"],
            0.01819,
            "docs.coinlocally.com, coin-margined perpetual contracts, 3.1 (rounded up there)",
            1e-5,
        ),
        (
            "coinlocally-short",
            [-1000, 5000, 4500, 1, "inverse"],
            0.02223,
            "docs.coinlocally.com, coin-margined perpetual contracts, 3.2 (rounded up there)",
            1e-5,
        ),
        (
            "ftk8-long",
            [10000, 50000, 55000, 1, "inverse"],
            0.018182,
            "ftk8.com/sl/support/faq/59",
            5e-7,
        ),
        (
            "ftk8-short",
            [-10000, 50000, 45000, 1, "inverse"],
            0.022,
            "ftk8.com/sl/support/faq/59",
            5e-4,
        ),
        ("orangex-long", [0.2, 50000, 55000], 1000, "orangex.com/support/help/articles/400", 1e-9),
        (
            "orangex-short",
            [-0.2, 50000, 45000],
            1000,
            "orangex.com/support/help/articles/400",
            1e-9,
        ),
        ("bitda-short", [-0.1, 80000, 85000], -500, "support.bitda.com/en/articles/11016243", 1e-9),
        (
            "bybit-inverse",
            [10000, 23000, 25000, 1, "inverse"],
            0.035,
            "bybit.com help centre, What is Inverse Contract (0.435 − 0.4)",
            3e-4,
        ),
        (
            "hull-3-2-oil",
            [20, 68.00, 69.10, 1000],
            22000,
            HULL + "Example 3.2: 1.10 a barrel",
            1e-9,
        ),
    )
    for name, args, want, source, tolerance in published:
        row(f"pnl-{name}", "CONTRACT_PNL", args, want, source, abs=tolerance)
    row("pnl-entry-0", "CONTRACT_PNL", [1, 0, 100], "#NUM!", "domain")

    row("delta-linear", "CONTRACT_DELTA", [-10, 70000, 0.1], -1, "10 contracts of 0.1 coin")
    row("delta-inverse", "CONTRACT_DELTA", [-100000, 40000, 1, "inverse"], -2.5, "100,000 / 40,000")
    row(
        "delta-dated",
        "CONTRACT_DELTA",
        [-975, 70000, 1, "linear", 0.1, 91],
        -975 * mpmath.exp(mpmath.mpf(1) / 10 * 91 / 365),
        "mpmath 1.3",
        rel=1e-14,
    )
    row("delta-days-negative", "CONTRACT_DELTA", [1, 1, 1, "linear", 0.1, -1], "#NUM!", "domain")
    header = ["asset", "instrument", "quantity", "price", "contract_size", "entry_price"]
    names = ["asset", "spot", "futures", "net", "net_value", "hedged_share"]
    row(
        "synthetic-dollar",
        "PORTFOLIO_DELTA",
        [[header, ["BTC", "spot", 1, 70000, "", ""], ["BTC", "inverse", -50000, 70000, 1, 50000]]],
        [names, ["BTC", 1, -1, 0, 0, 1], ["TOTAL", 1, -1, 0, 0, 1]],
        "one coin, short 50,000 of face from 50,000, is worth 50,000 at any price",
        abs=1e-12,
    )


def history():
    spot, futures = pair(131)
    s, f = log_returns(spot), log_returns(futures)
    sf, ff = np.array(s, float), np.array(f, float)
    fit = sm.OLS(sf, sm.add_constant(ff)).fit()
    slope = linregress(ff, sf).slope
    row("ratio", "HEDGE_RATIO", [spot, futures], slope, "scipy.stats.linregress", rel=1e-12)
    row("beta-slope", "BETA", [spot, futures], slope, "scipy.stats.linregress", rel=1e-12)
    for lag in (3, 5):
        lagged = linregress(
            np.array(log_returns(futures, lag), float), np.array(log_returns(spot, lag), float)
        )
        name, source = f"ratio-lag-{lag}", "scipy.stats.linregress of every k-th price from the end"
        row(name, "HEDGE_RATIO", [spot, futures, lag], lagged.slope, source, rel=1e-12)
    row("ratio-19-returns", "HEDGE_RATIO", [spot[:20], futures[:20]], "#N/A", "20 are needed")
    row("ratio-constant", "HEDGE_RATIO", [spot[:30], [100.0] * 30], "#DIV/0!", "no variance")
    row(
        "hedge-stats",
        "HEDGE_STATS",
        [spot, futures],
        {
            "ratio": fit.params[1],
            "standard_error": fit.bse[1],
            "r_squared": fit.rsquared,
            "correlation": statistics.correlation(sf.tolist(), ff.tolist()),
            "residual_volatility": statistics.stdev((sf - fit.params[1] * ff).tolist()),
            "observations": len(s),
        },
        "statsmodels 0.15.0 OLS; Python 3.11 statistics",
        rel=1e-10,
    )
    cov = sum(a * b for a, b in zip(s[:20], f[:20], strict=True)) / 20
    var = sum(b * b for b in f[:20]) / 20
    for a, b in zip(s[20:], f[20:], strict=True):
        cov = mpmath.mpf("0.94") * cov + mpmath.mpf("0.06") * a * b
        var = mpmath.mpf("0.94") * var + mpmath.mpf("0.06") * b * b
    row(
        "ratio-ewma",
        "HEDGE_RATIO_EWMA",
        [spot, futures],
        cov / var,
        "mpmath 1.3, row by row",
        rel=1e-12,
    )

    n = len(s)
    for confidence in (0.95, 0.9):
        k = math.floor(round((n - 1) * round(1 - confidence, 12), 9)) + 1
        # min over h, v, u of v + Σu/k, u ≥ loss − v, loss = h·f − s: Rockafellar and Uryasev.
        plan = linprog(
            [0, 1, *[1 / k] * n],
            A_ub=np.column_stack([ff, -np.ones(n), -np.eye(n)]),
            b_ub=sf,
            bounds=[(-1, 3), (None, None), *[(0, None)] * n],
        )
        row(
            f"tail-es-{confidence}",
            "HEDGE_RATIO_TAIL",
            [spot, futures, confidence],
            plan.x[0],
            "scipy 1.17.1 linprog, the linear programme of Rockafellar and Uryasev",
            abs=2e-8,
        )
        # The quantile is linear in h between crossings of losses: its minimum lies at one.
        i, j = np.triu_indices(n, 1)
        crossings = (sf[i] - sf[j]) / (ff[i] - ff[j])
        crossings = np.r_[-1, crossings[(crossings > -1) & (crossings < 3)], 3]
        risks = np.percentile(np.outer(crossings, ff) - sf, 100 * confidence, axis=1)
        row(
            f"tail-var-{confidence}",
            "HEDGE_RATIO_TAIL",
            [spot, futures, confidence, "var"],
            crossings[risks.argmin()],
            "numpy percentile at every crossing of two losses",
            abs=2e-8,
        )
    row("tail-99-returns", "HEDGE_RATIO_TAIL", [spot[:100], futures[:100]], "#N/A", "5/(1 − 0.95)")

    left = (sf - 0.8 * ff).tolist()
    for measure, risk in (
        ("variance", statistics.variance),
        ("sd", statistics.stdev),
        ("var", lambda r: float(np.percentile(-np.array(r), 95))),
        ("es", lambda r: statistics.fmean(sorted((-x for x in r), reverse=True)[:7])),
    ):
        row(
            f"effectiveness-{measure}",
            "HEDGE_EFFECTIVENESS",
            [spot, futures, 0.8, measure],
            1 - risk(left) / risk(sf.tolist()),
            "Python 3.11 statistics, numpy percentile; ES: the 7 worst of 130",
            rel=1e-11,
        )


def costs():
    row(
        "cost-in-and-out",
        "HEDGE_COST",
        [-1000000, 0.0005, 0.0002, 0.0001, 0.0001, 0.05, 30, 8],
        1000000 * (Decimal("0.0014") - Decimal("0.009") + Decimal("0.05") * 30 / 365).__float__(),
        "decimal: 2 · (0.0005 + 0.0001 + 0.0001) − 0.0001 · 90 + 0.05 · 30/365",
        rel=1e-12,
    )
    row("cost-of-nothing", "HEDGE_COST", [1000000], 0, "no fee, no cost")
    row("cost-days-negative", "HEDGE_COST", [1, 0, 0, 0, 0, 0, -1], "#NUM!", "domain")
    for current, target, want in (
        (-960, -1000, 0),
        (-950, -1000, 0),
        (-949, -1000, -51),
        (-1051, -1000, 51),
        (10, 0, -10),
        (0, 10, 10),
        (-0.95, -1, 0),
        (0, 0, 0),
    ):
        row(
            f"trade-{current}-{target}",
            "HEDGE_TRADE",
            [current, target],
            want,
            "by hand: outside 5 % of the target, back to it",
        )
    row(
        "trade-lot",
        "HEDGE_TRADE",
        [-0.937, -1, 0.05, 0.01],
        -0.06,
        "by hand: −0.063 in lots of 0.01",
    )


contracts()
profits()
history()
costs()
