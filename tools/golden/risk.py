"""Writes xlhedge/golden/risk.toml: what others published, and what other programs compute.

Run with: python tools/golden/risk.py > xlhedge/golden/risk.toml
Computed with Python 3.11 (statistics), mpmath 1.3, scipy 1.17.1, pandas 3.0, statsmodels 0.14.
"""
# ruff: noqa: N803, N806

import itertools
import math
import statistics
from functools import partial

import _rows
import mpmath
import numpy as np
import pandas as pd
import scipy.stats as st

mpmath.mp.dps = 30
row = partial(_rows.row, flat=True)


def column(values):
    return [[value] for value in values]


def history(count, start=1, freedom=4, scale=0.02, digits=5):
    """Quantiles of a t law at equidistributed points: a history without a random generator."""
    points = [math.modf((start + i) * (math.sqrt(5) - 1) / 2)[0] for i in range(count)]
    return [round(float(scale * st.t.ppf(point, freedom)), digits) for point in points]


def exceptions(count, places):
    return column([-2 if i in set(places) else 0 for i in range(count)])


def spread(count, hits):
    return exceptions(count, [int((i + 0.5) * count / hits) for i in range(hits)])


def transitions(n00, n01, n10, n11):
    """A P&L column whose exceptions have these transition counts; starts without one."""
    runs, calm = n01, n10 + 1
    line = []
    for i in range(max(runs, calm)):
        if i < calm:
            line += [0] * (1 + n00 // calm + (i < n00 % calm))
        if i < runs:
            line += [-2] * (1 + n11 // runs + (i < n11 % runs))
    pairs = list(itertools.pairwise(line))
    counts = [pairs.count(pair) for pair in ((0, 0), (0, -2), (-2, 0), (-2, -2))]
    assert counts == [n00, n01, n10, n11], counts
    return column(line)


# ---- RETURNS ------------------------------------------------------------------------------------
prices = [100, 110, 99, 120, 60]
row(
    "returns-log",
    "RETURNS",
    [column(prices)],
    column([float(mpmath.log(mpmath.mpf(b) / a)) for a, b in itertools.pairwise(prices)]),
    "mpmath 1.3, 30 digits",
    rel=1e-14,
)
row(
    "returns-simple",
    "RETURNS",
    [column(prices), "simple"],
    column(pd.Series(prices).pct_change().dropna().tolist()),
    "pandas pct_change",
    rel=1e-14,
)
row(
    "returns-lag-2",
    "RETURNS",
    [column(prices), "simple", 2],
    column(pd.Series(prices).pct_change(2).dropna().tolist()),
    "pandas pct_change(2)",
    rel=1e-14,
)
row("returns-price-0", "RETURNS", [column([100, 0, 99])], "#NUM!", "by hand: its documented error")
row("returns-one-price", "RETURNS", [100], "#N/A", "by hand: its documented error")
row(
    "returns-blank-inside",
    "RETURNS",
    [column([100, "", 99])],
    "#VALUE!",
    "by hand: its documented error",
)

# ---- covariance ---------------------------------------------------------------------------------
m = mpmath.mpf


def normal_quantile(p):
    return mpmath.sqrt(2) * mpmath.erfinv(2 * m(p) - 1)


def portfolio(values, vols, R):
    x = mpmath.matrix([m(str(v)) * m(str(s)) for v, s in zip(values, vols, strict=True)])
    return mpmath.sqrt((x.T * mpmath.matrix([[m(str(c)) for c in r] for r in R]) * x)[0])


three = [[1, 0.6, -0.2], [0.6, 1, 0.3], [-0.2, 0.3, 1]]
row(
    "vol-basis",
    "PORTFOLIO_VOL",
    [column([1, -1]), column([0.6, 0.62]), 0.98],
    mpmath.sqrt(m("0.6") ** 2 + m("0.62") ** 2 - 2 * m("0.98") * m("0.6") * m("0.62")),
    "variance of a difference, mpmath 30 digits",
    rel=1e-13,
)
row(
    "vol-three",
    "PORTFOLIO_VOL",
    [column([0.5, 0.3, -0.2]), column([0.6, 0.8, 0.2]), three],
    portfolio([0.5, 0.3, -0.2], [0.6, 0.8, 0.2], three),
    "mpmath 30 digits",
    rel=1e-13,
)
row(
    "vol-perfect-hedge",
    "PORTFOLIO_VOL",
    [column([1, -1]), column([0.6, 0.6]), 1],
    0.0,
    "variance of x − x",
)
row("vol-one-asset", "PORTFOLIO_VOL", [-2, 0.6, 1], 1.2, "|w|σ", rel=1e-15)
row(
    "vol-correlation-beyond-1",
    "PORTFOLIO_VOL",
    [column([1, -1]), column([0.6, 0.6]), 1.01],
    "#NUM!",
    "by hand: its documented error",
)
row(
    "vol-not-psd",
    "PORTFOLIO_VOL",
    [column([1, 1, 1]), column([0.5, 0.5, 0.5]), [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]],
    "#NUM!",
    "numpy.linalg.eigvalsh: least eigenvalue −0.8",
)
row(
    "vol-lengths",
    "PORTFOLIO_VOL",
    [column([1, 1, 1]), column([0.5, 0.5]), 0.5],
    "#VALUE!",
    "by hand: its documented error",
)
row(
    "var-hull-two-assets",
    "VAR_COVARIANCE",
    [column([10000000, 5000000]), column([0.382099463490856, 0.191049731745428]), 0.3, 0.99, 1],
    512300,
    "Hull, Options, Futures, and Other Derivatives, 9th ed., ch. 22, Microsoft and AT&T",
    rel=2e-4,
    note="volatilities of 2 % and 1 % a day times √365",
)
row(
    "var-three",
    "VAR_COVARIANCE",
    [column([1000000, 500000, -300000]), column([0.6, 0.8, 0.2]), three, 0.975, 10],
    normal_quantile("0.975")
    * portfolio([1e6, 5e5, -3e5], [0.6, 0.8, 0.2], three)
    * mpmath.sqrt(m(10) / 365),
    "mpmath 30 digits",
    rel=1e-13,
)


def contributions(values, vols, R, confidence, days):
    def var(scales):
        return (
            normal_quantile(confidence)
            * mpmath.sqrt(m(days) / 365)
            * portfolio([v * s for v, s in zip(values, scales, strict=True)], vols, R)
        )

    return [
        mpmath.diff(lambda s, i=i: var([s if j == i else m(1) for j in range(len(values))]), 1)
        for i in range(len(values))
    ]


row(
    "contribution-three",
    "VAR_CONTRIBUTION",
    [column([1000000, 500000, -300000]), column([0.6, 0.8, 0.2]), three, 0.975, 10],
    [[float(c)] for c in contributions([1e6, 5e5, -3e5], [0.6, 0.8, 0.2], three, "0.975", 10)],
    "mpmath.diff of the value at risk in each position's size, 30 digits",
    rel=1e-10,
)
row(
    "contribution-hedge",
    "VAR_CONTRIBUTION",
    [column([10000000, -9000000]), column([0.6, 0.62]), 0.98],
    [
        [float(c)]
        for c in contributions([10e6, -9e6], [0.6, 0.62], [[1, 0.98], [0.98, 1]], "0.99", 1)
    ],
    "mpmath.diff of the value at risk in each position's size, 30 digits",
    rel=1e-10,
)
row(
    "contribution-nothing-at-risk",
    "VAR_CONTRIBUTION",
    [column([1000, -1000]), column([0.6, 0.6]), 1],
    column([0.0, 0.0]),
    "rows sum to the value at risk, which is 0",
)


def beyond(density, x):
    """Mean of a density beyond x."""
    points = [x, x + 5, x + 50, mpmath.inf]
    return mpmath.quad(lambda y: y * density(y), points) / mpmath.quad(density, points)


# ---- one position -------------------------------------------------------------------------------
row(
    "normal-hull-ten-days",
    "VAR_NORMAL",
    [10000000, 0.382099463490856, 0.99, 10],
    1471300,
    "Hull, Options, Futures, and Other Derivatives, 9th ed., ch. 22",
    abs=200,
)
for name, args in {
    "day": (1e6, 0.6, 0.99, 1, 0),
    "week-mean": (1e6, 0.6, 0.95, 7, 0.2),
    "short-mean": (-1e6, 0.6, 0.95, 7, 0.2),
    "median": (1e6, 0.6, 0.5, 365, 0.1),
    "far-tail": (1e6, 0.6, 0.999999, 1, 0),
}.items():
    value, vol, confidence, days, mean = args
    law = st.norm(loc=-value * mean * days / 365, scale=abs(value) * vol * math.sqrt(days / 365))
    row(
        f"normal-{name}",
        "VAR_NORMAL",
        list(args),
        law.ppf(confidence),
        "scipy.stats.norm.ppf 1.17",
        rel=1e-12,
    )
    shortfall = (
        abs(value)
        * m(vol)
        * mpmath.sqrt(m(days) / 365)
        * beyond(mpmath.npdf, normal_quantile(str(confidence)))
        - m(value) * m(mean) * m(days) / 365
    )
    row(
        f"normal-es-{name}",
        "VAR_NORMAL",
        [*args, "es"],
        shortfall,
        "mean beyond the quantile, mpmath.quad of the density",
        rel=1e-10,
    )
for name, args in {
    "day": (1e6, 0.6, 4, 0.99, 1, 0),
    "nearly-2": (1e6, 0.6, 2.1, 0.99, 1, 0),
    "many": (1e6, 0.6, 1e7, 0.99, 1, 0),
    "short-mean": (-1e6, 0.6, 5.5, 0.975, 30, 0.3),
    "low-level": (1e6, 0.6, 3, 0.4, 1, 0),
}.items():
    value, vol, nu, confidence, days, mean = args
    scale = abs(value) * vol * math.sqrt(days / 365 * (nu - 2) / nu)
    law = st.t(nu, loc=-value * mean * days / 365, scale=scale)
    row(
        f"student-{name}",
        "VAR_STUDENT",
        list(args),
        law.ppf(confidence),
        "scipy.stats.t.ppf 1.17",
        rel=1e-9,
    )
    if nu < 100:
        c = mpmath.gamma(m(nu + 1) / 2) / mpmath.gamma(m(nu) / 2) / mpmath.sqrt(nu * mpmath.pi)
        es = beyond(
            lambda x, nu=nu, c=c: c * (1 + x * x / nu) ** (-m(nu + 1) / 2),
            m(st.t(nu).ppf(confidence)),
        )
        row(
            f"student-es-{name}",
            "VAR_STUDENT",
            [*args, "es"],
            m(scale) * es - m(value) * m(mean) * m(days) / 365,
            "mean beyond the quantile, mpmath.quad of the density",
            rel=1e-7,
        )
row("student-two-degrees", "VAR_STUDENT", [1e6, 0.6, 2], "#NUM!", "the variance does not exist")
row("normal-confidence-1", "VAR_NORMAL", [1e6, 0.6, 1], "#NUM!", "by hand: its documented error")
row(
    "normal-one-bad-cell",
    "VAR_NORMAL",
    [column([1000000, 1000000]), column([0.6, -0.6])],
    column([float(st.norm.ppf(0.99) * 6e5 / math.sqrt(365)), "#NUM!"]),
    "scipy.stats.norm.ppf; by hand: an error in its own element",
    rel=1e-12,
)

# ---- history ------------------------------------------------------------------------------------
h100, h500 = history(100), history(500, 17)
for name, data, value, confidence in [
    ("100", h100, 1e6, 0.95),
    ("short", h100, -1e6, 0.95),
    ("500", h500, 1e6, 0.99),
    ("500-90", h500, 250000, 0.9),
]:
    losses = [-value * r for r in data]
    cuts = statistics.quantiles(losses, n=100, method="inclusive")
    row(
        f"historical-{name}",
        "VAR_HISTORICAL",
        [column(data), value, confidence],
        cuts[round(100 * confidence) - 1],
        "Python statistics.quantiles, method inclusive",
        rel=1e-12,
    )
    count = (len(data) - 1) * round(100 * (1 - confidence)) // 100 + 1
    row(
        f"historical-es-{name}",
        "VAR_HISTORICAL",
        [column(data), value, confidence, "es"],
        statistics.fmean(sorted(losses)[-count:]),
        "mean of the worst, counted in integers",
        rel=1e-12,
    )


def age_weighted(losses, confidence, decay, es):
    """Boudoukh, Richardson, Whitelaw, in rational arithmetic of 30 digits."""
    n = len(losses)
    weights = [m(decay) ** (n - 1 - i) * (1 - m(decay)) / (1 - m(decay) ** n) for i in range(n)]
    tail, total, area = 1 - m(confidence), m(0), m(0)
    for loss, weight in sorted(zip(losses, weights, strict=True), reverse=True):
        area += loss * min(weight, tail - total)
        total += weight
        if total >= tail:
            return area / tail if es else loss
    raise AssertionError


for decay in ("0.985", "0.995"):
    losses = [-r * 1e6 for r in h500]
    for es in (False, True):
        row(
            f"historical-decay-{decay}{'-es' if es else ''}",
            "VAR_HISTORICAL",
            [column(h500), 1e6, 0.99, "es" if es else "var", float(decay)],
            age_weighted(losses, "0.99", decay, es),
            "direct sum of the weights, mpmath 30 digits",
            rel=1e-10,
        )
row(
    "historical-decay-of-one-loss",
    "VAR_HISTORICAL",
    [column(h500), 1e6, 0.99, "var", 0.94],
    "#N/A",
    "(1 + 0.94)/(1 − 0.94) = 32 effective rows, 100 are needed",
)
row(
    "historical-99-rows",
    "VAR_HISTORICAL",
    [column(h100[:99]), 1, 0.95],
    "#N/A",
    "5/(1 − 0.95) rows are needed",
)
row(
    "correlations-rounded-by-excel",
    "PORTFOLIO_VOL",
    [
        [[1], [-1]],
        [[0.6], [0.6]],
        [[1.0000000000000002, 1.0000000000000002], [1.0000000000000002, 1.0]],
    ],
    0.0,
    "COVARIANCE.S over STDEV.S of equal columns: correlation 1, nothing is left",
)
row(
    "historical-50-rows-at-90",
    "VAR_HISTORICAL",
    [column(h100[:50]), 1, 0.9],
    statistics.quantiles([-r for r in h100[:50]], n=10, method="inclusive")[8],
    "Python statistics.quantiles, method inclusive",
    rel=1e-12,
)

# ---- Cornish-Fisher -----------------------------------------------------------------------------


def cornish_fisher(data, value, confidence, es):
    x = [m(value) * m(str(r)) for r in data]
    n = len(x)
    mean = sum(x) / n
    m2, m3, m4 = (sum((v - mean) ** k for v in x) / n for k in (2, 3, 4))
    S, K = m3 / m2 ** m("1.5"), m4 / m2**2 - 3
    z = -normal_quantile(confidence)
    g = z + (z**2 - 1) * S / 6 + (z**3 - 3 * z) * K / 24 - (2 * z**3 - 5 * z) * S**2 / 36
    if not es:
        return -mean - mpmath.sqrt(m2) * g

    def density(y):
        H3, H4 = y**3 - 3 * y, y**4 - 6 * y**2 + 3
        H6 = y**6 - 15 * y**4 + 45 * y**2 - 15
        return mpmath.npdf(y) * (1 + S / 6 * H3 + K / 24 * H4 + S**2 / 72 * H6)

    tail = 1 - m(confidence)
    return -mean - mpmath.sqrt(m2) * mpmath.quad(lambda y: y * density(y), [-40, -10, g]) / tail


mild = history(150, 3, freedom=12)
skewed = [round(r - 40 * r * r, 5) for r in history(200, 7, freedom=30, scale=0.01)]
for name, data, value, confidence in [
    ("mild", mild, 1, "0.95"),
    ("mild-99", mild, 1000, "0.99"),
    ("skewed", skewed, 1, "0.95"),
    ("skewed-short", skewed, -1, "0.9"),
]:
    for es in (False, True):
        row(
            f"cornish-fisher-{name}{'-es' if es else ''}",
            "VAR_CORNISH_FISHER",
            [column(data), value, float(confidence), "es" if es else "var"],
            cornish_fisher(data, value, confidence, es),
            "mpmath 30 digits; ES by quadrature of the Edgeworth density",
            rel=1e-10,
        )
burst = [0.001 * ((i % 7) - 3) for i in range(120)]
burst[60] = -0.5
row(
    "cornish-fisher-not-monotone",
    "VAR_CORNISH_FISHER",
    [column(burst), 1, 0.99],
    "#NUM!",
    "mpmath: S = −10.8, K = 115, dg/dz = −16.2 at z = −2.33",
)
saw = [((i * 37) % 101 - 50) / 5000 for i in range(119)]
row(
    "cornish-fisher-just-monotone",
    "VAR_CORNISH_FISHER",
    [column([*saw, -0.14]), 1, 0.99],
    cornish_fisher([*saw, -0.14], 1, "0.99", es=False),
    "mpmath 30 digits; dg/dz = 0.249 at z = −2.33",
    rel=1e-10,
)
row(
    "cornish-fisher-just-not-monotone",
    "VAR_CORNISH_FISHER",
    [column([*saw, -0.145]), 1, 0.99],
    "#NUM!",
    "mpmath 30 digits: dg/dz = −0.416 at z = −2.33",
)
row("cornish-fisher-99-rows", "VAR_CORNISH_FISHER", [column(h100[:99]), 1, 0.95], "#N/A", "by hand")

# ---- filtered -----------------------------------------------------------------------------------
calm_then_wild = [round(r * (1 if i < 250 else 2), 5) for i, r in enumerate(history(300, 5))]


def filtered_quantile(data, confidence, decay, value):
    """One period ahead the simulation tends to the quantile of the rescaled returns themselves."""
    squares = pd.Series([statistics.fmean(r * r for r in data[:20]), *(r * r for r in data[20:])])
    variance = squares.ewm(alpha=1 - decay, adjust=False).mean().to_numpy()
    z = np.array(data[20:]) / np.sqrt(variance[:-1])
    z = (z - z.mean()) / z.std(ddof=1)
    losses = np.sort(-value * math.sqrt(variance[-1]) * z)
    return float(np.quantile(losses, confidence, method="inverted_cdf"))


row(
    "filtered-long",
    "VAR_FILTERED",
    [column(calm_then_wild), 1e6, 0.945, 1, "var", 0.94, 200000],
    filtered_quantile(calm_then_wild, 0.945, 0.94, 1e6),
    "pandas ewm and numpy inverted_cdf: the limit for many paths",
    rel=1e-9,
)
row(
    "filtered-short",
    "VAR_FILTERED",
    [column(calm_then_wild), -1e6, 0.9, 1, "var", 0.97, 200000],
    filtered_quantile(calm_then_wild, 0.9, 0.97, -1e6),
    "pandas ewm and numpy inverted_cdf: the limit for many paths",
    rel=1e-9,
)
row("filtered-249-rows", "VAR_FILTERED", [column(calm_then_wild[:249]), 1], "#N/A", "by hand")

# ---- extreme values -----------------------------------------------------------------------------


def pareto(data, value, confidence, threshold, es):
    losses = -math.copysign(1, value) * np.array(data)
    u = float(np.quantile(losses, threshold))
    excess = losses[losses > u] - u
    xi, _, beta = st.genpareto.fit(excess, 0.1, floc=0, scale=excess.mean())
    law = st.genpareto(xi, loc=u, scale=beta)
    q = law.ppf(1 - (1 - confidence) * len(losses) / len(excess))
    tail = law.expect(lambda x: x, lb=q) / law.sf(q) if es else q
    return abs(value) * float(tail)


row_source = "scipy.stats.genpareto.fit and ppf 1.17; ES by quadrature beyond the quantile"
for name, args in {
    "99": (1e6, 0.99, 0.9),
    "999": (1e6, 0.999, 0.9),
    "short": (-1e6, 0.995, 0.88),
}.items():
    row(
        f"evt-{name}",
        "VAR_EVT",
        [column(h500), *args],
        pareto(h500, *args, False),
        row_source,
        rel=1e-3,
    )
    row(
        f"evt-es-{name}",
        "VAR_EVT",
        [column(h500), *args, "es"],
        pareto(h500, *args, True),
        row_source,
        rel=2e-3,
    )
row(
    "evt-49-exceedances",
    "VAR_EVT",
    [column(h500), 1, 0.99, 0.91],
    "#N/A",
    "500 rows leave 45 above the 91 % quantile",
)
row("evt-confidence-at-threshold", "VAR_EVT", [column(h500), 1, 0.9, 0.9], "#NUM!", "by hand")

# ---- basis --------------------------------------------------------------------------------------
noise, level, basis = history(220, 11, scale=0.0004), 0.0, []
for shock in noise:
    level = 0.7 * level + shock
    basis.append(level)
spot = [round(70000 * math.exp(0.05 * math.sin(i / 9)), 2) for i in range(220)]
futures = [round(s * math.exp(-b), 2) for s, b in zip(spot, basis, strict=True)]
b = np.log(np.array(spot) / np.array(futures))
pair = [column(spot), column(futures)]
sd = statistics.stdev(np.diff(b).tolist())
z99 = statistics.NormalDist().inv_cdf(0.99)
source = "Python statistics.stdev and NormalDist.inv_cdf"
row("basis-var-sqrt", "BASIS_VAR", [*pair, 1e6], z99 * sd * 1e6, source, rel=1e-10)
row("basis-var-sqrt-9", "BASIS_VAR", [*pair, -1e6, 0.99, 9], z99 * sd * 3e6, source, rel=1e-10)
row(
    "basis-es-sqrt",
    "BASIS_VAR",
    [*pair, 1e6, 0.99, 1, "sqrt", "es"],
    sd * 1e6 * statistics.NormalDist().pdf(z99) / 0.01,
    source,
    rel=1e-10,
)


def reverting(periods):
    import statsmodels.api as sm

    fit = sm.OLS(b[1:], sm.add_constant(b[:-1])).fit()
    phi = fit.params[1]
    stationary = math.sqrt(fit.ssr / len(b[1:]) / (1 - phi**2))
    return z99 * 1e6 * math.sqrt(2 * stationary**2 * (1 - phi**periods))


for periods in (1, 9, 90):
    row(
        f"basis-var-ou-{periods}",
        "BASIS_VAR",
        [*pair, -1e6, 0.99, periods, "ou"],
        reverting(periods),
        "statsmodels OLS of the basis on its last value",
        rel=1e-9,
    )
for value in (1e6, -1e6):
    change = (-value * pd.Series(b).diff(9).dropna()).tolist()
    row(
        f"basis-var-empirical-{'long' if value > 0 else 'short'}",
        "BASIS_VAR",
        [*pair, value, 0.95, 9, "empirical"],
        statistics.quantiles(change, n=20, method="inclusive")[18],
        "pandas diff(9), Python statistics.quantiles",
        rel=1e-9,
    )
row(
    "basis-var-empirical-few",
    "BASIS_VAR",
    [*pair, 1e6, 0.99, 9, "empirical"],
    "#N/A",
    "by hand: 500 windows at 99 %",
)
row(
    "basis-var-sqrt-no-change",
    "BASIS_VAR",
    [column(spot), column(spot), 1e6],
    0.0,
    "a basis of 0 that does not move",
)

# ---- backtest -----------------------------------------------------------------------------------
basel = "BCBS, Supervisory framework for the use of backtesting, January 1996, Table 2"
for hits in range(12):
    zone = "green" if hits < 5 else "yellow" if hits < 10 else "red"
    places = [int((i + 0.5) * 250 / hits) for i in range(hits)] if hits else []
    row(
        f"backtest-basel-{hits}",
        "VAR_BACKTEST",
        [exceptions(250, places), 1, 0.99],
        {"exceptions": hits, "zone": zone},
        basel,
    )
row(
    "backtest-jorion",
    "VAR_BACKTEST",
    [spread(252, 6), 1, 0.99],
    {"exceptions": 6, "kupiec_lr": 3.498},
    "bionicturtle.com, Jorion chapter 6 question 10",
    abs=1e-3,
)
row(
    "backtest-mathworks-pof",
    "VAR_BACKTEST",
    [spread(1043, 57), 1, 0.95],
    {"exceptions": 57, "expected": 52.15, "kupiec_lr": 0.46147, "kupiec_p": 0.49694},
    "mathworks.com/help/risk/varbacktest.pof.html and .summary.html, Normal95",
    abs=6e-6,
)
row(
    "backtest-mathworks-cc",
    "VAR_BACKTEST",
    [transitions(932, 53, 53, 4), 1, 0.95],
    {
        "exceptions": 57,
        "christoffersen_lr": 0.25866,
        "christoffersen_p": 0.61104,
        "conditional_lr": 0.72013,
        "conditional_p": 0.69763,
    },
    "mathworks.com/help/risk/varbacktest.cc.html, Normal95, N00 932, N10 53, N01 53, N11 4",
    abs=6e-6,
)
MATLAB = (
    (
        (1467, 70, 69, 96),
        0.99,
        166,
        (
            471.596309196609,
            1.44012903404047e-104,
            294.473896975476,
            5.26938462847135e-66,
            766.070206172084,
            4.46651045074517e-167,
        ),
    ),
    (
        (1272, 147, 146, 137),
        0.95,
        284,
        (
            311.998461569185,
            8.01452391622238e-70,
            197.952172065323,
            5.84419941129671e-45,
            509.950633634508,
            1.84343099243726e-111,
        ),
    ),
    (
        (343, 82, 81, 1196),
        0.99,
        1278,
        (9865.69395900987, 0.0, 890.478433173468, 1.15267565481073e-195, 10756.1723921833, 0.0),
    ),
    (
        (573, 130, 130, 869),
        0.95,
        999,
        (3748.19441993176, 0.0, 862.079510341855, 1.71979596437219e-189, 4610.27393027362, 0.0),
    ),
)
labels = (
    "kupiec_lr",
    "kupiec_p",
    "christoffersen_lr",
    "christoffersen_p",
    "conditional_lr",
    "conditional_p",
)
for counts, confidence, hits, values in MATLAB:
    row(
        f"backtest-matlab-{hits}",
        "VAR_BACKTEST",
        [transitions(*counts), 1, confidence],
        {"exceptions": hits, **dict(zip(labels, values, strict=True)), "zone": "red"},
        "MATLAB Risk Management Toolbox R2021b, pof, cci and cc with format long, as printed in a "
        "public script on 1703 returns (toyserie.xlsx)",
        rel=1e-9,
        abs=1e-300,
        note="transition counts are those that reproduce the printed LRcci to its last digit",
    )
row(
    "backtest-all-exceptions",
    "VAR_BACKTEST",
    [exceptions(20, range(20)), 1, 0.95],
    {
        "exceptions": 20,
        "kupiec_lr": -40 * mpmath.log(m("0.05")),
        "christoffersen_lr": 0.0,
        "christoffersen_p": 1.0,
        "zone": "red",
    },
    "−2·n·ln(p), mpmath",
    rel=1e-12,
)
row(
    "backtest-none",
    "VAR_BACKTEST",
    [exceptions(300, []), 1, 0.99],
    {
        "exceptions": 0,
        "expected": 3.0,
        "kupiec_lr": -600 * mpmath.log(m("0.99")),
        "christoffersen_lr": 0.0,
        "conditional_lr": -600 * mpmath.log(m("0.99")),
        "conditional_p": m("0.99") ** 300,
        "zone": "green",
    },
    "−2·n·ln(1 − p), mpmath",
    rel=1e-12,
)
row(
    "backtest-loss-equal-to-var",
    "VAR_BACKTEST",
    [exceptions(20, [3]), 2, 0.95],
    {"exceptions": 0},
    "an exception is a loss strictly greater than the value at risk",
)
row(
    "backtest-var-column",
    "VAR_BACKTEST",
    [column([-3, -3, 1, -3]), column([2, 4, -2, 3]), 0.5],
    {"exceptions": 2, "expected": 2.0},
    "counted by hand: 3 > 2; 3 < 4; −1 > −2 is a loss beyond a negative value at risk; 3 = 3",
)
row(
    "backtest-lengths",
    "VAR_BACKTEST",
    [column([1, 1, 1]), column([1, 1]), 0.99],
    "#VALUE!",
    "by hand",
)
