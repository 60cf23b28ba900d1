"""Writes xlhedge/golden/joint.toml: the joint law where its numbers are known in closed form.

Run with: python tools/golden/joint.py > xlhedge/golden/joint.toml
Computed with Python 3.11, scipy 1.17.1, numpy 2.4.
"""
# ruff: noqa: N806

import itertools
import math
import statistics
from functools import partial

import _rows
import numpy as np
import scipy.stats as st

LABELS = [
    "spot_volatility",
    "basis_current",
    "basis_theta",
    "basis_mu",
    "basis_sigma",
    "funding_current",
    "funding_theta",
    "funding_mu",
    "funding_sigma",
    "corr_spot_basis",
    "corr_spot_funding",
    "corr_basis_funding",
    "degrees_of_freedom",
    "interval_hours",
]
H = 8 / 8760
row = partial(_rows.row, flat=True)


def model(**changes):
    values = dict.fromkeys(LABELS, 0.0) | {"degrees_of_freedom": "", "interval_hours": 8.0}
    return [[label, value] for label, value in (values | changes).items()]


def var_joint(name, args, want, source, **more):
    row(name, "VAR_JOINT", args, want, source, **more)


# ---- nothing random -----------------------------------------------------------------------------
still = model(
    basis_current=0.01,
    basis_theta=50,
    basis_mu=-0.002,
    funding_current=0.0004,
    funding_theta=200,
    funding_mu=0.0001,
)
T = 9
b = [-0.002 + 0.012 * math.exp(-50 * H * k) for k in range(T + 1)]
f = [0.0001 + 0.0003 * math.exp(-200 * H * k) for k in range(T + 1)]
F = [70000 * math.exp(-x) for x in b]
for name, coins, contracts in [("short", 1, -1), ("long", 0, 2), ("bare", 3, 0)]:
    gain = contracts * (F[T] - F[0]) - contracts * sum(
        x * y for x, y in zip(F[1:], f[1:], strict=True)
    )
    var_joint(
        f"joint-still-{name}",
        [coins, 70000, contracts, still, 3],
        {
            "var": -gain,
            "es": -gain,
            "mean": gain,
            "sd": 0.0,
            "basis_share": "#DIV/0!",
            "funding_share": "#DIV/0!",
            "var_standard_error": 0.0,
        },
        "decay of basis and funding towards their means, summed by hand",
        rel=1e-9,
        abs=1e-9,
    )

# ---- one source at a time: the law of the profit and loss is known ------------------------------
PATHS = 200000
for nu in ("", 3.5):
    for confidence in (0.95, 0.99):
        if nu == "":
            x = st.norm.ppf(confidence)
        else:
            x = st.t.ppf(confidence, nu) * math.sqrt((nu - 2) / nu)
        s, drift = 0.6 * math.sqrt(H), -0.36 * H / 2
        tag = f"{'gauss' if nu == '' else 'student'}-{confidence:g}"
        only_spot = model(spot_volatility=0.6, degrees_of_freedom=nu)
        var_joint(
            f"joint-spot-long-{tag}",
            [2, 70000, 0, only_spot, 1 / 3, confidence, 1, PATHS],
            {"var": -140000 * math.expm1(drift - s * x), "basis_share": 0.0, "funding_share": 0.0},
            "exact quantile of one interval, scipy.stats norm and t",
            rel=0.012,
        )
        var_joint(
            f"joint-futures-short-{tag}",
            [0, 70000, -50, only_spot, 1 / 3, confidence, 0.01, PATHS],
            {"var": 35000 * math.expm1(drift + s * x)},
            "exact quantile of one interval, scipy.stats norm and t",
            rel=0.012,
        )
for periods in (1, 9, 90):
    theta, sigma, mu, now = 300.0, 0.02, 0.0002, -0.001
    mean = mu + (now - mu) * math.exp(-theta * H * periods)
    sd = sigma * math.sqrt(-math.expm1(-2 * theta * H * periods) / (2 * theta))
    only_basis = model(basis_current=now, basis_theta=theta, basis_mu=mu, basis_sigma=sigma)
    for contracts in (-1, 1):
        quantile = mean - math.copysign(1, contracts) * -sd * st.norm.ppf(0.99)
        loss = -contracts * 70000 * (math.exp(-quantile) - math.exp(-now))
        var_joint(
            f"joint-basis-{'long' if contracts > 0 else 'short'}-{periods}",
            [
                -contracts * math.exp(-now),
                70000,
                contracts,
                only_basis,
                periods / 3,
                0.99,
                1,
                PATHS,
            ],
            {"var": loss, "basis_share": 1.0, "funding_share": 0.0},
            "exact quantile of exp(−b) with b Gaussian, scipy.stats.norm",
            rel=0.012,
        )
    theta, sigma, mu, now = 250.0, 0.005, 0.0001, 0.0003
    k = np.arange(1, periods + 1)
    means = mu + (now - mu) * np.exp(-theta * H * k)
    covariance = (
        sigma**2
        / (2 * theta)
        * (np.exp(-theta * H * np.abs(k[:, None] - k)) - np.exp(-theta * H * (k[:, None] + k)))
    )
    only_funding = model(
        funding_current=now, funding_theta=theta, funding_mu=mu, funding_sigma=sigma
    )
    sd = 70000 * math.sqrt(covariance.sum())
    for contracts in (-1, 1):
        gain = -contracts * 70000 * means.sum()
        var_joint(
            f"joint-funding-{'long' if contracts > 0 else 'short'}-{periods}",
            [1, 70000, contracts, only_funding, periods / 3, 0.95, 1, PATHS],
            {
                "var": st.norm.ppf(0.95) * sd - gain,
                "es": st.norm.pdf(st.norm.ppf(0.95)) / 0.05 * sd - gain,
                "mean": gain,
                "sd": sd,
                "basis_share": 0.0,
                "funding_share": 1.0,
                "loss_probability": st.norm.cdf(-gain / sd),
            },
            "sum of Ornstein-Uhlenbeck rates is Gaussian, numpy and scipy.stats.norm",
            rel=0.012,
            abs=0.01 * sd,
        )
half = model(spot_volatility=0.6)
var_joint(
    "joint-half-an-interval",
    [1, 70000, -1, half, 0.5],
    "#NUM!",
    "by hand: a whole number of intervals",
)
var_joint(
    "joint-impossible-correlations",
    [1, 70000, -1, model(corr_spot_basis=0.9, corr_spot_funding=0.9, corr_basis_funding=-0.9)],
    "#NUM!",
    "numpy.linalg.eigvalsh: least eigenvalue −0.8",
)
var_joint(
    "joint-two-degrees",
    [1, 70000, -1, model(degrees_of_freedom=2)],
    "#NUM!",
    "the variance does not exist",
)
var_joint(
    "joint-few-paths", [1, 70000, -1, half, 1, 0.99, 1, 499], "#NUM!", "5/(1 − confidence) paths"
)
var_joint(
    "joint-unknown-label",
    [1, 70000, -1, [*half, ["vol", 1]]],
    "#VALUE!",
    "by hand: its documented labels",
)
var_joint(
    "joint-missing-label", [1, 70000, -1, half[1:]], "#VALUE!", "by hand: its documented labels"
)

# ---- the second version: two factors, volatility that clusters ---------------------------------
TWO = {
    "spot_volatility": 0.0,
    "spot_variance_now": 0.0,
    "spot_degrees_of_freedom": 4,
    "basis_volatility": 0.0,
    "basis_variance_now": 0.0,
    "basis_degrees_of_freedom": 4,
    "funding_volatility": 0.0,
    "funding_variance_now": 0.0,
    "funding_degrees_of_freedom": 3,
    "basis_mu": -0.002,
    "basis_slow_now": 0.006,
    "basis_fast_now": 0.004,
    "basis_rho": 0.99,
    "basis_phi": 0.6,
    "basis_kappa": 0.1,
    "funding_mu": 0.0001,
    "funding_slow_now": 0.0003,
    "funding_fast_now": -0.0002,
    "funding_rho": 0.995,
    "funding_phi": 0.5,
    "funding_kappa": 0.2,
    "corr_spot_basis": 0.0,
    "corr_spot_funding": 0.0,
    "corr_basis_funding": 0.0,
    "interval_hours": 8.0,
}


def two(**changes):
    return [[label, value] for label, value in (TWO | changes).items()]


b = [-0.002 + 0.008 * 0.99**k + 0.004 * 0.6**k for k in range(T + 1)]
f = [0.0001 + 0.0002 * 0.995**k - 0.0002 * 0.5**k for k in range(T + 1)]
F = [70000 * math.exp(-x) for x in b]
for name, coins, contracts, size, kind in [
    ("linear", 1, -1, 1, "linear"),
    ("inverse", 1, -700, 100, "inverse"),
]:
    units = contracts * size
    if kind == "linear":
        gain = units * (F[T] - F[0]) - units * sum(x * y for x, y in zip(F[1:], f[1:], strict=True))
    else:
        gain = units * 70000 * (1 / F[0] - 1 / F[T]) - units * sum(f[1:])
    var_joint(
        f"joint-two-factors-still-{name}",
        [coins, 70000, contracts, two(), 3, 0.99, size, 20000, 42, kind],
        {"var": -gain, "mean": gain, "sd": 0.0},
        "decay of both factors towards their means, summed by hand",
        rel=1e-9,
        abs=1e-9,
    )
for confidence in (0.95, 0.99):
    x = st.t.ppf(confidence, 4) * math.sqrt((4 - 2) / 4)
    spread = 0.0004
    var_joint(
        f"joint-two-factors-spot-{confidence:g}",
        [
            2,
            70000,
            0,
            two(spot_volatility=0.6, spot_variance_now=spread),
            1 / 3,
            confidence,
            1,
            PATHS,
        ],
        {"var": -140000 * math.expm1(-x * math.sqrt(spread) - spread / 2)},
        "exact quantile of one interval at the variance now, scipy.stats.t",
        rel=0.012,
    )

# ---- the fit, row by row in plain Python --------------------------------------------------------
FAST = (0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
SLOW = (0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.999)


def population_variance(values):
    mean = math.fsum(values) / len(values)
    return math.fsum((x - mean) ** 2 for x in values) / len(values)


def spread_of_sums(a, h):
    return h + 2 * sum((h - k) * a**k for k in range(1, h))


def factors(x):
    mu, gamma = math.fsum(x) / len(x), population_variance(x)
    V = {
        h: population_variance([math.fsum(x[i : i + h]) for i in range(len(x) - h + 1)])
        for h in (3, 9, 30, 90)
    }
    best = math.inf
    for phi in FAST:
        for rho in SLOW:
            slow, fast = spread_of_sums(rho, 90), spread_of_sums(phi, 90)
            A = (V[90] - gamma * fast) / (slow - fast)
            A = min(max(A, 0.01 * gamma), 0.99 * gamma)
            distance = sum(
                math.log((A * spread_of_sums(rho, h) + (gamma - A) * spread_of_sums(phi, h)) / v)
                ** 2
                for h, v in V.items()
            )
            if distance < best:
                best, found = distance, (phi, rho, A)
    phi, rho, A = found
    q_slow, q_fast = A * (1 - rho**2), (gamma - A) * (1 - phi**2)
    G0 = q_slow * (1 + phi**2) + q_fast * (1 + rho**2)
    G1 = -(phi * q_slow + rho * q_fast)
    m = (G0 - math.sqrt(G0**2 - 4 * G1**2)) / (2 * G1)
    kappa = (rho + m) / (rho - phi)
    s, g, shocks = math.fsum(x[:20]) / 20, 0.0, []
    for value in x:
        e = value - (mu + rho * (s - mu)) - phi * g
        s, g = mu + rho * (s - mu) + kappa * e, phi * g + (1 - kappa) * e
        shocks.append(e)
    names = ("mu", "slow_now", "fast_now", "rho", "phi", "kappa")
    return dict(zip(names, (mu, s, g, rho, phi, kappa), strict=True)), shocks


def clustering(e, p):
    mean, best = math.fsum(x * x for x in e) / len(e), -math.inf
    for nu in (2.3, 2.7, 3, 3.5, 4, 5, 7, 12):
        v, path = mean, []
        for x in e:
            path.append(v)
            q = x * x / v
            w = (nu + 1) * q / (nu - 2 + q)
            v = max((1 - p) * mean + p * v + 0.06 * v * (w - 1), mean / 1000)
        scale = math.sqrt((nu - 2) / nu)
        likelihood = sum(
            st.t.logpdf(x, nu, scale=scale * math.sqrt(s))
            for x, s in zip(e[40:], path[40:], strict=True)
        )
        if likelihood > best:
            best, found = likelihood, (nu, v, path)
    nu, v, path = found
    cut = [max(-4, min(4, x / math.sqrt(s))) for x, s in zip(e, path, strict=True)]
    names = ("volatility", "variance_now", "degrees_of_freedom")
    return dict(zip(names, (math.sqrt(mean * 1095), v, nu), strict=True)), cut


def joint_fit(spot, futures, rates):
    r = [math.log(b / a) for a, b in itertools.pairwise(spot)]
    basis, e_basis = factors([math.log(s / f) for s, f in zip(spot, futures, strict=True)])
    funding, e_funding = factors(list(rates))
    want, cuts = {}, []
    for name, e, p in (
        ("spot", r, 0.98),
        ("basis", e_basis[1:], 0.98),
        ("funding", e_funding[1:], 0.99),
    ):
        table, cut = clustering(e, p)
        cuts.append(cut)
        want |= {f"{name}_{label}": value for label, value in table.items()}
    want |= {f"basis_{label}": value for label, value in basis.items()}
    want |= {f"funding_{label}": value for label, value in funding.items()}
    pairs = {"spot_basis": (0, 1), "spot_funding": (0, 2), "basis_funding": (1, 2)}
    for label, (i, j) in pairs.items():
        want[f"corr_{label}"] = statistics.correlation(cuts[i], cuts[j])
    return want | {"interval_hours": 8.0}


def simulated(count, nu, seed):
    rng = np.random.default_rng(seed)
    z = (
        rng.standard_normal((count, 3))
        @ np.linalg.cholesky([[1, -0.3, 0.2], [-0.3, 1, -0.4], [0.2, -0.4, 1]]).T
    )
    if nu:
        z *= np.sqrt((nu - 2) / rng.chisquare(nu, (count, 1)))
    x, b, f = 11.0, 0.0, 0.0001
    spot, futures, rates = [], [], []
    for shock in z:
        x, b, f = x + 0.01 * shock[0], 0.6 * b + 2e-4 * shock[1], 2e-5 + 0.8 * f + 3e-5 * shock[2]
        spot.append(round(math.exp(x), 2))
        futures.append(round(math.exp(x - b), 2))
        rates.append(round(f, 7))
    return spot, futures, rates


for name, nu, seed in [("student", 4, 1), ("gaussian", None, 2)]:
    data = simulated(200, nu, seed)
    columns = [[[value] for value in line] for line in data]
    row(
        f"joint-fit-{name}",
        "JOINT_FIT",
        [*columns, 8],
        joint_fit(*data),
        "the recursions row by row in Python, scipy.stats.t for the likelihood",
        rel=1e-8,
    )
few = [line[:109] for line in columns]
row("joint-fit-109-rows", "JOINT_FIT", few, "#N/A", "JOINT_FIT's least number of rows")
row(
    "joint-fit-lengths",
    "JOINT_FIT",
    [columns[0], columns[1][:-1], columns[2]],
    "#VALUE!",
    "by hand",
)
row(
    "joint-fit-constant-funding",
    "JOINT_FIT",
    [columns[0], columns[1], [[0.0001]] * 200],
    "#DIV/0!",
    "by hand: a regressor without variance",
)
