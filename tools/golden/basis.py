"""Writes xlhedge/golden/basis.toml: what others published, and what other programs compute.

Run with: python tools/golden/basis.py > xlhedge/golden/basis.toml
Computed with mpmath 1.3, numpy 2.4, scipy 1.17.1, pandas 3.0, statsmodels 0.15.0.
"""

import math
import warnings

import mpmath
import numpy as np
import pandas as pd
import scipy.optimize
import scipy.stats as st
from _rows import log_returns, pair, prices, row
from statsmodels.datasets import macrodata
from statsmodels.tsa.stattools import acf, adfuller, coint

CCXT = "hex.pm/packages/ccxt_client/0.1.0, lib/ccxt/trading/basis.ex"
HULL = "Hull, Options, Futures and Other Derivatives, "
STATA = "statsmodels 0.15.0 tsa/tests/test_stattools.py, CheckADF (values from Stata)"
SITMO = "www.sitmo.com/article/calibrating-the-ornstein-uhlenbeck-model/"
PATH = [
    3.0, 1.76, 1.2693, 1.196, 0.9468, 0.9532, 0.6252, 0.8604, 1.0984, 1.431, 1.3019,
    1.4005, 1.2686, 0.7147, 0.9237, 0.7297, 0.7105, 0.8683, 0.7406, 0.7314, 0.6232,
]  # fmt: skip


def prices_and_rates():
    row("basis-price", "BASIS", [50000, 50100], -100, "S − F")
    row("basis-pct", "BASIS", [50000, 50100, "pct"], -0.002, CCXT + " (opposite sign)", rel=1e-12)
    row("basis-bp", "BASIS", [50000, 50100, "bp"], -20, CCXT + " (opposite sign)", rel=1e-12)
    log = mpmath.log(mpmath.mpf(50000) / 50100)
    row("basis-log", "BASIS", [50000, 50100, "log"], log, "mpmath 1.3", rel=1e-13)
    row(
        "basis-hull-yen",
        "BASIS",
        [0.7200, 0.7250],
        -0.0050,
        HULL + "8th ed., Example 3.1",
        abs=1e-15,
    )
    row("basis-hull-oil", "BASIS", [70.00, 69.10], 0.90, HULL + "8th ed., Example 3.2", abs=1e-12)
    row("basis-price-0", "BASIS", [0, 50100], "#NUM!", "domain")
    row("basis-text", "BASIS", ["abc", 50100], "#VALUE!", "no number")
    # Hull's short hedger sells 50 yen at 0.7200 after futures fell from 0.7800 to 0.7250.
    row(
        "basis-pnl-hull-yen",
        "BASIS_PNL",
        [0.7700, 0.7800, 0.7200, 0.7250, 50000000],
        250000,
        HULL + "8th ed., Example 3.1: basis −0.0050 at the end; −0.0100 assumed at the start",
        abs=1e-6,
    )
    row(
        "basis-pnl-ratio",
        "BASIS_PNL",
        [70000, 70500, 60000, 60100, -2, 0.9],
        mpmath.mpf(-2) * (-10000 - mpmath.mpf(9) / 10 * -10400),
        "mpmath 1.3",
        rel=1e-13,
    )
    row("basis-pnl-price-0", "BASIS_PNL", [1, 1, 0, 1], "#NUM!", "domain")
    row("carry-ccxt", "CARRY_RATE", [50000, 50100, 30], 0.0243, CCXT, abs=5e-5)
    row(
        "carry-cryptocalk",
        "CARRY_RATE",
        [84000, 85680, 91.25],
        0.08,
        "cryptocalk.com/futures-basis-calculator: a quarterly at 2 % is 8 % annualised",
        rel=1e-12,
    )
    ratio, years = mpmath.mpf(71800) / 70000, mpmath.mpf(91) / 365
    for compounding, rate in (
        ("simple", (ratio - 1) / years),
        ("annual", ratio ** (1 / years) - 1),
        ("continuous", mpmath.log(ratio) / years),
    ):
        args = [70000, 71800, 91, compounding]
        row(f"carry-{compounding}", "CARRY_RATE", args, rate, "mpmath 1.3", rel=1e-12)
        args = [70000, float(rate), 91, compounding]
        row(
            f"fair-{compounding}",
            "FAIR_FUTURE",
            args,
            71800,
            "the inverse of CARRY_RATE",
            rel=1e-13,
        )
    row("carry-days-0", "CARRY_RATE", [1, 1, 0], "#NUM!", "a future that has expired has no carry")
    row(
        "fair-hull-index",
        "FAIR_FUTURE",
        [150, 0.07 - 0.032, 182.5, "continuous"],
        152.88,
        HULL + "problem 5.9: index 150, 7 % and 3.2 %, six months",
        abs=0.005,
    )
    row("fair-worthless", "FAIR_FUTURE", [100, -4.1, 91.25], "#NUM!", "1 − 4.1/4 is negative")


def reversion():
    values = np.array(PATH)

    def cost(parameters, exact=values, dt=0.25):
        theta, mu, log_sigma = parameters
        decay = np.exp(-theta * dt)
        variance = np.exp(2 * log_sigma) * (1 - decay**2) / (2 * theta)
        errors = exact[1:] - mu - (exact[:-1] - mu) * decay
        return 0.5 * np.sum(np.log(2 * np.pi * variance) + errors**2 / variance)

    best = scipy.optimize.minimize(
        cost,
        [2, 1, -1],
        method="Nelder-Mead",
        options={"xatol": 1e-11, "fatol": 1e-13, "maxiter": 9999},
    ).x
    # Information by central differences of the log-likelihood.
    h, size = 1e-4, 3
    eye = np.eye(size) * h
    hessian = np.array(
        [
            [
                (cost(best + a + b) - cost(best + a - b) - cost(best - a + b) + cost(best - a - b))
                / (4 * h * h)
                for a in eye
            ]
            for b in eye
        ]
    )
    error = math.sqrt(np.linalg.inv(hessian)[0, 0])
    sigma = math.exp(best[2])
    row(
        "ou-sitmo",
        "OU_FIT",
        [PATH, 91.25],
        {"theta": 3.1287, "mu": 0.9075, "sigma": 0.5532, "observations": 20},
        SITMO + ": least squares and maximum likelihood",
        abs=5e-5,
    )
    row(
        "ou-likelihood",
        "OU_FIT",
        [PATH, 91.25],
        {
            "theta": best[0],
            "mu": best[1],
            "sigma": sigma,
            "half_life_days": math.log(2) / best[0] * 365,
            "stationary_sd": sigma / math.sqrt(2 * best[0]),
            "theta_se": error,
        },
        "scipy 1.17.1: the exact likelihood maximised by Nelder-Mead, its Hessian by differences",
        rel=2e-6,
    )
    row("ou-19-steps", "OU_FIT", [PATH[:20], 91.25], "#N/A", "20 steps are needed")
    row("ou-trend", "OU_FIT", [[1.01**t for t in range(30)], 1], "#NUM!", "does not revert")
    row(
        "ou-alternates",
        "OU_FIT",
        [[(-1) ** t * (1 + t % 3 / 9) for t in range(30)], 1],
        "#NUM!",
        "phi < 0",
    )
    row("ou-constant", "OU_FIT", [[1.5] * 30, 1], "#DIV/0!", "no variance")
    for name, theta, horizon, confidence in (
        ("one-day", 50, 1, 0.95),
        ("long", 50, 3650, 0.99),
        ("slow", 1e-9, 30, 0.9),
        ("brownian", 0, 30, 0.95),
        ("today", 5, 0, 0.95),
    ):
        x, mu, sigma, years = (
            mpmath.mpf("0.01"),
            mpmath.mpf("-0.002"),
            mpmath.mpf("0.03"),
            mpmath.mpf(horizon) / 365,
        )
        t = mpmath.mpf(theta)
        mean = mu + (x - mu) * mpmath.exp(-t * years)
        sd = sigma * mpmath.sqrt(years if t == 0 else (1 - mpmath.exp(-2 * t * years)) / (2 * t))
        z = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(str(confidence)))
        row(
            f"forecast-{name}",
            "OU_FORECAST",
            [0.01, theta, -0.002, 0.03, horizon, confidence],
            [[mean, sd, mean - z * sd, mean + z * sd]],
            "mpmath 1.3, 30 digits",
            rel=1e-11,
            abs=1e-17,
        )
    row("forecast-theta-negative", "OU_FORECAST", [0, -1, 0, 1, 1], "#NUM!", "domain")


def tests():
    data = macrodata.load_pandas().data
    gdp, inflation = data["realgdp"].tolist(), data["infl"].tolist()
    note = "US macroeconomic series (FRED, public domain)"
    row(
        "adf-stata-gdp", "ADF_TEST", [gdp, 4],
        {"statistic": 0.97505319, "p_value": 0.99399563, "lags": 4, "observations": 198},
        STATA, abs=2e-5, note=note,
    )  # fmt: skip
    row(
        "adf-stata-inflation", "ADF_TEST", [inflation, 1],
        {"statistic": -4.3346988, "p_value": 0.00038661},
        STATA, abs=2e-5, note=note,
    )  # fmt: skip
    series = prices(100, 3)
    statistic, p_value, lags, observations = adfuller(series, maxlag=4, autolag=None)[:4]
    row(
        "adf-default-lags",
        "ADF_TEST",
        [series],
        {"statistic": statistic, "p_value": p_value, "lags": lags, "observations": observations},
        "statsmodels 0.15.0 adfuller(maxlag=4, autolag=None)",
        rel=1e-9,
    )
    row("adf-19-rows", "ADF_TEST", [series[:19]], "#N/A", "too few")
    row(
        "adf-too-many-lags", "ADF_TEST", [series[:30], 14], "#N/A", "32 rows are needed for 14 lags"
    )
    row("adf-constant", "ADF_TEST", [[1.0] * 30], "#DIV/0!", "no variance")
    # The generator of statsmodels' own test, whose values are Stata's.
    random = np.random.RandomState(123)
    unit = random.randn(200).cumsum()
    y = random.randn(200, 4)
    y[:, :2] += unit[:, None]
    y = np.round(y + np.array([1, 0, 0.5, 0]), 4)
    row(
        "cointegration-stata",
        "COINTEGRATION_TEST",
        [y[:, 0], y[:, 1]],
        {"statistic": -5.760696844656, "lags": 4, "observations": 195},
        "statsmodels 0.15.0 tsa/tests/test_stattools.py, test_coint (values from Stata egranger)",
        rel=1e-11,
    )
    spot, futures = pair(120)
    statistic, p_value, _ = coint(spot, futures, maxlag=4, autolag=None)
    row(
        "cointegration-prices",
        "COINTEGRATION_TEST",
        [spot, futures],
        {"statistic": statistic, "p_value": p_value, "lags": 4, "observations": 115},
        "statsmodels 0.15.0 coint(maxlag=4, autolag=None)",
        rel=1e-8,
    )
    row("cointegration-same", "COINTEGRATION_TEST", [spot, spot], "#DIV/0!", "exactly the same")
    row("cointegration-lengths", "COINTEGRATION_TEST", [spot, futures[1:]], "#VALUE!", "lengths")


def statistics():
    spot, futures = pair(90, 11)
    b = pd.Series(np.log(np.array(spot) / np.array(futures)))
    fit = st.linregress(b[:-1], b[1:])
    statistic, p_value = adfuller(b, maxlag=3, autolag=None)[:2]
    s, f = (np.array(log_returns(x), float) for x in (spot, futures))
    row(
        "basis-stats-8-hours",
        "BASIS_STATS",
        [spot, futures, 8],
        {
            "mean": b.mean(),
            "sd": b.std(),
            "minimum": b.min(),
            "p05": b.quantile(0.05),
            "median": b.median(),
            "p95": b.quantile(0.95),
            "maximum": b.max(),
            "last": b.iloc[-1],
            "z_score": (b.iloc[-1] - b.mean()) / b.std(),
            "change_sd": b.diff().std(),
            "skewness": st.skew(b),
            "excess_kurtosis": st.kurtosis(b),
            "autocorrelation": acf(b, nlags=1)[1],
            "half_life_days": -math.log(2) / math.log(fit.slope) / 3,
            "adf_statistic": statistic,
            "adf_p_value": p_value,
            "return_correlation": np.corrcoef(s, f)[0, 1],
            "observations": 90,
        },
        "pandas 3.0, scipy 1.17.1, statsmodels 0.15.0",
        rel=1e-8,
    )
    row("basis-stats-20-rows", "BASIS_STATS", [spot[:20], futures[:20]], "#N/A", "21 are needed")
    row(
        "basis-stats-no-reversion",
        "BASIS_STATS",
        [[100 * 1.001 ** (1.1**t) for t in range(40)], [100.0 + t % 3 for t in range(40)][:40]],
        {"observations": 40},
        "a count",
    )


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    prices_and_rates()
    reversion()
    tests()
    statistics()
