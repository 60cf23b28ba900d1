"""Writes xlhedge/golden/more.toml: futures, curves, rolls, funding ahead, tests of shortfall.

Run with: python tools/golden/more.py > xlhedge/golden/more.toml
Computed with Python 3.11, scipy 1.17.1, statsmodels 0.15.0.
"""
# ruff: noqa: N806

import contextlib
import io
import math

import numpy as np
import scipy.stats as st
import statsmodels.api as sm
from _rows import log_returns, pair, prices, row, shocks


def hedges():
    near, far = prices(60, 2), prices(60, 9)
    spot = [
        round(a**0.5 * b**0.4 * math.exp(e), 4)
        for a, b, e in zip(near, far, shocks(60, 30, scale=0.003), strict=True)
    ]
    for lag in (1, 2):
        y, *x = ([float(r) for r in log_returns(line, lag)] for line in (spot, near, far))
        fit = sm.OLS(y, sm.add_constant(np.column_stack(x))).fit()
        want = [["future", "ratio", "standard_error", "t_value"]]
        want += [[k, fit.params[k], fit.bse[k], fit.tvalues[k]] for k in (1, 2)]
        sd = math.sqrt(fit.ssr / (len(y) - 1))
        labels = (
            ("r_squared", fit.rsquared),
            ("residual_volatility", sd),
            ("observations", len(y)),
        )
        row(
            f"ratios-lag-{lag}",
            "HEDGE_RATIOS",
            [spot, [list(both) for both in zip(near, far, strict=True)], lag],
            want + [[label, value, "", ""] for label, value in labels],
            "statsmodels 0.15.0 OLS",
            rel=1e-9,
        )
    twice = [[a, 2 * a] for a in near]
    row("ratios-collinear", "HEDGE_RATIOS", [spot, twice], "#DIV/0!", "one future is the other")
    spot, futures = pair(40, 5)
    rows = []
    for end in range(30, 41):
        y, x = ([float(r) for r in log_returns(line[end - 30 : end])] for line in (spot, futures))
        fit = sm.OLS(y, sm.add_constant(x)).fit()
        rows.append([fit.params[1], fit.rsquared, math.sqrt(fit.ssr / (len(y) - 1))])
    row("rolling", "HEDGE_ROLLING", [spot, futures, 30], rows, "statsmodels 0.15.0 OLS", rel=1e-8)
    row("rolling-short", "HEDGE_ROLLING", [spot, futures, 20], "#N/A", "19 returns, 20 are needed")


def curves():
    row(
        "curve",
        "CARRY_CURVE",
        [50000, [52000, 50500, 51000], [182.5, 36.5, 73]],
        [
            ["days", "price", "basis", "carry", "forward_carry"],
            [36.5, 50500, -500, 0.1, 0.1],
            [73, 51000, -1000, 0.1, 500 / 50500 * 10],
            [182.5, 52000, -2000, 0.08, 1000 / 51000 * 365 / 109.5],
        ],
        "(F/S − 1)·365/days by hand",
        rel=1e-12,
    )
    row("curve-twins", "CARRY_CURVE", [50000, [51000, 51001], [30, 30]], "#VALUE!", "one expiry")
    cases = {
        "short": ([-10, 70000, 70500, 5, 96, 1, "linear", 0.0005, 0.0002],
                  (0.0006 * 10 * 140500, 5000.0, 1)),
        "long": ([10, 70000, 70500, 5, 96, 1, "linear"], (0.0, -5000.0, 1)),
        "inverse": ([-700, 70000, 70500, 5, 96, 100, "inverse", 0.0005],
                    (0.0005 * 70000 * (1 / 70000 + 1 / 70500), 70000 * (1 / 70000 - 1 / 70500), 1)),
    }  # fmt: skip
    for name, (args, (cost, carry, _)) in cases.items():
        row(
            f"roll-{name}",
            "ROLL_COST",
            args,
            {
                "side": "long" if args[0] > 0 else "short",
                "trading_cost": cost,
                "carry_locked": carry,
                "annualised_roll": (70500 / 70000 - 1) * 365 / 91,
                "net": carry - cost,
            },
            "by hand",
            rel=1e-9,
            abs=1e-12,
        )
    none = {"trading_cost": 0, "carry_locked": 0, "net": 0}
    row("roll-none", "ROLL_COST", [0, 70000, 70500, 5, 96], none, "nothing is rolled")
    row("roll-back", "ROLL_COST", [-1, 70000, 70500, 96, 96], "#NUM!", "domain")


def shortfalls():
    pnl = [round(100 * x, 4) for x in shocks(250, 3)]
    var, es = 4.5, 6.0
    losses = [-x / es for x in pnl if x < -var]
    residuals = [x - 1 for x in losses]
    z2 = 1 - sum(losses) / (250 * 0.025)
    row(
        "shortfall-z2",
        "ES_BACKTEST",
        [pnl, var, es],
        {
            "exceptions": len(losses),
            "expected": 6.25,
            "z2": z2,
            "exceedance_residual": sum(residuals) / len(residuals),
            "zone": "green" if z2 >= -0.7 else "yellow" if z2 >= -1.8 else "red",
        },
        "Acerbi, Székely (2014), equation 6, summed by hand",
        rel=1e-12,
    )
    few = [-5.0, *[1.0] * 249]
    row(
        "shortfall-one-exception",
        "ES_BACKTEST",
        [few, var, es, 0.99],
        {"exceptions": 1, "exceedance_residual": "", "p_value": "", "zone": ""},
        "a residual alone has no deviation; zones are for 97.5 %",
    )


def forecasts():
    rates = [round(1e-4 + x, 7) for x in np.cumsum(shocks(200, 4, scale=2e-6)).tolist()]
    with contextlib.redirect_stdout(io.StringIO()):  # its own rows
        from joint import factors

    mu, s, g, rho, phi, kappa = factors(rates)[0].values()
    rows = []
    gamma, A = variances(rates, rho, phi)
    q_slow, q_fast = A * (1 - rho**2), (gamma - A) * (1 - phi**2)
    G0, G1 = q_slow * (1 + phi**2) + q_fast * (1 + rho**2), -(phi * q_slow + rho * q_fast)
    m = (G0 - math.sqrt(G0**2 - 4 * G1**2)) / (2 * G1)
    sigma = math.sqrt(G1 / m)
    for days in (1, 7, 30):
        T = 3 * days
        mean = sum(mu + (s - mu) * rho**j + g * phi**j for j in range(1, T + 1))
        weights = [
            sum(kappa * rho**i + (1 - kappa) * phi**i for i in range(j)) for j in range(1, T + 1)
        ]
        sd = sigma * math.sqrt(sum(w * w for w in weights))
        z = st.norm.ppf(0.975)
        rows.append([mean, sd, mean - z * sd, mean + z * sd])
    row(
        "forecast",
        "FUNDING_FORECAST",
        [rates, [1, 7, 30]],
        rows,
        "the sums payment by payment in Python",
        rel=1e-8,
    )
    row("forecast-half", "FUNDING_FORECAST", [rates, 0.5], "#NUM!", "no whole number of payments")
    row("forecast-short", "FUNDING_FORECAST", [rates[:109], 1], "#N/A", "110 rows are needed")


def variances(x, rho, phi):
    from joint import population_variance, spread_of_sums

    gamma = population_variance(x)
    sums = population_variance([math.fsum(x[i : i + 90]) for i in range(len(x) - 89)])
    slow, fast = spread_of_sums(rho, 90), spread_of_sums(phi, 90)
    return gamma, min(max((sums - gamma * fast) / (slow - fast), 0.01 * gamma), 0.99 * gamma)


if __name__ == "__main__":
    hedges()
    curves()
    shortfalls()
    forecasts()
